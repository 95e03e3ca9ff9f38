"""What was set by hand stays when a file is imported again, and what vanished comes back."""

from datetime import UTC, datetime

import pytest

from domain.application import Commands
from domain.importing.report import Kept
from domain.schedule import planning
from domain.schedule.planning import NewShow, ShowPatch
from tests.importing import Importer, counts, line
from tests.spec import STUDIO, ids

KEYS = {"other": "other", "standard": "standard"}
SECOND = line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00")


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def edit(importer: Importer, schedule_id: str, external_id: str, patch: ShowPatch) -> str:
    """A show is edited by hand."""
    show_id = importer.shows(schedule_id)[external_id].id
    importer.do(schedule_id, planning.edit_show, show_id, patch, studio=STUDIO, keys=KEYS)
    return show_id


def only(importer: Importer, *rows: dict[str, str]) -> str:
    """Imports rows of one schedule; answers its id."""
    (schedule,) = importer.run(*rows).schedules
    return schedule.id


def test_fields_edited_by_hand_are_kept_and_reported_and_others_are_set(importer: Importer) -> None:
    schedule_id = only(importer, line(), SECOND)
    show_id = edit(importer, schedule_id, "A-1", ShowPatch(name="Ours", room_id=None))
    report = importer.run(line(name="Theirs", note="set"), SECOND)
    assert report.counts == counts(updated=1, unchanged=1)
    assert report.kept == (
        Kept(2, show_id, "A-1", "name", "Theirs", "Ours"),
        Kept(2, show_id, "A-1", "room", "Room 1", ""),
    )
    show = importer.shows(schedule_id)["A-1"]
    assert (show.name, show.room_id, show.note) == ("Ours", None, "set")
    again = importer.run(line(name="Theirs", note="set"), SECOND)
    assert (again.counts, again.kept) == (counts(unchanged=1, skipped=1), report.kept)
    assert importer.again().counts == counts(unchanged=2)


def test_a_file_that_is_to_win_sets_them_all_the_same(importer: Importer) -> None:
    schedule_id = only(importer, line())
    edit(importer, schedule_id, "A-1", ShowPatch(name="Ours"))
    report = importer.run(line(name="Theirs"), take="theirs")
    assert (report.counts, report.kept) == (counts(updated=1), ())
    assert importer.shows(schedule_id)["A-1"].name == "Theirs"
    assert importer.run(line(name="Later")).counts == counts(updated=1)


def test_start_and_end_are_kept_together(importer: Importer) -> None:
    schedule_id = only(importer, line())
    edit(importer, schedule_id, "A-1", ShowPatch(start=datetime(2026, 5, 2, 12, 30, tzinfo=UTC)))
    report = importer.run(line(start="2026-05-02T10:00", end="2026-05-02T12:00"))
    assert report.counts == counts(skipped=1)
    assert [(kept.column, kept.value, kept.kept) for kept in report.kept] == [
        ("start", "2026-05-02T10:00+07:00", "2026-05-02T19:30+07:00"),
        ("end", "2026-05-02T12:00+07:00", "2026-05-02T22:00+07:00"),
    ]


def test_a_show_made_by_hand_is_kept_as_it_is(importer: Importer) -> None:
    schedule_id = only(importer, line())
    start, end = datetime(2026, 5, 5, 12, tzinfo=UTC), datetime(2026, 5, 5, 13, tzinfo=UTC)
    by_hand = NewShow(name="By hand", external_id="H-1", start=start, end=end)
    importer.do(schedule_id, planning.draft_shows, [by_hand], studio=STUDIO, keys=KEYS, new_id=ids())
    row = line(external_id="H-1", name="Theirs", start="2026-05-05T19:00", end="2026-05-05T20:00")
    report = importer.run(line(), row)
    assert report.counts == counts(unchanged=1, skipped=1)
    assert {kept.column for kept in report.kept} == {"name", "room", "creators", "platforms"}
    assert importer.shows(schedule_id)["H-1"].name == "By hand"
    assert importer.run(line(), row, take="theirs").counts == counts(unchanged=1, updated=1)
    assert importer.run(line()).counts == counts(unchanged=1)


def test_a_show_that_vanished_is_cancelled_and_comes_back_with_the_file(importer: Importer) -> None:
    schedule_id = only(importer, line(), SECOND)
    gone = importer.shows(schedule_id)["A-2"]
    assert importer.run(line()).counts == counts(unchanged=1, removed=1)
    cancelled = importer.schedule(schedule_id).shows[gone.id]
    assert (cancelled.status, cancelled.reason_category, cancelled.reason_note, cancelled.deleted_at) == (
        *("cancelled", "OTHER", "no longer in plan.csv", None),
    )
    assert importer.run(line(), SECOND).counts == counts(created=1, unchanged=1)
    back = importer.shows(schedule_id)["A-2"]
    assert (back.status, back.restored_from, back.start) == ("draft", gone.id, gone.start)
    assert importer.schedule(schedule_id).shows[gone.id].status == "cancelled"
    assert importer.run(line(), SECOND).counts == counts(unchanged=2)
