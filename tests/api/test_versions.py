"""Versions over HTTP: on request, renamed, put away, told apart, restored; and reads as it was."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal
from tests.spec import NOW

Client = TestClient[Litestar]


def path(schedule: Json, *rest: object) -> str:
    return "/".join([f"{API}/schedules/{schedule['id']}", *map(str, rest)])


def checkpoint(world: World, schedule: Json, label: str = "So far") -> Json:
    response = world.client.post(path(schedule, "versions"), json={"label": label})
    assert response.status_code == 201, response.text
    return response.json()


def test_the_plan_is_numbered_on_request_once(client: Client, world: World):
    schedule, _ = world.planned()
    response = client.post(path(schedule, "versions"), json={"label": "So far", "note": "by phone"})
    made = {
        "number": 1,
        "kind": "checkpoint",
        "label": "So far",
        "note": "by phone",
        "position": 3,
        "show_count": 1,
        "created_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "created_by": schedule["created_by"],
        "deleted_at": None,
        "deleted_by": None,
    }
    assert (response.status_code, response.json()) == (201, made)
    assert response.headers["location"] == path(schedule, "versions", 1)
    again = client.post(path(schedule, "versions"), json={"label": "Again"})
    assert (again.status_code, again.json()) == (200, made)
    assert world.read(schedule)["current_version"] == 1
    blank = client.post(path(schedule, "versions"), json={"label": " "})
    assert refusal(blank)[:2] == (422, "invalid")


def test_a_version_is_called_something_else_and_stays_what_it_was(client: Client, world: World):
    schedule, _ = world.planned()
    checkpoint(world, schedule)
    before = client.get(path(schedule, "versions", 1)).json()
    renamed = client.patch(path(schedule, "versions", 1), json={"label": "Before the campaign"})
    assert (renamed.status_code, renamed.json()) == (
        200,
        before["version"] | {"label": "Before the campaign"},
    )
    assert client.get(path(schedule, "versions", 1)).json() == before | {"version": renamed.json()}
    assert client.get(path(schedule, "versions")).json()["items"] == [renamed.json()]
    assert refusal(client.patch(path(schedule, "versions", 9), json={}))[:2] == (404, "not_found")


def test_a_checkpoint_is_deleted_and_brought_back(client: Client, world: World):
    schedule, _ = world.planned()
    made = checkpoint(world, schedule)
    assert client.delete(path(schedule, "versions", 1)).status_code == 204
    assert client.get(path(schedule, "versions")).json()["items"] == []
    (gone,) = client.get(path(schedule, "versions"), params={"include_deleted": True}).json()["items"]
    assert gone == made | {"deleted_at": made["created_at"], "deleted_by": made["created_by"]}
    assert client.get(path(schedule, "versions", 1)).json()["version"] == gone
    back = client.post(path(schedule, "versions", 1, "undelete"))
    assert (back.status_code, back.json()) == (200, made)
    assert client.get(path(schedule, "versions")).json()["items"] == [made]


def test_only_checkpoints_are_deleted(client: Client, world: World):
    schedule, _ = world.agreed()
    response = client.delete(path(schedule, "versions", 1))
    assert refusal(response)[:2] == (409, "illegal_transition")


def test_only_administrators_rename_and_delete(client: Client, reader: Client, world: World):
    schedule, _ = world.planned()
    checkpoint(world, schedule)
    answers = [
        reader.patch(path(schedule, "versions", 1), json={"label": "x"}),
        reader.delete(path(schedule, "versions", 1)),
        reader.post(path(schedule, "versions", 1, "undelete")),
    ]
    assert [refusal(each)[:2] for each in answers] == [(403, "forbidden")] * 3


def test_a_diff_tells_what_was_added_removed_and_changed(client: Client, world: World):
    schedule, (kept, removed) = world.planned(world.show(13), world.show(16))
    checkpoint(world, schedule)
    removed = world.read_show(removed)
    client.patch(f"{API}/shows/{kept['id']}", json={"start": "2026-05-02T12:30:00Z", "creators": []})
    client.delete(f"{API}/shows/{removed['id']}")
    (added,) = world.draft(schedule, world.show(20))
    changed: list[Any] = [
        {
            "show_id": kept["id"],
            "name": "Show at 13",
            "fields": {
                "start": {"from": "2026-05-02T13:00:00Z", "to": "2026-05-02T12:30:00Z"},
                "creators": {"from": [world.creators[0]], "to": []},
            },
        }
    ]
    found = {"from": 1, "to": None, "added": [added], "removed": [removed], "changed": changed}
    found["confirmed_with_plan"] = []
    assert client.get(path(schedule, "diff"), params={"from": 1}).json() == found
    checkpoint(world, schedule, "Later")
    assert client.get(path(schedule, "diff"), params={"from": 1, "to": 2}).json() == found | {"to": 2}
    nothing: Json = {"from": 2, "to": 2, "added": [], "removed": [], "changed": [], "confirmed_with_plan": []}
    assert client.get(path(schedule, "diff"), params={"from": 2, "to": 2}).json() == nothing
    assert client.get(path(schedule, "diff"), params={"from": 2, "to": 3}).status_code == 404
    assert client.get(path(schedule, "diff")).status_code == 422
    assert client.get(f"{API}/schedules/schedule_none/diff", params={"from": 1}).status_code == 404


def test_a_drafts_plan_becomes_a_version_of_it(client: Client, world: World):
    schedule, (kept, removed, cancelled) = world.planned(
        world.show(13), world.show(16), world.show(19, external_id="SH-1")
    )
    checkpoint(world, schedule)
    client.patch(f"{API}/shows/{kept['id']}", json={"name": "Other"})
    client.delete(f"{API}/shows/{removed['id']}")
    client.post(f"{API}/shows/{cancelled['id']}/cancel", json={"reason_category": "OTHER"})
    world.draft(schedule, world.show(22, 1))
    response = client.post(path(schedule, "versions", 1, "restore"))
    assert response.status_code == 200, response.text
    restored = world.read(schedule)
    assert response.json() == restored | {"change": None}
    assert (restored["current_version"], restored["has_unversioned_edits"]) == (
        response.json()["current_version"],
        False,
    )
    found = client.get(path(schedule, "diff"), params={"from": 1}).json()
    (again,) = found["added"]
    assert (again["restored_from"], again["name"], again["external_id"]) == (
        cancelled["id"],
        cancelled["name"],
        None,
    )
    assert found["removed"] == []
    assert [(each["show_id"], each["fields"]) for each in found["changed"]] == [
        (cancelled["id"], {"status": {"from": "draft", "to": "cancelled"}})
    ]
    newest = client.get(path(schedule, "versions")).json()["items"][0]
    assert (newest["kind"], newest["note"], newest["show_count"]) == ("restored", "version 1", 4)
    again_restored = client.post(path(schedule, "versions", 1, "restore")).json()
    assert again_restored == restored | {"change": None}


def test_a_confirmed_schedule_asks_for_a_change_to_go_back(client: Client, world: World):
    schedule, (first, second) = world.planned(world.show(13), world.show(16))
    checkpoint(world, schedule)
    client.patch(f"{API}/shows/{first['id']}", json={"name": "Other"})
    client.delete(f"{API}/shows/{second['id']}")
    world.do(schedule, "propose")
    world.do(schedule, "approve", version=2)
    world.do(schedule, "confirm")
    response = client.post(path(schedule, "versions", 1, "restore"))
    assert response.status_code == 200, response.text
    change = response.json()["change"]
    assert response.json() == world.read(schedule) | {"change": change}
    assert (change["category"], change["needs"], change["status"]) == ("OPERATIONAL", "client", "proposed")
    assert [(each["op"], each["show_id"] == first["id"]) for each in change["operations"]] == [
        ("add", False),
        ("update", True),
    ]
    approved = client.post(f"{API}/changes/{change['id']}/approve", json={})
    assert approved.status_code == 200, approved.text
    shows = client.get(path(schedule, "shows")).json()["items"]
    assert [(s["name"], s["status"], s["restored_from"]) for s in shows] == [
        ("Show at 13", "confirmed", None),
        ("Show at 16", "confirmed", second["id"]),
    ]
    same = client.post(path(schedule, "versions", 4, "restore"))
    assert (same.status_code, same.json()["change"]) == (200, None)


def test_without_a_client_the_change_back_is_applied_at_once(client: Client, world: World):
    schedule, (show,) = world.planned(client_id=None)
    checkpoint(world, schedule)
    client.patch(f"{API}/shows/{show['id']}", json={"start": "2026-05-02T12:00:00Z"})
    world.do(schedule, "propose")
    world.do(schedule, "confirm")
    restored = client.post(path(schedule, "versions", 1, "restore")).json()
    assert (restored["change"]["status"], restored["current_version"]) == ("approved", 4)
    assert world.read_show(show)["start"] == "2026-05-02T13:00:00Z"


def move(client: Client, show: Json, to: Json | None) -> None:
    response = client.post(f"{API}/shows/{show['id']}/move", json={"schedule_id": to["id"] if to else None})
    assert response.status_code == 200, response.text


def planned_shows(client: Client, schedule: Json) -> list[tuple[str, str]]:
    items = client.get(path(schedule, "shows")).json()["items"]
    return [(each["name"], each["status"]) for each in items]


def test_a_show_that_moved_away_is_left_where_it_is(client: Client, world: World):
    schedule, (stays, moved) = world.planned(world.show(13), world.show(16))
    checkpoint(world, schedule)
    move(client, moved, None)
    same = client.post(path(schedule, "versions", 1, "restore")).json()
    assert (same["current_version"], same["show_count"]) == (2, 1)
    client.patch(f"{API}/shows/{stays['id']}", json={"name": "Other"})
    assert client.post(path(schedule, "versions", 1, "restore")).json()["current_version"] == 3
    assert planned_shows(client, schedule) == [("Show at 13", "draft")]
    assert client.get(f"{API}/shows").json()["page"]["total"] == 2


def test_what_stood_in_for_a_cancelled_show_moves_away_for_good(client: Client, world: World):
    schedule, (show,) = world.planned()
    checkpoint(world, schedule)
    client.post(f"{API}/shows/{show['id']}/cancel", json={"reason_category": "OTHER"})
    client.post(path(schedule, "versions", 1, "restore"))
    (again,) = client.get(path(schedule, "shows"), params={"status": "draft"}).json()["items"]
    other = world.schedule(name="Other")
    move(client, again, other)
    client.post(path(schedule, "versions", 1, "restore"))
    assert planned_shows(client, schedule) == [("Show at 13", "cancelled")]
    move(client, again, schedule)
    client.patch(f"{API}/shows/{again['id']}", json={"name": "Renamed"})
    client.post(path(schedule, "versions", 1, "restore"))
    assert sorted(planned_shows(client, schedule)) == [("Show at 13", "cancelled"), ("Show at 13", "draft")]


def test_a_change_back_leaves_out_what_moved_away_and_says_so(client: Client, world: World):
    schedule, (edited, moved) = world.planned(world.show(13), world.show(16))
    checkpoint(world, schedule)
    client.patch(f"{API}/shows/{edited['id']}", json={"name": "Other"})
    world.do(schedule, "propose")
    world.do(schedule, "approve", version=2)
    world.do(schedule, "confirm")
    move(client, moved, None)
    change = client.post(path(schedule, "versions", 1, "restore")).json()["change"]
    assert change["reason"] == "back to version 1, without what moved elsewhere: Show at 16"
    assert [(each["op"], each["show_id"]) for each in change["operations"]] == [("update", edited["id"])]
    assert client.post(f"{API}/changes/{change['id']}/approve", json={}).status_code == 200
    assert planned_shows(client, schedule) == [("Show at 13", "confirmed")]
    nothing = client.post(path(schedule, "versions", 1, "restore"))
    assert (nothing.status_code, nothing.json()["change"]) == (200, None)


def test_only_what_is_there_and_open_goes_back(client: Client, world: World):
    schedule, _ = world.agreed()
    proposed = client.post(path(schedule, "versions", 1, "restore"))
    assert refusal(proposed)[:2] == (409, "illegal_transition")
    assert refusal(client.post(path(schedule, "versions", 7, "restore")))[:2] == (404, "not_found")
