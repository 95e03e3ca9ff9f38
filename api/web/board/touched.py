"""/board/touched: what somebody did to a show last, for who was about to do something with it too."""

from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Struct

from api import past
from api.http.security import Bounds, Principal
from api.resources import shows
from api.web.board.board import Text
from api.web.frame.rendering import words
from api.web.frame.times import StudioTime
from domain.application import Commands
from domain.errors import NotFound
from domain.registry.entities import BY_KIND
from projections import naming, registry
from projections.shows import ShowRow

_JUST: Final = timedelta(minutes=5)
_MOMENT: Final = timedelta(microseconds=1)


class Touched(Struct, frozen=True):
    """`text` says who did what; `there` says it of a show that is in the way, with its name and client."""

    version: int
    text: str
    there: str


@get("/board/touched", include_in_schema=False, sync_to_thread=True)
def touched(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    show: Text,
) -> Touched:
    """What the newest event of a show came to, in the words of the user."""
    t = words(request)
    with commands.log.pool.connection() as connection:
        now: ShowRow = shows.known(connection, show, bounds.clients)
        studio: Any = registry.find(connection, BY_KIND["studio"], now.studio_id)
        if studio is None:
            raise NotFound(f"no show {show}")
        named = {each for each in (now.room_id, now.client_id, now.updated_by) if each}
        names = naming.names(connection, named)
    time = StudioTime(studio.time_zone, studio.day_start, t.language)
    who = names.get(now.updated_by) or t("script.somebody")
    place = {
        "when": time.when(now.start, now.end),
        "room": names.get(now.room_id or "") or t("board.nobody_rooms"),
    }
    did = "removed" if now.deleted_at else "moved" if _is_moved(commands, bounds, now) else "changed"
    name = t("board_touched.of", name=now.name, client=names[now.client_id]) if now.client_id else now.name
    since = _since(now.updated_at, commands.clock())
    there = t(f"board_touched.there_{did}_{since}", name=name, who=who, at=time.at(now.updated_at))
    return Touched(now.version, t(f"board_touched.{did}", who=who, **place), there)


def _since(at: datetime, now: datetime) -> str:
    return "now" if now - at < _JUST else "then"


def _is_moved(commands: Commands, bounds: Bounds, now: ShowRow) -> bool:
    """Whether it was elsewhere before; also where it was not there at all."""
    try:
        before = past.show(commands, now.id, past.Then(at=now.updated_at - _MOMENT), bounds)
    except NotFound:
        return True
    return (before.start, before.end, before.room_id) != (now.start, now.end, now.room_id)
