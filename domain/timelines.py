"""What a room or creator is taken for over time, sorted, so that "what is in the way of this span" and "when
is it free" are searches and not scans. It knows nothing of shows: entries are spans with a key.

All spans are half-open in UTC, as in `domain.slots`: touching is no overlap.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from domain.slots import Slot

T = TypeVar("T")

NOBODY: frozenset[str] = frozenset()


class Timeline(Generic[T]):
    """Entries of one resource, which may overlap each other. An entry has a span, a key (whose it is) and
    anything that the caller wants back."""

    __slots__ = ("_ends", "_keys", "_reach", "_starts", "_values")

    def __init__(self, entries: Iterable[tuple[Slot, str, T]] = ()) -> None:
        ordered = sorted(entries, key=lambda entry: entry[0])
        self._starts = [slot.start for slot, _, _ in ordered]
        self._ends = [slot.end for slot, _, _ in ordered]
        self._keys = [key for _, key, _ in ordered]
        self._values = [value for _, _, value in ordered]
        self._reach: list[datetime] = []
        self._reach_from(0)

    def add(self, slot: Slot, key: str, value: T) -> None:
        """One entry more. Cheap at the end of the line, linear elsewhere."""
        at = bisect_right(self._starts, slot.start)
        self._starts.insert(at, slot.start)
        self._ends.insert(at, slot.end)
        self._keys.insert(at, key)
        self._values.insert(at, value)
        self._reach_from(at)

    def meeting(self, slot: Slot, without: Collection[str] = NOBODY) -> Iterator[T]:
        """The values of entries that overlap a span, by start, leaving out those of these keys."""
        for at in self._among(slot):
            if self._ends[at] > slot.start and self._keys[at] not in without:
                yield self._values[at]

    def is_free(self, slot: Slot, without: Collection[str] = NOBODY) -> bool:
        """Whether nothing overlaps a span, not counting entries of these keys."""
        return next(self.meeting(slot, without), None) is None

    def free(self, within: Slot, without: Collection[str] = NOBODY) -> list[Slot]:
        """The spans inside `within` that nothing touches, in order, each as long as can be."""
        spans: list[Slot] = []
        since = within.start
        for at in self._among(within):
            if self._ends[at] <= since or self._keys[at] in without:
                continue
            if self._starts[at] > since:
                spans.append(Slot(since, self._starts[at]))
            since = self._ends[at]
        if since < within.end:
            spans.append(Slot(since, within.end))
        return spans

    def _among(self, slot: Slot) -> range:
        """Where the entries are that may overlap a span: those before it end by its start, those behind
        begin at its end or later. An empty span overlaps what it is inside of, as `Slot.overlaps` has it."""
        return range(bisect_right(self._reach, slot.start), bisect_left(self._starts, slot.end))

    def _reach_from(self, first: int) -> None:
        """`_reach` holds the latest end of all entries up to each one; it never falls."""
        del self._reach[first:]
        latest = self._reach[-1] if self._reach else None
        for end in self._ends[first:]:
            latest = end if latest is None or end > latest else latest
            self._reach.append(latest)


def common(first: Sequence[Slot], second: Sequence[Slot]) -> list[Slot]:
    """What two lists of spans have in common. Each list is in order and its spans don't overlap. Spans may be
    closed as well as half-open: a point that both hold is kept."""
    found: list[Slot] = []
    a = b = 0
    while a < len(first) and b < len(second):
        start = max(first[a].start, second[b].start)
        end = min(first[a].end, second[b].end)
        if start <= end:
            found.append(Slot(start, end))
        if first[a].end < second[b].end:
            a += 1
        else:
            b += 1
    return found


def merged(slots: Iterable[Slot]) -> list[Slot]:
    """The same time as spans that neither overlap nor touch, in order."""
    spans: list[Slot] = []
    for slot in sorted(slots):
        if spans and slot.start <= spans[-1].end:
            spans[-1] = Slot(spans[-1].start, max(spans[-1].end, slot.end))
        else:
            spans.append(slot)
    return spans
