"""Imports into one named schedule (SPEC 8): rows matched by client and external id, drafts changed at once,
confirmed ones by a change that waits; what was set by hand since the last import stays, unless the file is
to win."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.model.plans import PLANNED, Model, Op, Plan, Schedule, Show
from tests.model.roles import Refused

SETS = ("name", "start", "end", "room")
"""The columns of these files."""


@dataclass
class Report:
    """What became of the rows, by the names of the counts; `codes` of the rows left out. `new` are to be
    drafted, `ops` to be asked for."""

    counts: Counter[str] = field(default_factory=Counter[str])
    codes: list[str] = field(default_factory=list[str])
    new: list[Plan] = field(default_factory=list[Plan])
    edits: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    gone: list[str] = field(default_factory=list[str])
    revived: dict[str, Plan] = field(default_factory=dict[str, Plan])
    ops: list[Op] = field(default_factory=list[Op])


def compare(model: Model, schedule_id: str, rows: Sequence[Plan], *, theirs: bool) -> Report:
    """What the file asks of the schedule."""
    schedule = model.schedules[schedule_id]
    if schedule.deleted:
        raise Refused("not_found")
    report, seen, touched = Report(), set[str](), False
    holders = [held[0] for row in rows if (held := _found(model, schedule, row.external_id))]
    known = [schedule, *(each for each in holders if each is not schedule)]
    for row in rows:
        found = _found(model, schedule, row.external_id)
        if found is None:
            touched = True
            _new(schedule, known, row, report)
        elif found[0] is not schedule:
            report.codes.append("other_schedule")
            seen.add(found[1].id)
        else:
            touched = True
            seen.add(found[1].id)
            _known(schedule, found[1], row, report, theirs=theirs)
    for show in schedule.live() if touched else ():
        if show.made and show.id not in seen and show.status in PLANNED:
            _vanished(schedule, show, report)
    report.counts["proposed_changes"] = bool(report.ops)
    report.counts["errors"] = len(report.codes)
    return report


def load(model: Model, schedule_id: str, report: Report, new: Mapping[str, Plan]) -> None:
    """A draft as the file says; `new` are the shows that the application drafted for it."""
    schedule = model.schedules[schedule_id]
    for show_id in report.gone:
        schedule.shows[show_id].status, schedule.shows[show_id].vanished = "cancelled", True
    for show_id, values in report.edits.items():
        show = schedule.shows[show_id]
        show.plan = replace(show.plan, **values)
        show.imported |= values
    firsts: dict[str, str] = {}
    for show_id, plan in report.revived.items():
        schedule.shows[show_id].plan = replace(schedule.shows[show_id].plan, external_id=None)
        firsts[plan.external_id or ""] = schedule.shows[show_id].first
    wanted = sorted(map(repr, [*report.new, *report.revived.values()]))
    assert sorted(map(repr, new.values())) == wanted, "other shows were drafted"
    for show_id, plan in new.items():
        first = firsts.get(plan.external_id or "", show_id)
        model.firsts[show_id] = first
        schedule.shows[show_id] = Show(show_id, plan, first=first, imported=dict(vars(plan)), made=True)
    if report.gone or report.edits or new:
        model.number(schedule, "import")


def _found(model: Model, schedule: Schedule, external_id: str | None) -> tuple[Schedule, Show] | None:
    """The client's live show of that external id, wherever it is."""
    return next(
        (
            (other, show)
            for other in model.schedules.values()
            if other.client == schedule.client and not other.deleted
            for show in other.live()
            if show.plan.external_id == external_id
        ),
        None,
    )


def _waiting(schedule: Schedule) -> list[Op]:
    return [op for change in schedule.changes.values() if change.status == "proposed" for op in change.ops]


def _new(schedule: Schedule, known: Sequence[Schedule], row: Plan, report: Report) -> None:
    """A show that may wait already, here or in another schedule that the file has shows of."""
    asked = [op.show for each in known for op in _waiting(each) if op.show]
    waits = next((show for show in asked if show.external_id == row.external_id), None)
    if waits:
        same = all(getattr(waits, name) == getattr(row, name) for name in SETS)
        report.counts["unchanged" if same else "skipped"] += 1
    elif schedule.status not in PLANNED:
        report.codes.append("schedule_frozen")
    elif schedule.status == "confirmed":
        report.ops.append(Op("add", show=row))
    else:
        report.new.append(row)
        report.counts["created"] += 1


def _known(schedule: Schedule, show: Show, row: Plan, report: Report, *, theirs: bool) -> None:
    differs = {n: getattr(row, n) for n in SETS if getattr(row, n) != getattr(show.plan, n)}
    cancelled, taken = show.status == "cancelled", schedule.status in PLANNED
    if not differs and not cancelled:
        report.counts["unchanged"] += 1
    elif cancelled and schedule.status == "draft" and show.vanished:
        report.revived[show.id] = replace(show.plan, **differs)
        report.counts["created"] += 1
    elif show.status not in PLANNED and taken:
        report.counts["skipped"] += 1
    elif cancelled:
        report.codes.append("schedule_frozen")
    else:
        _differs(schedule, show, differs if theirs else _unless_edited(show, differs), report)


def _unless_edited(show: Show, differs: Mapping[str, Any]) -> dict[str, Any]:
    edited = {n for n in SETS if n not in show.imported or show.imported[n] != getattr(show.plan, n)}
    edited |= {"start", "end"} if edited & {"start", "end"} else set()
    return {name: value for name, value in differs.items() if name not in edited}


def _differs(schedule: Schedule, show: Show, wanted: Mapping[str, Any], report: Report) -> None:
    asked = [op.fields for op in _waiting(schedule) if op.show_id == show.id and op.kind == "update"]
    left = {n for n, value in wanted.items() if not any(n in f and f[n][1] == value for f in asked)}
    left |= {"start", "end"} if left & {"start", "end"} else set()
    changed = {name: value for name, value in wanted.items() if name in left}
    if not wanted:
        report.counts["skipped"] += 1
    elif not changed:
        report.counts["unchanged"] += 1
    elif schedule.status not in PLANNED:
        report.codes.append("schedule_frozen")
    elif schedule.status == "confirmed":
        report.ops.append(Op("update", show.id, {n: (getattr(show.plan, n), v) for n, v in changed.items()}))
    else:
        report.edits[show.id] = changed
        report.counts["updated"] += 1


def _vanished(schedule: Schedule, show: Show, report: Report) -> None:
    if schedule.status == "draft":
        report.gone.append(show.id)
        report.counts["removed"] += 1
    elif schedule.status == "confirmed":
        if not any(op.kind == "cancel" and op.show_id == show.id for op in _waiting(schedule)):
            report.ops.append(Op("cancel", show.id))
    else:
        report.counts["skipped"] += 1
