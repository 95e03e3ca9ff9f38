"""Every page there is, to be looked at: where it is, who opens it, and what is done on it first."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.browser.conftest import MONTH, Site


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
    page.locator("main details summary").first.click()
    expect(page.locator("main pre").first).to_be_visible()


def _board(days: int, **more: str) -> Callable[[Site], str]:
    def found(site: Site) -> str:
        (studio,) = site.one("SELECT studio_id FROM shows GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        return "/board?" + urlencode({"studio_id": studio, "day": f"{MONTH}-11", "days": days, **more})

    return found


SPOTS: Final[Sequence[Spot]] = (
    Spot("board", _board(1), "The board: a day of a studio.", anew=True),
    Spot("board-week", _board(7), "The board: a week."),
    Spot("board-creators", _board(3, view="creators"), "The board by creator, three days."),
    Spot("sign-in", "/sign-in", "Sign-in, for who has a password.", who=""),
    Spot("profile", "/profile", "Profile: password, token for scripts.", first=_menu),
    Spot("not-found", "/nowhere", "What is not there, or not for you."),
    Spot("audit", "/audit", "Audit: all that happened, with its details.", who="admin", first=_details),
    Spot("audit-none", "/audit?about=Nobody&q=nothing", "Audit, when nothing fits.", who="admin"),
)
