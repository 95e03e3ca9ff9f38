"""Every command at random, over HTTP and as anybody, through the real application on a real database, beside
a small model that knows only the contract. CALLBOARD_MODEL_STEPS sets how many steps; `make soak` takes
10,000.

It prints how often each operation was accepted and which refusals were met. It fails when an operation of the
route table was never accepted, when a refusal that the contract names was never met, and when either has one
that the tables here don't know. A divergence shrinks to the steps that matter, told with names for ids.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest

from domain import errors
from domain.schedule.state import replay
from projections import as_it_was, rebuild, schedules, shows, versions
from projections.schedules import ScheduleFilter
from projections.shows import ShowFilter
from tests.model.playing import Met, Picks
from tests.model.shrinking import shrunk
from tests.model.starting import Stage, picked, started
from tests.model.steps import COMMANDS

STEPS_IN_ALL = int(os.environ.get("CALLBOARD_MODEL_STEPS", "2400"))
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
    "overlapping_hours": "entities: tests/domain/test_opening.py",
    "system_row": "entities: tests/api/test_entities.py",
    "stale_version": "races only: tests/races",
    "unavailable": "outages only: tests/crash",
    "not_waivable": "accepting a conflict: tests/api/test_waivers.py",
    "no_such_conflict": "accepting a conflict: tests/api/test_waivers.py",
    "held_by_other": "accepting a conflict: tests/api/test_waivers.py",
    "refused": "the root of the tree",
    "conflict": "a branch of the tree",
}
"""Refusals that no command of planning meets in a story, and where they are met."""

PLAYED_ELSEWHERE: Final = {
    "waive_conflict": "tests/api/test_waivers.py, tests/domain/test_waiving.py",
    "withdraw_waiver": "tests/api/test_waivers.py, tests/domain/test_waiving.py",
    "undo_import": "tests/domain/importing/test_undoing.py",
    "edit_show_version": "tests/api/test_standalone.py",
    "delete_show_version": "tests/api/test_standalone.py",
    "undelete_show_version": "tests/api/test_standalone.py",
    "restore_show_version": "tests/api/test_standalone.py",
}
"""Commands of planning that the model doesn't know, and where they are held to the contract."""

ROWS: Final = {"schedule_frozen", "other_schedule"}
"""Refusals of rows that an import into a named schedule may meet (SPEC 8)."""


Told = list[list[int]]


@pytest.mark.untraced
def test_the_application_does_what_the_contract_says_after_any_story(
    server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    met, routes = Met(), dict[str, tuple[str, str]]()

    def play(picks: Iterable[Picks], met: Met, told: Told) -> None:
        with started(server, template, tmp_path, met) as stage:
            routes.update(stage.routes)
            for each in picks:
                told.append(each.chosen)
                stage.go(each)
            _agree(stage)

    def again(steps: Sequence[Sequence[int]]) -> str | None:
        try:
            play([Picks.again(chosen) for chosen in steps], Met(), [])
        except AssertionError as error:
            return str(error)
        return None

    for story in range(STEPS_IN_ALL // STORY):
        random, told = Random(story), Told()  # noqa: S311 - not a secret
        try:
            play((picked(random, number) for number in range(STORY)), met, told)
        except AssertionError as error:
            with capsys.disabled():
                print(error)  # noqa: T201 - at once: shrinking takes its time
            shortest = shrunk(told, str(error), again)
        else:
            continue
        pytest.fail(shortest, pytrace=False)
    with capsys.disabled():
        print(f"\n{met.counted.total()} steps")  # noqa: T201
        for (name, outcome), times in sorted(met.counted.items()):
            print(f"  {name:20} {outcome:23} {times:6}")  # noqa: T201

    planned = {name for name, (_, path) in routes.items() if path.split("/")[3] in PLANNING}
    assert planned == {*(step.__name__ for step in COMMANDS), *PLAYED_ELSEWHERE}, "tell the model"
    accepted = {name for name, outcome in met.counted if outcome == "accepted"}
    assert planned - accepted - PLAYED_ELSEWHERE.keys() == set()
    assert {outcome for _, outcome in met.counted} == {"accepted", *REFUSALS}
    assert met.rows == ROWS


def test_the_model_knows_every_refusal_that_the_application_has() -> None:
    def below(branch: type[errors.DomainError]) -> set[str]:
        return {branch.code}.union(*(below(each) for each in branch.__subclasses__()))

    assert below(errors.DomainError) == {*REFUSALS, *MET_ELSEWHERE}


def _agree(stage: Stage) -> None:
    """The tables say what the streams say, and a rebuild from the log changes no row."""
    player, connection, commands = stage.player, stage.owner, stage.commands
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
