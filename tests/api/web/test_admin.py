"""The administration pages over HTTP: every entity's list, form, row and history; and who gets them."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.registry.entities import ENTITIES
from seeds.reference import ADMIN_ID
from tests.api.conftest import SignIn
from tests.api.world import API, World

IDS = re.compile(rf">\s*(?:{'|'.join(each.kind for each in ENTITIES)})_[0-7][0-9a-z]{{25}}\s*<")
"""An id as the whole text of something."""
PAGES = ("", "/new", "/{id}", "/{id}/history")


@pytest.fixture
def rows(world: World, client: TestClient[Litestar]) -> dict[str, str]:
    """The id of a row of every entity, by path."""

    def made(path: str, **body: Any) -> str:
        response = client.post(f"{API}/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()["id"]

    span = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-02T00:00:00Z", "reason": "paint"}
    made("room-closures", room_id=world.rooms[0], **span)
    made("creator-time-offs", creator_id=world.creators[0], **span)
    made("opening-hours", studio_id=world.studio, weekday=1, opens="09:00", closes="26:00")
    made("opening-exceptions", studio_id=world.studio, date="2026-12-25", reason="Christmas")
    made("memberships", user_id=ADMIN_ID, studio_id=world.studio, role="manager")
    return {each.path: client.get(f"{API}/{each.path}").json()["items"][0]["id"] for each in ENTITIES}


@pytest.fixture
def people(world: World, client: TestClient[Litestar], sign_in: SignIn) -> dict[str, TestClient[Litestar]]:
    """A planner and a client's viewer."""

    def member(name: str, **membership: str) -> TestClient[Litestar]:
        body = {"email": f"{name}@x.test", "name": name}
        user = client.post(f"{API}/users", json=body).json()["id"]
        assert client.post(f"{API}/memberships", json=membership | {"user_id": user}).status_code == 201
        return sign_in(user)

    return {
        "planner": member("planner", role="planner", studio_id=world.studio),
        "client": member("client", role="client_viewer", client_id=world.customer),
    }


def paths(rows: dict[str, str]) -> list[str]:
    return [f"/admin/{path}{each.format(id=row_id)}" for path, row_id in rows.items() for each in PAGES]


def test_every_entity_has_its_pages_and_none_shows_an_id_for_a_name(
    rows: dict[str, str], client: TestClient[Litestar]
) -> None:
    client.headers["Accept"] = "text/html"
    wrong: list[str] = []
    for path in ["/admin", "/admin/projections", *paths(rows)]:
        page = client.get(path)
        if page.status_code != 200 or IDS.search(page.text):
            wrong.append(f"{path}: {page.status_code} {IDS.findall(page.text)}")
    assert wrong == []


def test_others_of_the_studio_read_and_change_nothing(
    rows: dict[str, str], people: dict[str, TestClient[Litestar]]
) -> None:
    for path in paths(rows):
        page = people["planner"].get(path)
        assert (page.status_code, "data-send" in page.text) == (403 if path.endswith("/new") else 200, False)


def test_clients_find_no_administration(
    rows: dict[str, str], people: dict[str, TestClient[Litestar]]
) -> None:
    for path in ["/admin", "/admin/projections/run", "/admin/choices/user", *paths(rows)]:
        hidden = path.endswith(("/new", "/run"))
        assert people["client"].get(path).status_code == (403 if hidden else 404), path


def test_clients_find_no_import(
    world: World, client: TestClient[Litestar], people: dict[str, TestClient[Litestar]]
) -> None:
    head = "external_id,client,studio,room,name,start,end,creators,platforms,show_type,show_standard,note"
    run = client.post(f"{API}/imports", content=head, headers={"Content-Type": "text/csv"}).json()
    found = [who.get(f"/imports/{run['id']}").status_code for who in (client, *people.values())]
    assert found == [200, 200, 404]


def test_who_may_not_plan_gets_no_form_for_a_plan(
    world: World, client: TestClient[Litestar], people: dict[str, TestClient[Litestar]]
) -> None:
    plan, _ = world.planned(world.show(8))
    forms = ["/schedules/new", f"/schedules/{plan['id']}/duplicate"]
    # A planner plans where the feature is on: it is off in a new database.
    found = [[who.get(form).status_code for form in forms] for who in (client, people["planner"])]
    assert found == [[200, 200], [403, 403]]


def test_only_administrators_do_what_the_pages_do_themselves(
    people: dict[str, TestClient[Litestar]], client: TestClient[Litestar]
) -> None:
    for path in ("/admin/projections/chain", f"/admin/way-in/{ADMIN_ID}"):
        assert [people[who].post(path, json={}).status_code for who in people] == [403, 403]
    assert [people[who].get("/admin/projections").status_code for who in people] == [403, 403]
    # The tests' server has no access as the database's owner.
    assert client.post("/admin/projections/chain", json={}).status_code == 409
    assert client.post("/admin/projections/dance", json={}).status_code == 404
    assert client.post("/admin/projections/verify", json={"only": "nothing"}).status_code == 404


def test_a_new_way_in_is_shown_once_and_stands_in_the_log(
    people: dict[str, TestClient[Litestar]], client: TestClient[Litestar], nobody: TestClient[Litestar]
) -> None:
    (user,) = client.get(f"{API}/users", params={"email": "planner@x.test"}).json()["items"]
    made = client.post(f"/admin/way-in/{user['id']}")
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    password, link = re.findall(r'readonly value="([^"]+)"|<textarea readonly rows="3">([^<]+)<', made.text)
    # Whoever has a role is not said to be without one; who has a password is asked before it goes.
    assert "roleless" not in made.text
    page = client.get(f"/admin/users/{user['id']}").text
    assert ("data-sure" in page, "roleless" in page) == (True, False)
    told = client.get(f"{API}/events", params={"limit": 100, "actor": ADMIN_ID}).json()["items"][-1]
    assert (told["type"], told["data"], told["actor"]["id"]) == (
        "PasswordSet",
        {"user_id": user["id"]},
        ADMIN_ID,
    )
    nobody.follow_redirects = False
    assert nobody.get(link[1].partition("testserver.local")[2]).headers["location"] == "/"
    form = {"email": "planner@x.test", "password": password[0]}
    signed_in = nobody.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert signed_in.status_code == 303
    assert password[0] not in client.get(f"/admin/users/{user['id']}").text
    gone = client.post(f"{API}/users", json={"email": "gone@x.test", "name": "Gone"}).json()["id"]
    page = client.get(f"/admin/users/{gone}").text
    assert ("data-sure" in page, "roleless" in page) == (False, True)
    assert "roleless" in client.post(f"/admin/way-in/{gone}").text
    assert client.delete(f"{API}/users/{gone}").status_code == 204
    assert client.post(f"/admin/way-in/{gone}").status_code == 409
    assert client.post("/admin/way-in/user_nobody").status_code == 404


def test_what_is_in_use_says_so_and_leads_to_its_shows(
    world: World, rows: dict[str, str], client: TestClient[Litestar]
) -> None:
    world.planned(world.show(8))
    room = client.get(f"/admin/rooms/{world.rooms[0]}").text
    assert re.search(
        rf'href="/board\?studio_id={world.studio}&amp;day=2026-05-\d\d#row-{world.rooms[0]}"', room
    )
    assert ("DELETE" in room, 'href="#related"' in room) == (False, True)
    customer = client.get(f"/admin/clients/{world.customer}").text
    assert re.search(rf'href="/board\?[^"]*day=2026-05-\d\d&amp;client={world.customer}"', customer)
    spare = client.post(f"{API}/platforms", json={"name": "Spare"}).json()["id"]
    assert "DELETE" in client.get(f"/admin/platforms/{spare}").text


def test_what_an_address_asks_amiss_is_refused_or_passed_over(
    rows: dict[str, str], client: TestClient[Litestar]
) -> None:
    client.headers["Accept"] = "text/html"
    asked = {
        "/admin/nothing": 404,
        "/admin/rooms/room_nothing": 404,
        "/admin/choices/nothing": 404,
        "/admin/impact?row_id=nothing&start=2026-05-01&end=2026-05-02": 404,
        "/admin/rooms?sort=capacity": 422,
        "/admin/rooms?cursor=nonsense": 422,
        "/admin/users?is_banned=perhaps&q=%00&past=x": 200,
        "/admin/room-closures?from=yesterday&to=9999-12-31&room_id=nothing": 200,
        "/admin/choices/user?q=adm&keep=nothing": 200,
    }
    assert {path: client.get(path).status_code for path in asked} == asked


def test_words_that_came_with_callboard_are_translated_and_renamed_ones_stay(
    rows: dict[str, str], client: TestClient[Litestar]
) -> None:
    thai = {"Accept": "text/html", "Accept-Language": "th"}
    types = client.get(f"{API}/show-types").json()["items"]
    other = next(each for each in types if each["key"] == "other")
    bau = next(each for each in types if each["key"] == "bau")
    assert client.patch(f"{API}/show-types/{bau['id']}", json={"name": "Everyday"}).status_code == 200
    listed = client.get("/admin/show-types", headers=thai).text
    cells = re.findall(r'<th scope="row".*?</th>', listed, re.DOTALL)
    named = {re.sub(r"<[^>]+>", "", each).strip() for each in cells}
    assert named == {"แคมเปญ", "Everyday", "อื่น ๆ"}
    page = client.get(f"/admin/show-types/{other['id']}", headers=thai).text
    assert '<h1 tabindex="-1">อื่น ๆ</h1>' in page
    assert 'name="name" value="Other"' in page  # What is edited is what is stored.
