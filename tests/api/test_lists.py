from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import API, World, refusal


def names(client: TestClient[Litestar], path: str, **params: Any) -> list[str]:
    response = client.get(f"{API}/{path}", params=params)
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json()["items"]]


def walked(client: TestClient[Litestar], path: str, **params: Any) -> list[str]:
    """The names of all items, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get(f"{API}/{path}", params=params | ({"cursor": cursor} if cursor else {})).json()
        found += [item["name"] for item in page["items"]]
        cursor = page["page"]["next_cursor"]
        if cursor is None:
            return found


def test_a_list_is_walked_page_by_page_in_a_stable_order(client: TestClient[Litestar], world: World):
    _, shows = world.planned(*[world.show(10 + n, name=f"show {n}") for n in range(7)])
    first = client.get(f"{API}/shows", params={"limit": 3}).json()
    assert first["items"] == shows[:3]
    assert first["page"] == {"limit": 3, "next_cursor": first["page"]["next_cursor"], "total": 7}
    assert walked(client, "shows", limit=3) == [f"show {n}" for n in range(7)]
    assert walked(client, "shows", limit=2, sort="-start") == [f"show {n}" for n in reversed(range(7))]
    assert walked(client, "shows", limit=3, sort="-name") == [f"show {n}" for n in reversed(range(7))]
    by_birth = sorted(shows, key=lambda show: show["id"])
    assert walked(client, "shows", limit=3, sort="created_at") == [show["name"] for show in by_birth]


def test_the_default_page_has_20_items_and_the_largest_100(client: TestClient[Litestar], world: World):
    world.planned(*[world.show(10) for _ in range(101)])
    assert len(names(client, "shows")) == 20
    assert len(names(client, "shows", limit=100)) == 100
    for limit in ("0", "101", "-1", "many"):
        response = client.get(f"{API}/shows", params={"limit": limit})
        assert refusal(response)[:2] == (422, "invalid")
        assert [path for path, _ in refusal(response)[2]] == ["limit"]


def test_shows_are_found_by_what_they_have(client: TestClient[Litestar], world: World):
    bare = {"room_id": None, "creators": []}
    mine, _ = world.planned(
        world.show(10, name="one", external_id="SH-7"),
        world.show(13, name="two", room_id=world.rooms[1], creators=[world.creators[1]]),
    )
    world.booked(world.show(16, name="three", **bare), client_id=None)
    for params, expected in (
        ({"schedule_id": mine["id"]}, ["one", "two"]),
        ({"client_id": world.customer}, ["one", "two"]),
        ({"studio_id": world.studio}, ["one", "two", "three"]),
        ({"studio_id": "studio_0"}, []),
        ({"room_id": world.rooms[1]}, ["two"]),
        ({"creator_id": world.creators[0]}, ["one"]),
        ({"status": "confirmed"}, ["three"]),
        ({"status": ["confirmed", "draft"]}, ["one", "two", "three"]),
        ({"q": "TW"}, ["two"]),
        ({"q": "sh-7"}, ["one"]),
        ({"q": "%"}, []),
        ({"from": "2026-05-02T12:00:00Z", "to": "2026-05-02T15:00:00Z"}, ["two"]),
        ({"from": "2026-05-02T22:00:00+07:00"}, ["three"]),
        ({"to": "2026-05-02T13:00:00Z"}, ["one"]),
        ({"from": "2026-05-02", "to": "2026-05-02"}, ["one", "two", "three"]),
        ({"from": "2026-05-03"}, []),
        ({"creator_id": world.creators[0], "from": "2026-05-02T12:00:00Z"}, []),
    ):
        assert names(client, "shows", **params) == expected, params


def test_schedules_are_found_by_what_they_have(client: TestClient[Litestar], world: World):
    world.schedule(name="May")
    world.schedule(name="June", start_date="2026-06-01", end_date="2026-06-30", client_id=None)
    cancelled = world.schedule(name="Off")
    world.do(cancelled, "cancel", reason="x")
    draft = client.get(f"{API}/schedule-statuses", params={"q": "draft"}).json()["items"][0]
    for params, expected in (
        ({}, ["May", "Off", "June"]),
        ({"sort": "name"}, ["June", "May", "Off"]),
        ({"sort": "-start_date"}, ["June", "Off", "May"]),
        ({"client_id": world.customer}, ["May", "Off"]),
        ({"studio_id": world.studio, "status": "draft"}, ["May", "June"]),
        ({"status": draft["id"]}, ["May", "June"]),
        ({"from": "2026-05-31", "to": "2026-06-01"}, ["May", "Off", "June"]),
        ({"from": "2026-06-01"}, ["June"]),
        ({"to": "2026-05-31T23:00:00Z"}, ["May", "Off"]),
        ({"q": "ju"}, ["June"]),
    ):
        assert names(client, "schedules", **params) == expected, params


@pytest.mark.parametrize(
    ("params", "errors"),
    [
        ({"colour": "red"}, [("colour", "unknown_parameter")]),
        ({"from": "yesterday"}, [("from", "format")]),
        ({"from": "2026-05-02T12:00:00"}, [("from", "naive_datetime")]),
        ({"to": "0001-01-01"}, [("to", "range")]),
        ({"from": "9999-12-31T23:59:59-14:00"}, [("from", "range")]),
        ({"from": "2026-05-03", "to": "2026-05-01"}, [("to", "not_after_start")]),
        ({"sort": "colour"}, [("sort", "choice")]),
        ({"cursor": "bm9wZQ"}, [("cursor", "cursor")]),
        ({"q": "a\u0000"}, [("q", "nul_character")]),
    ],
)
@pytest.mark.parametrize("path", ["shows", "schedules"])
def test_a_wrong_parameter_is_named(
    client: TestClient[Litestar],
    path: str,
    params: dict[str, str],
    errors: list[tuple[str, str]],
):
    status, code, found = refusal(client.get(f"{API}/{path}", params=params))
    assert (status, code) == (422, "invalid")
    assert found == errors


def test_a_cursor_belongs_to_its_order(client: TestClient[Litestar], world: World):
    world.planned(world.show(10), world.show(13))
    cursor = client.get(f"{API}/shows", params={"limit": 1}).json()["page"]["next_cursor"]
    response = client.get(f"{API}/shows", params={"limit": 1, "cursor": cursor, "sort": "name"})
    assert refusal(response) == (422, "invalid", [("cursor", "cursor")])


def test_a_status_that_no_show_has_is_refused(client: TestClient[Litestar]):
    status, code, errors = refusal(client.get(f"{API}/shows", params={"status": "parked"}))
    assert (status, code, [path for path, _ in errors]) == (422, "invalid", ["status"])


def test_the_log_is_narrowed_by_stream_actor_and_time(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.planned()
    me = client.get(f"{API}/me").json()

    def types(**params: Any) -> list[str]:
        response = client.get(f"{API}/events", params={"limit": 100} | params)
        assert response.status_code == 200, response.text
        return [event["type"] for event in response.json()["items"]]

    assert types(stream=schedule["id"]) == ["ScheduleOpened", "ShowDrafted"]
    assert types(stream=show["id"]) == ["ShowDrafted"]
    assert types(stream=schedule["id"], actor="system") == []
    assert types(stream=schedule["id"], actor=me["id"]) == types(stream=schedule["id"])
    assert types(stream=schedule["id"], actor="admin@callboard.local") == types(stream=schedule["id"])
    assert types(stream=schedule["id"], until="2026-03-02T09:00:00Z") == []
    assert types(stream=schedule["id"], since="2026-03-02T16:00:00+07:00") == types(stream=schedule["id"])
    everything = types()
    assert everything[-2:] == ["ScheduleOpened", "ShowDrafted"]
    page = client.get(f"{API}/events", params={"limit": 3}).json()
    following = client.get(f"{API}/events", params={"limit": 3, "cursor": page["page"]["next_cursor"]}).json()
    assert [event["position"] for event in page["items"] + following["items"]] == [1, 2, 3, 4, 5, 6]
