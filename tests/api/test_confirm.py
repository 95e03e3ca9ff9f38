from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal
from tests.spec import Clock


def test_confirming_books_every_draft_and_makes_a_version(client: TestClient[Litestar], world: World):
    schedule, shows = world.agreed(world.show(16), world.show(13))
    response = client.post(f"{API}/schedules/{schedule['id']}/confirm")
    assert response.status_code == 200
    after = world.read(schedule)
    assert response.headers["etag"] == f'"{after["version"]}"'
    assert response.json() == {
        "confirmed": [shows[1]["id"], shows[0]["id"]],
        "refused": [],
        "dry_run": False,
        "schedule": after,
    }
    assert (after["status"], after["current_version"], after["approved_version"]) == ("confirmed", 2, 2)
    assert after["shows_by_status"] == {"confirmed": 2}
    assert world.read_show(shows[0])["status"] == "confirmed"


def test_confirming_waits_for_the_clients_approval(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    url = f"{API}/schedules/{schedule['id']}/confirm"
    assert refusal(client.post(url)) == (409, "illegal_transition", [])
    world.do(schedule, "propose")
    waits = client.post(url)
    assert refusal(waits) == (409, "not_approved", [])
    assert waits.json()["current_version"] == 1


def test_without_a_client_or_with_approval_off_confirm_follows_propose(
    client: TestClient[Litestar], world: World
):
    internal, _ = world.planned(world.show(10), client_id=None)
    world.do(internal, "propose")
    assert world.do(internal, "confirm")["schedule"]["status"] == "confirmed"
    client.patch(f"{API}/studios/{world.studio}", json={"client_approval": False})
    free, _ = world.planned(world.show(13))
    world.do(free, "propose")
    assert world.do(free, "confirm")["schedule"]["status"] == "confirmed"


def test_all_or_nothing_reports_every_blocking_conflict_and_changes_nothing(
    client: TestClient[Litestar], world: World
):
    _, (booked,) = world.booked(world.show(13, 2, name="First"))
    schedule, (both, free, room) = world.agreed(
        world.show(14, 2, creators=[world.creators[0]]),
        world.show(18, 1),
        world.show(12, 2, creators=[world.creators[1]]),
    )
    before = world.read(schedule)
    response = client.post(f"{API}/schedules/{schedule['id']}/confirm", json={"mode": "all_or_nothing"})
    assert refusal(response) == (409, "conflicts", [])
    found = response.json()["conflicts"]
    assert [(conflict["show_id"], conflict["code"]) for conflict in found] == [
        (room["id"], "room_overlap"),
        (both["id"], "creator_overlap"),
        (both["id"], "room_overlap"),
    ]
    assert found[0] == {
        "code": "room_overlap",
        "severity": "block",
        "show_id": room["id"],
        "resource": {"kind": "room", "id": world.rooms[0], "name": "Room 1"},
        "other": {
            "show_id": booked["id"],
            "closure_id": None,
            "schedule_id": booked["schedule_id"],
            "client_id": world.customer,
            "name": "First",
            "status": "confirmed",
            "since": "2026-03-02T09:00:00Z",
        },
        "overlap": {"start": "2026-05-02T13:00:00Z", "end": "2026-05-02T14:00:00Z", "minutes": 60},
        "message": "Room 1 is taken by 'First' (confirmed)",
        "suggestions": [],
    }
    assert world.read(schedule) == before
    assert world.read_show(free)["status"] == "draft"


def test_best_effort_books_the_first_of_two_and_says_what_is_in_the_others_way(
    client: TestClient[Litestar], world: World
):
    schedule, (later, earlier) = world.agreed(world.show(14, 2), world.show(13, 2))
    done = world.do(schedule, "confirm", mode="best_effort")
    assert (done["confirmed"], done["dry_run"]) == ([earlier["id"]], False)
    (refused,) = done["refused"]
    assert refused["show_id"] == later["id"]
    assert [
        (conflict["code"], conflict["other"]["show_id"], conflict["other"]["status"])
        for conflict in refused["conflicts"]
    ] == [
        ("room_overlap", earlier["id"], "confirmed"),
        ("creator_overlap", earlier["id"], "confirmed"),
    ]
    assert done["schedule"]["shows_by_status"] == {"confirmed": 1, "draft": 1}


def test_with_nothing_booked_a_schedule_stays_proposed(client: TestClient[Litestar], world: World):
    world.booked()
    schedule, (show,) = world.agreed()
    done = world.do(schedule, "confirm", mode="best_effort")
    assert (done["confirmed"], [refused["show_id"] for refused in done["refused"]]) == ([], [show["id"]])
    assert done["schedule"]["status"] == "proposed"
    assert world.read(schedule) == done["schedule"]


def test_named_shows_are_booked_and_the_rest_later(client: TestClient[Litestar], world: World):
    schedule, (first, second) = world.agreed(world.show(10), world.show(13))
    done = world.do(schedule, "confirm", show_ids=[second["id"]])
    assert done["confirmed"] == [second["id"]]
    rest = world.do(schedule, "confirm")
    assert (rest["confirmed"], rest["schedule"]["current_version"]) == ([first["id"]], 3)
    nothing = world.do(schedule, "confirm", show_ids=[first["id"]])
    assert (nothing["confirmed"], nothing["schedule"]) == ([], rest["schedule"])
    url = f"{API}/schedules/{schedule['id']}/confirm"
    assert refusal(client.post(url, json={"show_ids": ["show_0"]})) == (404, "not_found", [])


def test_a_dry_run_reports_what_the_command_does_and_leaves_no_trace(
    client: TestClient[Litestar], world: World
):
    schedule, _ = world.agreed(world.show(13, 2), world.show(14, 2))
    log_before = client.get(f"{API}/schedules/{schedule['id']}/events").json()
    dry = world.do(schedule, "confirm", mode="best_effort", dry_run=True)
    assert world.read(schedule) == schedule
    assert client.get(f"{API}/schedules/{schedule['id']}/events").json() == log_before
    real = world.do(schedule, "confirm", mode="best_effort")
    assert dry == real | {"dry_run": True}


def test_touching_shows_do_not_clash_but_turnaround_counts(client: TestClient[Litestar], world: World):
    world.booked(world.show(13, 2))
    assert world.booked(world.show(15, 1))[1][0]["status"] == "confirmed"
    client.patch(f"{API}/rooms/{world.rooms[0]}", json={"lead_minutes": 30})
    schedule, _ = world.agreed(world.show(16, 1, creators=[world.creators[1]]))
    response = client.post(f"{API}/schedules/{schedule['id']}/confirm")
    (finding,) = response.json()["conflicts"]
    assert (finding["code"], finding["overlap"]) == (
        "turnaround_short",
        {"start": "2026-05-02T15:30:00Z", "end": "2026-05-02T16:00:00Z", "minutes": 30},
    )


def test_a_closure_blocks_a_booking(client: TestClient[Litestar], world: World):
    closure = client.post(
        f"{API}/room-closures",
        json={
            "room_id": world.rooms[0],
            "start": "2026-05-02T14:00:00Z",
            "end": "2026-05-02T18:00:00Z",
            "reason": "painting",
        },
    ).json()
    schedule, _ = world.agreed()
    (finding,) = client.post(f"{API}/schedules/{schedule['id']}/confirm").json()["conflicts"]
    assert (finding["code"], finding["other"]["closure_id"], finding["other"]["name"]) == (
        "room_closed",
        closure["id"],
        "painting",
    )


def test_the_clock_alone_refuses_nothing(world: World, clock: Clock):
    clock.now = clock.now.replace(year=2027)
    _, (show,) = world.booked()
    assert show["status"] == "confirmed"


def test_a_wrong_body_is_named(client: TestClient[Litestar], world: World):
    schedule, _ = world.agreed()
    bodies: list[tuple[Json, list[tuple[str, str]]]] = [
        ({"mode": "half"}, [("mode", "choice")]),
        ({"dry_run": "yes"}, [("dry_run", "type")]),
        ({"show_ids": "all"}, [("show_ids", "type")]),
        ({"shows": []}, [("shows", "unknown_field")]),
    ]
    for body, errors in bodies:
        response = client.post(f"{API}/schedules/{schedule['id']}/confirm", json=body)
        assert refusal(response) == (422, "invalid", errors)
