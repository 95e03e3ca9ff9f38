"""/api/v1/opening-hours/bulk: the same opening hours on several weekdays, a row for each, all or none."""

from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Response, Router, post
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from api.http.declared import row_example
from domain.application import Commands, Unit
from domain.conflicts import Hit
from domain.registry import commanding, replanning
from domain.registry.entities import BY_KIND, NewWeek
from projections import registry

_HOURS: Final = BY_KIND["hours"]
_NEW: Final = {
    "studio_id": _HOURS.example["studio_id"],
    "weekdays": [1, 2, 3, 4, 5],
    "opens": "09:00",
    "closes": "26:00",
}
_ROW: Final = {**row_example(_HOURS), "opens": "09:00", "closes": "26:00"}
_WRITTEN: Final = {
    "items": [
        {**_ROW, "id": f"hours_01kaw3h5q0e9vtzf8r2d7x6m4{letter}", "weekday": weekday}
        for weekday, letter in enumerate("bcdef", 1)
    ]
}

WeekWritten: Any = msgspec.defstruct(
    "OpeningHoursWeek",
    [
        ("items", tuple[cast(Any, _HOURS.shape), ...]),
        ("hit", tuple[Hit, ...] | UnsetType, UNSET),
        ("changes", tuple[str, ...] | UnsetType, UNSET),
    ],
    namespace={
        "__doc__": "The rows, in the order of the weekdays asked for; with `re_plan` also the bookings"
        " they hit and the changes opened for them."
    },
    module=__name__,
    frozen=True,
    kw_only=True,
)


@post(
    "/bulk",
    operation_id="create_opening_hours_bulk",
    summary="Create the same opening hours on several weekdays",
    sync_to_thread=True,
    responses=examples.answers(201, WeekWritten, _WRITTEN),
)
def create_week(
    data: Annotated[NewWeek, examples.body(_NEW)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[Any]:
    """A row for each weekday, all of them or none. Whether they overlap and which bookings would be outside
    is asked of all of them together, so that a studio in use gets its week at once. With `re_plan` each
    schedule that is hit gets one change, whose cause is the first row."""

    def work(unit: Unit) -> Answer:
        done = replanning.laid_week(unit, lambda: commanding.create_week(unit, data))
        items = tuple(registry.shaped(_HOURS, row) for row in done.rows)
        told = {"hit": done.hit, "changes": done.changes} if data.re_plan else {}
        return answer(WeekWritten(items=items, **told), status=201)

    return run(commands, posting.context("hours.create"), work)


routes: Final = Router(
    f"/{_HOURS.path}", route_handlers=[create_week], dependencies=CALLERS, tags=[_HOURS.path]
)
