"""/imports: take a planner's file in, see first what it would do, decide row by row; the runs so far."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from psycopg import Connection

from api.access import reach
from api.http.paging import Paging
from api.http.security import Bounds, Principal, may
from api.resources import imports as runs
from api.web.frame import named, refusals
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime, at_home, of_studios
from api.web.frame.wording import Words
from domain.access import Action
from domain.application import Commands
from domain.errors import NotFound
from domain.importing.sheet import COLUMNS, REQUIRED
from domain.registry.entities import BY_KIND
from projections import imports, naming, registry, schedules
from projections.registry import Wanted

PAGE: Final = 20
SPAN: Final = frozenset({"start", "end"})
"""Columns of times."""
SHOWN: Final = 500
"""Lines of each list of a report that its page shows; the API has all."""
Cursor = Annotated[str, QueryParameter(max_length=2_000)]


@get("/imports", include_in_schema=False, sync_to_thread=True)
def list_runs(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    cursor: Cursor = "",
) -> Response[str]:
    """The form for a file, and the runs so far. To a client's users there is no such page."""
    if bounds.clients is not None:
        raise NotFound("no imports")
    found: Any = runs.list_imports.fn(
        commands=commands, paging=Paging(PAGE, cursor or None), bounds=bounds, outcome=None
    )
    with commands.log.pool.connection() as connection:
        time = _time(connection, request.user, words(request).language)
        names = naming.names(connection, [each.created_by for each in found.items])
        studios = _studios(connection)
        lookups = _lookups(connection, words(request))
    within = reach(request.user)
    return page(
        request,
        "imports",
        runs=found.items,
        next_page=f"/imports?cursor={found.page.next_cursor}" if found.page.next_cursor else "",
        first_page="/imports" if cursor else "",
        time=time,
        names=names,
        columns=COLUMNS,
        lookups=lookups,
        needed=[each for each in COLUMNS if each in REQUIRED],
        example=runs.EXAMPLE,
        opens=_opens(studios),
        may_import=may(request.user, Action.PLAN),
        may_create=within.writes,
        only=[] if within.writes else [each.name for each in studios if within.plans(each.id, None)],
    )


@get("/imports/{import_id:str}", include_in_schema=False, sync_to_thread=True)
def show_run(
    import_id: FromPath[str], request: Request[Principal, Any, Any], commands: NamedDependency[Commands]
) -> Response[str]:
    """What a run did, and the way to take it back. A client's users find no runs."""
    if request.user.clients is not None:
        raise NotFound(f"no import {import_id}")
    t = words(request)
    with commands.log.pool.connection() as connection:
        row = imports.one(connection, import_id)
        report = imports.report(connection, import_id)
        if row is None or report is None:
            raise NotFound(f"no import {import_id}")
        time = _time(connection, request.user, t.language)
        names = naming.names(connection, {each for each in (row.created_by, row.undone_by) if each})
        touched = set(schedules.studios(connection, row.schedules).values())
        lookups = _lookups(connection, t)
        clocks = of_studios(connection, t.language)
    within = reach(request.user)
    found: dict[str, Any] = dict.fromkeys(("errors", "notes", "kept", "clashes", "schedules"), ()) | report
    for error in found["errors"]:
        if error["code"] == "ambiguous_name":
            error["message"] = t("wrong.ambiguous_name")
    clock = clocks.get(next(iter(touched))) if len(touched) == 1 else None
    for kept in found["kept"]:
        for side in ("kept", "value"):
            kept[side] = _told(kept["column"], kept[side], lookups, clock)
    return page(
        request,
        "import",
        run=row,
        problem=refusals.worded(msgspec.to_builtins(row.problem), t),
        report=refusals.worded(found, t),
        shown=SHOWN,
        time=time,
        names=names,
        may_undo=row.outcome == "applied"
        and may(request.user, Action.PLAN)
        and (within.writes or not any(row.created.values()))
        and all(within.plans(studio_id, None) for studio_id in touched),
    )


def _time(connection: Connection[Any], user: Principal, language: str) -> StudioTime:
    """A run belongs to no studio: its moment is told by the clock of the reader's, else of the oldest."""
    return at_home(of_studios(connection, language), user.studios, language)


def _lookups(connection: Connection[Any], t: Words) -> dict[str, dict[str, str]]:
    """What the rows are called whose keys stand in a column, by column and key."""
    found = naming.lookups(connection)
    return {
        column: {key: named.called(t, kind, key, name) for (of, key), name in found.items() if of == kind}
        for column, kind in named.LOOKUPS.items()
        if column in COLUMNS
    }


def _told(column: str, text: str, lookups: Mapping[str, Mapping[str, str]], clock: StudioTime | None) -> str:
    """A value of a column as people say it; `clock` is of the studio that its run is all in."""
    if column in lookups:
        return lookups[column].get(text, text)
    if clock and text and column in SPAN:
        instant = datetime.fromisoformat(text)
        return f"{clock.dated(clock.day(instant))} {clock.clock(instant)}"
    return text


def _opens(studios: Sequence[Any]) -> str:
    """When the day of these studios begins; midnight where they differ: then days are the calendar's."""
    begins = {each.day_start for each in studios}
    return begins.pop() if len(begins) == 1 else "00:00"


def _studios(connection: Connection[Any], limit: int = 200) -> list[Any]:
    wanted = Wanted(sort="name", descending=False, limit=limit)
    return [row for row, _ in registry.page(connection, BY_KIND["studio"], wanted)]
