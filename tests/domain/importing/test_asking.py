"""Imports into confirmed schedules: one change that waits, asked for once."""

from typing import Any

import pytest

from domain import applying
from domain.application import Commands
from domain.schedule import changes, lifecycle
from domain.schedule.state import Change
from tests.importing import Importer, counts, line
from tests.spec import context

LATER = line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T22:00")
NEW = line(external_id="A-3", start="2026-05-04T20:00", end="2026-05-04T22:00")


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def confirmed(importer: Importer, *rows: dict[str, str]) -> str:
    """A confirmed schedule of these rows."""
    (schedule,) = importer.run(*rows).schedules
    importer.confirm(schedule.id)
    return schedule.id


def asked(importer: Importer, schedule_id: str) -> list[Change]:
    """Its changes."""
    return list(importer.schedule(schedule_id).changes.values())


def approve(importer: Importer, schedule_id: str, change_id: str) -> Any:
    """Applies a change."""
    return applying.approve(
        importer.commands, context(), schedule_id, change_id, check=lambda _schedule, _change: False
    )


def test_changed_new_and_vanished_rows_become_one_change_that_waits(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(), LATER)
    version = importer.schedule(schedule_id).current_version
    report = importer.run(line(name="New"), NEW)
    assert report.counts == counts(proposed_changes=1)
    (change,) = asked(importer, schedule_id)
    assert report.schedules[0].change_id == change.id
    assert (change.category, change.change_type, change.needs, change.status, change.reason) == (
        *("OPERATIONAL", "OTHER", "client", "proposed"),
        "Import of plan.csv",
    )
    shows = importer.shows(schedule_id)
    assert [op.op for op in change.operations] == ["update", "add", "cancel"]
    assert [op.show_id for op in change.operations[::2]] == [shows["A-1"].id, shows["A-2"].id]
    assert {show.status for show in shows.values()} == {"confirmed"}
    assert importer.schedule(schedule_id).current_version == version


def test_the_same_file_asks_only_once_while_the_change_waits(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(), LATER)
    rows = (line(start="2026-05-02T21:00", end="2026-05-02T23:00"), NEW)
    importer.run(*rows)
    before = importer.events()
    assert importer.run(*rows).counts == counts(unchanged=2)
    assert importer.events() == before + 1
    assert importer.again().counts == counts(unchanged=2)
    assert len(asked(importer, schedule_id)) == 1


def test_an_approved_change_makes_the_plan_what_the_file_says(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(), LATER)
    rows = (line(name="New"), NEW)
    change_id = importer.run(*rows).schedules[0].change_id
    assert change_id is not None
    approve(importer, schedule_id, change_id)
    shows = importer.shows(schedule_id)
    assert {key: (show.name, show.status) for key, show in shows.items()} == {
        "A-1": ("New", "confirmed"),
        "A-2": ("Launch", "cancelled"),
        "A-3": ("Launch", "confirmed"),
    }
    assert importer.run(*rows).counts == counts(unchanged=2)
    # What the change set counts as the import's: the next file may set it again.
    assert importer.run(line(name="Newer"), NEW).counts == counts(unchanged=1, proposed_changes=1)


def test_a_part_of_a_span_that_waits_is_asked_for_whole(importer: Importer) -> None:
    schedule_id = confirmed(importer, line())
    importer.run(line(start="2026-05-03T20:00", end="2026-05-03T22:00"))
    report = importer.run(line(start="2026-05-03T21:00", end="2026-05-03T22:00"))
    assert report.counts == counts(proposed_changes=1)
    _, second = asked(importer, schedule_id)
    (op,) = second.operations
    assert op.after is not None
    assert changes.fields_of(op.after) == ["start", "end"]


def test_a_new_show_that_waits_with_other_values_is_left_alone_and_said(importer: Importer) -> None:
    schedule_id = confirmed(importer, line())
    importer.run(line(), NEW)
    report = importer.run(line(), NEW | {"name": "Other"})
    assert report.counts == counts(unchanged=1, skipped=1)
    assert [(note.row, note.value, note.code) for note in report.notes] == [(3, "A-3", "change_pending")]
    assert len(asked(importer, schedule_id)) == 1


def test_a_file_never_rebooks_a_plan_without_client_unasked(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(client="", external_id="S-1"))
    importer.run(line(client="", external_id="S-1", name="New"))
    (change,) = asked(importer, schedule_id)
    assert (change.needs, change.status) == ("studio", "proposed")


def test_live_shows_that_vanish_are_not_asked_for(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(), LATER)
    importer.do(schedule_id, lifecycle.start, importer.shows(schedule_id)["A-1"].id)
    assert importer.run(LATER).counts == counts(unchanged=1)
    assert asked(importer, schedule_id) == []


def reject(importer: Importer, schedule_id: str) -> None:
    """Says no to its newest change."""
    importer.do(schedule_id, changes.reject, asked(importer, schedule_id)[-1].id, note="no")


def test_what_was_rejected_is_kept_and_not_asked_for_again(importer: Importer) -> None:
    schedule_id = confirmed(importer, line(), LATER)
    rows = (line(name="New", note="n"), NEW)
    importer.run(*rows)
    reject(importer, schedule_id)
    report = importer.run(*rows)
    assert report.counts == counts(skipped=3)
    assert [(kept.column, kept.value, kept.kept, kept.why) for kept in report.kept] == [
        ("name", "New", "Launch", "rejected"),
        ("note", "n", "", "rejected"),
    ]
    assert [(note.row, note.value, note.code) for note in report.notes] == [
        (3, "A-3", "change_rejected"),
        (None, "A-2", "change_rejected"),
    ]
    assert len(asked(importer, schedule_id)) == 1
    assert importer.again().counts == counts(unchanged=2)


def test_another_value_asks_again_and_so_does_a_file_that_is_to_win(importer: Importer) -> None:
    schedule_id = confirmed(importer, line())
    importer.run(line(name="New"), NEW)
    reject(importer, schedule_id)
    other = (line(name="Newer"), NEW | {"name": "Other"})
    assert importer.run(*other).counts == counts(proposed_changes=1)
    reject(importer, schedule_id)
    assert importer.run(*other).counts == counts(skipped=2)
    assert importer.run(*other, take="theirs").counts == counts(proposed_changes=1)


def test_a_rejected_span_is_asked_for_again_when_one_end_differs(importer: Importer) -> None:
    schedule_id = confirmed(importer, line())
    importer.run(line(start="2026-05-03T20:00", end="2026-05-03T22:00"))
    reject(importer, schedule_id)
    report = importer.run(line(start="2026-05-03T21:00", end="2026-05-03T22:00"))
    assert (report.counts, report.kept) == (counts(proposed_changes=1), ())


def test_a_rejection_is_of_the_plan_as_it_was(importer: Importer) -> None:
    schedule_id = confirmed(importer, line())
    importer.run(line(name="New"))
    reject(importer, schedule_id)
    change_id = importer.run(line(name="Newer")).schedules[0].change_id
    assert change_id is not None
    approve(importer, schedule_id, change_id)
    assert importer.run(line(name="New")).counts == counts(proposed_changes=1)
