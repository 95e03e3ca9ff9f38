"""/api/v1/utilisation: how long rooms, creators and clients are booked, wanted and free, in studio days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct, field
from psycopg import Connection

from api.http import examples, windows
from api.http.security import Bounds
from api.spreadsheets import write_csv
from domain.application import Commands
from domain.availability import Held, open_in
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from domain.slots import Slot
from domain.utilisation import day_edges, free_by_day
from projections import availability, registry, utilisation
from projections.availability import Probe
from projections.utilisation import By, Used

MOST_DAYS: Final = 366
_COLUMNS: Final = ("id", "name", "booked", "wanted", "free")
_HOUR: Final = 3_600


class Hours(Struct, frozen=True, kw_only=True):
    """Hours. `free` is null where it isn't known: of creators, clients and rooms that are gone."""

    booked: float
    wanted: float
    free: float | None


class Row(Struct, frozen=True, kw_only=True):
    """Of one room, creator, client or day. Without id: of shows that have none. A day's id is its date."""

    id: str | None
    name: str | None
    booked: float
    wanted: float
    free: float | None


class Utilisation(Struct, frozen=True, kw_only=True):
    """Every row, and their sums."""

    studio_id: str
    by: By
    from_: date = field(name="from")
    to: date
    items: list[Row]
    totals: Hours


@get(
    "/",
    operation_id="get_utilisation",
    summary="How much is a studio used?",
    sync_to_thread=True,
    responses=examples.answers(200, Utilisation, examples.UTILISATION) | examples.NOT_FOUND,
)
def get_utilisation(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Annotated[str, QueryParameter(max_length=100)],
    from_: windows.From = None,
    to: windows.To = None,
    by: Annotated[By, QueryParameter(description="What a row is of.")] = "room",
    format_: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
) -> Response[Any]:
    """Hours of shows that are booked (they hold their room, or did) and wanted (drafts of schedules that are
    being planned), inside the studio's days from `from` to `to`, both included, at most 366. A show that
    runs on into another day counts for both by its part. A room is free while it is open and nothing holds
    it, with lead and turnaround. Users bounded to clients get their own hours, and what is free for all."""
    with commands.log.pool.connection() as connection:
        studio: Any = registry.find(connection, BY_KIND["studio"], studio_id)
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        first, last = _days(from_, to)
        edges = day_edges(first, last, studio.time_zone, studio.day_start)
        used = utilisation.used(connection, by, studio_id, edges, bounds.clients)
        free = _free(connection, commands, studio, edges) if by in {"room", "day"} else {}
    if by == "day":
        rows = _by_day(used, free, first, len(edges) - 1)
    elif by == "room":
        rows = _by_room(used, free)
    else:
        rows = [_row(each.key, each.name, each, None) for each in used]
    if format_ == "csv":
        return _csv(rows, f"utilisation-{by}-{first}-{last}.csv")
    found = Utilisation(
        studio_id=studio_id,
        by=by,
        from_=first,
        to=last,
        items=rows,
        totals=_sum(rows, free=by in {"room", "day"}),
    )
    return Response(found)


def _days(start: str | None, end: str | None) -> tuple[date, date]:
    """Both days, both included. Raises Invalid."""
    for name, text in (("from", start), ("to", end)):
        if text is None:
            raise Invalid.field(name, "missing", "is required")
    first, last = windows.days(start, end)
    if not (first and last) or (last - first).days >= MOST_DAYS:
        raise Invalid.field("to", "too_long", f"must be at most {MOST_DAYS} days, from included")
    return first, last


def _free(
    connection: Connection[Any], commands: Commands, studio: Any, edges: Sequence[datetime]
) -> dict[tuple[str, str], list[int]]:
    """Of each live room, by id and name, what is free of it each day, in microseconds."""
    window = Slot(edges[0], edges[-1])
    rooms = availability.rooms(connection, studio.id, None)
    _, hours = commands.references.hours(connection, studio.id)
    open_ = open_in(window, list(hours.values()), studio.time_zone)
    held = availability.held(connection, [Probe(room.id, window) for room in rooms])
    return {(room.id, room.name): free_by_day(edges, open_, held.get(room.id, Held())) for room in rooms}


def _by_room(used: Sequence[Used], free: dict[tuple[str, str], list[int]]) -> list[Row]:
    """Every live room, and what else has hours, by name."""
    of_room = {each.key: each for each in used}
    live = {room_id for room_id, _ in free}
    rows = [_row(room_id, name, of_room.get(room_id), sum(days)) for (room_id, name), days in free.items()]
    rows += [_row(each.key, each.name, each, None) for each in used if each.key not in live]
    return sorted(rows, key=lambda row: (row.id is None, row.name or "", row.id or ""))


def _by_day(
    used: Sequence[Used], free: dict[tuple[str, str], list[int]], first: date, days: int
) -> list[Row]:
    of_day = {each.key: each for each in used}
    rows: list[Row] = []
    for number in range(days):
        day = date.fromordinal(first.toordinal() + number).isoformat()
        left = sum(room[number] for room in free.values())
        rows.append(_row(day, day, of_day.get(str(number + 1)), left))
    return rows


def _row(key: str | None, name: str | None, used: Used | None, free: int | None) -> Row:
    return Row(
        id=key,
        name=name,
        booked=_hours(used.booked) if used else 0.0,
        wanted=_hours(used.wanted) if used else 0.0,
        free=None if free is None else _hours(free / 1_000_000),
    )


def _hours(seconds: Any) -> float:
    return round(float(seconds) / _HOUR, 6)


def _sum(rows: Sequence[Row], *, free: bool) -> Hours:
    return Hours(
        booked=round(sum(row.booked for row in rows), 6),
        wanted=round(sum(row.wanted for row in rows), 6),
        free=round(sum(row.free or 0 for row in rows), 6) if free else None,
    )


def _csv(rows: Sequence[Row], file_name: str) -> Response[str]:
    lines = (
        {column: "" if (value := getattr(row, column)) is None else str(value) for column in _COLUMNS}
        for row in rows
    )
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response("".join(write_csv(lines, _COLUMNS)), media_type="text/csv", headers=headers)


routes = Router("/utilisation", route_handlers=[get_utilisation], tags=["availability"])
