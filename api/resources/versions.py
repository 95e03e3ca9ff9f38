"""/api/v1/schedules/{id}/versions and /diff: named points of a schedule, each as it was; what differs between
two; and going back to one. Restoring in a confirmed schedule asks for a change."""

from collections.abc import Callable, Sequence
from typing import Annotated

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from api import access
from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from api.http.headers import etag
from api.http.paging import Page, Paging
from api.http.security import Bounds
from api.resources.schedules import known
from domain import applying
from domain.application import Commands, Unit
from domain.conflicts import Subject
from domain.errors import NotFound
from domain.events import ScheduleEvent
from domain.schedule import versions as deciding
from domain.schedule.planning import Note
from domain.schedule.state import Change, Schedule, Version
from domain.schedule.versions import ShowChanged
from projections import versions
from projections.as_it_was import (
    VersionDocument,
    change_row,
    encoded,
    schedule_as_of,
    schedule_row,
    show_row,
    version_document,
    version_row,
)
from projections.changes import ChangeRow
from projections.schedules import ScheduleRow
from projections.shows import ShowRow
from projections.versions import VersionRow

Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Find = Callable[[Unit], Schedule]
"""Loads the schedule that a command is about."""


class NewVersion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to call the plan as it is now."""

    label: Label
    note: Note = ""


class VersionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a version is called from now on; absent fields stay."""

    label: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class RestoredSchedule(ScheduleRow, frozen=True, kw_only=True):
    """The schedule as restoring left it; a confirmed one with the `change` that would bring it back."""

    change: ChangeRow | None


class Diff(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What differs, by the identity of shows: from a version to another, or to the working plan (null).
    `confirmed_with_plan` are those changed shows whose status differs because the plan was confirmed in
    between."""

    from_: int
    to: int | None
    added: list[ShowRow]
    removed: list[ShowRow]
    changed: list[ShowChanged]
    confirmed_with_plan: list[str]

    def of_shows(self) -> "Diff":
        """The same without the statuses that came with the plan's own confirmation."""
        return replace(self, changed=deciding.beyond(self.changed, self.confirmed_with_plan))


# --- reading


@get(
    "/{schedule_id:str}/versions",
    operation_id="list_versions",
    summary="List the versions of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[VersionRow], examples.page_of(examples.VERSION)),
)
def list_versions(
    *,
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    include_deleted: FromQuery[bool] = False,
) -> Page[VersionRow]:
    """Newest first; deleted checkpoints only on request."""
    paging = paging.sorted_by("-number")
    seen = paging.after(tuple[int])
    with commands.log.pool.connection() as connection:
        known(connection, schedule_id)
        rows = versions.listed(
            connection,
            schedule_id,
            after=seen[0] if seen else None,
            limit=paging.fetch,
            include_deleted=include_deleted,
        )
        total = versions.total(connection, schedule_id, include_deleted=include_deleted)
    return paging.page(rows, lambda row: (row.number,), total)


@get(
    "/{schedule_id:str}/versions/{number:int}",
    operation_id="get_version",
    summary="Get a version of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, VersionDocument, examples.VERSION_DOCUMENT),
)
def get_version(
    schedule_id: FromPath[str], number: Number, commands: NamedDependency[Commands]
) -> Response[VersionDocument]:
    """The whole schedule as that version showed it, from its stream alone: the same bytes each time, except
    for what an administrator calls it since."""
    if not schedule_id.startswith("schedule_"):
        raise NotFound(f"no schedule {schedule_id}")
    document = version_document(commands.log.stream(schedule_id), number)
    return Response(
        encoded(document),
        media_type="application/json",
        headers=etag(number),  # pyright: ignore[reportReturnType]
    )


@get(
    "/{schedule_id:str}/diff",
    operation_id="diff_versions",
    summary="What differs between two versions",
    sync_to_thread=True,
    responses=examples.answers(200, Diff, examples.DIFF),
)
def diff(
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    from_: Annotated[int, QueryParameter(name="from", ge=1, le=2**31 - 1)],
    to: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
) -> Diff:
    """What a planner sets, plus status. Without `to`: up to the plan as it is now, which client users see as
    its newest version."""
    if not schedule_id.startswith("schedule_"):
        raise NotFound(f"no schedule {schedule_id}")
    history = commands.log.stream(schedule_id)
    if to is None and bounds.clients is not None:
        to = schedule_as_of(history).current_version
    before, after = schedule_as_of(history, number=from_), schedule_as_of(history, number=to)
    found = deciding.differences(before, after)
    return Diff(
        from_=from_,
        to=to,
        added=[show_row(after, show) for show in found.added],
        removed=[show_row(before, show) for show in found.removed],
        changed=found.changed,
        confirmed_with_plan=found.confirmed,
    )


# --- writing


@post(
    "/{schedule_id:str}/versions",
    operation_id="create_version",
    summary="Number the plan as it is",
    sync_to_thread=True,
    responses=examples.answers(201, VersionRow, examples.CHECKPOINT, "A new version.")
    | examples.answers(200, VersionRow, examples.VERSION, "Nothing changed since this version."),
)
def create_version(
    schedule_id: FromPath[str],
    data: Annotated[NewVersion, examples.body(examples.NEW_VERSION)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[VersionRow]:
    """A checkpoint. A plan that has not changed since its version needs no other: that one is answered."""

    def work(unit: Unit) -> Answer:
        schedule = unit.schedule(schedule_id)
        unit.match(schedule.version)
        events = deciding.checkpoint(schedule, label=data.label, note=data.note)
        made = unit.append(schedule, events).versions[-1]
        location = f"/api/v1/schedules/{schedule_id}/versions/{made.number}"
        if not events:
            return answer(version_row(made), version=made.number)
        return answer(version_row(made), status=201, version=made.number, location=location)

    return run(commands, posting.context("version.create"), work)


@patch(
    "/{schedule_id:str}/versions/{number:int}",
    operation_id="edit_version",
    summary="Call a version something else (administrators)",
    sync_to_thread=True,
    responses=examples.answers(200, VersionRow, examples.CHECKPOINT),
)
def edit_version(
    schedule_id: FromPath[str],
    number: Number,
    data: Annotated[VersionPatch, examples.body(examples.NEW_VERSION)],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> Response[VersionRow]:
    """Label and note; content and number never change."""
    work = renaming(lambda unit: unit.schedule(schedule_id), number, data)
    return run(commands, editing.context("version.edit"), work)


@delete(
    "/{schedule_id:str}/versions/{number:int}",
    operation_id="delete_version",
    summary="Delete a checkpoint (administrators)",
    status_code=204,
    sync_to_thread=True,
)
def delete_version(
    schedule_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> None:
    """Soft, and for checkpoints only; the number does not return."""
    work = deleting(lambda unit: unit.schedule(schedule_id), number)
    run(commands, editing.context("version.delete"), work)


@post(
    "/{schedule_id:str}/versions/{number:int}/undelete",
    operation_id="undelete_version",
    summary="Bring a deleted checkpoint back (administrators)",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, VersionRow, examples.CHECKPOINT),
)
def undelete_version(
    schedule_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[VersionRow]:
    """The checkpoint itself, not its plan: `restore` makes the plan what it was."""
    work = undeleting(lambda unit: unit.schedule(schedule_id), number)
    return run(commands, posting.context("version.undelete"), work)


@post(
    "/{schedule_id:str}/versions/{number:int}/restore",
    operation_id="restore_version",
    summary="Go back to a version",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, RestoredSchedule, {**examples.SCHEDULE, "change": None}),
)
def restore_version(
    schedule_id: FromPath[str],
    number: Number,
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[RestoredSchedule]:
    """Makes a draft's plan what that version showed; shows that were cancelled since come back under new ids.
    In a confirmed schedule it asks for the change that would. Where nothing differs, nothing happens."""

    def find(unit: Unit) -> Schedule:
        schedule = unit.schedule(schedule_id)
        unit.match(schedule.version)
        return schedule

    return gone_back(commands, posting, number, find, shown=lambda schedule: schedule.version)


# --- shared with standalone shows, whose versions are those of a schedule of one


def renaming(find: Find, number: int, data: VersionPatch) -> Callable[[Unit], Answer]:
    """The work that calls a version something else. Raises NotFound, PreconditionFailed."""
    return _on_version(
        find,
        number,
        lambda schedule: deciding.edit(schedule, number, label=data.label, note=data.note),
    )


def deleting(find: Find, number: int) -> Callable[[Unit], Answer]:
    """The work that deletes a checkpoint. Raises NotFound, IllegalTransition, PreconditionFailed."""
    return _on_version(find, number, lambda schedule: deciding.delete(schedule, number))


def undeleting(find: Find, number: int) -> Callable[[Unit], Answer]:
    """The work that brings a checkpoint back. Raises NotFound, PreconditionFailed."""
    return _on_version(find, number, lambda schedule: deciding.undelete(schedule, number))


def gone_back(
    commands: Commands,
    posting: Caller,
    number: int,
    find: Find,
    *,
    shown: Callable[[Schedule], int],
) -> Response[RestoredSchedule]:
    """Goes back to a version of the schedule that `find` loads and matches; `shown` is the version that the
    answer's ETag has. Raises NotFound, IllegalTransition, HasConflicts."""
    looked_at: list[Subject] = []

    def work(unit: Unit) -> Answer:
        schedule = find(unit)
        deciding.find_version(schedule, number)
        target = deciding.as_of(unit.tx.stream(schedule.id), number)
        studio = unit.studio(schedule.studio_id)
        if schedule.status != "confirmed":
            events = deciding.restore(schedule, target, number, studio=studio, new_id=unit.new_id)
            return _restored(unit.append(schedule, events), None, shown)
        found = unit.references.approval(unit.connection, "OPERATIONAL")
        approval = found[1] if found else "client"
        access.check_proposing(posting.user, schedule, approval)
        asked = deciding.asked_back(
            schedule, target, number, studio=studio, approval=approval, new_id=unit.new_id
        )
        if not asked:
            return _restored(schedule, None, shown)
        unit.append(schedule, asked, cause=asked[0].change_id)
        change = schedule.changes[asked[0].change_id]
        if change.needs == "none":
            applying.apply(commands, unit, schedule, change, looked_at)
        return _restored(schedule, change, shown)

    with applying.named(commands, looked_at):
        return run(commands, posting.context("version.restore", reason=f"back to version {number}"), work)


def _on_version(
    find: Find, number: int, decide: Callable[[Schedule], Sequence[ScheduleEvent]]
) -> Callable[[Unit], Answer]:
    """A decision about one version; If-Match compares with the version, which is what is addressed."""

    def work(unit: Unit) -> Answer:
        schedule = find(unit)
        unit.match(number)
        unit.append(schedule, decide(schedule))
        version: Version = deciding.find_version(schedule, number, deleted=True)
        return answer(version_row(version), version=number)

    return work


def _restored(schedule: Schedule, change: Change | None, shown: Callable[[Schedule], int]) -> Answer:
    row = RestoredSchedule(**asdict(schedule_row(schedule)), change=change and change_row(schedule, change))
    return answer(row, version=shown(schedule))


routes = Router(
    "/schedules",
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
