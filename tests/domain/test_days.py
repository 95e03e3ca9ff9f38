"""Operational days at the edges: overnight, at month's end, and when the clocks change."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.slots import operational_day


def day(zone: str, *when: int, fold: int = 0, day_start: str = "06:00") -> date:
    """The operational day of a local time."""
    return operational_day(datetime(*when, tzinfo=ZoneInfo(zone), fold=fold), zone, day_start)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Bangkok", "Australia/Lord_Howe"])
def test_after_midnight_belongs_to_the_day_before_and_to_its_month(zone: str) -> None:
    assert day(zone, 2026, 2, 1, 2) == date(2026, 1, 31)
    assert day(zone, 2026, 2, 1, 5, 59) == date(2026, 1, 31)
    assert day(zone, 2026, 2, 1, 6) == date(2026, 2, 1)
    assert day(zone, 2026, 2, 1, 23, 59) == date(2026, 2, 1)
    assert day(zone, 2026, 1, 1, 0) == date(2025, 12, 31)
    assert day(zone, 2026, 2, 1, 0, day_start="00:00") == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
    ],
)
def test_a_day_begins_by_the_wall_clock_also_when_the_clocks_change(zone: str, change: date) -> None:
    before = date.fromordinal(change.toordinal() - 1)
    when = (change.year, change.month, change.day)
    assert day(zone, *when, 5, 59) == before
    assert day(zone, *when, 6) == change
    assert day(zone, *when, 1, 30) == day(zone, *when, 1, 30, fold=1) == before


@pytest.mark.parametrize(("fold", "expected"), [(0, date(2026, 10, 25)), (1, date(2026, 10, 25))])
def test_a_local_time_that_occurs_twice_belongs_to_one_day_both_times(fold: int, expected: date) -> None:
    assert day("Europe/Berlin", 2026, 10, 25, 2, 30, fold=fold, day_start="02:30") == expected


def test_a_day_whose_beginning_does_not_exist_begins_after_the_gap() -> None:
    zone = ZoneInfo("Europe/Berlin")
    last = datetime(2026, 3, 29, 1, 59, tzinfo=zone)
    first = datetime(2026, 3, 29, 3, 0, tzinfo=zone)
    found = [operational_day(each, "Europe/Berlin", "02:30") for each in (last, first)]
    assert found == [date(2026, 3, 28), date(2026, 3, 29)]
