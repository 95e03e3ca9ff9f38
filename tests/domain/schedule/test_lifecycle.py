from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import IllegalTransition, Invalid, NeedsChange, NotFound
from domain.events import (
    Booking,
    Hold,
    ScheduleCancelled,
    ScheduleEvent,
    ShowCancelled,
    ShowCompleted,
    ShowsConfirmed,
    ShowStarted,
    VersionNumbered,
)
from domain.schedule import lifecycle, planning
from domain.schedule.planning import SchedulePatch
from tests.domain.schedule.test_planning import DRAFTED, NOON, OPENED
from tests.domain.schedule.test_proposal import PROPOSED
from tests.spec import given

ROOM = Hold("room_a", NOON - timedelta(minutes=10), NOON + timedelta(hours=2, minutes=20))
ADA = Hold("creator_ada", NOON, NOON + timedelta(hours=2))
BOOKED: tuple[ScheduleEvent, ...] = (
    *PROPOSED,
    ShowsConfirmed(bookings=(Booking("show_tea", (ROOM, ADA)),)),
    VersionNumbered(number=2, kind="confirmed", show_count=1),
)
LIVE = (*BOOKED, ShowStarted(show_id="show_tea"))


def test_a_booked_show_goes_live_and_completes_as_booked() -> None:
    given(*BOOKED).when(lifecycle.start, "show_tea").then(ShowStarted(show_id="show_tea"))
    given(*LIVE).when(lifecycle.complete, "show_tea").then(
        ShowCompleted(show_id="show_tea", holds=(ROOM, ADA))
    )


def test_an_earlier_end_cuts_what_is_held_and_keeps_the_turnaround() -> None:
    end = NOON + timedelta(hours=1)
    given(*LIVE).when(lifecycle.complete, "show_tea", actual_end=end).then(
        ShowCompleted(
            show_id="show_tea",
            holds=(
                Hold("room_a", ROOM.start, NOON + timedelta(hours=1, minutes=20)),
                Hold("creator_ada", NOON, end),
            ),
            actual_end=end,
        )
    )


def test_a_later_end_extends_nothing() -> None:
    late = NOON + timedelta(hours=9)
    given(*LIVE).when(lifecycle.complete, "show_tea", actual_start=NOON, actual_end=late).then(
        ShowCompleted(show_id="show_tea", holds=(ROOM, ADA), actual_start=NOON, actual_end=late)
    )


def test_a_show_that_ended_before_it_should_have_begun_holds_nothing_of_its_creators() -> None:
    early = NOON - timedelta(minutes=5)
    given(*LIVE).when(lifecycle.complete, "show_tea", actual_end=early).then(
        ShowCompleted(
            show_id="show_tea",
            holds=(Hold("room_a", ROOM.start, NOON + timedelta(minutes=15)),),
            actual_end=early,
        )
    )


def test_a_show_can_not_end_before_it_began() -> None:
    given(*LIVE).when(lifecycle.complete, "show_tea", actual_start=NOON, actual_end=NOON).refused(
        Invalid, "not_after_start"
    )


def test_an_actual_time_far_off_is_refused() -> None:
    given(*LIVE).when(lifecycle.complete, "show_tea", actual_end=datetime(9999, 12, 31, tzinfo=UTC)).refused(
        Invalid, "range"
    )


@pytest.mark.parametrize(
    ("history", "command", "allowed"),
    [
        ((OPENED, DRAFTED), lifecycle.start, ["cancel", "confirm"]),
        ((OPENED, DRAFTED), lifecycle.complete, ["cancel", "confirm"]),
        (LIVE, lifecycle.start, ["complete", "interrupt"]),
        (BOOKED, lifecycle.complete, ["cancel", "interrupt", "start"]),
    ],
)
def test_a_wrong_transition_names_the_allowed_ones(
    history: tuple[ScheduleEvent, ...], command: object, allowed: list[str]
) -> None:
    given(*history).when(command, "show_tea").refused(IllegalTransition, allowed=allowed)  # type: ignore[arg-type]


def test_cancelling_a_booking_frees_it_and_makes_a_version() -> None:
    cancelled = ShowCancelled(show_id="show_tea", reason_category="ROOM_UNAVAILABLE", note="leak")
    given(*BOOKED).when(
        lifecycle.cancel_show, "show_tea", reason_category="ROOM_UNAVAILABLE", note="leak"
    ).then(cancelled, VersionNumbered(number=3, kind="change", show_count=1, agreed=True))
    show = given(*BOOKED, cancelled).schedule.shows["show_tea"]
    assert (show.status, show.holds, show.reason_category, show.reason_note) == (
        "cancelled",
        (),
        "ROOM_UNAVAILABLE",
        "leak",
    )


def test_cancelling_a_draft_makes_no_version_and_a_frozen_plan_refuses_it() -> None:
    cancelled = ShowCancelled(show_id="show_tea", reason_category="OTHER")
    given(OPENED, DRAFTED).when(lifecycle.cancel_show, "show_tea", reason_category="OTHER").then(cancelled)
    given(*PROPOSED).when(lifecycle.cancel_show, "show_tea", reason_category="OTHER").refused(
        IllegalTransition, status="proposed"
    )
    given(OPENED, DRAFTED, cancelled).when(
        lifecycle.cancel_show, "show_tea", reason_category="OTHER"
    ).refused(IllegalTransition, allowed=[])


def test_cancelling_a_schedule_takes_its_drafts_and_bookings_with_it() -> None:
    given(*BOOKED).when(lifecycle.cancel_schedule, reason=" lost the client ").then(
        ScheduleCancelled(reason="lost the client", show_ids=("show_tea",))
    )
    schedule = given(*BOOKED, ScheduleCancelled(reason="x", show_ids=("show_tea",))).schedule
    assert (schedule.status, schedule.shows["show_tea"].status, schedule.shows["show_tea"].holds) == (
        "cancelled",
        "cancelled",
        (),
    )


def test_a_schedule_with_a_live_show_is_not_cancelled_nor_one_without_a_reason() -> None:
    given(*LIVE).when(lifecycle.cancel_schedule, reason="x").refused(IllegalTransition, status="confirmed")
    given(*BOOKED).when(lifecycle.cancel_schedule, reason=" ").refused(Invalid, "required")


def test_a_cancelled_schedule_is_cancelled_only_once_and_not_edited() -> None:
    gone = given(*BOOKED, ScheduleCancelled(reason="x", show_ids=("show_tea",)))
    gone.when(lifecycle.cancel_schedule, reason="x").refused(IllegalTransition, allowed=["reopen"])
    gone.when(planning.edit_schedule, SchedulePatch(name="x")).refused(IllegalTransition, allowed=["reopen"])


def test_unknown_shows_are_not_found_and_confirmed_plans_point_to_changes() -> None:
    given(*BOOKED).when(lifecycle.start, "show_none").refused(NotFound)
    given(*BOOKED).when(planning.edit_schedule, SchedulePatch(name="x")).refused(NeedsChange)
