"""Mini boards: the rooms that a change concerns on its days, with where its shows were and where they go."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from msgspec import Struct, structs
from psycopg import Connection

from api.web.board import lanes
from api.web.board.lanes import NOBODY, Axis, Bar, Placed, Row
from api.web.frame.times import StudioTime
from projections import naming, shows
from projections.board import BoardShow, named
from projections.changes import ChangeRow
from projections.shows import ShowFilter, ShowRow

MOST_DAYS: Final = 2
"""Days that a change shows; the others are told in words."""
_SPAN: Final = ("start", "end")
_EVERY: Final = 3
_HOUR: Final = 60


class Box(Struct, frozen=True, kw_only=True):
    """A bar in percents of its row: `mark` is `was` for the old place, `new` for the new one, else empty."""

    x: float
    y: float
    width: float
    height: float
    name: str
    when: str
    mark: str
    status: str


class Line(Struct, frozen=True):
    """A room with its bars."""

    name: str
    boxes: Sequence[Box]


class Mini(Struct, frozen=True):
    """One day of the rooms concerned: `board` is its whole board, `hours` pairs of percent and label."""

    day: str
    board: str
    lines: Sequence[Line]
    hours: Sequence[tuple[float, str]]


def minis(
    connection: Connection[Any],
    time: StudioTime,
    row: ChangeRow,
    clients: tuple[str, ...] | None,
    names: Mapping[str, str],
) -> list[Mini]:
    """The mini boards of a change, for users of these clients only with their own shows."""
    moved = [each for asked in row.operations for each in _moves(connection, row, asked, clients)]
    days = sorted({time.day(each.show.start) for each in moved})[:MOST_DAYS]
    return [_mini(connection, time, row.studio_id, day, moved, clients, names) for day in days]


def _moves(
    connection: Connection[Any], row: ChangeRow, asked: Mapping[str, Any], clients: tuple[str, ...] | None
) -> Iterator[Placed]:
    """Where a show is, or was when it was asked for, and where it would be."""
    base = shows.one(connection, asked["show_id"], clients) if asked["op"] != "add" else None
    if asked["op"] == "add":
        yield Placed(_shown(_added(row, asked)), "new")
        return
    if base is None:
        return
    before, after = (_values(asked[side]) for side in ("before", "after"))
    was = structs.replace(base, **before)
    yield Placed(_shown(was), "was")
    if asked["op"] == "update":
        yield Placed(_shown(structs.replace(was, **after)), "new")


def _added(row: ChangeRow, asked: Mapping[str, Any]) -> ShowRow:
    """A show that is not there yet: only what a bar says of it counts."""
    new, at = _values(asked["after"]), row.proposed_at
    start: Any = new["start"]
    return ShowRow(
        id=asked["show_id"] or row.id, version=1, schedule_id=row.schedule_id, external_id=None,
        client_id=row.client_id, studio_id=row.studio_id, room_id=new.get("room_id"), name=new["name"],
        start=start, end=new["end"], operational_day=start.date(), status="draft", show_type="",
        show_standard="", creators=(), platforms=(), note="", metadata={}, actual_start=None,
        actual_end=None, reason_category=None, reason_note=None, restored_from=None, created_at=at,
        created_by=row.proposed_by, updated_at=at, updated_by=row.proposed_by, deleted_at=None,
        deleted_by=None,
    )  # fmt: skip


def _values(side: Mapping[str, Any]) -> dict[str, Any]:
    """What of an operation says where a show is and what it is called."""
    found = {name: side[name] for name in ("room_id", "name") if name in side}
    return found | {name: datetime.fromisoformat(side[name]) for name in _SPAN if name in side}


def _shown(show: ShowRow) -> BoardShow:
    return named([structs.replace(show, creators=())], {}, {}, {})[0]


def _mini(  # noqa: PLR0917 - all of one picture
    connection: Connection[Any],
    time: StudioTime,
    studio_id: str,
    day: date,
    moved: Sequence[Placed],
    clients: tuple[str, ...] | None,
    names: Mapping[str, str],
) -> Mini:
    over = axis_of(time, day, moved)
    here = [each for each in moved if each.show.start < over.ends and each.show.end > over.begins]
    rooms = {each.show.room_id or NOBODY for each in here}
    ours = {each.show.id for each in moved}
    which = ShowFilter(studio_id=studio_id, start=over.begins, end=over.ends, clients=clients)
    others = [
        Placed(_shown(show))
        for show in shows.listed(connection, which)
        if (show.room_id or NOBODY) in rooms and show.id not in ours and show.status != "cancelled"
    ]
    called = {**names, **naming.names(connection, rooms - {NOBODY})}
    rows = [
        Row(id=each, name=called.get(each, "")) for each in sorted(rooms, key=lambda r: called.get(r, ""))
    ]
    drawn = lanes.rows([*others, *here], rows, "rooms", over, time)
    asked = urlencode({"studio_id": studio_id, "day": day.isoformat()})
    return Mini(time.dated(day), f"/board?{asked}", [_line(each, over) for each in drawn], list(_hours(over)))


def axis_of(time: StudioTime, day: date, moved: Sequence[Placed]) -> Axis:
    """The day, and as much of the next as its last show needs, on the day's own clock: 30, 31."""
    over, more = lanes.axis(time, day, 1), lanes.axis(time, day, 2)
    last = max((each.show.end for each in moved if time.day(each.show.start) == day), default=over.ends)
    if last <= over.ends:
        return over
    minutes = min(-(-more.minute(last) // _HOUR) * _HOUR, more.minutes)
    late = (
        structs.replace(each, label=time.ends(over.begins, over.begins + timedelta(minutes=each.start))[:2])
        for each in more.ticks[len(over.ticks) :]
        if each.start < minutes
    )
    ends = over.begins + timedelta(minutes=minutes)
    return structs.replace(over, ends=ends, minutes=minutes, ticks=(*over.ticks, *late))


def _line(row: Row, over: Axis) -> Line:
    return Line(row.name, list(_boxes(row.bars, over)))


def _boxes(bars: Iterable[Bar], over: Axis) -> Iterator[Box]:
    """Cut to the day, in percents; what a change moves lies above what is there."""
    for bar in sorted(bars, key=lambda each: each.mark):
        start, end = max(bar.start, 0), min(bar.start + bar.minutes, over.minutes)
        yield Box(
            x=round(100 * start / over.minutes, 3),
            width=round(100 * (end - start) / over.minutes, 3),
            y=round(100 * bar.lane / bar.lanes, 2),
            height=round(100 / bar.lanes, 2),
            name=bar.show.name,
            when=bar.when,
            mark=bar.mark,
            status=bar.show.status,
        )


def _hours(over: Axis) -> Iterator[tuple[float, str]]:
    for number, tick in enumerate(over.ticks):
        if number % _EVERY == 0:
            yield round(100 * tick.start / over.minutes, 3), tick.label
