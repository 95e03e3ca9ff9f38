"""A clash on the pages of its two shows: each tells of the other."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.world import World


def test_each_of_two_shows_that_clash_names_the_other(world: World, client: TestClient[Litestar]) -> None:
    _, shows = world.planned(world.show(name="Morning"), world.show(name="Extra"))
    for show, other in (shows, shows[::-1]):
        html = client.get(f"/shows/{show['id']}").text
        assert f'is wanted twice: also by “{other["name"]}” (Draft) <a href="/shows/{other["id"]}"' in html
