from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from domain import waiving
from domain.conflicts import Finding, Other, Overlap, Resource
from domain.errors import Invalid, NoSuchConflict, NotFound
from domain.events import ConflictWaived, ShowEdit, ShowsEdited, WaiverWithdrawn
from domain.schedule.state import Schedule
from domain.slots import Slot
from domain.waiving import Asked
from tests.domain.schedule.test_booking import DRAFTED, NOON, PROPOSED
from tests.spec import STUDIO, given, ids

AT_TEN = datetime(2026, 5, 2, 13, 10, tzinfo=UTC)
SHORT = Finding(
    code="turnaround_short",
    severity="block",
    show_id="show_1",
    resource=Resource("room", "room_a", "Studio A"),
    other=Other(show_id="show_2", name="show_2", status="draft", since=NOON),
    overlap=Overlap(NOON, AT_TEN, 70),
    message="too near",
)
GIVEN = ConflictWaived(
    waiver_id=ids()("waiver"),
    show_id="show_1",
    code="turnaround_short",
    reason="so be it",
    start=NOON,
    end=NOON.replace(hour=13),
    room_id="room_a",
    creators=("creator_ada",),
    other="show_2",
    resource_id="room_a",
    overlap_start=NOON,
    overlap_end=AT_TEN,
)


def waive(schedule: Schedule, reason: str) -> list[ConflictWaived]:
    return waiving.waive(schedule.shows["show_1"], SHORT, reason, new_id=ids())


def withdraw(schedule: Schedule, show_id: str = "show_1") -> list[WaiverWithdrawn]:
    return waiving.withdraw(waiving.find_waiver(schedule, show_id, GIVEN.waiver_id))


def edited(**fields: object) -> ShowsEdited:
    return ShowsEdited(
        edits=(ShowEdit(**{"show_id": "show_2", **fields}),),  # type: ignore[arg-type]
        time_zone=STUDIO.time_zone,
        day_start=DRAFTED.day_start,
    )


def test_a_waiver_keeps_what_was_accepted_and_why() -> None:
    given(*PROPOSED).when(waive, " so be it ").then(GIVEN)
    given(*PROPOSED).when(waive, " ").refused(Invalid, "required")


def test_it_tells_the_span_that_was_accepted_as_the_finding_does() -> None:
    for span in (timedelta(minutes=70), timedelta(hours=24), timedelta(seconds=30), timedelta(hours=30)):
        event = replace(GIVEN, overlap_end=NOON + span)
        waiver = given(*PROPOSED, event).schedule.waivers[GIVEN.waiver_id]
        common = Slot(NOON, NOON + span)
        assert waiving.overlap_of(waiver) == Overlap(common.start, common.end, common.minutes)


def test_one_that_is_in_force_is_withdrawn_once() -> None:
    withdrawn = WaiverWithdrawn(waiver_id=GIVEN.waiver_id, show_id="show_1")
    given(*PROPOSED, GIVEN).when(withdraw).then(withdrawn)
    given(*PROPOSED, GIVEN, withdrawn).when(withdraw).then()
    given(*PROPOSED, GIVEN).when(withdraw, "show_2").refused(NotFound)


def test_it_ends_with_an_edit_of_either_show_that_sets_what_it_depends_on() -> None:
    given(*PROPOSED, GIVEN, edited(name="other")).when(withdraw).then(
        WaiverWithdrawn(waiver_id=GIVEN.waiver_id, show_id="show_1")
    )
    moved = given(*PROPOSED, GIVEN, edited(creators=())).schedule.waivers[GIVEN.waiver_id]
    assert (moved.active, moved.ended_because) == (False, "moved")


def test_the_finding_that_is_meant_is_picked_by_code_and_other_side() -> None:
    def pick(_: Schedule, **asked: str) -> list[ConflictWaived]:
        waiving.pick([SHORT, SHORT], Asked(reason="x", **asked))  # type: ignore[arg-type]
        return []

    given(*PROPOSED).when(pick, code="turnaround_short").refused(Invalid, "ambiguous")
    given(*PROPOSED).when(pick, code="room_wanted").refused(NoSuchConflict)
    assert waiving.pick([SHORT], Asked(code="turnaround_short", reason="x", other="show_2")) is SHORT
