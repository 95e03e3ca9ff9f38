"""Reads as it was: what was answered at an instant is what is answered for it ever after, byte for byte."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal
from tests.spec import NOW, Clock

Client = TestClient[Litestar]
MINUTE = timedelta(minutes=1)


def read(client: Client, where: str, **params: Any) -> bytes:
    response = client.get(f"{API}/{where}", params=params)
    assert response.status_code == 200, response.text
    return response.content


def stamp(minutes: float) -> str:
    return (NOW + minutes * MINUTE).isoformat()


def bars(client: Client, world: World, **params: Any) -> set[tuple[str, str]]:
    """How each show is drawn on the board's page, and which it is."""
    asked = {"studio_id": world.studio, "day": "2026-05-02", **params}
    page = client.get("/board", params=asked)
    assert page.status_code == 200, page.text
    return set(re.findall(r'<div class="bar ([^"]*)" id="([^"]*)"', page.text))


def story(client: Client, world: World, schedule: Json) -> list[Callable[[], Any]]:
    """A plan that is drafted, edited, agreed, booked, and partly cancelled, one step after the other."""
    shows: list[Json] = []

    def show(index: int) -> str:
        return f"{API}/shows/{shows[index]['id']}"

    return [
        lambda: shows.extend(world.draft(schedule, world.show(13), world.show(16), world.show(19))),
        lambda: client.patch(show(0), json={"start": "2026-05-02T12:00:00Z", "metadata": {"a": [1]}}),
        lambda: client.delete(show(1)),
        lambda: world.do(schedule, "propose", note="look"),
        lambda: world.do(schedule, "reject", version=1, reason="no"),
        lambda: client.post(show(1) + "/restore"),
        lambda: world.do(schedule, "propose"),
        lambda: world.do(schedule, "approve", version=2),
        lambda: world.do(schedule, "confirm"),
        lambda: client.post(show(2) + "/cancel", json={"reason_category": "OTHER"}),
        lambda: client.post(show(0) + "/start"),
        lambda: client.post(show(0) + "/complete", json={}),
    ]


def test_what_was_read_at_an_instant_is_read_as_of_it_ever_after(client: Client, world: World, clock: Clock):
    clock.now += MINUTE
    schedule = world.schedule()
    where = [f"schedules/{schedule['id']}", f"schedules/{schedule['id']}/shows"]
    everything = {"include_deleted": True}
    seen: list[list[bytes]] = []
    for step in [lambda: None, *story(client, world, schedule)]:
        done = step()
        assert getattr(done, "status_code", 200) in {200, 201, 204}
        shows = client.get(f"{API}/{where[1]}", params=everything).json()["items"]
        where = [*where[:2], *(f"shows/{show['id']}" for show in shows)]
        seen.append(
            [
                read(client, each, **everything) if i == 1 else read(client, each)
                for i, each in enumerate(where)
            ]
        )
        clock.now += MINUTE
    for minute, answers in enumerate(seen, 1):
        for at in (stamp(minute), stamp(minute + 0.5)):
            assert [
                read(client, each, as_of=at, **(everything if i == 1 else {}))
                for i, each in enumerate(where[: len(answers)])
            ] == answers


def test_reads_by_version_are_what_the_version_shows(client: Client, world: World):
    schedule, (first, second) = world.planned(world.show(13), world.show(16))
    world.do(schedule, "propose")
    world.do(schedule, "withdraw")
    client.delete(f"{API}/shows/{second['id']}")
    client.patch(f"{API}/shows/{first['id']}", json={"name": "Renamed"})
    (third,) = world.draft(schedule, world.show(20))
    document = client.get(f"{API}/schedules/{schedule['id']}/versions/1").json()
    where = f"{API}/schedules/{schedule['id']}"
    then = {"version": 1}
    assert client.get(where, params=then).json() == document["schedule"]
    assert client.get(f"{where}/shows", params=then).json()["items"] == document["shows"] == [first, second]
    assert client.get(f"{API}/shows/{first['id']}", params=then).json() == first
    assert client.get(f"{API}/shows/{second['id']}", params=then).json() == second
    assert refusal(client.get(f"{API}/shows/{third['id']}", params=then))[0] == 404
    assert [refusal(client.get(f"{where}{more}", params={"version": 2}))[0] for more in ("", "/shows")] == [
        404,
        404,
    ]


def test_shows_as_they_were_are_filtered_sorted_and_paged(client: Client, world: World):
    schedule, drafted = world.planned(
        world.show(13, name="b"), world.show(16, name="a"), world.show(19, room_id=world.rooms[1], name="C")
    )
    world.do(schedule, "propose")
    where = f"{API}/schedules/{schedule['id']}/shows"

    def listed(**params: Any) -> list[str]:
        params = params | {"limit": 1}
        ways: list[list[str]] = []
        for then in ({}, {"version": 1}, {"as_of": NOW.isoformat()}):
            names: list[str] = []
            cursor: dict[str, str] = {}
            while True:
                page = client.get(where, params=params | then | cursor).json()
                names += [show["name"] for show in page["items"]]
                if page["page"]["next_cursor"] is None:
                    break
                cursor = {"cursor": page["page"]["next_cursor"]}
            ways.append(names)
        assert ways[0] == ways[1] == ways[2]
        return ways[0]

    assert listed() == ["b", "a", "C"]
    assert listed(sort="-start") == ["C", "a", "b"]
    assert listed(sort="name") == ["C", "a", "b"]
    assert listed(room_id=world.rooms[1]) == ["C"]
    assert listed(creator_id=world.creators[1]) == []
    assert listed(q="c") == ["C"]
    assert listed(status="draft", **{"from": "2026-05-02T15:00:00Z", "to": "2026-05-02T19:00:00Z"}) == ["a"]
    assert len(drafted) == 3


def test_a_board_as_of_an_instant_is_the_board_of_that_instant(client: Client, world: World, clock: Clock):
    clock.now += MINUTE
    schedule = world.schedule()
    rival = world.schedule(name="Rival", client_id=None)
    closure: list[str] = []
    tale = story(client, world, schedule)

    def close() -> Any:
        span = {"start": "2026-05-02T15:30:00Z", "end": "2026-05-02T18:00:00Z"}
        done = client.post(
            f"{API}/room-closures", json={"room_id": world.rooms[0], "reason": "painting"} | span
        )
        closure.append(done.json().get("id"))
        return done

    def ask() -> Any:
        (show, *_) = client.get(
            f"{API}/schedules/{rival['id']}/shows", params={"status": "confirmed"}
        ).json()["items"]
        rename = {"op": "update", "show_id": show["id"], "set": {"name": "Renamed"}}
        why = {"category": "CLIENT_REQUESTED", "type": "SCOPE_CHANGE", "reason": "They wish it"}
        return client.post(f"{API}/schedules/{rival['id']}/changes", json=why | {"operations": [rename]})

    away = {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T18:00:00Z", "reason": "ill", "re_plan": True}
    steps: list[Callable[[], Any]] = [
        lambda: world.draft(rival, world.show(14), world.show(18, creators=[world.creators[1]])),
        *tale[:5],
        close,
        *tale[5:6],
        lambda: client.patch(
            f"{API}/creators/{world.creators[0]}", json={"name": "Renamed", "is_banned": True}
        ),
        lambda: client.patch(f"{API}/creators/{world.creators[0]}", json={"is_banned": False}),
        lambda: world.do(rival, "propose"),
        lambda: world.do(rival, "confirm", mode="best_effort"),
        ask,
        lambda: client.post(f"{API}/creator-time-offs", json={"creator_id": world.creators[0]} | away),
        lambda: client.post(
            f"{API}/opening-exceptions",
            json={"studio_id": world.studio, "date": "2026-05-02", "reason": "Flood", "re_plan": True},
        ),
        lambda: client.delete(f"{API}/room-closures/{closure[0]}"),
        *tale[6:8],
        lambda: world.do(schedule, "cancel", reason="off"),
        lambda: client.patch(
            f"{API}/rooms/{world.rooms[1]}", json={"name": "A room", "turnaround_minutes": 30}
        ),
        lambda: client.delete(f"{API}/rooms/{world.rooms[1]}"),
    ]
    asked = {"studio_id": world.studio, "from": "2026-05-01", "to": "2026-05-31"}
    seen: list[bytes] = []
    drawn: list[set[tuple[str, str]]] = []
    for step in steps:
        step()
        seen.append(read(client, "board", **asked))
        drawn.append(bars(client, world))
        clock.now += MINUTE
    assert [read(client, "board", **asked, as_of=stamp(minute)) for minute in range(1, len(seen) + 1)] == seen
    assert len({*seen}) > len(steps) - 3
    assert [bars(client, world, as_of=stamp(minute)) for minute in range(1, len(seen) + 1)] == drawn
    kinds = {word for each in drawn for classes, _ in each for word in classes.split()}
    assert kinds >= {"draft", "proposed", "approved", "confirmed", "pending"}
    told = {code for each in seen for show in json.loads(each)["shows"] for code in show["conflicts"]}
    assert told >= {"room_wanted", "creator_wanted", "room_closed", "creator_unavailable", "creator_banned"}
    assert refusal(client.get(f"{API}/board", params=asked | {"as_of": stamp(-1)}))[0] == 404
    assert refusal(client.get(f"{API}/board", params=asked | {"as_of": stamp(99)}))[0] == 422


@pytest.mark.parametrize("where", ["schedules/{schedule}", "schedules/{schedule}/shows", "shows/{show}"])
def test_before_creation_nothing_is_there_and_the_future_is_not_read(
    client: Client, world: World, where: str
):
    schedule, (show,) = world.planned()
    there = f"{API}/" + where.format(schedule=schedule["id"], show=show["id"])

    def asked(**params: Any) -> Any:
        return refusal(client.get(there, params=params))

    assert asked(as_of=stamp(-1)) == (404, "not_found", [])
    assert asked(as_of=stamp(1)) == (422, "invalid", [("as_of", "future")])
    assert asked(as_of=stamp(0), version=1) == (422, "invalid", [("as_of", "choice")])
    assert asked(as_of="2026-03-02") == (422, "invalid", [("as_of", "format")])
    assert asked(as_of="2026-03-02T09:00:00") == (422, "invalid", [("as_of", "naive_datetime")])
    assert asked(version=7) == (404, "not_found", [])
    assert client.get(there, params={"as_of": stamp(0)}).status_code == 200
