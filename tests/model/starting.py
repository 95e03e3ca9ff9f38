"""Starts a story: a new database, the application over it with a clock and ids of its own, and who plays."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from api.app import app_over
from api.settings import Settings
from api.wiring import Callboard
from domain.application import Commands
from domain.ids import sequence
from tests.api.conftest import SECRET
from tests.databases import commands_over, created, pool_over
from tests.model.playing import PRESENT, Met, Picks, Player
from tests.model.steps import BEGINNING, next_step
from tests.spec import Clock
from tests.world import World


@dataclass(frozen=True)
class Stage:
    """`owner` sees every table; `routes` has method and path of each operation that writes, by its id."""

    commands: Commands
    http: TestClient[Litestar]
    owner: psycopg.Connection[Any]
    routes: dict[str, tuple[str, str]]
    player: Player

    def go(self, picks: Picks) -> None:
        """One step; nothing, where there is nothing to do it to."""
        self.player.begin(picks)
        if step := next_step(self.player, BEGINNING[picks.which - 1] if picks.which else None):
            self.player.play(step)


@contextmanager
def started(server: str, template: str, data_dir: Path, met: Met) -> Generator[Stage]:
    """The same each time: whatever a story then does depends on its picks alone."""
    with (
        created(server, template) as database,
        pool_over(database) as pool,
        psycopg.connect(database.admin_url, autocommit=True) as owner,
    ):
        commands = commands_over(pool, Clock(PRESENT))
        commands.make_id = sequence("model", 1_772_000_000_000)
        app = app_over(Callboard(Settings(data_dir=data_dir, secret=SECRET), pool, commands))
        routes = _routes(app)
        with TestClient(app) as http:
            player = Player(World.make(commands), owner, http, routes, met)
            yield Stage(commands, http, owner, routes, player)


def picked(random: Random, number: int) -> Picks:
    """Choices for a story's step of that number; the first ones mostly are the beginning. A story's own
    generator makes them: Hypothesis draws some numbers from the code that happens to be loaded."""
    return Picks(lambda most: random.randint(0, most), number + 1 if number < len(BEGINNING) else 0)


def _routes(app: Litestar) -> dict[str, tuple[str, str]]:
    return {
        handler.operation_id: (method, route.path_format)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in sorted(handler.http_methods & {"POST", "PATCH", "DELETE"})
        if isinstance(handler.operation_id, str)
    }
