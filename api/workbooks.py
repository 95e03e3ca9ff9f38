"""XLSX in and out. A file is measured before it is opened, so that a small one can't unpack to a large one;
formulas are never written, and of one that is read only its value counts."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

from domain.importing.sheet import COLUMNS, RowError, Sheet, SheetRow, file_error, header

MAGIC: Final = b"PK\x03\x04"
"""How every XLSX file begins: it is a ZIP archive."""
MOST_UNPACKED: Final = 64 * 1024 * 1024
MOST_FILES: Final = 1_000
_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 100
_SHOWN: Final = 200
_SECONDS: Final = 30
_CHILD: Final = str(Path(__file__).with_name("workbook_child.py"))
_SAID: Final = {
    "bad_xlsx": "the file is no workbook that can be read",
    "too_many_rows": f"more than {MOST_ROWS} rows: split the file",
    "too_many_columns": f"more than {MOST_COLUMNS} columns",
}


def read_xlsx(data: bytes, file_name: str) -> Sheet:
    """The rows of a workbook's first sheet; cells with a date and time are local times of the studio. Empty
    rows are left out.

    Raises Invalid: too large once unpacked, no workbook, empty, a wrong header.
    """
    _measure(data)
    lines = _unpacked(data)
    if not lines:
        raise file_error("empty_file", "the file is empty")
    first = lines[0]
    while first and not first[-1].strip():
        first = first[:-1]
    columns = header(first)
    rows: list[SheetRow] = []
    errors: list[RowError] = []
    for line, cells in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in cells[len(columns) :]):
            message = f"has more cells than the header's {len(columns)} columns"
            errors.append(RowError(line, None, ",".join(cells)[:_SHOWN], "too_many_cells", message))
        elif any(cell.strip() for cell in cells):
            rows.append(SheetRow(line, dict(zip(columns, cells, strict=False))))
    return Sheet(
        file_name=file_name.replace("\0", "")[:255],
        file_sha256=hashlib.sha256(data).hexdigest(),
        columns=columns,
        rows=tuple(rows),
        errors=tuple(errors),
    )


def write_xlsx(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A workbook of one sheet, the header first; every cell is text."""
    buffer = io.BytesIO()
    plain: dict[str, Any] = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(buffer, plain) as book:
        # The same rows are the same bytes, whenever they are written.
        cast(Any, book).set_properties({"created": _ALWAYS})
        sheet = cast(Any, book).add_worksheet("shows")
        for number, cells in enumerate([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell)
    return buffer.getvalue()


def _measure(data: bytes) -> None:
    """By the archive's own list, and then by unpacking no more than it may hold: the list may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(each.file_size for each in entries) > MOST_UNPACKED:
                raise _too_large()
            left = MOST_UNPACKED
            for entry in entries:
                with archive.open(entry) as packed:
                    while piece := packed.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            raise _too_large()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise file_error("bad_xlsx", _SAID["bad_xlsx"]) from None


def _too_large() -> Exception:
    return file_error("too_large", f"the file unpacks to more than {MOST_UNPACKED >> 20} MiB")


def _unpacked(data: bytes) -> list[list[str]]:
    command = [sys.executable, "-I", _CHILD, str(MOST_ROWS + 1), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own
    except subprocess.TimeoutExpired:
        raise file_error("too_large", "the file takes too long to read: split it") from None
    if done.returncode != 0:
        raise file_error("too_large", "the file takes too much memory to read: split it")
    found = json.loads(done.stdout)
    if code := found.get("error"):
        raise file_error(code, _SAID[code])
    return found["rows"]
