"""Which show is meant, where several have one name: its day, time and room; and a move told by one clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from api.web.frame.times import StudioTime


class Spot(Protocol):
    """Where a show is: a row of it, or its state."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def room_id(self) -> str | None: ...


Sides = Mapping[str, tuple[Any, Any]]
"""Fields with what they were and what they became."""


def moved(time: StudioTime, fields: Sides, spot: Spot | None) -> tuple[str, str] | None:
    """Day and span before and after, where these fields have a start or an end. `spot` is the show before
    it or after it; without one both are needed."""
    if not fields.keys() & {"start", "end"} or (spot is None and not {"start", "end"} <= fields.keys()):
        return None
    old, new = (
        time.when(*(_moment(fields[n][side] if n in fields else getattr(spot, n)) for n in ("start", "end")))
        for side in (0, 1)
    )
    return old, new


def where(time: StudioTime, names: Mapping[str, str], fields: Sides, spot: Spot | None) -> str:
    """When and in which room a show is, as far as none of these fields says it."""
    if spot is None:
        return ""
    when = "" if fields.keys() & {"start", "end"} else time.when(spot.start, spot.end)
    room = "" if "room_id" in fields or not spot.room_id else names.get(spot.room_id, "")
    return " · ".join(part for part in (when, room) if part)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
