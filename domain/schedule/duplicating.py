"""Duplicate: a new draft like an old plan, its shows moved to the new period by the studio's wall clock.

How far a show moves:

- `days`: by the days between the two starts.
- `weeks`: by the whole weeks between them, rounded down, so that every show keeps its weekday.
- `same_weekdays`: a show on the n-th Friday of its month goes to the n-th Friday of the month that is as
  many months later (or earlier) as the new plan's first month is. Months and weekdays are those of
  operational days. Shows are left out when that month has no n-th Friday or the new period does not hold it.

Start and end keep their local times: one that does not exist on the new day moves forward by the gap, one
that occurs twice takes the first. Where that would leave no valid span, the show keeps its length.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Invalid
from domain.events import ScheduleOpened, ShowDraft, ShowDrafted
from domain.ids import NewId
from domain.schedule.planning import EARLIEST, LATEST, LONGEST, Name, Studio, far_errors
from domain.schedule.state import Schedule, Show
from domain.slots import operational_day

Shift = Literal["days", "weeks", "same_weekdays"]
_MONTHS: Final = 12


class Duplicate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the new plan is called and when it is. Without an end, whole months stay whole months, and other
    periods as many days as they were."""

    name: Name
    start_date: date
    end_date: date | None = None
    with_shows: bool = True
    shift: Shift = "days"


class Duplicated(Struct, frozen=True):
    """The events that open the new plan, and how many shows found no place in it."""

    opened: ScheduleOpened
    drafted: tuple[ShowDrafted, ...]
    left_out: int


def duplicate(schedule: Schedule, wanted: Duplicate, *, studio: Studio, new_id: NewId) -> Duplicated:
    """Copies the plan with its shows, but for those removed or cancelled. Nothing is agreed or booked, and
    neither external ids nor those that platforms gave are copied.

    Raises Invalid for a period that ends before it starts or is too far off.
    """
    start = wanted.start_date
    if not EARLIEST.year <= start.year < LATEST.year:
        raise _far()
    end = wanted.end_date or _end(schedule, start)
    if end < start:
        raise Invalid.field("end_date", "before_start", "must not be before start_date")
    opened = ScheduleOpened(
        name=wanted.name.strip(),
        studio_id=schedule.studio_id,
        client_id=schedule.client_id,
        start_date=start,
        end_date=end,
        note=schedule.note,
        duplicated_from=schedule.id,
    )
    shows = (
        [show for show in schedule.live_shows() if show.status != "cancelled"] if wanted.with_shows else []
    )
    placed = [(show, _days(show, schedule, opened, wanted.shift, studio)) for show in shows]
    copies = [_copied(show, days, studio, new_id) for show, days in placed if days is not None]
    drafted = ShowDrafted(shows=tuple(copies), time_zone=studio.time_zone, day_start=studio.day_start)
    return Duplicated(opened, (drafted,) if copies else (), len(shows) - len(copies))


def moved(moment: datetime, days: int, time_zone: str) -> datetime:
    """The instant so many days later at the same local time; one that does not exist there moves forward
    by the gap, one that occurs twice is the first. Zero days later is the same instant."""
    if not days:
        return moment
    zone = ZoneInfo(time_zone)
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return local.replace(tzinfo=zone).astimezone(UTC)


def same_weekday(day: date, months: int) -> date | None:
    """The n-th such weekday of the month so many months later, for the n-th of its own; None for a fifth
    that the month does not have."""
    nth, month = (day.day - 1) // 7, day.year * _MONTHS + day.month - 1 + months
    first = date(month // _MONTHS, month % _MONTHS + 1, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7 + 7 * nth)
    return found if found.month == first.month else None


def _copied(show: Show, days: int, studio: Studio, new_id: NewId) -> ShowDraft:
    """The show so many days later. Raises Invalid when that is too far off."""
    try:
        start, end = moved(show.start, days, studio.time_zone), moved(show.end, days, studio.time_zone)
        if not start < end <= start + LONGEST:
            end = start + (show.end - show.start)
    except (OverflowError, ValueError):
        raise _far() from None
    if [*far_errors(start, "start"), *far_errors(end, "end")]:
        raise _far()
    return ShowDraft(
        id=new_id("show"),
        name=show.name,
        start=start,
        end=end,
        show_type=show.show_type,
        show_standard=show.show_standard,
        room_id=show.room_id,
        creators=show.creators,
        platforms=tuple(replace(link, platform_show_id=None) for link in show.platforms),
        note=show.note,
        metadata=show.metadata,
    )


def _days(show: Show, schedule: Schedule, opened: ScheduleOpened, shift: Shift, studio: Studio) -> int | None:
    """How many days the show moves; None when it is left out. Raises Invalid when that is too far off."""
    between = (opened.start_date - schedule.start_date).days
    match shift:
        case "days":
            return between
        case "weeks":
            return between // 7 * 7
        case "same_weekdays":
            day = operational_day(show.start, studio.time_zone, studio.day_start)
            try:
                found = same_weekday(day, _month(opened.start_date) - _month(schedule.start_date))
            except (OverflowError, ValueError):
                raise _far() from None
            inside = found is not None and opened.start_date <= found <= opened.end_date
            return (found - day).days if found is not None and inside else None


def _end(schedule: Schedule, start: date) -> date:
    """The last day of a new period that nobody said the end of."""
    old_start, old_end = schedule.start_date, schedule.end_date
    try:
        if old_start.day == start.day == 1 and old_end == _last(old_end):
            month = _month(start) + _month(old_end) - _month(old_start)
            return _last(date(month // _MONTHS, month % _MONTHS + 1, 1))
        return start + (old_end - old_start)
    except (OverflowError, ValueError):
        raise _far() from None


def _month(day: date) -> int:
    return day.year * _MONTHS + day.month - 1


def _last(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _far() -> Invalid:
    message = f"must leave everything between the years {EARLIEST.year} and {LATEST.year}"
    return Invalid.field("start_date", "range", message)
