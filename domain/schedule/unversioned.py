"""Whether a plan differs from its newest version (SPEC 3, `has_unversioned_edits`): what was edited back, or
added and removed again, does not. Cheap for long plans: only shows touched since are kept and compared.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Final, Protocol

from domain.events import (
    ScheduleEdited,
    ScheduleEvent,
    ShowCancelled,
    ShowDrafted,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
)

PLANNED: Final = (
    "name",
    "start",
    "end",
    "room_id",
    "creators",
    "platforms",
    "show_type",
    "show_standard",
    "external_id",
    "note",
    "metadata",
)
"""What a planner sets of a show, in the order in which differences are told."""

HEADER: Final = ("name", "start_date", "end_date", "note")
"""What a planner sets of the schedule itself."""

Telling = ScheduleEdited | ShowDrafted | ShowsEdited | ShowsRemoved | ShowsRestored | ShowCancelled
"""Events that alter a plan without numbering it; each tells in `unversioned` how the plan stands after it."""

Values = tuple[Any, ...]
Then = dict[str, Values | None]
"""How the shows touched since the newest version were then; None for one that was not there."""


class _Show(Protocol):
    @property
    def status(self) -> str: ...
    @property
    def deleted_at(self) -> Any: ...


class _Plan(Protocol):
    @property
    def current_version(self) -> int | None: ...
    @property
    def header_then(self) -> Values: ...
    @property
    def shows_then(self) -> Then: ...
    @property
    def shows(self) -> Mapping[str, Any]: ...


_planned: Final = attrgetter(*PLANNED)
header: Final = attrgetter(*HEADER)


def remember(schedule: _Plan, event: ScheduleEvent) -> None:
    """Before an event is folded in: keeps how the shows that it touches were at the newest version. Before
    the first there is nothing to keep."""
    if schedule.current_version is None:
        return
    for show_id in _touched(event):
        if show_id not in schedule.shows_then:
            schedule.shows_then[show_id] = _values(schedule.shows.get(show_id))


def differs(schedule: _Plan) -> bool:
    """Whether its name, period or note, or what a planner sets of its shows, differs from its newest version;
    before the first, whether it has a show or another header than it was opened with.

    A status is no plan, but a show that a planner cancelled since is out of it: going back to the version
    would bring it back. What the schedule's own cancellation or deletion takes comes back as it was, and does
    not count.
    """
    if header(schedule) != schedule.header_then:
        return True
    if schedule.current_version is None:
        return any(show.deleted_at is None for show in schedule.shows.values())
    return any(_values(schedule.shows.get(show_id)) != then for show_id, then in schedule.shows_then.items())


def _touched(event: ScheduleEvent) -> Iterable[str]:
    match event:
        case ShowDrafted(shows=shows):
            return (draft.id for draft in shows)
        case ShowsEdited(edits=edits):
            return (edit.show_id for edit in edits)
        case ShowsRemoved(show_ids=ids) | ShowsRestored(show_ids=ids):
            return ids
        case ShowCancelled(show_id=show_id):
            return (show_id,)
        case _:
            return ()


def _values(show: _Show | None) -> Values | None:
    """What a planner sets of a show, and whether it is cancelled; None where it is removed, or not there."""
    if show is None or show.deleted_at is not None:
        return None
    return (*_planned(show), show.status == "cancelled")
