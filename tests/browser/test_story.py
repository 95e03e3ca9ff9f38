"""A month, from last month's plan to the archive, by keyboard alone: a planner, a client, a studio's manager
and an administrator, each in a browser of their own. What one does, the others see. What each of them came
by on the way had a name, was in sight and showed that it had the focus."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PEOPLE, SignedIn, Site
from tests.browser.desk import Desk, bar, opened
from tests.browser.keys import Keys
from tests.servers import post

DASH: Final = "\N{EN DASH}"
REFUSED: Final = ["status of (409|422)"]
MONTH: Final = "Kinnaree in May"
LAST: Final = "Kinnaree in April"


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    with site.api() as api:
        yield Desk(site, api)


class Story:
    """The four, and what they share."""

    def __init__(self, site: Site, desk: Desk, signed_in: SignedIn) -> None:
        self.site, self.desk = site, desk
        self.planner, self.client, self.manager, self.admin = (
            Keys(signed_in(who, expected=REFUSED).page) for who in ("planner", "client", "manager", "admin")
        )
        self.plan = ""

    def arrive(self, who: Keys) -> None:
        """The only address that anybody types."""
        who.page.goto(f"{self.site.url}/", wait_until="domcontentloaded")

    def show(self, name: str) -> Any:
        """A show of the plan, as the API has it."""
        shows = self.desk.api.get(f"/schedules/{self.plan}/shows", params={"limit": 100}).json()["items"]
        return next(each for each in shows if each["name"] == name)

    def find(self, who: Keys, name: str) -> None:
        """Goes to a schedule through the list of all."""
        who.enter("link", "Schedules", within="nav.places")
        who.fill("Name", name, role="searchbox")
        who.press("Enter")
        expect(who.page.locator("#found .clear")).to_be_visible()
        who.enter("link", name, within="main table")
        expect(who.page.get_by_role("heading", name=name)).to_be_visible()

    def at_board(self, who: Keys) -> Page:
        """From the schedule to its week on the board, with the focus on a show."""
        who.enter("link", "Show on the board")
        opened(who.page)
        who.on(who.page.locator("#board .bar"))
        return who.page


def test_a_month_is_planned_agreed_booked_changed_and_archived_by_keyboard(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    _last_month(site, desk)
    story = Story(site, desk, signed_in)
    _drafted(story)
    _agreed(story)
    _booked(story)
    _changed(story)
    _broadcast(story)
    _ill(story)
    _archived(story)
    for who in (story.planner, story.client, story.manager, story.admin):
        assert not who.wrong


def _last_month(site: Site, desk: Desk) -> None:
    """What was before: the client's plan of April."""
    (client,) = site.one(
        "SELECT m.client_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = %s",
        PEOPLE["client"],
    )
    host, platform = site.one(
        "SELECT c.id, p.id FROM creators c, platforms p WHERE NOT c.is_banned ORDER BY c.id, p.id LIMIT 1"
    )
    desk.day = "2031-04-07"
    plan = desk.plan(LAST, client)
    for name, room, start in (("Morning", "Ari", 10), ("Evening", "Siam", 18), ("Night", "Asok", 25)):
        show = desk.show(plan, name, room, start)
        full = {"creators": [host], "platforms": [{"platform_id": platform}]}
        desk.api.patch(f"/shows/{show}", json=full).raise_for_status()
    desk.confirmed(plan)
    desk.day = "2031-05-05"


def _drafted(story: Story) -> None:
    """Last month's plan again; a show more, drafted on the board where one is; a way out of that."""
    planner = story.planner
    story.arrive(planner)
    story.find(planner, LAST)
    planner.on(planner.page.locator("main summary", has_text="More"))
    planner.press("Enter")
    planner.enter("link", "Duplicate")
    planner.fill("Name", MONTH, within="#panel")
    planner.day("First day", "2031-05-05", within="#panel")
    planner.press("Enter")
    planner.page.wait_for_url(lambda url: "/schedules/" in url and not url.endswith("/duplicate"))
    expect(planner.page.get_by_role("heading", name=MONTH)).to_be_visible()
    story.plan = planner.page.url.rpartition("/")[2]

    page = story.at_board(planner)
    morning = bar(page, story.show("Morning")["id"])
    planner.is_on(morning)
    planner.press("n", "Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_label("Name")).to_be_focused()
    planner.type("Noon")
    planner.choose("Into", f"Kinnaree Jewellery · {MONTH}", within="#panel")
    planner.enter("button", "Add the show")
    noon = page.locator("#board .bar", has_text="Noon")
    expect(noon).to_be_attached()
    planner.press("Escape")
    expect(panel).to_be_hidden()
    planner.is_on(morning)
    planner.arrow("ArrowRight", noon)
    planner.press("m", *["ArrowLeft"] * 4, "Shift+ArrowRight")
    expect(page.locator("#live")).to_contain_text("Morning")
    planner.press("Enter")
    way = page.locator("#board-way")
    expect(way.locator(".why")).to_contain_text("Ari is wanted twice: also by “Morning”")
    planner.look()
    planner.enter("button", re.compile("^Another room: "))
    expect(noon).not_to_have_class(re.compile("clash"))
    planner.is_on(noon)
    planner.press("Control+z")
    expect(noon).to_have_class(re.compile("clash"))
    planner.press("Control+Shift+z")
    expect(noon).not_to_have_class(re.compile("clash"))
    held = story.desk.held(story.show("Noon")["id"])
    assert held[0] != "Ari"
    assert held[1:] == (11, 13.25)


def _agreed(story: Story) -> None:
    """Proposed, spoken about, sent back, mended, proposed and approved."""
    planner, client = story.planner, story.client
    story.find(planner, MONTH)
    planner.enter("button", "Propose version 1")
    planner.sure("May, as discussed")
    expect(planner.page.locator("h1 + .chip")).to_have_text("Proposed")

    story.arrive(client)
    client.enter("link", f"Version: {MONTH}")
    card = client.page.locator("[data-item]", has_text=MONTH)
    expect(card).to_contain_text("May, as discussed")
    client.on(card)
    client.enter("link", "Look at the plan", within=f"#{card.get_attribute('id')}")
    client.enter("link", "Comments")
    client.fill("Comment", "Is Noon for the new collection?")
    client.enter("button", "Add comment")
    expect(client.page.locator(".said")).to_have_text("Is Noon for the new collection?")
    client.look()
    client.enter("button", "Reject version 1")
    client.sure("Noon is called Pearls")
    expect(client.page.locator("h1 + .chip")).to_have_text("Draft")

    expect(planner.page.locator("h1 + .chip")).to_have_text("Draft")
    planner.enter("link", "Comments")
    expect(planner.page.locator(".said")).to_have_text("Is Noon for the new collection?")
    planner.enter("link", "History")
    expect(planner.page.locator("main")).to_contain_text("Noon is called Pearls")
    planner.enter("link", re.compile("^Shows"))
    cell = planner.to("button", "Name: Noon")
    planner.press("Enter")
    planner.type("Pearls")
    planner.press("Enter")
    cell = planner.page.get_by_role("button", name="Name: Pearls")
    planner.is_on(cell)
    planner.enter("button", "Propose version 2", back=True)
    planner.sure()
    expect(planner.page.locator("h1 + .chip")).to_have_text("Proposed")

    client.enter("link", re.compile("^Inbox"), within="nav.places")
    expect(client.page.locator("[data-item]", has_text=MONTH)).to_contain_text("v2")
    client.on(client.page.locator("[data-item]", has_text=MONTH))
    client.press("a")
    client.sure()
    expect(client.page.locator("[data-item]", has_text=MONTH)).to_have_count(0)
    client.look()
    expect(planner.page.locator("main")).to_contain_text("Version 2, approved")


def _booked(story: Story) -> None:
    """A dry run, then all that can be booked. Whoever comes later for the same room is told who holds it."""
    planner, manager = story.planner, story.manager
    planner.enter("link", "Confirm …")
    expect(planner.page.get_by_role("heading", name="Would be booked: 4")).to_be_visible()
    planner.choose("If some can't be booked", "Book what can be booked")
    planner.press("Enter")
    expect(planner.page).to_have_url(re.compile("mode=best_effort"))
    planner.is_on(planner.page.get_by_label("If some can't be booked"))
    planner.enter("button", "Confirm 4")
    expect(planner.page.locator("h1 + .chip")).to_have_text("Confirmed")

    (other,) = story.site.one("SELECT id FROM clients WHERE name = 'Chaba Cosmetics'")
    rival = story.desk.plan("Chaba in May", other)
    story.desk.show(rival, "Lipstick", "Ari", 11)
    post(story.desk.api, f"/schedules/{rival}/propose", {})
    post(story.desk.api, f"/schedules/{rival}/approve", {"version": 1})
    story.arrive(manager)
    story.find(manager, "Chaba in May")
    manager.enter("link", "Confirm …")
    refused = manager.page.get_by_role("region", name="Can't be booked: 1")
    expect(refused).to_contain_text("Lipstick")
    expect(refused).to_contain_text("the room is taken: Ari with Morning, Kinnaree Jewellery")
    expect(manager.page.get_by_role("button", name=re.compile("^Confirm \\d"))).to_have_count(0)


def _changed(story: Story) -> None:
    """The client asks on the board for another time; the manager agrees; both boards follow at once."""
    client, manager, planner = story.client, story.manager, story.planner
    evening = story.show("Evening")["id"]
    story.find(client, MONTH)
    client.enter("link", "Ask for a change on the board")
    page = opened(client.page)
    client.on(page.locator("#board .bar"))
    client.arrow("ArrowDown", bar(page, evening))
    client.press("m", *["ArrowRight"] * 4, "Enter")
    asked = page.locator("#board-change")
    client.is_on(asked.get_by_label("Reason"))
    client.type("The host arrives later")
    client.enter("button", "Ask", within="#board-change")
    expect(page.locator("#toasts")).to_contain_text(f"Asked for: Evening, Mon 5 May 19:00{DASH}21:00, Siam")
    client.is_on(bar(page, evening))
    expect(bar(page, evening)).to_have_attribute("data-s", "720")

    manager.enter("link", re.compile("^Inbox"), within="nav.places")
    card = manager.page.locator("[data-item]", has_text="The host arrives later")
    expect(card).to_contain_text("No conflict if approved now")
    expect(card.locator(".mini .box.new")).to_have_count(1)
    manager.on(card)
    manager.press("a")
    manager.sure("See you then")
    expect(card).to_have_count(0)
    manager.look()
    expect(bar(page, evening)).to_have_attribute("data-s", "780", timeout=2_000)
    planner.enter("link", re.compile("^Changes"))
    expect(planner.page.locator("article.change")).to_contain_text("See you then")


def _broadcast(story: Story) -> None:
    """A show goes live, breaks off and is settled; another one completes. The client's board says so."""
    manager, client = story.manager, story.client
    story.find(manager, MONTH)
    panel = manager.page.locator("#panel")
    morning, pearls = (bar(client.page, story.show(name)["id"]) for name in ("Morning", "Pearls"))

    manager.enter("link", "Open Morning")
    expect(panel.get_by_role("heading", name="Morning")).to_be_focused()
    manager.enter("button", "Go live", within="#panel")
    expect(manager.page.locator("#ask")).to_contain_text("Let it go live now?")
    manager.sure()
    expect(morning).to_have_class(re.compile("live"), timeout=2_000)
    expect(panel.locator(".heading .chip")).to_have_text("Live")
    manager.look()
    manager.on(panel.locator("summary", has_text="Interrupt"))
    manager.press("Enter")
    manager.choose("Reason", "Power", within="#panel")
    manager.fill("Note", "Dark", within="#panel")
    manager.enter("button", "Interrupt", within="#panel")
    expect(morning).to_have_accessible_name(re.compile("Interrupted"), timeout=2_000)
    manager.on(panel.locator("summary", has_text="Resolve"))
    manager.press("Enter")
    manager.choose("How it ended", "Completed", within="#panel")
    manager.enter("button", "Resolve", within="#panel")
    expect(morning).to_have_class(re.compile("completed"), timeout=2_000)
    manager.look()
    manager.press("Escape")
    expect(panel).to_be_hidden()
    manager.is_on(manager.page.get_by_role("link", name="Open Morning"))

    manager.enter("link", "Open Pearls")
    manager.enter("button", "Go live", within="#panel")
    manager.sure()
    expect(panel.locator(".heading .chip")).to_have_text("Live")
    manager.on(panel.locator("summary", has_text="Complete"))
    manager.press("Enter")
    manager.enter("button", "Complete", within="#panel")
    expect(pearls).to_have_class(re.compile("completed"), timeout=2_000)
    manager.press("Escape")


def _ill(story: Story) -> None:
    """The host falls ill: a booked show is hit, and planned anew once the client agrees."""
    admin, client = story.admin, story.client
    night = story.show("Night")
    host = story.desk.api.get(f"/creators/{night['creators'][0]}").json()["name"]
    story.arrive(admin)
    admin.enter("link", "Admin", within="nav.places")
    admin.enter("link", re.compile("^Creators' time off"))
    admin.enter("button", "New time off")
    admin.choose("Creator", host, within="#panel")
    admin.day("From: day", "2031-05-05", within="#panel")
    admin.fill("From: time", "24:30", within="#panel")
    admin.day("To: day", "2031-05-05", within="#panel")
    admin.fill("To: time", "28:00", within="#panel")
    admin.fill("Reason", "A fever", within="#panel")
    admin.enter("button", "Create", within="#panel")
    expect(admin.page.get_by_role("heading", name="Hit: 1")).to_be_visible()
    expect(admin.page.locator(".hits")).to_contain_text("Night")
    admin.enter("button", "Do it, and plan what is hit anew", within="#panel")
    expect(admin.page.locator("#panel")).to_contain_text("Changes that it opened")
    admin.press("Escape")
    expect(admin.page.locator("#panel")).to_be_hidden()
    expect(admin.page.get_by_role("link", name=host)).to_be_visible()

    client.enter("link", re.compile("^Inbox"), within="nav.places")
    card = client.page.locator("[data-item]", has_text="Night")
    expect(card).to_contain_text("A fever")
    client.on(card)
    client.press("a")
    client.sure("Get well soon")
    expect(card).to_have_count(0)
    client.look()


def _archived(story: Story) -> None:
    """What is left is cancelled after a dry run, the month archived; the audit tells it, and goes back."""
    manager, admin = story.manager, story.admin
    page = manager.page
    for name in ("Evening", "Night"):
        manager.to("checkbox", f"Choose {name}")
        manager.press("Space")
    manager.choose("Reason", "The client wants it", within="#bulk")
    manager.enter("button", "Cancel shows …")
    expect(page.locator("#bulk-try .counts")).to_have_text("2 would change")
    manager.is_on(page.get_by_role("button", name="Cancel these shows (2)"))
    manager.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Done: 2.")
    manager.enter("button", "Archive", back=True)
    expect(page.locator("h1 + .chip")).to_have_text("Archived")
    manager.look()
    expect(story.planner.page.locator("h1 + .chip")).to_have_text("Archived")

    admin.enter("link", "Audit", within="nav.places")
    admin.fill("About", MONTH)
    admin.press("Enter")
    entries = admin.page.locator("ol.timeline > li")
    expect(entries.filter(has_text="archived a schedule")).to_have_count(1)
    expect(entries.filter(has_text="rejected a version")).to_contain_text("Noon is called Pearls")
    then = entries.filter(has_text="confirmed shows")
    admin.enter("link", "Board after", within=f"#{then.get_attribute('id')}")
    board = opened(admin.page)
    evening = bar(board, story.show("Evening")["id"])
    expect(evening).to_have_class(re.compile("confirmed"))
    expect(evening).to_have_attribute("data-s", "720")
    admin.on(board.locator("#board-moment"))
    admin.press("ArrowLeft")
    expect(evening).to_have_class(re.compile("approved"))
    admin.look()
    admin.enter("link", "Back to now")
    opened(board)
    expect(evening).to_have_class(re.compile("cancelled"))
    expect(evening).to_have_attribute("data-s", "780")
