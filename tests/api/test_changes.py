from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from seeds.reference import ADMIN_ID
from tests.api.world import API, Json, World, refusal
from tests.spec import Clock

NOW = "2026-03-02T09:00:00Z"


def update(show: Json, **fields: Any) -> Json:
    return {"op": "update", "show_id": show["id"], "set": fields}


def cancel(show: Json) -> Json:
    return {"op": "cancel", "show_id": show["id"], "reason_category": "CLIENT_REQUEST"}


def at(hour: int, hours: int = 2) -> Json:
    return {"start": f"2026-05-02T{hour:02}:00:00Z", "end": f"2026-05-02T{hour + hours:02}:00:00Z"}


def body(*operations: Json, category: str = "CLIENT_REQUESTED", **more: Any) -> Json:
    return {"category": category, "type": "OTHER", "reason": "so it is", "operations": operations} | more


def asked(client: TestClient[Litestar], schedule: Json, *operations: Json, **more: Any) -> Json:
    response = client.post(f"{API}/schedules/{schedule['id']}/changes", json=body(*operations, **more))
    assert response.status_code == 201, response.text
    return response.json()


def decide(client: TestClient[Litestar], change: Json, word: str, **data: Any) -> Any:
    return client.post(f"{API}/changes/{change['id']}/{word}", json=data)


def test_a_change_says_before_and_after_and_waits_for_its_side(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    response = client.post(
        f"{API}/schedules/{schedule['id']}/changes",
        json=body(update(show, **at(15)), type="TIME_CHANGE", base_version=2),
    )
    assert response.status_code == 201
    change = response.json()
    assert response.headers["location"] == f"{API}/changes/{change['id']}"
    assert response.headers["etag"] == '"1"'
    assert change == {
        "id": change["id"],
        "version": 1,
        "schedule_id": schedule["id"],
        "schedule_name": "Acme May 2026",
        "studio_id": world.studio,
        "client_id": world.customer,
        "category": "CLIENT_REQUESTED",
        "type": "TIME_CHANGE",
        "reason": "so it is",
        "status": "proposed",
        "needs": "studio",
        "base_version": 2,
        "operations": [
            {
                "op": "update",
                "show_id": show["id"],
                "before": at(13),
                "after": at(15),
                "reason_category": None,
            }
        ],
        "on_behalf": False,
        "proposed_by": ADMIN_ID,
        "proposed_at": NOW,
        "decided_by": None,
        "decided_at": None,
        "decision_note": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
    }
    assert client.get(f"{API}/changes/{change['id']}").json() == change
    assert world.read(schedule)["open_changes"] == 1
    assert world.read_show(show) == show


def test_approving_applies_all_of_it_and_makes_a_version(client: TestClient[Litestar], world: World):
    schedule, (moved, gone) = world.booked(world.show(10), world.show(13))
    added = world.show(18)
    change = asked(
        client, schedule, update(moved, **at(13)), cancel(gone), {"op": "add", "show": added},
        category="OPERATIONAL",
    )  # fmt: skip
    assert (change["needs"], change["operations"][2]["after"]["name"]) == ("client", "Show at 18")
    response = decide(client, change, "approve", note="fine")
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert response.json() == client.get(f"{API}/changes/{change['id']}").json()
    assert response.json() == change | {
        "version": 2,
        "status": "approved",
        "on_behalf": True,
        "decided_by": ADMIN_ID,
        "decided_at": NOW,
        "decision_note": "fine",
    }
    after = world.read(schedule)
    version = schedule["current_version"] + 1
    assert (after["current_version"], after["approved_version"], after["open_changes"]) == (
        version,
        version,
        0,
    )
    assert after["shows_by_status"] == {"confirmed": 2, "cancelled": 1}
    assert not after["has_unversioned_edits"]
    items = client.get(f"{API}/schedules/{schedule['id']}/shows").json()["items"]
    assert sorted((row["start"], row["status"]) for row in items) == [
        ("2026-05-02T13:00:00Z", "cancelled"),
        ("2026-05-02T13:00:00Z", "confirmed"),
        ("2026-05-02T18:00:00Z", "confirmed"),
    ]
    again = decide(client, change, "approve")
    assert refusal(again) == (409, "illegal_transition", [])


def test_two_bookings_swap_in_one_change(client: TestClient[Litestar], world: World):
    schedule, (first, second) = world.booked(world.show(10), world.show(13))
    change = asked(client, schedule, update(first, **at(13)), update(second, **at(10)))
    assert decide(client, change, "approve").status_code == 200
    assert (world.read_show(first)["start"], world.read_show(second)["start"]) == (
        second["start"],
        first["start"],
    )


def test_what_stands_in_the_way_refuses_a_change_whole(client: TestClient[Litestar], world: World):
    world.booked(world.show(18))
    schedule, (show, other) = world.booked(world.show(10), world.show(13))
    change = asked(client, schedule, update(show, **at(18)), cancel(other))
    before = world.read(schedule)
    preview = client.get(f"{API}/changes/{change['id']}/preview").json()
    response = decide(client, change, "approve")
    assert refusal(response) == (409, "conflicts", [])
    assert (preview["applies"], preview["conflicts"]) == (False, response.json()["conflicts"])
    assert {finding["code"] for finding in preview["conflicts"]} == {"room_overlap", "creator_overlap"}
    assert world.read(schedule) == before
    at_once = client.post(
        f"{API}/schedules/{schedule['id']}/changes",
        json=body(update(show, **at(18)), category="FORCE_MAJEURE"),
    )
    assert refusal(at_once) == (409, "conflicts", [])
    assert world.read(schedule) == before


def test_a_preview_changes_nothing_and_tells_what_approving_does(client: TestClient[Litestar], world: World):
    schedule, (show, gone) = world.booked(world.show(10), world.show(13))
    added = {"op": "add", "show": world.show(18)}
    change = asked(client, schedule, update(show, room_id=world.rooms[1]), cancel(gone), added)
    before = world.read(schedule)
    url = f"{API}/schedules/{schedule['id']}/changes/{change['id']}/preview"
    preview = client.get(url).json()
    assert preview == client.get(f"{API}/changes/{change['id']}/preview").json()
    assert world.read(schedule) == before
    assert (preview["change"], preview["applies"]) == (change, True)
    decide(client, change, "approve")
    assert [world.read_show(row) for row in preview["diff"]["added"]] == preview["diff"]["added"]
    assert preview["diff"]["changed"] == [
        {
            "show_id": show["id"],
            "name": show["name"],
            "fields": {"room_id": {"from": world.rooms[0], "to": world.rooms[1]}},
        },
        {
            "show_id": gone["id"],
            "name": gone["name"],
            "fields": {"status": {"from": "confirmed", "to": "cancelled"}},
        },
    ]
    assert refusal(client.get(url)) == (409, "illegal_transition", [])
    other = world.schedule()
    wrong = client.get(f"{API}/schedules/{other['id']}/changes/{change['id']}/preview")
    assert refusal(wrong) == (404, "not_found", [])


def test_a_change_that_moves_nothing_leaves_the_booking_as_it_was_stored(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.booked()
    room = client.get(f"{API}/rooms/{show['room_id']}").json()
    client.patch(f"{API}/rooms/{room['id']}", json={"turnaround_minutes": 90})
    change = asked(client, schedule, update(show, name="Renamed"))
    assert decide(client, change, "approve").status_code == 200
    told = [event["type"] for event in client.get(f"{API}/shows/{show['id']}/events").json()["items"]]
    assert (told[-1], "ShowsRebooked" in told) == ("ShowsEdited", False)
    change = asked(client, schedule, update(show, creators=[]))
    assert decide(client, change, "approve").status_code == 200
    last = client.get(f"{API}/shows/{show['id']}/events").json()["items"][-1]
    assert (last["type"], last["data"]["bookings"][0]["holds"]) == (
        "ShowsRebooked",
        [{"resource_id": room["id"], "start": show["start"], "end": show["end"]}],
    )


def test_the_second_of_two_changes_is_refused_only_on_the_same_fields(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.booked()
    time = asked(client, schedule, update(show, **at(15)))
    room = asked(client, schedule, update(show, room_id=world.rooms[1]))
    later = asked(client, schedule, update(show, end="2026-05-02T16:00:00Z"))
    assert world.read(schedule)["open_changes"] == 3
    assert decide(client, time, "approve").status_code == 200
    assert decide(client, room, "approve").status_code == 200
    preview = client.get(f"{API}/changes/{later['id']}/preview").json()
    refused = decide(client, later, "approve")
    assert refusal(refused) == (409, "change_conflict", [(f"{show['id']}.end", "moved")])
    assert refused.json()["fields"] == [{"show_id": show["id"], "field": "end"}]
    assert (preview["applies"], preview["moved"]) == (False, refused.json()["errors"])
    assert decide(client, later, "reject", note="too long").json()["decision_note"] == "too long"
    assert world.read(schedule)["open_changes"] == 0


def test_rejected_and_withdrawn_changes_leave_the_plan_as_it_is(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    rejected = asked(client, schedule, update(show, name="X"), category="OPERATIONAL")
    withdrawn = asked(client, schedule, update(show, name="Y"))
    assert decide(client, rejected, "reject", note="no").json() == rejected | {
        "version": 2,
        "status": "rejected",
        "on_behalf": True,
        "decided_by": ADMIN_ID,
        "decided_at": NOW,
        "decision_note": "no",
    }
    assert decide(client, withdrawn, "withdraw").json()["status"] == "withdrawn"
    for word in ("approve", "reject", "withdraw"):
        assert refusal(decide(client, rejected, word)) == (409, "illegal_transition", [])
    assert refusal(decide(client, withdrawn, "acknowledge")) == (409, "illegal_transition", [])
    assert world.read_show(show) == show


def test_force_majeure_is_applied_at_once_and_waits_to_be_acknowledged(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.booked()
    change = asked(client, schedule, update(show, **at(18)), category="FORCE_MAJEURE")
    assert (change["status"], change["needs"], change["version"]) == ("approved", "none", 2)
    assert world.read_show(show)["start"] == "2026-05-02T18:00:00Z"
    unseen = f"{API}/changes?unseen=true&client_id={world.customer}"
    assert client.get(unseen).json()["items"] == [change]
    assert client.get(f"{API}/changes/counts").json() == {"client": 0, "studio": 0, "unseen": 1}
    done = decide(client, change, "acknowledge").json()
    assert done == change | {"version": 3, "acknowledged_by": ADMIN_ID, "acknowledged_at": NOW}
    assert decide(client, change, "acknowledge").json() == done
    assert client.get(unseen).json()["items"] == []


def test_a_booking_cancelled_at_once_is_in_the_clients_inbox(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    client.post(f"{API}/shows/{show['id']}/cancel", json={"reason_category": "OTHER", "note": "flu"})
    (change,) = client.get(f"{API}/changes?unseen=true").json()["items"]
    assert {
        name: change[name] for name in ("schedule_id", "category", "type", "reason", "status", "needs")
    } == {
        "schedule_id": schedule["id"],
        "category": "FORCE_MAJEURE",
        "type": "CANCELLATION",
        "reason": "flu",
        "status": "approved",
        "needs": "none",
    }
    assert decide(client, change, "acknowledge").status_code == 200
    _, (ours,) = world.booked(world.show(20), client_id=None)
    client.post(f"{API}/shows/{ours['id']}/cancel", json={"reason_category": "OTHER"})
    assert client.get(f"{API}/changes?unseen=true").json()["items"] == []


def test_where_no_client_is_asked_client_becomes_none(client: TestClient[Litestar], world: World):
    schedule = world.schedule(client_id=None)
    (show,) = world.draft(schedule, world.show())
    world.do(schedule, "propose")
    world.do(schedule, "confirm")
    change = asked(client, schedule, update(show, name="X"), category="OPERATIONAL")
    assert (change["needs"], change["status"]) == ("none", "approved")
    assert client.get(f"{API}/changes?unseen=true").json()["items"] == []


def test_the_inbox_is_filtered_and_counted(client: TestClient[Litestar], world: World):
    schedule, (first, second) = world.booked(world.show(10), world.show(13))
    ours = asked(client, schedule, update(first, name="X"))
    theirs = asked(client, schedule, update(second, name="Y"), category="OPERATIONAL")
    gone = asked(client, schedule, update(second, name="Z"))
    gone = decide(client, gone, "withdraw").json()

    def found(**query: Any) -> list[str]:
        items = client.get(f"{API}/changes", params=query).json()["items"]
        return sorted(item["id"] for item in items)

    assert found() == sorted(each["id"] for each in (ours, theirs, gone))
    assert found(status="proposed", needs="client", client_id=world.customer) == [theirs["id"]]
    assert found(status="proposed", needs="studio", studio_id=world.studio) == [ours["id"]]
    assert found(show_id=first["id"]) == [ours["id"]]
    assert found(schedule_id="schedule_0") == found(client_id="client_0") == []
    assert client.get(f"{API}/changes/counts").json() == {"client": 1, "studio": 1, "unseen": 0}
    url = f"{API}/schedules/{schedule['id']}/changes"
    page = client.get(url, params={"limit": 2}).json()
    rest = client.get(url, params={"limit": 2, "cursor": page["page"]["next_cursor"]}).json()
    assert sorted(item["id"] for item in page["items"] + rest["items"]) == found()
    assert client.get(url, params={"status": "withdrawn"}).json()["items"] == [gone]


def test_everything_wrong_with_a_change_is_told(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    url = f"{API}/schedules/{schedule['id']}/changes"
    unknown = body(
        update(show, room_id="room_0", show_type="nope"), category="X", type="Y",
    )  # fmt: skip
    assert refusal(client.post(url, json=unknown)) == (
        422,
        "invalid",
        [
            ("category", "unknown_reference"),
            ("operations[0].set.room_id", "unknown_reference"),
            ("operations[0].set.show_type", "unknown_reference"),
            ("type", "unknown_reference"),
        ],
    )
    for operations, error in (
        ([update(show, name=show["name"])], ("operations[0].set", "unchanged")),
        ([update(show, end="2026-05-02T10:00:00Z")], ("operations[0].set.end", "not_after_start")),
        ([update(show, name="X"), cancel(show)], ("operations[1].show_id", "repeated")),
        ([cancel({"id": "show_0"})], ("operations[0].show_id", "unknown_reference")),
    ):
        assert refusal(client.post(url, json=body(*operations))) == (422, "invalid", [error])
    future = client.post(url, json=body(cancel(show), base_version=9))
    assert refusal(future) == (422, "invalid", [("base_version", "unknown")])
    draft, (drafted,) = world.planned(world.show(20))
    early = client.post(f"{API}/schedules/{draft['id']}/changes", json=body(cancel(drafted)))
    assert refusal(early) == (409, "edit_directly", [])
    edited = client.patch(f"{API}/shows/{show['id']}", json={"name": "X"})
    assert refusal(edited) == (409, "needs_change", [])
    assert f"POST {url}" in edited.json()["detail"]
    for word in ("approve", "reject", "withdraw", "acknowledge"):
        assert refusal(decide(client, {"id": "change_0"}, word)) == (404, "not_found", [])


def test_category_and_type_are_given_by_key_or_id(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()

    def row(path: str, key: str) -> str:
        items = client.get(f"{API}/{path}?limit=100").json()["items"]
        return next(item["id"] for item in items if item["key"] == key)

    change = asked(
        client, schedule, cancel(show),
        category=row("change-categories", "OPERATIONAL"), type=row("change-types", "CANCELLATION"),
    )  # fmt: skip
    assert (change["category"], change["type"]) == ("OPERATIONAL", "CANCELLATION")


def test_so_close_to_the_show_the_reason_is_longer(client: TestClient[Litestar], world: World, clock: Clock):
    schedule, (show,) = world.booked()
    client.patch(f"{API}/studios/{world.studio}", json={"late_change_hours": 48})
    clock.now = datetime(2026, 5, 1, 13, tzinfo=UTC)
    url = f"{API}/schedules/{schedule['id']}/changes"
    away = update(show, start="2026-05-20T13:00:00Z", end="2026-05-20T15:00:00Z")
    assert refusal(client.post(url, json=body(away))) == (422, "invalid", [("reason", "too_short")])
    asked(client, schedule, away, reason="ten letters")


def test_a_stale_precondition_stops_a_decision(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    change = asked(client, schedule, update(show, name="X"))
    url = f"{API}/changes/{change['id']}"
    for word in ("approve", "reject", "withdraw"):
        stale = client.post(f"{url}/{word}", json={}, headers={"If-Match": '"2"'})
        assert refusal(stale) == (412, "stale", [])
    key = {"Idempotency-Key": "k", "If-Match": '"1"'}
    first = client.post(f"{url}/approve", json={}, headers=key)
    second = client.post(f"{url}/approve", json={}, headers=key)
    assert (first.status_code, second.content) == (200, first.content)
    assert second.headers["idempotency-replayed"] == "true"


def test_what_applies_a_change_names_it_as_its_cause(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    change = asked(client, schedule, update(show, **at(15)))
    decide(client, change, "approve")
    events = client.get(f"{API}/schedules/{schedule['id']}/events?limit=100").json()["items"]
    assert [event["type"] for event in events if event.get("cause", {}).get("id") == change["id"]] == [
        "ChangeProposed",
        "ChangeApproved",
        "ShowsEdited",
        "ShowsRebooked",
        "VersionNumbered",
    ]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_of_eight_overlapping_changes_one_is_approved(
    client: TestClient[Litestar], world: World, threads: ThreadPoolExecutor
):
    """Four want one free slot for other shows, four move one show: nobody is booked twice."""
    schedule, shows = world.booked(*(world.show(hour, 1) for hour in range(0, 10, 2)))
    slot = [asked(client, schedule, update(show, **at(14, 1))) for show in shows[:4]]
    fields = [asked(client, schedule, update(shows[4], **at(hour, 1))) for hour in (16, 18, 20, 22)]

    def approve(change: Json) -> Any:
        return decide(client, change, "approve")

    answers = list(threads.map(approve, [*slot, *fields]))
    statuses = [answer.status_code for answer in answers]
    assert (statuses[:4].count(200), statuses[4:].count(200)) == (1, 1)
    assert {answer.json()["code"] for answer in answers[:4] if answer.status_code != 200} == {"conflicts"}
    for answer in answers[4:]:
        if answer.status_code != 200:
            assert refusal(answer) == (
                409,
                "change_conflict",
                [(f"{shows[4]['id']}.start", "moved"), (f"{shows[4]['id']}.end", "moved")],
            )
    starts = [world.read_show(show)["start"] for show in shows]
    assert len(set(starts)) == len(starts)
