"""Blackouts over bookings, with `re_plan`: who is hit is told, nobody is thrown out, and each schedule that
is hit gets one change with a way out for every show that has one, for the other side to agree to.

The span itself is the database's work: it closes what is free at once, and the rest when bookings leave.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from domain.application import Unit
from domain.conflicts import Claim, Facts, Hit, Other, Resource, Subject, shut
from domain.opening import windows
from domain.registry import opening
from domain.registry.declaring import Entity
from domain.registry.row import Row
from domain.schedule import booking, changes
from domain.schedule.changes import NewChange, Update
from domain.schedule.planning import ShowPatch
from domain.schedule.state import Schedule
from domain.slots import Slot
from domain.suggesting.clearing import cleared
from domain.suggesting.ground import HORIZON, Ground, home_of
from domain.suggesting.requests import fields
from domain.suggesting.ways import Way

CATEGORY: Final = "OPERATIONAL"


class Laid(Struct, frozen=True):
    """A row as it was written, the bookings that it hits and the changes that it opened, by id."""

    row: Row
    hit: tuple[Hit, ...] = ()
    changes: tuple[str, ...] = ()


class Week(Struct, frozen=True):
    """Rows of opening hours that were written together, with the same."""

    rows: Sequence[Row]
    hit: tuple[Hit, ...] = ()
    changes: tuple[str, ...] = ()


class _Asking(Struct, frozen=True):
    """How a change is asked for: its type and reason, the row that is its cause, and the room or creator that
    is lost, or None where all rooms of the studio are."""

    change_type: str
    reason: str
    cause: str
    gone: Resource | None = None


def laid(unit: Unit, entity: Entity, write: Callable[[], Row]) -> Laid:
    """Writes a row (`write` is one of `commanding`'s) and, where it is a blackout that re-plans, tells whom
    it hits and opens a change for each schedule that it did not hit before. Raises as `write` does."""
    row = write()
    if not row.values.get("re_plan") or row.deleted_at is not None:
        return Laid(row)
    if row.kind in opening.KINDS:
        done = _hours(unit, [row])
        return Laid(row, done.hit, done.changes)
    return _span(unit, entity, row) if entity.holds else Laid(row)


def laid_week(unit: Unit, write: Callable[[], Sequence[Row]]) -> Week:
    """As `laid`, for rows of opening hours together: a schedule gets one change, whose cause is the first."""
    rows = write()
    return _hours(unit, rows) if rows[0].values.get("re_plan") else Week(rows)


def _hours(unit: Unit, rows: Sequence[Row]) -> Week:
    """Hours that re-plan. The streams of the schedules hit are locked already (`opening.hold_still`)."""
    hits = [hit for hit, _ in opening.outside(unit, rows)]
    schedules = unit.schedules({hit.schedule_id for hit in hits})
    time_zone, _, after = opening.hours_with(unit, rows)

    def over(facts: Facts, subjects: Sequence[Subject]) -> list[Claim]:
        claims = [claim for claim in facts.claims if not claim.by_hours]
        near = windows(Slot(each.start - HORIZON, each.end + HORIZON) for each in subjects)
        for room_id in sorted({each.room_id for each in subjects if each.room_id}):
            claims += [claim for window in near for claim in shut(after, time_zone, room_id, window)]
        return claims

    first = rows[0]
    reason = f"Opening hours: {first.values.get('reason') or 'outside opening hours'}"
    asking = _Asking("TIME_CHANGE", reason, first.id)
    return Week(rows, *_told(hits, _opened(unit, schedules, hits, asking, over)))


def _span(unit: Unit, entity: Entity, row: Row) -> Laid:
    """A closure or time off that re-plans."""
    blackout = _blackout(entity, row)
    known = unit.references.blacked_out(unit.connection, row.id)
    # Schedules before resources, as every command locks them; whoever came in between is locked after all.
    schedules = unit.schedules({hit.schedule_id for hit in _hits(unit, blackout)})
    unit.tx.lock_resources([blackout.resource_id])
    hits = _hits(unit, blackout)
    schedules |= unit.schedules({hit.schedule_id for hit in hits} - schedules.keys())

    def over(facts: Facts, _: Sequence[Subject]) -> list[Claim]:
        return [*(claim for claim in facts.claims if claim.key != row.id), blackout]

    closed = entity.kind == "closure"
    asking = _Asking(
        "RESOURCE_CHANGE",
        f"{'Room closed' if closed else 'Creator unavailable'}: {blackout.by.name}",
        row.id,
        Resource("room" if closed else "creator", blackout.resource_id, blackout.by.name),
    )
    new = [hit for hit in hits if hit.show_id not in known]
    return Laid(row, *_told(hits, _opened(unit, schedules, new, asking, over)))


def _told(hits: Sequence[Hit], opened: Mapping[str, str]) -> tuple[tuple[Hit, ...], tuple[str, ...]]:
    told = tuple(replace(hit, change_id=opened.get(hit.show_id)) for hit in hits)
    return told, tuple(dict.fromkeys(opened.values()))


def _blackout(entity: Entity, row: Row) -> Claim:
    span = Slot(datetime.fromisoformat(row.values["start"]), datetime.fromisoformat(row.values["end"]))
    status = "closed" if entity.kind == "closure" else "unavailable"
    by = Other(closure_id=row.id, name=row.values["reason"], status=status, since=row.created_at)
    return Claim(resource_id=row.values[entity.holds], slot=span, held=span, by=by, holding=True)


def _hits(unit: Unit, blackout: Claim) -> Sequence[Hit]:
    return unit.references.hits(unit.connection, blackout.resource_id, blackout.slot)


def _opened(
    unit: Unit,
    schedules: Mapping[str, Schedule],
    hits: Sequence[Hit],
    asking: _Asking,
    over: Callable[[Facts, Sequence[Subject]], list[Claim]],
) -> dict[str, str]:
    """Opens one change a schedule; answers its id by show. `over` gives the claims as they are with the row
    that was just written. Where no show has a way out there is nothing to agree to, and so no change."""
    subjects = [
        replace(booking.subject_of(schedule, show), status="draft")  # A change books it anew.
        for hit in hits
        if (schedule := schedules[hit.schedule_id]).status == "confirmed"
        and (show := schedule.shows[hit.show_id]).status == "confirmed"
    ]
    if not subjects:
        return {}
    homes = {each.id: home_of(schedules[each.schedule_id]) for each in subjects if each.schedule_id}
    facts = unit.references.around(unit.connection, subjects, homes, unit.now)
    ground = Ground(subjects, replace(facts, claims=over(facts, subjects)), homes)
    ways = cleared(subjects, ground, asking.gone)
    opened: dict[str, str] = {}
    for schedule_id in sorted(schedules):
        own = [each for each in subjects if each.schedule_id == schedule_id]
        chosen = {each.id: ways[each.id] for each in own if each.id in ways}
        stuck = [each.name for each in own if each.id not in ways]
        if chosen:
            opened |= dict.fromkeys(chosen, _ask(unit, schedules[schedule_id], chosen, stuck, asking))
    return opened


def _ask(
    unit: Unit, schedule: Schedule, chosen: Mapping[str, Way], stuck: Sequence[str], asking: _Asking
) -> str:
    """Opens the change of one schedule; answers its id."""
    studio = unit.studio(schedule.studio_id)
    reason = asking.reason + (f". No way out was found for {', '.join(stuck)}" if stuck else "")
    asked = changes.propose(
        schedule,
        NewChange(
            category=CATEGORY,
            type=asking.change_type,
            reason=reason,
            operations=tuple(Update(show_id=show_id, set=_patch(way)) for show_id, way in chosen.items()),
        ),
        studio=studio,
        late_change_hours=studio.late_change_hours,
        approval="client" if changes.needed(schedule, studio, "client") == "client" else "studio",
        category=CATEGORY,
        change_type=asking.change_type,
        keys={},
        new_id=unit.new_id,
        now=unit.now,
    )
    unit.append(schedule, asked, cause=asking.cause)
    return asked[0].change_id


def _patch(way: Way) -> ShowPatch:
    then, now = way.before[0], way.after[0]
    return ShowPatch(**{name: getattr(now, name) for name in fields(then, now)})
