"""The confirm command: lock what is wanted, look who holds it, choose, book.

The check under locks is what tells a planner everything that is in the way at once; the database's
exclusion constraint is what makes it true. Where the constraint refuses after all (the check is off, or
something wrote past it), the answer is made from what it names.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from domain.application import Commands, Context, Unit
from domain.conflicts import Finding, Subject, blocking, find
from domain.errors import HasConflicts, StaleVersion
from domain.event_log import Replayed, Taken
from domain.schedule import booking
from domain.schedule.booking import Refused
from domain.schedule.state import Schedule

_ATTEMPTS = 8


class Confirmation(Struct, frozen=True, kw_only=True):
    """What a confirmation did: ids booked by start, then id, and those refused with all that blocks them."""

    confirmed: tuple[str, ...]
    refused: tuple[Refused, ...]
    dry_run: bool
    schedule: Schedule


def confirm(
    commands: Commands,
    context: Context,
    schedule_id: str = "",
    *,
    show_ids: Sequence[str] | None = None,
    best_effort: bool = False,
    encode: Callable[[Confirmation], bytes] | None = None,
    load: Callable[[Unit], Schedule] | None = None,
) -> Confirmation | Replayed:
    """Books drafts of a schedule: those named, or all. All or nothing unless `best_effort`. `load` finds the
    schedule and checks the precondition where the request addresses something else, as a standalone show.

    Raises HasConflicts with every blocking finding, NotApproved, IllegalTransition, NotFound.
    """
    looked_at: list[Subject] = []
    refused_before: dict[str, Refused] = {}

    def work(unit: Unit) -> Confirmation:
        schedule = load(unit) if load else _addressed(unit, schedule_id)
        studio = unit.studio(schedule.studio_id)
        shows = booking.candidates(schedule, show_ids, studio)
        subjects = [booking.subject_of(schedule, s) for s in shows if s.id not in refused_before]
        looked_at[:] = subjects
        unit.tx.lock_resources([r for s in shows for r in (s.room_id, *s.creators) if r])
        facts = unit.references.facts(
            unit.connection, subjects, unit.now, holders=commands.conflict_check, wishes=False
        )
        if commands.conflict_check:
            booked, refused = booking.choose(subjects, facts, best_effort=best_effort)
        else:
            booked, refused = [subject.id for subject in subjects], []
        refused = [*refused, *refused_before.values()]
        if refused and not best_effort:
            raise refusal([f for each in refused for f in each.conflicts])
        schedule = unit.append(schedule, booking.confirm(schedule, booked, facts))
        return Confirmation(
            confirmed=tuple(booked), refused=tuple(refused), dry_run=context.dry_run, schedule=schedule
        )

    for _ in range(_ATTEMPTS):
        try:
            return commands.run(context, work, encode)
        except Taken:
            findings = in_the_way(commands, looked_at)
            if findings and not best_effort:
                raise refusal(findings) from None
            for finding in findings:
                known = refused_before.get(finding.show_id, Refused(finding.show_id, ()))
                refused_before[finding.show_id] = Refused(finding.show_id, (*known.conflicts, finding))
    raise StaleVersion("rooms and creators here change hands too quickly; try again")


def _addressed(unit: Unit, schedule_id: str) -> Schedule:
    schedule = unit.schedule(schedule_id)
    unit.match(schedule.version)
    return schedule


def in_the_way(commands: Commands, subjects: Sequence[Subject]) -> list[Finding]:
    """What the database refused about these shows, named. Empty when the holder has left since."""
    with commands.log.pool.connection() as connection:
        facts = commands.references.facts(connection, subjects, commands.clock(), wishes=False)
    return [finding for finding in blocking(find(subjects, facts)) if finding.other]


def refusal(findings: Sequence[Finding]) -> HasConflicts:
    """The refusal that carries all of these findings."""
    shows = len({finding.show_id for finding in findings})
    return HasConflicts(
        f"{shows} {'show' if shows == 1 else 'shows'} can't be booked: {findings[0].message}"
        + (f", and {len(findings) - 1} more findings" if len(findings) > 1 else ""),
        conflicts=list(findings),
    )
