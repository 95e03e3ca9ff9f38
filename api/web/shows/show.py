"""/shows/{id}: one show, as a page and as the panel at the side of others: what it is, what is in its way,
what may be done now, what was said, and what happened to it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from psycopg import Connection

from api import trail
from api.http.security import Bounds, Principal
from api.http.security import may as may_do
from api.resources import conflicts, history, shows
from api.resources.shows import readiness_of
from api.retelling import Teller, Told
from api.web.board import bars
from api.web.frame import named
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from api.web.plans.acts import of_change, unseen
from api.web.plans.decisions import Decision, decisions
from api.web.shows import findings
from api.web.shows.commands import allowed
from api.web.telling import open_changes
from api.web.timeline import Entry, Telling
from domain.access import Action
from domain.application import Commands
from domain.conflicts import Finding
from domain.errors import NotFound
from domain.registry.entities import BY_KIND
from domain.schedule import state
from domain.schedule.lifecycle import REASONS
from domain.schedule.machine import PLANNING
from projections import changes, comments, naming, registry, schedules, versions
from projections.as_it_was import clients_view, schedule_as_of
from projections.board import Holder
from projections.changes import ChangeFilter, ChangeRow
from projections.schedules import ScheduleFilter, ScheduleRow
from projections.shows import ShowRow

Tab = Literal["details", "comments", "history"]
EVENTS: Final = 15
"""How many events a history begins with."""
_MOST: Final = 200
_EARLY: Final = timedelta(minutes=30)
"""A show that begins later than that is hardly meant to go live now."""


class Shown:
    """A show with its plan and studio, and how all of it is told to whoever looks."""

    def __init__(self, connection: Connection[Any], commands: Commands, bounds: Bounds, show_id: str) -> None:
        self.show: ShowRow = shows.known(connection, show_id, bounds.clients)
        holder = commands.references.schedule_of(connection, show_id)
        plan = schedules.one(connection, holder, bounds.clients) if holder else None
        studio: Any = registry.find(connection, BY_KIND["studio"], self.show.studio_id)
        if plan is None or studio is None:
            raise NotFound(f"no show {show_id}")
        self.plan: ScheduleRow = plan
        self.studio = studio
        self.asks_client = self.show.client_id is not None and bool(studio.client_approval)

    @property
    def holder(self) -> Holder:
        """Its plan, as the board tells of it."""
        plan = self.plan
        approved = plan.approved_version is not None
        return Holder(plan.id, plan.name, plan.status, plan.kind == "single", plan.client_id, approved)

    def telling(self, request: Request[Principal, Any, Any]) -> Telling:
        """How its times and names are said; fill in `names`."""
        t = words(request)
        return Telling(StudioTime(self.studio.time_zone, self.studio.day_start, t.language), t)

    def ids(self) -> set[str]:
        """What the show names."""
        show = self.show
        named = (show.room_id, show.client_id, *show.creators, *(each.platform_id for each in show.platforms))
        return {each for each in named if each} | {show.created_by, show.updated_by}

    def may(self, connection: Connection[Any], user: Principal) -> frozenset[str]:
        """What this user may do with it now."""
        author = None
        if self.plan.kind == "single" and self.plan.status == "proposed":
            newest = versions.listed(connection, self.plan.id, limit=1)
            author = newest[0].created_by if newest else None
        return allowed(user, self.show, self.plan, asks_client=self.asks_client, author=author)


@get("/shows/{show_id:str}", include_in_schema=False, sync_to_thread=True)
def show_page(
    *,
    request: Request[Principal, Any, Any],
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    tab: FromQuery[Tab] = "details",
    events: Annotated[int, QueryParameter(ge=1, le=1_000)] = EVENTS,
) -> Response[str]:
    """The show's page: `details`, `comments`, or the newest so many `events` of its history."""
    found: list[Finding] = []
    mates: Mapping[str, state.Show] = {}
    if tab == "details":
        found, mates = _findings(commands, bounds, show_id)
    with commands.log.pool.connection() as connection:
        shown = Shown(connection, commands, bounds, show_id)
        told: dict[str, Any] = {"found": [], "open_changes": [], "accepted": [], "targets": [], "more": 0}
        told |= {"entries": [], "said": [], "unseen": ""}
        names = shown.ids() | set(findings.ids(found))
        may = shown.may(connection, request.user)
        if tab == "details":
            asked = ChangeFilter(show_id=show_id, status=("proposed",), clients=bounds.clients)
            told["open_changes"] = changes.listed(connection, asked, limit=_MOST)
            stream = schedule_as_of(commands.log.stream(shown.plan.id)) if told["open_changes"] else None
            told["may_do"] = {
                each.id: of_change(request.user, stream, stream.changes[each.id])
                for each in told["open_changes"]
                if stream
            }
            told["targets"] = _targets(connection, shown, bounds) if "move" in may else []
            names |= {name for each in told["open_changes"] for name in _named_by(each)}
        elif tab == "comments":
            told["said"] = comments.listed(connection, show_id, limit=_MOST)
            told["unseen"] = unseen(connection, commands.log, request.user, told["said"])
            names |= comments.people(told["said"])
        elif shown.plan.kind == "single":
            writes = may_do(request.user, Action.WRITE)
            told["writes"] = writes
            told["numbered"] = versions.listed(connection, shown.plan.id, limit=_MOST, include_deleted=writes)
            names |= {each.created_by for each in told["numbered"]}
        spoken = comments.total(connection, show_id)
        asked_for = open_changes(connection, found)
        telling = shown.telling(request)
        telling.names = naming.names(connection, names)
        telling.lookups = named.lookups(connection, telling.t)
    told["found"] = findings.tell(found, shown.show, request.user, telling, asked_for, mates=mates)
    if tab == "history":
        told["entries"], told["more"] = _history(request, commands, bounds, shown, events)
    return page(
        request,
        "show",
        show=shown.show,
        state=bars.state(shown.show, shown.holder),
        plan=shown.plan,
        studio=shown.studio,
        time=telling.time,
        telling=telling,
        tab=tab,
        may=may,
        spoken=spoken,
        decided=_decided(commands, shown.plan),
        last=telling.time.by(telling.names.get(shown.show.updated_by, ""), shown.show.updated_at),
        lasting=_lasting(shown.show),
        missing=readiness_of(shown.show).missing,
        reasons=REASONS,
        early=shown.show.start - commands.clock() > _EARLY,
        metadata=msgspec.json.format(msgspec.json.encode(shown.show.metadata), indent=2).decode(),
        position=commands.log.head(),
        **told,
    )


def _decided(commands: Commands, plan: ScheduleRow) -> Decision | None:
    """The last word on a standalone show, which its next step answers; a plan's page tells its own."""
    return decisions(commands.log.stream(plan.id)).standing if plan.kind == "single" else None


def _findings(
    commands: Commands, bounds: Bounds, show_id: str
) -> tuple[list[Finding], Mapping[str, state.Show]]:
    """What is in the show's way, and in whose way it is; with the shows of its schedule by id."""
    with commands.log.pool.connection() as connection:
        holder = commands.references.schedule_of(connection, show_id)
        plan = schedules.one(connection, holder) if holder else None
    if plan is None or plan.status not in PLANNING or plan.deleted_at is not None:
        return [], {}
    stream = commands.log.stream(plan.id)
    schedule = schedule_as_of(stream) if bounds.clients is None else clients_view(stream)
    return conflicts.found_in(commands, bounds, schedule, show_id=show_id), schedule.shows


def _history(
    request: Request[Principal, Any, Any], commands: Commands, bounds: Bounds, shown: Shown, most: int
) -> tuple[list[Entry], int]:
    """The newest events that touched the show, newest first, and how many more there are."""
    show_id = shown.show.id
    asked = trail.Asked(stream=show_id)
    every = history.seen_by(bounds, list(trail.events(commands.log.pool, asked)), commands.log)
    newest = every[-most:][::-1]

    def own(tale: Told) -> Told:
        changed = tuple(each for each in tale.changes if each.kind != "show" or each.id == show_id)
        return Told(changed, tale.title, tale.shows)

    told = [own(tale) for tale in Teller(commands.log).tell(newest)]
    with commands.log.pool.connection() as connection:
        return shown.telling(request).entries(connection, newest, told), len(every) - len(newest)


def _targets(connection: Connection[Any], shown: Shown, bounds: Bounds) -> list[ScheduleRow]:
    """The plans that the show can move to: of its studio and client, in the status of its own."""
    asked = ScheduleFilter(
        studio_id=shown.plan.studio_id,
        client_id=shown.plan.client_id,
        clients=bounds.clients,
        status=(shown.plan.status,),
    )
    rows = schedules.listed(connection, asked, descending=True, limit=_MOST)
    return [row for row in rows if row.id != shown.plan.id and row.client_id == shown.plan.client_id]


def _named_by(change: ChangeRow) -> set[str]:
    """What a change names: who asked, and what it would set."""
    found = {change.proposed_by}
    for operation in change.operations:
        for side in (operation["before"], operation["after"]):
            for value in side.values():
                found.update(_texts(value))
    return found


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]  # pyright: ignore[reportUnknownVariableType]
        case dict():
            return [text for each in value.values() for text in _texts(each)]  # pyright: ignore
        case _:
            return []


def _lasting(show: ShowRow) -> tuple[int, int]:
    """Hours and minutes that it lasts."""
    return divmod((show.end - show.start) // timedelta(minutes=1), 60)
