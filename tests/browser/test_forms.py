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
    assert (after["name"], after["show_type"], after["version"]) == ("Signed in here", "campaign", 2)


def test_each_field_says_what_is_wrong_with_it_and_nothing_is_lost(site: Site, signed_in: SignedIn) -> None:
    person = signed_in("admin", expected=["422", "ERR_"])
    page = person.open("/schedules/new")
    name, last = page.get_by_label("Name"), page.get_by_label("Last day")
    name.fill("  ")
    page.get_by_label("First day").fill("2031-05-03")
    last.fill("2031-05-01")
    create = page.get_by_role("button", name="Open the schedule")
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
