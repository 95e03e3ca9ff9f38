"""/schedules: all plans by month, and the form for a new one."""

from calendar import monthrange
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct
from psycopg import Connection

from api.http.paging import Page, Paging
from api.http.security import Bounds, Principal, may
from api.resources import schedules
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from domain.access import Action
from domain.application import Commands
from domain.errors import Invalid
from domain.registry.entities import BY_KIND
from domain.schedule.machine import ScheduleStatus
from projections import clashing, naming, registry
from projections.registry import Wanted
from projections.schedules import ScheduleRow

PAGE: Final = 40
STATUSES: Final = get_args(ScheduleStatus)
_EARLIEST: Final = "1970-01"
_MOST: Final = 1_000
_SORT: Final = "-month"
_SORTS: Final = {"name": "name", "period": "month", "status": "status", "shows": "shows"}
"""Columns that the list is sorted by, and what the API calls that."""

Text = Annotated[str, QueryParameter(max_length=300)]
Month = Annotated[str, QueryParameter(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]


class Filters(Struct, frozen=True, kw_only=True):
    """What the address asks for, as its form shows it again."""

    month: str
    client_id: str
    studio_id: str
    status: str
    q: str
    deleted: bool
    sort: str

    def link(self, **other: Any) -> str:
        """The address of the list with something different."""
        asked = {name: getattr(self, name) for name in self.__struct_fields__} | other
        given = {name: "true" if value is True else value for name, value in asked.items() if value}
        return f"/schedules?{urlencode(given)}" if given else "/schedules"

    @property
    def order(self) -> str:
        """How it is sorted: a column, with - for descending."""
        return self.sort or _SORT

    @property
    def column(self) -> str:
        """By which column."""
        return self.order.removeprefix("-")

    def by(self, column: str) -> str:
        """The address of the list sorted by a column; the other way round where it is already."""
        return self.link(sort=f"-{column}" if self.order == column else column)

    @property
    def any(self) -> bool:
        """Whether they leave anything out."""
        return any((self.month, self.client_id, self.studio_id, self.status, self.q))


@get("/schedules", include_in_schema=False, sync_to_thread=True)
def list_schedules(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    month: Month = "",
    client_id: Text = "",
    studio_id: Text = "",
    status: Text = "",
    q: Text = "",
    deleted: FromQuery[bool] = False,
    sort: Text = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """Plans by month, the newest first, or as `sort` says, each with what is to be done about it. Raises
    Invalid for a sort or a cursor that is none."""
    asked = Filters(
        month=month, client_id=client_id, studio_id=studio_id, status=status, q=q, deleted=deleted, sort=sort
    )
    position = commands.log.head()
    found = _found(commands, bounds, asked, cursor)
    with commands.log.pool.connection() as connection:
        names = naming.names(
            connection, {each for row in found.items for each in (row.client_id, row.studio_id) if each}
        )
        conflicts = clashing.counts(
            connection,
            commands.references,
            found.items,
            commands.clock(),
            clients=bounds.clients,
        )
        clients = rows(connection, "client", bounds)
        studios = rows(connection, "studio", bounds)
    by_month = asked.column == "month"
    time = StudioTime("UTC", "00:00", words(request).language)
    return page(
        request,
        "schedules",
        asked=asked,
        months=[
            (time.month(first) if first else "", list(plans))
            for first, plans in groupby(found.items, key=_first_of if by_month else lambda _: None)
        ],
        sorts=_SORTS,
        found=found,
        cursor=cursor,
        names=names,
        conflicts=conflicts,
        clients=clients,
        studios=studios,
        statuses=STATUSES,
        time=time,
        position=position,
        may_plan=may(request.user, Action.PLAN),
    )


@get("/schedules/new", include_in_schema=False, sync_to_thread=True, opt={"action": Action.PLAN})
def new_schedule(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Text = "",
    client_id: Text = "",
) -> Response[str]:
    """The form for a new plan: of next month, unless one says otherwise."""
    today = commands.clock().date()
    first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    with commands.log.pool.connection() as connection:
        studios = [
            each
            for each in rows(connection, "studio", bounds)
            if may(request.user, Action.PLAN, studio_id=each.id)
        ]
        clients = rows(connection, "client", bounds)
    if not studios:
        return page(request, "board_empty")
    return page(
        request,
        "schedule_new",
        studios=studios,
        clients=clients,
        first=first,
        last=first.replace(day=monthrange(first.year, first.month)[1]),
        chosen={studio_id, client_id},
    )


def rows(connection: Connection[Any], kind: str, bounds: Bounds) -> list[Any]:
    """The live rows of a kind that the user sees, by name, to choose from."""
    wanted = Wanted(sort="name", descending=False, limit=_MOST, clients=bounds.clients)
    return [row for row, _ in registry.page(connection, BY_KIND[kind], wanted)]


def _first_of(row: ScheduleRow) -> date:
    return row.start_date.replace(day=1)


def _found(commands: Commands, bounds: Bounds, asked: Filters, cursor: str | None) -> Page[ScheduleRow]:
    if asked.month and asked.month < _EARLIEST:
        raise Invalid.field("month", "range", f"must be {_EARLIEST} or later")
    first = date.fromisoformat(f"{asked.month}-01") if asked.month else None
    last = first.replace(day=monthrange(first.year, first.month)[1]) if first else None
    found: Any = schedules.list_schedules.fn(
        commands=commands,
        bounds=bounds,
        paging=Paging(PAGE, cursor),
        status=[asked.status] if asked.status else None,
        client_id=asked.client_id or None,
        studio_id=asked.studio_id or None,
        from_=first and first.isoformat(),
        to=last and last.isoformat(),
        q=asked.q or None,
        include_deleted=asked.deleted,
        sort=asked.order,
    )
    return found
