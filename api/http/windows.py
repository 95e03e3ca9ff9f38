"""Windows of time in queries: `from` and `to`, each an instant with an offset or a whole day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import QueryParameter

from domain.errors import Invalid

From = Annotated[
    str | None,
    QueryParameter(name="from", description="Start: an instant with an offset, or a day.", max_length=40),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", description="End: an instant, excluded, or a day, included.", max_length=40),
]

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def instants(
    start: str | None, end: str | None, *, time_zone: str = "UTC", day_start: str = "00:00"
) -> tuple[datetime | None, datetime | None]:
    """The half-open span; a day runs from its start in that zone to the start of the next. Raises Invalid."""
    hours, minutes = (int(part) for part in day_start.split(":"))

    def instant(path: str, text: str | None, days: int) -> datetime | None:
        found = _read(path, text)
        if isinstance(found, datetime) or found is None:
            return found
        return datetime.combine(
            found + timedelta(days=days), time(hours, minutes), ZoneInfo(time_zone)
        ).astimezone(UTC)

    span = instant("from", start, 0), instant("to", end, 1)
    if span[0] and span[1] and span[1] <= span[0]:
        raise Invalid.field("to", "not_after_start", "must be after from")
    return span


def days(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """The days, both included; an instant stands for its day in UTC. Raises Invalid."""

    def day(path: str, text: str | None) -> date | None:
        found = _read(path, text)
        return found.astimezone(UTC).date() if isinstance(found, datetime) else found

    span = day("from", start), day("to", end)
    if span[0] and span[1] and span[1] < span[0]:
        raise Invalid.field("to", "not_after_start", "must not be before from")
    return span


def moment(path: str, text: str | None) -> datetime | None:
    """One instant, not a day. Raises Invalid."""
    found = _read(path, text)
    if found is None or isinstance(found, datetime):
        return found
    raise Invalid.field(path, "format", "must be an instant such as 2026-05-02T13:00:00Z")


def _read(path: str, text: str | None) -> datetime | date | None:
    if text is None:
        return None
    try:
        # A plus that was not escaped arrives as a space.
        found = msgspec.convert(text.replace(" ", "+"), datetime if len(text) > 10 else date, strict=True)  # noqa: PLR2004
    except msgspec.ValidationError:
        raise Invalid.field(
            path, "format", "must be an instant such as 2026-05-02T13:00:00Z, or a day"
        ) from None
    if not isinstance(found, datetime):
        if not _EARLIEST.date() <= found <= _LATEST.date():
            raise Invalid.field(path, "range", "is out of range")
        return found
    if found.tzinfo is None:
        raise Invalid.field(path, "naive_datetime", "needs an offset, such as Z or +07:00")
    if not _EARLIEST <= found <= _LATEST:
        raise Invalid.field(path, "range", "is out of range")
    return found
