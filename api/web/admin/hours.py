"""/admin/opening-impact: whom opening hours or an exception would leave outside, before they are written."""

from typing import Annotated, Any, Final

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from api.http.decoding import decode
from api.http.headers import request_id
from api.http.security import Principal
from api.web.admin.overview import entity_at
from api.web.admin.saying import moment, saying
from api.web.frame import refusals
from api.web.frame.rendering import page, words
from domain.application import Commands, Context, Unit
from domain.conflicts import Hit
from domain.errors import Conflict, Invalid, NotFound
from domain.events import Actor
from domain.registry import commanding, opening
from domain.registry.entities import NewWeek
from domain.registry.opening import Preview
from domain.registry.row import Row
from projections import naming

_SHOWN: Final = 8
"""So many of each are listed; the others are counted."""


class Outside(Struct, frozen=True):
    """A show that would be outside the hours, in words."""

    show_id: str
    name: str
    client: str
    schedule: str
    room: str
    start: str
    end: str


@get("/opening-impact", include_in_schema=False, sync_to_thread=True, opt={"action": "write"})
def outside_hours(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    path: FromQuery[str],
    form: FromQuery[str] = "",
    row_id: FromQuery[str] = "",
) -> Response[str]:
    """The bookings and drafts to come that the form of an entity at `path` would leave outside: the command
    that it sends with this JSON (`form`), as a dry run; or, without a form, that deletes the row. What it
    would be refused for is said instead. Raises NotFound."""
    entity = entity_at(path)
    if entity.kind not in opening.KINDS:
        raise NotFound(f"no hours at {path}")
    user = request.user
    command = f"{entity.kind}.{('update' if form else 'delete') if row_id else 'create'}"
    actor = Actor(user.id, user.name)
    context = Context(actor=actor, command=command, request_id=request_id(request.scope), dry_run=True)

    def work(unit: Unit) -> Preview:
        if row_id and not form:
            return opening.preview(unit, lambda: [opening.without(unit, entity, row_id)])
        # The form of new hours writes them for several weekdays.
        new = NewWeek if entity.kind == "hours" else entity.body
        given = decode(form.encode(), entity.patch if row_id else new)

        def write() -> list[Row]:
            over: Any = msgspec.structs.replace(given, re_plan=True)
            if row_id:
                return [commanding.update(unit, entity, row_id, over)]
            if isinstance(over, NewWeek):
                return commanding.create_week(unit, over)
            return [commanding.create(unit, entity, over)]

        return opening.preview(unit, write)

    deletes = bool(row_id and not form)
    try:
        found = commands.do(context, work)
    except (Invalid, Conflict) as refused:
        errors = msgspec.to_builtins(refused.errors)
        problem = {**refused.extra, "code": refused.code, "detail": str(refused), "errors": errors}
        return page(request, "admin/outside", problem=refusals.refusal(words(request), problem))
    hits = [*found.booked[:_SHOWN], *found.drafted[:_SHOWN]]
    with commands.log.pool.connection() as connection:
        named = {each.schedule_id for each, _ in hits} | {each.client_id or "" for each, _ in hits}
        names = naming.names(connection, named - {""})
        say = saying(connection, words(request), [room.id for _, room in hits])

    def told(hit: Hit, room: str, room_id: str) -> Outside:
        time = say.time_at(room_id)
        return Outside(
            hit.show_id,
            hit.name,
            names.get(hit.client_id or "", ""),
            names.get(hit.schedule_id, ""),
            room,
            moment(hit.start, time),
            time.ends(hit.start, hit.end),
        )

    groups = {
        stage: (len(each), [told(hit, room.name, room.id) for hit, room in each[:_SHOWN]])
        for stage, each in (("booked", found.booked), ("draft", found.drafted))
        if each
    }
    keeps = deletes and found.booked and not found.re_plans
    return page(request, "admin/outside", problem="", groups=groups, deletes=deletes, keeps=keeps)


@get("/opening-span", include_in_schema=False, sync_to_thread=True)
def until(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    opens: FromQuery[str] = "",
    closes: FromQuery[str] = "",
    weekday: Annotated[int | None, QueryParameter(ge=1, le=7)] = None,
) -> Response[str]:
    """Until when hours go, in words, as their form is filled in; nothing unless both are times."""
    with commands.log.pool.connection() as connection:
        said = saying(connection, words(request), []).lasts(opens, closes, weekday)
    return Response(said, media_type=MediaType.TEXT)
