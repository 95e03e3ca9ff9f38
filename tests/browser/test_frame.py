"""What all pages have in common, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PEOPLE, SignedIn


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_the_pages_that_are_theirs(signed_in: SignedIn, who: str) -> None:
    page = signed_in(who).open("/")
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    places = [text.split()[0] for text in links]  # The inbox counts what waits.
    everybody = ["Board", "Schedules", "Inbox"]
    others = {"admin": ["Import", "Admin", "Audit"], "client": []}
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
