"""/board: the rooms of a studio, or its creators, as rows; time across, in the studio's own zone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct, structs
from psycopg import Connection

from api import past
from api.http.security import Bounds, Principal, may
from api.resources import board as boards
from api.web.board import bars, comparing, lanes
from api.web.board.lanes import Placed, View
from api.web.frame.rendering import page, region, words
from api.web.frame.times import StudioTime, first_weekday
from domain import opening
from domain.access import Action
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from domain.slots import Slot
from projections import board, changes, moments, registry
from projections.board import Around, Board
from projections.board_then import Past
from projections.registry import Wanted

STATUSES: Final = (
    "draft",
    "proposed",
    "approved",
    "confirmed",
    "live",
    "completed",
    "cancelled_pending_resolution",
    "cancelled",
)
"""What the legend tells, from the first idea to the end."""
_WEEK: Final = 7
_EARLIEST: Final = date(1970, 1, 1)
_LATEST: Final = date(8999, 12, 1)
_MOST: Final = 1_000
_MOMENTS: Final = 400

Days = Literal["1", "3", "7"]
Text = Annotated[str, QueryParameter(max_length=300)]


class Asked(Struct, frozen=True, kw_only=True):
    """What the address says: `day` is the board's first one, `picked` the one that was asked for, in a week.
    What scripts filter by rides along, so that links keep it."""

    studio_id: str
    day: date
    picked: date
    days: int
    view: View
    as_of: str | None
    filters: Mapping[str, str | Sequence[str]]

    def link(self, *, at: str = "", **other: Any) -> str:
        """The address of the board, or of something at it, with something different."""
        own: dict[str, Any] = {
            "studio_id": self.studio_id,
            "day": self.picked.isoformat(),
            "days": self.days,
            "view": self.view,
            "as_of": self.as_of,
        }
        asked = {name: value for name, value in (own | other | dict(self.filters)).items() if value}
        return f"/board{'/' + at if at else ''}?{urlencode(asked, doseq=True)}"


@get("/board", include_in_schema=False, sync_to_thread=True)
def show_board(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Text = "",
    day: FromQuery[date | None] = None,
    days: FromQuery[Days] = "1",
    view: FromQuery[View] = "rooms",
    as_of: past.AsOf = None,
    client: Text = "",
    schedule: Text = "",
    creator: Text = "",
    q: Text = "",
    hide: Text = "",
    rooms: FromQuery[list[str] | None] = None,
    compare: Text = "",
    from_: Annotated[int | None, QueryParameter(name="from", ge=1, le=2**31 - 1)] = None,
    to: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
) -> Response[str]:
    """The board of a studio. Without a studio one where the user has a role, or that has shows; without a day
    today, or when it has none, a busy one that comes. With `as_of` as it was at that instant; with `compare`
    a plan of its own, between two versions."""
    versus = comparing.versus(commands, bounds, compare, from_, to) if compare else None
    studio_id = versus.plan.studio_id if versus else studio_id
    with commands.log.pool.connection() as connection:
        studios = _all(connection, "studio")
        chosen = _studio(connection, studios, studio_id, bounds, request.user)
        if chosen is None:
            return page(request, "board_empty")
        time = StudioTime(chosen.time_zone, chosen.day_start, words(request).language)
        differing = versus.days(time) if versus else []
        first = day or next(iter(differing), None)
        first = first or _first_day(connection, chosen.id, time, commands.clock(), bounds)
        gone_by = _moments(connection, chosen.id, bounds, past.instant(commands, as_of))
    _check(first)
    picked = first
    if int(days) == _WEEK:
        first -= timedelta(days=(first.weekday() - first_weekday(time.language, region(request))) % _WEEK)
    kept: dict[str, str | Sequence[str]] = {"client": client, "schedule": schedule, "creator": creator}
    kept |= {"rooms": (rooms or [])[:_MOST], "q": q, "hide": hide}
    kept |= {"compare": compare, "from": str(from_ or ""), "to": str(to or "")}
    asked = Asked(
        studio_id=chosen.id,
        day=first,
        picked=picked,
        days=int(days),
        view=view,
        as_of=as_of,
        filters=kept,
    )
    found, then = looked(commands, bounds, asked)
    ids = [show.id for show in found.shows]
    with commands.log.pool.connection() as connection:
        plans = then.holders(ids) if then else board.holders(connection, ids, bounds.clients)
        choices = _choices(connection, request.user, found)
        asking = then.concerned if then else partial(changes.concerned, connection)
        pending = asking(list(plans)) if not versus else frozenset[str]()
        placed = versus.placed(connection, view) if versus else [Placed(show) for show in found.shows]
        hours = then.hours(chosen.id) if then else _hours(commands, connection, chosen.id)
        differs = versus.told(connection, time, words(request)) if versus else {}
    if versus:
        found, plans = structs.replace(found, shows=[each.show for each in placed], booked=[]), {}
    over, now = lanes.axis(time, first, asked.days), commands.clock()
    shown = bars.drawn(
        found,
        placed,
        plans,
        view=view,
        over=over,
        time=time,
        user=request.user,
        as_of=as_of,
        pending=pending,
    )
    return page(
        request,
        "board",
        asked=asked,
        closed=lanes.closed(
            opening.closed(hours, chosen.time_zone, Slot(over.begins, over.ends)), over, time
        ),
        studio=chosen,
        studios=studios,
        time=time,
        today=time.day(now),
        step=timedelta(days=asked.days),
        at=past.instant(commands, as_of),
        just_now=now,
        moments=gone_by,
        versus=versus,
        differing=differing,
        differs=differs,
        position=found.position,
        statuses=STATUSES,
        board_words=bars.said(words(request)),
        room_names=list(dict.fromkeys(room.name for room in found.rooms)),
        is_bounded=bounds.clients is not None,
        is_piecemeal=view == "rooms" and not (as_of or versus) and bounds.clients is None,
        **shown,
        **choices,
    )


@get("/board/rows", include_in_schema=False, sync_to_thread=True)
def show_rows(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    studio_id: Text,
    day: FromQuery[date],
    days: FromQuery[Days] = "1",
    show: FromQuery[list[str] | None] = None,
    room: FromQuery[list[str] | None] = None,
) -> Response[str]:
    """The rows of a board of rooms that are others since these shows changed, and those of these rooms: as
    the whole board has them, from a look at those rooms alone. A room asked for that isn't there has no row.
    Of clients' users each board is small, and shown anew as a whole."""
    _check(day)
    if bounds.clients is not None:
        raise NotFound("no rows of this board")
    with commands.log.pool.connection() as connection:
        studio: Any = registry.find(connection, BY_KIND["studio"], studio_id)
        if studio is None:
            raise NotFound(f"no studio {studio_id}")
        time = StudioTime(studio.time_zone, studio.day_start, words(request).language)
        asked = Asked(
            studio_id=studio_id,
            day=day,
            picked=day,
            days=int(days),
            view="rooms",
            as_of=None,
            filters={},
        )
        over = lanes.axis(time, day, asked.days)
        around = Around(shows=(show or [])[:_MOST], rooms=(room or [])[:_MOST])
        found = board.look(
            connection,
            commands.references,
            studio,
            (over.begins, over.ends),
            commands.clock(),
            around=around,
        )
        plans = board.holders(connection, [show.id for show in found.shows])
        pending = changes.concerned(connection, list(plans))
    placed = [Placed(show) for show in found.shows]
    shown = bars.drawn(
        found, placed, plans, view="rooms", over=over, time=time, user=request.user, pending=pending
    )
    return page(request, "board_rows", asked=asked, **shown)


def looked(commands: Commands, bounds: Bounds, asked: Asked) -> tuple[Board, Past | None]:
    """What GET /api/v1/board answers for the window, and all that there was at the moment asked for."""
    last = asked.day + timedelta(days=asked.days - 1)
    return boards.seen(
        commands,
        bounds,
        asked.studio_id,
        from_=asked.day.isoformat(),
        to=last.isoformat(),
        as_of=asked.as_of,
    )


def _check(day: date) -> None:
    if not _EARLIEST <= day <= _LATEST:
        raise Invalid.field("day", "range", f"must be from {_EARLIEST} to {_LATEST}")


def _hours(commands: Commands, connection: Connection[Any], studio_id: str) -> list[opening.Opening]:
    return list(commands.references.hours(connection, studio_id)[1].values())


def _moments(
    connection: Connection[Any], studio_id: str, bounds: Bounds, at: datetime | None
) -> list[datetime]:
    """The moments that one can go to, that of the address among them; none on the board of now."""
    if at is None:
        return []
    return sorted({at, *moments.newest(connection, studio_id, bounds.clients, _MOMENTS)})


def _all(connection: Connection[Any], kind: str) -> list[Any]:
    wanted = Wanted(sort="name", descending=False, limit=_MOST)
    return [row for row, _ in registry.page(connection, BY_KIND[kind], wanted)]


def _studio(
    connection: Connection[Any], studios: Sequence[Any], studio_id: str, bounds: Bounds, user: Principal
) -> Any | None:
    """The one that is asked for; or of those where the user has a role, else of all, the first with shows
    that the user may see, or the first."""
    if studio_id:
        return registry.find(connection, BY_KIND["studio"], studio_id) or _first(studios)
    own = {each.studio_id for each in user.access.memberships}
    among = [each for each in studios if each.id in own] or studios
    return next(
        (each for each in among if board.busy_days(connection, each.id, None, bounds.clients)),
        _first(among),
    )


def _first(studios: Sequence[Any]) -> Any | None:
    return studios[0] if studios else None


def _first_day(
    connection: Connection[Any], studio_id: str, time: StudioTime, now: datetime, bounds: Bounds
) -> date:
    """Today, or when it has no shows the busiest of the next days that have: a single show long before a
    month must not open an empty board."""
    today = time.day(now)
    days = board.busy_days(connection, studio_id, today, bounds.clients)
    days = days or board.busy_days(connection, studio_id, None, bounds.clients)
    if not days or today in dict(days):
        return today
    return max(days, key=lambda each: (each[1], today - each[0]))[0]


def _choices(connection: Connection[Any], user: Principal, found: Board) -> dict[str, Any]:
    """What the user may begin here: to draft shows, and by which categories to ask for changes."""
    studio_id = found.studio.id
    clients: Iterable[str | None] = {show.client_id for show in found.shows}
    asks = any(may(user, Action.PROPOSE_CHANGE, studio_id=studio_id, client_id=each) for each in clients)
    return {
        "may_plan": may(user, Action.PLAN, studio_id=studio_id),
        "categories": bars.askable(_all(connection, "chcat"), user, studio_id, clients) if asks else [],
        "types": _all(connection, "chtype") if asks else [],
    }
