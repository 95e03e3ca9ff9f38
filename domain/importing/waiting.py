"""What open changes of a schedule would make of it: a file that says the same asks for nothing new. And what
was asked for and rejected: the same question is not put twice. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from domain.events import ChangeOperation, ShowDraft
from domain.importing.history import Loaded
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule, Show

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


class Rejected:
    """What imports asked of some schedules and somebody rejected. It is the same question as long as the show
    is as it was then."""

    def __init__(self, loaded: Iterable[Loaded]) -> None:
        self._asked: dict[str, list[ChangeOperation]] = defaultdict(list)
        self._added: dict[tuple[object, ...], list[tuple[Schedule, ShowDraft]]] = defaultdict(list)
        for each in loaded:
            for show_id, operations in each.rejected.items():
                self._asked[show_id] += operations
                for op in operations:
                    if op.show:
                        self._added[_key(each.schedule, op.show)].append((each.schedule, op.show))

    def added(self, key: tuple[object, ...]) -> list[tuple[Schedule, ShowDraft]]:
        """The shows that were asked for by such a row."""
        return self._added.get(key, [])

    def cancelled(self, show_id: str) -> bool:
        """Whether its cancellation was."""
        return any(op.op == "cancel" for op in self._asked.get(show_id, ()))

    def among(self, show: Show, wanted: Mapping[str, Any]) -> list[str]:
        """Which of these values it was to get. Start and end are one value."""
        found: set[str] = set()
        for op in self._asked.get(show.id, ()):
            if op.before is None or op.after is None:
                continue
            same = {
                name
                for name, value in wanted.items()
                if getattr(op.after, name) == value and getattr(op.before, name) == getattr(show, name)
            }
            span = wanted.keys() & set(SPAN)
            found |= same if span <= same else same - span
        return [name for name in wanted if name in found]


def _key(schedule: Schedule, show: ShowDraft) -> tuple[object, ...]:
    owner = schedule.client_id or schedule.studio_id
    if show.external_id:
        return ("external", owner, show.external_id)
    return ("place", owner, schedule.studio_id, show.room_id, show.name, show.start)
