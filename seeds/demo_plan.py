"""Lays out the demo month: every client's habits, placed so that nothing clashes, then the conflicts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from seeds import names
from seeds.chance import Dice
from seeds.demo_clashes import PLANTED, Planter
from seeds.demo_month import BANNED, ClosurePlan, DemoMonth, Ledger, ShowPlan, Stage

SHOWS: Final = 2_500
LONGEST_DAY: Final = timedelta(hours=8)
"""How long a creator is on air in a studio day at most."""
REGULARS: Final = 6
"""Creators that a client likes best, who take turns."""
PAYDAY: Final = 25
HOSTED_CLIENTS: Final = frozenset({3, 13, 23, 33, 43})
"""Whose shows are of the standard that requires a creator."""

_SINGLED_OUT: Final[dict[int, Stage]] = {
    1: "partly",
    5: "partly",
    7: "rejected",
    9: "partly",
    12: "withdrawn",
}
_BY_LAST_DIGIT: Final[dict[int, Stage]] = {4: "approved", 6: "proposed"}
_DAY: Final = range(6 * 60, 30 * 60)
"""Minutes after midnight in which a show of the studio day may start."""


def plan(month: str) -> DemoMonth:
    """The demo month for `YYYY-MM`: the same each time. Raises ValueError for anything else."""
    ledger, dice = Ledger(month), Dice(f"demo:{month}")
    closed_before = tuple(_deep_cleaning(ledger))
    clean = list(_clean_shows(ledger, dice))
    stages: tuple[Stage, ...] = tuple(stage_of(client) for client in range(len(names.CLIENTS)))
    planter = Planter(ledger, dice, clean, stages)
    planter.plant()
    untouched = [s for s in clean if stages[s.client] == "confirmed" and s.external_id not in planter.used]
    by_time = sorted(untouched, key=lambda s: (s.start, s.external_id))
    return DemoMonth(
        month=month,
        first=ledger.first,
        last=ledger.last,
        closed_before=closed_before,
        shows=(*clean, *planter.shows),
        stages=stages,
        closed_after=tuple(planter.closures),
        cancelled=tuple(s.external_id for s in by_time[100::90]),
        started=tuple(s.external_id for s in by_time[:4]),
        completed=tuple(s.external_id for s in by_time[:2]),
        ended_early=by_time[2].external_id,
        plants=tuple(planter.plants),
    )


def stage_of(client: int) -> Stage:
    """How far a client's schedule got by the time a planner looks: most are drafts."""
    if client in _SINGLED_OUT:
        return _SINGLED_OUT[client]
    if client % 4 == 1:
        return "confirmed"
    return _BY_LAST_DIGIT.get(client % 10, "draft")


def _deep_cleaning(ledger: Ledger) -> Iterator[ClosurePlan]:
    """Each room once, before anybody plans."""
    for room in range(len(names.ROOMS)):
        day = (room * 5 + 2) % 28
        closure = ClosurePlan(room, ledger.moment(day, 7 * 60), ledger.moment(day, 10 * 60), "Deep cleaning")
        ledger.close(closure)
        yield closure


def _clean_shows(ledger: Ledger, dice: Dice) -> Iterator[ShowPlan]:
    total = SHOWS - PLANTED
    weights = [30 + dice.below(45) for _ in names.CLIENTS]
    counts = [total * weight // sum(weights) for weight in weights]
    for client in range(total - sum(counts)):
        counts[client] += 1
    for client, count in enumerate(counts):
        yield from _client_month(ledger, dice, client, count)


def _client_month(ledger: Ledger, dice: Dice, client: int, count: int) -> Iterator[ShowPlan]:
    """A client's shows: three habits in turn, in the rooms and with the people it is used to."""
    habits = [dice.pick(part) for part in names.FORMATS]
    rooms = dice.shuffled(range(len(names.ROOMS)))
    people = dice.shuffled(range(BANNED))
    regulars, others = people[:REGULARS], people[REGULARS:]
    platforms = tuple(sorted(dice.shuffled(range(len(names.PLATFORMS)))[: 1 + dice.below(3)]))
    for number in range(count):
        title, usual, minutes = habits[number % len(habits)]
        day, room, start = _place(ledger, rooms, number * ledger.days // count, usual, minutes)
        title, kind, standard = _occasion(ledger, day, title, client)
        show = ShowPlan(
            external_id=f"{ledger.first:%y%m}-{client + 1:02}-{number + 1:03}",
            client=client,
            name=title,
            start=start,
            end=start + timedelta(minutes=minutes),
            room=room,
            creators=(),
            platforms=platforms,
            show_type=kind,
            show_standard=standard,
        )
        turn = number % REGULARS
        people = [*regulars[turn:], *regulars[:turn], *others]
        show = replace(show, creators=_cast(ledger, people, day, show)[: 2 if dice.below(4) == 0 else 1])
        ledger.take(show)
        yield show


def _place(ledger: Ledger, rooms: list[int], day: int, usual: int, minutes: int) -> tuple[int, int, datetime]:
    """The nearest free time to the usual one, in the first of the client's rooms that is free; on the
    next day if this one is full."""
    starts = sorted(_DAY[::30], key=lambda start: abs(start - usual))
    for shifted in range(day, day + ledger.days):
        for minute in starts:
            start = ledger.moment(shifted % ledger.days, minute)
            for room in rooms:
                if ledger.room_free(room, start, start + timedelta(minutes=minutes)):
                    return shifted % ledger.days, room, start
    raise AssertionError("the month is full")


def _cast(ledger: Ledger, people: list[int], day: int, show: ShowPlan) -> tuple[int, ...]:
    """Those of these people who are free then and not on air too long that day, in order."""
    lasts = show.end - show.start
    return tuple(
        creator
        for creator in people
        if ledger.creator_free(creator, show.start, show.end)
        and ledger.time_on_air(creator, day) + lasts <= LONGEST_DAY
    )


def _occasion(ledger: Ledger, day: int, title: str, client: int) -> tuple[str, str, str]:
    """Title, type and standard: the month's double date and payday are campaigns."""
    brand = names.CLIENTS[client][0]
    month = ledger.first.month
    if day + 1 == month:
        return f"{month}.{month} Mega Sale: {brand}", "campaign", "premium"
    if day + 1 == PAYDAY:
        return f"Payday Sale: {brand}", "campaign", "premium"
    return f"{title}: {brand}", "bau", "hosted" if client in HOSTED_CLIENTS else "standard"
