"""When rooms are booked by others: all that a client's users learn of these bookings (SPEC 6 and 9)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.slots import Slot
from domain.timelines import merged

_HELD: Final[LiteralString] = """
    SELECT o.resource_id, lower(o.during), upper(o.during)
    FROM unnest(%(rooms)s::text[]) AS q (r)
    CROSS JOIN LATERAL (
        SELECT h.resource_id, h.during, h.holder_id FROM occupancy h
        WHERE h.resource = md5(q.r)::uuid AND h.kind = 'show'
          AND h.during && tstzrange(%(start)s, %(end)s, '[)')
        OFFSET 0
    ) o
    JOIN shows s ON s.id = o.holder_id
    WHERE s.client_id IS NULL OR s.client_id <> ALL (%(clients)s::text[])
"""


class Booked(Struct, frozen=True, kw_only=True):
    """A room that is held from `start` until before `end`, lead and turnaround included: by one show or by
    several, nobody says."""

    room_id: str
    start: datetime
    end: datetime


def by_others(
    connection: Connection[Any],
    rooms: Sequence[str],
    window: tuple[datetime, datetime],
    clients: Sequence[str] | None,
) -> list[Booked]:
    """When shows of others than these clients hold the rooms (SPEC 1, occupancy); nothing for users who see
    the shows themselves (None)."""
    if clients is None:
        return []
    start, end = window
    asked = {"rooms": list(rooms), "start": start, "end": end, "clients": list(clients)}
    rows = connection.execute(_HELD, asked)
    return told(((room_id, Slot(since, until)) for room_id, since, until in rows), window)


def told(held: Iterable[tuple[str, Slot]], window: tuple[datetime, datetime]) -> list[Booked]:
    """What is told of holds of rooms: the time alone, cut to the window and laid together where holds touch,
    so that no seam tells one show from the next. By start, then room."""
    whole = Slot(*window)
    by_room: dict[str, list[Slot]] = {}
    for room_id, slot in held:
        if slot.overlaps(whole):
            by_room.setdefault(room_id, []).append(slot.overlap(whole))
    spans = [(slot, room_id) for room_id, slots in by_room.items() for slot in merged(slots)]
    return [
        Booked(room_id=room_id, start=slot.start, end=slot.end)
        for slot, room_id in sorted(spans, key=lambda each: (each[0].start, each[1]))
    ]
