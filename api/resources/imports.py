"""/api/v1/imports: take a planner's file in, or see what that would do; the runs so far."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException, HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta, Struct
from msgspec.structs import replace

from api import transfer
from api.access import reach
from api.commanding import CALLERS, Answer, Caller, answer, respond
from api.http import examples
from api.http.headers import MAX_IMPORT
from api.http.paging import Page, Paging
from api.http.security import Bounds, Principal
from domain.access import Action
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.event_log import Replayed
from domain.importing import undoing
from domain.importing.choosing import MEANT
from domain.importing.report import ImportReport, Options
from domain.importing.sheet import COLUMNS
from domain.importing.undoing import Undone
from projections import imports
from projections.imports import ImportRow, Outcome

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAIN: Final = frozenset({"text/csv", "application/csv", "text/plain", "application/octet-stream", _XLSX})
_ROW: Final = (
    "SH-1001,Acme,Bangkok,Room 1,Launch,2026-05-02T20:00,2026-05-02T22:00,Mali; Nok,TikTok,bau,standard,"
)
EXAMPLE: Final = f"{','.join(COLUMNS)}\r\n{_ROW}\r\n"

Zone = Annotated[str, QueryParameter(max_length=100, description="Of studios that are created.")]
Outcomes = Annotated[
    list[Outcome] | None, QueryParameter(description="Only runs that ended so; may be repeated.")
]
Leave = Annotated[
    list[Annotated[int, Meta(ge=1, le=10_000_000)]] | None,
    QueryParameter(max_items=1_000, description="A line of the file to leave out; may be repeated."),
]
Theirs = Annotated[
    list[Annotated[int, Meta(ge=1, le=10_000_000)]] | None,
    QueryParameter(max_items=1_000, description="A line whose values win; may be repeated."),
]
Stay = Annotated[
    list[Annotated[str, Meta(max_length=100)]] | None,
    QueryParameter(
        max_items=1_000, description="A show that stays although the file lacks it; may be repeated."
    ),
]
Meant = Annotated[
    list[Annotated[str, Meta(max_length=100, pattern=MEANT)]] | None,
    QueryParameter(
        max_items=1_000,
        description="The id of what an ambiguous name means, one of its `candidates`; with a line of the file"
        " before it, such as `12:creator_...`, in that line alone. May be repeated.",
    ),
]
FileName = Annotated[str, QueryParameter(max_length=255, description="For a file sent as the whole body.")]


class Upload(Struct, frozen=True):
    """A file as it was sent."""

    data: bytes
    file_name: str | None


@dataclass
class _TakesFile(Operation):
    """Says in the documentation what the body is: it is read as it comes, not as JSON."""

    def __post_init__(self) -> None:
        text = Schema(type=OpenAPIType.STRING)
        file = Schema(
            type=OpenAPIType.OBJECT,
            required=["file"],
            properties={"file": Schema(type=OpenAPIType.STRING, content_media_type="text/csv")},
        )
        self.request_body = RequestBody(
            required=True,
            description="A CSV file in UTF-8 or an XLSX file, as the body or as the field `file` of a form.",
            content={
                "text/csv": OpenAPIMediaType(schema=text, examples={"file": Example(value=EXAMPLE)}),
                _XLSX: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
                "multipart/form-data": OpenAPIMediaType(schema=file),
            },
        )


async def uploaded(
    request: Request[Principal, Any, Any],
    posting: NamedDependency[Caller],  # noqa: ARG001 - see below
) -> Upload:
    """The dependency of a route that takes a file. Refused: 400 (a broken form), 415, Invalid (no file).

    `posting` is only named because it reads the body too: dependencies side by side would both stream it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _PLAIN:
        return Upload(await request.body(), None)
    if kind != "multipart/form-data":
        raise HTTPException(
            detail="Send the file as text/csv or XLSX, or as the field `file` of multipart/form-data.",
            status_code=415,
        )
    try:
        form = await request.form()
    except (ValueError, LookupError) as error:
        raise ClientException(f"The form can't be read: {error}") from error
    file = cast(Any, form.get("file"))
    if isinstance(file, UploadFile):
        return Upload(await file.read(), file.filename)
    if isinstance(file, str):
        return Upload(file.encode(), None)
    raise Invalid.field("file", "missing", "is required: the file")


@post(
    "/",
    operation_id="import_file",
    operation_class=_TakesFile,
    summary="Import a planner's file",
    sync_to_thread=True,
    opt={"action": Action.PLAN},
    request_max_body_size=MAX_IMPORT,
    responses={
        **examples.answers(201, ImportReport, examples.IMPORT),
        200: ResponseSpec(ImportReport, description="A dry run: what it would do", generate_examples=False),
    },
)
def take_in(
    *,
    commands: NamedDependency[Commands],
    posting: NamedDependency[Caller],
    upload: NamedDependency[Upload],
    mode: FromQuery[Literal["dry_run", "apply"]] = "apply",
    create_missing: FromQuery[bool] = False,
    schedule_id: Annotated[str | None, QueryParameter(max_length=100)] = None,
    time_zone: Zone = "UTC",
    take: FromQuery[Literal["ours", "theirs"]] = "ours",
    leave: Leave = None,
    theirs: Theirs = None,
    stay: Stay = None,
    means: Meant = None,
    file_name: FileName = "import.csv",
) -> Response[Any]:
    """A diff against the plan, told (`dry_run`, 200) or applied (`apply`, 201). A bad row stops nothing
    else: it is left out and named. Importing one file twice does nothing the second time. What was set in
    Callboard since the last import stays and is listed in `kept`, unless `take=theirs`. A confirmed schedule
    gets one change that waits for approval. A dry run lists in `rows` what would become of each show;
    `leave`, `theirs` and `stay` decide single ones. It lists in `findings` the conflicts that it counts, and
    in `ambiguous` the names that several rows have, with what tells these apart: `means` chooses one of them.
    Such names' lines are errors, `ambiguous_name`, until then. Where several schedules could take new shows,
    `means` chooses one too.

    Who plans somewhere may import. A row for a studio where the user may not plan, or that means a show
    there, is a row error, `may_not_plan`: it is never applied and stops no other row. `create_missing` takes
    a system administrator, `schedule_id` who may plan in that schedule; else the answer is 403."""
    options = Options(
        create_missing=create_missing,
        schedule_id=schedule_id,
        time_zone=time_zone,
        take=take,
        leave=tuple(sorted(leave or ())),
        theirs=tuple(sorted(theirs or ())),
        stay=tuple(sorted(stay or ())),
        means=tuple(sorted(means or ())),
    )
    if posting.key is not None:
        # A form's boundary differs from request to request: the file is what must be the same.
        sent = hashlib.sha256(upload.data).hexdigest()
        asked = msgspec.json.encode([mode, options, sent])
        key = replace(posting.key, body_sha256=hashlib.sha256(asked).digest())
        posting = replace(posting, key=key)
    context = posting.context("import.apply", dry_run=mode == "dry_run")

    def encode(report: ImportReport) -> bytes:
        return msgspec.json.encode(_answer(report))

    name = upload.file_name or file_name
    done = transfer.take_in(
        commands, context, upload.data, name, options, reach=reach(posting.user), encode=encode
    )
    return respond(_answer(done) if isinstance(done, ImportReport) else done)


def _answer(report: ImportReport) -> Answer:
    if report.mode == "dry_run":
        return answer(report)
    return answer(report, status=201, location=f"/api/v1/imports/{report.id}")


@get(
    "/",
    operation_id="list_imports",
    summary="List imports",
    sync_to_thread=True,
    responses=examples.answers(200, Page[ImportRow], examples.page_of(examples.IMPORT_ROW)),
)
def list_imports(
    commands: NamedDependency[Commands],
    paging: NamedDependency[Paging],
    bounds: NamedDependency[Bounds],
    outcome: Outcomes = None,
) -> Page[ImportRow]:
    """Runs, newest first: those that were applied, those that were refused as a whole (`failed`), and those
    that were taken back (`undone`). A file may name many clients: users of one see no runs."""
    outcomes = outcome or []
    paging = paging.sorted_by("-created_at")
    if bounds.clients is not None:
        return paging.page([], lambda row: (row.created_at, row.id), 0)
    with commands.log.pool.connection() as connection:
        after = paging.after(tuple[datetime, str])
        rows = imports.listed(connection, outcomes, after=after, limit=paging.fetch)
        total = imports.total(connection, outcomes)
    return paging.page(rows, lambda row: (row.created_at, row.id), total)


@get(
    "/{import_id:str}",
    operation_id="get_import",
    summary="Get an import",
    sync_to_thread=True,
    responses=examples.answers(200, ImportReport, examples.IMPORT),
)
def get_import(import_id: FromPath[str], commands: NamedDependency[Commands]) -> Response[Any]:
    """The report of a run, as it was answered then, and whether it was taken back since."""
    with commands.log.pool.connection() as connection:
        report = imports.report(connection, import_id)
    if report is None:
        raise NotFound(f"no import {import_id}")
    return Response(report)


@post(
    "/{import_id:str}/undo",
    operation_id="undo_import",
    summary="Take an import back",
    status_code=200,
    sync_to_thread=True,
    opt={"action": Action.PLAN},
    responses=examples.answers(200, Undone, examples.IMPORT_UNDONE),
)
def undo_import(
    import_id: FromPath[str], commands: NamedDependency[Commands], posting: NamedDependency[Caller]
) -> Response[Undone]:
    """Takes back all that a run did, or nothing: every show must still be as the run left it. Shows that it
    drafted are removed, what it edited is what it was, what it cancelled comes back under a new id, the
    change that it asked for is withdrawn; schedules and reference rows that it made are deleted, unless
    something else is in them or names them.

    It takes who may plan in every studio that the run touched; where it made reference rows, a system
    administrator."""
    context = posting.context("import.undo")

    def encode(undone: Undone) -> bytes:
        return msgspec.json.encode(answer(undone))

    done = undoing.undo(commands, context, import_id, encode, reach=reach(posting.user))
    return respond(done if isinstance(done, Replayed) else answer(done))


routes = Router(
    "/imports",
    route_handlers=[take_in, list_imports, get_import, undo_import],
    dependencies={**CALLERS, "upload": Provide(uploaded)},
    tags=["imports"],
)
