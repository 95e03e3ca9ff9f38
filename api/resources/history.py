"""/api/v1/events: the whole log as administrators read it; and pages of any history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import drafting, trail
from api.http import examples
from api.http.paging import Page, Paging
from api.http.security import Bounds, Principal
from api.retelling import Teller
from api.trail import Asked, EventShown
from domain.application import Commands
from domain.errors import Forbidden
from domain.event_log import EventLog
from domain.events import Positioned
from domain.retelling import Altered

Text = Annotated[str | None, QueryParameter(max_length=320)]
Instant = Annotated[datetime | None, QueryParameter()]
CausedBy = Annotated[
    str | None,
    QueryParameter(max_length=320, description="Only the events of this change, import or bulk run."),
]
WithChanges = Annotated[
    bool | None, QueryParameter(description="Before and after of each event; default: of one stream only.")
]


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
    cause: CausedBy = None,
    changes: WithChanges = None,
) -> Page[EventShown]:
    """The log in its own order, one of its streams (or a show's part of them), by one actor (id or e-mail),
    at `since <= at < until`, of one `cause`. What each event changed is told of one stream, and of the whole
    log when asked for with `changes=true`: every stream on the page is then read from its beginning."""
    if not request.user.is_system_admin:
        raise Forbidden("Only a system administrator may read the whole log.", needs="system_admin")
    pool = commands.log.pool
    actors = None
    if actor is not None:
        actors = trail.users_called(pool, actor) if "@" in actor else [actor]
    asked = Asked(stream=stream, cause=cause, actors=actors, since=since, until=until)
    paging = paging.sorted_by("position")
    seen = paging.after(tuple[int])
    found = trail.some(pool, asked, paging.fetch, after=seen[0] if seen else 0)
    shown = paging.page(found, lambda event: (event.position,))
    if changes is None:
        changes = stream is not None
    if not changes:
        return Page([trail.shown(event) for event in shown.items], shown.page)
    show = stream if stream is not None and stream.startswith("show_") else None
    return changed(shown, commands.log, show=show)


def is_by(event: Positioned, cause: str | None) -> bool:
    """Whether an event belongs to that change, import or bulk run; every event does to None."""
    told = event.recorded
    return cause is None or cause in {told.cause, getattr(told.event, "change_id", None)}


def seen_by(bounds: Bounds, events: Sequence[Positioned], log: EventLog) -> list[Positioned]:
    """Those of these events, of any streams, that the user sees (`api.drafting`)."""
    if bounds.clients is None:
        return list(events)
    streams = {each.recorded.originator_id for each in events}
    seen = {each.position for s in streams for each in drafting.seen_by(bounds, log.positioned(s))}
    return [each for each in events if each.position in seen]


def page(
    paging: Paging, events: Sequence[Positioned], log: EventLog, *, show: str | None = None
) -> Page[EventShown]:
    """One page of a whole history, oldest first, with what each event changed; in that of a `show` of other
    shows nothing."""
    paging = paging.sorted_by("position")
    seen = paging.after(tuple[int])
    later = [event for event in events if seen is None or event.position > seen[0]]
    found = paging.page(later[: paging.fetch], lambda event: (event.position,), len(events))
    return changed(found, log, show=show)


def changed(found: Page[Positioned], log: EventLog, *, show: str | None = None) -> Page[EventShown]:
    """A page of events with what each changed."""

    def concerns(each: Altered) -> bool:
        return show is None or each.kind != "show" or each.id == show

    told = Teller(log).tell(found.items)
    return Page(
        [
            trail.shown(event, tuple(each for each in tale.changes if concerns(each)))
            for event, tale in zip(found.items, told, strict=True)
        ],
        found.page,
    )
