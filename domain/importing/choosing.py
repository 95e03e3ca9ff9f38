"""What a planner decides row by row, after a dry run told what the file would do to which show."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

from msgspec import Struct, field

MEANT: Final = "^([1-9][0-9]{0,7}:)?[a-z]+_[0-9a-z]+$"
"""An id, or a line and an id: `creator_01...`, `12:creator_01...`."""


class Means(Struct, frozen=True):
    """Ids of what ambiguous names mean: `all` in every line, `lines` in single ones, which go first."""

    all: frozenset[str] = frozenset()
    lines: Mapping[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])

    def one(self, among: Iterable[str], row: int | None = None) -> str | None:
        """The only one of these ids that was chosen, for a line or for all; None when it is not just one."""
        asked = frozenset(among)
        none: frozenset[str] = frozenset()
        for chosen in (none if row is None else self.lines.get(row, none), self.all):
            if here := asked & chosen:
                return next(iter(here)) if len(here) == 1 else None
        return None


def means(texts: Collection[str]) -> Means:
    """Of texts that match `MEANT`; with a line before it an id is for that line alone."""
    lines: dict[int, set[str]] = defaultdict(set)
    everywhere: set[str] = set()
    for text in texts:
        line, _, row_id = text.rpartition(":")
        (lines[int(line)] if line else everywhere).add(row_id)
    return Means(frozenset(everywhere), {line: frozenset(ids) for line, ids in lines.items()})


class Choice(Struct, frozen=True, kw_only=True):
    """`leave`: lines of the file to leave out; their shows stay as they are. `theirs`: lines whose values win
    over what was set in Callboard. `stay`: ids of shows that stay although the file has them no more.
    `means`: which of several rows of one name is meant."""

    leave: frozenset[int] = frozenset()
    theirs: frozenset[int] = frozenset()
    stay: frozenset[str] = frozenset()
    means: Means = Means()


class Planned(Struct, frozen=True, kw_only=True):
    """What a file would do to one show. `row` is its line, null for one that the file has no more; `asked`
    where the schedule is confirmed, so that a change asks for it. `fields` by column `{"from", "to"}`, as an
    export writes them."""

    row: int | None
    what: Literal["created", "updated", "removed"]
    asked: bool
    show_id: str
    external_id: str
    name: str
    schedule: str
    fields: dict[str, dict[str, Any]]
