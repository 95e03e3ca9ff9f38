import pytest
from litestar import Litestar
from litestar.testing import TestClient

from seeds.reference import ADMIN_ID
from tests.api.world import API, Json, World, refusal

NOW = "2026-03-02T09:00:00Z"


def standalone(world: World, *, client_id: str | None = None, **other: object) -> Json:
    """A new show in no plan."""
    body = world.show() | {"studio_id": world.studio, "client_id": client_id} | other
    response = world.client.post(f"{API}/shows", json=body)
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"{API}/shows/{response.json()['id']}"
    assert response.headers["etag"] == '"1"'
    return response.json()


def test_a_standalone_show_is_drafted_edited_removed_and_restored(client: TestClient[Litestar], world: World):
    show = standalone(world, client_id=world.customer, external_id="SH-7")
    assert show == {
        "id": show["id"],
        "version": 1,
        "schedule_id": None,
        "external_id": "SH-7",
        "client_id": world.customer,
        "studio_id": world.studio,
        "room_id": world.rooms[0],
        "name": "Show at 13",
        "start": "2026-05-02T13:00:00Z",
        "end": "2026-05-02T15:00:00Z",
        "operational_day": "2026-05-02",
        "status": "draft",
        "show_type": "other",
        "show_standard": "standard",
        "creators": [world.creators[0]],
        "platforms": [{"platform_id": world.platform}],
        "note": "",
        "metadata": {},
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
    assert client.get(f"{API}/schedules", params={"include_deleted": "true"}).json()["items"] == []
    assert client.get(f"{API}/shows").json()["items"] == [show]
    url = f"{API}/shows/{show['id']}"
    edited = client.patch(url, json={"start": "2026-06-02T13:00:00Z", "end": "2026-06-02T15:00:00Z"})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert client.delete(url).status_code == 204
    assert client.get(f"{API}/shows").json()["items"] == []
    restored = client.post(f"{url}/restore")
    assert (restored.status_code, restored.json()) == (200, edited.json() | {"version": 4})
    assert [event["type"] for event in client.get(f"{url}/events").json()["items"]] == [
        *("ShowDrafted", "ShowsEdited", "ShowsRemoved", "ShowsRestored")
    ]


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"studio_id": "studio_0"}, [("studio_id", "unknown_reference")]),
        ({"client_id": "client_0"}, [("client_id", "unknown_reference")]),
        ({"room_id": "room_0", "show_type": "gala"}, ["room_id", "show_type"]),
        ({"end": "2026-05-02T13:00:00Z"}, [("end", "not_after_start")]),
        ({"schedule_id": "schedule_0"}, [("schedule_id", "unknown_field")]),
    ],
)
def test_a_wrong_value_is_named(
    client: TestClient[Litestar], world: World, wrong: Json, errors: list[str | tuple[str, str]]
):
    body = world.show() | {"studio_id": world.studio} | wrong
    expected = [each if isinstance(each, tuple) else (each, "unknown_reference") for each in errors]
    assert refusal(client.post(f"{API}/shows", json=body)) == (422, "invalid", expected)


def test_its_client_agrees_to_a_version_before_it_is_booked(client: TestClient[Litestar], world: World):
    show = standalone(world, client_id=world.customer)
    url = f"{API}/shows/{show['id']}"
    early = client.post(f"{url}/confirm")
    assert (refusal(early), early.json()["allowed"]) == (
        (409, "illegal_transition", []),
        ["cancel", "park", "propose"],
    )
    proposed = client.post(f"{url}/propose", json={"note": "please"})
    assert (proposed.status_code, proposed.headers["etag"]) == (200, '"1"')
    row = proposed.json()
    assert (row["kind"], row["status"], row["current_version"], row["show_count"]) == (
        *("single", "proposed", 1, 1),
    )
    frozen = client.patch(url, json={"name": "x"})
    assert refusal(frozen) == (409, "illegal_transition", [])
    assert refusal(client.post(f"{url}/confirm")) == (409, "not_approved", [])
    assert client.post(f"{url}/withdraw").json()["status"] == "draft"
    client.post(f"{url}/propose")
    rejected = client.post(f"{url}/reject", json={"version": 2, "reason": "too late"})
    assert rejected.json()["status"] == "draft"
    client.post(f"{url}/propose")
    wrong = client.post(f"{url}/approve", json={"version": 2})
    assert refusal(wrong) == (409, "version_conflict", [])
    assert client.post(f"{url}/approve", json={"version": 3}).json()["approved_version"] == 3
    dry = client.post(f"{url}/confirm", json={"dry_run": True}).json()
    assert (dry["confirmed"], dry["dry_run"]) == ([show["id"]], True)
    assert world.read_show(show)["status"] == "draft"
    done = client.post(f"{url}/confirm")
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["confirmed"], done.json()["schedule"]["status"]) == ([show["id"]], "confirmed")
    assert world.read_show(show) == show | {"version": 2, "status": "confirmed"}
    assert refusal(client.patch(url, json={"name": "x"})) == (409, "needs_change", [])
    rival, _ = world.agreed()
    taken = client.post(f"{API}/schedules/{rival['id']}/confirm")
    assert refusal(taken)[:2] == (409, "conflicts")


def test_without_a_client_it_is_booked_straight_from_draft(client: TestClient[Litestar], world: World):
    show = standalone(world)
    # On another day than it was drafted for, which is no conflict: it has no period.
    client.patch(
        f"{API}/shows/{show['id']}", json={"start": "2026-06-02T13:00:00Z", "end": "2026-06-02T15:00:00Z"}
    )
    board = client.get(
        f"{API}/board",
        params={
            "studio_id": world.studio,
            "from": "2026-06-01T00:00:00Z",
            "to": "2026-06-04T00:00:00Z",
        },
    ).json()
    assert [(each["id"], each["conflicts"]) for each in board["shows"]] == [(show["id"], [])]
    url = f"{API}/shows/{show['id']}"
    stale = client.post(f"{url}/confirm", headers={"If-Match": '"1"'})
    assert refusal(stale) == (412, "stale", [])
    done = client.post(f"{url}/confirm", headers={"If-Match": '"2"'})
    assert done.json()["confirmed"] == [show["id"]]
    assert client.post(f"{url}/start").json()["status"] == "live"
    assert client.post(f"{url}/complete").json()["status"] == "completed"


def test_with_approval_off_it_is_booked_straight_from_draft(client: TestClient[Litestar], world: World):
    client.patch(f"{API}/studios/{world.studio}", json={"client_approval": False})
    show = standalone(world, client_id=world.customer)
    done = client.post(f"{API}/shows/{show['id']}/confirm").json()
    assert done["confirmed"] == [show["id"]]


def test_two_that_want_one_room_are_told_apart_by_who_came_first(client: TestClient[Litestar], world: World):
    first, second = standalone(world), standalone(world)
    assert client.post(f"{API}/shows/{first['id']}/confirm").status_code == 200
    refused = client.post(f"{API}/shows/{second['id']}/confirm")
    assert refusal(refused)[:2] == (409, "conflicts")
    cancelled = client.post(f"{API}/shows/{first['id']}/cancel", json={"reason_category": "OTHER"})
    assert cancelled.json()["status"] == "cancelled"
    assert client.post(f"{API}/shows/{second['id']}/confirm").status_code == 200


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("propose", {}),
        ("approve", {"version": 1}),
        ("reject", {"version": 1, "reason": "x"}),
        ("withdraw", {}),
        ("confirm", {}),
    ],
)
def test_a_show_in_a_plan_is_agreed_with_its_plan(
    client: TestClient[Litestar], world: World, command: str, body: Json
):
    schedule, (show,) = world.planned()
    response = client.post(f"{API}/shows/{show['id']}/{command}", json=body)
    assert refusal(response) == (409, "illegal_transition", [])
    assert response.json()["schedule_id"] == schedule["id"]
    unknown = client.post(f"{API}/shows/show_0/{command}", json=body)
    assert refusal(unknown) == (404, "not_found", [])


def test_the_schedule_of_a_standalone_show_takes_no_other_shows(client: TestClient[Litestar], world: World):
    show = standalone(world, client_id=world.customer)
    own = client.post(f"{API}/shows/{show['id']}/propose").json()
    client.post(f"{API}/shows/{show['id']}/withdraw")
    response = client.post(f"{API}/schedules/{own['id']}/shows", json={"shows": [world.show(20)]})
    assert refusal(response) == (409, "illegal_transition", [])


def test_a_repeated_request_makes_one_show(client: TestClient[Litestar], world: World):
    body = world.show() | {"studio_id": world.studio}
    headers = {"Idempotency-Key": "once"}
    first, again = (client.post(f"{API}/shows", json=body, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert client.get(f"{API}/shows").json()["page"]["total"] == 1


def test_a_standalone_show_has_versions_of_its_own(client: TestClient[Litestar], world: World):
    show = standalone(world, client_id=world.customer)
    url = f"{API}/shows/{show['id']}"
    assert client.post(f"{url}/propose").json()["current_version"] == 1
    client.post(f"{url}/withdraw")
    client.patch(url, json={"name": "renamed"})
    stale = client.post(f"{url}/versions", json={"label": "late"}, headers={"If-Match": '"1"'})
    assert refusal(stale) == (412, "stale", [])
    made = client.post(f"{url}/versions", json={"label": "late"}, headers={"If-Match": '"2"'})
    assert (made.status_code, made.headers["location"]) == (201, f"{url}/versions/2")
    again = client.post(f"{url}/versions", json={"label": "late"})
    assert (again.status_code, again.json()) == (200, made.json())
    listed = client.get(f"{url}/versions").json()["items"]
    assert [(each["number"], each["kind"]) for each in listed] == [(2, "checkpoint"), (1, "proposed")]
    first = client.get(f"{url}/versions/1").json()
    assert first["shows"] == [show]
    found = client.get(f"{url}/diff", params={"from": 1, "to": 2}).json()
    assert [each["fields"] for each in found["changed"]] == [
        {"name": {"from": "Show at 13", "to": "renamed"}}
    ]


def test_a_standalone_show_goes_back_to_a_version_of_it(client: TestClient[Litestar], world: World):
    show = standalone(world)
    url = f"{API}/shows/{show['id']}"
    client.post(f"{url}/versions", json={"label": "first"})
    client.patch(url, json={"name": "renamed"})
    restored = client.post(f"{url}/versions/1/restore")
    assert (restored.status_code, restored.headers["etag"]) == (200, '"3"')
    answer = restored.json()
    assert (answer["kind"], answer["current_version"], answer["change"]) == ("single", 2, None)
    assert world.read_show(show) == show | {"version": 3}
    assert client.post(f"{url}/versions/1/restore").json() == answer
    client.patch(url, json={"name": "renamed"})
    client.post(f"{url}/confirm")
    # Without a client nobody has to agree: the change back is applied at once.
    change = client.post(f"{url}/versions/1/restore").json()["change"]
    assert (change["status"], change["reason"]) == ("approved", "back to version 1")
    assert world.read_show(show)["name"] == show["name"]


def test_a_cancelled_standalone_show_comes_back_under_a_new_id(client: TestClient[Litestar], world: World):
    show = standalone(world, external_id="SH-7")
    url = f"{API}/shows/{show['id']}"
    client.post(f"{url}/versions", json={"label": "first"})
    client.post(f"{url}/cancel", json={"reason_category": "OTHER"})
    assert client.post(f"{url}/versions/1/restore").status_code == 200
    cancelled, again = sorted(client.get(f"{API}/shows").json()["items"], key=lambda each: each["status"])
    assert (cancelled["id"], cancelled["external_id"]) == (show["id"], "SH-7")
    assert (again["restored_from"], again["schedule_id"], again["status"]) == (show["id"], None, "draft")
    # It leaves for a plan; the cancelled one stays where it was.
    plan = world.schedule(client_id=None)
    moved = client.post(f"{API}/shows/{again['id']}/move", json={"schedule_id": plan["id"]})
    assert (moved.status_code, moved.json()["schedule_id"]) == (200, plan["id"])
    assert world.read_show(cancelled) == cancelled


def test_a_checkpoint_of_a_standalone_show_is_renamed_deleted_and_brought_back(
    client: TestClient[Litestar], world: World
):
    show = standalone(world)
    url = f"{API}/shows/{show['id']}/versions"
    made = client.post(url, json={"label": "first"}).json()
    stale = client.patch(f"{url}/1", json={"label": "x"}, headers={"If-Match": '"7"'})
    assert refusal(stale) == (412, "stale", [])
    renamed = client.patch(f"{url}/1", json={"label": "agreed"}, headers={"If-Match": '"1"'})
    assert (renamed.status_code, renamed.json()) == (200, made | {"label": "agreed"})
    assert client.delete(f"{url}/1").status_code == 204
    assert client.get(url).json()["items"] == []
    assert client.post(f"{url}/1/undelete").json() == renamed.json()
    client.post(f"{API}/shows/{show['id']}/confirm")
    assert refusal(client.delete(f"{url}/2")) == (409, "illegal_transition", [])
    assert refusal(client.post(f"{url}/9/restore")) == (404, "not_found", [])


def test_a_show_in_a_plan_has_no_versions_of_its_own(client: TestClient[Litestar], world: World):
    _, (show,) = world.planned()
    url = f"{API}/shows/{show['id']}"
    for response in (
        client.get(f"{url}/versions"),
        client.get(f"{url}/versions/1"),
        client.get(f"{url}/diff", params={"from": 1}),
        client.post(f"{url}/versions", json={"label": "x"}),
        client.patch(f"{url}/versions/1", json={"label": "x"}),
        client.delete(f"{url}/versions/1"),
        client.post(f"{url}/versions/1/undelete"),
        client.post(f"{url}/versions/1/restore"),
    ):
        assert refusal(response) == (409, "illegal_transition", [])
    assert refusal(client.get(f"{API}/shows/show_0/versions")) == (404, "not_found", [])


def test_a_booked_standalone_show_is_altered_by_a_change(client: TestClient[Litestar], world: World):
    show = standalone(world)
    url = f"{API}/shows/{show['id']}"
    body = {
        "category": "OPERATIONAL",
        "type": "RESOURCE_CHANGE",
        "reason": "The first room leaks",
        "operations": [{"op": "update", "show_id": show["id"], "set": {"room_id": world.rooms[1]}}],
    }
    early = client.post(f"{url}/changes", json=body)
    assert refusal(early) == (409, "edit_directly", [])
    client.post(f"{url}/confirm")
    more = body | {"operations": [{"op": "add", "show": world.show(20)}]}
    assert refusal(client.post(f"{url}/changes", json=more)) == (
        422,
        "invalid",
        [("operations[0].op", "choice")],
    )
    # Without a client nobody has to agree: it is applied at once.
    done = client.post(f"{url}/changes", json=body)
    assert (done.status_code, done.json()["status"], done.json()["needs"]) == (201, "approved", "none")
    moved = world.read_show(show)
    assert (moved["room_id"], moved["status"]) == (world.rooms[1], "confirmed")
    listed = client.get(f"{url}/changes").json()["items"]
    assert [each["id"] for each in listed] == [done.json()["id"]]
    _, (planned,) = world.planned()
    for response in (
        client.get(f"{API}/shows/{planned['id']}/changes"),
        client.post(f"{API}/shows/{planned['id']}/changes", json=body),
    ):
        assert refusal(response) == (409, "illegal_transition", [])


def test_a_change_of_it_is_matched_with_the_show_that_is_addressed(
    client: TestClient[Litestar], world: World
):
    show = standalone(world)
    url = f"{API}/shows/{show['id']}"
    client.patch(url, json={"name": "A"})
    client.post(f"{url}/confirm")
    read = client.get(url)
    operation = {"op": "update", "show_id": show["id"], "set": {"name": "B"}}
    body = {
        "category": "OPERATIONAL",
        "type": "OTHER",
        "reason": "renamed at last",
        "operations": [operation],
    }
    stale = client.post(f"{url}/changes", json=body, headers={"If-Match": '"1"'})
    assert refusal(stale) == (412, "stale", [])
    done = client.post(f"{url}/changes", json=body, headers={"If-Match": read.headers["etag"]})
    assert (done.status_code, world.read_show(show)["name"]) == (201, "B")


def test_its_events_tell_what_was_proposed_and_refused(client: TestClient[Litestar], world: World):
    url = f"{API}/shows/{standalone(world, client_id=world.customer)['id']}"
    assert client.post(f"{url}/propose").status_code == 200
    assert client.post(f"{url}/reject", json={"version": 1, "reason": "too late"}).status_code == 200
    told = [(event["type"], event.get("reason")) for event in client.get(f"{url}/events").json()["items"]]
    assert [kind for kind, _ in told] == [
        "ShowDrafted",
        "ScheduleProposed",
        "VersionNumbered",
        "VersionRejected",
    ]
    assert told[-1] == ("VersionRejected", "too late")
