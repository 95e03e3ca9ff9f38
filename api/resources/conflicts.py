"""/api/v1/schedules/{id}/conflicts and /api/v1/conflicts/check: what is in the way, before it is booked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct
from psycopg import Connection

from api.http import examples
from api.http.security import Action, Bounds
from api.masking import masked
from api.referring import CODE
from api.resources.schedules import MOST_SHOWS
from domain.application import Commands
from domain.conflicts import Finding, Subject, find
from domain.errors import FieldError, Invalid, NotFound
from domain.schedule import state
from domain.schedule.booking import subject_of
from domain.schedule.machine import PLANNING
from domain.schedule.planning import Id, NewShow, Studio, span_errors
from domain.slots import operational_day, utc
from projections import schedules
from projections.schedules import ScheduleRow


class Findings(Struct, frozen=True, kw_only=True):
    """Conflicts in order of their show's start, and how many block and warn."""

    items: list[Finding]
    counts: dict[str, int]


class CheckedShow(NewShow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A show to look at, saved (`id`) or not, in a schedule or at least in a studio."""

    id: Id | None = None
    schedule_id: Id | None = None
    studio_id: Id | None = None


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """Shows to look at together."""

    shows: Annotated[tuple[CheckedShow, ...], Meta(min_length=1, max_length=MOST_SHOWS)]


@get(
    "/schedules/{schedule_id:str}/conflicts",
    operation_id="list_conflicts",
    summary="What is in the way of a schedule?",
    sync_to_thread=True,
    responses=examples.answers(200, Findings, examples.FINDINGS),
)
def list_conflicts(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], bounds: NamedDependency[Bounds]
) -> Findings:
    """Everything about its draft and confirmed shows, across all schedules. A schedule that is not being
    planned wants nothing and has none."""
    found = schedule_id.startswith("schedule_")
    schedule = state.replay(commands.log.stream(schedule_id)) if found else None
    if schedule is None:
        raise NotFound(f"no schedule {schedule_id}")
    if schedule.status not in PLANNING or schedule.deleted_at is not None:
        return _counted([])
    subjects = [
        subject_of(schedule, show) for show in schedule.live_shows() if show.status in {"draft", "confirmed"}
    ]
    with commands.log.pool.connection() as connection:
        facts = commands.references.facts(connection, subjects, commands.clock())
    return _counted(masked(find(subjects, facts), bounds.clients))


@post(
    "/conflicts/check",
    operation_id="check_conflicts",
    summary="What would be in the way of these shows?",
    status_code=200,
    sync_to_thread=True,
    opt={"action": Action.READ},
    responses=examples.answers(200, Findings, examples.FINDINGS),
)
def check_conflicts(
    data: Annotated[Check, examples.body(examples.CHECK)],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
) -> Findings:
    """Looks at drafts that are not saved yet; stores nothing. A show without an id is called `shows[3]` in
    the answer."""
    with commands.log.pool.connection() as connection:
        subjects = _subjects(connection, commands, data.shows, bounds)
        facts = commands.references.facts(connection, subjects, commands.clock())
    return _counted(masked(find(subjects, facts), bounds.clients))


def _subjects(
    connection: Connection[Any], commands: Commands, given: Sequence[CheckedShow], bounds: Bounds
) -> list[Subject]:
    """The shows as the rules look at them. Raises Invalid with every reference that is unknown."""
    plans = {i: schedules.one(connection, i) for i in sorted({s.schedule_id for s in given if s.schedule_id})}
    standards = commands.references.keys(connection, "shstd", {show.show_standard for show in given})
    named = {each for show in given for each in (show.room_id, *show.creators) if each}
    named |= {link.platform_id for show in given for link in show.platforms}
    live = commands.references.live(connection, named)
    studios: dict[str, Studio | None] = {}
    wrong: list[FieldError] = []
    subjects: list[Subject] = []
    for index, show in enumerate(given):
        path = f"shows[{index}]."
        plan = plans.get(show.schedule_id) if show.schedule_id else None
        if plan and bounds.clients is not None and plan.client_id not in bounds.clients:
            plan = None
        errors = [*span_errors(show.start, show.end, path), *_unknown(path, show, plan, live, standards)]
        studio_id = plan.studio_id if plan else show.studio_id
        if studio_id and studio_id not in studios:
            studios[studio_id] = commands.references.studio(connection, studio_id)
        studio = studios.get(studio_id) if studio_id else None
        if studio is None and not errors:
            errors = [FieldError(f"{path}studio_id", CODE, "name a schedule or a studio that is there")]
        if studio is None or errors:
            wrong += errors
            continue
        standard = standards[show.show_standard]
        subjects.append(
            _subject(show, plan, studio, called=f"shows[{index}]", standard=standard, now=commands.clock())
        )
    if wrong:
        raise Invalid(f"{len(wrong)} values are wrong", errors=wrong)
    return subjects


def _unknown(
    path: str, show: CheckedShow, plan: ScheduleRow | None, live: set[str], standards: Mapping[str, str]
) -> list[FieldError]:
    named = [(f"{path}room_id", show.room_id)] if show.room_id else []
    named += [(f"{path}creators[{index}]", each) for index, each in enumerate(show.creators)]
    named += [
        (f"{path}platforms[{index}].platform_id", link.platform_id)
        for index, link in enumerate(show.platforms)
    ]
    unknown = [(where, each) for where, each in named if each not in live]
    if show.schedule_id and plan is None:
        unknown.append((f"{path}schedule_id", show.schedule_id))
    if show.show_standard not in standards:
        unknown.append((f"{path}show_standard", show.show_standard))
    return [FieldError(where, CODE, f"{each} is unknown or deleted") for where, each in unknown]


def _subject(
    show: CheckedShow,
    plan: ScheduleRow | None,
    studio: Studio,
    *,
    called: str,
    standard: str,
    now: datetime,
) -> Subject:
    return Subject(
        id=show.id or called,
        name=show.name,
        start=utc(show.start),
        end=utc(show.end),
        studio_id=studio.id,
        room_id=show.room_id,
        creators=show.creators,
        platforms=tuple(link.platform_id for link in show.platforms),
        show_standard=standard,
        operational_day=operational_day(show.start, studio.time_zone, studio.day_start),
        created_at=now,
        schedule_id=plan.id if plan else None,
        client_id=plan.client_id if plan else None,
        period=(plan.start_date, plan.end_date) if plan else None,
    )


def _counted(findings: list[Finding]) -> Findings:
    block = sum(finding.severity == "block" for finding in findings)
    return Findings(items=findings, counts={"block": block, "warn": len(findings) - block})


routes = Router("/", route_handlers=[list_conflicts, check_conflicts], tags=["conflicts"])
