"""/admin/<entity>: its rows, searched, filtered, sorted, in pages; and the choices of pickers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs
from psycopg import Connection

from api.http.paging import Paging, sort_of
from api.http.security import Principal, may
from api.resources.entities import visible
from api.web.admin import fields
from api.web.admin.overview import entity_at
from api.web.admin.saying import NOTHING, Said, Saying, ids_of, saying
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from domain.access import Action
from domain.application import Commands
from domain.errors import NotFound
from domain.registry.declaring import Entity
from domain.registry.entities import BY_KIND
from domain.schedule.machine import ShowStatus
from projections import pickers, referrers, registry, shows
from projections.registry import Wanted
from projections.shows import ShowFilter

ROWS: Final = 20
CHOICES: Final = 100
"""A picker shows so many at once; its search box finds the others."""
_NOT_LISTED: Final = frozenset({"address", "contact_email", "external_subject", "settings", "re_plan"})
_LONGEST: Final = 2_000
_ON_BOARD: Final = {"client": "client", "creator": "creator", "studio": "", "room": ""}
"""What the board calls its filter for shows that refer to one; a studio is chosen, a room has a row."""
_NOT_OVER: Final = tuple(each for each in get_args(ShowStatus) if each not in {"cancelled", "completed"})
_PICKED: Final = ("user", "client", "studio", "room", "creator", "platform")


class Listed(Struct, frozen=True):
    """A row of a list: its cells as `columns` names them, the first of which leads to it."""

    id: str
    cells: list[Said]
    created: str
    deleted: bool
    system: bool
    marks: tuple[str, ...]


class Asked(Struct, frozen=True):
    """What a list's address asks for: the filters of its form and where the page begins."""

    q: str
    equal: Mapping[str, str]
    days: tuple[str, str]
    sort: str
    deleted: bool
    cursor: str
    past: int

    def query(self, **other: Any) -> str:
        """The address of the same list with other values; where it begins is left out unless given."""
        from_, to = self.days
        asked = {"q": self.q, **self.equal, "from": from_, "to": to, "sort": self.sort}
        asked["deleted"] = "1" if self.deleted else ""
        return "?" + urlencode({name: value for name, value in (asked | other).items() if value})


class List(Struct, frozen=True):
    """What the table shows. `following` leads to the next page, None on the last."""

    columns: list[str]
    rows: list[Listed]
    total: int
    past: int
    following: str | None


@get("/{path:str}", include_in_schema=False, sync_to_thread=True)
def listed(
    path: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
) -> Response[str]:
    """The rows of an entity. Raises NotFound, Invalid for a sort or a cursor that is none."""
    entity = entity_at(path)
    with commands.log.pool.connection() as connection:
        values = shown(connection, request, entity)
    return page(request, "admin/list", position=commands.log.head(), **values)


@get("/choices/{kind:str}", include_in_schema=False, sync_to_thread=True)
def choices(
    kind: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
) -> Response[str]:
    """The options of a picker that have `q` in them; `keep` is the one chosen so far."""
    if kind not in _PICKED:
        raise NotFound(f"no {kind}")
    with commands.log.pool.connection() as connection:
        found = pickers.choices(
            connection, kind, limit=CHOICES, q=_text(request, "q"), keep=_text(request, "keep")
        )
    return page(request, "admin/choices", found=found, keep=_text(request, "keep"))


def shown(
    connection: Connection[Any], request: Request[Principal, Any, Any], entity: Entity
) -> dict[str, Any]:
    """The values of the template `admin/list`."""
    asked = _asked(request, entity)
    equal = {name: value for name, value in asked.equal.items() if value}
    column, descending = sort_of(asked.sort, entity.sorts, entity.sorts[0])
    paging = Paging(ROWS, asked.cursor or None).sorted_by(f"-{column}" if descending else column)
    chosen = {
        each.name: pickable(connection, each, asked.equal[each.name]) for each in fields.filters(entity)
    }
    say = saying(connection, words(request), equal.values())
    wanted = Wanted(
        sort=column,
        descending=descending,
        limit=paging.fetch,
        after=paging.after(tuple[str, str]),
        equal=equal,
        q=asked.q or None,
        window=_window(say.home, asked.days),
        include_deleted=asked.deleted,
        clients=request.user.clients,
    )
    total = registry.count(connection, entity, wanted)
    found = paging.page(registry.page(connection, entity, wanted), lambda row: row[1], total)
    rows = [visible(entity, row, request.user) for row, _ in found.items]
    say = saying(connection, words(request), [*ids_of(entity, rows), *equal.values()])
    columns = columns_of(entity)
    following = found.page.next_cursor
    return {
        "entity": entity,
        "asked": asked,
        "filters": fields.filters(entity),
        "choices": chosen,
        "say": say,
        "writes": may(request.user, Action.WRITE),
        "column": column,
        "descending": descending,
        "numbers": {each.name for each in fields.fields(entity) if each.kind == "number"},
        "filtered": bool(asked.q or equal or any(asked.days)),
        "list": List(
            columns,
            [_listed(entity, row, columns, say) for row in rows],
            total,
            asked.past,
            asked.query(cursor=following, past=asked.past + ROWS) if following else None,
        ),
    }


def pickable(connection: Connection[Any], field: fields.Field, chosen: str) -> list[pickers.Called]:
    """The choices that a picker begins with; empty for a field that is none."""
    if field.kind != "reference":
        return []
    return pickers.choices(connection, field.refers, limit=CHOICES, keep=chosen)


def columns_of(entity: Entity) -> list[str]:
    """The fields that a list shows, what the row is called first."""
    found = [name for name in entity.fields if name not in _NOT_LISTED]
    return sorted(found, key=lambda name: name != "name")


def _listed(entity: Entity, row: Any, columns: list[str], say: Saying) -> Listed:
    time = say.time_of(row)
    cells = [
        Said(say.called(entity, row)) if name == "name" else say.value(entity, name, getattr(row, name), time)
        for name in columns
    ]
    first = cells[0].text if cells[0].text != NOTHING else say.title(entity, row)
    cells[0] = Said(first, f"/admin/{entity.path}/{row.id}")
    marks = tuple(name for name in ("is_system_admin", "is_banned") if getattr(row, name, False))
    return Listed(row.id, cells, say.day(row.created_at), row.deleted_at is not None, row.system, marks)


def _asked(request: Request[Principal, Any, Any], entity: Entity) -> Asked:
    equal = {each.name: _filter(request, each) for each in fields.filters(entity)}
    past = _text(request, "past")
    return Asked(
        q=_text(request, "q"),
        equal=equal,
        days=(_text(request, "from"), _text(request, "to")) if entity.windowed else ("", ""),
        sort=_text(request, "sort"),
        deleted=_text(request, "deleted") == "1",
        cursor=_text(request, "cursor"),
        past=int(past) if past.isascii() and past.isdecimal() and len(past) < 8 else 0,  # noqa: PLR2004
    )


def _text(request: Request[Principal, Any, Any], name: str) -> str:
    """A parameter of the address, without what no table can hold."""
    return str(request.query_params.get(name, "")).replace("\0", "")[:_LONGEST]


def _filter(request: Request[Principal, Any, Any], field: fields.Field) -> str:
    """What a filter asks for; anything that its column could not hold is nothing."""
    text = _text(request, field.name)
    return "" if field.kind == "boolean" and text not in {"true", "false"} else text


def _window(time: StudioTime, days: tuple[str, str]) -> tuple[datetime | None, datetime | None]:
    """From the start of the first day to the end of the last; a text that is no day is none."""
    first, last = (_day(each) for each in days)
    return (
        time.starts(first) if first else None,
        time.starts(last + timedelta(days=1)) if last else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date.min.year < found.year < date.max.year else None


class Referring(Struct, frozen=True):
    """How many live rows of a kind refer to a row, and the list that has them, empty where there is none."""

    kind: str
    path: str
    href: str
    count: int


def related(connection: Connection[Any], entity: Entity, row_id: str, now: datetime) -> list[Referring]:
    """Who refers to a row: what stands in the way of deleting it, by the same questions."""
    found: list[Referring] = []
    for kind, question in referrers.counting(entity.kind).items():
        (count,) = connection.execute(question, (row_id,)).fetchone() or (0,)
        other = BY_KIND.get(kind)
        href = (
            _board_of(connection, entity.kind, row_id, now)
            if kind == "show"
            else _list_of(entity.kind, kind, row_id)
        )
        found.append(Referring(kind, other.path if other else "", href, count))
    return found


def _board_of(connection: Connection[Any], entity: str, row_id: str, now: datetime) -> str:
    """The board on the day of the next show that refers to a row, or of the last one; empty without any."""
    if entity not in _ON_BOARD:
        return ""
    refer = {f"{entity}_id": row_id}
    which = msgspec.convert({"status": _NOT_OVER, **refer}, ShowFilter)
    found = shows.listed(connection, structs.replace(which, start=now), limit=1)
    found = found or shows.listed(connection, which, descending=True, limit=1)
    if not found:
        return ""
    asked = {"studio_id": found[0].studio_id, "day": found[0].operational_day.isoformat()}
    if name := _ON_BOARD[entity]:
        asked[name] = row_id
    return f"/board?{urlencode(asked)}" + (f"#row-{row_id}" if entity == "room" else "")


def _list_of(entity: str, kind: str, row_id: str) -> str:
    """The list of the rows of a kind that refer to a row: of administration, or of plans."""
    if other := BY_KIND.get(kind):
        names = [name for name, of in other.references.items() if of == entity and name in other.filters]
        return f"/admin/{other.path}?{names[0]}={row_id}" if names else ""
    return f"/schedules?{entity}_id={row_id}" if entity in {"client", "studio"} else ""
