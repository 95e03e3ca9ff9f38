"""What the demo month's commands are told in: a step is one command, and later steps look up the ids that
earlier ones made."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from domain.application import Unit
from domain.ids import fixed_id

STUDIO_ID: Final = fixed_id("studio", "demo")
LAST_ID: Final = fixed_id("closure", "demo")
"""The last row that is made: who finds it knows that the demo is complete."""

Work = Callable[[Unit], list[str]]
"""Does one command; answers the ids that it made."""


class Book(NamedTuple):
    """Confirm a schedule: all of it, or with best effort all that can be."""

    schedule: str
    best_effort: bool


class Step(NamedTuple):
    """One command. `name` tells it from all others and is where its ids are kept; `user` is the email of
    who gives it, the administrator if there is none."""

    command: str
    name: str
    work: Work | Book
    user: str | None = None


class Made:
    """The ids that steps made, by their name."""

    def __init__(self) -> None:
        self._ids: dict[str, Sequence[str]] = {}

    def keep(self, name: str, ids: Sequence[str]) -> None:
        """Remembers what a step made."""
        self._ids[name] = ids

    def id(self, name: str, place: int = 0) -> str:
        """The id that a step made; the one at this place when it made several."""
        return self._ids[name][place]

    def count(self, prefix: str) -> int:
        """How many ids the steps of one kind made."""
        return sum(len(ids) for name, ids in self._ids.items() if name.startswith(prefix))
