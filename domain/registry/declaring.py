"""What a declaration of a reference entity says, and the types that are drawn from it: the body that
creates a row, the patch that changes one, the shape that is read."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from domain.conflicts import Hit
from domain.errors import FieldError

Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
Text = Annotated[str, Meta(max_length=2_000)]
Email = Annotated[str, Meta(max_length=320, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Id = Annotated[str, Meta(min_length=1, max_length=100)]
LookupKey = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
TimeOfDay = Annotated[str, Meta(min_length=5, max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ClosingTime = Annotated[
    str, Meta(min_length=5, max_length=5, pattern=r"^(([01][0-9]|2[0-9]):[0-5][0-9]|30:00)$")
]
"""Up to 30:00: 06:00 of the next day."""
Weekday = Annotated[int, Meta(ge=1, le=7)]
"""1 is Monday."""
Minutes = Annotated[int, Meta(ge=0, le=1_440)]
Position = Annotated[int, Meta(ge=0, le=1_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]

Date = date
"""Under a name of its own, as an entity has a field that is called date."""

Values = Mapping[str, Any]
"""The declared fields of one row, as JSON."""
Check = Callable[[Values], list[FieldError]]
"""A rule over all fields of a row together; answers what is wrong."""


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of an entity: what a request that creates a row may say."""


class Unique(Struct, frozen=True):
    """Fields that tell rows apart, and the database's constraint that holds it. `for_ever`: deleted rows
    count too, because events store the value."""

    constraint: str
    fields: tuple[str, ...]
    for_ever: bool = False


def _nothing_wrong(_: Values) -> list[FieldError]:
    return []


class Entity(Struct, frozen=True, kw_only=True, eq=False):
    """One reference entity (SPEC 2).

    `kind` is its id prefix, `body` its fields; `references` maps a field to the kind it names; `fixed`
    fields never change after creation; `private` ones only admins see, `masked` ones read so to users who are
    bounded to clients; `holds` is the field with the room or creator that a row holds like a booking;
    `caseless` ones are compared without case; `search` is where `q` looks; `filters` and
    `sorts` are what lists take, the first sort being the default; lists of a `windowed` one, which has start
    and end, also take a window of time.
    """

    kind: str
    path: str
    title: str
    body: type[Body]
    sorts: tuple[str, ...]
    unique: tuple[Unique, ...] = ()
    references: Mapping[str, str] = {}
    fixed: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    holds: str = ""
    masked: Mapping[str, str] = {}
    caseless: frozenset[str] = frozenset()
    windowed: bool = False
    search: tuple[str, ...] = ("name",)
    filters: tuple[str, ...] = ()
    check: Check = _nothing_wrong
    example: Mapping[str, Any] = {}

    @property
    def table(self) -> str:
        return self.path.replace("-", "_")

    @property
    def singular(self) -> str:
        """The word for one row: `room_closure`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.title).lower()

    @property
    def fields(self) -> tuple[str, ...]:
        """The declared fields, in order."""
        return self.body.__struct_fields__

    @property
    def defaults(self) -> Values:
        """What fields are that an event doesn't name, because they came later, as JSON."""
        return _defaults(self.body)

    @property
    def patch(self) -> type[Struct]:
        """What a request that changes a row may say: every field, none required."""
        return _patch(self.body, self.title)

    @property
    def written(self) -> type[Struct]:
        """A row as a command answers it: one that re-plans comes with whom it hits."""
        return _written(self.shape) if "re_plan" in self.fields else self.shape

    @property
    def shape(self) -> type[Struct]:
        """A row as it is read: the declared fields with the bookkeeping that every row has."""
        return _shape(self.body, self.title, self.private)


@cache
def _defaults(body: type[Body]) -> Values:
    return {
        field.name: msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(body)
        if field.default is not msgspec.NODEFAULT
    }


@cache
def _patch(body: type[Body], title: str) -> type[Struct]:
    fields: list[Any] = [(f.name, f.type | UnsetType, UNSET) for f in msgspec.structs.fields(body)]
    return _drawn(f"{title}Patch", fields, "The fields to change; absent ones stay.", forbid=True)


@cache
def _shape(body: type[Body], title: str, private: frozenset[str]) -> type[Struct]:
    declared: list[Any] = [
        (f.name, f.type | UnsetType, UNSET) if f.name in private else (f.name, f.type)
        for f in msgspec.structs.fields(body)
    ]
    bookkeeping: list[Any] = [
        ("system", bool),
        ("created_at", datetime),
        ("created_by", str),
        ("updated_at", datetime),
        ("updated_by", str),
        ("deleted_at", datetime | None, None),
        ("deleted_by", str | None, None),
    ]
    fields = [("id", str), ("version", int), *declared, *bookkeeping]
    return _drawn(title, fields, "A row; `version` counts its events, `system` marks seeded rows.")


@cache
def _written(shape: type[Struct]) -> type[Struct]:
    fields: list[Any] = [
        (f.name, f.type, UNSET) if f.default is UNSET else (f.name, f.type)
        for f in msgspec.structs.fields(shape)
        if f.default is msgspec.NODEFAULT or f.default is UNSET
    ]
    fields += [
        ("deleted_at", datetime | None, None),
        ("deleted_by", str | None, None),
        ("hit", tuple[Hit, ...] | UnsetType, UNSET),
        ("changes", tuple[str, ...] | UnsetType, UNSET),
    ]
    doc = "A row as it was written; with `re_plan` also the bookings it hits and the changes opened for them."
    return _drawn(f"{shape.__name__}Written", fields, doc)


def _drawn(name: str, fields: list[Any], doc: str, *, forbid: bool = False) -> type[Struct]:
    return msgspec.defstruct(
        name,
        fields,
        namespace={"__doc__": doc},
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=forbid,
    )


@cache
def time_zones() -> frozenset[str]:
    """All IANA names that this machine knows."""
    return frozenset(available_timezones())
