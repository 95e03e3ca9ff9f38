"""Dry runs and previews are the real command, rolled back: in any state, what confirming, bulk runs, changes
and imports report is what the same command then does, and the report leaves nothing behind.

States are invented as for the model (`make soak` takes five times as many). It prints what became of the
commands, and fails when a kind was never done or one of the refusals never met.
"""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from seeds.reference import ADMIN_ID
from tests.api.conftest import token
from tests.model.playing import Met
from tests.model.starting import picked, started
from tests.model.trying import TRIES, Trier

STATES = int(os.environ.get("CALLBOARD_MODEL_STEPS", "2000")) // 250
STORY = 40
TRIED = (*TRIES, "change", "change", "change", "import", *TRIES)

REFUSED = {"change_conflict", "conflicts", "illegal_transition", "invalid"}


@pytest.mark.untraced
def test_what_a_dry_run_reports_is_what_is_done_in_any_state(
    server: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for state in range(STATES):
        with started(server, template, tmp_path, Met()) as stage:
            random = Random(f"state {state}")  # noqa: S311 - not a secret
            for number in range(STORY):
                stage.go(picked(random, number))
            stage.http.headers["Authorization"] = f"Bearer {token(ADMIN_ID)}"
            trier = Trier(stage.player.world, stage.http, stage.owner, counted)
            for number, what in enumerate(TRIED):
                trier.attempt(what, f"{number} {state}")

    with capsys.disabled():
        print(f"\n{STATES} states, {counted.total()} commands tried twice and done")  # noqa: T201
        for (name, outcome), times in sorted(counted.items()):
            print(f"  {name:22} {outcome:20} {times:6}")  # noqa: T201
    assert {name for name, outcome in counted if outcome == "done"} == set(TRIES)
    assert {outcome for _, outcome in counted} >= REFUSED
