"""Numbered versions of schedules: who proposed or booked what when. Their content is in the stream."""

from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

from msgspec import Struct
from psycopg import Connection

from domain.event_log import Statement
from domain.events import (
    Command,
    EntityCreated,
    EntityDeleted,
    EntityRestored,
    EntityUpdated,
    ImportApplied,
    ProposalWithdrawn,
    ScheduleCancelled,
    ScheduleEdited,
    ScheduleOpened,
    ScheduleProposed,
    ShowCancelled,
    ShowCompleted,
    ShowDrafted,
    ShowsConfirmed,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
    ShowStarted,
    VersionApproved,
    VersionNumbered,
    VersionRejected,
)

TABLES: Final = ("versions",)

_ADD: Final[LiteralString] = (
    "INSERT INTO versions"
    " (schedule_id, number, kind, label, note, position, show_count, created_at, created_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class VersionRow(Struct, frozen=True, kw_only=True):
    """A numbered version (SPEC 11); `position` is the version of the schedule's stream that it stands for."""

    number: int
    kind: str
    label: str
    note: str
    position: int
    show_count: int
    created_at: datetime
    created_by: str


def apply(command: Command) -> list[Statement]:
    """One row for each version that the command numbered."""
    statements: list[Statement] = []
    for recorded in command:
        event = recorded.event
        match event:
            case VersionNumbered():
                row = (
                    *(recorded.originator_id, event.number, event.kind, event.label, event.note),
                    *(recorded.originator_version, event.show_count, recorded.at, recorded.actor.id),
                )
                statements.append((_ADD, row))
            case (
                ScheduleOpened()
                | ScheduleEdited()
                | ShowDrafted()
                | ShowsEdited()
                | ShowsRemoved()
                | ShowsRestored()
                | ScheduleProposed()
                | VersionApproved()
                | VersionRejected()
                | ProposalWithdrawn()
                | ShowsConfirmed()
                | ShowStarted()
                | ShowCompleted()
                | ShowCancelled()
                | ScheduleCancelled()
                | EntityCreated()
                | EntityUpdated()
                | EntityDeleted()
                | EntityRestored()
                | ImportApplied()
            ):
                pass
            case _:
                assert_never(event)
    return statements


def listed(
    connection: Connection[Any], schedule_id: str, *, after: int | None = None, limit: int | None = None
) -> list[VersionRow]:
    """A schedule's versions, newest first; `after` is the number of the last one seen."""
    rows = connection.execute(
        "SELECT number, kind, label, note, position, show_count, created_at, created_by FROM versions"
        " WHERE schedule_id = %s AND number < %s ORDER BY number DESC LIMIT %s",
        (schedule_id, after if after is not None else 2**31 - 1, limit),
    )
    return [
        VersionRow(
            number=number,
            kind=kind,
            label=label,
            note=note,
            position=position,
            show_count=show_count,
            created_at=created_at,
            created_by=created_by,
        )
        for number, kind, label, note, position, show_count, created_at, created_by in rows
    ]


def total(connection: Connection[Any], schedule_id: str) -> int:
    """How many versions a schedule has."""
    row = connection.execute(
        "SELECT count(*) FROM versions WHERE schedule_id = %s", (schedule_id,)
    ).fetchone()
    return row[0] if row else 0
