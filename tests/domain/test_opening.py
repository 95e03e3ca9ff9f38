"""When a studio is open: the rule alone, and what it lets in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.application import Commands, Unit
from domain.applying import approve
from domain.errors import HasConflicts, Invalid, OverlappingHours
from domain.opening import Opening, closed, minutes, overlapping, windows
from domain.registry import commanding, deciding, opening
from domain.registry.entities import BY_KIND, NewOpeningException, NewOpeningHours, NewWeek
from domain.registry.replanning import Laid, Week, laid, laid_week
from domain.slots import Slot
from tests.databases import Database
from tests.spec import NOW, context
from tests.world import MAY, World, show

BERLIN = "Europe/Berlin"


def hours(weekday: int, opens: str, closes: str) -> Opening:
    return Opening(weekday=weekday, opens=opens, closes=closes, since=NOW)


def exception(day: date, opens: str | None = None, closes: str | None = None) -> Opening:
    return Opening(day=day, opens=opens, closes=closes, reason="Holiday", since=NOW)


def at(day: int, hour: int = 0, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def told(rows: list[Opening], start: datetime, end: datetime, zone: str = "UTC") -> list[tuple[Any, ...]]:
    return [(each.slot.start, each.slot.end, each.name) for each in closed(rows, zone, Slot(start, end))]


OUTSIDE = "outside opening hours"


def test_a_studio_without_hours_is_open_but_for_its_exceptions() -> None:
    assert told([], at(1), at(8)) == []
    assert told([exception(date(2026, 6, 3))], at(1), at(8)) == [(at(3), at(4), "Holiday")]


def test_what_is_not_open_on_a_weekday_is_closed() -> None:
    monday = [hours(1, "09:00", "12:00"), hours(1, "13:00", "18:00")]
    assert told(monday, at(1, 8), at(1, 19)) == [
        (at(31, month=5), at(1, 9), OUTSIDE),
        (at(1, 12), at(1, 13), OUTSIDE),
        (at(1, 18), at(2), OUTSIDE),
    ]
    assert told(monday, at(1, 9), at(1, 12)) == []


@pytest.mark.parametrize("closes", ["02:00", "26:00"])
def test_a_span_runs_on_past_midnight_into_an_exception(closes: str) -> None:
    rows = [hours(1, "20:00", closes), exception(date(2026, 6, 2))]
    assert told(rows, at(1, 20), at(2, 2)) == []
    assert told(rows, at(2), at(3)) == [(at(2, 2), at(3), "Holiday")]


def test_exceptions_replace_the_hours_of_their_date() -> None:
    rows = [hours(2, "00:00", "24:00"), exception(date(2026, 6, 2), "10:00", "11:00")]
    assert told(rows, at(2), at(3)) == [(at(2), at(2, 10), "Holiday"), (at(2, 11), at(3), "Holiday")]


def test_spans_that_touch_at_midnight_are_one() -> None:
    always = [hours(day, "00:00", "24:00") for day in range(1, 8)]
    assert told(always, at(1), at(29)) == []


def test_hours_are_wall_clock_time_when_clocks_change() -> None:
    sunday = [hours(7, "02:30", "05:00")]
    # In the night of 29 March 02:00 is followed by 03:00: a studio that opens at 02:30 opens at that moment.
    assert told(sunday, at(29, 1, month=3), at(29, 3, month=3), BERLIN) == []
    # In the night of 25 October the clock shows 02:30 twice: it opens at the first and closes at the last.
    assert told(sunday, at(25, 0, 30, month=10), at(25, 4, month=10), BERLIN) == []
    twice = [hours(7, "01:00", "02:30")]
    assert told(twice, at(24, 23, month=10), at(25, 1, 30, month=10), BERLIN) == []


SPANS = st.tuples(st.integers(1, 7), st.integers(0, 23), st.integers(0, 30)).filter(lambda s: s[1] != s[2])


@given(st.lists(SPANS, min_size=1, max_size=8), st.integers(0, 24 * 14), st.integers(1, 24))
def test_each_minute_is_closed_exactly_when_no_span_covers_it(
    spans: list[tuple[int, int, int]], start: int, long: int
) -> None:
    rows = [hours(day, f"{opens:02}:00", f"{closes:02}:00") for day, opens, closes in spans]
    first = at(1) + timedelta(hours=start)
    shut = closed(rows, "UTC", Slot(first, first + timedelta(hours=long)))
    for hour in range(long):
        moment = first + timedelta(hours=hour)
        open_ = any(
            opens <= ((moment - at(1)) // timedelta(minutes=1) - (day - 1) * 1440) % 10080 + week < closes
            for day, opens, closes in (
                (row.weekday or 0, *minutes(row.opens or "", row.closes or "")) for row in rows
            )
            for week in (0, 10080)
        )
        assert open_ != any(each.slot.start <= moment < each.slot.end for each in shut)


@pytest.mark.parametrize(
    ("row", "others", "found"),
    [
        (hours(1, "09:00", "12:00"), [hours(1, "12:00", "18:00"), hours(2, "09:00", "12:00")], None),
        (hours(1, "09:00", "12:01"), [hours(1, "12:00", "18:00")], hours(1, "12:00", "18:00")),
        (hours(1, "09:00", "18:00"), [hours(1, "12:00", "13:00")], hours(1, "12:00", "13:00")),
        (hours(2, "00:00", "06:00"), [hours(1, "20:00", "02:00")], hours(1, "20:00", "02:00")),
        (hours(2, "02:00", "06:00"), [hours(1, "20:00", "26:00")], None),
        (hours(7, "20:00", "26:00"), [hours(1, "01:00", "06:00")], hours(1, "01:00", "06:00")),
        (hours(1, "01:00", "06:00"), [hours(7, "20:00", "02:00")], hours(7, "20:00", "02:00")),
        (hours(1, "09:00", "09:00"), [hours(2, "08:00", "10:00")], hours(2, "08:00", "10:00")),
        (hours(1, "09:00", "12:00"), [exception(date(2026, 6, 1), "09:00", "12:00")], None),
    ],
)
def test_spans_of_weekdays_that_have_a_minute_in_common_overlap(
    row: Opening, others: list[Opening], found: Opening | None
) -> None:
    assert overlapping(row, others) == found


@given(st.lists(SPANS, min_size=2, max_size=2))
def test_overlapping_is_having_an_hour_of_the_week_in_common(spans: list[tuple[int, int, int]]) -> None:
    one, other = (hours(day, f"{opens:02}:00", f"{closes:02}:00") for day, opens, closes in spans)

    def hours_of(row: Opening) -> set[int]:
        first, last = minutes(row.opens or "", row.closes or "")
        return {((row.weekday or 1) - 1) * 24 + hour for hour in range(first // 60, last // 60)}

    common = {hour % 168 for hour in hours_of(one)} & {hour % 168 for hour in hours_of(other)}
    assert (overlapping(one, [other]) is not None) == bool(common)


def test_windows_lie_apart() -> None:
    near, far = Slot(at(1), at(2)), Slot(at(20), at(21))
    assert windows([far, near, near]) == [
        Slot(at(30, month=5), at(4)),
        Slot(at(18), at(23)),
    ]


@pytest.fixture
def world(commands: Commands) -> World:
    return World.make(commands)


def write(world: World, kind: str, **values: Any) -> Laid:
    body = {"hours": NewOpeningHours, "exception": NewOpeningException}[kind](
        studio_id=world.studio, **values
    )

    def work(unit: Unit) -> Laid:
        return laid(unit, BY_KIND[kind], lambda: commanding.create(unit, BY_KIND[kind], body))

    return world.commands.do(context(), work)


def booked(world: World, *hours_: float, room: int = 0) -> str:
    plan = world.open()
    world.draft(plan.id, [show(f"at {hour}", hour, room_id=world.rooms[room]) for hour in hours_])
    world.propose(plan.id)
    world.confirm(plan.id)
    return plan.id


def test_a_show_outside_opening_hours_is_blocked_and_its_buffers_may_lie_outside(world: World) -> None:
    write(world, "hours", weekday=5, opens="09:00", closes="12:00")  # Friday 1 May, 09:00 in Bangkok
    booked(world, 0, 2, room=2)  # lead and turnaround of 15 minutes
    with pytest.raises(HasConflicts) as refused:
        booked(world, 2.5)
    (found,) = refused.value.extra["conflicts"]
    assert (found.code, found.severity, found.overlap.minutes) == ("room_closed", "block", 30)
    assert (found.other.show_id, found.other.closure_id, found.other.name, found.other.status) == (
        None,
        None,
        "outside opening hours",
        "closed",
    )


def test_a_break_shorter_than_the_buffers_still_closes_what_is_on_in_it(world: World) -> None:
    write(world, "hours", weekday=5, opens="09:00", closes="10:00")
    write(world, "hours", weekday=5, opens="10:10", closes="12:00")
    booked(world, 0, room=2)
    with pytest.raises(HasConflicts) as refused:
        booked(world, 1.1, room=2)
    assert "room_closed" in {found.code for found in refused.value.extra["conflicts"]}
    world.update("room", world.rooms[1], lead_minutes=30, turnaround_minutes=30)
    booked(world, 0, 2, room=1)
    with pytest.raises(HasConflicts) as short:
        booked(world, 0.75, room=0)
    assert [found.overlap.minutes for found in short.value.extra["conflicts"]] == [10]


def test_hours_over_bookings_are_refused_or_tell_whom_they_hit(world: World) -> None:
    write(world, "hours", weekday=5, opens="09:00", closes="18:00")
    plan = booked(world, 0, 4)
    closing = {"date": date(2026, 5, 1), "reason": "Labour Day"}
    with pytest.raises(HasConflicts) as refused:
        write(world, "exception", **closing)
    assert [f.other.name for f in refused.value.extra["conflicts"]] == ["at 0", "at 4"]
    done = write(world, "exception", **closing, opens="09:00", closes="12:00", re_plan=True)
    assert [(hit.name, hit.schedule_id, hit.overlap.minutes) for hit in done.hit] == [("at 4", plan, 60)]
    (change,) = world.commands.do(context(), lambda unit: unit.schedule(plan)).changes.values()
    assert (done.changes, done.hit[0].change_id) == ((change.id,), change.id)
    assert (change.status, change.change_type, change.reason) == (
        "proposed",
        "TIME_CHANGE",
        "Opening hours: Labour Day",
    )
    assert [(op.after.start, op.after.end) for op in change.operations if op.after] == [
        (MAY + timedelta(hours=2), MAY + timedelta(hours=3))
    ]
    approve(world.commands, context(), plan, change.id, check=lambda *_: False)
    with pytest.raises(HasConflicts) as late:
        booked(world, 4, room=1)
    assert [f.other.name for f in late.value.extra["conflicts"]] == ["Labour Day"]
    world.delete("exception", done.row.id)
    booked(world, 4, room=1)


def test_hours_that_re_plan_race_with_confirming_and_changing(world: World) -> None:
    """Whoever is booked by then is hit and gets a change, whoever is later meets the hours; nobody waits for
    ever, although commands hold schedules and want the studio while hours hold it and write to schedules."""
    known = booked(world, *(24 * n + 4 for n in range(6)))
    shows = sorted(
        world.commands.do(context(), lambda u: u.schedule(known)).live_shows(), key=lambda s: s.start
    )
    for number, hit in enumerate(shows):
        plan = world.open()
        world.draft(plan.id, [show(hour=24 * number, room_id=world.rooms[1])])
        world.propose(plan.id)
        barrier = Barrier(3)

        def confirm(plan_id: str = plan.id, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                return bool(world.confirm(plan_id).confirmed)
            except HasConflicts:
                return False

        def close_it(number: int = number, barrier: Barrier = barrier) -> Laid:
            barrier.wait()
            return write(world, "exception", date=date(2026, 5, 1 + number), reason="Shut", re_plan=True)

        def cancel(show_id: str = hit.id, barrier: Barrier = barrier) -> None:
            barrier.wait()
            world.cancel_show(known, show_id)

        with ThreadPoolExecutor(3) as threads:
            confirmed, closed_, gone = (threads.submit(each) for each in (confirm, close_it, cancel))
        gone.result()
        told = {each.schedule_id for each in closed_.result().hit}
        assert told - {known} == ({plan.id} if confirmed.result() else set())
        assert len(closed_.result().changes) == len(told)


def test_a_booking_that_comes_while_hours_wait_for_the_studio_is_hit(
    world: World, database: Database
) -> None:
    plan = world.open()
    world.draft(plan.id, [show(hour=4, room_id=world.rooms[0])])
    world.propose(plan.id)
    with psycopg.connect(database.admin_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT FROM read.studios WHERE id = %s FOR SHARE", (world.studio,))
        closing = threads.submit(
            write, world, "exception", date=date(2026, 5, 1), reason="Shut", re_plan=True
        )
        while not other.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount:
            assert not closing.done()
        world.confirm(plan.id)
        other.rollback()
        done = closing.result(timeout=30)
    changes = world.commands.do(context(), lambda unit: unit.schedule(plan.id)).changes
    assert ([hit.schedule_id for hit in done.hit], list(done.changes)) == ([plan.id], list(changes))


def test_hours_cannot_be_taken_away_from_under_a_booking(world: World) -> None:
    friday = write(world, "hours", weekday=5, opens="09:00", closes="18:00").row.id
    write(world, "hours", weekday=1, opens="09:00", closes="18:00")
    booked(world, 0)
    with pytest.raises(HasConflicts):
        world.delete("hours", friday)
    with pytest.raises(HasConflicts):
        world.update("hours", friday, opens="10:00")
    world.update("hours", friday, closes="10:00")


def test_a_booking_and_narrower_hours_never_pass_each_other(world: World) -> None:
    for number in range(8):
        day = 1 + number
        plan = world.open()
        world.draft(plan.id, [show(hour=24 * number, room_id=world.rooms[0])])
        world.propose(plan.id)
        barrier = Barrier(2)

        def confirm(plan_id: str = plan.id, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                return bool(world.confirm(plan_id).confirmed)
            except HasConflicts:
                return False

        def narrow(day: int = day, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                return bool(write(world, "exception", date=date(2026, 5, day), reason="Shut").row)
            except HasConflicts:
                return False

        with ThreadPoolExecutor(2) as threads:
            both = threads.submit(confirm), threads.submit(narrow)
        assert sorted(each.result() for each in both) == [False, True]


def test_hours_of_one_weekday_do_not_overlap(world: World) -> None:
    friday = write(world, "hours", weekday=5, opens="09:00", closes="18:00").row.id
    with pytest.raises(OverlappingHours) as refused:
        write(world, "hours", weekday=5, opens="17:00", closes="20:00", re_plan=True)
    first, second = "Friday 09:00\N{EN DASH}18:00", "Friday 17:00\N{EN DASH}20:00"
    said = f"{second} overlaps {first}: change one of the two so that they only touch."
    assert [(each.path, each.message) for each in refused.value.errors] == [("opens", said)]
    later = write(world, "hours", weekday=5, opens="18:00", closes="26:00").row.id
    with pytest.raises(OverlappingHours) as into:
        write(world, "hours", weekday=6, opens="01:00", closes="10:00")
    assert into.value.extra["hours"][1] == {"weekday": 5, "opens": "18:00", "closes": "26:00"}
    with pytest.raises(OverlappingHours) as longer:
        world.update("hours", friday, closes="19:00")
    assert [each.path for each in longer.value.errors] == ["closes"]
    world.update("hours", friday, opens="08:00")
    world.delete("hours", later)
    world.update("hours", friday, closes="19:00")
    with pytest.raises(OverlappingHours):
        world.restore("hours", later)


def test_hours_that_overlapped_before_it_was_a_rule_load_and_are_mended(world: World) -> None:
    friday = write(world, "hours", weekday=5, opens="09:00", closes="18:00").row
    entity = BY_KIND["hours"]
    stored = entity.body(studio_id=world.studio, weekday=5, opens="12:00", closes="20:00")  # pyright: ignore[reportCallIssue]

    def store(unit: Unit) -> str:
        return unit.append_row(None, unit.new_id("hours"), deciding.create(entity, stored)).id

    old = world.commands.do(context(), store)
    booked(world, 9)  # 18:00 in Bangkok
    with pytest.raises(OverlappingHours):
        world.update("hours", old, opens="13:00")
    world.update("hours", old, opens="18:00")
    assert friday.version == 1


def test_a_preview_tells_who_would_be_outside_and_writes_nothing(world: World) -> None:
    plan = world.open()
    world.draft(plan.id, [show("drafted late", 8, room_id=world.rooms[1]), show("drafted", 1)])
    booked(world, 0, 4)
    body = NewOpeningHours(studio_id=world.studio, weekday=5, opens="09:00", closes="12:00", re_plan=True)
    found = world.commands.do(
        replace(context(), dry_run=True),
        lambda unit: opening.preview(unit, lambda: [commanding.create(unit, BY_KIND["hours"], body)]),
    )
    assert [hit.name for hit, _ in found.booked] == ["at 4"]
    assert [hit.name for hit, _ in found.drafted] == ["drafted late"]
    assert world.commands.do(context(), lambda u: u.references.hours(u.connection, world.studio)[1]) == {}


def test_a_preview_of_deleting_tells_who_would_be_outside(world: World) -> None:
    friday = write(world, "hours", weekday=5, opens="09:00", closes="18:00").row.id
    write(world, "hours", weekday=1, opens="09:00", closes="18:00")
    booked(world, 4)
    found = world.commands.do(
        replace(context(), dry_run=True),
        lambda unit: opening.preview(unit, lambda: [opening.without(unit, BY_KIND["hours"], friday)]),
    )
    assert [hit.name for hit, _ in found.booked] == ["at 4"]
    assert friday in world.commands.do(context(), lambda u: u.references.hours(u.connection, world.studio)[1])


def write_week(world: World, *weekdays: int, **values: Any) -> Week:
    week = NewWeek(studio_id=world.studio, weekdays=weekdays, **values)
    return world.commands.do(
        context(), lambda unit: laid_week(unit, lambda: commanding.create_week(unit, week))
    )


def hours_now(world: World) -> list[int]:
    """The weekdays that the studio has hours for."""
    rows = world.commands.do(context(), lambda u: u.references.hours(u.connection, world.studio)[1])
    return sorted(row.weekday or 0 for row in rows.values())


def test_a_studio_in_use_gets_the_hours_of_its_week_at_once(world: World) -> None:
    booked(world, *(24 * day for day in range(7)))
    with pytest.raises(HasConflicts):
        write(world, "hours", weekday=1, opens="09:00", closes="12:00")
    done = write_week(world, *range(1, 8), opens="09:00", closes="12:00")
    assert [(row.values["weekday"], row.version) for row in done.rows] == [(day, 1) for day in range(1, 8)]
    assert hours_now(world) == [*range(1, 8)]


def test_hours_of_a_week_are_written_for_all_of_its_weekdays_or_none(world: World) -> None:
    booked(world, 0, 24)  # Friday and Saturday
    with pytest.raises(HasConflicts) as refused:
        write_week(world, 1, 2, 5, opens="09:00", closes="12:00")
    assert [found.other.name for found in refused.value.extra["conflicts"]] == ["at 24"]
    write_week(world, 5, 6, opens="09:00", closes="12:00")
    with pytest.raises(OverlappingHours):
        write_week(world, 4, 5, opens="11:00", closes="13:00")
    with pytest.raises(OverlappingHours) as each_other:
        write_week(world, 2, 3, opens="00:00", closes="24:01")
    assert [each["weekday"] for each in each_other.value.extra["hours"]] == [2, 3]
    with pytest.raises(Invalid) as twice:
        write_week(world, 7, 7, opens="09:00", closes="12:00")
    assert [(each.path, each.code) for each in twice.value.errors] == [("weekdays[1]", "repeated_weekday")]
    assert hours_now(world) == [5, 6]


def test_hours_of_a_week_that_re_plan_open_one_change_a_schedule(world: World) -> None:
    plan = booked(world, 0, 4, 28)
    done = write_week(world, 5, 6, opens="09:00", closes="12:00", re_plan=True)
    assert [hit.name for hit in done.hit] == ["at 4", "at 28"]
    (change,) = world.commands.do(context(), lambda unit: unit.schedule(plan)).changes.values()
    assert (done.changes, len(change.operations)) == ((change.id,), 2)
