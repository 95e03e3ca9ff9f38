"""Long work in a thread of the server: begun, looked at, one at a time, and stopped with it."""

import time

import psycopg
import pytest

from api.rebuilding import Chain, Rebuilding, Run
from domain.application import Commands
from domain.errors import Conflict
from projections import rebuild
from projections.rebuild import Rebuilt, Verified
from tests.databases import Database
from tests.world import World


def over(rebuilding: Rebuilding) -> Run:
    """What ran, once it is over."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        run = rebuilding.look()
        if run is not None and run.ended is not None:
            return run
        time.sleep(0.01)
    raise AssertionError(f"still running: {rebuilding.look()}")


def test_each_work_ends_with_its_result(commands: Commands, database: Database) -> None:
    World.make(commands)
    head = commands.log.head()
    rebuilding = Rebuilding(database.admin_url)
    assert (rebuilding.possible, rebuilding.look()) == (True, None)
    began = rebuilding.start("rebuild", None, "Ann")
    assert (began.work, began.by, began.ended) == ("rebuild", "Ann", None)
    done = over(rebuilding)
    assert isinstance(done.result, Rebuilt)
    assert (done.result.events, done.done, done.total, done.problem) == (head, head, head, "")
    rebuilding.start("verify", "registry", "Ann")
    checked = over(rebuilding).result
    assert isinstance(checked, Verified)
    assert (checked.drifts, checked.position) == ({}, head)
    rebuilding.start("chain", None, "Ann")
    assert over(rebuilding).result == Chain(head, None)
    rebuilding.close()


def test_one_at_a_time_in_all_processes(commands: Commands, database: Database) -> None:
    rebuilding = Rebuilding(database.admin_url)
    with psycopg.connect(database.admin_url, autocommit=True) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(7002)")
        assert rebuild.running(elsewhere)
        rebuilding.start("rebuild", None, "Ann")
        run = over(rebuilding)
        assert (run.result, "another rebuild" in run.problem) == (None, True)
        elsewhere.execute("SELECT pg_advisory_unlock(7002)")
        elsewhere.execute("BEGIN")
        elsewhere.execute("SELECT pg_advisory_xact_lock(7001)")
        rebuilding.start("rebuild", None, "Ann")
        with pytest.raises(Conflict, match="something else is running"):
            rebuilding.start("verify", None, "Ben")
        elsewhere.execute("ROLLBACK")
        assert over(rebuilding).problem == ""
        assert not rebuild.running(elsewhere)


def test_what_runs_is_stopped_with_the_server_and_leaves_nothing(
    commands: Commands, database: Database
) -> None:
    rebuilding = Rebuilding(database.admin_url)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(7001)")
        rebuilding.start("rebuild", None, "Ann")
        rebuilding.close()
        connection.execute("ROLLBACK")
        assert over(rebuilding).problem == "stopped"
        left = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('aside', 'retired')")
        assert left.fetchall() == []


def test_without_the_owners_address_nothing_is_begun() -> None:
    rebuilding = Rebuilding(None)
    assert not rebuilding.possible
    with pytest.raises(Conflict, match="command line"):
        rebuilding.start("rebuild", None, "Ann")
