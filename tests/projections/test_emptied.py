"""The read tables of the demo month are emptied: what is read from the log still answers, and after a
rebuild every GET of the API answers the same bytes as before.

Which GETs there are is asked of the OpenAPI document: one that has no sample here fails the test.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.sql import SQL, Identifier

from api import replaying
from api.app import app_over
from api.cli import main
from api.http.security import issue_token
from api.settings import Settings
from api.wiring import Callboard
from domain.application import Commands
from projections import rebuild
from seeds.demo import load_demo
from seeds.demo_steps import STUDIO_ID
from seeds.reference import ADMIN_ID
from tests.databases import Database
from tests.spec import Clock

MONTH = "2027-01"
NOW = datetime(2026, 12, 15, 3, 0, tzinfo=UTC)
SECRET = "a secret of thirty-two bytes, at least"  # noqa: S105
PLAN = f"""external_id,client,studio,room,name,start,end,creators,platforms,show_type,show_standard,note
LATE-1,Latecomer,{STUDIO_ID},,Late one,2027-01-30 20:00,2027-01-30 21:00,,,,,
"""
MOST = 50
"""About so many of a list's rows are asked for one by one; its pages, boards and exports have all of them."""
STREAM = re.compile(r"(schedule|client|studio|room|creator|user|import)_\w{26}")

HERE = {"studio_id": STUDIO_ID, "from": "2027-01-01", "to": "2027-02-01"}
QUESTIONS: dict[str, list[dict[str, str]]] = {
    "/api/v1/availability": [HERE | {"minutes": "60"}],
    "/api/v1/board": [HERE, HERE | {"to": "2027-01-02"}],
    "/api/v1/rooms/{row_id}/impact": [{"from": "2027-01-01", "to": "2027-02-01", "limit": "100"}],
    "/api/v1/creators/{row_id}/impact": [{"from": "2027-01-01", "to": "2027-02-01"}],
    "/api/v1/utilisation": [HERE | {"by": by} for by in ("room", "creator", "client", "day")],
    "/api/v1/exports/shows.csv": [{}, HERE],
    "/api/v1/exports/shows.xlsx": [HERE],
    "/api/v1/changes/counts": [{}],
    "/api/v1/me": [{}],
    "/api/v1/stream": [{"seconds": "0"}],
    "/health/live": [{}],
    "/health/ready": [{}],
}
"""For what is neither a list nor of one thing in a list."""

FROM_THE_LOG = re.compile(r"/diff$|^/api/v1/bulk/|^/api/v1/shows/\{show_id\}/(versions|changes)")
"""Differences and bulk runs are of the log alone; the others are for standalone shows, whose schedule is
asked like any."""

Answers = dict[str, tuple[str | None, bytes]]
"""ETag and body by URL."""


class Reader:
    """Asks every GET that the API documents."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self.client = client
        self.answers: Answers = {}
        self._urls: dict[str, list[str]] = {}
        self._named: dict[str, list[str]] = {}

    def everything(self) -> Answers:
        """The answer to each URL: lists page by page, also with what is deleted; and all that lists name."""
        paths = self.client.get("/schema/openapi.json").json()["paths"]
        for path in sorted(paths, key=lambda path: path.count("/")):
            if "get" not in paths[path] or FROM_THE_LOG.search(path):
                continue
            self._urls[path] = self._filled(path)
            assert self._urls[path], f"no sample for GET {path}"
            takes = {parameter["name"] for parameter in paths[path]["get"].get("parameters", ())}
            for url in self._urls[path]:
                if "cursor" in takes and path not in QUESTIONS:
                    self._list(url, takes)
                else:
                    self._questions(path, url)
        return self.answers

    def asked(self, urls: Iterable[str]) -> Answers:
        """The answers to these."""
        for url in urls:
            self._ask(url, {})
        return self.answers

    def _filled(self, path: str) -> list[str]:
        """The URLs of a path: those of the path above it, and behind a list what the list names."""
        if "{" not in path:
            return [path]
        above, _, last = path.rpartition("/")
        if last.startswith("{"):
            return [f"{url}/{name}" for url in self._urls[above] for name in self._named[url]]
        return [f"{url}/{last}" for url in self._urls.get(above) or self._filled(above)]

    def _list(self, url: str, takes: set[str]) -> None:
        names = self._pages(url, {})
        if "include_deleted" in takes:
            names = self._pages(url, {"include_deleted": "true"})
        self._named[url] = names[:: max(1, len(names) // MOST)]

    def _pages(self, url: str, question: dict[str, str]) -> list[str]:
        names: list[str] = []
        page: dict[str, str] = {"limit": "100"}
        while True:
            answer = msgspec.json.decode(self._ask(url, question | page))
            names += [str(item.get("id", item.get("number"))) for item in answer["items"]]
            if (cursor := answer["page"]["next_cursor"]) is None:
                return names
            page["cursor"] = cursor

    def _questions(self, path: str, url: str) -> None:
        assert "{" in path or path in QUESTIONS, f"no sample for GET {path}"
        for question in QUESTIONS.get(path, [{}]):
            self._ask(url, question)

    def _ask(self, url: str, question: dict[str, str]) -> bytes:
        answer = self.client.get(url, params=question)
        assert answer.status_code == 200, f"{answer.url}: {answer.text}"
        self.answers[str(answer.url)] = (answer.headers.get("etag"), answer.content)
        return answer.content


@pytest.fixture
def clock() -> Clock:
    """Two weeks before the month."""
    return Clock(NOW)


@pytest.fixture
def client(commands: Commands, tmp_path: Path) -> Iterator[TestClient[Litestar]]:
    """An administrator on the demo month, into which a file was imported too."""
    load_demo(commands, MONTH)
    settings = Settings(data_dir=tmp_path, secret=SECRET)
    token = issue_token(SECRET, ADMIN_ID, timedelta(hours=1), datetime.now(UTC))
    with TestClient(app_over(Callboard(settings, commands.log.pool, commands))) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        done = client.post(
            "/api/v1/imports?create_missing=true", content=PLAN, headers={"Content-Type": "text/csv"}
        )
        assert done.json()["counts"]["created"] == 1, done.text
        ask_for_a_change(client)
        accept_a_finding(client)
        yield client


def ask_for_a_change(client: TestClient[Litestar]) -> None:
    """One booking's note is to change, and somebody says a word about it."""
    (show,) = client.get("/api/v1/shows?status=confirmed&limit=1").json()["items"]
    operation = {"op": "update", "show_id": show["id"], "set": {"note": "bring umbrellas"}}
    change = {"category": "OPERATIONAL", "type": "OTHER", "reason": "rain", "operations": [operation]}
    asked = client.post(f"/api/v1/schedules/{show['schedule_id']}/changes", json=change)
    assert asked.status_code == 201, asked.text
    host, day = client.get("/api/v1/creators").json()["items"][0]["id"], "2029-01-0{}T00:00:00Z".format
    away = {"creator_id": host, "start": day(1), "end": day(2), "reason": "holiday"}
    hours = {"studio_id": STUDIO_ID, "weekday": 1, "opens": "00:00", "closes": "30:00", "re_plan": True}
    shut = {"studio_id": STUDIO_ID, "date": "2029-01-01", "reason": "holiday"}
    rows = {"creator-time-offs": away, "opening-hours": hours, "opening-exceptions": shut}
    for path, row in rows.items():
        made = client.post(f"/api/v1/{path}", json=row)
        assert made.status_code == 201, made.text
    for thing in (f"schedules/{show['schedule_id']}", f"shows/{show['id']}", f"changes/{asked.json()['id']}"):
        said = client.post(f"/api/v1/{thing}/comments", json={"text": "Why not?"})
        assert said.status_code == 201, said.text


def accept_a_finding(client: TestClient[Litestar]) -> None:
    """The imported show has no room, which is how it was meant."""
    (show,) = client.get("/api/v1/shows?q=Late one").json()["items"]
    waiver = {"code": "missing_room", "reason": "outdoors"}
    given = client.post(f"/api/v1/shows/{show['id']}/waivers", json=waiver)
    assert given.status_code == 201, given.text


@pytest.mark.untraced
def test_everything_reads_the_same_after_the_tables_were_emptied_and_rebuilt(
    client: TestClient[Litestar], commands: Commands, database: Database, tmp_path: Path
) -> None:
    before = Reader(client).everything()
    streams = sorted({match[0] for url in before if (match := STREAM.search(url))})
    replayed = [replay_of(commands, stream) for stream in streams]

    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        tables = SQL(", ").join(Identifier("read", table) for table in rebuild.TABLES)
        owner.execute(SQL("TRUNCATE {}").format(tables))

    assert client.get("/api/v1/schedules").json()["items"] == []
    assert [replay_of(commands, stream) for stream in streams] == replayed
    versions = {url: answer for url, answer in before.items() if re.search(r"/versions/\d+$", url)}
    assert len(versions) > 20
    assert changed(versions, Reader(client).asked(versions)) == []
    assert json.loads(callboard(database, tmp_path, "audit", "replay", streams[-1]))["stream"] == streams[-1]

    callboard(database, tmp_path, "projections", "rebuild")

    assert changed(before, Reader(client).everything()) == []


def replay_of(commands: Commands, stream: str) -> bytes:
    """What `audit replay` tells of a stream."""
    return msgspec.json.encode(replaying.rebuilt(commands.log.stream(stream), stream))


def changed(before: Answers, after: Answers) -> list[str]:
    """URLs that one side lacks or answers differently."""
    return sorted(url for url in before.keys() | after.keys() if before.get(url) != after.get(url))


def callboard(database: Database, data_dir: Path, *arguments: str) -> str:
    """The output of a command of the command line on the test's database."""
    env = {"CALLBOARD_DATA_DIR": str(data_dir), "CALLBOARD_DATABASE_URL": database.admin_url}
    done = CliRunner().invoke(main, [*arguments, "--json"], env=env)
    assert done.exit_code == 0, done.output
    return done.stdout
