import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.sql import SQL, Identifier

from projections import rebuild
from seeds.reference import ADMIN_ID
from tests.api.world import API, World, refusal
from tests.conftest import Database
from tests.spec import Clock

NOW = "2026-03-02T09:00:00Z"


def test_a_new_schedule_is_an_empty_draft(client: TestClient[Litestar], world: World):
    body = {
        "name": "  Acme May 2026 ",
        "studio_id": world.studio,
        "client_id": world.customer,
        "start_date": "2026-05-01",
        "end_date": "2026-05-31",
        "note": "as last year",
    }
    response = client.post(f"{API}/schedules", json=body)
    assert response.status_code == 201
    schedule = response.json()
    draft = client.get(f"{API}/schedule-statuses", params={"q": "draft"}).json()["items"][0]
    assert schedule == {
        "id": schedule["id"],
        "version": 1,
        "kind": "plan",
        "name": "Acme May 2026",
        "studio_id": world.studio,
        "client_id": world.customer,
        "start_date": "2026-05-01",
        "end_date": "2026-05-31",
        "note": "as last year",
        "status": "draft",
        "status_id": draft["id"],
        "current_version": None,
        "approved_version": None,
        "show_count": 0,
        "shows_by_status": {},
        "open_changes": 0,
        "has_unversioned_edits": False,
        "created_at": NOW,
        "created_by": ADMIN_ID,
        "updated_at": NOW,
        "updated_by": ADMIN_ID,
        "deleted_at": None,
        "deleted_by": None,
    }
    assert response.headers["location"] == f"{API}/schedules/{schedule['id']}"
    assert response.headers["etag"] == '"1"'
    read = client.get(response.headers["location"])
    assert (read.json(), read.headers["etag"]) == (schedule, '"1"')


def test_names_and_periods_may_overlap_and_a_client_is_optional(world: World):
    first, second = world.schedule(client_id=None), world.schedule(client_id=None)
    assert first["client_id"] is None
    assert first["id"] != second["id"]


def test_every_wrong_value_of_a_new_schedule_is_named_at_once(client: TestClient[Litestar]):
    response = client.post(
        f"{API}/schedules", json={"name": "", "start_date": "2026-13-01", "colour": "red", "note": None}
    )
    status, code, errors = refusal(response)
    assert (status, code, sorted(errors)) == (
        422,
        "invalid",
        [
            ("colour", "unknown_field"),
            ("end_date", "missing"),
            ("name", "length"),
            ("note", "type"),
            ("start_date", "format"),
            ("studio_id", "missing"),
        ],
    )


def test_a_period_must_not_end_before_it_starts(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    response = client.patch(f"{API}/schedules/{schedule['id']}", json={"end_date": "2026-04-30"})
    assert refusal(response) == (422, "invalid", [("end_date", "before_start")])


def test_unknown_and_deleted_references_are_all_named(client: TestClient[Litestar], world: World):
    client.delete(f"{API}/clients/{world.customer}")
    response = client.post(
        f"{API}/schedules",
        json={
            "name": "x",
            "studio_id": world.rooms[0],
            "client_id": world.customer,
            "start_date": "2026-05-01",
            "end_date": "2026-05-31",
        },
    )
    expected = [("client_id", "unknown_reference"), ("studio_id", "unknown_reference")]
    assert refusal(response) == (422, "invalid", expected)


def test_an_edit_changes_what_it_names_and_nothing_else(
    client: TestClient[Litestar], world: World, clock: Clock
):
    schedule = world.schedule()
    clock.now = clock.now.replace(hour=10)
    response = client.patch(f"{API}/schedules/{schedule['id']}", json={"name": "May", "note": "new"})
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert response.json() == schedule | {
        "version": 2,
        "name": "May",
        "note": "new",
        "has_unversioned_edits": True,
        "updated_at": "2026-03-02T10:00:00Z",
    }
    assert world.read(schedule) == response.json()


def test_an_edit_that_changes_nothing_is_no_event(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    response = client.patch(f"{API}/schedules/{schedule['id']}", json={"name": schedule["name"]})
    assert (response.status_code, response.json()) == (200, schedule)


def test_shows_are_drafted_all_or_none(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    response = client.post(
        f"{API}/schedules/{schedule['id']}/shows",
        json={
            "shows": [
                world.show(13),
                world.show(14, end="2026-05-02T14:00:00Z"),
                world.show(15, start="2026-05-02T15:00:00", creators="Mali"),
                world.show(16, end="2026-05-04T16:00:00Z"),
            ]
        },
    )
    assert refusal(response) == (
        422,
        "invalid",
        [("shows[2].start", "naive_datetime"), ("shows[2].creators", "type")],
    )
    response = client.post(
        f"{API}/schedules/{schedule['id']}/shows",
        json={
            "shows": [
                world.show(13),
                world.show(14, end="2026-05-02T14:00:00Z"),
                world.show(16, end="2026-05-04T16:00:00Z"),
            ]
        },
    )
    expected = [("shows[1].end", "not_after_start"), ("shows[2].end", "too_long")]
    assert refusal(response) == (422, "invalid", expected)
    assert world.read(schedule) == schedule


def test_everything_unknown_that_drafts_name_is_told_at_once(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    response = client.post(
        f"{API}/schedules/{schedule['id']}/shows",
        json={
            "shows": [
                world.show(),
                world.show(
                    room_id="room_0",
                    creators=[world.creators[0], world.rooms[0]],
                    platforms=[{"platform_id": "platform_0"}],
                    show_type="gala",
                    show_standard="bau",
                ),
            ]
        },
    )
    assert refusal(response) == (
        422,
        "invalid",
        [
            ("shows[1].creators[1]", "unknown_reference"),
            ("shows[1].platforms[0].platform_id", "unknown_reference"),
            ("shows[1].room_id", "unknown_reference"),
            ("shows[1].show_standard", "unknown_reference"),
            ("shows[1].show_type", "unknown_reference"),
        ],
    )


@pytest.mark.parametrize("count", [0, 1001])
def test_one_to_a_thousand_shows_are_drafted_in_one_request(
    client: TestClient[Litestar], world: World, count: int
):
    schedule = world.schedule()
    show = {"name": "x", "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T14:00:00Z"}
    response = client.post(f"{API}/schedules/{schedule['id']}/shows", json={"shows": [show] * count})
    assert refusal(response) == (422, "invalid", [("shows", "length")])


def test_a_thousand_shows_are_drafted_as_one_event(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    drafted = world.draft(schedule, *[world.show(name=f"show {n}", room_id=None) for n in range(1000)])
    assert [show["name"] for show in drafted] == [f"show {n}" for n in range(1000)]
    after = world.read(schedule)
    assert (after["version"], after["show_count"], after["shows_by_status"]) == (2, 1000, {"draft": 1000})


def test_an_external_id_is_unique_among_a_clients_live_shows(client: TestClient[Litestar], world: World):
    schedule, shows = world.planned(world.show(external_id="SH-1"))
    url = f"{API}/schedules/{schedule['id']}/shows"
    again = {"shows": [world.show(16, external_id="SH-1")]}
    assert refusal(client.post(url, json=again)) == (409, "duplicate", [("external_id", "taken")])
    assert client.delete(f"{API}/shows/{shows[0]['id']}").status_code == 204
    assert client.post(url, json=again).status_code == 201


def test_a_proposed_schedule_is_frozen_until_it_is_withdrawn(client: TestClient[Litestar], world: World):
    schedule, shows = world.planned()
    proposed = world.do(schedule, "propose", note="please look", label="first")
    assert (proposed["status"], proposed["current_version"], proposed["approved_version"]) == (
        "proposed",
        1,
        None,
    )
    assert proposed["has_unversioned_edits"] is False
    url = f"{API}/schedules/{schedule['id']}"
    for response in (
        client.patch(url, json={"name": "new"}),
        client.post(f"{url}/shows", json={"shows": [world.show(20)]}),
        client.patch(f"{API}/shows/{shows[0]['id']}", json={"name": "new"}),
        client.delete(f"{API}/shows/{shows[0]['id']}"),
        client.post(f"{url}/propose"),
    ):
        assert refusal(response) == (409, "illegal_transition", [])
    assert client.post(f"{url}/propose").json()["allowed"] == [
        "approve",
        "cancel",
        "confirm",
        "reject",
        "withdraw",
    ]
    withdrawn = world.do(schedule, "withdraw")
    assert (withdrawn["status"], withdrawn["current_version"]) == ("draft", 1)
    assert client.patch(url, json={"name": "new"}).status_code == 200


def test_only_the_current_version_is_decided(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    world.do(schedule, "propose")
    url = f"{API}/schedules/{schedule['id']}"
    assert refusal(client.post(f"{url}/approve", json={"version": 2})) == (409, "version_conflict", [])
    rejected = client.post(f"{url}/reject", json={"version": 2, "reason": "no"})
    assert refusal(rejected) == (409, "version_conflict", [])
    assert rejected.json()["current_version"] == 1
    assert refusal(client.post(f"{url}/approve", json={})) == (422, "invalid", [("version", "missing")])


def test_a_rejection_needs_a_reason_and_clears_the_approval(client: TestClient[Litestar], world: World):
    schedule, _ = world.agreed()
    assert schedule["approved_version"] == 1
    url = f"{API}/schedules/{schedule['id']}"
    blank = client.post(f"{url}/reject", json={"version": 1, "reason": "  "})
    assert refusal(blank) == (422, "invalid", [("reason", "required")])
    rejected = world.do(schedule, "reject", version=1, reason="too early")
    assert (rejected["status"], rejected["approved_version"]) == ("draft", None)
    last = client.get(f"{url}/events").json()["items"][-1]
    assert (last["type"], last["reason"], last["data"]) == (
        "VersionRejected",
        "too early",
        {"number": 1, "reason": "too early", "on_behalf": True},
    )


def test_an_administrator_approves_on_behalf_of_the_client_only_where_it_must(
    client: TestClient[Litestar], world: World
):
    for_client, _ = world.agreed()
    internal, _ = world.agreed(client_id=None)
    said = [
        client.get(f"{API}/schedules/{schedule['id']}/events").json()["items"][-1]["data"]["on_behalf"]
        for schedule in (for_client, internal)
    ]
    assert said == [True, False]


def test_cancelling_needs_a_reason_and_takes_the_shows_along(client: TestClient[Litestar], world: World):
    schedule, shows = world.booked()
    url = f"{API}/schedules/{schedule['id']}/cancel"
    assert refusal(client.post(url, json={})) == (422, "invalid", [("reason", "missing")])
    assert refusal(client.post(url, json={"reason": " "})) == (422, "invalid", [("reason", "required")])
    cancelled = world.do(schedule, "cancel", reason="called off")
    assert (cancelled["status"], cancelled["shows_by_status"]) == ("cancelled", {"cancelled": 1})
    show = world.read_show(shows[0])
    assert (show["status"], show["reason_note"]) == ("cancelled", "called off")
    world.booked(name="in its place")
    again = client.post(url, json={"reason": "again"})
    assert (refusal(again), again.json()["allowed"]) == ((409, "illegal_transition", []), ["reopen"])


def test_a_schedule_with_a_live_show_is_not_cancelled(client: TestClient[Litestar], world: World):
    schedule, shows = world.booked()
    assert client.post(f"{API}/shows/{shows[0]['id']}/start").status_code == 200
    response = client.post(f"{API}/schedules/{schedule['id']}/cancel", json={"reason": "x"})
    assert refusal(response) == (409, "illegal_transition", [])


def test_versions_are_listed_newest_first_and_never_change(client: TestClient[Litestar], world: World):
    schedule, shows = world.planned()
    url = f"{API}/schedules/{schedule['id']}/versions"
    assert client.get(url).json()["items"] == []
    world.do(schedule, "propose", note="look", label="one")
    first = client.get(f"{url}/1")
    world.do(schedule, "withdraw")
    client.patch(f"{API}/shows/{shows[0]['id']}", json={"name": "renamed"})
    world.do(schedule, "propose")
    page = client.get(url).json()
    assert [version["number"] for version in page["items"]] == [2, 1]
    assert page["page"] == {"limit": 20, "next_cursor": None, "total": 2}
    assert page["items"][1] == {
        "number": 1,
        "kind": "proposed",
        "label": "one",
        "note": "look",
        "position": 4,
        "show_count": 1,
        "created_at": NOW,
        "created_by": ADMIN_ID,
        "deleted_at": None,
        "deleted_by": None,
    }
    assert first.json()["version"] == page["items"][1]
    assert first.json()["schedule"]["status"] == "proposed"
    assert first.json()["shows"] == shows
    assert client.get(f"{url}/1").content == first.content
    assert client.get(f"{url}/2").json()["shows"] == [shows[0] | {"name": "renamed", "version": 2}]


def test_versions_and_histories_answer_with_every_read_table_emptied(
    client: TestClient[Litestar], world: World, database: Database
):
    schedule, _ = world.agreed()
    url = f"{API}/schedules/{schedule['id']}/versions/1"
    before = client.get(url).content
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        tables = SQL(", ").join(Identifier("read", name) for name in rebuild.TABLES)
        owner.execute(SQL("TRUNCATE {}").format(tables))
    response = client.get(url)
    assert (response.status_code, response.content) == (200, before)
    assert client.get(f"{API}/schedules/{schedule['id']}/events").json()["page"]["total"] == 5
    assert client.get(f"{API}/events").status_code == 200


def test_a_schedules_history_tells_who_did_what_and_how(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    response = client.post(
        f"{API}/schedules/{schedule['id']}/propose", headers={"X-Request-Id": "my-request"}, json={}
    )
    assert response.headers["x-request-id"] == "my-request"
    page = client.get(f"{API}/schedules/{schedule['id']}/events").json()
    types = ["ScheduleOpened", "ShowDrafted", "ScheduleProposed", "VersionNumbered"]
    assert [event["type"] for event in page["items"]] == types
    proposed = page["items"][2]
    assert proposed == {
        "position": proposed["position"],
        "stream_id": schedule["id"],
        "stream_version": 3,
        "type": "ScheduleProposed",
        "at": NOW,
        "actor": {"id": ADMIN_ID, "name": "Administrator", "type": "user"},
        "command": "schedule.propose",
        "command_id": proposed["command_id"],
        "request_id": "my-request",
        "origin": "http",
        "data": {"number": 1},
        "changes": [
            {
                "kind": "schedule",
                "id": schedule["id"],
                "name": schedule["name"],
                "what": "changed",
                "fields": {"status": {"from": "draft", "to": "proposed"}},
            }
        ],
    }
    half = client.get(f"{API}/schedules/{schedule['id']}/events", params={"limit": 2}).json()
    rest = client.get(
        f"{API}/schedules/{schedule['id']}/events", params={"cursor": half["page"]["next_cursor"]}
    ).json()
    assert half["items"] + rest["items"] == page["items"]


@pytest.mark.parametrize(
    "path",
    ["", "/shows", "/events", "/versions", "/versions/1", "/conflicts"],
)
@pytest.mark.parametrize("schedule_id", ["schedule_00000000000000000000000000", "show_0", "%00"])
def test_an_unknown_schedule_is_not_found(client: TestClient[Litestar], schedule_id: str, path: str):
    response = client.get(f"{API}/schedules/{schedule_id}{path}")
    assert refusal(response)[:2] == (404, "not_found")


@pytest.mark.parametrize(
    "command", ["propose", "approve", "reject", "withdraw", "confirm", "cancel", "shows"]
)
def test_commands_to_an_unknown_schedule_are_not_found(
    client: TestClient[Litestar], world: World, command: str
):
    bodies = {
        "approve": {"version": 1},
        "reject": {"version": 1, "reason": "x"},
        "cancel": {"reason": "x"},
        "shows": {"shows": [world.show()]},
    }
    url = f"{API}/schedules/schedule_00000000000000000000000000/{command}"
    assert refusal(client.post(url, json=bodies.get(command, {}))) == (404, "not_found", [])


def test_a_version_that_is_not_there_is_not_found(client: TestClient[Litestar], world: World):
    schedule, _ = world.agreed()
    for number in ("2", "99999999999999999999", "one"):
        response = client.get(f"{API}/schedules/{schedule['id']}/versions/{number}")
        assert response.status_code in {404, 422}, (number, response.text)


def test_others_read_but_only_administrators_write(
    client: TestClient[Litestar], reader: TestClient[Litestar], nobody: TestClient[Litestar], world: World
):
    schedule, shows = world.planned()
    url = f"{API}/schedules/{schedule['id']}"
    assert reader.get(url).json() == client.get(url).json()
    for response in (
        reader.post(f"{API}/schedules", json={}),
        reader.patch(url, json={"name": "mine"}),
        reader.post(f"{url}/propose"),
        reader.post(f"{url}/confirm"),
        reader.delete(f"{API}/shows/{shows[0]['id']}"),
        reader.get(f"{API}/events"),
    ):
        assert refusal(response) == (403, "forbidden", [])
    unknown = nobody.get(url)
    assert refusal(unknown) == (401, "unauthenticated", [])
    assert unknown.headers["www-authenticate"].startswith("Bearer")
