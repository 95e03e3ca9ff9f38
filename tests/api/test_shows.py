import pytest
from litestar import Litestar
from litestar.testing import TestClient

from seeds.reference import ADMIN_ID
from tests.api.world import API, World, refusal
from tests.spec import Clock

NOW = "2026-03-02T09:00:00Z"


def test_a_drafted_show_is_shown_whole_in_utc(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    response = client.post(
        f"{API}/schedules/{schedule['id']}/shows",
        json={
            "shows": [
                {
                    "name": " Night sale ",
                    "start": "2026-06-01T02:00:00+07:00",
                    "end": "2026-06-01T04:00:00+07:00",
                    "room_id": world.rooms[0],
                    "creators": [world.creators[0], world.creators[1], world.creators[0]],
                    "platforms": [{"platform_id": world.platform, "link": "https://x.test/1"}],
                    "show_type": "bau",
                    "external_id": "SH-1001",
                    "note": "bring lights",
                    "metadata": {"colour": "red"},
                }
            ]
        },
    )
    assert response.status_code == 201
    assert response.headers["location"] == f"{API}/schedules/{schedule['id']}/shows"
    show = response.json()["items"][0]
    assert show == {
        "id": show["id"],
        "version": 1,
        "schedule_id": schedule["id"],
        "external_id": "SH-1001",
        "client_id": world.customer,
        "studio_id": world.studio,
        "room_id": world.rooms[0],
        "name": "Night sale",
        "start": "2026-05-31T19:00:00Z",
        "end": "2026-05-31T21:00:00Z",
        "operational_day": "2026-05-31",
        "status": "draft",
        "show_type": "bau",
        "show_standard": "standard",
        "creators": world.creators,
        "platforms": [{"platform_id": world.platform, "link": "https://x.test/1"}],
        "note": "bring lights",
        "metadata": {"colour": "red"},
        "actual_start": None,
        "actual_end": None,
        "reason_category": None,
        "reason_note": None,
        "restored_from": None,
        "created_at": NOW,
        "created_by": ADMIN_ID,
        "updated_at": NOW,
        "updated_by": ADMIN_ID,
        "deleted_at": None,
        "deleted_by": None,
    }
    assert world.read_show(show) == show


def test_type_and_standard_default_to_other_and_standard_and_take_ids(
    client: TestClient[Litestar], world: World
):
    campaign = client.get(f"{API}/show-types", params={"q": "Campaign"}).json()["items"][0]
    _, shows = world.planned(
        {"name": "a", "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T14:00:00Z"},
        world.show(show_type=campaign["id"], show_standard="premium"),
    )
    assert [(show["show_type"], show["show_standard"]) for show in shows] == [
        ("other", "standard"),
        ("campaign", "premium"),
    ]


def test_an_edit_changes_what_it_names_and_nulls_clear(
    client: TestClient[Litestar], world: World, clock: Clock
):
    schedule, (show,) = world.planned(world.show(external_id="SH-1"))
    clock.now = clock.now.replace(hour=10)
    response = client.patch(
        f"{API}/shows/{show['id']}",
        json={
            "start": "2026-05-03T13:00:00+07:00",
            "end": "2026-05-03T14:00:00+07:00",
            "room_id": None,
            "external_id": None,
            "creators": [],
        },
    )
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert response.json() == show | {
        "version": 2,
        "start": "2026-05-03T06:00:00Z",
        "end": "2026-05-03T07:00:00Z",
        "operational_day": "2026-05-03",
        "room_id": None,
        "external_id": None,
        "creators": [],
        "updated_at": "2026-03-02T10:00:00Z",
    }
    assert world.read_show(show) == response.json()
    assert world.read(schedule)["version"] == schedule["version"] + 1


def test_an_edit_of_a_show_leaves_its_neighbours_versions_alone(client: TestClient[Litestar], world: World):
    _, (first, second) = world.planned(world.show(10), world.show(13))
    client.patch(f"{API}/shows/{first['id']}", json={"name": "renamed"})
    assert world.read_show(second) == second


@pytest.mark.parametrize(
    ("patch", "errors"),
    [
        ({"end": "2026-05-02T13:00:00Z"}, [("end", "not_after_start")]),
        ({"end": "2026-05-03T13:00:01Z"}, [("end", "too_long")]),
        ({"start": "2026-05-02T13:30:00"}, [("start", "naive_datetime")]),
        ({"start": 1777726800}, [("start", "type")]),
        ({"start": None}, [("start", "type")]),
        ({"start": "9999-12-31T23:59:59-14:00"}, [("start", "range")]),
        ({"start": "0001-01-01T00:00:00+14:00"}, [("start", "range")]),
        ({"name": " "}, [("name", "pattern")]),
        ({"name": "a\u0000b"}, [("name", "nul_character")]),
        ({"status": "confirmed"}, [("status", "unknown_field")]),
        ({"version": 1}, [("version", "unknown_field")]),
        ({"room_id": "room_0"}, [("room_id", "unknown_reference")]),
        ({"show_type": "gala"}, [("show_type", "unknown_reference")]),
        ({"creators": ["x"] * 101}, [("creators", "length")]),
    ],
)
def test_a_wrong_value_is_named(
    client: TestClient[Litestar], world: World, patch: dict[str, object], errors: list[tuple[str, str]]
):
    _, (show,) = world.planned()
    response = client.patch(f"{API}/shows/{show['id']}", json=patch)
    assert refusal(response) == (422, "invalid", errors)
    assert world.read_show(show) == show


def test_a_body_must_be_json(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    url = f"{API}/shows/{show['id']}"
    broken = client.patch(url, content=b'{"name": ', headers={"Content-Type": "application/json"})
    assert refusal(broken) == (400, "malformed", [])
    text = client.patch(url, content=b'{"name": "x"}', headers={"Content-Type": "text/plain"})
    assert refusal(text) == (415, "unsupported_media_type", [])


def test_a_body_of_more_than_a_mebibyte_is_too_large(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    response = client.patch(f"{API}/shows/{show['id']}", json={"note": "x" * 1_100_000})
    assert refusal(response) == (413, "too_large", [])


def test_what_a_show_has_may_stay_when_it_was_deleted_since(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    reference = client.delete(f"{API}/creators/{world.creators[0]}")
    assert refusal(reference)[:2] == (409, "in_use")
    response = client.patch(
        f"{API}/shows/{show['id']}", json={"creators": [world.creators[0]], "name": "renamed"}
    )
    assert response.status_code == 200


def test_a_removed_draft_is_gone_from_lists_but_readable_and_can_come_back(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.planned()
    response = client.delete(f"{API}/shows/{show['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.delete(f"{API}/shows/{show['id']}").status_code == 204
    removed = world.read_show(show)
    assert removed == show | {
        "version": 2,
        "deleted_at": NOW,
        "deleted_by": ADMIN_ID,
    }
    listed = client.get(f"{API}/schedules/{schedule['id']}/shows").json()
    assert (listed["items"], listed["page"]["total"]) == ([], 0)
    with_deleted = client.get(f"{API}/shows", params={"include_deleted": "true"}).json()
    assert with_deleted["items"] == [removed]
    assert refusal(client.patch(f"{API}/shows/{show['id']}", json={"name": "x"})) == (404, "not_found", [])
    restored = client.post(f"{API}/shows/{show['id']}/restore")
    assert (restored.status_code, restored.json()) == (200, show | {"version": 3})
    assert client.post(f"{API}/shows/{show['id']}/restore").json() == show | {"version": 3}


def test_a_show_lives_through_start_and_complete(client: TestClient[Litestar], world: World):
    _, (show,) = world.booked()
    url = f"{API}/shows/{show['id']}"
    early = client.post(f"{url}/complete")
    assert refusal(early) == (409, "illegal_transition", [])
    assert early.json()["allowed"] == ["cancel", "interrupt", "start"]
    live = client.post(f"{url}/start")
    assert (live.status_code, live.json()["status"]) == (200, "live")
    backwards = {"actual_start": "2026-05-02T14:00:00Z", "actual_end": "2026-05-02T13:00:00Z"}
    assert refusal(client.post(f"{url}/complete", json=backwards)) == (
        422,
        "invalid",
        [("actual_end", "not_after_start")],
    )
    done = client.post(f"{url}/complete", json={"actual_end": "2026-05-02T21:30:00+07:00"})
    assert done.status_code == 200
    assert done.json() == show | {
        "version": show["version"] + 2,
        "status": "completed",
        "actual_end": "2026-05-02T14:30:00Z",
    }
    again = client.post(f"{url}/start")
    assert (refusal(again), again.json()["allowed"]) == ((409, "illegal_transition", []), [])


def test_a_completed_show_lets_go_of_what_it_no_longer_needs(client: TestClient[Litestar], world: World):
    _, (show,) = world.booked(world.show(13, 3))
    client.post(f"{API}/shows/{show['id']}/start")
    client.post(f"{API}/shows/{show['id']}/complete", json={"actual_end": "2026-05-02T14:00:00Z"})
    _, (second,) = world.booked(world.show(14, 1))
    assert second["status"] == "confirmed"


def test_a_cancelled_booking_says_why_and_frees_its_room(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    url = f"{API}/shows/{show['id']}/cancel"
    assert refusal(client.post(url, json={"reason_category": "WEATHER"})) == (
        422,
        "invalid",
        [("reason_category", "choice")],
    )
    assert refusal(client.post(url, json={})) == (422, "invalid", [("reason_category", "missing")])
    response = client.post(url, json={"reason_category": "CREATOR_UNAVAILABLE", "note": "flu"})
    assert response.status_code == 200
    assert response.json() == show | {
        "version": show["version"] + 1,
        "status": "cancelled",
        "reason_category": "CREATOR_UNAVAILABLE",
        "reason_note": "flu",
    }
    assert world.read(schedule)["current_version"] == 3
    assert world.booked()[1][0]["status"] == "confirmed"


def test_a_confirmed_schedule_takes_no_direct_edits(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    for response in (
        client.patch(f"{API}/shows/{show['id']}", json={"name": "x"}),
        client.delete(f"{API}/shows/{show['id']}"),
        client.patch(f"{API}/schedules/{schedule['id']}", json={"name": "x"}),
        client.post(f"{API}/schedules/{schedule['id']}/shows", json={"shows": [world.show(20)]}),
    ):
        assert refusal(response) == (409, "needs_change", [])


def test_readiness_lists_what_is_missing_and_blocks_nothing(client: TestClient[Litestar], world: World):
    bare = {"name": "bare", "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T14:00:00Z"}
    _, (first, second) = world.planned(bare, world.show(15))
    found = [client.get(f"{API}/shows/{show['id']}/readiness").json() for show in (first, second)]
    assert found == [
        {"show_id": first["id"], "ready": False, "missing": ["room", "creators", "platforms"]},
        {"show_id": second["id"], "ready": True, "missing": []},
    ]


def test_a_shows_history_has_only_what_touched_it(client: TestClient[Litestar], world: World):
    _, (first, second) = world.planned(world.show(10), world.show(13))
    client.patch(f"{API}/shows/{first['id']}", json={"name": "one"})
    client.patch(f"{API}/shows/{second['id']}", json={"name": "two"})
    page = client.get(f"{API}/shows/{second['id']}/events").json()
    assert [event["type"] for event in page["items"]] == ["ShowDrafted", "ShowsEdited"]
    assert page["items"][1]["data"]["edits"] == [{"show_id": second["id"], "name": "two"}]


@pytest.mark.parametrize("show_id", ["show_00000000000000000000000000", "x", "schedule_0"])
def test_an_unknown_show_is_not_found(client: TestClient[Litestar], show_id: str):
    url = f"{API}/shows/{show_id}"
    for response in (
        client.get(url),
        client.get(f"{url}/events"),
        client.get(f"{url}/readiness"),
        client.patch(url, json={}),
        client.delete(url),
        client.post(f"{url}/restore"),
        client.post(f"{url}/start"),
        client.post(f"{url}/complete"),
        client.post(f"{url}/cancel", json={"reason_category": "OTHER"}),
    ):
        assert refusal(response) == (404, "not_found", [])
