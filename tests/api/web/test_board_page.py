"""The board as a page: what is drawn beside its shows."""

import re

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import World


def test_when_the_studio_is_closed_the_board_is_shaded(client: TestClient[Litestar], world: World) -> None:
    path = f"/board?studio_id={world.studio}&day=2031-05-05"
    shaded = re.compile(r'<b data-s="(-?\d+)" data-d="(\d+)"></b>')
    assert shaded.findall(client.get(path).text) == []
    hours = {"studio_id": world.studio, "weekday": 1, "opens": "09:00", "closes": "25:00"}
    assert client.post("/api/v1/opening-hours", json=hours).status_code == 201
    assert shaded.findall(client.get(path).text) == [("0", "180"), ("1140", "300")]
    assert shaded.findall(client.get(path.replace("05-05", "05-06")).text) == [("0", "1440")]
