"""What each event of a stream changed, before and after, told while the stream is folded. Pure: it asks no
read table, so a history reads the same for ever."""

from collections.abc import Iterable
from copy import copy
from typing import Any, Final, Literal, assert_never

from msgspec import Struct

from domain.events import (
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    EntityCreated,
    EntityDeleted,
    EntityEvent,
    EntityRestored,
    EntityUpdated,
    ImportApplied,
    ImportFailed,
    ImportUndone,
    PasswordSet,
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
    ShowDrafted,
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
from domain.registry.row import Row
from domain.registry.row import evolve as evolve_row
from domain.schedule.state import Schedule, Show, evolve
from domain.schedule.versions import PLANNED

Facts = dict[str, Any]
Subject = tuple[str, str]
"""Kind and id of something that an event may change."""

_SCHEDULE: Final = (
    "name", "start_date", "end_date", "note", "status", "current_version", "approved_version"
)  # fmt: skip
_SHOW: Final = (
    *PLANNED, "status", "actual_start", "actual_end", "reason_category", "reason_note", "holds"
)  # fmt: skip
_CHANGE: Final = ("status", "decision_note", "on_behalf", "acknowledged_by")
_COMMENT: Final = ("text", "acknowledged_by")
_VERSION: Final = ("label", "note")
_WAIVER: Final = ("code", "other", "resource_id", "reason")
_EMPTY: Final[tuple[Any, ...]] = (None, "", (), {}, [])


class Altered(Struct, frozen=True, kw_only=True):
    """One thing that an event changed: `kind` is `schedule`, `show`, `version`, `change`, `comment`, `waiver`
    or that of a row (`room`, `client` ...), `name` how it was called. Each of `fields` is
    `{"from": ..., "to": ...}`: what was added or removed has all that it holds, what moved the streams it
    went from and to."""

    kind: str
    id: str
    name: str
    what: Literal["added", "removed", "changed", "moved"]
    fields: dict[str, dict[str, Any]]


class Story:
    """One stream, told up to its event number `version`. Feed it all events in order."""

    def __init__(self) -> None:
        self.version = 0
        self._schedule: Schedule | None = None
        self._row: Row | None = None

    @property
    def title(self) -> str:
        """What the schedule is called now; empty for other streams."""
        return self._schedule.name if self._schedule else ""

    def shows(self, changes: Iterable[Altered]) -> dict[str, Show]:
        """The shows among these changes, by id, as they are now."""
        every = self._schedule.shows if self._schedule else {}
        return {each.id: copy(every[each.id]) for each in changes if each.id in every}

    def skip(self, recorded: Recorded) -> None:
        """Folds an event in that nobody asked about."""
        self.version = recorded.originator_version
        event = recorded.event
        if isinstance(event, ScheduleEvent):
            self._schedule = evolve(self._schedule, recorded)
        elif isinstance(event, EntityEvent):
            self._row = evolve_row(self._row, recorded)

    def tell(self, recorded: Recorded) -> tuple[Altered, ...]:
        """Folds an event in and answers what it changed."""
        event = recorded.event
        if isinstance(event, ShowsLeft | ShowsJoined):
            return self._moved(event, recorded)
        subjects = _subjects(recorded)
        before = [self._facts(subject) for subject in subjects]
        self.skip(recorded)
        after = [self._facts(subject) for subject in subjects]
        told = (
            _altered(subject, old, new) for subject, old, new in zip(subjects, before, after, strict=True)
        )
        return tuple(each for each in told if each is not None)

    def _moved(self, event: ShowsLeft | ShowsJoined, recorded: Recorded) -> tuple[Altered, ...]:
        here = recorded.originator_id
        came = isinstance(event, ShowsJoined)
        way = {"from": event.origin, "to": here} if came else {"from": here, "to": event.to}
        ids = [each.show.id for each in event.shows] if came else event.show_ids
        names = {} if came else self._names(ids)
        self.skip(recorded)
        names = self._names(ids) if came else names
        return tuple(
            Altered(
                kind="show",
                id=show_id,
                name=names.get(show_id, ""),
                what="moved",
                fields={"schedule_id": way},
            )
            for show_id in ids
        )

    def _names(self, ids: Iterable[str]) -> dict[str, str]:
        shows = self._schedule.shows if self._schedule else {}
        return {show_id: shows[show_id].name for show_id in ids if show_id in shows}

    def _facts(self, subject: Subject) -> tuple[str, Facts] | None:  # noqa: PLR0911 - one arm a kind
        """What something is called and what it holds; None where it is not there, or was deleted."""
        kind, name = subject
        plan = self._schedule
        match kind:
            case "schedule":
                return None if plan is None or plan.deleted_at else (plan.name, _taken(plan, _SCHEDULE))
            case "show":
                show = plan.shows.get(name) if plan else None
                return None if show is None or show.deleted_at else (show.name, _taken(show, _SHOW))
            case "change":
                change = plan.changes.get(name) if plan else None
                return (
                    (f"{change.category} {change.change_type}", _taken(change, _CHANGE)) if change else None
                )
            case "comment":
                comment = plan.comments.get(name) if plan else None
                if comment is None or comment.deleted_at is not None:
                    return None
                return f"on {comment.subject_id}", _taken(comment, _COMMENT)
            case "waiver":
                waiver = plan.waivers.get(name) if plan else None
                if waiver is None or waiver.ended_at is not None:
                    return None
                return f"{waiver.code} of {waiver.show_id}", _taken(waiver, _WAIVER)
            case "version":
                versions = plan.versions if plan else []
                found = next((v for v in versions if str(v.number) == name and v.deleted_at is None), None)
                return (f"version {name}", _taken(found, _VERSION)) if found else None
            case _:
                row = self._row
                if row is None or row.deleted_at is not None:
                    return None
                return _called(row.values), dict(row.values)


def _subjects(recorded: Recorded) -> list[Subject]:  # noqa: PLR0911, PLR0912 - one arm a kind
    """All that an event may change: the stream's own state, and what the event names in it."""
    event, plan = recorded.event, ("schedule", recorded.originator_id)
    match event:
        case EntityCreated() | EntityUpdated() | EntityDeleted() | EntityRestored():
            return [(event.kind, recorded.originator_id)]
        case ImportApplied() | ImportFailed() | ImportUndone() | BulkRan() | PasswordSet():
            return []
        case ShowDrafted(shows=shows):
            return [plan, *(("show", show.id) for show in shows)]
        case ShowsEdited(edits=edits):
            return [plan, *(("show", edit.show_id) for edit in edits)]
        case ShowsConfirmed(bookings=bookings) | ShowsRebooked(bookings=bookings):
            return [plan, *(("show", booking.show_id) for booking in bookings)]
        case (
            ShowsRemoved(show_ids=ids)
            | ShowsRestored(show_ids=ids)
            | ScheduleCancelled(show_ids=ids)
            | ScheduleReopened(show_ids=ids)
            | ScheduleDeleted(show_ids=ids)
            | ScheduleRestored(show_ids=ids)
            | ShowsLeft(show_ids=ids)
        ):
            return [plan, *(("show", show_id) for show_id in ids)]
        case ShowsJoined(shows=moved):
            return [plan, *(("show", each.show.id) for each in moved)]
        case ShowStarted() | ShowCompleted() | ShowCancelled() | ShowInterrupted() | ShowResolved():
            return [plan, ("show", event.show_id)]
        case (
            ChangeProposed() | ChangeApproved() | ChangeRejected() | ChangeWithdrawn() | ChangeAcknowledged()
        ):
            return [plan, ("change", event.change_id)]
        case CommentAdded() | CommentEdited() | CommentRemoved() | CommentAcknowledged():
            return [plan, ("comment", event.comment_id)]
        case ConflictWaived() | WaiverWithdrawn():
            return [plan, ("waiver", event.waiver_id)]
        case VersionEdited() | VersionDeleted() | VersionRestored():
            return [plan, ("version", str(event.number))]
        case (
            ScheduleOpened()
            | ScheduleEdited()
            | ScheduleProposed()
            | VersionNumbered()
            | VersionApproved()
            | VersionRejected()
            | ProposalWithdrawn()
            | ScheduleArchived()
            | ScheduleUnarchived()
            | ScheduleParked()
            | ScheduleResumed()
        ):
            return [plan]
        case _:
            assert_never(event)


def _altered(
    subject: Subject, before: tuple[str, Facts] | None, after: tuple[str, Facts] | None
) -> Altered | None:
    if before is None and after is None:
        return None
    old, new = before[1] if before else {}, after[1] if after else {}
    whole = before is None or after is None
    fields = {
        name: {"from": old.get(name), "to": new.get(name)}
        for name in old | new
        if old.get(name) != new.get(name) and not (whole and (old | new)[name] in _EMPTY)
    }
    if not fields and not whole:
        return None
    kind, subject_id = subject
    title = (before or after or ("",))[0]
    what = "added" if before is None else "removed" if after is None else "changed"
    return Altered(kind=kind, id=subject_id, name=title, what=what, fields=fields)


def _taken(of: Struct, names: Iterable[str]) -> Facts:
    return {name: getattr(of, name) for name in names}


def _called(values: Facts) -> str:
    return str(next((values[field] for field in ("name", "key", "reason", "role") if field in values), ""))
