"""Every page there is, to be looked at: where it is, who opens it, and what is done on it first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.browser.conftest import MONTH, SignedIn, Site
from tests.browser.looking import WIDTHS, Looking, screens


class Spot(NamedTuple):
    """A page in a state. `name` is its file's under docs/screens and its anchor in docs/pages.md; `path` may
    be found in the demo month; `who` of PEOPLE opens it, or nobody for ""; `told` says in docs/pages.md what
    it shows; `first` brings it into its state; `anew` loads it again where its width changes."""

    name: str
    path: str | Callable[[Site], str]
    told: str
    who: str = "planner"
    first: Callable[[Page], None] | None = None
    anew: bool = False

    def address(self, site: Site) -> str:
        """The path and query."""
        return self.path if isinstance(self.path, str) else self.path(site)


def _menu(page: Page) -> None:
    page.locator("header details.menu > summary").click()
    expect(page.get_by_label("Appearance")).to_be_visible()


def _details(page: Page) -> None:
    page.locator(".timeline summary").first.click()
    expect(page.locator("main pre").first).to_be_visible()


def _board(days: int, **more: str) -> Callable[[Site], str]:
    def found(site: Site) -> str:
        (studio,) = site.one("SELECT studio_id FROM shows GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        return "/board?" + urlencode({"studio_id": studio, "day": f"{MONTH}-11", "days": days, **more})

    return found


def _of(path: str, query: str) -> Callable[[Site], str]:
    """The page of a row of administration."""
    return lambda site: f"/admin/{path}/{site.one(query)[0]}"


def _rebuilding(page: Page) -> None:
    page.get_by_role("button", name="Verify the event log").click()
    expect(page.get_by_text("The log is whole")).to_be_visible(timeout=20_000)


def _asked(site: Site) -> str:
    """Where changes wait: one that fits, and one for a slot that is taken."""
    with site.api() as api:
        if not api.get("/changes/counts").json()["client"]:
            plan = api.get("/schedules", params={"status": "confirmed", "limit": 1}).json()["items"][0]
            found = api.get("/shows", params={"schedule_id": plan["id"], "status": "confirmed", "limit": 9})
            first, second, *_, last = found.json()["items"]
            there = {name: last[name] for name in ("room_id", "start", "end")}
            for operation in (
                {"op": "update", "show_id": first["id"], "set": there},
                {"op": "cancel", "show_id": second["id"], "reason_category": "OTHER"},
            ):
                url = f"/schedules/{plan['id']}"
                match = {"If-Match": api.get(url).headers["etag"]}
                body = {"category": "OPERATIONAL", "type": "OTHER", "reason": "The guest is late"}
                asked = api.post(f"{url}/changes", json={**body, "operations": [operation]}, headers=match)
                asked.raise_for_status()
    return "/inbox?box=client"


def _show(site: Site) -> str:
    """A booked show with a conflict around it."""
    (show,) = site.one(
        "SELECT id FROM shows WHERE status = 'draft' AND room_id IS NOT NULL ORDER BY id LIMIT 1"
    )
    return f"/shows/{show}"


def _panel(page: Page) -> None:
    page.locator("#board .bar.confirmed").first.click()
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#panel-content h2, #panel-content h1").first).to_be_visible()


def _plan(status: str, rest: str = "") -> Callable[[Site], str]:
    """A page of the first schedule in that status."""
    query = "SELECT id FROM schedules WHERE status = %s AND kind = 'plan' AND deleted_at IS NULL ORDER BY id"
    return lambda site: f"/schedules/{site.one(f'{query} LIMIT 1', status)[0]}{rest}"


def _chosen(page: Page) -> None:
    page.locator("#drafting > summary").click()
    page.locator("input[data-show]").first.check()
    expect(page.locator("#bulk")).to_be_visible()


def _looked(page: Page) -> None:
    """A file with a row that is in order, and one that is not."""
    page.get_by_label("File", exact=True).set_input_files(
        {
            "name": "plan.csv",
            "mimeType": "text/csv",
            "buffer": b"external_id,client,studio,room,name,start,end\r\n"
            b"N1,,Sathorn Studios,,Morning,2032-02-02T10:00,2032-02-02T12:00\r\n"
            b"N2,Nobody Ltd,Sathorn Studios,,Never,2032-02-30T10:00,2032-02-02T12:00\r\n",
        }
    )
    expect(page.get_by_text("1 created")).to_be_visible()


def _draft_edited(site: Site) -> str:
    (show_id,) = site.one(
        "SELECT s.id FROM shows s JOIN schedules c ON c.id = s.schedule_id WHERE s.status = 'draft'"
        " AND s.deleted_at IS NULL AND c.kind = 'plan' AND c.status = 'draft'"
        " ORDER BY s.starts_at, s.id LIMIT 1"
    )
    return f"/shows/{show_id}/edit"


def _board_then(site: Site) -> str:
    (at,) = site.one("SELECT max(at) FROM callboard_events")
    return _board(1, as_of=at.isoformat())(site)


SPOTS: Final[Sequence[Spot]] = (
    Spot("start", "/", "Where one starts.", who="manager"),
    Spot("board", _board(1), "The board: a day of a studio.", anew=True),
    Spot("board-week", _board(7), "The board: a week."),
    Spot("board-creators", _board(3, view="creators"), "The board by creator, three days."),
    Spot("board-client", _board(7), "The board as a client sees it.", who="client"),
    Spot("board-past", _board_then, "The board as it was at another moment.", anew=True),
    Spot("board-panel", _board(1), "A show at the side of the board.", who="manager", first=_panel),
    Spot("show", _show, "A show: its fields, conflicts, comments, history."),
    Spot("show-new", "/shows/new", "A new show."),
    Spot("show-edit", _draft_edited, "A show's fields, to be edited.", who="admin"),
    Spot("schedules", "/schedules", "All schedules by month."),
    Spot("schedule", _plan("draft"), "A schedule: its shows, some chosen.", first=_chosen, anew=True),
    Spot("schedule-conflicts", _plan("draft", "?tab=conflicts"), "Its conflicts, with ways out."),
    Spot("schedule-versions", _plan("confirmed", "?tab=versions"), "Its versions."),
    Spot("schedule-confirm", _plan("proposed", "?tab=confirm"), "What confirming would do.", who="manager"),
    Spot("compare", _plan("confirmed", "/compare?from=1&to=2"), "What differs between two versions."),
    Spot("schedule-new", "/schedules/new", "A new schedule."),
    Spot("inbox", _asked, "The inbox: what waits, and whether it would clash.", who="admin"),
    Spot("inbox-none", "/inbox?box=mine", "The inbox, when nothing waits.", who="viewer"),
    Spot("imports", "/imports", "Imports: what a file would do.", who="admin", first=_looked),
    Spot("sign-in", "/sign-in", "Sign-in, for who has a password.", who=""),
    Spot("profile", "/profile", "Profile: password, token for scripts.", first=_menu),
    Spot("not-found", "/nowhere", "What is not there, or not for you."),
    Spot("admin", "/admin", "Administration: all that there is.", who="admin"),
    Spot("admin-list", "/admin/users", "A list of administration.", who="admin"),
    Spot(
        "admin-user",
        _of("users", "SELECT user_id FROM memberships WHERE role = 'planner' ORDER BY id LIMIT 1"),
        "A user: roles, sign-in.",
        who="admin",
    ),
    Spot("admin-closing", "/admin/room-closures/new", "Closing a room.", who="admin"),
    Spot("admin-features", "/admin/features", "Features by type of user and studio.", who="admin"),
    Spot("admin-projections", "/admin/projections", "Projections.", who="admin", first=_rebuilding),
    Spot("audit", "/audit", "Audit: all that happened.", who="admin", first=_details, anew=True),
    Spot("audit-none", "/audit?about=Nobody&q=nothing", "Audit, when nothing fits.", who="admin"),
)


def is_drawn(spot: Spot) -> bool:
    """Whether it is of the pages that show shows as bars or one by one; the others are lists and forms."""
    return spot.name.startswith(("board", "show", "start", "inbox"))


def looked_at(signed_in: SignedIn, site: Site, axe: str, pictures: Path, spot: Spot) -> None:
    """Asserts that a page is accessible and in one piece, and takes its pictures, in one load."""
    person = signed_in(spot.who, expected=["status of 404"], reduced_motion="reduce")
    page = person.open(spot.address(site))
    if spot.first:
        spot.first(page)
    looking = Looking(page, axe)
    pictures = screens(pictures)
    for theme in ("light", "dark"):
        looking.shot(theme, 1440, pictures / f"{spot.name}-{theme}.webp")
        looking.accessible(theme, 1440)
    for width in WIDTHS:
        looking.dressed("light", width)
        if spot.anew:
            page.reload()
            if spot.first:
                spot.first(page)
        looking.laid_out(width)
        if width == 390:
            looking.accessible("light", width)
            looking.listened_to(width)
            for theme in ("light", "dark"):
                looking.shot(theme, width, pictures / f"{spot.name}-phone-{theme}.webp")
    looking.dressed("light", 1440)
    looking.listened_to(1440)
    looking.focusable()
    assert not looking.findings, "\n".join(looking.findings)
