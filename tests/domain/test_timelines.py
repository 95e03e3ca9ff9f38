from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.slots import Slot
from domain.timelines import Timeline, common, merged

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
MINUTES = 60


def span(start: int, end: int) -> Slot:
    return Slot(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


spans = st.lists(
    st.tuples(st.integers(0, MINUTES), st.integers(1, 20)).map(lambda s: span(s[0], s[0] + s[1])), max_size=10
)


def line(slots: list[Slot]) -> Timeline[int]:
    return Timeline((slot, str(number % 3), number) for number, slot in enumerate(slots))


@given(spans, st.integers(0, MINUTES), st.integers(1, 30), st.sets(st.sampled_from("012")))
def test_what_meets_a_span_is_what_a_scan_finds(
    slots: list[Slot], start: int, minutes: int, without: set[str]
) -> None:
    asked = span(start, start + minutes)
    scanned = [n for n, slot in enumerate(slots) if slot.overlaps(asked) and str(n % 3) not in without]
    assert sorted(line(slots).meeting(asked, without)) == scanned
    assert line(slots).is_free(asked, without) == (not scanned)


@given(spans, st.sets(st.sampled_from("012")))
def test_free_spans_are_the_minutes_that_nothing_covers(slots: list[Slot], without: set[str]) -> None:
    free = line(slots).free(span(0, MINUTES), without)
    taken = [slot for n, slot in enumerate(slots) if str(n % 3) not in without]
    for minute in range(MINUTES):
        each = span(minute, minute + 1)
        covered = any(slot.overlaps(each) for slot in taken)
        assert any(slot.overlaps(each) for slot in free) != covered
    assert all(a.end < b.start for a, b in pairwise(free))


@given(spans)
def test_a_line_grown_entry_by_entry_is_the_same_line(slots: list[Slot]) -> None:
    grown = Timeline[int]()
    for number, slot in enumerate(slots):
        grown.add(slot, str(number % 3), number)
    everything = span(-1, 200)
    assert grown.free(everything) == line(slots).free(everything)
    assert sorted(grown.meeting(everything)) == sorted(line(slots).meeting(everything))


def test_touching_is_no_overlap_and_an_entry_inside_a_longer_one_hides_nothing() -> None:
    long_and_short = line([span(0, 30), span(5, 10)])
    assert long_and_short.is_free(span(30, 40))
    assert list(long_and_short.meeting(span(20, 40))) == [0]
    assert long_and_short.free(span(-10, 40)) == [span(-10, 0), span(30, 40)]


@given(spans, spans)
def test_common_time_is_in_both(first: list[Slot], second: list[Slot]) -> None:
    both = common(merged(first), merged(second))
    for minute in range(2 * MINUTES):
        each = span(minute, minute + 1)
        inside = all(any(s.overlaps(each) for s in slots) for slots in (first, second))
        assert any(slot.overlaps(each) for slot in both) == inside


def test_a_point_that_both_hold_is_common() -> None:
    assert common([span(0, 5)], [span(5, 9)]) == [span(5, 5)]
