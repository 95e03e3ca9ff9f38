"""Rows of the reference entities: one table each, columns as declared. `apply` writes them, `find` and
`page` read them; all generic over `domain.registry.entities`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any, Final, LiteralString, assert_never, cast

import msgspec
from msgspec import Struct, inspect
from psycopg import Connection

from domain.errors import FieldError
from domain.event_log import Statement
from domain.events import (
    Command,
    EntityCreated,
    EntityDeleted,
    EntityEvent,
    EntityRestored,
    EntityUpdated,
    Recorded,
)
from domain.registry.declaring import Entity
from domain.registry.entities import BY_KIND, ENTITIES
from domain.registry.row import Row
from projections.searching import contains

TABLES: Final = tuple(entity.table for entity in ENTITIES)

DUPLICATES: Final[Mapping[str, FieldError]] = {
    unique.constraint: FieldError(
        unique.fields[-1],
        "taken",
        "is taken, perhaps by a deleted row: restore that one, or choose another"
        if unique.for_ever
        else "is taken",
    )
    for entity in ENTITIES
    for unique in entity.unique
} | {"shows_external_id_live": FieldError("external_id", "taken", "is taken by another show of this client")}
"""The field behind each unique constraint of the read tables."""

_BEFORE: Final = {"id": "text", "version": "bigint"}
_AFTER: Final = {
    "system": "boolean",
    "created_at": "timestamptz",
    "created_by": "text",
    "updated_at": "timestamptz",
    "updated_by": "text",
}
_GONE: Final = {"deleted_at": "timestamptz", "deleted_by": "text"}


@cache
def declared(entity: Entity) -> dict[str, str]:
    """The declared fields and the PostgreSQL types of their columns."""
    return {field.name: _column_type(inspect.type_info(field.type)) for field in _fields(entity)}


def columns(entity: Entity) -> dict[str, str]:
    """All columns of the table and their types, in the order of the entity's shape."""
    return _BEFORE | declared(entity) | _AFTER | _GONE


_BOUNDS: Final[Mapping[str, str]] = {
    "client": "id = ANY (%(clients)s)",
    "member": "coalesce(client_id = ANY (%(clients)s), false)",
    "user": "(EXISTS (SELECT FROM memberships m"
    " WHERE m.user_id = users.id AND m.client_id = ANY (%(clients)s))"
    " OR NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id AND m.client_id IS NOT NULL))",
}
"""What a user sees who is bounded to clients: those, their people, and people of no client."""


# --- writing


def apply(command: Command) -> list[Statement]:
    """Rows that one command creates are written in one statement per run of a kind."""
    ours = [recorded for recorded in command if isinstance(recorded.event, EntityEvent)]
    return [
        statement
        for (kind, created), run in groupby(ours, key=_kind_and_whether_created)
        for statement in (_insert(kind, list(run)) if created else map(_update, run))
    ]


def _kind_and_whether_created(recorded: Recorded) -> tuple[str, bool]:
    event = cast(EntityEvent, recorded.event)
    return event.kind, isinstance(event, EntityCreated)


def _insert(kind: str, run: Sequence[Recorded]) -> list[Statement]:
    """Sorted by what is unique: two commands that insert the same names in different orders deadlock."""
    entity = BY_KIND[kind]
    rows = [_created_row(recorded, cast(EntityCreated, recorded.event)) for recorded in run]
    first = entity.unique[0].fields if entity.unique else ()
    rows.sort(key=lambda row: ([str(row[name]) for name in first], row["id"]))
    return [(_insert_sql(entity), (msgspec.json.encode(rows).decode(),))]


def _created_row(recorded: Recorded, event: EntityCreated) -> dict[str, Any]:
    stamp = {"created_at": recorded.at, "updated_at": recorded.at}
    who = {"created_by": recorded.actor.id, "updated_by": recorded.actor.id}
    head = {"id": recorded.originator_id, "version": recorded.originator_version, "system": event.system}
    return {**head, **BY_KIND[event.kind].defaults, **event.values, **stamp, **who}


@cache
def _insert_sql(entity: Entity) -> LiteralString:
    types = _BEFORE | declared(entity) | _AFTER
    names = ", ".join(f'"{name}"' for name in types)
    typed = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    source = f"SELECT {names} FROM json_to_recordset(%s::json) AS q ({typed})"  # noqa: S608 - names are declared
    return cast(LiteralString, f"INSERT INTO {entity.table} ({names}) {source}")


def _update(recorded: Recorded) -> Statement:
    event = cast(EntityUpdated | EntityDeleted | EntityRestored, recorded.event)
    entity = BY_KIND[event.kind]
    changed: dict[str, Any] = {
        "version": recorded.originator_version,
        "updated_at": recorded.at,
        "updated_by": recorded.actor.id,
    }
    match event:
        case EntityUpdated(values=values):
            changed |= {name: _parameter(entity, name, value) for name, value in values.items()}
        case EntityDeleted():
            changed |= {"deleted_at": recorded.at, "deleted_by": recorded.actor.id}
        case EntityRestored():
            changed |= {"deleted_at": None, "deleted_by": None}
        case _:
            assert_never(event)
    return _update_sql(entity, tuple(changed)), (*changed.values(), recorded.originator_id)


@cache
def _update_sql(entity: Entity, names: tuple[str, ...]) -> LiteralString:
    types = columns(entity)
    changes = ", ".join(f'"{name}" = %s::{types[name]}' for name in names)
    return cast(LiteralString, f"UPDATE {entity.table} SET {changes} WHERE id = %s")  # noqa: S608 - names are declared


def _parameter(entity: Entity, name: str, value: Any) -> Any:
    return msgspec.json.encode(value).decode() if declared(entity)[name] == "json" else value


# --- reading


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows of a list. `equal` filters by columns, `q` looks for a part of the searched texts,
    `window` for rows whose span overlaps it (either end may be open); `after` is the sort key of the last
    row seen: the sorted column's value as text, and the id."""

    sort: str
    descending: bool
    limit: int
    after: tuple[str, str] | None = None
    equal: Mapping[str, Any] = {}
    q: str | None = None
    window: tuple[datetime | None, datetime | None] = (None, None)
    include_deleted: bool = False
    clients: tuple[str, ...] | None = None


def shaped(entity: Entity, row: Row) -> Struct:
    """A folded row in the shape that the table's rows are read in."""
    return msgspec.convert({**msgspec.structs.asdict(row), **entity.defaults, **row.values}, entity.shape)


def find(connection: Connection[Any], entity: Entity, row_id: str) -> Struct | None:
    """A row by id, deleted or not."""
    found = connection.execute(_select(entity, "WHERE id = %s"), (row_id,)).fetchone()
    return _read(entity, found) if found else None


def within(connection: Connection[Any], entity: Entity, row_id: str, clients: Sequence[str]) -> bool:
    """Whether a row is there for a user who is bounded to these clients; unknown ones are."""
    bound = _BOUNDS.get(entity.kind)
    if bound is None:
        return True
    sql = cast(LiteralString, f"SELECT {bound} FROM {entity.table} WHERE id = %(id)s")  # noqa: S608 - declared
    row = connection.execute(sql, {"id": row_id, "clients": list(clients)}).fetchone()
    return row is None or bool(row[0])


def page(connection: Connection[Any], entity: Entity, wanted: Wanted) -> list[tuple[Struct, tuple[str, str]]]:
    """Rows in order, each with its sort key for `after`."""
    conditions, parameters = _conditions(entity, wanted)
    if wanted.after is not None:
        conditions.append(
            f'("{wanted.sort}", id) {"<" if wanted.descending else ">"}'
            f" (%s::{columns(entity)[wanted.sort]}, %s)"
        )
        parameters += wanted.after
    way = "DESC" if wanted.descending else "ASC"
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rest = f'{where} ORDER BY "{wanted.sort}" {way}, id {way} LIMIT %s'
    sql = _select(entity, rest, f', "{wanted.sort}"::text AS sort_key')
    rows = connection.execute(sql, (*parameters, wanted.limit)).fetchall()
    return [(_read(entity, row[:-1]), (row[-1], row[0])) for row in rows]


def count(connection: Connection[Any], entity: Entity, wanted: Wanted) -> int:
    """How many rows the whole list has."""
    conditions, parameters = _conditions(entity, wanted)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = cast(LiteralString, f"SELECT count(*) FROM {entity.table} {where}")  # noqa: S608 - names are declared
    row = connection.execute(sql, parameters).fetchone()
    return row[0] if row else 0


def _conditions(entity: Entity, wanted: Wanted) -> tuple[list[str], list[Any]]:
    conditions: list[str] = [] if wanted.include_deleted else ["deleted_at IS NULL"]
    parameters: list[Any] = []
    for name, value in wanted.equal.items():
        conditions.append(f'lower("{name}") = lower(%s)' if name in entity.caseless else f'"{name}" = %s')
        parameters.append(value)
    if entity.search and (pattern := contains(wanted.q)):
        conditions.append("(" + " OR ".join(f'"{name}" ILIKE %s' for name in entity.search) + ")")
        parameters += [pattern] * len(entity.search)
    if wanted.clients is not None and (bounded := _BOUNDS.get(entity.kind)):
        asks = bounded.count("%(clients)s")
        conditions.append(bounded.replace("%(clients)s", "%s"))
        parameters += [list(wanted.clients)] * asks
    for bound, condition in zip(wanted.window, ('"end" > %s', '"start" < %s'), strict=True):
        if bound is not None:
            conditions.append(condition)
            parameters.append(bound)
    return conditions, parameters


def _select(entity: Entity, rest: str, more: str = "") -> LiteralString:
    names = ", ".join(f'"{name}"' for name in columns(entity))
    return cast(LiteralString, f"SELECT {names}{more} FROM {entity.table} {rest}")  # noqa: S608 - names are declared


def _read(entity: Entity, values: Sequence[Any]) -> Struct:
    """The column order is the shape's."""
    shape = entity.shape
    pairs = zip(shape.__struct_fields__, values, strict=True)
    return shape(**{name: v.astimezone(UTC) if isinstance(v, datetime) else v for name, v in pairs})


# --- types


def _fields(entity: Entity) -> Iterator[msgspec.structs.FieldInfo]:
    yield from msgspec.structs.fields(entity.body)


def _column_type(found: inspect.Type) -> str:
    match found:
        case inspect.Metadata(type=plain):
            return _column_type(plain)
        case inspect.UnionType(types=types):
            return next(_column_type(one) for one in types if not isinstance(one, inspect.NoneType))
        case _:
            return _COLUMN_TYPES[type(found)]


_COLUMN_TYPES: Final[Mapping[type[inspect.Type], str]] = {
    inspect.StrType: "text",
    inspect.LiteralType: "text",
    inspect.BoolType: "boolean",
    inspect.IntType: "integer",
    inspect.DateTimeType: "timestamptz",
    inspect.DateType: "date",
    inspect.DictType: "json",
    inspect.VarTupleType: "json",
}
