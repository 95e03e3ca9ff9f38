"""What a schedule is, folded from its stream. Folding never refuses: history already happened.

The state is mutable and private to one command or one replay; decisions read it and answer events.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal, assert_never

import msgspec
from msgspec import UNSET, Struct

from domain.errors import CorruptHistory
from domain.events import (
    Hold,
    PlatformLink,
    ProposalWithdrawn,
    Recorded,
    ScheduleCancelled,
    ScheduleEdited,
    ScheduleEvent,
    ScheduleOpened,
    ScheduleProposed,
    ShowCancelled,
    ShowCompleted,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsConfirmed,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
    ShowStarted,
    VersionApproved,
    VersionNumbered,
    VersionRejected,
)
from domain.ids import fixed_id
from domain.schedule.machine import ScheduleStatus, ShowStatus


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


class Schedule(Struct, kw_only=True):
    """A schedule with its shows and versions. `version` is its stream's, `current_version` the newest
    numbered one; `proposed_by` the author of the version that waits for a decision."""

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
    _fold(schedule, event, recorded)
    return schedule


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
        created_at=recorded.at,
        created_by=recorded.actor.id,
        updated_at=recorded.at,
        updated_by=recorded.actor.id,
    )


def _fold(schedule: Schedule, event: ScheduleEvent, recorded: Recorded) -> None:  # noqa: PLR0912 - one arm an event
    match event:
        case ScheduleOpened():
            raise CorruptHistory(f"{recorded.originator_id} was opened twice")
        case ScheduleEdited():
            _set(schedule, event)
            schedule.has_unversioned_edits = True
        case ShowDrafted(shows=shows):
            schedule.time_zone, schedule.day_start = event.time_zone, event.day_start
            schedule.has_unversioned_edits = True
            schedule.shows |= {draft.id: _drafted(draft, recorded) for draft in shows}
        case ShowsEdited(edits=edits):
            schedule.time_zone, schedule.day_start = event.time_zone, event.day_start
            schedule.has_unversioned_edits = True
            for edit in edits:
                _set(_touched(schedule, edit.show_id, recorded), edit)
        case ShowsRemoved(show_ids=ids):
            schedule.has_unversioned_edits = True
            for show in _all_touched(schedule, ids, recorded):
                show.deleted_at, show.deleted_by = recorded.at, recorded.actor.id
        case ShowsRestored(show_ids=ids):
            schedule.has_unversioned_edits = True
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
            show = _touched(schedule, event.show_id, recorded)
            show.status, show.holds = "cancelled", ()
            show.reason_category, show.reason_note = event.reason_category, event.note
        case ScheduleCancelled(show_ids=ids, reason=reason):
            _move(schedule, "cancelled")
            for show in _all_touched(schedule, ids, recorded):
                show.status, show.holds = "cancelled", ()
                show.reason_note = reason
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


def _set(target: Struct, edit: ScheduleEdited | ShowEdit) -> None:
    """Takes over the fields that the edit names."""
    for name, value in msgspec.structs.asdict(edit).items():
        if value is not UNSET and name != "show_id":
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
    if event.kind == "confirmed":
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
