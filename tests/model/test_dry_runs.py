"""Dry runs and previews are the real command, rolled back: in any state, what confirming, bulk runs, changes
and imports report is what the same command then does, and the report leaves nothing behind.

States are invented as for the model (`make soak` takes five times as many). It prints what became of the
commands, and fails when a kind was never done or one of the refusals never met.
"""

import os
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from api.app import app_over
from api.settings import Settings
from api.wiring import Callboard
from domain.ids import sequence
from seeds.reference import ADMIN_ID
from tests.api.conftest import SECRET, token
from tests.databases import commands_over, created, pool_over
from tests.model.playing import PRESENT, Player
from tests.model.trying import TRIES, Trier
from tests.spec import Clock
from tests.world import World

STATES = int(os.environ.get("CALLBOARD_MODEL_STEPS", "2000")) // 250
STORY = 40
TRIED = (*TRIES, "change", "change", "change", "import")

REFUSED = {"change_conflict", "conflicts", "illegal_transition", "invalid"}


def test_what_a_dry_run_reports_is_what_is_done_in_any_state(
    server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    chosen = Settings(data_dir=tmp_path, secret=SECRET)

    @settings(
        max_examples=STATES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],  # A state takes a second: shrinking would take minutes.
        suppress_health_check=[*HealthCheck],
    )
    @given(st.integers(0, 2**64 - 1))
    def any_state(seed: int) -> None:
        with (
            created(server, template) as database,
            pool_over(database) as pool,
            psycopg.connect(database.admin_url, autocommit=True) as owner,
        ):
            commands = commands_over(pool, Clock(PRESENT))
            commands.make_id = sequence("dry runs", 1_772_000_000_000)
            player = Player(World.make(commands), Counter())
            player.begin()
            for number in range(STORY):
                player.step(f"{number} {seed}")
            with TestClient(app_over(Callboard(chosen, pool, commands))) as client:
                client.headers["Authorization"] = f"Bearer {token(ADMIN_ID)}"
                trier = Trier(player.world, client, owner, counted)
                for number, what in enumerate(TRIED):
                    trier.attempt(what, f"{number} {seed}")

    any_state()
    with capsys.disabled():
        print(f"\n{STATES} states, {counted.total()} commands tried twice and done")  # noqa: T201
        for (name, outcome), times in sorted(counted.items()):
            print(f"  {name:22} {outcome:20} {times:6}")  # noqa: T201
    assert {name for name, outcome in counted if outcome == "done"} == set(TRIES)
    assert {outcome for _, outcome in counted} >= REFUSED
