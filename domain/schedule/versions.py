"""Versions on request, how they are called, what differs between two, and going back to one."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.errors import IllegalTransition, NotFound
from domain.events import (
    ChangeOperation,
    ChangeProposed,
    Recorded,
    ScheduleEdited,
    ScheduleEvent,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
    VersionDeleted,
    VersionEdited,
    VersionNumbered,
    VersionRestored,
)
from domain.ids import NewId
from domain.schedule import proposal
from domain.schedule.changes import Needs, check_confirmed, fields_of
from domain.schedule.machine import check_schedule
from domain.schedule.planning import Studio
from domain.schedule.state import Schedule, Show, Version, evolve
from domain.schedule.unversioned import HEADER, PLANNED

_PLANNABLE: Final = ("draft", "confirmed")
_BOOKED: Final = frozenset({"confirmed", "archived"})
_NAMED: Final = 5


class ShowChanged(Struct, frozen=True):
    """A show that differs: for each field `{"from": ..., "to": ...}`."""

    show_id: str
    name: str
    fields: dict[str, dict[str, Any]]


class Differences(Struct, frozen=True):
    """Shows that only the later has, that only the earlier has, and that differ, each by start, then id.
    `confirmed` are those of the last, by id, whose status differs as one of the two plans is confirmed and
    the other not yet: that is said once of the plan, not of each show."""

    added: list[Show]
    removed: list[Show]
    changed: list[ShowChanged]
    confirmed: list[str] = []


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
        confirmed=_confirmed(earlier, later, changed),
    )


def beyond(changed: Iterable[ShowChanged], confirmed: Iterable[str]) -> list[ShowChanged]:
    """What differs of shows without the statuses of those `confirmed` with their plan; a show of which
    nothing else differs is left out."""
    along = frozenset(confirmed)
    left = [
        replace(each, fields={name: step for name, step in each.fields.items() if name != "status"})
        if each.show_id in along
        else each
        for each in changed
    ]
    return [each for each in left if each.fields]


def _confirmed(earlier: Schedule, later: Schedule, changed: Iterable[ShowChanged]) -> list[str]:
    """The shows that are drafts in one of two plans and booked in the other, which alone is confirmed."""
    booked = (earlier.status in _BOOKED, later.status in _BOOKED)
    if booked[0] == booked[1]:
        return []
    step = {"from": "draft", "to": "confirmed"} if booked[1] else {"from": "confirmed", "to": "draft"}
    return [each.show_id for each in changed if each.fields.get("status") == step]


def restore(
    schedule: Schedule, target: Schedule, number: int, *, studio: Studio, new_id: NewId
) -> list[ScheduleEvent]:
    """Makes a draft's plan what version `number` (`target`) was: its name, period and note come back, shows
    are removed, brought back or edited back; those that were cancelled since come back under new ids with
    `restored_from`. A version closes it. The same plan already is no event. Raises IllegalTransition outside
    draft.
    """
    check_schedule("propose", schedule.status)
    steps = Steps.between(schedule, target)
    events: list[ScheduleEvent] = [*_header_back(schedule, target)]
    if not steps and not events:
        return []
    zone: dict[str, Any] = {"time_zone": studio.time_zone, "day_start": studio.day_start}
    if steps.remove:
        events.append(ShowsRemoved(show_ids=steps.remove))
    if steps.back:
        events.append(ShowsRestored(show_ids=steps.back))
    if steps.edit:
        events.append(ShowsEdited(edits=steps.edit, **zone))
    if steps.again:
        drafts = tuple(drafted_again(schedule, show, new_id("show")) for show in steps.again)
        events.append(ShowDrafted(shows=drafts, **zone))
    version = proposal.version(schedule, proposal.next_number(schedule), "restored", note=f"version {number}")
    count = version.show_count - len(steps.remove) + len(steps.back) + len(steps.again)
    return [*events, msgspec.structs.replace(version, show_count=count)]


def asked_back(
    schedule: Schedule, target: Schedule, number: int, *, studio: Studio, approval: Needs, new_id: NewId
) -> list[ChangeProposed]:
    """Asks for the change that would bring a confirmed schedule back to version `number` (`target`), in a
    category that `approval` decides. The same plan already is no event. Raises EditDirectly elsewhere."""
    check_confirmed(schedule)
    steps = Steps.between(schedule, target)
    if not steps:
        return []
    gone = [*(target.shows[show_id] for show_id in steps.back), *steps.again]
    drafts = [drafted_again(schedule, show, new_id("show")) for show in gone]
    edits = [edit for edit in steps.edit if edit.show_id not in steps.back]
    operations = [
        *(ChangeOperation(op="add", show_id=draft.id, show=draft) for draft in drafts),
        *(
            ChangeOperation(op="update", show_id=edit.show_id, before=_before(schedule, edit), after=edit)
            for edit in edits
        ),
        *(ChangeOperation(op="cancel", show_id=each, reason_category="OTHER") for each in steps.remove),
    ]
    return [
        ChangeProposed(
            change_id=new_id("change"),
            category="OPERATIONAL",
            change_type="OTHER",
            reason=f"back to version {number}{_left_out(steps)}",
            base_version=schedule.current_version or 0,
            needs="none"
            if approval == "client" and not proposal.needs_approval(schedule, studio)
            else approval,
            operations=tuple(operations),
        )
    ]


class Steps(Struct, frozen=True):
    """What takes a plan to a version of it: shows to remove, removed ones to bring back, edits (of what is
    brought back too), and shows to draft again; and those of the version that live elsewhere by now."""

    remove: tuple[str, ...]
    back: tuple[str, ...]
    edit: tuple[ShowEdit, ...]
    again: tuple[Show, ...]
    moved: tuple[Show, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.remove or self.back or self.edit or self.again)

    @classmethod
    def between(cls, schedule: Schedule, target: Schedule) -> "Steps":
        """From the schedule as it is to the target. Shows that are over are left alone, and so are those that
        moved away, themselves or what stood in for them: they live elsewhere, and would be there twice."""
        wanted = [show for show in target.live_shows() if show.status in _PLANNABLE]
        here = {show.id: show for show in schedule.live_shows() if show.status in _PLANNABLE}
        names = {show.id for show in wanted}
        stand_ins = {_first(schedule, show): show for show in here.values() if show.id not in names}
        elsewhere = {_root(schedule, left or show_id) for show_id, left in schedule.left_for.items()}
        kept: set[str] = set()
        moved: list[Show] = []
        back: list[str] = []
        edits: list[ShowEdit] = []
        again: list[Show] = []
        for show in wanted:
            now = here.get(show.id) or stand_ins.get(_first(schedule, show)) or schedule.shows.get(show.id)
            # What went on in another schedule comes back by moving back.
            if now is None or (now.status == "cancelled" and _first(schedule, show) in elsewhere):
                moved.append(show)
                continue
            if now.deleted_at is None and now.status == "cancelled":
                again.append(show)
                continue
            if now.status not in _PLANNABLE:
                continue
            if now.deleted_at is not None:
                back.append(now.id)
            kept.add(now.id)
            edits += _edit_to(now, show)
        return cls(tuple(sorted(here.keys() - kept)), tuple(back), tuple(edits), tuple(again), tuple(moved))


def drafted_again(schedule: Schedule, show: Show, show_id: str) -> ShowDraft:
    """A show once more under a new id, saying which one it was. An external id stays with the show that was
    cancelled or went elsewhere."""
    planned: dict[str, Any] = {name: getattr(show, name) for name in PLANNED}
    now = schedule.shows.get(show.id)
    if now is None or now.deleted_at is None:
        planned["external_id"] = None
    return ShowDraft(id=show_id, restored_from=show.id, **planned)


def _header_back(schedule: Schedule, target: Schedule) -> list[ScheduleEdited]:
    """The edit that gives the schedule the name, period and note it had."""
    changed = {
        name: getattr(target, name) for name in HEADER if getattr(schedule, name) != getattr(target, name)
    }
    return [ScheduleEdited(**changed)] if changed else []


def _first(schedule: Schedule, show: Show) -> str:
    """The show that this one stands in for, however often it was cancelled and came back."""
    while show.restored_from in schedule.shows:
        show = schedule.shows[show.restored_from]
    return show.id


def _root(schedule: Schedule, show_id: str) -> str:
    """The show that began what this one, which may be gone, went on with."""
    return _first(schedule, schedule.shows[show_id]) if show_id in schedule.shows else show_id


def _left_out(steps: "Steps") -> str:
    """What a reason says of shows that going back does not bring back."""
    if not steps.moved:
        return ""
    names = ", ".join(show.name for show in steps.moved[:_NAMED])
    more = f" and {len(steps.moved) - _NAMED} more" if len(steps.moved) > _NAMED else ""
    return f", without what moved elsewhere: {names}{more}"


def _before(schedule: Schedule, edit: ShowEdit) -> ShowEdit:
    """What the fields that an edit sets are now."""
    show = schedule.shows[edit.show_id]
    return ShowEdit(show_id=show.id, **{name: getattr(show, name) for name in fields_of(edit)})


def _edit_to(now: Show, then: Show) -> list[ShowEdit]:
    """The edit that makes a show what it, or the one that it stands in for, was."""
    names = [name for name in PLANNED if now.id == then.id or name != "external_id"]
    changed = {name: getattr(then, name) for name in names if getattr(now, name) != getattr(then, name)}
    return [ShowEdit(show_id=now.id, **changed)] if changed else []


def _fields(before: Show, after: Show) -> dict[str, dict[str, Any]]:
    return {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in (*PLANNED, "status")
        if getattr(before, name) != getattr(after, name)
    }
