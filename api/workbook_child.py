"""Reads a workbook from standard input, as a process of its own that may take little memory and time: its
parser is not ours, and a few bytes can ask for a sheet of a trillion cells. Answers JSON: the rows of the
first sheet as text, or `error`. Run by its path; it imports nothing of ours."""

import io
import json
import resource
import sys
from datetime import date, datetime, time
from typing import Any

MEMORY = 512 * 1024 * 1024
SECONDS = 20


def main() -> None:
    """Most rows and most columns are its arguments."""
    most_rows, most_columns = map(int, sys.argv[1:])
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    json.dump(read(sys.stdin.buffer.read(), most_rows, most_columns), sys.stdout)


def read(data: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    """`rows`, or the code of what is wrong as `error`."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - within the limits

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError, IndexError):
        return {"error": "bad_xlsx"}
    if sheet.total_height > most_rows:
        return {"error": "too_many_rows"}
    if sheet.total_width > most_columns:
        return {"error": "too_many_columns"}
    return {"rows": [[text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]}


def text(cell: Any) -> str:
    """A cell as a CSV file would hold it."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds" if cell.second or cell.microsecond else "minutes")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


if __name__ == "__main__":
    main()
