"""/api/v1/schedules/{id}/propose, approve, reject, withdraw and confirm: from a plan to bookings."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api import access
from api.commanding import CALLERS, Answer, Caller, answer, respond, run
from api.http import examples
from api.http.security import Principal
from api.resources.schedules import MOST_SHOWS, on_schedule
from domain import confirming
from domain.application import Commands, Unit
from domain.confirming import Confirmation
from domain.event_log import Replayed
from domain.events import ScheduleEvent
from domain.schedule import proposal
from domain.schedule.booking import Refused
from domain.schedule.planning import Id, Note
from domain.schedule.state import Schedule
from projections.as_it_was import schedule_row
from projections.schedules import ScheduleRow

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Label = Annotated[str, Meta(max_length=300)]


class Propose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to tell those who decide."""

    note: Note = ""
    label: Label = ""


class Approve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version is agreed to."""

    version: Number
    note: Note = ""


class Reject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version is sent back, and why."""

    version: Number
    reason: Note


class Confirm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which drafts to book (all, unless named), and whether one that can't be stops the others."""

    show_ids: Annotated[tuple[Id, ...], Meta(max_length=10 * MOST_SHOWS)] | None = None
    mode: Literal["all_or_nothing", "best_effort"] = "all_or_nothing"
    dry_run: bool = False


class Confirmed(Struct, frozen=True, kw_only=True):
    """Ids of the shows booked, by start, then id; those refused, with all that is in their way."""

    confirmed: tuple[str, ...]
    refused: tuple[Refused, ...]
    dry_run: bool
    schedule: ScheduleRow


@post(
    "/{schedule_id:str}/propose",
    operation_id="propose_schedule",
    summary="Propose a schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, examples.SCHEDULE),
)
def propose(
    schedule_id: FromPath[str],
    data: Annotated[Propose, examples.body(examples.PROPOSE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Freezes the plan as its next version and asks for agreement."""

    return run(commands, posting.context("schedule.propose"), on_schedule(schedule_id, proposing(data)))


@post(
    "/{schedule_id:str}/approve",
    operation_id="approve_schedule",
    summary="Approve the proposed version",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "approved_version": 1}),
)
def approve(
    schedule_id: FromPath[str],
    data: Annotated[Approve, examples.body(examples.APPROVE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Agrees to the current version. Where the client must, an administrator does it on its behalf."""

    decide = approving(data, posting.user)
    return run(commands, posting.context("schedule.approve"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/reject",
    operation_id="reject_schedule",
    summary="Reject the proposed version",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "draft"}),
)
def reject(
    schedule_id: FromPath[str],
    data: Annotated[Reject, examples.body(examples.REJECT)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Sends the current version back to draft, with the reason."""

    context = posting.context("schedule.reject", reason=data.reason.strip())
    return run(commands, context, on_schedule(schedule_id, rejecting(data, posting.user)))


@post(
    "/{schedule_id:str}/withdraw",
    operation_id="withdraw_schedule",
    summary="Withdraw the proposal",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "draft"}),
)
def withdraw(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Takes the proposal back to draft, so that the plan can be edited."""

    return run(commands, posting.context("schedule.withdraw"), on_schedule(schedule_id, withdrawing()))


@post(
    "/{schedule_id:str}/confirm",
    operation_id="confirm_schedule",
    summary="Book the drafts of a schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, Confirmed, examples.CONFIRMED),
)
def confirm(
    schedule_id: FromPath[str],
    data: Annotated[Confirm, examples.body(examples.CONFIRM)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[Confirmed]:
    """Promotes drafts to bookings that hold their room and creators. All or nothing answers 409 `conflicts`
    with every blocking conflict; best effort books what it can, by start, then id. A dry run reports what
    the command would do, and does nothing."""
    done = confirming.confirm(
        commands,
        posting.context("schedule.confirm", dry_run=data.dry_run),
        schedule_id,
        show_ids=data.show_ids,
        best_effort=data.mode == "best_effort",
        encode=lambda confirmation: msgspec.json.encode(confirmed(confirmation)),
    )
    return respond(done if isinstance(done, Replayed) else confirmed(done))


# --- what standalone shows share: their schedule is agreed and booked by the same decisions

Decide = Callable[[Unit, Schedule], Sequence[ScheduleEvent]]


def proposing(data: Propose) -> Decide:
    """The decision of propose."""
    return lambda _, schedule: proposal.propose(schedule, note=data.note, label=data.label)


def approving(data: Approve, user: Principal) -> Decide:
    """The decision of approve."""

    def decide(unit: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        on_behalf = access.check_version(user, unit, schedule, data.version)
        return proposal.approve(schedule, data.version, on_behalf=on_behalf, note=data.note)

    return decide


def rejecting(data: Reject, user: Principal) -> Decide:
    """The decision of reject."""

    def decide(unit: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        on_behalf = access.check_version(user, unit, schedule, data.version)
        return proposal.reject(schedule, data.version, data.reason, on_behalf=on_behalf)

    return decide


def withdrawing() -> Decide:
    """The decision of withdraw."""
    return lambda _, schedule: proposal.withdraw(schedule)


def confirmed(done: Confirmation, *, version: int | None = None) -> Answer:
    """The answer to a confirmation; `version` is the addressed resource's where it isn't the schedule."""
    value = Confirmed(
        confirmed=done.confirmed,
        refused=done.refused,
        dry_run=done.dry_run,
        schedule=schedule_row(done.schedule),
    )
    return answer(value, version=None if done.dry_run else version or done.schedule.version)


routes = Router(
    "/schedules",
    route_handlers=[propose, approve, reject, withdraw, confirm],
    dependencies=CALLERS,
    tags=["proposals"],
)
