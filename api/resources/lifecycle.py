"""/api/v1/schedules/{id}/archive, unarchive, reopen, park, resume and restore; DELETE: put away and back."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Response, Router, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api import referring
from api.commanding import CALLERS, Caller, run
from api.http import examples
from api.resources.schedules import on_schedule
from domain.application import Commands, Unit
from domain.events import ScheduleEvent
from domain.schedule import lifecycle
from domain.schedule.planning import Id
from domain.schedule.state import Schedule
from projections.schedules import ScheduleRow


class Park(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which status it is set aside: `other` or one of your own, by key or id."""

    status_id: Id


@post(
    "/{schedule_id:str}/archive",
    operation_id="archive_schedule",
    summary="Archive a schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "archived"}),
)
def archive(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Puts a confirmed schedule away once every show of it is completed or cancelled."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.archive(schedule)

    return run(commands, posting.context("schedule.archive"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/unarchive",
    operation_id="unarchive_schedule",
    summary="Take a schedule out of the archive",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "confirmed"}),
)
def unarchive(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Makes an archived schedule a confirmed one again."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.unarchive(schedule)

    return run(commands, posting.context("schedule.unarchive"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/reopen",
    operation_id="reopen_schedule",
    summary="Reopen a cancelled schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "draft"}),
)
def reopen(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Back to draft, with exactly the shows that the cancellation took, as drafts. Nobody has agreed to it
    any more."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.reopen(schedule)

    return run(commands, posting.context("schedule.reopen"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/park",
    operation_id="park_schedule",
    summary="Park a draft",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "other"}),
)
def park(
    schedule_id: FromPath[str],
    data: Annotated[Park, examples.body(examples.PARK)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ScheduleRow]:
    """Sets a draft aside: it takes no edits, and its shows want no room and no creator."""

    def decide(unit: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.park(schedule, referring.check_parking(unit, data.status_id))

    return run(commands, posting.context("schedule.park"), on_schedule(schedule_id, decide))


@post(
    "/{schedule_id:str}/resume",
    operation_id="resume_schedule",
    summary="Take a parked schedule up again",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "draft"}),
)
def resume(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Makes a parked schedule a draft again."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.resume(schedule)

    return run(commands, posting.context("schedule.resume"), on_schedule(schedule_id, decide))


@delete(
    "/{schedule_id:str}",
    operation_id="delete_schedule",
    summary="Delete a schedule",
    status_code=204,
    sync_to_thread=True,
)
def delete_schedule(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], editing: NamedDependency[Caller]
) -> None:
    """Soft, with its shows, and only while no show of it was ever confirmed; restore brings them back."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.delete(schedule)

    run(commands, editing.context("schedule.delete"), on_schedule(schedule_id, decide, deleted=True))


@post(
    "/{schedule_id:str}/restore",
    operation_id="restore_schedule",
    summary="Restore a deleted schedule",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleRow, {**examples.SCHEDULE, "status": "draft"}),
)
def restore(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[ScheduleRow]:
    """Brings a deleted schedule back with the shows that were deleted with it."""

    def decide(_: Unit, schedule: Schedule) -> Sequence[ScheduleEvent]:
        return lifecycle.restore(schedule)

    return run(commands, posting.context("schedule.restore"), on_schedule(schedule_id, decide, deleted=True))


routes = Router(
    "/schedules",
    route_handlers=[archive, unarchive, reopen, park, resume, delete_schedule, restore],
    dependencies=CALLERS,
    tags=["schedules"],
)
