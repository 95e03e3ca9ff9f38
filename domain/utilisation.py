"""How long rooms are free on each of a row of studio days. Spans are those of `domain.availability`."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.availability import Held, Span, common, gaps, micros
from domain.slots import utc


def day_edges(first: date, last: date, time_zone: str, day_start: str) -> list[datetime]:
    """Where the studio's days from the first to the last begin, and where the last one ends, in UTC. A day
    on which clocks change has 23 or 25 hours."""
    begins = time.fromisoformat(day_start)
    zone = ZoneInfo(time_zone)
    return [
        utc(datetime.combine(first + timedelta(days=n), begins, zone)) for n in range((last - first).days + 2)
    ]


def free_by_day(edges: Sequence[datetime], open_: Sequence[Span], held: Held) -> list[int]:
    """Microseconds of each day in which a room is open and nothing holds it: no closure, no booking, no lead
    or turnaround of one."""
    days = list(pairwise(micros(edge) for edge in edges))
    starts = [start for start, _ in days]
    found = [0] * len(days)
    free = common(open_, gaps(held, (days[0][0], days[-1][1]), 1), 1)
    for start, end in common(free, days, 1):
        found[bisect_right(starts, start) - 1] += end - start
    return found
