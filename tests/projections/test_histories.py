"""Histories that hypothesis invents, by the real commands over a real database: afterwards the tables say
what the streams say, and a rebuild from the log changes no row.

CALLBOARD_HISTORIES sets how many; CI runs a slice. It prints how often each command was accepted and
refused, and fails when one is never accepted or a refusal is never met.
"""

import os
from collections import Counter
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.application import Commands
from domain.schedule import versions as deciding
from domain.schedule.state import Schedule, replay
from domain.schedule.versions import ShowChanged
from projections import as_it_was, rebuild, schedules, shows, versions, waivers
from projections.schedules import ScheduleFilter
from projections.shows import ShowFilter
from tests.databases import commands_over, created, pool_over
from tests.inventing import REFUSALS, STEPS, Inventor
from tests.spec import NOW, Clock
from tests.world import World

HISTORIES = int(os.environ.get("CALLBOARD_HISTORIES", "12"))

steps = st.lists(st.integers(0, 2**32 - 1), min_size=60, max_size=120)


@pytest.mark.untraced
def test_tables_streams_and_rebuild_agree_after_any_history(
    server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, str]] = Counter()

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(steps)
    def any_history(history: list[int]) -> None:
        with created(server, template) as database, pool_over(database) as pool:
            commands = commands_over(pool, Clock(NOW))
            inventor = Inventor(World.make(commands), counted)
            inventor.begin()
            for number, seed in enumerate(history):
                inventor.step(f"{number} {seed}")
            with psycopg.connect(database.admin_url, autocommit=True) as owner:
                _compare(commands, inventor, owner)

    any_history()
    with capsys.disabled():
        print(f"\n{HISTORIES} histories, {counted.total()} commands")  # noqa: T201
        for (name, outcome), times in sorted(counted.items()):
            print(f"  {name:15} {outcome:20} {times:6}")  # noqa: T201

    assert {name for name, outcome in counted if outcome == "accepted"} == set(STEPS)
    assert {outcome for _, outcome in counted} == {"accepted", *REFUSALS}


def _compare(commands: Commands, inventor: Inventor, connection: Connection[Any]) -> None:
    replayed = {plan: _replayed(commands, plan) for plan in inventor.plans}
    by_id = sorted(replayed.values(), key=lambda plan: (plan.start_date, plan.id))

    assert replayed == inventor.plans
    assert schedules.listed(connection, ScheduleFilter(include_deleted=True)) == [
        as_it_was.schedule_row(plan) for plan in by_id
    ]
    every_show = [as_it_was.show_row(plan, show) for plan in by_id for show in plan.shows.values()]
    assert shows.listed(connection, ShowFilter(include_deleted=True)) == sorted(
        every_show, key=lambda row: (row.start, row.id)
    )
    _compare_with_what_clients_see(commands, connection, by_id)
    for plan in by_id:
        assert plan.has_unversioned_edits == _differs(commands, plan)
        listed = versions.listed(connection, plan.id)
        assert listed == [as_it_was.version_row(version) for version in plan.versions[::-1]]
    assert _held(connection) == sorted(
        (hold.resource_id, show.id, hold.start, hold.end)
        for plan in by_id
        for show in plan.shows.values()
        for hold in show.holds
    )
    in_force = [each for plan in by_id for each in plan.waivers.values() if each.active]
    found = waivers.of_shows(connection, {waiver.show_id for waiver in in_force})
    told = {each.id: each for sides in found.values() for each in sides}
    assert told == {each.id: each for each in in_force}
    report = rebuild.verify(connection)
    assert (report.drifts, report.first) == ({}, ())


def _differs(commands: Commands, plan: Schedule) -> bool:
    """Whether a plan differs from its newest version, found by comparing the two; a status is no plan."""
    if plan.current_version is None or plan.deleted_at is not None:
        return plan.has_unversioned_edits
    then = deciding.as_of(commands.log.stream(plan.id), plan.current_version)
    found = deciding.differences(then, plan)
    planned = [show for show in found.changed if {*show.fields} - {"status"} or _cancelled(plan, show)]
    headers = [(each.name, each.start_date, each.end_date, each.note) for each in (then, plan)]
    return bool(found.added or found.removed or planned) or headers[0] != headers[1]


def _cancelled(plan: Schedule, changed: ShowChanged) -> bool:
    """Whether a planner cancelled it while the plan was a draft, not all of it with the plan."""
    draft = changed.fields["status"] == {"from": "draft", "to": "cancelled"}
    return draft and changed.show_id not in plan.cancelled_with


def _compare_with_what_clients_see(
    commands: Commands, connection: Connection[Any], plans: list[Schedule]
) -> None:
    """The tables of what is published say what each plan's newest version says."""
    clients = tuple({plan.client_id for plan in plans if plan.client_id})
    views = [as_it_was.clients_view(commands.log.stream(plan.id)) for plan in plans if plan.client_id]
    seen = [as_it_was.show_row(view, show) for view in views for show in view.shows.values()]

    assert schedules.listed(connection, ScheduleFilter(include_deleted=True, clients=clients)) == [
        as_it_was.schedule_row(view) for view in sorted(views, key=lambda view: (view.start_date, view.id))
    ]
    assert shows.listed(connection, ShowFilter(include_deleted=True, clients=clients)) == sorted(
        seen, key=lambda row: (row.start, row.id)
    )
    assert [schedules.one(connection, view.id, clients) for view in views] == [
        as_it_was.schedule_row(view) for view in views
    ]


def _replayed(commands: Commands, plan: str) -> Schedule:
    schedule = replay(commands.log.stream(plan))
    assert schedule is not None
    return schedule


def _held(connection: Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT resource_id, holder_id, lower(during), upper(during) FROM occupancy WHERE kind = 'show'"
        " ORDER BY 1, 2"
    ).fetchall()
