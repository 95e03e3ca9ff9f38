"""Every command at random, through the real application over a real database, against a small model that
knows only the contract. CALLBOARD_MODEL_STEPS sets how many steps; `make soak` takes 10,000.

It prints how often each command was accepted and which refusals were met; it fails when a command was never
accepted or a refusal never met. A divergence shrinks: steps that don't matter become nothing, and the
failure tells the story of the others.
"""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import commands_over, created, pool_over
from tests.model.playing import PRESENT, REFUSALS, STEPS, Player
from tests.spec import Clock
from tests.world import World

STEPS_IN_ALL = int(os.environ.get("CALLBOARD_MODEL_STEPS", "2000"))
STORY = 125

stories = st.lists(st.integers(0, 2**32 - 1), min_size=STORY, max_size=STORY)


def test_the_application_does_what_the_contract_says_after_any_story(
    server: str, template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[tuple[str, str]] = Counter()

    @settings(
        max_examples=1 + STEPS_IN_ALL // STORY,  # The first one is no story.
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
    @given(stories)
    def any_story(story: list[int]) -> None:
        with created(server, template) as database, pool_over(database) as pool:
            player = Player(World.make(commands_over(pool, Clock(PRESENT))), counted)
            player.begin()
            for number, seed in enumerate(story):
                if seed:  # What shrank to nothing is no step.
                    player.step(f"{number} {seed}")

    any_story()
    with capsys.disabled():
        print(f"\n{counted.total()} steps")  # noqa: T201
        for (name, outcome), times in sorted(counted.items()):
            print(f"  {name:17} {outcome:20} {times:6}")  # noqa: T201

    assert {name for name, outcome in counted if outcome == "accepted"} == set(STEPS)
    assert {outcome for _, outcome in counted} == {"accepted", *REFUSALS}
