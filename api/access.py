"""Access at the door: which action a route asks for, whose the thing is that its path names, and so whether
the user may. To a user who is bounded to clients, what belongs to others is not there (SPEC 9)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, LiteralString, cast

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Struct
from psycopg import Connection

from api.http.security import Bounds, Principal, demand, is_safe, may
from api.wiring import Callboard
from domain.access import Action
from domain.application import Commands, Unit
from domain.errors import Forbidden, NotFound
from domain.importing.reach import Reach
from domain.registry.entities import ENTITIES
from domain.schedule import proposal
from domain.schedule.state import Change, Schedule
from projections import published, registry

_PREFIX: Final = "/api/v1/"
_PLANNED: Final = frozenset({"schedules", "shows", "changes", "comments"})
_BY_PATH: Final = {entity.path: entity for entity in ENTITIES}
_DECISIONS: Final = frozenset({"approve", "reject"})


class Owner(Struct, frozen=True):
    """Whose a thing is; `status` of a show or schedule, `needs` of a change."""

    studio_id: str
    client_id: str | None
    status: str
    needs: str


_OWNERS: Final[Mapping[str, LiteralString]] = {
    "schedule": "SELECT studio_id, client_id, status, '' FROM schedules WHERE id = %s",
    "show": "SELECT studio_id, client_id, status, '' FROM shows WHERE id = %s",
    "change": "SELECT s.studio_id, s.client_id, s.status, c.needs"
    " FROM changes c JOIN schedules s ON s.id = c.schedule_id WHERE c.id = %s",
    "comment": "SELECT s.studio_id, s.client_id, s.status, ''"
    " FROM comments c JOIN schedules s ON s.id = c.schedule_id WHERE c.id = %s",
}
_SHOWS: Final[LiteralString] = (
    "SELECT DISTINCT studio_id, client_id, CASE status WHEN 'draft' THEN status ELSE '' END, ''"
    " FROM shows WHERE id = ANY (%s)"
)


def guard(
    callboard: Callboard,
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    """The guard of the whole app. Refused: NotFound what is another client's, Forbidden what the user may
    not do there."""

    async def admitted(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        action = action_of(connection, handler)
        principal = connection.scope.get("user")  # pyright: ignore[reportUnknownMemberType]
        if principal is None and action is Action.READ:
            return  # A public path: everything else was refused before.
        if not isinstance(principal, Principal):
            raise Forbidden("Only a system administrator may do this.", needs="system_admin")
        if principal.is_system_admin:
            return
        names: Mapping[str, Any] = connection.path_params
        if principal.clients is None and action in {Action.READ, Action.WRITE, Action.AUDIT}:
            demand(principal, action)
            return
        path = _segments(connection)
        unseen = "versions" in handler.opt
        await sync_to_thread(_check, callboard.commands, principal, action, path, dict(names), unseen=unseen)

    return admitted


def action_of(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> Action:
    """What a route asks for: its own word, else by its method and path."""
    if named := handler.opt.get("action"):
        return Action(named)
    if is_safe(connection):
        return Action.READ
    path = _segments(connection)
    return (
        _wanted(cast(Any, connection.scope).get("method", ""), path)
        if path[:1] and path[0] in _PLANNED
        else Action.WRITE
    )


def _wanted(method: str, path: Sequence[str]) -> Action:
    """Only administrators edit what a version is called, or hide one."""
    if "versions" in path and (method in {"PATCH", "DELETE"} or path[-1] == "undelete"):
        return Action.WRITE
    if "waivers" in path:
        return Action.DECIDE_FOR_STUDIO
    if "comments" in path:
        return Action.PLAN if path[-1] == "acknowledge" else Action.COMMENT
    if path[-1] in _DECISIONS or path[-1] == "acknowledge":
        return Action.DECIDE
    return Action.PROPOSE_CHANGE if "changes" in path else Action.PLAN


def check_shows(principal: Principal, unit: Unit, show_ids: Sequence[str], *, cancels: bool) -> None:
    """Before one action over many shows: is it allowed in each one's studio? Raises Forbidden."""
    if principal.is_system_admin:
        return
    for row in unit.connection.execute(_SHOWS, (list(show_ids),)).fetchall():
        owner = Owner(*row)
        action = Action.DECIDE_FOR_STUDIO if cancels and not owner.status else Action.PLAN
        demand(principal, action, studio_id=owner.studio_id, client_id=owner.client_id)


def check_version(principal: Principal, unit: Unit, schedule: Schedule, number: int) -> bool:
    """Before a version is approved or rejected: answers whether that is on the client's behalf. Raises
    Forbidden for one's own proposal."""
    theirs = proposal.needs_approval(schedule, unit.studio(schedule.studio_id))
    if principal.is_system_admin:
        return theirs
    author = next((each.created_by for each in schedule.versions if each.number == number), None)
    if theirs and author == principal.id:
        raise Forbidden("The other side decides what you proposed yourself.", needs="the other side")
    return False


def check_change(principal: Principal, schedule: Schedule, change: Change) -> bool:
    """Before a change is approved or rejected: answers whether that is on the client's behalf. Raises
    Forbidden for those who may not, and for one's own proposal."""
    if principal.is_system_admin:
        return change.needs == "client"
    action = Action.DECIDE if change.needs == "client" else Action.DECIDE_FOR_STUDIO
    demand(principal, action, studio_id=schedule.studio_id, client_id=schedule.client_id)
    if change.proposed_by == principal.id:
        raise Forbidden("The other side decides what you proposed yourself.", needs="the other side")
    return False


def check_proposing(principal: Principal, schedule: Schedule, approval: str) -> None:
    """Before a change is proposed in a category that `approval` (client, studio, none) decides. Raises
    Forbidden: clients propose only what the studio decides; `none` is for administrators and managers."""
    whose = {"studio_id": schedule.studio_id, "client_id": schedule.client_id}
    if approval == "none":
        demand(principal, Action.DECIDE_FOR_STUDIO, **whose)
    elif approval == "client":
        demand(principal, Action.PLAN, **whose)
    else:
        demand(principal, Action.PROPOSE_CHANGE, **whose)


def check_withdrawing(principal: Principal, schedule: Schedule, change: Change) -> None:
    """Before a change is withdrawn: by who proposed it, or a planner of the studio. Raises Forbidden."""
    if change.proposed_by != principal.id:
        demand(principal, Action.PLAN, studio_id=schedule.studio_id, client_id=schedule.client_id)


def reach(principal: Principal) -> Reach:
    """Where a file that the user imports may plan, and whether it may bring reference rows along."""

    def plans(studio_id: str, client_id: str | None) -> bool:
        return may(principal, Action.PLAN, studio_id=studio_id, client_id=client_id)

    return Reach(plans, writes=may(principal, Action.WRITE))


def bounds(request: Request[Principal, Any, Any]) -> Bounds:
    """The dependency of lists: which clients the user is bounded to."""
    return Bounds(request.user.clients)


def _check(
    commands: Commands,
    principal: Principal,
    action: Action,
    path: Sequence[str],
    names: Mapping[str, Any],
    *,
    unseen: bool,
) -> None:
    """`unseen`: the route answers for shows that the newest version lacks too, as others had them."""
    owner: Owner | None = None
    with commands.log.pool.connection() as connection:
        _check_bounds(connection, principal, path, names)
        for kind, sql in _OWNERS.items():
            if row_id := names.get(f"{kind}_id"):
                row = connection.execute(sql, (row_id,)).fetchone()
                owner = Owner(*row) if row else None
                if owner and principal.clients is not None:
                    theirs = owner.client_id in principal.clients
                    drafted = kind == "show" and not unseen and not published.has(connection, row_id)
                    if drafted or not theirs:
                        raise NotFound(f"no {kind} {row_id}")
                break
    if owner is None:
        demand(principal, action)
        return
    action = _exactly(action, path, owner)
    demand(principal, action, studio_id=owner.studio_id, client_id=owner.client_id)


def _exactly(action: Action, path: Sequence[str], owner: Owner) -> Action:
    """What depends on the thing itself: who decides it, and that a booking is cancelled by managers only."""
    last = path[-1] if path else ""
    if last in _DECISIONS and (owner.client_id is None or owner.needs in {"studio", "none"}):
        return Action.DECIDE_FOR_STUDIO
    if path[:1] == ["shows"] and last == "cancel" and owner.status != "draft":
        return Action.DECIDE_FOR_STUDIO
    return action


def _check_bounds(
    connection: Connection[Any], principal: Principal, path: Sequence[str], names: Mapping[str, Any]
) -> None:
    """Raises NotFound for a reference row or an import run that is not there for the user."""
    if principal.clients is None or not path:
        return
    entity = _BY_PATH.get(path[0])
    row_id = names.get("row_id")
    if entity and row_id and not registry.within(connection, entity, str(row_id), principal.clients):
        raise NotFound(f"no {entity.singular.replace('_', ' ')} {row_id}")
    if import_id := names.get("import_id"):
        raise NotFound(f"no import {import_id}")


def _segments(connection: ASGIConnection[Any, Any, Any, Any]) -> list[str]:
    path = connection.scope["path"]
    return path.removeprefix(_PREFIX).strip("/").split("/") if path.startswith(_PREFIX) else []
