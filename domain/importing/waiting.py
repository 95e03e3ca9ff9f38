"""What open changes of a schedule would make of it: a file that says the same asks for nothing new. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from domain.events import ShowDraft
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule

SPAN = ("start", "end")
"""Set together or not at all: one without the other might end before it starts."""


class Waiting:
    """The operations of all open changes of some schedules."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self._after: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._added: dict[tuple[object, ...], tuple[Schedule, ShowDraft]] = {}
        self._cancelled: set[str] = set()
        for schedule in schedules:
            for change in schedule.changes.values():
                for op in change.operations if change.status == "proposed" else ():
                    if op.after:
                        values = {name: getattr(op.after, name) for name in fields_of(op.after)}
                        self._after[op.show_id].append(values)
                    elif op.show:
                        self._added[_key(schedule, op.show)] = schedule, op.show
                    elif op.op == "cancel":
                        self._cancelled.add(op.show_id)

    def added(self, key: tuple[object, ...]) -> tuple[Schedule, ShowDraft] | None:
        """The show that a change would add for a row, if one would."""
        return self._added.get(key)

    def cancelled(self, show_id: str) -> bool:
        """Whether a change would cancel it."""
        return show_id in self._cancelled

    def less(self, show_id: str, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The values that no change would set already."""
        asked = self._after.get(show_id, [])
        left = {
            name: value
            for name, value in changed.items()
            if not any(name in values and values[name] == value for values in asked)
        }
        if any(name in left for name in SPAN):
            left |= {name: changed[name] for name in SPAN if name in changed}
        return {name: value for name, value in changed.items() if name in left}


def _key(schedule: Schedule, show: ShowDraft) -> tuple[object, ...]:
    owner = schedule.client_id or schedule.studio_id
    if show.external_id:
        return ("external", owner, show.external_id)
    return ("place", owner, schedule.studio_id, show.room_id, show.name, show.start)
