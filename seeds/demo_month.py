"""The demo month as plain data, and the ledger that keeps its clean part clean.

Clients, creators, platforms and rooms are numbers here: their place in `seeds.names`.
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from seeds import names

TIME_ZONE: Final = "Asia/Bangkok"
DAY_START: Final = "06:00"
OLD_ROOM: Final = len(names.ROOMS)
"""The room of the studio that was given up."""
BANNED: Final = len(names.CREATORS) - 1
"""The creator who is banned after the plans were made."""

Stage = Literal["draft", "rejected", "withdrawn", "proposed", "approved", "confirmed", "partly"]
"""How far a client's schedule got; rejected and withdrawn ones are drafts again, partly confirmed ones
kept drafts that clash with themselves."""

_GRAIN = timedelta(minutes=15)


class ShowPlan(Struct, frozen=True, kw_only=True):
    """A show to draft. The external id names it: it is unique in the month."""

    external_id: str
    client: int
    name: str
    start: datetime
    end: datetime
    room: int | None
    creators: tuple[int, ...]
    platforms: tuple[int, ...]
    show_type: str
    show_standard: str
    note: str = ""


class ClosurePlan(Struct, frozen=True):
    """A room closed for `[start, end)`."""

    room: int
    start: datetime
    end: datetime
    reason: str


class Plant(Struct, frozen=True):
    """A conflict put in on purpose: the shows (external ids) it is about. Of two, the second was put
    beside the first."""

    code: str
    shows: tuple[str, ...]


class DemoMonth(Struct, frozen=True, kw_only=True):
    """All that the loader does, in the order in which it does it. `stages` by client; `cancelled`,
    `started`, `completed` and `ended_early` are external ids."""

    month: str
    first: date
    last: date
    closed_before: tuple[ClosurePlan, ...]
    shows: tuple[ShowPlan, ...]
    stages: tuple[Stage, ...]
    closed_after: tuple[ClosurePlan, ...]
    cancelled: tuple[str, ...]
    started: tuple[str, ...]
    completed: tuple[str, ...]
    ended_early: str
    plants: tuple[Plant, ...]


class Ledger:
    """Who is busy when, as bit masks of quarter hours: one for each room, lead and turnaround included,
    and one for each creator."""

    def __init__(self, month: str) -> None:
        """`month` is YYYY-MM. Raises ValueError when it isn't."""
        self.first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).date()
        if f"{self.first:%Y-%m}" != month:
            raise ValueError(f"{month!r} does not match YYYY-MM")
        self.days = calendar.monthrange(self.first.year, self.first.month)[1]
        self.last = self.first + timedelta(days=self.days - 1)
        self._origin = self.moment(-2, 0)
        self._rooms = [0] * len(names.ROOMS)
        self._creators = [0] * len(names.CREATORS)
        self._on_air: dict[tuple[int, int], timedelta] = {}

    def moment(self, day: int, minutes: int) -> datetime:
        """The instant at so many minutes after local midnight of the month's day (0 is the first)."""
        midnight = datetime.combine(self.first, datetime.min.time(), ZoneInfo(TIME_ZONE))
        return (midnight + timedelta(days=day, minutes=minutes)).astimezone(UTC)

    def room_free(self, room: int, start: datetime, end: datetime, *, beside: ShowPlan | None = None) -> bool:
        """Whether a show may be held there, but for what `beside` takes."""
        taken = self._rooms[room]
        if beside is not None:
            taken &= ~self._held(room, beside.start, beside.end)
        return taken & self._held(room, start, end) == 0

    def creator_free(
        self, creator: int, start: datetime, end: datetime, *, beside: ShowPlan | None = None
    ) -> bool:
        """Whether the creator has nothing else then, but for `beside`."""
        taken = self._creators[creator]
        if beside is not None:
            taken &= ~self._span(beside.start, beside.end)
        return taken & self._span(start, end) == 0

    def time_on_air(self, creator: int, day: int) -> timedelta:
        """How long the creator's shows of a studio day last together."""
        return self._on_air.get((creator, day), timedelta())

    def closable(self, room: int, start: datetime, end: datetime, *, beside: ShowPlan | None = None) -> bool:
        """Whether a closure would meet no show, lead and turnaround included, but `beside`."""
        taken = self._rooms[room]
        if beside is not None:
            taken &= ~self._held(room, beside.start, beside.end)
        return taken & self._span(start, end) == 0

    def take(self, show: ShowPlan) -> None:
        """Marks what the show wants."""
        if show.room is not None and show.room != OLD_ROOM:
            self._rooms[show.room] |= self._held(show.room, show.start, show.end)
        day = (show.start - self.moment(0, 6 * 60)) // timedelta(days=1)
        for creator in show.creators:
            self._creators[creator] |= self._span(show.start, show.end)
            self._on_air[creator, day] = self.time_on_air(creator, day) + (show.end - show.start)

    def close(self, closure: ClosurePlan) -> None:
        """Marks a closure."""
        self._rooms[closure.room] |= self._span(closure.start, closure.end)

    def _held(self, room: int, start: datetime, end: datetime) -> int:
        _, _, lead, turnaround = names.ROOMS[room]
        return self._span(start - timedelta(minutes=lead), end + timedelta(minutes=turnaround))

    def _span(self, start: datetime, end: datetime) -> int:
        return (1 << (end - self._origin) // _GRAIN) - (1 << (start - self._origin) // _GRAIN)
