"""Accepting findings: who may, what it does to conflicts and bookings, and what ends it."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.application import Commands
from tests.api.conftest import SignIn
from tests.api.world import API, Json, World, refusal


@pytest.fixture
def tight(client: TestClient[Litestar], world: World) -> str:
    """A room with 10 minutes of lead and 20 of turnaround."""
    room = {"studio_id": world.studio, "name": "Tight", "lead_minutes": 10, "turnaround_minutes": 20}
    return client.post(f"{API}/rooms", json=room).json()["id"]


def found(client: TestClient[Litestar], schedule: Json) -> Json:
    return client.get(f"{API}/schedules/{schedule['id']}/conflicts").json()


def waive(client: TestClient[Litestar], show: Json, code: str = "turnaround_short", **more: Any) -> Any:
    body = {"code": code, "reason": "The crew is quick", **more}
    return client.post(f"{API}/shows/{show['id']}/waivers", json=body)


def held(commands: Commands, room: str) -> list[tuple[str, str]]:
    """What the room is held for: HH:MM to HH:MM, in UTC."""
    with commands.log.pool.connection() as connection:
        rows = connection.execute(
            "SELECT lower(during), upper(during) FROM occupancy WHERE resource_id = %s ORDER BY 1", (room,)
        ).fetchall()
    return [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in rows]


def test_two_shows_of_a_plan_that_are_too_close_are_booked_once_that_is_accepted(
    client: TestClient[Litestar], world: World, commands: Commands, tight: str
):
    first = world.show(10, 1, room_id=tight)
    second = world.show(11, 1, room_id=tight, start="2026-05-02T11:05:00Z", creators=[])
    schedule, (early, late) = world.planned(first, second, client_id=None)
    assert found(client, schedule)["counts"] == {"block": 1, "warn": 1}

    given = waive(client, late)

    assert given.status_code == 201, given.text
    told = found(client, schedule)
    assert told["counts"] == {"block": 0, "warn": 1, "waived": 1}
    finding = next(each for each in told["items"] if each["code"] == "turnaround_short")
    row = given.json()
    assert finding["waived"] == {
        "id": row["id"],
        "by": row["created_by"],
        "at": row["created_at"],
        "reason": "The crew is quick",
    }
    assert (finding["severity"], finding["suggestions"]) == ("block", [])
    assert waive(client, late, reason="again").json() == row
    board = f"{API}/board?studio_id={world.studio}&from=2026-05-01&to=2026-05-04"
    shown = {show["id"]: show["conflicts"] for show in client.get(board).json()["shows"]}
    assert shown == {early["id"]: [], late["id"]: ["missing_creator"]}

    world.do(schedule, "propose")
    done = client.post(f"{API}/schedules/{schedule['id']}/confirm", json={})
    assert done.status_code == 200, done.text
    assert held(commands, tight) == [("09:50", "11:05"), ("11:05", "12:20")]


def close(world: World, room: str, **more: Any) -> tuple[Json, Json]:
    """Two shows with five minutes between them."""
    return (
        world.show(10, 1, room_id=room) | more,
        world.show(11, 1, room_id=room, start="2026-05-02T11:05:00Z", creators=[]) | more,
    )


def test_a_booking_of_another_plan_keeps_its_hold_and_the_new_one_gets_what_is_left(
    client: TestClient[Litestar], world: World, commands: Commands, tight: str
):
    first, second = close(world, tight)
    world.booked(second)
    schedule, (early,) = world.planned(first, client_id=None)
    world.do(schedule, "propose")
    refused = client.post(f"{API}/schedules/{schedule['id']}/confirm", json={})
    assert refusal(refused) == (409, "conflicts", [])
    # The booking's lead of ten minutes covers the show's last five: there is nothing of its own to give.
    assert refusal(waive(client, early)) == (409, "held_by_other", [])

    client.patch(f"{API}/shows/{early['id']}", json={"name": "still"})
    world.do(schedule, "withdraw")
    moved = {"start": "2026-05-02T09:55:00Z", "end": "2026-05-02T10:50:00Z"}
    assert client.patch(f"{API}/shows/{early['id']}", json=moved).status_code == 200
    assert waive(client, early).status_code == 201
    run = {"action": {"action": "confirm"}, "show_ids": [early["id"]]}
    world.do(schedule, "propose")
    done = client.post(f"{API}/shows/bulk", json=run)
    assert done.json()["counts"] == {"done": 1, "unchanged": 0, "refused": 0}, done.text
    assert held(commands, tight) == [("09:45", "10:55"), ("10:55", "12:20")]


@pytest.mark.parametrize("mode", ["all_or_nothing", "best_effort"])
def test_shows_confirmed_one_by_one_share_what_is_between_them(
    client: TestClient[Litestar], world: World, commands: Commands, tight: str, mode: str
):
    schedule, (early, late) = world.planned(*close(world, tight), client_id=None)
    assert waive(client, late).status_code == 201
    world.do(schedule, "propose")
    for show in (late, early):
        done = world.do(schedule, "confirm", show_ids=[show["id"]], mode=mode)
        assert done["confirmed"] == [show["id"]]
    assert held(commands, tight) == [("09:50", "11:00"), ("11:00", "12:20")]


def test_a_change_that_touches_a_draft_books_it_with_what_was_accepted(
    client: TestClient[Litestar], world: World, commands: Commands, tight: str
):
    schedule, (early, late) = world.planned(*close(world, tight))
    world.do(schedule, "propose")
    world.do(schedule, "approve", version=1)
    done = world.do(schedule, "confirm", mode="best_effort")
    assert done["confirmed"] == [early["id"]]
    assert refusal(waive(client, late)) == (409, "held_by_other", [])
    client.post(f"{API}/shows/{early['id']}/cancel", json={"reason_category": "OTHER"})
    world.booked(world.show(12, 1, room_id=tight, start="2026-05-02T12:15:00Z", creators=[]))
    given = waive(client, late)
    assert given.status_code == 201, given.text
    asked = {
        "category": "OPERATIONAL",
        "type": "OTHER",
        "reason": "a better name",
        "operations": [{"op": "update", "show_id": late["id"], "set": {"name": "Better"}}],
    }
    change = client.post(f"{API}/schedules/{schedule['id']}/changes", json=asked).json()
    approved = client.post(f"{API}/changes/{change['id']}/approve", json={})
    assert approved.status_code == 200, approved.text
    assert held(commands, tight) == [("10:55", "12:05"), ("12:05", "13:20")]


def test_it_ends_for_good_when_either_show_moves_or_it_is_withdrawn(
    client: TestClient[Litestar], world: World, tight: str
):
    schedule, (early, late) = world.planned(*close(world, tight))
    url = f"{API}/schedules/{schedule['id']}/waivers"
    for moved in (early, late):
        assert waive(client, late).json()["active"] is True
        for start in ("2026-05-02T10:30:00Z", moved["start"]):
            span = {"start": start} if moved is early else {"start": start.replace("10:30", "11:04")}
            assert client.patch(f"{API}/shows/{moved['id']}", json=span).status_code == 200
        assert found(client, schedule)["counts"]["block"] == 1
    given = waive(client, late).json()
    gone = f"{API}/shows/{late['id']}/waivers/{given['id']}"
    assert client.delete(gone, headers={"If-Match": '"9"'}).status_code == 412
    assert [client.delete(gone).status_code for _ in range(2)] == [204, 204]
    page = client.get(f"{url}?limit=2").json()
    rest = client.get(url, params={"limit": 2, "cursor": page["page"]["next_cursor"]}).json()
    listed = [*page["items"], *rest["items"]]
    assert [(each["active"], each["ended_because"]) for each in listed] == [
        (False, "moved"),
        (False, "moved"),
        (False, "withdrawn"),
    ]
    assert client.get(f"{API}/shows/{late['id']}/waivers").json()["items"] == listed
    assert client.get(f"{API}/shows/{early['id']}/waivers").json()["items"] == []


@pytest.mark.parametrize(
    "code",
    [
        "room_overlap",
        "creator_overlap",
        "room_closed",
        "creator_unavailable",
        "room_not_in_studio",
        "reference_deleted",
        "creator_banned",
    ],
)
def test_nobody_waives_what_cannot_be(client: TestClient[Litestar], world: World, code: str):
    _, (_, late) = world.planned(world.show(10, 2), world.show(11, 2))
    refused = waive(client, late, code)
    assert refusal(refused) == (422, "not_waivable", [("code", "not_waivable")])
    assert refused.json()["waivable"][0] == "turnaround_short"


def test_a_finding_that_is_not_there_or_not_the_only_one_is_told(client: TestClient[Litestar], world: World):
    hosted = {"key": "hosted", "name": "With a host", "requires_creator": True}
    assert client.post(f"{API}/show-standards", json=hosted).status_code == 201
    _, (show,) = world.planned(world.show(creators=[], show_standard="hosted"))
    assert refusal(waive(client, show, "missing_creator"))[:2] == (422, "not_waivable")
    assert refusal(waive(client, show, "missing_room")) == (409, "no_such_conflict", [])
    assert refusal(waive(client, show, "missing_room", reason=" "))[:2] == (422, "invalid")
    for name in ("A", "B"):
        world.planned(world.show(name=name, creators=[]), client_id=None)
    assert refusal(waive(client, show, "room_wanted"))[2] == [("other", "ambiguous")]


def test_managers_accept_warnings_and_administrators_what_blocks(
    client: TestClient[Litestar], world: World, sign_in: SignIn, tight: str
):
    schedule, (_, late) = world.planned(*close(world, tight))
    switch = {"feature": "planning", "user_type": "manager", "studio_id": world.studio, "enabled": True}
    client.post(f"{API}/features", json=switch)
    user = client.post(f"{API}/users", json={"email": "m@x.test", "name": "Moe"}).json()["id"]
    client.post(f"{API}/memberships", json={"user_id": user, "role": "manager", "studio_id": world.studio})
    manager = sign_in(user)
    assert refusal(waive(manager, late)) == (403, "forbidden", [])
    assert waive(manager, late, "missing_creator").json()["created_by"] == user
    assert found(client, schedule)["counts"] == {"block": 1, "warn": 0, "waived": 1}


def test_a_clients_users_see_what_was_accepted_without_who_is_on_the_other_side(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    world.planned(world.show(10, 2, creators=[], name="Secret"), client_id=None)
    schedule, (show,) = world.planned(world.show(11, 2, creators=[]))
    given = waive(client, show, "room_wanted", reason="Secret will move").json()
    user = client.post(f"{API}/users", json={"email": "c@x.test", "name": "Cleo"}).json()["id"]
    theirs = {"user_id": user, "role": "client_viewer", "client_id": world.customer}
    client.post(f"{API}/memberships", json=theirs)
    viewer, url = sign_in(user), f"{API}/schedules/{schedule['id']}"
    assert viewer.get(f"{url}/waivers").json()["items"] == []
    world.do(schedule, "propose")
    assert viewer.get(f"{url}/waivers").json()["items"] == [given | {"other": None, "reason": ""}]
    told = viewer.get(f"{url}/conflicts")
    assert told.json()["counts"] == {"block": 0, "warn": 1, "waived": 1}
    history = viewer.get(f"{url}/events")
    assert "Secret" not in told.text + history.text


def test_a_check_of_the_show_as_it_is_knows_the_waiver_and_elsewhere_it_does_not(
    client: TestClient[Litestar], world: World, tight: str
):
    _, (_, late) = world.planned(*close(world, tight))
    waive(client, late)
    names = ("id", "schedule_id", "name", "start", "end", "room_id", "creators", "platforms")
    as_it_is = {name: late[name] for name in names}
    for start, counts in (
        (late["start"], {"block": 0, "warn": 1, "waived": 1}),
        ("2026-05-02T11:04:00Z", {"block": 1, "warn": 1}),
    ):
        asked = {"shows": [as_it_is | {"start": start}]}
        checked = client.post(f"{API}/conflicts/check", json=asked)
        assert checked.status_code == 200, checked.text
        assert checked.json()["counts"] == counts
