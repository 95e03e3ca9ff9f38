"""What a schedule is, folded from its stream. Folding never refuses: history already happened.

The state is mutable and private to one command or one replay; decisions read it and answer events.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal, assert_never

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from domain import waivers
from domain.errors import CorruptHistory
from domain.events import (
    ChangeAcknowledged,
    ChangeApproved,
    ChangeOperation,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    Hold,
    MovedShow,
    PlatformLink,
    ProposalWithdrawn,
    Recorded,
    ScheduleArchived,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEdited,
    ScheduleEvent,
    ScheduleOpened,
    ScheduleParked,
    ScheduleProposed,
    ScheduleReopened,
    ScheduleRestored,
    ScheduleResumed,
    ScheduleUnarchived,
    ShowCancelled,
    ShowCompleted,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowInterrupted,
    ShowResolved,
    ShowsConfirmed,
    ShowsEdited,
    ShowsJoined,
    ShowsLeft,
    ShowsRebooked,
    ShowsRemoved,
    ShowsRestored,
    ShowStarted,
    VersionApproved,
    VersionDeleted,
    VersionEdited,
    VersionNumbered,
    VersionRejected,
    VersionRestored,
    WaiverWithdrawn,
)
from domain.ids import fixed_id
from domain.schedule import unversioned
from domain.schedule.machine import ScheduleStatus, ShowStatus
from domain.waivers import Waiver


class Show(Struct, kw_only=True):
    """One show of a schedule as it is now. Removed shows stay, with `deleted_at`."""

    id: str
    name: str
    start: datetime
    end: datetime
    show_type: str
    show_standard: str
    room_id: str | None
    creators: tuple[str, ...]
    platforms: tuple[PlatformLink, ...]
    external_id: str | None
    note: str
    metadata: dict[str, Any]
    status: ShowStatus = "draft"
    holds: tuple[Hold, ...] = ()
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    reason_category: str | None = None
    reason_note: str | None = None
    restored_from: str | None = None
    version: int = 1
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None = None
    deleted_by: str | None = None


class Version(Struct, frozen=True, kw_only=True):
    """A numbered point of the stream; `position` is the stream version it stands for."""

    number: int
    kind: str
    label: str
    note: str
    position: int
    show_count: int
    created_at: datetime
    created_by: str
    deleted_at: datetime | None = None
    deleted_by: str | None = None


class Change(Struct, kw_only=True):
    """A request to alter agreed shows, and what became of it."""

    id: str
    category: str
    change_type: str
    reason: str
    base_version: int
    needs: Literal["client", "studio", "none"]
    operations: tuple[ChangeOperation, ...]
    proposed_by: str
    proposed_at: datetime
    status: Literal["proposed", "approved", "rejected", "withdrawn"] = "proposed"
    on_behalf: bool = False
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_note: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def version(self) -> int:
        """Counts what happened to it: 1 asked for, 2 decided, 3 acknowledged."""
        return 1 + (self.decided_at is not None) + (self.acknowledged_at is not None)


class Comment(Struct, kw_only=True):
    """Somebody's words on the schedule, one of its shows or one of its changes. `version` counts how often
    they were said anew, not that somebody has seen them."""

    id: str
    subject_id: str
    text: str
    version: int = 1
    created_at: datetime
    created_by: str
    updated_at: datetime
    deleted_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


class Schedule(Struct, kw_only=True):
    """A schedule with its shows and versions. `version` is its stream's, `current_version` the newest
    numbered one; `proposed_by` the author of the version that waits for a decision; `booked_once` whether
    a show of it was ever confirmed; `cancelled_with` the shows that the schedule's cancellation took,
    `deleted_with` those that its deletion did; `left_for` which show each that moved away stood in for, if
    any; `header_then` and `shows_then` what `unversioned` compares."""

    id: str
    version: int
    kind: Literal["plan", "single"]
    name: str
    studio_id: str
    client_id: str | None
    start_date: date
    end_date: date
    note: str
    status: ScheduleStatus = "draft"
    status_id: str = fixed_id("scstat", "draft")
    current_version: int | None = None
    approved_version: int | None = None
    has_unversioned_edits: bool = False
    proposed_by: str | None = None
    time_zone: str = "UTC"
    day_start: str = "06:00"
    shows: dict[str, Show] = {}
    versions: list[Version] = []
    changes: dict[str, Change] = {}
    comments: dict[str, Comment] = {}
    waivers: dict[str, Waiver] = {}
    booked_once: bool = False
    cancelled_with: tuple[str, ...] = ()
    deleted_with: tuple[str, ...] = ()
    left_for: dict[str, str | None] = {}
    header_then: tuple[Any, ...] = ()
    shows_then: unversioned.Then = {}
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None = None
    deleted_by: str | None = None

    def live_shows(self) -> list[Show]:
        """Shows that were not removed, by start, then id."""
        return sorted(
            (show for show in self.shows.values() if show.deleted_at is None), key=lambda s: (s.start, s.id)
        )


def replay(history: Iterable[Recorded]) -> Schedule | None:
    """The schedule that a stream tells of; None for an empty stream."""
    schedule: Schedule | None = None
    for recorded in history:
        schedule = evolve(schedule, recorded)
    return schedule


def evolve(schedule: Schedule | None, recorded: Recorded) -> Schedule:
    """Folds one recorded event in. Changes and answers the same state."""
    event = recorded.event
    if isinstance(event, ScheduleOpened):
        return _opened(event, recorded)
    if schedule is None or not isinstance(event, ScheduleEvent):
        raise CorruptHistory(f"{_place(recorded)} is no event of a schedule")
    schedule.version = recorded.originator_version
    schedule.updated_at, schedule.updated_by = recorded.at, recorded.actor.id
    unversioned.remember(schedule, event)
    _fold(schedule, event, recorded)
    waivers.end(schedule.waivers, recorded)
    return schedule


def told(schedule: Schedule, recorded: Recorded) -> Recorded:
    """Folds a new event in, and answers it saying how the plan stands to its newest version after it."""
    evolve(schedule, recorded)
    if not isinstance(recorded.event, unversioned.Telling):
        return recorded
    schedule.has_unversioned_edits = unversioned.differs(schedule)
    return replace(recorded, event=replace(recorded.event, unversioned=schedule.has_unversioned_edits))


def _opened(event: ScheduleOpened, recorded: Recorded) -> Schedule:
    return Schedule(
        id=recorded.originator_id,
        version=recorded.originator_version,
        kind=event.kind,
        name=event.name,
        studio_id=event.studio_id,
        client_id=event.client_id,
        start_date=event.start_date,
        end_date=event.end_date,
        note=event.note,
        shows={},
        versions=[],
        changes={},
        comments={},
        waivers={},
        header_then=(event.name, event.start_date, event.end_date, event.note),
        shows_then={},
        created_at=recorded.at,
        created_by=recorded.actor.id,
        updated_at=recorded.at,
        updated_by=recorded.actor.id,
    )


def _fold(schedule: Schedule, event: ScheduleEvent, recorded: Recorded) -> None:  # noqa: PLR0912, PLR0915
    match event:
        case ScheduleOpened():
            raise CorruptHistory(f"{recorded.originator_id} was opened twice")
        case ScheduleEdited():
            _set(schedule, event)
            schedule.has_unversioned_edits = event.unversioned is not False
        case ShowDrafted(shows=shows):
            schedule.time_zone, schedule.day_start = event.time_zone, event.day_start
            schedule.has_unversioned_edits = event.unversioned is not False
            schedule.shows |= {draft.id: _drafted(draft, recorded) for draft in shows}
        case ShowsEdited(edits=edits):
            schedule.time_zone, schedule.day_start = event.time_zone, event.day_start
            schedule.has_unversioned_edits = event.unversioned is not False
            for edit in edits:
                _set(_touched(schedule, edit.show_id, recorded), edit)
        case ShowsRemoved(show_ids=ids):
            schedule.has_unversioned_edits = event.unversioned is not False
            for show in _all_touched(schedule, ids, recorded):
                show.deleted_at, show.deleted_by = recorded.at, recorded.actor.id
        case ShowsRestored(show_ids=ids):
            schedule.has_unversioned_edits = event.unversioned is not False
            for show in _all_touched(schedule, ids, recorded):
                show.deleted_at = show.deleted_by = None
        case ScheduleProposed():
            _move(schedule, "proposed")
            schedule.proposed_by = recorded.actor.id
        case VersionNumbered():
            _number(schedule, event, recorded)
        case VersionApproved(number=number):
            schedule.approved_version = number
        case VersionRejected() | ProposalWithdrawn():
            _move(schedule, "draft")
            schedule.approved_version = schedule.proposed_by = None
        case ShowsConfirmed(bookings=bookings):
            _move(schedule, "confirmed")
            schedule.booked_once = True
            for booking in bookings:
                show = _touched(schedule, booking.show_id, recorded)
                show.status, show.holds = "confirmed", booking.holds
        case ShowStarted(show_id=show_id):
            _touched(schedule, show_id, recorded).status = "live"
        case ShowCompleted():
            show = _touched(schedule, event.show_id, recorded)
            show.status, show.holds = "completed", event.holds
            show.actual_start, show.actual_end = event.actual_start, event.actual_end
        case ShowCancelled():
            if event.unversioned is not None:
                schedule.has_unversioned_edits = event.unversioned
            show = _touched(schedule, event.show_id, recorded)
            show.status, show.holds = "cancelled", ()
            show.reason_category, show.reason_note = event.reason_category, event.note
        case ScheduleCancelled(show_ids=ids, reason=reason):
            _move(schedule, "cancelled")
            for show in _all_touched(schedule, ids, recorded):
                show.status, show.holds = "cancelled", ()
                show.reason_note = reason
            schedule.cancelled_with = ids
        case ScheduleReopened(show_ids=ids):
            _move(schedule, "draft")
            schedule.approved_version, schedule.cancelled_with = None, ()
            for show in _all_touched(schedule, ids, recorded):
                show.status, show.reason_category, show.reason_note = "draft", None, None
        case ScheduleArchived():
            _move(schedule, "archived")
        case ScheduleUnarchived():
            _move(schedule, "confirmed")
        case ScheduleParked(status_id=status_id):
            schedule.status, schedule.status_id = "other", status_id
        case ScheduleResumed():
            _move(schedule, "draft")
        case ScheduleDeleted(show_ids=ids):
            schedule.deleted_at, schedule.deleted_by = recorded.at, recorded.actor.id
            schedule.deleted_with = ids
            for show in _all_touched(schedule, ids, recorded):
                show.deleted_at, show.deleted_by = recorded.at, recorded.actor.id
        case ScheduleRestored(show_ids=ids):
            schedule.deleted_at = schedule.deleted_by = None
            schedule.deleted_with = ()
            for show in _all_touched(schedule, ids, recorded):
                show.deleted_at = show.deleted_by = None
        case ShowInterrupted():
            show = _touched(schedule, event.show_id, recorded)
            show.status = "cancelled_pending_resolution"
            show.reason_category, show.reason_note = event.reason_category, event.note
        case ShowResolved():
            show = _touched(schedule, event.show_id, recorded)
            show.status, show.holds = event.outcome, event.holds
        case ShowsRebooked(bookings=bookings):
            for booking in bookings:
                _touched(schedule, booking.show_id, recorded).holds = booking.holds
        case ShowsLeft(show_ids=ids):
            for show_id in ids:
                gone = schedule.shows.pop(show_id, None)
                schedule.left_for[show_id] = gone.restored_from if gone else None
        case ShowsJoined(shows=moved):
            schedule.time_zone, schedule.day_start = event.time_zone, event.day_start
            if any(each.status != "draft" for each in moved):
                _move(schedule, "confirmed")
                schedule.booked_once = True
            schedule.shows |= {each.show.id: _joined(each, recorded) for each in moved}
            for each in moved:
                schedule.left_for.pop(each.show.id, None)
        case VersionEdited() | VersionDeleted() | VersionRestored():
            _relabel(schedule, event, recorded)
        case ChangeProposed():
            schedule.changes[event.change_id] = _proposed(event, recorded)
        case ChangeApproved() | ChangeRejected() | ChangeWithdrawn():
            _decide(schedule.changes[event.change_id], event, recorded)
        case ChangeAcknowledged():
            change = schedule.changes[event.change_id]
            change.acknowledged_at, change.acknowledged_by = recorded.at, recorded.actor.id
        case CommentAdded():
            schedule.comments[event.comment_id] = Comment(
                id=event.comment_id,
                subject_id=event.subject_id,
                text=event.text,
                created_at=recorded.at,
                created_by=recorded.actor.id,
                updated_at=recorded.at,
            )
        case CommentEdited():
            comment = schedule.comments[event.comment_id]
            comment.text, comment.updated_at = event.text, recorded.at
            comment.version += 1
            comment.acknowledged_at = comment.acknowledged_by = None
        case CommentAcknowledged():
            comment = schedule.comments[event.comment_id]
            comment.acknowledged_at, comment.acknowledged_by = recorded.at, recorded.actor.id
        case CommentRemoved():
            comment = schedule.comments[event.comment_id]
            comment.deleted_at = recorded.at
            comment.version += 1
        case ConflictWaived():
            schedule.waivers[event.waiver_id] = waivers.given(event, recorded)
        case WaiverWithdrawn():
            pass  # As everything that ends one, `waivers.end` tells.
        case _:
            assert_never(event)


def _drafted(draft: ShowDraft, recorded: Recorded) -> Show:
    return Show(
        **msgspec.structs.asdict(draft),
        created_at=recorded.at,
        created_by=recorded.actor.id,
        updated_at=recorded.at,
        updated_by=recorded.actor.id,
    )


def _joined(moved: MovedShow, recorded: Recorded) -> Show:
    return Show(
        **msgspec.structs.asdict(moved.show),
        status=moved.status,  # type: ignore[arg-type] - as it was stored
        holds=moved.holds,
        version=moved.version + 1,
        created_at=moved.created_at,
        created_by=moved.created_by,
        updated_at=recorded.at,
        updated_by=recorded.actor.id,
    )


def _proposed(event: ChangeProposed, recorded: Recorded) -> Change:
    return Change(
        id=event.change_id,
        category=event.category,
        change_type=event.change_type,
        reason=event.reason,
        base_version=event.base_version,
        needs=event.needs,
        operations=event.operations,
        proposed_by=recorded.actor.id,
        proposed_at=recorded.at,
    )


_DECISIONS: dict[type, Literal["approved", "rejected", "withdrawn"]] = {
    ChangeApproved: "approved",
    ChangeRejected: "rejected",
    ChangeWithdrawn: "withdrawn",
}


def _decide(
    change: Change, event: ChangeApproved | ChangeRejected | ChangeWithdrawn, recorded: Recorded
) -> None:
    change.status = _DECISIONS[type(event)]
    change.decided_at, change.decided_by = recorded.at, recorded.actor.id
    change.decision_note = event.note
    change.on_behalf = not isinstance(event, ChangeWithdrawn) and event.on_behalf


def _relabel(
    schedule: Schedule, event: VersionEdited | VersionDeleted | VersionRestored, recorded: Recorded
) -> None:
    """Versions are values: the one concerned is replaced, so that what was read before stays as it was."""
    for index, version in enumerate(schedule.versions):
        if version.number != event.number:
            continue
        match event:
            case VersionEdited(label=label, note=note):
                changed = replace(
                    version,
                    label=version.label if label is UNSET else label,
                    note=version.note if note is UNSET else note,
                )
            case VersionDeleted():
                changed = replace(version, deleted_at=recorded.at, deleted_by=recorded.actor.id)
            case VersionRestored():
                changed = replace(version, deleted_at=None, deleted_by=None)
        schedule.versions[index] = changed


def _set(target: Struct, edit: ScheduleEdited | ShowEdit) -> None:
    """Takes over the fields that the edit names."""
    for name, value in msgspec.structs.asdict(edit).items():
        if value is not UNSET and name not in ("show_id", "unversioned"):
            setattr(target, name, value)


def _touched(schedule: Schedule, show_id: str, recorded: Recorded) -> Show:
    show = schedule.shows.get(show_id)
    if show is None:
        raise CorruptHistory(f"{_place(recorded)} names an unknown show {show_id}")
    show.version += 1
    show.updated_at, show.updated_by = recorded.at, recorded.actor.id
    return show


def _place(recorded: Recorded) -> str:
    return f"{recorded.originator_id}@{recorded.originator_version}"


def _all_touched(schedule: Schedule, ids: Iterable[str], recorded: Recorded) -> list[Show]:
    return [_touched(schedule, show_id, recorded) for show_id in ids]


def _move(schedule: Schedule, status: ScheduleStatus) -> None:
    schedule.status, schedule.status_id = status, fixed_id("scstat", status)


def _number(schedule: Schedule, event: VersionNumbered, recorded: Recorded) -> None:
    schedule.current_version = event.number
    schedule.has_unversioned_edits = False
    schedule.header_then, schedule.shows_then = unversioned.header(schedule), {}
    if event.kind == "confirmed" or event.agreed:
        schedule.approved_version = event.number
    schedule.versions.append(
        Version(
            number=event.number,
            kind=event.kind,
            label=event.label,
            note=event.note,
            position=recorded.originator_version,
            show_count=event.show_count,
            created_at=recorded.at,
            created_by=recorded.actor.id,
        )
    )
