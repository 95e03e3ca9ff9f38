"""Versions on request, how they are called, what differs between two, and going back to one."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.errors import IllegalTransition, Invalid, NotFound
from domain.events import (
    Recorded,
    ScheduleEvent,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    ShowsRemoved,
    VersionDeleted,
    VersionEdited,
    VersionNumbered,
    VersionRestored,
)
from domain.ids import NewId
from domain.schedule import proposal
from domain.schedule.machine import check_schedule
from domain.schedule.planning import Studio
from domain.schedule.state import Schedule, Show, Version, evolve

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


class ShowChanged(Struct, frozen=True):
    """A show that differs: for each field `{"from": ..., "to": ...}`."""

    show_id: str
    name: str
    fields: dict[str, dict[str, Any]]


class Differences(Struct, frozen=True):
    """Shows that only the later has, that only the earlier has, and that differ, each by start, then id."""

    added: list[Show]
    removed: list[Show]
    changed: list[ShowChanged]


def checkpoint(schedule: Schedule, *, label: str, note: str = "") -> list[VersionNumbered]:
    """Numbers the plan as it is. A plan that has not changed since its version needs no other: no event."""
    if schedule.current_version is not None and not schedule.has_unversioned_edits:
        return []
    number = proposal.next_number(schedule)
    return [proposal.version(schedule, number, "checkpoint", label=label.strip(), note=note)]


def find_version(schedule: Schedule, number: int, *, deleted: bool = False) -> Version:
    """A version of this schedule. Raises NotFound, for deleted ones too unless asked for."""
    for version in schedule.versions:
        if version.number == number and (deleted or version.deleted_at is None):
            return version
    raise NotFound(f"no version {number}")


def edit(
    schedule: Schedule, number: int, *, label: str | UnsetType = UNSET, note: str | UnsetType = UNSET
) -> list[VersionEdited]:
    """Calls a version something else. Nothing different is no event. Raises NotFound."""
    version = find_version(schedule, number)
    changed = {
        name: value
        for name, value in (("label", label), ("note", note))
        if value is not UNSET and value != getattr(version, name)
    }
    return [VersionEdited(number=number, **changed)] if changed else []


def delete(schedule: Schedule, number: int) -> list[VersionDeleted]:
    """Soft, and for checkpoints only: the others are what was shown, agreed or booked.

    Raises NotFound, IllegalTransition. Deleted before is no event.
    """
    version = find_version(schedule, number, deleted=True)
    if version.kind != "checkpoint":
        raise IllegalTransition(
            f"version {number} is {version.kind}: only checkpoints are deleted", allowed=[]
        )
    return [] if version.deleted_at else [VersionDeleted(number=number)]


def undelete(schedule: Schedule, number: int) -> list[VersionRestored]:
    """Brings a deleted checkpoint back. Not deleted is no event. Raises NotFound."""
    version = find_version(schedule, number, deleted=True)
    return [VersionRestored(number=number)] if version.deleted_at else []


def as_of(history: Iterable[Recorded], number: int) -> Schedule:
    """The schedule as its version `number` was. Raises NotFound."""
    schedule: Schedule | None = None
    for recorded in history:
        schedule = evolve(schedule, recorded)
        if isinstance(recorded.event, VersionNumbered) and recorded.event.number == number:
            return schedule
    raise NotFound(f"no version {number}")


def differences(earlier: Schedule, later: Schedule) -> Differences:
    """What a planner sets, plus status, by the identity of shows."""
    before = {show.id: show for show in earlier.live_shows()}
    after = {show.id: show for show in later.live_shows()}
    changed = [
        ShowChanged(show.id, show.name, fields)
        for show in later.live_shows()
        if show.id in before and (fields := _fields(before[show.id], show))
    ]
    return Differences(
        added=[show for show in later.live_shows() if show.id not in before],
        removed=[show for show in earlier.live_shows() if show.id not in after],
        changed=changed,
    )


def restore(
    schedule: Schedule, target: Schedule, number: int, *, studio: Studio, new_id: NewId
) -> list[ScheduleEvent]:
    """Makes a draft's plan what version `number` (`target`) was: shows are removed, edited back, or come
    back; those that were cancelled or removed since under new ids with `restored_from`. A version closes
    it. The same plan already is no event. Raises IllegalTransition outside draft.
    """
    check_schedule("propose", schedule.status)
    steps = Steps.between(schedule, target)
    if not steps:
        return []
    zone = {"time_zone": studio.time_zone, "day_start": studio.day_start}
    events: list[ScheduleEvent] = []
    if steps.remove:
        events.append(ShowsRemoved(show_ids=steps.remove))
    if steps.edit:
        events.append(ShowsEdited(edits=steps.edit, **zone))
    if steps.again:
        drafts = tuple(drafted_again(show, new_id("show")) for show in steps.again)
        events.append(ShowDrafted(shows=drafts, **zone))
    version = proposal.version(schedule, proposal.next_number(schedule), "restored", note=f"version {number}")
    count = len(schedule.live_shows()) - len(steps.remove) + len(steps.again)
    return [*events, msgspec.structs.replace(version, show_count=count)]


class Steps(Struct, frozen=True):
    """What takes a plan to a version of it: drafts to remove, edits, and shows to draft again."""

    remove: tuple[str, ...]
    edit: tuple[ShowEdit, ...]
    again: tuple[Show, ...]

    def __bool__(self) -> bool:
        return bool(self.remove or self.edit or self.again)

    @classmethod
    def between(cls, schedule: Schedule, target: Schedule) -> "Steps":
        """From the schedule as it is to the target; shows that are over are left alone."""
        wanted = {s.id: s for s in target.live_shows() if s.status in ("draft", "confirmed")}
        here = {s.id: s for s in schedule.live_shows() if s.status in ("draft", "confirmed")}
        again_already = {s.restored_from for s in here.values() if s.restored_from}
        edits = [
            ShowEdit(show_id=show_id, **{name: getattr(show, name) for name in differing})
            for show_id, show in wanted.items()
            if show_id in here and (differing := _differing(here[show_id], show))
        ]
        remove = [i for i, show in here.items() if i not in wanted and show.restored_from not in wanted]
        again = [
            show
            for i, show in wanted.items()
            if i not in here and i not in again_already and _gone(schedule, i)
        ]
        return cls(tuple(sorted(remove)), tuple(edits), tuple(again))


def drafted_again(show: Show, show_id: str) -> ShowDraft:
    """A show once more under a new id, saying which one it was."""
    planned: Mapping[str, Any] = {name: getattr(show, name) for name in PLANNED}
    return ShowDraft(id=show_id, restored_from=show.id, **planned)


def check_number(number: int, schedule: Schedule) -> None:
    """Raises Invalid for a number that no version has yet."""
    if number > (schedule.current_version or 0):
        raise Invalid.field("version", "unknown", f"there is no version {number} yet")


def _gone(schedule: Schedule, show_id: str) -> bool:
    """Whether the show was removed or cancelled, rather than being live or over."""
    show = schedule.shows.get(show_id)
    return show is None or show.deleted_at is not None or show.status == "cancelled"


def _differing(one: Show, other: Show) -> list[str]:
    return [name for name in PLANNED if getattr(one, name) != getattr(other, name)]


def _fields(before: Show, after: Show) -> dict[str, dict[str, Any]]:
    return {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in (*PLANNED, "status")
        if getattr(before, name) != getattr(after, name)
    }
