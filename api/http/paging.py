"""Lists: `{items, page: {limit, next_cursor, total?}}`, walked by an opaque keyset cursor.

A cursor holds the sort it was made for and the last row's sort key, so pages neither skip nor repeat
rows when others are written in between, and a page far in costs as much as the first.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import UNSET, Struct, UnsetType

from api.http.decoding import storable
from domain.errors import Invalid

T = TypeVar("T")
Key = TypeVar("Key", bound=tuple[Any, ...])

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many items at most.")]
Cursor = Annotated[
    str | None, QueryParameter(description="`next_cursor` of the page before.", max_length=2_000)
]


class PageInfo(Struct, frozen=True):
    """Where a page ends. `next_cursor` is null on the last one; `total` only where it is cheap."""

    limit: int
    next_cursor: str | None
    total: int | UnsetType = UNSET


class Page(Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: list[T]
    page: PageInfo


class Paging(Struct, frozen=True):
    """What a request asked for. `sort` is the order as the resource understood it."""

    limit: int
    cursor: str | None = None
    sort: str = ""

    def sorted_by(self, sort: str) -> "Paging":
        """The same request, its cursor bound to this order."""
        return Paging(self.limit, self.cursor, sort)

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than shown says whether there is a next page."""
        return self.limit + 1

    def after(self, key: type[Key]) -> Key | None:
        """The sort key of the last row seen, such as `tuple[datetime, str]`; None on the first page.

        Refused (Invalid, path `cursor`): a cursor that is broken or was made for another order.
        """
        if self.cursor is None:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            text = base64.b64decode(padded, altchars=b"-_", validate=True)
            sort, *values = msgspec.json.decode(text, type=list[Any])
            storable(values)
            found = msgspec.convert(values, key, strict=True)
            if any(isinstance(value, datetime) and value.tzinfo is None for value in found):
                raise ValueError("an instant without an offset")  # noqa: TRY301
        except (msgspec.DecodeError, binascii.Error, ValueError, RecursionError):
            raise Invalid.field("cursor", "cursor", "is not a cursor that we gave out") from None
        if sort != self.sort:
            raise Invalid.field("cursor", "cursor", "belongs to another sort order")
        return found

    def page(
        self, rows: Sequence[T], key: Callable[[T], tuple[Any, ...]], total: int | None = None
    ) -> Page[T]:
        """A page of up to `fetch` rows, read in order; `key` gives a row's sort key as `after` wants it."""
        items = list(rows[: self.limit])
        following = None
        if len(rows) > self.limit:
            text = msgspec.json.encode([self.sort, *key(items[-1])])
            following = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
        return Page(items, PageInfo(self.limit, following, UNSET if total is None else total))


def paging(limit: Limit = 20, cursor: Cursor = None) -> Paging:
    """The dependency: `Provide(paging, sync_to_thread=False)`."""
    return Paging(limit, cursor)


def sort_of(asked: str | None, allowed: Sequence[str], default: str) -> tuple[str, bool]:
    """A `sort` parameter as (column, descending): `-start` is start, descending. Refused: Invalid."""
    text = asked or default
    column = text.removeprefix("-")
    if column not in allowed:
        raise Invalid.field("sort", "choice", f"must be one of {', '.join(allowed)}, with - for descending")
    return column, text.startswith("-")
