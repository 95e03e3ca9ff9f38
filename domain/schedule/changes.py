"""Changes: a confirmed schedule is altered by a request that says before and after, which the side that
its category names approves or rejects as one (SPEC 5). An operation holds while each field it sets still
has its `before`; conflicts are checked when it is applied, under locks.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct

from domain.errors import ChangeConflict, EditDirectly, FieldError, IllegalTransition, Invalid, NotFound
from domain.events import (
    Booking,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeOperation,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    ScheduleEvent,
    ShowCancelled,
    ShowDrafted,
    ShowEdit,
    ShowsConfirmed,
    ShowsEdited,
    ShowsRebooked,
    VersionNumbered,
)
from domain.ids import NewId
from domain.schedule import proposal
from domain.schedule.lifecycle import ReasonCategory
from domain.schedule.planning import Id, NewShow, ShowPatch, Studio, draft, far_errors, show_edit, span_errors
from domain.schedule.state import Change, Schedule, Show

LATE_REASON: Final = 10
"""Characters that a late change's reason has at least."""

_HELD: Final = frozenset({"start", "end", "room_id", "creators"})
"""Fields that say what a booking holds."""

Needs = Literal["client", "studio", "none"]


class Add(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="add"):
    """A show to add."""

    show: NewShow


class Update(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="update"):
    """Fields of a show to set."""

    show_id: Id
    set: ShowPatch


class Cancel(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="cancel"):
    """A show to cancel."""

    show_id: Id
    reason_category: ReasonCategory


Operation = Add | Update | Cancel


class NewChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change to ask for. Category and type by key or id; `base_version` is the version number that the
    author looked at, by default the current one."""

    category: Id
    type: Id
    reason: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\S")]
    operations: Annotated[tuple[Operation, ...], Meta(min_length=1, max_length=1_000)]
    base_version: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None


def propose(
    schedule: Schedule,
    new: NewChange,
    *,
    studio: Studio,
    late_change_hours: int,
    approval: Needs,
    category: str,
    change_type: str,
    keys: Mapping[str, str],
    new_id: NewId,
    now: datetime,
) -> list[ChangeProposed]:
    """Asks for a change. What differs already needs no operation: an operation that changes nothing is
    refused, so that nobody approves air.

    Raises EditDirectly outside confirmed schedules, NotFound, Invalid with every wrong operation,
    IllegalTransition for a show that is past changing.
    """
    check_confirmed(schedule)
    base = schedule.current_version if new.base_version is None else new.base_version
    if base is None or base > (schedule.current_version or 0):
        raise Invalid.field("base_version", "unknown", f"there is no version {new.base_version} yet")
    wrong: list[FieldError] = []
    operations = [
        operation
        for index, asked in enumerate(new.operations)
        if (operation := _operation(schedule, asked, f"operations[{index}].", keys, new_id, wrong))
    ]
    wrong += _twice(operations)
    reason = new.reason.strip()
    if _late(schedule, operations, now, late_change_hours) and len(reason) < LATE_REASON:
        wrong.append(
            FieldError(
                "reason", "too_short", f"so close to the show, say why in {LATE_REASON} characters or more"
            )
        )
    if wrong:
        raise Invalid.fields(wrong)
    return [
        ChangeProposed(
            change_id=new_id("change"),
            category=category,
            change_type=change_type,
            reason=reason,
            base_version=base,
            needs=needed(schedule, studio, approval),
            operations=tuple(operations),
        )
    ]


def needed(schedule: Schedule, studio: Studio, approval: Needs) -> Needs:
    """Whose approval a category asks for here: a client that is not there, or not asked, approves nothing."""
    return approval if approval != "client" or proposal.needs_approval(schedule, studio) else "none"


def check_confirmed(schedule: Schedule) -> None:
    """Raises EditDirectly where there is nothing agreed to change."""
    if schedule.status != "confirmed":
        raise EditDirectly(
            f"this schedule is {schedule.status}: changes are for confirmed schedules, edit it directly"
        )


def find_change(schedule: Schedule, change_id: str) -> Change:
    """A change of this schedule. Raises NotFound."""
    change = schedule.changes.get(change_id)
    if change is None:
        raise NotFound(f"no change {change_id}")
    return change


def check_open(change: Change, command: str) -> None:
    """Raises IllegalTransition when it was decided before."""
    if change.status != "proposed":
        raise IllegalTransition(
            f"can't {command} a change that is {change.status}",
            status=change.status,
            command=command,
            allowed=[],
        )


def reject(schedule: Schedule, change_id: str, *, note: str, on_behalf: bool = False) -> list[ChangeRejected]:
    """Turns it down. Raises NotFound, IllegalTransition."""
    check_open(find_change(schedule, change_id), "reject")
    return [ChangeRejected(change_id=change_id, on_behalf=on_behalf, note=note.strip())]


def withdraw(schedule: Schedule, change_id: str, *, note: str = "") -> list[ChangeWithdrawn]:
    """Takes the request back. Raises NotFound, IllegalTransition."""
    check_open(find_change(schedule, change_id), "withdraw")
    return [ChangeWithdrawn(change_id=change_id, note=note.strip())]


def acknowledge(schedule: Schedule, change_id: str, *, note: str = "") -> list[ChangeAcknowledged]:
    """The client has seen what was applied without asking. Seen before is no event.

    Raises NotFound, IllegalTransition for a change that asked somebody.
    """
    change = find_change(schedule, change_id)
    if change.needs != "none" or change.status != "approved":
        raise IllegalTransition("only changes that were applied without asking are acknowledged", allowed=[])
    return [] if change.acknowledged_at else [ChangeAcknowledged(change_id=change_id, note=note.strip())]


def approve(
    schedule: Schedule, change_id: str, *, on_behalf: bool = False, note: str = ""
) -> list[ChangeApproved]:
    """Agrees to it. Raises NotFound, IllegalTransition, EditDirectly once the schedule is no longer
    confirmed, and ChangeConflict naming the fields that moved."""
    change = find_change(schedule, change_id)
    check_open(change, "approve")
    check_confirmed(schedule)
    if moved := _moved(schedule, change.operations):
        fields = ", ".join(sorted({error.path for error in moved}))
        raise ChangeConflict(
            f"the plan moved on since this was asked for: {fields}; ask again on what it is now",
            errors=moved,
            fields=[
                {"show_id": error.path.partition(".")[0], "field": error.path.partition(".")[2]}
                for error in moved
            ],
        )
    return [ChangeApproved(change_id=change_id, on_behalf=on_behalf, note=note.strip())]


def announced(
    schedule: Schedule, events: Sequence[ShowCancelled | VersionNumbered], new_id: NewId
) -> list[ScheduleEvent]:
    """The immediate cancellation of a booked show, with a change before it that was applied without asking,
    so that the client finds it in its inbox and acknowledges it. Without a client just the events."""
    if not events or schedule.client_id is None or schedule.status != "confirmed":
        return list(events)
    first = events[0]
    if not isinstance(first, ShowCancelled) or schedule.shows[first.show_id].status != "confirmed":
        return list(events)
    operation = ChangeOperation(op="cancel", show_id=first.show_id, reason_category=first.reason_category)
    proposed = ChangeProposed(
        change_id=new_id("change"),
        category="FORCE_MAJEURE",
        change_type="CANCELLATION",
        reason=first.note.strip() or first.reason_category,
        base_version=schedule.current_version or 0,
        needs="none",
        operations=(operation,),
    )
    return [proposed, ChangeApproved(change_id=proposed.change_id), *events]


def opened_by(events: Sequence[ScheduleEvent]) -> str | None:
    """The change that a command begins with, which is the cause of all its events; None for any other."""
    return events[0].change_id if events and isinstance(events[0], ChangeProposed) else None


def edits(change: Change, studio: Studio) -> list[ScheduleEvent]:
    """The drafting and editing that applying the change begins with; bookings come after the check."""
    zone: dict[str, Any] = {"time_zone": studio.time_zone, "day_start": studio.day_start}
    events: list[ScheduleEvent] = []
    if added := tuple(op.show for op in change.operations if op.show):
        events.append(ShowDrafted(shows=added, **zone))
    if changed := tuple(op.after for op in change.operations if op.after):
        events.append(ShowsEdited(edits=changed, **zone))
    events += [
        ShowCancelled(show_id=op.show_id, reason_category=op.reason_category or "OTHER", note=change.reason)
        for op in change.operations
        if op.op == "cancel"
    ]
    return events


def to_book(schedule: Schedule, change: Change) -> list[Show]:
    """The shows that the change books or books anew, as they are after `edits`, by start, then id. A
    booking whose time, room and creators stay is left as it was stored."""
    ids = {
        op.show_id
        for op in change.operations
        if op.op == "add"
        or (op.after and (schedule.shows[op.show_id].status == "draft" or _HELD & set(fields_of(op.after))))
    }
    return sorted((schedule.shows[i] for i in ids), key=lambda s: (s.start, s.id))


def keeps_room(show: Show, change: Change) -> bool:
    """Whether a booked show stays in its room at its time: then the room's span stays as it was stored,
    whatever became of the room's lead and turnaround since."""
    edited = {
        name for op in change.operations if op.show_id == show.id and op.after for name in fields_of(op.after)
    }
    return show.status != "draft" and not edited & {"start", "end", "room_id"}


def book(schedule: Schedule, bookings: Sequence[Booking]) -> list[ScheduleEvent]:
    """Books the drafts among the shows of a change and rebooks the others; closes with a version."""
    new = tuple(b for b in bookings if schedule.shows[b.show_id].status == "draft")
    moved = tuple(b for b in bookings if schedule.shows[b.show_id].status != "draft")
    events: list[ScheduleEvent] = []
    if new:
        events.append(ShowsConfirmed(bookings=new))
    if moved:
        events.append(ShowsRebooked(bookings=moved))
    number = proposal.next_number(schedule)
    return [*events, proposal.version(schedule, number, "change", agreed=True)]


def touched(schedule: Schedule, change: Change) -> set[str]:
    """Rooms and creators that the change lets go or takes."""
    found: set[str] = set()
    for op in change.operations:
        if show := schedule.shows.get(op.show_id):
            found.update(hold.resource_id for hold in show.holds)
            found.update(filter(None, (show.room_id, *show.creators)))
        for wanted in (op.show, op.after):
            if wanted is None:
                continue
            found.update(filter(None, [None if wanted.room_id is UNSET else wanted.room_id]))
            found.update(() if wanted.creators is UNSET else wanted.creators)
    return found


def _operation(  # noqa: PLR0917 - all of one look
    schedule: Schedule,
    asked: Operation,
    path: str,
    keys: Mapping[str, str],
    new_id: NewId,
    wrong: list[FieldError],
) -> ChangeOperation | None:
    match asked:
        case Add(show=new):
            if errors := span_errors(new.start, new.end, f"{path}show."):
                wrong += errors
                return None
            show = draft(new, keys, new_id("show"))
            return ChangeOperation(op="add", show_id=show.id, show=show)
        case Update(show_id=show_id, set=patch):
            show = _changeable(schedule, show_id, path, wrong)
            return show and _update(show, patch, path, keys, wrong)
        case Cancel(show_id=show_id, reason_category=category):
            show = _changeable(schedule, show_id, path, wrong)
            return show and ChangeOperation(op="cancel", show_id=show_id, reason_category=category)


def _changeable(schedule: Schedule, show_id: str, path: str, wrong: list[FieldError]) -> Show | None:
    show = schedule.shows.get(show_id)
    if show is None or show.deleted_at is not None:
        wrong.append(FieldError(f"{path}show_id", "unknown_reference", f"no show {show_id} in this schedule"))
        return None
    if show.status not in ("draft", "confirmed"):
        wrong.append(FieldError(f"{path}show_id", "illegal_transition", f"show {show_id} is {show.status}"))
        return None
    return show


def _update(
    show: Show, patch: ShowPatch, path: str, keys: Mapping[str, str], wrong: list[FieldError]
) -> ChangeOperation | None:
    if far := [*far_errors(patch.start, f"{path}set.start"), *far_errors(patch.end, f"{path}set.end")]:
        wrong += far
        return None
    after = show_edit(show, patch, keys)
    if after is None:
        wrong.append(FieldError(f"{path}set", "unchanged", "changes nothing: the show is like that already"))
        return None
    start = show.start if after.start is UNSET else after.start
    end = show.end if after.end is UNSET else after.end
    if errors := span_errors(start, end, f"{path}set."):
        wrong += errors
        return None
    before = ShowEdit(show_id=show.id, **{name: getattr(show, name) for name in fields_of(after)})
    return ChangeOperation(op="update", show_id=show.id, before=before, after=after)


def fields_of(edit: ShowEdit) -> list[str]:
    """The names of the fields that an edit sets."""
    given = msgspec.structs.asdict(edit)
    return [name for name, value in given.items() if value is not UNSET and name != "show_id"]


def _twice(operations: Iterable[ChangeOperation]) -> list[FieldError]:
    seen: set[str] = set()
    wrong: list[FieldError] = []
    for index, op in enumerate(operations):
        if op.show_id in seen:
            wrong.append(FieldError(f"operations[{index}].show_id", "repeated", "names a show a second time"))
        seen.add(op.show_id)
    return wrong


def _late(schedule: Schedule, operations: Iterable[ChangeOperation], now: datetime, hours: int) -> bool:
    """Whether a show that it touches starts, as it stands now, within the studio's late-change hours."""
    limit = now + timedelta(hours=hours)
    return any(schedule.shows[op.show_id].start < limit for op in operations if op.show_id in schedule.shows)


def _moved(schedule: Schedule, operations: Iterable[ChangeOperation]) -> list[FieldError]:
    """Where the plan is no longer what the operations were asked on: `show_id.field`, now and then."""
    moved: list[FieldError] = []
    for op in operations:
        show = schedule.shows.get(op.show_id)
        if op.op == "add":
            continue
        if show is None or show.deleted_at is not None or show.status not in ("draft", "confirmed"):
            now = "gone" if show is None or show.deleted_at else show.status
            moved.append(FieldError(f"{op.show_id}.status", "moved", f"the show is {now}"))
            continue
        if op.before is None:
            continue
        for name in fields_of(op.before):
            then, now = getattr(op.before, name), getattr(show, name)
            if then != now:
                moved.append(
                    FieldError(f"{op.show_id}.{name}", "moved", f"was {_said(then)}, is {_said(now)}")
                )
        moved += _no_span(show, op.after)
    return moved


def _no_span(show: Show, after: ShowEdit | None) -> list[FieldError]:
    """Where one change set a show's start and another its end: the two together may be no span."""
    if after is None:
        return []
    start = show.start if after.start is UNSET else after.start
    end = show.end if after.end is UNSET else after.end
    other = "start" if after.start is UNSET else "end"
    return [FieldError(f"{show.id}.{other}", "moved", e.message) for e in span_errors(start, end)]


def _said(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)
