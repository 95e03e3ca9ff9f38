"""What things are called, and which things are called so: for whoever shows ids to people."""

# ruff: noqa: S608 - names of tables and columns are declared

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, LiteralString, cast

from msgspec import Struct
from psycopg import Connection

from domain.ids import prefix_of
from domain.registry.entities import ENTITIES
from projections.registry import columns
from projections.searching import contains

_TABLES: Final[Mapping[str, str]] = {
    "schedule": "schedules",
    "show": "shows",
    **{each.kind: each.table for each in ENTITIES if "name" in columns(each)},
}
"""By kind of id: all that have a name of their own."""

_STUDIOS: Final[Mapping[str, str]] = {
    "studio": "SELECT id, id FROM studios WHERE id = ANY (%s)",
    "closure": "SELECT c.id, r.studio_id FROM room_closures c JOIN rooms r ON r.id = c.room_id"
    " WHERE c.id = ANY (%s)",
    **{
        kind: f"SELECT id, studio_id FROM {table} WHERE id = ANY (%s) AND studio_id IS NOT NULL"
        for kind, table in (
            ("schedule", "schedules"),
            ("show", "shows"),
            *((each.kind, each.table) for each in ENTITIES if "studio_id" in columns(each)),
        )
    },
}
"""By kind of id: in which studio things are."""


class Named(Struct, frozen=True):
    """A thing with its name; `kind` is its id's prefix."""

    kind: str
    id: str
    name: str


class AskedFor(Struct, frozen=True):
    """Whose change it is, why it was asked for, and which shows it is about."""

    schedule_id: str
    reason: str
    show_ids: tuple[str, ...]


class Place(Struct, frozen=True):
    """Where a schedule's shows are."""

    studio_id: str
    first: Any
    """The first day of its period, or None."""


def names(connection: Connection[Any], ids: Iterable[str]) -> dict[str, str]:
    """The names of things by id, deleted ones included; what has no name is left out."""
    by_kind: dict[str, set[str]] = {}
    for each in ids:
        by_kind.setdefault(prefix_of(each), set()).add(each)
    found: dict[str, str] = {}
    for kind, wanted in sorted(by_kind.items()):
        if table := _TABLES.get(kind):
            sql = cast(LiteralString, f"SELECT id, name FROM {table} WHERE id = ANY (%s)")
            found.update(connection.execute(sql, (sorted(wanted),)).fetchall())
    return found


def studios(connection: Connection[Any], ids: Iterable[str]) -> dict[str, str]:
    """The studio that each of these is in, or is; deleted ones included, what is in none left out."""
    wanted = sorted(set(ids))
    found: dict[str, str] = {}
    for kind in sorted({prefix_of(each) for each in wanted} & _STUDIOS.keys()):
        own = [each for each in wanted if prefix_of(each) == kind]
        found.update(connection.execute(cast(LiteralString, _STUDIOS[kind]), (own,)).fetchall())
    return found


def called(connection: Connection[Any], text: str, most: int) -> tuple[list[Named], int]:
    """Things with this text in their name, those that begin with it first, deleted ones included; and how
    many there are in all."""
    parts = [f"SELECT '{kind}' AS kind, id, name FROM {table}" for kind, table in _TABLES.items()]
    sql = cast(
        LiteralString,
        f"SELECT kind, id, name, count(*) OVER () FROM ({' UNION ALL '.join(parts)}) AS found"
        " WHERE name ILIKE %(any)s"
        " ORDER BY starts_with(lower(name), lower(%(text)s)) DESC, length(name), name, id LIMIT %(most)s",
    )
    asked = {"any": contains(text), "text": text, "most": most}
    rows = connection.execute(sql, asked).fetchall()
    return [Named(*row[:3]) for row in rows], rows[0][3] if rows else 0


def places(connection: Connection[Any], schedule_ids: Iterable[str]) -> dict[str, Place]:
    """Where these schedules are, deleted ones included."""
    rows = connection.execute(
        "SELECT id, studio_id, start_date FROM schedules WHERE id = ANY (%s)", (sorted(set(schedule_ids)),)
    )
    return {row[0]: Place(row[1], row[2]) for row in rows}


def spans(connection: Connection[Any], show_ids: Iterable[str]) -> dict[str, tuple[datetime, datetime]]:
    """When these shows are now, removed ones included."""
    rows = connection.execute(
        "SELECT id, starts_at, ends_at FROM shows WHERE id = ANY (%s)", (sorted(set(show_ids)),)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def asked(connection: Connection[Any], change_ids: Iterable[str]) -> dict[str, AskedFor]:
    """What these changes ask for."""
    rows = connection.execute(
        "SELECT id, schedule_id, reason,"
        " ARRAY (SELECT o ->> 'show_id' FROM json_array_elements(operations) o)"
        " FROM changes WHERE id = ANY (%s)",
        (sorted(set(change_ids)),),
    )
    return {row[0]: AskedFor(row[1], row[2], tuple(row[3])) for row in rows}


def files(connection: Connection[Any], import_ids: Iterable[str]) -> dict[str, str]:
    """The names of the files of these imports."""
    rows = connection.execute(
        "SELECT id, file_name FROM imports WHERE id = ANY (%s)", (sorted(set(import_ids)),)
    )
    return dict(rows.fetchall())


def lookups(connection: Connection[Any]) -> dict[tuple[str, str], str]:
    """The names of types, standards, statuses and categories by kind and key, deleted ones included."""
    tables = [(each.kind, each.table) for each in ENTITIES if {"key", "name"} <= set(columns(each))]
    sql = " UNION ALL ".join(f"SELECT '{kind}', key, name FROM {table}" for kind, table in tables)
    return {(kind, key): name for kind, key, name in connection.execute(cast(LiteralString, sql))}
