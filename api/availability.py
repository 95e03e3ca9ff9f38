"""When a studio's rooms and creators are free: what was asked of the read tables, and the arithmetic."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from domain.application import Commands
from domain.availability import (
    Held,
    Room,
    Why,
    Wish,
    asked_for,
    common,
    free_of_creators,
    free_of_room,
    in_order,
    unfit,
    while_open,
    why_none,
)
from domain.errors import NotFound
from projections import availability
from projections.availability import CreatorAsked, Probe

FREE = Held()


class Question(Struct, frozen=True, kw_only=True):
    """What is to be free together. Without `room_ids` every room of the studio is asked; with
    `creators_alone` none is, and opening hours, which are of rooms, don't count."""

    studio_id: str
    time_zone: str
    wish: Wish
    room_ids: tuple[str, ...] | None = None
    creator_ids: tuple[str, ...] = ()
    creators_alone: bool = False
    capacity: int | None = None


class LeftOut(Struct, frozen=True, kw_only=True):
    """A room, or a creator who can't be booked, without any span, and why."""

    kind: str
    id: str
    name: str
    reason: Why


class Found(Struct, frozen=True, kw_only=True):
    """The spans by room; `rooms` is empty where only creators are asked: then there is one list of spans."""

    rooms: list[Room]
    spans: list[list[tuple[int, int]]]
    left_out: list[LeftOut]

    def in_order(self) -> list[tuple[int, int, int]]:
        """(start, number of the room, end) by start, then room."""
        return in_order(self.spans)


def look(connection: Connection[Any], commands: Commands, question: Question) -> Found:
    """Every free span. Two queries for rooms and creators, two for opening hours, one for all that is held,
    and one more where a room has no span. Raises NotFound for an id that is no room's or creator's."""
    rooms, refused = _rooms(connection, question)
    creators = availability.creators(connection, question.creator_ids) if question.creator_ids else []
    _all_there("creator", question.creator_ids, [creator.id for creator in creators])
    refused += [_left_out("creator", each, each.why) for each in creators if each.why]
    wish, zone = question.wish, question.time_zone
    lets_in = asked_for(wish, zone)
    _, hours = commands.references.hours(connection, question.studio_id)
    counts = [] if question.creators_alone else list(hours.values())
    open_ = while_open(lets_in, wish, counts, zone)
    probes = [availability.probe_of(room, wish.window) for room in rooms]
    away = [Probe(creator.id, wish.window) for creator in creators]
    held = availability.held(connection, [*probes, *away])
    together = free_of_creators([held.get(creator.id, FREE) for creator in creators], open_, wish)
    if any(creator.why for creator in creators):
        return Found(rooms=[], spans=[], left_out=refused)
    if question.creators_alone:
        return Found(rooms=[], spans=[together], left_out=refused)
    spans = [
        list(common(together, free_of_room(held.get(room.id, FREE), room, wish), wish.length))
        for room in rooms
    ]
    without = [number for number, found in enumerate(spans) if not found]
    if without:
        closed = availability.closed(connection, [probes[number] for number in without])
        for room in (rooms[number] for number in without):
            holds = {"held": held.get(room.id, FREE), "closed": closed.get(room.id, FREE)}
            refused.append(_left_out("room", room, why_none(room, wish, lets_in, open_, **holds)))
    refused.sort(key=lambda each: (each.kind, each.name, each.id))
    return Found(rooms=rooms, spans=spans, left_out=refused)


def _rooms(connection: Connection[Any], question: Question) -> tuple[list[Room], list[LeftOut]]:
    """The rooms to look at, and those that are out from the start."""
    if question.creators_alone:
        return [], []
    asked = availability.rooms(connection, question.studio_id, question.room_ids)
    _all_there("room", question.room_ids or (), [room.id for room in asked])
    fit: list[Room] = []
    left_out: list[LeftOut] = []
    for room in asked:
        why = unfit(room, question.studio_id, question.capacity)
        if why is None:
            fit.append(room)
        else:
            left_out.append(_left_out("room", room, why))
    return fit, left_out


def _left_out(kind: str, row: Room | CreatorAsked, why: Why) -> LeftOut:
    return LeftOut(kind=kind, id=row.id, name=row.name, reason=why)


def _all_there(kind: str, asked: Sequence[str], found: Sequence[str]) -> None:
    for each in asked:
        if each not in found:
            raise NotFound(f"no {kind} {each}")
