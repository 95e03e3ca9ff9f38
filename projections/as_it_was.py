"""The rows of one schedule from its stream alone, no look-ups: what a command answers with, and what a
version showed. Equal to the rows of the read tables at that point; a property test compares them."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.errors import NotFound
from domain.events import Recorded, VersionNumbered
from domain.schedule.state import Change, Schedule, Show, Version, evolve, replay
from domain.slots import operational_day
from projections.changes import ChangeRow, shown
from projections.schedules import ScheduleRow, counted
from projections.shows import ShowRow
from projections.versions import VersionRow


class VersionDocument(Struct, frozen=True, kw_only=True):
    """A whole schedule as a version showed it: ids, no looked-up names."""

    version: VersionRow
    schedule: ScheduleRow
    shows: tuple[ShowRow, ...]


def schedule_row(schedule: Schedule) -> ScheduleRow:
    """The schedule's row."""
    statuses = [show.status for show in schedule.shows.values() if show.deleted_at is None]
    state = {name: getattr(schedule, name) for name in _SCHEDULE}
    waiting = sum(change.status == "proposed" for change in schedule.changes.values())
    return ScheduleRow(
        **state, show_count=len(statuses), shows_by_status=counted(statuses), open_changes=waiting
    )


def show_row(schedule: Schedule, show: Show) -> ShowRow:
    """The row of one of its shows."""
    return ShowRow(
        **{name: getattr(show, name) for name in _SHOW},
        schedule_id=schedule.id if schedule.kind == "plan" else None,
        client_id=schedule.client_id,
        studio_id=schedule.studio_id,
        operational_day=operational_day(show.start, schedule.time_zone, schedule.day_start),
    )


def show_rows(schedule: Schedule) -> list[ShowRow]:
    """The rows of its shows that were not removed, by start, then id."""
    return [show_row(schedule, show) for show in schedule.live_shows()]


def change_row(schedule: Schedule, change: Change) -> ChangeRow:
    """The row of one of its changes."""
    return ChangeRow(
        **{name: getattr(change, name) for name in _CHANGE},
        type=change.change_type,
        version=change.version,
        operations=shown(change.operations),
        schedule_id=schedule.id,
        schedule_name=schedule.name,
        studio_id=schedule.studio_id,
        client_id=schedule.client_id,
    )


def version_row(version: Version) -> VersionRow:
    """The row of one of its versions."""
    return VersionRow(**asdict(version))


def version_document(history: Iterable[Recorded], number: int) -> VersionDocument:
    """The schedule as its version `number` showed it, from the schedule's stream. The same bytes each time:
    what a version shows is never edited, only what it is called. Raises NotFound."""
    history = list(history)
    schedule = schedule_as_of(history, number=number)
    document = VersionDocument(
        version=version_row(schedule.versions[-1]),
        schedule=schedule_row(schedule),
        shows=tuple(show_rows(schedule)),
    )
    called = next(v for v in cast(Schedule, replay(history)).versions if v.number == number)
    return replace(document, version=version_row(called))


def schedule_as_of(
    history: Iterable[Recorded], *, number: int | None = None, at: datetime | None = None
) -> Schedule:
    """The schedule as its version `number` was, or at an instant, or as it is. Raises NotFound, also for an
    instant before it was opened."""
    schedule: Schedule | None = None
    for recorded in history:
        if at is not None and recorded.at > at:
            break
        schedule = evolve(schedule, recorded)
        if isinstance(recorded.event, VersionNumbered) and recorded.event.number == number:
            return schedule
    if number is not None:
        raise NotFound(f"no version {number}")
    if schedule is None:
        raise NotFound("no such schedule, or not yet then")
    return schedule


def clients_view(history: Iterable[Recorded], *, at: datetime | None = None) -> Schedule:
    """What a client's users see of a schedule (SPEC 3), now or at an instant: what its planners set as the
    newest version had it, before the first one no shows; statuses and all else as they were then.

    Raises NotFound as `schedule_as_of` does.
    """
    history = list(history)
    now = schedule_as_of(history, at=at)
    now.has_unversioned_edits = False
    if now.current_version is None:
        now.shows.clear()
        return now
    seen = schedule_as_of(history, number=now.current_version)
    for name in _PUBLISHED:
        setattr(now, name, getattr(seen, name))
    now.shows = {show.id: _live(show, now) for show in seen.shows.values() if show.deleted_at is None}
    return now


def _live(show: Show, schedule: Schedule) -> Show:
    if live := schedule.shows.get(show.id):
        for name in _LIVE:
            setattr(show, name, getattr(live, name))
    show.deleted_at, show.deleted_by = schedule.deleted_at, schedule.deleted_by
    return show


def encoded(document: VersionDocument) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document)


_PUBLISHED = ("name", "start_date", "end_date", "note")
_LIVE = (
    *("version", "status", "actual_start", "actual_end", "reason_category", "reason_note", "holds"),
    *("updated_at", "updated_by"),
)
_COUNTED = frozenset({"show_count", "shows_by_status", "open_changes"})
_OF_SCHEDULE = frozenset({"schedule_id", "client_id", "studio_id", "operational_day"})
_SCHEDULE = tuple(name for name in ScheduleRow.__struct_fields__ if name not in _COUNTED)
_SHOW = tuple(name for name in ShowRow.__struct_fields__ if name not in _OF_SCHEDULE)
_CHANGE = tuple(
    name for name in ChangeRow.__struct_fields__ if name in Change.__struct_fields__ and name != "operations"
)
