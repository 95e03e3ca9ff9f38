"""/api/v1/schedules/{id}/duplicate: a new draft like an old plan."""

from typing import Annotated

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import asdict

from api import referring
from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from domain.application import Commands, Unit
from domain.schedule import duplicating
from domain.schedule.duplicating import Duplicate
from domain.schedule.planning import NewSchedule
from projections.as_it_was import schedule_row
from projections.schedules import ScheduleRow


class DuplicatedSchedule(ScheduleRow, frozen=True, kw_only=True):
    """The new schedule; `left_out` counts the shows that have no place in its period."""

    left_out: int


@post(
    "/{schedule_id:str}/duplicate",
    operation_id="duplicate_schedule",
    summary="Duplicate a schedule",
    sync_to_thread=True,
    responses=examples.answers(201, DuplicatedSchedule, {**examples.SCHEDULE, "left_out": 0}),
)
def duplicate(
    schedule_id: FromPath[str],
    data: Annotated[Duplicate, examples.body(examples.DUPLICATE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[DuplicatedSchedule]:
    """Opens a new draft with the same shows, but for those cancelled or removed, at the same local times.
    `days` moves them by the days between the starts of the two periods, `weeks` by the whole weeks between
    them, `same_weekdays` from the n-th weekday of a month to the n-th one: those without a place in the new
    period are left out. Without `end_date` whole months stay whole months, and other periods as long as
    they were. External ids are not copied."""

    def work(unit: Unit) -> Answer:
        source = unit.schedule(schedule_id)
        unit.match(source.version)
        studio = unit.studio(source.studio_id)
        copy = duplicating.duplicate(source, data, studio=studio, new_id=unit.new_id)
        opened = copy.opened
        new = NewSchedule(
            name=opened.name,
            studio_id=opened.studio_id,
            client_id=opened.client_id,
            start_date=opened.start_date,
            end_date=opened.end_date,
        )
        referring.check_schedule(unit, new)
        schedule = unit.append(unit.open([opened]), copy.drafted)
        value = DuplicatedSchedule(**asdict(schedule_row(schedule)), left_out=copy.left_out)
        location = f"/api/v1/schedules/{schedule.id}"
        return answer(value, status=201, version=schedule.version, location=location)

    return run(commands, posting.context("schedule.duplicate"), work)


routes = Router("/schedules", route_handlers=[duplicate], dependencies=CALLERS, tags=["schedules"])
