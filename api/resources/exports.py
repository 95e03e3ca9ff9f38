"""/api/v1/exports: shows as a file that imports back to nothing to do."""

from typing import Final

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from api.http import examples, windows
from api.http.security import Bounds
from api.resources.schedules import IdFilter
from api.transfer import Selection, export, export_workbook
from domain.application import Commands


@get(
    "/shows.csv",
    operation_id="export_shows",
    summary="Export shows as CSV",
    sync_to_thread=True,
    media_type="text/csv",
    responses={
        200: ResponseSpec(
            str, media_type="text/csv", description="The shows, by start", generate_examples=False
        )
    }
    | examples.NOT_FOUND,
)
def export_shows(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    schedule_id: IdFilter = None,
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    from_: windows.From = None,
    to: windows.To = None,
) -> Stream:
    """The columns of an import. Times carry their offset; a show without external id carries its own id;
    ids stand where a name would be ambiguous. Cancelled shows are left out."""
    start, end = windows.instants(from_, to)
    selection = Selection(
        schedule_id=schedule_id,
        clients=bounds.clients,
        client_id=client_id,
        studio_id=studio_id,
        start=start,
        end=end,
    )
    return Stream(
        export(commands, selection),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="shows.csv"'},
    )


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get(
    "/shows.xlsx",
    operation_id="export_shows_workbook",
    summary="Export shows as XLSX",
    sync_to_thread=True,
    media_type=_XLSX,
    responses={
        200: ResponseSpec(bytes, media_type=_XLSX, description="The shows, by start", generate_examples=False)
    }
    | examples.NOT_FOUND,
)
def export_shows_workbook(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    schedule_id: IdFilter = None,
    client_id: IdFilter = None,
    studio_id: IdFilter = None,
    from_: windows.From = None,
    to: windows.To = None,
) -> Response[bytes]:
    """The same as a workbook of one sheet. Every cell is text: nothing in it is a formula."""
    start, end = windows.instants(from_, to)
    selection = Selection(
        schedule_id=schedule_id,
        clients=bounds.clients,
        client_id=client_id,
        studio_id=studio_id,
        start=start,
        end=end,
    )
    return Response(
        export_workbook(commands, selection),
        media_type=_XLSX,
        headers={"Content-Disposition": 'attachment; filename="shows.xlsx"'},
    )


routes = Router("/exports", route_handlers=[export_shows, export_shows_workbook], tags=["exports"])
