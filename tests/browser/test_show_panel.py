"""A show: at the side of the board and as a page, its fields, its conflicts and what may be done with it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn, Site

DRAFT = (
    "SELECT s.id FROM shows s JOIN schedules c ON c.id = s.schedule_id"
    " WHERE c.kind = 'plan' AND c.status = 'draft' AND s.status = 'draft' AND s.deleted_at IS NULL"
    " AND c.deleted_at IS NULL ORDER BY s.starts_at, s.id OFFSET %s LIMIT 1"
)
BOOKED = (
    "SELECT s.id, c.id FROM shows s JOIN schedules c ON c.id = s.schedule_id WHERE c.kind = 'plan'"
    " AND c.status = 'confirmed' AND s.status = 'confirmed' ORDER BY s.starts_at, s.id LIMIT 1"
)


def drafted(site: Site, number: int = 0) -> str:
    return str(site.one(DRAFT, number)[0])


def show_of(site: Site, show_id: str) -> dict[str, Any]:
    return asked(site, f"/shows/{show_id}")


def asked(site: Site, path: str, **body: Any) -> dict[str, Any]:
    """What the API answers to the administrator; with a body it is posted."""
    with site.api() as api:
        found: dict[str, Any] = (api.post(path, json=body) if body else api.get(path)).json()
    return found


def panel(page: Page, href: str) -> Locator:
    """Opens a page at the side, as a click on the board does."""
    page.evaluate("(href) => callboard.openPanel(href)", href)
    return page.locator("#panel")


def test_what_a_change_is_about_follows_the_fields_that_it_changes(site: Site, signed_in: SignedIn) -> None:
    show_id, _ = site.one(BOOKED)
    side = panel(signed_in("planner").open("/board"), f"/shows/{show_id}/edit")
    about = side.get_by_label("What it is about")
    end, room = side.get_by_label("End", exact=True), side.locator("[name=room_id]")
    was = end.input_value(), room.input_value()
    end.fill("29:45")
    end.blur()
    expect(about).to_have_value("TIME_CHANGE")
    room.select_option(index=0)
    expect(about).to_have_value("OTHER")
    end.fill(was[0])
    end.blur()
    expect(about).to_have_value("RESOURCE_CHANGE")
    room.select_option(was[1])
    expect(about).to_have_value("OTHER")
    side.locator("[name=creators]:not(:checked)").first.check()
    expect(about).to_have_value("CREATOR_CHANGE")
    side.get_by_role("textbox", name="Reason").fill("Another face")
    expect(about).to_have_value("CREATOR_CHANGE")
    # Whoever chose one by hand meant it.
    about.select_option("SCOPE_CHANGE")
    room.select_option(index=0)
    expect(about).to_have_value("SCOPE_CHANGE")


def test_a_draft_is_edited_at_the_side_of_the_board(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site)
    before = show_of(site, show_id)
    page = signed_in("admin", expected=["422"]).open("/board")
    side = panel(page, f"/shows/{show_id}")
    side.get_by_role("link", name="Edit", exact=True).click()
    side.get_by_label("Name").fill("Renamed at the side")
    side.get_by_label("End", exact=True).fill("99:00")
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_label("End", exact=True)).to_have_attribute("aria-invalid", "true")
    side.get_by_label("End", exact=True).fill("29:45")
    side.get_by_role("searchbox", name="Find creators").fill("no such name")
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_role("heading", name="Renamed at the side")).to_be_visible()
    after = show_of(site, show_id)
    changed = {name: after[name] for name in before if before[name] != after[name]}
    assert changed.keys() - {"updated_by", "updated_at"} == {"name", "end", "version"}
    assert after["name"] == "Renamed at the side"


def test_one_click_on_a_way_out_ends_the_conflict(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 1)
    plan = show_of(site, show_id)
    other = {name: plan[name] for name in ("room_id", "start", "end", "show_type", "show_standard")}
    new = [{"name": "In the way", **other}]
    made = asked(site, f"/schedules/{plan['schedule_id']}/shows", shows=new)["items"][0]
    page = signed_in("admin").open(f"/shows/{made['id']}")
    clash = page.locator(".findings li.block").filter(has_text="The room is taken")
    expect(clash).to_have_count(1)
    clash.get_by_role("button", name=re.compile("Move|Into")).first.click()
    expect(clash).to_have_count(0)
    left: list[dict[str, Any]] = asked(site, f"/schedules/{plan['schedule_id']}/conflicts")["items"]
    assert [each for each in left if each["code"] == "room_overlap" and made["id"] in str(each)] == []
    # In a confirmed plan it is asked for: with a question before it, and then where the change is.
    plans = (each["id"] for each in asked(site, "/schedules?status=confirmed")["items"])
    stuck = next(each for each in plans if asked(site, f"/schedules/{each}/conflicts")["counts"]["block"])
    page.goto(f"{site.url}/schedules/{stuck}?tab=conflicts")
    obstacle = page.locator(".obstacle").first
    obstacle.get_by_role("button", name=re.compile("^Ask: ")).first.click()
    expect(page.locator("#ask")).to_contain_text("so this asks for a change")
    page.locator("#ask button[value=yes]").click()
    expect(obstacle).to_contain_text("Asked for")
    expect(obstacle.get_by_role("button")).to_have_count(0)
    page.locator("#toasts").get_by_role("link", name="See the change").click()
    expect(page.locator("article.change:target")).to_contain_text("To end a conflict")


def test_what_is_said_about_a_show_is_written_and_taken_back(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 2)
    page = signed_in("planner").open(f"/shows/{show_id}?tab=comments")
    page.get_by_label("Comment", exact=True).fill("Bring the big lights.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".said")).to_contain_text("Bring the big lights.")
    expect(page.get_by_label("Comment", exact=True).last).to_have_value("")
    page.get_by_role("button", name="Remove").click()
    page.locator("#ask button[value=yes]").click()
    expect(page.get_by_text("No comments yet.")).to_be_visible()


def test_a_confirmed_show_asks_for_a_change(site: Site, signed_in: SignedIn) -> None:
    show_id, schedule_id = site.one(BOOKED)
    page = signed_in("planner").open(f"/shows/{show_id}")
    page.get_by_role("link", name="Ask for a change").click()
    page.get_by_label("Name").fill("Asked for anew")
    page.get_by_label("Category").select_option("OPERATIONAL")
    page.get_by_role("textbox", name="Reason").fill("The client's product is called so now")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator(".asked")).to_contain_text("Asked for anew")
    found = asked(site, f"/schedules/{schedule_id}/changes?status=proposed")["items"]
    (change,) = [each for each in found if each["operations"][0]["show_id"] == show_id]
    assert change["operations"][0]["after"] == {"name": "Asked for anew"}
    page.get_by_role("link", name="History").click()
    expect(page.locator(".past li").first).to_contain_text("asked for a change")
    # A client asks to cancel it: no field of it is sent, and none has to be there.
    of = "JOIN memberships m ON m.client_id = c.client_id WHERE m.user_id = %s AND"
    theirs, _ = site.one(BOOKED.replace("WHERE", of), site.user_id("client"))
    client = signed_in("client").open(f"/shows/{theirs}/edit")
    client.get_by_label("End", exact=True).fill("29:00")
    client.get_by_label("What it is about").select_option("CANCELLATION")
    expect(client.get_by_label("Name")).to_be_hidden()
    client.get_by_label("Why it is to be cancelled").select_option("CLIENT_REQUEST")
    client.get_by_role("textbox", name="Reason").fill("Out of stock")
    client.get_by_role("button", name="Ask for it").click()
    expect(client.locator(".asked")).to_contain_text("This show is to be cancelled.")


def test_a_new_show_goes_where_it_was_aimed(site: Site, signed_in: SignedIn) -> None:
    plan = show_of(site, drafted(site, 3))
    page = signed_in("admin").open("/board")
    at = f"studio_id={plan['studio_id']}&start={plan['start']}&end={plan['end']}"
    side = panel(page, f"/shows/new?{at}&schedule_id={plan['schedule_id']}")
    side.get_by_label("Name").fill("Drafted at the side")
    side.get_by_label("TikTok", exact=True).check()
    side.get_by_label("TikTok: Link").fill("https://live.test/1")
    side.get_by_role("button", name="Add the show").click()
    expect(side.get_by_role("heading", name="Drafted at the side")).to_be_visible()
    found = asked(site, "/shows?q=Drafted+at+the+side")["items"]
    told = [(each["schedule_id"], each["start"], each["end"]) for each in found]
    assert told == [(plan["schedule_id"], plan["start"], plan["end"])]
    assert [each["link"] for each in found[0]["platforms"]] == ["https://live.test/1"]


def test_a_viewer_only_reads(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("viewer").open(f"/shows/{drafted(site, 4)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)


def test_a_standalone_show_has_versions_of_its_own(site: Site, signed_in: SignedIn) -> None:
    plan = show_of(site, drafted(site, 5))
    body = {name: plan[name] for name in ("studio_id", "start", "end")}
    show_id = asked(site, "/shows", name="Alone", **body)["id"]
    page = signed_in("admin").open(f"/shows/{show_id}?tab=history")
    page.get_by_text("Keep this state as a version").first.click()
    page.get_by_label("Label").fill("As drafted")
    page.get_by_role("button", name="Keep this state").click()
    version = page.locator("#version-1")
    expect(version).to_contain_text("As drafted")
    with site.api() as api:
        api.patch(f"/shows/{show_id}", json={"name": "Alone no more"}).raise_for_status()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alone no more")
    version.get_by_role("button", name="Go back to it").click()
    page.locator("#ask button[value=yes]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alone")


def test_an_open_change_is_decided_where_its_show_is(site: Site, signed_in: SignedIn) -> None:
    change_id, show_id = site.one(
        "SELECT id, operations -> 0 ->> 'show_id' FROM changes WHERE status = 'proposed' AND needs = 'studio'"
    )
    page = signed_in("admin").open(f"/shows/{show_id}")
    page.locator(".asked").get_by_role("button", name="Reject").first.click()
    page.locator("#ask button[value=yes]").click()
    expect(page.locator(".asked")).to_have_count(0)
    assert asked(site, f"/changes/{change_id}")["status"] == "rejected"
