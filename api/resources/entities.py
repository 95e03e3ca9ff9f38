"""/api/v1/<path> of every reference entity (SPEC 2): list, get, create, patch, delete, restore, history.
One builder makes the routes of each from its declaration."""

from functools import cache
from typing import Any, cast

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Raw, Struct

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http.declared import answers, body, injected, query, row_example, sign, words
from api.http.headers import etag
from api.http.paging import Page, Paging, sort_of
from api.http.security import Principal
from api.resources.history import changed
from api.trail import EventShown
from domain.application import Commands, Unit
from domain.errors import NotFound
from domain.ids import is_id
from domain.registry import commanding, replanning
from domain.registry.declaring import Body, Entity
from domain.registry.entities import ENTITIES
from domain.registry.replanning import Laid
from projections import registry
from projections.registry import Wanted


@cache
def routers() -> tuple[Router, ...]:
    """One router an entity, to mount under /api/v1. They ask for `commands` and `paging`."""
    return tuple(router(entity) for entity in ENTITIES)


def router(entity: Entity) -> Router:
    """The seven routes of one entity."""
    handlers = [make(entity) for make in (_list, _get, _create, _patch_route, _delete, _restore, _history)]
    return Router(f"/{entity.path}", route_handlers=handlers, dependencies=CALLERS, tags=[entity.path])


# --- reading


def _list(entity: Entity) -> Any:
    def listed(
        request: Request[Principal, Any, Any], commands: Commands, paging: Paging, **asked: Any
    ) -> Page[Any]:
        column, descending = sort_of(asked["sort"], entity.sorts, entity.sorts[0])
        paging = paging.sorted_by(f"-{column}" if descending else column)
        wanted = Wanted(
            sort=column,
            descending=descending,
            limit=paging.fetch,
            after=paging.after(tuple[str, str]),
            equal={name: asked[name] for name in entity.filters if asked[name] is not None},
            q=asked.get("q"),
            window=(asked.get("from_"), asked.get("to")),
            include_deleted=asked["include_deleted"],
            clients=request.user.clients,
        )
        with commands.log.pool.connection() as connection:
            rows = registry.page(connection, entity, wanted)
            total = registry.count(connection, entity, wanted)
        page = paging.page(rows, lambda row: row[1], total)
        return Page([visible(entity, row, request.user) for row, _ in page.items], page.page)

    page_type = Page[entity.shape]
    parameters = [*injected(listed), *query(entity)]
    sign(listed, parameters, page_type)
    return get(
        "/",
        operation_id=f"list_{entity.table}",
        summary=f"List {words(entity.table)}",
        sync_to_thread=True,
        responses=answers(
            200,
            page_type,
            {"items": [row_example(entity)], "page": {"limit": 20, "next_cursor": None, "total": 1}},
        ),
    )(listed)


def _get(entity: Entity) -> Any:
    def one(
        row_id: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
    ) -> Response[Any]:
        found: Struct | None = None
        if is_id(entity.kind, row_id):
            with commands.log.pool.connection() as connection:
                found = registry.find(connection, entity, row_id)
        if found is None:
            raise NotFound(f"no {words(entity.singular)} {row_id}")
        return Response(visible(entity, found, request.user), headers=etag(cast(Any, found).version))

    one.__annotations__["return"] = Response[entity.shape]
    return get(
        "/{row_id:str}",
        operation_id=f"get_{entity.singular}",
        summary=f"Get one of the {words(entity.table)}, deleted or not",
        sync_to_thread=True,
        responses=answers(200, entity.shape, row_example(entity)),
    )(one)


def _history(entity: Entity) -> Any:
    def history(
        row_id: FromPath[str],
        request: Request[Principal, Any, Any],
        commands: NamedDependency[Commands],
        paging: NamedDependency[Paging],
    ) -> Page[EventShown]:
        events = commands.log.positioned(row_id) if is_id(entity.kind, row_id) else []
        if not events:
            raise NotFound(f"no {words(entity.singular)} {row_id}")
        paging = paging.sorted_by("position")
        seen = paging.after(tuple[int])
        later = [event for event in events if seen is None or event.position > seen[0]]
        found = paging.page(later[: paging.fetch], lambda event: (event.position,), len(events))
        page = changed(found, commands.log)
        return Page([visible_event(entity, event, request.user) for event in page.items], page.page)

    return get(
        "/{row_id:str}/history",
        operation_id=f"list_{entity.singular}_history",
        summary=f"What happened to one of the {words(entity.table)}, oldest first",
        sync_to_thread=True,
    )(history)


def visible(entity: Entity, row: Struct, principal: Principal) -> Struct:
    """The row without what only administrators see; clients don't see why a creator is away."""
    if principal.clients is not None and entity.masked:
        row = msgspec.structs.replace(row, **entity.masked)
    if principal.is_system_admin or not entity.private:
        return row
    return msgspec.structs.replace(row, **dict.fromkeys(entity.private, UNSET))


def visible_event(entity: Entity, event: EventShown, principal: Principal) -> EventShown:
    """The event without the same."""
    if principal.clients is not None and entity.masked:
        values = {name: entity.masked.get(name, value) for name, value in event.data["values"].items()}
        event = msgspec.structs.replace(event, data=event.data | {"values": values})
    if principal.is_system_admin or not entity.private:
        return event
    values = {name: value for name, value in event.data["values"].items() if name not in entity.private}
    changes = tuple(
        msgspec.structs.replace(
            each, fields={name: step for name, step in each.fields.items() if name not in entity.private}
        )
        for each in event.changes or ()
    )
    return msgspec.structs.replace(event, data=event.data | {"values": values}, changes=changes)


# --- writing


def _written(entity: Entity, done: Laid) -> Struct:
    shown = registry.shaped(entity, done.row)
    if not done.row.values.get("re_plan"):
        return shown
    return entity.written(**msgspec.structs.asdict(shown), hit=done.hit, changes=done.changes)


def _create(entity: Entity) -> Any:
    def create(
        data: Any, commands: NamedDependency[Commands], posting: NamedDependency[Caller]
    ) -> Response[Any]:
        def work(unit: Unit) -> Answer:
            done = replanning.laid(unit, entity, lambda: commanding.create(unit, entity, cast(Body, data)))
            location = f"/api/v1/{entity.path}/{done.row.id}"
            return answer(_written(entity, done), status=201, version=done.row.version, location=location)

        with commanding.bookings_named(commands):
            return run(commands, posting.context(f"{entity.kind}.create"), work)

    create.__annotations__ |= {
        "data": body(entity.body, entity.example),
        "return": Response[entity.written],
    }
    return post(
        "/",
        operation_id=f"create_{entity.singular}",
        summary=f"Create one of the {words(entity.table)}",
        sync_to_thread=True,
        responses=answers(201, entity.written, row_example(entity)),
    )(create)


def _patch_route(entity: Entity) -> Any:
    def change(
        row_id: FromPath[str],
        data: Any,
        commands: NamedDependency[Commands],
        editing: NamedDependency[Caller],
    ) -> Response[Any]:
        def work(unit: Unit) -> Answer:
            patch = cast(Struct, data)
            done = replanning.laid(unit, entity, lambda: commanding.update(unit, entity, row_id, patch))
            return answer(_written(entity, done), version=done.row.version)

        with commanding.bookings_named(commands):
            return run(commands, editing.context(f"{entity.kind}.update"), work)

    open_fields = {name: value for name, value in entity.example.items() if name not in entity.fixed}
    change.__annotations__ |= {
        "data": body(entity.patch, dict([next(iter(open_fields.items()))])),
        "return": Response[entity.written],
    }
    return patch(
        "/{row_id:str}",
        operation_id=f"update_{entity.singular}",
        summary=f"Change one of the {words(entity.table)}",
        sync_to_thread=True,
        responses=answers(200, entity.written, row_example(entity)),
    )(change)


def _delete(entity: Entity) -> Any:
    def remove(
        row_id: FromPath[str], commands: NamedDependency[Commands], editing: NamedDependency[Caller]
    ) -> None:
        def work(unit: Unit) -> Answer:
            commanding.delete(unit, entity, row_id)
            return Answer(status=204, headers={}, body=Raw(b""))

        run(commands, editing.context(f"{entity.kind}.delete"), work)

    return delete(
        "/{row_id:str}",
        operation_id=f"delete_{entity.singular}",
        summary=f"Delete one of the {words(entity.table)}; restore brings it back",
        sync_to_thread=True,
    )(remove)


def _restore(entity: Entity) -> Any:
    def restore(
        row_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
    ) -> Response[Any]:
        def work(unit: Unit) -> Answer:
            done = replanning.laid(unit, entity, lambda: commanding.restore(unit, entity, row_id))
            return answer(_written(entity, done), version=done.row.version)

        with commanding.bookings_named(commands):
            return run(commands, posting.context(f"{entity.kind}.restore"), work)

    restore.__annotations__["return"] = Response[entity.written]
    return post(
        "/{row_id:str}/restore",
        operation_id=f"restore_{entity.singular}",
        summary=f"Bring back one of the deleted {words(entity.table)}",
        status_code=200,
        sync_to_thread=True,
        responses=answers(200, entity.written, row_example(entity)),
    )(restore)
