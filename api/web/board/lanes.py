"""Shows laid out on a board: rows of lanes over an axis of real, elapsed minutes. Pure: all that knows of
time zones is here and in `times`, so that a browser only ever places numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from api.web.frame.times import StudioTime
from domain.opening import Closed
from domain.slots import Slot
from projections.board import BoardShow

View = Literal["rooms", "creators"]
NOBODY: Final = ""
"""The id of the row for shows that have no room, or no creator."""
_DAY: Final = 24 * 60
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


class Day(Struct, frozen=True):
    """An operational day: `start` and `minutes` are elapsed minutes on the axis; 23 or 25 hours where the
    clock changes."""

    date: date
    name: str
    start: int
    minutes: int

    @property
    def hours(self) -> int:
        """How long it is."""
        return self.minutes // 60

    @property
    def is_odd(self) -> bool:
        """Whether the clock changes in it."""
        return self.minutes != _DAY


class Tick(Struct, frozen=True):
    """An hour on the axis, such as `25` for one at night; `again` where the clock was set back."""

    start: int
    label: str
    again: bool


class Axis(Struct, frozen=True):
    """The window of a board: `epoch` is its left edge in seconds since 1970, `minutes` its width.
    `before` and `after` are the names of the days around it."""

    begins: datetime
    ends: datetime
    minutes: int
    days: tuple[Day, ...]
    ticks: tuple[Tick, ...]
    before: str
    after: str

    @property
    def epoch(self) -> int:
        """The left edge, in seconds since 1970."""
        return int(self.begins.timestamp())

    def minute(self, instant: datetime) -> int:
        """Elapsed minutes from the left edge; negative before it."""
        return (instant - self.begins) // _MINUTE


class Bar(Struct, frozen=True, kw_only=True):
    """A show in a row, `start` and `minutes` on the axis, in lane `lane` of `lanes`. `mark` says what is
    special about it, such as `was` for where it was in another version. `number` counts a show that is in
    several rows."""

    show: BoardShow
    start: int
    minutes: int
    when: str
    mark: str = ""
    number: int = 0
    lane: int = 0
    lanes: int = 1


class Shut(Struct, frozen=True):
    """A span in which a row's room is closed, and why; or booked by others, then `reason` is empty."""

    start: int
    minutes: int
    reason: str
    when: str


class Row(Struct, frozen=True, kw_only=True):
    """A room or a creator with its bars, in order of time; `id` is NOBODY for shows that have none."""

    id: str
    name: str
    detail: Any = None
    bars: tuple[Bar, ...] = ()
    shut: tuple[Shut, ...] = ()
    booked: tuple[Shut, ...] = ()


class Placed(Struct, frozen=True):
    """A show to lay out, with its mark."""

    show: BoardShow
    mark: str = ""


def axis(time: StudioTime, first: date, days: int) -> Axis:
    """The window of so many operational days."""
    edges = [time.starts(first + timedelta(days=number)) for number in range(days + 1)]
    begins = edges[0]
    found = tuple(
        Day(
            first + timedelta(days=number),
            time.dated(first + timedelta(days=number)),
            (edge - begins) // _MINUTE,
            (edges[number + 1] - edge) // _MINUTE,
        )
        for number, edge in enumerate(edges[:-1])
    )
    ticks = tuple(
        tick for number in range(days) for tick in _ticks(time, begins, (edges[number], edges[number + 1]))
    )
    return Axis(
        begins=begins,
        ends=edges[-1],
        minutes=(edges[-1] - begins) // _MINUTE,
        days=found,
        ticks=ticks,
        before=time.dated(first - timedelta(days=1)),
        after=time.dated(first + timedelta(days=days)),
    )


def _ticks(time: StudioTime, begins: datetime, day: tuple[datetime, datetime]) -> Iterable[Tick]:
    """One for each real hour of a day: 23 or 25 where the clock changes."""
    at, seen = day[0], set[str]()
    while at < day[1]:
        clock = time.clock(at)
        yield Tick((at - begins) // _MINUTE, clock.removesuffix(":00"), clock in seen)
        seen.add(clock)
        at += _HOUR


def rows(
    placed: Iterable[Placed],
    lines: Sequence[Row],
    view: View,
    over: Axis,
    time: StudioTime,
) -> list[Row]:
    """These rows with the shows in them that touch the window; what has no row of its own goes to NOBODY's,
    which is only there if it is needed. A show with two creators is in both their rows."""
    known = {line.id for line in lines}
    found: dict[str, list[Bar]] = {}
    for each in placed:
        if each.show.start >= over.ends or each.show.end <= over.begins:
            continue
        for number, row_id in enumerate(_rows_of(each.show, view)):
            at = row_id if row_id in known else NOBODY
            found.setdefault(at, []).append(_bar(each, number, over, time))
    laid = [_with(line, found.get(line.id, ())) for line in lines if line.id != NOBODY]
    if NOBODY in found:
        nobody = next((line for line in lines if line.id == NOBODY), Row(id=NOBODY, name=""))
        laid.append(_with(nobody, found[NOBODY]))
    return laid


def _rows_of(show: BoardShow, view: View) -> Sequence[str]:
    if view == "creators":
        return show.creators or (NOBODY,)
    return (show.room_id or NOBODY,)


def _bar(placed: Placed, number: int, over: Axis, time: StudioTime) -> Bar:
    show = placed.show
    return Bar(
        show=show,
        start=over.minute(show.start),
        minutes=max(1, (show.end - show.start) // _MINUTE),
        when=time.span(show.start, show.end),
        mark=placed.mark,
        number=number,
    )


def _with(line: Row, bars: Iterable[Bar]) -> Row:
    return replace(line, bars=tuple(packed(bars)))


def packed(bars: Iterable[Bar]) -> list[Bar]:
    """The bars with their lanes: those that overlap share the row's height, so that rows never grow."""
    done: list[Bar] = []
    cluster: list[tuple[Bar, int]] = []
    ends: list[int] = []
    for bar in sorted(bars, key=lambda each: (each.start, -each.minutes, each.show.id)):
        if ends and bar.start >= max(ends):
            done += _split(cluster, len(ends))
            cluster, ends = [], []
        lane = next((at for at, end in enumerate(ends) if end <= bar.start), len(ends))
        ends[lane : lane + 1] = [bar.start + bar.minutes]
        cluster.append((bar, lane))
    return done + _split(cluster, len(ends))


def _split(cluster: Iterable[tuple[Bar, int]], lanes: int) -> list[Bar]:
    return [replace(bar, lane=lane, lanes=lanes) for bar, lane in cluster]


def closed(spans: Iterable[Closed], over: Axis, time: StudioTime) -> tuple[Shut, ...]:
    """When the studio is closed, cut to the window."""
    whole = Slot(over.begins, over.ends)
    cut = [(each, each.slot.overlap(whole)) for each in spans if each.slot.overlaps(whole)]
    return tuple(
        Shut(over.minute(slot.start), slot.minutes, each.name, time.span(slot.start, slot.end))
        for each, slot in cut
    )


def shut(closures: Iterable[Any], over: Axis, time: StudioTime) -> Mapping[str, tuple[Shut, ...]]:
    """The closures of each room, or when others hold it, cut to the window."""
    found: dict[str, tuple[Shut, ...]] = {}
    for each in closures:
        start, end = max(each.start, over.begins), min(each.end, over.ends)
        reason = getattr(each, "reason", "")
        span = Shut(over.minute(start), (end - start) // _MINUTE, reason, time.span(start, end))
        found[each.room_id] = (*found.get(each.room_id, ()), span)
    return found
