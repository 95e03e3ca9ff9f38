"""What a default `callboard serve` promises of its own PostgreSQL: nothing acknowledged is lost when the
power fails, and the application can't touch history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from api import settings
from api.postgres import embedded
from api.wiring import open_pool
from tests.servers import Served

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Running]:
    """The PostgreSQL that a `serve` without any setting started."""
    with Served(tmp_path_factory.mktemp("durable")) as served:  # noqa: SIM117 - the order counts
        with embedded.server(served.data_dir / "postgres") as running:
            yield running


@pytest.fixture
def application(running: embedded.Running, tmp_path: Path) -> Iterator[Connection[Any]]:
    """A connection as the application opens its own."""
    given = settings.load({}, data_dir=tmp_path)
    with open_pool(given, running.app_url) as pool, pool.connection() as connection:
        yield connection


def test_what_is_acknowledged_is_on_disk(application: Connection[Any]) -> None:
    shown = application.execute(
        "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (list(DURABLE),)
    ).fetchall()

    assert dict(shown) == DURABLE


def test_no_connection_of_the_server_is_less_durable(running: embedded.Running) -> None:
    with psycopg.connect(running.admin_url) as connection:
        kept = connection.execute(
            "SELECT count(*) FROM pg_db_role_setting s, unnest(s.setconfig) AS c(text)"
            " WHERE split_part(c.text, '=', 1) = ANY (%s)",
            (list(DURABLE),),
        ).fetchone()
        files = connection.execute(
            "SELECT name, setting FROM pg_file_settings WHERE name = ANY (%s) AND setting <> 'on'",
            (list(DURABLE),),
        ).fetchall()

    assert (kept, files) == ((0,), [])


def test_the_server_works_as_a_role_that_is_no_superuser(running: embedded.Running) -> None:
    with psycopg.connect(running.admin_url) as connection:
        working = connection.execute(
            "SELECT DISTINCT usename, usesuper, usecreatedb, userepl, usebypassrls"
            " FROM pg_stat_activity JOIN pg_user USING (usename)"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()

    assert working == [("callboard_app", False, False, False, False)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE log.callboard_events SET topic = topic",
        "DELETE FROM log.callboard_events",
        "TRUNCATE log.callboard_events",
        "ALTER TABLE log.callboard_events DISABLE TRIGGER ALL",
        "DROP TABLE log.callboard_events",
        "SET ROLE postgres",
    ],
)
def test_history_is_out_of_the_application_s_reach(application: Connection[Any], tampering: str) -> None:
    before = application.execute("SELECT count(*) FROM log.callboard_events").fetchone()

    with pytest.raises(errors.InsufficientPrivilege):
        application.execute(tampering.encode())

    assert application.execute("SELECT count(*) FROM log.callboard_events").fetchone() == before
    assert before is not None
    assert before[0] > 0


def test_conflicts_are_checked_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    assert settings.load({}, data_dir=tmp_path).conflict_check is True
