"""What the command line makes of wrong usage, wrong settings and databases that it can't use."""

import json

import psycopg
import pytest
from click.testing import CliRunner

from api.cli import main
from tests.api.cli.reading import Run
from tests.conftest import Database


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("audit", "nonsense"),
        ("audit", "replay"),
        ("audit", "replay", "x", "--to-version", "0"),
        ("audit", "replay", "x", "--to-version", "v"),
        ("audit", "replay", "x", "--to-version", "1", "--at", "2026-01-01"),
        ("audit", "log", "--since", "yesterday"),
        ("audit", "log", "--limit", "0"),
        ("token", "--ttl", "soon"),
        ("token", "--ttl", "99999w"),
        ("user", "create", "--email", "x@example.com"),
        ("serve", "--port", "65536"),
        ("demo", "--month", "2026-13"),
        ("projections", "rebuild", "nonsense"),
        ("db", "nonsense"),
        ("import", "no-such-file.csv"),
    ],
)
def test_wrong_usage_is_2_and_prints_nothing_on_standard_output(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, status=2)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PROT", "8001")
    result = run("db", "status", status=2)
    assert result.stderr == "callboard: CALLBOARD_PROT is not a setting; did you mean CALLBOARD_PORT?\n"


@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody@127.0.0.1:1/none", "postgresql://127.0.0.1/x?connect_timeout=soon", "nonsense"],
)
def test_a_database_that_cannot_be_used_is_one_line(run: Run, url: str) -> None:
    for command in (("db", "status"), ("audit", "verify"), ("token",)):
        result = CliRunner().invoke(
            main, ["--database-url", url, *command], env={"CALLBOARD_DATABASE_URL": None}
        )
        assert (result.exit_code in (1, 2), result.stdout) == (True, "")
        assert len(result.stderr.splitlines()) == 1
        assert result.stderr.startswith("callboard: ")


def test_the_database_is_migrated_and_its_status_told(run: Run, server: str, database: Database) -> None:
    status = json.loads(run("db", "status", "--json").stdout)
    assert (status["applied"][0], status["pending"]) == ("0001_log", [])
    assert json.loads(run("db", "migrate", "--json").stdout) == {"applied": []}
    assert run("db", "migrate").stdout == "nothing to do\n"


def test_a_database_newer_than_the_code_is_left_alone(run: Run, database: Database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("INSERT INTO public.callboard_migrations VALUES ('9999_later', 'x')")
    line = "callboard: the database is newer than this code: it has 9999_later; upgrade callboard\n"
    for command in (("db", "status"), ("db", "migrate"), ("audit", "log"), ("user", "list"), ("token",)):
        assert run(*command, status=1).stderr == line
