"""Shows that moved or were duplicated since they were imported: the file still knows those that moved, and
what was set by hand stays."""

from datetime import date

import pytest

from domain.application import Commands, Unit
from domain.schedule import changes, duplicating, moving, planning
from domain.schedule.planning import NewSchedule, ShowPatch
from domain.schedule.state import Schedule
from tests.importing import Importer, counts, line
from tests.spec import STUDIO, context

KEYS = {"other": "other", "standard": "standard"}
SECOND = line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00")


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def other(importer: Importer, beside: str) -> str:
    """Another schedule of the same client and studio."""
    plan = importer.schedule(beside)
    new = NewSchedule(
        name="Other",
        studio_id=plan.studio_id,
        client_id=plan.client_id,
        start_date=date(2026, 6, 1),
        end_date=date(2026, 6, 30),
    )
    return importer.commands.do(context(), lambda unit: unit.open(planning.open_schedule(new)).id)


def move(importer: Importer, external_id: str, source: str, target: str | None) -> str:
    """A show goes on elsewhere; answers where."""
    show_id = importer.shows(source)[external_id].id

    def work(unit: Unit) -> str:
        ends = unit.schedules([source, *([target] if target else [])])
        plan = ends[source]
        studio = unit.studio(plan.studio_id)
        there: Schedule = ends[target] if target else unit.open([moving.alone(plan, show_id, studio=studio)])
        joined = moving.join(there, plan.shows[show_id], origin=plan, studio=studio)
        unit.append(plan, moving.leave(plan, show_id, there.id))
        unit.append(there, joined)
        return there.id

    return importer.commands.do(context(), work)


def test_a_show_that_moved_is_found_and_changed_where_it_is(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    there = move(importer, "A-1", home.id, other(importer, home.id))
    assert importer.again().counts == counts(unchanged=2)
    assert importer.run(line(name="New"), SECOND).counts == counts(updated=1, unchanged=1)
    assert importer.shows(there)["A-1"].name == "New"


def test_what_was_set_by_hand_stays_wherever_the_show_moved(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    first = other(importer, home.id)
    move(importer, "A-1", home.id, first)
    show_id = importer.shows(first)["A-1"].id
    importer.do(first, planning.edit_show, show_id, ShowPatch(name="Ours"), studio=STUDIO, keys=KEYS)
    for source, target in ((first, home.id), (home.id, first)):
        move(importer, "A-1", source, target)
        report = importer.run(line(name="Theirs", note="set"), SECOND)
        assert [(kept.column, kept.kept, kept.why) for kept in report.kept] == [("name", "Ours", "edited")]
    assert importer.shows(first)["A-1"].note == "set"


def test_a_show_that_moved_is_cancelled_when_it_vanishes_and_one_that_stands_alone_too(
    importer: Importer,
) -> None:
    third = line(external_id="A-3", start="2026-05-04T20:00", end="2026-05-04T21:00")
    (home,) = importer.run(line(), SECOND, third).schedules
    there = other(importer, home.id)
    move(importer, "A-1", home.id, there)
    move(importer, "A-2", home.id, there)
    assert importer.run(SECOND, third).counts == counts(unchanged=2, removed=1)
    assert importer.shows(there)["A-1"].status == "cancelled"
    alone = move(importer, "A-3", home.id, None)
    assert importer.run(SECOND, third | {"note": "set"}).counts == counts(unchanged=1, updated=1)
    assert importer.shows(alone)["A-3"].note == "set"


def test_what_was_rejected_stays_rejected_where_the_show_moved(importer: Importer) -> None:
    (home,) = importer.run(line(), SECOND).schedules
    (elsewhere,) = importer.run(
        line(external_id="J-1", start="2026-06-03T20:00", end="2026-06-03T21:00")
    ).schedules
    importer.confirm(home.id)
    importer.confirm(elsewhere.id)
    importer.run(line(name="New"), SECOND)
    (change,) = importer.schedule(home.id).changes.values()
    importer.do(home.id, changes.reject, change.id, note="no")
    move(importer, "A-1", home.id, elsewhere.id)
    row = line(external_id="J-1", start="2026-06-03T20:00", end="2026-06-03T21:00")
    report = importer.run(line(name="New"), SECOND, row)
    assert report.counts == counts(unchanged=2, skipped=1)
    assert [(kept.column, kept.why) for kept in report.kept] == [("name", "rejected")]


def test_a_duplicate_is_made_by_hand_and_never_vanishes(importer: Importer) -> None:
    (home,) = importer.run(line(), line(external_id="")).schedules
    source = importer.schedule(home.id)

    def work(unit: Unit) -> str:
        asked = duplicating.Duplicate(name="Again", start_date=source.start_date)
        studio = unit.studio(source.studio_id)
        copy = duplicating.duplicate(source, asked, studio=studio, new_id=unit.new_id)
        return unit.append(unit.open([copy.opened]), copy.drafted).id

    again = importer.commands.do(context(), work)
    assert {show.external_id for show in importer.schedule(again).live_shows()} == {None}
    assert importer.run(line(start="2026-05-02T20:30")).counts.removed == 1
    assert {show.status for show in importer.schedule(again).live_shows()} == {"draft"}
    assert importer.again().counts.unchanged == 3
