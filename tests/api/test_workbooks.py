"""XLSX in and out: what is written reads back the same, and bombs are not unpacked."""

import io
import zipfile
import zlib
from datetime import datetime
from typing import Any, cast

import pytest
from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

from api.transfer import read_file
from api.workbooks import read_xlsx, write_xlsx
from domain.errors import Invalid
from domain.importing.sheet import COLUMNS
from tests.importing import line

ROW = dict.fromkeys(COLUMNS, "") | line(note="=1+1", name="+66", external_id="0012")


def test_what_is_written_reads_back_the_same_and_holds_no_formula() -> None:
    data = write_xlsx([ROW, ROW | {"note": "https://x.test"}])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    sheet = read_file(data, "plan.csv")
    assert sheet.columns == COLUMNS
    assert [(row.row, row.cells) for row in sheet.rows] == [(2, ROW), (3, ROW | {"note": "https://x.test"})]


def test_cells_with_dates_and_numbers_are_read_as_text() -> None:
    buffer = io.BytesIO()
    with cast(Any, Workbook(buffer, {"default_date_format": "yyyy-mm-dd hh:mm"})) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["external_id", "name", "start", "end"])
        page.write_row(2, 0, [12, "Launch", datetime(2026, 5, 2, 20), "2026-05-02T22:00"])  # noqa: DTZ001 - local
    (row,) = read_xlsx(buffer.getvalue(), "plan.xlsx").rows
    assert (row.row, row.cells) == (
        3,
        {"external_id": "12", "name": "Launch", "start": "2026-05-02T20:00", "end": "2026-05-02T22:00"},
    )


def _archive(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", content)
    return buffer.getvalue()


def test_a_bomb_is_refused_by_its_size_even_when_the_archive_lies_about_it() -> None:
    bomb = _archive(bytes(65 << 20))
    lying = bomb.replace((65 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(Invalid) as refused:
        read_xlsx(bomb, "plan.xlsx")
    assert [error.code for error in refused.value.errors] == ["too_large"]
    with pytest.raises(Invalid):
        read_xlsx(lying, "plan.xlsx")


def test_a_sheet_of_a_trillion_empty_cells_is_refused() -> None:
    buffer = io.BytesIO()
    with cast(Any, Workbook(buffer)) as book:
        page = book.add_worksheet()
        page.write_string(0, 0, "name")
        page.write_string(1_048_575, 16_383, "far")
    with pytest.raises(Invalid) as refused:
        read_xlsx(buffer.getvalue(), "plan.xlsx")
    assert [error.code for error in refused.value.errors] == ["too_large"]


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + zlib.compress(b"no"), _archive(b"<no/>")])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_file(data, "plan.xlsx")
    assert [error.code for error in refused.value.errors] == ["bad_xlsx"]
