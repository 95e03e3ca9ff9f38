"""JSON into typed values, strictly, with every wrong value named at once and not only msgspec's first.

Integers are not taken from text, instants need an offset, and nothing passes that PostgreSQL can't hold.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin

import msgspec
from litestar.exceptions import ClientException
from msgspec import Meta, Struct

from domain.errors import FieldError, Invalid

T = TypeVar("T")

Instant = Annotated[datetime, Meta(tz=True)]
"""A point in time. Its offset is required, and may be any."""

MOST_ERRORS: Final = 1_000
_BIGINT: Final = 1 << 63
_AT: Final = re.compile(r" - at `(?:key in )?\$?(.*)`$")

CODES: Final[Sequence[tuple[str, str]]] = (
    (r"Object missing required field", "missing"),
    (r"Object contains unknown field", "unknown_field"),
    (r"Expected `datetime` with a timezone", "naive_datetime"),
    (r"Expected `[^`]*`? ?matching regex|Expected `str` matching", "pattern"),
    (r"Expected `[^`]*` of length|Expected `array` of", "length"),
    (r"Expected `[^`]*` (>|<|that's)", "range"),
    (r"Expected `[^`]*`, got", "type"),
    (r"Invalid enum value|Invalid value", "choice"),
    (r"Invalid ", "format"),
)
"""What begins a message of msgspec, and its code here."""


def code_of(message: str) -> str:
    """A stable code for one of msgspec's messages."""
    return next((code for pattern, code in CODES if re.match(pattern, message)), "invalid")


def decode(body: bytes, kind: type[T]) -> T:
    """A JSON body as that type, strictly. Refused: ClientException (400) when it is no JSON in UTF-8;
    Invalid with all wrong values (up to 1,000), paths such as `shows[3].start`."""
    try:
        raw = msgspec.json.decode(body)
    except UnicodeDecodeError:
        raise ClientException("The body is not valid UTF-8.") from None
    except RecursionError:
        raise ClientException("The body is nested too deeply.") from None
    except msgspec.DecodeError as error:
        raise ClientException(f"The body is not valid JSON: {error}.") from None
    return convert(raw, kind)


def convert(raw: Any, kind: type[T]) -> T:
    """Decoded JSON as that type; the second half of `decode`."""
    found = list(islice(_unstorable(raw, ""), MOST_ERRORS))
    try:
        value = msgspec.convert(raw, kind, strict=True, str_keys=True)
    except msgspec.ValidationError:
        found += islice(_errors(raw, kind, ""), MOST_ERRORS - len(found))
    else:
        if not found:
            return value
    raise Invalid(summary(found), errors=found)


def summary(errors: Sequence[FieldError]) -> str:
    """One sentence for a problem's `detail`."""
    if len(errors) == 1:
        return f"{errors[0].path or 'The body'}: {errors[0].message}"
    return f"{len(errors)} values are wrong." if errors else "The request is not valid."


def storable(values: Any) -> None:
    """Refuses (ValueError) text and numbers that PostgreSQL can't hold."""
    for error in _unstorable(values, ""):
        raise ValueError(f"{error.path}: {error.message}")


def _unstorable(raw: Any, path: str) -> Iterator[FieldError]:
    """NUL in text and integers beyond 64 bits: JSON has them, the database doesn't."""
    match raw:
        case str() if "\0" in raw:
            yield FieldError(path.lstrip("."), "nul_character", "must not contain a NUL character")
        case int() if not -_BIGINT <= raw < _BIGINT:
            yield FieldError(path.lstrip("."), "range", "is out of range")
        case list():
            for index, item in enumerate(cast("list[Any]", raw)):
                yield from _unstorable(item, f"{path}[{index}]")
        case dict():
            for key, item in cast("dict[str, Any]", raw).items():
                yield from _unstorable(key, path)
                yield from _unstorable(item, f"{path}.{key}")
        case _:
            pass


def _errors(raw: Any, kind: Any, path: str) -> Iterator[FieldError]:
    """Every wrong value: msgspec names only the first, so each field and row is converted on its own."""
    inner = _inside(raw, kind, path)
    any_inside = False
    for error in inner:
        any_inside = True
        yield error
    if not any_inside:
        try:
            msgspec.convert(raw, kind, strict=True, str_keys=True)
        except msgspec.ValidationError as error:
            message, where = _split(str(error))
            yield FieldError((path + where).lstrip("."), code_of(message), message)


def _inside(raw: Any, kind: Any, path: str) -> Iterator[FieldError]:
    if isinstance(raw, list):
        row = _row_type(kind)
        if row is not None:
            for index, item in enumerate(cast("list[Any]", raw)):
                yield from _errors(item, row, f"{path}[{index}]")
    elif isinstance(raw, dict):
        struct = _struct(kind)
        if struct is not None:
            yield from _field_errors(cast("dict[str, Any]", raw), struct, path)


def _field_errors(raw: dict[str, Any], struct: type[Struct], path: str) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, field in fields.items():
        if name in raw:
            yield from _errors(raw[name], field.type, f"{path}.{name}")
        elif field.required:
            yield FieldError(f"{path}.{name}".lstrip("."), "missing", "is required")
    if struct.__struct_config__.forbid_unknown_fields:
        for name in (name for name in raw if name not in fields):
            yield FieldError(f"{path}.{name}".lstrip("."), "unknown_field", "is not a field of this")


def members(kind: Any) -> Iterator[Any]:
    """The alternatives of a type, without annotations: `Annotated[list[Row], ...] | None` has two."""
    if get_origin(kind) is Annotated:
        yield from members(get_args(kind)[0])
    elif get_origin(kind) in {Union, UnionType}:
        for member in get_args(kind):
            yield from members(member)
    else:
        yield kind


def _row_type(kind: Any) -> Any:
    for member in members(kind):
        arguments = get_args(member)
        if get_origin(member) is list or (get_origin(member) is tuple and arguments[1:] == (Ellipsis,)):
            return arguments[0]
    return None


def _struct(kind: Any) -> type[Struct] | None:
    """The one struct among the alternatives; a tagged union is left to msgspec."""
    structs = [member for member in members(kind) if isinstance(member, type) and issubclass(member, Struct)]
    return structs[0] if len(structs) == 1 and structs[0].__struct_config__.tag is None else None


def _split(text: str) -> tuple[str, str]:
    """A message of msgspec and the path in it."""
    found = _AT.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")
