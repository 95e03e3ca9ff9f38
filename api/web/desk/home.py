"""/: where one starts: what waits, the shows that come next, the plans that run."""

from datetime import datetime
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from psycopg import Connection

from api.http.security import Bounds, Principal, may
from api.web import telling
from api.web.desk import cards
from api.web.desk import inbox as inboxes
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from api.web.plans.decisions import decisions
from api.web.timeline import Line, Telling
from domain.access import Action
from domain.application import Commands
from domain.registry.entities import BY_KIND
from projections import changes, comments, inbox, naming, registry, schedules, shows
from projections.inbox import Kind
from projections.registry import Wanted
from projections.schedules import ScheduleFilter, ScheduleRow
from projections.shows import ShowFilter, ShowRow
from seeds.reference import ADMIN_ID

_SHOWS: Final = 10
_PLANS: Final = 10
_ITEMS: Final = 6
_MOST_STUDIOS: Final = 100
_INTERRUPTED: Final = ("cancelled_pending_resolution",)
_NEEDED: Final = ("studio", "room", "client", "creator", "platform")
_OPEN: Final = ("draft", "proposed", "confirmed")


class Waiting(Struct, frozen=True):
    """Something that waits: its schedule's name, who asked and when; of a change its first `line`, the day of
    that line's show, and how many lines `more` there are; `text` is what was said."""

    kind: Kind
    id: str
    name: str
    by: str
    at: str
    line: Line | None = None
    day: str = ""
    more: int = 0
    text: str = ""


class Coming(Struct, frozen=True):
    """A studio with its next shows: each with the words for when it is, by the
    studio's day and at night by the calendar too; `board` opens their day."""

    studio: Any
    shows: list[tuple[ShowRow, str, str]]
    board: str


class Step(Struct, frozen=True):
    """What a new installation needs first, where it is set up, and whether there is one."""

    name: str
    href: str
    done: bool


@get("/", include_in_schema=False, sync_to_thread=True)
def home(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
) -> Response[str]:
    """The start page of whoever is signed in."""
    user, now, language = request.user, commands.clock(), words(request).language
    box = inboxes.boxes(user)[0]
    position = commands.log.head()
    with commands.log.pool.connection() as connection:
        studios: list[Any] = [
            row
            for row, _ in registry.page(
                connection, BY_KIND["studio"], Wanted(sort="name", descending=False, limit=_MOST_STUDIOS)
            )
        ]
        times = {each.id: StudioTime(each.time_zone, each.day_start, language) for each in studios}
        coming = [_coming(connection, each, times[each.id], now, bounds) for each in studios]
        plans = _plans(connection, now, bounds)
        which = inboxes.wanted(user, box)
        waiting = _waiting(connection, commands, words(request), inboxes.wanted(user, box), times, bounds)
        total = inbox.count(connection, which)
        found = [show for each in coming for show, _, _ in each.shows]
        ids = {each for show in found for each in (show.room_id, show.client_id) if each}
        begins = user.is_system_admin and not shows.listed(connection, limit=1)
        steps = _steps(connection, user, plans) if begins else ()
        names = naming.names(connection, ids | {plan.client_id for plan in plans if plan.client_id})
    return page(
        request,
        "home",
        box=box,
        waiting=waiting,
        total=total,
        coming=[each for each in coming if each.shows],
        plans=plans,
        names=names,
        times=times,
        steps=steps,
        field=Telling(StudioTime("UTC", "00:00", language), words(request)).field,
        position=position,
        may_plan=may(user, Action.PLAN),
    )


def _steps(connection: Connection[Any], user: Principal, plans: list[ScheduleRow]) -> tuple[Step, ...]:
    """From nothing to the first show. Whoever asks, and the administrator whom Callboard comes with, were
    not invited."""

    def there(kind: str, **equal: str) -> list[Any]:
        wanted = Wanted(sort="created_at", descending=False, limit=3, equal=equal)
        return [row for row, _ in registry.page(connection, BY_KIND[kind], wanted)]

    return (
        *(Step(kind, f"/admin/{BY_KIND[kind].path}", bool(there(kind))) for kind in _NEEDED),
        Step("user", "/admin/users", any(each.id not in {user.id, ADMIN_ID} for each in there("user"))),
        Step("planning", "/admin/features", bool(there("feature", feature="planning", enabled="true"))),
        Step("plan", "/schedules", bool(plans)),
        Step("show", f"/schedules/{plans[0].id}" if plans else "/schedules", False),
    )


def _coming(
    connection: Connection[Any], studio: Any, time: StudioTime, now: datetime, bounds: Bounds
) -> Coming:
    """What is on air or comes next in a studio: the half-open window has no end. First those that were
    interrupted, whenever they were: they hold rooms and hosts until somebody resolves them."""
    which = ShowFilter(studio_id=studio.id, status=("live", "confirmed"), start=now, clients=bounds.clients)
    stuck = ShowFilter(studio_id=studio.id, status=_INTERRUPTED, clients=bounds.clients)
    coming = shows.listed(connection, which, limit=_SHOWS)
    found = [*shows.listed(connection, stuck, limit=_SHOWS), *coming]
    day = time.day((coming or found)[0].start).isoformat() if found else ""
    told = [(show, time.when(show.start, show.end), time.by_calendar(show.start)) for show in found]
    return Coming(studio, told, f"/board?studio_id={studio.id}&day={day}" if day else "/board")


def _plans(connection: Connection[Any], now: datetime, bounds: Bounds) -> list[ScheduleRow]:
    """Plans that run or come; where there are none, the last ones."""
    which = ScheduleFilter(status=_OPEN, start=now.date(), clients=bounds.clients)
    found = schedules.listed(connection, which, limit=_PLANS)
    any_ = ScheduleFilter(clients=bounds.clients)
    return found or schedules.listed(connection, any_, descending=True, limit=_PLANS)


def _waiting(  # noqa: PLR0917 - all that it is told with
    connection: Connection[Any],
    commands: Commands,
    t: Words,
    which: inbox.InboxFilter,
    times: dict[str, StudioTime],
    bounds: Bounds,
) -> list[Waiting]:
    """The first items of the user's own box."""
    made: list[Waiting] = []
    found = inbox.listed(connection, which, limit=_ITEMS)
    names = naming.names(connection, [each.by for each in found])
    for each in found:
        change = changes.one(connection, each.id, bounds.clients) if each.kind in cards.CHANGES else None
        about, studio_id, text = _subject(connection, commands, each, change, bounds)
        if about:
            time = times.get(studio_id, StudioTime("UTC", "00:00", t.language))
            told = _told(connection, Telling(time, t), change, bounds) if change else (None, "", 0)
            by, at = names.get(each.by, ""), time.at(each.at)
            made.append(Waiting(each.kind, each.id, about, by, at, *told, text=text))
    return made


def _subject(
    connection: Connection[Any],
    commands: Commands,
    item: inbox.Item,
    change: changes.ChangeRow | None,
    bounds: Bounds,
) -> tuple[str, str, str]:
    """What an item is about, in which studio, and what was said; an empty name when it is gone."""
    if item.kind == "interrupted":
        show = shows.one(connection, item.id, bounds.clients)
        return (show.name, show.studio_id, show.reason_note or "") if show else ("", "", "")
    spoken = comments.one(connection, item.id) if item.kind == "comment" else None
    about = change.schedule_id if change else spoken.schedule_id if spoken else item.id
    plan = schedules.one(connection, about, bounds.clients)
    text = spoken.text if spoken else ""
    if item.kind in {"rejected", "approved"} and (word := decisions(commands.log.stream(about)).standing):
        text = word.why
    return (plan.name, plan.studio_id, text) if plan else ("", "", "")


def _told(
    connection: Connection[Any], telling_: Telling, change: changes.ChangeRow, bounds: Bounds
) -> tuple[Line | None, str, int]:
    """What a change is about: its first line, the day of that line's show, and how many more there are."""
    ids = [each["show_id"] for each in change.operations]
    lines = telling.changes(connection, telling_, [change], bounds.clients)[0].lines
    if not lines:
        return None, "", 0
    show = shows.one(connection, ids[0], bounds.clients) if ids[0] else None
    day = telling_.time.dated(telling_.time.day(show.start)) if show else ""
    return lines[0], day, len(lines) - 1
