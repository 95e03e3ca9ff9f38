"""Shows laid out on a board."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.web.board import lanes
from api.web.board.lanes import NOBODY, Placed, Row
from api.web.frame.times import StudioTime
from projections.board import BoardShow

BERLIN = StudioTime("Europe/Berlin", "06:00", "en")
BANGKOK = StudioTime("Asia/Bangkok", "06:00", "en")
DAY = date(2026, 5, 2)


def show(name: str, start: int, minutes: int, room: str | None = "room_1", **others: Any) -> BoardShow:
    """A show so many minutes after the day began in Bangkok."""
    begins = BANGKOK.starts(DAY) + timedelta(minutes=start)
    values: dict[str, Any] = dict.fromkeys(BoardShow.__struct_fields__)
    values |= {"id": f"show_{name}", "name": name, "room_id": room, "status": "draft", "conflicts": ()}
    values |= {"creators": (), "creator_names": (), "version": 1}
    values |= {"start": begins, "end": begins + timedelta(minutes=minutes)}
    return BoardShow(**values | others)


def laid(*shows: BoardShow, view: lanes.View = "rooms", line: str = "room_1") -> dict[str, list[Any]]:
    rows = lanes.rows(
        [Placed(each) for each in shows], [Row(id=line, name="1")], view, lanes.axis(BANGKOK, DAY, 1), BANGKOK
    )
    return {
        row.id: [(bar.show.name, bar.start, bar.minutes, bar.lane, bar.lanes) for bar in row.bars]
        for row in rows
    }


def test_shows_that_overlap_share_the_height_of_the_row_and_touching_ones_do_not():
    shows = [show("a", 0, 120), show("b", 60, 60), show("c", 90, 60), show("d", 150, 30)]
    assert laid(*shows) == {
        "room_1": [("a", 0, 120, 0, 3), ("b", 60, 60, 1, 3), ("c", 90, 60, 2, 3), ("d", 150, 30, 0, 1)]
    }


def test_a_lane_is_used_again_once_it_is_free():
    shows = [show("a", 0, 180), show("b", 0, 60), show("c", 60, 60)]
    assert laid(*shows) == {"room_1": [("a", 0, 180, 0, 2), ("b", 0, 60, 1, 2), ("c", 60, 60, 1, 2)]}


def test_a_show_without_a_room_has_a_row_of_its_own_that_is_there_only_then():
    assert laid(show("a", 0, 60, room=None)) == {"room_1": [], NOBODY: [("a", 0, 60, 0, 1)]}
    assert laid(show("a", 0, 60)) == {"room_1": [("a", 0, 60, 0, 1)]}


def test_a_show_is_in_the_row_of_each_of_its_creators():
    both = show("a", 0, 60, creators=("creator_1", "creator_2"))
    assert laid(both, view="creators", line="creator_1") == {
        "creator_1": [("a", 0, 60, 0, 1)],
        NOBODY: [("a", 0, 60, 0, 1)],
    }


def test_shows_that_only_touch_the_window_are_left_out_and_longer_ones_begin_before_it():
    shows = [show("before", -60, 60), show("into", -30, 60), show("after", 1440, 60)]
    assert laid(*shows) == {"room_1": [("into", -30, 60, 0, 1)]}


@pytest.mark.parametrize(
    ("day", "minutes", "labels"),
    [
        (date(2026, 3, 28), 23 * 60, ["24", "25", "27", "28"]),
        (date(2026, 10, 24), 25 * 60, ["24", "25", "26", "26", "27", "28"]),
        (date(2026, 5, 2), 24 * 60, ["24", "25", "26", "27", "28"]),
    ],
)
def test_a_day_has_the_hours_that_it_really_has(day: date, minutes: int, labels: list[str]):
    axis = lanes.axis(BERLIN, day, 1)
    assert [tick.label for tick in axis.ticks if "24" <= tick.label < "29"] == labels
    assert ([tick.start for tick in axis.ticks], axis.minutes) == (list(range(0, minutes, 60)), minutes)
    assert (axis.days[0].is_odd, axis.days[0].hours) == (minutes != 1440, minutes // 60)
    assert [tick.again for tick in axis.ticks].count(True) == (minutes > 1440)


def test_a_week_is_as_long_as_its_days():
    axis = lanes.axis(BERLIN, date(2026, 10, 19), 7)
    assert (axis.minutes, [day.start for day in axis.days][-2:]) == (7 * 1440 + 60, [5 * 1440, 6 * 1440 + 60])
    assert axis.begins == datetime(2026, 10, 19, 4, tzinfo=UTC)
