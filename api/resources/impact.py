"""/api/v1/rooms/{id}/impact and /api/v1/creators/{id}/impact: what would be hit if it went away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from psycopg import Connection

from api.http import examples, windows
from api.http.paging import PageInfo, Paging
from api.http.security import Bounds
from api.resources.availability import window_of
from domain.application import Commands
from domain.conflicts import Resource
from domain.errors import NotFound
from domain.ids import is_id
from domain.registry.entities import BY_KIND
from domain.schedule import state
from projections import impact, registry
from projections.impact import Blackout, Touched


class Agreed(Struct, frozen=True, kw_only=True):
    """What has been agreed of a show: the version its client approved, whether the show is in it, and the
    changes of it that wait."""

    approved_version: int | None
    in_approved_version: bool
    open_changes: list[str]


class HitShow(Struct, frozen=True, kw_only=True):
    """A show that would be hit. The room or creator is needed from `needed_from` to `needed_to`, lead and
    turnaround included, cut to the window. Of others' bookings a client's user sees this span alone."""

    show_id: str | None
    name: str
    status: str
    stage: str
    start: datetime
    end: datetime
    needed_from: datetime
    needed_to: datetime
    schedule_id: str | None
    schedule_name: str | None
    client_id: str | None
    client_name: str | None
    agreed: Agreed | None


class Group(Struct, frozen=True, kw_only=True):
    """How many shows of one client and schedule would be hit; a standalone show is in no schedule."""

    client_id: str | None
    client_name: str | None
    schedule_id: str | None
    schedule_name: str | None
    booked: int
    proposed: int
    draft: int


class Impact(Struct, frozen=True, kw_only=True):
    """What would be hit inside a window, by start; `groups` counts all of it, whatever the page shows."""

    resource: Resource
    start: datetime
    end: datetime
    groups: list[Group]
    blackouts: list[Blackout]
    items: list[HitShow]
    page: PageInfo


class _Anywhere(Struct, frozen=True):
    """For creators, who belong to no studio: days are those of UTC."""

    time_zone: str = "UTC"
    day_start: str = "00:00"


@get(
    "/rooms/{row_id:str}/impact",
    operation_id="get_room_impact",
    summary="What would be hit if a room went away?",
    sync_to_thread=True,
    responses=examples.answers(200, Impact, examples.IMPACT),
)
def room_impact(
    *,
    row_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    paging: NamedDependency[Paging],
    from_: windows.From = None,
    to: windows.To = None,
) -> Impact:
    """Bookings that hold the room between `from` and `to` (at most 366 days; days are the studio's), drafts
    that want it, whose they are and what was agreed; and the closures that are there already. Users bounded
    to clients see others' bookings as "booked", and no drafts of others."""
    return _impact("room", row_id, commands, bounds, paging, (from_, to))


@get(
    "/creators/{row_id:str}/impact",
    operation_id="get_creator_impact",
    summary="What would be hit if a creator went away?",
    sync_to_thread=True,
    responses=examples.answers(200, Impact, examples.IMPACT),
)
def creator_impact(
    *,
    row_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    paging: NamedDependency[Paging],
    from_: windows.From = None,
    to: windows.To = None,
) -> Impact:
    """The same for a creator and her time off; days are those of UTC."""
    return _impact("creator", row_id, commands, bounds, paging, (from_, to))


def _impact(  # noqa: PLR0917 - what both routes are handed
    kind: str,
    row_id: str,
    commands: Commands,
    bounds: Bounds,
    paging: Paging,
    asked: tuple[str | None, str | None],
) -> Impact:
    with commands.log.pool.connection() as connection:
        row: Any = registry.find(connection, BY_KIND[kind], row_id) if is_id(kind, row_id) else None
        if row is None:
            raise NotFound(f"no {kind} {row_id}")
        of_studio = kind == "room"
        place: Any = registry.find(connection, BY_KIND["studio"], row.studio_id) if of_studio else _Anywhere()
        window = window_of(place, *asked)
        found = sorted(
            impact.touched(connection, row_id, window, bounds.clients),
            key=lambda each: _key(each, bounds.clients),
        )
        paging = paging.sorted_by("start")
        seen = paging.after(tuple[datetime, str])
        rest = [each for each in found if seen is None or _key(each, bounds.clients) > seen]
        page = paging.page(rest[: paging.fetch], lambda each: _key(each, bounds.clients), len(found))
        blackouts = impact.blackouts(connection, row_id, window, masked=bounds.clients is not None)
        items = _told(connection, commands, page.items, bounds.clients)
    return Impact(
        resource=Resource(kind, row_id, row.name),
        start=window.start,
        end=window.end,
        groups=_groups([each for each in found if _theirs(each, bounds.clients)]),
        blackouts=blackouts,
        items=items,
        page=page.page,
    )


def _theirs(show: Touched, clients: Sequence[str] | None) -> bool:
    return clients is None or show.client_id in clients


def _key(show: Touched, clients: Sequence[str] | None) -> tuple[datetime, str]:
    """Where a show stands in the list. No two bookings of others begin at once, so they need no id."""
    return (show.start, show.id) if _theirs(show, clients) else (show.first, "")


def _groups(found: Sequence[Touched]) -> list[Group]:
    """By client, then schedule."""
    counted: dict[tuple[str, str, str | None, str | None, str | None], dict[str, int]] = {}
    for show in found:
        plan, name = (show.plan, show.plan_name) if show.kind == "plan" else (None, None)
        key = (show.client_name or "", show.plan_name, show.client_id, plan, name)
        stages = counted.setdefault(key, {"booked": 0, "proposed": 0, "draft": 0})
        stages[show.stage] += 1
    return [
        Group(
            client_id=client_id,
            client_name=client_name or None,
            schedule_id=schedule_id,
            schedule_name=schedule_name,
            **stages,
        )
        for (client_name, _, client_id, schedule_id, schedule_name), stages in sorted(
            counted.items(), key=lambda each: [part or "" for part in each[0]]
        )
    ]


def _told(
    connection: Connection[Any], commands: Commands, shows: Sequence[Touched], clients: Sequence[str] | None
) -> list[HitShow]:
    """The shows of a page with what was agreed, asked of the streams of their schedules."""
    ours = [show for show in shows if _theirs(show, clients)]
    plans = sorted({show.plan for show in ours})
    changes = impact.open_changes(connection, plans, [show.id for show in ours])
    approved: set[str] = set()
    for plan, position in impact.approved_positions(connection, plans).items():
        version = state.replay(commands.log.stream(plan, to_version=position))
        approved |= {show.id for show in version.live_shows()} if version else set()
    return [
        _shown(show, in_approved=show.id in approved, changes=changes.get(show.id, []))
        if _theirs(show, clients)
        else _masked(show)
        for show in shows
    ]


def _shown(show: Touched, *, in_approved: bool, changes: list[str]) -> HitShow:
    planned = show.kind == "plan"
    return HitShow(
        show_id=show.id,
        name=show.name,
        status=show.status,
        stage=show.stage,
        start=show.start,
        end=show.end,
        needed_from=show.first,
        needed_to=show.last,
        schedule_id=show.plan if planned else None,
        schedule_name=show.plan_name if planned else None,
        client_id=show.client_id,
        client_name=show.client_name,
        agreed=Agreed(
            approved_version=show.approved_version, in_approved_version=in_approved, open_changes=changes
        ),
    )


def _masked(show: Touched) -> HitShow:
    return HitShow(
        show_id=None,
        name="booked",
        status="confirmed",
        stage="booked",
        start=show.first,
        end=show.last,
        needed_from=show.first,
        needed_to=show.last,
        schedule_id=None,
        schedule_name=None,
        client_id=None,
        client_name=None,
        agreed=None,
    )


routes = Router("/", route_handlers=[room_impact, creator_impact], tags=["availability"])
