"""/api/v1/shows: find, read, edit, remove and restore shows; start, complete and cancel them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from psycopg import Connection

from api import past, referring, trail
from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples, windows
from api.http.headers import etag
from api.http.paging import Page, Paging
from api.http.security import Bounds
from api.resources import history
from api.resources.history import CausedBy
from api.resources.schedules import IdFilter, Search, ShowStatuses, show_page
from api.trail import Asked, EventShown
from domain.application import Commands, Context, Unit
from domain.errors import NotFound
from domain.events import ScheduleEvent
from domain.schedule import changes, lifecycle, planning
from domain.schedule.lifecycle import ReasonCategory
from domain.schedule.planning import Moment, Note, ShowPatch
from domain.schedule.state import Schedule, Show
from projections import shows
from projections.as_it_was import show_row
from projections.shows import ShowFilter, ShowRow


class Complete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it really began and ended, where that is known."""

    actual_start: Moment | None = None
    actual_end: Moment | None = None


class CancelShow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a show is cancelled."""

    reason_category: ReasonCategory
    note: Note = ""


class InterruptShow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What went wrong with a booked or live show."""

    reason_category: ReasonCategory
    note: Note = ""


class ResolveShow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an interruption ended."""

    outcome: Literal["cancelled", "completed"]
    note: Note = ""


class Readiness(Struct, frozen=True, kw_only=True):
    """What a show still lacks: `room`, `creators`, `platforms`. It blocks nothing."""

    show_id: str
    ready: bool
    missing: tuple[str, ...]


# --- reading


@get(
    "/",
    operation_id="list_shows",
    summary="List shows",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ShowRow], examples.page_of(examples.SHOW)),
)
def list_shows(
    *,
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: ShowStatuses = None,
    schedule_id: IdFilter = None,
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    room_id: IdFilter = None,
    creator_id: IdFilter = None,
    from_: windows.From = None,
    to: windows.To = None,
    q: Search = None,
    include_deleted: FromQuery[bool] = False,
    sort: FromQuery[str | None] = None,
) -> Page[ShowRow]:
    """Shows of every schedule that overlap the window, by start unless sorted otherwise."""
    start, end = windows.instants(from_, to)
    which = ShowFilter(
        status=tuple(status or ()),
        clients=bounds.clients,
        schedule_id=schedule_id,
        client_id=client_id,
        studio_id=studio_id,
        room_id=room_id,
        creator_id=creator_id,
        start=start,
        end=end,
        q=q,
        include_deleted=include_deleted,
    )
    with commands.log.pool.connection() as connection:
        return show_page(connection, paging, which, sort)


@get(
    "/{show_id:str}",
    operation_id="get_show",
    summary="Get a show",
    sync_to_thread=True,
    opt={"versions": True},
    responses=examples.answers(200, ShowRow, examples.SHOW),
)
def get_show(
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    version: past.AtVersion = None,
    as_of: past.AsOf = None,
) -> Response[ShowRow]:
    """A show as it is now, as a version of its schedule showed it, or as it was at an instant; removed or
    not."""
    if point := past.then(commands, version, as_of):
        row = past.show(commands, show_id, point, bounds)
    else:
        with commands.log.pool.connection() as connection:
            row = known(connection, show_id, bounds.clients)
    return Response(row, headers=etag(row.version))


@get(
    "/{show_id:str}/readiness",
    operation_id="get_show_readiness",
    summary="What does a show still lack?",
    sync_to_thread=True,
    responses=examples.answers(200, Readiness, examples.READINESS),
)
def readiness(
    show_id: FromPath[str], commands: NamedDependency[Commands], bounds: NamedDependency[Bounds]
) -> Readiness:
    """Room, creators and platforms that are still missing."""
    with commands.log.pool.connection() as connection:
        return readiness_of(known(connection, show_id, bounds.clients))


def readiness_of(row: ShowRow) -> Readiness:
    """What this show lacks."""
    lacks = {"room": row.room_id is None, "creators": not row.creators, "platforms": not row.platforms}
    missing = tuple(name for name, absent in lacks.items() if absent)
    return Readiness(show_id=row.id, ready=not missing, missing=missing)


@get(
    "/{show_id:str}/events",
    operation_id="list_show_events",
    summary="What happened to a show",
    sync_to_thread=True,
    responses=examples.answers(200, Page[EventShown], examples.page_of(examples.EVENT)),
)
def list_events(
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    cause: CausedBy = None,
) -> Page[EventShown]:
    """The events that touched it, in every schedule that it was in, oldest first, with what each changed of
    it; `cause` narrows them to those of one change, import or bulk run. Client users don't see drafting that
    no version has yet."""
    with commands.log.pool.connection() as connection:
        schedule_id = commands.references.schedule_of(connection, show_id)
    if schedule_id is None:
        raise NotFound(f"no show {show_id}")
    asked = Asked(stream=show_id, cause=cause)
    events = history.seen_by(bounds, list(trail.events(commands.log.pool, asked)), commands.log)
    return history.page(paging, events, commands.log, show=show_id)


# --- writing


@patch(
    "/{show_id:str}",
    operation_id="edit_show",
    summary="Edit a show",
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, examples.SHOW),
)
def edit_show(
    show_id: FromPath[str],
    data: Annotated[ShowPatch, examples.body(examples.SHOW_PATCH)],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> Response[ShowRow]:
    """Changes a draft in a draft schedule. In a confirmed schedule that takes a change (`needs_change`)."""

    def decide(unit: Unit, schedule: Schedule, show: Show) -> Sequence[ScheduleEvent]:
        planning.check_editable(schedule, planning.find_show(schedule, show_id))
        keys = referring.check_patch(unit, data, show)
        studio = unit.studio(schedule.studio_id)
        return planning.edit_show(schedule, show_id, data, studio=studio, keys=keys)

    return on_show(commands, editing.context("show.edit"), show_id, decide)


@delete(
    "/{show_id:str}",
    operation_id="remove_show",
    summary="Remove a draft",
    status_code=204,
    sync_to_thread=True,
)
def remove_show(
    show_id: FromPath[str], commands: NamedDependency[Commands], editing: NamedDependency[Caller]
) -> None:
    """Takes a draft out of its plan; restore brings it back."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return planning.remove_show(schedule, show_id)

    on_show(commands, editing.context("show.remove"), show_id, decide)


@post(
    "/{show_id:str}/restore",
    operation_id="restore_show",
    summary="Restore a removed draft",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, examples.SHOW),
)
def restore_show(
    show_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ShowRow]:
    """Brings a removed draft back as it was."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return planning.restore_show(schedule, show_id)

    return on_show(commands, posting.context("show.restore"), show_id, decide)


@post(
    "/{show_id:str}/start",
    operation_id="start_show",
    summary="Go live",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "status": "live"}),
)
def start_show(
    show_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ShowRow]:
    """A confirmed show goes live."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return lifecycle.start(schedule, show_id)

    return on_show(commands, posting.context("show.start"), show_id, decide)


@post(
    "/{show_id:str}/complete",
    operation_id="complete_show",
    summary="Complete a live show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "status": "completed"}),
)
def complete_show(
    show_id: FromPath[str],
    data: Annotated[Complete, examples.body(examples.COMPLETE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """A live show is over. What it held is cut at an earlier actual end, never extended."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return lifecycle.complete(
            schedule, show_id, actual_start=data.actual_start, actual_end=data.actual_end
        )

    return on_show(commands, posting.context("show.complete"), show_id, decide)


@post(
    "/{show_id:str}/cancel",
    operation_id="cancel_show",
    summary="Cancel a show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "status": "cancelled"}),
)
def cancel_show(
    show_id: FromPath[str],
    data: Annotated[CancelShow, examples.body(examples.CANCEL_SHOW)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """Cancels a draft or a booking at once and frees what it held. A client finds a cancelled booking among
    its unseen changes."""

    def decide(unit: Unit, schedule: Schedule, _: Show) -> Sequence[ScheduleEvent]:
        cancelled = lifecycle.cancel_show(
            schedule, show_id, reason_category=data.reason_category, note=data.note
        )
        return changes.announced(schedule, cancelled, unit.new_id)

    context = posting.context("show.cancel", reason=data.note or data.reason_category)
    return on_show(commands, context, show_id, decide)


@post(
    "/{show_id:str}/interrupt",
    operation_id="interrupt_show",
    summary="Interrupt a show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "status": "cancelled_pending_resolution"}),
)
def interrupt_show(
    show_id: FromPath[str],
    data: Annotated[InterruptShow, examples.body(examples.INTERRUPT)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """Something is wrong with a booked or live show: it holds what it held until it is resolved."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return lifecycle.interrupt(schedule, show_id, reason_category=data.reason_category, note=data.note)

    context = posting.context("show.interrupt", reason=data.note or data.reason_category)
    return on_show(commands, context, show_id, decide)


@post(
    "/{show_id:str}/resolve",
    operation_id="resolve_show",
    summary="Resolve an interrupted show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "status": "completed"}),
)
def resolve_show(
    show_id: FromPath[str],
    data: Annotated[ResolveShow, examples.body(examples.RESOLVE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """Ends an interruption: cancelled lets everything go, completed keeps what was held."""

    def decide(_: Unit, schedule: Schedule, __: Show) -> Sequence[ScheduleEvent]:
        return lifecycle.resolve(schedule, show_id, outcome=data.outcome, note=data.note)

    context = posting.context("show.resolve", reason=data.note or None)
    return on_show(commands, context, show_id, decide)


# --- what other resources of shows share


def known(connection: Connection, show_id: str, clients: tuple[str, ...] | None = None) -> ShowRow:
    """A show's row, to users of these clients as its newest version has it. Raises NotFound."""
    row = shows.one(connection, show_id, clients)
    if row is None:
        raise NotFound(f"no show {show_id}")
    return row


def on_show(
    commands: Commands,
    context: Context,
    show_id: str,
    decide: Callable[[Unit, Schedule, Show], Sequence[ScheduleEvent]],
) -> Response[ShowRow]:
    """A command that takes one decision about one show; If-Match compares with the show's own version."""

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule_with(show_id)
        show = schedule.shows[show_id]
        unit.match(show.version)
        events = decide(unit, schedule, show)
        unit.append(schedule, events, cause=changes.opened_by(events))
        after = schedule.shows[show_id]
        return answer(show_row(schedule, after), version=after.version)

    return run(commands, context, work)


routes = Router(
    "/shows",
    route_handlers=[
        list_shows,
        get_show,
        edit_show,
        remove_show,
        restore_show,
        start_show,
        complete_show,
        cancel_show,
        interrupt_show,
        resolve_show,
        readiness,
        list_events,
    ],
    dependencies=CALLERS,
    tags=["shows"],
)
