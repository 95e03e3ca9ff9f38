"""/admin/impact: whom a closure or time off would hit, for its form."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from api.http.paging import Paging
from api.http.security import Bounds, Principal
from api.resources import impact
from api.web.admin.saying import moment, saying
from api.web.frame.rendering import page, words
from domain.application import Commands
from domain.errors import NotFound

_SHOWN: Final = 50
_ASK: Final = {"room": impact.room_impact, "creator": impact.creator_impact}


@get("/impact", include_in_schema=False, sync_to_thread=True)
def hit(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    row_id: FromQuery[str],
    start: FromQuery[str],
    end: FromQuery[str],
) -> Response[str]:
    """The bookings that hold a room or creator between two instants, and the drafts that want it. Raises
    NotFound, Invalid."""
    kind = row_id.partition("_")[0]
    if kind not in _ASK:
        raise NotFound(f"no {row_id}")
    found: Any = _ASK[kind].fn(
        row_id=row_id, commands=commands, bounds=bounds, paging=Paging(_SHOWN), from_=start, to=end
    )
    with commands.log.pool.connection() as connection:
        say = saying(connection, words(request), [row_id])
    time = say.time_at(row_id)
    spans = [(moment(each.start, time), time.ends(each.start, each.end)) for each in found.items]
    return page(request, "admin/impact", found=found, spans=spans)
