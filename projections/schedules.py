"""Schedules as people list and open them. One update a command and schedule, however many events."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, LiteralString, assert_never, get_args

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
    Recorded,
    ScheduleArchived,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEdited,
    ScheduleEvent,
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
from domain.ids import fixed_id
from domain.schedule.machine import ScheduleStatus
from projections.published import SCHEDULES
from projections.searching import contains

TABLES: Final = ("schedules",)

Sort = Literal["start_date", "name", "created_at", "month", "status", "shows"]
"""`month` is that of the start. Those of one month, one status or as many shows are by name, A first."""


class ScheduleRow(Struct, frozen=True, kw_only=True):
    """A schedule as the API shows it (SPEC 11). `show_count` and `shows_by_status` count the shows that
    were not removed; `version` is its stream's, `current_version` the newest numbered one."""

    id: str
    version: int
    kind: Literal["plan", "single"]
    name: str
    studio_id: str
    client_id: str | None
    start_date: date
    end_date: date
    note: str
    status: ScheduleStatus
    status_id: str
    current_version: int | None
    approved_version: int | None
    show_count: int
    shows_by_status: dict[str, int]
    open_changes: int
    has_unversioned_edits: bool
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None
    deleted_by: str | None


class ScheduleFilter(Struct, frozen=True, kw_only=True):
    """Which schedules: those that meet every condition given. `status` by key or id of the status;
    `start` and `end` are a window of days, both included, that the period must touch. With `clients`, the
    plans of those as the newest versions have them."""

    status: tuple[str, ...] = ()
    clients: tuple[str, ...] | None = None
    client_id: str | None = None
    studio_id: str | None = None
    start: date | None = None
    end: date | None = None
    q: str | None = None
    include_deleted: bool = False


# --- how events change it ----------------------------------------------------------------------------

_OPEN: Final[LiteralString] = (
    "INSERT INTO schedules (id, kind, name, studio_id, client_id, start_date, end_date, note, status,"
    " status_id, has_unversioned_edits, version, created_at, created_by, updated_at, updated_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'draft', %s, false, %s, %s, %s, %s, %s)"
)
_CHANGE: Final[LiteralString] = """
    UPDATE schedules SET
        version = %s, updated_at = %s, updated_by = %s,
        name = coalesce(%s, name), start_date = coalesce(%s, start_date), end_date = coalesce(%s, end_date),
        note = coalesce(%s, note), status = coalesce(%s, status), status_id = coalesce(%s, status_id),
        has_unversioned_edits = coalesce(%s, has_unversioned_edits),
        current_version = coalesce(%s, current_version),
        approved_version = CASE WHEN %s THEN %s ELSE approved_version END,
        deleted_at = CASE WHEN %s THEN %s ELSE deleted_at END,
        deleted_by = CASE WHEN %s THEN %s ELSE deleted_by END
    WHERE id = %s
"""


class _Change(Struct):
    """What the events of one command make of one schedule; None leaves a column alone."""

    version: int
    at: datetime
    by: str
    name: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    note: str | None = None
    status: ScheduleStatus | None = None
    has_unversioned_edits: bool | None = None
    current_version: int | None = None
    status_id: str | None = None
    decides: bool = False
    approved_version: int | None = None
    deletes: bool = False
    deleted_at: datetime | None = None
    deleted_by: str | None = None

    def statement(self, schedule_id: str) -> Statement:
        return _CHANGE, (
            *(self.version, self.at, self.by),
            *(self.name, self.start_date, self.end_date, self.note),
            *(self.status, self.status_id or (fixed_id("scstat", self.status) if self.status else None)),
            *(self.has_unversioned_edits, self.current_version, self.decides, self.approved_version),
            *(self.deletes, self.deleted_at, self.deletes, self.deleted_by),
            schedule_id,
        )


def apply(command: Command) -> list[Statement]:
    """Opens first, then one update for each schedule with further events."""
    opened: list[Statement] = []
    changes: dict[str, _Change] = {}
    for recorded in command:
        match recorded.event:
            case ScheduleOpened():
                opened.append(_opened(recorded, recorded.event))
            case (
                EntityCreated()
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
                change = changes.setdefault(recorded.originator_id, _Change(0, recorded.at, ""))
                change.version = recorded.originator_version
                change.at, change.by = recorded.at, recorded.actor.id
                _collect(change, recorded.event)
    return [*opened, *(change.statement(each) for each, change in sorted(changes.items()))]


def _opened(recorded: Recorded, event: ScheduleOpened) -> Statement:
    at, by = recorded.at, recorded.actor.id
    return _OPEN, (
        *(recorded.originator_id, event.kind, event.name, event.studio_id, event.client_id),
        *(event.start_date, event.end_date, event.note, fixed_id("scstat", "draft")),
        *(recorded.originator_version, at, by, at, by),
    )


def _collect(change: _Change, event: ScheduleEvent) -> None:  # noqa: PLR0912 - one arm an event
    match event:
        case ScheduleEdited():
            for name in ("name", "start_date", "end_date", "note"):
                if (value := getattr(event, name)) is not UNSET:
                    setattr(change, name, value)
            change.has_unversioned_edits = event.unversioned is not False
        case ShowDrafted() | ShowsEdited() | ShowsRemoved() | ShowsRestored():
            change.has_unversioned_edits = event.unversioned is not False
        case ShowCancelled():
            if event.unversioned is not None:
                change.has_unversioned_edits = event.unversioned
        case ScheduleProposed():
            change.status = "proposed"
        case VersionNumbered(number=number, kind=kind, agreed=agreed):
            change.current_version, change.has_unversioned_edits = number, False
            if kind == "confirmed" or agreed:
                change.decides, change.approved_version = True, number
        case VersionApproved(number=number):
            change.decides, change.approved_version = True, number
        case VersionRejected() | ProposalWithdrawn():
            change.status, change.decides, change.approved_version = "draft", True, None
        case ShowsConfirmed():
            change.status = "confirmed"
        case ScheduleCancelled():
            change.status = "cancelled"
        case ScheduleReopened():
            change.status, change.decides, change.approved_version = "draft", True, None
        case ScheduleArchived():
            change.status = "archived"
        case ScheduleUnarchived():
            change.status = "confirmed"
        case ScheduleParked(status_id=status_id):
            change.status, change.status_id = "other", status_id
        case ScheduleResumed():
            change.status = "draft"
        case ShowsJoined(shows=moved):
            if any(each.status != "draft" for each in moved):
                change.status = "confirmed"
        case ScheduleDeleted():
            change.deletes, change.deleted_at, change.deleted_by = True, change.at, change.by
        case ScheduleRestored():
            change.deletes, change.deleted_at, change.deleted_by = True, None, None
        case (
            ScheduleOpened()
            | ShowStarted()
            | ShowCompleted()
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
            | ShowInterrupted()
            | ShowResolved()
            | ShowsLeft()
            | ShowsRebooked()
            | VersionDeleted()
            | VersionEdited()
            | VersionRestored()
        ):
            pass
        case _:
            assert_never(event)


# --- what it answers ---------------------------------------------------------------------------------

_SELECTED: Final[LiteralString] = """
    SELECT s.id, s.version, s.kind, s.name, s.studio_id, s.client_id, s.start_date, s.end_date, s.note,
           s.status, s.status_id, s.current_version, s.approved_version, s.has_unversioned_edits,
           s.created_at, s.created_by, s.updated_at, s.updated_by, s.deleted_at, s.deleted_by, n.statuses,
           (SELECT count(*) FROM changes g WHERE g.schedule_id = s.id AND g.status = 'proposed')
"""
_SELECT: Final[LiteralString] = f"""
    {_SELECTED}
    FROM schedules s
    CROSS JOIN LATERAL (
        SELECT array_agg(h.status) AS statuses FROM shows h
        WHERE h.schedule_id = s.id AND h.deleted_at IS NULL
    ) n
"""
_SELECT_PUBLISHED: Final[LiteralString] = f"""
    {_SELECTED}
    FROM {SCHEDULES} s
    CROSS JOIN LATERAL (
        SELECT array_agg(h.status) AS statuses FROM published_shows p JOIN shows h ON h.id = p.id
        WHERE p.schedule_id = s.id AND s.deleted_at IS NULL
    ) n
"""
"""To users who are bounded to clients."""

_COUNTED: Final = ("show_count", "shows_by_status", "open_changes")
_COLUMNS: Final = (
    *(f for f in ScheduleRow.__struct_fields__ if f not in _COUNTED),
    "statuses",
    "open_changes",
)
"""What _SELECT answers, in its order."""

_SORTS: Final[dict[Sort, LiteralString]] = {
    "start_date": "s.start_date",
    "name": "s.name",
    "created_at": "s.created_at",
}
_STATUSES: Final[tuple[ScheduleStatus, ...]] = get_args(ScheduleStatus)
_RANKS: Final[dict[Sort, LiteralString]] = {
    "month": "(12 * extract(year FROM s.start_date) + extract(month FROM s.start_date))::int",
    "status": "array_position(ARRAY['" + "', '".join(_STATUSES) + "'], s.status)",
    "shows": "coalesce(cardinality(n.statuses), 0)",
}
"""Numbers to sort by before the name."""


def one(
    connection: Connection[Any], schedule_id: str, clients: tuple[str, ...] | None = None
) -> ScheduleRow | None:
    """A schedule by id, deleted or not, standalone shows' own ones included, to users of these clients as its
    newest version has it; None when there is none."""
    select = _SELECT if clients is None else _SELECT_PUBLISHED
    row = connection.execute(select + " WHERE s.id = %s", (schedule_id,)).fetchone()
    return _row(row) if row else None


def owned(connection: Connection[Any], ids: Sequence[str], clients: Sequence[str]) -> set[str]:
    """Those of these schedules that are of one of these clients, standalone shows' own ones included."""
    rows = connection.execute(
        "SELECT id FROM schedules WHERE id = ANY (%s) AND client_id = ANY (%s)", (list(ids), list(clients))
    )
    return {row[0] for row in rows}


def studios(connection: Connection[Any], ids: Sequence[str]) -> dict[str, str]:
    """The studio of each of these schedules, standalone shows' own ones included."""
    sql = "SELECT id, studio_id FROM schedules WHERE id = ANY (%s)"
    return dict(connection.execute(sql, (list(ids),)).fetchall())


def listed(
    connection: Connection[Any],
    which: ScheduleFilter = ScheduleFilter(),  # noqa: B008 - frozen
    *,
    sort: Sort = "start_date",
    descending: bool = False,
    after: tuple[Any, ...] | None = None,
    limit: int | None = None,
) -> list[ScheduleRow]:
    """Plans in a stable order that ends in the id; `after` is `key_of` the last one seen, in the same order.
    Ask for one more than you show, and you know whether more follow."""
    conditions, values = _conditions(which)
    order: LiteralString
    if sort in _RANKS:
        rank: LiteralString = f"-{_RANKS[sort]}" if descending else _RANKS[sort]
        order, past = f"{rank}, s.name, s.id", f"({rank}, s.name, s.id) > (%s, %s, %s)"
    else:
        column = _SORTS[sort]
        order = f"{column} DESC, s.id DESC" if descending else f"{column}, s.id"
        past = f"({column}, s.id) < (%s, %s)" if descending else f"({column}, s.id) > (%s, %s)"
    if after is not None:
        conditions.append(past)
        values += after
    select = _SELECT if which.clients is None else _SELECT_PUBLISHED
    sql: LiteralString = f"{select} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT %s"
    return [_row(row) for row in connection.execute(sql, (*values, limit))]


def total(connection: Connection[Any], which: ScheduleFilter = ScheduleFilter()) -> int:  # noqa: B008 - frozen
    """How many plans meet the conditions."""
    conditions, values = _conditions(which)
    source = "schedules" if which.clients is None else SCHEDULES
    sql: LiteralString = f"SELECT count(*) FROM {source} s WHERE {' AND '.join(conditions)}"
    row = connection.execute(sql, values).fetchone()
    return row[0] if row else 0


def key_of(row: ScheduleRow, sort: Sort, *, descending: bool = False) -> tuple[Any, ...]:
    """Where a row stands in that order, for `after`."""
    match sort:
        case "month":
            rank = 12 * row.start_date.year + row.start_date.month
        case "status":
            rank = _STATUSES.index(row.status) + 1
        case "shows":
            rank = row.show_count
        case _:
            return getattr(row, sort), row.id
    return -rank if descending else rank, row.name, row.id


def counted(statuses: Iterable[str]) -> dict[str, int]:
    """How many of each status, in the order of the statuses' names."""
    return dict(sorted(Counter(statuses).items()))


def _conditions(which: ScheduleFilter) -> tuple[list[LiteralString], list[Any]]:
    conditions: list[LiteralString] = ["s.kind = 'plan'"]
    values: list[Any] = []
    given: list[tuple[LiteralString, Any]] = [
        ("s.client_id = ANY (%s)", None if which.clients is None else list(which.clients)),
        ("s.client_id = %s", which.client_id),
        ("s.studio_id = %s", which.studio_id),
        ("s.end_date >= %s", which.start),
        ("s.start_date <= %s", which.end),
        ("s.name ILIKE %s", contains(which.q)),
    ]
    for condition, value in given:
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if which.status:
        conditions.append("(s.status = ANY (%s) OR s.status_id = ANY (%s))")
        values += [list(which.status), list(which.status)]
    if not which.include_deleted:
        conditions.append("s.deleted_at IS NULL")
    return conditions, values


def _row(row: tuple[Any, ...]) -> ScheduleRow:
    values = dict(zip(_COLUMNS, row, strict=True))
    statuses = values.pop("statuses") or ()
    return ScheduleRow(**values, show_count=len(statuses), shows_by_status=counted(statuses))
