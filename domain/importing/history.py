"""What imports did to a schedule before, from its stream: which shows they made, which values they set and
which shows they cancelled. An applied change counts as the import's when an import asked for it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgspec import Struct

from domain.events import ChangeProposed, PlatformLink, Recorded, ShowCancelled, ShowDrafted, ShowsEdited
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule, Show


class Loaded(Struct, frozen=True):
    """A schedule as it is; the shows that imports made; for each show the values that imports set last; and
    the shows that an import cancelled."""

    schedule: Schedule
    made: frozenset[str]
    values: Mapping[str, Mapping[str, Any]]
    cancelled: frozenset[str]

    def edited(self, show: Show, name: str) -> bool:
        """Whether the field was set in Callboard since an import set it last, or never was by an import."""
        values = self.values.get(show.id, {})
        return name not in values or _said(values[name]) != _said(getattr(show, name))


def load(schedule: Schedule, history: Iterable[Recorded]) -> Loaded:
    """The state of a stream with what imports did to it."""
    asked: set[str] = set()
    made: set[str] = set()
    cancelled: set[str] = set()
    values: dict[str, dict[str, Any]] = {}
    for recorded in history:
        cause = recorded.cause or ""
        if not cause.startswith("import_") and cause not in asked:
            continue
        match recorded.event:
            case ChangeProposed(change_id=change_id):
                asked.add(change_id)
            case ShowDrafted(shows=shows):
                made.update(draft.id for draft in shows)
                values |= {d.id: {name: getattr(d, name) for name in _SET} for d in shows}
            case ShowsEdited(edits=edits):
                for edit in edits:
                    set_now = {name: getattr(edit, name) for name in fields_of(edit)}
                    values.setdefault(edit.show_id, {}).update(set_now)
            case ShowCancelled(show_id=show_id):
                cancelled.add(show_id)
            case _:
                pass
    return Loaded(schedule, frozenset(made), values, frozenset(cancelled))


_SET = ("name", "start", "end", "room_id", "creators", "platforms", "show_type", "show_standard", "note")


def _said(value: Any) -> Any:
    """As a file can say it: of a platform only which one."""
    if isinstance(value, tuple):
        items = cast("tuple[PlatformLink | str, ...]", value)
        return tuple(each.platform_id if isinstance(each, PlatformLink) else each for each in items)
    return value
