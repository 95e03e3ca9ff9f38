"""`callboard bench`: what the product costs over the bare SQL that would do the same work, on a server of its
own with the product's settings. The rows are in `rows.py`, the bare SQL in `bare.py`."""

import os
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import psycopg
from msgspec import Struct
from psycopg import Connection
from rich_click import RichCommand

from api.bench import ways
from api.bench import world as bench_world
from api.bench.pairs import Measured
from api.bench.rows import Bench, Pairs, measure
from api.bench.ways import Timed, growth
from api.cli.options import options
from api.cli.printing import answer, table
from api.postgres import embedded
from api.settings import Settings
from api.wiring import open_callboard

SIZES: Final = (10_000, 1_000_000)
GROWING: Final = (1_000, 10_000, 100_000)
"""Sizes of the rows about conflicts."""
RUNS: Final = 5
QUICK: Final = Pairs(confirm_one=1, confirm_many=1, conflicts=1, availability=1, imports=1, rebuild=1, warm=1)
_TOLD: Final = 50_000
_LARGE: Final = 200_000
"""From here on one rebuild takes minutes: one pair says enough."""
_SETTINGS: Final = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "data_checksums",
)


class Size(Struct, frozen=True, kw_only=True):
    """Everything of one size. The bookings came in by commands; that took `load_seconds`."""

    bookings: int
    rooms: int
    creators: int
    events: int
    load_seconds: float
    rows: tuple[Measured, ...]


class ConflictsReport(Struct, frozen=True, kw_only=True):
    """The rows about conflicts at each size; `growth` is the last size's time over the one before."""

    python: str
    cores: int
    settings: dict[str, str]
    rows: list[Timed]
    growth: dict[str, float]


class Report(Struct, frozen=True, kw_only=True):
    """All that is worth knowing of a run."""

    python: str
    postgresql: str
    cores: int
    settings: dict[str, str]
    sizes: tuple[Size, ...]


@click.command(cls=RichCommand)
@click.option(
    "--bookings",
    type=click.IntRange(1, 10_000_000),
    multiple=True,
    metavar="N",
    help=f"How many stored bookings to measure with; may be repeated. Default {SIZES}, with --conflicts"
    f" {GROWING}.",
)
@click.option("--conflicts", is_flag=True, help="Conflicts, suggestions and checks alone, and how they grow.")
@click.option("--quick", is_flag=True, help="One pair of each row: shows that it runs, measures nothing.")
@options
def bench(bookings: Sequence[int], conflicts: bool, quick: bool) -> None:
    """Measure this installation against bare SQL doing the same work.

    It makes databases of its own in a temporary directory and removes them; yours is not touched. A million
    bookings take about ten minutes and 10 GB.
    """
    settings: dict[str, str] = {}
    if conflicts:
        timed = [
            row for size in bookings or GROWING for row in _looked_at(size, 1 if quick else RUNS, settings)
        ]
        grown = ConflictsReport(
            python=platform.python_version(),
            cores=os.cpu_count() or 0,
            settings=settings,
            rows=timed,
            growth=growth(timed),
        )
        answer(grown, _grown(grown))
        return
    sizes = tuple(_measured(size, QUICK if quick else None, settings) for size in bookings or SIZES)
    report = Report(
        python=platform.python_version(),
        postgresql=settings.pop("server_version"),
        cores=os.cpu_count() or 0,
        settings=settings,
        sizes=sizes,
    )
    answer(report, _lines(report))


def _measured(bookings: int, pairs: Pairs | None, settings: dict[str, str]) -> Size:
    """One size, on a server of its own; notes its settings."""
    with (
        tempfile.TemporaryDirectory(prefix="callboard-bench-") as home,
        embedded.server(Path(home) / "postgres") as server,
        open_callboard(Settings(data_dir=Path(home)), server.admin_url, server.app_url) as callboard,
        psycopg.connect(server.admin_url, autocommit=True) as owner,
        callboard.pool.connection() as script,
    ):
        owner.execute("SET search_path = read, log, public")
        settings.update({name: _setting(script, name) for name in ("server_version", *_SETTINGS)})
        world = bench_world.build(callboard.commands, bookings)
        began = time.monotonic()
        bench_world.load(callboard.commands, world, bookings, _say)
        seconds = time.monotonic() - began
        whole = Bench(
            commands=callboard.commands,
            world=world,
            owner=owner,
            script=script,
            bookings=bookings,
            pairs=pairs or (Pairs() if bookings < _LARGE else Pairs(rebuild=1)),
        )
        events = callboard.log.head()
        rows: list[Measured] = []
        for row in measure(whole):
            click.echo(f"{row.row}: {row.ratio.median} times bare SQL", err=True)
            rows.append(row)
    return Size(
        bookings=bookings,
        rooms=len(world.rooms),
        creators=len(world.creators),
        events=events,
        load_seconds=round(seconds, 1),
        rows=tuple(rows),
    )


def _looked_at(bookings: int, runs: int, settings: dict[str, str]) -> Iterator[Timed]:
    """The rows about conflicts at one size, on a server of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="callboard-bench-") as home,
        embedded.server(Path(home) / "postgres") as server,
        open_callboard(Settings(data_dir=Path(home)), server.admin_url, server.app_url) as callboard,
        psycopg.connect(server.admin_url, autocommit=True) as owner,
    ):
        settings.update({name: _setting(owner, name) for name in ("server_version", *_SETTINGS)})
        world = bench_world.build(callboard.commands, bookings)
        bench_world.load(callboard.commands, world, bookings, _say)
        for row in ways.measure(
            callboard.commands, world, bookings, runs, lambda: owner.execute("VACUUM (ANALYZE)")
        ):
            click.echo(f"{row.row}, {bookings} bookings: {row.ms} ms", err=True)
            yield row


def _grown(report: ConflictsReport) -> Iterator[str]:
    yield f"Python {report.python}, {report.cores} cores"
    yield ", ".join(f"{name}={value}" for name, value in report.settings.items())
    yield from table(
        ("row", "bookings", "runs", "ms", "cpu ms", "findings"),
        [(row.row, row.bookings, row.runs, row.ms, row.cpu_ms, row.found) for row in report.rows],
    )
    for row, ratio in report.growth.items():
        yield f"{row}: {ratio} times the size before"


def _setting(connection: Connection[Any], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return row[0] if row else ""


def _say(done: int, total: int) -> None:
    if done == total or done % _TOLD == 0:
        click.echo(f"{done} of {total} bookings stored", err=True)


def _lines(report: Report) -> Iterator[str]:
    yield f"PostgreSQL {report.postgresql}, Python {report.python}, {report.cores} cores"
    yield ", ".join(f"{name}={value}" for name, value in report.settings.items())
    for size in report.sizes:
        yield ""
        yield (
            f"{size.bookings} bookings in {size.rooms} rooms with {size.creators} creators:"
            f" {size.events} events, stored in {size.load_seconds} s"
        )
        yield from table(
            ("row", "pairs", "ours ms", "bare ms", "ratio", "min", "max"),
            [
                (m.row, m.pairs, m.ours_ms, m.bare_ms, m.ratio.median, m.ratio.min, m.ratio.max)
                for m in size.rows
            ],
        )
