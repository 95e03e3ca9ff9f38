"""Whether a plan differs from its newest version: by what a planner sets, not by what was done to it."""

from hypothesis import given as each
from msgspec.structs import replace

from domain.events import (
    Booking,
    Recorded,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEdited,
    ScheduleEvent,
    ScheduleReopened,
    ScheduleRestored,
    ShowCancelled,
    ShowInterrupted,
    ShowResolved,
    ShowsConfirmed,
    ShowsRemoved,
    ShowsRestored,
)
from domain.schedule import unversioned, versions
from domain.schedule.state import Schedule, evolve, told
from tests.domain.schedule.test_planning import DRAFTED, OPENED, edited
from tests.domain.schedule.test_proposal import version
from tests.domain.schedule.test_versions import ADDED, EDITS, event_of
from tests.spec import given, recorded

NUMBERED = (OPENED, DRAFTED, version(1, "checkpoint"))
TEA_REMOVED, TEA_BACK = ShowsRemoved(show_ids=("show_tea",)), ShowsRestored(show_ids=("show_tea",))
TEA_CANCELLED = ShowCancelled(show_id="show_tea", reason_category="OTHER")


def after(*history: ScheduleEvent) -> Schedule:
    """The schedule after a command each, every event told as the application tells it."""
    schedule, stored = told_all(history)
    assert schedule == folded(stored)
    return schedule


def told_all(history: tuple[ScheduleEvent, ...] | list[ScheduleEvent]) -> tuple[Schedule, list[Recorded]]:
    first, *rest = recorded(history)
    schedule = evolve(None, first)
    return schedule, [first, *(told(schedule, later) for later in rest)]


def folded(stored: list[Recorded]) -> Schedule:
    schedule = evolve(None, stored[0])
    for later in stored[1:]:
        evolve(schedule, later)
    return schedule


def differs(*history: ScheduleEvent) -> bool:
    return after(*history).has_unversioned_edits


def test_before_its_first_version_a_plan_differs_from_what_was_opened() -> None:
    assert not differs(OPENED)
    assert differs(OPENED, ScheduleEdited(note="n"))
    assert not differs(OPENED, ScheduleEdited(note="n"), ScheduleEdited(note=OPENED.note))
    assert differs(OPENED, DRAFTED)
    assert differs(OPENED, DRAFTED, TEA_CANCELLED)
    assert not differs(OPENED, DRAFTED, TEA_REMOVED)


def test_what_is_edited_and_edited_back_does_not_differ() -> None:
    assert not differs(*NUMBERED)
    assert differs(*NUMBERED, edited(name="High tea"))
    assert not differs(*NUMBERED, edited(name="High tea"), edited(name="Tea"))
    assert differs(*NUMBERED, edited(name="High tea"), edited(name="Tea", room_id="room_a"))


def test_a_show_added_and_removed_or_removed_and_restored_does_not_differ() -> None:
    gone = ShowsRemoved(show_ids=("show_two",))
    assert differs(*NUMBERED, ADDED)
    assert not differs(*NUMBERED, ADDED, gone)
    assert differs(*NUMBERED, ADDED, gone, ShowsRestored(show_ids=("show_two",)))
    assert differs(*NUMBERED, TEA_REMOVED)
    assert not differs(*NUMBERED, TEA_REMOVED, TEA_BACK)
    assert differs(*NUMBERED, edited(name="High tea"), TEA_REMOVED, TEA_BACK)


def test_a_show_that_came_back_after_a_version_without_it_differs() -> None:
    without = (*NUMBERED, TEA_REMOVED, version(2, "checkpoint"))
    assert not differs(*without)
    assert differs(*without, TEA_BACK)
    assert not differs(*without, TEA_BACK, TEA_REMOVED)


def test_the_schedules_own_header_counts() -> None:
    renamed = ScheduleEdited(name="June")
    assert differs(*NUMBERED, renamed)
    assert not differs(*NUMBERED, renamed, ScheduleEdited(name=OPENED.name))
    assert not differs(*NUMBERED, renamed, version(2, "checkpoint"))


def test_a_status_is_no_plan() -> None:
    booked = (*NUMBERED, ShowsConfirmed(bookings=(Booking("show_tea", ()),)), version(2, "confirmed"))
    broken = ShowInterrupted(show_id="show_tea", reason_category="OTHER")
    assert not differs(*booked, broken, ShowResolved(show_id="show_tea", outcome="cancelled"))
    off = ScheduleCancelled(reason="off", show_ids=("show_tea",))
    assert not differs(*NUMBERED, off)
    assert differs(*NUMBERED, edited(name="High tea"), off, ScheduleReopened(show_ids=("show_tea",)))
    assert not differs(
        *NUMBERED, off, ScheduleReopened(show_ids=("show_tea",)), edited(name="X"), edited(name="Tea")
    )


def test_a_draft_that_a_planner_cancelled_is_out_of_the_plan() -> None:
    assert differs(*NUMBERED, TEA_CANCELLED)
    assert not differs(*NUMBERED, TEA_CANCELLED, version(2, "checkpoint"))
    assert differs(*NUMBERED, ADDED, replace(TEA_CANCELLED, show_id="show_two"))


def test_a_deleted_plan_comes_back_as_it_was() -> None:
    gone = (ScheduleDeleted(show_ids=("show_tea",)), ScheduleRestored(show_ids=("show_tea",)))
    assert not differs(*NUMBERED, *gone)
    assert differs(*NUMBERED, edited(name="High tea"), *gone)
    assert not differs(*NUMBERED, edited(name="High tea"), *gone, edited(name="Tea"))


def test_a_plan_back_at_its_version_needs_no_other() -> None:
    back = after(*NUMBERED, edited(name="High tea"), edited(name="Tea"))
    assert versions.checkpoint(back, label="again") == []


def test_events_that_do_not_say_are_edits() -> None:
    """As they were before they said."""
    assert given(*NUMBERED, edited(name="High tea"), edited(name="Tea")).schedule.has_unversioned_edits
    assert not given(*NUMBERED, TEA_CANCELLED).schedule.has_unversioned_edits


@each(EDITS)
def test_a_plan_differs_where_a_difference_to_its_version_is_found(steps: list[tuple[str, int, int]]) -> None:
    history: list[ScheduleEvent] = [OPENED, version(1, "checkpoint")]
    for step in steps:
        if event := event_of(history, step):
            history.append(event)
    schedule, stored = told_all(history)
    then = versions.as_of(stored, schedule.current_version or 0)
    found = versions.differences(then, schedule)
    headers = [unversioned.header(plan) for plan in (then, schedule)]
    differ = bool(found.added or found.removed or found.changed) or headers[0] != headers[1]
    assert schedule.has_unversioned_edits == differ
    assert folded(stored) == schedule
