"""Settings: where they come from, which wins, and what is refused by name."""

import threading
from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, load, local_secret

LONG = "x" * 32


def write(data_dir: Path, text: str) -> None:
    """Puts a `callboard.toml` into a data directory."""
    (data_dir / "callboard.toml").write_text(text)


def test_nothing_said_means_the_defaults_under_the_home_directory(tmp_path: Path) -> None:
    assert load({"XDG_DATA_HOME": str(tmp_path)}) == Settings(
        data_dir=tmp_path / "callboard",
        database_url=None,
        host="127.0.0.1",
        port=8000,
        cors_origins=(),
        pool_size=16,
        statement_timeout_ms=15_000,
        lock_timeout_ms=5_000,
        idle_in_transaction_timeout_ms=30_000,
        prepare_threshold=5,
        secret=None,
        conflict_check=True,
    )
    assert load({}).data_dir == Path("~/.local/share/callboard").expanduser()


def test_the_command_line_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'host = "::1"\nport = 1\npool_size = 3\ncors_origins = ["https://a.example"]\n')
    environ = {"CALLBOARD_DATA_DIR": str(tmp_path), "CALLBOARD_PORT": "2", "CALLBOARD_POOL_SIZE": "4"}
    assert load(environ, port=5, host=None) == Settings(
        data_dir=tmp_path, host="::1", port=5, pool_size=4, cors_origins=("https://a.example",)
    )


def test_variables_are_read_in_the_shape_of_their_field(tmp_path: Path) -> None:
    environ = {
        "CALLBOARD_CORS_ORIGINS": "https://a.example, http://localhost:5173",
        "CALLBOARD_PREPARE_THRESHOLD": "off",
        "CALLBOARD_CONFLICT_CHECK": "OFF",
        "CALLBOARD_SECRET": LONG,
        "CALLBOARD_DATABASE_URL": "",
    }
    assert load(environ, data_dir=tmp_path) == Settings(
        data_dir=tmp_path,
        cors_origins=("https://a.example", "http://localhost:5173"),
        prepare_threshold=None,
        conflict_check=False,
        secret=LONG,
    )


def test_variables_of_others_are_not_looked_at(tmp_path: Path) -> None:
    environ = {
        "CALLBOARD_TEST_DATABASE_URL": "postgresql:///x",
        "CALLBOARD_PG_BIN": "/opt/pg",
        "CALLBOARD_RACE_SLOTS": "9",
        "PATH": "/bin",
    }
    assert load(environ, data_dir=tmp_path) == Settings(data_dir=tmp_path)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"CALLBOARD_PROT": "1"}, "CALLBOARD_PROT is not a setting; did you mean CALLBOARD_PORT?"),
        ({"CALLBOARD_XYZZY": "1"}, "CALLBOARD_XYZZY is not a setting"),
        ({"CALLBOARD_port": "1"}, "CALLBOARD_port is not a setting; did you mean CALLBOARD_PORT?"),
        ({"CALLBOARD_PORT": "65536"}, "CALLBOARD_PORT: expected `int` <= 65535"),
        ({"CALLBOARD_PORT": "eighty"}, "CALLBOARD_PORT: expected `int`, got `str`"),
        ({"CALLBOARD_CONFLICT_CHECK": "maybe"}, "CALLBOARD_CONFLICT_CHECK: expected `bool`, got `str`"),
        ({"CALLBOARD_SECRET": "short"}, "CALLBOARD_SECRET: at least 32 bytes"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environ, data_dir=tmp_path)
    assert str(refused.value) == message


@pytest.mark.parametrize("origin", ["*", "https://*.example", "https://a.example/", "a.example", "null"])
def test_an_origin_has_to_be_one_whole_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"CALLBOARD_CORS_ORIGINS": f"https://ok.example,{origin}"}, data_dir=tmp_path)
    assert str(refused.value) == (
        f"CALLBOARD_CORS_ORIGINS: {origin!r} is not an origin such as https://planner.example:8443;"
        " name each one, a wildcard would let any site act for its visitor"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "prot in {file} is not a setting; did you mean port?"),
        ("data_dir = '/x'", "data_dir in {file} is not a setting; did you mean database_url?"),
        ("port = -1", "port in {file}: expected `int` >= 0"),
        ("port = ", "{file} cannot be read: Invalid value (at end of document)"),
    ],
)
def test_a_wrong_line_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load({}, data_dir=tmp_path)
    assert str(refused.value) == message.format(file=tmp_path / "callboard.toml")


def test_what_must_not_reach_a_log_is_not_shown(tmp_path: Path) -> None:
    given = {"CALLBOARD_SECRET": LONG, "CALLBOARD_DATABASE_URL": "postgresql://me:hunter2@db/x"}
    shown = repr(load(given, data_dir=tmp_path))
    assert "secret='***'" in shown
    assert "database_url='***'" in shown
    assert LONG not in shown
    assert "hunter2" not in shown


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "data"
    secret = local_secret(data_dir)
    assert len(secret) == 43
    assert local_secret(data_dir) == secret
    assert (data_dir / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["secret"]


def test_everyone_who_starts_at_once_has_the_same_secret(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    found: list[str] = []

    def start() -> None:
        together.wait()
        found.append(local_secret(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [local_secret(tmp_path)] * 8


def test_a_secret_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(SettingsError, match="secret is too short for a key; remove it"):
        local_secret(tmp_path)


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"file/data/secret cannot be used: .*Not a directory"):
        local_secret(tmp_path / "file" / "data")
