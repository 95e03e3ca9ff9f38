"""What pages ask for, and ask first: ways out of a confirmed plan's conflicts, what can't be taken back."""

import re
from html import unescape

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, World


def test_a_way_out_of_a_confirmed_plan_says_that_it_asks_and_that_it_was_asked(
    world: World, client: TestClient[Litestar]
) -> None:
    plan, (_, show) = world.agreed(world.show(), world.show(name="Second"))
    world.do(plan, "confirm", mode="best_effort")
    pages = (f"/schedules/{plan['id']}?tab=conflicts", f"/shows/{show['id']}")
    way = (
        rf'<button [^>]*data-send="POST {API}/schedules/[^"]*/changes"[^>]*data-confirm="([^"]*)".*?</button>'
    )

    def asked(words: str) -> list[int]:
        found = [re.findall(way, client.get(page).text, re.DOTALL) for page in pages]
        assert all(words in each for every in found for each in every), found
        return [len(every) for every in found]

    assert all(asked("so this asks for a change"))
    body = {
        "category": "OPERATIONAL",
        "type": "TIME_CHANGE",
        "reason": "To end a conflict",
        "operations": [{"op": "update", "show_id": show["id"], "set": {"room_id": world.rooms[1]}}],
    }
    change = client.post(f"{API}/schedules/{plan['id']}/changes", json=body).json()
    assert all(asked("is asked for already"))
    for page in pages:
        assert f'/schedules/{plan["id"]}?tab=changes#{change["id"]}">See the change' in client.get(page).text


def test_what_is_final_is_asked_first_and_nothing_is_chosen_beforehand(
    world: World, client: TestClient[Litestar]
) -> None:
    shows = (
        world.show(start=f"2031-05-02T{hour}:00:00Z", end=f"2031-05-02T{hour}:45:00Z") for hour in (10, 13)
    )
    plan, (show, _) = world.booked(*shows)
    html = client.get(f"/shows/{show['id']}").text
    start = re.search(rf'<button [^>]*data-send="POST {API}/shows/[^"]*/start"[^>]*>', html)
    assert start
    assert "Let it go live now?" in start[0]
    # With the question the page sends an empty body.
    plan_html = client.get(f"/schedules/{plan['id']}").text
    for page in (html, plan_html):
        chosen = re.findall(r'<select name="reason_category" required>\s*<option value="([^"]*)"', page)
        assert chosen
        assert not any(chosen)
    cancel = re.search(rf'<button [^>]*data-send="POST {API}/schedules/[^"]*/cancel"[^>]*>', plan_html)
    assert cancel
    assert plan["name"] in cancel[0]
    assert 'data-act="Cancel 2 shows"' in cancel[0]
    assert client.post(f"{API}/shows/{show['id']}/start", json={}).status_code == 200


def test_who_may_only_ask_asks_to_cancel_a_show_too(
    world: World, client: TestClient[Litestar], sign_in: SignIn
) -> None:
    plan, (show,) = world.booked()
    switches = client.get(f"{API}/features").json()["items"]
    switch = next(row for row in switches if row["feature"] == "client_changes")
    assert client.patch(f"{API}/features/{switch['id']}", json={"enabled": True}).status_code == 200
    user = client.post(f"{API}/users", json={"email": "c@x.test", "name": "C"}).json()["id"]
    role = {"user_id": user, "role": "client_approver", "client_id": world.customer}
    assert client.post(f"{API}/memberships", json=role).status_code == 201
    theirs = sign_in(user)
    assert f"/shows/{show['id']}/edit?about=CANCELLATION" in theirs.get(f"/shows/{show['id']}").text
    for query, hidden in (("", "cancel"), ("?about=CANCELLATION", "change")):
        html = theirs.get(f"/shows/{show['id']}/edit{query}").text
        assert f'data-when="{hidden}" hidden disabled' in html
        assert 'value="ADDITION"' not in html
    body = re.search(r'<form [^>]*data-body="([^"]*)" data-wrap=""', html)
    assert body
    assert unescape(body[1]) == f'{{"operations":[{{"op":"cancel","show_id":"{show["id"]}"}}]}}'
    new = client.get(
        f"/shows/new?studio_id={world.studio}&schedule_id={plan['id']}&start=2026-05-02T18:00:00Z"
    ).text
    assert 'value="ADDITION"' in new
    assert 'value="CANCELLATION"' not in new
