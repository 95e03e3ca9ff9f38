from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.errors import DomainError, IllegalTransition, Invalid, NotFound
from domain.events import (
    MovedShow,
    ScheduleDeleted,
    ScheduleEvent,
    ShowCancelled,
    ShowsJoined,
    ShowsLeft,
    ShowsRemoved,
    ShowStarted,
    VersionNumbered,
)
from domain.schedule import moving
from tests.domain.schedule.test_lifecycle import ADA, BOOKED, ROOM
from tests.domain.schedule.test_planning import DRAFTED, NOON, OPENED, TEA
from tests.domain.schedule.test_proposal import PROPOSED
from tests.spec import ACTOR, NOW, STREAM, STUDIO, given

SINGLE = replace(OPENED, name="Tea", start_date=date(2026, 5, 2), end_date=date(2026, 5, 2), kind="single")
OTHER_SHOW = replace(DRAFTED, shows=(replace(TEA, id="show_other", start=NOON - timedelta(hours=3)),))
BOOKED_TEA = MovedShow(
    show=TEA, status="confirmed", version=2, created_at=NOW, created_by=ACTOR.id, holds=(ROOM, ADA)
)
CONFIRMED_ELSEWHERE = (*BOOKED, ShowsLeft(show_ids=("show_tea",), to="schedule_b"))


def test_a_draft_leaves_one_draft_and_joins_another_and_both_are_numbered() -> None:
    source, target = given(OPENED, DRAFTED).schedule, given(OPENED, OTHER_SHOW).schedule
    moving.check_move(source, target, "show_tea")
    assert moving.leave(source, "show_tea", "schedule_b") == [
        ShowsLeft(show_ids=("show_tea",), to="schedule_b"),
        VersionNumbered(number=1, kind="change", show_count=0),
    ]
    drafted = MovedShow(show=TEA, status="draft", version=1, created_at=NOW, created_by=ACTOR.id)
    assert moving.join(target, source.shows["show_tea"], origin=source, studio=STUDIO) == [
        ShowsJoined(shows=(drafted,), origin=STREAM, time_zone=STUDIO.time_zone, day_start=STUDIO.day_start),
        VersionNumbered(number=1, kind="change", show_count=2),
    ]


def test_a_booking_takes_what_it_holds_and_its_version_along_and_moves_what_is_agreed() -> None:
    source, target = given(*BOOKED).schedule, given(*CONFIRMED_ELSEWHERE).schedule
    moving.check_move(source, target, "show_tea")
    joined = moving.join(target, source.shows["show_tea"], origin=source, studio=STUDIO)
    assert joined == [
        ShowsJoined(
            shows=(BOOKED_TEA,), origin=STREAM, time_zone=STUDIO.time_zone, day_start=STUDIO.day_start
        ),
        VersionNumbered(number=3, kind="change", show_count=1, agreed=True),
    ]
    after = given(*CONFIRMED_ELSEWHERE, *joined).schedule
    assert after.shows["show_tea"] == replace(source.shows["show_tea"], version=3)
    assert (after.status, after.approved_version, after.has_unversioned_edits) == ("confirmed", 3, False)


def test_a_booking_stands_alone_in_a_confirmed_schedule_of_its_own() -> None:
    source = given(*BOOKED).schedule
    opened = moving.alone(source, "show_tea", studio=STUDIO)
    assert opened == SINGLE
    joined = moving.join(given(opened).schedule, source.shows["show_tea"], origin=source, studio=STUDIO)
    own = given(opened, *joined).schedule
    assert (own.kind, own.status, own.approved_version, own.booked_once) == ("single", "confirmed", 1, True)


def test_the_schedule_of_a_standalone_show_ends_when_the_show_leaves_it() -> None:
    assert moving.leave(given(SINGLE, DRAFTED).schedule, "show_tea", "schedule_b") == [
        ShowsLeft(show_ids=("show_tea",), to="schedule_b"),
        VersionNumbered(number=1, kind="change", show_count=0),
        ScheduleDeleted(show_ids=()),
    ]


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ((OPENED, DRAFTED), BOOKED, IllegalTransition),
        (BOOKED, (OPENED,), IllegalTransition),
        (PROPOSED, PROPOSED, IllegalTransition),
        ((*BOOKED, ShowStarted(show_id="show_tea")), CONFIRMED_ELSEWHERE, IllegalTransition),
        (
            (OPENED, DRAFTED, ShowCancelled(show_id="show_tea", reason_category="OTHER")),
            (OPENED,),
            IllegalTransition,
        ),
        ((OPENED, DRAFTED, ShowsRemoved(show_ids=("show_tea",))), (OPENED,), NotFound),
        ((OPENED, DRAFTED), (SINGLE,), Invalid),
        ((OPENED, DRAFTED), (replace(OPENED, client_id=None),), Invalid),
        ((OPENED, DRAFTED), (replace(OPENED, studio_id="studio_b"),), Invalid),
    ],
)
def test_other_moves_are_refused(
    source: tuple[ScheduleEvent, ...], target: tuple[ScheduleEvent, ...], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        moving.check_move(given(*source).schedule, given(*target).schedule, "show_tea")


@pytest.mark.parametrize("history", [PROPOSED, (*BOOKED, OTHER_SHOW)])
def test_what_is_neither_a_draft_in_a_draft_nor_booked_can_not_stand_alone(
    history: tuple[ScheduleEvent, ...],
) -> None:
    show_id = "show_other" if OTHER_SHOW in history else "show_tea"
    with pytest.raises(IllegalTransition):
        moving.alone(given(*history).schedule, show_id, studio=STUDIO)
