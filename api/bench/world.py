"""The house that is measured: a studio with rooms, creators and clients, and any number of stored bookings,
made by issuing commands. Rooms grow with the square root of the bookings, months with the other half, so
that a room's day is as full in a large house as in a small one.
"""

import calendar
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from api.referring import check_shows
from domain.application import Commands, Context, Unit
from domain.confirming import confirm
from domain.events import Actor
from domain.registry import commanding
from domain.registry.declaring import Body
from domain.registry.entities import BY_KIND, NewClient, NewCreator, NewPlatform, NewRoom, NewStudio
from domain.schedule import planning, proposal
from domain.schedule.planning import NewSchedule, NewShow, Platform
from seeds.reference import ADMIN_ID

FIRST: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""A moment that stays in the future for long: shows in the past would be findings."""
CLIENTS: Final = 50
SHOWS_A_SCHEDULE: Final = 1000

_ROOMS: Final = 32
_AT: Final = 10_000
_SLOT: Final = timedelta(hours=3)
_SHOW: Final = timedelta(hours=2)
_HALF: Final = 4
"""Of the eight slots of a day, every second one is booked; the others are free for what is measured."""
DRAFTS_A_DAY: Final = 84
_WORKERS: Final = 2
_ADMIN: Final = Actor(ADMIN_ID, "Administrator")

Progress = Callable[[int, int], None]


class Place(Struct, frozen=True):
    """When and where a show is: `room` and `creator` are numbers."""

    day: int
    start: datetime
    room: int
    creator: int

    @property
    def end(self) -> datetime:
        return self.start + _SHOW


class World(Struct, frozen=True, kw_only=True):
    """The reference rows by number. Room 7 is called `Room 007`, and so on."""

    studio: str
    platform: str
    clients: tuple[str, ...]
    rooms: tuple[str, ...]
    creators: tuple[str, ...]

    def booked(self, number: int) -> Place:
        """Where the stored booking of that number is; no two meet."""
        day, place = divmod(number, _HALF * len(self.rooms))
        slot, room = divmod(place, len(self.rooms))
        return self._place(day, 2 * slot, room)

    def free(self, number: int) -> Place:
        """A place between the bookings, 84 a day, spread over all rooms; no two meet."""
        day, place = divmod(number, DRAFTS_A_DAY)
        slot, room = divmod(place * (_HALF * len(self.rooms) // DRAFTS_A_DAY), len(self.rooms))
        return self._place(day, 2 * slot + 1, room)

    def between(self, number: int) -> Place:
        """The free place in the same room after the booking of that number: as many as bookings."""
        day, place = divmod(number, _HALF * len(self.rooms))
        slot, room = divmod(place, len(self.rooms))
        return self._place(day, 2 * slot + 1, room)

    def show(self, name: str, place: Place) -> NewShow:
        """A draft there, with one creator and one platform."""
        return NewShow(
            name=name,
            start=place.start,
            end=place.end,
            room_id=self.rooms[place.room],
            creators=(self.creators[place.creator],),
            platforms=(Platform(self.platform),),
            show_type="bau",
            external_id=name,
        )

    def _place(self, day: int, slot: int, room: int) -> Place:
        start = FIRST + timedelta(days=day) + slot * _SLOT
        return Place(day, start, room, (room + day) % len(self.creators))


def build(commands: Commands, bookings: int) -> World:
    """The reference rows for that many bookings."""
    rooms = _ROOMS * max(1, round(math.sqrt(bookings / _AT)))

    def create(unit: Unit, kind: str, bodies: Iterable[Body]) -> tuple[str, ...]:
        return tuple(commanding.create(unit, BY_KIND[kind], body).id for body in bodies)

    def work(unit: Unit) -> World:
        return World(
            studio=studio,
            platform=create(unit, "platform", [NewPlatform(name="Platform")])[0],
            clients=create(unit, "client", (NewClient(name=f"Client {n:02}") for n in range(CLIENTS))),
            rooms=create(unit, "room", (_room(studio, n) for n in range(rooms))),
            creators=create(unit, "creator", (NewCreator(name=f"Host {n:04}") for n in range(2 * rooms))),
        )

    of_its_own = NewStudio(name="Bench", time_zone="UTC", day_start="00:00", client_approval=False)
    (studio,) = commands.do(context("bench.build"), lambda unit: create(unit, "studio", [of_its_own]))
    return commands.do(context("bench.build"), work)


def load(commands: Commands, world: World, bookings: int, progress: Progress) -> None:
    """Stores the bookings: a thousand a schedule, drafted, proposed and confirmed, by two threads at once,
    without the application's own look at conflicts: the database's constraint still watches."""
    commands.conflict_check = False
    starts = range(0, bookings, SHOWS_A_SCHEDULE)

    def store(start: int) -> int:
        numbers = range(start, min(start + SHOWS_A_SCHEDULE, bookings))
        shows = [world.show(f"B-{number:07}", world.booked(number)) for number in numbers]
        schedule_id = propose(commands, world, start // SHOWS_A_SCHEDULE, shows)
        confirm(commands, context("schedule.confirm"), schedule_id)
        return len(numbers)

    done = 0
    with ThreadPoolExecutor(_WORKERS) as threads:
        for finished in as_completed([threads.submit(store, start) for start in starts]):
            done += finished.result()
            progress(done, bookings)
    commands.conflict_check = True


def draft(commands: Commands, world: World, client: int, shows: Sequence[NewShow]) -> str:
    """A schedule with these drafts, in two commands; its id."""
    first, last = (edge(show.start for show in shows).date() for edge in (min, max))
    new = NewSchedule(
        name=f"From {first}",
        studio_id=world.studio,
        client_id=world.clients[client % CLIENTS],
        start_date=first,
        end_date=last,
    )
    schedule_id = commands.do(
        context("schedule.open"), lambda unit: unit.open(planning.open_schedule(new))
    ).id

    def work(unit: Unit) -> None:
        schedule = unit.schedule(schedule_id)
        keys = check_shows(unit, shows)
        studio = unit.studio(world.studio)
        unit.append(
            schedule, planning.draft_shows(schedule, shows, studio=studio, keys=keys, new_id=unit.new_id)
        )

    commands.do(context("schedule.draft_shows"), work)
    return schedule_id


def propose(commands: Commands, world: World, client: int, shows: Sequence[NewShow]) -> str:
    """A proposed schedule with these drafts, in three commands; its id."""
    schedule_id = draft(commands, world, client, shows)

    def work(unit: Unit) -> None:
        schedule = unit.schedule(schedule_id)
        unit.append(schedule, proposal.propose(schedule))

    commands.do(context("schedule.propose"), work)
    return schedule_id


def month_of_drafts(world: World, shows: int) -> Iterator[NewShow]:
    """A month of wishes as planners make them: of ten, one runs into a booking, and one wants what another
    schedule's draft wants."""
    days = calendar.monthrange(FIRST.year, FIRST.month)[1] - 1
    for number in range(shows):
        twin = number - 1 if number % 10 == 5 else number  # noqa: PLR2004 - one in ten
        place = world.free(twin % (days * DRAFTS_A_DAY))
        show = world.show(f"M-{number:05}", place)
        late = _SLOT / 2 if number % 10 == 0 else timedelta()
        yield replace(show, start=show.start + late, end=show.end + late)


def context(command: str) -> Context:
    """The administrator at work."""
    return Context(actor=_ADMIN, command=command, origin="bench")


def _room(studio: str, number: int) -> NewRoom:
    return NewRoom(studio_id=studio, name=f"Room {number:03}", lead_minutes=10, turnaround_minutes=20)
