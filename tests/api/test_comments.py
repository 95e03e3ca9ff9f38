import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from migrations import known
from seeds.reference import ADMIN_ID
from tests.api.conftest import SignIn
from tests.api.world import API, World, refusal
from tests.databases import Database

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
            "version": 1,
            "schedule_id": schedule["id"],
            "subject_id": subject["id"],
            "text": "Red backdrop",
            "created_at": NOW,
            "created_by": ADMIN_ID,
            "updated_at": NOW,
            "acknowledged_by": None,
            "acknowledged_at": None,
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
    edited = comment | {"version": 2, "text": "second"}
    assert client.patch(url, json={"text": "second"}).json() == edited
    assert client.get(listed).json()["items"] == [edited]
    assert client.delete(url).status_code == 204
    assert client.get(listed).json()["items"] == []
    assert refusal(client.delete(url)) == (404, "not_found", [])
    events = client.get(f"{API}/schedules/{schedule['id']}/events").json()["items"]
    assert [event["data"].get("text") for event in events if event["type"].startswith("Comment")] == [
        "first",
        "second",
        None,
    ]


def test_a_comment_that_was_edited_meanwhile_is_left_alone(client: TestClient[Litestar], world: World):
    schedule = world.schedule()
    said = client.post(f"{API}/schedules/{schedule['id']}/comments", json={"text": "first"})
    url = f"{API}/comments/{said.json()['id']}"
    assert (said.json()["version"], said.headers["etag"]) == (1, '"1"')
    first = {"If-Match": said.headers["etag"]}
    second = client.patch(url, json={"text": "second"}, headers=first)
    assert (second.json()["version"], second.headers["etag"]) == (2, '"2"')
    for stale in (
        client.patch(url, json={"text": "third"}, headers=first),
        client.delete(url, headers=first),
    ):
        assert refusal(stale) == (412, "stale", [])
        assert stale.json()["current_version"] == 2
    (now,) = client.get(f"{API}/schedules/{schedule['id']}/comments").json()["items"]
    assert (now["text"], now["version"]) == ("second", 2)
    assert client.delete(url, headers={"If-Match": second.headers["etag"]}).status_code == 204


def test_what_was_said_of_a_show_goes_with_it_and_can_still_be_edited(
    client: TestClient[Litestar], world: World
):
    schedule, (show,) = world.planned()
    said = client.post(f"{API}/shows/{show['id']}/comments", json={"text": "x"}).json()
    own = client.post(f"{API}/schedules/{schedule['id']}/comments", json={"text": "of the plan"}).json()
    assert client.post(f"{API}/shows/{show['id']}/move", json={"schedule_id": None}).status_code == 200
    assert client.delete(f"{API}/schedules/{schedule['id']}").status_code == 204
    edited = client.patch(f"{API}/comments/{said['id']}", json={"text": "y"}).json()
    assert edited == said | {"version": 2, "text": "y"}
    assert client.get(f"{API}/shows/{show['id']}/comments").json()["items"] == [edited]
    assert client.delete(f"{API}/comments/{said['id']}").status_code == 204
    assert client.get(f"{API}/shows/{show['id']}/comments").json()["items"] == []
    deleted = client.patch(f"{API}/comments/{own['id']}", json={"text": "y"})
    assert refusal(deleted)[:2] == (409, "illegal_transition")


@pytest.fixture
def theirs(client: TestClient[Litestar], world: World, sign_in: SignIn) -> TestClient[Litestar]:
    """The client's approver."""
    ann = client.post(f"{API}/users", json={"email": "ann@x.test", "name": "Ann"}).json()
    approving = {"user_id": ann["id"], "role": "client_approver", "client_id": world.customer}
    assert client.post(f"{API}/memberships", json=approving).status_code == 201
    return sign_in(ann["id"])


def test_what_a_client_says_is_acknowledged_once_by_the_studio(
    client: TestClient[Litestar], world: World, theirs: TestClient[Litestar]
):
    schedule, _ = world.planned()
    listed = f"{API}/schedules/{schedule['id']}/comments"
    said = theirs.post(listed, json={"text": "Later, please"}).json()
    url = f"{API}/comments/{said['id']}"
    assert refusal(theirs.post(f"{url}/acknowledge")) == (403, "forbidden", [])
    assert refusal(client.post(f"{url}/acknowledge", headers={"If-Match": '"7"'})) == (412, "stale", [])
    done = client.post(f"{url}/acknowledge")
    seen = said | {"acknowledged_by": ADMIN_ID, "acknowledged_at": NOW}
    assert (done.status_code, done.json(), done.headers["etag"]) == (200, seen, '"1"')
    assert client.post(f"{url}/acknowledge").json() == seen
    assert theirs.get(listed).json()["items"] == [seen]
    types = [
        event["type"] for event in client.get(f"{API}/schedules/{schedule['id']}/events").json()["items"]
    ]
    assert types.count("CommentAcknowledged") == 1
    edited = theirs.patch(url, json={"text": "Much later"}).json()
    assert edited == said | {"version": 2, "text": "Much later"}
    assert theirs.delete(url).status_code == 204
    assert refusal(client.post(f"{url}/acknowledge")) == (404, "not_found", [])


def test_a_client_hears_no_more_of_what_was_said_of_a_show_that_its_newest_version_lacks(
    client: TestClient[Litestar], world: World, theirs: TestClient[Litestar]
):
    schedule, (show, _) = world.planned(world.show(13), world.show(16))
    world.do(schedule, "propose")
    said = theirs.post(f"{API}/shows/{show['id']}/comments", json={"text": "Later, please"}).json()
    world.do(schedule, "withdraw")
    assert client.delete(f"{API}/shows/{show['id']}").status_code == 204
    world.do(schedule, "propose")
    assert client.post(f"{API}/comments/{said['id']}/acknowledge").status_code == 200
    told = [
        {event["type"] for event in user.get(f"{API}/schedules/{schedule['id']}/events").json()["items"]}
        for user in (client, theirs)
    ]
    assert "CommentAcknowledged" in told[0] - told[1]


def test_a_comment_that_waits_for_nobody_is_not_acknowledged(
    client: TestClient[Litestar], world: World, sign_in: SignIn
):
    schedule, _ = world.planned()
    said = client.post(f"{API}/schedules/{schedule['id']}/comments", json={"text": "x"}).json()
    url = f"{API}/comments/{said['id']}/acknowledge"
    assert refusal(client.post(url)) == (403, "forbidden", [])
    bob = {"email": "bob@x.test", "name": "Bob", "is_system_admin": True}
    other = sign_in(client.post(f"{API}/users", json=bob).json()["id"])
    assert refusal(other.post(url)) == (409, "illegal_transition", [])


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


def test_comments_of_before_they_had_versions_are_given_theirs(
    client: TestClient[Litestar], world: World, database: Database
):
    schedule = world.schedule()
    url = f"{API}/schedules/{schedule['id']}/comments"
    for words in (["once"], ["one", "two", "three"]):
        said = client.post(url, json={"text": words[0]}).json()
        for word in words[1:]:
            client.patch(f"{API}/comments/{said['id']}", json={"text": word})
    before = client.get(url).json()
    assert [comment["version"] for comment in before["items"]] == [1, 3]
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE read.comments DROP COLUMN version")
        owner.execute(next(each.sql for each in known() if each.name == "0007_comments").encode())
    assert client.get(url).json() == before
