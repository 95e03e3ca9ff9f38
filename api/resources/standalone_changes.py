"""/api/v1/shows/{id}/changes: a booked standalone show is altered by changes too, of its schedule of one."""

from typing import Annotated, Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.commanding import CALLERS, Caller
from api.http import examples
from api.http.paging import Page, Paging
from api.http.security import Bounds
from api.resources import changes
from api.resources.changes import Statuses
from api.resources.standalone import single_with
from api.resources.standalone_versions import schedule_of
from domain.application import Commands
from domain.errors import Invalid
from domain.schedule.changes import Add, NewChange
from projections.changes import ChangeRow


@post(
    "/{show_id:str}/changes",
    operation_id="propose_show_change",
    summary="Ask for a change of a standalone show",
    sync_to_thread=True,
    responses=examples.answers(201, ChangeRow, examples.CHANGE),
)
def propose(
    show_id: FromPath[str],
    data: Annotated[NewChange, examples.body(examples.NEW_CHANGE)],
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
) -> Response[ChangeRow]:
    """Asks to alter a confirmed show. Its category says who approves; a change that needs nobody is applied
    at once, or refused whole. It adds no other show."""
    for index, operation in enumerate(data.operations):
        if isinstance(operation, Add):
            raise Invalid.field(f"operations[{index}].op", "choice", "a standalone show stands alone")
    return changes.proposed(commands, posting, data, lambda unit: single_with(unit, show_id))


@get(
    "/{show_id:str}/changes",
    operation_id="list_show_changes",
    summary="List the changes of a standalone show",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ChangeRow], examples.page_of(examples.CHANGE)) | examples.IN_A_PLAN,
)
def list_changes(
    show_id: FromPath[str],
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    status: Statuses = None,
) -> Page[ChangeRow]:
    """Newest first."""
    found: Any = changes.list_of_schedule.fn(
        schedule_id=schedule_of(commands, show_id),
        commands=commands,
        paging=paging,
        bounds=bounds,
        status=status,
    )
    return found


routes = Router("/shows", route_handlers=[propose, list_changes], dependencies=CALLERS, tags=["changes"])
