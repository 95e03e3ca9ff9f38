from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal


def board(client: TestClient[Litestar], world: World, **params: Any) -> Json:
    asked = {"studio_id": world.studio, "from": "2026-05-01", "to": "2026-05-31"} | params
    response = client.get(f"{API}/board", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_board_has_rooms_shows_closures_and_the_position_it_was_taken_at(
    client: TestClient[Litestar], world: World
):
    _, (show,) = world.planned()
    closure = client.post(
        f"{API}/room-closures",
        json={
            "room_id": world.rooms[1],
            "start": "2026-05-05T00:00:00Z",
            "end": "2026-05-06T00:00:00Z",
            "reason": "painting",
        },
    ).json()
    events = client.get(f"{API}/events", params={"limit": 100}).json()["items"]
    assert board(client, world) == {
        "studio": client.get(f"{API}/studios/{world.studio}").json(),
        "rooms": [client.get(f"{API}/rooms/{room}").json() for room in world.rooms],
        "shows": [
            show | {"client_name": "Acme", "creator_names": ["Mali"], "conflicts": []},
        ],
        "closures": [closure],
        "booked": [],
        "position": events[-1]["position"],
    }


def test_the_conflicts_on_a_board_are_those_of_each_shows_schedule(
    client: TestClient[Litestar], world: World
):
    bare = {"room_id": None, "platforms": []}
    plans = [
        world.booked(world.show(13, 2), world.show(20, 2))[0],
        world.planned(world.show(14, 2), world.show(15, 2), world.show(8, **bare), client_id=None)[0],
        world.planned(world.show(15, 1, creators=[]), world.show(16, 3, room_id=world.rooms[1]))[0],
    ]
    expected: dict[str, set[str]] = {}
    for plan in plans:
        for finding in client.get(f"{API}/schedules/{plan['id']}/conflicts").json()["items"]:
            expected.setdefault(finding["show_id"], set()).add(finding["code"])
    shows = board(client, world)["shows"]
    assert {show["id"]: show["conflicts"] for show in shows if show["conflicts"]} == {
        show_id: sorted(codes) for show_id, codes in expected.items()
    }
    assert [show["start"] for show in shows] == sorted(show["start"] for show in shows)
    assert len(shows) == 7


def test_a_day_on_the_board_is_the_studios_operational_day(client: TestClient[Litestar], world: World):
    world.planned(
        world.show(name="before", start="2026-05-01T20:00:00Z", end="2026-05-01T23:00:00Z"),
        world.show(name="first", start="2026-05-01T23:00:00Z", end="2026-05-02T01:00:00Z"),
        world.show(name="last", start="2026-05-02T20:00:00Z", end="2026-05-02T23:30:00Z"),
        world.show(name="after", start="2026-05-02T23:00:00Z", end="2026-05-03T01:00:00Z"),
    )
    day = board(client, world, **{"from": "2026-05-02", "to": "2026-05-02"})
    assert [show["name"] for show in day["shows"]] == ["first", "last"]


def test_a_cancelled_schedules_shows_are_on_the_board_without_conflicts(
    client: TestClient[Litestar], world: World
):
    schedule, _ = world.planned(world.show(13, 2), world.show(14, 2))
    world.do(schedule, "cancel", reason="x")
    shows = board(client, world)["shows"]
    assert [(show["status"], show["conflicts"]) for show in shows] == [("cancelled", [])] * 2


@pytest.mark.parametrize(
    ("params", "status", "path"),
    [
        ({"from": "2026-05-01", "to": "2026-05-31"}, 422, "studio_id"),
        ({"studio_id": "x", "to": "2026-05-31"}, 422, "from"),
        ({"studio_id": "x", "from": "2026-05-01"}, 422, "to"),
        ({"studio_id": "x", "from": "2026-05-01", "to": "2026-05-31"}, 404, None),
    ],
)
def test_a_wrong_request_for_a_board_is_named(
    client: TestClient[Litestar], params: dict[str, str], status: int, path: str | None
):
    response = client.get(f"{API}/board", params=params)
    found, _, errors = refusal(response)
    assert (found, [name for name, _ in errors]) == (status, [path] if path else [])


def test_a_board_shows_a_hundred_days_at_most(client: TestClient[Litestar], world: World):
    params = {"studio_id": world.studio, "from": "2026-01-01", "to": "2026-12-31"}
    assert refusal(client.get(f"{API}/board", params=params)) == (422, "invalid", [("to", "too_long")])
