"""Wanted shows against the schedules they belong to: what is new, different, the same or gone. Pure.

A show that is there already is changed where it is; only new ones go by client and month. Draft schedules
change at once, confirmed ones by a change that waits for approval; others refuse rows that would change
them. What was set in Callboard since the last import is kept, unless the file is to win. Gone are shows
that an import once made, in schedules for which the file has rows: they are cancelled, never deleted, and
come back when the file has them again.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal

from domain.events import ChangeOperation, ShowDraft, ShowEdit
from domain.ids import NewId
from domain.importing.choosing import Choice
from domain.importing.doubting import Doubt
from domain.importing.history import Loaded
from domain.importing.names import Known, Names
from domain.importing.placing import Home, Places
from domain.importing.reach import CODE, EVERYWHERE, OTHER, Reach
from domain.importing.reading import Bad, Wanted
from domain.importing.report import Kept
from domain.importing.setting import SETS, references, values_of
from domain.importing.sheet import RowError
from domain.importing.targets import OPEN, Diff, Group, Target, group_of
from domain.importing.telling import Telling, column_of
from domain.importing.waiting import SPAN, Rejected, Waiting
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule, Show

_PAST: Final = frozenset({"live", "completed", "cancelled", "cancelled_pending_resolution"})
"""Shows in these statuses are never touched by an import."""


def diff(
    wanted: Sequence[Wanted],
    bad: Sequence[Bad],
    loaded: Sequence[Loaded],
    names: Names,
    *,
    columns: Collection[str],
    only: str | None,
    blind: bool,
    theirs: bool,
    choice: Choice,
    reach: Reach,
    new_id: NewId,
) -> Diff:
    """`loaded` are all schedules that may hold these shows, or be theirs by client and month; `only` the
    named one that all rows go to. What the file has no column for stays as it is. When `blind`, rows are
    missing from view, and nothing is removed. With `theirs` the file wins over what was set here;
    `choice` says so of single rows, and which shows stay. What is in schedules out of `reach` is left alone:
    a row that means a show of one is refused."""
    work = _Work(loaded, names, columns, only, new_id)
    work.theirs, work.choice, work.reach = theirs, choice, reach
    matched = [work.places.match(row) for row in wanted]
    pairs = list(zip(wanted, matched, strict=True))
    known = [(row, found) for row, found in pairs if found and reach.has(found[0])]
    homes = work.places.homes(known, choice.means)
    for row, found in pairs:
        if found is None:
            work.create(row, homes)
        else:
            work.update(row, *found)
    if not blind:
        work.remove({found[1].id for found in matched if found}, bad)
    targets = tuple(
        sorted(work.targets.values(), key=lambda t: (t.name, t.schedule.id if t.schedule else ""))
    )
    for target in targets:
        target.counts["proposed_changes"] += bool(target.asked)
    return Diff(
        targets=targets,
        errors=tuple(work.errors),
        notes=tuple(work.notes),
        kept=tuple(work.kept),
        rows=tuple(work.telling.rows),
        uses=work.uses,
        lines=work.lines,
        doubts=tuple(work.doubts),
    )


class _Work:
    """One diff in the making."""

    def __init__(
        self,
        loaded: Sequence[Loaded],
        names: Names,
        columns: Collection[str],
        only: str | None,
        new_id: NewId,
    ) -> None:
        self.targets: dict[object, Target] = {}
        self.errors: list[RowError] = []
        self.notes: list[RowError] = []
        self.kept: list[Kept] = []
        self.theirs, self.choice, self.reach = False, Choice(), EVERYWHERE
        self.uses: dict[str, Known] = {}
        self.lines: dict[str, int] = {}
        self.doubts: list[Doubt] = []
        self._loaded = {each.schedule.id: each for each in loaded}
        self._names = names
        self.telling = Telling(names)
        self._sets = {"name", "start", "end", *(field for c, field in SETS.items() if c in columns)}
        self._only = only
        self._new_id = new_id
        self._waiting = Waiting([each.schedule for each in loaded])
        self._rejected = Rejected(loaded)
        self.places = Places(loaded, names, only)
        self._taken: dict[str, int] = {}

    # --- schedules

    def _existing(self, schedule: Schedule) -> Target:
        if schedule.id not in self.targets:
            client = self._names.row(schedule.client_id) if schedule.client_id else None
            self.targets[schedule.id] = Target(name=schedule.name, client=client, schedule=schedule)
        return self.targets[schedule.id]

    # --- one row

    def create(self, row: Wanted, homes: Mapping[Group, Home]) -> None:
        """A row whose show is not there."""
        if row.show_id:
            self._refuse(None, RowError(row.row, "external_id", row.show_id, "unknown_show", _UNKNOWN_SHOW))
            return
        if waiting := self._waiting.added(row.key):
            if self._within(row, waiting[0]):
                self._awaited(row, *waiting)
            return
        if self._rejected_before(row):
            return
        group = group_of(row)
        home = homes.get(group)
        chosen = self._only or (home and home.schedule_id)
        target = self._existing(self._loaded[chosen].schedule) if chosen else self._opened(row, group)
        if self._misplaced(target, row) or self._deleted_reference(target, row, None):
            return
        if target.schedule is not None and target.schedule.status not in OPEN:
            self._closed(target, row)
            return
        if home and len(home.open) > 1:
            self._doubt(row, group, home)
        draft = ShowDraft(id=self._new_id("show"), external_id=row.external_id, **values_of(row, ()))
        if target.schedule is not None and target.schedule.status == "confirmed":
            target.asked.append(ChangeOperation(op="add", show_id=draft.id, show=draft))
        else:
            target.drafts.append(draft)
            target.counts["created"] += 1
        self.lines[draft.id] = row.row
        self.telling.plan(target, row, draft.id, "created", values=values_of(row, ()))
        self._use(target, row)

    def update(self, row: Wanted, schedule: Schedule, show: Show) -> None:
        """A row whose show is there: it is changed where it is."""
        if not self._within(row, schedule):
            return
        if self._only and schedule.id != self._only:
            message = f"the show is in another schedule, {schedule.name!r} ({schedule.id})"
            self._refuse(
                None, RowError(row.row, "external_id", row.external_id or show.id, "other_schedule", message)
            )
            return
        target = self._existing(schedule)
        first = self._taken.setdefault(show.id, row.row)
        if first != row.row:
            message = f"line {first} is the same show; this line is left out"
            self._refuse(
                target,
                RowError(
                    row.row, "external_id", row.external_id or show.id, "duplicate_external_id", message
                ),
            )
            return
        if self._misplaced(target, row):
            return
        self.lines[show.id] = row.row
        differs = {
            name: value
            for name, value in values_of(row, show.platforms).items()
            if name in self._sets and getattr(show, name) != value
        }
        cancelled = show.status == "cancelled"
        if not differs and not cancelled:
            target.counts["unchanged"] += 1
        elif cancelled and schedule.status == "draft" and show.id in self._loaded[schedule.id].cancelled:
            self._revive(target, row, show)
        elif show.status in _PAST and schedule.status in OPEN:
            target.counts["skipped"] += 1
            self._note(
                row.row, show, f"show_{show.status}", f"the show is {show.status}: it was left as it is"
            )
        elif cancelled:
            self._closed(target, row)
        else:
            self._change(target, row, schedule, show, differs)

    def _change(
        self, target: Target, row: Wanted, schedule: Schedule, show: Show, differs: Mapping[str, Any]
    ) -> None:
        wanted = self._unless_edited(row, schedule, show, differs)
        if schedule.status == "confirmed" and not self._wins(row):
            for name in self._rejected.among(show, wanted):
                self._keep(row, show, name, wanted.pop(name), why="rejected")
        changed = self._waiting.less(show.id, wanted)
        if not wanted:
            target.counts["skipped"] += 1
        elif not changed:
            target.counts["unchanged"] += 1
        elif schedule.status not in OPEN:
            self._closed(target, row)
        elif not self._deleted_reference(target, row, show):
            edit = ShowEdit(show_id=show.id, **changed)
            if schedule.status == "confirmed":
                before = ShowEdit(show_id=show.id, **{name: getattr(show, name) for name in fields_of(edit)})
                target.asked.append(ChangeOperation(op="update", show_id=show.id, before=before, after=edit))
            else:
                target.edits.append(edit)
                target.counts["updated"] += 1
            self.telling.plan(target, row, show.id, "updated", was=show, values=changed)
            self._use(target, row)

    def _unless_edited(
        self, row: Wanted, schedule: Schedule, show: Show, differs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the file may set: not what was set in Callboard since, unless the file is to win."""
        if self._wins(row):
            return dict(differs)
        loaded = self._loaded[schedule.id]
        edited = {name for name in (*differs, *SPAN) if loaded.edited(show, name)}
        if edited & set(SPAN):
            edited |= set(SPAN)
        for name, value in differs.items():
            if name in edited:
                self._keep(row, show, name, value, why="edited")
        return {name: value for name, value in differs.items() if name not in edited}

    def _keep(
        self, row: Wanted, show: Show, name: str, value: Any, *, why: Literal["edited", "rejected"]
    ) -> None:
        said, kept = (self.telling.text(row, name, each) for each in (value, getattr(show, name)))
        named = show.external_id or show.id
        self.kept.append(Kept(row.row, show.id, named, column_of(name), said, kept, why))

    def _revive(self, target: Target, row: Wanted, show: Show) -> None:
        """A show that an import cancelled, in the file again: drafted anew, under the same external id."""
        if self._deleted_reference(target, row, show):
            return
        if show.external_id:
            target.edits.append(ShowEdit(show_id=show.id, external_id=None))
        values = values_of(row, show.platforms)
        values |= {name: getattr(show, name) for name in values if name not in self._sets}
        draft = ShowDraft(
            id=self._new_id("show"),
            external_id=show.external_id,
            restored_from=show.id,
            metadata=show.metadata,
            **values,
        )
        target.drafts.append(draft)
        self.lines[draft.id] = row.row
        target.counts["created"] += 1
        self.telling.plan(target, row, show.id, "created", values=values)
        self._use(target, row)

    def _doubt(self, row: Wanted, group: Group, home: Home) -> None:
        self.doubts.append(
            Doubt(
                row=row.row,
                kind="schedule",
                name=self.places.name(group),
                studio=row.studio.name,
                among=home.open,
                chosen=home.schedule_id,
            )
        )

    def _awaited(self, row: Wanted, schedule: Schedule, draft: ShowDraft) -> None:
        """A row whose show waits for approval."""
        target = self._existing(schedule)
        values = values_of(row, draft.platforms)
        if all(getattr(draft, name) == value for name, value in values.items() if name in self._sets):
            target.counts["unchanged"] += 1
            return
        target.counts["skipped"] += 1
        message = "this show waits for approval with other values: decide that change first"
        self.notes.append(
            RowError(row.row, "external_id", row.external_id or row.name, "change_pending", message)
        )

    def _rejected_before(self, row: Wanted) -> bool:
        """A show that was asked for with just these values, and somebody said no."""
        for schedule, draft in () if self._wins(row) else self._rejected.added(row.key):
            values = values_of(row, draft.platforms)
            if not self.reach.has(schedule):
                continue
            if schedule.status == "confirmed" and all(
                getattr(draft, name) == value for name, value in values.items() if name in self._sets
            ):
                self._existing(schedule).counts["skipped"] += 1
                self.notes.append(
                    RowError(
                        row.row, "external_id", row.external_id or row.name, "change_rejected", _REJECTED
                    )
                )
                return True
        return False

    def remove(self, kept: Collection[str], bad: Sequence[Bad]) -> None:
        """Shows that an import made and the file no longer has. A row with an error still stands for its
        show; one without an external id might stand for any that has none."""
        stands = {(each.owner, each.external_id) for each in bad}
        any_plain = any(not each.external_id for each in bad)
        for target in list(self.targets.values()):
            schedule = target.schedule
            if schedule is None:
                continue
            owner = schedule.client_id or schedule.studio_id
            for show in schedule.live_shows():
                if show.id in kept or show.id not in self._loaded[schedule.id].made:
                    continue
                if show.id in self.choice.stay:
                    target.counts["skipped"] += 1
                    self._note(None, show, "left_alone", "is not in the file, but stays, as decided")
                    continue
                names = {show.id, show.external_id or show.id}
                if any((who, name) in stands for who in (owner, None) for name in names):
                    continue
                if show.status in _PAST or (any_plain and not show.external_id):
                    continue
                self._gone(target, schedule, show)

    def _gone(self, target: Target, schedule: Schedule, show: Show) -> None:
        if schedule.status == "draft":
            target.cancelled.append(show.id)
            target.counts["removed"] += 1
            self.telling.gone(target, schedule, show)
            return
        if schedule.status == "confirmed":
            if self._rejected.cancelled(show.id) and not self.theirs:
                target.counts["skipped"] += 1
                self._note(None, show, "change_rejected", _REJECTED)
            elif not self._waiting.cancelled(show.id):
                target.asked.append(ChangeOperation(op="cancel", show_id=show.id, reason_category="OTHER"))
                self.telling.gone(target, schedule, show)
            return
        target.counts["skipped"] += 1
        self._note(
            None,
            show,
            "schedule_frozen",
            f"is not in the file, but its schedule is {schedule.status}: it stays",
        )

    # --- whose value stays

    def _wins(self, row: Wanted) -> bool:
        """Whether the file wins over what was set here."""
        return self.theirs or row.row in self.choice.theirs

    # --- refusals

    def _within(self, row: Wanted, schedule: Schedule) -> bool:
        """Whether the actor may plan in the schedule of a row's show. Of others no target is made: whatever
        else is in them is not looked at."""
        if self.reach.has(schedule):
            return True
        self._refuse(None, RowError(row.row, "studio", row.studio.name, CODE, OTHER))
        return False

    def _misplaced(self, target: Target, row: Wanted) -> bool:
        """A show can't change its client or studio."""
        schedule = target.schedule
        if schedule is None:
            return False
        if schedule.client_id != (row.client.id if row.client else None):
            value = row.client.name if row.client else ""
            self._refuse(
                target,
                RowError(
                    row.row,
                    "client",
                    value,
                    "other_client",
                    f"schedule {schedule.name!r} is not of this client",
                ),
            )
            return True
        if schedule.studio_id != row.studio.id:
            message = f"schedule {schedule.name!r} is of another studio, and a show can't change its studio"
            self._refuse(target, RowError(row.row, "studio", row.studio.name, "other_studio", message))
            return True
        return False

    def _deleted_reference(self, target: Target, row: Wanted, show: Show | None) -> bool:
        """Ids of deleted rows are fine only where the show has them already."""
        has = set[str | None]()
        if show is not None:
            links = (link.platform_id for link in show.platforms)
            has = {show.room_id, *show.creators, *links, show.show_type, show.show_standard}
        for column, known in references(row):
            if not known.live and known.id not in has and known.key not in has:
                message = f"this {column} was deleted: restore it, or name another"
                self._refuse(target, RowError(row.row, column, known.id, "reference_deleted", message))
                return True
        return False

    def _closed(self, target: Target, row: Wanted) -> None:
        schedule = target.schedule
        if schedule is None:
            return
        said = _SAID.get(schedule.status, schedule.status)
        message = f"schedule {schedule.name!r} is {said}: bring it back to draft first"
        column, value = ("external_id", row.external_id) if row.external_id else ("name", row.name)
        self._refuse(target, RowError(row.row, column, value, "schedule_frozen", message))

    def _refuse(self, target: Target | None, error: RowError) -> None:
        self.errors.append(error)
        if target is not None:
            target.counts["errors"] += 1

    def _note(self, row: int | None, show: Show, code: str, message: str) -> None:
        self.notes.append(RowError(row, "external_id", show.external_id or show.id, code, message))

    def _opened(self, row: Wanted, group: Group) -> Target:
        if group not in self.targets:
            self.targets[group] = Target(name=self.places.name(group), client=row.client, group=group)
        return self.targets[group]

    def _use(self, target: Target, row: Wanted) -> None:
        target.studio = row.studio
        for _, known in (("studio", row.studio), ("client", row.client), *references(row)):
            if known:
                self.uses[known.id] = known


_SAID: Final = {"other": "parked"}
_REJECTED: Final = "this was asked for before and rejected: import with `take=theirs` to ask again"
_UNKNOWN_SHOW: Final = "no show here has this id: empty the cell to make a new one"
