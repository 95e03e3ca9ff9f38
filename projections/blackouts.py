"""Whom a closure or a creator's time off hits, and who may stand in."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from psycopg import Connection

from domain.conflicts import Hit, Overlap
from domain.ids import prefix_of
from domain.slots import Slot

_HITS: Final[LiteralString] = """
    SELECT s.id, s.name, s.status, s.schedule_id, s.client_id, s.starts_at, s.ends_at,
           greatest(lower(o.during), %(start)s), least(upper(o.during), %(end)s)
    FROM occupancy o JOIN shows s ON s.id = o.holder_id
    WHERE o.resource = md5(%(resource)s)::uuid AND o.kind = 'show'
      AND o.during && tstzrange(%(start)s, %(end)s, '[)')
    ORDER BY s.starts_at, s.id
"""

_BLACKED_OUT: Final[LiteralString] = """
    SELECT o.holder_id FROM (
        SELECT room_id AS resource_id, "start", "end" FROM room_closures
        WHERE id = %(id)s AND re_plan AND deleted_at IS NULL
        UNION ALL
        SELECT creator_id, "start", "end" FROM creator_time_offs
        WHERE id = %(id)s AND re_plan AND deleted_at IS NULL
    ) b
    JOIN occupancy o ON o.resource = md5(b.resource_id)::uuid AND o.kind = 'show'
        AND o.during && tstzrange(b."start", b."end", '[)')
"""

_ROOMS: Final[LiteralString] = """
    SELECT r.id FROM rooms r JOIN rooms own ON own.id = %s
    WHERE r.studio_id = own.studio_id AND r.id <> own.id AND r.deleted_at IS NULL
      AND coalesce(r.capacity, 0) >= coalesce(own.capacity, 0)
    ORDER BY r.capacity, r.name, r.id LIMIT %s
"""
_CREATORS: Final[LiteralString] = """
    SELECT id FROM creators WHERE id <> %s AND deleted_at IS NULL AND NOT is_banned ORDER BY name, id LIMIT %s
"""
_MOST: Final = 50
"""Stand-ins that are looked at: enough to find one, and few enough to look at them for hundreds of shows."""


class Blackouts:
    """The part of the application's References that blackouts over bookings ask."""

    def hits(self, connection: Connection[Any], resource_id: str, slot: Slot) -> list[Hit]:
        """The bookings that hold a room or creator inside a span, by start."""
        asked = {"resource": resource_id, "start": slot.start, "end": slot.end}
        return [
            Hit(
                show_id=show_id,
                name=name,
                status=status,
                schedule_id=schedule_id,
                client_id=client_id,
                start=start,
                end=end,
                overlap=Overlap(first, last, Slot(first, last).minutes),
            )
            for show_id, name, status, schedule_id, client_id, start, end, first, last in connection.execute(
                _HITS, asked
            )
        ]

    def blacked_out(self, connection: Connection[Any], row_id: str) -> set[str]:
        """The shows inside a blackout that re-plans, as it was before this command."""
        return {row[0] for row in connection.execute(_BLACKED_OUT, {"id": row_id})}

    def stand_ins(self, connection: Connection[Any], resource_id: str) -> Sequence[str]:
        """What may take its place: rooms of its studio that hold as many, creators that aren't banned."""
        sql = _ROOMS if prefix_of(resource_id) == "room" else _CREATORS
        return [row[0] for row in connection.execute(sql, (resource_id, _MOST))]
