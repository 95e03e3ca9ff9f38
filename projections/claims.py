"""Who holds or wants rooms and creators, or closed them: the claims that conflict rules look at."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.conflicts import (
    Claim,
    CreatorFacts,
    Facts,
    Other,
    Resource,
    RoomFacts,
    shut,
)
from domain.opening import Opening, windows
from domain.schedule.planning import LONGEST
from domain.slots import Slot, widened

_ROOMS: Final[LiteralString] = (
    "unnest((SELECT %(rooms)b::text[]), (SELECT %(rooms_from)b::timestamptz[]),"
    " (SELECT %(rooms_to)b::timestamptz[])) AS q (r, f, t)"
)
_CREATORS: Final[LiteralString] = (
    "unnest((SELECT %(creators)b::text[]), (SELECT %(creators_from)b::timestamptz[]),"
    " (SELECT %(creators_to)b::timestamptz[])) AS q (r, f, t)"
)
_BOOKED: Final[LiteralString] = (
    "unnest((SELECT %(booked)b::text[]), (SELECT %(booked_from)b::timestamptz[]),"
    " (SELECT %(booked_to)b::timestamptz[])) AS q (r, f, t)"
)
"""Spans of resources to look at; of those that are booked only closures matter. Binary, as psycopg writes
1,000 of them as text in 15 ms and so in one; in sub-selects, as a planner that sees the arrays counts them
and plans anew for every command."""

_HOLDERS: Final[LiteralString] = f"""
    SELECT 'holder', o.resource_id, lower(o.during), upper(o.during), s.id, s.schedule_id,
           s.client_id, s.name, s.status, s.created_at, s.starts_at, least(s.ends_at, s.actual_end)
    FROM (
        SELECT md5(q.r)::uuid AS resource, range_agg(tstzrange(q.f, q.t, '[)')) AS spans
        FROM (SELECT * FROM {_ROOMS} UNION ALL SELECT * FROM {_CREATORS}) q GROUP BY q.r
    ) q
    CROSS JOIN LATERAL (
        SELECT h.resource_id, h.during, h.holder_id FROM occupancy h
        WHERE h.resource = q.resource AND h.during && q.spans AND h.kind = 'show'
        OFFSET 0
    ) o
    JOIN shows s ON s.id = o.holder_id
"""
"""One look at the exclusion constraint's own index a resource, for all its spans at once: one a span costs
ten times as much, and more the larger the index is."""

_CLOSURES: Final[LiteralString] = f"""
    SELECT DISTINCT 'closure', c.room_id, c."start", c."end", c.id, NULL, NULL,
           c.reason, 'closed', c.created_at, c."start", c."end"
    FROM (SELECT * FROM {_ROOMS} UNION ALL SELECT * FROM {_BOOKED}) q
    JOIN room_closures c ON c.room_id = q.r AND c."start" < q.t AND c."end" > q.f
    WHERE c.deleted_at IS NULL
"""

_TIME_OFFS: Final[LiteralString] = f"""
    SELECT DISTINCT 'closure', c.creator_id, c."start", c."end", c.id, NULL, NULL,
           c.reason, 'unavailable', c.created_at, c."start", c."end"
    FROM (SELECT * FROM {_CREATORS} UNION ALL SELECT * FROM {_BOOKED}) q
    JOIN creator_time_offs c ON c.creator_id = q.r AND c."start" < q.t AND c."end" > q.f
    WHERE c.deleted_at IS NULL
"""

_HOURS: Final[LiteralString] = """
    SELECT 'hours', s.id, NULL, NULL, s.time_zone, h.weekday::text, NULL,
           NULL, h.opens || ' ' || h.closes, h.created_at, NULL, NULL
    FROM opening_hours h JOIN studios s ON s.id = h.studio_id
    WHERE h.studio_id = ANY (%(studios)b) AND h.deleted_at IS NULL
    UNION ALL
    SELECT 'exception', s.id, NULL, NULL, s.time_zone, h.date::text, NULL,
           h.reason, h.opens || ' ' || h.closes, h.created_at, NULL, NULL
    FROM opening_exceptions h JOIN studios s ON s.id = h.studio_id
    WHERE h.studio_id = ANY (%(studios)b) AND h.deleted_at IS NULL
"""
"""Rows of opening hours in the columns of claims, so that they come in the same round trip."""

_WISHED: Final[LiteralString] = """
    SELECT 'wish', w.r, NULL::timestamptz, NULL::timestamptz, s.id, s.schedule_id, s.client_id,
           s.name, CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END, s.created_at,
           s.starts_at, s.ends_at
    FROM wish w
    CROSS JOIN LATERAL (
        SELECT * FROM shows h WHERE h.id = w.id AND h.status = 'draft' AND h.deleted_at IS NULL OFFSET 0
    ) s
    JOIN schedules c ON c.id = s.schedule_id
    WHERE c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
"""

_ROOM_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id
        FROM (
            SELECT k.r, k.spans, unnest(k.starts) AS starts
            FROM (
                SELECT q.r, range_agg(tstzrange(q.f, q.t)) AS spans,
                       range_agg(tstzrange(q.f - %(longest)s::interval, q.t)) AS starts
                FROM (
                    SELECT q.r, q.f - %(before)s::interval AS f, q.t + %(after)s::interval AS t FROM {_ROOMS}
                ) q
                GROUP BY q.r
            ) k
        ) q
        CROSS JOIN LATERAL (
            SELECT h.id FROM shows h
            WHERE h.room_id = q.r AND h.starts_at > lower(q.starts) AND h.starts_at < upper(q.starts)
              AND tstzrange(h.starts_at, h.ends_at) && q.spans AND h.deleted_at IS NULL
            OFFSET 0
        ) s
        WHERE s.id NOT IN (SELECT unnest((SELECT %(own)b::text[])))
    )
    {_WISHED}
"""
"""`starts` is when a show may start that is there in one of the spans: no show is longer than `longest`. So
the btree on (room, start, end) is read a stretch at a time, and tells by itself who overlaps and isn't the
plan's own; only those are fetched.
OFFSET 0 makes that one look at the index for each stretch, and MATERIALIZED one pass over them, whatever the
planner thinks: else it reads all shows, or looks once a schedule, while tables are not yet analysed.
The shows' own ids are a sub-select, hashed once: an array that a prepared plan doesn't know is searched anew
for every wish."""

_CREATOR_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id
        FROM (
            SELECT k.r, k.spans, unnest(k.starts) AS starts
            FROM (
                SELECT q.r, range_agg(tstzrange(q.f, q.t)) AS spans,
                       range_agg(tstzrange(q.f - %(longest)s::interval, q.t)) AS starts
                FROM {_CREATORS} GROUP BY q.r
            ) k
        ) q
        CROSS JOIN LATERAL (
            SELECT h.show_id AS id FROM show_creators h
            WHERE h.creator_id = q.r AND h.starts_at > lower(q.starts) AND h.starts_at < upper(q.starts)
              AND tstzrange(h.starts_at, h.ends_at) && q.spans
            OFFSET 0
        ) s
        WHERE s.id NOT IN (SELECT unnest((SELECT %(own)b::text[])))
    )
    {_WISHED}
"""

_HOLD: Final[LiteralString] = (
    f"({_HOLDERS}) UNION ALL ({_CLOSURES}) UNION ALL ({_TIME_OFFS}) UNION ALL {_HOURS}"
)
_WISH: Final[LiteralString] = f"({_ROOM_WISHES}) UNION ALL ({_CREATOR_WISHES})"
_CLAIMS: Final[dict[tuple[bool, bool], LiteralString]] = {
    (True, False): _HOLD,
    (False, True): _WISH,
    (True, True): f"{_HOLD} UNION ALL {_WISH}",
}
"""By whether holders and wishes are asked for: one round trip, each part with its own plan."""


class Hours(Struct, frozen=True):
    """A studio's opening hours and exceptions."""

    time_zone: str
    rows: list[Opening]


def claims_on(
    connection: Connection[Any],
    wanted: Sequence[Claim],
    rooms: Mapping[str, RoomFacts],
    own_ids: Sequence[str],
    *,
    booked: Sequence[Claim] = (),
    holders: bool = True,
    wishes: bool = True,
) -> list[Claim]:
    """What others hold or want of these resources while they are wanted, in one query; of wishes not those of
    `own_ids`. Rivals want a room with its lead and turnaround too, so rooms are probed that much wider. Of
    what is `booked`, with holders only what was closed over it."""
    if not (wanted or (booked and holders)) or not (holders or wishes):
        return []
    of_rooms = [claim for claim in wanted if claim.resource_id in rooms]
    of_creators = [claim for claim in wanted if claim.resource_id not in rooms]
    given: dict[str, Any] = {**_spans("rooms", of_rooms), **_spans("creators", of_creators)}
    given |= _spans("booked", booked)
    if holders:
        given["studios"] = sorted({rooms[claim.resource_id].studio_id for claim in of_rooms})
    if wishes:
        given["own"] = list(own_ids)
        given["longest"] = LONGEST
        given["before"] = timedelta(
            minutes=max((room.turnaround_minutes for room in rooms.values()), default=0)
        )
        given["after"] = timedelta(minutes=max((room.lead_minutes for room in rooms.values()), default=0))
    claims: list[Claim] = []
    hours: dict[str, Hours] = {}
    for row in connection.execute(_CLAIMS[holders, wishes], given):
        if row[0] in {"hours", "exception"}:
            hours.setdefault(row[1], Hours(row[4], [])).rows.append(_opening(row))
        else:
            claims.append(_claim(row, rooms))
    return [*claims, *shut_rooms(of_rooms, rooms, hours)]


def shut_rooms(
    wanted: Sequence[Claim], rooms: Mapping[str, RoomFacts], hours: Mapping[str, Hours]
) -> Iterator[Claim]:
    """What opening hours, by studio, hold of these rooms around the time that they are wanted for."""
    spans: dict[str, list[Slot]] = {}
    for claim in wanted if hours else ():
        spans.setdefault(rooms[claim.resource_id].studio_id, []).append(claim.held)
    for room_id in sorted({claim.resource_id for claim in wanted}) if spans else ():
        studio_id = rooms[room_id].studio_id
        if own := hours.get(studio_id):
            for window in windows(spans[studio_id]):
                yield from shut(own.rows, own.time_zone, room_id, window)


def _opening(row: Sequence[Any]) -> Opening:
    opens, _, closes = (row[8] or "").partition(" ")
    if row[0] == "hours":
        return Opening(weekday=int(row[5]), opens=opens, closes=closes, since=row[9])
    return Opening(
        day=date.fromisoformat(row[5]),
        opens=opens or None,
        closes=closes or None,
        reason=row[7],
        since=row[9],
    )


def _claim(row: Sequence[Any], rooms: Mapping[str, RoomFacts]) -> Claim:
    kind, resource, held_from, held_to, key, schedule, client, name, status, since, start, end = row
    slot = Slot(start, end)
    show, closure = (None, key) if kind == "closure" else (key, None)
    if kind != "wish":
        held = Slot(held_from, held_to)
    elif room := rooms.get(resource):
        held = widened(slot, room.lead_minutes, room.turnaround_minutes)
    else:
        held = slot
    by = Other(
        show_id=show,
        closure_id=closure,
        schedule_id=schedule,
        client_id=client,
        name=name,
        status=status,
        since=since,
    )
    return Claim(resource_id=resource, slot=slot, held=held, by=by, holding=kind != "wish")


def facts_of(rows: Iterable[Sequence[Any]], now: datetime) -> Facts:
    """Facts without claims, of rows such as `_NAMED` answers."""
    rooms: dict[str, RoomFacts] = {}
    creators: dict[str, CreatorFacts] = {}
    deleted: dict[str, Resource] = {}
    needing: set[str] = set()
    for kind, row_id, name, studio_id, lead, turnaround, gone, extra in rows:
        if kind == "room":
            rooms[row_id] = RoomFacts(row_id, name, studio_id, lead, turnaround, gone, extra)
        elif kind == "creator":
            creators[row_id] = CreatorFacts(row_id, name, bool(extra), gone)
        elif kind == "standard":
            needing.add(row_id)
        else:
            deleted[row_id] = Resource(kind, row_id, name)
    return Facts(
        rooms=rooms,
        creators=creators,
        deleted=deleted,
        needs_creator=frozenset(needing),
        claims=(),
        now=now,
    )


def _spans(name: str, claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        name: [claim.resource_id for claim in claims],
        f"{name}_from": [claim.held.start for claim in claims],
        f"{name}_to": [claim.held.end for claim in claims],
    }
