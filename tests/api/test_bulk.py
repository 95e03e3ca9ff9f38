"""One action over many shows: a result for each, a dry run that is the real thing, and an undo as one."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, Json, World


def bulk(client: TestClient[Litestar], shows: list[str], dry_run: bool = False, **action: Any) -> Json:
    body = {"action": action, "show_ids": shows, "dry_run": dry_run}
    answer = client.post(f"{API}/shows/bulk", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def starts(client: TestClient[Litestar], shows: list[str]) -> list[str]:
    return [client.get(f"{API}/shows/{show}").json()["start"] for show in shows]


def told(run: Json) -> list[tuple[str, str | None]]:
    return [(each["status"], each["code"]) for each in run["results"]]


def test_shows_of_several_schedules_are_shifted_in_one_run(
    client: TestClient[Litestar], world: World
) -> None:
    _, one = world.planned(world.show(8), name="One")
    _, two = world.planned(world.show(10), name="Two")
    shows = [one[0]["id"], two[0]["id"], "show_none"]
    run = bulk(client, shows, action="shift", minutes=30)
    assert (run["action"], run["dry_run"], run["counts"]) == (
        "shift",
        False,
        {"done": 2, "unchanged": 0, "refused": 1},
    )
    assert told(run) == [("done", None), ("done", None), ("refused", "not_found")]
    assert starts(client, shows[:2]) == ["2026-05-02T08:30:00Z", "2026-05-02T10:30:00Z"]
    events = client.get(f"{API}/shows/{shows[0]}/events").json()["items"]
    assert (events[-1]["type"], events[-1]["cause"]) == (
        "ShowsEdited",
        {"kind": "bulk", "id": run["id"], "href": f"{API}/bulk/{run['id']}"},
    )
    assert client.get(events[-1]["cause"]["href"]).json()["counts"] == run["counts"]


def test_a_dry_run_reports_what_the_run_does_and_changes_nothing(
    client: TestClient[Litestar], world: World
) -> None:
    _, drafted = world.planned(world.show(8), world.show(12))
    shows = [show["id"] for show in drafted]
    dry = bulk(client, shows, dry_run=True, action="assign_room", room_id=world.rooms[1])
    assert client.get(f"{API}/shows/{shows[0]}").json()["room_id"] == world.rooms[0]
    real = bulk(client, shows, action="assign_room", room_id=world.rooms[1])
    assert (dry["counts"], dry["results"]) == (real["counts"], real["results"])
    assert client.get(f"{API}/shows/{shows[0]}").json()["room_id"] == world.rooms[1]
    again = bulk(client, shows, action="assign_room", room_id=world.rooms[1])
    assert again["counts"] == {"done": 0, "unchanged": 2, "refused": 0}


def test_a_show_of_a_deleted_plan_is_refused_and_stops_no_other(
    client: TestClient[Litestar], world: World
) -> None:
    gone, (lost,) = world.planned(world.show(8))
    assert client.delete(f"{API}/schedules/{gone['id']}").status_code == 204
    _, (kept,) = world.planned(world.show(12))
    for action, code in (
        ({"action": "assign_room", "room_id": world.rooms[1]}, "not_found"),
        ({"action": "confirm"}, "illegal_transition"),
        ({"action": "cancel", "reason_category": "OTHER"}, "not_found"),
    ):
        run = bulk(client, [lost["id"], kept["id"]], **action)
        assert (run["results"][0]["status"], run["results"][0]["code"]) == ("refused", code)
    assert world.read_show(kept)["status"] == "cancelled"


def test_creators_are_replaced_or_added(client: TestClient[Litestar], world: World) -> None:
    _, drafted = world.planned(world.show(8))
    show = drafted[0]["id"]
    bulk(client, [show], action="assign_creators", creators=[world.creators[1]], mode="add")
    assert client.get(f"{API}/shows/{show}").json()["creators"] == world.creators
    bulk(client, [show], action="assign_creators", creators=[world.creators[1]])
    assert client.get(f"{API}/shows/{show}").json()["creators"] == [world.creators[1]]


def test_an_edit_run_is_undone_as_one_and_only_once(client: TestClient[Litestar], world: World) -> None:
    _, drafted = world.planned(world.show(8), world.show(12))
    shows = [show["id"] for show in drafted]
    before = starts(client, shows)
    run = bulk(client, shows, action="shift", minutes=-60)
    undone = client.post(f"{API}/bulk/{run['id']}/undo")
    assert (undone.status_code, undone.json()["counts"]["done"]) == (200, 2)
    assert starts(client, shows) == before
    again = client.post(f"{API}/bulk/{run['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


def test_an_undo_is_refused_whole_when_a_field_moved(client: TestClient[Litestar], world: World) -> None:
    _, drafted = world.planned(world.show(8), world.show(12))
    shows = [show["id"] for show in drafted]
    run = bulk(client, shows, action="shift", minutes=60)
    client.patch(f"{API}/shows/{shows[1]}", json={"start": "2026-05-02T13:30:00Z"})
    refused = client.post(f"{API}/bulk/{run['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "change_conflict")
    assert [error["path"] for error in refused.json()["errors"]] == [f"{shows[1]}.start"]
    assert starts(client, shows)[0] == "2026-05-02T09:00:00Z"


def test_a_bulk_confirmation_settles_clashes_across_schedules(
    client: TestClient[Litestar], world: World
) -> None:
    _, one = world.agreed(world.show(8), name="One")
    _, two = world.agreed(world.show(9), world.show(14), name="Two")
    _, three = world.planned(world.show(18), name="Three")
    shows = [each["id"] for each in (*two, *one, *three)]
    run = bulk(client, shows, action="confirm")
    assert told(run) == [
        ("refused", "conflicts"),
        ("done", None),
        ("done", None),
        ("refused", "illegal_transition"),
    ]
    assert {c["other"]["show_id"] for c in run["results"][0]["conflicts"]} == {one[0]["id"]}
    refused = client.post(f"{API}/bulk/{run['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")


def test_bulk_cancelling_frees_what_was_held(client: TestClient[Litestar], world: World) -> None:
    schedule, drafted = world.agreed(world.show(8), world.show(12))
    world.do(schedule, "confirm")
    shows = [show["id"] for show in drafted]
    run = bulk(client, shows, action="cancel", reason_category="UTILITY_OUTAGE", note="dark")
    assert run["counts"] == {"done": 2, "unchanged": 0, "refused": 0}
    again = bulk(client, shows, action="cancel", reason_category="OTHER")
    assert again["counts"] == {"done": 0, "unchanged": 2, "refused": 0}


def test_edits_of_a_confirmed_schedule_need_a_change(client: TestClient[Litestar], world: World) -> None:
    schedule, drafted = world.agreed(world.show(8))
    world.do(schedule, "confirm")
    run = bulk(client, [drafted[0]["id"]], action="shift", minutes=15)
    assert told(run) == [("refused", "needs_change")]


def test_what_an_action_names_must_be_there(client: TestClient[Litestar], world: World) -> None:
    body = {"action": {"action": "assign_room", "room_id": "room_none"}, "show_ids": ["show_x"]}
    refused = client.post(f"{API}/shows/bulk", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "action.room_id")
    assert client.post(f"{API}/bulk/bulk_none/undo").status_code == 404
