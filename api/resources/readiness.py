"""/api/v1/schedules/{id}/readiness: what the shows of a schedule still lack."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.http import examples
from api.http.security import Bounds
from api.resources.schedules import known
from api.resources.shows import Readiness, readiness_of
from domain.application import Commands
from projections import shows
from projections.shows import ShowFilter

_AHEAD = ("draft", "confirmed")


class ScheduleReadiness(Struct, frozen=True, kw_only=True):
    """The drafts and bookings that still lack something, by start. It blocks nothing."""

    schedule_id: str
    ready: bool
    shows: list[Readiness]


@get(
    "/schedules/{schedule_id:str}/readiness",
    operation_id="get_schedule_readiness",
    summary="What do the shows of a schedule still lack?",
    tags=["schedules"],
    sync_to_thread=True,
    responses=examples.answers(200, ScheduleReadiness, examples.SCHEDULE_READINESS),
)
def schedule_readiness(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], bounds: NamedDependency[Bounds]
) -> ScheduleReadiness:
    """Rooms, creators and platforms that are still missing from shows to come."""
    with commands.log.pool.connection() as connection:
        known(connection, schedule_id)
        which = ShowFilter(schedule_id=schedule_id, status=_AHEAD, clients=bounds.clients)
        rows = shows.listed(connection, which)
    lacking = [each for row in rows if not (each := readiness_of(row)).ready]
    return ScheduleReadiness(schedule_id=schedule_id, ready=not lacking, shows=lacking)
