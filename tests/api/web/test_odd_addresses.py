"""Whatever is typed into an address, a page says what is wrong with it; none fails."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.registry.entities import ENTITIES
from tests.api.world import World

NOBODYS = "schedule_01jd000000e008000000000001"
DAYS = ("0000-01", "0001-01-01", "9999-12-31")
ODD = ("", "x", "-1", "0", "99999999999999999999", "%00", "\u0e01", "<b>", "show_x", NOBODYS, *DAYS)
PAGES = {
    "/board": "studio_id day days view as_of client schedule hide compare from to",
    "/schedules": "month client_id studio_id status q deleted sort cursor",
    "/schedules/new": "month client_id studio_id",
    "/schedules/{schedule}": "tab cursor version status q room_id",
    "/schedules/{schedule}/compare": "from to",
    "/shows/new": "studio_id schedule_id room_id start end",
    "/shows/{show}": "tab before",
    "/inbox": "box kind client_id page cursor",
    "/imports": "cursor",
    "/audit": "q about stream cause actor type command zone from_day to_time before",
    "/studio-time": "studio_id day time second after",
    "/month-end": "day",
    "/admin/features": "q",
    **{f"/admin/{entity.path}": "q sort cursor" for entity in ENTITIES},
}
"""Pages with what their addresses ask for."""
PLACES = ("schedules/{}", "shows/{}", "shows/{}/edit", "imports/{}", "admin/{}", "admin/rooms/{}")


@pytest.fixture
def reader(client: TestClient[Litestar]) -> TestClient[Litestar]:
    """Reads pages as an administrator does."""
    client.headers["Accept"] = "text/html"
    client.follow_redirects = False
    return client


def test_no_page_fails_whatever_its_address_asks_for(reader: TestClient[Litestar], world: World) -> None:
    plan, (show,) = world.planned(world.show(8))
    asked = [
        f"{page.format(schedule=plan['id'], show=show['id'])}?{name}={odd}"
        for page, names in PAGES.items()
        for name in names.split()
        for odd in ODD
    ]
    asked += [f"/{place.format(odd)}" for place in PLACES for odd in ODD if odd]
    failed = [(path, status) for path in asked if (status := reader.get(path).status_code) >= 500]
    assert failed == []


def test_what_an_address_asks_amiss_is_told_on_a_page_also_to_who_takes_anything(
    client: TestClient[Litestar],
) -> None:
    kinds = {
        accepted: client.get("/board?view=week", headers={"Accept": accepted}).headers["content-type"]
        for accepted in ("text/html", "*/*", "application/json")
    }
    assert kinds["text/html"].startswith("text/html")
    assert kinds["*/*"].startswith("text/html")
    assert kinds["application/json"].startswith("application/problem+json")
    told = client.get("/api/v1/shows?sort=week", headers={"Accept": "*/*"})
    assert told.headers["content-type"].startswith("application/problem+json")
