"""/api/v1/shows/bulk and /bulk: one action over up to 1,000 shows, with a result for each; undone as one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api import access, referring
from api.commanding import CALLERS, Answer, Caller, answer, respond
from api.http import examples
from api.http.security import Principal
from domain import bulk
from domain.application import Commands, Unit
from domain.bulk import Action, Run
from domain.errors import NotFound
from domain.event_log import Replayed
from domain.events import BulkRan
from domain.ids import is_id
from domain.schedule.planning import Id


class BulkAction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do to which shows; a dry run is the same, rolled back."""

    action: Action
    show_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=bulk.MOST_SHOWS)]
    dry_run: bool = False


class RunShown(Struct, frozen=True, kw_only=True):
    """A bulk run as the log tells of it: `counts` of shows by what became of them."""

    id: str
    action: str
    options: dict[str, Any]
    counts: dict[str, int]
    undone: bool
    created_at: datetime
    created_by: str


@post(
    "/shows/bulk",
    operation_id="run_bulk",
    summary="One action over many shows",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, Run, examples.BULK_RUN),
)
def run_bulk(
    data: Annotated[BulkAction, examples.body(examples.BULK_ACTION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[Run]:
    """Confirms, cancels, assigns a room or creators, or shifts in time. Each show is done, unchanged or
    refused with the reason; refusals stop no other show. `edit` sets each show its own time, room and
    creators, such as a swap of two: all of them or none."""

    def check(unit: Unit) -> None:
        access.check_shows(
            posting.user, unit, data.show_ids, cancels=isinstance(data.action, bulk.CancelShows)
        )
        referring.check_named(unit, list(_named(data.action)))

    context = posting.context("shows.bulk", dry_run=data.dry_run)
    done = bulk.run(commands, context, data.action, data.show_ids, check=check, encode=_encoded)
    return respond(done if isinstance(done, Replayed) else _answer(done))


@post(
    "/bulk/{run_id:str}/undo",
    operation_id="undo_bulk",
    summary="Take a bulk run back",
    status_code=200,
    sync_to_thread=True,
    opt={"action": "plan"},
    responses=examples.answers(200, Run, examples.BULK_RUN),
)
def undo_bulk(
    run_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[Run]:
    """Undoes what a run edited, all of it or nothing: every field must still be as the run set it."""

    def check(unit: Unit, show_ids: Sequence[str]) -> None:
        access.check_shows(posting.user, unit, show_ids, cancels=False)

    done = bulk.undo(commands, posting.context("bulk.undo"), run_id, check=check, encode=_encoded)
    return respond(done if isinstance(done, Replayed) else _answer(done))


@get(
    "/bulk/{run_id:str}",
    operation_id="get_bulk",
    summary="Get a bulk run",
    sync_to_thread=True,
    responses=examples.answers(200, RunShown, examples.BULK_SHOWN),
)
def get_bulk(
    run_id: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
) -> RunShown:
    """What a run did and who started it, from the log; its events name it as their cause."""
    hidden = request.user.clients is not None or not is_id("bulk", run_id)
    history = [] if hidden else commands.log.stream(run_id)
    if not history or not isinstance(ran := history[0].event, BulkRan):
        raise NotFound(f"no bulk run {run_id}")
    return RunShown(
        id=run_id,
        action=ran.action,
        options=ran.options,
        counts=ran.counts,
        undone=len(history) > 1,
        created_at=history[0].at,
        created_by=history[0].actor.id,
    )


def _named(action: Action) -> Iterator[tuple[str, str]]:
    """Paths and ids of the rooms and creators that an action names."""
    match action:
        case bulk.AssignRoom(room_id=room_id):
            if room_id:
                yield "action.room_id", room_id
        case bulk.AssignCreators(creators=creators):
            yield from ((f"action.creators[{index}]", each) for index, each in enumerate(creators))
        case bulk.EditShows(set=placings):
            for show_id, to in placings.items():
                if to.room_id:
                    yield f"action.set.{show_id}.room_id", to.room_id
                for index, each in enumerate(to.creators or ()):
                    yield f"action.set.{show_id}.creators[{index}]", each
        case bulk.ConfirmShows() | bulk.CancelShows() | bulk.ShiftShows():
            pass


def _answer(run: Run) -> Answer:
    return answer(run)


def _encoded(run: Run) -> bytes:
    return msgspec.json.encode(_answer(run))


routes = Router("/", route_handlers=[run_bulk, get_bulk, undo_bulk], dependencies=CALLERS, tags=["bulk"])
