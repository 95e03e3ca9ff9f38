"""What is measured: each row does a piece of the real work, and beside it the same as bare SQL."""

import calendar
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from msgspec import Struct
from psycopg import Connection

from api.availability import Question, look
from api.bench import bare, world
from api.bench.pairs import Measured, compare
from api.bench.world import World
from api.http.security import Bounds
from api.resources.conflicts import Findings, list_conflicts
from api.spreadsheets import read_csv, write_csv
from domain.application import Commands
from domain.availability import Wish, moment
from domain.confirming import Confirmation, confirm
from domain.importing import running
from domain.importing.reach import EVERYWHERE
from domain.importing.report import ImportReport, Options
from domain.slots import Slot
from projections import rebuild
from projections.directory import Directory

MANY: Final = 500
MONTH: Final = 2_500
_FREE_ROOMS: Final = 20
_SCHEDULES: Final = 50
_AFTER_THE_MONTH: Final = 31 * world.DRAFTS_A_DAY
"""The first free place that confirmations use."""
_FIRST_IMPORT: Final = 5
"""The month of the first import: May, after the places of the confirmations."""


class Pairs(Struct, frozen=True):
    """How many pairs are timed for each row, after some to warm up."""

    confirm_one: int = 40
    confirm_many: int = 7
    conflicts: int = 7
    availability: int = 15
    imports: int = 3
    rebuild: int = 3
    warm: int = 1


class Bench(Struct, frozen=True, kw_only=True):
    """A loaded house. `owner` is the database owner's connection, `script` one of the application's own."""

    commands: Commands
    world: World
    owner: Connection[Any]
    script: Connection[Any]
    bookings: int
    pairs: Pairs


def measure(bench: Bench) -> Iterator[Measured]:
    """Every row of the table, in order."""
    bench.owner.execute(bare.PREPARE)
    places = iter(range(_AFTER_THE_MONTH, 10**9))
    yield _confirmations(bench, "confirm one show", 1, bench.pairs.confirm_one, places)
    yield _confirmations(bench, f"confirm {MANY} shows", MANY, bench.pairs.confirm_many, places)
    yield _conflicts(bench)
    yield _availability(bench)
    yield _imports(bench)
    yield _rebuild(bench)


# --- confirming


def _confirmations(bench: Bench, row: str, shows: int, pairs: int, places: Iterator[int]) -> Measured:
    count = pairs + bench.pairs.warm
    proposed = [_propose(bench, shows, places) for _ in range(2 * count + 1)]
    bookings = [bare.booking(bench.script, schedule_id) for schedule_id in proposed[count:-1]]
    _settle(bench)
    _confirm(bench, proposed[-1])
    states = _newest_states(bench, proposed[-1], 2)
    return compare(
        row,
        bench.bookings,
        [partial(_confirm, bench, schedule_id) for schedule_id in proposed[:count]],
        [partial(bare.confirm, bench.script, booking, states) for booking in bookings],
        warm=bench.pairs.warm,
    )


def _propose(bench: Bench, shows: int, places: Iterator[int]) -> str:
    numbers = [next(places) for _ in range(shows)]
    drafts = [bench.world.show(f"C-{number}", bench.world.free(number)) for number in numbers]
    return world.propose(bench.commands, bench.world, numbers[0], drafts)


def _confirm(bench: Bench, schedule_id: str) -> None:
    done = confirm(bench.commands, world.context("schedule.confirm"), schedule_id)
    if not isinstance(done, Confirmation) or len(done.confirmed) != len(done.schedule.shows):
        raise AssertionError("a confirmation was not whole: it measures something else")


def _newest_states(bench: Bench, stream: str, count: int) -> list[bytes]:
    rows = bench.script.execute(
        "SELECT state FROM callboard_events WHERE originator_id = %s"
        " ORDER BY originator_version DESC LIMIT %s",
        (stream, count),
    )
    return [row[0] for row in rows]


# --- conflicts


def _conflicts(bench: Bench) -> Measured:
    shows = list(world.month_of_drafts(bench.world, MONTH))
    plans = [world.draft(bench.commands, bench.world, n, shows[n::_SCHEDULES]) for n in range(_SCHEDULES)]
    _settle(bench)
    if (found := _clashes(bench, plans)) != bare.clashes(bench.script, plans) or not found:
        raise AssertionError("the two sides find different conflicts: they measure different things")
    count = bench.pairs.conflicts + bench.pairs.warm
    return compare(
        "conflicts of a month",
        bench.bookings,
        [partial(_clashes, bench, plans)] * count,
        [partial(bare.clashes, bench.script, plans)] * count,
        warm=bench.pairs.warm,
    )


def _clashes(bench: Bench, plans: list[str]) -> set[tuple[str, str, str | None]]:
    """What the API answers for each plan, without ways out: the bare side looks for none."""
    return {
        (finding.show_id, finding.resource.id, finding.other.show_id)
        for plan in plans
        for finding in cast(Findings, list_conflicts.fn(plan, bench.commands, Bounds(), False)).items
        if finding.resource and finding.other
    }


# --- availability


def _availability(bench: Bench) -> Measured:
    days, minutes, rooms = 365, 120, bench.world.rooms[:_FREE_ROOMS]
    window = Slot(world.FIRST, world.FIRST + timedelta(days=days))
    question = Question(
        studio_id=bench.world.studio,
        time_zone="UTC",
        wish=Wish(window=window, minutes=minutes, time_from="08:00", time_to="20:00"),
        room_ids=rooms,
    )
    ours = partial(_free, bench, question)
    theirs = partial(bare.free, bench.script, rooms, world.FIRST, days, minutes)
    _settle(bench)
    if ours() != theirs():
        raise AssertionError("the two sides find different spans: they measure different things")
    count = bench.pairs.availability + bench.pairs.warm
    return compare(
        f"availability of {len(rooms)} rooms, daily for a year",
        bench.bookings,
        [ours] * count,
        [theirs] * count,
        warm=bench.pairs.warm,
    )


def _free(bench: Bench, question: Question) -> list[bare.Free]:
    """The whole picture that the API pages through."""
    with bench.commands.log.pool.connection() as connection:
        found = look(connection, bench.commands, question)
    return [(found.rooms[room].id, moment(start), moment(end)) for start, room, end in found.in_order()]


# --- the import of a file


def _imports(bench: Bench) -> Measured:
    count = bench.pairs.imports + bench.pairs.warm
    files = [_file(bench.world, _FIRST_IMPORT + n) for n in range(2 * count)]
    done = [_import(bench, file) for file in files[count:]]
    written = [
        bare.take_back(bench.owner, report.id, [plan.id for plan in report.schedules]) for report in done
    ]
    _settle(bench)
    return compare(
        "import of a month",
        bench.bookings,
        [partial(_import, bench, file) for file in files[:count]],
        [partial(bare.write, bench.script, each) for each in written],
        warm=bench.pairs.warm,
    )


def _file(house: World, month: int) -> bytes:
    """A month as a planner's CSV, by names."""
    year, month = world.FIRST.year + (month - 1) // 12, (month - 1) % 12 + 1
    begin = datetime(year, month, 1, tzinfo=world.FIRST.tzinfo)
    first = (begin - world.FIRST).days * world.DRAFTS_A_DAY
    # 28 days of 84 hold a little less than a month: the last few go round.
    held = calendar.monthrange(year, month)[1] * world.DRAFTS_A_DAY
    places = [house.free(first + number % held) for number in range(MONTH)]
    rows = (
        {
            "external_id": f"I-{year}-{month:02}-{number:04}",
            "client": f"Client {number % _SCHEDULES:02}",
            "studio": "Bench",
            "room": f"Room {place.room:03}",
            "name": f"Show {number}",
            "start": place.start.isoformat(),
            "end": place.end.isoformat(),
            "creators": f"Host {place.creator:04}",
            "platforms": "Platform",
            "show_type": "bau",
            "show_standard": "standard",
            "note": "",
        }
        for number, place in enumerate(places)
    )
    return "".join(write_csv(rows)).encode()


def _import(bench: Bench, file: bytes) -> ImportReport:
    sheet = read_csv(file, "month.csv")
    report = running.run(
        bench.commands, Directory(), world.context("import"), sheet, Options(), reach=EVERYWHERE
    )
    if not isinstance(report, ImportReport) or report.counts.created != MONTH:
        raise AssertionError("an import did not draft its month: it measures something else")
    return report


# --- rebuilding


def _rebuild(bench: Bench) -> Measured:
    count = bench.pairs.rebuild
    return compare(
        "rebuild",
        bench.bookings,
        [partial(rebuild.rebuild, bench.owner)] * count,
        [partial(bare.rebuild, bench.owner)] * count,
        warm=0,
    )


def _settle(bench: Bench) -> None:
    """What autovacuum would do some time later, in the middle of a measurement."""
    bench.owner.execute("VACUUM (ANALYZE)")
    bench.owner.execute("CHECKPOINT")
