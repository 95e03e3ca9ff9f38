"""/schedules/{id}: one plan, with what may be done about it now, and a tab for each of its parts."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec.structs import replace
from psycopg import Connection

from api import past
from api.http.security import Bounds, Principal, demand
from api.web.frame.rendering import page
from api.web.plans import parts
from api.web.plans.parts import Narrowed
from api.web.plans.plan import OPENED, Opened, open_plan
from api.web.plans.schedules import rows
from domain import bulk
from domain.access import Action
from domain.application import Commands
from projections import clashing, comments, naming, shows
from projections.shows import ShowFilter

TABS: Final = ("shows", "conflicts", "versions", "changes", "comments", "history")
_STATUSES: Final = frozenset({"draft", "proposed", "confirmed", "archived", "cancelled"})
"""Statuses of schedules that are no ways to park one."""

Tab = Literal["shows", "conflicts", "versions", "changes", "comments", "history", "confirm"]
Text = Annotated[str, QueryParameter(max_length=300)]
Minutes = Annotated[int, QueryParameter(ge=-bulk.MOST_MINUTES, le=bulk.MOST_MINUTES)]
Before = Annotated[int | None, QueryParameter(ge=1, le=2**53)]


@get("/schedules/{schedule_id:str}", include_in_schema=False, sync_to_thread=True)
def show_schedule(
    *,
    request: Request[Principal, Any, Any],
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    tab: FromQuery[Tab] = "shows",
    q: Text = "",
    status: Text = "",
    room_id: Text = "",
    creator_id: Text = "",
    version: past.AtVersion = None,
    cursor: FromQuery[str | None] = None,
    before: Before = None,
    mode: FromQuery[Literal["all_or_nothing", "best_effort"]] = "all_or_nothing",
    show: FromQuery[list[str] | None] = None,
) -> Response[str]:
    """One part of a plan. `version` shows its shows as a version had them; `show` names those to confirm."""
    position = commands.log.head()
    opened = open_plan(request, commands, bounds, schedule_id)
    narrowed = Narrowed(
        q=q, status=status, room_id=room_id, creator_id=creator_id, version=version, cursor=cursor
    )
    tabs: Mapping[Tab, Callable[[], dict[str, Any]]] = {
        "shows": lambda: parts.shows_of(opened, narrowed),
        "conflicts": lambda: parts.conflicts_of(opened, show),
        "versions": lambda: parts.versions_of(opened, cursor),
        "changes": lambda: parts.changes_of(opened, cursor),
        "comments": lambda: parts.comments_of(opened),
        "history": lambda: parts.history_of(opened, before),
        "confirm": lambda: parts.confirmation(opened, mode, show),
    }
    part = tabs[tab]()
    with commands.log.pool.connection() as connection:
        names = naming.names(
            connection, {each for each in (opened.row.client_id, opened.row.created_by) if each}
        )
        parked = rows(connection, "scstat", bounds) if "park" in opened.acts else []
        clashes = clashing.counts(
            connection, commands.references, [opened.row], commands.clock(), clients=bounds.clients
        ).get(schedule_id)
        said = comments.total(connection, schedule_id)
        board = _board(connection, opened)
    return page(
        request,
        "schedule",
        plan=opened,
        row=opened.row,
        acts=opened.acts,
        studio=opened.studio,
        time=opened.time,
        field=opened.telling.field,
        client=names.get(opened.row.client_id or "", ""),
        parked=[each for each in parked if each.key not in _STATUSES],
        tab=tab,
        tabs=TABS,
        counts={
            "shows": opened.row.show_count,
            "conflicts": clashes and clashes.block + clashes.warn,
            "changes": opened.row.open_changes,
            "comments": said,
        },
        clashes=clashes,
        board=board,
        position=position,
        cursor=cursor,
        **part,
    )


def _board(connection: Connection[Any], opened: Opened) -> str:
    """The board in the week of its first show to come, of its first one where all are past, or where it has
    none of its first day."""
    row, now = opened.row, opened.commands.clock()
    which = ShowFilter(schedule_id=row.id, clients=opened.bounds.clients)
    found = shows.listed(connection, replace(which, start=now), limit=1)
    found = found or shows.listed(connection, which, limit=1)
    day = opened.time.day(found[0].start) if found else row.start_date
    return f"/board?{urlencode({'studio_id': row.studio_id, 'day': day, 'days': 7, 'schedule': row.id})}"


@get("/schedules/{schedule_id:str}/edit", include_in_schema=False, sync_to_thread=True, dependencies=OPENED)
def edit_schedule(request: Request[Principal, Any, Any], opened: NamedDependency[Opened]) -> Response[str]:
    """The form for its name, period and note."""
    with opened.commands.log.pool.connection() as connection:
        by = naming.names(connection, {opened.row.updated_by}).get(opened.row.updated_by, "")
    said = opened.time.by(by, opened.row.updated_at)
    return page(request, "schedule_edit", row=opened.row, acts=opened.acts, by=said)


@get(
    "/schedules/{schedule_id:str}/duplicate",
    include_in_schema=False,
    sync_to_thread=True,
    dependencies=OPENED,
)
def duplicate_schedule(
    request: Request[Principal, Any, Any], opened: NamedDependency[Opened]
) -> Response[str]:
    """The form for a new draft like it, which begins where it ends. Raises Forbidden, also for viewers."""
    demand(request.user, Action.PLAN, studio_id=opened.row.studio_id, client_id=opened.row.client_id)
    end = opened.row.end_date
    whole = end.day == monthrange(end.year, end.month)[1] and opened.row.start_date.day == 1
    first = date(end.year + end.month // 12, end.month % 12 + 1, 1) if whole else end + timedelta(days=1)
    return page(request, "schedule_duplicate", row=opened.row, acts=opened.acts, first=first)


@get(
    "/schedules/{schedule_id:str}/shifted", include_in_schema=False, sync_to_thread=True, dependencies=OPENED
)
def shifted(
    opened: NamedDependency[Opened], minutes: Minutes, show: FromQuery[list[str] | None] = None
) -> dict[str, str]:
    """When these of its shows would be so many minutes later, by id: a bulk run says it before it is done."""
    some = ShowFilter(schedule_id=opened.row.id, ids=tuple(show or ()), clients=opened.bounds.clients)
    with opened.commands.log.pool.connection() as connection:
        found = shows.listed(connection, some)
    by, years = timedelta(minutes=minutes), opened.years
    return {each.id: opened.time.when(each.start + by, each.end + by, years=years) for each in found}
