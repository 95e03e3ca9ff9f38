"""Findings that somebody accepted, while they are in force: what conflicts of many shows are marked by. What
ended is in the schedules' streams only."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, LiteralString

import msgspec
from psycopg import Connection

from domain.event_log import Statement
from domain.events import Command, ConflictWaived, Recorded, ScheduleEvent
from domain.waivers import Waiver, ended_by

TABLES: Final = ("waivers",)

_GIVE: Final[LiteralString] = (
    "INSERT INTO waivers (id, schedule_id, show_id, other, code, resource_id, reason, starts_at, ends_at,"
    " room_id, creators, overlap_start, overlap_end, created_at, created_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_END: Final[LiteralString] = (
    "DELETE FROM waivers WHERE schedule_id = %s AND (id = %s OR show_id = ANY (%s) OR other = ANY (%s))"
)
COLUMNS: Final[LiteralString] = (
    "id, show_id, code, reason, starts_at, ends_at, room_id, creators, other, resource_id, overlap_start,"
    " overlap_end, created_at, created_by"
)
"""In the order of Waiver's fields."""


def apply(command: Command) -> list[Statement]:
    """A row for each waiver until it ends."""
    return [statement for recorded in command for statement in _apply(recorded)]


def _apply(recorded: Recorded) -> list[Statement]:
    event = recorded.event
    if isinstance(event, ConflictWaived):
        return [(_GIVE, _values(event, recorded))]
    if not isinstance(event, ScheduleEvent):
        return []
    _, shows, waiver_id = ended_by(event)
    if not (shows or waiver_id):
        return []
    ids = list(shows)
    return [(_END, (recorded.originator_id, waiver_id, ids, ids))]


def _values(event: ConflictWaived, recorded: Recorded) -> tuple[Any, ...]:
    return (
        event.waiver_id,
        recorded.originator_id,
        event.show_id,
        event.other,
        event.code,
        event.resource_id,
        event.reason,
        event.start,
        event.end,
        event.room_id,
        list(event.creators),
        event.overlap_start,
        event.overlap_end,
        recorded.at,
        recorded.actor.id,
    )


def of_shows(connection: Connection[Any], show_ids: Collection[str]) -> dict[str, tuple[Waiver, ...]]:
    """The waivers in force in which these shows have a side, by show."""
    ids = sorted(show_ids)
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM waivers WHERE show_id = ANY (%s) OR other = ANY (%s) ORDER BY id",  # noqa: S608
        (ids, ids),
    )
    return by_show(map(waiver_of, rows), ids)


def by_show(waivers: Iterable[Waiver], show_ids: Iterable[str]) -> dict[str, tuple[Waiver, ...]]:
    """Those of each of these shows, where there are any."""
    wanted = frozenset(show_ids)
    found: dict[str, tuple[Waiver, ...]] = {}
    for waiver in waivers:
        for side in (waiver.show_id, waiver.other):
            if side is not None and side in wanted:
                found[side] = (*found.get(side, ()), waiver)
    return found


def waiver_of(row: Sequence[Any]) -> Waiver:
    """A waiver of a row with COLUMNS."""
    return msgspec.convert(dict(zip(Waiver.__struct_fields__, row, strict=False)), Waiver)
