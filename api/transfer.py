"""Files in and out of the plan, for every edge: the import of a file and the export of shows (SPEC 8)."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, cast

from msgspec import Struct
from psycopg import Connection

from api.spreadsheets import MOST_BYTES, read_csv, write_csv
from api.wiring import Callboard
from api.workbooks import MAGIC, read_xlsx, write_xlsx
from domain.application import Commands, Context
from domain.errors import DomainError, NotFound
from domain.event_log import Replayed
from domain.ids import is_id
from domain.importing import failing, running
from domain.importing.names import Names
from domain.importing.reach import Reach
from domain.importing.reading import local
from domain.importing.report import ImportReport, Options
from domain.importing.sheet import Sheet, file_error
from projections import schedules, shows
from projections.directory import Directory
from projections.shows import ShowFilter, ShowRow

_BATCH: Final = 1_000
_EXPORTED: Final = ("draft", "confirmed", "live", "completed", "cancelled_pending_resolution")
"""A file has no column for a status: cancelled shows would come back as if they took place."""


class Selection(Struct, frozen=True, kw_only=True):
    """Which shows to export: those that meet every condition given. `start` and `end` are a half-open
    window that a show must overlap."""

    schedule_id: str | None = None
    clients: tuple[str, ...] | None = None
    client_id: str | None = None
    studio_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def read_file(data: bytes, file_name: str) -> Sheet:
    """A CSV or XLSX file, whichever it is by what it begins with. Raises Invalid when it can't be used."""
    if len(data) > MOST_BYTES:
        raise file_error("too_large", f"the file is larger than {MOST_BYTES >> 20} MiB")
    return (read_xlsx if data.startswith(MAGIC) else read_csv)(data, file_name)


def take_in(
    commands: Commands,
    context: Context,
    data: bytes,
    file_name: str,
    options: Options,
    *,
    reach: Reach,
    encode: Callable[[ImportReport], bytes] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> ImportReport | Replayed:
    """Imports a CSV or XLSX file, or tells what that would do (`context.dry_run`). A file that is refused as
    a whole is remembered as a failed run. `reach` is where the actor may plan.

    Raises Invalid, NotFound, StaleVersion, Forbidden.
    """
    try:
        sheet = read_file(data, file_name)
        rows = len(sheet.rows) + len(sheet.errors)
        progress(0, rows)
        done = running.run(commands, Directory(), context, sheet, options, reach=reach, encode=encode)
    except DomainError as refusal:
        digest = hashlib.sha256(data).hexdigest()
        failing.record(
            commands,
            context,
            refusal,
            file_name=file_name.replace("\0", "")[:255],
            file_sha256=digest,
            options=options,
        )
        raise
    progress(rows, rows)
    return done


def import_file(
    callboard: Callboard,
    path: Path,
    *,
    context: Context,
    reach: Reach,
    options: Options = Options(),  # noqa: B008 - frozen
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> ImportReport:
    """Imports a CSV or XLSX file, or tells what that would do (`context.dry_run`). `progress` hears of rows
    read, then of rows done.

    Raises Invalid when the file can't be used as a whole, NotFound, Forbidden, OSError.
    """
    if path.stat().st_size > MOST_BYTES:
        raise file_error("too_large", f"the file is larger than {MOST_BYTES >> 20} MiB")
    data = path.read_bytes()
    done = take_in(callboard.commands, context, data, path.name, options, reach=reach, progress=progress)
    return cast(ImportReport, done)


def export(commands: Commands, selection: Selection) -> Iterator[str]:
    """Shows as CSV text, by start, in pieces; the first piece is ready when this returns. Importing it does
    nothing. Cancelled shows are left out.

    Raises NotFound for a schedule, client or studio that is not there.
    """
    with commands.log.pool.connection() as connection:
        _check(connection, selection)
    pieces = write_csv(_rows(commands, selection))
    return chain([next(pieces)], pieces)


def export_workbook(commands: Commands, selection: Selection) -> bytes:
    """The same as a workbook (XLSX). Raises NotFound."""
    with commands.log.pool.connection() as connection:
        _check(connection, selection)
    return write_xlsx(_rows(commands, selection))


def _check(connection: Connection[Any], selection: Selection) -> None:
    schedule_id, clients = selection.schedule_id, selection.clients
    if schedule_id is not None:
        schedule = schedules.one(connection, schedule_id)
        if schedule is None or (clients is not None and schedule.client_id not in clients):
            raise NotFound(f"no schedule {schedule_id}")
    if clients is not None and selection.client_id is not None and selection.client_id not in clients:
        raise NotFound(f"no client {selection.client_id}")
    names = _names(connection)
    for kind, row_id in (("client", selection.client_id), ("studio", selection.studio_id)):
        if row_id is not None and (not is_id(kind, row_id) or names.row(row_id) is None):
            raise NotFound(f"no {kind} {row_id}")


def _rows(commands: Commands, selection: Selection) -> Iterator[dict[str, str]]:
    """A batch at a time, each on a connection of its own, so that a slow reader holds none."""
    which = ShowFilter(
        status=_EXPORTED,
        schedule_id=selection.schedule_id,
        clients=selection.clients,
        client_id=selection.client_id,
        studio_id=selection.studio_id,
        start=selection.start,
        end=selection.end,
    )
    after: tuple[datetime, str] | None = None
    names: Names | None = None
    while True:
        with commands.log.pool.connection() as connection:
            names = names or _names(connection)
            batch = shows.listed(connection, which, after=after, limit=_BATCH)
        yield from (_cells(row, names) for row in batch)
        if len(batch) < _BATCH:
            return
        after = (batch[-1].start, batch[-1].id)


def _names(connection: Connection[Any]) -> Names:
    def none(prefix: str) -> str:
        raise AssertionError(f"an export makes no {prefix}")

    return Names(Directory().known(connection), new_id=none)


def _cells(show: ShowRow, names: Names) -> dict[str, str]:
    studio = names.row(show.studio_id)
    time_zone = studio.time_zone if studio else "UTC"
    external_id = show.external_id or ""
    plain = external_id.strip() == external_id != "" and not is_id("show", external_id)
    return {
        "external_id": external_id if plain else show.id,
        "client": names.label(show.client_id) if show.client_id else "",
        "studio": names.label(show.studio_id),
        "room": names.label(show.room_id, show.studio_id) if show.room_id else "",
        "name": show.name,
        "start": local(show.start, time_zone),
        "end": local(show.end, time_zone),
        "creators": "; ".join(names.label(creator) for creator in show.creators),
        "platforms": "; ".join(names.label(link.platform_id) for link in show.platforms),
        "show_type": show.show_type,
        "show_standard": show.show_standard,
        "note": show.note,
    }
