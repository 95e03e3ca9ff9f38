"""Importing an export does nothing, whatever became of the shows that a file brought: edited, cancelled,
removed or moved by hand, booked, live, over, asked for in a change that waits or was rejected, undone."""

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import cast

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.transfer import Selection, export, export_workbook, read_file
from domain import applying
from domain.application import Commands, Unit
from domain.errors import DomainError
from domain.importing import undoing
from domain.importing.reach import EVERYWHERE
from domain.importing.report import ImportReport
from domain.schedule import changes, lifecycle, moving, planning, proposal
from domain.schedule.planning import NewSchedule, ShowPatch
from domain.schedule.state import Schedule, Show
from tests.importing import Importer, counts, line
from tests.spec import STUDIO, context

KEYS = {"other": "other", "standard": "standard"}
DAYS = ("02", "03", "04", "05")
_numbers = count(1)


class _Life:
    """A client's imported plan, another one beside it, and what may happen to them."""

    def __init__(self, importer: Importer) -> None:
        self.importer = importer
        self.number = next(_numbers)
        report = self._run([self._row(day) for day in DAYS])
        self.last = report
        self.home = report.schedules[0].id
        self.client = cast(str, report.schedules[0].client_id)
        plan = importer.schedule(self.home)
        new = NewSchedule(
            name="Other",
            studio_id=plan.studio_id,
            client_id=self.client,
            start_date=date(2026, 6, 1),
            end_date=date(2026, 6, 30),
        )
        self.plans = [
            self.home,
            importer.commands.do(context(), lambda unit: unit.open(planning.open_schedule(new)).id),
        ]

    def _row(self, day: str, **cells: str) -> dict[str, str]:
        own = {"client": f"Client {self.number}", "room": f"Room {self.number}", "creators": ""}
        span = {"start": f"2026-05-{day}T20:00", "end": f"2026-05-{day}T21:00"}
        return line(external_id=f"A-{day}" if day != DAYS[-1] else "", **own, **span) | cells

    def _run(self, rows: list[dict[str, str]], *, take: str = "ours") -> ImportReport:
        return self.importer.run(*rows, take=take)

    def _here(self, index: int) -> tuple[Schedule, Show] | None:
        """One of the shows that are left, and where it is."""
        plans = [self.importer.schedule(plan) for plan in self.plans]
        found = [(plan, show) for plan in plans for show in plan.live_shows()]
        return found[index % len(found)] if found else None

    def _one(self, index: int, decide: Callable[[Schedule, Show], Schedule]) -> None:
        if found := self._here(index):
            decide(*found)

    # --- what may happen

    def edit(self, index: int) -> None:
        patch = ShowPatch(name="Ours", note="by hand")
        self._one(
            index,
            lambda plan, show: self.importer.do(
                plan.id, planning.edit_show, show.id, patch, studio=STUDIO, keys=KEYS
            ),
        )

    def cancel(self, index: int) -> None:
        self._one(index, lambda plan, show: self.importer.cancel_show(plan.id, show.id))

    def remove(self, index: int) -> None:
        self._one(index, lambda plan, show: self.importer.do(plan.id, planning.remove_show, show.id))

    def start(self, index: int) -> None:
        self._one(index, lambda plan, show: self.importer.do(plan.id, lifecycle.start, show.id))

    def complete(self, index: int) -> None:
        self._one(index, lambda plan, show: self.importer.do(plan.id, lifecycle.complete, show.id))

    def interrupt(self, index: int) -> None:
        self._one(
            index,
            lambda plan, show: self.importer.do(
                plan.id, lifecycle.interrupt, show.id, reason_category="OTHER"
            ),
        )

    def confirm(self, index: int) -> None:
        self.importer.confirm(self.plans[index % 2])

    def propose(self, index: int) -> None:
        self.importer.do(self.plans[index % 2], proposal.propose)

    def move(self, index: int) -> None:
        if not (found := self._here(index)):
            return
        source, target = found[0].id, next(plan for plan in self.plans if plan != found[0].id)

        def work(unit: Unit) -> None:
            ends = unit.schedules([source, target])
            moving.check_move(ends[source], ends[target], found[1].id)
            joined = moving.join(ends[target], found[1], origin=ends[source], studio=STUDIO)
            unit.append(ends[source], moving.leave(ends[source], found[1].id, target))
            unit.append(ends[target], joined)

        self.importer.commands.do(context(), work)

    def ask(self, index: int) -> None:
        """Another file: one row differs, one is gone, one is new."""
        rows = [self._row(day) for day in DAYS]
        rows[index % 4]["name"] = f"Theirs {index}"
        del rows[(index + 1) % 4]
        self.last = self._run([*rows, self._row("09")], take=("ours", "theirs")[index % 2])

    def reject(self, _index: int) -> None:
        self.importer.do(self.home, changes.reject, self._change(), note="no")

    def approve(self, _index: int) -> None:
        applying.approve(
            self.importer.commands,
            context(),
            self.home,
            self._change(),
            check=lambda _schedule, _change: False,
        )

    def undo(self, _index: int) -> None:
        undoing.undo(self.importer.commands, context("import.undo"), self.last.id, reach=EVERYWHERE)

    def _change(self) -> str:
        return next(reversed(self.importer.schedule(self.home).changes), "change_x")

    # --- and then

    def comes_back_to_nothing(self, *, workbook: bool) -> None:
        selection = Selection(client_id=self.client)
        if workbook:
            data = export_workbook(self.importer.commands, selection)
        else:
            data = "".join(export(self.importer.commands, selection)).encode()
        sheet = read_file(data, "export")
        before = self.importer.events()
        report = self.importer.read(sheet, create_missing=False)
        assert (report.errors, report.notes, report.kept) == ((), (), ())
        assert report.counts == counts(unchanged=len(sheet.rows))
        assert self.importer.events() == before + 1


STEPS = tuple(name for name in vars(_Life) if not name.startswith("_") and name != "comes_back_to_nothing")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=8), workbook=st.booleans()
)
@example(steps=[("edit", 0), ("cancel", 1), ("remove", 2), ("move", 3)], workbook=True)
@example(steps=[("confirm", 0), ("start", 0), ("start", 1), ("complete", 1), ("cancel", 2)], workbook=False)
@example(steps=[("confirm", 0), ("interrupt", 3), ("ask", 0)], workbook=True)
@example(steps=[("confirm", 0), ("ask", 1), ("reject", 0), ("ask", 1)], workbook=False)
@example(steps=[("confirm", 0), ("ask", 1), ("approve", 0), ("start", 0)], workbook=False)
@example(steps=[("ask", 1), ("ask", 2), ("undo", 0), ("move", 0), ("ask", 3)], workbook=False)
def _holds(importer: Importer, steps: list[tuple[str, int]], *, workbook: bool) -> None:
    life = _Life(importer)
    for name, index in steps:
        try:
            getattr(life, name)(index)
        except DomainError:
            continue  # Not everything is possible everywhere.
    life.comes_back_to_nothing(workbook=workbook)


def test_importing_an_export_does_nothing_whatever_became_of_imported_shows(commands: Commands) -> None:
    _holds(Importer(commands))
