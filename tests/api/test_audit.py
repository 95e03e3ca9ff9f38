"""Histories over HTTP: what each event changed, and the change, import or bulk run behind it."""

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World

HEADER = "external_id,client,studio,room,name,start,end,creators,platforms,show_type,show_standard,note\n"


def events(client: TestClient[Litestar], url: str, **asked: str | bool) -> list[Json]:
    response = client.get(f"{API}/{url}", params={"limit": "100"} | asked)
    assert response.status_code == 200, response.text
    return response.json()["items"]


def newest_command(client: TestClient[Litestar]) -> list[Json]:
    """All events of the last command."""
    found: list[Json] = []
    page: Json = {"page": {"next_cursor": ""}}
    while (cursor := page["page"]["next_cursor"]) is not None:
        page = client.get(
            f"{API}/events", params={"limit": "100"} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += page["items"]
    return [event for event in found if event["command_id"] == found[-1]["command_id"]]


def kinds(told: list[Json]) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["what"], each["name"]) for each in told]


def test_every_event_says_what_was_before_and_what_is_after(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.planned(world.show(13))
    client.patch(f"{API}/shows/{show['id']}", json={"start": "2026-05-02T13:30:00Z", "name": "Launch"})
    client.patch(f"{API}/schedules/{schedule['id']}", json={"note": "for May"})
    world.do(schedule, "propose")
    world.do(schedule, "approve", version=1)
    world.do(schedule, "confirm")
    told = events(client, f"schedules/{schedule['id']}/events")
    drafted = told[1]["changes"]
    assert kinds(drafted) == [("show", "added", "Show at 13")]
    assert drafted[0]["fields"]["start"] == {"from": None, "to": "2026-05-02T13:00:00Z"}
    assert drafted[0]["fields"]["status"] == {"from": None, "to": "draft"}
    assert told[2]["changes"] == [
        {
            "kind": "show",
            "id": show["id"],
            "name": "Show at 13",
            "what": "changed",
            "fields": {
                "name": {"from": "Show at 13", "to": "Launch"},
                "start": {"from": "2026-05-02T13:00:00Z", "to": "2026-05-02T13:30:00Z"},
            },
        }
    ]
    assert told[3]["changes"][0]["fields"] == {"note": {"from": "", "to": "for May"}}
    booked = next(event for event in told if event["type"] == "ShowsConfirmed")["changes"]
    assert kinds(booked) == [("schedule", "changed", schedule["name"]), ("show", "changed", "Launch")]
    assert booked[0]["fields"] == {"status": {"from": "proposed", "to": "confirmed"}}
    assert booked[1]["fields"]["status"] == {"from": "draft", "to": "confirmed"}
    pages = [
        client.get(f"{API}/schedules/{schedule['id']}/events", params={"limit": 3}).json(),
    ]
    while cursor := pages[-1]["page"]["next_cursor"]:
        url = f"{API}/schedules/{schedule['id']}/events"
        pages.append(client.get(url, params={"limit": 3, "cursor": cursor}).json())
    assert [event for page in pages for event in page["items"]] == told
    assert events(client, "events", stream=schedule["id"]) == told
    assert "changes" not in events(client, "events")[0]
    assert [e for e in events(client, "events", changes=True) if e["stream_id"] == schedule["id"]] == told


def test_rows_tell_before_and_after_but_no_secrets(client: TestClient[Litestar], world: World):
    url = f"{API}/platforms/{world.platform}"
    client.patch(url, json={"name": "TikTok Shop", "settings": {"key": "s3cret"}})
    client.delete(url)
    told = [event["changes"][0] for event in events(client, f"platforms/{world.platform}/history")]
    assert [(each["what"], each["name"]) for each in told] == [
        ("added", "TikTok"),
        ("changed", "TikTok"),
        ("removed", "TikTok Shop"),
    ]
    assert told[1]["fields"] == {
        "name": {"from": "TikTok", "to": "TikTok Shop"},
        "settings": {"from": {}, "to": {"key": "s3cret"}},
    }


def test_a_shows_history_goes_with_it_from_plan_to_plan(client: TestClient[Litestar], world: World):
    one, (show, _) = world.planned(world.show(10), world.show(13), name="One")
    two = world.schedule(name="Two")
    client.post(f"{API}/shows/{show['id']}/move", json={"schedule_id": two["id"]})
    client.patch(f"{API}/shows/{show['id']}", json={"name": "Late"})
    told = events(client, f"shows/{show['id']}/events")
    assert [(event["type"], event["stream_id"]) for event in told] == [
        ("ShowDrafted", one["id"]),
        ("ShowsLeft", one["id"]),
        ("ShowsJoined", two["id"]),
        ("ShowsEdited", two["id"]),
    ]
    assert [[each["what"] for each in event["changes"]] for event in told] == [
        ["added"],
        ["moved"],
        ["moved"],
        ["changed"],
    ]
    assert told[2]["changes"][0]["fields"] == {"schedule_id": {"from": one["id"], "to": two["id"]}}
    assert events(client, "events", stream=show["id"]) == told


def test_all_events_of_a_command_name_the_change_import_or_bulk_run_behind_it(
    client: TestClient[Litestar], world: World
):
    def behind(kind: str) -> tuple[str, list[str]]:
        """The cause that all events of the last command share, and their types; it leads back to them."""
        last = newest_command(client)
        (cause,) = {msgspec.json.encode(event.get("cause")) for event in last}
        found: Json = msgspec.json.decode(cause)
        assert found["kind"] == kind
        assert client.get(found["href"]).json()["id"] == found["id"]
        assert [e for e in events(client, "events", cause=found["id"]) if e in last] == last
        return found["id"], [event["type"] for event in last]

    schedule, (one, two, three) = world.booked(world.show(8), world.show(11), world.show(14))
    client.post(f"{API}/shows/{one['id']}/cancel", json={"reason_category": "OTHER", "note": "ill"})
    change_id, types = behind("change")
    assert types == ["ChangeProposed", "ChangeApproved", "ShowCancelled", "VersionNumbered"]
    (unseen,) = client.get(f"{API}/changes", params={"unseen": True}).json()["items"]
    assert unseen["id"] == change_id

    operation = {"op": "update", "show_id": two["id"], "set": {"name": "Later"}}
    asked = client.post(
        f"{API}/schedules/{schedule['id']}/changes",
        json={"category": "OPERATIONAL", "type": "OTHER", "reason": "late stock", "operations": [operation]},
    ).json()
    client.post(f"{API}/changes/{asked['id']}/approve", json={})
    assert behind("change") == (asked["id"], ["ChangeApproved", "ShowsEdited", "VersionNumbered"])
    of_two = events(client, f"shows/{two['id']}/events", cause=asked["id"])
    assert [event["type"] for event in of_two] == ["ChangeProposed", "ShowsEdited"]
    of_plan = events(client, f"schedules/{schedule['id']}/events", cause=asked["id"])
    assert [event["type"] for event in of_plan][:2] == ["ChangeProposed", "ChangeApproved"]

    action = {"action": "cancel", "reason_category": "OTHER", "note": "fire"}
    run = client.post(f"{API}/shows/bulk", json={"action": action, "show_ids": [three["id"]]}).json()
    run_id, types = behind("bulk")
    assert run_id == run["id"]
    assert types == ["ChangeProposed", "ChangeApproved", "ShowCancelled", "VersionNumbered", "BulkRan"]

    _, (draft,) = world.planned(world.show(20), name="Other")
    action = {"action": "shift", "minutes": 30}
    run = client.post(f"{API}/shows/bulk", json={"action": action, "show_ids": [draft["id"]]}).json()
    assert behind("bulk") == (run["id"], ["ShowsEdited", "BulkRan"])
    client.post(f"{API}/bulk/{run['id']}/undo")
    assert behind("bulk") == (run["id"], ["ShowsEdited", "BulkRan"])
    assert client.get(f"{API}/bulk/{run['id']}").json()["undone"] is True

    row = "I-1,Acme,Bangkok,,Imported,2026-07-02 10:00,2026-07-02 11:00,,,,,\n"
    client.post(f"{API}/imports", content=HEADER + row, headers={"Content-Type": "text/csv"})
    _, types = behind("import")
    assert types == ["ScheduleOpened", "ShowDrafted", "VersionNumbered", "ImportApplied"]
