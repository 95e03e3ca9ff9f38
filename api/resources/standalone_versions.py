"""/api/v1/shows/{id}/versions and /diff: a standalone show has the versions of its schedule of one."""

from typing import Annotated, Any

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from api.http.paging import Page, Paging
from api.http.security import Bounds
from api.resources import versions
from api.resources.standalone import single, single_with
from api.resources.versions import Diff, NewVersion, Number, RestoredSchedule, VersionPatch
from domain.application import Commands, Unit
from domain.errors import IllegalTransition, NotFound
from domain.schedule import versions as deciding
from projections import schedules
from projections.as_it_was import VersionDocument, version_row
from projections.versions import VersionRow


@get(
    "/{show_id:str}/versions",
    operation_id="list_show_versions",
    summary="List the versions of a standalone show",
    sync_to_thread=True,
    responses=examples.answers(200, Page[VersionRow], examples.page_of(examples.VERSION))
    | examples.IN_A_PLAN,
)
def list_versions(
    *,
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    include_deleted: FromQuery[bool] = False,
) -> Page[VersionRow]:
    """Newest first; deleted checkpoints only on request."""
    found: Any = versions.list_versions.fn(
        schedule_id=schedule_of(commands, show_id),
        commands=commands,
        paging=paging,
        include_deleted=include_deleted,
    )
    return found


@get(
    "/{show_id:str}/versions/{number:int}",
    operation_id="get_show_version",
    summary="Get a version of a standalone show",
    sync_to_thread=True,
    responses=examples.answers(200, VersionDocument, examples.VERSION_DOCUMENT) | examples.IN_A_PLAN,
)
def get_version(
    show_id: FromPath[str], number: Number, commands: NamedDependency[Commands]
) -> Response[VersionDocument]:
    """The show and its schedule of one as that version showed them."""
    found: Any = versions.get_version.fn(
        schedule_id=schedule_of(commands, show_id), number=number, commands=commands
    )
    return found


@get(
    "/{show_id:str}/diff",
    operation_id="diff_show_versions",
    summary="What differs between two versions of a standalone show",
    sync_to_thread=True,
    responses=examples.answers(200, Diff, examples.DIFF) | examples.IN_A_PLAN,
)
def diff(
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    from_: Annotated[int, QueryParameter(name="from", ge=1, le=2**31 - 1)],
    to: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
) -> Diff:
    """What a planner sets, plus status. Without `to`: up to the show as it is now."""
    found: Any = versions.diff.fn(
        schedule_id=schedule_of(commands, show_id), commands=commands, bounds=bounds, from_=from_, to=to
    )
    return found


@post(
    "/{show_id:str}/versions",
    operation_id="create_show_version",
    summary="Number a standalone show as it is",
    sync_to_thread=True,
    responses=examples.answers(201, VersionRow, examples.CHECKPOINT, "A new version.")
    | examples.answers(200, VersionRow, examples.VERSION, "Nothing changed since this version."),
)
def create_version(
    show_id: FromPath[str],
    data: Annotated[NewVersion, examples.body(examples.NEW_VERSION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[VersionRow]:
    """A checkpoint; without a change since the newest version, that one is answered."""

    def work(unit: Unit) -> Answer:
        schedule = single_with(unit, show_id)
        events = deciding.checkpoint(schedule, label=data.label, note=data.note)
        made = unit.append(schedule, events).versions[-1]
        location = f"/api/v1/shows/{show_id}/versions/{made.number}" if events else None
        return answer(
            version_row(made), status=201 if events else 200, version=made.number, location=location
        )

    return run(commands, posting.context("version.create"), work)


@patch(
    "/{show_id:str}/versions/{number:int}",
    operation_id="edit_show_version",
    summary="Call a version of a standalone show something else (administrators)",
    sync_to_thread=True,
    responses=examples.answers(200, VersionRow, examples.CHECKPOINT),
)
def edit_version(
    show_id: FromPath[str],
    number: Number,
    data: Annotated[VersionPatch, examples.body(examples.NEW_VERSION)],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> Response[VersionRow]:
    """Label and note; content and number never change."""
    work = versions.renaming(lambda unit: single(unit, show_id), number, data)
    return run(commands, editing.context("version.edit"), work)


@delete(
    "/{show_id:str}/versions/{number:int}",
    operation_id="delete_show_version",
    summary="Delete a checkpoint of a standalone show (administrators)",
    status_code=204,
    sync_to_thread=True,
)
def delete_version(
    show_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> None:
    """Soft, and for checkpoints only; the number does not return."""
    work = versions.deleting(lambda unit: single(unit, show_id), number)
    run(commands, editing.context("version.delete"), work)


@post(
    "/{show_id:str}/versions/{number:int}/undelete",
    operation_id="undelete_show_version",
    summary="Bring a deleted checkpoint of a standalone show back (administrators)",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, VersionRow, examples.CHECKPOINT),
)
def undelete_version(
    show_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[VersionRow]:
    """The checkpoint itself; `restore` makes the show what it was."""
    work = versions.undeleting(lambda unit: single(unit, show_id), number)
    return run(commands, posting.context("version.undelete"), work)


@post(
    "/{show_id:str}/versions/{number:int}/restore",
    operation_id="restore_show_version",
    summary="Go back to a version of a standalone show",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(
        200, RestoredSchedule, {**examples.SCHEDULE, "kind": "single", "change": None}
    ),
)
def restore_version(
    show_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[RestoredSchedule]:
    """Makes a draft what that version showed, or asks for the change of a booked show that would. Answers its
    schedule of one; a show that was cancelled comes back under a new id."""
    return versions.gone_back(
        commands,
        posting,
        number,
        lambda unit: single_with(unit, show_id),
        shown=lambda schedule: schedule.shows[show_id].version,
    )


def schedule_of(commands: Commands, show_id: str) -> str:
    """The schedule of a standalone show. Raises NotFound, IllegalTransition for a show in a plan."""
    with commands.log.pool.connection() as connection:
        schedule_id = commands.references.schedule_of(connection, show_id)
        row = schedules.one(connection, schedule_id) if schedule_id else None
    if row is None:
        raise NotFound(f"no show {show_id}")
    if row.kind != "single":
        raise IllegalTransition(
            f"this show is in a plan; look at /api/v1/schedules/{row.id} instead",
            status=row.status,
            allowed=[],
            schedule_id=row.id,
        )
    return row.id


routes = Router(
    "/shows",
    route_handlers=[
        list_versions,
        get_version,
        diff,
        create_version,
        edit_version,
        delete_version,
        undelete_version,
        restore_version,
    ],
    dependencies=CALLERS,
    tags=["versions"],
)
