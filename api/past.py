"""Reads as it was: `?version=n` or `?as_of=<instant>`, answered from streams alone."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter
from msgspec import Struct

from api.http import windows
from api.http.security import Bounds
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.events import Recorded, ShowsJoined
from domain.schedule.state import Schedule
from projections.as_it_was import clients_view, schedule_as_of, show_row
from projections.shows import ShowRow

AtVersion = Annotated[
    int | None,
    QueryParameter(name="version", ge=1, le=2**31 - 1, description="As this version of the schedule was."),
]
AsOf = Annotated[
    str | None,
    QueryParameter(description="As it was at this instant, which has an offset.", max_length=40),
]


class Then(Struct, frozen=True):
    """A version or an instant, one of them."""

    number: int | None = None
    at: datetime | None = None


def then(commands: Commands, version: int | None, as_of: str | None) -> Then | None:
    """The point that a request asks for; None for now. Raises Invalid for both at once, for the future."""
    at = instant(commands, as_of)
    if version is not None and at is not None:
        raise Invalid.field("as_of", "choice", "give version or as_of, not both")
    return None if version is None and at is None else Then(version, at)


def instant(commands: Commands, as_of: str | None) -> datetime | None:
    """The instant asked for. Raises Invalid, also for one in the future."""
    at = windows.moment("as_of", as_of)
    if at is not None and at > commands.clock():
        raise Invalid.field("as_of", "future", "is in the future")
    return at


def schedule(commands: Commands, schedule_id: str, point: Then, bounds: Bounds) -> Schedule:
    """The schedule as it was, to a client's users as they saw it. Raises NotFound, also before it was
    opened."""
    if not schedule_id.startswith("schedule_"):
        raise NotFound(f"no schedule {schedule_id}")
    return _folded(commands.log.stream(schedule_id), point, bounds)


def show(commands: Commands, show_id: str, point: Then, bounds: Bounds) -> ShowRow:
    """A show as it was: as its schedule's version has it, or wherever it was at that instant; to a client's
    users as they saw it.

    Raises NotFound.
    """
    with commands.log.pool.connection() as connection:
        holder = commands.references.schedule_of(connection, show_id)
    asked: set[str] = set()
    # A schedule met twice had it at that instant neither time: the show was not there yet, or not to be seen.
    while holder is not None and holder not in asked:
        asked.add(holder)
        history = commands.log.stream(holder)
        if history[0].at <= (point.at or history[0].at):
            found = _folded(history, point, bounds)
            if show_id in found.shows:
                return show_row(found, found.shows[show_id])
        holder = _came_from(history, show_id, point)
    raise NotFound(f"no show {show_id} then")


def _folded(history: list[Recorded], point: Then, bounds: Bounds) -> Schedule:
    """A client's users see an instant's newest version, and no show that a version left out."""
    if bounds.clients is None:
        return schedule_as_of(history, number=point.number, at=point.at)
    if point.number is None:
        return clients_view(history, at=point.at)
    seen = schedule_as_of(history, number=point.number)
    seen.shows = {show.id: show for show in seen.live_shows()}
    return seen


def _came_from(history: list[Recorded], show_id: str, point: Then) -> str | None:
    """The stream that a show joined this one from, after the instant."""
    for recorded in history:
        event = recorded.event
        later = point.at is not None and recorded.at > point.at
        if (
            later
            and isinstance(event, ShowsJoined)
            and any(moved.show.id == show_id for moved in event.shows)
        ):
            return event.origin
    return None
