from litestar import Litestar
from litestar.testing import TestClient

from seeds.reference import ADMIN_ID
from tests.api.conftest import SignIn
from tests.api.world import API, World, refusal

NOW = "2026-03-02T09:00:00Z"


def test_schedules_shows_and_changes_are_commented_on(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    change = client.post(
        f"{API}/schedules/{schedule['id']}/changes",
        json={
            "category": "OPERATIONAL",
            "type": "OTHER",
            "reason": "x",
            "operations": [{"op": "update", "show_id": show["id"], "set": {"name": "X"}}],
        },
    ).json()
    for path, subject in (("schedules", schedule), ("shows", show), ("changes", change)):
        url = f"{API}/{path}/{subject['id']}/comments"
        response = client.post(url, json={"text": " Red backdrop "})
        assert response.status_code == 201
        comment = response.json()
        assert comment == {
            "id": comment["id"],
            "schedule_id": schedule["id"],
            "subject_id": subject["id"],
            "text": "Red backdrop",
            "created_at": NOW,
            "created_by": ADMIN_ID,
            "updated_at": NOW,
        }
        assert client.get(url).json() == {
            "items": [comment],
            "page": {"limit": 20, "next_cursor": None, "total": 1},
        }
        for refused in (
            client.get(url.replace("_", "_0")),
            client.post(f"{API}/{path}/x_0/comments", json={"text": "x"}),
        ):
            assert refusal(refused) == (404, "not_found", [])
        assert refusal(client.post(url, json={"text": "  "})) == (422, "invalid", [("text", "required")])


def test_comments_touch_neither_plan_nor_versions(client: TestClient[Litestar], world: World):
    schedule, (show,) = world.booked()
    comment = client.post(f"{API}/shows/{show['id']}/comments", json={"text": "x"}).json()
    client.patch(f"{API}/comments/{comment['id']}", json={"text": "y"})
    assert world.read(schedule) == schedule | {"version": schedule["version"] + 2}
    assert world.read_show(show) == show


def test_only_the_author_edits_and_removes_a_comment_which_stays_in_the_history(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    schedule = world.schedule()
    other = client.post(
        f"{API}/users", json={"email": "ann@x.test", "name": "Ann", "is_system_admin": True}
    ).json()
    listed = f"{API}/schedules/{schedule['id']}/comments"
    comment = client.post(listed, json={"text": "first"}).json()
    url = f"{API}/comments/{comment['id']}"
    ann = sign_in(other["id"])
    assert refusal(ann.patch(url, json={"text": "mine"})) == (403, "forbidden", [])
    assert refusal(ann.delete(url)) == (403, "forbidden", [])
    assert client.patch(url, json={"text": "second"}).json() == comment | {"text": "second"}
    assert client.get(listed).json()["items"] == [comment | {"text": "second"}]
    assert client.delete(url).status_code == 204
    assert client.get(listed).json()["items"] == []
    assert refusal(client.delete(url)) == (404, "not_found", [])
    events = client.get(f"{API}/schedules/{schedule['id']}/events").json()["items"]
    assert [event["data"].get("text") for event in events if event["type"].startswith("Comment")] == [
        "first",
        "second",
        None,
    ]


def test_a_schedule_is_ready_when_none_of_its_shows_lacks_anything(
    client: TestClient[Litestar], world: World
):
    schedule, (bare, _) = world.planned(world.show(10, room_id=None, platforms=[]), world.show(13))
    url = f"{API}/schedules/{schedule['id']}/readiness"
    lacking = {"show_id": bare["id"], "ready": False, "missing": ["room", "platforms"]}
    assert client.get(url).json() == {"schedule_id": schedule["id"], "ready": False, "shows": [lacking]}
    client.delete(f"{API}/shows/{bare['id']}")
    assert client.get(url).json() == {"schedule_id": schedule["id"], "ready": True, "shows": []}
    assert refusal(client.get(f"{API}/schedules/schedule_0/readiness")) == (404, "not_found", [])
