from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World, refusal
from tests.spec import Clock


def conflicts(client: TestClient[Litestar], schedule: Json) -> Json:
    response = client.get(f"{API}/schedules/{schedule['id']}/conflicts")
    assert response.status_code == 200, response.text
    return response.json()


def codes(found: Json) -> list[tuple[str, str]]:
    return [(finding["show_id"], finding["code"]) for finding in found["items"]]


def test_a_complete_show_alone_has_no_conflicts(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned()
    assert conflicts(client, schedule) == {"items": [], "counts": {"block": 0, "warn": 0}}


def test_both_sides_of_two_schedules_learn_what_the_other_wants(client: TestClient[Litestar], world: World):
    mine, (my_show,) = world.planned(world.show(13, 2))
    theirs, (their_show,) = world.planned(world.show(14, 2, name="Theirs"), client_id=None)
    found = conflicts(client, mine)
    assert found["counts"] == {"block": 0, "warn": 2}
    assert codes(found) == [(my_show["id"], "creator_wanted"), (my_show["id"], "room_wanted")]
    assert found["items"][1] | {"suggestions": []} == {
        "code": "room_wanted",
        "severity": "warn",
        "show_id": my_show["id"],
        "resource": {"kind": "room", "id": world.rooms[0], "name": "Room 1"},
        "other": {
            "show_id": their_show["id"],
            "closure_id": None,
            "schedule_id": theirs["id"],
            "client_id": None,
            "name": "Theirs",
            "status": "draft",
            "since": "2026-03-02T09:00:00Z",
        },
        "overlap": {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T15:00:00Z", "minutes": 60},
        "message": "Room 1 is also wanted by 'Theirs' (draft) of another schedule",
        "suggestions": [],
    }
    world.do(mine, "propose")
    others = conflicts(client, theirs)
    assert codes(others) == [(their_show["id"], "creator_wanted"), (their_show["id"], "room_wanted")]
    assert others["items"][0]["other"]["status"] == "proposed"


def test_two_drafts_of_one_schedule_block_the_later(client: TestClient[Litestar], world: World):
    schedule, (later, _) = world.planned(world.show(14, 2), world.show(13, 2))
    found = conflicts(client, schedule)
    assert codes(found) == [(later["id"], "creator_overlap"), (later["id"], "room_overlap")]
    assert found["counts"] == {"block": 2, "warn": 0}


def test_a_draft_sees_the_booking_in_its_way_and_the_booking_sees_nothing(
    client: TestClient[Litestar], world: World
):
    booked, _ = world.booked()
    schedule, (show,) = world.planned(world.show(creators=[]))
    found = conflicts(client, schedule)
    assert codes(found) == [(show["id"], "missing_creator"), (show["id"], "room_overlap")]
    assert conflicts(client, booked)["items"] == []


def test_what_was_closed_over_a_booking_is_told_until_it_is_planned_anew(
    client: TestClient[Litestar], world: World
):
    booked, (show, *_) = world.booked(world.show(13, 2), world.show(15, 1), world.show(20, 1))
    span = {"start": "2026-05-02T12:00:00Z", "end": "2026-05-02T14:00:00Z", "reason": "Lights broken"}
    closing = {"room_id": world.rooms[0], "re_plan": True} | span
    assert client.post(f"{API}/room-closures", json=closing).status_code == 201
    (opened,) = client.get(f"{API}/schedules/{booked['id']}/changes").json()["items"]
    rejected = client.post(f"{API}/changes/{opened['id']}/reject", json={"note": "no"})
    assert rejected.status_code == 200, rejected.text
    found = conflicts(client, booked)
    assert (codes(found), found["counts"]) == ([(show["id"], "room_closed")], {"block": 1, "warn": 0})
    (finding,) = found["items"]
    assert finding["message"] == "Room 1 is closed: Lights broken"
    assert finding["overlap"]["minutes"] == 60
    window = {"studio_id": world.studio, "from": "2026-05-02", "to": "2026-05-02"}
    drawn = client.get(f"{API}/board", params=window).json()["shows"]
    assert {each["id"]: each["conflicts"] for each in drawn if each["conflicts"]} == {
        show["id"]: ["room_closed"]
    }
    way = next(each for each in finding["suggestions"] if each["request"])
    asked = client.request(
        way["request"]["method"],
        way["request"]["path"],
        json={"category": "OPERATIONAL", "type": "OTHER", "reason": "rain"} | way["request"]["body"],
    )
    assert asked.status_code == 201, asked.text
    if (change := asked.json())["status"] == "proposed":
        client.post(f"{API}/changes/{change['id']}/approve", json={}).raise_for_status()
    assert conflicts(client, booked)["items"] == []


def test_missing_things_warn_and_a_standard_may_require_a_creator(client: TestClient[Litestar], world: World):
    hosted = {"key": "hosted", "name": "With a host", "requires_creator": True}
    assert client.post(f"{API}/show-standards", json=hosted).status_code == 201
    bare = {"name": "bare", "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T14:00:00Z"}
    schedule, _ = world.planned(
        bare,
        bare | {"start": "2026-05-02T13:30:00Z", "show_standard": "hosted"},
    )
    found = conflicts(client, schedule)
    assert [(finding["code"], finding["severity"]) for finding in found["items"]] == [
        ("missing_creator", "warn"),
        ("missing_platform", "warn"),
        ("missing_room", "warn"),
        ("missing_creator", "block"),
        ("missing_platform", "warn"),
        ("missing_room", "warn"),
    ]


def test_the_studio_day_decides_whether_a_show_is_outside_the_period(
    client: TestClient[Litestar], world: World
):
    night_before = world.show(start="2026-04-30T22:30:00Z", end="2026-04-30T22:59:00Z")
    last_night = world.show(start="2026-05-31T18:00:00Z", end="2026-05-31T22:00:00Z")
    schedule, (early, _) = world.planned(night_before, last_night)
    assert codes(conflicts(client, schedule)) == [(early["id"], "outside_period")]


def test_a_show_of_another_studios_room_a_banned_creator_and_the_past_are_found(
    client: TestClient[Litestar], world: World, clock: Clock
):
    studio = client.post(f"{API}/studios", json={"name": "Paris", "time_zone": "Europe/Paris"}).json()
    room = client.post(f"{API}/rooms", json={"name": "P1", "studio_id": studio["id"]}).json()
    schedule, (show,) = world.planned(world.show(room_id=room["id"]))
    client.patch(f"{API}/creators/{world.creators[0]}", json={"is_banned": True})
    clock.now = clock.now.replace(month=6)
    assert codes(conflicts(client, schedule)) == [
        (show["id"], "creator_banned"),
        (show["id"], "in_the_past"),
        (show["id"], "room_not_in_studio"),
    ]


def test_a_cancelled_schedule_wants_nothing(client: TestClient[Litestar], world: World):
    schedule, _ = world.planned(world.show(13, 2), world.show(14, 2))
    world.do(schedule, "cancel", reason="x")
    assert conflicts(client, schedule)["items"] == []
    rival, _ = world.planned()
    assert conflicts(client, rival)["items"] == []


def test_drafts_are_checked_before_they_are_saved(client: TestClient[Litestar], world: World):
    _, (booked,) = world.booked(world.show(13, 2))
    body = {"shows": [{**world.show(14, 2), "studio_id": world.studio}]}
    response = client.post(f"{API}/conflicts/check", json=body)
    assert response.status_code == 200
    found = response.json()
    assert [(f["show_id"], f["code"], f["other"]["show_id"]) for f in found["items"]] == [
        ("shows[0]", "creator_overlap", booked["id"]),
        ("shows[0]", "room_overlap", booked["id"]),
    ]
    assert found["counts"] == {"block": 2, "warn": 0}


def test_a_saved_show_is_checked_in_its_schedule_and_not_against_itself(
    client: TestClient[Litestar], world: World
):
    schedule, (first, second) = world.planned(world.show(10), world.show(13))

    def check(**changed: str) -> list[tuple[str, str]]:
        show = {**world.show(10), "id": first["id"], "schedule_id": schedule["id"], **changed}
        return codes(client.post(f"{API}/conflicts/check", json={"shows": [show]}).json())

    assert check() == []
    assert check(start="2026-05-02T11:00:00Z", end="2026-05-02T14:00:00Z") == [
        (first["id"], "creator_overlap"),
        (first["id"], "room_overlap"),
    ]
    assert check(start="2026-07-02T11:00:00Z", end="2026-07-02T14:00:00Z") == [
        (first["id"], "outside_period")
    ]
    assert world.read_show(second) == second


def test_a_check_names_every_wrong_value(client: TestClient[Litestar], world: World):
    response = client.post(
        f"{API}/conflicts/check",
        json={
            "shows": [
                {**world.show(), "schedule_id": "schedule_0"},
                {**world.show(room_id="room_0", creators=["x"]), "studio_id": world.studio},
                {**world.show(show_standard="gold"), "studio_id": world.studio},
                world.show(),
                {**world.show(14, 0), "studio_id": world.studio},
            ]
        },
    )
    assert refusal(response) == (
        422,
        "invalid",
        [
            ("shows[0].schedule_id", "unknown_reference"),
            ("shows[1].room_id", "unknown_reference"),
            ("shows[1].creators[0]", "unknown_reference"),
            ("shows[2].show_standard", "unknown_reference"),
            ("shows[3].studio_id", "unknown_reference"),
            ("shows[4].end", "not_after_start"),
        ],
    )
    empty = client.post(f"{API}/conflicts/check", json={"shows": []})
    assert refusal(empty) == (422, "invalid", [("shows", "length")])


def test_everybody_may_check(reader: TestClient[Litestar], world: World):
    body = {"shows": [{**world.show(), "studio_id": world.studio}]}
    assert reader.post(f"{API}/conflicts/check", json=body).json()["items"] == []


def test_a_show_outside_opening_hours_is_moved_inside_by_its_suggestion(
    client: TestClient[Litestar], world: World
):
    client.patch(f"{API}/rooms/{world.rooms[0]}", json={"lead_minutes": 30, "turnaround_minutes": 30})
    hours = {"studio_id": world.studio, "weekday": 6, "opens": "09:00", "closes": "18:00"}
    assert client.post(f"{API}/opening-hours", json=hours).status_code == 201
    schedule, _ = world.planned(world.show(13))  # Saturday, 20:00 in Bangkok
    asked = f"{API}/schedules/{schedule['id']}/conflicts"
    (found,) = [each for each in client.get(asked).json()["items"] if each["severity"] == "block"]
    assert (found["code"], found["other"]["name"]) == ("room_closed", "outside opening hours")
    request = found["suggestions"][0]["request"]
    assert request["body"] == {"start": "2026-05-02T09:00:00Z", "end": "2026-05-02T11:00:00Z"}
    done = client.request(request["method"], request["path"], json=request["body"])
    assert done.status_code == 200, done.text
    assert client.get(asked).json()["counts"]["block"] == 0
