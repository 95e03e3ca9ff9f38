"""The board as a client's users have it: their own shows, and that the rest is booked."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PEOPLE, SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, drawn, opened, spot
from tests.servers import post

DASH = "\N{EN DASH}"


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """With a day of its own for each test, so that none is in another's way."""
    with site.api() as api:
        yield Desk(site, api)


def two_clients(site: Site, desk: Desk) -> tuple[str, str]:
    """A booked show of the client's own in Ari from 10 to 12, and another's in Siam from 14 to 16."""
    (client,) = site.one(
        "SELECT m.client_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = %s",
        PEOPLE["client"],
    )
    (other,) = site.one("SELECT id FROM clients WHERE id <> %s ORDER BY id LIMIT 1", client)
    ours, theirs = desk.plan("Ours", client), desk.plan("Secret plan", other)
    shows = desk.show(ours, "Launch", "Ari", 10), desk.show(theirs, "Secret", "Siam", 14)
    for plan in (ours, theirs):
        desk.confirmed(plan)
    return shows


def moved_by_force(desk: Desk, show: str, hour: int) -> None:
    """A booked show of two hours is elsewhere from now on, whoever agrees."""
    there = {"op": "update", "show_id": show, "set": {"start": desk.at(hour), "end": desk.at(hour + 2)}}
    change = {"category": "FORCE_MAJEURE", "type": "TIME_CHANGE", "reason": "no power", "operations": [there]}
    post(desk.api, f"/schedules/{desk.api.get(f'/shows/{show}').json()['schedule_id']}/changes", change)


def test_what_others_booked_is_drawn_told_while_dragging_and_followed(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-05-31"
    show, secret = two_clients(site, desk)
    page, head = signed_in("client").page, [1]

    def stream(route: Route) -> None:
        """What the user hears while others are at work: where the log is."""
        beat = f"retry: 200\nid: {head[-1]}\nevent: position\ndata: {{}}\n\n"
        route.fulfill(body=beat, content_type="text/event-stream")

    page.route("**/api/v1/stream*", stream)
    page.goto(site.url + desk.address())
    opened(page)
    block = page.locator("#board .row", has=page.locator("b", has_text="Siam")).locator(".booked")
    expect(page.locator("#board .booked")).to_have_count(1)
    expect(block).to_have_text("Booked")
    expect(block).to_have_accessible_name(f"Booked, 14:00{DASH}16:00")
    expect(page.locator("#board .bar")).to_have_count(1)
    assert not re.search(f"Secret|{secret}", page.content())
    held = re.compile(r"Booked, 14:00|Siam is booked")
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        expect(page.locator("#board-tip.bad")).to_contain_text(held)
        expect(block).to_have_class(re.compile("hit"))
        page.keyboard.press("Escape")
    bar(page, show).focus()
    for key in ("m", "ArrowDown"):
        page.keyboard.press(key)
    while "Siam" not in page.locator("#board-tip").inner_text():
        page.keyboard.press("ArrowDown")
    expect(page.locator("#live")).to_contain_text("free")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#live")).to_contain_text(held)
    page.keyboard.press("Escape")
    drawn(page, show, "Ari", 10)
    # Somebody else moves theirs: that is seen once the log has moved, and on coming back to the window.
    moved_by_force(desk, secret, 18)
    head.append(2)
    expect(block).to_have_accessible_name(f"Booked, 18:00{DASH}20:00")
    moved_by_force(desk, secret, 20)
    page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(block).to_have_accessible_name(f"Booked, 20:00{DASH}22:00")


def test_a_client_asks_for_a_change_by_dragging(site: Site, desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-05-16"
    show, _ = two_clients(site, desk)
    plan = desk.api.get(f"/shows/{show}").json()["schedule_id"]
    page = opened(signed_in("client", expected=["409"]).open(desk.address()))
    expect(page.locator("#board .bar")).to_have_count(1)
    asked = page.locator("#board-change")
    # What is taken is said, not by whom, while it is asked for, with what is free; then it is not asked for.
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        pass
    expect(asked.locator(".why")).to_contain_text("Siam")
    expect(asked).not_to_contain_text("Secret")
    expect(asked.get_by_role("radio")).to_have_count(4)
    expect(asked.get_by_role("radio", name="Ask for it all the same")).to_be_checked()
    asked.get_by_role("button", name="Cancel").click()
    with dragging(page, spot(page, "Ari", 11), spot(page, "Ari", 15)):
        pass
    expect(asked.locator(":is(.already, .why, .frees)").locator("visible=true")).to_have_count(0)
    assert asked.get_by_label("Category").locator("option").all_inner_texts() == [
        "Requested by the client (the studio decides)"
    ]
    expect(asked.get_by_label("What it is about")).to_have_value("TIME_CHANGE")
    asked.get_by_label("Reason").fill("the host arrives later")
    asked.get_by_role("button", name="Ask").click()
    expect(page.locator("#toasts")).to_contain_text(f"Asked for: Launch, Fri 16 May 14:00{DASH}16:00, Ari")
    (change,) = desk.api.get(f"/schedules/{plan}/changes").json()["items"]
    assert (change["status"], change["needs"], change["reason"]) == (
        "proposed",
        "studio",
        "the host arrives later",
    )
    assert desk.held(show) == ("Ari", 10, 12)
    drawn(page, show, "Ari", 10)
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    (change,) = desk.api.get(f"/schedules/{plan}/changes").json()["items"]
    assert change["status"] == "withdrawn"
    # One of what is free is asked for instead; that it waits is said before another one. Once it is decided,
    # there is nothing to take back.
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        pass
    asked.get_by_role("radio").nth(1).check()
    asked.get_by_label("Reason").fill("the host arrives later")
    asked.get_by_role("button", name="Ask").click()
    expect(page.locator("#toasts")).to_contain_text("Change:")
    change, *_ = desk.api.get(f"/schedules/{plan}/changes").json()["items"]
    assert change["operations"][0]["after"] != {"room_id": desk.rooms["Siam"]}
    expect(bar(page, show)).to_have_class(re.compile("pending"))
    with dragging(page, spot(page, "Ari", 11), spot(page, "Ari", 17)):
        pass
    expect(asked).to_contain_text("asked for already")
    asked.get_by_role("button", name="Cancel").click()
    desk.api.post(f"/changes/{change['id']}/reject", json={}).raise_for_status()
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("decided meanwhile")
