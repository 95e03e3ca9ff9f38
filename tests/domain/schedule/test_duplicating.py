from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.events import (
    PlatformLink,
    ScheduleEvent,
    ScheduleOpened,
    ShowCancelled,
    ShowDraft,
    ShowDrafted,
    ShowsRemoved,
)
from domain.schedule import duplicating
from domain.schedule.duplicating import Duplicate, Duplicated
from domain.schedule.planning import Studio
from domain.slots import operational_day
from tests.domain.schedule.test_planning import DRAFTED, OPENED, TEA
from tests.spec import STREAM, STUDIO, given, ids

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Bangkok")


def local(zone: str, *when: int, fold: int = 0) -> datetime:
    """A local time of a zone as an instant in UTC."""
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[misc,arg-type]


def copied(*history: ScheduleEvent, studio: Studio = STUDIO, **wanted: Any) -> Duplicated:
    """What a duplicate of that plan decides."""
    given_or_not: dict[str, Any] = {"name": "Copy", "start_date": date(2026, 6, 1)} | wanted
    body = Duplicate(**given_or_not)
    return duplicating.duplicate(given(*history).schedule, body, studio=studio, new_id=ids())


def plan(zone: str, start: date, end: date, *spans: tuple[datetime, datetime]) -> list[ScheduleEvent]:
    """A plan of a studio in that zone, with a show for each span."""
    opened = ScheduleOpened(
        name="Plan", studio_id=STUDIO.id, client_id="client_acme", start_date=start, end_date=end
    )
    shows = tuple(
        ShowDraft(
            id=f"show_{n}",
            name=f"Show {n}",
            start=begin,
            end=finish,
            show_type="bau",
            show_standard="standard",
        )
        for n, (begin, finish) in enumerate(spans)
    )
    return [opened, ShowDrafted(shows=shows, time_zone=zone, day_start="06:00")]


def spans(done: Duplicated, zone: str) -> list[tuple[str, str]]:
    """When the copies are by the local clock."""
    return [
        tuple(f"{each.astimezone(ZoneInfo(zone)):%m-%d %H:%M%z}" for each in (show.start, show.end))  # type: ignore[misc]
        for event in done.drafted
        for show in event.shows
    ]


def studio_in(zone: str) -> Studio:
    return Studio(STUDIO.id, zone, "06:00", client_approval=True)


def test_a_copy_has_the_shows_but_nobodys_ids_and_says_where_it_came_from() -> None:
    whole = ShowDraft(
        id="show_whole",
        name="Whole",
        start=TEA.start,
        end=TEA.end,
        show_type="campaign",
        show_standard="premium",
        room_id="room_a",
        creators=("creator_ada",),
        platforms=(PlatformLink("platform_a", "https://x.test", "777"),),
        external_id="SH-1",
        note="lights",
        metadata={"a": 1},
    )
    also = ShowDrafted(shows=(whole,), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start)
    done = copied(OPENED, DRAFTED, also, name=" Acme June ")
    new = ids()
    assert done == Duplicated(
        ScheduleOpened(
            name="Acme June",
            studio_id=STUDIO.id,
            client_id="client_acme",
            start_date=date(2026, 6, 1),
            end_date=date(2026, 6, 30),
            duplicated_from=STREAM,
        ),
        (
            ShowDrafted(
                shows=(
                    ShowDraft(
                        id=new("show"),
                        name="Tea",
                        start=TEA.start + timedelta(days=31),
                        end=TEA.end + timedelta(days=31),
                        show_type="bau",
                        show_standard="standard",
                    ),
                    ShowDraft(
                        id=new("show"),
                        name="Whole",
                        start=TEA.start + timedelta(days=31),
                        end=TEA.end + timedelta(days=31),
                        show_type="campaign",
                        show_standard="premium",
                        room_id="room_a",
                        creators=("creator_ada",),
                        platforms=(PlatformLink("platform_a", "https://x.test"),),
                        note="lights",
                        metadata={"a": 1},
                    ),
                ),
                time_zone=STUDIO.time_zone,
                day_start=STUDIO.day_start,
            ),
        ),
        0,
    )


@pytest.mark.parametrize(
    "gone",
    [
        ShowCancelled(show_id="show_tea", reason_category="OTHER"),
        ShowsRemoved(show_ids=("show_tea",)),
    ],
)
def test_cancelled_and_removed_shows_stay_behind(gone: ScheduleEvent) -> None:
    done = copied(OPENED, DRAFTED, gone)
    assert (done.drafted, done.left_out) == ((), 0)


def test_without_shows_only_the_frame_is_copied() -> None:
    assert copied(OPENED, DRAFTED, with_shows=False).drafted == ()


@pytest.mark.parametrize(
    ("start", "end", "new", "new_end"),
    [
        (date(2026, 5, 1), date(2026, 5, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 11, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 28)),
        (date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 2), date(2026, 7, 2)),
        (date(2026, 5, 4), date(2026, 5, 10), date(2026, 6, 1), date(2026, 6, 7)),
    ],
)
def test_without_an_end_months_stay_months_and_other_periods_as_long_as_they_were(
    start: date, end: date, new: date, new_end: date
) -> None:
    assert copied(*plan("UTC", start, end), start_date=new).opened.end_date == new_end


def test_weeks_keep_the_weekday_and_round_down() -> None:
    zone = "Asia/Bangkok"
    friday = (local(zone, 2026, 5, 1, 20), local(zone, 2026, 5, 1, 22))
    history = plan(zone, date(2026, 5, 1), date(2026, 5, 31), friday)
    later = copied(*history, shift="weeks", start_date=date(2026, 6, 1))
    earlier = copied(*history, shift="weeks", start_date=date(2026, 4, 30))
    assert spans(later, zone) == [("05-29 20:00+0700", "05-29 22:00+0700")]
    assert spans(earlier, zone) == [("04-24 20:00+0700", "04-24 22:00+0700")]


def test_same_weekdays_keep_the_nth_and_leave_out_what_has_no_place() -> None:
    zone = "Asia/Bangkok"
    days = [(5, 1), (5, 2), (5, 18), (5, 29)]  # 1st Friday, 1st Saturday, 3rd Monday, 5th Friday
    each = [(local(zone, 2026, m, d, 20), local(zone, 2026, m, d, 22)) for m, d in days]
    # After midnight, but still the studio's fifth Saturday: 30 May.
    night = (local(zone, 2026, 5, 31, 2), local(zone, 2026, 5, 31, 4))
    history = plan(zone, date(2026, 5, 1), date(2026, 5, 31), *each, night)
    june = copied(*history, shift="same_weekdays", start_date=date(2026, 6, 1))
    assert spans(june, zone) == [
        ("06-05 20:00+0700", "06-05 22:00+0700"),
        ("06-06 20:00+0700", "06-06 22:00+0700"),
        ("06-15 20:00+0700", "06-15 22:00+0700"),
    ]
    assert june.left_out == 2
    short = copied(*history, shift="same_weekdays", start_date=date(2026, 6, 6), end_date=date(2026, 6, 14))
    assert (spans(short, zone), short.left_out) == ([("06-06 20:00+0700", "06-06 22:00+0700")], 4)
    january = copied(*history, shift="same_weekdays", start_date=date(2027, 1, 1))
    assert [start for start, _ in spans(january, zone)][-2:] == ["01-29 20:00+0700", "01-31 02:00+0700"]


@pytest.mark.parametrize(
    ("zone", "from_day", "to_day", "span", "expected"),
    [
        # Clocks go forward 2 to 3 on 29 March: 02:30 does not exist.
        ("Europe/Berlin", (2026, 3, 22), (2026, 3, 29), ((2, 30), (4, 0)), ("03:30+0200", "04:00+0200")),
        ("Europe/Berlin", (2026, 3, 22), (2026, 3, 29), ((1, 0), (4, 0)), ("01:00+0100", "04:00+0200")),
        # It would end before it starts: it keeps its half hour.
        ("Europe/Berlin", (2026, 3, 22), (2026, 3, 29), ((2, 30), (3, 0)), ("03:30+0200", "04:00+0200")),
        # And back 3 to 2 on 25 October: 02:30 occurs twice, the first is taken.
        ("Europe/Berlin", (2026, 10, 18), (2026, 10, 25), ((2, 30), (4, 0)), ("02:30+0200", "04:00+0100")),
        ("Europe/Berlin", (2026, 10, 18), (2026, 10, 25), ((1, 0), (2, 30)), ("01:00+0200", "02:30+0200")),
        ("America/New_York", (2026, 3, 1), (2026, 3, 8), ((2, 15), (5, 0)), ("03:15-0400", "05:00-0400")),
        ("America/New_York", (2026, 10, 25), (2026, 11, 1), ((1, 15), (3, 0)), ("01:15-0400", "03:00-0500")),
        # Lord Howe shifts by half an hour: forward at 2:00 on 4 October, back at 2:00 on 5 April.
        (
            "Australia/Lord_Howe",
            (2026, 9, 27),
            (2026, 10, 4),
            ((2, 15), (5, 0)),
            ("02:45+1100", "05:00+1100"),
        ),
        ("Australia/Lord_Howe", (2026, 3, 29), (2026, 4, 5), ((1, 45), (5, 0)), ("01:45+1100", "05:00+1030")),
        ("Asia/Bangkok", (2026, 3, 22), (2026, 3, 29), ((2, 30), (4, 0)), ("02:30+0700", "04:00+0700")),
    ],
)
def test_shows_keep_their_local_time_across_the_change_of_clocks(
    zone: str,
    from_day: tuple[int, int, int],
    to_day: tuple[int, int, int],
    span: tuple[tuple[int, int], tuple[int, int]],
    expected: tuple[str, str],
) -> None:
    show = (local(zone, *from_day, *span[0]), local(zone, *from_day, *span[1]))
    history = plan(zone, date(*from_day), date(*from_day), show)
    for shift in ("days", "weeks"):
        done = copied(*history, shift=shift, start_date=date(*to_day), studio=studio_in(zone))
        ((start, end),) = spans(done, zone)
        assert (start[6:], end[6:]) == expected
        assert start[:5] == end[:5] == f"{to_day[1]:02}-{to_day[2]:02}"


def test_a_day_long_show_stays_a_day_long_on_a_day_of_twenty_five_hours() -> None:
    zone = "Europe/Berlin"
    show = (local(zone, 2026, 10, 17, 12), local(zone, 2026, 10, 18, 12))
    history = plan(zone, date(2026, 10, 17), date(2026, 10, 18), show)
    done = copied(*history, start_date=date(2026, 10, 24), studio=studio_in(zone))
    assert spans(done, zone) == [("10-24 12:00+0200", "10-25 11:00+0100")]


def test_a_show_in_the_second_of_two_hours_stays_there_when_the_plan_does_not_move() -> None:
    zone = "Europe/Berlin"
    show = (local(zone, 2026, 10, 25, 2, 30, fold=1), local(zone, 2026, 10, 25, 4))
    history = plan(zone, date(2026, 10, 25), date(2026, 10, 25), show)
    done = copied(*history, start_date=date(2026, 10, 25), studio=studio_in(zone))
    assert spans(done, zone) == [("10-25 02:30+0100", "10-25 04:00+0100")]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"end_date": date(2026, 5, 31)}, "before_start"),
        ({"start_date": date(9999, 12, 31)}, "range"),
        ({"start_date": date(1, 1, 1)}, "range"),
        ({"start_date": date(8999, 12, 31)}, "range"),
    ],
)
def test_a_wrong_period_is_refused(wanted: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        copied(OPENED, DRAFTED, **wanted)
    assert caught.value.errors[0].code == code


@examples(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - made aware below
    minutes=st.integers(1, 24 * 60),
    to=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    shift=st.sampled_from(["days", "weeks", "same_weekdays"]),
)
def test_every_copy_is_a_valid_show_and_keeps_what_its_shift_promises(
    zone: str, start: datetime, minutes: int, to: date, shift: str
) -> None:
    begin = start.replace(microsecond=0, tzinfo=UTC)
    history = plan(zone, date(2026, 1, 1), date(2026, 12, 31), (begin, begin + timedelta(minutes=minutes)))
    done = copied(*history, start_date=to, shift=shift, studio=studio_in(zone))
    for event in done.drafted:
        for show in event.shows:
            assert timedelta(0) < show.end - show.start <= timedelta(hours=24)
            old, new = (operational_day(each, zone, "06:00") for each in (begin, show.start))
            if shift != "days":
                assert new.weekday() == old.weekday()
            if shift == "same_weekdays":
                assert done.opened.start_date <= new <= done.opened.end_date
                assert (new.day - 1) // 7 == (old.day - 1) // 7
