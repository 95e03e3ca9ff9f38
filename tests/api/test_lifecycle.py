from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from seeds.reference import ADMIN_ID
from tests.api.world import API, World, refusal

NOW = "2026-03-02T09:00:00Z"


def over(client: TestClient[Litestar], show: dict[str, Any]) -> None:
    """Plays a booked show to its end."""
    for command in ("start", "complete"):
        assert client.post(f"{API}/shows/{show['id']}/{command}").status_code == 200


def test_a_month_is_archived_when_every_show_is_over_and_taken_out_again(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.booked()
    url = f"{API}/schedules/{schedule['id']}"
    assert refusal(client.post(f"{url}/archive")) == (409, "illegal_transition", [])
    over(client, show)
    archived = world.do(schedule, "archive")
    assert archived == schedule | {
        "version": schedule["version"] + 3,
        "status": "archived",
        "status_id": archived["status_id"],
        "shows_by_status": {"completed": 1},
    }
    assert world.read(schedule) == archived
    edited = client.patch(url, json={"name": "x"})
    assert (refusal(edited), edited.json()["allowed"]) == ((409, "illegal_transition", []), ["unarchive"])
    again = client.post(f"{url}/archive")
    assert (refusal(again), again.json()["allowed"]) == ((409, "illegal_transition", []), ["unarchive"])
    assert world.do(schedule, "unarchive") == archived | {
        "version": archived["version"] + 1,
        "status": "confirmed",
        "status_id": schedule["status_id"],
    }


def test_a_cancelled_schedule_reopens_with_exactly_the_shows_it_took(
    client: TestClient[Litestar], world: World
):
    schedule, (gone, kept) = world.booked(world.show(10), world.show(13))
    client.post(f"{API}/shows/{gone['id']}/cancel", json={"reason_category": "OTHER"})
    cancelled = world.do(schedule, "cancel", reason="called off")
    edited = client.patch(f"{API}/shows/{kept['id']}", json={"name": "x"})
    assert (refusal(edited), edited.json()["allowed"]) == ((409, "illegal_transition", []), ["reopen"])
    reopened = world.do(schedule, "reopen")
    assert reopened == cancelled | {
        "version": cancelled["version"] + 1,
        "status": "draft",
        "status_id": reopened["status_id"],
        "approved_version": None,
        "shows_by_status": {"cancelled": 1, "draft": 1},
    }
    assert world.read(schedule) == reopened
    assert world.read_show(kept) == kept | {"version": kept["version"] + 2, "status": "draft"}
    # Its room was let go: somebody else can have it now.
    assert world.booked()[1][0]["status"] == "confirmed"
    deleted = client.delete(f"{API}/schedules/{schedule['id']}")
    assert refusal(deleted) == (409, "illegal_transition", [])


def test_a_draft_is_parked_under_other_or_an_own_status_and_resumed(
    client: TestClient[Litestar], world: World
):
    own = client.post(
        f"{API}/schedule-statuses", json={"key": "waiting", "name": "Waiting", "position": 9}
    ).json()
    statuses = client.get(f"{API}/schedule-statuses").json()["items"]
    other = next(row for row in statuses if row["key"] == "other")
    schedule, (show,) = world.planned()
    for given, status_id in (
        ("other", other["id"]),
        (other["id"], other["id"]),
        ("waiting", own["id"]),
        (own["id"], own["id"]),
    ):
        parked = world.do(schedule, "park", status_id=given)
        assert (parked["status"], parked["status_id"]) == ("other", status_id)
        assert world.read(schedule) == parked
        assert world.do(schedule, "resume") == schedule | {"version": parked["version"] + 1}
    parked = world.do(schedule, "park", status_id="other")
    for refused in (
        client.patch(f"{API}/shows/{show['id']}", json={"name": "x"}),
        client.delete(f"{API}/shows/{show['id']}"),
        client.post(f"{API}/schedules/{schedule['id']}/shows", json={"shows": [world.show(20)]}),
        client.post(f"{API}/schedules/{schedule['id']}/propose"),
    ):
        assert (refusal(refused), refused.json()["allowed"]) == ((409, "illegal_transition", []), ["resume"])
    rival = world.planned(world.show())[0]
    assert "room_wanted" not in client.get(f"{API}/schedules/{rival['id']}/conflicts").text


@pytest.mark.parametrize("status", ["draft", "confirmed", "nothing", "scstat_00000000000000000000000000"])
def test_no_other_status_means_parked(client: TestClient[Litestar], world: World, status: str):
    response = client.post(f"{API}/schedules/{world.schedule()['id']}/park", json={"status_id": status})
    assert refusal(response) == (422, "invalid", [("status_id", "unknown_reference")])


def test_a_deleted_schedule_takes_its_shows_along_and_brings_them_back(
    client: TestClient[Litestar], world: World
):
    schedule, (show, removed) = world.planned(world.show(10), world.show(13))
    client.delete(f"{API}/shows/{removed['id']}")
    before = world.read(schedule)
    url = f"{API}/schedules/{schedule['id']}"
    response = client.delete(url)
    assert (response.status_code, response.content) == (204, b"")
    assert client.delete(url).status_code == 204
    gone = {"deleted_at": NOW, "deleted_by": ADMIN_ID}
    assert world.read(schedule) == before | gone | {
        "version": before["version"] + 1,
        "show_count": 0,
        "shows_by_status": {},
    }
    assert world.read_show(show) == show | gone | {"version": 2}
    assert client.get(f"{API}/schedules").json()["items"] == []
    for refused in (
        client.patch(url, json={"name": "x"}),
        client.post(f"{url}/shows", json={"shows": [world.show(20)]}),
        client.post(f"{url}/propose"),
        client.post(f"{url}/park", json={"status_id": "other"}),
        client.post(f"{url}/cancel", json={"reason": "x"}),
        client.post(f"{url}/confirm"),
        client.post(f"{API}/shows/{show['id']}/restore"),
    ):
        assert (refusal(refused), refused.json()["allowed"]) == ((409, "illegal_transition", []), ["restore"])
    restored = world.do(schedule, "restore")
    assert restored == before | {"version": before["version"] + 2}
    assert world.do(schedule, "restore") == world.read(schedule) == restored
    assert world.read_show(show) == show | {"version": 3}
    assert world.read_show(removed)["deleted_at"] == NOW


def test_a_schedule_comes_back_only_while_its_external_ids_are_free(
    client: TestClient[Litestar], world: World
):
    schedule, _ = world.planned(world.show(external_id="SH-1"))
    client.delete(f"{API}/schedules/{schedule['id']}")
    world.planned(world.show(external_id="SH-1"))
    response = client.post(f"{API}/schedules/{schedule['id']}/restore")
    assert refusal(response) == (409, "duplicate", [("external_id", "taken")])
    assert world.read(schedule)["deleted_at"] == NOW


def test_a_schedule_with_shows_that_were_ever_booked_is_not_deleted(
    client: TestClient[Litestar], world: World
):
    schedule, _ = world.booked()
    response = client.delete(f"{API}/schedules/{schedule['id']}")
    assert refusal(response) == (409, "illegal_transition", [])
    assert world.read(schedule) == schedule


@pytest.mark.parametrize("live", [False, True])
def test_an_interrupted_show_holds_its_room_until_it_is_resolved(
    client: TestClient[Litestar], world: World, live: bool
):
    _, (show,) = world.booked()
    url = f"{API}/shows/{show['id']}"
    if live:
        client.post(f"{url}/start")
    response = client.post(f"{url}/interrupt", json={"reason_category": "UTILITY_OUTAGE", "note": "dark"})
    assert response.status_code == 200
    version = show["version"] + 1 + live
    interrupted = show | {
        "version": version,
        "status": "cancelled_pending_resolution",
        "reason_category": "UTILITY_OUTAGE",
        "reason_note": "dark",
    }
    assert response.json() == world.read_show(show) == interrupted
    again = client.post(f"{url}/interrupt", json={"reason_category": "OTHER"})
    assert (refusal(again), again.json()["allowed"]) == ((409, "illegal_transition", []), ["resolve"])
    rival, _ = world.agreed()
    taken = client.post(f"{API}/schedules/{rival['id']}/confirm")
    assert {finding["code"] for finding in taken.json()["conflicts"]} == {"room_overlap", "creator_overlap"}
    resolved = client.post(f"{url}/resolve", json={"outcome": "cancelled", "note": "no power today"})
    assert resolved.status_code == 200
    assert (
        resolved.json()
        == world.read_show(show)
        == interrupted | {"version": version + 1, "status": "cancelled"}
    )
    assert len(world.do(rival, "confirm")["confirmed"]) == 1


def test_a_show_resolved_as_completed_keeps_what_it_held(client: TestClient[Litestar], world: World):
    _, (show,) = world.booked()
    url = f"{API}/shows/{show['id']}"
    client.post(f"{url}/interrupt", json={"reason_category": "PLATFORM_ISSUE"})
    assert client.post(f"{url}/resolve", json={"outcome": "completed"}).json()["status"] == "completed"
    rival, _ = world.agreed()
    assert refusal(client.post(f"{API}/schedules/{rival['id']}/confirm"))[:2] == (409, "conflicts")
    wrong = client.post(f"{url}/resolve", json={"outcome": "live"})
    assert refusal(wrong) == (422, "invalid", [("outcome", "choice")])


@pytest.mark.parametrize("command", ["archive", "unarchive", "reopen", "resume", "restore"])
def test_an_unknown_schedule_is_not_found(client: TestClient[Litestar], command: str):
    url = f"{API}/schedules/schedule_00000000000000000000000000"
    assert refusal(client.post(f"{url}/{command}")) == (404, "not_found", [])
    assert refusal(client.delete(url)) == (404, "not_found", [])


@pytest.mark.parametrize("command", ["archive", "unarchive", "reopen", "resume"])
def test_a_draft_takes_none_of_the_ways_back(client: TestClient[Litestar], world: World, command: str):
    response = client.post(f"{API}/schedules/{world.schedule()['id']}/{command}")
    assert refusal(response) == (409, "illegal_transition", [])
    assert response.json()["allowed"] == ["cancel", "park", "propose"]


def test_a_stale_precondition_stops_a_command(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    url = f"{API}/schedules/{schedule['id']}"
    stale = {"If-Match": '"1"'}
    assert refusal(client.delete(url, headers=stale)) == (412, "stale", [])
    assert refusal(client.post(f"{url}/park", json={"status_id": "other"}, headers=stale)) == (
        412,
        "stale",
        [],
    )
    assert client.delete(url, headers={"If-Match": f'"{schedule["version"]}"'}).status_code == 204


def test_a_duplicate_is_a_new_draft_like_the_old_plan(client: TestClient[Litestar], world: World):
    schedule, (show, _) = world.booked(world.show(10, external_id="SH-1"), world.show(13))
    client.post(f"{API}/shows/{show['id']}/cancel", json={"reason_category": "OTHER"})
    url = f"{API}/schedules/{schedule['id']}/duplicate"
    body = {"name": "Acme June", "start_date": "2026-06-01", "shift": "same_weekdays"}
    response = client.post(url, json=body)
    assert response.status_code == 201
    copy = response.json()
    assert response.headers["location"] == f"{API}/schedules/{copy['id']}"
    assert copy == schedule | {
        "id": copy["id"],
        "version": 2,
        "name": "Acme June",
        "start_date": "2026-06-01",
        "end_date": "2026-06-30",
        "status": "draft",
        "status_id": copy["status_id"],
        "current_version": None,
        "approved_version": None,
        "has_unversioned_edits": True,
        "show_count": 1,
        "shows_by_status": {"draft": 1},
        "left_out": 0,
    }
    del copy["left_out"]
    assert world.read(copy) == copy
    (drafted,) = client.get(f"{API}/schedules/{copy['id']}/shows").json()["items"]
    assert (drafted["start"], drafted["end"]) == ("2026-06-06T13:00:00Z", "2026-06-06T15:00:00Z")
    bare = client.post(url, json=body | {"with_shows": False}).json()
    assert (bare["show_count"], bare["version"]) == (0, 1)
    backwards = client.post(url, json=body | {"end_date": "2026-05-31"})
    assert refusal(backwards) == (422, "invalid", [("end_date", "before_start")])
    unknown = client.post(f"{API}/schedules/schedule_0/duplicate", json=body)
    assert refusal(unknown) == (404, "not_found", [])


@pytest.mark.parametrize(
    ("start", "day", "outside"),
    [
        ("2026-04-30T22:59:00Z", "2026-04-30", True),
        ("2026-04-30T23:00:00Z", "2026-05-01", False),
        ("2026-05-31T19:00:00Z", "2026-05-31", False),
        ("2026-05-31T22:59:00Z", "2026-05-31", False),
        ("2026-05-31T23:00:00Z", "2026-06-01", True),
    ],
)
def test_the_edges_of_a_period_are_studio_days(
    client: TestClient[Litestar], world: World, start: str, day: str, outside: bool
):
    end = start.replace(":00:00Z", ":30:00Z").replace(":59:00Z", ":59:59Z")
    schedule, (show,) = world.planned(world.show(start=start, end=end))
    assert show["operational_day"] == day
    found = client.get(f"{API}/schedules/{schedule['id']}/conflicts").json()["items"]
    assert ("outside_period" in {finding["code"] for finding in found}) is outside
