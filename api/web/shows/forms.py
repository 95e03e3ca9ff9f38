"""/shows/new and /shows/{id}/edit: a show's fields to fill in. Where it goes says what is sent: to a draft
plan the show itself, to a confirmed one a change."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Struct
from psycopg import Connection

from api.http import windows
from api.http.security import Bounds, Principal, may
from api.web.board import bars
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from api.web.shows import hosts
from api.web.shows.show import Shown
from domain.access import Action
from domain.application import Commands
from domain.errors import Forbidden, NotFound
from domain.registry.entities import BY_KIND
from domain.schedule.lifecycle import REASONS
from projections import changes, naming, registry, schedules
from projections.registry import Wanted
from projections.schedules import ScheduleFilter, ScheduleRow

_MOST: Final = 1_000
_LASTS: Final = timedelta(hours=2)
_CHECKED: Final = (
    *("id", "name", "start", "end", "room_id", "creators", "platforms", "show_standard"),
    *("studio_id", "schedule_id"),
)
"""What the rules of conflicts ask of a show, as the API checks it."""
ADDITION: Final = "ADDITION"
CANCELLATION: Final = "CANCELLATION"
_OTHERS: Final = {True: {ADDITION}, False: {CANCELLATION}}
"""Types of changes that the form of a show that is there, or of a new one, can't ask for."""

Text = Annotated[str, QueryParameter(max_length=100)]
Instant = Annotated[str | None, QueryParameter(max_length=40)]


class Target(Struct, frozen=True, kw_only=True):
    """Where a show goes: `kind` is draft, change or alone; what is sent for it, its fields under `wrap`."""

    id: str
    kind: str
    name: str
    send: str
    body: str
    wrap: str
    then: str
    cancel: str = ""
    """The body that asks to cancel the show instead, where that can be asked."""
    asks: str = ""
    """`client` where the client agrees first to what is changed in its plan; else empty."""
    version: int | None = None
    """Of what is addressed, for If-Match; None for a client's user, who sees its last version only."""


@get("/shows/{show_id:str}/edit", include_in_schema=False, sync_to_thread=True)
def edit_page(
    request: Request[Principal, Any, Any],
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    about: Text = "",
) -> Response[Any]:
    """The fields of a show: of a draft to be set at once, of what was confirmed to ask for a change, which is
    `about` a type, if one is named."""
    position = commands.log.head()
    with commands.log.pool.connection() as connection:
        shown = Shown(connection, commands, bounds, show_id)
        can = shown.may(connection, request.user)
        if not can & {"edit", "change"}:
            return Redirect(f"/shows/{show_id}", status_code=303)
        show, plan = shown.show, shown.plan
        options = choices(connection, show.studio_id, show)
        time = shown.telling(request).time
        options["apart"] = hosts.apart(connection, options["creators"], bounds, words(request), time)
        kinds = categories(connection, request.user, show.studio_id, show.client_id)
        by = naming.names(connection, {show.updated_by}).get(show.updated_by, "")
        asked = changes.open_about(connection, [show_id])
    base = f"/api/v1/shows/{show_id}" if plan.kind == "single" else f"/api/v1/schedules/{plan.id}"
    target = Target(
        id=plan.id,
        kind="draft" if "edit" in can else "change",
        name=plan.name,
        send=f"PATCH /api/v1/shows/{show_id}" if "edit" in can else f"POST {base}/changes",
        body="{}" if "edit" in can else _json({"operations": [{"op": "update", "show_id": show_id}]}),
        wrap="" if "edit" in can else "operations.0.set",
        then=f"open:/shows/{show_id}",
        cancel="" if "edit" in can else _json({"operations": [{"op": "cancel", "show_id": show_id}]}),
        asks="client" if shown.asks_client else "",
        version=_addressed(shown, bounds, alone="edit" in can or plan.kind == "single"),
    )
    return page(
        request,
        "show_edit",
        position=position,
        show=show,
        plan=plan,
        studio=shown.studio,
        time=time,
        start=show.start,
        end=show.end,
        target=target,
        by=time.by(by, show.updated_at),
        checked=_json({name: getattr(show, name) for name in _CHECKED}),
        asked=asked,
        categories=kinds,
        about=CANCELLATION if target.cancel and about == CANCELLATION else "OTHER",
        cancellation=CANCELLATION,
        reasons=REASONS,
        metadata=msgspec.json.format(_json(show.metadata), indent=2),
        **options,
    )


def _addressed(shown: Shown, bounds: Bounds, *, alone: bool) -> int | None:
    """The version that what is sent goes against: the show's own, or that of the plan to be changed."""
    if alone:
        return shown.show.version
    return shown.plan.version if bounds.clients is None else None


@get("/shows/new", include_in_schema=False, sync_to_thread=True)
def new_page(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Text = "",
    schedule_id: Text = "",
    room_id: Text = "",
    creator_id: Text = "",
    start: Instant = None,
    end: Instant = None,
) -> Response[Any]:
    """The fields of a show to be: in a draft plan of its day, standing alone, or asked for in a confirmed
    plan."""
    begins = windows.moment("start", start) or _soon(commands.clock())
    ends = windows.moment("end", end) or begins + _LASTS
    with commands.log.pool.connection() as connection:
        studio = _studio(connection, studio_id)
        if studio is None:
            return page(request, "board_empty")
        time = StudioTime(studio.time_zone, studio.day_start, words(request).language)
        targets = _targets(connection, request.user, bounds, studio, time, begins, schedule_id)
        if not targets:
            raise Forbidden("You may not plan shows here.", needs="planning")
        options = choices(connection, studio.id, None, creator_id)
        options["apart"] = hosts.apart(connection, options["creators"], bounds, words(request), time)
        kinds = categories(connection, request.user, studio.id, None, bounds.clients)
        asked = Wanted(sort="name", descending=False, limit=_MOST, clients=bounds.clients)
        clients = [row for row, _ in registry.page(connection, BY_KIND["client"], asked)]
    return page(
        request,
        "show_new",
        show=None,
        studio=studio,
        time=time,
        start=begins,
        end=ends,
        room_id=room_id,
        checked=_json({"name": words(request)("show_field.new"), "studio_id": studio.id}),
        target=next((each for each in targets if each.id == schedule_id), targets[0]),
        targets=targets,
        clients=clients,
        categories=kinds,
        about=ADDITION,
        metadata="",
        **options,
    )


def choices(
    connection: Connection[Any], studio_id: str, show: Any | None, creator_id: str = ""
) -> dict[str, Any]:
    """What a show's fields can be: what is live, and what this show has anyway. A new show may begin with a
    creator."""
    creators = set(show.creators) if show else {creator_id}
    platforms = {each.platform_id for each in show.platforms} if show else set[str]()
    found = _rows(connection, "creator", keep=set(show.creators) if show else ())
    return {
        "rooms": _rows(connection, "room", {"studio_id": studio_id}, keep={show.room_id} if show else ()),
        "creators": hosts.listed([e for e in found if not e.is_banned or e.id in creators], creators),
        "chosen": creators,
        "platforms": _rows(connection, "platform", keep=platforms),
        "types": _rows(connection, "shtype"),
        "standards": _rows(connection, "shstd"),
        "change_types": [each for each in _rows(connection, "chtype") if each.key not in _OTHERS[bool(show)]],
        "links": {each.platform_id: each for each in show.platforms} if show else {},
    }


def categories(
    connection: Connection[Any],
    user: Principal,
    studio_id: str,
    client_id: str | None,
    clients: Collection[str] | None = None,
) -> list[Any]:
    """The categories in which this user may ask for changes, for this client or any of these: first those in
    which the other side agrees, last what is changed at once."""
    whose = list(clients) if clients is not None and client_id is None else [client_id]
    return bars.askable(_rows(connection, "chcat"), user, studio_id, whose)


def _targets(  # noqa: PLR0917 - all of one request
    connection: Connection[Any],
    user: Principal,
    bounds: Bounds,
    studio: Any,
    time: StudioTime,
    begins: datetime,
    schedule_id: str,
) -> list[Target]:
    """Where this user may put a show of that day: draft plans, then alone, then plans that are confirmed."""
    day = time.day(begins)
    plans: list[ScheduleRow] = []
    for status in ("draft", "confirmed"):
        asked = ScheduleFilter(
            studio_id=studio.id, status=(status,), start=day, end=day, clients=bounds.clients
        )
        plans += schedules.listed(connection, asked, sort="name", limit=_MOST)
    if schedule_id and schedule_id not in {each.id for each in plans}:
        named = schedules.one(connection, schedule_id, bounds.clients)
        theirs = named and (bounds.clients is None or named.client_id in bounds.clients)
        plans += [named] if named and theirs and named.kind == "plan" else []
    names = naming.names(connection, {each.client_id for each in plans if each.client_id})
    asks = bool(studio.client_approval)
    found = [_target(each, names, asks=asks) for each in plans if _open(user, each)]
    if may(user, Action.PLAN, studio_id=studio.id):
        drafts = sum(each.kind == "draft" for each in found)
        found.insert(drafts, _alone(studio.id))
    return found


def _open(user: Principal, plan: ScheduleRow) -> bool:
    """Whether this user may put a show into that plan, or ask for one in it."""
    action = {"draft": Action.PLAN, "confirmed": Action.PROPOSE_CHANGE}.get(plan.status)
    return action is not None and may(user, action, studio_id=plan.studio_id, client_id=plan.client_id)


def _target(plan: ScheduleRow, clients: dict[str, str], *, asks: bool) -> Target:
    """`asks`: whether the studio asks clients before their plans change."""
    name = " · ".join(filter(None, (clients.get(plan.client_id or ""), plan.name)))
    base = f"POST /api/v1/schedules/{plan.id}"
    if plan.status == "draft":
        return Target(
            id=plan.id,
            kind="draft",
            name=name,
            send=f"{base}/shows",
            body="{}",
            wrap="shows.0",
            then="open:/shows/{items.0.id}",
        )
    return Target(
        id=plan.id,
        kind="change",
        name=name,
        send=f"{base}/changes",
        body=_json({"operations": [{"op": "add"}]}),
        wrap="operations.0.show",
        then="close",
        asks="client" if asks and plan.client_id else "",
    )


def _alone(studio_id: str) -> Target:
    return Target(
        id="",
        kind="alone",
        name="",
        send="POST /api/v1/shows",
        body=_json({"studio_id": studio_id}),
        wrap="",
        then="open:/shows/{id}",
    )


def _studio(connection: Connection[Any], studio_id: str) -> Any | None:
    """The studio that is asked for, or the first; None where there are none yet. Raises NotFound for one that
    is not there."""
    if not studio_id:
        return next(iter(_rows(connection, "studio")), None)
    found = registry.find(connection, BY_KIND["studio"], studio_id)
    if found is None:
        raise NotFound(f"no studio {studio_id}")
    return found


def _rows(
    connection: Connection[Any], kind: str, equal: dict[str, Any] | None = None, keep: Collection[Any] = ()
) -> list[Any]:
    """The live rows of a kind by name, and those to keep whatever became of them."""
    entity = BY_KIND[kind]
    wanted = Wanted(sort="name", descending=False, limit=_MOST, equal=equal or {})
    found: list[Any] = [row for row, _ in registry.page(connection, entity, wanted)]
    missing: Sequence[str] = sorted(each for each in keep if each and each not in {row.id for row in found})
    kept = [registry.find(connection, entity, each) for each in missing]
    return [each for each in kept if each is not None] + found


def _soon(now: datetime) -> datetime:
    """The next full hour."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
