"""Ways out of conflicts, applied through their own requests."""

from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.application import Commands
from tests.api.conftest import SignIn
from tests.api.world import API, Json, World
from tests.spec import Clock


def findings(client: TestClient[Litestar], schedule: Json, **query: Any) -> list[Json]:
    answer = client.get(f"{API}/schedules/{schedule['id']}/conflicts", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def ways(finding: Json) -> dict[str, Json]:
    """The first suggestion of each kind."""
    return {each["kind"]: each for each in reversed(finding["suggestions"])}


def send(client: TestClient[Litestar], suggestion: Json) -> Json:
    """Applies a suggestion with nothing but its own request."""
    request = suggestion["request"]
    headers = {"If-Match": request["if_match"]} if request["if_match"] else {}
    answer = client.request(request["method"], request["path"], json=request["body"], headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def test_a_draft_is_moved_or_put_elsewhere_with_one_request(
    client: TestClient[Litestar], world: World
) -> None:
    world.booked(world.show(13, 2, creators=[world.creators[1]]), client_id=None)
    schedule, (show,) = world.planned(world.show(14, 2))
    (finding,) = findings(client, schedule)
    assert finding["code"] == "room_overlap"
    assert [(each["kind"], each["title"], each["disturbs"]) for each in finding["suggestions"]] == [
        (
            "room",
            "Put 'Show at 14' into Room 2 at the same time",
            {"minutes": 0, "room_changed": True, "shows": 1},
        ),
        (
            "move",
            "Move 'Show at 14' 1 h later: Sat 2 May 22:00 to Sun 3 May 00:00",
            {"minutes": 60, "room_changed": False, "shows": 1},
        ),
        (
            "move",
            "Move 'Show at 14' 3 h earlier: Sat 2 May 18:00 to 20:00",
            {"minutes": 180, "room_changed": False, "shows": 1},
        ),
    ]
    later = finding["suggestions"][1]
    assert later["changes"] == [
        {
            "show_id": show["id"],
            "name": "Show at 14",
            "fields": {
                "start": {"from": "2026-05-02T14:00:00Z", "to": "2026-05-02T15:00:00Z"},
                "end": {"from": "2026-05-02T16:00:00Z", "to": "2026-05-02T17:00:00Z"},
            },
        }
    ]
    assert later["request"] == {
        "method": "PATCH",
        "path": f"/api/v1/shows/{show['id']}",
        "body": {"start": "2026-05-02T15:00:00Z", "end": "2026-05-02T17:00:00Z"},
        "if_match": '"1"',
        "needs": None,
    }
    send(client, later)
    assert findings(client, schedule) == []
    stale = client.patch(later["request"]["path"], json=later["request"]["body"], headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert findings(client, schedule, suggestions=False) == []


def test_suggestions_are_left_out_on_request(client: TestClient[Litestar], world: World) -> None:
    schedule, _ = world.planned(world.show(13, 2), world.show(14, 2, creators=[world.creators[1]]))
    (finding,) = findings(client, schedule, suggestions=False)
    assert finding["suggestions"] == []


def test_two_drafts_swap_in_one_run_that_can_be_undone(client: TestClient[Litestar], world: World) -> None:
    world.booked(world.show(13, 2, creators=[]), client_id=None)
    schedule, drafted = world.planned(
        world.show(14, 1, creators=[]), world.show(15, 1, creators=[], room_id=world.rooms[1])
    )
    clash = next(each for each in findings(client, schedule) if each["code"] == "room_overlap")
    swap = ways(clash)["swap"]
    assert swap["title"].startswith("Swap ")
    run = send(client, swap)
    assert run["counts"] == {"done": 2, "unchanged": 0, "refused": 0}
    assert [each["code"] for each in findings(client, schedule)] == ["missing_creator", "missing_creator"]
    assert client.post(f"{API}/bulk/{run['id']}/undo").status_code == 200
    keys = ("start", "end", "room_id", "creators")
    assert [{k: world.read_show(s)[k] for k in keys} for s in drafted] == [
        {k: s[k] for k in keys} for s in drafted
    ]


def test_an_edit_of_many_is_done_whole_or_not_at_all(client: TestClient[Litestar], world: World) -> None:
    _, (booked,) = world.booked(world.show(8))
    _, (drafted,) = world.planned(world.show(10))

    def edit(shows: list[str], **each: Json) -> tuple[int, str]:
        body = {"action": {"action": "edit", "set": each}, "show_ids": shows}
        answer = client.post(f"{API}/shows/bulk", json=body)
        return answer.status_code, answer.json().get("code", "")

    elsewhere = {"room_id": world.rooms[1]}
    both = {drafted["id"]: elsewhere, booked["id"]: elsewhere}
    assert edit([*both], **both) == (409, "needs_change")
    assert edit([drafted["id"]], **both) == (422, "invalid")
    assert edit(["show_none"], show_none=elsewhere) == (404, "not_found")
    assert edit([drafted["id"]], **{drafted["id"]: {"room_id": "room_none"}}) == (422, "invalid")
    assert world.read_show(drafted)["room_id"] == world.rooms[0]
    assert edit([drafted["id"]], **{drafted["id"]: elsewhere}) == (200, "")
    assert world.read_show(drafted)["room_id"] == world.rooms[1]


def test_in_a_proposed_plan_the_edit_says_that_it_needs_a_withdrawal(
    client: TestClient[Litestar], world: World
) -> None:
    schedule, _ = world.planned(world.show(13, 2), world.show(14, 2, creators=[world.creators[1]]))
    world.do(schedule, "propose")
    (finding,) = findings(client, schedule)
    way = ways(finding)["room"]
    assert way["request"]["needs"] == "withdraw"
    world.do(schedule, way["request"]["needs"])
    send(client, way)
    assert findings(client, schedule) == []


def test_in_a_confirmed_plan_it_is_a_change_that_books_the_show(
    client: TestClient[Litestar], world: World
) -> None:
    schedule, _ = world.agreed(world.show(13, 2), world.show(14, 2, creators=[world.creators[1]]))
    done = client.post(f"{API}/schedules/{schedule['id']}/confirm", json={"mode": "best_effort"}).json()
    (left,) = done["refused"]
    (finding,) = findings(client, schedule)
    for kind, asked in (("move", "TIME_CHANGE"), ("room", "RESOURCE_CHANGE")):
        request = ways(finding)[kind]["request"]
        assert (request["path"], request["body"]["type"]) == (
            f"/api/v1/schedules/{schedule['id']}/changes",
            asked,
        )
    change = send(client, ways(finding)["room"])
    assert (change["category"], change["status"], change["needs"]) == ("OPERATIONAL", "proposed", "client")
    assert client.post(f"{API}/changes/{change['id']}/approve", json={}).status_code == 200
    assert findings(client, schedule) == []
    assert world.read_show({"id": left["show_id"]})["status"] == "confirmed"


def check(client: TestClient[Litestar], *shows: Json, **more: Any) -> list[Json]:
    answer = client.post(f"{API}/conflicts/check", json={"shows": list(shows), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_show_that_is_dragged_is_told_where_it_fits(client: TestClient[Litestar], world: World) -> None:
    world.booked(world.show(13, 2, creators=[]), client_id=None)
    schedule, (show,) = world.planned(world.show(9, 2))
    dragged = world.show(12, 2) | {"id": show["id"], "schedule_id": schedule["id"]}
    (finding,) = check(client, dragged, suggestions=True)
    move = ways(finding)["move"]
    assert move["request"]["body"] == {
        "start": "2026-05-02T11:00:00Z",
        "end": "2026-05-02T13:00:00Z",
        "room_id": world.rooms[0],
        "creators": [world.creators[0]],
    }
    send(client, move)
    assert (world.read_show(show)["start"], findings(client, schedule)) == ("2026-05-02T11:00:00Z", [])
    assert check(client, dragged)[0]["suggestions"] == []


def test_a_show_that_was_never_saved_has_a_way_out_and_nothing_to_send(
    client: TestClient[Litestar], world: World
) -> None:
    schedule, _ = world.planned(world.show(13, 2, creators=[]))
    (finding,) = check(client, world.show(14) | {"schedule_id": schedule["id"]}, suggestions=True)
    assert (finding["code"], {each["request"] is None for each in finding["suggestions"]}) == (
        "room_overlap",
        {True},
    )
    assert [each["kind"] for each in finding["suggestions"]] == ["room", "move", "move"]


def test_a_standalone_show_is_helped_by_its_own_requests(client: TestClient[Litestar], world: World) -> None:
    world.booked(world.show(13, 2, creators=[]))
    body = world.show(14, 2) | {"studio_id": world.studio}
    alone = client.post(f"{API}/shows", json=body).json()
    asked = body | {"id": alone["id"]}
    (finding,) = check(client, asked, suggestions=True)
    send(client, ways(finding)["move"])
    moved = world.read_show(alone)
    assert check(client, asked | {"start": moved["start"], "end": moved["end"]}) == []


@pytest.mark.parametrize("suggestions", [False, True])
def test_a_check_of_one_show_takes_three_queries_its_signing_in_included(
    client: TestClient[Litestar],
    world: World,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    suggestions: bool,
) -> None:
    world.booked(world.show(13, 2))
    schedule, (show,) = world.planned(world.show(9, 2))
    dragged = world.show(12, 2) | {"id": show["id"], "schedule_id": schedule["id"]}
    check(client, dragged, suggestions=suggestions)
    sent: list[Any] = []
    real = psycopg.Cursor[Any].execute

    def counted(cursor: psycopg.Cursor[Any], query: Any, *args: Any, **how: Any) -> psycopg.Cursor[Any]:
        sent.append(query)
        return real(cursor, query, *args, **how)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    assert len(check(client, dragged, suggestions=suggestions)) == 2
    assert 0 < len(sent) <= 3, sent


def test_clients_see_their_own_ways_out_and_no_other_clients_names(
    client: TestClient[Litestar], world: World, sign_in: SignIn, clock: Clock
) -> None:
    bolt = client.post(f"{API}/clients", json={"name": "Bolt"}).json()["id"]
    world.booked(world.show(13, 2, name="Secret launch"), client_id=bolt)
    schedule, _ = world.agreed(world.show(14, 2), world.show(9))
    done = client.post(f"{API}/schedules/{schedule['id']}/confirm", json={"mode": "best_effort"})
    assert done.status_code == 200
    user = client.post(f"{API}/users", json={"email": "a@x.test", "name": "Ann"}).json()["id"]
    member = {"user_id": user, "client_id": world.customer, "role": "client_approver"}
    assert client.post(f"{API}/memberships", json=member).status_code == 201
    answer = sign_in(user).get(f"{API}/schedules/{schedule['id']}/conflicts")
    assert "Secret" not in answer.text
    assert bolt not in answer.text
    told = [each for finding in answer.json()["items"] for each in finding["suggestions"]]
    assert told
    assert {each["request"]["body"]["category"] for each in told} == {"CLIENT_REQUESTED"}
