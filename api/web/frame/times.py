"""Times as a studio says them: its own zone, 24 hours, and a day that runs on past midnight (25:30)."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_datetime
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct
from psycopg import Connection

from api.web.frame.wording import DEFAULT
from api.wiring import Callboard
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from projections import pickers, registry

_HOURS: Final = 24
_LAST_HOUR: Final = 3 * _HOURS - 1
"""A show that begins at the end of an operational day ends up to 24 hours later, on the first day's clock."""
_TYPED: Final = re.compile(r"([0-9]{1,2})(?:\s*[:.h]\s*([0-5][0-9])|([0-5][0-9]))?\s*h?", re.IGNORECASE)
_NIGHT: Final = 12 * 60
"""So many minutes at most go on past midnight where the end is a time of the day too: more is a slip."""


class StudioTime:
    """How a studio says times. `zone` is an IANA name, `day_start` when its operational day begins (SPEC 1),
    `language` whose words the days get."""

    def __init__(self, zone: str, day_start: str, language: str) -> None:
        self.zone = ZoneInfo(zone)
        hours, minutes = (int(part) for part in day_start.split(":"))
        self.begins = time(hours, minutes)
        self.language = language
        self.locale = _locale(language)

    def day(self, instant: datetime) -> date:
        """The operational day of an instant."""
        local = instant.astimezone(self.zone)
        return local.date() - timedelta(days=1) if local.time() < self.begins else local.date()

    def clock(self, instant: datetime) -> str:
        """The time of the operational day, such as 13:00, or 25:30 for half past one at night."""
        local = instant.astimezone(self.zone)
        late = _HOURS if local.time() < self.begins else 0
        return f"{local.hour + late:02}:{local.minute:02}"

    def span(self, start: datetime, end: datetime) -> str:
        """From when to when, such as 13:00 to 15:00 with a dash; the end by the start's day."""
        return f"{self.clock(start)}\N{EN DASH}{self.ends(start, end)}"

    def ends(self, start: datetime, end: datetime) -> str:
        """The end on the clock of the start's operational day: 30:00 where the next day begins at 06:00."""
        local = end.astimezone(self.zone)
        hours = local.hour + _HOURS * (local.date() - self.day(start)).days
        return f"{hours:02}:{local.minute:02}"

    def dated(self, day: date) -> str:
        """A day with its weekday, such as `Sat 2 May`."""
        return format_date(day, "EEE d MMM", locale=self.locale)

    def month(self, day: date) -> str:
        """A month with its year, such as `May 2026`."""
        return format_date(day, "LLLL y", locale=self.locale)

    def when(self, start: datetime, end: datetime, *, years: Iterable[int] | None = None) -> str:
        """Day and span, such as `Sat 2 May 13:00 to 15:00, with a dash`; the day with its year where that is
        none of the `years` that one expects there."""
        day = self.day(start)
        year = "" if years is None or day.year in years else f" {day.year}"
        return f"{self.dated(day)}{year} {self.span(start, end)}"

    def by_calendar(self, instant: datetime) -> str:
        """When that is by the calendar, such as `Sun 3 May 01:30` for 25:30 of the day before; empty for
        times before midnight."""
        local = instant.astimezone(self.zone)
        return f"{self.dated(local.date())} {local:%H:%M}" if local.time() < self.begins else ""

    def at(self, instant: datetime) -> str:
        """A moment that something happened, by the calendar: `2 May 2026, 13:00`."""
        return format_datetime(instant, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale)

    def by(self, who: str, instant: datetime) -> str:
        """Who did something, and when: `Ploy (2 May 2026, 13:00)`; empty without a name."""
        return f"{who} ({self.at(instant)})" if who else ""

    def exact(self, instant: datetime) -> str:
        """The same to the second, for histories: `2 May 2026, 13:00:05`."""
        return format_datetime(instant, "d MMM y, HH:mm:ss", tzinfo=self.zone, locale=self.locale)

    def starts(self, day: date) -> datetime:
        """When an operational day begins, in UTC."""
        return datetime.combine(day, self.begins, self.zone).astimezone(UTC)

    def instant(self, day: date, clock: str, *, second: bool = False) -> datetime:
        """The instant of a time of an operational day, in UTC. `second` takes the later of two where the
        clock is set back. Raises Invalid at `time`: not a time, or one that does not exist that day."""
        try:
            hours, minutes = (int(part) for part in clock.split(":"))
        except ValueError:
            raise Invalid.field("time", "format", "must be a time such as 13:00 or 25:30") from None
        if not (0 <= hours <= _LAST_HOUR and 0 <= minutes < 60):  # noqa: PLR2004
            raise Invalid.field("time", "range", f"must be a time such as 25:30, at most {_LAST_HOUR}:59")
        if (hours, minutes) < (self.begins.hour, self.begins.minute):
            night = f"{hours + _HOURS:02}:{minutes:02}"
            raise Invalid.field(
                "time", "range", f"the day begins at {self.begins:%H:%M}; at night say {night}"
            )
        later, hour = divmod(hours, _HOURS)
        wall = datetime.combine(day + timedelta(days=later), time(hour, minutes, fold=int(second)), self.zone)
        found = wall.astimezone(UTC)
        if found.astimezone(self.zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
            raise Invalid.field("time", "nonexistent", "does not exist that day: the clock is set forward")
        return found

    def meant(self, typed: str, after: str = "") -> str:
        """The time that somebody typed, as `instant` takes it: 22, 930, 9.30 and 22h are times too. An end,
        `after` its start, that is earlier on the clock is past midnight: 1:30 after 22:00 is 25:30. Raises
        Invalid at `time`: not a time."""
        hours, minutes = _parts(typed)
        try:
            first = _parts(after) if after else (0, 0)
        except Invalid:  # Told at the start itself.
            first = (0, 0)
        later = (hours + _HOURS * (first[0] // _HOURS or 1), minutes)
        lasts = (later[0] - first[0]) * 60 + later[1] - first[1]
        is_early = (hours, minutes) < (self.begins.hour, self.begins.minute)
        if (hours, minutes) < first and hours < _HOURS and (is_early or lasts <= _NIGHT):
            hours, minutes = later
        return f"{hours:02}:{minutes:02}"

    def is_second(self, instant: datetime) -> bool:
        """Whether the clock said the same an hour before: it was set back in between."""
        return bool(instant.astimezone(self.zone).fold)

    def comes_twice(self, day: date, clock: str) -> bool:
        """Whether a time of an operational day is there twice. Raises Invalid as `instant` does."""
        return self.instant(day, clock) != self.instant(day, clock, second=True)


def _parts(typed: str) -> tuple[int, int]:
    """Hours and minutes of a time as people type it. Raises Invalid at `time`."""
    found = _TYPED.fullmatch(typed.strip())
    if not found:
        raise Invalid.field("time", "format", "must be a time such as 13:00 or 25:30")
    return int(found[1]), int(found[2] or found[3] or 0)


def first_weekday(language: str, region: str = "") -> int:
    """The day that a week begins with, 0 for Monday: as the CLDR has it for the region, or else for the
    language's usual country; that of English is Great Britain."""
    usual = get_global("likely_subtags").get(language, "").rpartition("_")[2]
    for each in (region, "GB" if language == DEFAULT else usual):
        for spoken in (language, *get_global("territory_languages").get(each, ())):
            try:
                return Locale.parse(f"{spoken}_{each}").first_week_day
            except (UnknownLocaleError, ValueError):
                continue
    return 0


@cache
def _locale(language: str) -> Locale:
    """How that language writes days; English where nobody knows."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT)


def of_studios(connection: Connection[Any], language: str) -> dict[str, StudioTime]:
    """The times of all studios by id, the oldest first, deleted ones last."""
    clocks = pickers.clocks(connection)
    return {each.studio_id: StudioTime(each.time_zone, each.day_start, language) for each in clocks}


def at_home(times: Mapping[str, StudioTime], preferred: Iterable[str], language: str) -> StudioTime:
    """The time in which to tell what belongs to no studio: of the first preferred one, else of the oldest,
    which stays when another opens; UTC where there is none."""
    wanted = next((each for each in preferred if each in times), next(iter(times), ""))
    return times[wanted] if wanted else StudioTime("UTC", "00:00", language)


class Moment(Struct, frozen=True):
    """A time of a studio as an instant; `twice` where the clock shows it again an hour later."""

    instant: datetime
    twice: bool


@get("/studio-time", include_in_schema=False, sync_to_thread=True)
def studio_time(
    *,
    callboard: NamedDependency[Callboard],
    studio_id: FromQuery[str],
    day: FromQuery[date],
    time: FromQuery[str],
    second: FromQuery[bool] = False,
    after: FromQuery[str] = "",
) -> Moment:
    """The instant of a studio's day and time, for forms: no script computes dates. `time` is as it was typed;
    of an end, `after` is the time of its start. 422 at `time`."""
    with callboard.pool.connection() as connection:
        studio: Any = registry.find(connection, BY_KIND["studio"], studio_id)
    if studio is None:
        raise NotFound(f"no studio {studio_id}")
    clock = StudioTime(studio.time_zone, studio.day_start, "en")
    said = clock.meant(time, after)
    return Moment(clock.instant(day, said, second=second), clock.comes_twice(day, said))


class Month(Struct, frozen=True):
    """The last day of a month."""

    last: date


@get("/month-end", include_in_schema=False, sync_to_thread=False)
def month_end(day: FromQuery[date]) -> Month:
    """Where a period that begins on this day ends with its month, for forms."""
    return Month(day.replace(day=monthrange(day.year, day.month)[1]))
