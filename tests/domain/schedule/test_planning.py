from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from domain.errors import IllegalTransition, Invalid, NeedsChange, NotFound
from domain.events import (
    PlatformLink,
    ScheduleEdited,
    ScheduleOpened,
    ScheduleProposed,
    ShowCancelled,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsConfirmed,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
)
from domain.schedule import planning
from domain.schedule.planning import NewSchedule, NewShow, Platform, SchedulePatch, ShowPatch
from tests.spec import STUDIO, given, ids

KEYS = {"other": "other", "standard": "standard", "bau": "bau", "shtype_bau": "bau"}
OPENED = ScheduleOpened(
    name="Acme May",
    studio_id=STUDIO.id,
    client_id="client_acme",
    start_date=date(2026, 5, 1),
    end_date=date(2026, 5, 31),
)
NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
TEA = ShowDraft(
    id="show_tea",
    name="Tea",
    start=NOON,
    end=NOON + timedelta(hours=2),
    show_type="bau",
    show_standard="standard",
)
DRAFTED = ShowDrafted(shows=(TEA,), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start)


def edited(**fields: Any) -> ShowsEdited:
    edit = ShowEdit(show_id="show_tea", **fields)
    return ShowsEdited(edits=(edit,), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start)


def edit(history: given, show_id: str = "show_tea", **patch: Any) -> Any:
    return history.when(planning.edit_show, show_id, ShowPatch(**patch), studio=STUDIO, keys=KEYS)


def new(**fields: Any) -> NewShow:
    return NewShow(**{"name": "Tea", "start": NOON, "end": NOON + timedelta(hours=2)} | fields)


def draft(history: given, *shows: NewShow) -> Any:
    return history.when(planning.draft_shows, shows, studio=STUDIO, keys=KEYS, new_id=ids())


def test_a_schedule_opens_with_its_name_trimmed() -> None:
    fields = {"studio_id": STUDIO.id, "client_id": "client_acme"}
    period = {"start_date": date(2026, 5, 1), "end_date": date(2026, 5, 31)}
    assert planning.open_schedule(NewSchedule(name=" Acme May ", **fields, **period)) == [OPENED]


def test_a_period_must_not_end_before_it_starts() -> None:
    backwards = NewSchedule(
        name="x", studio_id=STUDIO.id, start_date=date(2026, 5, 2), end_date=date(2026, 5, 1)
    )
    with pytest.raises(Invalid) as refused:
        planning.open_schedule(backwards)
    assert [(e.path, e.code) for e in refused.value.errors] == [("end_date", "before_start")]


def test_shows_are_drafted_in_one_event_in_utc_with_keys_and_each_creator_once() -> None:
    bangkok = timezone(timedelta(hours=7))
    show = new(
        start=datetime(2026, 5, 2, 19, tzinfo=bangkok),
        end=datetime(2026, 5, 2, 21, tzinfo=bangkok),
        show_type="shtype_bau",
        creators=("creator_a", "creator_b", "creator_a"),
        platforms=(Platform("platform_t"), Platform("platform_t", link="https://t.example")),
    )
    new_id = ids()
    expected = ShowDrafted(
        shows=(
            ShowDraft(
                id=new_id("show"),
                name="Tea",
                start=NOON,
                end=NOON + timedelta(hours=2),
                show_type="bau",
                show_standard="standard",
                creators=("creator_a", "creator_b"),
                platforms=(PlatformLink("platform_t", link="https://t.example"),),
            ),
        ),
        time_zone="Asia/Bangkok",
        day_start="06:00",
    )
    draft(given(OPENED), show).then(expected)


def test_every_wrong_span_is_named_by_its_row() -> None:
    shows = [new(), new(end=NOON), new(end=NOON + timedelta(hours=24)), new(end=NOON + timedelta(hours=25))]
    with pytest.raises(Invalid) as refused:
        draft(given(OPENED), *shows).decide()
    assert [(e.path, e.code) for e in refused.value.errors] == [
        ("shows[1].end", "not_after_start"),
        ("shows[3].end", "too_long"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "  "},
        {"name": ""},
        {"start": "2026-05-02T12:00:00"},
        {"surprise": 1},
        {"external_id": ""},
        {"creators": ["x"] * 101},
    ],
)
def test_a_show_with_a_wrong_field_is_not_decoded(body: dict[str, Any]) -> None:
    whole = {"name": "Tea", "start": "2026-05-02T12:00:00Z", "end": "2026-05-02T14:00:00Z"} | body
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(whole, NewShow)


def test_an_edit_records_only_what_differs() -> None:
    edit(given(OPENED, DRAFTED), name="Tea", room_id="room_a", note="").then(edited(room_id="room_a"))


def test_an_edit_that_changes_nothing_is_no_event() -> None:
    edit(
        given(OPENED, DRAFTED), name=" Tea ", show_type="shtype_bau", start=NOON, creators=(), platforms=()
    ).then()


def test_an_edit_must_leave_a_sound_span() -> None:
    edit(given(OPENED, DRAFTED), end=NOON).refused(Invalid, "not_after_start")
    edit(given(OPENED, DRAFTED), start=NOON + timedelta(hours=3)).refused(Invalid, "not_after_start")


def test_a_time_too_far_off_to_tell_its_day_is_refused() -> None:
    far = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    draft(given(OPENED), new(start=far)).refused(Invalid, "range")
    edit(given(OPENED, DRAFTED), end=datetime.max.replace(tzinfo=UTC)).refused(Invalid, "range")


def test_an_unknown_show_is_not_found() -> None:
    edit(given(OPENED, DRAFTED), "show_none", name="x").refused(NotFound)
    given(OPENED, DRAFTED).when(planning.remove_show, "show_none").refused(NotFound)
    given(OPENED, DRAFTED).when(planning.restore_show, "show_none").refused(NotFound)


def test_a_proposed_schedule_is_frozen() -> None:
    frozen = given(OPENED, DRAFTED, ScheduleProposed(number=1))
    edit(frozen, name="x").refused(IllegalTransition, status="proposed", allowed=["reject", "withdraw"])
    draft(frozen, new()).refused(IllegalTransition)
    frozen.when(planning.remove_show, "show_tea").refused(IllegalTransition)
    frozen.when(planning.edit_schedule, SchedulePatch(name="x")).refused(IllegalTransition)


def test_a_confirmed_schedule_is_changed_by_changes_only() -> None:
    confirmed = given(OPENED, DRAFTED, ScheduleProposed(number=1), ShowsConfirmed(bookings=()))
    edit(confirmed, name="x").refused(NeedsChange)
    draft(confirmed, new()).refused(NeedsChange)


def test_a_cancelled_show_is_not_edited() -> None:
    history = given(OPENED, DRAFTED, ShowCancelled(show_id="show_tea", reason_category="OTHER"))
    edit(history, name="x").refused(IllegalTransition, status="cancelled")


def test_a_draft_is_removed_once_and_comes_back_once() -> None:
    gone = ShowsRemoved(show_ids=("show_tea",))
    back = ShowsRestored(show_ids=("show_tea",))
    given(OPENED, DRAFTED).when(planning.remove_show, "show_tea").then(gone)
    given(OPENED, DRAFTED, gone).when(planning.remove_show, "show_tea").then()
    given(OPENED, DRAFTED, gone).when(planning.restore_show, "show_tea").then(back)
    given(OPENED, DRAFTED, gone, back).when(planning.restore_show, "show_tea").then()
    edit(given(OPENED, DRAFTED, gone), name="x").refused(NotFound)


def test_the_schedule_itself_is_edited_where_it_differs() -> None:
    patch = SchedulePatch(name="Acme May", note="draft two", end_date=date(2026, 6, 1))
    given(OPENED).when(planning.edit_schedule, patch).then(
        ScheduleEdited(note="draft two", end_date=date(2026, 6, 1))
    )
    given(OPENED).when(planning.edit_schedule, SchedulePatch(name="Acme May")).then()
    given(OPENED).when(planning.edit_schedule, SchedulePatch(end_date=date(2026, 4, 1))).refused(
        Invalid, "before_start"
    )
