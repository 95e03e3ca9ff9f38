"""Signing in to the pages: the form, the session, links, passwords, and what is refused."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

import api.web
from api.http.security import COOKIE, LINKS, SESSIONS, issue_token
from api.web.account import passwords
from api.web.frame import wording
from domain.accounts import set_password
from domain.application import SYSTEM, Commands, Context
from seeds.reference import ADMIN_ID
from tests.api.conftest import SECRET

EMAIL = "admin@callboard.local"
PASSWORD = "correct horse battery"  # noqa: S105
OWN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PAGES = ["/board", "/profile"]


@pytest.fixture
def browser(nobody: TestClient[Litestar]) -> TestClient[Litestar]:
    """A browser without a session; it follows no redirects by itself."""
    nobody.follow_redirects = False
    nobody.headers.update(OWN)
    return nobody


@pytest.fixture
def known(commands: Commands) -> None:
    """The administrator has a password."""
    give(commands, PASSWORD)


def give(commands: Commands, password: str) -> None:
    set_password(commands, Context(actor=SYSTEM, command="test"), ADMIN_ID, passwords.hashed(password))


def fill_in(browser: TestClient[Litestar], password: str = PASSWORD, **others: str):
    return browser.post("/sign-in", data={"email": EMAIL, "password": password, **others})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_nobody_to_the_form_and_back(
    browser: TestClient[Litestar], known: None, path: str
) -> None:
    away = browser.get(path)
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/sign-in")
    form = browser.get(away.headers["location"])
    onward, _ = re.findall(r'name="next" value="([^"]*)"', form.text)
    signed_in = fill_in(browser, next=onward)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, path)
    page = browser.get(path)
    assert (page.status_code, "Administrator" in page.text) == (200, True)


def test_the_session_is_a_cookie_that_no_script_reads(browser: TestClient[Litestar], known: None) -> None:
    cookie = fill_in(browser, email="ADMIN@callboard.local ").headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= set(cookie.split("; "))


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", "x" * 200])
def test_what_does_not_fit_is_said_in_the_form_which_keeps_the_address(
    browser: TestClient[Litestar], known: None, password: str
) -> None:
    again = fill_in(browser, password)
    assert (again.status_code, 'role="alert"' in again.text, f'value="{EMAIL}"' in again.text) == (
        422,
        True,
        True,
    )
    assert "set-cookie" not in again.headers


def test_who_has_no_password_and_who_is_unknown_get_the_same_answer(browser: TestClient[Litestar]) -> None:
    texts = {
        re.sub(r'value="[^"]*"', "", fill_in(browser, email=each).text) for each in (EMAIL, "no@one.test")
    }
    assert len(texts) == 1


def test_after_five_tries_an_address_waits_whoever_asks(browser: TestClient[Litestar], known: None) -> None:
    assert [fill_in(browser, "wrong").status_code for _ in range(5)] == [422] * 5
    assert [fill_in(browser).status_code, fill_in(browser, "wrong").status_code] == [429, 429]


@pytest.mark.parametrize(
    "next_",
    ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "evil", "/a\nb", ""],
)
def test_nobody_is_led_elsewhere(browser: TestClient[Litestar], known: None, next_: str) -> None:
    assert fill_in(browser, next=next_).headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_sites_page_can_send_nothing_in_somebodys_name(
    browser: TestClient[Litestar], known: None, headers: dict[str, str]
) -> None:
    assert fill_in(browser).status_code == 303
    for url, sent in (
        ("/sign-out", {}),
        ("/profile/token", {"days": "7"}),
        ("/profile/password", {"new": "x"}),
    ):
        assert browser.post(url, data=sent, headers=headers).status_code == 403
    written = browser.post("/api/v1/clients", json={"name": "Acme"}, headers=headers)
    assert (written.status_code, browser.get("/api/v1/clients").json()["items"]) == (403, [])


def test_an_older_browser_is_known_by_its_origin(browser: TestClient[Litestar], known: None) -> None:
    del browser.headers["Sec-Fetch-Site"]
    assert fill_in(browser).status_code == 403
    browser.headers["Origin"] = "http://testserver.local"
    assert fill_in(browser).status_code == 303
    browser.headers["Origin"] = "http://evil.test"
    assert browser.post("/sign-out").status_code == 403


def test_a_session_reads_and_writes_the_api_as_its_user(browser: TestClient[Litestar], known: None) -> None:
    fill_in(browser)
    made = browser.post("/api/v1/clients", json={"name": "Acme"}).json()
    assert (made["created_by"], browser.get("/api/v1/me").json()["id"]) == (ADMIN_ID, ADMIN_ID)


def test_signing_out_ends_the_session_here(browser: TestClient[Litestar], known: None) -> None:
    fill_in(browser)
    out = browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert browser.get("/profile").status_code == 303


def test_a_link_signs_in_until_its_time_is_over(browser: TestClient[Litestar]) -> None:
    now = datetime.now(UTC)
    good = issue_token(SECRET, ADMIN_ID, timedelta(hours=1), now, audience=LINKS)
    stale = issue_token(SECRET, ADMIN_ID, timedelta(hours=1), now - timedelta(hours=2), audience=LINKS)
    assert browser.get("/sign-in/link", params={"token": stale}).status_code == 410
    assert browser.get("/profile").status_code == 303
    assert browser.get("/sign-in/link", params={"token": good}).headers["location"] == "/"
    assert browser.get("/profile").status_code == 200


def test_a_token_is_good_for_its_own_door_only(browser: TestClient[Litestar]) -> None:
    now = datetime.now(UTC)
    session, bearer, link = tokens = [
        issue_token(SECRET, ADMIN_ID, timedelta(hours=1), now, audience=each)
        for each in (SESSIONS, "callboard-api", LINKS)
    ]

    def opened(token: str) -> tuple[int, int, int]:
        by_cookie = browser.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={token}"})
        by_header = browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        by_link = browser.get("/sign-in/link", params={"token": token})
        browser.cookies.clear()
        return by_cookie.status_code, by_header.status_code, by_link.status_code

    assert {token: opened(token) for token in tokens} == {
        session: (200, 401, 410),
        bearer: (401, 200, 410),
        link: (401, 401, 303),
    }


def test_a_changed_password_ends_every_other_session(
    browser: TestClient[Litestar], commands: Commands
) -> None:
    give(commands, PASSWORD)
    fill_in(browser)
    before = commands.clock() - timedelta(hours=1)
    elsewhere = issue_token(SECRET, ADMIN_ID, timedelta(days=36_500), before, audience=SESSIONS)
    short = browser.post("/profile/password", data={"old": PASSWORD, "new": "short", "again": "short"})
    differs = browser.post("/profile/password", data={"old": PASSWORD, "new": "x" * 12, "again": "y" * 12})
    wrong = browser.post("/profile/password", data={"old": "wrong", "new": "x" * 12, "again": "x" * 12})
    assert [each.status_code for each in (short, differs, wrong)] == [422, 422, 422]
    assert ["new-problem" in short.text, "again-problem" in differs.text, "old-problem" in wrong.text] == [
        True
    ] * 3
    new = "a new password of mine"
    done = browser.post("/profile/password", data={"old": PASSWORD, "new": new, "again": new})
    assert (done.status_code, browser.get("/profile").status_code) == (303, 200)
    browser.cookies.set(COOKIE, elsewhere)
    away = browser.get("/profile")
    assert (away.status_code, "why=ended" in away.headers["location"]) == (303, True)


def test_the_log_knows_that_a_password_was_set_and_nothing_of_it(commands: Commands, known: None) -> None:
    with commands.log.pool.connection() as connection:
        events = connection.execute("SELECT convert_from(state, 'UTF8') FROM callboard_events").fetchall()
        (kept,) = connection.execute("SELECT hash FROM passwords").fetchall()
    (told,) = [text for (text,) in events if "PasswordSet" in text]
    assert (kept[0].startswith("$argon2id$"), ADMIN_ID in told) == (True, True)
    assert not [text for (text,) in events if "argon2" in text or PASSWORD in text]


def test_a_token_from_the_profile_does_what_its_user_may(browser: TestClient[Litestar], known: None) -> None:
    fill_in(browser)
    page = browser.post("/profile/token", data={"days": "1"})
    (token,) = re.findall(r"<textarea[^>]*>([^<]+)</textarea>", page.text)
    browser.cookies.clear()
    assert browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()["id"] == ADMIN_ID
    assert page.headers["cache-control"] == "no-store"


def test_errors_on_pages_are_pages_and_elsewhere_problems(browser: TestClient[Litestar], known: None) -> None:
    fill_in(browser)
    page, problem = browser.get("/nowhere"), browser.get("/api/v1/nowhere")
    assert 'href="/schedules"' in page.text  # The navigation: a way on from an address that is none.
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (404, "text/html")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    browser.cookies.set("callboard_session", "no token")
    stranger = browser.get("/nowhere")
    assert (stranger.status_code, 'href="/schedules"' in stranger.text) == (404, False)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("th", "th"),
        ("th-TH,en;q=0.5", "th"),
        ("en;q=0.9,th;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
        ("th;q=0", "en"),
    ],
)
def test_the_page_speaks_what_the_browser_asks_for(
    browser: TestClient[Litestar], accepted: str, language: str
) -> None:
    page = browser.get("/sign-in", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}"' in page.text


def test_a_choice_of_language_and_look_is_kept(browser: TestClient[Litestar]) -> None:
    chosen = browser.post("/appearance", data={"theme": "dark", "language": "th", "next": "/sign-in"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in")
    assert '<html lang="th" data-theme="dark">' in browser.get("/sign-in").text
    browser.post("/appearance", data={"theme": "pink", "language": "../en", "next": "/"})
    assert '<html lang="th" data-theme="dark">' in browser.get("/sign-in").text


def test_every_language_has_every_text_with_the_same_values() -> None:
    def placeholders(words: wording.Words) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in words.texts.items()}

    ours = [wording.BUILT_IN.words(each) for each in wording.BUILT_IN.languages]
    assert [each.language for each in ours if placeholders(each) != placeholders(ours[0])] == []
    assert [each.own for each in ours] == [ours[0].texts.keys()] * 2


def test_no_page_says_what_the_catalogue_has_not() -> None:
    root = Path(api.web.__file__).parent
    texts = wording.BUILT_IN.words("en").texts
    said = re.compile(r"""\bt\(\s*["'](\w+\.\w*)["']\s*(~)?""")
    missing = [
        f"{path.name}: {key}"
        for path in [*root.rglob("*.py"), *root.glob("templates/**/*.html")]
        for key, goes_on in said.findall(path.read_text())
        if not (any(each.startswith(key) for each in texts) if goes_on else key in texts)
    ]
    assert missing == []


def test_no_text_is_left_that_no_page_shows() -> None:
    root = Path(api.web.__file__).parent
    files = [*root.rglob("*.py"), *root.glob("templates/**/*.html"), *root.glob("static/*.js")]
    shown = "".join(path.read_text() for path in files)
    # Parts, and keys of one beginning, that end with a value: a role, a status, a place of the navigation.
    ends = tuple(re.findall(r"""t\(["'](\w+\.\w*)["'] ~""", shown))
    made = set(re.findall(r"t\(f\"(\w+)\.{", shown))
    made |= {part for part in re.findall(r't\.part\("(\w+)"\)', shown) if not part.endswith("script")}
    begun = tuple(re.findall(r"word\(`(\w+)\${", shown))
    unused = [
        key
        for key in wording.BUILT_IN.words("en").texts
        if key not in shown
        and not key.startswith(ends)
        and key.partition(".")[0] not in made
        and not _said(key, shown, begun)
    ]
    assert unused == []


def _said(key: str, shown: str, begun: tuple[str, ...]) -> bool:
    """Whether a script says it: by its name, or by one that it makes of a beginning and a value."""
    part, _, name = key.partition(".")
    return part.endswith("script") and (f'"{name}"' in shown or name.startswith(begun or ("\0",)))


@pytest.mark.parametrize("name", ["base.css", "icon.svg"])
def test_static_files_are_kept_by_content(browser: TestClient[Litestar], name: str) -> None:
    page = browser.get("/sign-in").text
    (address,) = re.findall(rf'"(/static/{re.escape(name)}\?v=\w+)"', page)[:1]
    assert "immutable" in browser.get(address).headers["cache-control"]
    assert browser.get(f"/static/{name}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["../assets.py", "%2e%2e/assets.py", "/etc/passwd", "vendor", "", "app.css/.."]
)
def test_nothing_else_is_static(browser: TestClient[Litestar], path: str) -> None:
    assert browser.get(f"/static/{path}", headers={"Accept": "*/*"}).status_code in {404, 405}
