from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import Slot, operational_day, utc, widened

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
minutes = st.integers(-3000, 3000)


def slot(start: int, end: int) -> Slot:
    return Slot(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


def test_touching_is_no_overlap() -> None:
    assert not slot(0, 60).overlaps(slot(60, 90))
    assert slot(0, 61).overlaps(slot(60, 90))


@given(minutes, st.integers(1, 600), minutes, st.integers(1, 600))
def test_two_slots_overlap_when_some_minute_lies_in_both(a: int, long: int, b: int, wide: int) -> None:
    both = set(range(a, a + long)) & set(range(b, b + wide))
    one, other = slot(a, a + long), slot(b, b + wide)
    assert one.overlaps(other) is other.overlaps(one) is bool(both)
    if both:
        assert one.overlap(other).minutes == len(both)


def test_seconds_of_overlap_count_as_a_minute() -> None:
    assert Slot(NOON, NOON + timedelta(seconds=1)).minutes == 1


def test_a_room_is_held_with_lead_and_turnaround() -> None:
    assert widened(slot(0, 60), 10, 20) == slot(-10, 80)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-01-31T19:00:00Z", "Asia/Bangkok", date(2026, 1, 31)),
        ("2026-01-31T22:59:59Z", "Asia/Bangkok", date(2026, 1, 31)),
        ("2026-01-31T23:00:00Z", "Asia/Bangkok", date(2026, 2, 1)),
        ("2026-03-29T03:59:00Z", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-03-29T04:00:00Z", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-10-25T04:59:00Z", "Europe/Berlin", date(2026, 10, 24)),
        ("2026-10-25T05:00:00Z", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-11-01T10:59:00Z", "America/New_York", date(2026, 10, 31)),
        ("2026-11-01T11:00:00Z", "America/New_York", date(2026, 11, 1)),
        ("2026-10-03T18:59:00Z", "Australia/Lord_Howe", date(2026, 10, 3)),
        ("2026-10-03T19:00:00Z", "Australia/Lord_Howe", date(2026, 10, 4)),
    ],
)
def test_the_operational_day_turns_at_the_studios_day_start(instant: str, zone: str, day: date) -> None:
    assert operational_day(datetime.fromisoformat(instant), zone, "06:00") == day


def test_any_offset_is_stored_in_utc() -> None:
    assert utc(datetime.fromisoformat("2026-03-01T19:00:00+07:00")) == NOON
