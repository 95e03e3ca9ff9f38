"""/ over HTTP: what an empty installation needs first, until there is a plan."""

import re

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, World


def steps(client: TestClient[Litestar]) -> dict[str, bool]:
    """What the start page says is to be set up, and whether that is done."""
    _, _, html = client.get("/").text.partition('<ol class="steps">')
    found = re.findall(r'<li( class="done")?><a href="(/[a-z0-9_/]+)">', html)
    return {path: bool(done) for done, path in found}


def test_an_empty_installation_says_what_to_do_next(client: TestClient[Litestar], sign_in: SignIn) -> None:
    todo = ("studios", "rooms", "clients", "creators", "platforms", "users", "features")
    first = {f"/admin/{each}": False for each in todo} | {"/schedules": False}
    assert steps(client) == first
    studio = {"name": "North", "time_zone": "Europe/Berlin"}
    assert client.post(f"{API}/studios", json=studio).status_code == 201
    user = client.post(f"{API}/users", json={"email": "a@x.test", "name": "A"}).json()["id"]
    switches = client.get(f"{API}/features").json()["items"]
    (off,) = [each for each in switches if (each["feature"], each["user_type"]) == ("planning", "planner")]
    assert client.patch(f"{API}/features/{off['id']}", json={"enabled": True}).status_code == 200
    done = {path for path, done in steps(client).items() if done}
    assert done == {"/admin/studios", "/admin/users", "/admin/features"}
    assert steps(sign_in(user)) == {}


def test_the_first_steps_stay_until_there_is_a_show(world: World, client: TestClient[Litestar]) -> None:
    plan = world.schedule()
    assert steps(client)[f"/schedules/{plan['id']}"] is False
    # An empty plan leads to its shows before it is proposed.
    page = client.get(f"/schedules/{plan['id']}").text
    assert re.search(r'<a class="button" href="[^"]*#drafting">Add shows first</a>', page)
    assert 'class="quiet" data-send="POST /api/v1/schedules/' in page
    world.planned(world.show(8))
    assert steps(client) == {}


def test_a_planners_board_opens_on_their_own_studio(
    world: World, client: TestClient[Litestar], sign_in: SignIn
) -> None:
    world.planned(world.show(8))
    own = client.post(f"{API}/studios", json={"name": "Zoo", "time_zone": "Asia/Bangkok"}).json()["id"]
    user = client.post(f"{API}/users", json={"email": "z@x.test", "name": "Z"}).json()["id"]
    role = {"user_id": user, "studio_id": own, "role": "planner"}
    assert client.post(f"{API}/memberships", json=role).status_code == 201
    page = sign_in(user).get("/board").text
    assert f'<option value="{own}" selected>' in page


def test_a_show_at_night_says_when_that_is_by_the_calendar(
    client: TestClient[Litestar], world: World
) -> None:
    night = {"start": "2026-05-02T18:30:00Z", "end": "2026-05-02T20:00:00Z"}
    _, (early, late) = world.booked(world.show(12, 1, name="Evening"), world.show(name="Night", **night))
    by_calendar = "Sun 3 May 01:30"
    start = client.get("/").text
    assert "Sat 2 May 25:30\N{EN DASH}27:00" in start
    assert start.count(f'<small class="dim">{by_calendar}</small>') == 1
    pages = [client.get(f"/shows/{show['id']}").text for show in (early, late)]
    assert [f"By the calendar {by_calendar}." in page for page in pages] == [False, True]
    board = client.get(f"/board?studio_id={world.studio}&day=2026-05-02").text
    assert "25:30 is half past one" in board
