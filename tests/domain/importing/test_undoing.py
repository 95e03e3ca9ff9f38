"""A run is taken back as one, while everything is as it left it; then the same file does the work again."""

from typing import Any, cast

import pytest

from domain import applying
from domain.application import Commands
from domain.errors import ChangeConflict, IllegalTransition, NotFound
from domain.importing import undoing
from domain.importing.reach import EVERYWHERE
from domain.importing.report import ImportReport
from domain.importing.undoing import LeftRow, UndoCounts, Undone, UndoneSchedule
from domain.schedule import changes, planning, proposal
from domain.schedule.planning import ShowPatch
from domain.schedule.state import Schedule
from domain.schedule.versions import differences
from tests.importing import Importer, counts, line
from tests.spec import STUDIO, context

KEYS = {"other": "other", "standard": "standard"}
SECOND = line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00")
THIRD = line(external_id="A-3", start="2026-05-04T20:00", end="2026-05-04T21:00")


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def undo(importer: Importer, report: ImportReport) -> Undone:
    """Takes a run back."""
    return cast(Undone, undoing.undo(importer.commands, context("import.undo"), report.id, reach=EVERYWHERE))


def edit(importer: Importer, schedule_id: str, external_id: str, **fields: Any) -> str:
    """A show is edited by hand."""
    show_id = importer.shows(schedule_id)[external_id].id
    patch = ShowPatch(**fields)
    importer.do(schedule_id, planning.edit_show, show_id, patch, studio=STUDIO, keys=KEYS)
    return show_id


def refused(importer: Importer, report: ImportReport) -> list[str]:
    """What moved, so that a run is not taken back and nothing changes."""
    before = importer.events()
    with pytest.raises(ChangeConflict) as refusal:
        undo(importer, report)
    assert importer.events() == before
    return [error.path for error in refusal.value.errors]


def plan(schedule: Schedule) -> dict[str | None, tuple[Any, ...]]:
    """What its shows that are not cancelled are, by external id."""
    names = ("name", "start", "end", "room_id", "creators", "platforms", "note", "status")
    shows = (show for show in schedule.live_shows() if show.status != "cancelled")
    return {show.external_id: tuple(getattr(show, name) for name in names) for show in shows}


def test_what_a_first_run_made_goes_again_with_schedules_and_rows(importer: Importer) -> None:
    report = importer.run(line(), SECOND)
    (made,) = report.schedules
    undone = undo(importer, report)
    assert undone.counts == UndoCounts(removed=2, schedules=1, rows=5)
    assert undone.schedules == (
        UndoneSchedule(id=made.id, name=made.name, removed=2, restored=0, returned=0, deleted=True),
    )
    assert undone.left == ()
    schedule = importer.schedule(made.id)
    assert schedule.deleted_at is not None
    assert schedule.live_shows() == []
    again = importer.run(line(), SECOND)
    assert (again.counts, again.created) == (report.counts, report.created)
    assert again.schedules[0].id != made.id


def test_everything_a_later_run_did_is_taken_back_and_can_be_done_again(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    before = importer.schedule(home.id)
    rows = (line(name="New", note="n"), THIRD)
    report = importer.run(*rows)
    assert report.counts == counts(created=1, updated=1, removed=1)
    undone = undo(importer, report)
    assert undone.counts == UndoCounts(removed=1, restored=1, returned=1)
    after = importer.schedule(home.id)
    assert plan(after) == plan(before)
    (gone,) = (show.id for show in before.live_shows() if show.external_id == "A-2")
    back = importer.shows(home.id)["A-2"]
    assert (back.status, back.restored_from) == ("draft", gone)
    assert (after.versions[-1].kind, after.versions[-1].label) == ("import", "Undo of plan.csv")
    assert not after.has_unversioned_edits
    assert importer.run(line(), SECOND).counts == counts(unchanged=2)
    assert importer.run(*rows).counts == report.counts


def test_what_a_file_took_from_hand_edits_is_kept_again_after_the_undo(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    edit(importer, home.id, "A-1", name="Ours")
    edit(importer, home.id, "A-2", note="ours too")
    report = importer.run(line(name="Theirs"), take="theirs")
    assert report.counts == counts(updated=1, removed=1)
    undo(importer, report)
    assert importer.shows(home.id)["A-1"].name == "Ours"
    again = importer.run(line(name="Theirs"), SECOND | {"note": "theirs"})
    assert [(kept.external_id, kept.kept) for kept in again.kept] == [("A-1", "Ours"), ("A-2", "ours too")]


def test_a_show_that_came_back_goes_again_and_the_cancelled_one_is_named_so(
    importer: Importer,
) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    gone = importer.shows(home.id)["A-2"].id
    importer.run(line())
    report = importer.run(line(), SECOND)
    undo(importer, report)
    assert (importer.shows(home.id)["A-2"].id, importer.shows(home.id)["A-2"].status) == (gone, "cancelled")
    assert importer.run(line(), SECOND).counts == report.counts


def test_undone_twice_or_failed_or_unknown_is_refused(importer: Importer) -> None:
    report = importer.run(line())
    undo(importer, report)
    with pytest.raises(IllegalTransition, match="undone before"):
        undo(importer, report)
    for import_id in ("import_00000000000000000000000000", "schedule_x"):
        with pytest.raises(NotFound):
            undoing.undo(importer.commands, context(), import_id, reach=EVERYWHERE)


def test_what_moved_since_is_named_and_nothing_changes(importer: Importer) -> None:
    report = importer.run(line(), SECOND, THIRD)
    (home,) = report.schedules
    edited = edit(importer, home.id, "A-1", name="Ours", note="n")
    cancelled = importer.shows(home.id)["A-2"].id
    importer.cancel_show(home.id, cancelled)
    assert refused(importer, report) == [f"{edited}.name", f"{edited}.note", f"{cancelled}.status"]
    importer.do(home.id, proposal.propose)
    assert refused(importer, report)[0] == f"{home.id}.status"


def test_shows_removed_since_are_no_hindrance_and_what_was_added_stays(
    importer: Importer,
) -> None:
    report = importer.run(line(), SECOND)
    (home,) = report.schedules
    importer.do(home.id, planning.remove_show, importer.shows(home.id)["A-1"].id)
    importer.run(line(), SECOND)
    undone = undo(importer, report)
    assert undone.counts == UndoCounts(removed=1)
    assert {left.name: left.why for left in undone.left} == {
        **dict.fromkeys(("Acme", "Bangkok", "Room 1", "Mali", "TikTok"), "in_use")
    }
    assert set(importer.shows(home.id)) == {"A-1"}


def test_rows_that_another_import_names_stay(importer: Importer) -> None:
    report = importer.run(line(room="", creators=""))
    importer.run(line(client="Borneo", creators="", platforms=""))
    undone = undo(importer, report)
    assert (undone.counts.rows, [left.name for left in undone.left]) == (2, ["Bangkok"])
    assert undone.left == (LeftRow("studio", undone.left[0].id, "Bangkok", "in_use"),)


def test_an_open_change_is_withdrawn_and_the_same_file_asks_again(importer: Importer) -> None:
    (home,) = importer.run(line()).schedules
    importer.confirm(home.id)
    report = importer.run(line(name="New"))
    undone = undo(importer, report)
    assert undone.counts == UndoCounts(withdrawn=1)
    assert undone.schedules[0].change_id == report.schedules[0].change_id
    assert [change.status for change in importer.schedule(home.id).changes.values()] == ["withdrawn"]
    assert importer.run(line(name="New")).counts == report.counts


def test_a_change_that_was_approved_meanwhile_is_named_and_a_rejected_one_is_no_hindrance(
    importer: Importer,
) -> None:
    (home,) = importer.run(line()).schedules
    importer.confirm(home.id)
    first = importer.run(line(name="New"))
    change_id = cast(str, first.schedules[0].change_id)
    applying.approve(importer.commands, context(), home.id, change_id, check=lambda _schedule, _change: False)
    assert refused(importer, first) == [f"{change_id}.status"]
    second = importer.run(line(name="Newer"))
    importer.do(home.id, changes.reject, cast(str, second.schedules[0].change_id), note="no")
    assert undo(importer, second).counts == UndoCounts()


def test_the_plan_is_the_same_as_before_by_its_versions(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    before = importer.schedule(home.id)
    undo(importer, importer.run(line(start="2026-05-02T19:00", room="Room 2"), SECOND))
    found = differences(before, importer.schedule(home.id))
    assert (found.added, found.removed, found.changed) == ([], [], [])
