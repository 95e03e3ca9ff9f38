"""Other looks at the board: as it was, two versions of a plan, a list on a phone, and paper."""

import re
from collections.abc import Iterator
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, opened, spot


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    with site.api() as api:
        yield Desk(site, api)


def test_the_board_goes_back_to_each_moment_by_keys(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-02"
    plan = desk.plan("Past")
    first = desk.show(plan, "First", "Ari", 10)
    second = desk.show(plan, "Second", "Ari", 14)
    page = opened(signed_in("planner").open(desk.address()))
    page.get_by_role("link", name="As it was").click()
    expect(page.locator("#board-moment")).to_have_value(
        page.locator("#board-moment").get_attribute("max") or ""
    )
    expect(bar(page, second)).to_be_visible()
    page.locator("#board-moment").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(bar(page, second)).to_have_count(0)
    expect(bar(page, first)).to_be_visible()
    expect(page.get_by_role("button", name="New show")).to_have_count(0)
    moment = parse_qs(urlsplit(page.url).query)["as_of"]
    for link in ("#earlier", "#later"):
        assert parse_qs(urlsplit(page.locator(link).get_attribute("href") or "").query)["as_of"] == moment
    assert page.locator("form.day [name=as_of]").input_value() == moment[0]
    board = page.get_by_role("link", name="Board", exact=True)
    assert "as_of" not in (board.get_attribute("href") or "")
    assert "as_of" not in page.evaluate("Object.entries(sessionStorage).join()")
    page.get_by_role("link", name="Back to now").click()
    expect(bar(page, second)).to_be_visible()


def test_nothing_is_taken_back_on_a_board_that_is_not_that_of_now(
    desk: Desk, signed_in: SignedIn, site: Site
) -> None:
    desk.day = "2031-06-18"
    plan = desk.plan("Stays done")
    show = desk.show(plan, "Moved once", "Ari", 10)
    desk.api.post(f"/schedules/{plan}/versions", json={"label": "first"}).raise_for_status()
    page = opened(signed_in("planner").open(desk.address()))
    with dragging(page, spot(page, "Ari", 11), spot(page, "Ari", 15)):
        pass
    expect(page.locator(".board-foot").get_by_role("button", name="Undo")).to_be_enabled()
    page.get_by_role("link", name="As it was").click()
    for why in ("This is the board as it was.", "This compares two versions."):
        expect(opened(page).locator(".board-past")).to_be_visible()
        for name in ("Undo", "Redo"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        for key in ("Control+z", "Control+y", "Control+Shift+z"):
            page.keyboard.press(key)
            expect(page.locator("#toasts").get_by_text(why).last).to_be_visible()
        assert desk.held(show) == ("Ari", 14, 16)
        page.goto(f"{site.url}/board?compare={plan}&from=1")
    page.goto(f"{site.url}{desk.address()}")
    opened(page).keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert desk.held(show) == ("Ari", 10, 12)


def test_two_versions_are_told_by_ghosts(desk: Desk, signed_in: SignedIn, site: Site) -> None:
    desk.day = "2031-06-03"
    plan = desk.plan("Ghosts")
    moved, stays = desk.show(plan, "Goes", "Ari", 10), desk.show(plan, "Stays", "Siam", 10)
    hosted, left = desk.show(plan, "Hosted", "Chao Phraya", 10), desk.show(plan, "Leaves", "Ari", 20)
    host = desk.api.get("/creators", params={"limit": 1, "is_banned": False}).json()["items"][0]
    with site.api() as api:
        for label in ("before", "after"):
            made = api.post(f"/schedules/{plan}/versions", json={"label": label})
            assert made.status_code == 201, made.text
            if label == "before":
                asked = {"start": f"{desk.day}T08:00:00Z", "end": f"{desk.day}T10:00:00Z"}
                assert api.patch(f"/shows/{moved}", json=asked).status_code == 200
                api.patch(f"/shows/{hosted}", json={"creators": [host["id"]]}).raise_for_status()
                asked = {"start": "2031-06-04T08:00:00Z", "end": "2031-06-04T10:00:00Z"}
                api.patch(f"/shows/{left}", json=asked).raise_for_status()
    desk.show(plan, "Later than both", "Asok", 10)
    viewer = signed_in("viewer")
    page = opened(viewer.open(f"/board?compare={plan}&from=1&to=2"))
    drawn = page.locator("#board .bar").evaluate_all("bars => bars.map(bar => bar.id).sort()")
    assert drawn == sorted(
        [f"{moved}.was", f"{moved}.moved", f"{stays}.same", f"{hosted}.changed", f"{left}.was"]
    )
    page.get_by_role("navigation", name="Rows").get_by_role("link", name="Creator").click()
    opened(page)
    rows = {name: page.locator(f"#row-{row}") for name, row in (("nobody", "none"), ("host", host["id"]))}
    for where, mark in (("nobody", "was"), ("host", "changed")):
        expect(rows[where].locator(f"[id='{hosted}.{mark}']")).to_have_count(1)
        expect(page.locator(f"[id='{hosted}.{mark}']")).to_have_count(1)
    expect(page.get_by_role("region", name="Two versions compared")).to_contain_text(re.compile(r"1 changed"))
    page.go_back()
    opened(page)
    region = page.get_by_role("region", name="Two versions compared")
    expect(region).to_contain_text(re.compile(r"2 moved\s*1 changed"))
    expect(page.locator("#board-legend [data-status=draft] span")).to_have_text("3")
    page.set_viewport_size({"width": 390, "height": 844})
    entries = page.locator("#board-agenda .entry")
    expect(entries).to_have_count(4)
    marked = entries.locator(".mark")
    expect(marked.filter(has_text=re.compile("^moved: Tue 3 Jun 10:00.* → Tue 3 Jun 15:00"))).to_have_count(1)
    expect(marked.filter(has_text=re.compile(f"^changed: creators .*→ {host['name']}"))).to_have_count(1)
    expect(entries.filter(has_text="Leaves")).to_contain_text("→ Wed 4 Jun 15:00")
    expect(entries.filter(has_text="Stays").locator(".mark")).to_be_hidden()
    page.goto(f"{site.url}/schedules/{plan}/compare?from=1&to=draft")
    differs = page.locator(".differences tbody tr")
    expect(differs).to_have_count(4)
    expect(differs.filter(has_text="Later than both")).to_contain_text("Added")
    expect(differs.filter(has_text="Goes").locator("del").first).to_contain_text("10:00")


def test_the_board_by_creator_zooms_and_leads_from_conflict_to_conflict(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-06"
    plan = desk.plan("By host")
    one, two = desk.show(plan, "One", "Ari", 10), desk.show(plan, "Two", "Ari", 11)
    desk.show(plan, "Three", "Siam", 18)
    desk.show(plan, "Four", "Siam", 19)
    hosts = desk.api.get("/creators", params={"limit": 2, "is_banned": False}).json()["items"]
    for show, host in zip((one, two), hosts, strict=True):
        desk.api.patch(f"/shows/{show}", json={"creators": [host["id"]]}).raise_for_status()
    page = opened(signed_in("planner").open(desk.address()))
    found = page.locator("#board-conflicts")
    found.locator("summary").click()
    expect(found.get_by_role("link")).to_have_count(2)
    first, second = found.locator("b").all_inner_texts()
    found.get_by_role("link", name=first).click()
    expect(page.locator("#board .bar", has_text=first)).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator("#board .bar", has_text=second)).to_be_focused()

    def width() -> float:
        box = bar(page, one).bounding_box()
        assert box
        return box["width"]

    before = width()
    page.keyboard.press("+")
    assert width() > before * 1.3
    page.keyboard.press("0")
    assert width() == pytest.approx(before, abs=1)
    page.set_viewport_size({"width": 1200, "height": 900})
    page.wait_for_function("() => board.root().scrollWidth <= board.root().clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})

    page.get_by_role("navigation", name="Rows").get_by_role("link", name="Creator").click()
    expect(page).to_have_url(re.compile("view=creators"))
    opened(page)
    with dragging(page, spot(page, hosts[0]["name"], 11), spot(page, hosts[1]["name"], 16)):
        pass
    expect(page.locator("#toasts")).to_contain_text("One")
    assert desk.held(one) == ("Ari", 15, 17)
    assert desk.api.get(f"/shows/{one}").json()["creators"] == [hosts[1]["id"]]


def test_a_line_says_what_time_it_is_in_the_studio(desk: Desk, signed_in: SignedIn) -> None:
    page = opened(signed_in("planner").open(f"/board?studio_id={desk.studio}"))
    page.locator("#today").click()
    expect(page).to_have_url(re.compile("day="))
    opened(page)
    line = page.locator("#board .lines .now")
    expect(line).to_be_attached()
    expect(line).not_to_have_attribute("hidden", "")
    epoch, minute = page.locator("#board").get_attribute("data-epoch"), line.get_attribute("data-s")
    assert epoch
    assert minute
    assert int(epoch) + int(minute) * 60 == pytest.approx(time(), abs=90)


def test_a_phone_has_a_list_instead(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-13"
    plan = desk.plan("List")
    later, sooner = desk.show(plan, "Later", "Ari", 14), desk.show(plan, "Sooner", "Siam", 10)
    person = signed_in("planner", viewport={"width": 390, "height": 844})
    page = person.open(desk.address())
    entries = page.locator("#board-agenda a")
    expect(entries.locator("b")).to_have_text(["Sooner", "Later"])
    expect(page.locator("#board")).to_be_hidden()
    assert [each.get_attribute("href") for each in entries.all()] == [f"/shows/{sooner}", f"/shows/{later}"]
    entries.first.click()
    expect(page.locator("#panel").get_by_role("heading", name="Sooner")).to_be_visible()
    page.keyboard.press("Escape")
    expect(entries.first).to_be_focused()
    desk.api.patch(f"/shows/{sooner}", json={"name": "Soonest"}).raise_for_status()
    expect(entries.locator("b")).to_have_text(["Soonest", "Later"])
    expect(entries.first).to_be_focused()


def test_a_phone_goes_to_the_show_of_the_address(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-14"
    plan = desk.plan("Long list")
    shows = [desk.show(plan, f"Show {number}", "Ari", 6 + number, 1) for number in range(20)]
    person = signed_in("planner", viewport={"width": 390, "height": 844})
    page = opened(person.open(f"{desk.address()}#{shows[-1]}"))
    there = page.locator("#board-agenda a", has_text="Show 19")
    expect(there).to_be_focused()
    expect(there).to_be_in_viewport(ratio=1)


def test_bars_say_how_far_shows_are_agreed_and_what_is_asked_for(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-16"
    client, called = site.one("SELECT id, name FROM clients ORDER BY id LIMIT 1")
    plans = {
        state: desk.plan(f"Is {state}", client) for state in ("draft", "proposed", "approved", "confirmed")
    }
    shows = {
        state: desk.show(plan, f"Sale: {called}", room, 10)
        for (state, plan), room in zip(plans.items(), ("Ari", "Asok", "Siam", "Lumphini"), strict=True)
    }
    for state in ("proposed", "approved"):
        assert desk.api.post(f"/schedules/{plans[state]}/propose", json={}).status_code == 200
    assert desk.api.post(f"/schedules/{plans['approved']}/approve", json={"version": 1}).status_code == 200
    desk.confirmed(plans["confirmed"])
    page = opened(signed_in("planner").open(desk.address()))
    for state, show in shows.items():
        expect(bar(page, show)).to_have_class(re.compile(rf"\bbar {state}\b"))
        expect(bar(page, show)).to_have_accessible_name(
            re.compile(f"^Sale: {re.escape(called)}, {state}", re.IGNORECASE)
        )
        expect(page.locator("#board-legend").get_by_role("button", name=state)).to_contain_text("1")
    signs = [
        bar(page, show).evaluate("bar => getComputedStyle(bar, '::before').content")
        for show in shows.values()
    ]
    assert [sign.strip('"').strip() for sign in signs] == ["none", "◇", "◆", "none"]

    parts = "['.board-tools', '#board .row', '.board-foot']"
    place = f"() => {parts}.map(each => document.querySelector(each).getBoundingClientRect().y)"
    before = page.evaluate(place)
    bar(page, shows["draft"]).click()
    expect(page.locator("#panel").get_by_role("heading", name="Sale").first).to_be_visible()
    assert page.evaluate(place) == before
    panel = page.locator("#panel").bounding_box()
    assert panel
    assert panel["y"] == page.evaluate("() => document.querySelector('#board').getBoundingClientRect().y")
    page.get_by_role("link", name="As it was").click(trial=True)
    bar(page, shows["approved"]).click()
    expect(page.locator("#panel .chip").first).to_have_text("Approved")
    expect(page.locator("#board .bar[aria-current]")).to_have_attribute("id", shows["approved"])

    url = f"/schedules/{plans['confirmed']}"
    operation = {"op": "cancel", "show_id": shows["confirmed"], "reason_category": "OTHER"}
    asked = desk.api.post(
        f"{url}/changes",
        json={"category": "OPERATIONAL", "type": "OTHER", "reason": "Late", "operations": [operation]},
        headers={"If-Match": desk.api.get(url).headers["etag"]},
    )
    assert asked.status_code == 201, asked.text
    expect(bar(page, shows["confirmed"])).to_have_class(re.compile("pending"))
    expect(bar(page, shows["confirmed"])).to_have_accessible_name(re.compile("a change is asked for$"))
    expect(page.locator("#board-legend")).to_contain_text("Change asked for 1")
    page.keyboard.press("Escape")
    expect(page.locator("#board .bar[aria-current]")).to_have_count(0)

    page.set_viewport_size({"width": 2560, "height": 1440})
    expect(page.locator("#board[data-tall]")).to_be_attached()
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.locator("#board[data-zoom=far]")).to_be_attached()
    told = bar(page, shows["draft"]).evaluate("bar => getComputedStyle(bar, '::before').content")
    assert called in told


def test_a_printed_week_fits_its_page(site: Site, desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-05"
    show = desk.show(desk.plan("Paper"), "On paper", "Ari", 10)
    creator, named = site.one("SELECT id, name FROM creators WHERE deleted_at IS NULL ORDER BY id LIMIT 1")
    assert desk.api.patch(f"/shows/{show}", json={"creators": [creator]}).status_code == 200
    page = opened(signed_in("planner").open(desk.address() + "&days=7"))
    there = page.get_by_role("link", name="Day", exact=True)
    expect(there).to_have_attribute("href", re.compile("day=2031-06-05"))
    page.set_viewport_size({"width": 1060, "height": 730})
    page.emulate_media(media="print")
    expect(page.locator(".print-only")).to_contain_text("Sathorn Studios")
    expect(page.locator("#board-agenda .day", has_text="Thu 5 Jun")).to_have_count(1)
    expect(page.locator("#board-agenda a", has_text="On paper")).to_contain_text(named)
    wide = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    page.emulate_media(media="screen")
    page.goto(page.url.replace("days=7", "days=1"))
    expect(bar(page, show)).to_be_visible()
    page.emulate_media(media="print")
    expect(bar(page, show)).to_be_visible()
    expect(page.locator("#board-agenda")).to_be_hidden()
    assert named in bar(page, show).evaluate(
        "bar => getComputedStyle(bar, '::after').content + bar.dataset.more"
    )


def test_the_day_is_kept_from_a_week_and_a_change_of_rows_back_to_a_day(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-05"
    page = signed_in("planner").open(desk.address())
    for link, day in (
        ("Week", "2031-06-05"),
        ("Creators", "2031-06-05"),
        ("As it was …", "2031-06-05"),
        ("Back to now", "2031-06-05"),
        ("Later", "2031-06-12"),
        ("Board", "2031-06-12"),
        ("Rooms", "2031-06-12"),
        ("Day", "2031-06-12"),
    ):
        opened(page).get_by_role("link", name=link, exact=True).click()
        expect(page).to_have_url(re.compile(f"day={day}"))
        expect(page.locator("form.day [name=day]")).to_have_value(day)
    assert "days=1" in page.url
    assert page.locator("form.studio [name=day]").input_value() == "2031-06-12"


SHORT = """() => [...document.querySelectorAll("#board .bar")].map((bar) => {
  const { content, width } = getComputedStyle(bar, "::before");
  return [content.replaceAll('"', "").trim(), parseFloat(width), bar.offsetWidth];
})"""


def test_short_shows_of_a_week_say_whose_they_are_as_far_as_there_is_room(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-09-02"
    client, called = site.one(
        "SELECT id, name FROM clients WHERE name LIKE '%% %% %%' ORDER BY id LIMIT %s", 1
    )
    initials = "".join(word[0] for word in called.split())
    plan = desk.plan("Short", client)
    for hour, hours in ((10, 1), (14, 1.5), (18, 2)):
        desk.show(plan, f"Show at {hour}", "Ari", hour, hours)
    page = opened(signed_in("planner").open(desk.address(days=7)))
    said: list[tuple[str, float, int]] = page.evaluate(SHORT)
    assert [text for text, _, _ in said] == [initials, called, called]
    assert all(0 < width <= wide for _, width, wide in said)
    short = page.locator("#board .bar").first
    expect(short).to_have_accessible_name(re.compile(f"^Show at 10, {re.escape(called)}, Draft, Tue 2 Sep"))
    short.hover()
    expect(page.locator("#board-tip")).to_contain_text(called)
    desk.api.patch(f"/shows/{short.get_attribute('id')}", json={"end": desk.at(12)}).raise_for_status()
    expect(short).to_have_attribute("data-d", "120")
    assert [text for text, _, _ in page.evaluate(SHORT)] == [called] * 3
