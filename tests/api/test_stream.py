"""The live stream: what it announces, to whom, and that a reconnect misses nothing."""

import json
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any, get_args

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api import announcing
from domain.application import Commands
from domain.events import Event
from tests.api.conftest import SignIn
from tests.api.world import World
from tests.servers import Served, callboard, post

STREAM = "/api/v1/stream"
Heard = list[tuple[int, str, Any]]


def heard(client: TestClient[Litestar], after: int | None = 0, **headers: str) -> Heard:
    """The position, kind and data of all there is by now."""
    query = {"seconds": "0"} | ({} if after is None else {"after": str(after)})
    answer = client.get(STREAM, params=query, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    return messages(answer.text)


def messages(text: str) -> Heard:
    found: Heard = []
    for block in text.replace("\r\n", "\n").strip().split("\n\n"):
        parts = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((int(parts["id"]), parts["event"], json.loads(parts["data"])))
    return found


def changes(found: Heard) -> list[Any]:
    return [data for _, kind, data in found if kind == "change"]


def test_each_command_is_announced_once_with_what_it_concerns(
    client: TestClient[Litestar], world: World, commands: Commands
) -> None:
    start = commands.log.head()
    schedule, shows = world.booked()
    room = client.patch(f"/api/v1/rooms/{world.rooms[0]}", json={"name": "Renamed"}).json()
    found = heard(client, start)
    assert found[0] == (start, "position", {"position": start})
    told = changes(found)
    assert [each["command"] for each in told] == [
        "schedule.open",
        "schedule.draft_shows",
        "schedule.propose",
        "schedule.approve",
        "schedule.confirm",
        "room.update",
    ]
    assert told[4] == {
        "position": told[5]["position"] - 1,
        "at": told[4]["at"],
        "command": "schedule.confirm",
        "request_id": told[4]["request_id"],
        "actor_id": client.get("/api/v1/me").json()["id"],
        "types": ["ShowsConfirmed", "VersionNumbered"],
        "alters": "all",
        "studios": [schedule["studio_id"]],
        "schedules": [schedule["id"]],
        "shows": sorted(show["id"] for show in shows),
        "rows": [],
        "runs": [],
    }
    assert (told[5]["rows"], told[5]["schedules"]) == ([room["id"]], [])
    assert [each["alters"] for each in told] == ["nothing", "around", "plans", "plans", "all", "all"]
    assert told[-1]["position"] == commands.log.head()


def test_whoever_reconnects_hears_the_rest_and_nothing_twice(
    client: TestClient[Litestar], world: World, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = commands.log.head()
    world.booked()
    whole = changes(heard(client, start))
    for cut in (1, len(whole) // 2, len(whole)):
        last = str(whole[cut - 1]["position"])
        again = changes(heard(client, None, **{"Last-Event-ID": last}))
        assert [*whole[:cut], *again] == whole
    monkeypatch.setattr(announcing, "_BATCH", 3)
    assert changes(heard(client, start)) == whole


def test_without_a_position_the_stream_begins_now_and_one_from_the_future_counts_as_now(
    client: TestClient[Litestar], world: World, commands: Commands
) -> None:
    now = commands.log.head()
    assert heard(client, None) == heard(client, now + 1_000) == [(now, "position", {"position": now})]


@pytest.mark.parametrize("given", ["", "x", "-1", "1.5", "9" * 30, "\u0661"])
def test_a_last_event_id_that_is_no_position_is_named(client: TestClient[Litestar], given: str) -> None:
    refused = client.get(STREAM, headers={"Last-Event-ID": given.encode()}, params={"seconds": "0"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "Last-Event-ID")


def test_a_clients_user_hears_of_its_own_plans_as_far_as_they_were_shown(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    made = client.post("/api/v1/users", json={"email": "pim@x.test", "name": "Pim"}).json()
    member = {"user_id": made["id"], "client_id": world.customer, "role": "client_viewer"}
    client.post("/api/v1/memberships", json=member)
    pim = sign_in(made["id"])
    other = client.post("/api/v1/clients", json={"name": "Other"}).json()
    theirs = world.schedule(client_id=other["id"])
    ours, _ = world.planned(world.show(13))
    client.post(f"/api/v1/schedules/{ours['id']}/propose")
    told = changes(heard(pim))
    assert {plan for each in told for plan in each["schedules"]} == {ours["id"]}
    assert [each["rows"] for each in told if each["rows"]] == []
    assert theirs["id"] not in json.dumps(told)
    assert told[-1]["types"] == ["ScheduleProposed", "VersionNumbered"]
    assert told[-1]["alters"] == "all", "its shows are on the client's board only now"
    before = told[-1]["position"]
    client.post(f"/api/v1/schedules/{ours['id']}/withdraw")
    client.patch(f"/api/v1/schedules/{ours['id']}", json={"note": "not shown yet"})
    assert [each["command"] for each in changes(heard(pim, before))] == ["schedule.withdraw"]
    assert len(changes(heard(client, before))) == 2


def test_what_alters_only_a_part_of_a_board_names_events_that_there_are() -> None:
    known = {event.__name__ for event in get_args(Event)}
    assert known >= announcing.ASIDE | announcing.AROUND | announcing.PLANS


def test_others_changes_arrive_at_every_listener_while_it_listens(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        token = callboard(tmp_path, "token")
        arrived: Queue[Any] = Queue()
        begun = threading.Barrier(4, timeout=30)

        def listen() -> None:
            with (
                server.client(token) as mine,
                mine.stream("GET", "/stream", params={"seconds": "30"}) as answer,
            ):
                lines = answer.iter_lines()
                next(lines)
                begun.wait()
                arrived.put(next(line for line in lines if line.startswith("data: ") and "client." in line))

        listeners = [threading.Thread(target=listen, daemon=True) for _ in range(3)]
        for each in listeners:
            each.start()
        begun.wait()
        with server.client(token) as caller:
            made = post(caller, "/clients", {"name": "Acme"})
        # It takes a quarter of a second; the suite may be busy.
        told = [json.loads(arrived.get(timeout=10).removeprefix("data: ")) for _ in listeners]
        assert [(each["command"], each["rows"]) for each in told] == [("client.create", [made["id"]])] * 3
        for each in listeners:
            each.join(10)


def test_a_server_with_listeners_stops_in_time(tmp_path: Path) -> None:
    with (
        Served(tmp_path) as server,
        server.client(callboard(tmp_path, "token")) as mine,
        mine.stream("GET", "/stream") as answer,
    ):
        assert answer.status_code == 200
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 20
