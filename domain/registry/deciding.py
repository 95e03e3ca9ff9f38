"""Create, change, delete and restore a row of any reference entity. Pure: row and wish in, events out.
What is already so is no event. Rules that span rows (references, uniqueness, who refers to it) are not
decided here: `commanding.py` asks, the database holds."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from msgspec import UNSET, Struct

from domain.errors import FieldError, IllegalTransition, Invalid, SystemRow
from domain.events import EntityCreated, EntityDeleted, EntityRestored, EntityUpdated
from domain.registry.declaring import Body, Entity, Values
from domain.registry.row import Row
from domain.slots import utc

_OPEN_IN_SYSTEM_ROWS: Final = frozenset({"name", "position", "enabled"})
_DEEPEST: Final = 20


def fixed(entity: Entity, *, system: bool) -> frozenset[str]:
    """The fields that never change in a row, which a seeded one (`system`) has more of."""
    return frozenset(entity.fields) - _OPEN_IN_SYSTEM_ROWS if system else entity.fixed


def create(entity: Entity, body: Body, *, system: bool = False) -> list[EntityCreated]:
    """A new row. Raises Invalid naming every wrong field."""
    values = _stored(body)
    _check(entity, values)
    return [EntityCreated(kind=entity.kind, values=values, system=system)]


def update(entity: Entity, row: Row, patch: Struct) -> list[EntityUpdated]:
    """Only what differs is recorded. `patch` is of the entity's patch type.

    Raises Invalid, SystemRow (a seeded row's key or meaning), IllegalTransition (a deleted row).
    """
    if row.deleted_at is not None:
        raise IllegalTransition(
            f"this {entity.kind} was deleted; restore it first", status="deleted", allowed=["restore"]
        )
    present = {**entity.defaults, **row.values}
    changed = {name: value for name, value in _stored(patch).items() if present.get(name) != value}
    touched = sorted(changed.keys() & fixed(entity, system=row.system))
    if touched and row.system:
        raise SystemRow(
            f"this row came with Callboard: its {' and '.join(touched)} can't change",
            errors=[FieldError(name, "system_row", "can't change in a seeded row") for name in touched],
        )
    if touched:
        raise Invalid(
            f"{' and '.join(touched)} can't change; make a new row instead",
            errors=[FieldError(name, "immutable", "can't change after creation") for name in touched],
        )
    _check(entity, present | changed)
    return [EntityUpdated(kind=entity.kind, values=changed)] if changed else []


def delete(entity: Entity, row: Row) -> list[EntityDeleted]:
    """Soft. Deleted before is no event. Raises SystemRow."""
    if row.system:
        raise SystemRow(f"this {entity.kind} came with Callboard and can't be deleted")
    return [] if row.deleted_at else [EntityDeleted(kind=entity.kind, values=row.values)]


def restore(entity: Entity, row: Row) -> list[EntityRestored]:
    """Brings a deleted row back as it was. Not deleted is no event."""
    return [EntityRestored(kind=entity.kind, values=row.values)] if row.deleted_at else []


def _stored(body: Struct) -> dict[str, Any]:
    """The fields that were given, as the events hold them: JSON, times in UTC, no blanks around texts."""
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    wrong = [error for name, value in given.items() for error in _unstorable(name, value)]
    if wrong:
        raise _invalid(wrong)
    return msgspec.to_builtins({name: _plain(value) for name, value in given.items()})


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value.strip()
        case datetime():
            return utc(value)
        case tuple():
            return list(dict.fromkeys(cast(tuple[Any, ...], value)))
        case _:
            return value


def _unstorable(path: str, value: Any, depth: int = 0) -> Iterator[FieldError]:
    """What no table can hold: NUL in a text, an instant outside the years 1 to 9999, endless nesting."""
    match value:
        case str() if "\0" in value:
            yield FieldError(path, "nul_character", "must not contain a NUL character")
        case datetime():
            try:
                utc(value)
            except OverflowError:
                yield FieldError(path, "out_of_range", "must be in the years 1 to 9999")
        case dict() | list() if depth == _DEEPEST:
            yield FieldError(path, "too_deep", f"nests deeper than {_DEEPEST} levels")
        case dict():
            for name, inner in cast(Mapping[str, Any], value).items():
                yield from _unstorable(path, name, depth + 1)
                yield from _unstorable(f"{path}.{name}", inner, depth + 1)
        case list():
            for index, inner in enumerate(cast(list[Any], value)):
                yield from _unstorable(f"{path}[{index}]", inner, depth + 1)
        case _:
            return


def _check(entity: Entity, values: Values) -> None:
    if wrong := entity.check(values):
        raise _invalid(wrong)


def _invalid(wrong: list[FieldError]) -> Invalid:
    return Invalid("; ".join(f"{error.path} {error.message}" for error in wrong), errors=wrong)
