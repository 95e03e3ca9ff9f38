"""`callboard bench` runs and its table is whole. Nothing is timed here: figures are for people to read."""

import json

import pytest
from click.testing import CliRunner

from api.bench import world as bench_world
from api.bench.pairs import Measured, Ratio, compare
from api.bench.world import World
from api.cli import main

ROWS = [
    "confirm one show",
    "confirm 500 shows",
    "conflicts of a month",
    "availability of 20 rooms, daily for a year",
    "import of a month",
    "rebuild",
]


def world(rooms: int) -> World:
    return World(
        studio="studio",
        platform="platform",
        clients=("client",),
        rooms=tuple(f"room {n}" for n in range(rooms)),
        creators=tuple(f"creator {n}" for n in range(2 * rooms)),
    )


def test_every_row_is_measured_against_durable_bare_sql() -> None:
    result = CliRunner().invoke(main, ["bench", "--bookings", "200", "--quick", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    assert [report["settings"][name] for name in settings] == ["on", "on", "on"]
    (size,) = report["sizes"]
    assert (size["bookings"], size["rooms"], size["creators"]) == (200, 32, 64)
    assert [(row["row"], row["bookings"], row["pairs"]) for row in size["rows"]] == [
        (r, 200, 1) for r in ROWS
    ]
    for row in size["rows"]:
        assert row["ours_ms"] > 0
        assert row["bare_ms"] > 0
        assert row["ratio"]["min"] <= row["ratio"]["median"] <= row["ratio"]["max"]


def test_conflicts_are_timed_at_each_size_and_their_growth_is_told() -> None:
    sizes = ["--bookings", "20", "--bookings", "40"]
    result = CliRunner().invoke(main, ["bench", "--conflicts", *sizes, "--quick", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    rows = [
        "conflicts of a month",
        "with suggestions",
        "check of one show",
        "check with suggestions",
        "conflicts of the house",
    ]
    assert [(row["row"], row["bookings"]) for row in report["rows"]] == [
        (row, size) for size in (20, 40) for row in rows
    ]
    assert all(row["ms"] > 0 and row["found"] > 0 for row in report["rows"])
    assert list(report["growth"]) == rows


def test_pairs_take_turns_and_those_that_warm_up_are_not_counted() -> None:
    order: list[str] = []
    measured = compare(
        "row", 7, [lambda: order.append("ours")] * 3, [lambda: order.append("bare")] * 3, warm=1
    )
    assert order == ["ours", "bare", "bare", "ours", "ours", "bare"]
    assert measured == Measured(
        row="row",
        bookings=7,
        pairs=2,
        ours_ms=measured.ours_ms,
        bare_ms=measured.bare_ms,
        ratio=Ratio(measured.ratio.min, measured.ratio.median, measured.ratio.max),
    )


@pytest.mark.parametrize("rooms", [32, 96, 320])
def test_no_two_places_share_a_room_or_creator_at_one_time(rooms: int) -> None:
    house = world(rooms)
    places = [house.booked(n) for n in range(10_000)] + [house.free(n) for n in range(8_000)]
    held = [
        (place.start, kind) for place in places for kind in (("room", place.room), ("creator", place.creator))
    ]
    assert len(set(held)) == len(held)


def test_a_month_of_drafts_has_wishes_that_clash() -> None:
    drafts = list(bench_world.month_of_drafts(world(32), 20))
    assert [draft.start.minute for draft in drafts].count(30) == 2
    assert [(drafts[n].room_id, drafts[n].start) for n in (5, 15)] == [
        (drafts[n].room_id, drafts[n].start) for n in (4, 14)
    ]
    assert len({(draft.room_id, draft.start) for draft in drafts}) == 18
