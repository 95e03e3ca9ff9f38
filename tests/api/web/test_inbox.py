"""/inbox and / over HTTP: what clients decide and say reaches the studio; cards say what they are about."""

import re
from html import unescape

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World

User = TestClient[Litestar]
REASON = "The host is late"


@pytest.fixture
def people(world: World, client: User, sign_in: SignIn) -> dict[str, User]:
    """A planner and a manager of the studio, and the client's approver."""
    for each in client.get(f"{API}/features?limit=50").json()["items"]:
        assert client.patch(f"{API}/features/{each['id']}", json={"enabled": True}).status_code == 200
    found: dict[str, User] = {}
    roles = {"planner": "studio_id", "manager": "studio_id", "client_approver": "client_id"}
    for role, place in roles.items():
        user = client.post(f"{API}/users", json={"email": f"{role}@x.test", "name": role.title()}).json()
        whose = {place: world.studio if place == "studio_id" else world.customer}
        made = client.post(f"{API}/memberships", json={"user_id": user["id"], "role": role, **whose})
        assert made.status_code == 201, made.text
        found[role] = sign_in(user["id"])
    return found


def page(user: User, path: str) -> str:
    """What a page says, without its tags, in one line."""
    answer = user.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def done(user: User, path: str, **body: object) -> Json:
    """A command that is expected to work."""
    answer = user.post(f"{API}/{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def test_a_version_that_was_sent_back_reaches_who_plans(world: World, people: dict[str, User]) -> None:
    plan, _ = world.planned()
    world.do(plan, "propose")
    done(people["client_approver"], f"schedules/{plan['id']}/reject", version=1, reason=REASON)
    for role in ("planner", "manager"):
        told = page(people[role], "/inbox")
        assert f"Sent back: {plan['name']}" in told
        assert f"“{REASON}”" in told
        assert f"“{REASON}”" in page(people[role], "/")
        assert people[role].get("/inbox/count").text.count('data-waits="1"') == 1
        assert "sent back by Client_Approver" in page(people[role], f"/schedules/{plan['id']}")
    assert "1 Rejected" in page(people["planner"], f"/schedules/{plan['id']}?tab=versions")
    assert "You sent version 1 back" in page(people["client_approver"], f"/schedules/{plan['id']}")
    world.do(plan, "propose")
    assert "Nothing waits for you" in page(people["planner"], "/inbox")


def test_an_approved_version_waits_to_be_confirmed(world: World, people: dict[str, User]) -> None:
    plan, _ = world.planned()
    world.do(plan, "propose")
    done(people["client_approver"], f"schedules/{plan['id']}/approve", version=1, note="Fine")
    assert f"Approved: {plan['name']}" in page(people["planner"], "/inbox")
    assert "ready to confirm" in page(people["planner"], "/inbox")
    assert "Ready to confirm." in page(people["planner"], f"/schedules/{plan['id']}")
    world.do(plan, "confirm")
    assert "Nothing waits for you" in page(people["planner"], "/inbox")


def test_what_a_client_says_waits_for_an_answer(world: World, people: dict[str, User]) -> None:
    plan, _ = world.planned()
    world.do(plan, "propose")
    done(people["client_approver"], f"schedules/{plan['id']}/comments", text="Later, please")
    assert "Later, please" in page(people["planner"], "/inbox")
    assert "Comments 1" in page(people["planner"], f"/schedules/{plan['id']}")
    done(people["planner"], f"schedules/{plan['id']}/comments", text="An hour?")
    assert "Later, please" not in page(people["manager"], "/inbox")


def test_what_a_client_says_goes_once_somebody_has_seen_it(world: World, people: dict[str, User]) -> None:
    plan, (show, *_) = world.planned()
    world.do(plan, "propose")
    planner, client = people["planner"], people["client_approver"]
    for subject in (f"schedules/{plan['id']}", f"shows/{show['id']}"):
        said = done(client, f"{subject}/comments", text="Later, please")
        acknowledge = f'data-send="POST /api/v1/comments/{said["id"]}/acknowledge" data-version="1"'
        tab = f"/{subject}?tab=comments"
        for address in ("/inbox", tab):
            assert acknowledge in planner.get(address).text
        assert "/acknowledge" not in client.get(tab).text
        assert people["manager"].get("/inbox/count").text.count('data-waits="1"') == 1
        done(planner, f"comments/{said['id']}/acknowledge")
        assert "Nothing waits for you" in page(people["manager"], "/inbox")
        assert people["manager"].get("/inbox/count").text.count("data-waits") == 0
        for user in (planner, client):
            assert "Seen by Planner, 2 Mar 2026, 16:00" in page(user, tab)
            assert "/acknowledge" not in user.get(tab).text
        edited = client.patch(f"{API}/comments/{said['id']}", json={"text": "Much later"})
        assert edited.status_code == 200, edited.text
        assert "Much later" in page(people["manager"], "/inbox")
        done(people["manager"], f"{subject}/comments", text="An hour?")
        assert "/acknowledge" not in planner.get(tab).text


def test_an_interrupted_show_is_kept_in_sight_until_it_is_resolved(
    world: World, people: dict[str, User]
) -> None:
    _, (show,) = world.booked()
    done(people["planner"], f"shows/{show['id']}/interrupt", reason_category="OTHER", note="No power")
    assert f"Interrupted: {show['name']}" in page(people["manager"], "/inbox")
    start = page(people["planner"], "/")
    assert f"{show['name']} Room 1 Acme Interrupted" in start.partition("On air and next")[2]
    done(people["planner"], f"shows/{show['id']}/resolve", outcome="cancelled")
    assert "Interrupted" not in page(people["planner"], "/")
    assert "Nothing waits for you" in page(people["manager"], "/inbox")


def test_the_next_version_says_how_much_differs_from_the_one_sent_back(
    world: World, people: dict[str, User]
) -> None:
    plan, (show, _) = world.planned(world.show(13), world.show(16))
    world.do(plan, "propose")
    done(people["client_approver"], f"schedules/{plan['id']}/reject", version=1, reason=REASON)
    edited = people["planner"].patch(f"{API}/shows/{show['id']}", json={"name": "Otherwise"})
    assert edited.status_code == 200, edited.text
    world.do(plan, "propose")
    told = page(people["client_approver"], "/inbox")
    assert "Shows that differ from version 1, which was sent back: 1" in told
    html = people["client_approver"].get("/inbox").text
    assert f"/schedules/{plan['id']}/compare?from=1&amp;to=2" in html


def test_what_blocks_is_named_before_a_version_is_approved(world: World, people: dict[str, User]) -> None:
    world.booked(world.show(14), name="Before")
    plan, (show,) = world.planned(world.show(13))
    world.do(plan, "propose")
    html = people["client_approver"].get("/inbox").text
    (button,) = re.findall(r"<button[^>]*/approve[^>]*>", html)
    assert 'class="quiet"' in button
    assert f"{show['name']} Sat 2 May 20:00\u201322:00: the room is taken: Room 1" in unescape(button)


def test_what_blocks_a_change_is_told_for_the_time_that_it_asks_for(
    world: World, people: dict[str, User]
) -> None:
    world.booked(world.show(18), name="Before")
    plan, (show,) = world.booked(world.show(13))
    later = {name: world.show(17)[name] for name in ("start", "end")}
    operations = [
        {"op": "update", "show_id": show["id"], "set": later},
        {"op": "add", "show": world.show(18)},
    ]
    about = {"category": "OPERATIONAL", "type": "OTHER", "reason": REASON, "operations": operations}
    done(people["planner"], f"schedules/{plan['id']}/changes", **about)
    told = page(people["client_approver"], "/inbox").partition("Conflict if approved now")[2]
    assert f"{show['name']} Sat 2 May 24:00\u201326:00 the room is taken: Room 1" in told
    assert "Sat 2 May 25:00\u201327:00 the room is taken: Room 1" in told
    assert "See the change" not in told


def test_a_plan_that_is_booked_in_part_says_so(world: World, people: dict[str, User]) -> None:
    plan, _ = world.agreed(world.show(13), world.show(14))
    world.do(plan, "confirm", mode="best_effort")
    for user in (people["planner"], people["client_approver"]):
        assert "1 of 2 booked, 1 still draft" in page(user, f"/schedules/{plan['id']}")
        assert "1 of 2 booked, 1 still draft" in page(user, "/")


def asked(user: User, plan: Json, show: Json, category: str) -> str:
    """Asks that a show be cancelled."""
    cancel = {"op": "cancel", "show_id": show["id"], "reason_category": "OTHER"}
    about = {"category": category, "type": "OTHER", "reason": REASON, "operations": [cancel]}
    return done(user, f"schedules/{plan['id']}/changes", **about)["id"]


def test_a_change_is_named_by_who_decides_it_and_found_from_its_show(
    world: World, people: dict[str, User]
) -> None:
    plan, (show,) = world.booked()
    change = asked(people["client_approver"], plan, show, "CLIENT_REQUESTED")

    def where(role: str) -> str:
        answer = people[role].get(f"/inbox?change={change}", follow_redirects=False)
        return answer.headers["location"]

    assert where("manager") == f"/inbox?box=me#change-{change}"
    assert where("client_approver") == f"/inbox?box=mine#change-{change}"
    assert where("planner") == f"/schedules/{plan['id']}?tab=changes#{change}"
    html = people["manager"].get("/inbox").text
    assert "/withdraw" not in html
    assert f"Cancel {show['name']}, Sat 2 May 20:00\u201322:00" in html
    assert "waits for you" in page(people["manager"], "/inbox")
    assert "A approve" in page(people["manager"], "/inbox")
    theirs = people["client_approver"].get("/inbox?box=mine").text
    assert "/withdraw" in theirs
    assert "A approve" not in page(people["client_approver"], "/inbox?box=mine")
