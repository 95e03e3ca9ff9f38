"""Opening hours over bookings: the rows are a rule (`domain.opening`), so whom a new rule leaves outside is
worked out here, while bookings of the studio wait."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from domain.application import Unit
from domain.conflicts import Finding, Hit, Other, Overlap, Resource
from domain.errors import HasConflicts
from domain.opening import Opening, closed
from domain.registry.row import Row
from domain.slots import Slot

KINDS: Final = frozenset({"hours", "exception"})


def opening_of(row: Row) -> Opening:
    """A row of hours or of an exception as the rule takes it."""
    values = row.values
    if row.kind == "hours":
        return Opening(
            weekday=values["weekday"], opens=values["opens"], closes=values["closes"], since=row.created_at
        )
    return Opening(
        day=date.fromisoformat(values["date"]),
        opens=values.get("opens"),
        closes=values.get("closes"),
        reason=values["reason"],
        since=row.created_at,
    )


def hold_still(unit: Unit, kind: str, studio_id: str) -> None:
    """Before hours are written: bookings take the studio shared before they look at its hours, so from here
    on none passes this command, nor it them."""
    if kind in KINDS:
        unit.references.lock_hours(unit.connection, studio_id)


def check(unit: Unit, row: Row) -> Row:
    """The row as it was just written. Raises HasConflicts with the bookings that it would leave outside,
    unless it re-plans."""
    if row.kind not in KINDS or row.values.get("re_plan"):
        return row
    if found := outside(unit, row):
        names = ", ".join(hit.name for hit, _ in found)
        raise HasConflicts(
            f"booked then: {names}; move or cancel that first, or write the hours with re_plan",
            conflicts=[_finding(hit, room) for hit, room in found],
        )
    return row


def outside(unit: Unit, row: Row) -> list[tuple[Hit, Resource]]:
    """The bookings to come, with their rooms, that are outside opening hours with this row as it was just
    written, and were inside before."""
    studio_id = row.values["studio_id"]
    time_zone, rows = unit.references.hours(unit.connection, studio_id)
    before = [*rows.values()]
    after = [each for row_id, each in rows.items() if row_id != row.id]
    after += [] if row.deleted_at else [opening_of(row)]
    found: list[tuple[Hit, Resource]] = []
    for hit, room in unit.references.to_come(unit.connection, studio_id, unit.now):
        slot = Slot(hit.start, hit.end)
        shut = closed(after, time_zone, slot)
        if shut and not closed(before, time_zone, slot):
            common = slot.overlap(shut[0].slot)
            found.append((replace(hit, overlap=Overlap(common.start, common.end, common.minutes)), room))
    return found


def _finding(hit: Hit, room: Resource) -> Finding:
    by = Other(
        show_id=hit.show_id,
        schedule_id=hit.schedule_id,
        client_id=hit.client_id,
        name=hit.name,
        status=hit.status,
        since=hit.start,
    )
    return Finding(
        code="room_closed",
        severity="block",
        show_id=hit.show_id,
        resource=room,
        other=by,
        overlap=hit.overlap,
        message=f"{room.name} is taken by {hit.name!r} ({hit.status})",
    )
