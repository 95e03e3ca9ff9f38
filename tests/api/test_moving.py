import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from projections import rebuild
from seeds.reference import ADMIN_ID
from tests.api.world import API, Json, World, refusal
from tests.databases import Database

NOW = "2026-03-02T09:00:00Z"


def move(client: TestClient[Litestar], show: Json, to: Json | None) -> Json:
    """The show as it is after a move that works."""
    response = client.post(f"{API}/shows/{show['id']}/move", json={"schedule_id": to["id"] if to else None})
    assert response.status_code == 200, response.text
    assert response.headers["etag"] == f'"{response.json()["version"]}"'
    return response.json()


def versions(client: TestClient[Litestar], schedule: Json) -> list[tuple[int, str, int]]:
    items = client.get(f"{API}/schedules/{schedule['id']}/versions").json()["items"]
    return [(item["number"], item["kind"], item["show_count"]) for item in items]


def test_a_draft_moves_from_plan_to_plan(client: TestClient[Litestar], world: World):
    source, (show, _) = world.planned(world.show(10, external_id="SH-1"), world.show(13))
    target = world.schedule(name="Acme extra")
    moved = move(client, show, target)
    assert moved == world.read_show(show) == show | {"version": 2, "schedule_id": target["id"]}
    assert move(client, show, target) == moved
    assert (versions(client, source), versions(client, target)) == ([(1, "change", 1)], [(1, "change", 1)])
    assert world.read(source) == source | {
        "version": source["version"] + 2,
        "show_count": 1,
        "shows_by_status": {"draft": 1},
        "current_version": 1,
        "has_unversioned_edits": False,
    }
    edited = client.patch(f"{API}/shows/{show['id']}", json={"name": "renamed"})
    assert edited.json() == moved | {"version": 3, "name": "renamed"}
    events = client.get(f"{API}/shows/{show['id']}/events").json()["items"]
    assert [event["type"] for event in events] == ["ShowDrafted", "ShowsLeft", "ShowsJoined", "ShowsEdited"]
    assert {event["command_id"] for event in events[1:3]} == {events[1]["command_id"]}


def test_a_booking_keeps_its_room_on_the_way(client: TestClient[Litestar], world: World, database: Database):
    source, (show,) = world.booked()
    target, _ = world.booked(world.show(20))
    moved = move(client, show, target)
    assert moved == show | {"version": show["version"] + 1, "schedule_id": target["id"]}
    read = world.read(target)
    assert (read["current_version"], read["approved_version"]) == (3, 3)
    assert (read["shows_by_status"], world.read(source)["shows_by_status"]) == ({"confirmed": 2}, {})
    rival, _ = world.agreed()
    taken = client.post(f"{API}/schedules/{rival['id']}/confirm")
    assert refusal(taken)[:2] == (409, "conflicts")
    alone = move(client, moved, None)
    assert alone == moved | {"version": moved["version"] + 1, "schedule_id": None}
    taken = client.post(f"{API}/schedules/{rival['id']}/confirm")
    assert refusal(taken)[:2] == (409, "conflicts")
    back = move(client, alone, source)
    assert back == show | {"version": alone["version"] + 1}
    assert client.post(f"{API}/shows/{show['id']}/start").status_code == 200
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        assert rebuild.verify(owner).drifts == {}


def test_a_show_stands_alone_and_its_schedule_is_in_no_list(client: TestClient[Litestar], world: World):
    source, (show,) = world.planned()
    alone = move(client, show, None)
    assert alone == world.read_show(show) == show | {"version": 2, "schedule_id": None}
    assert move(client, show, None) == alone
    plans = client.get(f"{API}/schedules", params={"include_deleted": "true"}).json()["items"]
    assert [plan["id"] for plan in plans] == [source["id"]]
    assert move(client, alone, source) == show | {"version": 3}
    plans = client.get(f"{API}/schedules", params={"include_deleted": "true"}).json()["items"]
    assert [plan["id"] for plan in plans] == [source["id"]]
    assert client.delete(f"{API}/shows/{show['id']}").status_code == 204
    assert world.read_show(show)["deleted_by"] == ADMIN_ID


def test_moves_that_do_not_fit_are_refused_and_change_nothing(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    url = f"{API}/shows/{show['id']}/move"
    booked, (taken,) = world.booked(world.show(20))
    other = client.post(f"{API}/clients", json={"name": "Bravo"}).json()
    deleted = world.schedule()
    client.delete(f"{API}/schedules/{deleted['id']}")
    for target in (booked, deleted):
        response = client.post(url, json={"schedule_id": target["id"]})
        assert refusal(response) == (409, "illegal_transition", [])
    for target_id, code in (
        (world.schedule(client_id=other["id"])["id"], "other_client"),
        (world.schedule(client_id=None)["id"], "other_client"),
        ("schedule_0", "unknown_reference"),
        (world.rooms[0], "unknown_reference"),
    ):
        response = client.post(url, json={"schedule_id": target_id})
        assert refusal(response) == (422, "invalid", [("schedule_id", code)])
    assert refusal(client.post(url, json={})) == (422, "invalid", [("schedule_id", "missing")])
    stale = client.post(url, json={"schedule_id": None}, headers={"If-Match": '"9"'})
    assert refusal(stale) == (412, "stale", [])
    unknown = client.post(f"{API}/shows/show_0/move", json={"schedule_id": None})
    assert refusal(unknown) == (404, "not_found", [])
    draft = world.schedule()
    backwards = client.post(f"{API}/shows/{taken['id']}/move", json={"schedule_id": draft["id"]})
    assert refusal(backwards) == (409, "illegal_transition", [])
    assert (world.read_show(show), world.read_show(taken)) == (show, taken)
