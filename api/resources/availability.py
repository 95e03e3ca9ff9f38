"""/api/v1/availability: when rooms and creators are free for a show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import dropwhile, islice
from typing import Annotated, Any, Final, Literal

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace
from psycopg import Connection

from api.availability import Found, LeftOut, Question, look
from api.http import examples, windows
from api.http.paging import PageInfo, Paging
from api.http.security import Bounds
from domain.application import Commands
from domain.availability import EVERY_DAY, Wish, moment
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from domain.slots import Slot
from projections import availability, registry
from projections.availability import Probe

LONGEST: Final = timedelta(days=366, hours=2)
"""A leap year, and the hours that clocks may be changed by in it."""
_MOST: Final = 100
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"

Ids = Annotated[list[str] | None, QueryParameter(max_items=_MOST, description="One or more, repeated.")]
Clock = Annotated[
    str | None, QueryParameter(pattern=_CLOCK, description="A time of the studio's clock, such as 20:00.")
]
Weekday = Literal["1", "2", "3", "4", "5", "6", "7"]


class FreeSpan(Struct, frozen=True, kw_only=True):
    """A span in which a show of the minutes asked for may begin and end anywhere, with the room's lead and
    turnaround beside it. `wanted`: a draft wants some of it; users bounded to clients aren't told."""

    room_id: str | None
    room_name: str | None
    start: datetime
    end: datetime
    minutes: int
    wanted: bool | UnsetType = UNSET


class Availability(Struct, frozen=True, kw_only=True):
    """Free spans by start, then room, and each room or creator that is left out."""

    items: list[FreeSpan]
    left_out: list[LeftOut]
    page: PageInfo


@get(
    "/",
    operation_id="find_availability",
    summary="When are rooms and creators free?",
    sync_to_thread=True,
    responses=examples.answers(200, Availability, examples.AVAILABILITY) | examples.NOT_FOUND,
)
def find_availability(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    paging: NamedDependency[Paging],
    studio_id: Annotated[str, QueryParameter(max_length=100)],
    minutes: Annotated[int, QueryParameter(ge=1, le=1440, description="How long the show is.")],
    from_: windows.From = None,
    to: windows.To = None,
    capacity: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
    room_id: Ids = None,
    creator_id: Ids = None,
    weekdays: Annotated[
        list[Weekday] | None, QueryParameter(description="1 is Monday. One or more, repeated.")
    ] = None,
    time_from: Clock = None,
    time_to: Clock = None,
    earliest: Annotated[
        int | None, QueryParameter(ge=1, le=_MOST, description="Only so many, the earliest.")
    ] = None,
) -> Availability:
    """Spans of at least those minutes in up to 366 days: of rooms (all of the studio, or those named, that
    hold `capacity`), each together with the creators named; of creators alone where neither rooms nor a
    capacity are given. Times and weekdays are the studio's; a time window may cross midnight and belongs to
    the weekday on which it begins. Left out are `not_in_studio`, `deleted`, `banned`, `capacity`, `window`
    (the times asked for are too short), `closed`, `full` and `creator_busy`."""
    with commands.log.pool.connection() as connection:
        studio: Any = registry.find(connection, BY_KIND["studio"], studio_id)
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        question = Question(
            studio_id=studio_id,
            time_zone=studio.time_zone,
            wish=Wish(
                window=window_of(studio, from_, to),
                minutes=minutes,
                weekdays=frozenset(int(day) for day in weekdays) if weekdays else EVERY_DAY,
                time_from=time_from or studio.day_start,
                time_to=time_to or studio.day_start,
            ),
            room_ids=tuple(room_id) if room_id else None,
            creator_ids=tuple(creator_id or ()),
            creators_alone=bool(creator_id) and not room_id and capacity is None,
            capacity=capacity,
        )
        found = look(connection, commands, question)
        items, info = _page(found, paging, earliest)
        if bounds.clients is None:
            items = _with_wanted(connection, question, found, items)
    return Availability(items=items, left_out=found.left_out, page=info)


def window_of(studio: Any, start: str | None, end: str | None) -> Slot:
    """The window asked for, both ends given, days as the studio's. Raises Invalid."""
    for name, text in (("from", start), ("to", end)):
        if text is None:
            raise Invalid.field(name, "missing", "is required")
    first, last = windows.instants(start, end, time_zone=studio.time_zone, day_start=studio.day_start)
    if not (first and last) or last - first > LONGEST:
        raise Invalid.field("to", "too_long", "must be at most 366 days after from")
    return Slot(first, last)


def _page(found: Found, paging: Paging, earliest: int | None) -> tuple[list[FreeSpan], PageInfo]:
    """The spans behind the cursor, or the earliest of all."""
    if earliest is not None:
        spans = [_shown(found, *each) for each in islice(found.in_order(), earliest)]
        return spans, PageInfo(earliest, None, len(spans))
    paging = paging.sorted_by("start")
    seen = paging.after(tuple[datetime, str])
    every = (_Placed(found, each) for each in found.in_order())
    rest = every if seen is None else dropwhile(lambda each: each.key <= seen, every)
    page = paging.page(list(islice(rest, paging.fetch)), lambda each: each.key)
    return [_shown(found, *each.span) for each in page.items], page.page


class _Placed(Struct, frozen=True):
    """A span and where it stands in the list."""

    found: Found
    span: tuple[int, int, int]

    @property
    def key(self) -> tuple[datetime, str]:
        start, number, _ = self.span
        return moment(start), self.found.rooms[number].id if self.found.rooms else ""


def _shown(found: Found, start: int, number: int, end: int) -> FreeSpan:
    room = found.rooms[number] if found.rooms else None
    slot = Slot(moment(start), moment(end))
    return FreeSpan(
        room_id=room and room.id,
        room_name=room and room.name,
        start=slot.start,
        end=slot.end,
        minutes=int((slot.end - slot.start) / timedelta(minutes=1)),
    )


def _with_wanted(
    connection: Connection[Any], question: Question, found: Found, items: Sequence[FreeSpan]
) -> list[FreeSpan]:
    """The same, told whether a draft wants the room or a creator then: as a conflict would be found, each
    side with lead and turnaround."""
    rooms = {room.id: room for room in found.rooms}
    probes: list[Probe] = []
    numbers: list[int] = []
    for number, item in enumerate(items):
        slot = Slot(item.start, item.end)
        of_item = [Probe(creator, slot) for creator in question.creator_ids]
        if item.room_id:
            room = rooms[item.room_id]
            beside = timedelta(minutes=room.lead_minutes + room.turnaround_minutes)
            of_item.append(Probe(item.room_id, Slot(item.start - beside, item.end + beside)))
        probes += of_item
        numbers += [number] * len(of_item)
    wanted = availability.wanted(connection, probes, numbers) if probes else set[int]()
    return [replace(item, wanted=number in wanted) for number, item in enumerate(items)]


routes = Router("/availability", route_handlers=[find_availability], tags=["availability"])
