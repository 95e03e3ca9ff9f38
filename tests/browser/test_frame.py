"""What all pages have in common, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PEOPLE, SignedIn, Site
from tests.browser.looking import Looking
from tests.browser.pages import SPOTS

TIMES = ("board", "schedule-conflicts", "show", "inbox", "imports", "audit")
"""Pages that tell times, by their names in SPOTS."""


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_the_pages_that_are_theirs(signed_in: SignedIn, who: str) -> None:
    page = signed_in(who).open("/")
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    places = [text.split()[0] for text in links]  # The inbox counts what waits.
    everybody = ["Board", "Schedules", "Inbox"]
    others = {"admin": ["Import", "Admin", "Audit"], "viewer": ["Admin"], "client": []}
    assert places == everybody + others.get(who, ["Import", "Admin"])


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_has_a_profile(signed_in: SignedIn, who: str) -> None:
    page = signed_in(who).open("/profile")
    expect(page.get_by_role("heading", name="About you")).to_be_visible()


def test_the_menu_changes_the_look_and_the_language(signed_in: SignedIn) -> None:
    page = signed_in("viewer").open("/profile")
    page.locator("summary").click()
    page.get_by_label("Appearance").select_option("dark")
    page.get_by_label("Language").select_option("th")
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "th")
    assert page.url.endswith("/profile")


@pytest.mark.parametrize("locale", ["en", "th-TH"])
def test_on_a_phone_every_place_is_whole_in_the_bar_or_in_the_menu(signed_in: SignedIn, locale: str) -> None:
    page = signed_in("admin", locale=locale, viewport={"width": 390, "height": 844}).open("/audit")
    bar, menu = page.locator("header .places"), page.locator("header .menu")
    assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
    assert bar.locator("a:visible").count() == 3
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    more = menu.locator("nav a")
    expect(more).to_have_count(3)
    for each in more.all():
        expect(each).to_be_visible()
        assert each.evaluate("(link) => link.scrollWidth <= link.clientWidth")
    expect(menu.locator("[aria-current=page]")).to_have_attribute("href", "/audit")
    page.keyboard.press("Tab")
    expect(more.first).to_be_focused()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(bar.locator("a:visible")).to_have_count(6)
    expect(more.first).to_be_hidden()


def test_an_address_that_leads_nowhere_keeps_the_navigation(signed_in: SignedIn) -> None:
    page = signed_in("viewer", expected=["404"]).open("/nowhere")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Board").click()
    page.wait_for_url("**/board*")


def test_the_browsers_time_zone_changes_nothing_on_any_page(signed_in: SignedIn, site: Site) -> None:
    told: dict[str, set[str]] = {}
    addresses = {each.name: each.address(site) for each in SPOTS if each.name in TIMES}
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Pacific/Chatham"):
        person = signed_in("admin", timezone_id=zone)
        for name in TIMES:
            content = person.open(addresses[name]).locator("#content")
            expect(content).to_contain_text(re.compile(r"\d"))
            told.setdefault(name, set()).add(content.inner_text())
    assert {name: len(texts) for name, texts in told.items()} == dict.fromkeys(TIMES, 1)


def test_the_busiest_pages_fit_a_phone_in_thai(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("admin", locale="th-TH", reduced_motion="reduce").page
    page.set_viewport_size({"width": 390, "height": 844})
    looking = Looking(page, "")
    for name in ("start", "board", "show", "schedules", "schedule-conflicts", "inbox", "imports", "audit"):
        page.goto(site.url + next(each.address(site) for each in SPOTS if each.name == name))
        expect(page.locator("html")).to_have_attribute("lang", "th")
        looking.laid_out(390)
    assert not looking.findings, "\n".join(looking.findings)
