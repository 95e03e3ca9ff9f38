"""A real Chromium before a real server over the demo month. What a page must never do is watched in every
test: errors in the console, exceptions, refused content, requests to other hosts."""

import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from api.http.security import COOKIE, SESSIONS, issue_token
from seeds import names
from seeds.demo import load_demo
from tests.browser.looking import axe_core
from tests.databases import Database, commands_over, created, pool_over
from tests.servers import Served
from tests.spec import Clock

MONTH: Final = "2031-03"
"""Of the demo: far enough away that nothing in it is past."""
SECRET: Final = "a secret of thirty-two bytes, at least"  # noqa: S105
PEOPLE: Final = {
    "admin": "admin@callboard.local",
    "planner": names.STAFF[0][0],
    "manager": next(email for email, _, role in names.STAFF if role == "manager"),
    "viewer": names.STAFF[2][0],
    "client": names.CLIENT_USERS[0][0],
}
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Site:
    """A served demo month, and who may sign in to it."""

    def __init__(self, served: Served, database: Database) -> None:
        self.served = served
        self.database = database

    @property
    def url(self) -> str:
        """Where it is, such as `http://127.0.0.1:43210`."""
        return self.served.url

    def user_id(self, who: str) -> str:
        """The id of one of PEOPLE, or of whoever has that email."""
        with psycopg.connect(self.database.admin_url) as connection:
            found = connection.execute(
                "SELECT id FROM read.users WHERE email = %s", (PEOPLE.get(who, who),)
            ).fetchone()
        assert found, f"nobody has the email {who}"
        return str(found[0])

    def token(self, who: str, audience: str = "callboard-api") -> str:
        """A token of that person, for the API unless another audience is named."""
        now = datetime.now(UTC) - timedelta(seconds=5)
        return issue_token(SECRET, self.user_id(who), timedelta(hours=2), now, audience=audience)

    def api(self, who: str = "admin") -> Any:
        """An HTTP client to the API as that person."""
        return self.served.client(self.token(who))

    def one(self, query: str, *values: Any) -> Any:
        """The first row of a query over the read tables: to find something to look at."""
        with psycopg.connect(self.database.admin_url, options="-c search_path=read,log,public") as connection:
            return connection.execute(query, values).fetchone()  # pyright: ignore


SEEN: Final = {"looks", "looks_lists", "frame", "faults", "story"}
"""Files, and those of the board, that look at pages which others open too: measuring their servers would take
two thirds of the time and tell nothing new."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks them `untraced`."""
    for item in items:
        name = item.path.stem.removeprefix("test_")
        if item.path.parent == Path(__file__).parent and (name in SEEN or name.startswith("board")):
            item.add_marker(pytest.mark.untraced)


class Person:
    """A browser of its own with somebody signed in. `expected` are patterns of console errors that the test
    is about, such as a 409 that the page tells the user of."""

    def __init__(self, context: BrowserContext, site: Site, expected: list[str]) -> None:
        self.context = context
        self.site = site
        self.expected = expected
        self.problems: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        self.page: Page = context.new_page()

    def open(self, path: str) -> Page:
        """Goes to a page of the site."""
        self.page.goto(self.site.url + path, wait_until="domcontentloaded")
        return self.page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            re.search(pattern, message.text) for pattern in self.expected
        ):
            self.problems.append(f"{message.type}: {message.text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != urlsplit(self.site.url).netloc:
            self.problems.append(f"request to another host: {url}")


SignedIn = Callable[..., Person]


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    """The browser, from Debian's packages. It ends with the file: until then Playwright's event loop runs in
    the thread of the tests, where other files want one of their own."""
    path = (
        os.environ.get("CALLBOARD_TEST_CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
    )
    if path is None:
        if os.environ.get("CI"):
            raise AssertionError("CI tests the pages: install Chromium (`apt-get install chromium`).")
        pytest.skip("No Chromium: `apt-get install chromium`, or name one in CALLBOARD_TEST_CHROMIUM.")
    # Other tests may keep both cores and the disk busy for longer than the five seconds that are usual.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The script of axe-core."""
    return axe_core(request.config.cache.mkdir("npm"))  # pyright: ignore


@pytest.fixture(scope="session")
def demo_month(server: str, template: str) -> Generator[str]:
    """The name of a database with the demo month, to make others from."""
    with created(server, template) as database:
        with pool_over(database) as pool:
            load_demo(commands_over(pool, Clock(datetime.now(UTC))), MONTH)
        yield database.name


@pytest.fixture(scope="module")
def site(server: str, demo_month: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """One server for the tests of a file: they leave alone what others look at."""
    home: Path = tmp_path_factory.mktemp("site")
    with created(server, demo_month) as database:
        extra = {"CALLBOARD_DATABASE_URL": database.admin_url, "CALLBOARD_SECRET": SECRET}
        with Served(home, extra) as served:
            yield Site(served, database)


@pytest.fixture
def signed_in(chromium: Browser, site: Site) -> Generator[SignedIn]:
    """Opens a browser for somebody: `signed_in("planner")`, or nobody: `signed_in("")`, with what
    `Browser.new_context` takes, and `expected=[patterns]` of console errors. Afterwards each must have had no
    other problem."""
    with ExitStack() as stack:
        people: list[Person] = []

        def sign_in(who: str, *, expected: list[str] | None = None, **options: Any) -> Person:
            options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
            context = chromium.new_context(**options)
            context.set_default_timeout(10_000)
            stack.callback(context.close)
            if who:
                token = site.token(who, SESSIONS)
                context.add_cookies([{"name": COOKIE, "value": token, "url": site.url, "httpOnly": True}])
            person = Person(context, site, expected or [])
            people.append(person)
            return person

        yield sign_in
        problems = [problem for person in people for problem in person.problems]
    assert problems == []
