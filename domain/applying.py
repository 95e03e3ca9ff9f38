"""Approving a change: everything it asks for in one transaction, or nothing.

What it edits is edited, what it adds or moves is checked under locks and booked, what it cancels is let
go, and a version closes it. A swap of two bookings works because the spans that the change itself lets go
don't stand in its way.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from copy import deepcopy

from msgspec import Struct
from msgspec.structs import replace

from domain.application import Commands, Context, Unit
from domain.confirming import in_the_way, refusal
from domain.conflicts import Finding, RoomFacts, Subject, claims_of
from domain.errors import ChangeConflict, FieldError, HasConflicts, StaleVersion
from domain.event_log import Replayed, Taken
from domain.events import Booking
from domain.schedule import booking, changes, versions
from domain.schedule.state import Change, Schedule, Show
from domain.schedule.versions import Differences


class Applied(Struct, frozen=True, kw_only=True):
    """A change as it was decided, and the schedule with it applied."""

    change: Change
    schedule: Schedule


def approve(
    commands: Commands,
    context: Context,
    schedule_id: str,
    change_id: str,
    *,
    note: str = "",
    check: Callable[[Schedule, Change], bool],
    encode: Callable[[Applied], bytes] | None = None,
) -> Applied | Replayed:
    """Approves and applies a change. `check` raises Forbidden unless the actor may approve it, and answers
    whether that is on the client's behalf.

    Raises NotFound, IllegalTransition, ChangeConflict naming the fields that moved, HasConflicts.
    """

    looked_at: list[Subject] = []

    def work(unit: Unit) -> Applied:
        schedule = unit.schedule(schedule_id)
        change = changes.find_change(schedule, change_id)
        unit.match(change.version)
        on_behalf = check(schedule, change)
        return apply(commands, unit, schedule, change, looked_at, on_behalf=on_behalf, note=note)

    with named(commands, looked_at):
        return commands.run(context, work, encode)


class Preview(Struct, frozen=True, kw_only=True):
    """What approving a change would do: `differences` that it asks for, and what stands in its way: findings
    that block it, fields that moved since."""

    change: Change
    before: Schedule
    after: Schedule
    differences: Differences
    conflicts: tuple[Finding, ...] = ()
    moved: tuple[FieldError, ...] = ()


def preview(commands: Commands, context: Context, schedule_id: str, change_id: str) -> Preview:
    """The approval itself, rolled back. Raises NotFound, IllegalTransition for a decided change."""
    context = replace(context, dry_run=True, key=None)
    looked_at: list[Subject] = []
    seen: list[tuple[Change, Schedule, Schedule]] = []

    def work(unit: Unit) -> None:
        schedule = unit.schedule(schedule_id)
        change = changes.find_change(schedule, change_id)
        seen[:] = [(deepcopy(change), deepcopy(schedule), schedule)]
        apply(commands, unit, schedule, change, looked_at)

    conflicts: tuple[Finding, ...] = ()
    moved: tuple[FieldError, ...] = ()
    try:
        with named(commands, looked_at):
            commands.do(context, work)
    except HasConflicts as refused:
        conflicts = tuple(refused.extra["conflicts"])
    except ChangeConflict as refused:
        moved = refused.errors
    change, before, after = seen[0]
    return Preview(
        change=change,
        before=before,
        after=after,
        differences=versions.differences(before, after),
        conflicts=conflicts,
        moved=moved,
    )


@contextmanager
def named(commands: Commands, looked_at: list[Subject]) -> Generator[None]:
    """Around a command that applies a change: what the database refuses after all becomes findings about
    the shows that `apply` looked at. Raises HasConflicts."""
    try:
        yield
    except Taken:
        if findings := in_the_way(commands, looked_at):
            raise refusal(findings) from None
        raise StaleVersion("a booking stood in the way a moment ago; try again") from None


def apply(
    commands: Commands,
    unit: Unit,
    schedule: Schedule,
    change: Change,
    looked_at: list[Subject],
    *,
    on_behalf: bool = False,
    note: str = "",
) -> Applied:
    """Agrees to a change and applies it, inside a command; `looked_at` is filled with the shows that it
    books. Raises as `approve` does."""
    studio = unit.studio(schedule.studio_id)
    resources = changes.touched(schedule, change)
    agreed = changes.approve(schedule, change.id, on_behalf=on_behalf, note=note)
    unit.append(schedule, agreed, cause=change.id)
    unit.tx.lock_resources(sorted(resources))
    unit.append(schedule, changes.edits(change, studio), cause=change.id)
    subjects = looked_at[:] = _subjects(schedule, change)
    facts = unit.references.facts(
        unit.connection, subjects, unit.now, holders=commands.conflict_check, wishes=False
    )
    ours = {op.show_id for op in change.operations}
    facts = replace(facts, claims=[claim for claim in facts.claims if claim.key not in ours])
    _, refused = booking.choose(subjects, facts, best_effort=False)
    lasting = _lasting(schedule, subjects, facts.rooms)
    against = [f for each in refused for f in each.conflicts if not _in_it_before(f, lasting)]
    if against:
        raise refusal(against)
    shows = [
        replace(show, room_id=None) if changes.keeps_room(show, change) else show
        for show in changes.to_book(schedule, change)
    ]
    bookings = [
        _kept(schedule.shows[each.show_id], change, each)
        for each in booking.bookings_of(schedule, shows, facts)
    ]
    unit.append(schedule, changes.book(schedule, bookings), cause=change.id)
    return Applied(change=schedule.changes[change.id], schedule=schedule)


def _lasting(
    schedule: Schedule, subjects: Iterable[Subject], rooms: Mapping[str, RoomFacts]
) -> set[tuple[str, str]]:
    """Show and resource, of what a booking keeps without holding it for a minute more."""
    return {
        (subject.id, hold.resource_id)
        for subject in subjects
        for claim in claims_of(subject, rooms)
        for hold in schedule.shows[subject.id].holds
        if hold.resource_id == claim.resource_id
        and hold.start <= claim.held.start
        and claim.held.end <= hold.end
    }


def _in_it_before(finding: Finding, lasting: Collection[tuple[str, str]]) -> bool:
    """Whether it tells of a blackout that waits for what the booking holds already (ADR 13)."""
    other, resource = finding.other, finding.resource
    return bool(other and other.closure_id and resource and (finding.show_id, resource.id) in lasting)


def _kept(show: Show, change: Change, new: Booking) -> Booking:
    """The booking, with the room as it was held before where the show stays in it."""
    if not changes.keeps_room(show, change):
        return new
    room = tuple(hold for hold in show.holds if hold.resource_id == show.room_id)
    creators = tuple(hold for hold in new.holds if hold.resource_id != show.room_id)
    return Booking(show.id, (*room, *creators))


def _subjects(schedule: Schedule, change: Change) -> list[Subject]:
    """What the change wants, whether it is booked already or not; not the room of a show that stays in it."""
    return [
        replace(
            booking.subject_of(schedule, show),
            status="draft",
            room_id=None if changes.keeps_room(show, change) else show.room_id,
        )
        for show in changes.to_book(schedule, change)
    ]
