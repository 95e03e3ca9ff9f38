"""With the features switched on: what planners, managers and a client's approver then may, and may not."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World

Client = TestClient[Litestar]
Join = Callable[..., Client]


@pytest.fixture
def join(world: World, client: Client, sign_in: SignIn) -> Join:
    """Signs in a new user with these memberships. Planning is on in the world's studio, and clients'
    approvers may ask for changes."""

    def made(path: str, **body: Any) -> Json:
        response = client.post(f"{API}/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    for user_type in ("manager", "planner"):
        made("features", feature="planning", user_type=user_type, studio_id=world.studio, enabled=True)
    switches = client.get(f"{API}/features").json()["items"]
    switch = next(row for row in switches if row["feature"] == "client_changes")
    assert client.patch(f"{API}/features/{switch['id']}", json={"enabled": True}).status_code == 200

    def joined(name: str, *roles: str) -> Client:
        user = made("users", email=f"{name}@x.test", name=name)["id"]
        for role in roles:
            where = (
                {"client_id": world.customer} if role.startswith("client") else {"studio_id": world.studio}
            )
            made("memberships", user_id=user, role=role, **where)
        return sign_in(user)

    return joined


def ask(client: Client, plan: Json, show: Json, category: str, **values: Any) -> Any:
    operation = {"op": "update", "show_id": show["id"], "set": values or {"name": f"For {category}"}}
    body = {"category": category, "type": "OTHER", "reason": "as agreed by phone", "operations": [operation]}
    return client.post(f"{API}/schedules/{plan['id']}/changes", json=body)


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["needs"]


PLANNING = "system_admin, or manager or planner of the studio with the feature planning"
MANAGING = "system_admin, or manager of the studio with the feature planning"


def test_a_bulk_run_needs_planning_in_every_studio_that_it_touches(
    world: World, client: Client, join: Join
) -> None:
    planner, manager = join("pia", "planner"), join("max", "manager")
    elsewhere = client.post(f"{API}/studios", json={"name": "Berlin", "time_zone": "Europe/Berlin"}).json()[
        "id"
    ]
    _, (ours,) = world.planned(world.show(8))
    bare = world.show(8, room_id=None, creators=[])
    _, (theirs,) = world.planned(bare, studio_id=elsewhere)
    booked = world.booked(world.show(12), world.show(14))[1]

    def bulk(user: Client, *shows: Json, **action: Any) -> Any:
        body = {"action": action, "show_ids": [show["id"] for show in shows]}
        return user.post(f"{API}/shows/bulk", json=body)

    shift = {"action": "shift", "minutes": 30}
    assert refused(bulk(planner, ours, theirs, **shift)) == (403, PLANNING)
    assert world.read_show(ours) == ours
    assert bulk(planner, ours, **shift).json()["counts"]["done"] == 1
    cancel = {"action": "cancel", "reason_category": "OTHER"}
    assert refused(bulk(planner, ours, booked[0], **cancel)) == (403, MANAGING)
    assert bulk(planner, ours, **cancel).json()["counts"]["done"] == 1
    assert bulk(manager, *booked, **cancel).json()["counts"]["done"] == 2
    assert bulk(client, theirs, **cancel).json()["counts"]["done"] == 1


def test_who_may_ask_comes_from_the_category(world: World, join: Join) -> None:
    plan, (show,) = world.booked(world.show(12))
    approver, viewer = join("ann", "client_approver"), join("vic", "client_viewer")
    planner, manager = join("pia", "planner"), join("max", "manager")

    def asked(user: Client) -> list[tuple[int, str | None]]:
        answers = [
            ask(user, plan, show, each, name=f"{each} {user.headers['Authorization'][-9:]}")
            for each in ("CLIENT_REQUESTED", "OPERATIONAL", "FORCE_MAJEURE")
        ]
        return [(each.status_code, each.json().get("needs")) for each in answers]

    either = "system_admin, planning in the studio, or client_approver with client_changes"
    assert asked(approver) == [(201, "studio"), (403, PLANNING), (403, MANAGING)]
    assert asked(viewer) == [(403, either)] * 3
    assert asked(planner) == [(201, "studio"), (201, "client"), (403, MANAGING)]
    assert asked(manager) == [(201, "studio"), (201, "client"), (201, "none")]


def test_where_no_client_is_asked_planners_still_change_their_plan(world: World, join: Join) -> None:
    planner = join("pia", "planner")
    plan = world.schedule(client_id=None)
    world.draft(plan, world.show(12))
    world.do(plan, "propose")
    show = world.do(plan, "confirm")["confirmed"][0]
    done = ask(planner, plan, {"id": show}, "OPERATIONAL", name="Moved").json()
    assert (done["needs"], done["status"]) == ("none", "approved")
    assert refused(ask(planner, plan, {"id": show}, "FORCE_MAJEURE")) == (403, MANAGING)


def test_nobody_decides_a_change_or_version_that_they_proposed_and_on_behalf_is_told(
    world: World, client: Client, join: Join
) -> None:
    both, manager = join("bea", "manager", "client_approver"), join("max", "manager")
    approver = join("ann", "client_approver")
    plan, (show,) = world.booked(world.show(12))

    def decide(user: Client, change: Json, word: str) -> Any:
        return user.post(f"{API}/changes/{change['id']}/{word}", json={})

    asked = {each: ask(both, plan, show, each).json() for each in ("CLIENT_REQUESTED", "OPERATIONAL")}
    for change in asked.values():
        for word in ("approve", "reject"):
            assert refused(decide(both, change, word)) == (403, "the other side")
    assert refused(decide(approver, asked["CLIENT_REQUESTED"], "approve"))[0] == 403
    assert refused(decide(manager, asked["OPERATIONAL"], "approve"))[0] == 403
    by_studio = decide(manager, asked["CLIENT_REQUESTED"], "reject").json()
    by_admin = decide(client, asked["OPERATIONAL"], "approve").json()
    own = ask(client, plan, show, "OPERATIONAL", name="By an administrator").json()
    by_client = decide(approver, own, "approve").json()
    decided = [by_studio, by_admin, by_client]
    assert [(each["status"], each["on_behalf"]) for each in decided] == [
        ("rejected", False),
        ("approved", True),
        ("approved", False),
    ]
    assert [client.get(f"{API}/changes/{each['id']}").json()["on_behalf"] for each in decided] == [
        *(False, True, False),
    ]
    draft, _ = world.planned(world.show(18))
    path = f"{API}/schedules/{draft['id']}"
    assert both.post(f"{path}/propose", json={}).status_code == 200
    for word, more in (("approve", {}), ("reject", {"reason": "no"})):
        assert refused(both.post(f"{path}/{word}", json={"version": 1, **more})) == (403, "the other side")
    assert approver.post(f"{path}/approve", json={"version": 1}).status_code == 200


def test_the_answer_to_a_decision_calls_a_reopened_plan_as_the_client_knows_it(
    world: World, client: Client, join: Join
) -> None:
    approver = join("ann", "client_approver")
    plan, (show,) = world.booked(world.show(12), name="Agreed")
    change = ask(client, plan, show, "OPERATIONAL").json()
    world.do(plan, "cancel", reason="rain")
    world.do(plan, "reopen")
    assert client.patch(f"{API}/schedules/{plan['id']}", json={"name": "Working"}).status_code == 200
    rejected = approver.post(f"{API}/changes/{change['id']}/reject", json={}).json()
    assert (rejected["status"], rejected["schedule_name"]) == ("rejected", "Agreed")
    assert client.get(f"{API}/changes/{change['id']}").json()["schedule_name"] == "Working"


def test_a_refusal_and_a_preview_name_no_other_client(world: World, client: Client, join: Join) -> None:
    approver = join("ann", "client_approver")
    other = client.post(f"{API}/clients", json={"name": "Rival Co"}).json()["id"]
    world.booked(world.show(16, name="Rival show"), client_id=other, name="Rival plan")
    plan, (show,) = world.booked(world.show(12))
    span = {"start": "2026-05-02T16:00:00Z", "end": "2026-05-02T17:00:00Z"}
    change = ask(client, plan, show, "OPERATIONAL", **span).json()
    preview = approver.get(f"{API}/changes/{change['id']}/preview")
    refusal = approver.post(f"{API}/changes/{change['id']}/approve", json={})
    assert (preview.status_code, refusal.status_code, refusal.json()["code"]) == (200, 409, "conflicts")
    for answer in (preview, refusal):
        assert {each["other"]["name"] for each in answer.json()["conflicts"]} == {"booked"}
        assert "Rival" not in answer.text
        assert other not in answer.text
    assert "Rival show" in client.get(f"{API}/changes/{change['id']}/preview").text
