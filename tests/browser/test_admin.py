"""Administration in a real browser: rows, roles, features, closures over bookings, rebuilding."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn, Site

BANGKOK = ZoneInfo("Asia/Bangkok")
REFUSED = r"status of (409|422)"


def go_on(page: Page) -> None:
    """Says yes to the question."""
    page.locator("#ask button[value=yes]").click()


def rows(site: Site, path: str, **asked: str) -> list[Any]:
    """What a list of the API has."""
    with site.api() as api:
        return api.get(path, params=asked).json()["items"]


def made(site: Site, path: str, **body: Any) -> Any:
    """A new row, made by the API."""
    with site.api() as api:
        answer = api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def panel_of(page: Page) -> Locator:
    """What is open at the side."""
    return page.locator("#panel[open]")


def test_a_room_is_made_found_changed_deleted_and_restored(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("admin", expected=[REFUSED]).open("/admin/rooms")
    (studio_id,) = site.one("SELECT studio_id FROM rooms WHERE name = 'Ari'")
    made(site, "/rooms", name="Another's", studio_id=studio_id)
    expect(page.get_by_role("link", name="Another's")).to_be_visible()
    page.get_by_role("button", name="New room").click()
    panel = panel_of(page)
    panel.get_by_label("Studio").select_option(label="Sathorn Studios")
    expect(page.get_by_role("dialog", name="New room")).to_be_visible()
    expect(panel.get_by_label("Studio")).to_be_focused()
    name = panel.get_by_label("Name")
    name.fill("  ")
    panel.get_by_role("button", name="Create").click()
    expect(name).to_have_attribute("aria-invalid", "true")
    # What is wrong stands under its own field.
    note = panel.locator("small.problem")
    assert note.bounding_box()["x"] == name.bounding_box()["x"]  # pyright: ignore[reportOptionalSubscript]
    name.fill("Annex")
    panel.get_by_label("Capacity").fill("7")
    panel.get_by_role("button", name="Create").click()
    expect(panel).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Created.")

    page.get_by_role("searchbox", name="Search", exact=True).fill("anne")
    expect(page.get_by_text("1 found")).to_be_visible()
    assert page.url.endswith("/admin/rooms?q=anne")
    page.get_by_role("link", name="Annex").click()
    panel.get_by_label("Capacity").fill("9")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("listitem").filter(has_text="Changed").first).to_contain_text("Capacity: 7 → 9")
    expect(page.locator("#toasts")).to_contain_text("Saved.")

    panel.get_by_role("button", name="Delete").click()
    # A stray Enter deletes nothing, and the focus is never lost.
    expect(page.locator("#ask").get_by_role("button", name="Keep it")).to_be_focused()
    go_on(page)
    expect(panel.get_by_role("button", name="Restore")).to_be_focused()
    expect(page.get_by_text("0 found")).to_be_visible()
    panel.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("1 found")).to_be_visible()
    expect(panel.get_by_role("heading", name="Annex")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Annex is restored.")
    (room,) = rows(site, "/rooms", name="Annex")
    assert (room["capacity"], room["version"], room["deleted_at"]) == (9, 4, None)


def test_what_is_in_use_stays_and_says_by_what(site: Site, signed_in: SignedIn) -> None:
    room_id, _ = site.one("SELECT id, name FROM rooms WHERE name = 'Ari'")
    page = signed_in("admin", expected=[REFUSED]).open(f"/admin/rooms/{room_id}")
    (shows,) = site.one(
        "SELECT count(*) FROM shows WHERE room_id = %s AND deleted_at IS NULL"
        " AND status NOT IN ('cancelled', 'completed')",
        room_id,
    )
    expect(page.get_by_role("listitem").filter(has_text="Shows that are not over")).to_contain_text(
        str(shows)
    )
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(page.get_by_text("It is in use and can't be deleted")).to_be_visible()
    page.get_by_role("link", name="Shows that are not over").click()
    expect(page.locator(f"#row-{room_id} .bar").first).to_be_visible()


def test_a_user_gets_a_role_and_a_way_in(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("admin").open("/admin/users")
    page.get_by_role("button", name="New user").click()
    panel = panel_of(page)
    panel.get_by_label("Email").fill("new@x.test")
    panel.get_by_label("Name").fill("Newcomer")
    panel.get_by_role("button", name="Create").click()
    # The role is asked for next, and a way in without one says what it opens.
    roleless = panel.locator(".roleless:visible")
    expect(roleless).to_contain_text("Without a role this person can read everything")
    expect(roleless).to_have_count(1)
    make = page.get_by_role("button", name="New password and sign-in link")
    make.click()
    expect(roleless).to_have_count(2)
    expect(panel.get_by_text("Has no password yet.")).to_be_hidden()
    panel.get_by_label("Add a role in the studio").select_option(label="Sathorn Studios")
    panel.get_by_role("combobox", name="Role: Studio").select_option("planner")
    panel.get_by_role("button", name="Add studio role").click()
    expect(page.locator("#toasts")).to_contain_text("Role added.")
    expect(roleless).to_have_count(0)
    role = page.get_by_label("Role in Sathorn Studios", exact=True)
    expect(role).to_have_value("planner")
    with page.expect_response("**/api/v1/memberships/*"):
        role.select_option("manager")
    first = panel.get_by_role("textbox", name="New password").input_value()
    make.click()
    page.locator("#ask").locator("button[value=no]").click()
    expect(panel.get_by_role("textbox", name="New password")).to_have_value(first)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("button", name="Copy: Sign-in link").click()
    expect(page.locator("#toasts")).to_contain_text("Copied.")
    link = page.get_by_role("textbox", name="Sign-in link").input_value()
    (user,) = rows(site, "/users", email="new@x.test")
    assert site.one("SELECT role FROM memberships WHERE user_id = %s", user["id"]) == ("manager",)

    newcomer = signed_in("viewer", expected=["401"])
    newcomer.context.clear_cookies()
    newcomer.page.goto(link)
    newcomer.open("/profile")
    expect(newcomer.page.get_by_text("new@x.test")).to_be_visible()
    page.get_by_role("button", name="Ban", exact=True).click()
    go_on(page)
    expect(page.get_by_role("button", name="Lift the ban")).to_be_visible()
    newcomer.open("/profile")
    expect(newcomer.page.get_by_role("heading", name="Sign in")).to_be_visible()


def a_newcomer(site: Site, signed_in: SignedIn, email: str) -> tuple[str, Page]:
    """Somebody without a role, and the page of users with them at its side."""
    user_id = made(site, "/users", email=email, name="Newcomer")["id"]
    page = signed_in("admin").open("/admin/users")
    page.evaluate("(href) => void callboard.openPanel(href)", f"/admin/users/{user_id}")
    expect(panel_of(page).locator(".roleless")).to_be_visible()
    return user_id, page


def test_a_role_that_is_chosen_but_not_added_is_not_passed_over_in_saving(
    site: Site, signed_in: SignedIn
) -> None:
    user_id, page = a_newcomer(site, signed_in, "unadded@x.test")
    panel = panel_of(page)
    assert panel.locator(".roleless").evaluate("it => getComputedStyle(it).color") == page.evaluate(
        "() => { const it = document.createElement('p'); it.style.color = 'var(--warn)';"
        " return getComputedStyle(document.body.appendChild(it)).color }"
    )
    panel.get_by_label("Name").fill("Called otherwise")
    client = panel.get_by_label("Add a role for the client")
    client.select_option(index=1)
    panel.get_by_role("combobox", name="Role: Client").select_option("client_viewer")
    panel.get_by_role("button", name="Save").click()
    expect(client).to_have_accessible_description(re.compile("not added yet: press “Add client role”"))
    expect(client).to_be_focused()
    assert rows(site, "/users", email="unadded@x.test")[0]["name"] == "Newcomer"
    panel.get_by_role("button", name="Add client role").click()
    expect(panel.locator("#roles li")).to_have_count(1)
    panel.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    assert rows(site, "/users", email="unadded@x.test")[0]["name"] == "Called otherwise"
    assert site.one("SELECT role FROM memberships WHERE user_id = %s", user_id) == ("client_viewer",)


def test_a_role_is_there_once_it_is_added_whatever_else_is_half_chosen(
    site: Site, signed_in: SignedIn
) -> None:
    _, page = a_newcomer(site, signed_in, "stale@x.test")
    panel = panel_of(page)
    studio = panel.get_by_label("Add a role in the studio")
    studio.select_option(label="Sathorn Studios")
    panel.get_by_label("Add a role for the client").select_option(index=1)
    panel.get_by_role("combobox", name="Role: Client").select_option("client_viewer")
    panel.get_by_role("button", name="Add client role").click()
    expect(panel.locator("#roles li")).to_have_count(1)
    expect(panel.locator(".roleless")).to_have_count(0)
    expect(studio.locator("option:checked")).to_have_text("Sathorn Studios")
    expect(panel.get_by_role("combobox", name="Role: Client")).to_have_value("")


def test_hours_over_bookings_say_how_many_and_the_first(site: Site, signed_in: SignedIn) -> None:
    (studio_id,) = site.one("SELECT studio_id FROM rooms WHERE name = 'Ari'")
    page = signed_in("admin", expected=[REFUSED]).open(f"/admin/opening-hours/new?studio_id={studio_id}")
    expect(page.get_by_text("close it on all weekdays that have none")).to_be_visible()
    page.get_by_label("Opens").fill("11:00")
    page.get_by_label("Closes").fill("12:00")
    page.get_by_label("Closes").blur()
    expect(page.locator(".hits h3").first).to_contain_text("Outside these hours, booked: ")
    expect(page.locator(".hits h3").last).to_contain_text("Outside these hours, drafted: ")
    expect(page.locator(".hits a").first).to_have_attribute("href", re.compile("^/shows/show_"))
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("button", name="Do it, and plan what is hit anew")).to_be_visible()
    expect(page.locator(".hits h3").first).to_contain_text("Outside these hours, booked: ")
    expect(page.locator(".hits ul").first.locator("li")).to_have_count(9)
    expect(page.locator(".hits ul").first.locator("li").last).to_contain_text("more")
    expect(page.get_by_text("re_plan")).to_have_count(0)
    assert rows(site, "/opening-hours") == []


def test_hours_say_as_they_are_filled_in_until_when_they_go(site: Site, signed_in: SignedIn) -> None:
    (studio_id,) = site.one("SELECT studio_id FROM rooms WHERE name = 'Ari'")
    page = signed_in("admin").open(f"/admin/opening-exceptions/new?studio_id={studio_id}")
    opens, closes = page.get_by_label("Opens"), page.get_by_label("Closes")
    opens.fill("20:00")
    closes.fill("10:0")
    expect(page.locator("#lasts")).to_have_text("")
    closes.fill("10:00")
    expect(closes).to_have_accessible_description("Open until 10:00 the next day, 14 h.")
    closes.fill("23:30")
    expect(page.locator("#lasts")).to_have_text("Open until 23:30 the same day, 3 h 30 min.")
    expect(page.get_by_text("A time not after the opening is on the next day.")).to_be_visible()


def test_the_question_whether_to_delete_hours_says_how_many_would_be_outside(
    site: Site, signed_in: SignedIn
) -> None:
    (studio_id,) = site.one("SELECT studio_id FROM rooms WHERE name = 'Ari'")
    hours = {"weekdays": [*range(1, 8)], "opens": "00:00", "closes": "24:00"}
    week = made(site, "/opening-hours/bulk", studio_id=studio_id, **hours)["items"]
    page = signed_in("admin").open(f"/admin/opening-hours/{week[2]['id']}")
    expect(page.locator("#lasts")).to_have_text("Open until 24:00 the same day, 24 h.")
    ask, delete = (
        page.get_by_role("button", name="Who would be outside without it?"),
        page.get_by_role("button", name="Delete", exact=True),
    )
    tops = [each.bounding_box() for each in (ask, page.locator("footer.tools"))]
    assert tops[0]
    assert tops[1]
    assert tops[0]["x"] == tops[1]["x"]
    delete.click()
    asked = page.locator("#ask-what")
    expect(asked).to_contain_text("Booked shows that would be outside: ")
    expect(asked).to_contain_text(
        "These hours can't be deleted before these bookings are moved or cancelled."
    )
    page.locator("#ask button[value=no]").click()
    expect(page.locator("footer .hits li").first).to_be_visible()
    # The count is read out; what the list says is not.
    expect(page.get_by_role("status").filter(has=page.locator("li"))).to_have_count(0)
    expect(page.locator("footer [data-hit]")).to_contain_text("Booked shows that would be outside: ")
    with site.api() as api:
        for each in week:
            path = f"/opening-hours/{each['id']}"
            assert api.patch(path, json={"re_plan": True}).json()["hit"] == []
            assert api.delete(path).status_code == 204


def test_a_studio_in_use_gets_its_week_from_one_form(site: Site, signed_in: SignedIn) -> None:
    studio_id = made(site, "/studios", name="Week Hall", time_zone="UTC")["id"]
    page = signed_in("admin", expected=[REFUSED]).open("/admin/opening-hours")
    page.get_by_role("button", name="New opening hours").first.click()
    panel = panel_of(page)
    panel.get_by_label("Studio").select_option(label="Week Hall")
    days = panel.get_by_role("group", name="Weekdays")
    expect(days.get_by_role("checkbox", checked=True)).to_have_count(7)
    panel.get_by_label("Opens").fill("20:00")
    panel.get_by_label("Closes").fill("10:00")
    expect(panel.locator("#lasts")).to_have_text("Open until 10:00 the next day, 14 h.")
    for day in days.get_by_role("checkbox").all():
        day.uncheck()
    panel.get_by_role("button", name="Create").click()
    expect(days.locator("small.problem")).to_be_visible()
    days.get_by_label("Wednesday").check()
    expect(panel.locator("#lasts")).to_have_text("Open until 10:00 on Thursday, 14 h.")
    days.get_by_label("Monday").check()
    expect(panel.locator("[data-hit]")).to_have_text("No show to come would be outside these hours.")
    panel.get_by_role("button", name="Create").click()
    expect(panel).to_have_count(0)
    made_ = rows(site, "/opening-hours", studio_id=studio_id)
    assert [(each["weekday"], each["closes"]) for each in made_] == [(1, "10:00"), (3, "10:00")]


def test_overlapping_hours_are_refused_at_their_field_before_they_are_sent_too(
    site: Site, signed_in: SignedIn
) -> None:
    studio_id = made(site, "/studios", name="Overlap Hall", time_zone="UTC")["id"]
    page = signed_in("admin", expected=[REFUSED]).open(f"/admin/opening-hours/new?studio_id={studio_id}")
    first, second = ("Monday 09:00\N{EN DASH}18:00", "Monday 17:00\N{EN DASH}20:00")
    said = f"{second} overlaps {first}: change one of the two so that they only touch."
    page.get_by_label("Opens").fill("09:00")
    page.get_by_label("Closes").fill("18:00")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Overlap Hall")).to_have_count(7)
    page.goto(f"{site.url}/admin/opening-hours/new?studio_id={studio_id}")
    page.get_by_label("Opens").fill("17:00")
    page.get_by_label("Closes").fill("20:00")
    page.get_by_label("Closes").blur()
    expect(page.locator(".hits .problem")).to_contain_text(said)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Opens")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".fields small.problem")).to_contain_text(said)
    own = rows(site, "/opening-hours", studio_id=studio_id)[0]
    page.goto(f"{site.url}/admin/opening-hours/{own['id']}")
    page.get_by_role("button", name="Who would be outside without it?").click()
    expect(page.locator(".hits").last).to_contain_text(
        "No show to come would be outside without these hours."
    )


def test_a_feature_is_switched_for_one_studio(site: Site, signed_in: SignedIn) -> None:
    def switched() -> Any:
        query = (
            "SELECT f.enabled FROM features f WHERE feature = 'planning' AND user_type = 'planner'"
            " AND studio_id IS NOT NULL AND deleted_at IS NULL"
        )
        return site.one(query)

    page = signed_in("admin").open("/admin/features")
    cell = page.get_by_role("group", name="Planning, Planner, Sathorn Studios")
    assert switched() == (True,)
    cell.get_by_role("button", name="Off", exact=False).first.click()
    expect(cell.get_by_role("button", name="Sathorn Studios: Off")).to_have_attribute("aria-pressed", "true")
    assert switched() == (False,)
    cell.get_by_role("button", name="As everywhere").click()
    expect(cell.get_by_role("button", name="As everywhere")).to_have_attribute("aria-pressed", "true")
    assert switched() is None
    cell.get_by_role("button", name="Sathorn Studios: On").click()
    expect(cell.get_by_role("button", name="Sathorn Studios: On")).to_have_attribute("aria-pressed", "true")
    assert switched() == (True,)


def test_a_room_is_closed_over_bookings_which_are_planned_anew(site: Site, signed_in: SignedIn) -> None:
    name, room_id, starts, ends = site.one(
        "SELECT s.name, s.room_id, s.starts_at, s.ends_at FROM shows s"
        " JOIN schedules c ON c.id = s.schedule_id AND c.status = 'confirmed'"
        " WHERE s.status = 'confirmed' AND s.room_id IS NOT NULL"
        " ORDER BY s.starts_at, s.id LIMIT 1"
    )

    def fill(label: str, instant: datetime) -> None:
        local = instant.astimezone(BANGKOK)
        group = page.get_by_role("group", name=label, exact=True)
        group.get_by_label("day").fill(local.date().isoformat())
        group.get_by_label("time").fill(f"{local:%H:%M}")

    page = signed_in("admin", expected=[REFUSED]).open(f"/admin/room-closures/new?room_id={room_id}")
    fill("From", starts)
    fill("To", ends)
    page.get_by_role("textbox", name="Reason").fill("Burst pipe")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Hit: 1")).to_be_visible()
    expect(page.locator(".hits")).to_contain_text(name)
    page.get_by_role("button", name="Do it, and plan what is hit anew").click()
    page.wait_for_url("**/admin/room-closures/closure_*")
    expect(page.get_by_role("heading", name="Burst pipe")).to_be_visible()
    opened = page.locator("section", has=page.get_by_role("heading", name="Changes that it opened"))
    opened.get_by_role("link").click()
    expect(page.locator(".change:target")).to_contain_text("Burst pipe")
    (closure,) = rows(site, "/room-closures", q="Burst")
    assert (closure["room_id"], closure["re_plan"]) == (room_id, True)
    assert closure["start"] == starts.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")


def test_the_read_tables_are_rebuilt_under_ones_eyes_and_serving_goes_on(
    site: Site, signed_in: SignedIn
) -> None:
    page = signed_in("admin").open("/admin/projections")
    page.get_by_role("button", name="Rebuild all").click()
    go_on(page)
    expect(page.get_by_text("The read tables are being rebuilt")).to_be_visible()
    page.reload()
    expect(page.get_by_text("The read tables are being rebuilt")).to_be_visible()
    made(site, "/clients", name="Meanwhile")
    expect(page.get_by_text("Rebuilt from")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Never")).to_have_count(0)
    assert site.one("SELECT count(*) FROM clients WHERE name = 'Meanwhile'") == (1,)
    page.get_by_role("button", name="Verify the event log").click()
    expect(page.get_by_text("The log is whole")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Verify the event log")).to_be_focused()
