"""`callboard imports`: the runs of imports so far, and taking one back."""

from collections.abc import Iterator
from typing import cast

import click
from msgspec.structs import asdict
from rich_click import RichCommand, RichGroup

from api.cli.options import options
from api.cli.printing import answer, table
from api.cli.session import importing, opened
from domain.importing import undoing
from domain.importing.undoing import Undone
from projections import imports as runs
from projections.imports import ImportRow


@click.group("imports", cls=RichGroup)
def imports() -> None:
    """List the runs of imports, and take one back."""


@imports.command("list", cls=RichCommand)
@click.option(
    "--outcome",
    type=click.Choice(["applied", "failed", "undone"]),
    multiple=True,
    help="Only runs that ended so; may be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many."
)
@options
def list_imports(outcome: tuple[str, ...], limit: int) -> None:
    """The runs, newest first: applied ones, failed ones with the reason, and those that were taken back."""
    with opened() as callboard, callboard.pool.connection() as connection:
        found = runs.listed(connection, outcome, limit=limit)
    head = ("id", "at", "outcome", "file", "what")
    rows = [(r.id, f"{r.created_at:%Y-%m-%dT%H:%M}Z", r.outcome, r.file_name, _what(r)) for r in found]
    answer({"items": found}, table(head, rows))


@imports.command(cls=RichCommand)
@click.argument("import_id", metavar="ID")
@options
def undo(import_id: str) -> None:
    """Take back all that the run ID did, or nothing: exit 1 when something of it was changed since."""
    with opened() as callboard:
        context, reach = importing(callboard, "import.undo")
        undone = cast(Undone, undoing.undo(callboard.commands, context, import_id, reach=reach))
    answer(undone, _report(undone))


def _what(run: ImportRow) -> str:
    if run.problem:
        return run.problem.detail
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in run.counts.items() if count)


def _report(undone: Undone) -> Iterator[str]:
    yield f"{undone.file_name}: undone, {undone.id}"
    yield ", ".join(f"{count} {name}" for name, count in asdict(undone.counts).items())
    for row in undone.left:
        why = "something names it" if row.why == "in_use" else "it was edited since"
        yield f"left: {row.kind} {row.name} ({row.id}), {why}"
    if undone.schedules:
        yield from table(
            ("schedule", "name", "removed", "restored", "returned", "deleted", "change withdrawn"),
            [
                (s.id, s.name, s.removed, s.restored, s.returned, "yes" if s.deleted else "", s.change_id)
                for s in undone.schedules
            ],
        )
