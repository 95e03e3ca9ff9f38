"""The conflicts that the demo month has for a planner to find, put beside shows that were clean.

Each plant makes exactly the findings of its code and no other: whatever is put down touches the one show
it is meant to touch. The shows it is put beside are used once.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from seeds import names
from seeds.chance import Dice
from seeds.demo_month import BANNED, OLD_ROOM, ClosurePlan, Ledger, Plant, ShowPlan, Stage

ROOM_PAIRS: Final = 20
CREATOR_PAIRS: Final = 21
"""Of one schedule that is still planned."""
AGAINST_BOOKINGS: Final = 6
"""Drafts on a booked room, and as many on a booked creator."""
REFUSED: Final = 2
"""Pairs of rooms, and as many of creators, within partly confirmed plans: one of each stayed a draft."""
TURNAROUNDS: Final = 4
WANTED: Final = 5
"""Rooms, and as many creators, that two clients' plans both want."""
CLOSED: Final = 4
INCOMPLETE: Final = 5
"""Shows without a room, as many without creator, and as many without platform."""
UNHOSTED: Final = 3
ON_BANNED: Final = 4
IN_OLD_ROOM: Final = 3
OUTSIDE: Final = 3
WRONG_YEAR: Final = 3

PLANTED: Final = (
    ROOM_PAIRS
    + CREATOR_PAIRS
    + 2 * (AGAINST_BOOKINGS + REFUSED + WANTED)
    + TURNAROUNDS
    + 3 * INCOMPLETE
    + UNHOSTED
    + ON_BANNED
    + IN_OLD_ROOM
    + OUTSIDE
    + WRONG_YEAR
)
"""Shows that are put in for a conflict; closures come on top."""

OLD_ROOM_CLIENT: Final = 2
"""Whose plan still has shows in the studio that was given up."""

_MINUTES: Final = (120, 90, 60)
_EVENING: Final = tuple(range(8 * 60, 24 * 60, 30))


class Planter:
    """Puts conflicts into a month laid out clean. `shows`, `closures` and `plants` are what it put in;
    `used` the external ids of the shows it put something beside."""

    def __init__(
        self, ledger: Ledger, dice: Dice, clean: Sequence[ShowPlan], stages: Sequence[Stage]
    ) -> None:
        self.shows: list[ShowPlan] = []
        self.closures: list[ClosurePlan] = []
        self.plants: list[Plant] = []
        self.used: set[str] = set()
        self._ledger = ledger
        self._dice = dice
        self._clean = dice.shuffled(clean)
        self._stages = stages
        self._numbers = {c: sum(s.client == c for s in clean) for c in range(len(stages))}
        self._drafts = self._at("draft", "rejected", "withdrawn")
        self._open = self._at("draft", "rejected", "withdrawn", "proposed")
        self._booked = self._at("confirmed")
        self._partly = self._at("partly")

    def plant(self) -> None:
        """All of it."""
        self._pairs("room_overlap", ROOM_PAIRS, self._open, self._same_room)
        self._pairs("creator_overlap", CREATOR_PAIRS, self._open, self._same_creator)
        self._pairs("room_overlap", REFUSED, self._partly, self._same_room)
        self._pairs("creator_overlap", REFUSED, self._partly, self._same_creator)
        self._pairs("room_overlap", AGAINST_BOOKINGS, self._booked, self._same_room, self._drafts)
        self._pairs("creator_overlap", AGAINST_BOOKINGS, self._booked, self._same_creator, self._drafts)
        self._pairs("turnaround_short", TURNAROUNDS, self._open, self._too_soon)
        self._pairs("room_wanted", WANTED, self._open, self._same_room, self._drafts)
        self._pairs("creator_wanted", WANTED, self._open, self._same_creator, self._drafts)
        self._incomplete()
        self._references()
        self._wrong_days()
        self._closed_rooms()

    # --- two shows

    def _pairs(
        self,
        code: str,
        count: int,
        hosts: Sequence[int],
        beside: Callable[[ShowPlan], ShowPlan | None],
        guests: Sequence[int] = (),
    ) -> None:
        """Puts `count` shows beside shows of the hosts: of the same client, or of one of the guests."""
        for _ in range(count):
            host, show = next(
                (host, show)
                for host in self._unused(hosts)
                if (show := beside(host)) and show.room is not None and show.creators
            )
            self.used.add(host.external_id)
            if guests:
                others = [client for client in guests if client != host.client]
                show = replace(show, client=self._dice.pick(others))
            self._put(code, show, beside=host)

    def _same_room(self, host: ShowPlan) -> ShowPlan | None:
        """A show that starts in the host's room before the host is over, with other people."""
        for start, end in self._later_than(host):
            if self._ledger.room_free(_room(host), start, end, beside=host):
                return self._show(host.client, start, end, room=host.room)
        return None

    def _same_creator(self, host: ShowPlan) -> ShowPlan | None:
        """A show that needs the host's creator elsewhere before the host is over."""
        creator = host.creators[0]
        for start, end in self._later_than(host):
            if self._ledger.creator_free(creator, start, end, beside=host):
                return self._show(host.client, start, end, creators=(creator,))
        return None

    def _too_soon(self, host: ShowPlan) -> ShowPlan | None:
        """A show that starts when the host ends, in a room that needs some time between."""
        _, _, lead, turnaround = names.ROOMS[_room(host)]
        start, end = host.end, host.end + timedelta(minutes=90)
        if lead + turnaround and self._ledger.room_free(_room(host), start, end, beside=host):
            return self._show(host.client, start, end, room=host.room)
        return None

    def _later_than(self, host: ShowPlan) -> Iterator[tuple[datetime, datetime]]:
        """Spans that start while the host is on."""
        start = host.start + timedelta(minutes=30)
        while start < host.end:
            for minutes in _MINUTES:
                yield start, start + timedelta(minutes=minutes)
            start += timedelta(minutes=30)

    # --- one show

    def _incomplete(self) -> None:
        for client in self._some(self._open, INCOMPLETE):
            start, end = self._time()
            self._put("missing_room", replace(self._show(client, start, end), room=None))
        for client in self._some(self._open, INCOMPLETE):
            start, end = self._time()
            self._put("missing_creator", replace(self._show(client, start, end), creators=()))
        for client in self._some(self._open, INCOMPLETE):
            start, end = self._time()
            self._put("missing_platform", replace(self._show(client, start, end), platforms=()))
        for client in self._some(self._drafts, UNHOSTED):
            start, end = self._time()
            show = replace(self._show(client, start, end), creators=(), show_standard="hosted")
            self._put("missing_creator", show)

    def _references(self) -> None:
        for client in self._some(self._drafts, ON_BANNED):
            start, end = self._time()
            while not self._ledger.creator_free(BANNED, start, end):
                start, end = self._time()
            self._put("creator_banned", self._show(client, start, end, creators=(BANNED,)))
        for week in range(IN_OLD_ROOM):
            start = self._ledger.moment(4 + 7 * week, 15 * 60)
            show = self._show(OLD_ROOM_CLIENT, start, start + timedelta(hours=2), room=OLD_ROOM)
            self._put("room_not_in_studio", show)

    def _wrong_days(self) -> None:
        """Nights that belong to the day before the month, a day after it, and last year's dates."""
        days = ((0, 2 * 60), (0, 3 * 60 + 30), (self._ledger.days, 9 * 60))
        for client, (day, minutes) in zip(self._some(self._drafts, OUTSIDE), days, strict=True):
            start = self._ledger.moment(day, minutes)
            self._put("outside_period", self._show(client, start, start + timedelta(minutes=90)))
        for week, client in enumerate(self._some(self._drafts, WRONG_YEAR)):
            start, end = self._time(day=5 + 7 * week)
            show = self._show(client, start, end)
            last_year = start.replace(year=start.year - 1)
            show = replace(show, start=last_year, end=last_year + (end - start), note="Date as in the mail")
            self._put("in_the_past", show)

    # --- closures

    def _closed_rooms(self) -> None:
        """Rooms closed over plans already made, and one closed the moment a show ends. The last closure
        is in nobody's way: it is the last thing that the loader does."""
        late = (timedelta(hours=-1), timedelta(minutes=30))
        for _ in range(CLOSED):
            self._close("room_closed", "Air conditioning repair", *late, needs_turnaround=False)
        after = (timedelta(0), timedelta(hours=2))
        self._close("turnaround_short", "Light rig inspection", *after, needs_turnaround=True)
        start = self._ledger.moment(self._ledger.days - 1, 27 * 60)
        end = start + timedelta(hours=1)
        room = next(r for r in range(len(names.ROOMS)) if self._ledger.closable(r, start, end))
        self._lay(ClosurePlan(room, start, end, "Fire alarm test"))

    def _close(
        self, code: str, reason: str, since: timedelta, until: timedelta, *, needs_turnaround: bool
    ) -> None:
        for host in self._unused(self._open):
            closure = ClosurePlan(_room(host), host.end + since, host.end + until, reason)
            if needs_turnaround and not names.ROOMS[closure.room][3]:
                continue
            if self._ledger.closable(closure.room, closure.start, closure.end, beside=host):
                self.used.add(host.external_id)
                self.plants.append(Plant(code, (host.external_id,)))
                self._lay(closure)
                return

    def _lay(self, closure: ClosurePlan) -> None:
        self._ledger.close(closure)
        self.closures.append(closure)

    # --- the common part

    def _at(self, *wanted: Stage) -> list[int]:
        return [client for client, stage in enumerate(self._stages) if stage in wanted]

    def _unused(self, clients: Sequence[int]) -> Iterator[ShowPlan]:
        return (s for s in self._clean if s.client in clients and s.external_id not in self.used)

    def _some(self, clients: Sequence[int], count: int) -> list[int]:
        return self._dice.shuffled(clients)[:count]

    def _time(self, day: int | None = None) -> tuple[datetime, datetime]:
        """Two hours of some day and evening in which there is a room and somebody to host."""
        while True:
            chosen = self._dice.below(self._ledger.days) if day is None else day
            start = self._ledger.moment(chosen, self._dice.pick(_EVENING))
            end = start + timedelta(hours=2)
            if self._free_room(start, end) is not None and self._free_creator(start, end) is not None:
                return start, end

    def _free_room(self, start: datetime, end: datetime) -> int | None:
        rooms = range(len(names.ROOMS))
        return next((room for room in rooms if self._ledger.room_free(room, start, end)), None)

    def _free_creator(self, start: datetime, end: datetime) -> int | None:
        return next((c for c in range(BANNED) if self._ledger.creator_free(c, start, end)), None)

    def _show(
        self,
        client: int,
        start: datetime,
        end: datetime,
        *,
        room: int | None = None,
        creators: tuple[int, ...] = (),
    ) -> ShowPlan:
        """A show complete and, but for what is given, in nobody's way."""
        free = self._free_creator(start, end)
        return ShowPlan(
            external_id="",
            client=client,
            name="Extra Live",
            start=start,
            end=end,
            room=self._free_room(start, end) if room is None else room,
            creators=creators or (() if free is None else (free,)),
            platforms=(client % len(names.PLATFORMS),),
            show_type="other",
            show_standard="standard",
            note="Added by phone",
        )

    def _put(self, code: str, show: ShowPlan, *, beside: ShowPlan | None = None) -> None:
        self._numbers[show.client] += 1
        number = self._numbers[show.client]
        show = replace(
            show,
            external_id=f"{self._ledger.first:%y%m}-{show.client + 1:02}-{number:03}",
            name=f"{show.name}: {names.CLIENTS[show.client][0]}",
        )
        if show.start >= self._ledger.moment(-1, 6 * 60):
            self._ledger.take(show)
        self.shows.append(show)
        hosts = (beside.external_id,) if beside else ()
        self.plants.append(Plant(code, (*hosts, show.external_id)))


def _room(show: ShowPlan) -> int:
    """The room of a clean show: it always has one."""
    assert show.room is not None  # noqa: S101 - told to the type checker
    return show.room
