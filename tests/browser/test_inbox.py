"""The inbox in a real browser: a client and a studio decide what waits for them, by keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignedIn, Site

Json = dict[str, Any]


@pytest.fixture(scope="module")
def plan(site: Site) -> Json:
    """The client's plan, booked: what is agreed is changed by asking."""
    with site.api("client") as api:
        row = api.get("/schedules", params={"limit": 1}).json()["items"][0]
    with site.api("admin") as api:
        version = {"If-Match": f'"{row["version"]}"'}
        url = f"/schedules/{row['id']}/confirm"
        booked = api.post(url, json={"mode": "best_effort"}, headers=version).raise_for_status().json()
    return booked["schedule"]


def asked(site: Site, plan: Json, category: str, *operations: Json) -> str:
    """Has an administrator ask for a change of the plan."""
    with site.api("admin") as api:
        url = f"/schedules/{plan['id']}"
        version = {"If-Match": api.get(url).headers["etag"]}
        body = {"category": category, "type": "OTHER", "reason": "It rains", "operations": operations}
        answer = api.post(f"{url}/changes", json=body, headers=version).raise_for_status()
        return answer.json()["id"]


def shows(site: Site, plan: Json) -> list[Json]:
    """The booked shows of the plan."""
    with site.api("admin") as api:
        asked_for = {"schedule_id": plan["id"], "status": "confirmed", "limit": 20}
        return api.get("/shows", params=asked_for).json()["items"]


def change(site: Site, change_id: str) -> Json:
    """A change as the API has it."""
    with site.api("admin") as api:
        return api.get(f"/changes/{change_id}").json()


def focused(page: Page) -> str:
    """The id of the item with the focus."""
    return page.evaluate("() => document.activeElement.id")


def test_a_client_approves_by_keys_and_is_led_on_to_the_next(
    site: Site, signed_in: SignedIn, plan: Json
) -> None:
    first, second, *_ = shows(site, plan)
    held = site.one(
        "SELECT starts_at, ends_at, room_id FROM shows WHERE status = 'confirmed' AND client_id <> %s"
        " AND starts_at > %s AND room_id IS NOT NULL LIMIT 1",
        plan["client_id"],
        second["start"],
    )
    there = {"start": held[0].isoformat(), "end": held[1].isoformat(), "room_id": held[2]}
    clashing = asked(site, plan, "OPERATIONAL", {"op": "update", "show_id": first["id"], "set": there})
    cancelling = {"op": "cancel", "show_id": second["id"], "reason_category": "OTHER"}
    fitting = asked(site, plan, "OPERATIONAL", cancelling)

    page = signed_in("client").open("/inbox")
    count = page.locator("#inbox-count .pill")
    before = int(count.get_attribute("data-waits") or 0)
    worse = page.locator(f"#change-{clashing}")
    expect(worse).to_contain_text("Conflict if approved now")
    expect(worse.locator(".mini .box.was, .mini .box.new")).to_have_count(2)
    expect(page.locator(f"#change-{fitting}")).to_contain_text("No conflict if approved now")

    expect(worse.get_by_role("button", name="Approve")).to_have_class("quiet")

    page.keyboard.press("a")
    assert focused(page) == f"change-{fitting}"
    expect(page.locator("#ask")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.locator("#ask")).to_contain_text(f"Cancel {second['name']}, ")
    page.keyboard.press("Enter")
    expect(page.locator(f"#change-{fitting}")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text(f"Approved: Cancel {second['name']}, ")
    expect(worse).to_be_focused()
    expect(count).to_have_attribute("data-waits", str(before - 1))
    assert change(site, fitting)["status"] == "approved"


def test_a_manager_rejects_with_a_note(site: Site, signed_in: SignedIn, plan: Json) -> None:
    show = shows(site, plan)[3]
    renamed = {"op": "update", "show_id": show["id"], "set": {"name": "Another name"}}
    change_id = asked(site, plan, "CLIENT_REQUESTED", renamed)
    page = signed_in("manager").open("/")
    line = page.get_by_role("listitem").filter(has=page.locator(f"a[href$='{change_id}']"))
    expect(line.locator(".what")).to_contain_text(f"Change {show['name']}")
    page.goto(f"{site.url}/inbox?change={change_id}")
    card = page.locator(f"#change-{change_id}")
    expect(card.locator("ins")).to_have_text("Another name")
    expect(card).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#ask button[value=yes]")).to_have_text("Reject")
    page.locator("#ask").get_by_label("Note (optional)").fill("Not on air any more")
    page.locator("#ask button[value=yes]").click()
    expect(card).to_have_count(0)
    found = change(site, change_id)
    assert (found["status"], found["decision_note"]) == ("rejected", "Not on air any more")


def test_a_planner_says_by_keys_what_was_seen_and_others_see_it_go(
    site: Site, signed_in: SignedIn, plan: Json
) -> None:
    said: list[str] = []
    with site.api("client") as api:
        for subject in (f"schedules/{plan['id']}", f"shows/{shows(site, plan)[1]['id']}"):
            answer = api.post(f"/{subject}/comments", json={"text": "Thank you, all is well"})
            said.append(answer.raise_for_status().json()["id"])
    manager = signed_in("manager").open("/inbox?kind=comment")
    page = signed_in("planner").open("/inbox?kind=comment")
    count = page.locator("#inbox-count .pill")
    before = int(count.get_attribute("data-waits") or 0)
    earlier, newest = (page.locator(f"#comment-{each}") for each in said)
    expect(newest.get_by_role("button", name="Seen")).to_be_visible()
    expect(page.locator(".keys")).to_contain_text("S seen")

    page.keyboard.press("s")
    expect(newest).to_be_focused()
    page.keyboard.press("s")
    expect(newest).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Seen: ")
    expect(earlier).to_be_focused()
    expect(count).to_have_attribute("data-waits", str(before - 1))
    expect(manager.locator(f"#comment-{said[1]}")).to_have_count(0)
    expect(manager.locator(f"#comment-{said[0]}")).to_be_visible()

    theirs = signed_in("client").open(f"/schedules/{plan['id']}?tab=comments")
    expect(theirs.get_by_role("button", name="Seen")).to_have_count(0)
    page.goto(f"{site.url}/schedules/{plan['id']}?tab=comments")
    page.get_by_role("button", name="Seen").press("Enter")
    for one in (page, theirs):
        expect(one.locator(f"#{said[0]}")).to_contain_text("Seen by ")
    expect(page.get_by_role("button", name="Seen")).to_have_count(0)
    found = site.one("SELECT acknowledged_by FROM comments WHERE id = %s", said[0])
    assert found == (site.user_id("planner"),)
