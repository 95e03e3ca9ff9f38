"""Load, decide, append: the only door to the log. Every change, from HTTP, the command line, an import
or the seeds, is a `Command` run here: one transaction in which streams are locked and loaded, a pure
decision is taken, and its events are appended with what they change in the read tables.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, cast

from msgspec import Struct
from psycopg import Connection

from domain.conflicts import Facts, Finding, Hit, Resource, Subject
from domain.errors import IllegalTransition, NotFound, PreconditionFailed
from domain.event_log import Clash, EventLog, Key, Replayed, Transaction
from domain.events import Actor, EntityEvent, Event, Recorded, ScheduleEvent, ScheduleOpened
from domain.ids import NewId, new_id
from domain.opening import Opening
from domain.registry.row import Row
from domain.registry.row import evolve as evolve_row
from domain.schedule import state
from domain.schedule.changes import Needs
from domain.schedule.planning import Studio
from domain.schedule.state import Schedule
from domain.slots import Slot
from domain.suggesting.ground import Home

T = TypeVar("T")

SYSTEM = Actor("system", "Callboard", "system")


def utc_now() -> datetime:
    """The wall clock; the only place that reads it for the domain."""
    return datetime.now(UTC)


class Context(Struct, frozen=True, kw_only=True):
    """Who asks for what, and how: goes into every envelope of the command. `if_match` is the version the
    caller saw of the resource it addresses; `key` makes a repeated request harmless; a dry run is the
    real command, rolled back."""

    actor: Actor
    command: str
    request_id: str = ""
    origin: str = "http"
    reason: str | None = None
    cause: str | None = None
    key: Key | None = None
    if_match: int | None = None
    dry_run: bool = False


class References(Protocol):
    """What decisions ask of the rest of the world, read inside the command's transaction. Rows that a
    command relies on are share-locked, so nobody deletes them meanwhile."""

    def studio(self, connection: Connection[Any], studio_id: str, /) -> Studio | None:
        """A live studio, or None."""
        ...

    def live(self, connection: Connection[Any], ids: Collection[str], /) -> set[str]:
        """Those of these ids, of any reference entity, that are live rows; share-locked."""
        ...

    def keys(self, connection: Connection[Any], kind: str, given: Collection[str], /) -> Mapping[str, str]:
        """Keys of live look-up rows (`shtype`, `shstd`, `chtype`) by what was given: a key or an id."""
        ...

    def facts(
        self,
        connection: Connection[Any],
        subjects: Sequence[Subject],
        now: datetime,
        /,
        *,
        holders: bool = True,
        wishes: bool = True,
    ) -> Facts:
        """All that the conflict rules need to judge these shows: with `holders`, who holds their rooms
        and creators, or closed them; with `wishes`, whose drafts want them too."""
        ...

    def schedule_of(self, connection: Connection[Any], show_id: str, /) -> str | None:
        """The schedule that a show is in, removed shows included."""
        ...

    def schedules_of(self, connection: Connection[Any], show_ids: Collection[str], /) -> Mapping[str, str]:
        """The same for many shows: schedule ids by show id; unknown shows are left out."""
        ...

    def approval(self, connection: Connection[Any], given: str, /) -> tuple[str, Needs] | None:
        """The key of a live change category and whose approval it asks for, by key or id; share-locked."""
        ...

    def parking(self, connection: Connection[Any], given: str, /) -> str | None:
        """The id of a live schedule status that means "parked", by key or id; share-locked."""
        ...

    def referrers(self, connection: Connection[Any], kind: str, row_id: str, /) -> dict[str, int]:
        """How many live rows refer to this one, by their kind; it is locked against new ones first."""
        ...

    def has_shows(self, connection: Connection[Any], studio_id: str, /) -> bool:
        """Whether the studio ever had a show; it is locked against new ones first."""
        ...

    def other_admins(self, connection: Connection[Any], user_id: str, /) -> int:
        """How many live system administrators there are beside this one, not counting banned ones."""
        ...

    def closed_over(self, connection: Connection[Any], clashes: Sequence[Clash], /) -> Sequence[Finding]:
        """The bookings behind what the database refused to close a room over."""
        ...

    def hits(self, connection: Connection[Any], resource_id: str, slot: Slot, /) -> Sequence[Hit]:
        """The bookings that hold a room or creator inside a span, by start."""
        ...

    def blacked_out(self, connection: Connection[Any], row_id: str, /) -> Set[str]:
        """The shows inside a blackout that re-plans, as it was before this command."""
        ...

    def lock_hours(self, connection: Connection[Any], studio_id: str, /) -> None:
        """Locks a studio against bookings until this command ends."""
        ...

    def hours(self, connection: Connection[Any], studio_id: str, /) -> tuple[str, Mapping[str, Opening]]:
        """A studio's time zone and its live rows of opening hours and exceptions, by id."""
        ...

    def to_come(
        self, connection: Connection[Any], studio_id: str, now: datetime, /
    ) -> Sequence[tuple[Hit, Resource]]:
        """A studio's bookings that are not over, with the room each holds, by start."""
        ...

    def to_want(
        self, connection: Connection[Any], studio_id: str, now: datetime, /
    ) -> Sequence[tuple[Hit, Resource]]:
        """A studio's drafts that are not over, proposed ones too, with the room each wants, by start."""
        ...

    def around(
        self,
        connection: Connection[Any],
        subjects: Sequence[Subject],
        homes: Mapping[str, Home],
        now: datetime,
        /,
    ) -> Facts:
        """What ways out for all these shows are looked for in."""
        ...


class Unit:
    """One command at work: loads streams, takes decisions' events, keeps the states up to date."""

    def __init__(
        self, tx: Transaction, context: Context, references: References, now: datetime, make_id: NewId
    ) -> None:
        self.context = context
        self.now = now
        self.new_id = make_id
        self.tx = tx
        self.connection = tx.connection
        self.references = references
        self._command_id = make_id("command")

    # --- schedules

    def schedule(self, schedule_id: str, *, deleted: bool = False) -> Schedule:
        """A schedule, locked until the command ends; a deleted one only if asked for. Raises NotFound,
        IllegalTransition."""
        return self.schedules([schedule_id], deleted=deleted)[schedule_id]

    def schedules(self, ids: Collection[str], *, deleted: bool = False) -> dict[str, Schedule]:
        """Several schedules at once, locked in one fixed order: call it once per command. Raises NotFound,
        IllegalTransition for a deleted one unless asked for."""
        self.tx.lock_streams(sorted(ids))
        found: dict[str, Schedule] = {}
        for schedule_id in sorted(ids):
            schedule = (
                state.replay(self.tx.stream(schedule_id)) if schedule_id.startswith("schedule_") else None
            )
            if schedule is None:
                raise NotFound(f"no schedule {schedule_id}")
            if schedule.deleted_at is not None and not deleted:
                raise IllegalTransition(
                    "this schedule was deleted; restore it first", status=schedule.status, allowed=["restore"]
                )
            found[schedule_id] = schedule
        return found

    def schedule_with(self, show_id: str) -> Schedule:
        """The schedule that holds a show, removed or not. Raises NotFound."""
        schedule = self.schedule(self.holder(show_id))
        while show_id not in schedule.shows:  # It moved on while we waited for the lock.
            schedule = self.schedule(self.holder(show_id))
        return schedule

    def holder(self, show_id: str) -> str:
        """The schedule that a show is in now, removed or not; not locked. Raises NotFound."""
        schedule_id = self.references.schedule_of(self.connection, show_id)
        if schedule_id is None:
            raise NotFound(f"no show {show_id}")
        return schedule_id

    def open(self, events: Sequence[ScheduleOpened]) -> Schedule:
        """A new stream that begins with these events."""
        schedule_id = self.new_id("schedule")
        schedule: Schedule | None = None
        for recorded in self._recorded(schedule_id, 0, events):
            schedule = state.evolve(schedule, recorded)
        return cast(Schedule, schedule)

    def append(
        self, schedule: Schedule, events: Sequence[ScheduleEvent], *, cause: str | None = None
    ) -> Schedule:
        """Records what was decided and answers the schedule as it is then (the same object). `cause` is the
        change or bulk run that asked for it, where it is not the context's."""
        enveloped = self._enveloped(schedule.id, schedule.version, events, cause)
        self.tx.record([state.told(schedule, recorded) for recorded in enveloped])
        return schedule

    # --- reference entities

    def row(self, kind: str, row_id: str) -> Row:
        """A row of a reference entity, deleted or not, locked until the command ends. Raises NotFound."""
        self.tx.lock_streams([row_id])
        row: Row | None = None
        if row_id.startswith(kind + "_"):
            for recorded in self.tx.stream(row_id):
                row = evolve_row(row, recorded)
        if row is None:
            raise NotFound(f"no {kind} {row_id}")
        return row

    def append_row(self, row: Row | None, row_id: str, events: Sequence[EntityEvent]) -> Row:
        """Records what was decided about a row (None: it is created) and answers the row as it is then."""
        for recorded in self._recorded(row_id, row.version if row else 0, events):
            row = evolve_row(row, recorded)
        return cast(Row, row)

    # --- anything else

    def append_event(
        self, stream_id: str, event: Event, *, version: int = 0, cause: str | None = None
    ) -> None:
        """Records one event of a stream without a state, such as an import run, after `version` others."""
        self._recorded(stream_id, version, [event], cause)

    def match(self, version: int) -> None:
        """Raises PreconditionFailed when the caller saw another version of the resource it addresses."""
        expected = self.context.if_match
        if expected is not None and expected != version:
            raise PreconditionFailed(
                f"this is at version {version}, not {expected}: load it again", current_version=version
            )

    def studio(self, studio_id: str) -> Studio:
        """A live studio, share-locked. Raises NotFound."""
        studio = self.references.studio(self.connection, studio_id)
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        return studio

    def _recorded(
        self, stream_id: str, version: int, events: Iterable[Event], cause: str | None = None
    ) -> list[Recorded]:
        recorded = self._enveloped(stream_id, version, events, cause)
        self.tx.record(recorded)
        return recorded

    def _enveloped(
        self, stream_id: str, version: int, events: Iterable[Event], cause: str | None
    ) -> list[Recorded]:
        context = self.context
        return [
            Recorded(
                originator_id=stream_id,
                originator_version=number,
                at=self.now,
                actor=context.actor,
                command=context.command,
                command_id=self._command_id,
                request_id=context.request_id,
                origin=context.origin,
                reason=context.reason,
                cause=cause or context.cause,
                event=event,
            )
            for number, event in enumerate(events, version + 1)
        ]


class Commands:
    """Runs commands. `clock` and `make_id` are the only sources of time and ids; `conflict_check` off
    leaves prevention to the database alone, which tests use to prove that it holds."""

    def __init__(
        self,
        log: EventLog,
        references: References,
        *,
        clock: Callable[[], datetime] = utc_now,
        make_id: NewId = new_id,
        conflict_check: bool = True,
    ) -> None:
        self.log = log
        self.references = references
        self.clock = clock
        self.make_id = make_id
        self.conflict_check = conflict_check

    def run(
        self, context: Context, work: Callable[[Unit], T], encode: Callable[[T], bytes] | None = None
    ) -> T | Replayed:
        """One command. `work` may run more than once; it must do all its reading through the unit.
        With an idempotency key, `encode` gives the bytes that a repeated request is answered with.

        Raises DomainError; then nothing is stored.
        """

        def once(tx: Transaction) -> T:
            return work(Unit(tx, context, self.references, self.clock(), self.make_id))

        return self.log.transact(once, key=context.key, encode=encode, dry_run=context.dry_run)

    def do(self, context: Context, work: Callable[[Unit], T]) -> T:
        """As `run`, for callers that use no idempotency key."""
        return cast(T, self.run(context, work))
