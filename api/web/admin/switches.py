"""/admin/features: which features are on for which users, everywhere and in each studio."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from psycopg import Connection

from api.http.security import Principal
from api.web.admin.lists import shown
from api.web.frame.rendering import page
from domain.access import DEFAULTS, Access, Switch
from domain.application import Commands
from domain.registry.entities import BY_KIND
from projections import pickers, registry
from projections.pickers import Called
from projections.registry import Wanted

_FEATURE = BY_KIND["feature"]
_MOST = 1_000


class Cell(Struct, frozen=True):
    """One feature for one type of user in one place: whether it is on there, and the row that says so, if
    the place has a switch of its own."""

    enabled: bool
    row_id: str
    version: int


class Line(Struct, frozen=True):
    """One feature for one type of user: everywhere, and by studio in the order of the studios."""

    feature: str
    user_type: str
    everywhere: Cell
    studios: list[Cell]


@get("/features", include_in_schema=False, sync_to_thread=True)
def features(request: Request[Principal, Any, Any], commands: NamedDependency[Commands]) -> Response[str]:
    """The matrix, above the list of all switches."""
    with commands.log.pool.connection() as connection:
        values = shown(connection, request, _FEATURE)
        studios = pickers.choices(connection, "studio", limit=_MOST)
        lines = matrix(connection, studios)
    return page(
        request, "admin/features", lines=lines, studios=studios, position=commands.log.head(), **values
    )


def matrix(connection: Connection[Any], studios: list[Called]) -> list[Line]:
    """Every feature that there is, as `domain.access` decides it."""
    wanted = Wanted(sort="created_at", descending=False, limit=_MOST)
    rows: list[Any] = [row for row, _ in registry.page(connection, _FEATURE, wanted)]
    own = {(row.feature, row.user_type, row.studio_id): row for row in rows}
    switches = tuple(
        Switch(feature=row.feature, user_type=row.user_type, studio_id=row.studio_id, enabled=row.enabled)
        for row in rows
    )
    access = Access(switches=switches)

    def cell(feature: str, user_type: str, studio_id: str | None) -> Cell:
        row = own.get((feature, user_type, studio_id))
        enabled = access.on(feature, user_type, studio_id)
        return Cell(enabled, row.id if row else "", row.version if row else 0)

    return [
        Line(
            feature,
            user_type,
            cell(feature, user_type, None),
            [cell(feature, user_type, each.id) for each in studios],
        )
        for feature, user_type in DEFAULTS
    ]
