"""/api/v1/schedules|shows|changes/{id}/comments and /api/v1/comments/{id}: words about the plan."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct
from psycopg import Connection

from api.commanding import CALLERS, Answer, Caller, answer, run
from api.http import examples
from api.http.paging import Page, Paging
from api.resources import changes, schedules, shows
from domain.application import Commands, Unit
from domain.errors import IllegalTransition, NotFound
from domain.schedule import commenting
from domain.schedule.state import Comment, Schedule
from projections import comments
from projections.comments import CommentRow


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said."""

    text: Annotated[str, Meta(min_length=1, max_length=10_000)]


@get(
    "/schedules/{schedule_id:str}/comments",
    operation_id="list_schedule_comments",
    summary="What was said about a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[CommentRow], examples.page_of(examples.COMMENT)),
)
def of_schedule(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], paging: NamedDependency[Paging]
) -> Page[CommentRow]:
    """Oldest first; not what was said about its shows and changes."""
    with commands.log.pool.connection() as connection:
        schedules.known(connection, schedule_id)
        return _page(connection, paging, schedule_id)


@get(
    "/shows/{show_id:str}/comments",
    operation_id="list_show_comments",
    summary="What was said about a show",
    sync_to_thread=True,
    responses=examples.answers(200, Page[CommentRow], examples.page_of(examples.COMMENT)),
)
def of_show(
    show_id: FromPath[str], commands: NamedDependency[Commands], paging: NamedDependency[Paging]
) -> Page[CommentRow]:
    """Oldest first."""
    with commands.log.pool.connection() as connection:
        shows.known(connection, show_id)
        return _page(connection, paging, show_id)


@get(
    "/changes/{change_id:str}/comments",
    operation_id="list_change_comments",
    summary="What was said about a change",
    sync_to_thread=True,
    responses=examples.answers(200, Page[CommentRow], examples.page_of(examples.COMMENT)),
)
def of_change(
    change_id: FromPath[str], commands: NamedDependency[Commands], paging: NamedDependency[Paging]
) -> Page[CommentRow]:
    """Oldest first."""
    with commands.log.pool.connection() as connection:
        changes.known(connection, change_id)
        return _page(connection, paging, change_id)


@post(
    "/schedules/{schedule_id:str}/comments",
    operation_id="comment_on_schedule",
    summary="Comment on a schedule",
    sync_to_thread=True,
    responses=examples.answers(201, CommentRow, examples.COMMENT),
)
def on_schedule(
    schedule_id: FromPath[str],
    data: Annotated[Words, examples.body(examples.WORDS)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[CommentRow]:
    """Says something about it. The plan and its versions stay as they are."""

    def work(unit: Unit) -> Answer:
        return _added(unit, unit.schedule(schedule_id), schedule_id, data)

    return run(commands, posting.context("comment.add"), work)


@post(
    "/shows/{show_id:str}/comments",
    operation_id="comment_on_show",
    summary="Comment on a show",
    sync_to_thread=True,
    responses=examples.answers(201, CommentRow, examples.COMMENT),
)
def on_show(
    show_id: FromPath[str],
    data: Annotated[Words, examples.body(examples.WORDS)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[CommentRow]:
    """Says something about it."""

    def work(unit: Unit) -> Answer:
        return _added(unit, unit.schedule_with(show_id), show_id, data)

    return run(commands, posting.context("comment.add"), work)


@post(
    "/changes/{change_id:str}/comments",
    operation_id="comment_on_change",
    summary="Comment on a change",
    sync_to_thread=True,
    responses=examples.answers(201, CommentRow, examples.COMMENT),
)
def on_change(
    change_id: FromPath[str],
    data: Annotated[Words, examples.body(examples.WORDS)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[CommentRow]:
    """Says something about it, decided or not."""
    schedule_id = changes.schedule_of(commands, change_id)

    def work(unit: Unit) -> Answer:
        return _added(unit, unit.schedule(schedule_id), change_id, data)

    return run(commands, posting.context("comment.add"), work)


@patch(
    "/comments/{comment_id:str}",
    operation_id="edit_comment",
    summary="Edit a comment",
    sync_to_thread=True,
    responses=examples.answers(200, CommentRow, examples.COMMENT),
)
def edit(
    comment_id: FromPath[str],
    data: Annotated[Words, examples.body(examples.WORDS)],
    commands: NamedDependency[Commands],
    editing: NamedDependency[Caller],
) -> Response[CommentRow]:
    """Your own only. The old words stay in the history. If-Match compares with the comment's version."""
    schedule_id = _schedule_of(commands, comment_id)

    def work(unit: Unit) -> Answer:
        schedule = _telling(unit, schedule_id, comment_id)
        by = unit.context.actor.id
        unit.match(commenting.own(schedule, comment_id, by).version)
        unit.append(schedule, commenting.edit(schedule, comment_id, data.text, by=by))
        comment = schedule.comments[comment_id]
        return answer(_row(schedule, comment), version=comment.version)

    return run(commands, editing.context("comment.edit"), work)


@delete(
    "/comments/{comment_id:str}",
    operation_id="remove_comment",
    summary="Remove a comment",
    status_code=204,
    sync_to_thread=True,
)
def remove(
    comment_id: FromPath[str], commands: NamedDependency[Commands], editing: NamedDependency[Caller]
) -> None:
    """Your own only. The words stay in the history. If-Match compares with the comment's version."""
    schedule_id = _schedule_of(commands, comment_id)

    def work(unit: Unit) -> None:
        schedule = _telling(unit, schedule_id, comment_id)
        by = unit.context.actor.id
        unit.match(commenting.own(schedule, comment_id, by).version)
        unit.append(schedule, commenting.remove(schedule, comment_id, by=by))

    commands.do(editing.context("comment.remove"), work)


@post(
    "/comments/{comment_id:str}/acknowledge",
    operation_id="acknowledge_comment",
    summary="Acknowledge a comment",
    status_code=200,
    sync_to_thread=True,
    responses=examples.answers(200, CommentRow, examples.SEEN_COMMENT),
)
def acknowledge(
    comment_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[CommentRow]:
    """The studio has seen what a client said last, and there is nothing to answer. If-Match compares with the
    comment's version; once it is edited it waits again."""
    schedule_id = _schedule_of(commands, comment_id)

    def work(unit: Unit) -> Answer:
        schedule = _telling(unit, schedule_id, comment_id)
        comment = commenting.find(schedule, comment_id)
        unit.match(comment.version)
        theirs = comments.of_client(unit.connection, comment_id)
        by = unit.context.actor.id
        unit.append(schedule, commenting.acknowledge(schedule, comment_id, by=by, of_client=theirs))
        return answer(_row(schedule, comment), version=comment.version)

    return run(commands, posting.context("comment.acknowledge"), work)


def _page(connection: Connection[Any], paging: Paging, subject_id: str) -> Page[CommentRow]:
    paging = paging.sorted_by("created_at")
    rows = comments.listed(
        connection, subject_id, after=paging.after(tuple[datetime, str]), limit=paging.fetch
    )
    return paging.page(rows, lambda row: (row.created_at, row.id), comments.total(connection, subject_id))


def _schedule_of(commands: Commands, comment_id: str) -> str:
    with commands.log.pool.connection() as connection:
        row = comments.one(connection, comment_id)
    if row is None:
        raise NotFound(f"no comment {comment_id}")
    return row.schedule_id


def _telling(unit: Unit, schedule_id: str, comment_id: str) -> Schedule:
    """The schedule whose stream tells of a comment. Where the show that was talked about has moved on, it
    may even be deleted. Raises NotFound, IllegalTransition."""
    schedule = unit.schedule(schedule_id, deleted=True)
    comment = schedule.comments.get(comment_id)
    if schedule.deleted_at is not None and (comment is None or commenting.is_here(schedule, comment)):
        raise IllegalTransition(
            "this schedule was deleted; restore it first", status=schedule.status, allowed=["restore"]
        )
    return schedule


def _added(unit: Unit, schedule: Schedule, subject_id: str, words: Words) -> Answer:
    (added,) = commenting.add(schedule, subject_id, words.text, new_id=unit.new_id)
    unit.append(schedule, [added])
    comment = schedule.comments[added.comment_id]
    return answer(_row(schedule, comment), status=201, version=comment.version)


def _row(schedule: Schedule, comment: Comment) -> CommentRow:
    return CommentRow(
        schedule_id=schedule.id,
        **{name: getattr(comment, name) for name in CommentRow.__struct_fields__ if name != "schedule_id"},
    )


routes = Router(
    "/",
    route_handlers=[
        *(of_schedule, of_show, of_change, on_schedule, on_show, on_change),
        *(edit, remove, acknowledge),
    ],
    dependencies=CALLERS,
    tags=["comments"],
)
