"""The filter of rooms: a planner of twenty wants to see three."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.desk import Desk, bar, opened


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """With a day of its own for each test, so that none is in another's way."""
    with site.api() as api:
        yield Desk(site, api)


def shows_of(desk: Desk, day: str) -> tuple[str, str, str]:
    """One in Ari, one in Asok, one in no room; one creator has the first two."""
    desk.day = day
    plan = desk.plan("Three of many")
    first, last = desk.show(plan, "First", "Ari", 10), desk.show(plan, "Last", "Siam", 10)
    other = desk.show(plan, "Between", "Asok", 11)
    desk.api.patch(f"/shows/{last}", json={"room_id": None}).raise_for_status()
    host = desk.api.get("/creators", params={"limit": 1, "is_banned": False}).json()["items"][0]
    for show, hour in ((first, 10), (other, 14)):
        there = {"creators": [host["id"]], "start": desk.at(hour), "end": desk.at(hour + 2)}
        desk.api.patch(f"/shows/{show}", json=there).raise_for_status()
    return first, other, last


def test_only_the_rooms_that_are_chosen_are_shown(desk: Desk, signed_in: SignedIn) -> None:
    first, other, last = shows_of(desk, "2031-06-18")
    page = opened(signed_in("planner").open(desk.address()))
    rows = page.locator("#board .row .name b").locator("visible=true")
    high = page.locator("#board .row").first.bounding_box()
    page.locator("#board-filters summary").focus()
    page.keyboard.press("Enter")
    for name in ("Ari", "No room"):
        page.get_by_role("checkbox", name=name, exact=True).focus()
        page.keyboard.press("Space")
    expect(rows).to_have_text(["Ari", "No room"])
    now = page.locator("#board .row").first.bounding_box()
    assert high
    assert now
    assert now["height"] > high["height"], "rows that are left are higher"
    expect(page.locator("#board-filters .pill")).to_have_text("1")
    expect(page.locator("#board-legend [data-status=draft]")).to_have_text("Draft 2 of 3")
    page.keyboard.press("Escape")
    bar(page, first).focus()
    page.keyboard.press("ArrowDown")
    expect(bar(page, last)).to_be_focused()
    for key in ("m", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#live")).to_contain_text("Ari")
    page.keyboard.press("Escape")
    # It stays after others' changes.
    desk.api.patch(f"/shows/{other}", json={"name": "Beside"}).raise_for_status()
    expect(bar(page, other)).to_have_text(re.compile("Beside"))
    expect(rows).to_have_text(["Ari", "No room"])


def test_the_rooms_that_are_chosen_stay_in_the_address(desk: Desk, signed_in: SignedIn) -> None:
    _, other, _ = shows_of(desk, "2031-06-20")
    page = opened(signed_in("planner").open(desk.address(rooms="Ari") + "&rooms=-"))
    rows = page.locator("#board .row .name b").locator("visible=true")
    expect(rows).to_have_text(["Ari", "No room"])
    expect(page.locator("#board-legend [data-status=draft]")).to_have_text("Draft 2 of 3")
    page.locator("#later").click()
    expect(page).to_have_url(re.compile(r"rooms=Ari&rooms=-"))
    opened(page)
    expect(rows).to_have_text(["Ari"])
    page.go_back()
    page.get_by_role("navigation", name="Rows").get_by_role("link", name="Creator").click()
    expect(page).to_have_url(re.compile("view=creators.*rooms=Ari"))
    opened(page)
    dimmed = page.locator("#board .bar.dim")
    expect(dimmed).to_have_count(1)
    expect(dimmed).to_have_attribute("id", other)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#board-agenda b")).to_have_count(2)
    page.set_viewport_size({"width": 1440, "height": 900})
    # The show of the address is shown in any case.
    page = opened(signed_in("viewer").open(f"{desk.address()}&rooms=Ari#{other}"))
    expect(bar(page, other)).to_be_focused()
    page.locator("#board-filters summary").click()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#board .row .name b").locator("visible=true")).to_have_count(len(desk.rooms) + 1)
    assert "rooms=" not in page.url
