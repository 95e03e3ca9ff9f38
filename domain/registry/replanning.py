"""Blackouts over bookings, with `re_plan`: who is hit is told, nobody is thrown out, and each schedule that
is hit gets one change with a way out for every show that has one, for the other side to agree to.

The span itself is the database's work: it closes what is free at once, and the rest when bookings leave.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from domain.application import Unit
from domain.conflicts import Claim, Facts, Hit, Other, Subject, blocking, claims_of, find
from domain.registry import opening
from domain.registry.declaring import Entity
from domain.registry.row import Row
from domain.schedule import booking, changes
from domain.schedule.changes import NewChange, Update
from domain.schedule.planning import Id, ShowPatch
from domain.schedule.state import Schedule
from domain.slots import Slot, operational_day

CATEGORY: Final = "OPERATIONAL"
TYPE: Final = "RESOURCE_CHANGE"
_DAY: Final = timedelta(days=1)
_FAR: Final = timedelta(days=31)
"""A show is not moved farther than that to get out of the way of a long blackout."""


class Laid(Struct, frozen=True):
    """A row as it was written, the bookings that it hits and the changes that it opened, by id."""

    row: Row
    hit: tuple[Hit, ...] = ()
    changes: tuple[str, ...] = ()


class Way(Struct, frozen=True):
    """One way out for a show: what to set, and the show as it would be."""

    patch: ShowPatch
    subject: Subject


def laid(unit: Unit, entity: Entity, write: Callable[[], Row]) -> Laid:
    """Writes a row (`write` is one of `commanding`'s) and, where it is a blackout that re-plans, tells whom
    it hits and opens a change for each schedule that it did not hit before. Raises as `write` does."""
    row = write()
    if row.kind in opening.KINDS and row.values.get("re_plan"):
        return Laid(row, tuple(hit for hit, _ in opening.outside(unit, row)))
    if not entity.holds or not row.values.get("re_plan") or row.deleted_at is not None:
        return Laid(row)
    blackout = _blackout(entity, row)
    known = unit.references.blacked_out(unit.connection, row.id)
    # Schedules before resources, as every command locks them; whoever came in between is locked after all.
    schedules = unit.schedules({hit.schedule_id for hit in _hits(unit, blackout)})
    unit.tx.lock_resources([blackout.resource_id])
    hits = _hits(unit, blackout)
    schedules |= unit.schedules({hit.schedule_id for hit in hits} - schedules.keys())
    opened: dict[str, str] = {}
    for schedule_id in sorted(schedules):
        new = [hit for hit in hits if hit.schedule_id == schedule_id and hit.show_id not in known]
        opened |= _ask(unit, schedules[schedule_id], new, blackout, row.id)
    told = tuple(replace(hit, change_id=opened.get(hit.show_id)) for hit in hits)
    return Laid(row, told, tuple(dict.fromkeys(opened.values())))


def _blackout(entity: Entity, row: Row) -> Claim:
    span = Slot(datetime.fromisoformat(row.values["start"]), datetime.fromisoformat(row.values["end"]))
    status = "closed" if entity.kind == "closure" else "unavailable"
    by = Other(closure_id=row.id, name=row.values["reason"], status=status, since=row.created_at)
    return Claim(resource_id=row.values[entity.holds], slot=span, held=span, by=by, holding=True)


def _hits(unit: Unit, blackout: Claim) -> Sequence[Hit]:
    return unit.references.hits(unit.connection, blackout.resource_id, blackout.slot)


def _ask(
    unit: Unit, schedule: Schedule, hits: Sequence[Hit], blackout: Claim, cause: str
) -> Mapping[str, str]:
    """Opens the change of one schedule; answers its id by show. Where no show has a way out there is nothing
    to agree to, and so no change."""
    shows = [schedule.shows[hit.show_id] for hit in hits]
    subjects = [booking.subject_of(schedule, s) for s in shows if s.status == "confirmed"]
    if schedule.status != "confirmed" or not subjects:
        return {}
    studio = unit.studio(schedule.studio_id)

    def day_of(start: datetime) -> date:
        return operational_day(start, studio.time_zone, studio.day_start)

    others = unit.references.stand_ins(unit.connection, blackout.resource_id)
    ways: dict[str, list[Way]] = {}
    for subject in subjects:
        drafted = replace(subject, status="draft")
        ways[subject.id] = [
            Way(patch, replace(each, operational_day=day_of(each.start)))
            for patch, each in _ways(drafted, blackout, others, unit.now)
        ]
    wanted = [way.subject for each in ways.values() for way in each]
    facts = unit.references.facts(unit.connection, wanted, unit.now, wishes=False)
    chosen = choose(ways, replace(facts, claims=[*facts.claims, blackout]))
    if not chosen:
        return {}
    stuck = [subject.name for subject in subjects if subject.id not in chosen]
    reason = (
        f"{'Room closed' if blackout.by.status == 'closed' else 'Creator unavailable'}: {blackout.by.name}"
    )
    if stuck:
        reason += f". No way out was found for {', '.join(stuck)}"
    asked = changes.propose(
        schedule,
        NewChange(
            category=CATEGORY,
            type=TYPE,
            reason=reason,
            operations=tuple(Update(show_id=show_id, set=patch) for show_id, patch in chosen.items()),
        ),
        studio=studio,
        late_change_hours=studio.late_change_hours,
        approval="client" if changes.needed(schedule, studio, "client") == "client" else "studio",
        category=CATEGORY,
        change_type=TYPE,
        keys={},
        new_id=unit.new_id,
        now=unit.now,
    )
    unit.append(schedule, asked, cause=cause)
    return dict.fromkeys(chosen, asked[0].change_id)


def choose(ways: Mapping[str, Sequence[Way]], facts: Facts) -> dict[str, ShowPatch]:
    """For each show its first way that nothing blocks, those chosen before it included."""
    chosen: dict[str, ShowPatch] = {}
    taken = list(facts.claims)
    for show_id, possible in ways.items():
        for way in possible:
            there = replace(facts, claims=[claim for claim in taken if claim.key != show_id])
            if not blocking(find([way.subject], there)):
                chosen[show_id] = way.patch
                taken += [replace(claim, holding=True) for claim in claims_of(way.subject, facts.rooms)]
                break
    return chosen


def _ways(
    subject: Subject, blackout: Claim, others: Sequence[Id], now: datetime
) -> Iterator[tuple[ShowPatch, Subject]]:
    """Least disturbing first: another room or creator at the same time, then the nearest times around the
    blackout, then the same time on the days beside it."""
    for other in others:
        if blackout.resource_id == subject.room_id:
            yield ShowPatch(room_id=other), replace(subject, room_id=other)
        elif other not in subject.creators:
            creators = tuple(other if each == blackout.resource_id else each for each in subject.creators)
            yield ShowPatch(creators=creators), replace(subject, creators=creators)
    span, long = blackout.slot, subject.end - subject.start
    starts = [subject.start + _DAY, subject.start - _DAY]
    if span.end - subject.start <= _FAR:
        starts.append(span.end)
    if subject.start - span.start <= _FAR:
        starts.append(span.start - long)
    for start in sorted(starts, key=lambda start: abs(start - subject.start)):
        moved = replace(subject, start=start, end=start + long)
        if not moved.slot.overlaps(span) and start >= now:
            yield ShowPatch(start=moved.start, end=moved.end), moved
