"""/api/v1/events: the whole log as administrators read it; and pages of any history."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import trail
from api.http import examples
from api.http.paging import Page, Paging
from api.http.security import Principal
from api.trail import Asked, EventShown
from domain.application import Commands
from domain.errors import Forbidden
from domain.event_log import EventLog
from domain.events import Positioned, ShowsJoined

Text = Annotated[str | None, QueryParameter(max_length=320)]
Instant = Annotated[datetime | None, QueryParameter()]


@get(
    "/events",
    operation_id="list_events",
    summary="Everything that happened (administrators)",
    tags=["audit"],
    sync_to_thread=True,
    responses=examples.answers(200, Page[EventShown], examples.page_of(examples.EVENT)),
)
def list_events(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    stream: Text = None,
    actor: Text = None,
    since: Instant = None,
    until: Instant = None,
) -> Page[EventShown]:
    """The log in its own order, one of its streams (or a show's part of one), by one actor (id or e-mail),
    at `since <= at < until`."""
    if not request.user.is_system_admin:
        raise Forbidden("Only a system administrator may read the whole log.", needs="system_admin")
    pool = commands.log.pool
    actors = None
    if actor is not None:
        actors = trail.users_called(pool, actor) if "@" in actor else [actor]
    asked = Asked(stream=stream, actors=actors, since=since, until=until)
    paging = paging.sorted_by("position")
    seen = paging.after(tuple[int])
    found = list(islice(trail.events(pool, asked, after=seen[0] if seen else 0), paging.fetch))
    return _shown(paging.page(found, lambda event: (event.position,)))


def of_show(log: EventLog, schedule_id: str, show_id: str) -> list[Positioned]:
    """What touched a show, in every schedule that it was in, oldest first; `schedule_id` is where it is."""
    name = msgspec.json.encode(show_id)
    found: dict[str, list[Positioned]] = {}
    ahead = [schedule_id]
    while ahead:
        stream = ahead.pop()
        found[stream] = [e for e in log.positioned(stream) if name in msgspec.json.encode(e.recorded.event)]
        origins = {
            e.recorded.event.origin for e in found[stream] if isinstance(e.recorded.event, ShowsJoined)
        }
        ahead += origins - set(found)
    return sorted((e for events in found.values() for e in events), key=lambda event: event.position)


def page(paging: Paging, events: Sequence[Positioned]) -> Page[EventShown]:
    """One page of a whole history, oldest first."""
    paging = paging.sorted_by("position")
    seen = paging.after(tuple[int])
    later = [event for event in events if seen is None or event.position > seen[0]]
    return _shown(paging.page(later[: paging.fetch], lambda event: (event.position,), len(events)))


def _shown(positioned: Page[Positioned]) -> Page[EventShown]:
    return Page([trail.shown(event) for event in positioned.items], positioned.page)
