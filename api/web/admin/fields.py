"""The fields of an entity's form, drawn from the types of its body."""

from functools import cache
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, inspect

from domain.registry.declaring import Entity

Kind = Literal[
    "text",
    "long",
    "email",
    "zone",
    "number",
    "weekday",
    "boolean",
    "choice",
    "choices",
    "date",
    "instant",
    "settings",
    "reference",
]

_LONG: Final = frozenset({"address"})
_CHOSEN: Final = frozenset({"reference", "boolean", "choice"})
_TYPED: Final = frozenset({"name", "email", "key"})
"""Filters that the search box does already."""


class Field(Struct, frozen=True, kw_only=True):
    """One field. `nullable` ones may be left empty; `refers` is the kind of row that a reference names;
    `choices` are the values of a choice; bounds are the type's own."""

    name: str
    kind: Kind
    required: bool
    nullable: bool
    default: Any = None
    refers: str = ""
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    pattern: str | None = None


@cache
def fields(entity: Entity) -> tuple[Field, ...]:
    """All fields of an entity, in the order in which it declares them."""
    return tuple(_field(entity, each) for each in msgspec.structs.fields(entity.body))


@cache
def by_name(entity: Entity) -> dict[str, Field]:
    """The same by name."""
    return {each.name: each for each in fields(entity)}


@cache
def filters(entity: Entity) -> tuple[Field, ...]:
    """The filters of an entity's list that are more than a search for its text."""
    found = by_name(entity)
    return tuple(found[name] for name in entity.filters if name not in _TYPED and found[name].kind in _CHOSEN)


def _field(entity: Entity, each: msgspec.structs.FieldInfo) -> Field:
    info, nullable = _plain(inspect.type_info(each.type))
    factory = each.default_factory
    made = factory() if callable(factory) else None
    default = made if each.default is msgspec.NODEFAULT else each.default
    bounds: dict[str, Any] = {}
    if isinstance(info, inspect.StrType):
        # A pattern that is not anchored, such as "has a letter", is not what a browser takes for one.
        anchored = info.pattern if (info.pattern or "").startswith("^") else None
        bounds = {"longest": info.max_length, "pattern": anchored}
    if isinstance(info, inspect.IntType):
        bounds = {"least": info.ge, "most": info.le}
    return Field(
        name=each.name,
        kind=_kind(entity, each.name, info),
        required=each.required,
        nullable=nullable,
        default=default,
        refers=entity.references.get(each.name, ""),
        choices=_choices(info),
        **bounds,
    )


def _plain(info: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type itself, and whether it may be None."""
    match info:
        case inspect.Metadata(type=inner):
            return _plain(inner)
        case inspect.UnionType(types=types):
            given = [_plain(one)[0] for one in types if not isinstance(one, inspect.NoneType)]
            return given[0], len(given) < len(types)
        case _:
            return info, False


def _kind(entity: Entity, name: str, info: inspect.Type) -> Kind:  # noqa: PLR0911 - one arm a kind
    if name in entity.references:
        return "reference"
    match info:
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return "weekday" if name == "weekday" else "number"
        case inspect.LiteralType():
            return "choice"
        case inspect.VarTupleType():
            return "choices"
        case inspect.DictType():
            return "settings"
        case inspect.DateTimeType():
            return "instant"
        case inspect.DateType():
            return "date"
        case _:
            return _kind_of_text(name)


def _kind_of_text(name: str) -> Kind:
    if name.endswith("email"):
        return "email"
    return "zone" if name == "time_zone" else "long" if name in _LONG else "text"


def _choices(info: inspect.Type) -> tuple[str, ...]:
    match info:
        case inspect.LiteralType(values=values):
            return tuple(str(value) for value in values)
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return tuple(str(value) for value in values)
        case _:
            return ()
