"""`callboard projections`: the read tables, anew from the log, or compared with it row by row."""

from collections.abc import Iterator

import click
from rich_click import RichGroup

from api.cli.options import options
from api.cli.printing import answer, progress, table
from api.cli.session import opened_as_owner
from projections import ALL, rebuild
from projections.rebuild import Verified

_name = click.argument("name", required=False, type=click.Choice(list(ALL)), metavar="[NAME]")


@click.group(cls=RichGroup)
def projections() -> None:
    """List, rebuild and verify the read tables."""


@projections.command("list")
@options
def list_projections() -> None:
    """Every projection, its tables with their rows, and the position of the log it stands at."""
    with opened_as_owner() as connection:
        positions = rebuild.positions(connection)
    rows = [(p.name, p.position, *row) for p in positions for row in p.rows.items()]
    answer({"items": positions}, table(("projection", "position", "table", "rows"), rows))


@projections.command("rebuild")
@_name
@options
def rebuild_projections(name: str | None) -> None:
    """Fill the read tables anew from the log and switch to them, while the server works.

    They refer to each other, so all are switched together; NAME narrows the report.
    """
    with opened_as_owner() as connection, progress("Rebuilding") as report:
        done = rebuild.rebuild(connection, progress=report)
    rows = {t: count for t, count in done.rows.items() if name is None or t in ALL[name].TABLES}
    summary = f"{done.events} events in {done.seconds:.1f} s; writers waited {done.switch_ms:.0f} ms"
    answer(
        {"events": done.events, "rows": rows, "seconds": done.seconds, "switch_ms": done.switch_ms},
        [*table(("table", "rows"), rows.items()), summary],
    )


@projections.command()
@_name
@options
def verify(name: str | None) -> None:
    """Compare the read tables row by row with a rebuild of them; exit 1 when they differ."""
    with opened_as_owner() as connection, progress("Verifying") as report:
        found = rebuild.verify(connection, only=name, progress=report)
    answer(found, _verdict(found))
    click.get_current_context().exit(1 if found.drifts else 0)


def _verdict(found: Verified) -> Iterator[str]:
    for drift in found.first:
        yield f"{drift.table} {drift.key}"
        yield f"  stored   {drift.stored or 'no such row'}"
        yield f"  rebuilt  {drift.rebuilt or 'no such row'}"
    for name, count in found.drifts.items():
        yield f"{name}: {count} of {found.rows[name]} rows differ"
    if not found.drifts:
        rows = sum(found.rows.values())
        yield f"no drift: {rows} rows in {len(found.rows)} tables at position {found.position}"
