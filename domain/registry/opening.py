"""Opening hours over bookings: the rows are a rule (`domain.opening`), so whom a new rule leaves outside is
worked out here, while bookings of the studio wait."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from domain.application import Unit
from domain.conflicts import Finding, Hit, Other, Overlap, Resource
from domain.errors import FieldError, HasConflicts, OverlappingHours
from domain.event_log import Outrun
from domain.opening import WEEKDAYS, Opening, closed, opens_in, overlapping
from domain.registry import deciding
from domain.registry.declaring import Entity, Values
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
    """`check_all` of one row, which may be of any kind."""
    if row.kind in KINDS:
        check_all(unit, [row])
    return row


def check_all(unit: Unit, rows: Sequence[Row]) -> None:
    """Rows of one studio as they were just written, together. Raises OverlappingHours, and HasConflicts with
    the bookings that they would leave outside, unless they re-plan."""
    if rows[0].kind == "hours" and rows[0].deleted_at is None:
        _check_alone(unit, rows)
    if rows[0].values.get("re_plan"):
        return
    if found := outside(unit, rows):
        names = ", ".join(hit.name for hit, _ in found)
        raise HasConflicts(
            f"booked then: {names}; move or cancel that first, or write the hours with re_plan",
            conflicts=[_finding(hit, room) for hit, room in found],
        )


def outside(unit: Unit, rows: Sequence[Row], *, drafts: bool = False) -> list[tuple[Hit, Resource]]:
    """The bookings to come, with their rooms, that are outside opening hours with these rows of a studio as
    they were just written, and were inside before; with `drafts` those that want a room, not those that
    hold it."""
    studio_id = rows[0].values["studio_id"]
    time_zone, before, after = hours_with(unit, rows)
    found: list[tuple[Hit, Resource]] = []
    shows = unit.references.to_want if drafts else unit.references.to_come
    for hit, room in shows(unit.connection, studio_id, unit.now):
        slot = Slot(hit.start, hit.end)
        shut = closed(after, time_zone, slot)
        if shut and not closed(before, time_zone, slot):
            common = slot.overlap(shut[0].slot)
            found.append((replace(hit, overlap=Overlap(common.start, common.end, common.minutes)), room))
    return found


class Preview(Struct, frozen=True):
    """The shows to come that rows of hours would leave outside, with their rooms, by start; `re_plans`:
    whether the rows are written over the booked ones."""

    booked: list[tuple[Hit, Resource]]
    drafted: list[tuple[Hit, Resource]]
    re_plans: bool


def preview(unit: Unit, write: Callable[[], Sequence[Row]]) -> Preview:
    """Whom rows of a studio that re-plan would leave outside (`write` is one of `commanding`'s): for a dry
    run, as it opens no change. Raises as `write` does."""
    rows = write()
    re_plans = bool(rows[0].values.get("re_plan"))
    return Preview(outside(unit, rows), outside(unit, rows, drafts=True), re_plans)


def without(unit: Unit, entity: Entity, row_id: str) -> Row:
    """A row of hours deleted whomever that leaves outside, for a preview. Raises NotFound."""
    row = unit.row(entity.kind, row_id)
    hold_still(unit, entity.kind, row.values)
    return unit.append_row(row, row_id, deciding.delete(entity, row))


def hours_with(unit: Unit, rows: Sequence[Row]) -> tuple[str, list[Opening], list[Opening]]:
    """The time zone of the studio of these rows, and its hours and exceptions without them as they were just
    written, then with them."""
    time_zone, stored = unit.references.hours(unit.connection, rows[0].values["studio_id"])
    written = {row.id for row in rows}
    after = [each for row_id, each in stored.items() if row_id not in written]
    return time_zone, [*stored.values()], after + [opening_of(row) for row in rows if not row.deleted_at]


def _check_alone(unit: Unit, rows: Sequence[Row]) -> None:
    """Two rows that say when the studio is open on one weekday say different times. What was stored before
    this was a rule still loads, and may be deleted or narrowed. Raises OverlappingHours."""
    _, stored = unit.references.hours(unit.connection, rows[0].values["studio_id"])
    known = {**stored, **{row.id: opening_of(row) for row in rows}}
    for row in rows:
        own = known[row.id]
        if other := overlapping(own, (each for row_id, each in known.items() if row_id != row.id)):
            raise _overlap(own, other)


def _overlap(own: Opening, other: Opening) -> OverlappingHours:
    said = f"{_span(own)} overlaps {_span(other)}: change one of the two so that they only touch."
    path = "opens" if opens_in(own, other) else "closes"
    return OverlappingHours(
        said,
        errors=[FieldError(path, "overlapping_hours", said)],
        hours=[{"weekday": e.weekday, "opens": e.opens, "closes": e.closes} for e in (own, other)],
    )


def _span(row: Opening) -> str:
    return f"{WEEKDAYS[(row.weekday or 1) - 1]} {row.opens}\N{EN DASH}{row.closes}"


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
