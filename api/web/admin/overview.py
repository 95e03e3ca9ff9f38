"""/admin: what there is to administer, how much of it, and what each is for."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler

from api.http.security import Principal, may
from api.web.frame.rendering import page
from domain.access import Action
from domain.application import Commands
from domain.errors import NotFound
from domain.registry.declaring import Entity
from domain.registry.entities import ENTITIES
from projections import imports, registry
from projections.registry import Wanted

BY_PATH: Final = {entity.path: entity for entity in ENTITIES}
GROUPS: Final = (
    ("people", ("users", "memberships", "features")),
    ("places", ("studios", "rooms", "room-closures", "opening-hours", "opening-exceptions")),
    ("shows", ("clients", "creators", "creator-time-offs", "platforms")),
    (
        "words",
        (
            "show-types",
            "show-standards",
            "show-statuses",
            "schedule-statuses",
            "change-categories",
            "change-types",
        ),
    ),
)
"""The entities as people look for them."""


def staff(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The guard of these pages: to users who are bounded to clients they are not there."""
    user = connection.scope.get("user")  # pyright: ignore[reportUnknownMemberType]
    if isinstance(user, Principal) and user.clients is not None:
        raise NotFoundException


def entity_at(path: str) -> Entity:
    """The entity at /admin/<path>. Raises NotFound."""
    if path not in BY_PATH:
        raise NotFound(f"no {path}")
    return BY_PATH[path]


@get("/", include_in_schema=False, sync_to_thread=True)
def overview(request: Request[Principal, Any, Any], commands: NamedDependency[Commands]) -> Response[str]:
    """Every entity with how many rows are live."""
    with commands.log.pool.connection() as connection:
        counts = {path: registry.count(connection, each, _ALL) for path, each in BY_PATH.items()}
        runs = imports.total(connection, [])
    operates = may(request.user, Action.AUDIT)
    return page(request, "admin/overview", groups=GROUPS, counts=counts, runs=runs, operates=operates)


_ALL: Final = Wanted(sort="created_at", descending=False, limit=0)
