"""The read side. A projection is a table or a few, how events change them, and the questions they answer.

Everything here is written in the transaction that appends the events, so nothing lags: one who wrote
reads what was written. Add one: write `projections/<name>.py`, its tables in `migrations/`, and its line
in ALL.
"""

from typing import Final, Protocol

from domain.event_log import Statement
from domain.events import Command
from projections import (
    changes,
    comments,
    imports,
    occupancy,
    published,
    registry,
    schedules,
    show_events,
    versions,
    waivers,
)


class Projection(Protocol):
    """What each module in ALL has."""

    @property
    def TABLES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of the module
        """The tables that only this projection writes, in the order in which it writes them."""
        ...

    def apply(self, command: Command, /) -> list[Statement]:
        """What the events of one command change in them. Pure: the same live and in a rebuild."""
        ...


ALL: Final[dict[str, Projection]] = {
    "registry": registry,
    "schedules": schedules,
    "shows": show_events,
    "published": published,
    "versions": versions,
    "changes": changes,
    "comments": comments,
    "occupancy": occupancy,
    "imports": imports,
    "waivers": waivers,
}
"""By name, in the order in which every command writes them: rows before rows that refer to them."""


def project(command: Command) -> list[Statement]:
    """All that the events of one command change in the read tables."""
    return [statement for projection in ALL.values() for statement in projection.apply(command)]
