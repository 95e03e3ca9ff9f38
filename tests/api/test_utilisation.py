"""How much rooms, creators and clients are used, over HTTP, and against a count of every minute."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.slots import operational_day
from tests.api.conftest import SignIn
from tests.api.world import API, Json, World, refusal

ZONE = "Europe/Berlin"
MINUTE = timedelta(minutes=1)


def ask(client: TestClient[Litestar], world: World, **params: Any) -> Json:
    asked = {"studio_id": world.studio, "from": "2026-05-02", "to": "2026-05-02"} | params
    response = client.get(f"{API}/utilisation", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def hours(answer: Json) -> dict[str | None, tuple[float, float, float | None]]:
    return {item["name"]: (item["booked"], item["wanted"], item["free"]) for item in answer["items"]}


@pytest.fixture
def used(client: TestClient[Litestar], world: World) -> World:
    """On 2 May: booked in the first room 2 hours, in the second over the end of the day; wanted 1 hour of a
    plan without client, without room and creator; a closure of 3 hours, one of them over nothing booked."""
    late = {"start": "2026-05-02T22:00:00Z", "end": "2026-05-03T01:00:00Z"}
    both = {"room_id": world.rooms[1], "creators": world.creators}
    world.booked(world.show(13, 2), world.show() | both | late)
    world.planned(world.show(15, 1, room_id=None, creators=[]), client_id=None)
    closure = {"start": "2026-05-02T08:00:00Z", "end": "2026-05-02T11:00:00Z", "reason": "paint"}
    made = client.post(f"{API}/room-closures", json=closure | {"room_id": world.rooms[0]})
    assert made.status_code == 201, made.text
    return world


def test_hours_are_told_by_room_creator_client_and_day(client: TestClient[Litestar], used: World):
    assert ask(client, used) == {
        "studio_id": used.studio,
        "by": "room",
        "from": "2026-05-02",
        "to": "2026-05-02",
        "items": [
            {"id": used.rooms[0], "name": "Room 1", "booked": 2.0, "wanted": 0.0, "free": 19.0},
            {"id": used.rooms[1], "name": "Room 2", "booked": 1.0, "wanted": 0.0, "free": 23.0},
            {"id": None, "name": None, "booked": 0.0, "wanted": 1.0, "free": None},
        ],
        "totals": {"booked": 3.0, "wanted": 1.0, "free": 42.0},
    }
    assert hours(ask(client, used, by="client")) == {"Acme": (3.0, 0.0, None), None: (0.0, 1.0, None)}
    assert hours(ask(client, used, by="creator")) == {
        "Mali": (3.0, 0.0, None),
        "Nok": (1.0, 0.0, None),
        None: (0.0, 1.0, None),
    }
    assert hours(ask(client, used, by="day", to="2026-05-04")) == {
        "2026-05-02": (3.0, 1.0, 42.0),
        "2026-05-03": (2.0, 0.0, 46.0),
        "2026-05-04": (0.0, 0.0, 48.0),
    }


def test_closed_hours_and_turnaround_are_not_free(client: TestClient[Litestar], world: World):
    body = {"studio_id": world.studio, "name": "Slow", "lead_minutes": 30, "turnaround_minutes": 15}
    slow = client.post(f"{API}/rooms", json=body).json()["id"]
    opening = {"studio_id": world.studio, "weekday": 6, "opens": "18:00", "closes": "23:00"}
    assert client.post(f"{API}/opening-hours", json=opening).status_code == 201
    world.booked(world.show(13, 2, room_id=slow))
    assert hours(ask(client, world))["Slow"] == (2.0, 0.0, 2.25)


def test_a_show_that_ended_early_counts_until_it_did(client: TestClient[Litestar], world: World):
    _, (show,) = world.booked(world.show(13, 2))
    at = f"{API}/shows/{show['id']}"
    assert client.post(f"{at}/start", json={}).status_code == 200
    ended = {"actual_start": "2026-05-02T13:00:00Z", "actual_end": "2026-05-02T14:00:00Z"}
    done = client.post(f"{at}/complete", json=ended)
    assert done.status_code == 200, done.text
    assert hours(ask(client, world))["Room 1"] == (1.0, 0.0, 23.0)


def test_client_users_get_their_own_hours(client: TestClient[Litestar], used: World, sign_in: SignIn):
    other = client.post(f"{API}/clients", json={"name": "Bolt"}).json()["id"]
    people: dict[str, TestClient[Litestar]] = {}
    for name, whose in (("ours", used.customer), ("theirs", other)):
        user = client.post(f"{API}/users", json={"email": f"{name}@x.test", "name": name}).json()["id"]
        body = {"user_id": user, "client_id": whose, "role": "client_viewer"}
        assert client.post(f"{API}/memberships", json=body).status_code == 201
        people[name] = sign_in(user)
    used.planned(used.show(17, 1))
    assert hours(ask(people["ours"], used)) == {"Room 1": (2.0, 0.0, 19.0), "Room 2": (1.0, 0.0, 23.0)}
    assert hours(ask(people["theirs"], used)) == {"Room 1": (0.0, 0.0, 19.0), "Room 2": (0.0, 0.0, 23.0)}
    for by in ("client", "creator"):
        assert ask(people["theirs"], used, by=by)["items"] == []
    assert hours(ask(people["ours"], used, by="client")) == {"Acme": (3.0, 0.0, None)}


def test_a_csv_has_the_same_rows_and_no_formula(client: TestClient[Litestar], world: World):
    assert client.patch(f"{API}/clients/{world.customer}", json={"name": "=1+1"}).status_code == 200
    world.booked(world.show(13, 2))
    asked = {
        "studio_id": world.studio,
        "from": "2026-05-02",
        "to": "2026-05-02",
        "by": "client",
        "format": "csv",
    }
    answer = client.get(f"{API}/utilisation", params=asked)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].endswith('"utilisation-client-2026-05-02-2026-05-02.csv"')
    assert answer.text == f"id,name,booked,wanted,free\r\n{world.customer},'=1+1,2.0,0.0,\r\n"


@pytest.mark.parametrize("seed", range(3))
def test_hours_are_those_of_every_minute_and_add_up_whatever_they_are_by(
    client: TestClient[Litestar], world: World, seed: int
):
    random = Random(seed)  # noqa: S311 - not a secret
    studio = client.post(f"{API}/studios", json={"name": "Berlin", "time_zone": ZONE}).json()["id"]
    period = {"studio_id": studio, "start_date": "2026-03-27", "end_date": "2026-03-31"}
    begin = datetime(2026, 3, 27, tzinfo=UTC)
    minutes: dict[str, int] = {}
    for number, creator in enumerate(world.creators):
        room = client.post(f"{API}/rooms", json={"studio_id": studio, "name": f"R{number}"}).json()["id"]
        shows: list[Json] = []
        at = begin
        while (at := at + random.randint(0, 700) * MINUTE) < begin + timedelta(days=4):
            length = random.randint(1, 900)
            when = {"start": at.isoformat(), "end": (at + length * MINUTE).isoformat()}
            shows.append(world.show(room_id=room, creators=[creator]) | when)
            for minute in range(length):
                day = operational_day(at + minute * MINUTE, ZONE, "06:00").isoformat()
                minutes[day] = minutes.get(day, 0) + 1
            at += length * MINUTE
        if number:
            world.booked(*shows, **period)
        else:
            plan, _ = world.planned(*shows, **period, client_id=None)
            world.do(plan, "propose")
            world.do(plan, "confirm")
    window = {"studio_id": studio, "from": "2026-03-28", "to": "2026-03-30"}
    by = {name: ask(client, world, **window, by=name) for name in ("room", "client", "day", "creator")}
    expected = {day: minutes[day] / 60 for day in ("2026-03-28", "2026-03-29", "2026-03-30")}
    assert {day: row[0] for day, row in hours(by["day"]).items()} == pytest.approx(expected)
    total = pytest.approx(sum(expected.values()), abs=1e-4)
    assert [by[name]["totals"]["booked"] for name in by] == [total] * 4
    free = pytest.approx(2 * (24 + 23 + 24) - sum(expected.values()), abs=1e-4)
    assert [by["room"]["totals"]["free"], by["day"]["totals"]["free"]] == [free, free]


def test_a_wrong_value_is_named(client: TestClient[Litestar], world: World):
    def wrong(**params: str) -> tuple[int, str, list[tuple[str, str]]]:
        asked = {"studio_id": world.studio, "from": "2026-05-02", "to": "2026-05-02"} | params
        return refusal(client.get(f"{API}/utilisation", params=asked))

    assert wrong(by="week") == (422, "invalid", [("by", "choice")])
    assert wrong(format="xml") == (422, "invalid", [("format", "choice")])
    assert wrong(to="2027-05-03") == (422, "invalid", [("to", "too_long")])
    gone = {"studio_id": "studio_x", "from": "2026-05-02", "to": "2026-05-02"}
    assert client.get(f"{API}/utilisation", params=gone).status_code == 404
