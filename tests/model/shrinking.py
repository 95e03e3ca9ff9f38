"""Makes a failing story short: whole steps go first, then what is left of each becomes as simple as it can.
Hypothesis would shrink number by number, and a story takes a second: this takes a hundred replays, not
thousands."""

from collections.abc import Callable, Sequence
from typing import Final

Choices = Sequence[int]
"""What was chosen in one step: first whether and which command, then on what."""

MOST_REPLAYS: Final = 150
_WHICH: Final = 2


def shrunk(steps: Sequence[Choices], told: str, play: Callable[[Sequence[Choices]], str | None]) -> str:
    """The shortest story found that still fails. `play` tells how one ended, None if nothing was wrong."""
    best, story, left = [*steps], told, MOST_REPLAYS
    size = len(best) // 2 or 1
    while size and left:
        start = 0
        while start < len(best) and left:
            left -= 1
            candidate = best[:start] + best[start + size :]
            if ended := play(candidate):
                best, story = candidate, ended
            else:
                start += size
        size //= 2
    for index, choices in enumerate(best):
        if left and any(choices[_WHICH:]):
            left -= 1
            candidate = [
                *best[:index],
                [*choices[:_WHICH], *(0 for _ in choices[_WHICH:])],
                *best[index + 1 :],
            ]
            if ended := play(candidate):
                best, story = candidate, ended
    return story
