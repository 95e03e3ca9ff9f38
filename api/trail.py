"""The audit trail: events of the log as people ask for them and as SPEC 11 shows them. Reads the log only,
so it answers with every read table emptied."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs
from psycopg import Connection
from psycopg_pool import ConnectionPool

from api.retelling import Told
from domain.event_log import decode
from domain.events import (
    Actor,
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    EntityCreated,
    EntityDeleted,
    EntityRestored,
    EntityUpdated,
    Event,
    ImportApplied,
    ImportFailed,
    ImportUndone,
    PasswordSet,
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
    WaiverWithdrawn,
)
from domain.ids import prefix_of
from domain.registry.entities import BY_KIND
from domain.retelling import Altered
from projections.searching import contains

Pool = ConnectionPool[Connection[Any]]

_BATCH: Final = 1_000
_FEW: Final = 3
_LONG: Final = 80
_EVENTS: Final[LiteralString] = "SELECT notification_id, topic, state, at, actor_id FROM callboard_events"
_ABOUT: Final[LiteralString] = (
    "topic IN ('ChangeProposed', 'ChangeApproved', 'ChangeRejected', 'ChangeWithdrawn', 'ChangeAcknowledged')"
    " AND change_of(state) = %(cause)s"
)
"""A change is the cause of what it led to, and of its own events whoever asked for it."""

_ALL: Final[LiteralString] = f"WITH found AS NOT MATERIALIZED ({_EVENTS})"
_OF_STREAM: Final[LiteralString] = f"WITH found AS MATERIALIZED ({_EVENTS} WHERE originator_id = %(stream)s)"
_OF_SHOW: Final[LiteralString] = f"""
    WITH found AS MATERIALIZED ({_EVENTS}
        WHERE originator_id IN (
            SELECT originator_id FROM callboard_events
            WHERE topic IN ('ShowDrafted', 'ShowsJoined') AND shows_of(state) @> ARRAY[%(stream)s::text]
        ) AND (position(%(name)s::bytea IN state) > 0
            OR topic <> 'ScheduleOpened' AND EXISTS (
                SELECT 1 FROM callboard_events AS first
                WHERE first.originator_id = callboard_events.originator_id AND first.originator_version = 1
                  AND first.topic = 'ScheduleOpened' AND position('"kind":"single"'::bytea IN first.state) > 0
            )))
"""
"""What names the show, and all that was decided about a schedule of one while it was alone in it."""
_OF_ANY: Final[LiteralString] = f"""
    WITH found AS MATERIALIZED ({_EVENTS}
        WHERE originator_id = ANY (%(streams)s)
            OR (originator_id = ANY (ARRAY (
                SELECT originator_id FROM callboard_events
                WHERE topic IN ('ShowDrafted', 'ShowsJoined') AND shows_of(state) && %(shows)s::text[]
            )) AND convert_from(state, 'UTF8') ~ %(names)s))
"""
_OF_CAUSE: Final[LiteralString] = f"""
    WITH found AS MATERIALIZED ({_EVENTS} WHERE cause_of(state) = %(cause)s
        UNION ALL {_EVENTS} WHERE {_ABOUT} AND cause_of(state) IS DISTINCT FROM %(cause)s)
"""
"""Materialized: what is one stream's, or of one cause, is found by its index and then put in order; left to
itself the planner may read the whole log in order instead."""

_FOUND: Final[LiteralString] = f"""
    FROM found
    WHERE (%(after)s::bigint IS NULL OR notification_id > %(after)s)
      AND (%(cause)s::text IS NULL OR cause_of(state) = %(cause)s OR {_ABOUT})
      AND (%(actors)s::text[] IS NULL OR actor_id = ANY (%(actors)s))
      AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
      AND (%(before)s::bigint IS NULL OR notification_id < %(before)s)
      AND (%(type)s::text IS NULL OR topic = %(type)s)
      AND (%(command)s::bytea IS NULL OR position(%(command)s IN state) > 0)
      AND (%(text)s::text IS NULL OR convert_from(state, 'UTF8') ILIKE %(text)s)
"""
_NEXT: Final[LiteralString] = (
    " SELECT notification_id, state" + _FOUND + "ORDER BY notification_id LIMIT %(limit)s"
)
_NEWEST: Final[LiteralString] = (
    " SELECT notification_id, state" + _FOUND + "ORDER BY notification_id DESC LIMIT %(limit)s"
)


class Asked(Struct, frozen=True, kw_only=True):
    """Which events: of a stream (or naming a show, which lives in the streams of its schedules) or of any of
    several, of a change,
    import or bulk run, by actors, at `since <= at < until`, before a position; of a `type` (its tag), by a
    `command` that begins so (`room.update`, or `room.` for all of rooms), with a `text` somewhere in it."""

    stream: str | None = None
    streams: tuple[str, ...] = ()
    cause: str | None = None
    actors: list[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    type: str | None = None
    command: str | None = None
    text: str | None = None


class Cause(Struct, frozen=True):
    """The change, import, bulk run, closure, time off or opening hours that an event belongs to, and where to
    read it."""

    kind: str
    id: str
    href: str


class EventShown(Struct, frozen=True, kw_only=True):
    """An event as an audit shows it: who (`actor`), when (`at`), from where (`origin`: `http`, `cli`,
    `seed`), why (`reason`, `cause`), and where its stream was folded what it changed."""

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
    cause: Cause | UnsetType = UNSET
    data: dict[str, Any]
    changes: tuple[Altered, ...] | UnsetType = UNSET


def batches(pool: Pool, asked: Asked, *, after: int = 0) -> Iterator[list[Positioned]]:
    """All that was asked for, after a position, oldest first; holds no transaction open in between."""
    while batch := _select(pool, _NEXT, asked, after, _BATCH):
        yield batch
        if len(batch) < _BATCH:
            return
        after = batch[-1].position


def events(pool: Pool, asked: Asked, *, after: int = 0) -> Iterator[Positioned]:
    """The same one by one."""
    for batch in batches(pool, asked, after=after):
        yield from batch


def some(pool: Pool, asked: Asked, count: int, *, after: int = 0) -> list[Positioned]:
    """The first so many of what was asked for after a position."""
    return _select(pool, _NEXT, asked, after, count)


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


def cause_of(cause: str) -> Cause:
    """Where to read about what an event belongs to."""
    kind = prefix_of(cause)
    row = BY_KIND.get(kind)
    path = row.path if row else {"change": "changes", "import": "imports"}.get(kind, kind)
    return Cause(kind, cause, f"/api/v1/{path}/{cause}")


def shown(positioned: Positioned, changes: tuple[Altered, ...] | UnsetType = UNSET) -> EventShown:
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
        cause=cause_of(recorded.cause) if recorded.cause else UNSET,
        data=data,
        changes=changes,
    )


def line(positioned: Positioned, changed: Told) -> str:
    """When, who, what, before and after, where and why, on one line."""
    recorded = positioned.recorded
    why = recorded.reason or _reason(recorded.event)
    parts = (
        f"{recorded.at:%Y-%m-%d %H:%M:%S}Z",
        f"#{positioned.position}",
        f"{recorded.actor.name} ({recorded.origin})",
        recorded.command,
        f"{recorded.event.__struct_config__.tag}: {told(recorded.event)}",
        before_after(changed.changes),
        f"in {changed.title!r}" if changed.title else "",
        f"{recorded.originator_id}@{recorded.originator_version}",
        f"because {why!r}" if why else "",
        f"for {prefix_of(recorded.cause)} {recorded.cause}" if recorded.cause else "",
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
        case CommentRemoved(comment_id=comment) | CommentAcknowledged(comment_id=comment):
            return comment
        case ConflictWaived():
            return f"{event.code} of {event.show_id}: {event.reason}"
        case WaiverWithdrawn():
            return f"{event.waiver_id} of {event.show_id}"
        case EntityCreated() | EntityDeleted() | EntityRestored():
            name = next((event.values[f] for f in ("name", "key", "reason", "role") if f in event.values), "")
            return f"{event.kind} {name}"
        case EntityUpdated():
            return f"{event.kind} {', '.join(event.values)}"
        case BulkRan():
            counts = ", ".join(f"{count} {name}" for name, count in event.counts.items() if count)
            return f"{event.action}: {counts or 'nothing to do'}"
        case PasswordSet(user_id=user_id):
            return f"for {user_id}"
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
    if asked.stream is not None:
        source = _OF_SHOW if asked.stream.startswith("show_") else _OF_STREAM
    elif asked.streams:
        source = _OF_ANY
    else:
        source = _ALL if asked.cause is None else _OF_CAUSE
    shows = [each for each in asked.streams if each.startswith("show_")]
    parameters = {
        "streams": list(asked.streams),
        "shows": shows,
        "names": "|".join(shows) or None,
        "after": after,
        "stream": asked.stream,
        "name": f'"{asked.stream}"'.encode(),
        "cause": asked.cause,
        "actors": asked.actors,
        "since": asked.since,
        "until": asked.until,
        "before": asked.before,
        "type": asked.type,
        "command": f'"command":"{asked.command}'.encode() if asked.command else None,
        "text": contains(asked.text),
        "limit": limit,
    }
    with pool.connection() as connection:
        # Not prepared: the best plan depends on which of the conditions are there.
        rows = connection.execute(source + query, parameters, prepare=False, binary=True).fetchall()
    return [Positioned(position, decode(state)) for position, state in rows]


def before_after(changes: Sequence[Altered]) -> str:
    """The fields that changed of what was there before, in a few words; what spans are held is left out."""
    lines = [
        f"{each.name!r} " + ", ".join(_step(name, step) for name, step in each.fields.items())
        for each in changes
        if each.what in {"changed", "moved"}
        for each in [structs.replace(each, fields={n: s for n, s in each.fields.items() if n != "holds"})]
        if each.fields
    ]
    more = len(lines) - _FEW
    return "; ".join(lines[:_FEW]) + (f"; and {more} more" if more > 0 else "")


def _step(name: str, step: Mapping[str, Any]) -> str:
    old, new = step["from"], step["to"]
    if isinstance(old, datetime) and isinstance(new, datetime) and old.date() == new.date():
        return f"{name} {_plain(old)} -> {new:%H:%M}"
    return f"{name} {_plain(old)} -> {_plain(new)}"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if value in (None, ""):
        return "-"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONG else text[:_LONG] + "..."


def _reason(event: Event) -> str:
    match event:
        case VersionRejected() | ScheduleCancelled() | ConflictWaived():
            return event.reason
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
