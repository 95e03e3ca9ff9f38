"""How events change shows, with their creators and platforms beside them. Bulk events change them as sets."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Iterable
from typing import Any, Final, LiteralString, assert_never

import msgspec
from msgspec import UNSET

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
    ShowDraft,
    ShowDrafted,
    ShowEdit,
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
from domain.slots import operational_day

TABLES: Final = ("shows", "show_creators", "show_platforms")

_RECORDS: Final[LiteralString] = (
    'json_to_recordset(%s::json) AS d (id text, name text, start timestamptz, "end" timestamptz, day date,'
    " show_type text, show_standard text, room_id text, has_room boolean, creators text[], platforms json,"
    " external_id text, has_external_id boolean, note text, metadata json, restored_from text)"
)
_DRAFT: Final[LiteralString] = f"""
    INSERT INTO shows (id, schedule_id, studio_id, client_id, room_id, external_id, name, starts_at, ends_at,
        operational_day, status, show_type, show_standard, creators, platforms, note, metadata, restored_from,
        version, created_at, created_by, updated_at, updated_by)
    SELECT d.id, s.id, s.studio_id, s.client_id, d.room_id, d.external_id, d.name, d.start, d."end",
        d.day, 'draft', d.show_type, d.show_standard, d.creators, d.platforms, d.note, d.metadata,
        d.restored_from,
        1, e.at, e.by, e.at, e.by
    FROM {_RECORDS}
    JOIN schedules s ON s.id = %s
    CROSS JOIN (VALUES (%s::timestamptz, %s)) AS e (at, by)
    ORDER BY d.external_id, d.id
"""
"""In the order of the unique key: two commands that insert the same keys wait for, not on, each other."""

_EDIT: Final[LiteralString] = f"""
    UPDATE shows s SET
        name = coalesce(d.name, s.name), starts_at = coalesce(d.start, s.starts_at),
        ends_at = coalesce(d."end", s.ends_at), operational_day = coalesce(d.day, s.operational_day),
        show_type = coalesce(d.show_type, s.show_type),
        show_standard = coalesce(d.show_standard, s.show_standard),
        room_id = CASE WHEN d.has_room THEN d.room_id ELSE s.room_id END,
        creators = coalesce(d.creators, s.creators), platforms = coalesce(d.platforms, s.platforms),
        external_id = CASE WHEN d.has_external_id THEN d.external_id ELSE s.external_id END,
        note = coalesce(d.note, s.note), metadata = coalesce(d.metadata, s.metadata),
        version = s.version + 1, updated_at = %s, updated_by = %s
    FROM {_RECORDS}
    WHERE s.id = d.id
"""
_TOUCHED: Final[LiteralString] = "version = version + 1, updated_at = %s, updated_by = %s WHERE id = ANY (%b)"
_STATUS: Final[LiteralString] = f"UPDATE shows SET status = %s, {_TOUCHED}"
_COMPLETE: Final[LiteralString] = (
    f"UPDATE shows SET status = 'completed', actual_start = %s, actual_end = %s, {_TOUCHED}"
)
_CANCEL: Final[LiteralString] = (
    f"UPDATE shows SET status = 'cancelled', reason_category = coalesce(%s, reason_category),"
    f" reason_note = %s, {_TOUCHED}"
)
_REOPEN: Final[LiteralString] = (
    f"UPDATE shows SET status = 'draft', reason_category = NULL, reason_note = NULL, {_TOUCHED}"
)
_INTERRUPT: Final[LiteralString] = (
    "UPDATE shows SET status = 'cancelled_pending_resolution', reason_category = %s, reason_note = %s,"
    f" {_TOUCHED}"
)
_REBOOK: Final[LiteralString] = f"UPDATE shows SET {_TOUCHED}"
_JOIN: Final[LiteralString] = f"UPDATE shows SET schedule_id = %s, {_TOUCHED}"
_REMOVE: Final[LiteralString] = f"UPDATE shows SET deleted_at = %s, deleted_by = %s, {_TOUCHED}"

_LET_CREATORS_GO: Final[LiteralString] = "DELETE FROM show_creators WHERE show_id = ANY (%b)"
_TAKE_CREATORS: Final[LiteralString] = (
    "INSERT INTO show_creators (show_id, creator_id, starts_at, ends_at)"
    " SELECT s.id, c, s.starts_at, s.ends_at FROM shows s CROSS JOIN LATERAL unnest(s.creators) AS c"
    " WHERE s.id = ANY (%b)"
)
_LET_PLATFORMS_GO: Final[LiteralString] = "DELETE FROM show_platforms WHERE show_id = ANY (%b)"
_TAKE_PLATFORMS: Final[LiteralString] = (
    "INSERT INTO show_platforms (show_id, platform_id)"
    " SELECT s.id, p ->> 'platform_id' FROM shows s CROSS JOIN LATERAL json_array_elements(s.platforms) AS p"
    " WHERE s.id = ANY (%b)"
)


def apply(command: Command) -> list[Statement]:
    """What each event changes, in order."""
    return [statement for recorded in command for statement in _apply(recorded)]


def _apply(recorded: Recorded) -> list[Statement]:  # noqa: PLR0911, PLR0912 - one arm an event
    event = recorded.event
    at, by = recorded.at, recorded.actor.id
    match event:
        case ShowDrafted():
            return _drafted(recorded, event)
        case ShowsEdited():
            return _edited(recorded, event)
        case ShowsRemoved(show_ids=ids):
            return [(_REMOVE, (at, by, at, by, list(ids)))]
        case ShowsRestored(show_ids=ids):
            return [(_REMOVE, (None, None, at, by, list(ids)))]
        case ShowsConfirmed(bookings=bookings):
            return [(_STATUS, ("confirmed", at, by, [booking.show_id for booking in bookings]))]
        case ShowStarted(show_id=show_id):
            return [(_STATUS, ("live", at, by, [show_id]))]
        case ShowCompleted(show_id=show_id):
            return [(_COMPLETE, (event.actual_start, event.actual_end, at, by, [show_id]))]
        case ShowCancelled(show_id=show_id):
            return [(_CANCEL, (event.reason_category, event.note, at, by, [show_id]))]
        case ScheduleCancelled(show_ids=ids):
            return [(_CANCEL, (None, event.reason, at, by, list(ids)))]
        case ScheduleReopened(show_ids=ids):
            return [(_REOPEN, (at, by, list(ids)))]
        case ScheduleDeleted(show_ids=ids):
            return [(_REMOVE, (at, by, at, by, list(ids)))]
        case ScheduleRestored(show_ids=ids):
            return [(_REMOVE, (None, None, at, by, list(ids)))]
        case ShowInterrupted(show_id=show_id):
            return [(_INTERRUPT, (event.reason_category, event.note, at, by, [show_id]))]
        case ShowResolved(show_id=show_id, outcome=outcome):
            return [(_STATUS, (outcome, at, by, [show_id]))]
        case ShowsRebooked(bookings=bookings):
            return [(_REBOOK, (at, by, [booking.show_id for booking in bookings]))]
        case ShowsJoined(shows=moved):
            ids = [each.show.id for each in moved]
            return [(_JOIN, (recorded.originator_id, at, by, ids))]
        case (
            ScheduleOpened()
            | ScheduleEdited()
            | ScheduleProposed()
            | VersionNumbered()
            | VersionApproved()
            | VersionRejected()
            | ProposalWithdrawn()
            | EntityCreated()
            | EntityUpdated()
            | EntityDeleted()
            | EntityRestored()
            | ImportApplied()
            | ImportFailed()
            | ImportUndone()
            | BulkRan()
            | PasswordSet()
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
            | ScheduleParked()
            | ScheduleResumed()
            | ScheduleUnarchived()
            | ShowsLeft()
            | VersionDeleted()
            | VersionEdited()
            | VersionRestored()
        ):
            return []
        case _:
            assert_never(event)


def _drafted(recorded: Recorded, event: ShowDrafted) -> list[Statement]:
    rows = [_record(draft, draft.id, event) for draft in event.shows]
    drafted = (_DRAFT, (_json(rows), recorded.originator_id, recorded.at, recorded.actor.id))
    creators = [draft.id for draft in event.shows if draft.creators]
    platforms = [draft.id for draft in event.shows if draft.platforms]
    return [drafted, *_some(_TAKE_CREATORS, creators), *_some(_TAKE_PLATFORMS, platforms)]


def _edited(recorded: Recorded, event: ShowsEdited) -> list[Statement]:
    rows = [_record(edit, edit.show_id, event) for edit in event.edits]
    # Start and end stand beside the creators too.
    creators = [
        e.show_id
        for e in event.edits
        if e.creators is not UNSET or e.start is not UNSET or e.end is not UNSET
    ]
    platforms = [e.show_id for e in event.edits if e.platforms is not UNSET]
    return [
        (_EDIT, (recorded.at, recorded.actor.id, _json(rows))),
        *_some(_LET_CREATORS_GO, creators),
        *_some(_TAKE_CREATORS, creators),
        *_some(_LET_PLATFORMS_GO, platforms),
        *_some(_TAKE_PLATFORMS, platforms),
    ]


def _some(sql: LiteralString, ids: Iterable[str]) -> list[Statement]:
    """The statement for these shows, in order of id; none for none."""
    return [(sql, (sorted(ids),))] if ids else []


def _record(given: ShowDraft | ShowEdit, show_id: str, event: ShowDrafted | ShowsEdited) -> dict[str, Any]:
    """A row of the record set that both statements read; an absent field is a column that stays."""
    row: dict[str, Any] = {f: v for f in given.__struct_fields__ if (v := getattr(given, f)) is not UNSET}
    row.pop("show_id", None)
    row |= {"id": show_id, "has_room": "room_id" in row, "has_external_id": "external_id" in row}
    if "start" in row:
        row["day"] = operational_day(row["start"], event.time_zone, event.day_start)
    return row


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
