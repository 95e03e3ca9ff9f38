"""Numbered versions of schedules: who proposed or booked what when. Their content is in the stream."""

from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

from msgspec import UNSET, Struct
from psycopg import Connection

from domain.event_log import Statement
from domain.events import (
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    Command,
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    EntityCreated,
    EntityDeleted,
    EntityRestored,
    EntityUpdated,
    ImportApplied,
    ImportFailed,
    ImportUndone,
    PasswordSet,
    ProposalWithdrawn,
    ScheduleArchived,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEdited,
    ScheduleOpened,
    ScheduleParked,
    ScheduleProposed,
    ScheduleReopened,
    ScheduleRestored,
    ScheduleResumed,
    ScheduleUnarchived,
    ShowCancelled,
    ShowCompleted,
    ShowDrafted,
    ShowInterrupted,
    ShowResolved,
    ShowsConfirmed,
    ShowsEdited,
    ShowsJoined,
    ShowsLeft,
    ShowsRebooked,
    ShowsRemoved,
    ShowsRestored,
    ShowStarted,
    VersionApproved,
    VersionDeleted,
    VersionEdited,
    VersionNumbered,
    VersionRejected,
    VersionRestored,
    WaiverWithdrawn,
)

TABLES: Final = ("versions",)

_ADD: Final[LiteralString] = (
    "INSERT INTO versions"
    " (schedule_id, number, kind, label, note, position, show_count, created_at, created_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_EDIT: Final[LiteralString] = (
    "UPDATE versions SET label = coalesce(%s, label), note = coalesce(%s, note)"
    " WHERE schedule_id = %s AND number = %s"
)
_DELETE: Final[LiteralString] = (
    "UPDATE versions SET deleted_at = %s, deleted_by = %s WHERE schedule_id = %s AND number = %s"
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
    deleted_at: datetime | None = None
    deleted_by: str | None = None


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
            case VersionEdited(number=number):
                label = None if event.label is UNSET else event.label
                note = None if event.note is UNSET else event.note
                statements.append((_EDIT, (label, note, recorded.originator_id, number)))
            case VersionDeleted(number=number):
                gone = (recorded.at, recorded.actor.id, recorded.originator_id, number)
                statements.append((_DELETE, gone))
            case VersionRestored(number=number):
                statements.append((_DELETE, (None, None, recorded.originator_id, number)))
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
                | ChangeAcknowledged()
                | ChangeApproved()
                | ChangeProposed()
                | ChangeRejected()
                | ChangeWithdrawn()
                | CommentAcknowledged()
                | CommentAdded()
                | CommentEdited()
                | CommentRemoved()
                | ConflictWaived()
                | WaiverWithdrawn()
                | ScheduleArchived()
                | ScheduleDeleted()
                | ScheduleParked()
                | ScheduleReopened()
                | ScheduleRestored()
                | ScheduleResumed()
                | ScheduleUnarchived()
                | ShowInterrupted()
                | ShowResolved()
                | ShowsJoined()
                | ShowsLeft()
                | ShowsRebooked()
                | EntityCreated()
                | EntityUpdated()
                | EntityDeleted()
                | EntityRestored()
                | ImportApplied()
                | ImportFailed()
                | ImportUndone()
                | BulkRan()
                | PasswordSet()
            ):
                pass
            case _:
                assert_never(event)
    return statements


def listed(
    connection: Connection[Any],
    schedule_id: str,
    *,
    after: int | None = None,
    limit: int | None = None,
    include_deleted: bool = False,
) -> list[VersionRow]:
    """A schedule's versions, newest first; `after` is the number of the last one seen."""
    rows = connection.execute(
        "SELECT number, kind, label, note, position, show_count, created_at, created_by, deleted_at,"
        " deleted_by FROM versions WHERE schedule_id = %s AND number < %s AND (%s OR deleted_at IS NULL)"
        " ORDER BY number DESC LIMIT %s",
        (schedule_id, after if after is not None else 2**31 - 1, include_deleted, limit),
    )
    return [VersionRow(**dict(zip(VersionRow.__struct_fields__, row, strict=True))) for row in rows]


def total(connection: Connection[Any], schedule_id: str, *, include_deleted: bool = False) -> int:
    """How many versions a schedule has."""
    row = connection.execute(
        "SELECT count(*) FROM versions WHERE schedule_id = %s AND (%s OR deleted_at IS NULL)",
        (schedule_id, include_deleted),
    ).fetchone()
    return row[0] if row else 0
