"""How long shows are booked and wanted, by room, creator, client or studio day: one query each, over the
index of shows by studio and start (or by client and start)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.schedule.planning import LONGEST
from projections import published

By = Literal["room", "creator", "client", "day"]

_KEYS: Final[dict[By, tuple[LiteralString, LiteralString]]] = {
    "room": ("CROSS JOIN LATERAL (SELECT p.room_id, p.f, p.t) k (key, f, t)", "rooms"),
    "client": ("CROSS JOIN LATERAL (SELECT p.client_id, p.f, p.t) k (key, f, t)", "clients"),
    "creator": (
        "CROSS JOIN LATERAL (SELECT unnest(CASE p.creators WHEN '{}' THEN ARRAY[NULL] ELSE p.creators END),"
        " p.f, p.t) k (key, f, t)",
        "creators",
    ),
    "day": (
        "CROSS JOIN LATERAL (SELECT n::text, greatest(p.f, e.edges[n]), least(p.t, e.edges[n + 1])"
        " FROM (SELECT %(edges)s::timestamptz[] AS edges) e CROSS JOIN LATERAL generate_series("
        "width_bucket(p.f, e.edges), width_bucket(p.t - interval '1 microsecond', e.edges)) AS n)"
        " k (key, f, t)",
        "(SELECT NULL::text AS id, NULL::text AS name)",
    ),
}
"""What a show counts for, with the part of it that does; and where the names are. A day is its number."""

_HOURS: Final[LiteralString] = """
    WITH part AS (
        SELECT h.room_id, h.client_id, h.creators, h.status = 'draft' AS wanted,
               greatest(h.starts_at, %(from)s) AS f,
               least(h.ends_at, CASE h.status WHEN 'completed' THEN h.actual_end END, %(to)s) AS t
        FROM {source} h JOIN schedules c ON c.id = h.schedule_id
        WHERE h.studio_id = %(studio)s AND h.starts_at > %(from)s - %(longest)s AND h.starts_at < %(to)s
          AND h.ends_at > %(from)s AND h.deleted_at IS NULL
          AND (%(clients)s::text[] IS NULL OR h.client_id = ANY (%(clients)s))
          AND (h.status IN ('confirmed', 'live', 'completed', 'cancelled_pending_resolution')
               OR (h.status = 'draft' AND c.status IN ('draft', 'proposed', 'confirmed')
                   AND c.deleted_at IS NULL))
    )
    SELECT s.key, w.name, s.booked, s.wanted FROM (
        SELECT k.key, coalesce(sum(extract(epoch FROM k.t - k.f)) FILTER (WHERE NOT p.wanted), 0) AS booked,
               coalesce(sum(extract(epoch FROM k.t - k.f)) FILTER (WHERE p.wanted), 0) AS wanted
        FROM part p {keys}
        WHERE p.f < p.t
        GROUP BY k.key
    ) s
    LEFT JOIN {names} w ON w.id = s.key
    ORDER BY w.name, s.key
"""


class Used(Struct, frozen=True):
    """Seconds booked and wanted by what `key` is the id of; None is what has no room, creator or client. A
    day's key is its number, from 1."""

    key: str | None
    name: str | None
    booked: Decimal
    wanted: Decimal


def used(
    connection: Connection[Any],
    by: By,
    studio_id: str,
    edges: Sequence[datetime],
    clients: Sequence[str] | None,
) -> list[Used]:
    """By name. `edges` are those of the days. A show counts for what it lasts inside them, one that was
    completed early to its actual end; with `clients` only theirs, as they were published."""
    keys, names = _KEYS[by]
    source: LiteralString = "shows" if clients is None else published.SHOWS
    asked = {
        "studio": studio_id,
        "from": edges[0],
        "to": edges[-1],
        "edges": list(edges),
        "longest": LONGEST,
        "clients": None if clients is None else list(clients),
    }
    return [Used(*row) for row in connection.execute(_sql(source, keys, names), asked, prepare=False)]


def _sql(source: LiteralString, keys: LiteralString, names: LiteralString) -> LiteralString:
    return _HOURS.replace("{source}", source).replace("{keys}", keys).replace("{names}", names)
