"""/admin/<entity>/new and /admin/<entity>/<row>: the form of a row, what belongs to it, and its history."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Struct
from psycopg import Connection

from api import trail
from api.http.paging import Page, PageInfo
from api.http.security import Principal, may
from api.resources.entities import visible, visible_event
from api.resources.history import changed
from api.trail import EventShown
from api.web.account import passwords
from api.web.admin import fields
from api.web.admin.lists import pickable, related
from api.web.admin.overview import entity_at
from api.web.admin.saying import Saying, ids_in, ids_of, saying
from api.web.frame.rendering import page, words
from domain.access import Action
from domain.application import Commands
from domain.errors import NotFound
from domain.events import ChangeProposed
from domain.ids import is_id
from domain.registry import deciding
from domain.registry.declaring import Entity, time_zones
from domain.registry.entities import BY_KIND, CLIENT_ROLES, STUDIO_ROLES
from projections import changes, naming, pickers, registry
from projections.registry import Wanted

RECENT: Final = 5
"""So many events stand below the form; the history has them all."""
EVENTS: Final = 20
_MOST_ROLES: Final = 100
_MOST_OPENED: Final = 100


@get("/{path:str}/new", include_in_schema=False, sync_to_thread=True, opt={"action": "write"})
def new(
    path: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
) -> Response[str]:
    """The empty form. What the address names, such as `studio_id`, is chosen already."""
    entity = entity_at(path)
    given = {name: request.query_params.get(name, "") for name in entity.references}
    with commands.log.pool.connection() as connection:
        say = saying(connection, words(request), given.values())
        values = _form(connection, entity, None, say, given)
    return page(request, "admin/new", entity=entity, say=say, given=given, **values)


@get("/{path:str}/{row_id:str}", include_in_schema=False, sync_to_thread=True)
def row(
    path: FromPath[str],
    row_id: FromPath[str],
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
) -> Response[str]:
    """A row: its form for who may write and its values for everybody else. Raises NotFound."""
    entity = entity_at(path)
    found = _found(commands, entity, row_id)
    told, older = told_of(request, commands, entity, row_id, RECENT)
    position = commands.log.head()
    with commands.log.pool.connection() as connection:
        roles = roles_of(connection, row_id) if entity.kind == "user" else []
        shown = [*ids_of(entity, [found]), *ids_in(entity, told), *ids_of(BY_KIND["member"], roles)]
        say = saying(connection, words(request), shown)
        values = _form(connection, entity, found, say, {})
        values["related"] = related(connection, entity, row_id, commands.clock())
        values["opened"] = opened_by(connection, commands, row_id) if "re_plan" in entity.fields else []
        if entity.kind == "user":
            values |= _of_user(connection, found, roles)
    return page(
        request,
        "admin/row",
        entity=entity,
        row=visible(entity, found, request.user),
        title=say.title(entity, found),
        say=say,
        writes=may(request.user, Action.WRITE),
        lines=[say.line(entity, each, found) for each in told],
        older=older,
        position=position,
        **values,
    )


@get("/{path:str}/{row_id:str}/history", include_in_schema=False, sync_to_thread=True)
def history(
    path: FromPath[str],
    row_id: FromPath[str],
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    before: Annotated[int | None, QueryParameter(ge=1, le=2**53)] = None,
) -> Response[str]:
    """All that happened to a row, newest first; `before` is the position where a page begins."""
    entity = entity_at(path)
    found = _found(commands, entity, row_id)
    told, more = told_of(request, commands, entity, row_id, EVENTS, before=before)
    with commands.log.pool.connection() as connection:
        say = saying(connection, words(request), [*ids_of(entity, [found]), *ids_in(entity, told)])
    return page(
        request,
        "admin/history",
        entity=entity,
        row=found,
        title=say.title(entity, found),
        lines=[say.line(entity, each, found) for each in told],
        older=told[-1].position if more else None,
    )


class Opened(Struct, frozen=True):
    """A change that a row opened when it met bookings, and the page that has it."""

    name: str
    status: str
    href: str


def opened_by(connection: Connection[Any], commands: Commands, row_id: str) -> list[Opened]:
    """The changes that closing, time off or opening hours opened, as they stand now."""
    events = trail.newest(commands.log.pool, trail.Asked(cause=row_id), _MOST_OPENED)
    asked = [
        each.recorded.event.change_id for each in events if isinstance(each.recorded.event, ChangeProposed)
    ]
    found = [change for change in (changes.one(connection, each) for each in asked) if change]
    names = naming.names(connection, {each.schedule_id for each in found})
    return [
        Opened(
            names.get(each.schedule_id, ""),
            each.status,
            f"/schedules/{each.schedule_id}?tab=changes#{each.id}",
        )
        for each in found
    ]


def told_of(  # noqa: PLR0917 - a page of a history
    request: Request[Principal, Any, Any],
    commands: Commands,
    entity: Entity,
    row_id: str,
    count: int,
    before: int | None = None,
) -> tuple[list[EventShown], bool]:
    """The newest so many events of a row before a position, newest first; and whether there are older."""
    events = commands.log.positioned(row_id)
    earlier = [each for each in events if before is None or each.position < before]
    told = changed(Page(earlier[-count:], PageInfo(count, None)), commands.log).items
    return [visible_event(entity, each, request.user) for each in told][::-1], len(earlier) > count


def _found(commands: Commands, entity: Entity, row_id: str) -> Any:
    found: Any = None
    if is_id(entity.kind, row_id):
        with commands.log.pool.connection() as connection:
            found = registry.find(connection, entity, row_id)
    if found is None:
        raise NotFound(f"no {entity.singular} {row_id}")
    return found


def _form(
    connection: Connection[Any], entity: Entity, found: Any, say: Saying, given: dict[str, str]
) -> dict[str, Any]:
    """The values of the form: its fields, what each begins with, and the choices of its pickers."""
    drawn = fields.fields(entity)
    fixed = deciding.fixed(entity, system=found.system) if found else frozenset[str]()
    time = say.time_of(found) if found else say.home
    chosen = {each.name: given.get(each.name) or getattr(found, each.name, None) or "" for each in drawn}
    return {
        "fields": [each for each in drawn if each.name not in fixed],
        "fixed": [each for each in drawn if each.name in fixed],
        "initial": {each.name: say.initial(each, found, time) for each in drawn} | _given(given),
        "choices": {each.name: pickable(connection, each, chosen[each.name]) for each in drawn},
        "zones": sorted(time_zones()) if "time_zone" in entity.fields else [],
        "studio_id": _studio_of(say, found),
        "time": time,
    }


def _given(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _studio_of(say: Saying, found: Any) -> str:
    """Whose clock the form's times are told by: the room's studio, else the first."""
    room = say.names.get(getattr(found, "room_id", None) or "")
    first = say.clocks[0].studio_id if say.clocks else ""
    return room.studio_id if room else first


def roles_of(connection: Connection[Any], user_id: str) -> list[Any]:
    """The live memberships of a user."""
    wanted = Wanted(sort="created_at", descending=False, limit=_MOST_ROLES, equal={"user_id": user_id})
    return [found for found, _ in registry.page(connection, BY_KIND["member"], wanted)]


def _of_user(connection: Connection[Any], user: Any, roles: list[Any]) -> dict[str, Any]:
    """What a user's page has beside the form: roles, and whether there is a password."""
    return {
        "roles": roles,
        "studio_roles": sorted(STUDIO_ROLES),
        "client_roles": sorted(CLIENT_ROLES),
        "studios": pickers.choices(connection, "studio", limit=_MOST_ROLES),
        "clients": pickers.choices(connection, "client", limit=_MOST_ROLES),
        "password_set": passwords.set_at(connection, user.id),
    }
