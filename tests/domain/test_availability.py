"""Free spans against a brute force that tries every minute, around changes of clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.availability import (
    Held,
    Room,
    Wish,
    asked_for,
    common,
    free_of_creators,
    free_of_room,
    in_order,
    micros,
    moment,
    unfit,
    while_open,
    why_none,
)
from domain.opening import Opening
from domain.slots import Slot

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
CHANGES: Final = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Asia/Bangkok", datetime(2026, 5, 1, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 2, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 2, tzinfo=UTC)),
]
"""Zones, and half a day before their clocks change, if they do."""
LONG: Final = 36 * 60

clocks = st.one_of(
    st.integers(0, 23).map(lambda hour: f"{hour:02}:00"),
    st.sampled_from(["01:30", "02:15", "02:30", "02:45", "23:45"]),
)


@cache
def wall(zone: str, begin: datetime) -> list[datetime]:
    """What the clock shows in each minute of five days around a window."""
    first = begin - 2 * DAY
    return [(first + n * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for n in range(5 * 1440)]


def let_in(zone: str, begin: datetime, rows: list[tuple[int, str, str]]) -> list[bool]:
    """Whether each minute of the window lies in a span of these weekdays and times: from the first minute at
    which the clock shows its beginning or more, to the last at which it shows its end or less."""
    shown = wall(zone, begin)
    inside = [False] * len(shown)
    day = shown[0].date() + DAY
    while day <= shown[-1].date():
        for weekday, opens, closes in rows:
            if weekday == day.isoweekday():
                last = day + DAY if closes <= opens else day
                start, end = (at(on, text) for on, text in ((day, opens), (last, closes)))
                first = next((n for n, clock in enumerate(shown) if clock >= start), len(shown))
                ends = max((n for n, clock in enumerate(shown) if clock <= end), default=-1)
                for n in range(first, ends if shown[ends] == end else ends + 1):
                    inside[n] = True
        day += DAY
    return inside[2 * 1440 : 2 * 1440 + LONG]


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time())  # noqa: DTZ007 - a wall clock


@st.composite
def holds(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Minutes of the window that something is held for: in order, touching or apart, some outside of it."""
    edges = sorted(draw(st.sets(st.integers(-120, LONG + 120), max_size=12)))
    found = list(zip(edges[::2], edges[1::2], strict=False))
    if found and draw(st.booleans()):
        found.append((found[-1][1], found[-1][1] + 30))
    return found


def held(begin: datetime, spans: list[tuple[int, int]], first: int, last: int) -> Held:
    """Those that overlap the minutes looked at, in any order."""
    there = [span for span in spans if span[0] < last and span[1] > first][::-1]
    return Held(*([micros(begin + span[side] * MINUTE) for span in there] for side in (0, 1)))


def room(lead: int = 0, turnaround: int = 0, capacity: int | None = None, *, deleted: bool = False) -> Room:
    return Room(
        id="room",
        name="Room",
        studio_id="studio",
        capacity=capacity,
        lead_minutes=lead,
        turnaround_minutes=turnaround,
        deleted=deleted,
    )


rules = st.lists(st.tuples(st.integers(1, 7), clocks, clocks), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    booked=holds(),
    busy=holds(),
    hours=rules,
    weekdays=st.one_of(st.none(), st.sets(st.integers(1, 7), min_size=3)),
    times=st.tuples(clocks, clocks),
    buffers=st.tuples(st.sampled_from([0, 5, 45]), st.sampled_from([0, 10, 60])),
    minutes=st.sampled_from([1, 30, 120, 600]),
)
def test_every_minute_at_which_a_show_could_begin_is_found_and_no_other(
    *,
    change: tuple[str, datetime],
    booked: list[tuple[int, int]],
    busy: list[tuple[int, int]],
    hours: list[tuple[int, str, str]],
    weekdays: set[int] | None,
    times: tuple[str, str],
    buffers: tuple[int, int],
    minutes: int,
) -> None:
    zone, begin = change
    lead, turnaround = buffers
    wish = Wish(window=Slot(begin, begin + LONG * MINUTE), minutes=minutes)
    if weekdays is not None:
        wish = Wish(
            window=wish.window,
            minutes=minutes,
            weekdays=frozenset(weekdays),
            time_from=times[0],
            time_to=times[1],
        )
    rows = [Opening(weekday=day, opens=opens, closes=closes, since=NOW) for day, opens, closes in hours]

    open_ = while_open(asked_for(wish, zone), wish, rows, zone)
    together = free_of_creators([held(begin, busy, 0, LONG)], open_, wish)
    own = free_of_room(held(begin, booked, -lead, LONG + turnaround), room(lead, turnaround), wish)
    spans = [
        ((moment(start) - begin) // MINUTE, (moment(end) - begin) // MINUTE)
        for start, end in common(together, own, wish.length)
    ]

    fits = [True] * LONG
    for given_rows in ([(day, *times) for day in weekdays or ()], hours):
        if given_rows:
            fits = [a and b for a, b in zip(fits, let_in(zone, begin, given_rows), strict=True)]
    for start, end in busy:
        for minute in range(max(0, start), min(LONG, end)):
            fits[minute] = False
    runs = 0
    possible: set[int] = set()
    for minute, fit in enumerate(fits):
        runs = runs + 1 if fit else 0
        start, end = minute + 1 - minutes, minute + 1
        if runs >= minutes and not any(s < end + turnaround and e > start - lead for s, e in booked):
            possible.add(start)
    assert {start for first, last in spans for start in range(first, last - minutes + 1)} == possible
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


def test_the_earliest_come_first_and_then_the_first_room() -> None:
    assert in_order([[(5, 9), (20, 30)], [(5, 7)], []]) == [(5, 0, 9), (5, 1, 7), (20, 0, 30)]


def test_a_room_is_unfit_by_studio_then_deletion_then_capacity() -> None:
    assert unfit(room(deleted=True), "another", 5) == "not_in_studio"
    assert unfit(room(deleted=True), "studio", 5) == "deleted"
    assert [unfit(room(capacity=n), "studio", 5) for n in (None, 4, 5)] == ["capacity", "capacity", None]
    assert unfit(room(), "studio", None) is None


def test_why_a_room_has_no_span() -> None:
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    wish = Wish(window=Slot(begin, begin + 120 * MINUTE), minutes=60)
    whole, closed = [wish.whole], held(begin, [(0, 61)], 0, 120)
    full = held(begin, [(0, 61), (70, 120)], 0, 120)

    def why(held: Held, closed: Held, open_: list[tuple[int, int]] = whole) -> str:
        return why_none(room(), wish, whole, open_, held=held, closed=closed)

    assert why(full, Held()) == "full"
    assert why(full, closed) == "closed"
    assert why(Held(), Held(), []) == "closed"
    assert why(Held(), Held()) == "creator_busy"
    assert why_none(room(), wish, [(0, 1)], [], held=full, closed=closed) == "window"
