"""Shows as people look at them: the row, and the questions asked about many. `show_events.py` writes them."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from datetime import date, datetime
from typing import Any, Final, Literal, LiteralString

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.events import PlatformLink
from domain.schedule.machine import ShowStatus
from domain.schedule.planning import LONGEST
from projections.published import SHOWS
from projections.searching import contains

Sort = Literal["start", "name", "created_at"]


class ShowRow(Struct, frozen=True, kw_only=True):
    """A show as the API shows it (SPEC 11). `schedule_id` is null for a standalone show; `version` counts
    the events that touched it."""

    id: str
    version: int
    schedule_id: str | None
    external_id: str | None
    client_id: str | None
    studio_id: str
    room_id: str | None
    name: str
    start: datetime
    end: datetime
    operational_day: date
    status: ShowStatus
    show_type: str
    show_standard: str
    creators: tuple[str, ...]
    platforms: tuple[PlatformLink, ...]
    note: str
    metadata: dict[str, Any]
    actual_start: datetime | None
    actual_end: datetime | None
    reason_category: str | None
    reason_note: str | None
    restored_from: str | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None
    deleted_by: str | None


class ShowFilter(Struct, frozen=True, kw_only=True):
    """Which shows: those that meet every condition given. `start` and `end` are a half-open window of
    instants that the show must overlap; `q` looks in name and external id, each of `words` there and in the
    names of client and creators. With `clients`, the shows of those as the newest versions have them. `rooms`
    are ids, an empty one among them for shows that are in none of their studio's."""

    ids: tuple[str, ...] | None = None
    rooms: tuple[str, ...] | None = None
    status: tuple[str, ...] = ()
    clients: tuple[str, ...] | None = None
    client_id: str | None = None
    studio_id: str | None = None
    room_id: str | None = None
    creator_id: str | None = None
    schedule_id: str | None = None
    schedule_ids: tuple[str, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None
    q: str | None = None
    words: tuple[str, ...] = ()
    include_deleted: bool = False


_COLUMNS: Final[LiteralString] = """
    SELECT s.id, s.version, CASE c.kind WHEN 'plan' THEN s.schedule_id END, s.external_id, s.client_id,
           s.studio_id, s.room_id, s.name, s.starts_at, s.ends_at, s.operational_day, s.status, s.show_type,
           s.show_standard, s.creators, s.platforms::text, s.note, s.metadata::text, s.actual_start,
           s.actual_end, s.reason_category, s.reason_note, s.restored_from, s.created_at, s.created_by,
           s.updated_at, s.updated_by, s.deleted_at, s.deleted_by
"""
"""In the order of ShowRow's fields."""
_HOLDER: Final[LiteralString] = " JOIN schedules c ON c.id = s.schedule_id"

_IN_ROOMS: Final[LiteralString] = "s.room_id = ANY (%s)"
_IN_NONE: Final[LiteralString] = (
    "(s.room_id = ANY (%s) OR s.room_id IS NULL OR NOT EXISTS"
    " (SELECT FROM rooms r WHERE r.id = s.room_id AND r.studio_id = s.studio_id))"
)
_WORD: Final[LiteralString] = (
    "(concat_ws(' ', s.name, s.external_id) ILIKE %s OR s.client_id IN (SELECT id FROM clients WHERE name"
    " ILIKE %s) OR s.creators && ARRAY(SELECT id FROM creators WHERE name ILIKE %s))"
)
_SORTS: Final[dict[Sort, LiteralString]] = {
    "start": "s.starts_at",
    "name": "s.name",
    "created_at": "s.created_at",
}
_FIELDS: Final = ShowRow.__struct_fields__
_platforms = msgspec.json.Decoder(tuple[PlatformLink, ...]).decode
_metadata = msgspec.json.Decoder(dict[str, Any]).decode


def one(connection: Connection[Any], show_id: str, clients: tuple[str, ...] | None = None) -> ShowRow | None:
    """A show by id, removed or not, to users of these clients as its newest version has it; None when there
    is none."""
    sql: LiteralString = f"{_COLUMNS} FROM {_source(clients)} s {_HOLDER} WHERE s.id = %s"
    row = connection.execute(sql, (show_id,)).fetchone()
    return _row(row) if row else None


def listed(
    connection: Connection[Any],
    which: ShowFilter = ShowFilter(),  # noqa: B008 - frozen
    *,
    sort: Sort = "start",
    descending: bool = False,
    after: tuple[Any, str] | None = None,
    limit: int | None = None,
) -> list[ShowRow]:
    """Shows in a stable order that ends in the id; `after` is `key_of` the last one seen, in the same order.
    Ask for one more than you show, and you know whether more follow."""
    conditions, values = _conditions(which)
    column = _SORTS[sort]
    if after is not None:
        conditions.append(f"({column}, s.id) < (%s, %s)" if descending else f"({column}, s.id) > (%s, %s)")
        values += after
    order: LiteralString = f"{column} DESC, s.id DESC" if descending else f"{column}, s.id"
    source: LiteralString = f"{_source(which.clients)} s {_HOLDER}"
    sql: LiteralString = (
        f"{_COLUMNS} FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT %s"
    )
    return [_row(row) for row in connection.execute(sql, (*values, limit))]


def total(connection: Connection[Any], which: ShowFilter = ShowFilter()) -> int:  # noqa: B008 - frozen
    """How many shows meet the conditions."""
    conditions, values = _conditions(which)
    sql: LiteralString = f"SELECT count(*) FROM {_source(which.clients)} s WHERE {' AND '.join(conditions)}"
    row = connection.execute(sql, values).fetchone()
    return row[0] if row else 0


def key_of(row: ShowRow, sort: Sort) -> tuple[datetime | str, str]:
    """Where a row stands in that order, for `after`."""
    return getattr(row, sort), row.id


def _source(clients: tuple[str, ...] | None) -> LiteralString:
    """Where a user's shows are read, under the alias `s`."""
    return "shows" if clients is None else SHOWS


def _conditions(which: ShowFilter) -> tuple[list[LiteralString], list[Any]]:
    conditions: list[LiteralString] = ["true" if which.include_deleted else "s.deleted_at IS NULL"]
    values: list[Any] = []
    given: list[tuple[LiteralString, Any]] = [
        ("s.id = ANY (%s)", None if which.ids is None else list(which.ids)),
        (
            _IN_NONE if "" in (which.rooms or ()) else _IN_ROOMS,
            None if which.rooms is None else list(which.rooms),
        ),
        ("s.status = ANY (%s)", list(which.status) or None),
        ("s.client_id = ANY (%s)", None if which.clients is None else list(which.clients)),
        ("s.client_id = %s", which.client_id),
        ("s.studio_id = %s", which.studio_id),
        ("s.room_id = %s", which.room_id),
        ("s.schedule_id = %s", which.schedule_id),
        ("s.schedule_id = ANY (%s)", None if which.schedule_ids is None else list(which.schedule_ids)),
        ("s.ends_at > %s", which.start),
        # No show is longer than a day: so the btrees on (..., starts_at) serve both ends of the window.
        ("s.starts_at > %s", which.start and which.start - LONGEST),
        ("s.starts_at < %s", which.end),
    ]
    for condition, value in given:
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if which.creator_id is not None and which.clients is not None:
        conditions.append("%s = ANY (s.creators)")  # `show_creators` knows the working drafts.
        values.append(which.creator_id)
    elif which.creator_id is not None:
        conditions.append(
            "s.id IN (SELECT k.show_id FROM show_creators k WHERE k.creator_id = %s"
            " AND k.starts_at > %s AND k.starts_at < %s AND k.ends_at > %s)"
        )
        values += [
            which.creator_id,
            which.start - LONGEST if which.start else "-infinity",
            which.end or "infinity",
            which.start or "-infinity",
        ]
    if pattern := contains(which.q):
        conditions.append("(s.name ILIKE %s OR s.external_id ILIKE %s)")
        values += [pattern, pattern]
    for word in which.words:
        conditions.append(_WORD)
        values += [contains(word)] * 3
    return conditions, values


def _row(row: tuple[Any, ...]) -> ShowRow:
    values = dict(zip(_FIELDS, row, strict=True))
    values["creators"] = tuple(values["creators"])
    values["platforms"] = _platforms(values["platforms"])
    values["metadata"] = _metadata(values["metadata"])
    return ShowRow(**values)
