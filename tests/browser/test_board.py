"""The board: what a planner does on it by pointer and by keys, and what others see of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, opened, spot

DASH = "\N{EN DASH}"
REFUSED = ["409 \\(Conflict\\)"]


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """With a day of its own for each test, so that none is in another's way."""
    with site.api() as api:
        yield Desk(site, api)


def test_a_show_is_dragged_to_another_time_and_room_and_back_by_undo(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-05-05"
    show = desk.show(desk.plan("Drag"), "Launch", "Ari", 10)
    page = opened(signed_in("planner").open(desk.address()))
    with dragging(page, spot(page, "Ari", 11), spot(page, "Siam", 15.1)):
        expect(page.locator("#board-tip")).to_have_text(
            f"Mon 5 May 14:00{DASH}16:00, Siam\nfree", use_inner_text=True
        )
    expect(page.locator("#toasts")).to_contain_text(f"Launch: Mon 5 May 14:00{DASH}16:00, Siam")
    assert desk.held(show) == ("Siam", 14, 16)
    expect(bar(page, show)).to_be_focused()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert desk.held(show) == ("Ari", 10, 12)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#toasts")).to_contain_text("Done again")
    assert desk.held(show) == ("Siam", 14, 16)


def test_an_edge_is_dragged_and_escape_puts_back(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-05-06"
    show = desk.show(desk.plan("Edges"), "Launch", "Ari", 10)
    page = opened(signed_in("planner").open(desk.address()))
    x, y = spot(page, "Ari", 12)
    with dragging(page, (x - 3, y), spot(page, "Ari", 13.5)):
        pass
    expect(page.locator("#toasts")).to_contain_text(f"10:00{DASH}13:30")
    assert desk.held(show) == ("Ari", 10, 13.5)
    x, y = spot(page, "Ari", 10)
    with dragging(page, (x + 3, y), spot(page, "Ari", 9)):
        page.keyboard.press("Escape")
    expect(bar(page, show)).to_have_attribute("data-s", "240")
    assert desk.held(show) == ("Ari", 10, 13.5)


def test_a_show_is_moved_by_keys_alone_and_each_step_is_said(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-05-07"
    plan = desk.plan("Keys")
    show, other = desk.show(plan, "Launch", "Ari", 10), desk.show(plan, "Sale", "Asok", 14)
    page = opened(signed_in("planner").open(desk.address()))
    page.locator("#board").focus()
    expect(bar(page, show)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(bar(page, other)).to_be_focused()
    for key in ("ArrowUp", "m", "ArrowRight", "Alt+ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("#live")).to_contain_text(f"Wed 7 May 10:20{DASH}12:05, Asok")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Wed 7 May 10:20{DASH}12:05, Asok")
    hours = (desk.held(show)[0], *(round(each * 60) for each in desk.held(show)[1:]))
    assert hours == ("Asok", 620, 725)
    expect(bar(page, show)).to_be_focused()
    for key in ("m", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(bar(page, show)).to_have_attribute("data-s", "260")
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert desk.held(show) == ("Ari", 10, 12)


def test_who_drops_on_a_taken_slot_is_told_by_whom_and_what_else_there_is(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-05-08"
    plans = [desk.plan("First"), desk.plan("Second")]
    one, two = desk.show(plans[0], "One", "Ari", 10), desk.show(plans[1], "Two", "Asok", 10)
    for plan in plans:
        desk.confirmed(plan)
    people = [signed_in("admin", expected=REFUSED) for _ in plans]
    pages = [opened(person.open(desk.address())) for person in people]
    for page, room in zip(pages, ("Ari", "Asok"), strict=True):
        with dragging(page, spot(page, room, 11), spot(page, "Siam", 15)):
            pass
        expect(page.locator("#board-change")).to_be_visible()
        page.get_by_label("Category").select_option("FORCE_MAJEURE")
        page.locator("#board-change").get_by_label("Reason").fill("the air conditioning is out")
    for page in pages:
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#board-change")).not_to_be_visible()
        if page is pages[0]:
            expect(page.locator("#toasts")).to_contain_text(f"One: Thu 8 May 14:00{DASH}16:00, Siam")
    assert (desk.held(one), desk.held(two)) == (("Siam", 14, 16), ("Asok", 10, 12))
    told = pages[1].locator("#board-way")
    expect(told).to_contain_text("Two does not fit here. Two is back where it was.")
    expect(told.locator(".why")).to_contain_text("One")
    expect(bar(pages[1], two)).to_have_attribute("data-s", "240")
    expect(told.locator(".ways button")).to_have_count(3)
    told.locator(".ways button").first.click()
    expect(pages[1].locator("#toasts")).to_contain_text("Two")
    assert desk.held(two) not in {("Asok", 10, 12), ("Siam", 14, 16)}


def test_others_see_a_move_at_once_and_keep_their_focus(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-05-09"
    plan = desk.plan("Two at it")
    show, mine = desk.show(plan, "Launch", "Ari", 10), desk.show(plan, "Sale", "Asok", 10)
    page = opened(signed_in("planner").open(desk.address()))
    bar(page, mine).focus()
    answer = desk.api.patch(f"/shows/{show}", json={"start": desk.at(20), "end": desk.at(26)})
    assert answer.status_code == 200, answer.text
    expect(bar(page, show)).to_have_attribute("data-s", str(14 * 60), timeout=2_000)
    expect(bar(page, show)).to_have_accessible_name(
        f"Launch, Draft, Fri 9 May 20:00{DASH}26:00, Ari; conflict: no creator yet, no platform yet"
    )
    expect(bar(page, mine)).to_be_focused()
