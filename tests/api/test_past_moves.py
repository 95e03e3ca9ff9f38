"""Reads as it was of a show that moved on: at each instant it is in one place, the one it was in then."""

import json
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.test_past import MINUTE, read, stamp
from tests.api.world import API, Json, World, refusal
from tests.spec import Clock

Client = TestClient[Litestar]


def move(client: Client, show: Json, to: Json | None) -> None:
    response = client.post(f"{API}/shows/{show['id']}/move", json={"schedule_id": to["id"] if to else None})
    assert response.status_code == 200, response.text


def test_a_show_that_moved_is_read_where_it_was_then(client: Client, world: World, clock: Clock):
    clock.now += MINUTE
    first, second = world.schedule(), world.schedule(name="Second")
    clock.now += MINUTE
    (show,) = world.draft(first, world.show())
    url = f"shows/{show['id']}"
    board = {"studio_id": world.studio, "from": "2026-05-01", "to": "2026-05-31"}
    steps: list[Any] = [
        lambda: client.patch(f"{API}/{url}", json={"name": "in the first"}),
        lambda: move(client, show, second),
        lambda: client.patch(f"{API}/{url}", json={"name": "in the second"}),
        lambda: move(client, show, None),
        lambda: client.patch(f"{API}/{url}", json={"name": "alone"}),
        lambda: move(client, show, first),
        lambda: client.patch(f"{API}/{url}", json={"name": "back"}),
        lambda: move(client, show, second),
    ]
    seen: list[tuple[bytes, bytes]] = []
    for step in [lambda: None, *steps]:
        step()
        seen.append((read(client, url), read(client, "board", **board)))
        clock.now += MINUTE
    for minute, then in enumerate(seen, 2):
        for at in (stamp(minute), stamp(minute + 0.5)):
            assert (read(client, url, as_of=at), read(client, "board", **board, as_of=at)) == then
    places = [json.loads(one)["schedule_id"] for one, _ in seen]
    a, b = first["id"], second["id"]
    assert places == [a, a, b, b, None, None, a, a, b]
    assert [[each["id"] for each in json.loads(whole)["shows"]] for _, whole in seen] == [[show["id"]]] * 9
    # By version it is as the schedule that holds it now numbered it.
    assert json.loads(read(client, url, version=1))["name"] == "in the first"
    gone = client.get(f"{API}/{url}", params={"version": 2})
    assert refusal(gone) == (404, "not_found", [])


def test_before_it_was_drafted_a_show_that_moved_back_and_forth_is_nowhere(
    client: Client, world: World, clock: Clock
):
    clock.now += MINUTE
    first, second = world.schedule(), world.schedule(name="Second")
    clock.now += MINUTE
    (show,) = world.draft(first, world.show())
    for to in (second, first):
        clock.now += MINUTE
        move(client, show, to)
    early = client.get(f"{API}/shows/{show['id']}", params={"as_of": stamp(1)})
    assert refusal(early) == (404, "not_found", [])
    assert json.loads(read(client, f"shows/{show['id']}", as_of=stamp(2))) == show


def test_clients_users_see_where_a_show_moved_from_its_first_version_on(
    client: Client, sign_in: SignIn, world: World, clock: Clock
):
    viewer = client.post(f"{API}/users", json={"email": "vic@acme.test", "name": "Vic"}).json()
    seat = {"user_id": viewer["id"], "role": "client_viewer", "client_id": world.customer}
    assert client.post(f"{API}/memberships", json=seat).status_code == 201
    ours = sign_in(viewer["id"])
    first, second = world.schedule(), world.schedule(name="Second")
    (show,) = world.draft(first, world.show())
    for to in (second, first):
        clock.now += MINUTE
        move(client, show, to)
    url = f"{API}/shows/{show['id']}"
    assert refusal(ours.get(url, params={"as_of": stamp(0)})) == (404, "not_found", [])
    places = [ours.get(url, params={"as_of": stamp(minute)}).json()["schedule_id"] for minute in (1, 2)]
    assert places == [second["id"], first["id"]]
