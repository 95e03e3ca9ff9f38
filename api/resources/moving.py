"""/api/v1/shows/{id}/move: a show goes to another schedule, or to stand alone."""

from typing import Annotated

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from domain.application import Commands, Unit
from domain.errors import Invalid, NotFound, StaleVersion
from domain.schedule import moving
from domain.schedule.planning import Id
from domain.schedule.state import Schedule
from projections.as_it_was import show_row
from projections.shows import ShowRow


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the show goes; null for a show of its own."""

    schedule_id: Id | None


@post(
    "/{show_id:str}/move",
    operation_id="move_show",
    summary="Move a show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, ShowRow, {**examples.SHOW, "version": 2}),
)
def move_show(
    show_id: FromPath[str],
    data: Annotated[Move, examples.body(examples.MOVE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ShowRow]:
    """Moves a show to another schedule of the same studio and client, or (null) makes it standalone. Both
    ends must be draft or both confirmed; a standalone show counts by its own status. A confirmed show keeps
    its room and creators, and both ends get a version."""

    def work(unit: Unit) -> Answer:
        source, target = _ends(unit, show_id, data.schedule_id)
        show = source.shows.get(show_id)
        if show is None:
            raise StaleVersion("this show moved a moment ago; try again")
        unit.match(show.version)
        there = target is source or (data.schedule_id is None and source.kind == "single")
        after = source if there else _moved(unit, source, target, show_id)
        return answer(show_row(after, after.shows[show_id]), version=after.shows[show_id].version)

    return run(commands, posting.context("show.move"), work)


def _ends(unit: Unit, show_id: str, to: str | None) -> tuple[Schedule, Schedule | None]:
    """Where the show is and where it goes, both locked at once. Raises NotFound, Invalid."""
    origin = unit.holder(show_id)
    if to is None:
        return unit.schedule(origin), None
    try:
        found = unit.schedules({origin, to})
    except NotFound:
        raise Invalid.field("schedule_id", "unknown_reference", f"{to} is unknown") from None
    return found[origin], found[to]


def _moved(unit: Unit, source: Schedule, target: Schedule | None, show_id: str) -> Schedule:
    """Records both ends; answers the one that has the show now. Raises DomainError."""
    studio = unit.studio(source.studio_id)
    if target is None:
        target = unit.open([moving.alone(source, show_id, studio=studio)])
    else:
        moving.check_move(source, target, show_id)
    show = source.shows[show_id]
    joined = moving.join(target, show, origin=source, studio=studio)
    unit.append(source, moving.leave(source, show_id, target.id))
    return unit.append(target, joined)


routes = Router("/shows", route_handlers=[move_show], dependencies=CALLERS, tags=["shows"])
