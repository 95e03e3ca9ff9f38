"""One action over many shows of any schedules: each show is done, left as it is, or refused and told why,
in one transaction. A dry run is the same, rolled back. Edits can be undone as one while nobody has
touched what they set.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from domain.application import Commands, Context, Unit
from domain.conflicts import Finding
from domain.errors import ChangeConflict, DomainError, FieldError, IllegalTransition, Invalid, NotFound
from domain.event_log import Replayed
from domain.events import BulkRan, ScheduleEvent, ShowEdit, ShowsEdited
from domain.schedule import booking, changes, lifecycle, planning
from domain.schedule.lifecycle import ReasonCategory
from domain.schedule.planning import Id, Moment, Note, ShowPatch
from domain.schedule.state import Schedule, Show

MOST_SHOWS = 1_000
MOST_MINUTES = 527_040
"""A leap year."""


class ConfirmShows(Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="confirm"):
    """Books drafts; of two that clash the first by start, then id."""


class CancelShows(Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="cancel"):
    """Cancels shows at once."""

    reason_category: ReasonCategory
    note: Note = ""


class AssignRoom(Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="assign_room"):
    """Gives drafts a room, or takes it away."""

    room_id: Id | None


class AssignCreators(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="assign_creators"
):
    """Gives drafts these creators, in place of or beside those they have."""

    creators: Annotated[tuple[Id, ...], Meta(max_length=100)]
    mode: Literal["replace", "add"] = "replace"


class ShiftShows(Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="shift"):
    """Moves drafts in time by so many minutes."""

    minutes: Annotated[int, Meta(ge=-MOST_MINUTES, le=MOST_MINUTES)]


class Placing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and where a draft is to be and who hosts it; what is absent stays."""

    start: Moment | UnsetType = UNSET
    end: Moment | UnsetType = UNSET
    room_id: Id | UnsetType | None = UNSET
    creators: Annotated[tuple[Id, ...], Meta(max_length=100)] | UnsetType = UNSET


class EditShows(Struct, frozen=True, forbid_unknown_fields=True, tag_field="action", tag="edit"):
    """Sets time, room and creators of drafts, each its own, all of them or none: a swap of two shows."""

    set: Annotated[dict[Id, Placing], Meta(min_length=1, max_length=MOST_SHOWS)]


Action = ConfirmShows | CancelShows | AssignRoom | AssignCreators | ShiftShows | EditShows
_Editing = AssignRoom | AssignCreators | ShiftShows | EditShows


class Result(Struct, frozen=True, kw_only=True):
    """What became of one show; a refusal has its code, why, and what is in the way."""

    show_id: str
    status: Literal["done", "unchanged", "refused"]
    code: str | None = None
    detail: str | None = None
    conflicts: tuple[Finding, ...] = ()


class Run(Struct, frozen=True, kw_only=True):
    """A bulk run: one result for each show, in the order given. `id` is the cause of its events."""

    id: str
    action: str
    dry_run: bool
    counts: dict[str, int]
    results: tuple[Result, ...]


def run(
    commands: Commands,
    context: Context,
    action: Action,
    show_ids: Sequence[str],
    *,
    check: Callable[[Unit], None],
    encode: Callable[[Run], bytes] | None = None,
) -> Run | Replayed:
    """Does one thing to up to 1,000 shows. `check` raises Invalid when the action names what is not there.

    Raises DomainError only for what concerns the whole run; all that an `edit` is refused concerns it whole.
    """
    asked = list(dict.fromkeys(show_ids))
    if isinstance(action, EditShows) and (strange := [i for i in action.set if i not in asked]):
        raise Invalid(
            "show_ids must name every show that is set",
            errors=[
                FieldError(f"action.set.{i}", "unknown_reference", "is not in show_ids") for i in strange
            ],
        )

    def work(unit: Unit) -> Run:
        check(unit)
        run_id = unit.new_id("bulk")
        homes = unit.references.schedules_of(unit.connection, asked)
        # The shows of a deleted plan are deleted too: each is refused by itself and stops no other.
        schedules = unit.schedules(sorted(set(homes.values())), deleted=True)
        results: dict[str, Result] = {
            i: Result(show_id=i, status="refused", code="not_found", detail=f"no show {i}")
            for i in asked
            if i not in homes
        }
        if isinstance(action, EditShows) and results:
            raise NotFound(next(iter(results.values())).detail or "")
        here = [(schedules[homes[i]], i) for i in asked if i in homes]
        before: dict[str, list[ShowEdit]] = {}
        after: dict[str, list[ShowEdit]] = {}
        if isinstance(action, ConfirmShows):
            results |= _confirm(commands, unit, here, run_id)
        elif isinstance(action, CancelShows):
            results |= _cancel(unit, here, run_id, action)
        else:
            results |= _edit(unit, here, run_id, action, before, after)
        ordered = tuple(results[i] for i in asked)
        counts = {name: sum(r.status == name for r in ordered) for name in ("done", "unchanged", "refused")}
        options: dict[str, Any] = msgspec.to_builtins(action)
        name = str(options.pop("action"))
        if counts["done"]:
            ran = BulkRan(
                action=name,
                options=options,
                counts=counts,
                before={schedule: tuple(edits) for schedule, edits in before.items()},
                after={schedule: tuple(edits) for schedule, edits in after.items()},
            )
            unit.append_event(run_id, ran, cause=run_id)
        return Run(id=run_id, action=name, dry_run=context.dry_run, counts=counts, results=ordered)

    return commands.run(context, work, encode)


def undo(
    commands: Commands,
    context: Context,
    run_id: str,
    *,
    check: Callable[[Unit, Sequence[str]], None],
    encode: Callable[[Run], bytes] | None = None,
) -> Run | Replayed:
    """Takes an editing run back as one: every field that it set must still be as it set it. `check` is given
    the shows that it edited, and refuses those that the user may not plan.

    Raises NotFound, IllegalTransition for a run that edited nothing or was undone, ChangeConflict naming
    the fields that moved, and what editing raises.
    """

    def work(unit: Unit) -> Run:
        unit.tx.lock_streams([run_id])
        history = unit.tx.stream(run_id) if run_id.startswith("bulk_") else []
        if not history or not isinstance(ran := history[0].event, BulkRan):
            raise NotFound(f"no bulk run {run_id}")
        if len(history) > 1:
            raise IllegalTransition("this run was undone before", allowed=[])
        check(unit, [edit.show_id for edits in ran.after.values() for edit in edits])
        if not ran.after:
            raise IllegalTransition(
                f"a bulk {ran.action} is not undone: its shows are past being drafts", allowed=[]
            )
        schedules = unit.schedules(sorted(ran.after))
        if moved := [e for i, edits in ran.after.items() for e in _moved(schedules[i], edits)]:
            raise ChangeConflict(
                f"{len(moved)} fields were changed since, such as {moved[0].path}: undo those first",
                errors=moved,
            )
        results: list[Result] = []
        for schedule_id, edits in ran.before.items():
            schedule = schedules[schedule_id]
            for edit in edits:
                planning.check_editable(schedule, planning.find_show(schedule, edit.show_id))
            unit.append(schedule, _edited(schedule, edits), cause=run_id)
            results += [Result(show_id=edit.show_id, status="done") for edit in edits]
        counts = {"done": len(results), "unchanged": 0, "refused": 0}
        undone = BulkRan(action="undo", options={}, counts=counts, undoes=run_id)
        unit.append_event(run_id, undone, version=1, cause=run_id)
        return Run(id=run_id, action="undo", dry_run=context.dry_run, counts=counts, results=tuple(results))

    return commands.run(context, work, encode)


def _confirm(
    commands: Commands, unit: Unit, here: Sequence[tuple[Schedule, str]], run_id: str
) -> dict[str, Result]:
    """Best effort over all schedules at once, so that clashes between them are settled by start, then id."""
    results: dict[str, Result] = {}
    wanted: list[tuple[Schedule, Show]] = []
    for schedule, show_id in here:
        try:
            studio = unit.studio(schedule.studio_id)
            found = booking.candidates(schedule, [show_id], studio)
        except DomainError as refusal:
            results[show_id] = _refused(show_id, refusal)
            continue
        if found:
            wanted.append((schedule, found[0]))
        else:
            results[show_id] = Result(show_id=show_id, status="unchanged")
    subjects = sorted((booking.subject_of(c, s) for c, s in wanted), key=lambda s: (s.start, s.id))
    unit.tx.lock_resources([r for s in subjects for r in (s.room_id, *s.creators) if r])
    facts = unit.references.facts(
        unit.connection, subjects, unit.now, holders=commands.conflict_check, wishes=False
    )
    booked, refused = booking.choose(subjects, facts, best_effort=True)
    for schedule in {id(c): c for c, _ in wanted}.values():
        mine = [i for i in booked if i in schedule.shows]
        unit.append(schedule, booking.confirm(schedule, mine, facts), cause=run_id)
    results |= {i: Result(show_id=i, status="done") for i in booked}
    return results | {
        r.show_id: Result(
            show_id=r.show_id,
            status="refused",
            code="conflicts",
            detail=r.conflicts[0].message,
            conflicts=r.conflicts,
        )
        for r in refused
    }


def _cancel(
    unit: Unit, here: Sequence[tuple[Schedule, str]], run_id: str, action: CancelShows
) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for schedule, show_id in here:
        try:
            gone = planning.find_show(schedule, show_id).status == "cancelled"
            events = (
                []
                if gone
                else lifecycle.cancel_show(
                    schedule, show_id, reason_category=action.reason_category, note=action.note
                )
            )
        except DomainError as refusal:
            results[show_id] = _refused(show_id, refusal)
            continue
        unit.append(schedule, changes.announced(schedule, events, unit.new_id), cause=run_id)
        results[show_id] = Result(show_id=show_id, status="done" if events else "unchanged")
    return results


def _edit(  # noqa: PLR0917 - all of one run
    unit: Unit,
    here: Sequence[tuple[Schedule, str]],
    run_id: str,
    action: _Editing,
    before: dict[str, list[ShowEdit]],
    after: dict[str, list[ShowEdit]],
) -> dict[str, Result]:
    """All edits of one schedule are one event; what they replaced is kept for the undo."""
    results: dict[str, Result] = {}
    for schedule, show_id in here:
        try:
            show = planning.find_show(schedule, show_id)
            planning.check_editable(schedule, show)
            edit = planning.checked_edit(show, _patch(show, action), {})
        except DomainError as refusal:
            if isinstance(action, EditShows):
                raise
            results[show_id] = _refused(show_id, refusal)
            continue
        results[show_id] = Result(show_id=show_id, status="done" if edit else "unchanged")
        if edit:
            was = {name: getattr(show, name) for name in changes.fields_of(edit)}
            before.setdefault(schedule.id, []).append(ShowEdit(show_id=show_id, **was))
            after.setdefault(schedule.id, []).append(edit)
    for schedule in {id(c): c for c, _ in here}.values():
        if schedule.id in after:
            unit.append(schedule, _edited(schedule, after[schedule.id]), cause=run_id)
    return results


def _patch(show: Show, action: _Editing) -> ShowPatch:
    match action:
        case AssignRoom(room_id=room_id):
            return ShowPatch(room_id=room_id)
        case AssignCreators(creators=creators, mode=mode):
            return ShowPatch(creators=(*show.creators, *creators) if mode == "add" else creators)
        case ShiftShows(minutes=minutes):
            by = timedelta(minutes=minutes)
            return ShowPatch(start=show.start + by, end=show.end + by)
        case EditShows(set=placings):
            to = placings.get(show.id, Placing())
            return ShowPatch(start=to.start, end=to.end, room_id=to.room_id, creators=to.creators)


def _edited(schedule: Schedule, edits: Sequence[ShowEdit]) -> list[ScheduleEvent]:
    return [ShowsEdited(edits=tuple(edits), time_zone=schedule.time_zone, day_start=schedule.day_start)]


def _moved(schedule: Schedule, edits: Sequence[ShowEdit]) -> list[FieldError]:
    """The fields that are no longer as these edits set them."""

    def stands(edit: ShowEdit, name: str) -> bool:
        show = schedule.shows.get(edit.show_id)
        return show is not None and show.deleted_at is None and getattr(show, name) == getattr(edit, name)

    return [
        FieldError(f"{edit.show_id}.{name}", "moved", "is not what the run set any more")
        for edit in edits
        for name in changes.fields_of(edit)
        if not stands(edit, name)
    ]


def _refused(show_id: str, refusal: DomainError) -> Result:
    return Result(show_id=show_id, status="refused", code=refusal.code, detail=str(refusal))
