"""Taking a run of an import back as one: everything that it did must still be as it left it. What it drafted
is removed, what it edited is what it was, what it cancelled comes back, what it asked for is withdrawn,
and schedules and reference rows that it made go again where nothing else is in them or names them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from domain.access import NEEDS, Action
from domain.application import Commands, Context, Unit
from domain.errors import ChangeConflict, FieldError, Forbidden, IllegalTransition, NotFound
from domain.event_log import Replayed
from domain.events import (
    EntityCreated,
    ImportApplied,
    ImportUndone,
    Recorded,
    ScheduleEvent,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    ShowsRemoved,
)
from domain.importing.reach import Reach
from domain.importing.running import ONE_AT_A_TIME
from domain.registry import deciding
from domain.registry.entities import BY_KIND
from domain.schedule import changes, lifecycle, proposal
from domain.schedule.state import Schedule, Show, replay
from domain.schedule.versions import PLANNED

_MOVED: Final = "is not what the import made it any more"
_OVER: Final = ("cancelled", "completed")


class UndoCounts(Struct, frozen=True, kw_only=True):
    """How many shows were `removed` that the run drafted, `restored` to what they were before it edited them,
    `returned` that it cancelled; and how many changes were `withdrawn`, `schedules` and reference `rows`
    deleted."""

    removed: int = 0
    restored: int = 0
    returned: int = 0
    withdrawn: int = 0
    schedules: int = 0
    rows: int = 0


class UndoneSchedule(Struct, frozen=True, kw_only=True):
    """One schedule that the run did something to. `change_id` is the change that was withdrawn."""

    id: str
    name: str
    removed: int
    restored: int
    returned: int
    deleted: bool
    change_id: str | None = None


class LeftRow(Struct, frozen=True):
    """A reference row that the run created and that stays, because something names it or it was edited."""

    kind: str
    id: str
    name: str
    why: Literal["in_use", "edited"]


class Undone(Struct, frozen=True, kw_only=True):
    """A run that was taken back."""

    id: str
    file_name: str
    outcome: Literal["undone"] = "undone"
    counts: UndoCounts
    schedules: tuple[UndoneSchedule, ...]
    left: tuple[LeftRow, ...]
    undone_at: datetime
    undone_by: str


def undo(
    commands: Commands,
    context: Context,
    import_id: str,
    encode: Callable[[Undone], bytes] | None = None,
    *,
    reach: Reach,
) -> Undone | Replayed:
    """Takes a run back, all of it or nothing.

    Raises NotFound, Forbidden where it touched a schedule out of `reach`, or made reference rows that are
    not the actor's to delete, IllegalTransition for a run that failed or was undone before, ChangeConflict
    naming the shows, schedules and changes that moved since and their fields.
    """

    def work(unit: Unit) -> Undone:
        unit.tx.lock_streams([ONE_AT_A_TIME])
        history = unit.tx.stream(import_id) if import_id.startswith("import_") else []
        if not history:
            raise NotFound(f"no import {import_id}")
        if len(history) > 1:
            raise IllegalTransition("this import was undone before", status="undone", allowed=[])
        if not isinstance(ran := history[0].event, ImportApplied):
            raise IllegalTransition("this import failed: it did nothing", status="failed", allowed=[])
        undoing = _Undo(unit, import_id, ran, unit.tx.command_of(history[0]))
        undoing.check(reach)
        return undoing.done()

    return commands.run(msgspec.structs.replace(context, cause=import_id), work, encode)


class Part(Struct, frozen=True):
    """One schedule as it is now, as it was before the run (None: the run opened it), and right after it."""

    now: Schedule
    before: Schedule | None
    after: Schedule

    @classmethod
    def of(cls, stream: Sequence[Recorded], versions: Sequence[int]) -> "Part":
        """From the whole stream, and the versions of the run's events in it."""
        now, after = replay(stream), replay(stream[: max(versions)])
        if now is None or after is None:
            raise AssertionError("a stream with events has a state")
        return cls(now, replay(stream[: min(versions) - 1]), after)

    def drafted(self) -> list[Show]:
        """The shows that the run drafted, as it did."""
        there = self.before.shows if self.before else {}
        return [show for show_id, show in self.after.shows.items() if show_id not in there]

    def edited(self) -> list[tuple[Show, ShowEdit]]:
        """The shows that it edited, as it did, with what takes that back."""
        found: list[tuple[Show, ShowEdit]] = []
        for show_id, old in (self.before.shows if self.before else {}).items():
            new = self.after.shows[show_id]
            was = {n: getattr(old, n) for n in PLANNED if getattr(old, n) != getattr(new, n)}
            if was:
                found.append((new, ShowEdit(show_id=show_id, **was)))
        return found

    def cancelled(self) -> list[Show]:
        """The shows that it cancelled."""
        there = self.before.shows if self.before else {}
        return [
            show
            for show in self.after.shows.values()
            if show.id in there and show.status == "cancelled" != there[show.id].status
        ]

    def asked(self) -> list[str]:
        """The changes that it proposed."""
        there = self.before.changes if self.before else {}
        return [change_id for change_id in self.after.changes if change_id not in there]

    def moved(self) -> list[FieldError]:
        """What is no longer as the run left it and can't be taken back. Gone already is no hindrance."""
        found = [
            FieldError(
                f"{change_id}.status", "moved", "was approved since: ask for a change that takes it back"
            )
            for change_id in self.asked()
            if self.now.changes[change_id].status == "approved"
        ]
        removed = {i for i, show in self.now.shows.items() if show.deleted_at is not None}
        drafted = [show for show in self.drafted() if show.id not in removed]
        edited, cancelled = self.edited(), self.cancelled()
        if not (drafted or edited or cancelled):
            return found
        if self.now.deleted_at is not None or self.now.status != "draft":
            said = "deleted" if self.now.deleted_at is not None else self.now.status
            found.append(
                FieldError(f"{self.now.id}.status", "moved", f"is {said} now: bring it back to draft")
            )
        for show in drafted:
            found += self._moved(show, PLANNED)
        for show, edit in edited:
            found += self._moved(show, changes.fields_of(edit))
        again = {show.restored_from for show in self.now.live_shows()}
        for show in cancelled:
            found += self._moved(show, PLANNED)
            if show.id in again:
                found.append(FieldError(f"{show.id}.status", "moved", "came back since"))
        return found

    def _moved(self, left: Show, names: Sequence[str]) -> Iterator[FieldError]:
        show = self.now.shows.get(left.id)
        if show is None:
            yield FieldError(f"{left.id}.schedule_id", "moved", "went on in another schedule")
            return
        if show.deleted_at is not None:
            yield FieldError(f"{left.id}.deleted_at", "moved", "was removed since")
            return
        for name in (*names, "status"):
            if getattr(show, name) != getattr(left, name):
                yield FieldError(f"{left.id}.{name}", "moved", _MOVED)

    def steps(self, unit: Unit) -> tuple[list[ScheduleEvent], UndoneSchedule]:
        """What takes the shows back, and how many of them."""
        zone: dict[str, Any] = {"time_zone": self.now.time_zone, "day_start": self.now.day_start}
        remove = [s.id for s in self.drafted() if self.now.shows[s.id].deleted_at is None]
        edits = [edit for _, edit in self.edited()]
        cancelled = self.cancelled()
        events: list[ScheduleEvent] = []
        if remove:
            events.append(ShowsRemoved(show_ids=tuple(remove)))
        # An external id goes with the show that stands in for a cancelled one.
        named = [ShowEdit(show_id=s.id, external_id=None) for s in cancelled if s.external_id]
        if edits or named:
            events.append(ShowsEdited(edits=(*edits, *named), **zone))
        if cancelled:
            events.append(ShowDrafted(shows=tuple(_again(s, unit.new_id("show")) for s in cancelled), **zone))
        return events, UndoneSchedule(
            id=self.now.id,
            name=self.now.name,
            removed=len(remove),
            restored=len(edits),
            returned=len(cancelled),
            deleted=False,
        )


class _Undo:
    """One undo at work in its transaction."""

    def __init__(self, unit: Unit, import_id: str, ran: ImportApplied, did: Sequence[Recorded]) -> None:
        self._unit = unit
        self._id = import_id
        self._ran = ran
        self._rows = [(r.originator_id, e.kind) for r in did if isinstance(e := r.event, EntityCreated)]
        versions: dict[str, list[int]] = {}
        for recorded in did:
            if recorded.originator_id.startswith("schedule_"):
                versions.setdefault(recorded.originator_id, []).append(recorded.originator_version)
        unit.tx.lock_streams(sorted([*versions, *(row_id for row_id, _ in self._rows)]))
        self._parts = [Part.of(unit.tx.stream(i), versions[i]) for i in sorted(versions)]
        self._freed: Counter[tuple[str, str]] = Counter()

    def check(self, reach: Reach) -> None:
        """Raises Forbidden. What a run looked at and left as it was counts as touched too."""
        if self._rows and not reach.writes:
            raise Forbidden(
                "This import made reference rows: only a system administrator may take it back.",
                needs=NEEDS[Action.WRITE],
            )
        here = {part.now.id: part.now for part in self._parts}
        for schedule_id in self._ran.schedules:
            if schedule := here.get(schedule_id) or replay(self._unit.tx.stream(schedule_id)):
                reach.check(schedule)

    def done(self) -> Undone:
        """Looks, takes back, records, reports."""
        if moved := [error for part in self._parts for error in part.moved()]:
            raise ChangeConflict(
                f"{len(moved)} things were changed since the import, such as {moved[0].path}:"
                " undo those first",
                errors=moved,
            )
        schedules = [self._take_back(part) for part in self._parts]
        deleted, left = self._delete_rows()
        unit = self._unit
        undone = Undone(
            id=self._id,
            file_name=self._ran.file_name,
            counts=UndoCounts(
                **{
                    name: sum(getattr(each, name) for each in schedules)
                    for name in ("removed", "restored", "returned")
                },
                withdrawn=sum(each.change_id is not None for each in schedules),
                schedules=sum(each.deleted for each in schedules),
                rows=deleted,
            ),
            schedules=tuple(schedules),
            left=tuple(left),
            undone_at=unit.now,
            undone_by=unit.context.actor.id,
        )
        event = ImportUndone(counts=asdict(undone.counts), report=msgspec.to_builtins(undone))
        unit.append_event(self._id, event, version=1)
        return undone

    def _take_back(self, part: Part) -> UndoneSchedule:
        unit, schedule = self._unit, part.now
        named = _named(schedule)
        withdrawn: str | None = None
        for change_id in part.asked():
            if schedule.changes[change_id].status == "proposed":
                unit.append(schedule, changes.withdraw(schedule, change_id, note="the import was undone"))
                withdrawn = change_id
        events, told = part.steps(unit)
        if events:
            unit.append(schedule, events)
            label = f"Undo of {self._ran.file_name}"[:200]
            number = proposal.next_number(schedule)
            unit.append(schedule, [proposal.version(schedule, number, "import", label=label)])
        deleted = self._delete_empty(part)
        self._freed.update(("show", row_id) for _, row_id in named - _named(schedule))
        return msgspec.structs.replace(told, deleted=deleted, change_id=withdrawn)

    def _delete_empty(self, part: Part) -> bool:
        """A schedule that the run opened goes with its shows, unless there is something else in it."""
        schedule = part.now
        kept = schedule.live_shows() or schedule.status != "draft" or schedule.booked_once
        if part.before is not None or kept or schedule.deleted_at is not None:
            return False
        self._unit.append(schedule, lifecycle.delete(schedule))
        self._freed.update(("schedule", i) for i in (schedule.client_id, schedule.studio_id) if i)
        return True

    def _delete_rows(self) -> tuple[int, list[LeftRow]]:
        """Rows that the run made, the last first: a room goes before its studio. The read tables don't show
        yet what this command lets go, so that is taken off their counts."""
        unit, deleted, left = self._unit, 0, list[LeftRow]()
        for row_id, kind in reversed(self._rows):
            row = unit.row(kind, row_id)
            if row.deleted_at is not None:
                continue
            named = unit.references.referrers(unit.connection, kind, row_id)
            if row.version > 1 or any(n > self._freed[who, row_id] for who, n in named.items()):
                why = "edited" if row.version > 1 else "in_use"
                left.append(LeftRow(kind, row_id, str(row.values["name"]), why))
                continue
            unit.append_row(row, row_id, deciding.delete(BY_KIND[kind], row))
            self._freed.update((kind, i) for i in _referred(kind, row.values))
            deleted += 1
        return deleted, left


def _again(show: Show, show_id: str) -> ShowDraft:
    planned: dict[str, Any] = {name: getattr(show, name) for name in PLANNED}
    return ShowDraft(id=show_id, restored_from=show.id, **planned)


def _named(schedule: Schedule) -> set[tuple[str, str]]:
    """Each live show that is not over with each reference row that it names."""
    return {
        (show.id, row_id)
        for show in schedule.live_shows()
        if show.status not in _OVER
        for row_id in (
            *(schedule.client_id, schedule.studio_id, show.room_id),
            *(*show.creators, *(link.platform_id for link in show.platforms)),
        )
        if row_id
    }


def _referred(kind: str, values: Mapping[str, Any]) -> list[str]:
    """The rows that a row of this kind names."""
    return [row_id for field in BY_KIND[kind].references if (row_id := values.get(field))]
