"""A file is dropped on the page: what it would do is seen first, decided row by row, applied, taken back."""

from typing import Final

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.looking import WIDTHS, Looking

COLUMNS: Final = "external_id,client,studio,room,name,start,end"


def plan(site: Site, *rows: str, head: str = COLUMNS) -> FilePayload:
    """A file with these rows for the first client and studio of the demo month."""
    client, studio, room = site.one(
        "SELECT c.name, t.name, r.name FROM clients c, studios t JOIN rooms r ON r.studio_id = t.id LIMIT 1"
    )
    lines = [head, *(row.format(place=f"{client},{studio},{room}") for row in rows)]
    return {"name": "plan.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode()}


def test_a_file_is_looked_at_decided_applied_and_taken_back(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("planner").open("/imports")
    expect(page.get_by_text("You plan in Sathorn Studios.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Create clients")).to_have_count(0)
    rows = (
        "N1,{place},Morning,2032-02-02T10:00,2032-02-02T12:00",
        "N2,{place},Over it,2032-02-02T11:00,2032-02-02T13:00",
        "N3,{place},Never,2032-02-30T11:00,2032-02-02T13:00",
        "N4,{place},,2032-02-30T11:00,2032-02-02T13:00",
    )
    page.set_input_files("input[type=file]", plan(site, *rows))
    told = page.locator("#import-report")
    expect(told.get_by_text("2 created")).to_be_visible()
    wrong = told.get_by_role("region", name="Rows with errors").get_by_role("row").nth(1)
    expect(wrong.get_by_role("cell").nth(0)).to_have_text("4\N{EN DASH}5")
    expect(wrong.get_by_role("cell").nth(2)).to_have_text("2032-02-30T11:00")
    blocks = told.get_by_role("region", name="Conflicts").get_by_role("row")
    expect(blocks).to_have_count(2)
    expect(blocks.nth(1)).to_contain_text("3Over it N2Mon 2 Feb 11:00\N{EN DASH}13:00")
    expect(blocks.nth(1)).to_contain_text("(line 2)")
    told.get_by_text("Only to look at: 4").click()
    expect(told.get_by_role("region", name="Only to look at: 4").get_by_role("row")).to_have_count(5)
    with site.api() as api:
        assert api.get("/imports").json()["items"] == []

    expect(told.locator(".plans details[open] > summary")).to_contain_text("2032-02 New 2")
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
    expect(page.get_by_text("Rows with errors: 2")).to_be_visible()
    expect(page.get_by_role("heading", name="Rows with errors")).to_have_text("Rows with errors 2")
    with site.api() as api:
        (run,) = api.get("/imports").json()["items"]
        found = api.get("/shows", params={"schedule_id": run["schedules"][0]}).json()["items"]
    assert [show["name"] for show in found] == ["Morning"]

    page.get_by_role("button", name="Undo this import").click()
    page.locator("#ask button[value=yes]").click()
    expect(page.get_by_text("Taken back by")).to_be_visible()
    page.get_by_role("link", name="All imports").click()
    expect(page.get_by_role("table").get_by_text("Undone")).to_be_visible()


def focused(page: Page) -> str:
    """The accessible name of what has the focus, which must show it and not lie under anything."""
    shown = page.evaluate(
        "() => { const at = document.activeElement; const style = getComputedStyle(at);"
        " return at !== document.body && (style.outlineStyle !== 'none' || style.boxShadow !== 'none'); }"
    )
    assert shown, page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
    hidden_by = page.evaluate(
        "() => { const at = document.activeElement; const box = at.getBoundingClientRect();"
        " const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
        " return at.role === 'region' || (over && (at.contains(over) || over.contains(at)))"
        " ? null : `${at.outerHTML.slice(0, 200)} lies under ${over?.outerHTML.slice(0, 200)}`; }"
    )
    assert hidden_by is None, hidden_by
    return page.evaluate(
        "() => { const at = document.activeElement;"
        " return at.ariaLabel ?? (at.labels?.[0] ?? at).textContent.trim(); }"
    )


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Goes on by keyboard until something of that name has the focus."""
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press(key)
        seen.append(focused(page))
        if name in seen[-1]:
            return
    raise AssertionError(f"{name} is not reached by {key}: {seen}")


def named_apart(told: Locator) -> None:
    """A report says who was chosen by name, and counts no name that is still to be chosen."""
    expect(told.get_by_role("heading", name="Names that were chosen 1")).to_be_visible()
    expect(told.get_by_role("heading", name="Names to choose")).to_have_count(0)
    changes = told.locator(".plans")
    for alias in ("Twin of the morning", "Twin of the night"):
        expect(changes).to_contain_text(f"Twin (also called {alias})")
    expect(changes).not_to_contain_text("creator_")


def test_an_ambiguous_name_is_chosen_and_a_file_imported_by_keyboard_alone(
    site: Site, signed_in: SignedIn
) -> None:
    with site.api() as api:
        for alias in ("Twin of the morning", "Twin of the night"):
            api.post("/creators", json={"name": "Twin", "alias": alias}).raise_for_status()
    file = plan(
        site,
        "T1,{place},First,2033-02-02T10:00,2033-02-02T12:00,Twin",
        "T2,{place},Second,2033-02-02T13:00,2033-02-02T14:00,twin",
        "T3,{place},Third,2033-02-02T15:00,2033-02-02T16:00,Nobody",
        head=f"{COLUMNS},creators",
    )
    page = signed_in("planner").open("/imports")
    page.on("filechooser", lambda _: None)
    tab_to(page, "File")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
    told = page.locator("#import-report")
    expect(page.get_by_role("heading", name="What the file would do")).to_be_focused()
    group = told.get_by_role("group", name="2 creators are called “Twin”")
    expect(group).to_contain_text("Lines: 2\N{EN DASH}3")
    expect(told.get_by_role("region", name="Rows with errors")).to_contain_text(
        "Several have this name: choose above."
    )
    expect(told).not_to_contain_text("creator_")
    expect(told.get_by_text("Creators: Nobody")).to_be_visible()
    expect(page.get_by_text("There is nothing to apply")).to_be_visible()

    tab_to(page, "also called Twin of the")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("() => document.activeElement.parentElement.textContent")
    expect(page.get_by_text("Look again before you apply")).to_be_visible()
    tab_to(page, "Choose line by line")
    page.keyboard.press("Enter")
    expect(told.get_by_role("combobox", name="Twin in line 3")).to_be_visible()
    tab_to(page, "Twin in line 3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(told.get_by_text("2 created")).to_be_visible()
    expect(told.get_by_role("combobox", name="Twin in line 3")).to_be_focused()
    expect(told.get_by_role("radio", checked=True)).to_have_count(1)
    named_apart(told)
    tab_to(page, "Apply", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="plan.csv")).to_be_visible()
    with site.api() as api:
        (run,) = api.get("/imports", params={"outcome": "applied"}).json()["items"][:1]
        found = api.get("/shows", params={"schedule_id": run["schedules"][0]}).json()["items"]
        hosts = [api.get(f"/creators/{show['creators'][0]}").json()["alias"] for show in found]
    assert [show["name"] for show in found] == ["First", "Second"]
    assert hosts[0] in chosen
    assert set(hosts) == {"Twin of the morning", "Twin of the night"}

    tab_to(page, "Undo this import")
    page.keyboard.press("Enter")
    tab_to(page, "Undo this import")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken back by")).to_be_visible()


def test_names_to_choose_and_conflicts_are_accessible_and_in_one_piece(
    site: Site, signed_in: SignedIn, axe: str
) -> None:
    with site.api() as api:
        for alias in ("of the ferry", ""):
            api.post("/creators", json={"name": "Double", "alias": alias or None}).raise_for_status()
    page = signed_in("planner", reduced_motion="reduce").open("/imports")
    rows = [
        "L1,{place},First,2036-02-02T10:00,2036-02-02T12:00,Double",
        "L2,{place},Second,2036-02-02T10:00,2036-02-02T12:00,double",
        "L3,{place},Third,2036-02-02T15:00,2036-02-02T17:00,",
        "L4,{place},Fourth,2036-02-02T16:00,2036-02-02T18:00,Unheard-of",
        "L5,{place},Fifth,2036-02-02T16:00,2036-02-02T18:00,",
    ]
    page.set_input_files("input[type=file]", plan(site, *rows, head=f"{COLUMNS},creators"))
    page.get_by_text("Choose line by line").click()
    page.get_by_text("Only to look at").click()
    expect(page.get_by_role("combobox", name="Double in line 2")).to_be_visible()
    looking = Looking(page, axe)
    for theme in ("light", "dark"):
        looking.accessible(theme, 1440)
    for width in WIDTHS:
        looking.laid_out(width)
        looking.listened_to(width)
    looking.accessible("light", 390)
    looking.dressed("light", 1440)
    looking.focusable()
    assert not looking.findings, "\n".join(looking.findings)


def test_what_was_decided_can_be_decided_otherwise_by_keyboard(site: Site, signed_in: SignedIn) -> None:
    rows = [f"D{n},{{place}},Show {n},2035-02-{n + 10}T10:00,2035-02-{n + 10}T11:00" for n in range(12)]
    first = plan(site, *rows)
    person = signed_in("planner")
    with site.api("planner") as api:
        done = api.post("/imports", content=first["buffer"], headers={"content-type": "text/csv"}).json()
        found = api.get("/shows", params={"schedule_id": done["schedules"][0]["id"]}).json()["items"]
        for show in found:
            api.patch(
                f"/shows/{show['id']}", json={"note": "ours"}, headers={"if-match": f'"{show["version"]}"'}
            ).raise_for_status()
    page = person.open("/imports")
    page.set_viewport_size({"width": 1000, "height": 500})
    head = f"{COLUMNS},note"
    page.set_input_files("input[type=file]", plan(site, *(f"{row},theirs" for row in rows), head=head))
    told = page.locator("#import-report")
    expect(told.get_by_text("12 left alone")).to_be_visible()
    tab_to(page, "Take the file's: D3 note")
    page.keyboard.press("Space")
    for n in range(4, 12):
        page.keyboard.press("ArrowDown")
        assert focused(page) == f"Take the file's: D{n} note"
    tab_to(page, "Take the file's: D3 note", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(told.get_by_text("1 updated")).to_be_visible()
    box = told.get_by_role("checkbox", name="Take the file's: D3 note")
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(told.get_by_text("12 left alone")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).not_to_be_checked()


def test_on_a_phone_nothing_of_imports_is_beside_the_screen(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("planner").page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/imports")
    rows = [f"P{n},{{place}},Show {n},2034-02-02T1{n}:00,2034-02-02T1{n + 1}:30" for n in range(4)]
    page.set_input_files("input[type=file]", plan(site, *rows, "P9,{place},Bad,never,2034-02-02T12:00"))
    told = page.locator("#import-report")
    expect(told.get_by_role("region", name="Conflicts").get_by_role("row")).not_to_have_count(0)
    told.locator("summary").filter(has_text="Only to look at").click()
    wide = """() => [...document.querySelectorAll("main .scroll, html")]
        .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.ariaLabel ?? "page")"""
    assert page.evaluate(wide) == []
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="plan.csv")).to_be_visible()
    assert page.evaluate(wide) == []
    page.goto(f"{site.url}/imports")
    expect(page.get_by_role("table").get_by_role("rowheader")).not_to_have_count(0)
    assert page.evaluate(wide) == []


def test_who_may_not_import_is_told_who_may_and_a_client_finds_no_imports(signed_in: SignedIn) -> None:
    page = signed_in("viewer").open("/imports")
    expect(page.get_by_text("where planning is switched on for them")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Import", exact=True)).to_have_count(0)
    page = signed_in("client", expected=["404"]).open("/imports")
    expect(page.get_by_text("There is nothing here")).to_be_visible()


def test_what_was_set_here_comes_first_in_words_and_is_taken_from_the_file_as_one(
    site: Site, signed_in: SignedIn
) -> None:
    rows = [f"K{n},{{place}},Show {n},2037-02-02T10:00,2037-02-02T12:00,bau" for n in (1, 2)]
    file = plan(site, *rows, head=f"{COLUMNS},show_type")
    with site.api("planner") as api:
        done = api.post("/imports", content=file["buffer"], headers={"content-type": "text/csv"}).json()
        plan_id = done["schedules"][0]["id"]
        for show in api.get("/shows", params={"schedule_id": plan_id}).json()["items"]:
            later = {"start": "2037-02-02T18:30:00Z", "end": "2037-02-02T19:30:00Z", "show_type": "campaign"}
            version = {"if-match": f'"{show["version"]}"'}
            api.patch(f"/shows/{show['id']}", json=later, headers=version).raise_for_status()
    page = signed_in("planner").open("/imports")
    page.set_input_files("input[type=file]", file)
    told = page.locator("#import-report")
    expect(told.get_by_text("2 left alone")).to_be_visible()
    headings = [each.rpartition(" ")[0] for each in told.get_by_role("heading", level=3).all_inner_texts()]
    assert headings.index("Set in Callboard, and kept") < headings.index("Conflicts")
    kept = told.get_by_role("region", name="Set in Callboard, and kept")
    rows_here = kept.get_by_role("row").all()
    values = [row.get_by_role("cell").all_inner_texts() for row in rows_here]
    assert ["", "2", "K1", "start", "Mon 2 Feb 25:30", "Mon 2 Feb 10:00"] in values
    assert ["", "2", "K1", "show_type", "Campaign", "Business as usual"] in values
    # A line is taken whole: its values are ticked together.
    one = kept.get_by_role("checkbox", name="Take the file's: K1 start")
    one.check()
    expect(kept.get_by_role("checkbox", name="Take the file's: K1 show_type")).to_be_checked()
    expect(kept.get_by_role("checkbox", name="Take the file's: K2 start")).not_to_be_checked()
    told.get_by_role("checkbox", name="Take all of the file's").check()
    for box in kept.get_by_role("checkbox").all():
        expect(box).to_be_checked()
    page.get_by_role("button", name="See what it would do").click()
    expect(told.get_by_text("2 updated")).to_be_visible()
    every = told.get_by_role("checkbox", name="Take all of the file's")
    expect(every).to_be_checked()
    # What a run left alone is told in the same words.
    with site.api("planner") as api:
        again = api.post("/imports", content=file["buffer"], headers={"content-type": "text/csv"}).json()
    run = signed_in("planner").open(f"/imports/{again['id']}")
    row = run.get_by_role("row").filter(has_text="show_type").first
    expect(row).to_contain_text("CampaignBusiness as usual")
    expect(run.get_by_role("row").filter(has_text="start").first).to_contain_text("Mon 2 Feb 25:30")
