"""Another time in the same room with the same creators: the nearest one before, and the nearest after."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from domain.conflicts import Subject
from domain.slots import Slot
from domain.suggesting.ground import INTO, Ground, claims_here, dated
from domain.suggesting.ways import Way
from domain.timelines import common

GRID: Final = timedelta(minutes=5)
"""A show is moved to a time that is a multiple of it where that is free, else to when it becomes so."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT: Final = timedelta(microseconds=1)


def moves(subject: Subject, ground: Ground, *, into: bool = False) -> Iterator[Way]:
    """At most two. `into`: the show is outside its period or in the past and comes out of there."""
    window = into_window(subject, ground) if into else around_window(subject, ground)
    if window is None:
        return
    spans = [window]
    for claim in claims_here(subject, ground):
        spans = common(spans, ground.starts(claim, window))
    for start in (_before(subject.start, spans), _after(subject.start, spans)):
        if start is None:
            continue
        there = replace(subject, start=start, end=start + (subject.end - subject.start))
        there = dated(there, ground.homes[subject.id])
        if ground.fits([subject], [there]):
            yield Way("move", (subject,), (there,))


def around_window(subject: Subject, ground: Ground) -> Slot | None:
    """The starts that are looked at, closed: within the horizon, not in the past, and not outside the period
    unless the show is there already."""
    window = Slot(max(subject.start - ground.horizon, ground.facts.now), subject.start + ground.horizon)
    period = ground.period(subject)
    if period and period.start <= subject.start < period.end:
        window = Slot(max(window.start, period.start), min(window.end, period.end - _INSTANT))
    return window if window.start <= window.end else None


def into_window(subject: Subject, ground: Ground) -> Slot | None:
    """The starts, closed, from now on and inside the period, in a month of it that is nearest to the show."""
    now, period = ground.facts.now, ground.period(subject)
    if period is None:
        return Slot(max(now, subject.start), max(now, subject.start) + ground.horizon)
    first, last = max(now, period.start), period.end - _INSTANT
    if last < first:
        return None
    near = min(max(subject.start, first), last)
    return Slot(max(first, near - INTO), min(last, near + INTO))


def _after(start: datetime, spans: Sequence[Slot]) -> datetime | None:
    """The first start later than this, on the grid where the grid meets that free span."""
    for span in spans:
        if span.end > start:
            first = max(span.start, start + _INSTANT)
            on_grid = first + (_EPOCH - first) % GRID
            return on_grid if on_grid <= span.end else first
    return None


def _before(start: datetime, spans: Sequence[Slot]) -> datetime | None:
    for span in reversed(spans):
        if span.start < start:
            last = min(span.end, start - _INSTANT)
            on_grid = last - (last - _EPOCH) % GRID
            return on_grid if on_grid >= span.start else last
    return None
