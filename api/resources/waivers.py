"""/api/v1/schedules|shows/{id}/waivers: findings that were accepted, by whom and why."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from api.http.paging import Page, Paging
from api.http.security import Bounds
from domain import waiving
from domain.application import Commands, Unit
from domain.conflicts import Code, Overlap
from domain.errors import Forbidden, NotFound
from domain.schedule.planning import Id, find_show
from domain.schedule.state import Schedule
from domain.waivers import Because, Waiver
from domain.waiving import Asked
from projections.as_it_was import clients_view, schedule_as_of


class NewWaiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which finding of the show is accepted, and why. `other` is the id of the show or closure on the other
    side, needed only where the show has several findings of that code."""

    code: Code
    reason: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"\S")]
    other: Id | None = None
    resource_id: Id | None = None


class WaiverRow(Struct, frozen=True, kw_only=True):
    """A finding that was accepted for a show as it was then: `start`, `end`. It is `active` until it ends."""

    id: str
    version: int
    schedule_id: str
    show_id: str
    code: str
    other: str | None
    resource_id: str | None
    reason: str
    start: datetime
    end: datetime
    overlap: Overlap | None
    created_at: datetime
    created_by: str
    active: bool
    ended_at: datetime | None
    ended_by: str | None
    ended_because: Because | None


@get(
    "/schedules/{schedule_id:str}/waivers",
    operation_id="list_schedule_waivers",
    summary="What was accepted in a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[WaiverRow], examples.page_of(examples.WAIVER)),
)
def of_schedule(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    paging: NamedDependency[Paging],
) -> Page[WaiverRow]:
    """Oldest first, those that have ended too."""
    return _page(commands, bounds, paging, schedule_id)


@get(
    "/shows/{show_id:str}/waivers",
    operation_id="list_show_waivers",
    summary="What was accepted about a show",
    sync_to_thread=True,
    responses=examples.answers(200, Page[WaiverRow], examples.page_of(examples.WAIVER)),
)
def of_show(
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    paging: NamedDependency[Paging],
) -> Page[WaiverRow]:
    """Oldest first, those that have ended too, in the schedule that it is in now."""
    with commands.log.pool.connection() as connection:
        schedule_id = commands.references.schedule_of(connection, show_id)
    if schedule_id is None:
        raise NotFound(f"no show {show_id}")
    return _page(commands, bounds, paging, schedule_id, show_id)


@post(
    "/shows/{show_id:str}/waivers",
    operation_id="waive_conflict",
    summary="Accept a warning, or too little time between two shows",
    sync_to_thread=True,
    responses=examples.answers(201, WaiverRow, examples.WAIVER),
)
def give(
    show_id: FromPath[str],
    data: Annotated[NewWaiver, examples.body(examples.NEW_WAIVER)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[WaiverRow]:
    """By managers of the studio; `turnaround_short` by administrators. It ends when the show moves. A finding
    that was accepted already answers its waiver. If-Match compares with the show's version."""

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule_with(show_id)
        show = find_show(schedule, show_id)
        unit.match(show.version)
        if data.code in waiving.ADMINS and not posting.user.is_system_admin:
            raise Forbidden(
                f"Only a system administrator may waive {data.code}: it blocks.", needs="system_admin"
            )
        asked = Asked(code=data.code, reason=data.reason, other=data.other, resource_id=data.resource_id)
        waiver = waiving.accept(unit, schedule, show, asked)
        return answer(_row(schedule.id, waiver), status=201, version=waiver.version)

    return run(commands, posting.context("conflict.waive"), work)


@delete(
    "/shows/{show_id:str}/waivers/{waiver_id:str}",
    operation_id="withdraw_waiver",
    summary="Accept it no longer",
    status_code=204,
    sync_to_thread=True,
)
def withdraw(
    show_id: FromPath[str],
    waiver_id: FromPath[str],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> None:
    """What was booked stays booked. If-Match compares with the waiver's version."""

    def work(unit: Unit) -> None:
        schedule = unit.schedule_with(show_id)
        waiver = waiving.find_waiver(schedule, show_id, waiver_id)
        unit.match(waiver.version)
        unit.append(schedule, waiving.withdraw(waiver))

    commands.do(editing.context("conflict.unwaive"), work)


def _page(
    commands: Commands, bounds: Bounds, paging: Paging, schedule_id: str, show_id: str | None = None
) -> Page[WaiverRow]:
    """From the stream: few are given, and those that ended are nowhere else."""
    history = commands.log.stream(schedule_id) if schedule_id.startswith("schedule_") else []
    if not history:
        raise NotFound(f"no schedule {schedule_id}")
    schedule = schedule_as_of(history) if bounds.clients is None else clients_view(history)
    rows = [
        _row(schedule.id, each) if bounds.clients is None else _masked(schedule, each)
        for each in schedule.waivers.values()
        if show_id in (None, each.show_id) and (bounds.clients is None or each.show_id in schedule.shows)
    ]
    rows.sort(key=lambda row: (row.created_at, row.id))
    paging = paging.sorted_by("created_at")
    after = paging.after(tuple[datetime, str])
    later = [row for row in rows if after is None or (row.created_at, row.id) > after]
    return paging.page(later[: paging.fetch], lambda row: (row.created_at, row.id), len(rows))


def _masked(schedule: Schedule, waiver: Waiver) -> WaiverRow:
    """To a client's users, without the other side of another plan; the reason may tell who that is."""
    foreign = waiver.other is not None and waiver.other.startswith("show_")
    if foreign and waiver.other not in schedule.shows:
        return _row(schedule.id, waiver, hidden=True)
    return _row(schedule.id, waiver)


def _row(schedule_id: str, waiver: Waiver, *, hidden: bool = False) -> WaiverRow:
    return WaiverRow(
        id=waiver.id,
        version=waiver.version,
        schedule_id=schedule_id,
        show_id=waiver.show_id,
        code=waiver.code,
        other=None if hidden else waiver.other,
        resource_id=waiver.resource_id,
        reason="" if hidden else waiver.reason,
        start=waiver.start,
        end=waiver.end,
        overlap=waiving.overlap_of(waiver),
        created_at=waiver.created_at,
        created_by=waiver.created_by,
        active=waiver.active,
        ended_at=waiver.ended_at,
        ended_by=waiver.ended_by,
        ended_because=waiver.ended_because,
    )


routes = Router(
    "/",
    route_handlers=[of_schedule, of_show, give, withdraw],
    dependencies=CALLERS,
    tags=["conflicts"],
)
