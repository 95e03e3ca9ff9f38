"""Runs of imports: which file, what it did, who ran it. One event each, in a stream of its own."""

from datetime import datetime
from typing import Any, Final, Literal, LiteralString

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.event_log import Statement
from domain.events import Command, ImportApplied

TABLES: Final = ("imports",)

_ADD: Final[LiteralString] = (
    "INSERT INTO imports"
    " (id, file_name, file_sha256, counts, schedules, created, options, outcome, report,"
    " created_at, created_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_SELECT: Final[LiteralString] = (
    "SELECT id, file_name, file_sha256, counts::text, schedules::text, created::text, options::text,"
    " outcome, created_at, created_by FROM imports"
)


class ImportRow(Struct, frozen=True, kw_only=True):
    """A run as it is listed. `counts` of rows by outcome, `created` of entities by kind, `schedules` the ids
    of those it touched."""

    id: str
    file_name: str
    file_sha256: str
    counts: dict[str, int]
    schedules: tuple[str, ...]
    created: dict[str, int]
    options: dict[str, Any]
    outcome: str
    created_at: datetime
    created_by: str
    mode: Literal["apply"] = "apply"


def apply(command: Command) -> list[Statement]:
    """One row for each run; no other event says anything about one."""
    return [
        (
            _ADD,
            (
                *(recorded.originator_id, event.file_name, event.file_sha256),
                *(_json(each) for each in (event.counts, event.schedules, event.created, event.options)),
                *(event.outcome, _json(event.report), recorded.at, recorded.actor.id),
            ),
        )
        for recorded in command
        if isinstance(event := recorded.event, ImportApplied)
    ]


def one(connection: Connection[Any], import_id: str) -> ImportRow | None:
    """A run by id; None when there is none."""
    row = connection.execute(_SELECT + " WHERE id = %s", (import_id,)).fetchone()
    return _row(row) if row else None


def report(connection: Connection[Any], import_id: str) -> dict[str, Any] | None:
    """The whole answer that a run was given; None when there is no such run."""
    row = connection.execute("SELECT report::text FROM imports WHERE id = %s", (import_id,)).fetchone()
    return msgspec.json.decode(row[0]) if row else None


def listed(
    connection: Connection[Any], *, after: tuple[datetime, str] | None = None, limit: int | None = None
) -> list[ImportRow]:
    """Runs, newest first; `after` is (created_at, id) of the last one seen."""
    since: LiteralString = " WHERE (created_at, id) < (%s, %s)" if after else ""
    sql: LiteralString = f"{_SELECT}{since} ORDER BY created_at DESC, id DESC LIMIT %s"
    return [_row(row) for row in connection.execute(sql, (*(after or ()), limit))]


def total(connection: Connection[Any]) -> int:
    """How many runs there were."""
    row = connection.execute("SELECT count(*) FROM imports").fetchone()
    return row[0] if row else 0


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _row(row: tuple[Any, ...]) -> ImportRow:
    id_, file_name, file_sha256, counts, schedules, created, options, outcome, created_at, created_by = row
    return ImportRow(
        id=id_,
        file_name=file_name,
        file_sha256=file_sha256,
        counts=msgspec.json.decode(counts),
        schedules=msgspec.json.decode(schedules, type=tuple[str, ...]),
        created=msgspec.json.decode(created),
        options=msgspec.json.decode(options),
        outcome=outcome,
        created_at=created_at,
        created_by=created_by,
    )
