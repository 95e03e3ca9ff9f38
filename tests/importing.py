"""Files made of dicts, and imports of them over a real database."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, cast

from api.spreadsheets import read_csv
from api.transfer import Selection, export
from domain import confirming
from domain.application import Commands
from domain.importing import running
from domain.importing.reach import EVERYWHERE, Reach
from domain.importing.report import Counts, ImportReport, Options
from domain.importing.sheet import COLUMNS, Sheet
from domain.schedule import lifecycle, proposal
from domain.schedule.state import Schedule, Show, replay
from projections.directory import Directory
from tests.spec import context

BASE = {
    "external_id": "A-1",
    "client": "Acme",
    "studio": "Bangkok",
    "room": "Room 1",
    "name": "Launch",
    "start": "2026-05-02T20:00",
    "end": "2026-05-02T22:00",
    "creators": "Mali",
    "platforms": "TikTok",
}


def line(**cells: str) -> dict[str, str]:
    """A row that is in order, with other cells as given."""
    return BASE | cells


def text(*rows: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> str:
    """A CSV file of these rows."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def sheet(*rows: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> Sheet:
    """The same, read again."""
    return read_csv(text(*rows, columns=columns).encode(), "plan.csv")


class Importer:
    """Imports files and plays what happens in between."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    def run(
        self, *rows: Mapping[str, str], dry_run: bool = False, reach: Reach = EVERYWHERE, **options: Any
    ) -> ImportReport:
        """Imports these rows, creating what is missing unless said otherwise."""
        return self.read(sheet(*rows), dry_run=dry_run, reach=reach, **options)

    def read(
        self, sheet: Sheet, *, dry_run: bool = False, reach: Reach = EVERYWHERE, **options: Any
    ) -> ImportReport:
        """Imports a sheet."""
        chosen = Options(**{"create_missing": True, "time_zone": "Asia/Bangkok"} | options)
        how = context("import.apply", dry_run=dry_run)
        return cast(ImportReport, running.run(self.commands, Directory(), how, sheet, chosen, reach=reach))

    def again(self, selection: Selection = Selection()) -> ImportReport:  # noqa: B008 - frozen
        """Imports an export."""
        exported = "".join(export(self.commands, selection))
        return self.read(read_csv(exported.encode(), "export.csv"), create_missing=False)

    def schedule(self, schedule_id: str) -> Schedule:
        """The schedule as it is."""
        return cast(Schedule, replay(self.commands.log.stream(schedule_id)))

    def shows(self, schedule_id: str) -> dict[str | None, Show]:
        """Its live shows by external id."""
        return {show.external_id: show for show in self.schedule(schedule_id).live_shows()}

    def do(self, schedule_id: str, decision: Any, *args: Any, **how: Any) -> Schedule:
        """Takes a decision on a schedule."""

        def work(unit: Any) -> Schedule:
            schedule = unit.schedule(schedule_id)
            return unit.append(schedule, decision(schedule, *args, **how))

        return self.commands.do(context(), work)

    def confirm(self, schedule_id: str) -> confirming.Confirmation:
        """Proposes, approves and books what can be booked."""
        self.do(schedule_id, proposal.propose)
        number = self.schedule(schedule_id).current_version
        self.do(schedule_id, proposal.approve, number)
        done = confirming.confirm(self.commands, context(), schedule_id, best_effort=True)
        return cast(confirming.Confirmation, done)

    def cancel_show(self, schedule_id: str, show_id: str) -> Schedule:
        """One show is cancelled by hand."""
        return self.do(schedule_id, lifecycle.cancel_show, show_id, reason_category="OTHER")

    def events(self) -> int:
        """How many events there are."""
        return self.commands.log.head()


def counts(**given: int) -> Counts:
    """Counts that are zero but for those given."""
    return Counts(**given)


def codes(report: ImportReport) -> list[tuple[int | None, str | None, str, str]]:
    """Its errors without their messages."""
    return [(error.row, error.column, error.value, error.code) for error in report.errors]
