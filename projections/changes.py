"""Changes: requests to alter agreed shows, what waits for whom, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, assert_never

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.event_log import Statement
from domain.events import (
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeOperation,
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
from projections.published import SCHEDULES

TABLES: Final = ("changes",)

_ADD: Final[LiteralString] = (
    "INSERT INTO changes (id, schedule_id, category, change_type, reason, status, needs, base_version,"
    " operations, on_behalf, proposed_at, proposed_by)"
    " VALUES (%s, %s, %s, %s, %s, 'proposed', %s, %s, %s::json, false, %s, %s)"
)
_DECIDE: Final[LiteralString] = (
    "UPDATE changes SET status = %s, on_behalf = %s, decision_note = %s, decided_at = %s, decided_by = %s"
    " WHERE id = %s"
)
_ACKNOWLEDGE: Final[LiteralString] = (
    "UPDATE changes SET acknowledged_at = %s, acknowledged_by = %s WHERE id = %s"
)


class ChangeRow(Struct, frozen=True, kw_only=True):
    """A change (SPEC 11). `operations` as they were asked for, with before and after of each field;
    `version` counts what happened to it: 1 asked for, 2 decided, 3 acknowledged."""

    id: str
    version: int
    schedule_id: str
    schedule_name: str
    studio_id: str
    client_id: str | None
    category: str
    type: str
    reason: str
    status: str
    needs: str
    base_version: int
    operations: list[dict[str, Any]]
    on_behalf: bool
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class ChangeFilter(Struct, frozen=True, kw_only=True):
    """Which changes: those that meet every condition given. `unseen`: applied without asking the client,
    and not acknowledged yet."""

    schedule_id: str | None = None
    client_id: str | None = None
    clients: tuple[str, ...] | None = None
    studio_id: str | None = None
    show_id: str | None = None
    status: tuple[str, ...] = ()
    needs: str | None = None
    unseen: bool = False


def apply(command: Command) -> list[Statement]:
    """A row for each change, and what was decided about it."""
    return [statement for recorded in command for statement in _apply(recorded)]


def _apply(recorded: Recorded) -> list[Statement]:
    event = recorded.event
    match event:
        case ChangeProposed():
            return [(_ADD, _row(recorded, event))]
        case ChangeApproved(change_id=change_id, note=note, on_behalf=on_behalf):
            by = (recorded.at, recorded.actor.id, change_id)
            return [(_DECIDE, ("approved", on_behalf, note, *by))]
        case ChangeRejected(change_id=change_id, note=note, on_behalf=on_behalf):
            by = (recorded.at, recorded.actor.id, change_id)
            return [(_DECIDE, ("rejected", on_behalf, note, *by))]
        case ChangeWithdrawn(change_id=change_id, note=note):
            return [(_DECIDE, ("withdrawn", False, note, recorded.at, recorded.actor.id, change_id))]
        case ChangeAcknowledged(change_id=change_id):
            return [(_ACKNOWLEDGE, (recorded.at, recorded.actor.id, change_id))]
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
            | CommentAcknowledged()
            | CommentAdded()
            | CommentEdited()
            | CommentRemoved()
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


def _row(recorded: Recorded, event: ChangeProposed) -> tuple[Any, ...]:
    return (
        *(event.change_id, recorded.originator_id, event.category, event.change_type, event.reason),
        *(event.needs, event.base_version, msgspec.json.encode(shown(event.operations)).decode()),
        *(recorded.at, recorded.actor.id),
    )


def shown(operations: tuple[ChangeOperation, ...]) -> list[dict[str, Any]]:
    """Operations as the API shows them: `{op, show_id, before, after, reason_category}`; an addition has
    the whole show as its `after`."""
    rows: list[dict[str, Any]] = []
    for each in operations:
        row: dict[str, Any] = {"op": each.op, "show_id": each.show_id}
        before: dict[str, Any] = msgspec.to_builtins(each.before) if each.before else {}
        after: dict[str, Any] = (
            msgspec.to_builtins(each.after or each.show) if each.after or each.show else {}
        )
        row["before"] = {name: value for name, value in before.items() if name != "show_id"}
        row["after"] = {name: value for name, value in after.items() if name not in ("show_id", "id")}
        row["reason_category"] = each.reason_category
        rows.append(row)
    return rows


_SELECT: Final[LiteralString] = """
    SELECT c.id, 1 + (c.decided_at IS NOT NULL)::int + (c.acknowledged_at IS NOT NULL)::int,
           c.schedule_id, s.name, s.studio_id, s.client_id, c.category, c.change_type, c.reason,
           c.status, c.needs, c.base_version, c.operations::text, c.on_behalf, c.proposed_by, c.proposed_at,
           c.decided_by, c.decided_at, c.decision_note, c.acknowledged_by, c.acknowledged_at
    FROM changes c JOIN schedules s ON s.id = c.schedule_id
"""
"""In the order of ChangeRow's fields."""
_SELECT_PUBLISHED: Final[LiteralString] = _SELECT.replace("JOIN schedules s", f"JOIN {SCHEDULES} s")
"""To users who are bounded to clients, a schedule is called what its newest version says."""

_COUNT: Final[LiteralString] = "SELECT count(*) FROM changes c JOIN schedules s ON s.id = c.schedule_id"
_COUNTS: Final[LiteralString] = """
    SELECT count(*) FILTER (WHERE c.status = 'proposed' AND c.needs = 'client'),
           count(*) FILTER (WHERE c.status = 'proposed' AND c.needs = 'studio'),
           count(*) FILTER (WHERE c.needs = 'none' AND s.client_id IS NOT NULL AND c.acknowledged_at IS NULL)
    FROM changes c JOIN schedules s ON s.id = c.schedule_id
"""
_CONCERNED: Final[LiteralString] = """
    SELECT DISTINCT o ->> 'show_id' FROM changes c CROSS JOIN LATERAL json_array_elements(c.operations) o
    WHERE c.status = 'proposed' AND o ->> 'show_id' = ANY (%s)
"""
_OPEN: Final[LiteralString] = """
    SELECT DISTINCT ON (1) o ->> 'show_id', c.id, c.schedule_id, s.kind = 'single'
    FROM changes c JOIN schedules s ON s.id = c.schedule_id
    CROSS JOIN LATERAL json_array_elements(c.operations) o
    WHERE c.status = 'proposed' AND o ->> 'show_id' = ANY (%s)
    ORDER BY 1, c.proposed_at DESC, c.id DESC
"""
_WHERE: Final[LiteralString] = """
    WHERE (%(schedule_id)s::text IS NULL OR c.schedule_id = %(schedule_id)s)
      AND (%(client_id)s::text IS NULL OR s.client_id = %(client_id)s)
      AND (%(clients)s::text[] IS NULL OR s.client_id = ANY (%(clients)s))
      AND (%(studio_id)s::text IS NULL OR s.studio_id = %(studio_id)s)
      AND (%(show_id)s::text IS NULL
           OR EXISTS (SELECT FROM json_array_elements(c.operations) o WHERE o ->> 'show_id' = %(show_id)s))
      AND (%(status)s::text[] IS NULL OR c.status = ANY (%(status)s))
      AND (%(needs)s::text IS NULL OR c.needs = %(needs)s)
      AND (NOT %(unseen)s OR (c.needs = 'none' AND s.client_id IS NOT NULL AND c.acknowledged_at IS NULL))
"""


def one(
    connection: Connection[Any], change_id: str, clients: tuple[str, ...] | None = None
) -> ChangeRow | None:
    """A change by id, as users of these clients see it; None when there is none."""
    select = _SELECT if clients is None else _SELECT_PUBLISHED
    row = connection.execute(select + " WHERE c.id = %s", (change_id,)).fetchone()
    return _shaped(row) if row else None


def listed(
    connection: Connection[Any],
    which: ChangeFilter,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[ChangeRow]:
    """Changes, newest first; `after` is (`proposed_at`, `id`) of the last one seen."""
    values = _values(which) | {"at": after and after[0], "id": after and after[1], "limit": limit}
    select = _SELECT if which.clients is None else _SELECT_PUBLISHED
    rows = connection.execute(
        select + _WHERE + " AND (%(at)s::timestamptz IS NULL OR (c.proposed_at, c.id) < (%(at)s, %(id)s))"
        " ORDER BY c.proposed_at DESC, c.id DESC LIMIT %(limit)s",
        values,
        prepare=False,
    )
    return [_shaped(row) for row in rows]


class ChangeCounts(Struct, frozen=True, kw_only=True):
    """How many changes wait for the client and for the studio, and how many that were applied without
    asking the client has not acknowledged."""

    client: int
    studio: int
    unseen: int


def counts(connection: Connection[Any], which: ChangeFilter) -> ChangeCounts:
    """What waits for each side among the changes that meet the conditions."""
    sql: LiteralString = _COUNTS + _WHERE
    row = connection.execute(sql, _values(which), prepare=False).fetchone()
    client, studio, unseen = row or (0, 0, 0)
    return ChangeCounts(client=client, studio=studio, unseen=unseen)


class Open(Struct, frozen=True):
    """An open change, and its plan; `alone` where that is a show of its own."""

    id: str
    schedule_id: str
    alone: bool


def open_about(connection: Connection[Any], show_ids: Sequence[str]) -> dict[str, Open]:
    """The newest open change about each of these shows that has one, by show."""
    rows = connection.execute(_OPEN, (list(show_ids),))
    return {show_id: Open(change_id, schedule_id, alone) for show_id, change_id, schedule_id, alone in rows}


def concerned(connection: Connection[Any], show_ids: Sequence[str]) -> frozenset[str]:
    """Those of these shows that an open change is about."""
    return frozenset(row[0] for row in connection.execute(_CONCERNED, (list(show_ids),)))


def total(connection: Connection[Any], which: ChangeFilter) -> int:
    """How many changes meet the conditions."""
    sql: LiteralString = _COUNT + _WHERE
    row = connection.execute(sql, _values(which), prepare=False).fetchone()
    return row[0] if row else 0


def _values(which: ChangeFilter) -> dict[str, Any]:
    return msgspec.structs.asdict(which) | {
        "status": list(which.status) or None,
        "clients": None if which.clients is None else list(which.clients),
    }


def _shaped(row: tuple[Any, ...]) -> ChangeRow:
    values = dict(zip(ChangeRow.__struct_fields__, row, strict=True))
    values["operations"] = msgspec.json.decode(values["operations"])
    return ChangeRow(**values)
