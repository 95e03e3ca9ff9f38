"""Every way out of the demo month's conflicts does what it promises: sent as it stands, its finding goes and
none comes to any show of any plan. CALLBOARD_TEST_WAYS: how many are sent here, or `all`."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import app_over
from api.http.security import Bounds
from api.resources.conflicts import Findings, list_conflicts
from api.settings import Settings
from api.wiring import Callboard
from domain.application import Commands
from domain.conflicts import Finding
from seeds.demo import load_demo
from seeds.reference import ADMIN_ID
from tests.api.conftest import SECRET, token
from tests.api.world import API, Json

NOW = datetime(2026, 12, 15, 3, 0, tzinfo=UTC)
SOME = 12
_ASKED = os.environ.get("CALLBOARD_TEST_WAYS", str(SOME))
MOST = 10**9 if _ASKED == "all" else int(_ASKED)

Id = tuple[str, str, str | None, str | None]


def identity(finding: Finding) -> Id:
    other = finding.other
    return (
        finding.code,
        finding.show_id,
        finding.resource.id if finding.resource else None,
        other.show_id or other.closure_id if other else None,
    )


class Month:
    """The demo month behind its API."""

    def __init__(self, commands: Commands, client: TestClient[Litestar]) -> None:
        self.commands = commands
        self.client = client
        with commands.log.pool.connection() as connection:
            rows = connection.execute("SELECT id FROM schedules WHERE deleted_at IS NULL ORDER BY id")
            self.plans = [row[0] for row in rows]

    def findings(self, plan: str, *, suggestions: bool) -> list[Finding]:
        """What the API answers for a plan."""
        return cast(Findings, list_conflicts.fn(plan, self.commands, Bounds(), suggestions)).items

    def everywhere(self) -> set[Id]:
        """All findings of all plans."""
        return {identity(f) for plan in self.plans for f in self.findings(plan, suggestions=False)}

    def told(self, plan: str) -> list[Json]:
        """The findings of a plan with their ways out, over HTTP."""
        return self.client.get(f"{API}/schedules/{plan}/conflicts").json()["items"]

    def send(self, request: Json) -> None:
        """A suggestion's own request, after what it needs; a change is approved as well."""
        if request["needs"]:
            show = self.client.get(f"{API}/shows/{_shows(request)[0]}").json()
            path = f"{API}/schedules/{show['schedule_id']}/{request['needs']}"
            assert self.client.post(path, json={}).status_code == 200
        headers = {"If-Match": request["if_match"]} if request["if_match"] else {}
        answer = self.client.request(
            request["method"], request["path"], json=request["body"], headers=headers
        )
        assert answer.status_code in {200, 201}, answer.text
        done = answer.json()
        if request["path"].endswith("/changes") and done["status"] == "proposed":
            answer = self.client.post(f"{API}/changes/{done['id']}/approve", json={})
            assert answer.status_code == 200, answer.text

    def take_back(self, suggestion: Json) -> None:
        """Drafts are put back to where they were; not into a room that was deleted meanwhile."""
        for each in suggestion["changes"]:
            body = {name: value["from"] for name, value in each["fields"].items()}
            answer = self.client.patch(f"{API}/shows/{each['show_id']}", json=body)
            gone = answer.status_code == 422 and answer.json()["errors"][0]["code"] == "unknown_reference"
            assert gone or answer.status_code == 200, answer.text


@pytest.fixture
def month(commands: Commands, tmp_path: Path) -> Iterator[Month]:
    """Loaded once for this file's one test."""
    cast(Any, commands).clock.now = NOW
    load_demo(commands, "2027-01")
    app = app_over(Callboard(Settings(data_dir=tmp_path, secret=SECRET), commands.log.pool, commands))
    with TestClient(app) as client:
        client.headers["Authorization"] = f"Bearer {token(ADMIN_ID)}"
        yield Month(commands, client)


@pytest.mark.untraced
def test_every_conflict_of_the_demo_month_has_a_way_out_and_each_does_what_it_promises(month: Month) -> None:
    blocking: Counter[bool] = Counter()
    kinds: Counter[str] = Counter()
    without: list[Id] = []
    for plan in month.plans:
        for finding in month.findings(plan, suggestions=True):
            blocking[finding.severity == "block"] += 1
            assert len(finding.suggestions) <= 5
            if finding.severity == "block" and not finding.suggestions:
                without.append(identity(finding))
    assert not without
    applied = 0
    for plan in month.plans:
        for told in month.told(plan):
            for number in range(len(told["suggestions"])):
                if applied >= MOST:
                    break
                applied += _applied(month, plan, told, number, kinds)
    print(f"{blocking[True]} block, {blocking[False]} warn; applied {applied}: {dict(kinds)}")  # noqa: T201
    assert applied == MOST or _ASKED == "all"


def _applied(month: Month, plan: str, told: Json, number: int, kinds: Counter[str]) -> int:
    """Sends one suggestion to a finding as it is told now, looks, and takes it back where that can be."""
    key = _told(told)
    now = next((each for each in month.told(plan) if _told(each) == key), None)
    if now is None or number >= len(now["suggestions"]):
        return 0  # A change before it ended this one too, or took its place.
    suggestion = now["suggestions"][number]
    before = month.everywhere()
    assert key in before
    month.send(suggestion["request"])
    after = month.everywhere()
    assert key not in after, (key, suggestion)
    assert after < before, (key, suggestion, after - before)
    kinds[f"{now['severity']} {suggestion['kind']}"] += 1
    if not suggestion["request"]["path"].endswith("/changes"):
        month.take_back(suggestion)
    return 1


def _told(finding: Json) -> Id:
    other: Json = finding["other"] or {}
    resource: Json = finding["resource"] or {}
    return (
        finding["code"],
        finding["show_id"],
        resource.get("id"),
        other.get("show_id") or other.get("closure_id"),
    )


def _shows(request: Json) -> list[str]:
    return request["body"].get("show_ids") or [request["path"].rpartition("/")[2]]
