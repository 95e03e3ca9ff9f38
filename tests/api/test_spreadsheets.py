"""CSV in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import spreadsheets
from api.spreadsheets import read_csv, write_csv
from domain.errors import Invalid
from domain.importing.sheet import COLUMNS, SheetRow

HEADER = ",".join(COLUMNS)


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        read_csv(data, "plan.csv")
    return caught.value.errors[0].code, caught.value.errors[0].message


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    sheet = read_csv(b"\xef\xbb\xbfname,start\r\nLaunch,now\r\n", "plan.csv")
    assert sheet.columns == ("name", "start")
    assert sheet.rows == (SheetRow(2, {"name": "Launch", "start": "now"}),)


def test_columns_stand_in_any_order_and_case() -> None:
    assert read_csv(b"End, NAME ,start\n", "plan.csv").columns == ("end", "name", "start")


def test_rows_are_named_by_the_line_on_which_they_begin() -> None:
    sheet = read_csv(b'name,note\n"two\nlines",x\n\n ,\nafter,y\n', "plan.csv")
    assert [(row.row, row.cells["name"]) for row in sheet.rows] == [(2, "two\nlines"), (6, "after")]


def test_cells_missing_at_the_end_are_empty_and_too_many_are_an_error() -> None:
    sheet = read_csv(b"name,note\nshort\nlong,x,,\nlonger,x,y\n", "plan.csv")
    assert sheet.rows == (
        SheetRow(2, {"name": "short", "note": ""}),
        SheetRow(3, {"name": "long", "note": "x"}),
    )
    assert [(error.row, error.code) for error in sheet.errors] == [(4, "too_many_cells")]


def test_a_row_that_cannot_be_read_is_an_error_of_its_own() -> None:
    sheet = read_csv(b'name,note\n"a"b,x\ngood,y\n"never closed,z\n', "plan.csv")
    assert sheet.rows == (SheetRow(3, {"name": "good", "note": "y"}),)
    assert [(error.row, error.code) for error in sheet.errors] == [(2, "bad_csv"), (4, "bad_csv")]


def test_a_cell_beyond_all_reason_is_an_error_of_its_row() -> None:
    sheet = read_csv(b"name\n" + b"x" * 200_000 + b"\ngood\n", "plan.csv")
    assert [row.cells["name"] for row in sheet.rows] == ["good"]
    assert [(error.row, error.code) for error in sheet.errors] == [(2, "bad_csv")]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", "empty_file", "empty"),
        (b" \r\n", "empty_file", "empty"),
        (b"\xef\xbb\xbf", "empty_file", "empty"),
        (b"\n", "empty_file", "empty"),
        (b",,\nx,y,z\n", "no_header", "must name the columns"),
        (b"name,colour\n", "unknown_column", "'colour'"),
        (b"name;start;end\n", "unknown_column", "separate columns with commas"),
        (b"name,Name\n", "repeated_column", "name"),
        (b'"name\n', "bad_csv", "line 1"),
        (b"name\nok\nM\xfcller\n", "not_utf8", "line 3"),
    ],
)
def test_a_file_that_can_not_be_used_says_why(data: bytes, code: str, said: str) -> None:
    found, message = refused(data)
    assert found == code
    assert said in message


def test_a_file_that_is_too_large_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 1)
    assert refused(b"name\na\nb\n")[0] == "too_many_rows"
    monkeypatch.setattr(spreadsheets, "MOST_BYTES", 4)
    assert refused(b"name\n")[0] == "too_large"


def test_formulas_leave_with_an_apostrophe_and_come_back_without() -> None:
    names = ["=1+1", "+66", "-x", "@home", "'=quoted", "'Tis", "''", "\ttab", "plain"]
    rows = [dict.fromkeys(COLUMNS, "") | {"name": name} for name in names]
    written = "".join(write_csv(rows))
    assert [line.split(",")[4] for line in written.splitlines()[1:4]] == ["'=1+1", "'+66", "'-x"]
    assert [row.cells["name"] for row in read_csv(written.encode(), "x").rows] == names


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(CELL, min_size=12, max_size=12), max_size=5))
def test_what_is_written_reads_back_the_same(cells: list[list[str]]) -> None:
    rows = [dict(zip(COLUMNS, each, strict=True)) | {"name": "x" + each[4]} for each in cells]
    sheet = read_csv("".join(write_csv(rows)).encode(), "x")
    assert ([row.cells for row in sheet.rows], sheet.errors) == (rows, ())
