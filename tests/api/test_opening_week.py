"""Opening hours of several weekdays in one request: all or none, once, by those who may write them."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World, refusal

BULK = f"{API}/opening-hours/bulk"
DAYS = {"opens": "18:00", "closes": "23:00"}


def week(world: World, *weekdays: int, **other: Any) -> Json:
    return {"studio_id": world.studio, "weekdays": list(weekdays)} | DAYS | other


def weekdays_of(client: TestClient[Litestar]) -> list[int]:
    return [each["weekday"] for each in client.get(f"{API}/opening-hours").json()["items"]]


def test_hours_of_a_week_are_one_command_with_a_row_for_each_weekday(
    client: TestClient[Litestar], world: World
) -> None:
    world.booked(world.show(hour=13))  # 2 May is a Saturday, 20:00 to 22:00 in Bangkok.
    single = {"studio_id": world.studio, "weekday": 1} | DAYS
    assert refusal(client.post(f"{API}/opening-hours", json=single))[1] == "conflicts"
    key = {"Idempotency-Key": "week"}
    done = client.post(BULK, json=week(world, 1, 6), headers=key)
    assert done.status_code == 201, done.text
    items = done.json()["items"]
    assert [(each["weekday"], each["opens"], each["version"]) for each in items] == [
        (1, "18:00", 1),
        (6, "18:00", 1),
    ]
    assert done.json().keys() == {"items"}
    again = client.post(BULK, json=week(world, 1, 6), headers=key)
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", done.json())
    (monday, saturday) = [
        client.get(f"{API}/opening-hours/{each['id']}/history").json()["items"] for each in items
    ]
    assert [each["type"] for each in monday + saturday] == ["EntityCreated", "EntityCreated"]
    assert monday[0]["command_id"] == saturday[0]["command_id"]


def test_hours_of_a_week_are_written_for_all_weekdays_or_none(
    client: TestClient[Litestar], world: World
) -> None:
    world.booked(world.show(hour=13))
    assert refusal(client.post(BULK, json=week(world, 1, 2)))[:2] == (409, "conflicts")
    assert refusal(client.post(BULK, json=week(world))) == (422, "invalid", [("weekdays", "length")])
    twice = client.post(BULK, json=week(world, 6, 6))
    assert refusal(twice) == (422, "invalid", [("weekdays[1]", "repeated_weekday")])
    assert client.post(BULK, json=week(world, 6)).status_code == 201
    assert refusal(client.post(BULK, json=week(world, 5, 6)))[1] == "overlapping_hours"
    assert weekdays_of(client) == [6]
    planned = client.post(BULK, json=week(world, 1, opens="08:00", closes="09:00", re_plan=True)).json()
    assert (planned["hit"], planned["changes"]) == ([], [])


def test_hours_of_a_week_that_re_plan_tell_whom_they_hit(client: TestClient[Litestar], world: World) -> None:
    plan, (show,) = world.booked(world.show(hour=13))
    done = client.post(BULK, json=week(world, 1, 2, re_plan=True)).json()
    assert [(hit["show_id"], hit["change_id"]) for hit in done["hit"]] == [(show["id"], done["changes"][0])]
    assert world.read(plan)["open_changes"] == 1


def test_only_who_writes_hours_writes_those_of_a_week(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    user = client.post(f"{API}/users", json={"email": "p@x.test", "name": "P"}).json()["id"]
    member = {"user_id": user, "studio_id": world.studio, "role": "planner"}
    assert client.post(f"{API}/memberships", json=member).status_code == 201
    assert refusal(sign_in(user).post(BULK, json=week(world, 1)))[0] == 403
    assert weekdays_of(client) == []
