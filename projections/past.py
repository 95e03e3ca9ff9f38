"""Shows of a schedule as it was: the questions that `shows.py` asks the read tables, asked of folded rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from projections.shows import ShowFilter, ShowRow, Sort, key_of


def chosen(
    rows: Iterable[ShowRow],
    which: ShowFilter,
    *,
    sort: Sort = "start",
    descending: bool = False,
    after: tuple[Any, str] | None = None,
) -> tuple[list[ShowRow], int]:
    """Those that meet every condition, in the same order as `shows.listed` answers them, after the last one
    seen; and how many there are in all."""
    found = sorted(
        (row for row in rows if _meets(row, which)), key=lambda row: key_of(row, sort), reverse=descending
    )
    later = [
        row
        for row in found
        if after is None or (key_of(row, sort) < after if descending else key_of(row, sort) > after)
    ]
    return later, len(found)


def overlaps(row: ShowRow, start: datetime | None, end: datetime | None) -> bool:
    """Whether the show overlaps a half-open window, either end of which may be open."""
    return (start is None or row.end > start) and (end is None or row.start < end)


def _meets(row: ShowRow, which: ShowFilter) -> bool:
    sought = (which.q or "").lower()
    return (
        (which.include_deleted or row.deleted_at is None)
        and (not which.status or row.status in which.status)
        and which.room_id in (None, row.room_id)
        and (which.creator_id is None or which.creator_id in row.creators)
        and overlaps(row, which.start, which.end)
        and (sought in row.name.lower() or sought in (row.external_id or "").lower())
    )
