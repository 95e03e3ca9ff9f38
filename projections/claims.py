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

_PROBE: Final[LiteralString] = (
    "unnest((SELECT %b::text[]), (SELECT %b::timestamptz[]), (SELECT %b::timestamptz[])) AS q (r, f, t)"
)
"""Spans of resources to look at. Binary, as psycopg writes 1,000 of them as text in 15 ms and so in one; in
sub-selects, as a planner that sees the arrays counts them and plans anew for every command."""

_HOLDERS: Final[LiteralString] = f"""
    SELECT DISTINCT 'holder', o.resource_id, lower(o.during), upper(o.during), s.id, s.schedule_id,
           s.client_id, s.name, s.status, s.created_at, s.starts_at, least(s.ends_at, s.actual_end)
    FROM {_PROBE}
    JOIN occupancy o ON o.resource = md5(q.r)::uuid AND o.during && tstzrange(q.f, q.t, '[)')
    JOIN shows s ON s.id = o.holder_id
    WHERE o.kind = 'show'
"""
"""Probes the exclusion constraint's own index, once a subject and resource."""

_CLOSURES: Final[LiteralString] = f"""
    SELECT DISTINCT 'closure', c.room_id, c."start", c."end", c.id, NULL, NULL,
           c.reason, 'closed', c.created_at, c."start", c."end"
    FROM {_PROBE}
    JOIN room_closures c ON c.room_id = q.r AND c."start" < q.t AND c."end" > q.f
    WHERE c.deleted_at IS NULL
"""

_TIME_OFFS: Final[LiteralString] = f"""
    SELECT DISTINCT 'closure', c.creator_id, c."start", c."end", c.id, NULL, NULL,
           c.reason, 'unavailable', c.created_at, c."start", c."end"
    FROM {_PROBE}
    JOIN creator_time_offs c ON c.creator_id = q.r AND c."start" < q.t AND c."end" > q.f
    WHERE c.deleted_at IS NULL
"""

_HOURS: Final[LiteralString] = """
    SELECT 'hours', s.id, NULL, NULL, s.time_zone, h.weekday::text, NULL,
           NULL, h.opens || ' ' || h.closes, h.created_at, NULL, NULL
    FROM opening_hours h JOIN studios s ON s.id = h.studio_id
    WHERE h.studio_id = ANY (%b) AND h.deleted_at IS NULL
    UNION ALL
    SELECT 'exception', s.id, NULL, NULL, s.time_zone, h.date::text, NULL,
           h.reason, h.opens || ' ' || h.closes, h.created_at, NULL, NULL
    FROM opening_exceptions h JOIN studios s ON s.id = h.studio_id
    WHERE h.studio_id = ANY (%b) AND h.deleted_at IS NULL
"""
"""Rows of opening hours in the columns of claims, so that they come in the same round trip."""

_WISHED: Final[LiteralString] = """
    SELECT DISTINCT 'wish', w.r, NULL::timestamptz, NULL::timestamptz, w.id, w.schedule_id, w.client_id,
           w.name, CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END, w.created_at,
           w.starts_at, w.ends_at
    FROM wish w JOIN schedules c ON c.id = w.schedule_id
    WHERE c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
"""

_ROOM_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id, s.schedule_id, s.client_id, s.name, s.created_at, s.starts_at, s.ends_at
        FROM {_PROBE}
        CROSS JOIN LATERAL (
            SELECT h.id, h.schedule_id, h.client_id, h.name, h.created_at, h.starts_at, h.ends_at FROM shows h
            WHERE h.room_id = q.r AND h.starts_at > q.f - %s::interval AND h.starts_at < q.t
              AND h.ends_at > q.f AND h.status = 'draft' AND h.deleted_at IS NULL
            OFFSET 0
        ) s
        WHERE s.id NOT IN (SELECT unnest((SELECT %b::text[])))
    )
    {_WISHED}
"""
"""Bounded by the longest show, so that the btree on (room, start, end) reads a day's worth, not all before,
and fetches only shows that overlap.
OFFSET 0 makes that one look at the index for each probe, and MATERIALIZED one pass over the probes, whatever
the planner thinks: else it reads all shows, or probes once a schedule, while tables are not yet analysed.
The shows' own ids are a sub-select, hashed once: an array that a prepared plan doesn't know is searched anew
for every wish."""

_CREATOR_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id, s.schedule_id, s.client_id, s.name, s.created_at, s.starts_at, s.ends_at
        FROM {_PROBE}
        CROSS JOIN LATERAL (
            SELECT h.id, h.schedule_id, h.client_id, h.name, h.created_at, h.starts_at, h.ends_at
            FROM show_creators k JOIN shows h ON h.id = k.show_id
            WHERE k.creator_id = q.r AND k.starts_at > q.f - %s::interval AND k.starts_at < q.t
              AND k.ends_at > q.f AND h.status = 'draft' AND h.deleted_at IS NULL
            OFFSET 0
        ) s
        WHERE s.id NOT IN (SELECT unnest((SELECT %b::text[])))
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
    holders: bool = True,
    wishes: bool = True,
) -> list[Claim]:
    """What others hold or want of these resources while they are wanted, in one query; of wishes not those of
    `own_ids`. Rivals want a room with its lead and turnaround too, so rooms are probed that much wider."""
    if not wanted or not (holders or wishes):
        return []
    of_rooms = [claim for claim in wanted if claim.resource_id in rooms]
    of_creators = [claim for claim in wanted if claim.resource_id not in rooms]
    given: list[Any] = []
    if holders:
        given += [*_probe(wanted), *_probe(of_rooms), *_probe(of_creators)]
        studios = sorted({rooms[claim.resource_id].studio_id for claim in of_rooms})
        given += [studios, studios]
    if wishes:
        lead = max((room.lead_minutes for room in rooms.values()), default=0)
        turnaround = max((room.turnaround_minutes for room in rooms.values()), default=0)
        wide = _probe(of_rooms, timedelta(minutes=turnaround), timedelta(minutes=lead))
        own = list(own_ids)
        given += [*wide, LONGEST, own, *_probe(of_creators), LONGEST, own]
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


def _probe(
    claims: Sequence[Claim], before: timedelta = timedelta(), after: timedelta = timedelta()
) -> tuple[list[Any], list[Any], list[Any]]:
    return (
        [claim.resource_id for claim in claims],
        [claim.held.start - before for claim in claims],
        [claim.held.end + after for claim in claims],
    )
