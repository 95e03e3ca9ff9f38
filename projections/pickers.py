"""What rows are called: for references that are shown, and for pickers in which one is chosen."""

from collections.abc import Collection, Mapping
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection

from domain.ids import prefix_of
from projections.searching import contains

_CALLED: Final[Mapping[str, LiteralString]] = {
    "user": "SELECT id, name, email, '', deleted_at IS NOT NULL FROM users",
    "client": "SELECT id, name, '', '', deleted_at IS NOT NULL FROM clients",
    "studio": "SELECT id, name, '', id, deleted_at IS NOT NULL FROM studios",
    "room": "SELECT r.id, r.name, s.name, s.id, r.deleted_at IS NOT NULL"
    " FROM rooms r JOIN studios s ON s.id = r.studio_id",
    "creator": "SELECT id, name, coalesce(alias, ''), '', deleted_at IS NOT NULL FROM creators",
    "platform": "SELECT id, name, '', '', deleted_at IS NOT NULL FROM platforms",
}
"""By kind of row, for those that others refer to."""
_COLUMNS: Final[LiteralString] = " c (id, name, detail, studio_id, deleted)"
_CLOCKS: Final[LiteralString] = (
    "SELECT id, name, time_zone, day_start, deleted_at IS NOT NULL FROM studios ORDER BY 5, created_at, id"
)


class Called(Struct, frozen=True):
    """What a row is called. `detail` tells it from others of that name: a user's email, a room's studio;
    `studio_id` is whose time it goes by, if any."""

    id: str
    name: str
    detail: str
    studio_id: str
    deleted: bool


class Clock(Struct, frozen=True):
    """The time that a studio goes by."""

    studio_id: str
    name: str
    time_zone: str
    day_start: str
    deleted: bool


def called(connection: Connection[Any], ids: Collection[str]) -> dict[str, Called]:
    """Names of rows of any kinds, deleted ones too; ids of nothing that has a name are left out."""
    found: dict[str, Called] = {}
    for kind, rows in _CALLED.items():
        if wanted := sorted({each for each in ids if prefix_of(each) == kind}):
            sql: LiteralString = f"SELECT * FROM ({rows}){_COLUMNS} WHERE id = ANY (%s)"  # noqa: S608 - ours
            found |= {row[0]: Called(*row) for row in connection.execute(sql, (wanted,))}
    return found


def choices(
    connection: Connection[Any], kind: str, *, limit: int, q: str = "", keep: str = ""
) -> list[Called]:
    """Live rows of a kind to choose from, by name; those that have `q` in name or detail. The row `keep` is
    among them in any case, and first."""
    sql: LiteralString = (
        f"SELECT * FROM ({_CALLED[kind]}){_COLUMNS} WHERE id = %(keep)s OR NOT deleted"  # noqa: S608 - ours
        " AND (name ILIKE %(like)s OR detail ILIKE %(like)s)"
        " ORDER BY id <> %(keep)s, lower(name), lower(detail), id LIMIT %(limit)s"
    )
    asked = {"keep": keep, "like": contains(q) or "%", "limit": limit}
    return [Called(*row) for row in connection.execute(sql, asked)]


def clocks(connection: Connection[Any]) -> list[Clock]:
    """The times of all studios, deleted ones last, in the order in which they came."""
    return [Clock(*row) for row in connection.execute(_CLOCKS)]
