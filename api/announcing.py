"""What the live stream says: one announcement a command, for whom it concerns. It names what changed and
carries none of it, so that everything is read where access is checked."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Literal

from litestar.concurrency import sync_to_thread
from msgspec import Struct

from api import trail
from api.http.security import Bounds
from api.resources.history import seen_by
from api.trail import Asked
from domain.application import Commands
from domain.events import Positioned
from domain.ids import prefix_of
from projections import schedules

BEAT_SECONDS: Final = 15.0
"""So long nothing is heard at most: proxies close silent connections."""
LOOK_SECONDS: Final = 0.25
_BATCH: Final = 500
ASIDE: Final = frozenset(
    {
        "ScheduleOpened",
        "VersionNumbered",
        "VersionEdited",
        "VersionDeleted",
        "VersionRestored",
        "CommentAcknowledged",
        "CommentAdded",
        "CommentEdited",
        "CommentRemoved",
        "ImportApplied",
        "ImportFailed",
        "BulkRan",
        "PasswordSet",
    }
)
"""What no board shows: what comes of it is in the events beside it."""
AROUND: Final = frozenset(
    {
        "ShowDrafted",
        "ShowsEdited",
        "ShowsRemoved",
        "ShowsRestored",
        "ShowStarted",
        "ShowCompleted",
        "ShowCancelled",
        "ShowInterrupted",
        "ShowResolved",
        "ShowsRebooked",
        "ShowsLeft",
        "ShowsJoined",
        "ConflictWaived",
    }
)
"""What alters the shows that it names, and what is in the way of those around them."""
PLANS: Final = frozenset(
    {
        "ScheduleEdited",
        "ScheduleProposed",
        "VersionApproved",
        "VersionRejected",
        "ProposalWithdrawn",
        "ChangeProposed",
        "ChangeApproved",
        "ChangeRejected",
        "ChangeWithdrawn",
        "ChangeAcknowledged",
        "ScheduleArchived",
        "ScheduleUnarchived",
    }
)
"""What alters a plan's own shows only: their names for it, and what may be done with them."""
_SPOKEN: Final = frozenset({"CommentAcknowledged", "CommentAdded", "CommentEdited", "CommentRemoved"})
Altered = Literal["nothing", "around", "plans", "all"]


class Announcement(Struct, frozen=True, kw_only=True):
    """A command that changed something. `position` is its last event's: reconnect after it and nothing is
    missed. `schedules` with the `shows` concerned (none named: the schedule itself), `rows` of reference
    entities and `runs` (imports, bulk runs) by id. `alters` says how much of a board is another after it:
    what is around the shows named, all shows of the plans named, everything, or nothing; `studios` says where
    the plans are."""

    position: int
    at: Any
    command: str
    request_id: str
    actor_id: str
    types: list[str]
    alters: Altered
    studios: list[str]
    schedules: list[str]
    shows: list[str]
    rows: list[str]
    runs: list[str]


class Beat(Struct, frozen=True):
    """Nothing new: where the log is."""

    position: int


class Head:
    """Where the log is, looked up once for all streams of this process, and only while somebody listens."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._position = 0
        self._looked = 0.0
        self._looking: asyncio.Task[int] | None = None

    async def position(self) -> int:
        """The newest position, as of a quarter of a second ago at most."""
        loop = asyncio.get_running_loop()
        if self._looking is not None and self._looking.get_loop() is loop and not self._looking.done():
            return await asyncio.shield(self._looking)
        if loop.time() - self._looked < LOOK_SECONDS:
            return self._position
        self._looking = loop.create_task(sync_to_thread(self._commands.log.head))
        self._position = await asyncio.shield(self._looking)
        self._looked = loop.time()
        return self._position


async def announced(
    commands: Commands, head: Head, bounds: Bounds, after: int | None, seconds: float
) -> AsyncGenerator[Announcement | Beat]:
    """All that happens after a position (None: from now on), as it happens, for so many seconds: first a
    beat that says where the log is. A position that the log never had counts as now."""
    loop = asyncio.get_running_loop()
    until, newest = loop.time() + seconds, await sync_to_thread(commands.log.head)
    seen = newest if after is None or after > newest else after
    yield Beat(seen)
    beat = loop.time() + BEAT_SECONDS
    while True:
        while seen < newest:
            batch = await sync_to_thread(_following, commands, seen)
            if not batch:
                break
            for each in await sync_to_thread(_told, commands, bounds, batch):
                yield each
                beat = loop.time() + BEAT_SECONDS
            seen = batch[-1].position
        if loop.time() >= until:
            return
        if loop.time() >= beat:
            yield Beat(seen)
            beat = loop.time() + BEAT_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        newest = await head.position()


def _following(commands: Commands, after: int) -> list[Positioned]:
    """The next events, whole commands of them: one that the batch would cut in two waits for the next, unless
    it is larger than a batch."""
    found = trail.some(commands.log.pool, Asked(), _BATCH, after=after)
    if len(found) < _BATCH:
        return found
    last = found[-1].recorded.command_id
    whole = [each for each in found if each.recorded.command_id != last]
    return whole or found


def _told(commands: Commands, bounds: Bounds, events: Sequence[Positioned]) -> list[Announcement]:
    seen = _seen(commands, bounds, events)
    commanded = groupby(seen, key=lambda each: each.recorded.command_id)
    streams = sorted({each.recorded.originator_id for each in seen})
    with commands.log.pool.connection() as connection:
        studios = schedules.studios(connection, streams)
    return [_announcement(list(of_one), studios, bounds) for _, of_one in commanded]


def _seen(commands: Commands, bounds: Bounds, events: Sequence[Positioned]) -> list[Positioned]:
    """Those that the user may know of: a client's users hear of their own schedules only."""
    if bounds.clients is None:
        return list(events)
    streams = sorted({each.recorded.originator_id for each in events})
    with commands.log.pool.connection() as connection:
        own = schedules.owned(connection, streams, bounds.clients)
    theirs = [each for each in events if each.recorded.originator_id in own]
    return seen_by(bounds, theirs, commands.log)


def _announcement(events: Sequence[Positioned], studios: Mapping[str, str], bounds: Bounds) -> Announcement:
    last = events[-1]
    streams = list(dict.fromkeys(each.recorded.originator_id for each in events))
    plans = [each for each in streams if prefix_of(each) == "schedule"]
    runs = [each for each in streams if prefix_of(each) in {"import", "bulk"}]
    types = list(dict.fromkeys(type(each.recorded.event).__name__ for each in events))
    return Announcement(
        position=last.position,
        at=last.recorded.at,
        command=last.recorded.command,
        request_id=last.recorded.request_id,
        actor_id=last.recorded.actor.id,
        types=types,
        alters=_alters(types) if bounds.clients is None else _alters_for_clients(types),
        studios=sorted({studios[each] for each in plans if each in studios}),
        schedules=plans,
        shows=sorted({show for each in events for show in shows_of(each)}),
        rows=[each for each in streams if each not in plans and each not in runs],
        runs=runs,
    )


def _alters(types: Sequence[str]) -> Altered:
    telling = set(types) - ASIDE
    if not telling:
        return "nothing"
    return "around" if telling <= AROUND else "plans" if telling <= PLANS else "all"


def _alters_for_clients(types: Sequence[str]) -> Altered:
    """A client's users see the newest version: each one, of whatever kind, may show all of a plan for the
    first time."""
    return "nothing" if set(types) <= _SPOKEN else "all"


def shows_of(event: Positioned) -> set[str]:
    """The shows that an event names as its own: drafted, edited, booked, moved, cancelled ..."""
    fact: Any = event.recorded.event
    found: set[str] = set(getattr(fact, "show_ids", ()))
    if isinstance(one := getattr(fact, "show_id", None), str):
        found.add(one)
    for name in ("edits", "bookings"):
        found.update(each.show_id for each in getattr(fact, name, ()))
    for each in getattr(fact, "shows", ()):
        found.add(each.id if hasattr(each, "id") else each.show.id)
    return found
