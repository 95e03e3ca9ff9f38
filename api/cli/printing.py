"""What commands print: JSON or aligned lines on standard output, progress on standard error."""

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from api.cli.options import given


def answer(document: Any, lines: Iterable[str]) -> None:
    """One JSON document with `--json`, else these lines."""
    if given().json:
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    for line in lines:
        click.echo(line)


def answer_each(document: Any, line: Callable[[], str]) -> None:
    """One item of a log: a line of JSON with `--json`, else a line of text."""
    click.echo(msgspec.json.encode(document) if given().json else line())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Aligned columns under their names; just a dash where there is nothing to say."""
    cells = [head, *(["-" if c in (None, "") else str(c) for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]


@contextmanager
def progress(label: str) -> Generator[Callable[[int, int], None]]:
    """Gives `report(done, total)`, which draws a bar on standard error when that is a terminal."""
    if not sys.stderr.isatty():
        yield _quiet
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def report(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield report


def _quiet(_done: int, _total: int) -> None:
    """Nobody watches."""
