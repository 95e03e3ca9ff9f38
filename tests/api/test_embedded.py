"""The embedded PostgreSQL: shared, durable, back after a kill, and gone when nobody needs it."""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from api.postgres import postmaster
from api.postgres.embedded import BinariesMissing, DirectoryUnusable, Running, ServerFailed, server
from api.postgres.postmaster import processes_in, status

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from api.postgres.embedded import server
with server(Path(sys.argv[1])) as running:
    print(running.app_url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A home directory that several tests start and stop a server in; nothing of it may be left running."""
    path = tmp_path_factory.mktemp("embedded")
    with server(path):
        pass
    yield path
    assert eventually(lambda: is_gone(path))


def one(url: str, query: str) -> object:
    """The only row of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchone()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes to hold within the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(home: Path) -> bool:
    """No PostgreSQL works in the data directory and no supervisor holds the lock."""
    with (home / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return not processes_in(home / "data")


def answers(url: str) -> bool:
    """Whether a new connection works."""
    try:
        return one(url, "SELECT 1") == (1,)
    except psycopg.OperationalError:
        return False


def supervisor_of(home: Path) -> int:
    """Its process id: the parent of the postmaster."""
    stat = Path(f"/proc/{status(home / 'data')[0]}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def holder(home: Path, **more: object) -> "subprocess.Popen[str]":
    """Another process that holds the server until its input is closed; it has it when this returns."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
        **more,  # type: ignore[arg-type]
    )
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    return process


def end(process: "subprocess.Popen[str]") -> int:
    """Close its input and wait for it."""
    process.communicate(timeout=20)
    return process.returncode


def test_it_is_durable_private_and_the_application_is_no_superuser(home: Path) -> None:
    names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "listen_addresses"]
    names += ["unix_socket_permissions", "is_superuser", "server_encoding", "timezone"]
    with server(home) as running:
        assert one(running.app_url, f"SELECT {', '.join(f'current_setting({n!r})' for n in names)}") == (
            *("on", "on", "on", "on", "", "0700", "off", "UTF8", "UTC"),
        )
        assert one(
            running.app_url,
            "SELECT current_user::text, current_database()::text, rolcreatedb, rolcreaterole,"
            " datlocprovider::text, datlocale FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()",
        ) == ("callboard_app", "callboard", False, False, "b", "C.UTF-8")
        assert one(running.admin_url, "SELECT current_user::text, current_setting('is_superuser')") == (
            *("postgres", "on"),
        )
        assert (home / "run").stat().st_mode & 0o077 == 0


def test_the_last_one_out_stops_it(home: Path) -> None:
    with server(home) as first:
        with server(home) as second:
            assert second.app_url == first.app_url
            assert answers(second.app_url)
        assert answers(first.app_url)
    assert is_gone(home)


def test_whoever_started_it_may_leave_first(home: Path) -> None:
    command = holder(home)
    with server(home) as serving:
        before = one(serving.app_url, "SELECT pg_postmaster_start_time()")
        assert end(command) == 0
        assert one(serving.app_url, "SELECT pg_postmaster_start_time()") == before
    assert is_gone(home)


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        processes = list(threads.map(holder, [home] * 4))
        assert status(home / "data")[1] == "ready"
        assert list(threads.map(end, processes)) == [0] * 4
    assert is_gone(home)


def test_a_start_in_the_moment_of_a_stop_waits_for_its_turn(home: Path) -> None:
    for _ in range(5):
        with ThreadPoolExecutor(2) as threads:
            leaving = Running(home, {})
            left = threads.submit(leaving.leave)
            with server(home) as running:
                assert answers(running.app_url)
            left.result()
        assert is_gone(home)


def test_it_is_gone_soon_after_its_only_holder_is_killed(home: Path) -> None:
    process = holder(home)
    process.kill()
    process.communicate()
    assert eventually(lambda: is_gone(home), 5)


def test_it_comes_back_with_every_commit_after_postgresql_is_killed(home: Path) -> None:
    with server(home) as running:
        with psycopg.connect(running.admin_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer)")
            connection.execute("TRUNCATE kept")
            for n in range(100):
                connection.execute("INSERT INTO kept VALUES (%s)", (n,))
            os.kill(status(home / "data")[0], signal.SIGKILL)
        assert eventually(lambda: answers(running.app_url))
        assert one(running.admin_url, "SELECT count(*) FROM kept") == (100,)


def test_it_comes_back_after_its_supervisor_is_killed(home: Path) -> None:
    with server(home) as running:
        before = supervisor_of(home)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: status(home / "data")[1] == "ready" and supervisor_of(home) != before)
        assert eventually(lambda: answers(running.app_url))
    assert is_gone(home)


def test_a_supervisor_asked_to_end_comes_back_for_those_who_still_hold_it(home: Path) -> None:
    with server(home) as running:
        before = supervisor_of(home)
        os.kill(before, signal.SIGTERM)
        assert eventually(lambda: status(home / "data")[1] == "ready" and supervisor_of(home) != before)
        assert eventually(lambda: answers(running.app_url))


def test_a_process_id_reused_by_a_stranger_does_not_block_the_start(home: Path) -> None:
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n")
    with server(home) as running:
        assert answers(running.app_url)


def test_settings_are_given_to_the_server_that_is_started(home: Path) -> None:
    with server(home, work_mem="7MB") as running:
        assert one(running.app_url, "SELECT current_setting('work_mem')") == ("7MB",)


def test_a_first_start_that_was_killed_leaves_nothing_to_trip_over(tmp_path: Path) -> None:
    half = tmp_path / "new-data-half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with server(tmp_path) as running:
        assert answers(running.app_url)
    assert not half.exists()


@pytest.mark.parametrize("name", ["a deep 'directory', odd", "long-" * 20])
def test_a_path_that_a_socket_cannot_have_is_no_hindrance(tmp_path: Path, name: str) -> None:
    with server(tmp_path / name) as running:
        assert answers(running.app_url)
        assert running.run.is_relative_to("/tmp")  # noqa: S108
    assert not running.run.exists()


def test_a_directory_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryUnusable, match="file/postgres cannot be used: Not a directory"):
        Running(tmp_path / "file/postgres", {})


def test_data_of_another_major_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/PG_VERSION").write_text("12\n")
    with pytest.raises(
        DirectoryUnusable, match=r"made by PostgreSQL 12 and this is .*: dump it with the old"
    ):
        Running(tmp_path, {})
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["PG_VERSION"]


def test_a_socket_directory_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with pytest.raises(DirectoryUnusable, match="run should be open to its owner only: remove it"):
        Running(tmp_path, {})


def test_a_data_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(DirectoryUnusable, match="is not a data directory"):
        Running(tmp_path, {})


def test_a_wrong_setting_is_reported_with_the_end_of_the_log(home: Path) -> None:
    with pytest.raises(ServerFailed, match=r"did not start in .*nonsense"):
        Running(home, {"work_mem": "nonsense"})


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PG_BIN", str(tmp_path))
    with pytest.raises(BinariesMissing, match=f"CALLBOARD_PG_BIN is {tmp_path}, but there is no postgres"):
        Running(tmp_path / "home", {})


def test_named_programs_come_before_the_packaged_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = postmaster.binaries()
    (tmp_path / "bin").symlink_to(packaged)
    monkeypatch.setenv("CALLBOARD_PG_BIN", str(tmp_path / "bin"))
    assert postmaster.binaries() == tmp_path / "bin"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_becomes_nobody() -> None:
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        with server(home, user_namespace=False) as running:
            assert answers(running.app_url)
            owner = Path(f"/proc/{status(home / 'data')[0]}").stat().st_uid
            assert owner == pwd.getpwnam("nobody").pw_uid
        assert is_gone(home)
        assert home.stat().st_mode & 0o777 == 0o711
        with server(home) as running:
            assert answers(running.app_url)
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as a normal user")
def test_a_normal_user_needs_no_detour() -> None:
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(home, nobody, -1)
    try:
        subprocess.run([sys.executable, "-c", "import psycopg"], user=nobody, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(home)
        pytest.skip("this environment is closed to other users")
    try:
        process = holder(home, user=nobody)
        assert Path(f"/proc/{status(home / 'data')[0]}").stat().st_uid == nobody
        assert end(process) == 0
        assert is_gone(home)
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_programs_under_a_closed_directory_are_copied_not_opened_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = postmaster.binaries().parents[1]
    closed = tmp_path / "closed"
    for each in (package, package.with_name(package.name + ".libs")):
        if each.is_dir():
            shutil.copytree(each, closed / each.name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setenv("CALLBOARD_PG_BIN", str(closed / package.name / "pginstall/bin"))
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        with server(home, user_namespace=False) as running:
            assert answers(running.app_url)
            program = Path(f"/proc/{status(home / 'data')[0]}/exe").readlink()
            assert program.is_relative_to(home / "programs")
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_a_home_that_nobody_can_reach_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(
        DirectoryUnusable, match=r"nobody, which root has to use .*, cannot reach .*: choose another"
    ):
        Running(tmp_path / "home", {}, user_namespace=False)


def test_the_newest_installed_postgresql_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin/postgres").touch(mode=0o755)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(postmaster, "SYSTEM", (f"{str(tmp_path)[1:]}/*/bin",))
    assert postmaster.binaries() == tmp_path / "17/bin"
    monkeypatch.setattr(postmaster, "SYSTEM", ())
    monkeypatch.setenv("PATH", str(tmp_path / "15/bin"))
    assert postmaster.binaries() == tmp_path / "15/bin"
    monkeypatch.setenv("PATH", "")
    with pytest.raises(postmaster.Failure, match="no PostgreSQL for this platform: install one, or point"):
        postmaster.binaries()
