"""What the board's own addresses tell a client's users: nothing of others, but when rooms are booked."""

import re
from datetime import timedelta
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import World
from tests.spec import Clock

BOARD = "/api/v1/board"
DAY = "2026-05-02"
_BLOCK = re.compile(r'<div class="shut booked"[^>]* data-s="(-?\d+)" data-d="(\d+)"')


def users_of(client: TestClient[Litestar], sign_in: SignIn, *clients: str) -> TestClient[Litestar]:
    """Somebody who is bounded to these clients."""
    made = client.post("/api/v1/users", json={"email": f"pim{len(clients)}@x.test", "name": "Pim"}).json()
    for each in clients:
        member = {"user_id": made["id"], "client_id": each, "role": "client_viewer"}
        assert client.post("/api/v1/memberships", json=member).status_code == 201
    return sign_in(made["id"])


def booked(page: str) -> list[tuple[int, int]]:
    """The blocks of a board's page: minutes after its left edge, and how long."""
    return [(int(start), int(minutes)) for start, minutes in _BLOCK.findall(page)]


def test_a_clients_user_learns_nothing_of_others_shows(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    pim = users_of(client, sign_in, world.customer)
    other = client.post("/api/v1/clients", json={"name": "Other"}).json()
    plan = world.schedule(client_id=other["id"])
    drafted = client.post(f"/api/v1/schedules/{plan['id']}/shows", json={"shows": [world.show(13)]})
    show = drafted.json()["items"][0]
    page = {"studio_id": world.studio, "day": show["operational_day"]}
    touched, rows = {"show": show["id"]}, page | {"show": show["id"]}
    found = {"studio_id": world.studio, "day": "2031-01-01", "q": show["name"]}
    assert client.get("/board/touched", params=touched).status_code == 200
    assert show["id"] in client.get("/board/rows", params=rows).text
    assert show["id"] in client.get("/board/found", params=found).text
    assert pim.get("/board/touched", params=touched).status_code == 404
    assert pim.get("/board/rows", params=rows).status_code == 404
    answer = pim.get("/board/found", params=found)
    assert answer.status_code == 200
    assert show["id"] not in answer.text


def test_a_clients_board_says_when_others_hold_a_room_and_no_more(
    client: TestClient[Litestar], world: World, sign_in: SignIn, clock: Clock
) -> None:
    """Shows of three others touch each other: that they are three is told by nothing."""
    client.patch(f"/api/v1/rooms/{world.rooms[1]}", json={"turnaround_minutes": 15})
    others = [client.post("/api/v1/clients", json={"name": f"Secret {n}"}).json()["id"] for n in (1, 2)]
    there = {"name": "Secret", "room_id": world.rooms[1]}
    late = {"start": f"{DAY}T11:15:00Z", "end": f"{DAY}T13:15:00Z"}
    plans = [
        world.booked(*shows, client_id=other, name="Secret plan")
        for other, shows in zip(
            others,
            (
                [world.show(3, name="Secret"), world.show(9) | there],
                [world.show(5, name="Secret"), world.show() | there | late],
            ),
            strict=True,
        )
    ]
    inside = world.planned(world.show(7, 1, name="Secret inside"), client_id=None, name="Secret own")
    for command in ("propose", "confirm"):
        world.do(inside[0], command)
    wish = world.planned(world.show(15, name="Secret wish"), client_id=others[0])
    _, mine = world.booked(world.show(8, 1, name="Mine"))
    secret = ["Secret", *others]
    secret += [each["id"] for plan, shows in (*plans, inside, wish) for each in (plan, *shows)]
    now = clock().isoformat()
    pim, both = (users_of(client, sign_in, *each) for each in ([world.customer], [world.customer, others[0]]))

    def spans(who: TestClient[Litestar], **more: str) -> list[tuple[int, str, str]]:
        query = {"studio_id": world.studio, "from": DAY, "to": DAY} | more
        found: Any = who.get(BOARD, params=query).json()["booked"]
        assert {name for each in found for name in each} <= {"room_id", "start", "end"}
        return [
            (world.rooms.index(each["room_id"]), each["start"][11:16], each["end"][11:16]) for each in found
        ]

    told = [(0, "03:00", "08:00"), (1, "09:00", "13:30")]
    assert (spans(pim), spans(pim, as_of=now), spans(client)) == (told, told, [])
    assert spans(both) == [(0, "05:00", "08:00"), (1, "11:15", "13:30")]
    api, page = ({"studio_id": world.studio} | each for each in ({"from": DAY, "to": DAY}, {"day": DAY}))
    for url, query in (
        (BOARD, api),
        (BOARD, api | {"as_of": now}),
        ("/board", page),
        ("/board", page | {"as_of": now}),
        ("/board", page | {"view": "creators"}),
        ("/api/v1/stream", {"after": "0", "seconds": "0"}),
    ):
        seen = pim.get(url, params=query)
        assert seen.status_code == 200, seen.text
        assert [each for each in secret if each in seen.text] == []
        if url == "/board":
            assert mine[0]["id"] in seen.text
            assert booked(seen.text) == ([] if "view" in query else [(240, 300), (600, 270)])
    assert booked(client.get("/board", params=page).text) == []


def test_what_holds_no_room_any_more_or_not_yet_is_not_booked(
    client: TestClient[Litestar], world: World, sign_in: SignIn, clock: Clock
) -> None:
    other = client.post("/api/v1/clients", json={"name": "Other"}).json()["id"]
    pim = users_of(client, sign_in, world.customer)
    page = {"studio_id": world.studio, "day": DAY}

    def blocks(**more: str) -> list[tuple[int, int]]:
        return booked(pim.get("/board", params=page | more).text)

    plan, shows = world.agreed(world.show(3), world.show(6), client_id=other)
    assert blocks() == []
    world.do(plan, "confirm")
    assert blocks() == [(240, 120), (420, 120)]
    before, clock.now = clock().isoformat(), clock() + timedelta(minutes=1)
    note = {"reason_category": "OTHER", "note": "power cut"}
    for show, command in zip(shows, ("cancel", "interrupt"), strict=True):
        assert client.post(f"/api/v1/shows/{show['id']}/{command}", json=note).status_code == 200
    assert blocks() == [(420, 120)]
    assert blocks(as_of=before) == [(240, 120), (420, 120)]
