"""The board as a page: what is drawn beside its shows."""

import re
from datetime import timedelta
from typing import Final

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import World
from tests.spec import Clock

_SHADED: Final = re.compile(r'<b data-s="(-?\d+)" data-d="(\d+)"></b>')


def shaded(client: TestClient[Litestar], world: World, day: str, as_of: str = "") -> list[tuple[str, str]]:
    """When the studio is drawn as closed: minutes after the board's left edge, and how long."""
    query = {"studio_id": world.studio, "day": day} | ({"as_of": as_of} if as_of else {})
    return _SHADED.findall(client.get("/board", params=query).text)


def test_when_the_studio_is_closed_the_board_is_shaded(client: TestClient[Litestar], world: World) -> None:
    assert shaded(client, world, "2031-05-05") == []
    hours = {"studio_id": world.studio, "weekday": 1, "opens": "09:00", "closes": "25:00"}
    assert client.post("/api/v1/opening-hours", json=hours).status_code == 201
    assert shaded(client, world, "2031-05-05") == [("0", "180"), ("1140", "300")]
    assert shaded(client, world, "2031-05-06") == [("0", "1440")]


def test_the_board_of_the_past_is_shaded_as_the_studio_was_closed_then(
    client: TestClient[Litestar], world: World, clock: Clock
) -> None:
    hours = {"studio_id": world.studio, "weekday": 1, "opens": "09:00", "closes": "25:00"}
    moments = [clock().isoformat()]
    clock.now += timedelta(minutes=1)
    made = client.post("/api/v1/opening-hours", json=hours).json()
    for change in ({"opens": "10:00"}, None):
        moments.append(clock().isoformat())
        clock.now += timedelta(minutes=1)
        url = f"/api/v1/opening-hours/{made['id']}"
        answer = client.patch(url, json=change) if change else client.delete(url)
        assert answer.is_success, answer.text
    moments.append(clock().isoformat())
    late = ("1140", "300")
    assert [shaded(client, world, "2031-05-05", each) for each in moments] == [
        [],
        [("0", "180"), late],
        [("0", "240"), late],
        [],
    ]


def test_other_days_are_searched_for_all_that_the_field_looks_in(
    client: TestClient[Litestar], world: World
) -> None:
    plan = world.schedule()
    mali, nok = world.draft(
        plan,
        world.show(8, name="Summer Sale: Hats", external_id="X-1"),
        world.show(11, name="Summer Sale", creators=world.creators[1:]),
    )
    asked = {"studio_id": world.studio, "day": "2031-01-01"}
    both = [nok["id"], mali["id"]]
    for q, wanted in (
        ("summer sale", both),
        ("Sale  summer", both),
        ("acme sale", both),
        ("hats summer", both[1:]),
        ("nok", both[:1]),
        ("x-1 mali", both[1:]),
        ("summer nobody", []),
        ("100%", []),
    ):
        html = client.get("/board/found", params=asked | {"q": q}).text
        assert re.findall(r'#(show_\w+)"', html) == wanted, q
    html = client.get("/board/found", params=asked | {"q": "nok"}).text
    assert "<small>Room 1 · Acme · Nok Draft</small>" in html
