"""Schedules in a real browser: the life of one by keyboard, one action over many shows, cells, versions."""

import re
from datetime import date, timedelta
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignedIn, Site

NAME: Final = "Launch week"
FREE: Final = ("2031-04-05", "2031-04-07")
"""Days after the demo month, so that nothing else is in the way."""


def client_of(site: Site) -> tuple[str, str]:
    """The id and name of the client that the client's user is of."""
    found: Any = site.one(
        "SELECT c.id, c.name FROM clients c JOIN memberships m ON m.client_id = c.id WHERE m.user_id = %s",
        site.user_id("client"),
    )
    return found


def a_draft(site: Site, nth: int = 0) -> str:
    """The id of a draft of the demo month."""
    found: Any = site.one(
        "SELECT id FROM schedules WHERE status = 'draft' AND kind = 'plan' AND start_date < %s"
        " ORDER BY id OFFSET %s LIMIT 1",
        FREE[0],
        nth,
    )
    return found[0]


def keyed(page: Page, *words: str) -> None:
    """Types into the field that has the focus, and goes on to the next."""
    for word in words:
        page.keyboard.type(word)
        page.keyboard.press("Tab")


def press(page: Page, name: str | re.Pattern[str], role: Any = "button") -> None:
    """Reaches a thing by its name and presses Enter on it."""
    found = page.get_by_role(role, name=name).first
    found.focus()
    page.keyboard.press("Enter")


def sure(page: Page, text: str = "") -> None:
    """Answers the question that is asked before something that matters."""
    expect(page.locator("#ask")).to_be_visible()
    if text:
        page.locator("#ask textarea").focus()
        page.keyboard.type(text)
    page.locator("#ask button[value=yes]").click()


def draft(page: Page, name: str, start: str, end: str, room: str) -> None:
    """Adds a show on the first day, from the name on by keyboard only."""
    page.locator("#drafting [name='shows.0.name']").focus()
    page.keyboard.type(name)
    page.locator("#drafting [name=time]").first.select_text()
    keyed(page, start, end, room)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Name: {name}")).to_be_visible()


def test_a_schedule_lives_its_whole_life_by_keyboard(site: Site, signed_in: SignedIn) -> None:
    planner = signed_in("planner").open("/schedules")
    press(planner, "New schedule")
    expect(planner.get_by_role("textbox", name="Name").last).to_be_focused()
    _, client = client_of(site)
    planner.keyboard.type(NAME)
    planner.locator("#panel select[name=client_id]").focus()
    planner.keyboard.type(client[:12])
    planner.locator("#panel input[name=start_date]").fill(FREE[0])
    planner.locator("#panel input[name=end_date]").fill(FREE[1])
    press(planner, "Create")
    planner.wait_for_url(re.compile(r"/schedules/schedule_"))
    address = planner.url.removeprefix(site.url)

    # Two drafts in one room at one time: the second is in the way of the first.
    draft(planner, "Opening", "31:00", "32:00", "Siam")
    draft(planner, "Encore", "31:30", "32:30", "Siam")
    press(planner, "Blocks", role="link")
    blocked = planner.locator(".obstacle:has(.chip.block)")
    expect(blocked).to_have_count(1)
    blocked.get_by_role("list", name="Ways out").get_by_role("button").first.focus()
    planner.keyboard.press("Enter")
    expect(blocked).to_have_count(0)
    press(planner, "Propose version 1")
    sure(planner, "Ready for you")
    expect(planner.locator("h1 + .chip")).to_have_text("Proposed")

    client_page = signed_in("client").open(address)
    expect(client_page.get_by_role("row")).to_have_count(3)
    press(client_page, "Approve version 1")
    sure(client_page)
    expect(client_page.get_by_text("Version 1, approved")).to_be_visible()
    expect(client_page.get_by_role("button", name=re.compile("Approve|Withdraw|Confirm"))).to_have_count(0)

    manager = signed_in("manager").open(address)
    press(manager, "Confirm …", "link")
    expect(manager.get_by_role("heading", name="Would be booked: 2")).to_be_visible()
    press(manager, "Confirm 2")
    manager.wait_for_url(re.compile(r"/schedules/schedule_\w+$"))
    expect(manager.locator("h1 + .chip")).to_have_text("Confirmed")
    expect(manager.locator("#toasts")).to_contain_text("Booked: 2, not booked: 0.")
    with site.api() as api:
        plan = api.get(address).json()
    assert (plan["name"], plan["status"], plan["shows_by_status"]) == (NAME, "confirmed", {"confirmed": 2})

    # What the planner looks at has followed, and that the plan was confirmed is told once, not of each show.
    expect(planner.locator("h1 + .chip")).to_have_text("Confirmed")
    compared = planner.goto(f"{site.url}{address}/compare?from=1&to=2")
    assert compared
    expect(planner.locator(".notice")).to_have_text("Confirmed since; shows booked with it: 2.")
    expect(planner.get_by_role("heading", name="Nothing differs")).to_be_visible()


def test_times_are_typed_as_people_type_them(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 3)
    page = signed_in("planner", expected=["422"]).open(f"/schedules/{plan_id}")
    page.locator("#drafting > summary").click()
    adding = page.locator("#drafting form")
    begins, ends = (adding.get_by_role("textbox", name=name) for name in ("From", "To"))
    adding.get_by_label("Name").fill("Late one")
    begins.fill("22")
    ends.fill("9:5")
    adding.get_by_role("button", name="Add").click()
    expect(ends).to_have_attribute("aria-invalid", "true")
    expect(ends).to_have_accessible_description(re.compile("Must be a time such as"))
    # Either end of a span may be what is mended.
    begins.fill("22.00")
    expect(adding.locator("[aria-invalid], .problem")).to_have_count(0)
    ends.fill("130")
    adding.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name=re.compile("Late one: .*22:00\N{EN DASH}25:30"))).to_be_visible()


def test_the_next_show_begins_with_what_the_last_one_had(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 4)
    page = signed_in("planner").open(f"/schedules/{plan_id}")
    page.locator("#drafting > summary").click()
    adding = page.locator("#drafting form")
    day, name, begins = adding.get_by_label("Day"), adding.get_by_label("Name"), adding.get_by_label("From")
    second = (date.fromisoformat(day.input_value()) + timedelta(days=1)).isoformat()
    day.fill(second)
    begins.fill("09:00")
    adding.get_by_role("textbox", name="To").fill("10:00")
    adding.get_by_label("Room").select_option(index=1)
    for nth in range(2):
        name.fill(f"In a row {nth}")
        adding.get_by_role("button", name="Add").click()
        expect(page.get_by_role("button", name=f"Name: In a row {nth}")).to_be_visible()
        expect(name).to_be_focused()
    # Nor does what somebody else does take it away: it is no half-typed show.
    with site.api() as api:
        (show_id,) = site.one("SELECT id FROM shows WHERE name = 'In a row 0'")
        api.patch(f"/shows/{show_id}", json={"name": "Theirs"}).raise_for_status()
    expect(page.get_by_role("button", name="Name: Theirs")).to_be_visible()
    expect(name).to_have_value("")
    expect(day).to_have_value(second)
    expect(begins).to_have_value("09:00")
    assert adding.get_by_label("Room").input_value()


def test_a_half_typed_show_is_not_thrown_away_unasked(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("planner").open(f"/schedules/{a_draft(site, 5)}")
    page.locator("#drafting > summary").click()
    name = page.locator("#drafting").get_by_label("Name")
    name.fill("Half a na")
    propose, asked = page.get_by_role("button", name="Propose version"), page.locator("#ask")
    propose.click()
    expect(asked).to_contain_text("Leave what you typed?")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_be_hidden()
    expect(name).to_have_value("Half a na")
    propose.click()
    asked.get_by_role("button", name="Throw it away").click()
    expect(asked).to_contain_text("Propose version")
    sure(page)
    expect(page.locator("h1 + .chip")).to_have_text("Proposed")
    expect(page.locator("#drafting")).to_have_count(0)


def test_a_list_that_is_old_under_a_half_typed_show_says_so(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 4)
    page = signed_in("planner").open(f"/schedules/{plan_id}")
    page.locator("#drafting > summary").click()
    adding = page.locator("#drafting form")
    adding.get_by_label("Name").fill("Half a na")
    row = page.locator("table.shows tbody tr").first
    show_id = row.get_attribute("id")
    # What one does oneself makes nothing old.
    row.locator("[data-edit=name]").click()
    page.keyboard.type("By me")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Name: By me")).to_be_visible()
    page.wait_for_timeout(2_500)
    expect(adding.get_by_role("alert")).to_have_count(0)
    with site.api("manager") as api:
        api.patch(f"/shows/{show_id}", json={"name": "By another"}).raise_for_status()
    expect(adding.get_by_role("alert")).to_contain_text("Somebody changed this page in the meantime")
    adding.get_by_role("button", name="Show what is there now").click()
    expect(page.get_by_role("button", name="Name: By another")).to_be_visible()
    expect(adding.get_by_label("Name")).to_have_value("Half a na")
    expect(adding.get_by_role("alert")).to_have_count(0)
    # Where there is no place for it any more, it is asked about.
    with site.api("manager") as api:
        api.post(f"/schedules/{plan_id}/propose", json={}).raise_for_status()
    expect(adding.get_by_role("alert")).to_contain_text("can't be changed like this any more")
    adding.get_by_role("button", name="Show what is there now").click()
    page.locator("#ask").get_by_role("button", name="Throw it away").click()
    expect(page.locator("h1 + .chip")).to_have_text("Proposed")


def test_many_shows_are_moved_at_once_after_a_dry_run_and_back_again(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site)
    with site.api() as api:
        before = api.get(f"/schedules/{plan_id}/shows", params={"limit": 2}).json()["items"]
    page = signed_in("admin").open(f"/schedules/{plan_id}")
    first = page.locator(f"#{before[0]['id']} .when")
    when = first.inner_text()
    for show in before:
        page.locator(f"#{show['id']} input[data-show]").check()
    # Its fields stand in one line, each under its label, and leave the list in sight.
    fields = page.locator("#bulk :is(input, select)")
    places = [field.bounding_box() for field in fields.all()]
    assert len({round(place["y"] + place["height"] / 2) for place in places if place}) == 1
    assert page.locator("#bulk").evaluate("bar => bar.offsetHeight") < 130
    # What is in a menu is out of the way again with Escape, and with a press or the focus elsewhere.
    more = page.locator(".acts details.menu")
    leave = (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("heading", level=1).click(),
        lambda: page.get_by_role("searchbox").focus(),
    )
    for away in leave:
        more.locator("summary").click()
        expect(more.get_by_role("link", name="Duplicate")).to_be_visible()
        away()
        expect(more.get_by_role("link", name="Duplicate")).to_be_hidden()
    # Nothing is chosen yet, so nothing is taken away by a stray press.
    press(page, "Give this room …")
    expect(page.locator("#bulk-try")).to_be_hidden()
    page.get_by_label("Later by").fill("1")
    page.get_by_label("Unit").select_option("days")
    press(page, "Move …")
    expect(page.locator("#bulk-try .counts")).to_have_text("2 would change")
    # Each with its old and its new time.
    told = page.locator("#bulk-try .done li").all_inner_texts()
    days = [re.findall(r"\w{3} (\d+) \w{3} (\d\d:\d\d.\d\d:\d\d)", each) for each in told]
    assert all(each.startswith(show["name"]) for each, show in zip(told, before, strict=True))
    for (day, span), (next_day, next_span) in days:
        assert (int(next_day), next_span) == (int(day) + 1, span)
    press(page, "Move (2)")
    expect(page.get_by_text("Done: 2.").first).to_be_visible()

    def starts() -> list[str]:
        with site.api() as api:
            return [api.get(f"/shows/{show['id']}").json()["start"] for show in before]

    assert all(then != show["start"] for then, show in zip(starts(), before, strict=True))
    expect(first).not_to_have_text(when)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#live")).to_have_text("Undone.")
    expect(first).to_have_text(when)
    assert starts() == [show["start"] for show in before]


def test_cells_become_forms(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 1)
    page = signed_in("planner", expected=["412"]).open(f"/schedules/{plan_id}")
    row = page.locator("table.shows tbody tr").first
    show_id = row.get_attribute("id")
    row = page.locator(f"#{show_id}")
    name = row.locator("[data-edit=name]")
    name.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Never")
    page.keyboard.press("Escape")
    expect(name).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Called otherwise")
    page.keyboard.press("Enter")
    expect(name).to_have_text("Called otherwise")
    expect(name).to_be_focused()
    # Somebody else is faster: what they called it is shown, and Enter again goes over it.
    page.keyboard.press("Enter")
    page.keyboard.type("Mine")
    with site.api() as api:
        api.patch(f"/shows/{show_id}", json={"name": "Theirs"}).raise_for_status()
    page.keyboard.press("Enter")
    told = "Now: Theirs. Yours would go over it."
    expect(row.locator("input[name=name]")).to_have_accessible_description(told)
    page.keyboard.press("Enter")
    expect(name).to_have_text("Mine")
    row.locator("[data-edit=when]").focus()
    page.keyboard.press("Enter")
    keyed(page, "25:10")
    page.keyboard.type("26:40")
    page.keyboard.press("Enter")
    expect(row.locator("[data-edit=when]")).to_contain_text("25:10\N{EN DASH}26:40")
    with site.api() as api:
        show = api.get(f"/shows/{show_id}").json()
    assert show["name"] == "Mine"
    assert (show["start"][11:16], show["end"][11:16]) == ("18:10", "19:40")


def test_a_client_has_its_own_schedules_and_no_button_of_a_planner(site: Site, signed_in: SignedIn) -> None:
    with site.api("client") as api:
        plans = api.get("/schedules", params={"limit": 100}).json()["items"]
    page = signed_in("client").open("/schedules")
    links = page.locator("table.plans tbody th a")
    hrefs = {str(link.get_attribute("href")) for link in links.all()}
    assert hrefs == {f"/schedules/{plan['id']}" for plan in plans}
    expect(page.get_by_role("button", name="New schedule")).to_have_count(0)
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-edit], [data-show], #drafting")).to_have_count(0)


def test_conflicts_of_many_schedules_are_counted_as_each_one_counts_them(
    site: Site, signed_in: SignedIn
) -> None:
    page = signed_in("viewer").open("/schedules?status=draft")
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    assert file.value.path().read_text("utf-8").startswith("external_id,client,")
    told = {
        str(row.locator("th a").get_attribute("href")): row.locator("td").nth(5).inner_text().split()
        for row in page.locator("table.plans tbody tr:not(.month)").all()[:6]
    }
    with site.api() as api:
        for href, words in told.items():
            counts = api.get(f"{href}/conflicts", params={"suggestions": False}).json()["counts"]
            found = dict(zip(words[1::2], map(int, words[::2]), strict=True)) if len(words) > 1 else {}
            assert found == {kind: count for kind, count in counts.items() if count and kind != "waived"}

    # What narrows the list acts at once, without a button, and stands in the address.
    page.get_by_label("Status").select_option("confirmed")
    expect(page).to_have_url(f"{site.url}/schedules?status=confirmed")
    expect(page.locator("table.plans .chip.draft")).to_have_count(0)
    expect(page.locator("table.plans .chip.confirmed").first).to_be_visible()
    page.get_by_role("searchbox").press_sequentially("no such plan")
    expect(page.get_by_role("heading", name="No schedule like this")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Show all").click()
    expect(page).to_have_url(f"{site.url}/schedules")


def test_versions_are_renamed_deleted_and_brought_back(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 2)
    with site.api() as api:
        body = {"label": "Before lunch", "note": "As Kim wants it"}
        api.post(f"/schedules/{plan_id}/versions", json=body).raise_for_status()
        (made, *_) = api.get(f"/schedules/{plan_id}/versions").json()["items"]
    number = made["number"]
    page = signed_in("admin").open(f"/schedules/{plan_id}?tab=versions")
    row = page.locator(f"#version-{number}")
    heads = page.get_by_role("columnheader").all_inner_texts()
    told = row.locator("> *").all_inner_texts()
    assert (told[heads.index("Kind")], told[heads.index("Note")]) == ("Checkpoint", "As Kim wants it")
    row.get_by_text("Rename").click()
    row.get_by_label("Label").fill("After lunch")
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("After lunch")
    expect(row.get_by_label("Label")).to_be_hidden()
    row.get_by_role("button", name="Delete version").click()
    sure(page)
    expect(row).to_contain_text("Deleted")
    row.get_by_role("button", name="Restore version").click()
    expect(row.get_by_role("button", name="Delete version")).to_be_visible()
    with site.api() as api:
        (now, *_) = api.get(f"/schedules/{plan_id}/versions").json()["items"]
    assert (now["number"], now["label"], now["deleted_at"]) == (number, "After lunch", None)


def test_what_one_said_of_a_schedule_or_a_change_is_said_anew_and_taken_back(
    site: Site, signed_in: SignedIn
) -> None:
    (plan_id, change_id) = site.one("SELECT schedule_id, id FROM changes WHERE status = 'proposed' LIMIT 1")
    page = signed_in("planner").open(f"/schedules/{plan_id}?tab=comments")
    for tab, place in (("comments", "main"), ("changes", f"#{change_id}")):
        page.goto(f"{site.url}/schedules/{plan_id}?tab={tab}")
        at = page.locator(place)
        if tab == "changes":
            at.get_by_text("Comment", exact=True).first.click()
        at.get_by_label("Comment").last.fill("Bring the small lights.")
        at.get_by_role("button", name="Add comment").click()
        said = at.get_by_role("listitem").filter(has_text="Bring the small lights.")
        said.get_by_text("Edit", exact=True).click()
        said.get_by_label("Comment").fill("Bring the big lights.")
        said.get_by_role("button", name="Save").click()
        said = at.get_by_role("listitem").filter(has_text="Bring the big lights.")
        expect(said).to_contain_text("edited")
        said.get_by_role("button", name="Remove").click()
        sure(page)
        expect(said).to_have_count(0)
        page.wait_for_function("() => document.activeElement !== document.body")


def test_the_word_of_a_status_is_not_struck_through(site: Site, signed_in: SignedIn) -> None:
    plan_id = a_draft(site, 2)
    with site.api() as api:
        copied = {"name": "Given up", "start_date": FREE[0], "with_shows": False}
        row = api.post(f"/schedules/{plan_id}/duplicate", json=copied).raise_for_status().json()
        api.post(f"/schedules/{row['id']}/cancel", json={"reason": "No budget"}).raise_for_status()
    page = signed_in("planner").open(f"/schedules/{row['id']}")
    chip = page.locator("h1 + .chip")
    expect(chip).to_have_text("Cancelled")
    expect(chip).to_have_css("text-decoration-line", "none")
    expect(page.locator(".decided")).to_contain_text("“No budget”")


def test_the_last_day_of_a_new_schedule_follows_the_first_one(signed_in: SignedIn) -> None:
    page = signed_in("planner").open("/schedules/new")
    first, last = page.get_by_label("First day"), page.get_by_label("Last day")
    first.fill("2031-01-01")
    expect(last).to_have_value("2031-01-31")
    first.fill("2031-02-10")
    expect(last).to_have_value("2031-02-28")
    # Whoever said a last day keeps it, unless it would come before the first.
    last.fill("2031-03-05")
    with page.expect_response("**/month-end**"):
        first.fill("2031-04-01")
    expect(last).to_have_value("2031-04-30")
    last.fill("2031-06-30")
    first.fill("2031-05-01")
    page.get_by_label("Name").click()
    expect(last).to_have_value("2031-06-30")
