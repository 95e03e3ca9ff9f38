"""What is at the side of the board, and what of it the board shows."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, opened, spot

FORM = """<h2>Form</h2><form data-send="PATCH /nowhere"><input name="name" value="{name}">
<input type="checkbox" name="on" {on}></form>"""


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """With a day of its own for each test, so that none is in another's way."""
    with site.api() as api:
        yield Desk(site, api)


def test_a_show_goes_where_it_is_meant_to_however_late_a_script_comes(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-08-05"
    plans = [desk.plan(name) for name in ("First", "Second", "Third")]
    page = opened(signed_in("planner").open(desk.address()))
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/forms.js*", hold)
    with dragging(page, spot(page, "Siam", 14.05), spot(page, "Siam", 16)):
        pass
    panel = page.locator("#panel")
    panel.get_by_label("Name").fill("Sale")
    into = panel.get_by_label("Into")
    told = into.locator("option:checked").inner_text()
    meant = next(name for name in ("First", "Second", "Third") if name != told)
    into.select_option(label=meant)
    panel.get_by_role("button", name="Add the show").click()
    assert late, "the script was there before"
    late[0].continue_()
    expect(page.locator("#board .bar", has_text="Sale")).to_have_attribute("data-s", "480")
    held = {
        name: [show["name"] for show in desk.api.get(f"/schedules/{plan}/shows").json()["items"]]
        for name, plan in zip(("First", "Second", "Third"), plans, strict=True)
    }
    assert held == {"First": [], "Second": [], "Third": []} | {meant: ["Sale"]}


def test_a_show_to_be_stays_drawn_while_its_form_is_open(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-08-01"
    plan = desk.plan("Room for more")
    show = desk.show(plan, "Launch", "Siam", 10)
    page = opened(signed_in("planner").open(desk.address()))
    panel, ghost = page.locator("#panel"), page.locator("#board .drafting")
    place = page.locator(".row", has=page.locator("b", has_text="Siam")).locator(".drafting")

    def draft() -> None:
        with dragging(page, spot(page, "Siam", 14.05), spot(page, "Siam", 16)):
            pass
        expect(panel.get_by_role("heading", name="New show")).to_be_visible()
        expect(place).to_have_count(1)

    draft()
    # It is drawn anew with the board: then it is not there for a moment.
    left = page.wait_for_function(
        "() => document.querySelector('#board .drafting')?.getBoundingClientRect().x"
    )
    assert left.json_value() == pytest.approx(spot(page, "Siam", 14)[0], abs=2)
    desk.api.patch(f"/shows/{show}", json={"start": desk.at(11), "end": desk.at(13)}).raise_for_status()
    expect(bar(page, show)).to_have_attribute("data-s", "300")
    expect(place).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(ghost).to_have_count(0)
    draft()
    bar(page, show).click()
    expect(panel.get_by_role("heading", name="Launch")).to_be_visible()
    expect(ghost).to_have_count(0)
    draft()
    panel.get_by_label("Name").fill("Sale")
    # What is typed is not given up for another one: then its place stays.
    with dragging(page, spot(page, "Ari", 14.05), spot(page, "Ari", 16)):
        pass
    page.locator("#ask").get_by_role("button").first.click()
    desk.api.patch(f"/shows/{show}", json={"start": desk.at(10), "end": desk.at(12)}).raise_for_status()
    expect(bar(page, show)).to_have_attribute("data-s", "240")
    expect(place).to_have_count(1)
    panel.get_by_label("Into").select_option(label="Room for more")
    panel.get_by_role("button", name="Add the show").click()
    expect(page.locator("#board .bar", has_text="Sale")).to_have_attribute("data-s", "480")
    expect(ghost).to_have_count(0)


def test_a_show_to_be_goes_where_its_form_says(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-08-04"
    plan = desk.plan("Room for more")
    page = opened(signed_in("planner").open(desk.address()))
    panel, ghost = page.locator("#panel"), page.locator("#board .drafting")
    with dragging(page, spot(page, "Siam", 14.05), spot(page, "Siam", 16)):
        pass
    expect(panel.get_by_role("heading", name="New show")).to_be_visible()

    def is_at(room: str, start: float, hours: float) -> None:
        expect(page.locator(".row", has=page.locator("b", has_text=room)).locator(".drafting")).to_have_count(
            1
        )
        expect(ghost).to_have_count(1)
        total = int(page.locator("#board").get_attribute("data-total") or 0)
        left, width = ((start - 6) * 6000 / total, hours * 6000 / total)
        expect(ghost).to_have_attribute("style", re.compile(f"left: {left:.6g}%; width: {width:.6g}%"))

    is_at("Siam", 14, 2)
    panel.get_by_label("Start").fill("13:00")
    panel.get_by_label("Start").blur()
    is_at("Siam", 13, 3)
    panel.locator("[name=time]").nth(1).fill("17:00")
    panel.locator("[name=time]").nth(1).blur()
    is_at("Siam", 13, 4)
    panel.locator("select[name=room_id]").select_option(desk.rooms["Ari"])
    is_at("Ari", 13, 4)
    panel.get_by_label("Into").select_option(label="Room for more")
    is_at("Ari", 13, 4)
    panel.get_by_label("Name").fill("Sale")
    panel.get_by_role("button", name="Add the show").click()
    expect(page.locator("#board .bar", has_text="Sale")).to_have_attribute("data-s", "420")
    expect(ghost).to_have_count(0)
    (show,) = desk.api.get(f"/schedules/{plan}/shows").json()["items"]
    assert desk.held(show["id"]) == ("Ari", 13, 17)


def test_closing_the_panel_leads_back_to_what_was_clicked_last(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-08-02"
    plan = desk.plan("Two to look at")
    first, last = desk.show(plan, "First", "Ari", 10), desk.show(plan, "Last", "Siam", 10)
    page = opened(signed_in("planner").open(desk.address()))
    for show, name in ((first, "First"), (last, "Last")):
        bar(page, show).click()
        expect(page.locator("#panel").get_by_role("heading", name=name)).to_be_visible()
    page.locator("#panel [data-close]").first.click()
    expect(page.locator("#panel")).to_be_hidden()
    expect(bar(page, last)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel").get_by_role("heading", name="Last")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar(page, last)).to_be_focused()


def test_a_form_that_was_put_back_and_drawn_anew_does_not_count_as_changed(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-08-03"
    desk.show(desk.plan("Anything"), "Launch", "Ari", 10)
    page = opened(signed_in("planner").open(desk.address()))
    now = {"name": "One", "on": "checked"}
    page.route(
        "**/form-of-a-test",
        lambda route: route.fulfill(body=FORM.format(**now), content_type="text/html"),
    )
    page.evaluate("() => callboard.openPanel('/form-of-a-test')")
    panel = page.locator("#panel")
    box, name = panel.locator("[name=on]"), panel.locator("[name=name]")
    for field in (box.uncheck, box.check):
        field()
    name.fill("Two")
    name.fill("One")
    now.update(name="Three", on="")
    page.evaluate("() => callboard.refresh()")
    expect(name).to_have_value("Three")
    expect(box).not_to_be_checked()
    # What is chosen just as the page comes stays.
    page.evaluate("""() => {
        const { ajax } = htmx;
        htmx.ajax = (...asked) => {
            const field = document.querySelector("#panel [name=name]");
            if (asked[1].endsWith("/form-of-a-test")) field.value = "Mine";
            return ajax.apply(htmx, asked);
        };
    }""")
    page.evaluate("() => callboard.refresh()")
    expect(name).to_have_value("Mine")
    name.fill("Three")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
