"""Closures and time off over a real database: what they hold, what they wait for, who may enter."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.application import Commands, Unit
from domain.applying import approve, named
from domain.errors import DomainError, HasConflicts
from domain.registry import commanding
from domain.registry.commanding import bookings_named
from domain.registry.entities import BY_KIND, NewClient, NewCreatorTimeOff, NewRoomClosure
from domain.registry.replanning import Laid, laid
from domain.schedule import changes
from domain.schedule.changes import NewChange, Update
from domain.schedule.planning import NewShow, ShowPatch
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


def replanned(world: World, start: float, end: float) -> Laid:
    """The first room is closed for these hours, over whatever is booked."""
    body = NewRoomClosure(
        room_id=world.rooms[0], start=MAY + start * HOUR, end=MAY + end * HOUR, reason="Paint", re_plan=True
    )
    entity = BY_KIND["closure"]

    def work(unit: Unit) -> Laid:
        return laid(unit, entity, lambda: commanding.create(unit, entity, body))

    with bookings_named(world.commands):
        return world.commands.do(context(), work)


def test_re_planning_tells_whom_it_hits_and_opens_one_change_a_schedule(world: World) -> None:
    room = world.rooms[0]
    first = booked(world, show("A", 1, room_id=room), show("B", 3, room_id=room))
    second = booked(world, show("C", 5, room_id=room), show("D", 9, room_id=room))
    booked(world, show("E", 1, room_id=world.rooms[1]), show("F", 1, room_id=world.rooms[2]))

    done = replanned(world, 0, 6)

    assert [(hit.name, hit.schedule_id, hit.overlap.minutes) for hit in done.hit] == [
        ("A", first, 60),
        ("B", first, 60),
        ("C", second, 60),
    ]
    assert len(done.changes) == 2
    plans = world.commands.do(context(), lambda unit: unit.schedules([first, second]))
    asked = [change for plan in plans.values() for change in plan.changes.values()]
    kind = ("proposed", "studio", "OPERATIONAL", "RESOURCE_CHANGE", "Room closed: Paint")
    assert {(c.id, c.status, c.needs, c.category, c.change_type, c.reason) for c in asked} == {
        (change_id, *kind) for change_id in done.changes
    }
    set_ = {op.show_id: op.after for change in asked for op in change.operations if op.after}
    after = {hit.name: set_[hit.show_id] for hit in done.hit}
    assert after["A"].start == MAY - HOUR  # its hour is taken in every other room
    assert {after["B"].room_id, after["C"].room_id} <= set(world.rooms[1:])

    for plan_id, plan in plans.items():
        for change_id in plan.changes:
            approve(world.commands, context(), plan_id, change_id, check=lambda *_: False)
    assert held(world, room) == [("show", -1, 0), ("closure", 0, 6), ("show", 9, 10)]


def test_a_schedule_without_a_way_out_is_told_and_asked_nothing(world: World) -> None:
    booked(world, show(hour=0, room_id=world.rooms[0]))
    close(world, -200, 0)
    close(world, 1, 200)
    for room in world.rooms[1:]:
        booked(world, show("Other", 0, room_id=room))
    done = replanned(world, 0, 1)
    assert [(hit.name, hit.change_id) for hit in done.hit] == [("Launch", None)]
    assert done.changes == ()


def test_a_month_is_planned_anew_and_every_change_applies(world: World, database: Database) -> None:
    """A room is closed for a week over 20 bookings of three clients, who keep their creators."""
    clients = [*world.clients, world.create("client", NewClient(name="Coral")).id]
    plans: list[str] = []
    for number, client in enumerate(clients):
        wanted = [
            show(f"{client} {n}", n * 8, hours=2, room_id=world.rooms[0], creators=(world.creators[n % 3],))
            for n in range(20)
            if n % 3 == number
        ]
        plan = world.open(f"Plan {number}", client)
        world.draft(plan.id, wanted)
        world.propose(plan.id)
        world.approve(plan.id, 1)
        world.confirm(plan.id)
        plans.append(plan.id)
        elsewhere = [show(f"R{number} {n}", n * 8 + number, room_id=world.rooms[1]) for n in range(20)]
        booked(world, *elsewhere)

    done = replanned(world, 0, 7 * 24)

    assert len(done.hit) == 20
    assert {hit.schedule_id for hit in done.hit} == set(plans)
    opened = {plan: change for plan in plans for change in asked(world, plan)}
    assert sorted(opened.values()) == sorted(done.changes)
    assert {hit.change_id for hit in done.hit} == set(done.changes)
    for plan, change in reversed(opened.items()):
        approve(world.commands, context(), plan, change, check=lambda *_: False)
    assert [each for each in held(world, world.rooms[0]) if 0 <= each[1] < 7 * 24] == [("closure", 0, 7 * 24)]
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        assert rebuild.verify(owner).drifts == {}


def asked(world: World, plan: str) -> list[str]:
    """The changes of a plan, by id."""
    return list(world.commands.do(context(), lambda unit: unit.schedule(plan)).changes)


def test_shows_that_are_hit_are_not_put_on_top_of_each_other(world: World) -> None:
    """Two shows of one creator, for whom there is the same room before and after."""
    room, creator = world.rooms[0], world.creators[0]
    plan = booked(
        world,
        show("A", 0, room_id=room, creators=(creator,)),
        show("B", 1, room_id=room, creators=(creator,)),
    )
    for other in world.rooms[1:]:
        booked(world, show("Long", -12, hours=24, room_id=other))
    done = replanned(world, 0, 2)
    (change,) = world.commands.do(context(), lambda unit: unit.schedule(plan)).changes.values()
    starts = [_hours(op.after.start) for op in change.operations if op.after and op.after.start]
    assert (sorted(starts), [hit.change_id for hit in done.hit]) == ([-1, 2], [change.id] * 2)


def changed(world: World, plan: str, show_id: str, patch: ShowPatch) -> None:
    """A change of one show, asked for and agreed to."""

    def work(unit: Unit) -> str:
        schedule = unit.schedule(plan)
        events = changes.propose(
            schedule,
            NewChange(
                category="OPERATIONAL",
                type="RESOURCE_CHANGE",
                reason="so",
                operations=(Update(show_id=show_id, set=patch),),
            ),
            studio=unit.studio(world.studio),
            late_change_hours=0,
            approval="studio",
            category="OPERATIONAL",
            change_type="RESOURCE_CHANGE",
            keys={},
            new_id=unit.new_id,
            now=unit.now,
        )
        unit.append(schedule, events)
        return events[0].change_id

    change = world.commands.do(context(), work)
    with named(world.commands, []):
        approve(world.commands, context(), plan, change, check=lambda *_: False)


def test_a_show_in_a_blackout_changes_all_that_is_not_blacked_out(world: World) -> None:
    """Its room or a shorter time while its creator is away; not a longer one, nor does another get them."""
    creator = world.creators[0]
    plan = booked(
        world,
        show("A", 1, hours=2, room_id=world.rooms[0], creators=(creator,)),
        show("B", 4, room_id=world.rooms[0]),
    )
    a, b = sorted(
        world.commands.do(context(), lambda u: u.schedule(plan)).live_shows(), key=lambda s: s.start
    )
    off(world, 0, 6, re_plan=True)
    changed(world, plan, a.id, ShowPatch(room_id=world.rooms[1]))
    changed(world, plan, a.id, ShowPatch(end=MAY + 2 * HOUR))
    assert held(world, creator) == [("closure", 0, 1), ("show", 1, 2), ("closure", 2, 6)]
    assert held(world, world.rooms[1]) == [("show", 1, 2)]
    for show_id, patch in ((a.id, ShowPatch(end=MAY + 3 * HOUR)), (b.id, ShowPatch(creators=(creator,)))):
        with pytest.raises(HasConflicts) as refused:
            changed(world, plan, show_id, patch)
        assert refusals(refused) == [("creator_unavailable", "Surgery", "unavailable")]


def test_a_room_closed_for_ever_leaves_its_shows_other_rooms(world: World) -> None:
    plan = booked(world, show(hour=0, room_id=world.rooms[0]))
    body = NewRoomClosure(
        room_id=world.rooms[0],
        start=datetime(1, 1, 1, tzinfo=UTC),
        end=datetime(9999, 12, 31, tzinfo=UTC),
        reason="Sold",
        re_plan=True,
    )
    entity = BY_KIND["closure"]
    done = world.commands.do(
        context(), lambda unit: laid(unit, entity, lambda: commanding.create(unit, entity, body))
    )
    (change,) = world.commands.do(context(), lambda unit: unit.schedule(plan)).changes.values()
    assert (done.changes, [op.after.room_id for op in change.operations if op.after]) == (
        (change.id,),
        [world.rooms[1]],
    )


def test_closing_races_with_confirming_and_never_loses_a_minute(world: World) -> None:
    """Whoever is first: a booking is hit and told, or it meets a closed room."""
    outcomes: set[str] = set()
    for number in range(8):
        hours = (number * 30, number * 30 + 2)
        plan = world.open()
        world.draft(plan.id, [show(hour=hours[0], room_id=world.rooms[0])])
        world.propose(plan.id)
        barrier = Barrier(2)

        def confirm(plan_id: str = plan.id, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                return bool(world.confirm(plan_id).confirmed)
            except HasConflicts:
                return False

        def close_it(hours: tuple[int, int] = hours, barrier: Barrier = barrier) -> Laid:
            barrier.wait()
            return replanned(world, *hours)

        with ThreadPoolExecutor(2) as threads:
            confirmed, closed = threads.submit(confirm), threads.submit(close_it)
        won = confirmed.result()
        outcomes.add("booked first" if won else "closed first")
        assert [hit.schedule_id for hit in closed.result().hit] == ([plan.id] if won else [])
        there = [each for each in held(world, world.rooms[0]) if hours[0] <= each[1] < hours[1]]
        whole = [("show", hours[0], hours[0] + 1), ("closure", hours[0] + 1, hours[1])]
        assert there == (whole if won else [("closure", *hours)])
    assert outcomes <= {"booked first", "closed first"}


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
