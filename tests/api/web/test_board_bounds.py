"""What the board's own addresses tell a client's users: nothing of other clients."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import World


def test_a_clients_user_learns_nothing_of_others_shows(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    made = client.post("/api/v1/users", json={"email": "pim@x.test", "name": "Pim"}).json()
    member = {"user_id": made["id"], "client_id": world.customer, "role": "client_viewer"}
    client.post("/api/v1/memberships", json=member)
    pim = sign_in(made["id"])
    other = client.post("/api/v1/clients", json={"name": "Other"}).json()
    plan = world.schedule(client_id=other["id"])
    drafted = client.post(f"/api/v1/schedules/{plan['id']}/shows", json={"shows": [world.show(13)]})
    show = drafted.json()["items"][0]
    page = {"studio_id": world.studio, "day": show["operational_day"]}
    touched, rows = {"show": show["id"]}, page | {"show": show["id"]}
    found = {"studio_id": world.studio, "day": "2031-01-01", "q": show["name"]}
    assert client.get("/board/touched", params=touched).status_code == 200
    assert show["id"] in client.get("/board/rows", params=rows).text
    assert show["id"] in client.get("/board/found", params=found).text
    assert pim.get("/board/touched", params=touched).status_code == 404
    assert pim.get("/board/rows", params=rows).status_code == 404
    answer = pim.get("/board/found", params=found)
    assert answer.status_code == 200
    assert show["id"] not in answer.text
