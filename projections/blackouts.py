"""Whom a closure, a creator's time off or opening hours hit, and what is around those."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import Connection

from domain.conflicts import Facts, Hit, Overlap, Resource, Subject
from domain.opening import Opening
from domain.slots import Slot
from domain.suggesting.ground import Home
from projections import surroundings

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

_HOURS: Final[LiteralString] = """
    SELECT id, weekday, NULL::date, opens, closes, 'outside opening hours', created_at
    FROM opening_hours WHERE studio_id = %(studio)s AND deleted_at IS NULL
    UNION ALL
    SELECT id, NULL, date, opens, closes, reason, created_at
    FROM opening_exceptions WHERE studio_id = %(studio)s AND deleted_at IS NULL
"""
_TO_COME: Final[LiteralString] = """
    SELECT s.id, s.name, s.status, s.schedule_id, s.client_id, s.starts_at, s.ends_at, r.id, r.name
    FROM shows s JOIN rooms r ON r.id = s.room_id
    WHERE s.studio_id = %s AND s.ends_at > %s AND s.deleted_at IS NULL
      AND s.status IN ('confirmed', 'live', 'cancelled_pending_resolution')
    ORDER BY s.starts_at, s.id
"""
_TO_WANT: Final[LiteralString] = """
    SELECT s.id, s.name, s.status, s.schedule_id, s.client_id, s.starts_at, s.ends_at, r.id, r.name
    FROM shows s JOIN rooms r ON r.id = s.room_id JOIN schedules c ON c.id = s.schedule_id
    WHERE s.studio_id = %s AND s.ends_at > %s AND s.deleted_at IS NULL AND s.status = 'draft'
      AND c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
    ORDER BY s.starts_at, s.id
"""


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

    def lock_hours(self, connection: Connection[Any], studio_id: str) -> None:
        """Locks a studio against bookings until this command ends."""
        connection.execute("SELECT FROM studios WHERE id = %s FOR NO KEY UPDATE", (studio_id,))

    def hours(self, connection: Connection[Any], studio_id: str) -> tuple[str, dict[str, Opening]]:
        """A studio's time zone and its live rows of opening hours and exceptions, by id."""
        zone = connection.execute("SELECT time_zone FROM studios WHERE id = %s", (studio_id,)).fetchone()
        rows = connection.execute(_HOURS, {"studio": studio_id})
        return (zone[0] if zone else "UTC"), {
            row_id: Opening(weekday=weekday, day=day, opens=opens, closes=closes, reason=reason, since=since)
            for row_id, weekday, day, opens, closes, reason, since in rows
        }

    def to_come(
        self, connection: Connection[Any], studio_id: str, now: datetime
    ) -> list[tuple[Hit, Resource]]:
        """A studio's bookings that are not over, with the room each holds, by start."""
        return _with_rooms(connection.execute(_TO_COME, (studio_id, now)).fetchall())

    def to_want(
        self, connection: Connection[Any], studio_id: str, now: datetime
    ) -> list[tuple[Hit, Resource]]:
        """A studio's drafts that are not over, proposed ones too, with the room each wants, by start."""
        return _with_rooms(connection.execute(_TO_WANT, (studio_id, now)).fetchall())

    def around(
        self,
        connection: Connection[Any],
        subjects: Sequence[Subject],
        homes: Mapping[str, Home],
        now: datetime,
    ) -> Facts:
        """What ways out for all these shows are looked for in."""
        return surroundings.around(connection, subjects, [each.id for each in subjects], homes, now)


def _with_rooms(rows: Sequence[Sequence[Any]]) -> list[tuple[Hit, Resource]]:
    return [(_whole(row[:7]), Resource("room", *row[7:])) for row in rows]


def _whole(row: Sequence[Any]) -> Hit:
    """A booking that is hit as a whole, until somebody looks closer."""
    show_id, name, status, schedule_id, client_id, start, end = row
    return Hit(
        show_id=show_id,
        name=name,
        status=status,
        schedule_id=schedule_id,
        client_id=client_id,
        start=start,
        end=end,
        overlap=Overlap(start, end, Slot(start, end).minutes),
    )
