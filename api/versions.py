"""/api/v1/schedules/{id}/versions: what was proposed and booked, each as it was."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter

from api import examples
from api.headers import etag
from api.paging import Page, Paging
from api.schedules import known
from domain.application import Commands
from domain.errors import NotFound
from projections import versions
from projections.as_it_was import VersionDocument, encoded, version_document
from projections.versions import VersionRow


@get(
    "/{schedule_id:str}/versions",
    operation_id="list_versions",
    summary="List the versions of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, Page[VersionRow], examples.page_of(examples.VERSION)),
)
def list_versions(
    schedule_id: FromPath[str], commands: NamedDependency[Commands], paging: NamedDependency[Paging]
) -> Page[VersionRow]:
    """Newest first."""
    paging = paging.sorted_by("-number")
    seen = paging.after(tuple[int])
    with commands.log.pool.connection() as connection:
        known(connection, schedule_id)
        rows = versions.listed(connection, schedule_id, after=seen[0] if seen else None, limit=paging.fetch)
        total = versions.total(connection, schedule_id)
    return paging.page(rows, lambda row: (row.number,), total)


@get(
    "/{schedule_id:str}/versions/{number:int}",
    operation_id="get_version",
    summary="Get a version of a schedule",
    sync_to_thread=True,
    responses=examples.answers(200, VersionDocument, examples.VERSION_DOCUMENT),
)
def get_version(
    schedule_id: FromPath[str],
    number: Annotated[int, PathParameter(ge=1, le=2**31 - 1)],
    commands: NamedDependency[Commands],
) -> Response[VersionDocument]:
    """The whole schedule as that version showed it, from its stream alone: the same bytes each time."""
    if not schedule_id.startswith("schedule_"):
        raise NotFound(f"no schedule {schedule_id}")
    document = version_document(commands.log.stream(schedule_id), number)
    return Response(
        encoded(document),
        media_type="application/json",
        headers=etag(number),  # pyright: ignore[reportReturnType]
    )


routes = Router("/schedules", route_handlers=[list_versions, get_version], tags=["versions"])
