"""`callboard import` and `callboard export`: planners' files in and out."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import click
from msgspec.structs import asdict
from rich_click import RichCommand

from api import transfer
from api.cli.options import Instant, given, options
from api.cli.printing import answer, progress, table
from api.cli.session import importing, opened
from api.transfer import Selection
from domain.importing.choosing import MEANT
from domain.importing.clashes import Clash
from domain.importing.doubting import Candidate
from domain.importing.report import ImportReport, Options
from domain.importing.sheet import RowError

_FEW: Final = 8


def _meant(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(MEANT, value):
            raise click.BadParameter(f"{value!r} is neither an id nor LINE:ID")
    return values


@click.command("import", cls=RichCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what it would do.")
@click.option("--create-missing", is_flag=True, help="Create clients, studios, rooms ... that are not known.")
@click.option("--schedule", metavar="ID", help="Put all rows there, not in one schedule a client and month.")
@click.option(
    "--time-zone", default="UTC", show_default=True, metavar="Z", help="Of studios that are created."
)
@click.option(
    "--take",
    type=click.Choice(["ours", "theirs"]),
    default="ours",
    show_default=True,
    help="Whose value stays where a field was set here since the last import: ours or the file's.",
)
@click.option(
    "--means",
    multiple=True,
    metavar="[LINE:]ID",
    callback=_meant,
    help="What an ambiguous name means, in all lines or in one; may be repeated.",
)
@options
def import_file(
    file: Path,
    *,
    dry_run: bool,
    create_missing: bool,
    schedule: str | None,
    time_zone: str,
    take: Literal["ours", "theirs"],
    means: tuple[str, ...],
) -> None:
    """Take a planner's CSV or XLSX FILE in: a diff against the plan. Exit 1 when rows were refused.

    Importing the same file twice does nothing the second time. Conflicts are reported, and are no failure.
    """
    chosen = Options(
        create_missing=create_missing,
        schedule_id=schedule,
        time_zone=time_zone,
        take=take,
        means=tuple(sorted(means)),
    )
    with opened() as callboard, progress("Importing") as report:
        context, reach = importing(callboard, "import.apply", dry_run=dry_run)
        done = transfer.import_file(
            callboard, file, context=context, reach=reach, options=chosen, progress=report
        )
    answer(done, _report(done))
    click.get_current_context().exit(1 if done.errors else 0)


@click.command(cls=RichCommand)
@click.option("--schedule", metavar="ID", help="Only shows of this schedule.")
@click.option("--client", metavar="ID", help="Only shows for this client.")
@click.option("--studio", metavar="ID", help="Only shows in this studio.")
@click.option("--from", "start", type=Instant(), metavar="WHEN", help="Only shows that end after then.")
@click.option("--to", "end", type=Instant(), metavar="WHEN", help="Only shows that start before then.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there."
)
@options
def export(
    *,
    schedule: str | None,
    client: str | None,
    studio: str | None,
    start: datetime | None,
    end: datetime | None,
    output: Path | None,
) -> None:
    """Give shows back out as CSV, on standard output or to a file; to a FILE.xlsx as a workbook.

    Importing it again does nothing.
    """
    selection = Selection(schedule_id=schedule, client_id=client, studio_id=studio, start=start, end=end)
    with opened() as callboard:
        if output is not None and output.suffix.lower() == ".xlsx":
            output.write_bytes(transfer.export_workbook(callboard.commands, selection))
            answer({"output": output}, ())
            return
        pieces = transfer.export(callboard.commands, selection)
        if output is not None:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
            answer({"output": output}, ())
        elif given().json:
            answer({"csv": "".join(pieces)}, ())
        else:
            for piece in pieces:
                click.echo(piece, nl=False)


def _report(done: ImportReport) -> Iterator[str]:
    outcome = "dry run, nothing stored" if done.mode == "dry_run" else f"{done.outcome}, {done.id}"
    yield f"{done.file_name}: {outcome}"
    yield ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in asdict(done.counts).items())
    if done.created:
        yield "new: " + ", ".join(f"{count} {kind}" for kind, count in done.created.items())
    for studio in done.created_studios:
        yield f"new studio: {studio.name}, time zone {studio.time_zone}"
    for each in done.ambiguous:
        chosen = f"{each.chosen} is chosen" if each.chosen else "none is chosen"
        yield f"{len(each.candidates)} {each.kind}s for {each.name!r}: {chosen}, --means chooses"
        yield from (f"  {candidate.id}  {_known_by(candidate)}" for candidate in each.candidates)
    for kind, names in done.unknown_names.items():
        if names:
            more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
            yield f"not known before: {len(names)} {kind}: {', '.join(names[:_FEW])}{more}"
    yield from _row_lines("row errors", done.errors)
    yield from _row_lines("notes", done.notes)
    if done.kept:
        yield "kept as it is here"
        yield from (f"  {row}" for row in table(
            ("row", "show", "column", "file says", "kept", "because it was"),
            [(k.row, k.external_id, k.column, k.value, k.kept, k.why) for k in done.kept],
        ))  # fmt: skip
    for schedule in done.schedules:
        if schedule.change_id:
            yield f"{schedule.name}: change {schedule.change_id} waits for approval"
    if done.clashes:
        yield "clashes"
        yield from (f"  {_clash(clash)}" for clash in done.clashes)
    yield f"conflicts: {done.conflicts.block} that block, {done.conflicts.warn} to look at"
    counts = ("created", "updated", "unchanged", "removed", "skipped")
    yield from table(
        ("schedule", "name", *counts),
        [(s.id, s.name, *(getattr(s.counts, name) for name in counts)) for s in done.schedules],
    )


def _known_by(candidate: Candidate) -> str:
    used = f"{candidate.shows} shows" if candidate.shows else "no shows yet"
    until = f"last {candidate.last}" if candidate.last else ""
    known = (*candidate.about.values(), *candidate.studios, *candidate.clients, used, until)
    return ", ".join(filter(None, known))


def _row_lines(title: str, errors: tuple[RowError, ...]) -> Iterator[str]:
    if errors:
        yield title
        yield from (f"  {row}" for row in table(
            ("row", "column", "value", "code", "what"),
            [(e.row, e.column, e.value, e.code, e.message) for e in errors],
        ))  # fmt: skip


def _clash(clash: Clash) -> str:
    one, other = (f"{show.external_id or show.show_id} ({show.name})" for show in clash.shows)
    when = f"{clash.overlap.start:%Y-%m-%dT%H:%M}Z to {clash.overlap.end:%Y-%m-%dT%H:%M}Z"
    return f"{clash.code} {clash.resource.name}, {when}: {one} with {other}"
