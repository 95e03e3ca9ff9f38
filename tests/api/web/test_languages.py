"""Another language is a folder; whoever goes astray is told so in their own words, and how to go on."""

import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from api.web.frame.wording import Catalogue
from api.wiring import Callboard
from domain.application import Commands
from seeds.reference import ADMIN_ID
from tests.api.conftest import settings_in, token
from tests.api.world import World

Client = TestClient[Litestar]


def written(home: Path, name: str, text: str) -> str:
    folder = home / "messages"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return str(folder)


def test_another_language_is_a_folder_and_says_the_rest_in_english(
    lent: tuple[Litestar, Callboard], commands: Commands, tmp_path: Path
) -> None:
    more = written(tmp_path, "de/mine.toml", '[language]\nname = "Deutsch"\n[frame]\nboard = "Tafel"\n')
    app, callboard = lent
    callboard.settings = replace(settings_in(tmp_path), messages_dir=more)
    callboard.pool, callboard.commands = commands.log.pool, commands
    with TestClient(app) as client:
        client.headers.update({"Accept": "text/html", "Authorization": f"Bearer {token(ADMIN_ID)}"})
        assert '<option value="de" lang="de">Deutsch</option>' in client.get("/profile").text
        client.post("/appearance", data={"language": "de", "next": "/profile"})
        page = client.get("/schedules").text
        assert '<html lang="de">' in page
        assert ("Tafel" in page, "Schedules" in page) == (True, True)
        asked = client.get("/api/v1/rooms?x=1", headers={"Accept-Language": "de"}).json()
        assert (asked["title"], asked["code"]) == ("Invalid", "invalid")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("de/x.toml", "[frame", "x.toml"),
        ("de/x.toml", "[frame]\nboard = 3", "3 is no text"),
        ("de/x.toml", '[refusal]\ninvalid = "{etikett}"', "de: refusal.invalid has no {etikett}"),
    ],
)
def test_a_folder_that_cannot_be_used_is_said_at_the_start(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Catalogue(written(tmp_path, name, text)).check()


def test_what_an_installation_says_otherwise_takes_the_place_of_ours(tmp_path: Path) -> None:
    found = Catalogue(written(tmp_path, "th/x.toml", '[frame]\nboard = "กระดาน"\n'))
    assert found.languages == ("en", "th")
    assert (found.words("th")("frame.board"), found.words("en")("frame.board")) == ("กระดาน", "Board")


ASTRAY = (
    ("/board?day=x", 422, "วัน", ["/board", "/"]),
    ("/board?day=1900-01-01", 422, "วัน", ["/board", "/"]),
    ("/schedules?cursor=y", 422, "โปรดกลับไปหน้าแรกของรายการ", ["/schedules", "/"]),
    ("/schedules/schedule_x", 404, "ไม่พบสิ่งนี้", ["/schedules", "/"]),
    ("/shows/show_x", 404, "ไม่พบสิ่งนี้", ["/board", "/"]),
    ("/nowhere", 404, "ไม่พบสิ่งนี้", ["/"]),
    ("/profile/token", 405, "ที่อยู่นี้ทำสิ่งนี้ไม่ได้", ["/"]),
    ("/audit?before=x", 422, "", ["/audit", "/"]),
)


def test_whoever_goes_astray_is_told_in_their_language_and_led_on(client: Client, world: World) -> None:
    for path, status, said, ways in ASTRAY:
        answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "th"})
        page = re.split("<main[^>]*>|</main>", answer.text)[1]
        shown = re.sub(r"<[^>]+>", " ", page)
        told = (answer.status_code, said in shown, re.findall(r'href="([^"]+)"', page))
        assert (path, *told) == (path, status, True, ways), shown
        assert (path, re.findall(r"[A-Za-z]{2,}", shown)) == (path, [])


def test_a_page_that_is_not_for_someone_says_so_in_their_language(reader: Client) -> None:
    answer = reader.get("/audit", headers={"Accept": "text/html", "Accept-Language": "th"})
    assert (answer.status_code, "เฉพาะผู้ดูแลระบบเท่านั้นที่ทำได้" in answer.text) == (403, True)
    english = reader.get("/board?day=x", headers={"Accept": "text/html"}).text
    assert "Day: Must be a day, such as 2026-05-02." in english
