"""Another room of the same studio at the same time, that holds at least as many people."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec.structs import replace

from domain.conflicts import RoomFacts, Subject
from domain.suggesting.ground import Ground
from domain.suggesting.ways import Way

MOST: Final = 5


def rooms(subject: Subject, ground: Ground) -> Iterator[Way]:
    """At most five, the smallest that is large enough first."""
    return islice(_rooms(subject, ground), MOST)


def large_enough(room: RoomFacts, present: RoomFacts | None) -> bool:
    """Whether a room holds as many people as the present one. What is not known is not relied on."""
    if present is None or present.capacity is None:
        return True
    return room.capacity is not None and room.capacity >= present.capacity


def _rooms(subject: Subject, ground: Ground) -> Iterator[Way]:
    present = ground.facts.rooms.get(subject.room_id) if subject.room_id else None
    others = [
        room
        for room in ground.rooms_of(subject.studio_id)
        if room.id != subject.room_id and large_enough(room, present)
    ]
    for room in sorted(others, key=lambda room: room.capacity or 0):
        there = replace(subject, room_id=room.id)
        if ground.fits([subject], [there]):
            yield Way("room", (subject,), (there,))
