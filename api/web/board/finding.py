"""/board/found: shows on other days than those that a board shows, for its search field."""

from datetime import date, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec.structs import replace

from api.http.security import Bounds, Principal
from api.web.board.board import Days, Text
from api.web.board.lanes import View
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from domain.application import Commands
from domain.errors import NotFound
from domain.registry.entities import BY_KIND
from projections import naming, registry, shows
from projections.shows import ShowFilter, ShowRow

_MOST: Final = 6
"""On either side of the board's days."""
_READ: Final = 200
"""So many are read: what reaches into the board's days is found too, and is in sight."""


@get("/board/found", include_in_schema=False, sync_to_thread=True)
def found(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Text,
    day: FromQuery[date],
    q: Annotated[str, QueryParameter(min_length=1, max_length=200)],
    days: FromQuery[Days] = "1",
    view: FromQuery[View] = "rooms",
) -> Response[str]:
    """The next ones first, then those before. As on the board each word is in the show's name, or in that of
    its client or a creator."""
    with commands.log.pool.connection() as connection:
        studio: Any = registry.find(connection, BY_KIND["studio"], studio_id)
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        time = StudioTime(studio.time_zone, studio.day_start, words(request).language)
        which = ShowFilter(clients=bounds.clients, studio_id=studio_id, words=tuple(q.split()))
        begins, ends = time.starts(day), time.starts(day + timedelta(days=int(days)))
        later = shows.listed(connection, replace(which, start=ends), limit=_READ)
        before = shows.listed(connection, replace(which, end=begins), descending=True, limit=_READ)
        there = [each for each in later if each.start >= ends][:_MOST]
        there += [each for each in before if each.end <= begins][:_MOST]
        names = naming.names(connection, {row_id for each in there for row_id in _ids(each)})

    def beside(show: ShowRow) -> str:
        told = (names.get(each, "") for each in _ids(show))
        return " · ".join(name for name in told if name not in show.name)

    def link(instant: Any, show_id: str) -> str:
        asked = {"studio_id": studio_id, "day": time.day(instant), "days": days, "view": view}
        return f"/board?{urlencode(asked)}#{show_id}"

    return page(request, "board_found", found=there, time=time, beside=beside, link=link)


def _ids(show: ShowRow) -> list[str]:
    """Of where and with whom it is."""
    return [each for each in (show.room_id, show.client_id, *show.creators) if each]
