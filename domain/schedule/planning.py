"""Draft, edit, remove and restore shows; edit the schedule itself. Pure: arguments in, events out.

In a draft schedule planners do this at will; a proposed one is frozen; a confirmed one changes only by
changes (SPEC 3).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from domain.errors import FieldError, IllegalTransition, Invalid, NeedsChange, NotFound
from domain.events import (
    PlatformLink,
    ScheduleEdited,
    ScheduleOpened,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
)
from domain.ids import NewId
from domain.schedule.state import Schedule, Show
from domain.slots import utc

LONGEST: Final = timedelta(hours=24)
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)

Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
Note = Annotated[str, Meta(max_length=10_000)]
Moment = Annotated[datetime, Meta(tz=True)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200)]
Id = Annotated[str, Meta(min_length=1, max_length=100)]


class Platform(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a show streams."""

    platform_id: Id
    link: Annotated[str, Meta(max_length=2_000)] | None = None
    platform_show_id: Annotated[str, Meta(max_length=200)] | None = None


class NewShow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A show to draft. Type and standard by key or id."""

    name: Name
    start: Moment
    end: Moment
    room_id: Id | None = None
    creators: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()
    platforms: Annotated[tuple[Platform, ...], Meta(max_length=50)] = ()
    show_type: Id = "other"
    show_standard: Id = "standard"
    external_id: ExternalId | None = None
    note: Note = ""
    metadata: dict[str, Any] = {}


class ShowPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a show to change; absent ones stay."""

    name: Name | UnsetType = UNSET
    start: Moment | UnsetType = UNSET
    end: Moment | UnsetType = UNSET
    room_id: Id | UnsetType | None = UNSET
    creators: Annotated[tuple[Id, ...], Meta(max_length=100)] | UnsetType = UNSET
    platforms: Annotated[tuple[Platform, ...], Meta(max_length=50)] | UnsetType = UNSET
    show_type: Id | UnsetType = UNSET
    show_standard: Id | UnsetType = UNSET
    external_id: ExternalId | UnsetType | None = UNSET
    note: Note | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


class NewSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A schedule to open. Dates are studio days, both included."""

    name: Name
    studio_id: Id
    start_date: date
    end_date: date
    client_id: Id | None = None
    note: Note = ""


class SchedulePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a schedule to change; absent ones stay."""

    name: Name | UnsetType = UNSET
    start_date: date | UnsetType = UNSET
    end_date: date | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class Studio(Struct, frozen=True):
    """What the rules ask of a studio."""

    id: str
    time_zone: str
    day_start: str
    client_approval: bool
    late_change_hours: int = 24


def open_schedule(new: NewSchedule) -> list[ScheduleOpened]:
    """Raises Invalid when the period ends before it starts."""
    _check_period(new.start_date, new.end_date)
    return [
        ScheduleOpened(
            name=new.name.strip(),
            studio_id=new.studio_id,
            client_id=new.client_id,
            start_date=new.start_date,
            end_date=new.end_date,
            note=new.note,
        )
    ]


def edit_schedule(schedule: Schedule, patch: SchedulePatch) -> list[ScheduleEdited]:
    """Name, period and note. Nothing different is no event.

    Raises IllegalTransition, NeedsChange, Invalid.
    """
    check_editable(schedule)
    changed = _changed(schedule, patch)
    _check_period(changed.get("start_date", schedule.start_date), changed.get("end_date", schedule.end_date))
    return [ScheduleEdited(**changed)] if changed else []


def draft_shows(
    schedule: Schedule, shows: Sequence[NewShow], *, studio: Studio, keys: Mapping[str, str], new_id: NewId
) -> list[ShowDrafted]:
    """One event for all of them. `keys` maps what was given as type or standard to its key.

    Raises Invalid naming every wrong row (`shows[3].end`), IllegalTransition, NeedsChange.
    """
    check_editable(schedule)
    wrong = [
        e for index, show in enumerate(shows) for e in span_errors(show.start, show.end, f"shows[{index}].")
    ]
    if wrong:
        raise Invalid.fields(wrong)
    drafts = tuple(draft(show, keys, new_id("show")) for show in shows)
    return [ShowDrafted(shows=drafts, time_zone=studio.time_zone, day_start=studio.day_start)]


def draft(show: NewShow, keys: Mapping[str, str], show_id: str) -> ShowDraft:
    """What the event holds of a show to draft: times in UTC, creators once each."""
    return ShowDraft(
        id=show_id,
        name=show.name.strip(),
        start=utc(show.start),
        end=utc(show.end),
        show_type=keys[show.show_type],
        show_standard=keys[show.show_standard],
        room_id=show.room_id,
        creators=tuple(dict.fromkeys(show.creators)),
        platforms=links(show.platforms),
        external_id=show.external_id,
        note=show.note,
        metadata=show.metadata,
    )


def edit_show(
    schedule: Schedule, show_id: str, patch: ShowPatch, *, studio: Studio, keys: Mapping[str, str]
) -> list[ShowsEdited]:
    """Only what differs is recorded; nothing different is no event.

    Raises NotFound, Invalid, IllegalTransition (frozen, or the show is no draft), NeedsChange.
    """
    show = find_show(schedule, show_id)
    check_editable(schedule, show)
    edit = checked_edit(show, patch, keys)
    if edit is None:
        return []
    return [ShowsEdited(edits=(edit,), time_zone=studio.time_zone, day_start=studio.day_start)]


def checked_edit(show: Show, patch: ShowPatch, keys: Mapping[str, str]) -> ShowEdit | None:
    """The patch reduced to what differs, None when nothing does. Raises Invalid for an unsound span."""
    if far := [*far_errors(patch.start, "start"), *far_errors(patch.end, "end")]:
        raise Invalid(far[0].message, errors=far)
    edit = show_edit(show, patch, keys)
    if edit is None:
        return None
    start = show.start if edit.start is UNSET else edit.start
    end = show.end if edit.end is UNSET else edit.end
    if wrong := span_errors(start, end):
        raise Invalid(wrong[0].message, errors=wrong)
    return edit


def show_edit(show: Show, patch: ShowPatch, keys: Mapping[str, str]) -> ShowEdit | None:
    """The patch in stored form, reduced to what differs from the show; None when nothing does."""
    stored: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(patch).items():
        match name, value:
            case _, UnsetType():
                continue
            case "start" | "end", datetime():
                stored[name] = utc(value)
            case "show_type" | "show_standard", str():
                stored[name] = keys[value]
            case "creators", _:
                stored[name] = tuple(dict.fromkeys(value))
            case "platforms", _:
                stored[name] = links(value)
            case "name", str():
                stored[name] = value.strip()
            case _:
                stored[name] = value
    changed = {name: value for name, value in stored.items() if getattr(show, name) != value}
    return ShowEdit(show_id=show.id, **changed) if changed else None


def remove_show(schedule: Schedule, show_id: str) -> list[ShowsRemoved]:
    """Takes a draft out of the plan. Removed before is no event.

    Raises NotFound, IllegalTransition, NeedsChange.
    """
    show = schedule.shows.get(show_id)
    if show is not None and show.deleted_at is not None:
        return []
    show = find_show(schedule, show_id)
    check_editable(schedule, show)
    return [ShowsRemoved(show_ids=(show_id,))]


def restore_show(schedule: Schedule, show_id: str) -> list[ShowsRestored]:
    """Brings a removed draft back as it was, whatever became of its room and creators since: conflicts
    tell. Raises NotFound, IllegalTransition, NeedsChange."""
    show = schedule.shows.get(show_id)
    if show is None:
        raise NotFound(f"no show {show_id}")
    check_editable(schedule, show)
    return [ShowsRestored(show_ids=(show_id,))] if show.deleted_at is not None else []


def find_show(schedule: Schedule, show_id: str) -> Show:
    """A show that was not removed. Raises NotFound."""
    show = schedule.shows.get(show_id)
    if show is None or show.deleted_at is not None:
        raise NotFound(f"no show {show_id}")
    return show


WAYS_BACK: Final[Mapping[str, tuple[str, ...]]] = {
    "proposed": ("reject", "withdraw"),
    "other": ("resume",),
    "archived": ("unarchive",),
    "cancelled": ("reopen",),
}
"""What makes a plan that is not edited one that is."""


def check_editable(schedule: Schedule, show: Show | None = None) -> None:
    """Raises NeedsChange in a confirmed schedule, IllegalTransition where the plan is frozen or the
    show is past being a draft."""
    if schedule.status == "confirmed":
        raise NeedsChange(
            "this schedule is confirmed: ask for a change with POST"
            f" /api/v1/schedules/{schedule.id}/changes instead of editing it"
        )
    if schedule.status != "draft":
        allowed = list(WAYS_BACK[schedule.status])
        word = "parked" if schedule.status == "other" else schedule.status
        raise IllegalTransition(
            f"a {word} schedule is not edited; {' or '.join(allowed[::-1])} it first",
            status=schedule.status,
            allowed=allowed,
        )
    if show is not None and show.status != "draft":
        raise IllegalTransition(f"a {show.status} show is not edited", status=show.status, allowed=[])


def span_errors(start: datetime, end: datetime, prefix: str = "") -> list[FieldError]:
    """What is wrong with a show's time: it must end after it starts and last 24 h at most (SPEC 4)."""
    if far := [*far_errors(start, f"{prefix}start"), *far_errors(end, f"{prefix}end")]:
        return far
    if end <= start:
        return [FieldError(f"{prefix}end", "not_after_start", "must be after start")]
    if end - start > LONGEST:
        return [FieldError(f"{prefix}end", "too_long", "a show lasts 24 hours at most")]
    return []


def far_errors(moment: datetime | UnsetType | None, path: str) -> list[FieldError]:
    """A moment so far off that its day in some zone can't be told is a mistake."""
    if not isinstance(moment, datetime) or EARLIEST <= moment <= LATEST:
        return []
    return [FieldError(path, "range", f"must be between the years {EARLIEST.year} and {LATEST.year}")]


def links(platforms: Iterable[Platform]) -> tuple[PlatformLink, ...]:
    """Platforms in stored form, each once (the last mention of one wins)."""
    return tuple(
        {p.platform_id: PlatformLink(p.platform_id, p.link, p.platform_show_id) for p in platforms}.values()
    )


def _check_period(start: date, end: date) -> None:
    if end < start:
        raise Invalid.field("end_date", "before_start", "must not be before start_date")


def _changed(target: Struct, patch: Struct) -> dict[str, Any]:
    given = {n: v for n, v in msgspec.structs.asdict(patch).items() if v is not UNSET}
    return {name: value for name, value in given.items() if getattr(target, name) != value}
