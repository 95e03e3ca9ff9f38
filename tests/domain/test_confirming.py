"""Confirming over a real database: what the locks, the constraint and the events do together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.application import Commands, Unit
from domain.confirming import Confirmation, confirm
from domain.errors import HasConflicts, NotApproved, PreconditionFailed
from domain.event_log import EventLog, Key, Replayed, Taken
from domain.events import Hold
from domain.registry import commanding
from domain.registry.entities import BY_KIND, NewClient, NewCreator, NewRoom, NewRoomClosure, NewStudio
from domain.schedule import planning, proposal
from domain.schedule.planning import NewSchedule, NewShow
from domain.schedule.state import Schedule
from tests.spec import context

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
KEYS = {"other": "other", "standard": "standard"}


class World:
    """A studio that asks no client, one room with buffers and two creators."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self.studio = self.create("studio", NewStudio(name="One", time_zone="UTC", client_approval=False))
        self.room = self.create(
            "room", NewRoom(studio_id=self.studio, name="A", lead_minutes=10, turnaround_minutes=20)
        )
        self.ada = self.create("creator", NewCreator(name="Ada"))
        self.client = self.create("client", NewClient(name="Acme"))

    def create(self, kind: str, body: Any) -> str:
        with commanding.bookings_named(self.commands):
            return self.commands.do(context(), lambda unit: commanding.create(unit, BY_KIND[kind], body)).id

    def proposed(self, *hours: float, client_id: str | None = None, **more: Any) -> Schedule:
        """A proposed schedule with a show of an hour at each of these hours after noon."""

        def work(unit: Unit) -> Schedule:
            studio = unit.studio(self.studio)
            period = {"start_date": date(2026, 5, 1), "end_date": date(2026, 5, 31)}
            new = NewSchedule(name="May", studio_id=self.studio, client_id=client_id, **period)
            schedule = unit.open(planning.open_schedule(new))
            shows = [self.show(hour, **more) for hour in hours]
            unit.append(
                schedule,
                planning.draft_shows(schedule, shows, studio=studio, keys=KEYS, new_id=unit.new_id),
            )
            return unit.append(schedule, proposal.propose(schedule))

        return self.commands.do(context(), work)

    def show(self, hour: float, **more: Any) -> NewShow:
        start = NOON + timedelta(hours=hour)
        fields = {"room_id": self.room, "creators": (self.ada,)} | more
        return NewShow(name=f"at {hour}", start=start, end=start + timedelta(hours=1), **fields)

    def confirm(self, schedule: Schedule, **how: Any) -> Confirmation:
        dry_run = how.pop("dry_run", False)
        done = confirm(self.commands, context(dry_run=dry_run), schedule.id, **how)
        assert isinstance(done, Confirmation)
        return done

    def occupancy(self) -> list[tuple[str, str]]:
        with self.commands.log.pool.connection() as connection:
            return connection.execute(
                "SELECT resource_id, holder_id FROM occupancy ORDER BY resource_id, during"
            ).fetchall()


@pytest.fixture
def world(commands: Commands) -> World:
    return World(commands)


def ids(schedule: Schedule) -> list[str]:
    return [show.id for show in schedule.live_shows()]


def test_confirming_books_every_show_with_its_buffers(world: World) -> None:
    schedule = world.proposed(0, 3)
    done = world.confirm(schedule)
    assert (list(done.confirmed), done.refused, done.schedule.status) == (ids(schedule), (), "confirmed")
    assert done.schedule.shows[ids(schedule)[0]].holds == (
        Hold(world.room, NOON - timedelta(minutes=10), NOON + timedelta(hours=1, minutes=20)),
        Hold(world.ada, NOON, NOON + timedelta(hours=1)),
    )
    assert sorted(world.occupancy()) == sorted(
        (resource, show) for show in ids(schedule) for resource in (world.room, world.ada)
    )


def test_all_or_nothing_reports_everything_in_the_way_and_stores_nothing(world: World) -> None:
    booked = world.proposed(0, 3)
    world.confirm(booked)
    head = world.commands.log.head()
    rival = world.proposed(0.5, 3.5, 9)
    before = world.commands.log.head()
    with pytest.raises(HasConflicts) as refused:
        world.confirm(rival)
    told = {(c.code, c.show_id, c.other.show_id) for c in refused.value.extra["conflicts"]}
    assert told == {
        (code, mine, theirs)
        for code in ("room_overlap", "creator_overlap")
        for mine, theirs in zip(ids(rival)[:2], ids(booked), strict=True)
    }
    assert (world.commands.log.head(), head < before) == (before, True)


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "database-alone"])
def test_best_effort_books_what_it_can_and_names_who_is_in_the_way(world: World, checked: bool) -> None:
    world.commands.conflict_check = checked
    booked = world.proposed(0)
    world.confirm(booked)
    rival = world.proposed(0.5, 1, 9)
    done = world.confirm(rival, best_effort=True)
    late, short, free = ids(rival)
    assert list(done.confirmed) == [free]
    told = {(c.code, c.show_id, c.other.show_id) for r in done.refused for c in r.conflicts if c.other}
    assert {("room_overlap", late, ids(booked)[0]), ("creator_overlap", late, ids(booked)[0])} <= told
    assert ("turnaround_short", short, ids(booked)[0]) in told
    assert done.schedule.status == "confirmed"


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "database-alone"])
def test_two_shows_of_one_confirmation_that_clash_are_told_apart(world: World, checked: bool) -> None:
    world.commands.conflict_check = checked
    schedule = world.proposed(0, 0.5)
    with pytest.raises(HasConflicts) as refused:
        world.confirm(schedule)
    early, late = ids(schedule)
    assert {(c.show_id, c.other.show_id) for c in refused.value.extra["conflicts"]} == {(late, early)}
    done = world.confirm(schedule, best_effort=True)
    assert (list(done.confirmed), [r.show_id for r in done.refused]) == ([early], [late])


def test_none_booked_leaves_the_schedule_proposed(world: World) -> None:
    world.confirm(world.proposed(0))
    done = world.confirm(world.proposed(0), best_effort=True)
    assert (done.confirmed, done.schedule.status, len(done.refused)) == ((), "proposed", 1)


def test_a_dry_run_reports_what_the_command_does_and_stores_nothing(world: World) -> None:
    world.confirm(world.proposed(0))
    rival = world.proposed(0.5, 9)
    head = world.commands.log.head()
    dry = world.confirm(rival, best_effort=True, dry_run=True)
    assert (world.commands.log.head(), len(world.occupancy())) == (head, 2)
    real = world.confirm(rival, best_effort=True)
    assert (dry.confirmed, dry.refused) == (real.confirmed, real.refused)
    assert (dry.dry_run, real.dry_run) == (True, False)


def test_a_named_draft_is_booked_over_the_wish_of_another_of_its_schedule(world: World) -> None:
    schedule = world.proposed(0, 0.5)
    late = ids(schedule)[1]
    assert list(world.confirm(schedule, show_ids=[late]).confirmed) == [late]


def test_confirming_again_changes_nothing(world: World) -> None:
    schedule = world.proposed(0)
    version = world.confirm(schedule).schedule.version
    again = world.confirm(schedule)
    assert (again.confirmed, again.refused, again.schedule.version) == ((), (), version)


def test_a_client_must_agree_where_the_studio_asks(world: World, commands: Commands) -> None:
    strict = World.__new__(World)
    strict.commands, strict.room, strict.ada = commands, world.room, world.ada
    strict.studio = world.create("studio", NewStudio(name="Strict", time_zone="UTC"))
    schedule = strict.proposed(0, client_id=world.client, room_id=None)
    with pytest.raises(NotApproved):
        strict.confirm(schedule)


def test_an_older_version_in_if_match_is_refused(world: World) -> None:
    schedule = world.proposed(0)
    with pytest.raises(PreconditionFailed):
        confirm(world.commands, context(if_match=1), schedule.id)


def test_a_repeated_key_is_answered_with_the_first_answer(world: World) -> None:
    schedule = world.proposed(0)
    key = Key("user", "route", "key", b"body")

    def encode(done: Confirmation) -> bytes:
        return ",".join(done.confirmed).encode()

    first = confirm(world.commands, context(key=key), schedule.id, encode=encode)
    again = confirm(world.commands, context(key=key), schedule.id, encode=encode)
    assert isinstance(first, Confirmation)
    assert again == Replayed(encode(first))


def test_overlapping_closures_hold_their_union_and_stand_in_the_way(world: World) -> None:
    def closure(start: float, end: float) -> str:
        body = NewRoomClosure(
            room_id=world.room,
            start=NOON + timedelta(hours=start),
            end=NOON + timedelta(hours=end),
            reason="Painting",
        )
        return world.create("closure", body)

    first, second = closure(0, 2), closure(1, 3)
    assert world.occupancy() == [(world.room, min(first, second))]
    with pytest.raises(HasConflicts) as refused:
        world.confirm(world.proposed(2.5))
    assert {(c.code, c.other.closure_id) for c in refused.value.extra["conflicts"]} == {
        ("room_closed", second)
    }
    world.commands.do(context(), lambda unit: commanding.delete(unit, BY_KIND["closure"], second))
    assert len(world.confirm(world.proposed(2.5)).confirmed) == 1


def test_a_closure_over_a_booking_is_refused_and_names_it(world: World) -> None:
    schedule = world.proposed(0)
    world.confirm(schedule)
    body = NewRoomClosure(room_id=world.room, start=NOON, end=NOON + timedelta(hours=1), reason="Painting")
    with pytest.raises(HasConflicts) as refused:
        world.create("closure", body)
    assert [c.other.show_id for c in refused.value.extra["conflicts"]] == ids(schedule)
    assert len(world.occupancy()) == 2


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "database-alone"])
def test_of_many_at_once_exactly_one_wins_and_the_others_are_told_whom(world: World, checked: bool) -> None:
    world.commands.conflict_check = checked
    rivals = [world.proposed(0) for _ in range(8)]

    def attempt(schedule: Schedule) -> tuple[list[str], list[str | None]]:
        try:
            return list(world.confirm(schedule).confirmed), []
        except HasConflicts as refused:
            return [], [c.other.show_id for c in refused.extra["conflicts"]]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, rivals))
    winners = [show for confirmed, _ in answers for show in confirmed]
    assert len(winners) == 1
    assert [set(told) for confirmed, told in answers if not confirmed] == [{winners[0]}] * 7


def test_the_database_refuses_what_slips_past_every_check(world: World, commands: Commands) -> None:
    from domain.schedule import booking  # noqa: PLC0415

    world.confirm(world.proposed(0))
    rival = world.proposed(0.5)
    facts = commands.references.facts(_connection(commands.log), [], NOON)

    def careless(unit: Unit) -> Schedule:
        schedule = unit.schedule(rival.id)
        for show in schedule.shows.values():
            show.room_id = None
        return unit.append(schedule, booking.confirm(schedule, ids(schedule), facts))

    with pytest.raises(Taken) as taken:
        commands.do(context(), careless)
    assert {clash.resource_id for clash in taken.value.clashes} == {world.ada}


def _connection(log: EventLog) -> Any:
    with log.pool.connection() as connection:
        return connection
