"""Imports by who plans in a studio: their rows are taken, others' are refused one by one."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World
from tests.importing import line, text

Client = TestClient[Litestar]
Join = Callable[..., Client]
PLANNING = "system_admin, or manager or planner of the studio with the feature planning"
MINE = line()
THEIRS = line(external_id="B-1", studio="Berlin", room="", creators="")
LATER = THEIRS | {"external_id": "B-2", "start": "2026-05-03T20:00", "end": "2026-05-03T22:00"}


@pytest.fixture
def berlin(world: World, client: Client) -> str:
    """A second studio."""
    body = {"name": "Berlin", "time_zone": "Europe/Berlin"}
    return client.post(f"{API}/studios", json=body).json()["id"]


@pytest.fixture
def join(client: Client, sign_in: SignIn) -> Join:
    """Signs in a new planner of a studio, where planning is switched on for them unless said otherwise."""

    def joined(studio_id: str, *, on: bool = True) -> Client:
        def made(path: str, **body: Any) -> Json:
            answer = client.post(f"{API}/{path}", json=body)
            assert answer.status_code == 201, answer.text
            return answer.json()

        user = made("users", email=f"{studio_id}@x.test", name="Pia")["id"]
        made("memberships", user_id=user, role="planner", studio_id=studio_id)
        if on:
            made("features", feature="planning", user_type="planner", studio_id=studio_id, enabled=True)
        return sign_in(user)

    return joined


def take_in(client: Client, *rows: dict[str, str], **query: Any) -> Any:
    headers = {"content-type": "text/csv"}
    return client.post(f"{API}/imports", content=text(*rows), params=query, headers=headers)


def told(report: Json) -> Json:
    """What a dry run and the real one have in common."""
    return {name: report[name] for name in ("counts", "errors", "notes", "unknown_names", "conflicts")}


def test_a_planner_imports_and_takes_back_what_a_dry_run_told(world: World, join: Join) -> None:
    planner = join(world.studio)
    rows = (MINE, line(external_id="A-2", room="Nowhere"))
    looked = take_in(planner, *rows, mode="dry_run")
    done = take_in(planner, *rows)
    assert (looked.status_code, done.status_code) == (200, 201)
    assert told(looked.json()) == told(done.json())
    assert (done.json()["counts"]["created"], done.json()["counts"]["errors"]) == (1, 1)
    assert take_in(planner, *rows).json()["counts"]["unchanged"] == 1
    undone = planner.post(f"{API}/imports/{done.json()['id']}/undo")
    assert (undone.status_code, undone.json()["counts"]["removed"]) == (200, 1)


def test_rows_for_another_studio_are_refused_and_nothing_there_is_touched(
    world: World, client: Client, berlin: str, join: Join
) -> None:
    plan = take_in(client, THEIRS, LATER).json()["schedules"][0]["id"]
    before = client.get(f"{API}/schedules/{plan}").json()
    planner = join(world.studio)
    # The second row means a show of Berlin, as it says Bangkok of its id; B-2, which the file lacks, stays.
    rows = (MINE, THEIRS, line(external_id="B-1", studio="Bangkok", room="Room 2", creators=""))
    for query in ({"mode": "dry_run"}, {}):
        report = take_in(planner, *rows, **query).json()
        found = [(each["row"], each["column"], each["value"], each["code"]) for each in report["errors"]]
        assert found == [(3, "studio", "Berlin", "may_not_plan"), (4, "studio", "Bangkok", "may_not_plan")]
        assert (report["counts"]["created"], report["counts"]["removed"]) == (1, 0)
        assert [each["name"] for each in report["schedules"]] == ["Acme 2026-05"]
        assert plan not in {each["id"] for each in report["schedules"]}
    assert client.get(f"{API}/schedules/{plan}").json() == before
    (mine,) = client.get(f"{API}/shows", params={"studio_id": world.studio}).json()["items"]
    assert (mine["external_id"], mine["name"]) == ("A-1", "Launch")


def test_a_confirmed_plan_gets_a_change_of_the_planner_that_waits(world: World, join: Join) -> None:
    planner = join(world.studio)
    plan = take_in(planner, MINE).json()["schedules"][0]
    proposed = world.do(plan, "propose")
    world.do(plan, "approve", version=proposed["current_version"])
    world.do(plan, "confirm")
    report = take_in(planner, MINE | {"name": "Relaunch"}).json()
    assert report["counts"]["proposed_changes"] == 1
    change = planner.get(f"{API}/changes/{report['schedules'][0]['change_id']}").json()
    assert (change["status"], change["needs"]) == ("proposed", "client")


def test_who_may_plan_nowhere_imports_nothing(world: World, client: Client, berlin: str, join: Join) -> None:
    off = join(world.studio, on=False)
    for query in ({"mode": "dry_run"}, {}):
        refused = take_in(off, MINE, **query)
        assert (refused.status_code, refused.json()["needs"]) == (403, PLANNING)
    assert "You may not plan" not in off.get("/imports").text
    assert "where planning is switched on" in off.get("/imports").text
    planner = join(berlin)
    assert 'name="create_missing"' not in planner.get("/imports").text
    assert "You plan in Berlin." in planner.get("/imports").text
    assert 'name="create_missing"' in client.get("/imports").text


def test_missing_rows_and_a_schedule_elsewhere_are_refused_as_a_whole(
    world: World, client: Client, berlin: str, join: Join
) -> None:
    planner = join(berlin)
    refused = take_in(planner, THEIRS, create_missing=True)
    assert (refused.status_code, refused.json()["needs"]) == (403, "system_admin")
    assert "create_missing" in refused.json()["detail"]
    named = take_in(planner, THEIRS, schedule_id=world.schedule()["id"])
    assert (named.status_code, named.json()["needs"]) == (403, PLANNING)
    assert client.get(f"{API}/imports").json()["page"]["total"] == 0


def test_an_import_is_taken_back_by_who_plans_in_all_that_it_touched(
    world: World, client: Client, berlin: str, join: Join
) -> None:
    both = take_in(client, MINE, THEIRS).json()["id"]
    same = take_in(client, MINE).json()["id"]
    made = take_in(client, THEIRS, LATER | {"creators": "Ploy"}, create_missing=True).json()["id"]
    elsewhere, here = join(berlin), join(world.studio)

    def undo(who: Client, run: str) -> tuple[int, str]:
        answer = who.post(f"{API}/imports/{run}/undo")
        return answer.status_code, answer.json().get("needs", "")

    button = f"/api/v1/imports/{both}/undo"
    assert [button in who.get(f"/imports/{both}").text for who in (here, client)] == [False, True]
    assert undo(elsewhere, both) == undo(here, both) == undo(elsewhere, same) == (403, PLANNING)
    assert undo(elsewhere, made) == (403, "system_admin")
    assert undo(here, same) == (200, "")
    assert undo(client, made) == undo(client, both) == (200, "")
