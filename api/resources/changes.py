"""/api/v1/schedules/{id}/changes and /api/v1/changes: ask for changes of a confirmed schedule, look what
they would do, decide them. A change's version and ETag count what happened to it: 1 asked for, 2 decided,
3 acknowledged."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct
from psycopg import Connection

from api import access, referring
from api.commanding import CALLERS, Answer, Caller, answer, respond, run
from api.http import examples
from api.http.headers import etag, request_id
from api.http.paging import Page, Paging
from api.http.problems import MEDIA_TYPE, Problem
from api.http.security import Bounds, Principal
from api.masking import masked
from api.resources.schedules import IdFilter
from api.resources.schedules import known as known_schedule
from domain import applying
from domain.application import Commands, Context, Unit
from domain.applying import Applied
from domain.conflicts import Finding, Subject
from domain.errors import FieldError, NotFound
from domain.event_log import Replayed
from domain.events import Actor
from domain.schedule import changes as deciding
from domain.schedule.changes import NewChange
from domain.schedule.planning import Note
from domain.schedule.state import Change, Schedule
from domain.schedule.versions import ShowChanged
from projections import changes
from projections.as_it_was import change_row, clients_view, show_row
from projections.changes import ChangeCounts, ChangeFilter, ChangeRow
from projections.shows import ShowRow

ChangeStatus = Literal["proposed", "approved", "rejected", "withdrawn"]
Statuses = Annotated[
    list[ChangeStatus] | None, QueryParameter(name="status", description="One or more, repeated.")
]
Needs = Annotated[
    Literal["client", "studio", "none"] | None, QueryParameter(description="Whose approval it asks for.")
]


DECIDED: Final[dict[int, ResponseSpec]] = {
    409: ResponseSpec(Problem, False, "It was decided already, or its schedule put away.", MEDIA_TYPE)
}
"""What a preview is refused with."""


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to tell the other side."""

    note: Note = ""


class Diff(Struct, frozen=True, kw_only=True):
    """Shows that the change adds, takes out of the plan, and alters."""

    added: list[ShowRow]
    removed: list[ShowRow]
    changed: list[ShowChanged]


class PreviewShown(Struct, frozen=True, kw_only=True):
    """What approving would do now. It would be refused (`applies` false) with the `conflicts` that block
    it, or because fields `moved` since it was asked for."""

    change: ChangeRow
    applies: bool
    diff: Diff
    conflicts: list[Finding]
    moved: list[FieldError]


# --- asking and looking


@post(
    "/schedules/{schedule_id:str}/changes",
    operation_id="propose_change",
    summary="Ask for a change",
    sync_to_thread=True,
    responses=examples.answers(201, ChangeRow, examples.CHANGE),
)
def propose(
    schedule_id: FromPath[str],
    data: Annotated[NewChange, examples.body(examples.NEW_CHANGE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ChangeRow]:
    """Asks to alter a confirmed schedule. Its category says who approves; a change that needs nobody is
    applied at once, or refused whole."""

    def load(unit: Unit) -> Schedule:
        schedule = unit.schedule(schedule_id)
        unit.match(schedule.version)
        return schedule

    return proposed(commands, posting, data, load)


def proposed(
    commands: Commands, posting: Caller, data: NewChange, load: Callable[[Unit], Schedule]
) -> Response[ChangeRow]:
    """Asks for a change. `load` finds the schedule and checks the precondition against the resource that the
    request addresses."""
    looked_at: list[Subject] = []

    def work(unit: Unit) -> Answer:
        schedule = load(unit)
        deciding.check_confirmed(schedule)
        studio = unit.studio(schedule.studio_id)
        category, approval, change_type, keys = referring.check_change(unit, schedule, data)
        access.check_proposing(posting.user, schedule, approval)
        asked = deciding.propose(
            schedule,
            data,
            studio=studio,
            late_change_hours=studio.late_change_hours,
            approval=approval,
            category=category,
            change_type=change_type,
            keys=keys,
            new_id=unit.new_id,
            now=unit.now,
        )
        unit.append(schedule, asked, cause=asked[0].change_id)
        change = schedule.changes[asked[0].change_id]
        if change.needs == "none":
            applying.apply(commands, unit, schedule, change, looked_at)
        location = f"/api/v1/changes/{change.id}"
        return answer(change_row(schedule, change), status=201, version=change.version, location=location)

    with applying.named(commands, looked_at):
        return run(commands, posting.context("change.propose", reason=data.reason.strip()), work)


@get(
    "/schedules/{schedule_id:str}/changes",
    operation_id="list_schedule_changes",
    summary="List the changes of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ChangeRow], examples.page_of(examples.CHANGE)),
)
def list_of_schedule(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: Statuses = None,
) -> Page[ChangeRow]:
    """Newest first."""
    with commands.log.pool.connection() as connection:
        known_schedule(connection, schedule_id)
        which = ChangeFilter(schedule_id=schedule_id, status=tuple(status or ()), clients=bounds.clients)
        return change_page(connection, paging, which)


@get(
    "/changes",
    operation_id="list_changes",
    summary="The inbox of changes",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ChangeRow], examples.page_of(examples.CHANGE)),
)
def list_changes(
    *,
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: Statuses = None,
    needs: Needs = None,
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    schedule_id: IdFilter = None,
    show_id: IdFilter = None,
    unseen: FromQuery[bool] = False,
) -> Page[ChangeRow]:
    """Changes of every schedule, newest first. `unseen`: applied without asking the client, which has not
    acknowledged them yet."""
    which = ChangeFilter(
        status=tuple(status or ()),
        needs=needs,
        clients=bounds.clients,
        client_id=client_id,
        studio_id=studio_id,
        schedule_id=schedule_id,
        show_id=show_id,
        unseen=unseen,
    )
    with commands.log.pool.connection() as connection:
        return change_page(connection, paging, which)


@get(
    "/changes/counts",
    operation_id="count_changes",
    summary="How many changes wait for whom?",
    sync_to_thread=True,
    responses=examples.answers(200, ChangeCounts, examples.CHANGE_COUNTS),
)
def count_changes(
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    schedule_id: IdFilter = None,
) -> ChangeCounts:
    """What waits for the client, for the studio, and what the client has not acknowledged."""
    which = ChangeFilter(
        clients=bounds.clients, client_id=client_id, studio_id=studio_id, schedule_id=schedule_id
    )
    with commands.log.pool.connection() as connection:
        return changes.counts(connection, which)


@get(
    "/changes/{change_id:str}",
    operation_id="get_change",
    summary="Get a change",
    sync_to_thread=True,
    responses=examples.answers(200, ChangeRow, examples.CHANGE),
)
def get_change(
    change_id: FromPath[str], commands: NamedDependency[Commands], bounds: NamedDependency[Bounds]
) -> Response[ChangeRow]:
    """What it asks for, and what became of it."""
    with commands.log.pool.connection() as connection:
        row = known(connection, change_id, bounds.clients)
    return Response(row, headers=etag(row.version))


@get(
    "/changes/{change_id:str}/preview",
    operation_id="preview_change",
    summary="What would approving a change do?",
    sync_to_thread=True,
    responses=examples.answers(200, PreviewShown, examples.CHANGE_PREVIEW) | DECIDED,
)
def preview(
    change_id: FromPath[str],
    commands: NamedDependency[Commands],
    request: Request[Principal, Any, Any],
) -> PreviewShown:
    """Its diff and what is in its way: the approval itself, rolled back."""
    return _preview(commands, request, change_id)


@get(
    "/schedules/{schedule_id:str}/changes/{change_id:str}/preview",
    operation_id="preview_schedule_change",
    summary="What would approving a change of this schedule do?",
    sync_to_thread=True,
    responses=examples.answers(200, PreviewShown, examples.CHANGE_PREVIEW) | DECIDED,
)
def preview_of_schedule(
    schedule_id: FromPath[str],
    change_id: FromPath[str],
    commands: NamedDependency[Commands],
    request: Request[Principal, Any, Any],
) -> PreviewShown:
    """The same, by its schedule."""
    return _preview(commands, request, change_id, schedule_id)


# --- deciding


@post(
    "/changes/{change_id:str}/approve",
    operation_id="approve_change",
    summary="Approve a change",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ChangeRow, {**examples.CHANGE, "status": "approved"}),
)
def approve(
    change_id: FromPath[str],
    data: Annotated[Decision, examples.body(examples.DECISION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
    request: Request[Principal, Any, Any],
) -> Response[ChangeRow]:
    """Applies every operation, or refuses it whole: with the conflicts, or with the fields that moved since
    it was asked for (`change_conflict`)."""

    def encode(applied: Applied) -> bytes:
        return msgspec.json.encode(_answer(applied.schedule, applied.change))

    done = applying.approve(
        commands,
        posting.context("change.approve", reason=data.note.strip() or None),
        schedule_of(commands, change_id),
        change_id,
        note=data.note,
        check=partial(access.check_change, request.user),
        encode=encode,
    )
    return respond(done if isinstance(done, Replayed) else _answer(done.schedule, done.change))


@post(
    "/changes/{change_id:str}/reject",
    operation_id="reject_change",
    summary="Reject a change",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ChangeRow, {**examples.CHANGE, "status": "rejected"}),
)
def reject(
    change_id: FromPath[str],
    data: Annotated[Decision, examples.body(examples.DECISION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
    request: Request[Principal, Any, Any],
) -> Response[ChangeRow]:
    """Turns it down: the plan stays as it is."""

    def decide(schedule: Schedule, change: Change) -> list[Any]:
        on_behalf = access.check_change(request.user, schedule, change)
        return deciding.reject(schedule, change_id, note=data.note, on_behalf=on_behalf)

    return _decided(commands, posting, "reject", change_id, data, decide)


@post(
    "/changes/{change_id:str}/withdraw",
    operation_id="withdraw_change",
    summary="Withdraw a change",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ChangeRow, {**examples.CHANGE, "status": "withdrawn"}),
)
def withdraw(
    change_id: FromPath[str],
    data: Annotated[Decision, examples.body(examples.DECISION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ChangeRow]:
    """Takes the request back before it is decided."""

    def decide(schedule: Schedule, change: Change) -> list[Any]:
        access.check_withdrawing(posting.user, schedule, change)
        return deciding.withdraw(schedule, change_id, note=data.note)

    return _decided(commands, posting, "withdraw", change_id, data, decide)


@post(
    "/changes/{change_id:str}/acknowledge",
    operation_id="acknowledge_change",
    summary="Acknowledge a change",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ChangeRow, {**examples.CHANGE, "status": "approved", "needs": "none"}),
)
def acknowledge(
    change_id: FromPath[str],
    data: Annotated[Decision, examples.body(examples.DECISION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ChangeRow]:
    """The client has seen a change that was applied without asking."""

    def decide(schedule: Schedule, _: Change) -> list[Any]:
        return deciding.acknowledge(schedule, change_id, note=data.note)

    return _decided(commands, posting, "acknowledge", change_id, data, decide)


# --- what they share


def known(connection: Connection[Any], change_id: str, clients: tuple[str, ...] | None = None) -> ChangeRow:
    """A change's row, as users of these clients see it. Raises NotFound."""
    row = changes.one(connection, change_id, clients)
    if row is None:
        raise NotFound(f"no change {change_id}")
    return row


def schedule_of(commands: Commands, change_id: str) -> str:
    """The schedule that a change is of, which never changes. Raises NotFound."""
    with commands.log.pool.connection() as connection:
        return known(connection, change_id).schedule_id


def change_page(connection: Connection[Any], paging: Paging, which: ChangeFilter) -> Page[ChangeRow]:
    """One page of changes, newest first. Raises Invalid for a wrong cursor."""
    paging = paging.sorted_by("-proposed_at")
    rows = changes.listed(connection, which, after=paging.after(tuple[datetime, str]), limit=paging.fetch)
    return paging.page(rows, lambda row: (row.proposed_at, row.id), changes.total(connection, which))


def _decided(  # noqa: PLR0917 - all of one request
    commands: Commands,
    caller: Caller,
    command: str,
    change_id: str,
    data: Decision,
    decide: Callable[[Schedule, Change], list[Any]],
) -> Response[ChangeRow]:
    schedule_id = schedule_of(commands, change_id)

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule(schedule_id)
        change = deciding.find_change(schedule, change_id)
        unit.match(change.version)
        unit.append(schedule, decide(schedule, change), cause=change_id)
        if caller.user.clients is None:
            return _answer(schedule, change)
        called = clients_view(
            unit.tx.stream(schedule_id)
        ).name  # A reopened plan may be called otherwise now.
        row = msgspec.structs.replace(change_row(schedule, change), schedule_name=called)
        return answer(row, version=row.version)

    return run(commands, caller.context(f"change.{command}", reason=data.note.strip() or None), work)


def _answer(schedule: Schedule, change: Change) -> Answer:
    return answer(change_row(schedule, change), version=change.version)


def _preview(
    commands: Commands, request: Request[Principal, Any, Any], change_id: str, schedule_id: str | None = None
) -> PreviewShown:
    holder = schedule_of(commands, change_id)
    if schedule_id not in {None, holder}:
        raise NotFound(f"no change {change_id}")
    context = Context(
        actor=Actor(request.user.id, request.user.name),
        command="change.preview",
        request_id=request_id(request.scope),
    )
    found = applying.preview(commands, context, holder, change_id)
    diff = found.differences
    return PreviewShown(
        change=change_row(found.before, found.change),
        applies=not found.conflicts and not found.moved,
        diff=Diff(
            added=[show_row(found.after, show) for show in diff.added],
            removed=[show_row(found.before, show) for show in diff.removed],
            changed=diff.changed,
        ),
        conflicts=masked(found.conflicts, request.user.clients),
        moved=list(found.moved),
    )


routes = Router(
    "/",
    route_handlers=[
        propose,
        list_of_schedule,
        list_changes,
        count_changes,
        get_change,
        preview,
        preview_of_schedule,
        approve,
        reject,
        withdraw,
        acknowledge,
    ],
    dependencies=CALLERS,
    tags=["changes"],
)
