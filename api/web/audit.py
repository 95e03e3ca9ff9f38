"""/audit: everything that happened, the newest first, narrowed by who, what, to what and when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct
from psycopg import Connection

from api import trail
from api.http.security import Principal
from api.retelling import Teller
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime, at_home, of_studios
from api.web.timeline import Telling
from domain.access import Action
from domain.application import SYSTEM, Commands
from domain.errors import Invalid
from domain.events import Event
from domain.ids import prefix_of
from domain.registry.entities import BY_KIND
from projections import naming, registry, shows
from projections.naming import Named
from projections.registry import Wanted
from projections.shows import ShowFilter

TYPES: Final = tuple(sorted(each.__struct_config__.tag for each in get_args(Event)))
"""The tags of all events."""
PAGE: Final = 40
UTC_ZONE: Final = "UTC"
_MOST: Final = 500
_CANDIDATES: Final = 12
_MATCHES: Final = 200
"""Things of one name whose events are listed together, until one of them is chosen."""
_CAUSES: Final = frozenset({"change", "import", "bulk", "closure", "timeoff", "hours", "exception"})

Text = Annotated[str, QueryParameter(max_length=320)]
Day = Annotated[str, QueryParameter(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Clock = Annotated[str, QueryParameter(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]


class Filters(Struct, frozen=True, kw_only=True):
    """What the address asks for, as its form shows it again. `zone` is a studio whose time is meant, UTC, or
    empty for that of each entry's studio; `about` a name that somebody typed, `stream` the id that it stands
    for."""

    q: str
    about: str
    stream: str
    cause: str
    actor: str
    type: str
    command: str
    zone: str
    from_day: str
    from_time: str
    to_day: str
    to_time: str

    @property
    def any(self) -> bool:
        """Whether they leave anything out."""
        return any(getattr(self, name) for name in self.__struct_fields__ if name != "zone")

    def link(self, **other: Any) -> str:
        """The address of the timeline with something different."""
        asked = {name: getattr(self, name) for name in self.__struct_fields__} | other
        return "/audit?" + urlencode({name: value for name, value in asked.items() if value})

    def only(self, **other: Any) -> str:
        """The address of the timeline narrowed by nothing but this."""
        asked = {"zone": self.zone, **other}
        return "/audit?" + urlencode({name: value for name, value in asked.items() if value})


@get("/audit", include_in_schema=False, sync_to_thread=True, opt={"action": Action.AUDIT})
def audit(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    q: Text = "",
    about: Text = "",
    stream: Text = "",
    cause: Text = "",
    actor: Text = "",
    type: Text = "",  # noqa: A002 - the parameter's name
    command: Text = "",
    zone: Text = "",
    from_day: Day = "",
    from_time: Clock = "",
    to_day: Day = "",
    to_time: Clock = "",
    before: Annotated[int | None, QueryParameter(ge=1, le=2**53)] = None,
) -> Response[str]:
    """One page of the timeline. A name that several things have is asked back."""
    pool, t = commands.log.pool, words(request)
    for name, text, kinds in (("stream", stream, t.part("kind")), ("cause", cause, _CAUSES)):
        if text and prefix_of(text) not in kinds:
            raise Invalid.field(name, "unknown", "must be the id of something that has a history")
    with pool.connection() as connection:
        studios, users = _all(connection, "studio"), _all(connection, "user")
        choices, matching = naming.called(connection, about.strip(), _MATCHES) if about.strip() else ([], 0)
    if len(choices) == 1:
        stream, about = choices[0].id, ""
    with pool.connection() as connection:
        times = of_studios(connection, t.language)
        place = naming.studios(connection, [stream]).get(stream, "") if stream else ""
    zone = zone if zone == UTC_ZONE or zone in times else ""
    at_hand = [zone, place, *request.user.studios]
    time = utc(t.language) if zone == UTC_ZONE else at_home(times, at_hand, t.language)
    asked = trail.Asked(
        stream=stream or None,
        streams=() if stream else tuple(each.id for each in choices),
        cause=cause or None,
        actors=[actor] if actor else None,
        since=_instant("from_day", from_day, from_time or "00:00", time.zone),
        until=_instant("to_day", to_day, to_time, time.zone),
        before=before,
        type=type if type in TYPES else None,
        command=command.strip() or None,
        text=q.strip() or None,
    )
    found = trail.newest(pool, asked, PAGE + 1)[::-1]
    shown = found[:PAGE]
    told = Teller(commands.log).tell(shown)
    with pool.connection() as connection:
        telling = Telling(time, t, times=None if zone else times)
        entries = telling.entries(connection, shown, told)
        names = naming.names(connection, [stream] if stream else [])
        offered = [] if stream else _offered(connection, choices, telling)
    filters = Filters(
        q=q, about=about, stream=stream, cause=cause, actor=actor, type=type, command=command,
        zone=zone,
        from_day=from_day, from_time=from_time, to_day=to_day, to_time=to_time,
    )  # fmt: skip
    return page(
        request,
        "audit",
        filters=filters,
        entries=entries,
        field=telling.field,
        older=filters.link(before=shown[-1].position) if len(found) > PAGE else "",
        first=before is None,
        choices=offered[:_CANDIDATES],
        matching=matching,
        listed=len(choices),
        unknown=bool(about.strip()) and not choices,
        subject=Named(prefix_of(stream), stream, names.get(stream, stream)) if stream else None,
        studios=studios,
        zone=time.zone.key,
        users=[*users, SYSTEM],
        types=TYPES,
        kind_of=prefix_of,
    )


class Choice(Struct, frozen=True):
    """A thing that a name may stand for; `where` tells a show or room from others of its name."""

    kind: str
    id: str
    name: str
    where: str


def _offered(connection: Connection[Any], found: Sequence[Named], telling: Telling) -> list[Choice]:
    """What a name may stand for, in the order found, shows of the same name by when they are."""
    ids = tuple(each.id for each in found if each.kind == "show")
    rows = shows.listed(connection, ShowFilter(ids=ids, include_deleted=True)) if ids else []
    spots = {row.id: row for row in rows}
    rooms = naming.names(connection, {row.room_id for row in rows if row.room_id})
    places = naming.studios(connection, [each.id for each in found if each.kind == "room"])
    houses = naming.names(connection, places.values())

    def where(each: Named) -> str:
        if (row := spots.get(each.id)) is None:
            return houses.get(places.get(each.id, ""), "")
        time = telling.times.get(row.studio_id, telling.time)
        return " · ".join(filter(None, (time.when(row.start, row.end), rooms.get(row.room_id or "", ""))))

    first = {(each.kind, each.name): place for place, each in reversed(list(enumerate(found)))}
    ordered = sorted(
        found,
        key=lambda each: (
            first[each.kind, each.name],
            spots[each.id].start.timestamp() if each.id in spots else 0,
        ),
    )
    return [Choice(each.kind, each.id, each.name, where(each)) for each in ordered]


def utc(language: str) -> StudioTime:
    """Times by the clock of nobody's studio."""
    return StudioTime("UTC", "00:00", language)


def _all(connection: Connection[Any], kind: str) -> list[Any]:
    """The rows of a kind by name, deleted ones too: history has them."""
    wanted = Wanted(sort="name", descending=False, limit=_MOST, include_deleted=True)
    return [row for row, _ in registry.page(connection, BY_KIND[kind], wanted)]


def _instant(field: str, day: str, clock: str, zone: ZoneInfo) -> datetime | None:
    """A time of the calendar as an instant; without a clock the end of its day. Raises Invalid at `field`."""
    if not day:
        return None
    try:
        found = datetime.fromisoformat(f"{day}T{clock or '00:00'}").replace(tzinfo=zone)
        return (found if clock else found + timedelta(days=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid.field(field, "format", "must be a day of the calendar") from None
