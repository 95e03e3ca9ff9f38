"""Half-open UTC time and operational days. `[start, end)`: back-to-back shows touch, they do not
overlap. This is the one place that defines overlap in Python; `tstzrange(.., '[)')` is its SQL."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct


class Slot(Struct, frozen=True, order=True):
    """A span of instants. May be empty or backwards: callers check `start < end` where it matters."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Slot") -> bool:
        return self.start < other.end and other.start < self.end

    def overlap(self, other: "Slot") -> "Slot":
        """The common span; only meaningful when they overlap."""
        return Slot(max(self.start, other.start), min(self.end, other.end))

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up, so that a clash of seconds is not shown as zero."""
        return -int((self.start - self.end).total_seconds() // 60)


def widened(slot: Slot, lead_minutes: int, turnaround_minutes: int) -> Slot:
    """What a room is held for: `[start - lead, end + turnaround)` (SPEC 1, occupancy)."""
    return Slot(
        slot.start - timedelta(minutes=lead_minutes), slot.end + timedelta(minutes=turnaround_minutes)
    )


def operational_day(start: datetime, time_zone: str, day_start: str) -> date:
    """The studio day that an instant belongs to: with a day start of 06:00, 02:00 on 1 February is
    31 January (SPEC 1). Decided by the local wall clock, so a day of 23 or 25 hours needs no special case."""
    local = start.astimezone(ZoneInfo(time_zone))
    hours, minutes = day_start.split(":")
    day = local.date()
    return day if (local.hour, local.minute) >= (int(hours), int(minutes)) else day - timedelta(days=1)


def utc(moment: datetime) -> datetime:
    """The same instant in UTC, whatever offset it came in with."""
    return moment.astimezone(UTC)
