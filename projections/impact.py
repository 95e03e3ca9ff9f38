"""What would be hit if a room or creator went away for some time: bookings that hold it, drafts that want it,
and the closures or time off that are there already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.schedule.planning import LONGEST
from domain.slots import Slot
from projections import published

_BOOKED: Final[LiteralString] = """
    SELECT s.id, s.name, s.status, 'booked', s.starts_at, s.ends_at,
           greatest(lower(o.during), %(from)s), least(upper(o.during), %(to)s),
           c.kind, c.id, c.name, c.approved_version, s.client_id, n.name
    FROM occupancy o JOIN shows s ON s.id = o.holder_id JOIN {schedules} c ON c.id = s.schedule_id
    LEFT JOIN clients n ON n.id = s.client_id
    WHERE o.resource = md5(%(resource)s)::uuid AND o.kind = 'show'
      AND o.during && tstzrange(%(from)s, %(to)s, '[)')
      AND s.status IN ('confirmed', 'live', 'cancelled_pending_resolution')
"""
_WANTED: Final[LiteralString] = """
    SELECT s.id, s.name, s.status, CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END,
           s.starts_at, s.ends_at, greatest(s.starts_at - r.lead, %(from)s),
           least(s.ends_at + r.turnaround, %(to)s),
           c.kind, c.id, c.name, c.approved_version, s.client_id, n.name
    FROM {shows} s JOIN {schedules} c ON c.id = s.schedule_id LEFT JOIN clients n ON n.id = s.client_id
    CROSS JOIN (
        SELECT coalesce(max(make_interval(mins => lead_minutes)), '0') AS lead,
               coalesce(max(make_interval(mins => turnaround_minutes)), '0') AS turnaround
        FROM rooms WHERE id = %(resource)s
    ) r
    WHERE {names} AND s.starts_at > %(from)s - %(longest)s - r.turnaround AND s.starts_at < %(to)s + r.lead
      AND s.ends_at > %(from)s - r.turnaround AND s.status = 'draft' AND s.deleted_at IS NULL
      AND c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
      AND (%(clients)s::text[] IS NULL OR s.client_id = ANY (%(clients)s))
"""
_ROOMS: Final[LiteralString] = "s.room_id = %(resource)s"
_CREATORS: Final[LiteralString] = (
    "s.id IN (SELECT k.show_id FROM show_creators k WHERE k.creator_id = %(resource)s"
    " AND k.starts_at > %(from)s - %(longest)s AND k.starts_at < %(to)s)"
)
_PUBLISHED: Final[LiteralString] = "%(resource)s = ANY (s.creators)"
_BLACKOUTS: Final[LiteralString] = """
    SELECT b.id, b.f, b.t, b.reason, EXISTS (
        SELECT FROM occupancy o WHERE o.resource = md5(%(resource)s)::uuid AND o.kind = 'show'
        AND o.during && tstzrange(b.f, b.t, '[)')
    )
    FROM (
        SELECT id, "start", "end", reason FROM room_closures
        WHERE room_id = %(resource)s AND deleted_at IS NULL
        UNION ALL
        SELECT id, "start", "end", CASE WHEN %(masked)s THEN 'unavailable' ELSE reason END
        FROM creator_time_offs WHERE creator_id = %(resource)s AND deleted_at IS NULL
    ) b (id, f, t, reason)
    WHERE b.f < %(to)s AND b.t > %(from)s
    ORDER BY b.f, b.id
"""
_CHANGES: Final[LiteralString] = """
    SELECT o ->> 'show_id', array_agg(DISTINCT c.id ORDER BY c.id)
    FROM changes c CROSS JOIN LATERAL json_array_elements(c.operations) o
    WHERE c.schedule_id = ANY (%s) AND c.status = 'proposed' AND o ->> 'show_id' = ANY (%s)
    GROUP BY 1
"""
_POSITIONS: Final[LiteralString] = (
    "SELECT c.id, v.position FROM schedules c"
    " JOIN versions v ON v.schedule_id = c.id AND v.number = c.approved_version WHERE c.id = ANY (%s)"
)


class Touched(Struct, frozen=True):
    """A show that holds or wants a room or creator inside a window. `stage` is booked, proposed or draft; the
    room is needed from `first` to `last`, cut to the window; `plan` is the schedule whose stream has it, of
    `kind` plan or single."""

    id: str
    name: str
    status: str
    stage: str
    start: datetime
    end: datetime
    first: datetime
    last: datetime
    kind: str
    plan: str
    plan_name: str
    approved_version: int | None
    client_id: str | None
    client_name: str | None


class Blackout(Struct, frozen=True):
    """A closure or time off. `waiting`: a booking still holds some of it."""

    id: str
    start: datetime
    end: datetime
    reason: str
    waiting: bool


def touched(
    connection: Connection[Any], resource_id: str, window: Slot, clients: Sequence[str] | None
) -> list[Touched]:
    """In one query. With `clients`, bookings are everybody's, for the caller to mask, and drafts theirs as
    they were published."""
    ours = clients is not None
    names: LiteralString = _CREATORS
    if resource_id.startswith("room_"):
        names = _ROOMS
    elif ours:
        names = _PUBLISHED
    sql: LiteralString = f"{_BOOKED} UNION ALL {_WANTED}"
    sql = sql.replace("{shows}", published.SHOWS if ours else "shows").replace("{names}", names)
    sql = sql.replace("{schedules}", published.SCHEDULES if ours else "schedules")
    asked = _asked(resource_id, window) | {"longest": LONGEST, "clients": list(clients) if ours else None}
    return [Touched(*row) for row in connection.execute(sql, asked, prepare=False)]


def blackouts(connection: Connection[Any], resource_id: str, window: Slot, *, masked: bool) -> list[Blackout]:
    """Closures of a room or time off of a creator in a window, by start; `masked` hides why she is away."""
    rows = connection.execute(_BLACKOUTS, _asked(resource_id, window) | {"masked": masked})
    return [Blackout(*row) for row in rows]


def open_changes(
    connection: Connection[Any], plans: Sequence[str], shows: Sequence[str]
) -> dict[str, list[str]]:
    """The changes that wait to be decided, by the show they touch."""
    return dict(connection.execute(_CHANGES, (list(plans), list(shows))).fetchall())


def approved_positions(connection: Connection[Any], plans: Sequence[str]) -> dict[str, int]:
    """Where in each schedule's stream its approved version stands, if it has one."""
    return dict(connection.execute(_POSITIONS, (list(plans),)).fetchall())


def _asked(resource_id: str, window: Slot) -> dict[str, Any]:
    return {"resource": resource_id, "from": window.start, "to": window.end}
