"""/api/v1/shows: draft a show in no plan, and agree and book it by the same commands as a schedule. For a
show in a plan these are 409: its plan is agreed as a whole."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import referring
from api.commanding import CALLERS, Answer, Caller, answer, respond, run
from api.http import examples
from api.http.security import Action, demand
from api.resources import proposals
from api.resources.proposals import Approve, Confirm, Confirmed, Propose, Reject
from domain import confirming
from domain.application import Commands, Unit
from domain.confirming import Confirmation
from domain.event_log import Replayed
from domain.schedule import standalone
from domain.schedule.planning import find_show
from domain.schedule.standalone import NewStandalone
from domain.schedule.state import Schedule
from projections.as_it_was import schedule_row, show_row
from projections.schedules import ScheduleRow
from projections.shows import ShowRow


@post(
    "/",
    operation_id="create_show",
    summary="Draft a standalone show",
    sync_to_thread=True,
    responses=examples.answers(201, ShowRow, examples.STANDALONE),
)
def create_show(
    data: Annotated[NewStandalone, examples.body(examples.NEW_STANDALONE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """A show in no plan: it is approved, booked and in conflict like any other."""

    demand(posting.user, Action.PLAN, studio_id=data.studio_id)

    def work(unit: Unit) -> Answer:
        referring.check_schedule(unit, data)
        keys = referring.check_show(unit, data)
        studio = unit.studio(data.studio_id)
        opened, drafted = standalone.draft_single(data, studio=studio, keys=keys, new_id=unit.new_id)
        schedule = unit.append(unit.open([opened]), [drafted])
        show = schedule.shows[drafted.shows[0].id]
        location = f"/api/v1/shows/{show.id}"
        return answer(show_row(schedule, show), status=201, version=show.version, location=location)

    return run(commands, posting.context("show.draft"), work)


@post(
    "/{show_id:str}/propose",
    operation_id="propose_show",
    summary="Propose a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "kind": "single"}),
)
def propose(
    show_id: FromPath[str],
    data: Annotated[Propose, examples.body(examples.PROPOSE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Freezes the show as its next version and asks for agreement. Answers its schedule of one."""
    return run(commands, posting.context("show.propose"), _on_single(show_id, proposals.proposing(data)))


@post(
    "/{show_id:str}/approve",
    operation_id="approve_show",
    summary="Approve the proposed version of a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "kind": "single"}),
)
def approve(
    show_id: FromPath[str],
    data: Annotated[Approve, examples.body(examples.APPROVE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Agrees to the current version."""
    return run(
        commands,
        posting.context("show.approve"),
        _on_single(show_id, proposals.approving(data, posting.user)),
    )


@post(
    "/{show_id:str}/reject",
    operation_id="reject_show",
    summary="Reject the proposed version of a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "kind": "single", "status": "draft"}),
)
def reject(
    show_id: FromPath[str],
    data: Annotated[Reject, examples.body(examples.REJECT)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Sends the current version back to draft, with the reason."""
    context = posting.context("show.reject", reason=data.reason.strip())
    return run(commands, context, _on_single(show_id, proposals.rejecting(data, posting.user)))


@post(
    "/{show_id:str}/withdraw",
    operation_id="withdraw_show",
    summary="Withdraw the proposal of a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "kind": "single", "status": "draft"}),
)
def withdraw(
    show_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Takes the proposal back to draft, so that the show can be edited."""
    return run(commands, posting.context("show.withdraw"), _on_single(show_id, proposals.withdrawing()))


@post(
    "/{show_id:str}/confirm",
    operation_id="confirm_show",
    summary="Book a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, Confirmed, {**examples.CONFIRMED, "refused": []}),
)
def confirm(
    show_id: FromPath[str],
    data: Annotated[Confirm, examples.body({"dry_run": True})],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[Confirmed]:
    """Makes the show a booking that holds its room and creators: once the client agreed, or straight from
    draft where nobody has to."""

    def shown(done: Confirmation) -> Answer:
        return proposals.confirmed(done, version=done.schedule.shows[show_id].version)

    done = confirming.confirm(
        commands,
        posting.context("show.confirm", dry_run=data.dry_run),
        show_ids=data.show_ids,
        best_effort=data.mode == "best_effort",
        encode=lambda confirmation: msgspec.json.encode(shown(confirmation)),
        load=lambda unit: single_with(unit, show_id),
    )
    return respond(done if isinstance(done, Replayed) else shown(done))


def single_with(unit: Unit, show_id: str) -> Schedule:
    """The schedule of a standalone show; If-Match compares with the show.

    Raises NotFound, IllegalTransition, PreconditionFailed.
    """
    schedule = single(unit, show_id)
    unit.match(find_show(schedule, show_id).version)
    return schedule


def single(unit: Unit, show_id: str) -> Schedule:
    """The schedule of a standalone show. Raises NotFound, IllegalTransition."""
    schedule = unit.schedule_with(show_id)
    standalone.check_single(schedule)
    return schedule


def _on_single(show_id: str, decide: proposals.Decide) -> Callable[[Unit], Answer]:
    """The work of a command that takes one decision about a standalone show's schedule."""

    def work(unit: Unit) -> Answer:
        schedule = single_with(unit, show_id)
        unit.append(schedule, decide(unit, schedule))
        return answer(schedule_row(schedule), version=schedule.shows[show_id].version)

    return work


routes = Router(
    "/shows",
    route_handlers=[create_show, propose, approve, reject, withdraw, confirm],
    dependencies=CALLERS,
    tags=["shows"],
)
