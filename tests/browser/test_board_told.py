"""What the board says before something is done: in menus, at the pointer and in its dialogs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, opened, spot

DASH = "\N{EN DASH}"


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """With a day of its own for each test, so that none is in another's way."""
    with site.api() as api:
        yield Desk(site, api)


def test_menus_hang_inside_the_window_and_scroll_where_it_is_low(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-10-06"
    plan = desk.plan("Menus")
    for hour in (10, 11):
        desk.show(plan, f"Show {hour}", "Ari", hour)
    page = opened(signed_in("planner").open(desk.address()))

    def is_inside(menu: str) -> bool:
        """Whether the open menu is, and all of it can be scrolled to."""
        return page.locator(f"#{menu} details > div, #{menu} > div").first.evaluate("""box => {
            const { left, top, right, bottom } = box.getBoundingClientRect();
            const last = box.lastElementChild;
            last.scrollIntoView();
            const low = last.getBoundingClientRect().bottom;
            return left >= 0 && right <= innerWidth && top >= 0 && Math.max(bottom, low) <= innerHeight;
        }""")

    for menu in ("board-filters", "board-conflicts"):
        for width, height in ((1440, 900), (1000, 700), (700, 844), (390, 844), (360, 640), (360, 500)):
            page.set_viewport_size({"width": width, "height": height})
            page.locator(f"#{menu} summary").click()
            assert is_inside(menu), (menu, width)
            page.locator(f"#{menu} summary").click()
    page.locator("#board-filters summary").click()
    page.set_viewport_size({"width": 390, "height": 600})
    page.wait_for_timeout(100)
    assert is_inside("board-filters")


def findings(*told: tuple[str, str, str]) -> dict[str, Any]:
    """An answer to what would be in the way: code, severity and message of each."""
    names = ("code", "severity", "message")
    return {"items": [dict(zip(names, each, strict=True)) | {"suggestions": []} for each in told]}


def test_the_note_at_the_pointer_tells_the_worst_and_is_certain_only_of_what_it_was_told(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-10-07"
    show = desk.show(desk.plan("Told"), "Launch", "Ari", 10)
    page = opened(signed_in("planner").open(desk.address()))
    tip = page.locator("#board-tip")
    place = f"Tue 7 Oct 14:00{DASH}16:00, Siam"
    waiting: list[Route] = []
    page.route("**/conflicts/check", lambda route: waiting.append(route))  # noqa: PLW0108 - a builtin has no name to it
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        expect(tip).to_have_text(place, use_inner_text=True)
        while not waiting:
            page.wait_for_timeout(50)
        assert tip.inner_text() == place
        waiting.pop().fulfill(json=findings())
        expect(tip).to_have_text(f"{place}\nfree", use_inner_text=True)
        page.keyboard.press("Escape")
    wanted = ("room_wanted", "warn", "Siam is also wanted by others")
    page.unroute("**/conflicts/check")
    answer = findings(wanted)
    page.route("**/conflicts/check", lambda route: route.fulfill(json=answer))
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        expect(tip).to_have_text(f"{place}\n{wanted[2]}", use_inner_text=True)
        expect(tip).not_to_have_class(re.compile("bad"))
        page.keyboard.press("Escape")
    answer |= findings(
        wanted, ("creator_overlap", "block", "Nok is booked"), ("room_overlap", "block", "Siam is booked")
    )
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15)):
        expect(tip).to_have_text(f"{place}\nSiam is booked\nNok is booked", use_inner_text=True)
        expect(tip).to_have_class(re.compile("bad"))
        page.keyboard.press("Escape")
    assert desk.held(show) == ("Ari", 10, 12)
    # Nobody is asked about what is not there yet.
    with dragging(page, spot(page, "Siam", 18.05), spot(page, "Siam", 20)):
        expect(tip).to_have_text(f"Tue 7 Oct 18:00{DASH}20:00, Siam", use_inner_text=True)
        page.keyboard.press("Escape")


def test_a_change_is_asked_for_unless_what_is_at_once_is_chosen(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-10-08"
    (client,) = site.one("SELECT id FROM clients ORDER BY id LIMIT 1")
    theirs, own = desk.plan("Theirs", client), desk.plan("Own")
    desk.show(theirs, "Launch", "Ari", 10)
    desk.show(own, "House party", "Asok", 10)
    for plan in (theirs, own):
        desk.confirmed(plan)
    page = opened(signed_in("admin").open(desk.address()))
    asked = page.locator("#board-change")
    with dragging(page, spot(page, "Ari", 11), spot(page, "Ari", 15)):
        pass
    category, does = asked.get_by_label("Category"), asked.locator(".does")
    expect(category).to_have_value("OPERATIONAL")
    expect(does).to_contain_text("once the client agrees")
    category.select_option("CLIENT_REQUESTED")
    expect(does).to_contain_text("once the studio agrees")
    category.select_option("FORCE_MAJEURE")
    expect(does).to_contain_text("at once")
    asked.get_by_role("button", name="Cancel").click()
    with dragging(page, spot(page, "Asok", 11), spot(page, "Asok", 15)):
        pass
    # Without a client nobody is asked.
    category.select_option("OPERATIONAL")
    expect(does).to_contain_text("at once")


def test_conflicts_that_stop_a_plan_are_listed_first_and_warnings_in_their_own_colour(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-10-09"
    plan, other = desk.plan("Here"), desk.plan("There")
    desk.show(plan, "Wish", "Siam", 8)
    desk.show(other, "Another", "Siam", 8)
    for name, room, hour in (
        ("Late", "Ari", 19),
        ("Later", "Ari", 20),
        ("Soon", "Asok", 12),
        ("Sooner", "Asok", 11),
    ):
        desk.show(plan, name, room, hour)
    page = opened(signed_in("planner").open(desk.address()))
    found = page.locator("#board-conflicts")
    found.locator("summary").click()
    names = found.locator("b").all_inner_texts()
    assert names[:2] == ["Soon", "Later"]
    assert set(names[2:]) == {"Wish", "Another"}

    def colour(name: str) -> str:
        link = found.get_by_role("link", name=re.compile(f"^{name} "))
        return str(link.locator("small").evaluate("each => getComputedStyle(each).color"))

    assert colour("Soon") == colour("Later") != colour("Wish")


def test_bars_side_by_side_use_the_lines_they_have_and_no_time_is_cut_in_its_middle(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-10-10"
    plan = desk.plan("Lanes")
    one = desk.show(plan, "Furniture fair with guests", "Ari", 10)
    desk.show(plan, "Another", "Ari", 11)
    page = opened(signed_in("planner").open(f"{desk.address()}&rooms=Ari"))
    told = bar(page, one)
    expect(told).to_have_attribute("data-l", re.compile("/2$"))
    style = told.evaluate("""each => {
        const { whiteSpace, lineHeight, overflowWrap } = getComputedStyle(each);
        const inside = each.clientHeight / parseFloat(lineHeight);
        return [whiteSpace, overflowWrap, inside.toFixed(1)];
    }""")
    assert style == ["pre-line", "normal", "3.0"]
    assert (told.get_attribute("data-more") or "").startswith("10:00\u200b\u2013\u206012:00")


def test_a_client_on_a_phone_is_told_that_others_are_not_listed(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-10-11"
    page = signed_in("client", viewport={"width": 390, "height": 844}).open(desk.address())
    expect(page.locator("#board-others")).to_contain_text("Only your own shows")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("#board-others")).to_be_hidden()
