"""Closures and time off over a real database: what they hold, what they wait for, who may enter."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.application import Commands
from domain.errors import DomainError, HasConflicts
from domain.registry.commanding import bookings_named
from domain.registry.entities import NewCreatorTimeOff, NewRoomClosure
from domain.schedule.planning import NewShow
from projections import rebuild
from tests.databases import Database, commands_over, created, pool_over
from tests.spec import NOW, Clock, context
from tests.world import MAY, World, show

HOUR = timedelta(hours=1)
Held = list[tuple[str, float, float]]


@pytest.fixture
def world(commands: Commands) -> World:
    return World.make(commands)


def booked(world: World, *shows: Any) -> str:
    """A confirmed plan of these shows."""
    plan = world.open()
    world.draft(plan.id, shows)
    world.propose(plan.id)
    world.confirm(plan.id)
    return plan.id


def wish(world: World, hour: float) -> NewShow:
    """A show that wants the first room and the first creator."""
    return show(hour=hour, room_id=world.rooms[0], creators=(world.creators[0],))


def off(world: World, start: float, end: float, *, re_plan: bool = False) -> str:
    """The first creator is away for these hours."""
    body = NewCreatorTimeOff(
        creator_id=world.creators[0],
        start=MAY + start * HOUR,
        end=MAY + end * HOUR,
        reason="Surgery",
        re_plan=re_plan,
    )
    with bookings_named(world.commands):
        return world.create("timeoff", body).id


def close(world: World, start: float, end: float, *, re_plan: bool = False) -> str:
    """The first room is closed for these hours."""
    body = NewRoomClosure(
        room_id=world.rooms[0],
        start=MAY + start * HOUR,
        end=MAY + end * HOUR,
        reason="Paint",
        re_plan=re_plan,
    )
    with bookings_named(world.commands):
        return world.create("closure", body).id


def held(world: World, resource: str) -> Held:
    """Kind and hours of all that holds a room or creator."""
    with world.commands.log.pool.connection() as connection:
        rows = connection.execute(
            "SELECT kind, lower(during), upper(during) FROM occupancy WHERE resource_id = %s ORDER BY 2",
            (resource,),
        ).fetchall()
    return [(kind, _hours(start), _hours(end)) for kind, start, end in rows]


def _hours(moment: datetime) -> float:
    return (moment - MAY) / HOUR


def refusals(refused: pytest.ExceptionInfo[HasConflicts]) -> list[tuple[str, str, str]]:
    return [(f.code, f.other.name, f.other.status) for f in refused.value.extra["conflicts"]]


def test_time_off_holds_its_creator_and_stands_in_the_way(world: World) -> None:
    first, second = off(world, 0, 2), off(world, 1, 3)
    assert held(world, world.creators[0]) == [("closure", 0, 3)]
    with pytest.raises(HasConflicts) as refused:
        booked(world, show(hour=2.5, creators=(world.creators[0],)))
    assert refusals(refused) == [("creator_unavailable", "Surgery", "unavailable")]
    world.delete("timeoff", second)
    booked(world, show(hour=2.5, creators=(world.creators[0],)))
    world.delete("timeoff", first)
    assert held(world, world.creators[0]) == [("show", 2.5, 3.5)]


def test_time_off_over_a_booking_is_refused_and_names_it(world: World) -> None:
    booked(world, show(hour=1, creators=(world.creators[0],)))
    with pytest.raises(HasConflicts) as refused:
        off(world, 0, 4)
    assert refusals(refused) == [("creator_unavailable", "Launch", "confirmed")]
    assert held(world, world.creators[0]) == [("show", 1, 2)]


def test_a_closure_that_re_plans_waits_for_bookings_and_frees_none(world: World) -> None:
    plan = booked(world, show(hour=1, room_id=world.rooms[0]), show("Talk", 3, room_id=world.rooms[0]))
    first, second = sorted(
        world.commands.do(context(), lambda u: u.schedule(plan)).live_shows(), key=lambda s: s.start
    )
    close(world, 0, 5, re_plan=True)
    assert held(world, world.rooms[0]) == [
        ("closure", 0, 1),
        ("show", 1, 2),
        ("closure", 2, 3),
        ("show", 3, 4),
        ("closure", 4, 5),
    ]
    world.cancel_show(plan, first.id)
    assert held(world, world.rooms[0]) == [("closure", 0, 3), ("show", 3, 4), ("closure", 4, 5)]
    world.start(plan, second.id)
    world.complete(plan, second.id, MAY + 3.5 * HOUR)
    assert held(world, world.rooms[0]) == [("closure", 0, 3), ("show", 3, 3.5), ("closure", 3.5, 5)]


def test_a_closure_can_stop_re_planning_only_when_no_booking_is_left_in_it(world: World) -> None:
    plan = booked(world, show(hour=1, room_id=world.rooms[0]))
    closure = close(world, 0, 5, re_plan=True)
    with pytest.raises(HasConflicts), bookings_named(world.commands):
        world.update("closure", closure, re_plan=False)
    world.cancel(plan)
    world.update("closure", closure, re_plan=False)
    assert held(world, world.rooms[0]) == [("closure", 0, 5)]


STEPS = st.lists(st.integers(0, 2**32 - 1), min_size=20, max_size=40)


def test_nothing_enters_a_span_once_it_is_closed(server: str, template: str) -> None:
    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(STEPS)
    def any_order(seeds: list[int]) -> None:
        with created(server, template) as database, pool_over(database) as pool:
            _play(World.make(commands_over(pool, Clock(NOW))), database, seeds)

    any_order()


def _play(world: World, database: Database, seeds: list[int]) -> None:
    """Bookings come and go, also by changes of the whole plan; after each command no booking has more of a
    closed hour than it had before, and all else of it is closed."""
    world.commands.conflict_check = False
    plans = [
        booked(world, show(hour=h, room_id=world.rooms[0], creators=(world.creators[0],))) for h in (1, 3, 5)
    ]
    close(world, 0, 4, re_plan=True)
    off(world, 2, 6, re_plan=True)
    before = _inside(world)
    for seed in seeds:
        random = Random(seed)  # noqa: S311 - not a secret
        with suppress(DomainError):
            _step(world, plans, random)
        after = _inside(world)
        assert set(after) <= set(before)
        before = after
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        assert rebuild.verify(owner).drifts == {}


def _step(world: World, plans: list[str], random: Random) -> None:
    plan = random.choice(plans)
    match random.randrange(5):
        case 0:
            hour = random.randrange(16) / 2
            plans.append(
                booked(world, show(hour=hour, room_id=world.rooms[0], creators=(world.creators[0],)))
            )
        case 1:
            for each in world.commands.do(context(), lambda u: u.schedule(plan)).live_shows():
                world.start(plan, each.id)
        case 2:
            for each in world.commands.do(context(), lambda u: u.schedule(plan)).live_shows():
                world.complete(plan, each.id, each.end - timedelta(minutes=random.choice([0, 30])))
        case 3:
            world.cancel(plan)
        case _:
            for each in world.commands.do(context(), lambda u: u.schedule(plan)).live_shows():
                world.cancel_show(plan, each.id)


def _inside(world: World) -> list[tuple[str, int]]:
    """Half hours of the closed spans that bookings still hold; every other one is held by the closure."""
    found: list[tuple[str, int]] = []
    for resource, first, last in ((world.rooms[0], 0, 8), (world.creators[0], 4, 12)):
        taken = {half: kind for kind, start, end in held(world, resource) for half in _halves(start, end)}
        assert set(range(first, last)) <= set(taken)
        found += [(resource, half) for half in range(first, last) if taken[half] == "show"]
    return found


def _halves(start: float, end: float) -> Iterator[int]:
    return iter(range(int(start * 2), int(end * 2)))
