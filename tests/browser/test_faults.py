"""What goes wrong under an open board: the session ends, the server goes away, the network drops answers."""

import re
from collections.abc import Iterator, Sized
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Dialog, Error, Page, Route, expect

from api.web.account import passwords
from domain.accounts import set_password
from domain.application import SYSTEM, Context
from tests.browser.conftest import PEOPLE, SignedIn, Site
from tests.browser.desk import Desk, bar, dragging, drawn, opened, spot
from tests.databases import commands_over, pool_over

PASSWORD = "correct horse battery"  # noqa: S105
LOST = ["net::ERR_", "htmx:error: Failed to fetch"]


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    with site.api() as api:
        yield Desk(site, api)


def drop(page: Page, room: str, hour: float) -> None:
    """Puts the show that is at ten in Ari somewhere else."""
    with dragging(page, spot(page, "Ari", 11), spot(page, room, hour + 1)):
        pass


def test_when_the_session_ends_one_signs_in_and_is_back_at_the_same_board(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    with pool_over(site.database) as pool:
        hashed = passwords.hashed(PASSWORD)
        set_password(
            commands_over(pool), Context(actor=SYSTEM, command="test"), site.user_id("planner"), hashed
        )
    desk.day = "2031-06-02"
    show = desk.show(desk.plan("Session"), "Launch", "Ari", 10)
    person = signed_in("planner", expected=["401"])
    page = opened(person.open(desk.address()))
    address = page.url
    person.context.clear_cookies()
    drop(page, "Siam", 14)
    ended = page.get_by_role("dialog", name="Your session is over")
    expect(ended).to_be_visible()
    drawn(page, show, "Ari", 10)
    expect(page.locator("#toasts .toast")).to_have_count(0)
    assert desk.held(show) == ("Ari", 10, 12)
    ended.get_by_role("link", name="Sign in", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Your session is over")
    page.get_by_label("Email").fill(PEOPLE["planner"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    opened(page)
    assert urlsplit(page.url).query == urlsplit(address).query
    drop(page, "Siam", 14)
    expect(page.locator("#toasts")).to_contain_text("Launch")
    assert desk.held(show) == ("Siam", 14, 16)


def test_an_ended_session_is_told_when_others_change_something(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-03"
    show = desk.show(desk.plan("Told"), "Launch", "Ari", 10)
    # The stream may not have begun when the session ends.
    person = signed_in("planner", expected=["401"])
    page = opened(person.open(desk.address()))
    person.context.clear_cookies()
    desk.api.patch(f"/shows/{show}", json={"name": "Relaunch"}).raise_for_status()
    expect(page.get_by_role("dialog", name="Your session is over")).to_be_visible()


def test_the_board_outlives_a_restart_of_the_server_and_misses_nothing(
    site: Site, desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-04"
    show = desk.show(desk.plan("Restart"), "Launch", "Ari", 10)
    page = opened(signed_in("planner", expected=LOST).open(desk.address()))
    expect(page.locator("#offline")).to_be_hidden()
    site.served.stop()
    expect(page.locator("#offline")).to_be_visible()
    site.served.start().ready()
    with site.api() as api:
        moved = {"start": desk.at(20), "end": desk.at(22)}
        api.patch(f"/shows/{show}", json=moved).raise_for_status()
    expect(bar(page, show)).to_have_attribute("data-s", str(14 * 60))
    expect(page.locator("#offline")).to_be_hidden()
    drop_from = spot(page, "Ari", 21)
    with dragging(page, drop_from, spot(page, "Siam", 21)):
        pass
    expect(page.locator("#toasts")).to_contain_text("Siam")


def test_a_stream_that_was_refused_is_asked_for_again_and_misses_nothing(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-11"
    show = desk.show(desk.plan("Refused"), "Launch", "Ari", 10)
    person = signed_in("planner", expected=["503"])
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503, body="busy")
        else:
            route.continue_()

    person.page.route("**/api/v1/stream?*", refuse)
    page = opened(person.open(desk.address()))
    expect(page.locator("#offline")).to_be_visible()
    desk.api.patch(f"/shows/{show}", json={"start": desk.at(20), "end": desk.at(22)}).raise_for_status()
    drawn(page, show, "Ari", 20)
    expect(page.locator("#offline")).to_be_hidden()


def test_a_change_whose_answer_is_lost_is_sent_again_and_done_once(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-05"
    plan = desk.plan("Lost")
    show = desk.show(plan, "Launch", "Ari", 10)
    desk.confirmed(plan)
    page = opened(signed_in("admin", expected=LOST).open(desk.address()))
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        answer = route.fetch()
        if len(keys) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/changes", lose_the_first)
    drop(page, "Siam", 14)
    page.get_by_label("Category").select_option("FORCE_MAJEURE")
    page.locator("#board-change").get_by_label("Reason").fill("the air conditioning is out")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Launch")
    assert desk.held(show) == ("Siam", 14, 16)
    assert keys == [keys[0]] * 2
    assert len(desk.api.get(f"/schedules/{plan}/changes").json()["items"]) == 1


def test_a_drop_waits_for_a_slow_server_and_springs_back_without_one(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-06"
    show = desk.show(desk.plan("Slow"), "Launch", "Ari", 10)
    person = signed_in("planner", expected=[*LOST, "503"])
    page = opened(person.open(desk.address()))
    person.context.set_offline(True)
    drop(page, "Siam", 14)
    expect(page.locator("#toasts")).to_contain_text("The server did not answer")
    drawn(page, show, "Ari", 10)
    person.context.set_offline(False)
    page.route(f"**/shows/{show}", lambda route: route.fulfill(status=503, body="down"))
    page.get_by_role("button", name="Try again").click()
    bad = page.locator("#toasts .bad")
    expect(bad).to_contain_text("The server can't do this just now", timeout=15_000)
    expect(bad).to_have_count(1)
    drawn(page, show, "Ari", 10)
    page.unroute_all()
    bad.get_by_role("button", name="Try again").click()
    expect(page.locator("#toasts")).to_contain_text("Siam")
    expect(bad).to_have_count(0)
    page.keyboard.press("Control+z")
    drawn(page, show, "Ari", 10)
    expect(bar(page, show)).to_have_class("bar draft")
    held: list[Route] = []
    page.route(
        f"**/shows/{show}",
        lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    drop(page, "Siam", 14)
    expect(bar(page, show)).to_have_class("bar draft sent")
    asked_for(page, held, 1)
    held[0].continue_()
    expect(bar(page, show)).to_have_class("bar draft")
    expect(page.locator("#toasts")).to_contain_text("Siam")
    assert desk.held(show) == ("Siam", 14, 16)


def test_what_was_read_before_a_drop_does_not_take_it_back(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-12"
    plan = desk.plan("Older")
    show, other = desk.show(plan, "Launch", "Ari", 10), desk.show(plan, "Sale", "Ari", 20)
    page = opened(signed_in("planner").open(desk.address()))
    read: list[tuple[Route, APIResponse]] = []
    page.route("**/board/rows?*", lambda route: read.append((route, route.fetch())))
    page.route("**/board?*", lambda route: read.append((route, route.fetch())))
    desk.api.patch(f"/shows/{other}", json={"name": "Gala"}).raise_for_status()
    asked_for(page, read, 1)
    drop(page, "Siam", 14)
    expect(page.locator("#toasts")).to_contain_text("Siam")
    expect(bar(page, show)).to_have_class("bar draft")
    read[0][0].fulfill(response=read[0][1])
    asked_for(page, read, 2)
    drawn(page, show, "Siam", 14)
    read[1][0].fulfill(response=read[1][1])
    page.unroute_all()
    expect(bar(page, other)).to_have_attribute("aria-label", re.compile("^Gala"))
    drawn(page, show, "Siam", 14)


def asked_for(page: Page, read: Sized, count: int) -> None:
    """Waits until so many answers are held back."""
    for _ in range(200):
        if len(read) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(read)} of {count} were asked for")


def test_the_side_never_shows_another_show_than_was_asked_for(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-09"
    plan = desk.plan("Side")
    rooms = {"Launch": "Ari", "Sale": "Siam", "Gala": "Asok"}
    shows = {name: desk.show(plan, name, room, 10) for name, room in rooms.items()}
    person = signed_in("planner", expected=[*LOST, "503"])
    page = opened(person.open(desk.address()))
    side = page.locator("#panel")

    def click(name: str) -> None:
        page.mouse.click(*spot(page, rooms[name], 10.3))

    person.context.set_offline(True)
    click("Launch")
    expect(side).to_contain_text("Launch")
    expect(side).to_contain_text("could not be loaded")
    person.context.set_offline(False)
    side.get_by_role("button", name="Try again").click()
    expect(side.get_by_role("heading", name="Launch")).to_be_visible()
    person.context.set_offline(True)
    click("Sale")
    expect(side).to_contain_text("Sale")
    expect(side.get_by_role("button", name="Try again")).to_be_visible()
    expect(side).not_to_contain_text("Launch")
    expect(side.get_by_role("button")).to_have_count(2)
    with dragging(page, spot(page, "Siam", 14), spot(page, "Siam", 16)):
        pass
    expect(side.get_by_role("button", name="Try again")).to_be_visible()
    expect(side).not_to_contain_text("Sale")
    person.context.set_offline(False)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/shows/show_*", hold)
    for name in ("Launch", "Sale"):
        click(name)
        expect(side).to_contain_text(name)
        expect(side.locator("[aria-busy=true]")).to_have_text("Loading …")
    asked_for(page, held, 2)
    held[1].fulfill(status=503, body="upstream is down")
    expect(side.get_by_role("button", name="Try again")).to_be_visible()
    expect(side).not_to_contain_text("upstream")
    for name in ("Launch", "Gala"):
        click(name)
        expect(side).to_contain_text(name)
    asked_for(page, held, 4)
    held[3].continue_()
    expect(side.get_by_role("heading", name="Gala")).to_be_visible()
    expect(bar(page, shows["Gala"])).to_have_attribute("aria-current", "true")
    click("Launch")
    expect(side).to_contain_text("Loading")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    page.unroute_all()
    assert page.locator(".bar[aria-current]").count() == 0


def test_what_was_clicked_before_comes_too_late(desk: Desk, signed_in: SignedIn) -> None:
    desk.day = "2031-06-12"
    plan = desk.plan("Late")
    desk.show(plan, "Launch", "Ari", 10)
    desk.show(plan, "Gala", "Asok", 10)
    page = opened(signed_in("planner").open(desk.address()))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/shows/show_*", hold)
    for room in ("Ari", "Asok"):
        page.mouse.click(*spot(page, room, 10.3))
        expect(page.locator("#panel [aria-busy=true]")).to_be_visible()
    asked_for(page, held, 2)
    held[1].continue_()
    gala = page.locator("#panel").get_by_role("heading", name="Gala")
    expect(gala).to_be_visible()
    with suppress(Error):  # Given up: then there is nobody to answer.
        held[0].continue_()
    page.wait_for_timeout(500)
    expect(gala).to_be_visible()


def test_who_leaves_while_moves_are_saved_is_asked_and_undoes_them_on_the_next_page(
    desk: Desk, signed_in: SignedIn
) -> None:
    desk.day = "2031-06-10"
    plan = desk.plan("Leaving")
    one, two = desk.show(plan, "Launch", "Ari", 10), desk.show(plan, "Sale", "Asok", 10)
    page = opened(signed_in("planner", expected=LOST).open(desk.address()))
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if len(asked) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    def lose(route: Route) -> None:
        if route.request.method == "PATCH":
            route.fetch()
        else:
            route.continue_()

    page.on("dialog", answer)
    page.route("**/api/v1/shows/*", lose)
    drop(page, "Siam", 14)
    with dragging(page, spot(page, "Asok", 11), spot(page, "Asok", 16)):
        pass
    expect(page.locator(".bar.sent")).to_have_count(2)
    page.locator("#later").click(no_wait_after=True)
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    expect(bar(page, one)).to_be_visible()
    page.locator("#later").click()
    page.wait_for_url("**day=2031-06-11**")
    undo = opened(page).locator("[data-do=undo]")
    expect(undo).to_have_accessible_name(re.compile("^Undo: Launch: "))
    assert (desk.held(one), desk.held(two)) == (("Siam", 14, 16), ("Asok", 10, 12))
    page.unroute_all()
    undo.click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert desk.held(one) == ("Ari", 10, 12)
