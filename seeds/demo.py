"""Loads the demo month by issuing commands, each with an idempotency key and ids of its own: the same
month gives the same history, and a load that was cut off goes on where it stopped."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from domain import ids
from domain.application import Commands, Context
from domain.confirming import Confirmation, confirm
from domain.event_log import Key, Replayed
from domain.events import Actor
from seeds import demo_house, names
from seeds.demo_month import DemoMonth
from seeds.demo_plan import plan
from seeds.demo_schedules import AGENT, Plans
from seeds.demo_steps import LAST_ID, STUDIO_ID, Book, Made, Step
from seeds.reference import ADMIN_ID

ADMIN: Final = Actor(ADMIN_ID, "Administrator")

Progress = Callable[[int, int], None]
"""Told after each command: how many are done, of how many."""

_BEFORE: Final = timedelta(days=45)
"""So long before its month the demo's ids begin: earlier than what is made by hand later."""
_STEP_MS: Final = 10_000
_USERS: Final = {user[0]: user[1] for user in (*names.STAFF, *names.CLIENT_USERS)}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[str]).decode


class DemoReport(Struct, frozen=True, kw_only=True):
    """What the demo month holds: counts of live rows, of shows booked and of commands issued."""

    month: str
    studio_id: str
    rooms: int
    clients: int
    creators: int
    platforms: int
    schedules: int
    shows: int
    booked: int
    commands: int


def is_loaded(commands: Commands) -> bool:
    """Whether a demo month was loaded to its end, whichever month that was."""
    return bool(commands.log.stream(LAST_ID))


def load_demo(commands: Commands, month: str, progress: Progress | None = None) -> DemoReport:
    """Loads the demo month `YYYY-MM` into a database with the reference seeds: about 350 commands.

    Raises ValueError for another form of month, and Duplicate when other rows bear the demo's names.
    """
    made = Made()
    steps = list(_steps(plan(month), made))
    for number, step in enumerate(steps):
        made.keep(step.name, _run(commands, month, number, step, made))
        if progress:
            progress(number + 1, len(steps))
    return DemoReport(
        month=month,
        studio_id=STUDIO_ID,
        rooms=made.count("room/"),
        clients=made.count("client/"),
        creators=made.count("creator/"),
        platforms=made.count("platform/"),
        schedules=made.count("schedule/"),
        shows=made.count("shows/"),
        booked=made.count("booked/"),
        commands=len(steps),
    )


def _steps(demo: DemoMonth, made: Made) -> Iterator[Step]:
    """Everything in the order in which the studio would have done it."""
    plans = Plans(demo, made)
    yield from demo_house.house(made)
    yield from demo_house.people(made)
    yield from demo_house.features()
    yield from demo_house.closures(made, "before", demo.closed_before)
    yield from plans.drafts()
    yield from plans.removed()
    yield demo_house.delete(made, "room", "old_room")
    yield demo_house.delete(made, "studio", "old_studio")
    yield from plans.restored()
    yield from plans.agreements()
    yield demo_house.ban(made)
    yield from demo_house.closures(made, "after", demo.closed_after[:-1])
    yield from plans.afterwards()
    yield from demo_house.agent(made, AGENT, plans.agency())
    yield from plans.asked()
    yield demo_house.last_closure(made, demo.closed_after[-1])


def _run(commands: Commands, month: str, number: int, step: Step, made: Made) -> Sequence[str]:
    """One command; answers the ids that it made, those of the first time when it ran before."""
    seed = f"demo:{month}:{step.name}"
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    born = int((first - _BEFORE).timestamp() * 1000) + number * _STEP_MS
    own = Commands(commands.log, commands.references, clock=commands.clock, make_id=ids.sequence(seed, born))
    context = Context(
        actor=_actor(step, made),
        command=step.command,
        request_id=f"demo-{number + 1}",
        origin="seed",
        key=Key(ADMIN_ID, f"demo {month}", step.name, hashlib.sha256(seed.encode()).digest()),
    )
    if isinstance(step.work, Book):
        schedule_id = made.id(step.work.schedule)
        booked = confirm(own, context, schedule_id, best_effort=step.work.best_effort, encode=_encode_booked)
        return _decode(booked.answer) if isinstance(booked, Replayed) else booked.confirmed
    answer = own.run(context, step.work, _encode)
    return _decode(answer.answer) if isinstance(answer, Replayed) else answer


def _actor(step: Step, made: Made) -> Actor:
    if step.user is None:
        return ADMIN
    return Actor(made.id(f"user/{step.user}"), _USERS[step.user])


def _encode_booked(confirmation: Confirmation) -> bytes:
    return _encode(confirmation.confirmed)
