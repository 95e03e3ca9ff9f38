"""/api/v1/schedules: list, create, read, edit and cancel schedules; the shows in one; its history."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, cast

from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta, Struct
from psycopg import Connection

from api import drafting, past, referring
from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples, windows
from api.http.headers import etag
from api.http.paging import Page, Paging, sort_of
from api.http.security import Action, Bounds, demand
from api.resources import history
from api.resources.history import CausedBy
from api.trail import EventShown
from domain.application import Commands, Unit
from domain.errors import NotFound
from domain.events import ScheduleEvent
from domain.schedule import lifecycle, planning, standalone
from domain.schedule.machine import ShowStatus
from domain.schedule.planning import NewSchedule, NewShow, Note, SchedulePatch
from domain.schedule.state import Schedule
from projections import schedules, shows
from projections.as_it_was import schedule_row, show_row
from projections.past import chosen
from projections.schedules import ScheduleFilter, ScheduleRow
from projections.shows import ShowFilter, ShowRow

MOST_SHOWS: Final = 1_000
_SORTS: Final[dict[schedules.Sort, Any]] = {
    "start_date": tuple[date, str],
    "name": tuple[str, str],
    "created_at": tuple[datetime, str],
    "month": tuple[int, str, str],
    "status": tuple[int, str, str],
    "shows": tuple[int, str, str],
}
"""Orders, and what a cursor of each holds."""
_SHOW_SORTS: Final[dict[shows.Sort, Any]] = {
    "start": tuple[datetime, str],
    "name": tuple[str, str],
    "created_at": tuple[datetime, str],
}

IdFilter = Annotated[str | None, QueryParameter(max_length=100)]
Search = Annotated[str | None, QueryParameter(max_length=200, description="A part of the name.")]
Statuses = Annotated[list[str] | None, QueryParameter(name="status", description="One or more, repeated.")]
ShowStatuses = Annotated[
    list[ShowStatus] | None, QueryParameter(name="status", description="One or more, repeated.")
]


class NewShows(Struct, frozen=True, forbid_unknown_fields=True):
    """Shows to draft: all of them or none."""

    shows: Annotated[tuple[NewShow, ...], Meta(min_length=1, max_length=MOST_SHOWS)]


class DraftedShows(Struct, frozen=True):
    """The shows as drafted, in the order given."""

    items: list[ShowRow]


class CancelSchedule(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a schedule is cancelled."""

    reason: Note


# --- reading


@get(
    "/",
    operation_id="list_schedules",
    summary="List schedules",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ScheduleRow], examples.page_of(examples.SCHEDULE)),
)
def list_schedules(
    *,
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: Statuses = None,
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    from_: windows.From = None,
    to: windows.To = None,
    q: Search = None,
    include_deleted: FromQuery[bool] = False,
    sort: FromQuery[str | None] = None,
) -> Page[ScheduleRow]:
    """Plans by start of their period unless sorted otherwise. The window must touch the period. Sorted by
    the `month` of their start, by `status` or by how many `shows`, those alike are by name."""
    start, end = windows.days(from_, to)
    which = ScheduleFilter(
        status=tuple(status or ()),
        clients=bounds.clients,
        client_id=client_id,
        studio_id=studio_id,
        start=start,
        end=end,
        q=q,
        include_deleted=include_deleted,
    )
    name, descending = sort_of(sort, tuple(_SORTS), "start_date")
    column = cast(schedules.Sort, name)
    paging = paging.sorted_by(f"-{column}" if descending else column)
    with commands.log.pool.connection() as connection:
        rows = schedules.listed(
            connection,
            which,
            sort=column,
            descending=descending,
            after=paging.after(_SORTS[column]),
            limit=paging.fetch,
        )
        total = schedules.total(connection, which)
    return paging.page(rows, lambda row: schedules.key_of(row, column, descending=descending), total)


@get(
    "/{schedule_id:str}",
    operation_id="get_schedule",
    summary="Get a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, examples.SCHEDULE),
)
def get_schedule(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    version: past.AtVersion = None,
    as_of: past.AsOf = None,
) -> Response[ScheduleRow]:
    """A schedule with its counts, as it is now, as a version of it was, or as it was at an instant."""
    if point := past.then(commands, version, as_of):
        row = schedule_row(past.schedule(commands, schedule_id, point, bounds))
    else:
        with commands.log.pool.connection() as connection:
            row = known(connection, schedule_id, bounds.clients)
    return Response(row, headers=etag(row.version))


@get(
    "/{schedule_id:str}/shows",
    operation_id="list_schedule_shows",
    summary="List the shows of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ShowRow], examples.page_of(examples.SHOW)),
)
def list_shows(
    *,
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: ShowStatuses = None,
    room_id: IdFilter = None,
    creator_id: IdFilter = None,
    from_: windows.From = None,
    to: windows.To = None,
    q: Search = None,
    include_deleted: FromQuery[bool] = False,
    sort: FromQuery[str | None] = None,
    version: past.AtVersion = None,
    as_of: past.AsOf = None,
) -> Page[ShowRow]:
    """Its shows by start unless sorted otherwise; removed ones only on request. As they are now, as a version
    of the schedule showed them, or as they were at an instant."""
    start, end = windows.instants(from_, to)
    which = ShowFilter(
        schedule_id=schedule_id,
        status=tuple(status or ()),
        clients=bounds.clients,
        room_id=room_id,
        creator_id=creator_id,
        start=start,
        end=end,
        q=q,
        include_deleted=include_deleted,
    )
    if point := past.then(commands, version, as_of):
        return past_page(past.schedule(commands, schedule_id, point, bounds), paging, which, sort)
    with commands.log.pool.connection() as connection:
        known(connection, schedule_id)
        return show_page(connection, paging, which, sort)


@get(
    "/{schedule_id:str}/events",
    operation_id="list_schedule_events",
    summary="What happened to a schedule and its shows",
    sync_to_thread=True,
    responses=examples.answers(200, Page[EventShown], examples.page_of(examples.EVENT)),
)
def list_events(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    cause: CausedBy = None,
) -> Page[EventShown]:
    """Its history from the log, oldest first, with what each event changed; `cause` narrows it to the events
    of one change, import or bulk run. Client users don't see drafting that no version has yet."""
    events = commands.log.positioned(schedule_id) if schedule_id.startswith("schedule_") else []
    if not events:
        raise NotFound(f"no schedule {schedule_id}")
    seen = drafting.seen_by(bounds, events)
    return history.page(paging, [event for event in seen if history.is_by(event, cause)], commands.log)


# --- writing


@post(
    "/",
    operation_id="create_schedule",
    summary="Open a schedule",
    sync_to_thread=True,
    responses=examples.answers(201, ScheduleRow, examples.SCHEDULE),
)
def create_schedule(
    data: Annotated[NewSchedule, examples.body(examples.NEW_SCHEDULE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Opens an empty draft. Names and periods may overlap others."""

    demand(posting.user, Action.PLAN, studio_id=data.studio_id)

    def work(unit: Unit) -> Answer:
        referring.check_schedule(unit, data)
        return schedule_answer(unit.open(planning.open_schedule(data)), status=201)

    return run(commands, posting.context("schedule.open"), work)


@patch(
    "/{schedule_id:str}",
    operation_id="edit_schedule",
    summary="Edit a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, examples.SCHEDULE),
)
def edit_schedule(
    schedule_id: FromPath[str],
    data: Annotated[SchedulePatch, examples.body(examples.SCHEDULE_PATCH)],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Changes name, period or note of a draft."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return planning.edit_schedule(schedule, data)

    return run(commands, editing.context("schedule.edit"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/shows",
    operation_id="draft_shows",
    summary="Draft shows",
    sync_to_thread=True,
    responses=examples.answers(201, DraftedShows, examples.SHOWS),
)
def draft_shows(
    schedule_id: FromPath[str],
    data: Annotated[NewShows, examples.body(examples.NEW_SHOWS)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[DraftedShows]:
    """Adds one show or up to 1,000 to a draft schedule, all of them or none."""

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule(schedule_id)
        unit.match(schedule.version)
        standalone.check_plan(schedule)
        planning.check_editable(schedule)
        studio = unit.studio(schedule.studio_id)
        keys = referring.check_shows(unit, data.shows)
        events = planning.draft_shows(schedule, data.shows, studio=studio, keys=keys, new_id=unit.new_id)
        unit.append(schedule, events)
        drafted = [show_row(schedule, schedule.shows[draft.id]) for draft in events[0].shows]
        location = f"/api/v1/schedules/{schedule_id}/shows"
        return answer(DraftedShows(drafted), status=201, version=schedule.version, location=location)

    return run(commands, posting.context("schedule.draft_shows"), work)


@post(
    "/{schedule_id:str}/cancel",
    operation_id="cancel_schedule",
    summary="Cancel a schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, examples.SCHEDULE),
)
def cancel_schedule(
    schedule_id: FromPath[str],
    data: Annotated[CancelSchedule, examples.body(examples.CANCEL_SCHEDULE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Cancels its draft and confirmed shows with it and frees what they hold; refused while one is live."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.cancel_schedule(schedule, reason=data.reason)

    context = posting.context("schedule.cancel", reason=data.reason.strip())
    return run(commands, context, on_schedule(schedule_id, decide))


# --- what other resources of schedules share


def known(
    connection: Connection[Any], schedule_id: str, clients: tuple[str, ...] | None = None
) -> ScheduleRow:
    """A schedule's row, to users of these clients as its newest version has it. Raises NotFound."""
    row = schedules.one(connection, schedule_id, clients)
    if row is None:
        raise NotFound(f"no schedule {schedule_id}")
    return row


def show_page(
    connection: Connection[Any], paging: Paging, which: ShowFilter, sort: str | None
) -> Page[ShowRow]:
    """One page of shows. Raises Invalid for an unknown order or a wrong cursor."""
    name, descending = sort_of(sort, tuple(_SHOW_SORTS), "start")
    column = cast(shows.Sort, name)
    paging = paging.sorted_by(f"-{column}" if descending else column)
    rows = shows.listed(
        connection,
        which,
        sort=column,
        descending=descending,
        after=paging.after(_SHOW_SORTS[column]),
        limit=paging.fetch,
    )
    return paging.page(rows, lambda row: shows.key_of(row, column), shows.total(connection, which))


def past_page(schedule: Schedule, paging: Paging, which: ShowFilter, sort: str | None) -> Page[ShowRow]:
    """One page of a schedule's shows as it was. Raises as `show_page` does."""
    name, descending = sort_of(sort, tuple(_SHOW_SORTS), "start")
    column = cast(shows.Sort, name)
    paging = paging.sorted_by(f"-{column}" if descending else column)
    found, total = chosen(
        (show_row(schedule, show) for show in schedule.shows.values()),
        which,
        sort=column,
        descending=descending,
        after=paging.after(_SHOW_SORTS[column]),
    )
    return paging.page(found[: paging.fetch], lambda row: shows.key_of(row, column), total)


def schedule_answer(schedule: Schedule, *, status: int = 200) -> Answer:
    """A schedule as a command left it."""
    location = f"/api/v1/schedules/{schedule.id}" if status == 201 else None  # noqa: PLR2004
    return answer(schedule_row(schedule), status=status, version=schedule.version, location=location)


def on_schedule(
    schedule_id: str, decide: Callable[[Unit, Schedule], Sequence[ScheduleEvent]], *, deleted: bool = False
) -> Callable[[Unit], Answer]:
    """The work of a command that takes one decision about one schedule, a deleted one only if asked for."""

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule(schedule_id, deleted=deleted)
        unit.match(schedule.version)
        return schedule_answer(unit.append(schedule, decide(unit, schedule)))

    return work


routes = Router(
    "/schedules",
    route_handlers=[
        list_schedules,
        create_schedule,
        get_schedule,
        edit_schedule,
        list_shows,
        draft_shows,
        cancel_schedule,
        list_events,
    ],
    dependencies=CALLERS,
    tags=["schedules"],
)
