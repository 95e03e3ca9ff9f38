"""What imports did to a schedule before, from its stream: which shows they made, which values they set,
which shows they cancelled and what they asked for in vain. An applied change counts as the import's when an
import asked for it; a show that moved brings what imports did to it along; what was undone never was. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

from msgspec import Struct

from domain.events import (
    ChangeOperation,
    ChangeProposed,
    ChangeRejected,
    Event,
    PlatformLink,
    Recorded,
    ShowCancelled,
    ShowDrafted,
    ShowsEdited,
    ShowsJoined,
)
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule, Show

Streams = Callable[[str], Sequence[Recorded]]
"""All events of a stream, by its id."""


class Loaded(Struct, frozen=True):
    """A schedule as it is; the shows that imports made; for each show the values that imports set last;
    the shows that an import cancelled; and by show what an import asked for and somebody rejected."""

    schedule: Schedule
    made: frozenset[str]
    values: Mapping[str, Mapping[str, Any]]
    cancelled: frozenset[str]
    rejected: Mapping[str, Sequence[ChangeOperation]] = {}

    def edited(self, show: Show, name: str) -> bool:
        """Whether the field was set in Callboard since an import set it last, or never was by an import."""
        values = self.values.get(show.id, {})
        return name not in values or _said(values[name]) != _said(getattr(show, name))


def load(schedule: Schedule, history: Iterable[Recorded], streams: Streams) -> Loaded:
    """The state of a stream with what imports did to it; `streams` reads those that shows came from."""
    marks = _Marks(history, streams)
    return Loaded(schedule, frozenset(marks.made), marks.values, frozenset(marks.cancelled), marks.rejected)


_SET = ("name", "start", "end", "room_id", "creators", "platforms", "show_type", "show_standard", "note")
_UNSAID: Final = object()


class _Marks:
    """What imports did, event by event."""

    def __init__(self, history: Iterable[Recorded], streams: Streams) -> None:
        self.made: set[str] = set()
        self.values: dict[str, dict[str, Any]] = {}
        self.cancelled: set[str] = set()
        self.rejected: dict[str, list[ChangeOperation]] = {}
        self._streams = streams
        self._asked: dict[str, Sequence[ChangeOperation]] = {}
        self._runs: dict[str, str] = {}
        self._before: dict[str, dict[tuple[str, str], Any]] = {}
        for recorded in history:
            self._fold(recorded)

    def _fold(self, recorded: Recorded) -> None:
        event, cause = recorded.event, recorded.cause or ""
        if isinstance(event, ShowsJoined):
            self._join(event, recorded.command_id)
        elif isinstance(event, ChangeRejected):
            for op in self._asked.get(event.change_id, ()):
                self.rejected.setdefault(op.show_id, []).append(op)
        elif cause in self._asked:
            self._did(event, {})
        elif cause.startswith("import_"):
            # Its undo has the run's id as its cause too, and is another command.
            if self._runs.setdefault(cause, recorded.command_id) == recorded.command_id:
                self._did(event, self._before.setdefault(cause, {}))
            else:
                self._undone(event, self._before[cause])

    def _did(self, event: Event, before: dict[tuple[str, str], Any]) -> None:
        """`before` takes what fields were set to by imports until then."""
        match event:
            case ChangeProposed(change_id=change_id, operations=operations):
                self._asked[change_id] = operations
            case ShowDrafted(shows=shows):
                self.made.update(draft.id for draft in shows)
                self.values |= {d.id: {name: getattr(d, name) for name in _SET} for d in shows}
            case ShowsEdited(edits=edits):
                for edit in edits:
                    values = self.values.setdefault(edit.show_id, {})
                    for name in fields_of(edit):
                        before.setdefault((edit.show_id, name), values.get(name, _UNSAID))
                        values[name] = getattr(edit, name)
            case ShowCancelled(show_id=show_id):
                self.cancelled.add(show_id)
            case _:
                pass

    def _undone(self, event: Event, before: Mapping[tuple[str, str], Any]) -> None:
        """A field is what imports made of it before the run; a show that comes back is the one that went."""
        match event:
            case ShowsEdited(edits=edits):
                for edit in edits:
                    values = self.values.setdefault(edit.show_id, {})
                    for name in fields_of(edit):
                        values[name] = before.get((edit.show_id, name), _UNSAID)
                        if values[name] is _UNSAID:
                            del values[name]
            case ShowDrafted(shows=shows):
                self.made.update(draft.id for draft in shows)
                self.values |= {d.id: dict(self.values.get(d.restored_from or "", {})) for d in shows}
            case _:
                pass

    def _join(self, event: ShowsJoined, command_id: str) -> None:
        """Takes over what imports did to shows in the stream that they left by the same command."""
        origin = self._streams(event.origin)
        left = next(i for i, recorded in enumerate(origin) if recorded.command_id == command_id)
        marks = _Marks(origin[:left], self._streams)
        for show_id in (moved.show.id for moved in event.shows):
            self.made |= marks.made & {show_id}
            self.cancelled |= marks.cancelled & {show_id}
            for mine, theirs in ((self.values, marks.values), (self.rejected, marks.rejected)):
                mine.pop(show_id, None)
                if show_id in theirs:
                    cast(dict[str, Any], mine)[show_id] = theirs[show_id]


def _said(value: Any) -> Any:
    """As a file can say it: of a platform only which one."""
    if isinstance(value, tuple):
        items = cast("tuple[PlatformLink | str, ...]", value)
        return tuple(each.platform_id if isinstance(each, PlatformLink) else each for each in items)
    return value
