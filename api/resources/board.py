"""/api/v1/board: a studio's rooms, shows, closures and conflicts in a window, in one answer."""

from datetime import timedelta
from typing import Annotated, Any, Final

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import past
from api.http import examples, windows
from api.http.security import Bounds
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from projections import board, registry
from projections.board import Board
from projections.board_then import Past

LONGEST: Final = timedelta(days=100)


@get(
    "/",
    operation_id="board",
    summary="A studio's board",
    sync_to_thread=True,
    responses=examples.answers(200, Board, examples.BOARD) | examples.NOT_FOUND,
)
def look(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Annotated[str, QueryParameter(max_length=100)],
    from_: windows.From = None,
    to: windows.To = None,
    as_of: past.AsOf = None,
) -> Board:
    """Shows that overlap the window, which may be 100 days long; a day is the studio's operational day. With
    `as_of` everything as it was at that instant, names, rooms and closures too."""
    return seen(commands, bounds, studio_id, from_=from_, to=to, as_of=as_of)[0]


def seen(
    commands: Commands,
    bounds: Bounds,
    studio_id: str,
    *,
    from_: str | None,
    to: str | None,
    as_of: str | None = None,
) -> tuple[Board, Past | None]:
    """The board that is asked for; with `as_of` also everything that there was then, as the user sees it."""
    missing = [name for name, text in (("from", from_), ("to", to)) if text is None]
    if missing:
        raise Invalid.field(missing[0], "missing", "is required")
    at = past.instant(commands, as_of)
    with commands.log.pool.connection() as connection:
        then = Past.load(connection, at) if at else None
        studio: Any = (
            then.studio(studio_id) if then else registry.find(connection, BY_KIND["studio"], studio_id)
        )
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        start, end = windows.instants(from_, to, time_zone=studio.time_zone, day_start=studio.day_start)
        if not (start and end) or end - start > LONGEST:
            raise Invalid.field("to", "too_long", "must be at most 100 days after from")
        if then:
            if bounds.clients is not None:
                then = then.to_clients(bounds.clients, commands.log.stream)
            return then.board(studio, (start, end), bounds.clients), then
        found = board.look(
            connection, commands.references, studio, (start, end), commands.clock(), clients=bounds.clients
        )
        return found, None


routes = Router("/board", route_handlers=[look], tags=["board"])
