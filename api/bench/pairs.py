"""Timing in pairs: ours, bare, bare, ours ... in one run: whatever else the machine does hits both."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from msgspec import Struct

Call = Callable[[], object]


class Ratio(Struct, frozen=True):
    """How many times as long ours takes as the bare SQL: over all pairs."""

    min: float
    median: float
    max: float


class Measured(Struct, frozen=True, kw_only=True):
    """One row of the table. Times are medians in milliseconds."""

    row: str
    bookings: int
    pairs: int
    ours_ms: float
    bare_ms: float
    ratio: Ratio


def compare(row: str, bookings: int, ours: Sequence[Call], bare: Sequence[Call], *, warm: int) -> Measured:
    """Runs each call once, in pairs that take turns in going first. The first `warm` pairs only warm up."""
    times: list[tuple[float, float]] = []
    for number, (mine, theirs) in enumerate(zip(ours, bare, strict=True)):
        if number % 2:
            second, first = _ms(theirs), _ms(mine)
        else:
            first, second = _ms(mine), _ms(theirs)
        if number >= warm:
            times.append((first, second))
    ratios = sorted(mine / theirs for mine, theirs in times)
    return Measured(
        row=row,
        bookings=bookings,
        pairs=len(times),
        ours_ms=round(median(mine for mine, _ in times), 3),
        bare_ms=round(median(theirs for _, theirs in times), 3),
        ratio=Ratio(*(round(each, 2) for each in (ratios[0], median(ratios), ratios[-1]))),
    )


def _ms(call: Call) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
