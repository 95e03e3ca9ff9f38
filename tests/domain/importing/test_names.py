"""What a text in a file means, and what an export calls a row."""

import pytest

from domain.ids import fixed_id, sequence
from domain.importing.names import Known, Missing, Names, UnknownRoom, Unmatched, listed, rooms

STUDIO = Known(kind="studio", id=fixed_id("studio", "1"), name="Bangkok", time_zone="Asia/Bangkok")
ROOM = Known(kind="room", id=fixed_id("room", "1"), name="Room 1", studio_id=STUDIO.id)
NOK = Known(kind="creator", id=fixed_id("creator", "nok"), name="Nok")
TWIN = Known(kind="creator", id=fixed_id("creator", "twin"), name="Nok")
MALI = Known(kind="creator", id=fixed_id("creator", "mali"), name="Mali")
GONE = Known(kind="creator", id=fixed_id("creator", "gone"), name="Gone", live=False)
BAU = Known(kind="shtype", id=fixed_id("shtype", "bau"), name="Business as usual", key="bau")


def names(*more: Known, create_missing: bool = False) -> Names:
    known = (STUDIO, ROOM, NOK, TWIN, MALI, GONE, BAU, *more)
    return Names(known, new_id=sequence("names", 0), create_missing=create_missing, time_zone="Asia/Tokyo")


def code(found: Known | Unmatched) -> str:
    assert isinstance(found, Unmatched)
    return found.code


@pytest.mark.parametrize("text", ["Mali", "mali", "MALI", MALI.id])
def test_a_row_is_found_by_name_in_any_case_and_by_id(text: str) -> None:
    assert names().resolve("creator", text) == MALI


@pytest.mark.parametrize("text", ["bau", BAU.id, "Business as usual", "business AS usual"])
def test_a_show_type_is_found_by_key_id_and_name(text: str) -> None:
    assert names().resolve("shtype", text) == BAU


def test_an_exact_name_wins_over_one_in_other_case() -> None:
    lower = Known(kind="creator", id=fixed_id("creator", "lower"), name="mali")
    assert names(lower).resolve("creator", "mali") == lower
    assert names(lower).resolve("creator", "Mali") == MALI
    assert code(names(lower).resolve("creator", "MALI")) == "ambiguous_name"


def test_a_name_that_two_rows_have_is_ambiguous() -> None:
    found = names().resolve("creator", "Nok")
    assert isinstance(found, Unmatched)
    assert found.code == "ambiguous_name"
    assert NOK.id in found.message
    assert TWIN.id in found.message


def test_rooms_are_looked_up_in_their_studio() -> None:
    other = Known(kind="studio", id=fixed_id("studio", "2"), name="Chiang Mai")
    assert names().resolve("room", "Room 1", STUDIO) == ROOM
    assert code(names().resolve("room", "Room 1", other)) == "unknown_name"
    assert code(names().resolve("room", "Room 1")) == "unknown_name"


def test_an_id_may_name_a_deleted_row_but_a_name_does_not() -> None:
    assert names().resolve("creator", GONE.id) == GONE
    assert code(names().resolve("creator", "Gone")) == "unknown_name"
    assert code(names().resolve("creator", fixed_id("creator", "nobody"))) == "unknown_id"


def test_unknown_names_are_listed_once_each() -> None:
    missing = [Missing("creator", text) for text in ("Zoe", "Ann", "Zoe")]
    missing += [Missing("shtype", "gala"), Missing("room", "Red", "Bangkok"), Missing("room", "Red", "Tokyo")]
    assert rooms(missing) == (UnknownRoom("Bangkok", "Red"), UnknownRoom("Tokyo", "Red"))
    assert listed(missing) == {
        "studios": (),
        "clients": (),
        "rooms": ("Red",),
        "creators": ("Ann", "Zoe"),
        "platforms": (),
        "show_types": ("gala",),
        "show_standards": (),
    }


def test_missing_rows_are_made_once_with_the_first_spelling() -> None:
    found = names(create_missing=True)
    zoe = found.resolve("creator", "Zoe")
    assert found.resolve("creator", "ZOE") is zoe
    studio = found.resolve("studio", "Tokyo")
    assert isinstance(studio, Known)
    room = found.resolve("room", "Room 1", studio)
    assert isinstance(room, Known)
    assert (studio.time_zone, room.studio_id, room.new) == ("Asia/Tokyo", studio.id, True)
    assert [row.name for row in found.new.values()] == ["Zoe", "Tokyo", "Room 1"]
    assert code(found.resolve("shtype", "gala")) == "unknown_name"


def test_an_export_writes_a_name_only_where_it_leads_back() -> None:
    odd = [
        Known(kind="creator", id=fixed_id("creator", name), name=name)
        for name in ("a;b", " blanks ", MALI.id)
    ]
    found = names(*odd)
    assert found.label(MALI.id) == "Mali"
    assert found.label(ROOM.id, STUDIO.id) == "Room 1"
    by_id = [NOK, TWIN, GONE, *odd]
    assert [found.label(row.id) for row in by_id] == [row.id for row in by_id]
    assert found.label(ROOM.id, fixed_id("studio", "2")) == ROOM.id
    assert found.label("creator_unheard_of") == "creator_unheard_of"
