"""When rooms and creators are free, over HTTP."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World, refusal


def ask(client: TestClient[Litestar], world: World, **params: Any) -> Json:
    asked = {"studio_id": world.studio, "from": "2026-05-02", "to": "2026-05-02", "minutes": 60} | params
    response = client.get(f"{API}/availability", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def spans(answer: Json) -> list[tuple[str | None, str, str]]:
    return [(item["room_name"], item["start"][5:16], item["end"][5:16]) for item in answer["items"]]


def left_out(answer: Json) -> dict[str, str]:
    return {each["name"]: each["reason"] for each in answer["left_out"]}


def test_a_day_is_free_around_what_is_booked(client: TestClient[Litestar], world: World):
    world.booked(world.show(13, 2))
    assert ask(client, world) == {
        "items": [
            {
                "room_id": room,
                "room_name": name,
                "start": start,
                "end": end,
                "minutes": minutes,
                "wanted": False,
            }
            for room, name, start, end, minutes in (
                (world.rooms[0], "Room 1", "2026-05-01T23:00:00Z", "2026-05-02T13:00:00Z", 840),
                (world.rooms[1], "Room 2", "2026-05-01T23:00:00Z", "2026-05-02T23:00:00Z", 1440),
                (world.rooms[0], "Room 1", "2026-05-02T15:00:00Z", "2026-05-02T23:00:00Z", 480),
            )
        ],
        "left_out": [],
        "page": {"limit": 20, "next_cursor": None},
    }


def test_a_creator_alone_and_together_with_rooms(client: TestClient[Litestar], world: World):
    mali, nok = world.creators
    world.booked(world.show(13, 2))
    assert spans(ask(client, world, creator_id=mali)) == [
        (None, "05-01T23:00", "05-02T13:00"),
        (None, "05-02T15:00", "05-02T23:00"),
    ]
    both = [("Room 2", "05-01T23:00", "05-02T13:00"), ("Room 2", "05-02T15:00", "05-02T23:00")]
    assert spans(ask(client, world, creator_id=mali, room_id=world.rooms[1])) == both
    assert spans(ask(client, world, creator_id=[mali, nok], room_id=world.rooms[1])) == both
    assert spans(ask(client, world, creator_id=nok)) == [(None, "05-01T23:00", "05-02T23:00")]


def test_a_room_needs_its_lead_and_turnaround(client: TestClient[Litestar], world: World):
    body = {"studio_id": world.studio, "name": "Slow", "lead_minutes": 30, "turnaround_minutes": 15}
    slow = client.post(f"{API}/rooms", json=body).json()["id"]
    world.booked(world.show(13, 2, room_id=slow), world.show(17, 1, room_id=slow, creators=[]))
    assert spans(ask(client, world, room_id=slow)) == [
        ("Slow", "05-01T23:00", "05-02T12:15"),
        ("Slow", "05-02T18:45", "05-02T23:00"),
    ]
    assert spans(ask(client, world, room_id=slow, minutes=30))[1] == ("Slow", "05-02T15:45", "05-02T16:15")


def test_weekdays_and_times_are_the_studios_and_may_cross_midnight(
    client: TestClient[Litestar], world: World
):
    month = {"from": "2026-05-01", "to": "2026-05-31", "room_id": world.rooms[0]}
    late = ask(client, world, **month, weekdays=["5", "6"], time_from="22:00", time_to="02:00", earliest=3)
    assert spans(late) == [
        ("Room 1", "05-01T15:00", "05-01T19:00"),
        ("Room 1", "05-02T15:00", "05-02T19:00"),
        ("Room 1", "05-08T15:00", "05-08T19:00"),
    ]
    assert late["page"] == {"limit": 3, "next_cursor": None, "total": 3}
    assert spans(ask(client, world, **month, weekdays="1", earliest=1)) == [
        ("Room 1", "05-03T23:00", "05-04T23:00")
    ]


def test_each_room_left_out_says_why(client: TestClient[Litestar], world: World):
    def room(name: str, **more: Any) -> str:
        made = client.post(
            f"{API}/rooms", json={"studio_id": world.studio, "name": name, "capacity": 9} | more
        )
        assert made.status_code == 201, made.text
        return made.json()["id"]

    shut, full, busy, gone = (room(name) for name in ("Shut", "Full", "Busy", "Gone"))
    elsewhere = client.post(f"{API}/studios", json={"name": "Berlin", "time_zone": "Europe/Berlin"}).json()[
        "id"
    ]
    far = room("Far", studio_id=elsewhere)
    assert client.delete(f"{API}/rooms/{gone}").status_code == 204
    whole = {"start": "2026-05-01T23:00:00Z", "end": "2026-05-02T23:00:00Z"}
    closure = client.post(f"{API}/room-closures", json={"room_id": shut, "reason": "paint"} | whole)
    assert closure.status_code == 201, closure.text
    world.booked(
        world.show(room_id=full, creators=[]) | whole, world.show(room_id=None, platforms=[]) | whole
    )
    asked = {"capacity": 5, "room_id": [shut, full, busy, gone, far, world.rooms[0]]}
    found = ask(client, world, **asked, creator_id=world.creators[0])
    assert (spans(found), left_out(found)) == (
        [],
        {
            "Busy": "creator_busy",
            "Far": "not_in_studio",
            "Full": "full",
            "Gone": "deleted",
            "Room 1": "capacity",
            "Shut": "closed",
        },
    )
    assert left_out(ask(client, world, time_from="10:00", time_to="10:30")) == dict.fromkeys(
        ("Busy", "Full", "Room 1", "Room 2", "Shut"), "window"
    )
    banned = client.post(f"{API}/creators", json={"name": "Ban", "is_banned": True}).json()["id"]
    assert left_out(ask(client, world, creator_id=banned)) == {"Ban": "banned"}


def test_only_the_show_itself_must_lie_in_opening_hours(client: TestClient[Litestar], world: World):
    body = {"studio_id": world.studio, "name": "Slow", "lead_minutes": 30, "turnaround_minutes": 15}
    slow = client.post(f"{API}/rooms", json=body).json()["id"]
    hours = {"studio_id": world.studio, "weekday": 6, "opens": "09:00", "closes": "18:00"}
    assert client.post(f"{API}/opening-hours", json=hours).status_code == 201
    assert spans(ask(client, world, room_id=slow)) == [("Slow", "05-02T02:00", "05-02T11:00")]
    assert left_out(ask(client, world, room_id=slow, **{"from": "2026-05-03", "to": "2026-05-03"})) == {
        "Slow": "closed"
    }


def test_drafts_do_not_block_but_are_told_except_to_clients(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    world.planned(world.show(13, 2))
    assert [(item["room_name"], item["wanted"]) for item in ask(client, world)["items"]] == [
        ("Room 1", True),
        ("Room 2", False),
    ]
    assert [item["wanted"] for item in ask(client, world, creator_id=world.creators[0])["items"]] == [True]
    user = client.post(f"{API}/users", json={"email": "c@x.test", "name": "C"}).json()["id"]
    body = {"user_id": user, "client_id": world.customer, "role": "client_viewer"}
    assert client.post(f"{API}/memberships", json=body).status_code == 201
    told = ask(sign_in(user), world)["items"]
    assert [set(item) for item in told] == [{"room_id", "room_name", "start", "end", "minutes"}] * 2


def test_the_whole_picture_is_paged_and_the_earliest_are_its_beginning(
    client: TestClient[Litestar], world: World
):
    asked = {"from": "2026-05-01", "to": "2027-04-30", "time_from": "09:00", "time_to": "12:00", "limit": 100}
    page = ask(client, world, **asked)
    items = page["items"]
    while cursor := page["page"]["next_cursor"]:
        page = ask(client, world, **asked, cursor=cursor)
        items += page["items"]
    assert len(items) == 730
    keys = [(item["start"], item["room_id"]) for item in items]
    assert keys == sorted(set(keys))
    assert ask(client, world, **asked, earliest=7)["items"] == items[:7]


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"to": "2027-06-01"}, [("to", "too_long")]),
        ({"minutes": 0}, [("minutes", "range")]),
        ({"minutes": 1441}, [("minutes", "range")]),
        ({"weekdays": "8"}, [("weekdays", "choice")]),
        ({"time_from": "25:00"}, [("time_from", "pattern")]),
        ({"earliest": 0}, [("earliest", "range")]),
    ],
)
def test_a_wrong_value_is_named(
    client: TestClient[Litestar], world: World, params: Json, wrong: list[tuple[str, str]]
):
    asked = {"studio_id": world.studio, "from": "2026-05-01", "to": "2026-05-02", "minutes": 60} | params
    assert refusal(client.get(f"{API}/availability", params=asked)) == (422, "invalid", wrong)


def test_what_is_not_there_is_not_found(client: TestClient[Litestar], world: World):
    for name in ("studio_id", "room_id", "creator_id"):
        asked = {"studio_id": world.studio, "from": "2026-05-01", "to": "2026-05-02", "minutes": 60}
        assert client.get(f"{API}/availability", params=asked | {name: "x"}).status_code == 404
