"""Every rule of the reference entities (SPEC 2) over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.http.security import issue_token
from domain import confirming
from domain.application import Commands, Unit
from domain.registry.declaring import Entity
from domain.registry.entities import BY_KIND, ENTITIES
from domain.schedule import planning, proposal
from domain.schedule.state import Schedule
from seeds.reference import ADMIN_ID
from tests.api.conftest import SECRET
from tests.spec import context

NOBODY_ID = "user_01jd000000e008000000000eva"
KEYS = {"other": "other", "standard": "standard"}
START = datetime(2026, 5, 2, 13, tzinfo=UTC)


class Api:
    """A caller: answers of `ok` are checked to be what was expected, those of `refused` to be problems."""

    def __init__(self, client: TestClient[Litestar], user_id: str) -> None:
        self.client = client
        token = issue_token(SECRET, user_id, timedelta(hours=1), datetime.now(UTC))
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"/api/v1/{path}", json=body, headers=sent)

    def ok(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def create(self, kind: str, **body: Any) -> Any:
        return self.ok("POST", BY_KIND[kind].path, body, status=201)

    def refused(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, str, list[tuple[str, str]]]:
        answer = self.send(method, path, body, **headers)
        problem = answer.json()
        assert problem["status"] == answer.status_code
        errors = [(error["path"], error["code"]) for error in problem.get("errors", [])]
        return answer.status_code, problem["code"], errors


@pytest.fixture
def client(nobody: TestClient[Litestar]) -> TestClient[Litestar]:
    return nobody


@pytest.fixture
def api(client: TestClient[Litestar]) -> Api:
    return Api(client, ADMIN_ID)


@pytest.fixture
def viewer(client: TestClient[Litestar], api: Api) -> Api:
    return Api(client, api.create("user", email="eva@callboard.local", name="Eva")["id"])


class Place:
    """A studio with a room, a client, a creator and a platform."""

    def __init__(self, api: Api) -> None:
        self.studio = api.create("studio", name="Bangkok", time_zone="Asia/Bangkok", client_approval=False)
        self.room = api.create("room", studio_id=self.studio["id"], name="Room 1")
        self.client = api.create("client", name="Acme")
        self.creator = api.create("creator", name="Nok")
        self.platform = api.create("platform", name="TikTok")


@pytest.fixture
def place(api: Api) -> Place:
    return Place(api)


def draft(commands: Commands, place: Place) -> Schedule:
    """A schedule with one draft show that uses everything there is."""

    def work(unit: Unit) -> Schedule:
        studio = unit.studio(place.studio["id"])
        opened = planning.NewSchedule(
            name="May",
            studio_id=studio.id,
            client_id=place.client["id"],
            start_date=date(2026, 5, 1),
            end_date=date(2026, 5, 31),
        )
        schedule = unit.open(planning.open_schedule(opened))
        show = planning.NewShow(
            name="Launch",
            start=START,
            end=START + timedelta(hours=2),
            room_id=place.room["id"],
            creators=(place.creator["id"],),
            platforms=(planning.Platform(place.platform["id"]),),
        )
        return unit.append(
            schedule,
            planning.draft_shows(schedule, [show], studio=studio, keys=KEYS, new_id=unit.new_id),
        )

    return commands.do(context(), work)


def book(commands: Commands, place: Place) -> Schedule:
    """The same, confirmed."""
    schedule = draft(commands, place)

    def work(unit: Unit) -> Schedule:
        found = unit.schedule(schedule.id)
        return unit.append(found, proposal.propose(found))

    commands.do(context(), work)
    done = confirming.confirm(commands, context(), schedule.id)
    assert isinstance(done, confirming.Confirmation)
    return done.schedule


def example(place: Place, entity: Entity) -> dict[str, Any]:
    """The entity's example, naming rows that exist."""
    there = {
        "studio_id": place.studio["id"],
        "room_id": place.room["id"],
        "client_id": place.client["id"],
        "creator_id": place.creator["id"],
        "user_id": ADMIN_ID,
    }
    body = {name: there.get(name, value) for name, value in entity.example.items()}
    return body | ({"name": f"Another {body['name']}"} if "name" in body else {})


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.path)
def test_each_entity_lives_a_whole_life(api: Api, place: Place, entity: Entity):
    body = example(place, entity)
    answer = api.send("POST", entity.path, body)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/v1/{entity.path}/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert made["id"].startswith(entity.kind + "_")
    assert {name: made[name] for name in body} == body
    assert (made["version"], made["created_by"], made["updated_by"]) == (1, ADMIN_ID, ADMIN_ID)
    at = f"{entity.path}/{made['id']}"
    got = api.send("GET", at)
    assert (got.content, got.headers["ETag"]) == (answer.content, '"1"')
    assert made in api.ok("GET", f"{entity.path}?limit=100")["items"]

    assert api.send("DELETE", at).status_code == 204
    assert api.send("DELETE", at).status_code == 204
    gone = api.ok("GET", at)
    assert (gone["deleted_by"], gone["version"]) == (ADMIN_ID, 2)
    assert gone not in api.ok("GET", f"{entity.path}?limit=100")["items"]
    assert gone in api.ok("GET", f"{entity.path}?limit=100&include_deleted=true")["items"]

    back = api.ok("POST", f"{at}/restore")
    assert (back["deleted_at"], back["version"]) == (None, 3)
    assert api.ok("POST", f"{at}/restore") == back
    assert api.ok("GET", at) == back

    history = api.ok("GET", f"{at}/history")["items"]
    assert [(e["type"], e["stream_version"], e["command"], e["actor"]["id"]) for e in history] == [
        ("EntityCreated", 1, f"{entity.kind}.create", ADMIN_ID),
        ("EntityDeleted", 2, f"{entity.kind}.delete", ADMIN_ID),
        ("EntityRestored", 3, f"{entity.kind}.restore", ADMIN_ID),
    ]


def test_a_patch_changes_what_it_names_and_honours_if_match(api: Api):
    client = api.create("client", name="Acme")
    at = f"clients/{client['id']}"
    changed = api.ok("PATCH", at, {"contact_person": "Ann"})
    assert (changed["name"], changed["contact_person"], changed["version"]) == ("Acme", "Ann", 2)
    assert api.ok("PATCH", at, {"contact_person": "Ann"})["version"] == 2
    assert api.refused("PATCH", at, {"name": "Bolt"}, If_Match='"1"') == (412, "stale", [])
    assert api.refused("DELETE", at, If_Match='"1"') == (412, "stale", [])
    assert api.send("PATCH", at, {"name": "Bolt"}, If_Match='"2"').status_code == 200


def test_wrong_values_are_named_field_by_field(api: Api):
    assert api.refused("POST", "users", {"email": "x", "colour": "red"}) == (
        422,
        "invalid",
        [("email", "pattern"), ("name", "missing"), ("colour", "unknown_field")],
    )
    assert api.refused("PATCH", f"users/{ADMIN_ID}", {"name": None})[0] == 422
    assert api.refused("POST", "studios", {"name": "S", "time_zone": "Mars"}) == (
        422,
        "invalid",
        [("time_zone", "unknown_time_zone")],
    )


def test_what_is_not_there_is_not_found(api: Api, place: Place):
    for row_id in ("client_01jd000000e008000000000eva", place.room["id"], "nonsense", "client_%FF"):
        assert api.send("GET", f"clients/{row_id}").status_code in {400, 404}
        assert api.send("GET", f"clients/{row_id}/history").status_code in {400, 404}
        assert api.send("PATCH", f"clients/{row_id}", {"name": "B"}).status_code in {400, 404}
        assert api.send("DELETE", f"clients/{row_id}").status_code in {400, 404}
        assert api.send("POST", f"clients/{row_id}/restore").status_code in {400, 404}


def test_references_name_live_rows_of_the_right_kind(api: Api, place: Place):
    unknown = (422, "invalid", [("studio_id", "unknown_reference")])
    for studio_id in ("studio_01jd000000e008000000000eva", place.room["id"], "x"):
        assert api.refused("POST", "rooms", {"name": "2", "studio_id": studio_id}) == unknown
    empty = api.create("studio", name="Closed", time_zone="UTC")
    api.ok("DELETE", f"studios/{empty['id']}", status=204)
    assert api.refused("POST", "rooms", {"name": "2", "studio_id": empty["id"]}) == unknown
    assert api.refused("PATCH", f"creators/{place.creator['id']}", {"user_id": NOBODY_ID}) == (
        422,
        "invalid",
        [("user_id", "unknown_reference")],
    )
    assert api.ok("PATCH", f"creators/{place.creator['id']}", {"user_id": ADMIN_ID})["user_id"] == ADMIN_ID


def test_emails_are_unique_whatever_their_case(api: Api):
    taken = (409, "duplicate", [("email", "taken")])
    assert api.refused("POST", "users", {"email": "Admin@Callboard.Local", "name": "Twin"}) == taken
    eva = api.create("user", email="eva@example.com", name="Eva")
    assert api.refused("PATCH", f"users/{eva['id']}", {"email": "ADMIN@callboard.local"}) == taken


def test_names_are_unique_among_live_rows_only(api: Api, place: Place):
    taken = (409, "duplicate", [("name", "taken")])
    studio_id = place.studio["id"]
    assert api.refused("POST", "clients", {"name": "Acme"}) == taken
    assert api.refused("POST", "rooms", {"name": "Room 1", "studio_id": studio_id}) == taken
    other = api.create("studio", name="Chiang Mai", time_zone="Asia/Bangkok")
    api.create("room", name="Room 1", studio_id=other["id"])
    at = f"clients/{place.client['id']}"
    api.ok("DELETE", at, status=204)
    api.create("client", name="Acme")
    assert api.refused("POST", f"{at}/restore") == taken


def test_keys_are_unique_for_ever(api: Api):
    launch = api.create("shtype", key="launch", name="Launch")
    api.ok("DELETE", f"show-types/{launch['id']}", status=204)
    assert api.refused("POST", "show-types", {"key": "launch", "name": "Again"}) == (
        409,
        "duplicate",
        [("key", "taken")],
    )
    assert api.refused("PATCH", f"show-types/{launch['id']}", {"name": "X"})[:2] == (
        409,
        "illegal_transition",
    )
    api.ok("POST", f"show-types/{launch['id']}/restore")
    assert api.refused("PATCH", f"show-types/{launch['id']}", {"key": "other_one"}) == (
        422,
        "invalid",
        [("key", "immutable")],
    )


def test_a_member_is_one_once_for_each_studio_and_client(api: Api, place: Place):
    member = {"user_id": ADMIN_ID, "studio_id": place.studio["id"], "role": "planner"}
    made = api.create("member", **member)
    api.create("member", user_id=ADMIN_ID, client_id=place.client["id"], role="client_viewer")
    assert api.refused("POST", "memberships", member)[:2] == (409, "duplicate")
    assert api.ok("PATCH", f"memberships/{made['id']}", {"role": "manager"})["role"] == "manager"
    assert api.refused("PATCH", f"memberships/{made['id']}", {"role": "client_viewer"}) == (
        422,
        "invalid",
        [("role", "unfit")],
    )
    assert len(api.ok("GET", f"memberships?client_id={place.client['id']}")["items"]) == 1


def test_seeded_rows_are_relabelled_but_neither_rekeyed_nor_deleted(api: Api):
    (draft_status,) = api.ok("GET", "show-statuses?key=draft")["items"]
    at = f"show-statuses/{draft_status['id']}"
    assert api.ok("PATCH", at, {"name": "Sketch", "position": 3})["name"] == "Sketch"
    assert api.refused("PATCH", at, {"key": "sketch"}) == (409, "system_row", [("key", "system_row")])
    assert api.refused("DELETE", at) == (409, "system_row", [])


def test_what_is_in_use_is_not_deleted_and_the_referrers_are_counted(
    api: Api, place: Place, commands: Commands
):
    draft(commands, place)
    expected = {
        f"studios/{place.studio['id']}": {"schedule": 1, "show": 1, "room": 1},
        f"rooms/{place.room['id']}": {"show": 1},
        f"clients/{place.client['id']}": {"schedule": 1, "show": 1},
        f"creators/{place.creator['id']}": {"show": 1},
        f"platforms/{place.platform['id']}": {"show": 1},
    }
    for path, referrers in expected.items():
        problem = api.send("DELETE", path).json()
        assert (problem["status"], problem["code"]) == (409, "in_use")
        assert (problem["referrers"], problem["count"]) == (referrers, sum(referrers.values()))


def test_a_show_type_in_use_is_not_deleted(api: Api, place: Place, commands: Commands):
    own = api.create("shtype", key="launch", name="Launch")
    schedule = draft(commands, place)
    show_id = next(iter(schedule.shows))

    def work(unit: Unit) -> Schedule:
        found = unit.schedule(schedule.id)
        patch = planning.ShowPatch(show_type="launch")
        studio = unit.studio(found.studio_id)
        return unit.append(
            found, planning.edit_show(found, show_id, patch, studio=studio, keys={"launch": "launch"})
        )

    commands.do(context(), work)
    assert api.send("DELETE", f"show-types/{own['id']}").json()["referrers"] == {"show": 1}


def test_what_only_removed_shows_used_is_deleted(api: Api, place: Place, commands: Commands):
    schedule = draft(commands, place)

    def work(unit: Unit) -> Schedule:
        found = unit.schedule(schedule.id)
        return unit.append(found, planning.remove_show(found, next(iter(found.shows))))

    commands.do(context(), work)
    api.ok("DELETE", f"rooms/{place.room['id']}", status=204)
    api.ok("DELETE", f"creators/{place.creator['id']}", status=204)
    assert api.send("DELETE", f"studios/{place.studio['id']}").json()["referrers"] == {"schedule": 1}


def test_a_row_comes_back_only_when_what_it_names_is_there(api: Api, place: Place):
    room, studio = f"rooms/{place.room['id']}", f"studios/{place.studio['id']}"
    api.ok("DELETE", room, status=204)
    api.ok("DELETE", studio, status=204)
    assert api.refused("POST", f"{room}/restore") == (409, "conflict", [("studio_id", "unknown_reference")])
    api.ok("POST", f"{studio}/restore")
    api.ok("POST", f"{room}/restore")


def test_a_studios_clock_stands_once_it_has_shows(api: Api, place: Place, commands: Commands):
    at = f"studios/{place.studio['id']}"
    assert api.ok("PATCH", at, {"day_start": "05:00"})["day_start"] == "05:00"
    draft(commands, place)
    assert api.refused("PATCH", at, {"time_zone": "UTC", "day_start": "07:00"}) == (
        409,
        "in_use",
        [("time_zone", "in_use"), ("day_start", "in_use")],
    )
    assert api.ok("PATCH", at, {"name": "Krung Thep", "day_start": "05:00"})["name"] == "Krung Thep"


def test_a_closure_over_a_booking_is_refused_and_names_it(api: Api, place: Place, commands: Commands):
    schedule = book(commands, place)
    (show,) = schedule.shows.values()
    closed = {"room_id": place.room["id"], "reason": "Paint"}
    over = closed | {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T20:00:00Z"}
    answer = api.send("POST", "room-closures", over)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "conflicts")
    (found,) = problem["conflicts"]
    assert (found["code"], found["severity"], found["show_id"]) == ("room_closed", "block", show.id)
    assert found["resource"] == {"kind": "room", "id": place.room["id"], "name": "Room 1"}
    assert (found["other"]["show_id"], found["other"]["name"]) == (show.id, "Launch")
    assert found["overlap"] == {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T15:00:00Z", "minutes": 60}

    touching = closed | {"start": "2026-05-02T15:00:00Z", "end": "2026-05-02T20:00:00Z"}
    made = api.create("closure", **touching)
    again = api.create("closure", **touching)
    at = f"room-closures/{made['id']}"
    assert api.refused("PATCH", at, {"start": "2026-05-02T13:00:00Z"})[:2] == (409, "conflicts")
    api.ok("PATCH", at, {"end": "2026-05-02T21:00:00Z"})
    api.ok("DELETE", at, status=204)
    assert api.send("DELETE", f"rooms/{place.room['id']}").json()["referrers"] == {"show": 1, "closure": 1}
    api.ok("DELETE", f"room-closures/{again['id']}", status=204)


def test_a_closure_that_re_plans_answers_whom_it_hits(api: Api, place: Place, commands: Commands):
    schedule = book(commands, place)
    (show,) = schedule.shows.values()
    other = api.create("room", studio_id=place.studio["id"], name="Room 2")
    over = {"room_id": place.room["id"], "reason": "Paint", "re_plan": True}
    over |= {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T20:00:00Z"}
    made = api.ok("POST", "room-closures", over, status=201)
    (change_id,) = made["changes"]
    assert made["hit"] == [
        {
            "show_id": show.id,
            "name": "Launch",
            "status": "confirmed",
            "schedule_id": schedule.id,
            "client_id": place.client["id"],
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-02T15:00:00Z",
            "overlap": {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T15:00:00Z", "minutes": 60},
            "change_id": change_id,
        }
    ]
    change = api.ok("GET", f"changes/{change_id}")
    assert [each["after"] for each in change["operations"]] == [{"room_id": other["id"]}]
    again = api.ok("PATCH", f"room-closures/{made['id']}", {"end": "2026-05-02T21:00:00Z"})
    assert (len(again["hit"]), again["changes"]) == (1, [])
    assert api.ok("GET", f"room-closures/{made['id']}")["re_plan"] is True


def test_a_room_may_be_closed_in_the_past(api: Api, place: Place):
    api.create(
        "closure",
        room_id=place.room["id"],
        start="2020-01-01T00:00:00Z",
        end="2020-01-02T00:00:00Z",
        reason="Flood",
    )


def test_all_read_but_only_administrators_write(api: Api, viewer: Api, place: Place):
    assert viewer.ok("GET", f"clients/{place.client['id']}")["name"] == "Acme"
    for method, path, body in (
        ("POST", "clients", {"name": "Bolt"}),
        ("PATCH", f"clients/{place.client['id']}", {"name": "Bolt"}),
        ("DELETE", f"clients/{place.client['id']}", None),
        ("POST", f"clients/{place.client['id']}/restore", None),
    ):
        assert viewer.refused(method, path, body)[:2] == (403, "forbidden")


def test_settings_of_platforms_are_for_administrators(api: Api, viewer: Api):
    made = api.create("platform", name="Shopee", settings={"token": "secret"})
    at = f"platforms/{made['id']}"
    assert api.ok("GET", at)["settings"] == {"token": "secret"}
    api.ok("PATCH", at, {"settings": {"token": "another secret"}})
    for path in (at, "platforms", f"{at}/history"):
        assert "secret" not in viewer.send("GET", path).text
        assert "secret" in api.send("GET", path).text


def test_lists_have_pages_that_neither_skip_nor_repeat(api: Api):
    for number in range(5):
        api.create("client", name=f"Client {number}")
    first = api.ok("GET", "clients?limit=2&sort=-name")
    assert [item["name"] for item in first["items"]] == ["Client 4", "Client 3"]
    assert (first["page"]["limit"], first["page"]["total"]) == (2, 5)
    assert len(set(walk(api, "clients?limit=2&sort=-name"))) == 5
    assert [c["name"] for c in api.ok("GET", "clients?q=client%203")["items"]] == ["Client 3"]
    assert api.refused("GET", "clients?sort=colour")[:2] == (422, "invalid")
    assert api.refused("GET", "clients?colour=red")[:2] == (422, "invalid")
    assert api.refused("GET", "clients?cursor=x")[:2] == (422, "invalid")


def test_every_sort_walks_the_list_both_ways(api: Api, place: Place):
    for entity in ENTITIES:
        body = example(place, entity)
        for number in range(2 if entity.kind not in {"member", "feature"} else 1):
            # Hours of one weekday don't overlap.
            other = {
                n: number + 1 if n == "weekday" else f"x{number}{v}" for n, v in body.items() if n in UNIQUE
            }
            api.create(entity.kind, **body | other)
        every = api.ok("GET", f"{entity.path}?limit=100")["items"]
        for sort in entity.sorts:
            forth, back = (walk(api, f"{entity.path}?limit=2&sort={way}") for way in (sort, f"-{sort}"))
            assert forth == back[::-1]
            assert sorted(forth) == sorted(item["id"] for item in every)


def walk(api: Api, path: str) -> list[str]:
    """The ids of a whole list, page by page."""
    page = api.ok("GET", path)
    found = [item["id"] for item in page["items"]]
    while cursor := page["page"]["next_cursor"]:
        page = api.ok("GET", f"{path}&cursor={cursor}")
        found += [item["id"] for item in page["items"]]
    return found


UNIQUE = {"name", "email", "key", "weekday"}


def test_a_repeated_post_with_its_key_gets_the_first_answer(api: Api):
    first = api.send("POST", "clients", {"name": "Acme"}, Idempotency_Key="k1")
    second = api.send("POST", "clients", {"name": "Acme"}, Idempotency_Key="k1")
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert api.refused("POST", "clients", {"name": "Bolt"}, Idempotency_Key="k1")[:2] == (
        422,
        "idempotency_key_reused",
    )


def test_a_banned_or_deleted_users_token_is_refused(api: Api, viewer: Api):
    (eva,) = api.ok("GET", "users?email=EVA@callboard.local")["items"]
    at = f"users/{eva['id']}"
    api.ok("PATCH", at, {"is_banned": True})
    assert viewer.refused("GET", "clients")[:2] == (401, "unauthenticated")
    api.ok("PATCH", at, {"is_banned": False})
    viewer.ok("GET", "clients")
    api.ok("DELETE", at, status=204)
    assert viewer.refused("GET", "clients")[:2] == (401, "unauthenticated")


def test_the_last_system_admin_is_not_banned_demoted_or_deleted(api: Api):
    at = f"users/{api.ok('GET', 'me')['id']}"
    assert api.refused("PATCH", at, {"is_banned": True})[:2] == (409, "last_admin")
    assert api.refused("PATCH", at, {"is_system_admin": False})[:2] == (409, "last_admin")
    assert api.refused("DELETE", at)[:2] == (409, "last_admin")
    api.create("user", email="second@callboard.local", name="Second", is_system_admin=True)
    assert api.ok("PATCH", at, {"is_system_admin": False})["is_system_admin"] is False
