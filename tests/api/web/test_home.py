"""/ over HTTP: what an empty installation needs first, until there is a plan."""

import re

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, World


def steps(client: TestClient[Litestar]) -> dict[str, bool]:
    """What the start page says is to be set up, and whether that is done."""
    html = client.get("/").text
    return {path: bool(done) for done, path in re.findall(r'<li( class="done")?><a href="(/[a-z/]+)">', html)}


def test_an_empty_installation_says_what_to_do_next(client: TestClient[Litestar], sign_in: SignIn) -> None:
    todo = ("/admin/studios", "/admin/rooms", "/admin/clients", "/admin/users", "/schedules")
    assert steps(client) == dict.fromkeys(todo, False)
    studio = {"name": "North", "time_zone": "Europe/Berlin"}
    assert client.post(f"{API}/studios", json=studio).status_code == 201
    user = client.post(f"{API}/users", json={"email": "a@x.test", "name": "A"}).json()["id"]
    assert [path for path, done in steps(client).items() if done] == ["/admin/studios", "/admin/users"]
    assert steps(sign_in(user)) == {}


def test_once_there_is_a_plan_nothing_is_first_any_more(world: World, client: TestClient[Litestar]) -> None:
    plan = {
        "name": "May",
        "studio_id": world.studio,
        "start_date": "2026-05-01",
        "end_date": "2026-05-31",
    }
    made = client.post(f"{API}/schedules", json=plan)
    assert made.status_code == 201, made.text
    assert steps(client) == {}
