"""The four decisions as commands: what spans rows is asked here, inside the command's transaction.

Statement order is the proof: a command that relies on a row share-locks it (`References.live`), one that
deletes a row or moves a studio's clock locks it for update first and looks who relies on it second. So
no interleaving leaves a live row with a deleted one behind it.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import UNSET, Struct

from domain.application import Commands, Unit
from domain.errors import Conflict, FieldError, HasConflicts, InUse, Invalid, LastAdmin, StaleVersion
from domain.event_log import Taken
from domain.ids import is_id
from domain.registry import deciding, opening
from domain.registry.declaring import Body, Entity, Values
from domain.registry.entities import BY_KIND, NewOpeningHours, NewWeek
from domain.registry.row import Row

_CLOCK = ("time_zone", "day_start")


def create(unit: Unit, entity: Entity, body: Body) -> Row:
    """A new row. Raises Invalid; Duplicate, and Taken for a closure over a booking, come with the commit."""
    return opening.check(unit, _created(unit, entity, [body])[0])


def create_week(unit: Unit, week: NewWeek) -> list[Row]:
    """A row of opening hours for each weekday, all of them or none. Raises Invalid; OverlappingHours and
    HasConflicts, which see all of them together."""
    bodies = [
        NewOpeningHours(
            studio_id=week.studio_id,
            weekday=weekday,
            opens=week.opens,
            closes=week.closes,
            re_plan=week.re_plan,
        )
        for weekday in _once(week.weekdays)
    ]
    rows = _created(unit, BY_KIND["hours"], bodies)
    opening.check_all(unit, rows)
    return rows


def update(unit: Unit, entity: Entity, row_id: str, patch: Struct) -> Row:
    """A changed row. Raises NotFound, PreconditionFailed, Invalid, SystemRow, IllegalTransition, InUse."""
    row = _addressed(unit, entity, row_id)
    events = deciding.update(entity, row, patch)
    if not events:
        return row
    changed = events[0].values
    if missing := _not_live(unit, entity, changed):
        raise Invalid("; ".join(f"{error.path} {error.message}" for error in missing), errors=missing)
    if entity.kind == "studio":
        _check_clock(unit, row_id, [name for name in _CLOCK if name in changed])
    if entity.kind == "user" and not _administers(row.values | changed):
        _check_admin_left(unit, row)
    opening.hold_still(unit, entity.kind, row.values | changed)
    return opening.check(unit, unit.append_row(row, row_id, events))


def delete(unit: Unit, entity: Entity, row_id: str) -> Row:
    """A deleted row. Raises NotFound, PreconditionFailed, SystemRow, InUse with the count of referrers."""
    row = _addressed(unit, entity, row_id)
    events = deciding.delete(entity, row)
    if not events:
        return row
    if entity.kind == "user":
        _check_admin_left(unit, row)
    if counts := unit.references.referrers(unit.connection, entity.kind, row_id):
        total = sum(counts.values())
        listed = ", ".join(f"{count} {_words(kind, count)}" for kind, count in counts.items())
        raise InUse(
            f"still used by {total} other {'row' if total == 1 else 'rows'} ({listed})",
            count=total,
            referrers=counts,
        )
    opening.hold_still(unit, entity.kind, row.values)
    return opening.check(unit, unit.append_row(row, row_id, events))


def restore(unit: Unit, entity: Entity, row_id: str) -> Row:
    """A row brought back. Raises NotFound, PreconditionFailed, and Conflict when what it refers to is gone;
    Duplicate, when its name was taken meanwhile, and Taken come with the commit."""
    row = _addressed(unit, entity, row_id)
    events = deciding.restore(entity, row)
    if not events:
        return row
    opening.hold_still(unit, entity.kind, row.values)
    if gone := _not_live(unit, entity, row.values):
        names = " and ".join(error.path for error in gone)
        raise Conflict(f"what its {names} names was deleted; restore that first", errors=gone)
    return opening.check(unit, unit.append_row(row, row_id, events))


@contextmanager
def bookings_named(commands: Commands) -> Generator[None]:
    """Around a command that may close a room: the database's refusal becomes findings that name the
    bookings in the way. Raises HasConflicts."""
    try:
        yield
    except Taken as taken:
        with commands.log.pool.connection() as connection:
            found = commands.references.closed_over(connection, taken.clashes)
        if not found:
            raise StaleVersion("a booking stood in the way a moment ago; try again") from taken
        names = ", ".join(finding.other.name for finding in found if finding.other)
        raise HasConflicts(
            f"booked then: {names}; move or cancel that first, or close with re_plan", conflicts=found
        ) from taken


def _created(unit: Unit, entity: Entity, bodies: Sequence[Body]) -> list[Row]:
    """New rows that name the same others. Raises Invalid."""
    decided = [deciding.create(entity, body) for body in bodies]
    values = decided[0][0].values
    opening.hold_still(unit, entity.kind, values)
    if missing := _not_live(unit, entity, values):
        raise Invalid("; ".join(f"{error.path} {error.message}" for error in missing), errors=missing)
    return [unit.append_row(None, unit.new_id(entity.kind), events) for events in decided]


def _once(weekdays: Sequence[int]) -> Sequence[int]:
    wrong = [
        FieldError(f"weekdays[{index}]", "repeated_weekday", "names a weekday a second time")
        for index, each in enumerate(weekdays)
        if each in weekdays[:index]
    ]
    if wrong:
        raise Invalid(f"{wrong[0].path} {wrong[0].message}", errors=wrong)
    return weekdays


def _words(kind: str, count: int) -> str:
    """What refers to a row, for people: `show`, `room closures`."""
    one = BY_KIND[kind].singular.replace("_", " ") if kind in BY_KIND else kind
    return one if count == 1 or one.endswith("s") else f"{one}s"


def _administers(values: Values) -> bool:
    return bool(values["is_system_admin"]) and not values["is_banned"]


def _check_admin_left(unit: Unit, row: Row) -> None:
    """Two administrators must not demote each other at once: they queue for one lock."""
    if not _administers(row.values):
        return
    unit.tx.lock_resources(["system administrators"])
    if not unit.references.other_admins(unit.connection, row.id):
        raise LastAdmin("this is the last system administrator; make somebody else one first")


def _addressed(unit: Unit, entity: Entity, row_id: str) -> Row:
    row = unit.row(entity.kind, row_id)
    unit.match(row.version)
    return row


def _not_live(unit: Unit, entity: Entity, values: Values) -> list[FieldError]:
    """The fields that name no live row of the kind that they should."""
    named = {
        field: row_id
        for field in entity.references
        if (row_id := values.get(field, UNSET)) is not UNSET and row_id is not None
    }
    if not named:
        return []
    possible = {row_id for field, row_id in named.items() if is_id(entity.references[field], row_id)}
    live = unit.references.live(unit.connection, possible)
    return [
        FieldError(field, "unknown_reference", f"{row_id} is no {entity.references[field]}, or a deleted one")
        for field, row_id in named.items()
        if row_id not in live
    ]


def _check_clock(unit: Unit, studio_id: str, changed: Iterable[Any]) -> None:
    """A studio's shows, even deleted ones, were given their operational days by its zone and day start."""
    fields = list(changed)
    if fields and unit.references.has_shows(unit.connection, studio_id):
        raise InUse(
            f"{' and '.join(fields)} can't change while the studio has shows",
            errors=[FieldError(name, "in_use", "can't change while the studio has shows") for name in fields],
        )
