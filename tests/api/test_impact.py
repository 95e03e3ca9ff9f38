"""What would be hit if a room or creator went away, over HTTP."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World


def ask(client: TestClient[Litestar], at: str, **params: Any) -> Json:
    asked = {"from": "2026-05-02T00:00:00Z", "to": "2026-05-03T00:00:00Z"} | params
    response = client.get(f"{API}/{at}/impact", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_hit_show_says_whose_it_is_and_what_was_agreed(client: TestClient[Litestar], world: World):
    schedule, (show, _) = world.booked(world.show(13, 2), world.show(23, 2, room_id=world.rooms[1]) | LATE)
    operation = {"op": "update", "show_id": show["id"], "set": {"name": "Later"}}
    body = {"category": "OPERATIONAL", "type": "OTHER", "reason": "rain", "operations": [operation]}
    change = client.post(f"{API}/schedules/{schedule['id']}/changes", json=body).json()
    off = {"start": "2026-05-02T08:00:00Z", "end": "2026-05-02T14:00:00Z", "reason": "paint", "re_plan": True}
    closed = client.post(f"{API}/room-closures", json=off | {"room_id": world.rooms[0]})
    assert closed.status_code == 201, closed.text
    found = ask(client, f"rooms/{world.rooms[0]}")
    (item,) = found["items"]
    agreed = item.pop("agreed")
    assert item == {
        "show_id": show["id"],
        "name": "Show at 13",
        "status": "confirmed",
        "stage": "booked",
        "start": "2026-05-02T13:00:00Z",
        "end": "2026-05-02T15:00:00Z",
        "needed_from": "2026-05-02T13:00:00Z",
        "needed_to": "2026-05-02T15:00:00Z",
        "schedule_id": schedule["id"],
        "schedule_name": "Acme May 2026",
        "client_id": world.customer,
        "client_name": "Acme",
    }
    assert (agreed["approved_version"], agreed["in_approved_version"]) == (2, True)
    assert change["id"] in agreed["open_changes"]
    (blackout,) = found["blackouts"]
    assert (blackout["start"], blackout["reason"], blackout["waiting"]) == (off["start"], "paint", True)
    assert [(each["client_name"], each["booked"], each["draft"]) for each in found["groups"]] == [
        ("Acme", 1, 0)
    ]
    assert len(ask(client, f"creators/{world.creators[0]}")["items"]) == 2


LATE = {"start": "2026-05-02T20:00:00Z", "end": "2026-05-02T22:00:00Z"}


def test_drafts_and_proposals_are_counted_by_client_and_schedule(client: TestClient[Litestar], world: World):
    other = client.post(f"{API}/clients", json={"name": "Bolt"}).json()["id"]
    world.planned(world.show(1, 1), world.show(3, 1), name="Drafts")
    plan, _ = world.planned(world.show(5, 1), name="Bolts", client_id=other)
    world.do(plan, "propose")
    for at in (f"rooms/{world.rooms[0]}", f"creators/{world.creators[0]}"):
        found = ask(client, at, limit=2)
        assert [
            (each["client_name"], each["schedule_name"], each["booked"], each["proposed"], each["draft"])
            for each in found["groups"]
        ] == [("Acme", "Drafts", 0, 0, 2), ("Bolt", "Bolts", 0, 1, 0)]
        rest = ask(client, at, limit=2, cursor=found["page"]["next_cursor"])
        told = [(each["name"], each["stage"]) for each in found["items"] + rest["items"]]
        assert told == [("Show at 1", "draft"), ("Show at 3", "draft"), ("Show at 5", "proposed")]
        assert rest["items"][0]["agreed"] == {
            "approved_version": None,
            "in_approved_version": False,
            "open_changes": [],
        }


def test_client_users_see_others_bookings_as_booked_and_no_drafts_of_theirs(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    other = client.post(f"{API}/clients", json={"name": "Bolt"}).json()["id"]
    user = client.post(f"{API}/users", json={"email": "b@x.test", "name": "B"}).json()["id"]
    body = {"user_id": user, "client_id": other, "role": "client_viewer"}
    assert client.post(f"{API}/memberships", json=body).status_code == 201
    world.booked(world.show(13, 2))
    world.planned(world.show(3, 1))
    world.planned(world.show(4, 1), client_id=other, name="Not shown yet")
    world.do(world.planned(world.show(5, 1), client_id=other, name="Ours")[0], "propose")
    for at in (f"rooms/{world.rooms[0]}", f"creators/{world.creators[0]}"):
        found = ask(sign_in(user), at)
        assert [(each["name"], each["stage"], each["show_id"] is None) for each in found["items"]] == [
            ("Show at 5", "proposed", False),
            ("booked", "booked", True),
        ]
        assert {key: value for key, value in found["items"][1].items() if value is not None} == {
            "name": "booked",
            "status": "confirmed",
            "stage": "booked",
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-02T15:00:00Z",
            "needed_from": "2026-05-02T13:00:00Z",
            "needed_to": "2026-05-02T15:00:00Z",
        }
        assert [each["schedule_name"] for each in found["groups"]] == ["Ours"]


def test_what_is_not_there_is_not_found(client: TestClient[Litestar]):
    for at in ("rooms/room_x", "creators/creator_x"):
        assert client.get(f"{API}/{at}/impact?from=2026-05-01&to=2026-05-02").status_code == 404
