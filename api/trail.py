"""The audit trail: events of the log as people ask for them and as SPEC 11 shows them. Reads the log only,
so it answers with every read table emptied."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

import msgspec
from msgspec import UNSET, Struct, UnsetType
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.event_log import decode
from domain.events import (
    Actor,
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    EntityCreated,
    EntityDeleted,
    EntityRestored,
    EntityUpdated,
    Event,
    ImportApplied,
    ImportFailed,
    ImportUndone,
    Positioned,
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
)

Pool = ConnectionPool[Connection[Any]]

_BATCH: Final = 1_000
_FEW: Final = 3
_FOUND: Final[LiteralString] = """
    FROM callboard_events
    WHERE (%(after)s::bigint IS NULL OR notification_id > %(after)s)
      AND (%(stream)s::text IS NULL OR originator_id = %(stream)s)
      AND (%(names)s::text IS NULL OR position(%(names)s in convert_from(state, 'UTF8')) > 0)
      AND (%(actors)s::text[] IS NULL OR actor_id = ANY (%(actors)s))
      AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
"""
_NEXT: Final[LiteralString] = (
    "SELECT notification_id, state" + _FOUND + "ORDER BY notification_id LIMIT %(limit)s"
)
_NEWEST: Final[LiteralString] = (
    "SELECT notification_id, state" + _FOUND + "ORDER BY notification_id DESC LIMIT %(limit)s"
)


class Asked(Struct, frozen=True, kw_only=True):
    """Which events: of a stream (or naming a show, which lives in its schedule's stream), by actors, at
    `since <= at < until`."""

    stream: str | None = None
    actors: list[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


class EventShown(Struct, frozen=True, kw_only=True):
    """An event as an audit shows it."""

    position: int
    stream_id: str
    stream_version: int
    type: str
    at: datetime
    actor: Actor
    command: str
    command_id: str
    request_id: str
    origin: str
    reason: str | UnsetType = UNSET
    cause: str | UnsetType = UNSET
    data: dict[str, Any]


def events(pool: Pool, asked: Asked, *, after: int = 0) -> Iterator[Positioned]:
    """All that was asked for, after a position, oldest first; holds no transaction open in between."""
    while True:
        batch = _select(pool, _NEXT, asked, after, _BATCH)
        yield from batch
        if len(batch) < _BATCH:
            return
        after = batch[-1].position


def newest(pool: Pool, asked: Asked, count: int) -> list[Positioned]:
    """The last so many of what was asked for, oldest first."""
    return _select(pool, _NEWEST, asked, None, count)[::-1]


def users_called(pool: Pool, email: str) -> list[str]:
    """Ids of all users that ever had that address, from the log alone."""
    with pool.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT originator_id FROM callboard_events"
            " WHERE originator_id >= 'user_' AND originator_id < 'user`' AND topic LIKE 'Entity%%'"
            " AND lower(convert_from(state, 'UTF8')::json #>> '{event,values,email}') = lower(%s)",
            (email,),
        ).fetchall()
    return [row[0] for row in rows]


def shown(positioned: Positioned) -> EventShown:
    """The event with its envelope; `data` holds the event's own fields."""
    recorded = positioned.recorded
    data: dict[str, Any] = msgspec.to_builtins(recorded.event)
    return EventShown(
        position=positioned.position,
        stream_id=recorded.originator_id,
        stream_version=recorded.originator_version,
        type=data.pop("type"),
        at=recorded.at,
        actor=recorded.actor,
        command=recorded.command,
        command_id=recorded.command_id,
        request_id=recorded.request_id,
        origin=recorded.origin,
        reason=recorded.reason or UNSET,
        cause=recorded.cause or UNSET,
        data=data,
    )


def line(positioned: Positioned) -> str:
    """When, who, what, where and why, on one line."""
    recorded = positioned.recorded
    why = recorded.reason or _reason(recorded.event)
    parts = (
        f"{recorded.at:%Y-%m-%d %H:%M:%S}Z",
        f"#{positioned.position}",
        f"{recorded.actor.name} ({recorded.origin})",
        recorded.command,
        f"{recorded.event.__struct_config__.tag}: {told(recorded.event)}",
        f"{recorded.originator_id}@{recorded.originator_version}",
        f"because {why!r}" if why else "",
        f"for {recorded.cause}" if recorded.cause else "",
    )
    return "  ".join(" ".join(part.split()) for part in parts if part)


def told(event: Event) -> str:  # noqa: PLR0911, PLR0912 - one arm an event
    """The gist of an event in a few words."""
    match event:
        case ScheduleOpened():
            return f"{event.name}, {event.start_date} to {event.end_date}"
        case ScheduleEdited():
            return _changed(event)
        case ShowDrafted(shows=shows):
            return f"{_count(len(shows))}: {_few([show.name for show in shows])}"
        case ShowsEdited(edits=edits):
            fields = sorted({name for edit in edits for name in _fields(edit)})
            return f"{_count(len(edits))}: {', '.join(fields)}"
        case ShowsRemoved(show_ids=ids) | ShowsRestored(show_ids=ids):
            return f"{_count(len(ids))}: {_few(ids)}"
        case ScheduleProposed() | VersionApproved() | VersionRejected():
            return f"version {event.number}{_on_behalf(event)}"
        case VersionNumbered():
            return f"version {event.number}, {event.kind}, {_count(event.show_count)}"
        case ProposalWithdrawn():
            return "back to draft"
        case ShowsConfirmed(bookings=bookings):
            return f"{_count(len(bookings))}: {_few([booking.show_id for booking in bookings])}"
        case ShowStarted() | ShowCompleted():
            return event.show_id
        case ShowCancelled():
            return f"{event.show_id}, {event.reason_category}"
        case ScheduleCancelled(show_ids=ids) | ScheduleReopened(show_ids=ids):
            return f"with {_count(len(ids))}"
        case ScheduleDeleted(show_ids=ids) | ScheduleRestored(show_ids=ids):
            return f"with {_count(len(ids))}"
        case ScheduleArchived() | ScheduleUnarchived() | ScheduleResumed():
            return ""
        case ScheduleParked(status_id=status_id):
            return f"as {status_id}"
        case ShowInterrupted():
            return f"{event.show_id}, {event.reason_category}"
        case ShowResolved(show_id=show_id, outcome=outcome):
            return f"{show_id}, {outcome}"
        case ShowsRebooked(bookings=bookings):
            return f"{_count(len(bookings))}: {_few([booking.show_id for booking in bookings])}"
        case ShowsLeft(show_ids=ids):
            return f"{_count(len(ids))} to {event.to}: {_few(ids)}"
        case ShowsJoined(shows=moved):
            return f"{_count(len(moved))} from {event.origin}: {_few([each.show.name for each in moved])}"
        case VersionEdited() | VersionDeleted() | VersionRestored():
            return f"version {event.number}"
        case ChangeProposed(change_id=change_id, category=category, change_type=kind):
            return f"{change_id}, {category} {kind}, {len(event.operations)} operations"
        case ChangeApproved() | ChangeRejected():
            return f"{event.change_id}{_on_behalf(event)}"
        case ChangeWithdrawn() | ChangeAcknowledged():
            return event.change_id
        case CommentAdded(subject_id=subject, text=text):
            return f"on {subject}: {text}"
        case CommentEdited(comment_id=comment, text=text):
            return f"{comment}: {text}"
        case CommentRemoved(comment_id=comment):
            return comment
        case EntityCreated() | EntityDeleted() | EntityRestored():
            name = next((event.values[f] for f in ("name", "key", "reason", "role") if f in event.values), "")
            return f"{event.kind} {name}"
        case EntityUpdated():
            return f"{event.kind} {', '.join(event.values)}"
        case BulkRan():
            counts = ", ".join(f"{count} {name}" for name, count in event.counts.items() if count)
            return f"{event.action}: {counts or 'nothing to do'}"
        case ImportApplied():
            counts = ", ".join(f"{count} {name}" for name, count in event.counts.items() if count)
            return f"{event.file_name}: {counts or 'nothing to do'}"
        case ImportFailed():
            return f"{event.file_name}: {event.detail}"
        case ImportUndone():
            counts = ", ".join(f"{count} {name}" for name, count in event.counts.items() if count)
            return f"undone: {counts or 'nothing to do'}"
        case _:
            assert_never(event)


def _select(
    pool: Pool, query: LiteralString, asked: Asked, after: int | None, limit: int
) -> list[Positioned]:
    show = asked.stream is not None and asked.stream.startswith("show_")
    parameters = {
        "after": after,
        "stream": None if show else asked.stream,
        "names": f'"{asked.stream}"' if show else None,
        "actors": asked.actors,
        "since": asked.since,
        "until": asked.until,
        "limit": limit,
    }
    with pool.connection() as connection:
        # Not prepared: the best plan depends on which of the conditions are there.
        rows = connection.execute(query, parameters, prepare=False, binary=True).fetchall()
    return [Positioned(position, decode(state)) for position, state in rows]


def _reason(event: Event) -> str:
    match event:
        case VersionRejected(reason=reason) | ScheduleCancelled(reason=reason):
            return reason
        case ChangeProposed(reason=reason) | ChangeRejected(note=reason) | ChangeApproved(note=reason):
            return reason
        case ShowCancelled(note=note) | VersionApproved(note=note) | VersionNumbered(note=note):
            return note
        case _:
            return ""


def _on_behalf(event: Event) -> str:
    return " on behalf of the client" if getattr(event, "on_behalf", False) else ""


def _fields(edit: Struct) -> list[str]:
    given = msgspec.structs.asdict(edit)
    return [
        name for name, value in given.items() if value is not UNSET and name not in ("show_id", "unversioned")
    ]


def _changed(edit: Struct) -> str:
    return ", ".join(_fields(edit))


def _count(shows: int) -> str:
    return "1 show" if shows == 1 else f"{shows} shows"


def _few(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")
