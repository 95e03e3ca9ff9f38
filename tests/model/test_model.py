"""Every command at random, over HTTP and as anybody, through the real application on a real database, beside
a small model that knows only the contract. CALLBOARD_MODEL_STEPS sets how many steps; `make soak` takes 10,000.

It prints how often each operation was accepted and which refusals were met. It fails when an operation of the
route table was never accepted, when a refusal that the contract names was never met, and when either has one
that the tables here don't know. A divergence shrinks to the steps that matter, told with names for ids.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from psycopg_pool import ConnectionPool

import projections
from api.app import app_over
from api.settings import Settings
from api.wiring import Callboard
from domain import errors
from domain.application import Commands
from domain.event_log import EventLog
from domain.ids import sequence
from domain.schedule.state import replay
from projections import as_it_was, rebuild, references, registry, schedules, shows, versions
from projections.schedules import ScheduleFilter
from projections.shows import ShowFilter
from tests.api.conftest import SECRET
from tests.databases import created, pool_over
from tests.model.playing import PRESENT, Picks, Player, Step
from tests.model.steps import BEGINNING, COMMANDS, next_step
from tests.spec import Clock
from tests.world import World

STEPS_IN_ALL = int(os.environ.get("CALLBOARD_MODEL_STEPS", "2000"))
STORY: Final = 200

PLANNING: Final = ("schedules", "shows", "changes", "comments", "bulk", "imports")
"""Where the commands of planning are; entities have tests of their own."""

REFUSALS: Final = {
    "forbidden": "SPEC 9: who may do what",
    "not_found": "SPEC 9: what is another client's is not there",
    "invalid": "SPEC 7: an invalid value",
    "stale": "SPEC 7: a stale If-Match",
    "idempotency_key_reused": "SPEC 7: the same key with another body",
    "illegal_transition": "SPEC 3, 4: no such arrow",
    "version_conflict": "SPEC 3: not the current version",
    "not_approved": "SPEC 3: the client hasn't agreed",
    "needs_change": "SPEC 3: a direct edit of a confirmed schedule",
    "edit_directly": "SPEC 5: a change elsewhere",
    "change_conflict": "SPEC 5: an operation no longer holds",
    "conflicts": "SPEC 3, 5: blocking conflicts",
    "duplicate": "SPEC 4: an external id is taken",
}
"""Each is met at least once."""

MET_ELSEWHERE: Final = {
    "in_use": "entities: tests/api/test_entities.py",
    "last_admin": "entities: tests/api/test_entities.py",
    "system_row": "entities: tests/api/test_entities.py",
    "stale_version": "races only: tests/races",
    "unavailable": "outages only: tests/crash",
    "refused": "the root of the tree",
    "conflict": "a branch of the tree",
}
"""Refusals that no command of planning meets in a story, and where they are met."""

ROWS: Final = {"schedule_frozen", "other_schedule"}
"""Refusals of rows that an import into a named schedule may meet (SPEC 8)."""


@st.composite
def _steps(draw: st.DrawFn, player: Player, begins: Any) -> Step | None:
    """One step, all its choices drawn together, so that it shrinks away as one."""
    picks = Picks(draw)
    player.begin(picks)
    if not picks.number(99):
        return None
    return next_step(player, begins)


def test_the_application_does_what_the_contract_says_after_any_story(
    server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    rows_met: set[str] = set()
    routes: dict[str, tuple[str, str]] = {}

    @settings(
        max_examples=1 + STEPS_IN_ALL // STORY,  # The first one is no story.
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def any_story(data: st.DataObject) -> None:
        with created(server, template) as database, pool_over(database) as pool:
            log = EventLog(pool, projections.project, registry.DUPLICATES)
            ids = sequence("model", 1_772_000_000_000)
            commands = Commands(log, references.ReadReferences(), clock=Clock(PRESENT), make_id=ids)
            settings_ = Settings(data_dir=tmp_path, secret=SECRET)
            app = app_over(Callboard(settings_, pool, commands))
            routes.update(_routes(app))
            with TestClient(app) as http, pool.connection() as connection:
                player = Player(World.make(commands), connection, http, routes, counted, rows_met)
                for begins in (*BEGINNING, *[None] * (STORY - len(BEGINNING))):
                    step = data.draw(_steps(player, begins))
                    if step is not None:
                        player.play(step)
                with psycopg.connect(database.admin_url, autocommit=True) as owner:
                    _agree(commands, owner, player)

    any_story()
    with capsys.disabled():
        print(f"\n{counted.total()} steps")  # noqa: T201
        for (name, outcome), times in sorted(counted.items()):
            print(f"  {name:20} {outcome:23} {times:6}")  # noqa: T201

    planned = {name for name, (_, path) in routes.items() if path.split("/")[3] in PLANNING}
    assert planned == {step.__name__ for step in COMMANDS}, "a new command: tell the model"
    assert planned - {name for name, outcome in counted if outcome == "accepted"} == set()
    assert {outcome for _, outcome in counted} == {"accepted", *REFUSALS}
    assert rows_met == ROWS


def test_the_model_knows_every_refusal_that_the_application_has() -> None:
    def below(branch: type[errors.DomainError]) -> set[str]:
        return {branch.code}.union(*(below(each) for each in branch.__subclasses__()))

    assert below(errors.DomainError) == {*REFUSALS, *MET_ELSEWHERE}


def _routes(app: Litestar) -> dict[str, tuple[str, str]]:
    """Method and path of each operation that writes, by its id."""
    return {
        handler.operation_id: (method, route.path_format)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in sorted(handler.http_methods & {"POST", "PATCH", "DELETE"})
        if isinstance(handler.operation_id, str)
    }


def _agree(commands: Commands, connection: psycopg.Connection[Any], player: Player) -> None:
    """The tables say what the streams say, and a rebuild from the log changes no row."""
    plans = [replay(commands.log.stream(schedule_id)) for schedule_id in player.model.schedules]
    told = {plan.id: plan for plan in plans if plan}
    assert told.keys() == player.model.schedules.keys()
    rows = {row.id: row for row in schedules.listed(connection, ScheduleFilter(include_deleted=True))}
    for row_id, row in rows.items():
        assert row == as_it_was.schedule_row(told[row_id]), player.story("read and replayed differ")
    every = {row.id: row for row in shows.listed(connection, ShowFilter(include_deleted=True))}
    replayed = {s.id: as_it_was.show_row(p, s) for p in told.values() for s in p.shows.values()}
    assert every == replayed, player.story("read and replayed shows differ")
    for plan in told.values():
        kept = [as_it_was.version_row(version) for version in plan.versions[::-1]]
        assert versions.listed(connection, plan.id, include_deleted=True) == kept
    report = rebuild.verify(connection)
    assert (report.drifts, report.first) == ({}, ()), player.story("rebuilt differently")
