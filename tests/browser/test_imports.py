"""A file is dropped on the page: what it would do is seen first, decided row by row, applied, taken back."""

from typing import Final

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import SignedIn, Site

COLUMNS: Final = "external_id,client,studio,room,name,start,end"


def plan(site: Site, *rows: str) -> FilePayload:
    """A file with these rows for the first client and studio of the demo month."""
    client, studio, room = site.one(
        "SELECT c.name, t.name, r.name FROM clients c, studios t JOIN rooms r ON r.studio_id = t.id LIMIT 1"
    )
    lines = [COLUMNS, *(row.format(place=f"{client},{studio},{room}") for row in rows)]
    return {"name": "plan.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode()}


def test_a_file_is_looked_at_decided_applied_and_taken_back(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("planner").open("/imports")
    expect(page.get_by_text("You plan in Sathorn Studios.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Create clients")).to_have_count(0)
    rows = (
        "N1,{place},Morning,2032-02-02T10:00,2032-02-02T12:00",
        "N2,{place},Over it,2032-02-02T11:00,2032-02-02T13:00",
        "N3,{place},Never,2032-02-30T11:00,2032-02-02T13:00",
        "N4,{place},Never,2032-02-30T11:00,2032-02-02T13:00",
    )
    page.set_input_files("input[type=file]", plan(site, *rows))
    told = page.locator("#import-report")
    expect(told.get_by_text("2 created")).to_be_visible()
    wrong = told.get_by_role("region", name="Rows with errors").get_by_role("row").nth(1)
    expect(wrong.get_by_role("cell").nth(0)).to_have_text("4\N{EN DASH}5")
    expect(wrong.get_by_role("cell").nth(2)).to_have_text("2032-02-30T11:00")
    expect(told.get_by_role("heading", name="Shows that would clash")).to_be_visible()
    with site.api() as api:
        assert api.get("/imports").json()["items"] == []

    expect(told.locator("details[open] > summary")).to_contain_text("2032-02 New 2")
    told.get_by_role("checkbox", name="Take: Morning").focus()
    page.keyboard.press("ArrowDown")
    expect(told.get_by_role("checkbox", name="Take: Over it")).to_be_focused()
    page.keyboard.press("Space")
    expect(told.get_by_role("checkbox", name="Take: Over it")).not_to_be_checked()
    expect(page.get_by_role("button", name="Apply")).to_be_hidden()
    expect(page.get_by_role("button", name="See what it would do")).to_be_in_viewport()
    page.get_by_role("button", name="See what it would do").click()
    expect(told.get_by_text("1 created")).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="plan.csv")).to_be_visible()
    with site.api() as api:
        (run,) = api.get("/imports").json()["items"]
        found = api.get("/shows", params={"schedule_id": run["schedules"][0]}).json()["items"]
    assert [show["name"] for show in found] == ["Morning"]

    page.get_by_role("button", name="Undo this import").click()
    page.locator("#ask button[value=yes]").click()
    expect(page.get_by_text("Taken back by")).to_be_visible()
    page.get_by_role("link", name="All imports").click()
    expect(page.get_by_role("table").get_by_text("Undone")).to_be_visible()


def test_who_may_not_import_is_told_who_may_and_a_client_finds_no_imports(signed_in: SignedIn) -> None:
    page = signed_in("viewer").open("/imports")
    expect(page.get_by_text("where planning is switched on for them")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Import", exact=True)).to_have_count(0)
    page = signed_in("client", expected=["404"]).open("/imports")
    expect(page.get_by_text("There is nothing here")).to_be_visible()
