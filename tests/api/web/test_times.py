"""A studio's clock: operational days, hours past midnight, and the days on which the clocks change."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from api.web.frame.times import StudioTime, first_weekday
from domain.errors import Invalid
from tests.api.world import World

BANGKOK = StudioTime("Asia/Bangkok", "06:00", "en")
BERLIN = StudioTime("Europe/Berlin", "06:00", "en")


def utc(day: int, hour: int, minute: int = 0, *, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (utc(2, 6), (date(2026, 5, 2), "13:00")),
        (utc(1, 22, 59), (date(2026, 5, 1), "29:59")),
        (utc(1, 23), (date(2026, 5, 2), "06:00")),
        (utc(1, 17), (date(2026, 5, 1), "24:00")),
    ],
)
def test_a_night_belongs_to_the_day_before(instant: datetime, said: tuple[date, str]) -> None:
    assert (BANGKOK.day(instant), BANGKOK.clock(instant)) == said


def test_a_span_ends_on_the_clock_on_which_it_began() -> None:
    assert BANGKOK.when(utc(1, 22), utc(2, 1)) == "Fri 1 May 29:00\N{EN DASH}32:00"
    assert BANGKOK.span(utc(2, 6), utc(2, 8)) == "13:00\N{EN DASH}15:00"


def test_a_night_is_told_by_the_calendar_too() -> None:
    told = [BANGKOK.by_calendar(instant) for instant in (utc(1, 18, 30), utc(1, 22, 59), utc(1, 23))]
    assert told == ["Sat 2 May 01:30", "Sat 2 May 05:59", ""]


def test_a_year_is_said_where_one_expects_another() -> None:
    often, rare = "Sat 2 May 13:00\N{EN DASH}15:00", "Sat 2 May 2026 13:00\N{EN DASH}15:00"
    said = {often: (2025, 2026), rare: (2027,)}
    assert {BANGKOK.when(utc(2, 6), utc(2, 8), years=years): years for years in said.values()} == said
    assert BANGKOK.when(utc(2, 6), utc(2, 8), years=()) == rare


def test_other_languages_have_their_own_words() -> None:
    assert StudioTime("Asia/Bangkok", "06:00", "th").dated(date(2026, 5, 2)) == "ส. 2 พ.ค."


@pytest.mark.parametrize(("clock", "second", "hour"), [("26:30", False, 0), ("26:30", True, 1)])
def test_an_hour_that_comes_twice_can_be_meant_both_ways(clock: str, second: bool, hour: int) -> None:
    saturday = date(2026, 10, 24)
    assert BERLIN.instant(saturday, clock, second=second) == utc(25, hour, 30, month=10)
    assert BERLIN.comes_twice(saturday, clock)
    assert BERLIN.is_second(utc(25, hour, 30, month=10)) == second
    assert not BERLIN.comes_twice(saturday, "27:00")


@pytest.mark.parametrize(("start", "end"), [("17:00", "41:00"), ("29:59", "53:59")])
def test_a_show_of_24_hours_ends_on_the_clock_of_its_first_day(start: str, end: str) -> None:
    begins = BANGKOK.instant(date(2026, 5, 2), start)
    assert BANGKOK.ends(begins, begins + timedelta(days=1)) == end
    assert BANGKOK.instant(date(2026, 5, 2), end) == begins + timedelta(days=1)


@pytest.mark.parametrize("clock", ["26:30", "72:00", "12:60", "noon", "12", "-1:00", "01:30", "12:00:00"])
def test_what_no_clock_shows_is_refused(clock: str) -> None:
    with pytest.raises(Invalid) as refused:
        BERLIN.instant(date(2026, 3, 28), clock)
    assert [each.path for each in refused.value.errors] == ["time"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22", "22:00"),
        ("2200", "22:00"),
        ("930", "09:30"),
        ("9.30", "09:30"),
        ("9:30", "09:30"),
        (" 22:00 h", "22:00"),
        ("22h30", "22:30"),
        ("25:30", "25:30"),
    ],
)
def test_a_time_is_understood_as_people_type_it(typed: str, meant: str) -> None:
    assert BANGKOK.meant(typed) == meant


@pytest.mark.parametrize("typed", ["", "noon", "9:5", "12:60", "2575", "-1:00", "12:00:00", "22000", "٢٢"])
def test_what_is_no_time_is_refused_for_its_form(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        BANGKOK.meant(typed)
    assert [(each.path, each.code) for each in refused.value.errors] == [("time", "format")]


@pytest.mark.parametrize(
    ("start", "end", "meant"),
    [
        ("22:00", "1:30", "25:30"),
        ("22", "0130", "25:30"),
        ("25:00", "02:00", "26:00"),
        ("22:00", "25:30", "25:30"),
        ("13:00", "15:00", "15:00"),
        ("22:00", "10:00", "34:00"),
        ("15:00", "13:00", "13:00"),
        ("08:00", "05:00", "29:00"),
        ("noon", "1:30", "01:30"),
    ],
)
def test_an_end_before_its_start_is_after_midnight(start: str, end: str, meant: str) -> None:
    assert BANGKOK.meant(end, start) == meant


@given(st.integers(0, 15 * 366 * 24 * 60))
def test_what_is_said_is_understood(minutes: int) -> None:
    instant = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    first = BERLIN.instant(BERLIN.day(instant), BERLIN.clock(instant))
    second = BERLIN.instant(BERLIN.day(instant), BERLIN.clock(instant), second=True)
    assert instant in {first, second} <= {instant, instant - timedelta(hours=1), instant + timedelta(hours=1)}


def test_weeks_begin_as_in_the_languages_country() -> None:
    assert (first_weekday("en"), first_weekday("th"), first_weekday("ja")) == (0, 6, 6)


def test_a_region_that_the_browser_names_has_its_own_weeks(
    client: TestClient[Litestar], world: World
) -> None:
    assert [first_weekday("en", each) for each in ("US", "GB", "AU", "TH", "XX")] == [6, 0, 0, 6, 0]
    assert first_weekday("xx") == 0
    asked = {"studio_id": world.studio, "day": "2026-05-13", "days": 7}

    def first(accepted: str) -> str:
        page = client.get("/board", params=asked, headers={"Accept-Language": accepted}).text
        return re.findall(r"(?:Sun|Mon|อา\.|จ\.) \d+", page)[0]

    assert [first(each) for each in ("en-US", "en-GB,en;q=0.9", "th")] == ["Sun 10", "Mon 11", "อา. 10"]


def test_forms_ask_the_server_for_the_instant(client: TestClient[Litestar], world: World) -> None:
    asked = {"studio_id": world.studio, "day": "2026-05-02", "time": "25:30"}
    told = {"instant": "2026-05-02T18:30:00Z", "twice": False}
    assert client.get("/studio-time", params=asked).json() == told
    assert client.get("/studio-time", params=asked | {"time": "1.30", "after": "22"}).json() == told
    wrong = client.get(
        "/studio-time", params=asked | {"time": "25:99"}, headers={"Accept": "application/json"}
    )
    assert (wrong.status_code, [each["path"] for each in wrong.json()["errors"]]) == (422, ["time"])
    assert client.get("/studio-time", params=asked | {"studio_id": "studio_none"}).status_code == 404


def test_forms_ask_the_server_where_a_month_ends(client: TestClient[Litestar], world: World) -> None:
    ends = {"2027-01-01": "2027-01-31", "2028-02-29": "2028-02-29", "9999-12-01": "9999-12-31"}
    for day, last in ends.items():
        assert client.get("/month-end", params={"day": day}).json() == {"last": last}
