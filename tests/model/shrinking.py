"""Makes a failing story short: whole steps go first, then what is left of each becomes as simple as it can.
Hypothesis would shrink number by number, and a story takes seconds: this takes half a minute, not hours."""

from collections.abc import Callable, Sequence
from re import findall, split, sub
from time import monotonic
from typing import Final

Choices = Sequence[int]
"""What was chosen in one step: first whether and which command, then on what."""

MOST_SECONDS: Final = 30.0
_WHICH: Final = 2


def shrunk(steps: Sequence[Choices], told: str, play: Callable[[Sequence[Choices]], str | None]) -> str:
    """The shortest story found that ends in the same difference. `play` tells how one ended, None if nothing
    was wrong."""
    best, story, until = [*steps], told, monotonic() + MOST_SECONDS

    def ends_alike(candidate: Sequence[Choices]) -> str | None:
        ended = play(candidate)
        return ended if ended and kind(ended) == kind(told) else None

    size = len(best) // 2 or 1
    while size and monotonic() < until:
        start = 0
        while start < len(best) and monotonic() < until:
            candidate = best[:start] + best[start + size :]
            if ended := ends_alike(candidate):
                best, story = candidate, ended
            else:
                start += size
        size //= 2
    for index, choices in enumerate(best):
        if monotonic() < until and any(choices[_WHICH:]):
            simple = [*choices[:_WHICH], *(0 for _ in choices[_WHICH:])]
            candidate = [*best[:index], simple, *best[index + 1 :]]
            if ended := ends_alike(candidate):
                best, story = candidate, ended
    return story


def kind(story: str) -> tuple[str, ...]:
    """The last command, what became of it, and in which words the contract differs, without ids or
    numbers."""
    lines = story.splitlines()
    last = max((n for n, line in enumerate(lines) if " -> " in line), default=0)
    operation = findall(r"[a-z]+_[a-z_]+", lines[last])[:1]
    end = "".join(lines[last + 1 : last + 2])
    return (*operation, lines[last].rpartition(" -> ")[2], sub(r"\d+", "", split(r"[\[({]", end)[0]))
