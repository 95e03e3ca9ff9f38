"""A schedule that somebody looks at: its row, what may be done about it, how its times and names are told."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from api.http.security import Bounds, Principal
from api.resources import schedules
from api.web.frame.rendering import words
from api.web.frame.times import StudioTime
from api.web.plans import acts
from api.web.plans.decisions import Decisions, decisions
from api.web.timeline import Telling
from domain.application import Commands
from domain.errors import NotFound
from domain.registry.entities import BY_KIND
from domain.schedule.state import Schedule
from projections import registry
from projections.as_it_was import schedule_as_of
from projections.schedules import ScheduleRow


class Opened(Struct, frozen=True, kw_only=True):
    """A plan that is looked at: its `row` as the user sees it, the plan itself for what may be done."""

    request: Request[Principal, Any, Any]
    commands: Commands
    bounds: Bounds
    row: ScheduleRow
    plan: Schedule
    studio: Any
    time: StudioTime
    telling: Telling
    acts: frozenset[str]
    decided: Decisions

    @property
    def years(self) -> tuple[int, int]:
        """Those that one expects its shows in."""
        return self.row.start_date.year, self.row.end_date.year

    def link(self, **asked: Any) -> str:
        """The address of a part of it."""
        given = {name: value for name, value in asked.items() if value}
        return f"/schedules/{self.row.id}?{urlencode(given)}" if given else f"/schedules/{self.row.id}"


def open_plan(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    schedule_id: FromPath[str],
) -> Opened:
    """The plan, and what this user may do about it. Raises NotFound."""
    history = commands.log.stream(schedule_id) if schedule_id.startswith("schedule_") else []
    if not history:
        raise NotFound(f"no schedule {schedule_id}")
    plan = schedule_as_of(history)
    with commands.log.pool.connection() as connection:
        row = schedules.known(connection, schedule_id, bounds.clients)
        studio: Any = registry.find(connection, BY_KIND["studio"], row.studio_id)
        rules = commands.references.studio(connection, row.studio_id)
    t = words(request)
    time = StudioTime(studio.time_zone, studio.day_start, t.language)
    return Opened(
        request=request,
        commands=commands,
        bounds=bounds,
        row=row,
        plan=plan,
        studio=studio,
        time=time,
        telling=Telling(time, t, bounded=bounds.clients is not None),
        acts=acts.acts(request.user, plan, rules),
        decided=decisions(history),
    )


OPENED: Final = {"opened": Provide(open_plan, sync_to_thread=True)}
"""For pages that are about the plan of their address and nothing else."""
