"""A file as rows of text, whatever its format was; and what is wrong with a row."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from domain.errors import FieldError, Invalid

COLUMNS: Final = (
    "external_id",
    "client",
    "studio",
    "room",
    "name",
    "start",
    "end",
    "creators",
    "platforms",
    "show_type",
    "show_standard",
    "note",
)
"""In the order in which an export writes them; a file may have them in any."""

WITH_SCHEDULE: Final = frozenset({"name", "start", "end"})
"""Columns that a file can't do without when its schedule is named; else it needs client and studio too."""
REQUIRED: Final = WITH_SCHEDULE | {"client", "studio"}


class RowError(Struct, frozen=True):
    """Why a row was left out, or what to know of it. `row` is the line in the file, the header's is 1;
    null for what no row says."""

    row: int | None
    column: str | None
    value: str
    code: str
    message: str


class SheetRow(Struct, frozen=True):
    """One row: its line in the file and its cells by column, as they stand there."""

    row: int
    cells: dict[str, str]


class Sheet(Struct, frozen=True, kw_only=True):
    """A file that could be opened. `errors` are rows that could not be read at all."""

    file_name: str
    file_sha256: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    errors: tuple[RowError, ...] = ()


def header(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns that a first row names, in its order. Case and blanks around names don't matter.

    Raises Invalid for unknown and repeated names.
    """
    names = tuple(cell.strip().lower() for cell in cells)
    if not any(names):
        raise file_error("no_header", "the first line must name the columns: " + ",".join(COLUMNS))
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        hint = ""
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            hint = "; separate columns with commas"
        listed = ", ".join(repr(name[:80]) for name in unknown[:10])
        raise file_error(
            "unknown_column", f"no such column: {listed}{hint}; there are {', '.join(COLUMNS)}", "header"
        )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise file_error("repeated_column", f"named more than once: {', '.join(repeated)}", "header")
    return names


def check_columns(columns: Collection[str], *, for_schedule: bool) -> None:
    """Raises Invalid when a column is missing that a row can't do without."""
    needed = WITH_SCHEDULE if for_schedule else REQUIRED
    if missing := [name for name in COLUMNS if name in needed and name not in columns]:
        raise file_error("missing_column", f"the header lacks {', '.join(missing)}", "header")


def file_error(code: str, message: str, path: str = "file") -> Invalid:
    """The file as a whole can't be used."""
    return Invalid(message, errors=[FieldError(path, code, message)])
