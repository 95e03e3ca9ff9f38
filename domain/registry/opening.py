"""Opening hours over bookings: the rows are a rule (`domain.opening`), so whom a new rule leaves outside is
worked out here, while bookings of the studio wait."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from domain.application import Unit
from domain.conflicts import Finding, Hit, Other, Overlap, Resource
from domain.errors import HasConflicts
from domain.event_log import Outrun
from domain.opening import Opening, closed
from domain.registry.declaring import Values
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


def hold_still(unit: Unit, kind: str, values: Values) -> None:
    """Before hours are written: bookings take the studio shared before they look at its hours, so from here
    on none passes this command, nor it them.

    Hours that re-plan write to the schedules they hit. Every command locks schedules before their studio, so
    all that may be hit are locked first, and if one more has come by then the command runs again.
    """
    if kind not in KINDS:
        return
    studio_id, ahead = values["studio_id"], set[str]()
    if values.get("re_plan"):
        ahead = _booked(unit, studio_id)
        unit.tx.lock_streams(sorted(ahead))
    unit.references.lock_hours(unit.connection, studio_id)
    if values.get("re_plan") and not _booked(unit, studio_id) <= ahead:
        raise Outrun


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
    time_zone, before, after = hours_with(unit, row)
    found: list[tuple[Hit, Resource]] = []
    for hit, room in unit.references.to_come(unit.connection, studio_id, unit.now):
        slot = Slot(hit.start, hit.end)
        shut = closed(after, time_zone, slot)
        if shut and not closed(before, time_zone, slot):
            common = slot.overlap(shut[0].slot)
            found.append((replace(hit, overlap=Overlap(common.start, common.end, common.minutes)), room))
    return found


def hours_with(unit: Unit, row: Row) -> tuple[str, list[Opening], list[Opening]]:
    """The time zone of a row's studio, and its hours and exceptions without the row as it was just written,
    then with it."""
    time_zone, rows = unit.references.hours(unit.connection, row.values["studio_id"])
    after = [each for row_id, each in rows.items() if row_id != row.id]
    return time_zone, [*rows.values()], after + ([] if row.deleted_at else [opening_of(row)])


def _booked(unit: Unit, studio_id: str) -> set[str]:
    found = unit.references.to_come(unit.connection, studio_id, unit.now)
    return {hit.schedule_id for hit, _ in found}


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
