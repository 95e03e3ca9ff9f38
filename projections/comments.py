"""Comments on schedules, shows and changes. Removed ones stay in the history only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

from msgspec import Struct
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
    Recorded,
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

TABLES: Final = ("comments",)

_ADD: Final[LiteralString] = (
    "INSERT INTO comments (id, schedule_id, subject_id, text, version, created_at, created_by, updated_at)"
    " VALUES (%s, %s, %s, %s, 1, %s, %s, %s)"
)
_EDIT: Final[LiteralString] = (
    "UPDATE comments SET text = %s, version = version + 1, updated_at = %s,"
    " acknowledged_at = NULL, acknowledged_by = NULL WHERE id = %s"
)
_ACKNOWLEDGE: Final[LiteralString] = (
    "UPDATE comments SET acknowledged_at = %s, acknowledged_by = %s WHERE id = %s"
)
_REMOVE: Final[LiteralString] = "UPDATE comments SET version = version + 1, deleted_at = %s WHERE id = %s"


class CommentRow(Struct, frozen=True, kw_only=True):
    """Somebody's words on what `subject_id` names: a schedule, a show or a change. `version` counts how often
    they were said anew; `schedule_id` is the stream that tells of them. `acknowledged_by` is who of the
    studio has seen what a client said, as it stands now."""

    id: str
    version: int
    schedule_id: str
    subject_id: str
    text: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


def apply(command: Command) -> list[Statement]:
    """A row for each comment, and what became of it."""
    return [statement for recorded in command for statement in _apply(recorded)]


def _apply(recorded: Recorded) -> list[Statement]:
    event = recorded.event
    match event:
        case CommentAdded(comment_id=comment_id, subject_id=subject, text=text):
            at, by = recorded.at, recorded.actor.id
            return [(_ADD, (comment_id, recorded.originator_id, subject, text, at, by, at))]
        case CommentEdited(comment_id=comment_id, text=text):
            return [(_EDIT, (text, recorded.at, comment_id))]
        case CommentAcknowledged(comment_id=comment_id):
            return [(_ACKNOWLEDGE, (recorded.at, recorded.actor.id, comment_id))]
        case CommentRemoved(comment_id=comment_id):
            return [(_REMOVE, (recorded.at, comment_id))]
        case (
            ScheduleOpened()
            | ScheduleEdited()
            | ShowDrafted()
            | ShowsEdited()
            | ShowsRemoved()
            | ShowsRestored()
            | ScheduleProposed()
            | VersionNumbered()
            | VersionApproved()
            | VersionRejected()
            | ProposalWithdrawn()
            | ShowsConfirmed()
            | ShowStarted()
            | ShowCompleted()
            | ShowCancelled()
            | ScheduleCancelled()
            | ScheduleReopened()
            | ScheduleArchived()
            | ScheduleUnarchived()
            | ScheduleParked()
            | ScheduleResumed()
            | ScheduleDeleted()
            | ScheduleRestored()
            | ShowInterrupted()
            | ShowResolved()
            | ShowsRebooked()
            | ShowsLeft()
            | ShowsJoined()
            | VersionEdited()
            | VersionDeleted()
            | VersionRestored()
            | ChangeProposed()
            | ChangeApproved()
            | ChangeRejected()
            | ChangeWithdrawn()
            | ChangeAcknowledged()
            | ConflictWaived()
            | WaiverWithdrawn()
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
            return []
        case _:
            assert_never(event)


_SELECT: Final[LiteralString] = (
    "SELECT id, version, schedule_id, subject_id, text, created_at, created_by, updated_at, acknowledged_by,"
    " acknowledged_at FROM comments"
    " WHERE deleted_at IS NULL"
)
"""In the order of CommentRow's fields."""
BY_CLIENT: Final[LiteralString] = (
    "EXISTS (SELECT FROM memberships m"
    " WHERE m.user_id = c.created_by AND m.client_id = s.client_id AND m.deleted_at IS NULL)"
)
"""Whether the author of comment `c` speaks for the client of schedule `s`."""
_OF_CLIENT: Final[LiteralString] = (
    f"SELECT 1 FROM comments c JOIN schedules s ON s.id = c.schedule_id WHERE c.id = %s AND {BY_CLIENT}"  # noqa: S608
)


def one(connection: Connection[Any], comment_id: str) -> CommentRow | None:
    """A comment by id; None when there is none, or it was removed."""
    row = connection.execute(_SELECT + " AND id = %s", (comment_id,)).fetchone()
    return CommentRow(**dict(zip(CommentRow.__struct_fields__, row, strict=True))) if row else None


def listed(
    connection: Connection[Any],
    subject_id: str,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[CommentRow]:
    """What was said of one thing, oldest first; `after` is (`created_at`, `id`) of the last one seen."""
    since, last = after or (None, None)
    rows = connection.execute(
        _SELECT + " AND subject_id = %s AND (%s::timestamptz IS NULL OR (created_at, id) > (%s, %s))"
        " ORDER BY created_at, id LIMIT %s",
        (subject_id, since, since, last, limit),
    )
    return [CommentRow(**dict(zip(CommentRow.__struct_fields__, row, strict=True))) for row in rows]


def people(said: Iterable[CommentRow]) -> set[str]:
    """Ids of who said them, and who has seen them."""
    return {who for each in said for who in (each.created_by, each.acknowledged_by) if who}


def of_client(connection: Connection[Any], comment_id: str) -> bool:
    """Whether its author speaks for the client of its schedule."""
    return connection.execute(_OF_CLIENT, (comment_id,)).fetchone() is not None


def total(connection: Connection[Any], subject_id: str) -> int:
    """How many comments there are on one thing."""
    row = connection.execute(
        "SELECT count(*) FROM comments WHERE subject_id = %s AND deleted_at IS NULL", (subject_id,)
    ).fetchone()
    return row[0] if row else 0
