from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, World, refusal


def keyed(client: TestClient[Litestar], url: str, key: str, **body: Any):
    return client.post(url, json=body, headers={"Idempotency-Key": key})


def test_a_repeated_request_gets_the_first_answer_byte_for_byte(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}/shows"
    first = keyed(client, url, "k1", shows=[world.show()])
    client.patch(f"{API}/schedules/{schedule['id']}", json={"name": "changed since"})
    second = keyed(client, url, "k1", shows=[world.show()])
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    kept = ("etag", "location", "content-type")
    assert [second.headers[name] for name in kept] == [first.headers[name] for name in kept]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert world.read(schedule)["show_count"] == 1


def test_the_same_key_with_another_body_is_refused(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}/shows"
    keyed(client, url, "k1", shows=[world.show()])
    other = keyed(client, url, "k1", shows=[world.show(20)])
    assert refusal(other) == (422, "idempotency_key_reused", [("Idempotency-Key", "reused")])


def test_keys_are_scoped_to_the_route_and_the_user(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    first, _ = world.planned()
    second, _ = world.planned(world.show(20))
    body = {"email": "ann@x.test", "name": "Ann", "is_system_admin": True}
    ann = sign_in(client.post(f"{API}/users", json=body).json()["id"])
    for schedule in (first, second):
        response = keyed(client, f"{API}/schedules/{schedule['id']}/propose", "k1", note="x")
        assert response.json()["id"] == schedule["id"]
    response = keyed(ann, f"{API}/schedules/{first['id']}/propose", "k1", note="x")
    assert refusal(response) == (409, "illegal_transition", [])


def test_a_refusal_is_not_stored(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    url = f"{API}/schedules/{schedule['id']}/confirm"
    assert refusal(keyed(client, url, "k1")) == (409, "illegal_transition", [])
    world.do(schedule, "propose")
    world.do(schedule, "approve", version=1)
    done = keyed(client, url, "k1")
    assert (done.status_code, "idempotency-replayed" in done.headers) == (200, False)


def test_a_confirmation_is_replayed_whole(client: TestClient[Litestar], world: World):
    schedule, _ = world.agreed(world.show(13, 2), world.show(14, 2))
    url = f"{API}/schedules/{schedule['id']}/confirm"
    first = keyed(client, url, "k1", mode="best_effort")
    second = keyed(client, url, "k1", mode="best_effort")
    assert (first.status_code, second.content) == (200, first.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert world.read(schedule)["current_version"] == 2


def test_a_dry_run_does_not_use_up_its_key(client: TestClient[Litestar], world: World):
    schedule, _ = world.agreed()
    url = f"{API}/schedules/{schedule['id']}/confirm"
    assert keyed(client, url, "k1", dry_run=True).status_code == 200
    done = keyed(client, url, "k1")
    assert (done.status_code, world.read(schedule)["status"]) == (200, "confirmed")


def test_concurrent_twins_do_the_thing_once(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}/shows"
    body = {"shows": [world.show()]}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: keyed(client, url, "twin", **body), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 7
    assert world.read(schedule)["show_count"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "é".encode("latin-1")])
def test_a_key_is_1_to_200_printable_characters(client: TestClient[Litestar], world: World, key: str | bytes):
    schedule, _ = world.planned()
    url = f"{API}/schedules/{schedule['id']}/propose"
    response = client.post(url, json={}, headers={"Idempotency-Key": key})
    status, code, errors = refusal(response)
    assert (status, code) == (422, "invalid")
    assert [path for path, _ in errors] == ["Idempotency-Key"]
