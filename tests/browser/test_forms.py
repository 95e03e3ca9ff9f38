"""Forms: what somebody else changed meanwhile, what is half-typed, and what went wrong, each at its place."""

import re
from typing import Any

from playwright.sync_api import Dialog, expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.test_show_panel import BOOKED, drafted, panel, show_of


def renamed(site: Site, show_id: str, **body: Any) -> None:
    """Somebody else edits a show."""
    with site.api("manager") as api:
        api.patch(f"/shows/{show_id}", json=body).raise_for_status()


def name_of(site: Site, who: str) -> str:
    (found,) = site.one("SELECT name FROM users WHERE id = %s", site.user_id(who))
    return str(found)


def changed_by(site: Site, who: str) -> re.Pattern[str]:
    """What somebody is told whose form met the change of another."""
    return re.compile(rf"{re.escape(name_of(site, who))} \(.+ \d\d:\d\d\) changed this")


def test_who_meets_another_s_edit_sees_both_and_sends_theirs_over_it(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site)
    before = show_of(site, show_id)
    page = signed_in("planner", expected=["412"]).open("/profile")  # A page that hears of nothing.
    side = panel(page, f"/shows/{show_id}/edit")
    side.get_by_label("Name").fill("Mine")
    renamed(site, show_id, name="Theirs", note="Said meanwhile")
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_role("alert")).to_contain_text(changed_by(site, "manager"))
    name = side.get_by_label("Name")
    expect(name).to_have_value("Mine")
    expect(name).to_have_accessible_description("Now: Theirs. Yours would go over it.")
    expect(side.get_by_label("Note")).to_have_value("Said meanwhile")
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_role("heading", name="Mine")).to_be_visible()
    after = show_of(site, show_id)
    assert (after["name"], after["note"]) == ("Mine", "Said meanwhile")
    assert after["version"] == before["version"] + 2


def test_who_meets_a_change_of_a_booked_show_is_told_whose_and_when_and_goes_on(
    site: Site, signed_in: SignedIn
) -> None:
    show_id, plan_id = site.one(BOOKED)
    page = signed_in("planner", expected=["412"]).open("/profile")  # A page that hears of nothing.
    side = panel(page, f"/shows/{show_id}/edit")
    side.get_by_label("Name").fill("Mine")
    side.get_by_role("textbox", name="Reason").fill("Because of me")
    change = {"category": "FORCE_MAJEURE", "type": "OTHER", "reason": "because of them"}
    update = {"op": "update", "show_id": show_id, "set": {"name": "Theirs", "note": "Said meanwhile"}}
    with site.api("manager") as api:
        api.post(f"/schedules/{plan_id}/changes", json=change | {"operations": [update]}).raise_for_status()
    side.get_by_role("button", name="Ask for it").click()
    told = side.get_by_role("alert")
    expect(told).to_contain_text(changed_by(site, "manager"))
    expect(side.get_by_label("Name")).to_have_value("Mine")
    expect(side.get_by_label("Name")).to_have_accessible_description("Now: Theirs. Yours would go over it.")
    side.get_by_role("button", name="Ask for it").click()
    expect(side.get_by_text("Mine").first).to_be_visible()
    asked = show_of(site, show_id)
    assert (asked["name"], asked["note"]) == ("Theirs", "Said meanwhile")
    # It waits now: whoever begins another is told.
    side = panel(page, f"/shows/{show_id}/edit")
    expect(side.locator(".notice")).to_contain_text("A change of this show is asked for already")


def test_a_button_that_somebody_was_faster_than_says_who(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 4)
    page = signed_in("planner", expected=["412"]).open("/profile")
    side = panel(page, f"/shows/{show_id}")
    remove = side.get_by_role("button", name="Remove", exact=True)
    expect(remove).to_be_visible()
    renamed(site, show_id, note="Said meanwhile")
    remove.click()
    expect(page.locator("#toasts")).to_contain_text(changed_by(site, "manager"))
    expect(side.get_by_text("Said meanwhile")).to_be_visible()
    assert show_of(site, show_id)["deleted_at"] is None


def test_the_form_of_a_show_says_what_would_be_in_its_way(site: Site, signed_in: SignedIn) -> None:
    show_id, name, room_name = site.one(
        "SELECT a.id, b.name, r.name FROM shows a JOIN shows b ON b.studio_id = a.studio_id"
        " AND b.room_id <> a.room_id AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at"
        " JOIN rooms r ON r.id = b.room_id JOIN schedules c ON c.id = a.schedule_id AND c.kind = 'plan'"
        " WHERE a.status = 'confirmed' AND b.status = 'confirmed' AND c.status = 'confirmed'"
        " ORDER BY a.starts_at, a.id LIMIT 1"
    )
    show = show_of(site, show_id)
    page = signed_in("planner").open(f"/shows/{show_id}/edit")
    warning = page.locator("form .clash")
    expect(warning).to_be_hidden()
    room = page.locator("select[name=room_id]")
    chosen = room.locator("option", has_text=room_name).first.get_attribute("value")
    room.select_option(chosen)
    expect(warning).to_contain_text(f"{room_name} is taken by “{name}”")
    room.select_option(show["room_id"])
    expect(warning).to_be_hidden()


def test_an_open_form_tells_at_once_what_somebody_else_does(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 1)
    page = signed_in("planner").open("/board")
    side = panel(page, f"/shows/{show_id}/edit")
    side.get_by_label("Name").fill("Mine")
    renamed(site, show_id, note="Live")
    expect(side.get_by_role("alert")).to_contain_text(name_of(site, "manager"))
    expect(side.get_by_label("Note")).to_have_value("Live")
    expect(side.get_by_label("Name")).to_have_value("Mine")
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_role("heading", name="Mine")).to_be_visible()


def test_what_is_half_typed_is_not_dropped_unasked(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("planner").open("/board")
    side = panel(page, f"/shows/{drafted(site, 2)}/edit")
    name = side.get_by_label("Name")
    name.fill("Half a na")
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: side.get_by_role("button", name="Close").click(),
        lambda: page.evaluate("(href) => void callboard.openPanel(href)", f"/shows/{drafted(site, 3)}"),
    ):
        leave()
        expect(page.locator("#ask")).to_be_visible()
        expect(page.locator("#ask")).to_contain_text("It was not sent")
        expect(page.locator("#ask").get_by_role("button", name="Keep it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(name).to_have_value("Half a na")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Schedules").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.keyboard.press("Escape")
    page.locator("#ask").get_by_role("button", name="Throw it away").click()
    expect(side).to_be_hidden()


def test_what_was_typed_outlives_the_session(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 4)
    version = show_of(site, show_id)["version"]
    person = signed_in("planner", expected=["401"])
    page = person.open("/board")
    address = page.url
    cookies = person.context.cookies()
    side = panel(page, f"/shows/{show_id}/edit")
    name = side.get_by_label("Name")
    ended = page.get_by_role("dialog", name="Your session is over")
    for again in ("elsewhere", "here"):
        name.fill(f"Signed in {again}")
        side.get_by_label("Show type").or_(side.get_by_label("Type")).first.select_option("campaign")
        person.context.clear_cookies()
        side.get_by_role("button", name="Save").click()
        expect(ended).to_be_visible()
        if again == "elsewhere":
            person.context.add_cookies(cookies)
            page.evaluate("() => void document.dispatchEvent(new Event('visibilitychange'))")
            expect(ended).to_be_hidden()
            expect(name).to_have_value("Signed in elsewhere")
        else:
            ended.get_by_role("link", name="Sign in", exact=True).click()
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            person.context.add_cookies(cookies)
            page.goto(address)
    expect(page.locator("#toasts")).to_contain_text("is here again")
    expect(name).to_have_value("Signed in here")
    side.get_by_role("button", name="Save").dblclick()
    expect(side.get_by_role("heading", name="Signed in here")).to_be_visible()
    after = show_of(site, show_id)
    assert (after["name"], after["show_type"], after["version"]) == (
        "Signed in here",
        "campaign",
        version + 1,
    )


def test_each_field_says_what_is_wrong_with_it_and_nothing_is_lost(site: Site, signed_in: SignedIn) -> None:
    person = signed_in("admin", expected=["422", "ERR_"])
    page = person.open("/schedules/new")
    name, last = page.get_by_label("Name"), page.get_by_label("Last day")
    name.fill("  ")
    page.get_by_label("First day").fill("2031-05-03")
    last.fill("2031-05-01")
    create = page.get_by_role("button", name="Create")
    create.click()
    wrong = page.locator("[aria-invalid=true]")
    expect(wrong.first).to_be_focused()
    expect(wrong.first).to_have_accessible_description(re.compile(".{5}"))
    name.fill("Kept")
    last.fill("2031-05-09")
    person.context.set_offline(True)
    create.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is lost", timeout=20_000)
    person.context.set_offline(False)
    expect(name).to_have_value("Kept")
    create.dblclick()
    page.wait_for_url(re.compile("/schedules/schedule_"))
    assert site.one("SELECT count(*) FROM schedules WHERE name = 'Kept'") == (1,)
    # A field in a closed part is opened to be seen.
    page.goto(f"{site.url}/shows/{drafted(site, 5)}/edit")
    page.get_by_text("External id, metadata").click()
    page.get_by_label("Metadata").fill("{")
    page.get_by_text("External id, metadata").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Metadata")).to_be_focused()
    page.get_by_label("Metadata").fill("")


def test_why_is_not_asked_twice(site: Site, signed_in: SignedIn) -> None:
    (plan_id,) = site.one("SELECT id FROM schedules WHERE status = 'proposed' AND kind = 'plan' LIMIT 1")
    page = signed_in("admin").open(f"/schedules/{plan_id}")
    for _ in range(2):
        page.get_by_role("button", name="Reject version").click()
        why = page.locator("#ask textarea")
        if why.input_value():
            break
        why.fill("Too many late nights")
        page.keyboard.press("Escape")
    expect(why).to_have_value("Too many late nights")
    page.locator("#ask button[value=yes]").click()
    expect(page.locator("h1 + .chip")).to_have_text("Draft")
    assert page.evaluate("() => Object.values(sessionStorage)") == []


def test_who_asks_for_a_change_is_told_who_decides(site: Site, signed_in: SignedIn) -> None:
    of = "JOIN studios t ON t.id = c.studio_id AND t.client_approval WHERE c.client_id IS NOT NULL AND"
    show_id, _ = site.one(BOOKED.replace("WHERE", of))
    before = show_of(site, show_id)["name"]
    page = signed_in("admin").open(f"/shows/{show_id}/edit")
    category = page.get_by_label("Category")
    expect(category).to_have_value("OPERATIONAL")
    expect(category).to_have_accessible_description("The plan changes once the client agrees.")
    category.select_option("FORCE_MAJEURE")
    expect(category).to_have_accessible_description(re.compile("changes at once"))
    page.get_by_label("Name").fill("Over their heads")
    page.get_by_role("textbox", name="Reason").fill("The roof leaks")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator("#ask")).to_contain_text("without the other side's agreement?")
    page.locator("#ask button[value=no]").click()
    assert show_of(site, show_id)["name"] == before
    page.get_by_role("button", name="Ask for it").click()
    page.locator("#ask").get_by_role("button", name="Change it now").click()
    expect(page.locator("#toasts")).to_contain_text("The plan is changed.")
    assert show_of(site, show_id)["name"] == "Over their heads"
    # Whom the other side is asked for, nobody asks back.
    page.goto(f"{site.url}/shows/{show_id}/edit")
    page.get_by_label("Name").fill("With their word")
    page.get_by_role("textbox", name="Reason").fill("As we said")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator("#toasts")).to_contain_text("It is asked for.")
    assert show_of(site, show_id)["name"] == "Over their heads"


def test_the_form_of_a_new_show_says_from_the_start_what_is_in_its_way(
    site: Site, signed_in: SignedIn
) -> None:
    show_id, plan_id = site.one(BOOKED)
    show = show_of(site, show_id)
    at = f"studio_id={show['studio_id']}&room_id={show['room_id']}&start={show['start']}&end={show['end']}"
    page = signed_in("admin").open("/board")
    for side in (panel(page, f"/shows/new?{at}"), page):
        if side is page:
            page.goto(f"{site.url}/shows/new?{at}&schedule_id={plan_id}")
        warning = side.locator("form .clash")
        expect(warning).to_contain_text(f"is taken by “{show['name']}”")
        expect(warning).to_be_in_viewport(ratio=1)
        button = side.locator("footer.send button")
        place = button.bounding_box()
        side.locator("select[name=room_id]").select_option("")
        expect(warning).to_be_hidden()
        assert button.bounding_box() == place


def test_who_is_chosen_is_told_above_the_list_and_stands_first_in_it(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 6)
    twins: list[str] = []
    with site.api() as api:
        for name in ("Zara Last", "Twin Star", "Twin Star"):
            made = api.post("/creators", json={"name": name})
            made.raise_for_status()
            twins.append(made.json()["id"])
    renamed(site, show_id, creators=[twins[0]])
    page = signed_in("planner").open(f"/shows/{show_id}/edit")
    hosts = page.get_by_role("group", name="Creators")
    chosen = hosts.locator(".chosen")
    expect(chosen).to_have_text("Zara Last")
    expect(hosts.locator(".picks label").first).to_contain_text("Zara Last")
    hosts.get_by_label("Zara Last").uncheck()
    expect(chosen).to_have_text("Nobody is chosen yet")
    names = {hosts.locator(f"label:has([value={each}])").inner_text() for each in twins[1:]}
    assert len(names) == 2
    assert all("no shows yet" in each for each in names)
    hosts.locator(f"[value={twins[2]}]").check()
    expect(chosen).to_contain_text(f"…{twins[2][-6:]}")


def test_what_is_told_of_others_changes_is_clear_of_the_bar(site: Site, signed_in: SignedIn) -> None:
    show_id = drafted(site, 7)
    page = signed_in("planner", expected=["412"]).open(f"/shows/{show_id}/edit")
    note = page.locator("form > p.meanwhile")
    page.get_by_label("Name").fill("Mine")
    renamed(site, show_id, note="Said meanwhile")
    # On a page too, as in a panel, it is told as it happens.
    expect(note).to_contain_text(changed_by(site, "manager"))
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 640})
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        note.evaluate("note => note.scrollIntoView({ block: 'nearest' })")
        bar = page.locator("body > header.bar").bounding_box()
        box = note.bounding_box()
        assert bar
        assert box
        assert box["y"] >= bar["y"] + bar["height"], width
