"""What rooms and creators are held for over a window, and which drafts want them: what availability asks of
the read tables. Holds come as arrays of integers, one row a resource: a year of twenty rooms is many."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.availability import Held, Room, Why
from domain.schedule.planning import LONGEST
from domain.slots import Slot

_ROOMS: Final[LiteralString] = """
    SELECT id, name, studio_id, capacity, lead_minutes, turnaround_minutes, deleted_at IS NOT NULL FROM rooms
    WHERE CASE WHEN %(named)s::text[] IS NULL THEN studio_id = %(studio)s AND deleted_at IS NULL
               ELSE id = ANY (%(named)s) END
    ORDER BY id
"""
_CREATORS: Final[LiteralString] = """
    SELECT id, name, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN is_banned THEN 'banned' END
    FROM creators WHERE id = ANY (%s) ORDER BY name, id
"""

_ASKED: Final[LiteralString] = (
    "unnest((SELECT %b::text[]), (SELECT %b::timestamptz[]), (SELECT %b::timestamptz[])) AS q (r, f, t)"
)
_COUNTED: Final[LiteralString] = """
    array_agg((date_part('epoch', lower(o.during)) * 1000000)::bigint),
    array_agg((date_part('epoch', upper(o.during)) * 1000000)::bigint)
"""
"""Microseconds since 1970: a double holds those of the next two centuries exactly."""

_HELD: Final[LiteralString] = f"""
    SELECT q.r, h.starts, h.ends FROM {_ASKED}
    CROSS JOIN LATERAL (
        SELECT {_COUNTED} FROM occupancy o
        WHERE o.resource = md5(q.r)::uuid AND o.during && tstzrange(q.f, q.t, '[)')
    ) AS h (starts, ends)
    WHERE h.starts IS NOT NULL
"""
"""One look at the exclusion constraint's index a resource."""

_CLOSED: Final[LiteralString] = f"""
    SELECT o.r, {_COUNTED} FROM (
        SELECT q.r, unnest(range_agg(b.span)) AS during
        FROM {_ASKED} JOIN blackouts((SELECT %b::text[])) b
            ON b.resource = q.r AND b.span && tstzrange(q.f, q.t, '[)')
        GROUP BY q.r
    ) o GROUP BY o.r
"""
"""Closures and time off alone, also where a booking keeps them waiting."""

_WANTS: Final[LiteralString] = """
    SELECT FROM shows h JOIN schedules c ON c.id = h.schedule_id
    WHERE h.starts_at > q.f - %s::interval AND h.starts_at < q.t AND h.ends_at > q.f AND h.status = 'draft'
      AND h.deleted_at IS NULL AND c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
"""
_WANTED: Final[LiteralString] = f"""
    SELECT q.n FROM unnest(%b::text[], %b::timestamptz[], %b::timestamptz[], %b::int[]) AS q (r, f, t, n)
    WHERE EXISTS ({_WANTS} AND h.room_id = q.r)
       OR EXISTS ({_WANTS} AND h.id IN (SELECT k.show_id FROM show_creators k WHERE k.creator_id = q.r
              AND k.starts_at > q.f - %s::interval AND k.starts_at < q.t AND k.ends_at > q.f))
"""


class CreatorAsked(Struct, frozen=True):
    """A creator to be free; `why` she can't be booked at all, if so: `deleted` or `banned`."""

    id: str
    name: str
    why: Why | None


class Probe(Struct, frozen=True):
    """A span of a room or creator to look at."""

    resource_id: str
    slot: Slot


def rooms(connection: Connection[Any], studio_id: str, named: Sequence[str] | None) -> list[Room]:
    """The rooms of these ids, deleted or not; without ids the live ones of a studio. By id."""
    rows = connection.execute(
        _ROOMS, {"studio": studio_id, "named": None if named is None else sorted(set(named))}
    )
    return [
        Room(
            id=room_id,
            name=name,
            studio_id=studio,
            capacity=capacity,
            lead_minutes=lead,
            turnaround_minutes=turnaround,
            deleted=deleted,
        )
        for room_id, name, studio, capacity, lead, turnaround, deleted in rows
    ]


def creators(connection: Connection[Any], named: Sequence[str]) -> list[CreatorAsked]:
    """The creators of these ids, deleted or not, by name."""
    return [CreatorAsked(*row) for row in connection.execute(_CREATORS, (sorted(set(named)),))]


def probe_of(room: Room, window: Slot) -> Probe:
    """Where holds of a room can be in the way of a show inside a window."""
    lead, turnaround = timedelta(minutes=room.lead_minutes), timedelta(minutes=room.turnaround_minutes)
    return Probe(room.id, Slot(window.start - lead, window.end + turnaround))


def held(connection: Connection[Any], probes: Sequence[Probe]) -> Mapping[str, Held]:
    """What holds these resources in these spans, by resource; none for one that is free. One query."""
    return _by_resource(connection.execute(_HELD, _arrays(probes)))


def closed(connection: Connection[Any], probes: Sequence[Probe]) -> Mapping[str, Held]:
    """The same of closures and time off alone, laid together."""
    ids = [probe.resource_id for probe in probes]
    return _by_resource(connection.execute(_CLOSED, (*_arrays(probes), ids)))


def wanted(connection: Connection[Any], probes: Sequence[Probe], numbers: Sequence[int]) -> set[int]:
    """The numbers of those spans in which a draft of a schedule that is being planned wants the resource."""
    rows = connection.execute(_WANTED, (*_arrays(probes), list(numbers), LONGEST, LONGEST, LONGEST))
    return {row[0] for row in rows}


def _arrays(probes: Sequence[Probe]) -> tuple[list[str], list[datetime], list[datetime]]:
    return (
        [probe.resource_id for probe in probes],
        [probe.slot.start for probe in probes],
        [probe.slot.end for probe in probes],
    )


def _by_resource(rows: Any) -> dict[str, Held]:
    return {resource_id: Held(starts, ends) for resource_id, starts, ends in rows}
