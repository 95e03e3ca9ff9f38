"""/api/v1/schedules/{id}/conflicts and /api/v1/conflicts/check: what is in the way, before it is booked."""

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct
from msgspec.structs import replace
from psycopg import Connection

from api import checking
from api.checking import CheckedShow
from api.http import examples
from api.http.security import Action, Bounds
from api.masking import masked
from api.resources.schedules import MOST_SHOWS
from domain.application import Commands
from domain.conflicts import Finding, blocking, claims_of, find
from domain.errors import NotFound
from domain.schedule.booking import subject_of
from domain.schedule.machine import PLANNING
from domain.schedule.state import Schedule
from domain.suggesting import suggest
from domain.suggesting.ground import home_of
from domain.suggesting.surroundings import wanted_around
from projections import published, schedules, surroundings
from projections.as_it_was import clients_view, schedule_as_of
from projections.surroundings import Known


class Findings(Struct, frozen=True, kw_only=True):
    """Conflicts in order of their show's start, and how many block and warn; `waived` counts those that do
    neither as they were accepted, where there are any."""

    items: list[Finding]
    counts: dict[str, int]


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """Shows to look at together; with `suggestions` the answer says what could be done."""

    shows: Annotated[tuple[CheckedShow, ...], Meta(min_length=1, max_length=MOST_SHOWS)]
    suggestions: bool = False


@get(
    "/schedules/{schedule_id:str}/conflicts",
    operation_id="list_conflicts",
    summary="What is in the way of a schedule?",
    sync_to_thread=True,
    responses=examples.answers(200, Findings, examples.FINDINGS),
)
def list_conflicts(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    suggestions: FromQuery[bool] = True,
) -> Findings:
    """Everything about its draft and confirmed shows, across all schedules, and what could be done about it
    unless `suggestions` is false. A schedule that is not being planned wants nothing and has none."""
    history = commands.log.stream(schedule_id) if schedule_id.startswith("schedule_") else []
    if not history:
        raise NotFound(f"no schedule {schedule_id}")
    schedule = schedule_as_of(history) if bounds.clients is None else clients_view(history)
    return _counted(found_in(commands, bounds, schedule, suggestions=suggestions))


def found_in(
    commands: Commands,
    bounds: Bounds,
    schedule: Schedule,
    *,
    suggestions: bool = True,
    show_id: str | None = None,
) -> list[Finding]:
    """The findings of a schedule, or those that have a show of it on either side, as this user sees them."""
    if schedule.status not in PLANNING or schedule.deleted_at is not None:
        return []
    subjects = [
        subject_of(schedule, show) for show in schedule.live_shows() if show.status in {"draft", "confirmed"}
    ]
    now = commands.clock()
    with commands.log.pool.connection() as connection:
        known = commands.references.facts(connection, subjects, now)
        findings = find(subjects, published.seen_by(connection, known, subjects, bounds.clients))
        if show_id is not None:
            findings = [
                each for each in findings if show_id in {each.show_id, each.other and each.other.show_id}
            ]
        if suggestions and findings:
            homes = dict.fromkeys((subject.id for subject in subjects), home_of(schedule))
            facts = surroundings.around(connection, subjects, {f.show_id for f in findings}, homes, now)
            facts = published.seen_by(connection, facts, subjects, bounds.clients)
            findings = suggest(findings, subjects, facts, homes, for_client=bounds.clients is not None)
    return masked(findings, bounds.clients)


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
    """Looks at shows that are not saved yet, or not like that, as if they were in their schedules; stores
    nothing. A show without an id is called `shows[3]` in the answer."""
    now = commands.clock()
    with commands.log.pool.connection() as connection:
        known = checking.look_up(connection, data.shows, now, around=data.suggestions)
        known = _as_published(connection, known, bounds)
        subjects, homes = checking.subjects(data.shows, known, bounds.clients)
        if data.suggestions:
            ids = [subject.id for subject in subjects]
            wanted = wanted_around(ids, subjects, known.facts, homes)
        else:
            wanted = [claim for subject in subjects for claim in claims_of(subject, known.facts.rooms)]
        facts = surroundings.with_claims(connection, known.facts, wanted, subjects)
        facts = published.seen_by(connection, facts, subjects, bounds.clients)
    findings = find(subjects, facts)
    if data.suggestions:
        findings = suggest(findings, subjects, facts, homes, for_client=bounds.clients is not None)
    return _counted(masked(findings, bounds.clients))


def _as_published(connection: Connection[Any], known: Known, bounds: Bounds) -> Known:
    """To a client's users, the period of a plan is its newest version's."""
    if bounds.clients is None:
        return known
    plans = dict(known.plans)
    for plan_id, plan in known.plans.items():
        if row := schedules.one(connection, plan_id, bounds.clients):
            plans[plan_id] = replace(plan, start_date=row.start_date, end_date=row.end_date)
    return replace(known, plans=plans)


def _counted(findings: list[Finding]) -> Findings:
    waived = sum(bool(finding.waived) for finding in findings)
    block = len(blocking(findings))
    counts = {"block": block, "warn": len(findings) - waived - block}
    return Findings(items=findings, counts=counts | ({"waived": waived} if waived else {}))


routes = Router("/", route_handlers=[list_conflicts, check_conflicts], tags=["conflicts"])
