"""When a studio is open. Hours go on for ever, so they are a rule that is worked out for a window of time,
not rows of occupancy: by weekday, in the studio's wall-clock time, and on single dates instead.

A span belongs to the calendar date on which it opens and may run on past midnight, up to 30:00. A studio
without hours is open all the time, but for its exceptions.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.slots import Slot
from domain.timelines import merged

OUTSIDE: Final = "outside opening hours"
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY: Final = timedelta(days=1)
_WEEK_MINUTES: Final = 7 * 24 * 60
_MINUTE: Final = timedelta(minutes=1)


class Opening(Struct, frozen=True, kw_only=True):
    """One row: a span of a weekday (1 is Monday), or on one `day` a span, or, without times, none."""

    weekday: int | None = None
    day: date | None = None
    opens: str | None = None
    closes: str | None = None
    reason: str = OUTSIDE
    since: datetime


class Closed(Struct, frozen=True):
    """A span in which a studio is closed, why, and since when that is known."""

    slot: Slot
    name: str
    since: datetime


def closed(rows: Collection[Opening], time_zone: str, window: Slot) -> list[Closed]:
    """The closed spans that touch a window, in order, cut where one reason ends and another begins."""
    if not rows:
        return []
    zone = ZoneInfo(time_zone)
    days = list(_days(window, zone))
    open_ = opened(rows, time_zone, window)
    found: list[Closed] = []
    since = min(row.since for row in rows)
    for day in days[1:]:  # The first one is there for what runs on past its midnight.
        own = [row for row in rows if row.day == day]
        name, known = (own[0].reason, own[0].since) if own else (OUTSIDE, since)
        whole = Slot(_instant(day, "00:00", zone), _instant(day, "24:00", zone))
        for slot in _without(whole, open_):
            last = found[-1] if found else None
            if last and last.slot.end == slot.start and (last.name, last.since) == (name, known):
                found[-1] = Closed(Slot(last.slot.start, slot.end), name, known)
            else:
                found.append(Closed(slot, name, known))
    return [each for each in found if each.slot.overlaps(window)]


def opened(rows: Collection[Opening], time_zone: str, window: Slot) -> list[Slot]:
    """The open spans of a window and around it, whole, in order; they neither overlap nor touch."""
    zone = ZoneInfo(time_zone)
    return merged(span for day in _days(window, zone) for span in _open_on(day, rows, zone))


def windows(slots: Iterable[Slot]) -> list[Slot]:
    """Windows around these spans that lie so far apart that what is closed in one is not told in another."""
    return merged(Slot(slot.start - 2 * _DAY, slot.end + 2 * _DAY) for slot in slots)


def minutes(opens: str, closes: str) -> tuple[int, int]:
    """Minutes after midnight; a span that closes at or before its opening runs on past midnight."""
    first, last = _minutes(opens), _minutes(closes)
    return first, last if last > first else last + 24 * 60


def overlapping(row: Opening, others: Iterable[Opening]) -> Opening | None:
    """The first other span of a weekday that has a minute of the week in common with this one, also over
    midnight into the next day and from Sunday into Monday; None for none. Touching is no overlap."""
    first, last = _in_week(row)
    found = [
        other
        for other in others
        if other.weekday
        for other_first, other_last in (_in_week(other),)
        if any(
            first + week < other_last and other_first < last + week
            for week in (-_WEEK_MINUTES, 0, _WEEK_MINUTES)
        )
    ]
    return min(found, key=_in_week, default=None)


def opens_in(row: Opening, other: Opening) -> bool:
    """Whether a span of a weekday opens while the other one is open."""
    first, _ = _in_week(row)
    other_first, other_last = _in_week(other)
    return any(other_first <= first + week < other_last for week in (-_WEEK_MINUTES, 0, _WEEK_MINUTES))


def _in_week(row: Opening) -> tuple[int, int]:
    """A span of a weekday in minutes after Monday's midnight; what opens on Sunday may end after the week."""
    first, last = minutes(row.opens or "", row.closes or "")
    day = ((row.weekday or 1) - 1) * 24 * 60
    return day + first, day + last


def _days(window: Slot, zone: ZoneInfo) -> Iterator[date]:
    """The local dates of a window, and two before: one is that of spans that run on into it."""
    day = window.start.astimezone(zone).date() - 2 * _DAY
    last = window.end.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _open_on(day: date, rows: Collection[Opening], zone: ZoneInfo) -> Iterator[Slot]:
    """The spans that open on a date."""
    own = [row for row in rows if row.day == day]
    if not own:
        own = [row for row in rows if row.weekday == day.isoweekday()]
        if not any(row.weekday for row in rows):
            yield Slot(_instant(day, "00:00", zone), _instant(day, "24:00", zone))
    for row in own:
        if row.opens and row.closes:
            first, last = minutes(row.opens, row.closes)
            yield Slot(_at(day, first, zone), _at(day, last, zone, last_of_two=True))


def _without(whole: Slot, open_: Iterable[Slot]) -> Iterator[Slot]:
    since = whole.start
    for slot in open_:
        if slot.overlaps(whole):
            if since < slot.start:
                yield Slot(since, slot.start)
            since = max(since, slot.end)
    if since < whole.end:
        yield Slot(since, whole.end)


def _minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def _instant(day: date, text: str, zone: ZoneInfo) -> datetime:
    return _at(day, _minutes(text), zone)


def _at(day: date, after_midnight: int, zone: ZoneInfo, *, last_of_two: bool = False) -> datetime:
    """The instant at which a studio's clock shows this. A time that the clock shows twice is the first of the
    two, or the last for a closing; one that it skips is the moment at which it does."""
    days, rest = divmod(after_midnight, 24 * 60)
    wall = datetime.combine(day + days * _DAY, time(rest // 60, rest % 60))
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last_of_two else early
    skipped = late.astimezone(zone).utcoffset()
    while late.astimezone(zone).utcoffset() == skipped:
        late += _MINUTE
    return late
