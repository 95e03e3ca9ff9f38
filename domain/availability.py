"""When rooms and creators are free for a show: arithmetic on spans of integers, as a year of twenty rooms is
tens of thousands of them. What they are held for comes in, free spans come out; whose it is doesn't matter.

A span is a pair of microseconds since 1970, half-open. Lists of spans are in order and don't overlap.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from domain.opening import Opening, opened
from domain.slots import Slot

Span = tuple[int, int]
Why = Literal["not_in_studio", "deleted", "banned", "capacity", "window", "closed", "full", "creator_busy"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = 60_000_000
EVERY_DAY: Final = frozenset(range(1, 8))


class Wish(Struct, frozen=True, kw_only=True):
    """What is looked for: `minutes` in one piece inside `window`, on these weekdays (1 is Monday) between two
    times of the studio's clock. It belongs to the weekday on which it begins and runs on past midnight where
    it ends at or before it begins."""

    window: Slot
    minutes: int
    weekdays: frozenset[int] = EVERY_DAY
    time_from: str = "00:00"
    time_to: str = "00:00"

    @property
    def length(self) -> int:
        """The same in microseconds."""
        return self.minutes * _MINUTE

    @property
    def whole(self) -> Span:
        """The window as a span."""
        return micros(self.window.start), micros(self.window.end)


class Room(Struct, frozen=True, kw_only=True):
    """What availability asks of a room."""

    id: str
    name: str
    studio_id: str
    capacity: int | None
    lead_minutes: int
    turnaround_minutes: int
    deleted: bool


class Held(Struct, frozen=True):
    """What one room or creator is held for: starts and ends, each in any order. No two holds overlap."""

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()


def micros(moment: datetime) -> int:
    """An instant as it is counted here."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(count: int) -> datetime:
    """The instant again, in UTC."""
    return _EPOCH + timedelta(0, 0, count)


def asked_for(wish: Wish, time_zone: str) -> list[Span]:
    """The spans inside the window that the weekdays and times let in, whatever their length. Times that the
    clock skips or shows twice are read as opening hours are."""
    if wish.weekdays == EVERY_DAY and wish.time_from == wish.time_to:
        return [wish.whole]
    rows = [
        Opening(weekday=day, opens=wish.time_from, closes=wish.time_to, since=_EPOCH)
        for day in sorted(wish.weekdays)
    ]
    return open_in(wish.window, rows, time_zone)


def while_open(spans: list[Span], wish: Wish, hours: Collection[Opening], time_zone: str) -> list[Span]:
    """What of these spans lies in opening hours and is long enough: a show must lie in them itself, its lead
    and turnaround need not (ADR 14)."""
    return list(common(spans, open_in(wish.window, hours, time_zone), wish.length))


def free_of_room(held: Held, room: Room, wish: Wish) -> list[Span]:
    """Where a show of that length fits in a room with its lead and turnaround between what is held, whose own
    minutes are in there already. Lead and turnaround may lie outside the window."""
    lead, turnaround = room.lead_minutes * _MINUTE, room.turnaround_minutes * _MINUTE
    first, last = wish.whole
    found = gaps(held, (first - lead, last + turnaround), lead + wish.length + turnaround)
    return [(start + lead, end - turnaround) for start, end in found]


def free_of_creators(helds: Iterable[Held], spans: list[Span], wish: Wish) -> list[Span]:
    """What of these spans all creators are free for."""
    for held in helds:
        spans = list(common(spans, gaps(held, wish.whole, wish.length), wish.length))
    return spans


def common(first: Iterable[Span], second: Iterable[Span], least: int) -> Iterator[Span]:
    """What two lists of spans have in common, where that is at least so long."""
    mine, theirs = iter(first), iter(second)
    a, b = next(mine, None), next(theirs, None)
    while a is not None and b is not None:
        start = a[0] if a[0] > b[0] else b[0]  # noqa: FURB136 - half the time of max() and min()
        end = a[1] if a[1] < b[1] else b[1]  # noqa: FURB136
        if end - start >= least:
            yield start, end
        if a[1] < b[1]:
            a = next(mine, None)
        else:
            b = next(theirs, None)


def in_order(found: Sequence[Iterable[Span]]) -> list[tuple[int, int, int]]:
    """The spans of several resources as (start, number of the resource, end), by start, then number."""
    return sorted((start, number, end) for number, spans in enumerate(found) for start, end in spans)


def unfit(room: Room, studio_id: str, capacity: int | None) -> Why | None:
    """Why a room isn't looked at, if so. One of unknown capacity holds nobody for sure."""
    if room.studio_id != studio_id:
        return "not_in_studio"
    if room.deleted:
        return "deleted"
    return "capacity" if capacity is not None and (room.capacity or 0) < capacity else None


def why_none(
    room: Room, wish: Wish, lets_in: list[Span], open_: list[Span], *, held: Held, closed: Held
) -> Why:
    """Why a room has no span: what was asked for (`lets_in`) has none so long; or it is closed whenever that
    would be; or it is taken; or it is free, and its creator is not. `closed` is `held` without bookings."""
    if not any(end - start >= wish.length for start, end in lets_in):
        return "window"
    if not _any_free(closed, room, wish, open_):
        return "closed"
    return "creator_busy" if _any_free(held, room, wish, open_) else "full"


def _any_free(held: Held, room: Room, wish: Wish, open_: list[Span]) -> bool:
    return any(True for _ in common(open_, free_of_room(held, room, wish), wish.length))


def gaps(held: Held, window: Span, least: int) -> list[Span]:
    """The spans of a window between holds. As no two overlap, the n-th end belongs to the n-th start."""
    since = [window[0], *sorted(held.ends)]
    until = [*sorted(held.starts), window[1]]
    return [(start, end) for start, end in zip(since, until, strict=True) if end - start >= least]


def open_in(window: Slot, rows: Collection[Opening], time_zone: str) -> list[Span]:
    """The open spans of a window, cut to it. Without hours all of it is open."""
    whole = (micros(window.start), micros(window.end))
    if not rows:
        return [whole]
    spans = ((micros(slot.start), micros(slot.end)) for slot in opened(rows, time_zone, window))
    return list(common([whole], spans, 1))
