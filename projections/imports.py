"""Runs of imports: which file, what it did or why it was refused, who ran it, and who took it back. Each is
a stream of its own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.event_log import Statement
from domain.events import Command, ImportApplied, ImportFailed, ImportUndone, Recorded
from domain.importing.report import Counts, Problem, failed

TABLES: Final = ("imports",)

_ADD: Final[LiteralString] = (
    "INSERT INTO imports"
    " (id, file_name, file_sha256, counts, schedules, created, options, outcome, report,"
    " created_at, created_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_SELECT: Final[LiteralString] = (
    "SELECT id, file_name, file_sha256, counts::text, schedules::text, created::text, options::text,"
    " outcome, (report->'problem')::text, created_at, created_by, undone_at, undone_by FROM imports"
)
_UNDO: Final[LiteralString] = (
    "UPDATE imports SET outcome = 'undone', undone_at = %s, undone_by = %s WHERE id = %s"
)
_WITH: Final[LiteralString] = " WHERE (cardinality(%s::text[]) = 0 OR outcome = ANY(%s::text[]))"
_TOTAL: Final[LiteralString] = (
    "SELECT count(*) FROM imports WHERE (cardinality(%s::text[]) = 0 OR outcome = ANY(%s::text[]))"
)

Outcome = Literal["applied", "failed", "undone"]


class ImportRow(Struct, frozen=True, kw_only=True):
    """A run as it is listed. `counts` of rows by outcome, `created` of entities by kind, `schedules` the ids
    of those it touched; `problem` why a failed one was refused."""

    id: str
    file_name: str
    file_sha256: str
    counts: dict[str, int]
    schedules: tuple[str, ...]
    created: dict[str, int]
    options: dict[str, Any]
    outcome: Outcome
    problem: Problem | None
    created_at: datetime
    created_by: str
    undone_at: datetime | None
    undone_by: str | None
    mode: Literal["apply"] = "apply"


def apply(command: Command) -> list[Statement]:
    """One row for each run; no other event says anything about one."""
    return [statement for recorded in command for statement in _of(recorded)]


def _of(recorded: Recorded) -> list[Statement]:
    import_id, at, by = recorded.originator_id, recorded.at, recorded.actor.id
    told: tuple[Any, ...]
    match event := recorded.event:
        case ImportApplied():
            told = (event.counts, event.schedules, event.created, event.options)
            outcome, report = event.outcome, event.report
        case ImportFailed():
            told = (msgspec.to_builtins(Counts()), (), {}, event.options)
            outcome, report = "failed", msgspec.to_builtins(failed(import_id, event, at, by))
        case ImportUndone():
            return [(_UNDO, (at, by, import_id))]
        case _:
            return []
    cells = (*map(_json, told), outcome, _json(report), at, by)
    return [(_ADD, (import_id, event.file_name, event.file_sha256, *cells))]


def one(connection: Connection[Any], import_id: str) -> ImportRow | None:
    """A run by id; None when there is none."""
    row = connection.execute(_SELECT + " WHERE id = %s", (import_id,)).fetchone()
    return _row(row) if row else None


def report(connection: Connection[Any], import_id: str) -> dict[str, Any] | None:
    """The whole answer that a run was given, and what became of it since; None when there is no such run."""
    run = one(connection, import_id)
    row = connection.execute("SELECT report::text FROM imports WHERE id = %s", (import_id,)).fetchone()
    if run is None or row is None:
        return None
    since = {name: getattr(run, name) for name in ("outcome", "problem", "undone_at", "undone_by")}
    return msgspec.json.decode(row[0]) | since


def listed(
    connection: Connection[Any],
    outcomes: Collection[str] = (),
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[ImportRow]:
    """Runs with one of these outcomes (none named: all), newest first; `after` is (created_at, id) of the
    last one seen."""
    since: LiteralString = " AND (created_at, id) < (%s, %s)" if after else ""
    sql: LiteralString = f"{_SELECT}{_WITH}{since} ORDER BY created_at DESC, id DESC LIMIT %s"
    asked = list(outcomes)
    return [_row(row) for row in connection.execute(sql, (asked, asked, *(after or ()), limit))]


def total(connection: Connection[Any], outcomes: Collection[str] = ()) -> int:
    """How many runs with such an outcome there were."""
    asked = list(outcomes)
    row = connection.execute(_TOTAL, (asked, asked)).fetchone()
    return row[0] if row else 0


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _row(row: tuple[Any, ...]) -> ImportRow:
    id_, file_name, file_sha256, counts, schedules, created, options, outcome, problem, *when = row
    created_at, created_by, undone_at, undone_by = when
    return ImportRow(
        id=id_,
        file_name=file_name,
        file_sha256=file_sha256,
        counts=msgspec.json.decode(counts),
        schedules=msgspec.json.decode(schedules, type=tuple[str, ...]),
        created=msgspec.json.decode(created),
        options=msgspec.json.decode(options),
        outcome=outcome,
        problem=msgspec.json.decode(problem, type=Problem | None) if problem else None,
        created_at=created_at,
        created_by=created_by,
        undone_at=undone_at,
        undone_by=undone_by,
    )
