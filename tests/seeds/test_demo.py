"""The demo month in a database: what is in it, which conflicts it shows, and that it is always the same."""

import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from domain.application import Commands
from domain.conflicts import find
from domain.event_log import replay, verify_chain
from domain.schedule.booking import subject_of
from domain.schedule.state import replay as replay_schedule
from seeds.demo import DemoReport, is_loaded, load_demo
from seeds.demo_steps import STUDIO_ID
from tests.databases import Database, commands_over, created, pool_over
from tests.spec import Clock

MONTH = "2027-01"
NOW = datetime(2026, 12, 15, 3, 0, tzinfo=UTC)


@contextmanager
def commands_on(database: Database) -> Generator[Commands]:
    with pool_over(database) as pool:
        yield commands_over(pool, Clock(NOW))


@pytest.fixture(scope="module")
def loaded(server: str, template: str) -> Generator[tuple[Commands, DemoReport]]:
    """A database with the demo month, loaded once for all tests here; they only read."""
    with created(server, template) as database, commands_on(database) as commands:
        began = time.perf_counter()
        report = load_demo(commands, MONTH)
        print(f"demo month: {report.commands} commands in {time.perf_counter() - began:.1f} s")  # noqa: T201
        yield commands, report


def test_the_report_counts_what_the_month_holds(loaded: tuple[Commands, DemoReport]) -> None:
    _, report = loaded
    assert report == DemoReport(
        month=MONTH,
        studio_id=STUDIO_ID,
        rooms=16,
        clients=50,
        creators=52,
        platforms=3,
        schedules=50,
        shows=2_500,
        booked=605,
        commands=346,
    )


def test_live_rows_are_what_was_asked_for(loaded: tuple[Commands, DemoReport]) -> None:
    with loaded[0].log.pool.connection() as connection:
        live = {
            table: count(
                connection,
                SQL("SELECT count(*) FROM {} WHERE deleted_at IS NULL").format(Identifier(table)),
            )
            for table in ("studios", "rooms", "clients", "creators", "platforms", "schedules", "shows")
        }
        statuses = dict(connection.execute("SELECT status, count(*) FROM shows GROUP BY 1").fetchall())
        plans = dict(connection.execute("SELECT status, count(*) FROM schedules GROUP BY 1").fetchall())
        approved = count(connection, "SELECT count(*) FROM schedules WHERE approved_version IS NOT NULL")
        admins = count(connection, "SELECT count(*) FROM users WHERE is_system_admin")
        members = count(connection, "SELECT count(*) FROM memberships WHERE deleted_at IS NULL")
    assert live == {
        "studios": 1,
        "rooms": 16,
        "clients": 50,
        "creators": 52,
        "platforms": 3,
        "schedules": 50,
        "shows": 2_500,
    }
    assert plans == {"draft": 27, "proposed": 10, "confirmed": 13}
    assert (approved, admins, members) == (18, 1, 8)
    assert statuses == {"draft": 1_895, "confirmed": 597, "live": 1, "completed": 3, "cancelled": 4}


def test_a_planner_finds_exactly_the_planted_conflicts(loaded: tuple[Commands, DemoReport]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    commands, _ = loaded
    with commands.log.pool.connection() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM schedules ORDER BY id")]
        for schedule_id in ids:
            schedule = replay_schedule(commands.log.stream(schedule_id))
            assert schedule is not None
            shows = [show for show in schedule.live_shows() if show.status in ("draft", "confirmed")]
            subjects = [subject_of(schedule, show) for show in shows]
            facts = commands.references.facts(connection, subjects, NOW)
            found.update((finding.code, finding.severity) for finding in find(subjects, facts))
    assert found == {
        # within one plan 20 and 21, in partly confirmed ones 2 each, against bookings 6 each
        ("room_overlap", "block"): 28,
        ("creator_overlap", "block"): 29,
        # four pairs of shows, and a closure
        ("turnaround_short", "block"): 5,
        ("room_closed", "block"): 4,
        ("creator_banned", "block"): 4,
        ("room_not_in_studio", "block"): 3,
        ("reference_deleted", "block"): 3,
        ("missing_creator", "block"): 3,
        # five pairs, each seen from both sides
        ("room_wanted", "warn"): 10,
        ("creator_wanted", "warn"): 10,
        # nights before the month, a day after it, and dates of last year
        ("outside_period", "warn"): 6,
        ("in_the_past", "warn"): 3,
        ("missing_room", "warn"): 5,
        ("missing_creator", "warn"): 5,
        ("missing_platform", "warn"): 5,
    }


def test_the_chain_is_whole(loaded: tuple[Commands, DemoReport]) -> None:
    with loaded[0].log.pool.connection() as connection:
        whole, broken = verify_chain(connection)
    assert broken is None
    assert whole == loaded[0].log.head()


def test_two_databases_get_the_same_history(
    loaded: tuple[Commands, DemoReport], new_database: Callable[[], Database]
) -> None:
    with commands_on(new_database()) as other:
        told: list[tuple[int, int]] = []
        report = load_demo(other, MONTH, lambda done, total: told.append((done, total)))
        assert history(other) == history(loaded[0])
        assert report == loaded[1]
        assert told == [(number + 1, report.commands) for number in range(report.commands)]


def test_a_load_that_was_cut_off_goes_on_where_it_stopped(
    loaded: tuple[Commands, DemoReport], commands: Commands
) -> None:
    class Cut(Exception):
        pass

    def cut_at(done: int, total: int) -> None:
        if done == 140:
            raise Cut

    commands.clock = Clock(NOW)
    with pytest.raises(Cut):
        load_demo(commands, MONTH, cut_at)
    assert not is_loaded(commands)
    assert load_demo(commands, MONTH) == loaded[1]
    assert is_loaded(commands)
    assert history(commands) == history(loaded[0])


def test_loading_twice_changes_nothing(loaded: tuple[Commands, DemoReport]) -> None:
    commands, report = loaded
    head = commands.log.head()
    assert is_loaded(commands)
    assert load_demo(commands, MONTH) == report
    assert commands.log.head() == head


def history(commands: Commands) -> list[Any]:
    """Everything that the log tells but the time of recording."""
    return [
        (
            each.position,
            each.recorded.originator_id,
            each.recorded.command,
            each.recorded.command_id,
            each.recorded.actor,
            each.recorded.event,
        )
        for each in replay(commands.log.pool)
    ]


def count(connection: Connection[Any], sql: Any) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]
