"""What a planner's look at conflicts takes: all of them over a whole house, the ways out of a month's, and
the check of one show while its bar is dragged. Measured alone, at sizes ten times apart, for how it grows."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from msgspec import Struct
from msgspec.structs import replace

from api.bench import world
from api.bench.world import World
from api.checking import CheckedShow
from api.http.security import Bounds
from api.resources.conflicts import Check, Findings, check_conflicts, list_conflicts
from domain.application import Commands
from domain.schedule.planning import NewShow

SHOWS: Final = 1_000
"""Drafts in a plan of the house."""
MONTH: Final = 250
"""Drafts in the plan that has a hundred conflicts."""
_ONE_IN: Final = 10
_LATE: Final = timedelta(hours=1, minutes=30)


class Timed(Struct, frozen=True, kw_only=True):
    """One row at one size: the median of so many runs, and what it found. `cpu_ms` is processor time of this
    process, the database's not counted: it changes little with what else the machine does."""

    row: str
    bookings: int
    runs: int
    ms: float
    cpu_ms: float
    found: int


def measure(
    commands: Commands, house: World, bookings: int, runs: int, settle: Callable[[], object]
) -> Iterator[Timed]:
    """Every row. As many drafts as there are bookings lie between them; of ten, one runs into a booking and
    one wants what another draft wants. The month is the first plan of them."""
    gc.freeze()  # As the server does before it serves.
    first = min(MONTH, bookings)
    month = [_draft(house, number) for number in range(first)]
    plan = world.draft(commands, house, 0, month)
    settle()
    yield _timed("conflicts of a month", bookings, runs, partial(_conflicts, commands, [plan], False))
    yield _timed("with suggestions", bookings, runs, partial(_conflicts, commands, [plan], True))
    for row, suggestions in (("check of one show", False), ("check with suggestions", True)):
        check = partial(_check, commands, plan, replace(month[0], external_id=None), suggestions)
        yield _timed(row, bookings, 5 * runs, check)
    plans = [plan]
    for start in range(first, bookings, SHOWS):
        numbers = range(start, min(start + SHOWS, bookings))
        plans.append(world.draft(commands, house, start // SHOWS + 1, [_draft(house, n) for n in numbers]))
    settle()
    yield _timed("conflicts of the house", bookings, runs, partial(_conflicts, commands, plans, False))


def growth(timed: list[Timed]) -> dict[str, float]:
    """For each row the time at the largest size over that at the one before it."""
    rows: dict[str, list[Timed]] = {}
    for each in timed:
        rows.setdefault(each.row, []).append(each)
    return {
        row: round(each[-1].ms / each[-2].ms, 2)
        for row, each in rows.items()
        if len(each) > 1 and each[-2].ms
    }


def _draft(house: World, number: int) -> NewShow:
    twin = number - 1 if number % _ONE_IN == _ONE_IN // 2 else number
    show = house.show(f"W-{number:06}", house.between(twin))
    late = _LATE if number % _ONE_IN == 0 else timedelta()
    return replace(show, start=show.start + late, end=show.end + late)


def _conflicts(commands: Commands, plans: list[str], suggestions: bool) -> int:
    return sum(
        len(cast(Findings, list_conflicts.fn(plan, commands, Bounds(), suggestions)).items) for plan in plans
    )


def _check(commands: Commands, plan: str, show: NewShow, suggestions: bool) -> int:
    fields: dict[str, Any] = {name: getattr(show, name) for name in show.__struct_fields__}
    asked = Check((CheckedShow(**fields, schedule_id=plan),), suggestions)
    return len(cast(Findings, check_conflicts.fn(asked, commands, Bounds())).items)


def _timed(row: str, bookings: int, runs: int, work: Callable[[], int]) -> Timed:
    found = work()
    if not found:
        raise AssertionError(f"{row}: nothing was found, so it measures something else")
    spent: list[float] = []
    worked: list[float] = []
    for _ in range(runs):
        began, busy = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    ms, cpu_ms = (round(statistics.median(each), 1) for each in (spent, worked))
    return Timed(row=row, bookings=bookings, runs=runs, ms=ms, cpu_ms=cpu_ms, found=found)
