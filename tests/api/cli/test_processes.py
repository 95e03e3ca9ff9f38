"""The command line as real processes: start-up, serving, signals, pipes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, Served, callboard, environment, interruptible


def python(data_dir: Path, *arguments: str, **how: object) -> "subprocess.CompletedProcess[str]":
    """`python ...` in a clean environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(data_dir), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **how,
    )  # fmt: skip


def processes_of(data_dir: Path) -> list[str]:
    """Command lines of processes that name the directory or work in it."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            if str(data_dir) in command or str(data_dir) in str((entry / "cwd").readlink()):
                found.append(command.replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("audit", "--help"), ("audit", "log", "--help")]
)
def test_help_does_not_load_the_web_framework(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = python(tmp_path, "-X", "importtime", "-m", "api.cli", *arguments)
    assert done.returncode == 0
    assert "api.cli" in done.stderr
    assert "litestar" not in done.stderr
    if arguments[0].startswith("--"):
        assert "psycopg" not in done.stderr


def test_help_fits_a_pipe_and_has_no_colour(tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "api.cli", "--help")
    assert "\x1b" not in done.stdout
    for name in ("serve", "demo", "import", "export", "user", "token", "audit", "projections", "db", "bench"):
        assert f"│ {name} " in done.stdout


def test_serve_answers_and_shares_its_database_and_goes_without_a_trace(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        token = callboard(tmp_path, "token", "--email", "admin@callboard.local", "--ttl", "5m")
        with served.client(token) as client:
            assert client.get("/me").json()["email"] == "admin@callboard.local"
        made = callboard(tmp_path, "user", "create", "--email", "mai@example.com", "--name", "Mai")
        mai = callboard(tmp_path, "token", "--email", "mai@example.com")
        with served.client(mai) as client:
            assert client.get("/me").json()["id"] == made
            assert client.post("/clients", json={"name": "Acme"}).status_code == 403
        assert "whole" in callboard(tmp_path, "audit", "verify")
        assert "no drift" in callboard(tmp_path, "projections", "verify")
        assert processes_of(tmp_path) != []
        assert served.stop() == 0
    assert f"http://127.0.0.1:{served.port}" in (tmp_path / f"serve-{served.port}.log").read_text()
    assert processes_of(tmp_path) == []
    # The same token is good in the next run, and commands need no server.
    assert "mai@example.com" in callboard(tmp_path, "user", "list")
    assert processes_of(tmp_path) == []
    with Served(tmp_path) as again, again.client(token) as client:
        assert client.get("/me").status_code == 200


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        done = python(tmp_path, "-m", "api.cli", "serve", "--port", str(served.port))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"callboard: cannot listen on 127.0.0.1 port {served.port}")
        assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    callboard(tmp_path, "user", "list")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m api.cli audit log --json | true"],
        env=environment(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_follow_goes_on_with_what_happens_next_until_interrupted(tmp_path: Path) -> None:
    callboard(tmp_path, "user", "list")
    following = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "audit", "log", "--follow", "--json", "--limit", "1"],
        env=environment(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=interruptible,  # noqa: PLW1509 - the tests have no threads here
    )  # fmt: skip
    assert following.stdout is not None
    try:
        first = json.loads(following.stdout.readline())
        made = callboard(tmp_path, "user", "create", "--email", "mai@example.com", "--name", "Mai")
        event = json.loads(following.stdout.readline())
        assert (event["stream_id"], event["position"]) == (made, first["position"] + 1)
    finally:
        following.send_signal(signal.SIGINT)
        _, errors = following.communicate(timeout=30)
    assert (following.returncode, errors) == (130, "")


def test_a_directory_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    done = python(tmp_path / "file" / "data", "-m", "api.cli", "token")
    assert done.returncode in (1, 2)
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)


def test_the_demo_is_loaded_once_and_prints_a_url_and_a_token_that_work(tmp_path: Path) -> None:
    for loading in ("Loading the demo month 2031-05 ...\n", "A demo month is loaded already"):
        demo = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "demo", "--month", "2031-05", "--port", "0", "--json"],
            env=environment(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert demo.stdout is not None
        try:
            printed = json.loads(demo.stdout.readline())
            headers = {"Authorization": f"Bearer {printed['token']}"}
            page = httpx.get(f"{printed['url']}/api/v1/schedules", headers=headers, timeout=30).json()
            assert {schedule["start_date"] for schedule in page["items"]} == {"2031-05-01"}
            assert httpx.get(printed["docs"], timeout=30).status_code == 200
        finally:
            demo.terminate()
            _, errors = demo.communicate(timeout=30)
        assert (demo.returncode, errors.startswith(loading)) == (0, True)
        assert processes_of(tmp_path) == []


def test_progress_is_drawn_on_a_terminal_and_only_there(tmp_path: Path) -> None:
    callboard(tmp_path, "user", "list")
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "projections", "verify", "--json"],
            env=environment(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, check=True,
        )  # fmt: skip
        os.close(theirs)
        assert b"Verifying" in terminal.read(4096)
    assert json.loads(done.stdout)["drifts"] == {}
    assert python(tmp_path, "-m", "api.cli", "projections", "verify", "--json").stderr == ""
