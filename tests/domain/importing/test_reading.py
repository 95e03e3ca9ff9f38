"""Rows of text as wanted shows."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.errors import Invalid
from domain.ids import fixed_id, sequence
from domain.importing.names import Known, Missing, Names
from domain.importing.reading import Bad, Home, Read, local, read
from domain.importing.sheet import check_columns
from tests.importing import line, sheet


def known(zone: str) -> list[Known]:
    studio = Known(kind="studio", id=fixed_id("studio", "1"), name="Bangkok", time_zone=zone)
    return [
        studio,
        Known(kind="room", id=fixed_id("room", "1"), name="Room 1", studio_id=studio.id),
        Known(kind="client", id=fixed_id("client", "1"), name="Acme"),
        Known(kind="creator", id=fixed_id("creator", "1"), name="Mali"),
        Known(kind="creator", id=fixed_id("creator", "2"), name="Nok"),
        Known(kind="platform", id=fixed_id("platform", "1"), name="TikTok"),
        Known(kind="shtype", id=fixed_id("shtype", "other"), name="Other", key="other"),
        Known(kind="shstd", id=fixed_id("shstd", "standard"), name="Standard", key="standard"),
    ]


def done(*rows: dict[str, str], zone: str = "Asia/Bangkok", create_missing: bool = False) -> Read:
    names = Names(known(zone), new_id=sequence("read", 0), create_missing=create_missing)
    return read(sheet(*rows), names)


def errors(*rows: dict[str, str], zone: str = "Asia/Bangkok") -> list[tuple[int | None, str | None, str]]:
    return [(error.row, error.column, error.code) for error in done(*rows, zone=zone).errors]


def test_a_row_in_order_is_a_wanted_show() -> None:
    (wanted,) = done(line(creators=" Nok ;Mali; nok ;", name=" Launch ", note=" as is ")).wanted
    assert [creator.name for creator in wanted.creators] == ["Nok", "Mali"]
    assert (wanted.row, wanted.external_id, wanted.name, wanted.note) == (2, "A-1", "Launch", " as is ")
    assert (wanted.start, wanted.end) == (
        datetime(2026, 5, 2, 13, tzinfo=UTC),
        datetime(2026, 5, 2, 15, tzinfo=UTC),
    )
    assert (wanted.show_type.key, wanted.show_standard.key) == ("other", "standard")


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-02T20:00",
        "2026-05-02 20:00:00",
        "2026-05-02T13:00Z",
        "2026-05-02T15:00+02:00",
        "2026-05-02T08:00:00.000-0500",
    ],
)
def test_a_time_is_local_to_the_studio_unless_it_has_an_offset(text: str) -> None:
    (wanted,) = done(line(start=text, end="2026-05-03T01:00")).wanted
    assert wanted.start == datetime(2026, 5, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-05-02",
        "20:00",
        "2026-13-02T20:00",
        "2026-02-30T20:00",
        "2026-05-02T25:00",
        "2026-05-02T20:00+99:00",
        "0001-01-01T00:00+10:00",
        "2026-05-02T20:00 UTC",
        "2026-W18-6T20:00",
        "٢٠٢٦-05-02T20:00",
    ],
)
def test_what_is_no_time_is_an_error_of_its_row(text: str) -> None:
    assert errors(line(start=text)) == [(2, "start", "bad_time")]


def test_a_local_time_that_clocks_jump_over_or_show_twice_is_an_error() -> None:
    zone = "Europe/Berlin"
    spring = line(start="2026-03-29T02:30", end="2026-03-29T04:00")
    autumn = line(start="2026-10-25T02:30", end="2026-10-25T04:00", external_id="A-2")
    assert errors(spring, autumn, zone=zone) == [
        (2, "start", "time_does_not_exist"),
        (3, "start", "time_occurs_twice"),
    ]
    offset = line(start="2026-10-25T02:30+01:00", end="2026-10-25T04:00")
    (wanted,) = done(offset, zone=zone).wanted
    assert wanted.start == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_half_an_hour_is_enough_to_be_jumped_over() -> None:
    jump = line(start="2026-10-04T02:15", end="2026-10-04T04:00")
    assert errors(jump, zone="Australia/Lord_Howe") == [(2, "start", "time_does_not_exist")]


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    wrong = line(client="Nobody", name="  ", start="", end="soon", creators="Mali; Zoe", show_type="gala")
    assert errors(wrong) == [
        (2, "client", "unknown_name"),
        (2, "name", "required"),
        (2, "start", "required"),
        (2, "end", "bad_time"),
        (2, "creators", "unknown_name"),
        (2, "show_type", "unknown_name"),
    ]


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ({"end": "2026-05-02T20:00"}, ("end", "not_after_start")),
        ({"end": "2026-05-03T20:01"}, ("end", "too_long")),
        ({"name": "x" * 301}, ("name", "too_long")),
        ({"external_id": "x" * 201}, ("external_id", "too_long")),
        ({"note": "x" * 10_001}, ("note", "too_long")),
        ({"room": "x" * 301}, ("room", "too_long")),
        ({"note": "a\0b"}, ("note", "nul")),
        ({"room": "a\0b"}, ("room", "nul")),
        ({"start": "2026-05-02T20:00\0"}, ("start", "nul")),
        ({"creators": ";".join(["Mali"] * 101)}, ("creators", "too_many")),
        ({"platforms": ";".join(["TikTok"] * 51)}, ("platforms", "too_many")),
        ({"studio": ""}, ("studio", "required")),
        ({"room": fixed_id("room", "none")}, ("room", "unknown_id")),
    ],
)
def test_a_value_that_can_not_be_is_an_error_of_its_row(
    cells: dict[str, str], error: tuple[str, str]
) -> None:
    assert errors(line(**cells)) == [(2, *error)]


def test_the_second_of_two_rows_for_one_show_is_left_out() -> None:
    plain = line(external_id="")
    found = done(line(), line(name="Again"), plain, plain, line(client="", external_id="A-1"))
    assert [wanted.row for wanted in found.wanted] == [2, 4, 6]
    assert [(error.row, error.code) for error in found.errors] == [
        (3, "duplicate_external_id"),
        (5, "duplicate_row"),
    ]


def test_a_bad_row_still_stands_for_its_show() -> None:
    found = done(
        line(end="?"), line(client="Nobody", external_id="B"), line(client="", external_id="", end="?")
    )
    assert found.bad == (
        Bad(fixed_id("client", "1"), "A-1"),
        Bad(None, "B"),
        Bad(fixed_id("studio", "1"), ""),
    )


def test_rooms_of_an_unknown_studio_are_unknown_without_a_second_error() -> None:
    names = Names(known("UTC"), new_id=sequence("read", 0))
    found = read(sheet(line(studio="Tokyo", room="Blue"), line(studio="", room="Red")), names)
    assert [(error.row, error.column, error.code) for error in found.errors] == [
        (2, "studio", "unknown_name"),
        (3, "studio", "required"),
    ]
    assert found.missing == (Missing("studio", "Tokyo"), Missing("room", "Blue", "Tokyo"))


def test_a_named_schedule_stands_in_for_client_and_studio() -> None:
    rows = known("Asia/Bangkok")
    without = sheet(line(), columns=("name", "start", "end"))
    (wanted,) = read(without, Names(rows, new_id=sequence("read", 0)), Home(rows[2], rows[0])).wanted
    assert (wanted.client, wanted.studio, wanted.room) == (rows[2], rows[0], None)


def test_columns_that_a_row_can_not_do_without_must_be_there() -> None:
    check_columns(("name", "start", "end"), for_schedule=True)
    with pytest.raises(Invalid) as caught:
        check_columns(("name", "start"), for_schedule=False)
    assert [error.code for error in caught.value.errors] == ["missing_column"]
    assert "client, studio, end" in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "zone", "text"),
    [
        (datetime(2026, 5, 2, 13, tzinfo=UTC), "Asia/Bangkok", "2026-05-02T20:00+07:00"),
        (datetime(2026, 5, 2, 13, tzinfo=UTC), "America/New_York", "2026-05-02T09:00-04:00"),
        (datetime(2026, 5, 2, 13, 0, 5, tzinfo=UTC), "UTC", "2026-05-02T13:00:05+00:00"),
        (datetime(2026, 5, 2, 13, 0, 0, 7, tzinfo=UTC), "UTC", "2026-05-02T13:00:00.000007+00:00"),
        (datetime(2026, 5, 2, 15, tzinfo=timezone(timedelta(hours=2))), "UTC", "2026-05-02T13:00+00:00"),
    ],
)
def test_an_export_writes_the_studios_clock_with_its_offset(moment: datetime, zone: str, text: str) -> None:
    assert local(moment, zone) == text
