from datetime import UTC, datetime, timedelta

from domain.conflicts import Claim, RoomFacts
from domain.errors import IllegalTransition, NotApproved, NotFound
from domain.events import (
    Booking,
    Hold,
    ScheduleProposed,
    ShowCancelled,
    ShowDraft,
    ShowDrafted,
    ShowsConfirmed,
    VersionApproved,
    VersionNumbered,
)
from domain.schedule import booking
from domain.schedule.planning import Studio
from tests.domain.schedule.test_planning import OPENED
from tests.domain.schedule.test_proposal import version
from tests.domain.test_conflicts import claim, facts, subject
from tests.spec import STUDIO, given

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
LENIENT = Studio(STUDIO.id, "UTC", "06:00", client_approval=False)


def show(show_id: str, hour: int) -> ShowDraft:
    start = NOON + timedelta(hours=hour)
    return ShowDraft(
        id=show_id,
        name=show_id,
        start=start,
        end=start + timedelta(hours=1),
        show_type="bau",
        show_standard="standard",
        room_id="room_a",
        creators=("creator_ada",),
    )


DRAFTED = ShowDrafted(
    shows=(show("show_2", 2), show("show_1", 0)), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start
)
PROPOSED = (OPENED, DRAFTED, ScheduleProposed(number=1), version(1))
APPROVED = (*PROPOSED, VersionApproved(number=1))


def test_drafts_are_taken_in_order_of_start() -> None:
    schedule = given(*APPROVED).schedule
    assert [s.id for s in booking.candidates(schedule, None, STUDIO)] == ["show_1", "show_2"]
    assert [s.id for s in booking.candidates(schedule, ["show_2", "show_2"], STUDIO)] == ["show_2"]


def test_a_version_that_waits_for_the_client_is_not_confirmed_unless_the_studio_asks_no_client() -> None:
    given(*PROPOSED).when(booking.candidates, None, STUDIO).refused(NotApproved, current_version=1)
    assert len(booking.candidates(given(*PROPOSED).schedule, None, LENIENT)) == 2


def test_only_proposed_and_confirmed_schedules_confirm() -> None:
    given(OPENED, DRAFTED).when(booking.candidates, None, STUDIO).refused(
        IllegalTransition, allowed=["cancel", "park", "propose"]
    )


def test_booked_shows_are_skipped_and_ended_or_unknown_ones_refused() -> None:
    booked = ShowsConfirmed(bookings=(Booking("show_1", ()),))
    confirmed = given(*APPROVED, booked)
    assert [s.id for s in booking.candidates(confirmed.schedule, ["show_1", "show_2"], STUDIO)] == ["show_2"]
    confirmed.when(booking.candidates, ["show_none"], STUDIO).refused(NotFound)
    cancelled = ShowCancelled(show_id="show_2", reason_category="OTHER")
    given(*APPROVED, booked, cancelled).when(booking.candidates, ["show_2"], STUDIO).refused(
        IllegalTransition, status="cancelled"
    )


def test_a_booking_holds_its_room_with_buffers_and_its_creators() -> None:
    room = RoomFacts("room_a", "Studio A", "studio_1", 10, 20, deleted=False)
    hour = timedelta(hours=1)
    given(*APPROVED).when(booking.confirm, ["show_1"], facts(rooms={"room_a": room})).then(
        ShowsConfirmed(
            bookings=(
                Booking(
                    "show_1",
                    (
                        Hold("room_a", NOON - timedelta(minutes=10), NOON + hour + timedelta(minutes=20)),
                        Hold("creator_ada", NOON, NOON + hour),
                    ),
                ),
            )
        ),
        VersionNumbered(number=2, kind="confirmed", show_count=2),
    )


def test_booking_nothing_is_no_event() -> None:
    given(*APPROVED).when(booking.confirm, [], facts()).then()


def test_a_confirmation_moves_the_schedule_and_the_agreed_version() -> None:
    numbered = VersionNumbered(number=2, kind="confirmed", show_count=2)
    schedule = given(*APPROVED, ShowsConfirmed(bookings=(Booking("show_1", ()),)), numbered).schedule
    assert (schedule.status, schedule.current_version, schedule.approved_version) == ("confirmed", 2, 2)
    assert {s.id: s.status for s in schedule.shows.values()} == {"show_1": "confirmed", "show_2": "draft"}


def test_all_or_nothing_books_nothing_when_one_show_is_blocked() -> None:
    free, blocked = subject("show_1", 0, 60), subject("show_2", 200, 260)
    booked, refused = booking.choose(
        [free, blocked], facts(claim("creator_ada", 230, 240)), best_effort=False
    )
    assert booked == []
    assert [(r.show_id, [c.code for c in r.conflicts]) for r in refused] == [("show_2", ["creator_overlap"])]


def test_best_effort_books_the_first_of_two_and_tells_the_other_who_won() -> None:
    first, second, third = subject("show_1", 0, 60), subject("show_2", 30, 90), subject("show_3", 91, 120)
    booked, refused = booking.choose([first, second, third], facts(), best_effort=True)
    assert booked == ["show_1", "show_3"]
    assert [(r.show_id, {c.code for c in r.conflicts}) for r in refused] == [
        ("show_2", {"room_overlap", "creator_overlap"})
    ]
    others = [c.other for r in refused for c in r.conflicts if c.other]
    assert {(o.show_id, o.status) for o in others} == {("show_1", "confirmed")}


def test_a_refused_show_takes_nothing_from_the_next() -> None:
    taken = claim("room_a", 0, 60)
    first, second = subject("show_1", 0, 60), subject("show_2", 30, 61, room_id=None)
    booked, refused = booking.choose([first, second], facts(taken), best_effort=True)
    assert (booked, [r.show_id for r in refused]) == (["show_2"], ["show_1"])


def test_warnings_refuse_nothing() -> None:
    wish: Claim = claim("room_a", 0, 60, holding=False)
    bare = subject("show_1", 0, 60, platforms=())
    assert booking.choose([bare], facts(wish), best_effort=False) == (["show_1"], [])
