"""CSV in and out. What a spreadsheet would take for a formula is text here: an export puts an apostrophe in
front of it, and an import takes one such apostrophe off again."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from domain.importing.sheet import COLUMNS, RowError, Sheet, SheetRow, file_error, header

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 50_000
_SHOWN: Final = 200
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
"""What a spreadsheet would run (OWASP, CSV injection), behind any apostrophes."""
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r\n]")


class _Reader(Protocol):
    """What `csv.reader` answers; the module does not name it."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def read_csv(data: bytes, file_name: str) -> Sheet:
    """The rows of a CSV file in UTF-8, with or without BOM, any line ends. Empty lines are left out; a row
    that can't be read is an error of its own.

    Raises Invalid: too large, empty, not UTF-8 (naming the line), a wrong header.
    """
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = next(_lines(reader), None)
    if first is None:
        raise file_error("empty_file", "the file is empty")
    if isinstance(first, RowError):
        raise file_error("bad_csv", f"line {first.row}: {first.message}", "header")
    columns = header(first[1])
    rows: list[SheetRow] = []
    errors: list[RowError] = []
    for line in _lines(reader):
        found = line if isinstance(line, RowError) else _row(line[0], line[1], columns)
        if isinstance(found, RowError):
            errors.append(found)
        elif found is not None:
            rows.append(found)
        if len(rows) > MOST_ROWS:
            raise file_error("too_many_rows", f"more than {MOST_ROWS} rows: split the file")
    return Sheet(
        file_name=file_name.replace("\0", "")[:255],
        file_sha256=hashlib.sha256(data).hexdigest(),
        columns=columns,
        rows=tuple(rows),
        errors=tuple(errors),
    )


def write_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> Iterator[str]:
    """CSV text, the header first, in pieces of some hundred rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([_guarded(row[column]) for column in columns])
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise file_error("too_large", f"the file is larger than {MOST_BYTES >> 20} MiB")
    if not data.strip():
        raise file_error("empty_file", "the file is empty")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise file_error("not_utf8", f"line {line} is not UTF-8: save the file as CSV UTF-8") from None


def _lines(reader: _Reader) -> Iterator[tuple[int, list[str]] | RowError]:
    """Rows with the line on which each begins."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(line, None, "", "bad_csv", f"can't be read: {error}")
            continue
        yield line, cells


def _row(line: int, cells: Sequence[str], columns: Sequence[str]) -> SheetRow | RowError | None:
    """A row by column. Cells missing at its end are empty; too many are an error."""
    if not any(cell.strip() for cell in cells):
        return None
    if any(cells[len(columns) :]):
        message = f"has {len(cells)} cells, the header names {len(columns)} columns"
        return RowError(line, None, ",".join(cells)[:_SHOWN], "too_many_cells", message)
    filled = [*cells, *[""] * len(columns)]
    return SheetRow(line, {column: _plain(cell) for column, cell in zip(columns, filled, strict=False)})


def _guarded(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
