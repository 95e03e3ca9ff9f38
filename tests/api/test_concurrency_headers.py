import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal


def test_a_stale_if_match_is_refused_and_says_the_present_version(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.planned()
    for url, version, patch in (
        (f"{API}/schedules/{schedule['id']}", schedule["version"], {"name": "new"}),
        (f"{API}/shows/{show['id']}", 1, {"name": "new"}),
    ):
        stale = client.patch(url, json=patch, headers={"If-Match": f'"{version + 1}"'})
        assert refusal(stale) == (412, "stale", [])
        assert stale.json()["current_version"] == version
        assert client.patch(url, json=patch, headers={"If-Match": f'"{version}"'}).status_code == 200
        assert client.patch(url, json=patch, headers={"If-Match": f'"{version}"'}).status_code == 412


def test_if_match_compares_with_the_addressed_resource(client: TestClient[Litestar], world: World):
    schedule, (first, second) = world.planned(world.show(10), world.show(13))
    client.patch(f"{API}/shows/{first['id']}", json={"name": "new"})
    unmoved = client.patch(f"{API}/shows/{second['id']}", json={"name": "new"}, headers={"If-Match": '"1"'})
    assert unmoved.status_code == 200
    old = client.post(
        f"{API}/schedules/{schedule['id']}/propose", headers={"If-Match": f'"{schedule["version"]}"'}
    )
    assert refusal(old) == (412, "stale", [])


@pytest.mark.parametrize(
    "command", ["propose", "approve", "reject", "withdraw", "confirm", "cancel", "shows"]
)
def test_every_command_of_a_schedule_honours_if_match(
    client: TestClient[Litestar], world: World, command: str
):
    schedule, _ = world.planned()
    bodies = {
        "approve": {"version": 1},
        "reject": {"version": 1, "reason": "x"},
        "cancel": {"reason": "x"},
        "shows": {"shows": [world.show(20)]},
    }
    response = client.post(
        f"{API}/schedules/{schedule['id']}/{command}",
        json=bodies.get(command, {}),
        headers={"If-Match": '"99"'},
    )
    assert refusal(response) == (412, "stale", [])
    assert world.read(schedule) == schedule


@pytest.mark.parametrize("command", ["restore", "start", "complete", "cancel"])
def test_every_command_of_a_show_honours_if_match(client: TestClient[Litestar], world: World, command: str):
    _, (show,) = world.planned()
    response = client.post(
        f"{API}/shows/{show['id']}/{command}",
        json={"reason_category": "OTHER"} if command == "cancel" else {},
        headers={"If-Match": '"99"'},
    )
    assert refusal(response) == (412, "stale", [])
    removed = client.delete(f"{API}/shows/{show['id']}", headers={"If-Match": '"99"'})
    assert refusal(removed) == (412, "stale", [])


def test_every_command_of_a_standalone_show_compares_with_the_show(
    client: TestClient[Litestar], world: World
):
    plan = world.schedule()
    body = world.show() | {"studio_id": world.studio, "client_id": world.customer}
    url = f"{API}/shows/{client.post(f'{API}/shows', json=body).json()['id']}"
    change: Json = {
        "category": "OPERATIONAL",
        "type": "OTHER",
        "reason": "renamed at last",
        "operations": [{"op": "update", "show_id": url.rsplit("/", 1)[1], "set": {"name": "C"}}],
    }
    commands: list[tuple[str, str, Json | None, int]] = [
        ("PATCH", "", {"name": "A"}, 200),
        ("DELETE", "", None, 204),
        ("POST", "/restore", {}, 200),
        ("POST", "/versions", {"label": "first"}, 201),
        ("PATCH", "", {"name": "B"}, 200),
        ("POST", "/versions/1/restore", {}, 200),
        ("POST", "/propose", {}, 200),
        ("POST", "/withdraw", {}, 200),
        ("POST", "/propose", {}, 200),
        ("POST", "/reject", {"version": 4, "reason": "late"}, 200),
        ("POST", "/move", {"schedule_id": plan["id"]}, 200),
        ("POST", "/move", {"schedule_id": None}, 200),
        ("POST", "/propose", {}, 200),
        ("POST", "/approve", {"version": 2}, 200),
        ("POST", "/confirm", {}, 200),
        ("POST", "/changes", change, 201),
        ("POST", "/interrupt", {"reason_category": "OTHER"}, 200),
        ("POST", "/resolve", {"outcome": "cancelled"}, 200),
    ]
    for method, path, sent, status in commands:
        present = client.get(url)
        tags = {"stale": f'"{present.json()["version"] + 1}"', "right": present.headers["etag"]}
        given = {} if sent is None else {"json": sent}
        stale = client.request(method, url + path, headers={"If-Match": tags["stale"]}, **given)
        assert refusal(stale) == (412, "stale", []), path
        right = client.request(method, url + path, headers={"If-Match": tags["right"]}, **given)
        assert right.status_code == status, (path, right.text)


def test_any_version_will_do_for_a_star(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}"
    assert client.patch(url, json={"name": "a"}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(("tag", "status"), [('W/"1"', 412), ('"one"', 412), ("one", 422), ('"1', 422)])
def test_a_tag_that_no_version_has_is_refused(
    client: TestClient[Litestar], world: World, tag: str, status: int
):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}"
    assert client.patch(url, json={"name": "a"}, headers={"If-Match": tag}).status_code == status
    assert world.read(schedule) == schedule


def test_an_unchanged_resource_is_not_sent_again(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.planned()
    for url in (f"{API}/schedules/{schedule['id']}", f"{API}/shows/{show['id']}"):
        tag = client.get(url).headers["etag"]
        again = client.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_without_if_match_a_command_goes_on_from_the_newest_state(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    client.patch(f"{API}/shows/{show['id']}", json={"name": "by somebody else"})
    mine = client.patch(f"{API}/shows/{show['id']}", json={"note": "mine"}).json()
    assert (mine["name"], mine["note"], mine["version"]) == ("by somebody else", "mine", 3)
