"""Wanted shows against the schedules they belong to: what is new, different, the same or gone. Pure.

A show that is there already is changed where it is; only new ones go by client and month. Draft schedules
change at once, confirmed ones by a change that waits for approval; others refuse rows that would change
them. What was set in Callboard since the last import is kept, unless the file is to win. Gone are shows
that an import once made, in schedules for which the file has rows: they are cancelled, never deleted, and
come back when the file has them again.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from msgspec import Struct, field

from domain.events import ChangeOperation, PlatformLink, ShowDraft, ShowEdit
from domain.ids import NewId
from domain.importing.history import Loaded
from domain.importing.names import Known, Names
from domain.importing.reading import Bad, Wanted, local
from domain.importing.report import Kept
from domain.importing.sheet import RowError
from domain.importing.waiting import SPAN, Rejected, Waiting
from domain.schedule.changes import fields_of
from domain.schedule.state import Schedule, Show
from domain.slots import operational_day

_RANK: Final = ("draft", "confirmed", "proposed", "other", "archived", "cancelled")
"""Which of several schedules for the same client and month takes new rows."""
_PAST: Final = frozenset({"live", "completed", "cancelled", "cancelled_pending_resolution"})
"""Shows in these statuses are never touched by an import."""
_OPEN: Final = frozenset({"draft", "confirmed"})
"""Schedules in these statuses take rows: at once, or as a change."""


class Group(Struct, frozen=True):
    """Rows that belong into one schedule: of one client, in one studio, in one month."""

    client_id: str | None
    studio_id: str
    first: date
    last: date


class Target(Struct, kw_only=True):
    """What an import does to one schedule; `schedule` is None for one to be opened for a group. `studio` is
    that of the rows, where there are any to draft or edit. `cancelled` are shows that vanished; `asked` is
    what a confirmed schedule is to change."""

    name: str
    client: Known | None
    group: Group | None = None
    schedule: Schedule | None = None
    studio: Known | None = None
    counts: Counter[str] = field(default_factory=Counter[str])
    drafts: list[ShowDraft] = field(default_factory=list[ShowDraft])
    edits: list[ShowEdit] = field(default_factory=list[ShowEdit])
    cancelled: list[str] = field(default_factory=list[str])
    asked: list[ChangeOperation] = field(default_factory=list[ChangeOperation])


class Diff(Struct, frozen=True, kw_only=True):
    """What an import does. `errors` are rows left out, `notes` what was left alone and why, `kept` the values
    that were set in Callboard and stay; `uses` the reference rows that drafted and edited shows name."""

    targets: tuple[Target, ...]
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    kept: tuple[Kept, ...]
    uses: Mapping[str, Known]


def group_of(wanted: Wanted) -> Group:
    """By the month of the show's operational day."""
    day = operational_day(wanted.start, wanted.studio.time_zone, wanted.studio.day_start)
    last = calendar.monthrange(day.year, day.month)[1]
    client_id = wanted.client.id if wanted.client else None
    return Group(client_id, wanted.studio.id, day.replace(day=1), day.replace(day=last))


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
    new_id: NewId,
) -> Diff:
    """`loaded` are all schedules that may hold these shows, or be theirs by client and month; `only` the
    named one that all rows go to. What the file has no column for stays as it is. When `blind`, rows are
    missing from view, and nothing is removed. With `theirs` the file wins over what was set here."""
    work = _Work(loaded, names, columns, only, new_id)
    work.theirs = theirs
    matched = [work.match(row) for row in wanted]
    homes = work.homes([(row, found) for row, found in zip(wanted, matched, strict=True) if found])
    for row, found in zip(wanted, matched, strict=True):
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
        uses=work.uses,
    )


Found = tuple[Schedule, Show]


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
        self.theirs = False
        self.uses: dict[str, Known] = {}
        self._loaded = {each.schedule.id: each for each in loaded}
        self._names = names
        self._sets = {"name", "start", "end", *(field for c, field in _SETS.items() if c in columns)}
        self._only = only
        self._new_id = new_id
        self._waiting = Waiting([each.schedule for each in loaded])
        self._rejected = Rejected(loaded)
        self._index = _index([each.schedule for each in loaded])
        self._taken: dict[str, int] = {}

    # --- which show, which schedule

    def match(self, wanted: Wanted) -> Found | None:
        """The show that a row is about, if it is there already."""
        found = self._index.get(wanted.key)
        return found[0] if found else None

    def homes(self, matched: Iterable[tuple[Wanted, Found]]) -> dict[Group, str]:
        """Where the new rows of a group go, for groups that have a schedule: the one that holds most of the
        group's shows already, else one of the same client and studio whose period is that month."""
        if self._only:
            return {}
        held: dict[Group, Counter[str]] = defaultdict(Counter)
        for wanted, (schedule, _) in matched:
            if schedule.kind == "plan":
                held[group_of(wanted)][schedule.id] += 1
        for each in self._loaded.values():
            schedule = each.schedule
            if schedule.kind == "plan":
                group = Group(schedule.client_id, schedule.studio_id, schedule.start_date, schedule.end_date)
                held[group][schedule.id] += 0
        return {
            group: min(counts, key=lambda i: self._rank(group, i, counts)) for group, counts in held.items()
        }

    def _rank(self, group: Group, schedule_id: str, counts: Counter[str]) -> tuple[Any, ...]:
        schedule = self._loaded[schedule_id].schedule
        named = schedule.name == self._name(group)
        return -counts[schedule_id], _RANK.index(schedule.status), not named, schedule_id

    def _name(self, group: Group) -> str:
        whose = self._names.row(group.client_id or group.studio_id)
        return f"{whose.name if whose else group.studio_id} {group.first.isoformat()[:7]}"

    def _existing(self, schedule: Schedule) -> Target:
        if schedule.id not in self.targets:
            client = self._names.row(schedule.client_id) if schedule.client_id else None
            self.targets[schedule.id] = Target(name=schedule.name, client=client, schedule=schedule)
        return self.targets[schedule.id]

    # --- one row

    def create(self, row: Wanted, homes: Mapping[Group, str]) -> None:
        """A row whose show is not there."""
        if row.show_id:
            self._refuse(None, RowError(row.row, "external_id", row.show_id, "unknown_show", _UNKNOWN_SHOW))
            return
        if waiting := self._waiting.added(row.key):
            self._awaited(row, *waiting)
            return
        if self._rejected_before(row):
            return
        group = group_of(row)
        home = self._only or homes.get(group)
        target = self._existing(self._loaded[home].schedule) if home else self._opened(row, group)
        if self._misplaced(target, row) or self._deleted_reference(target, row, None):
            return
        if target.schedule is not None and target.schedule.status not in _OPEN:
            self._closed(target, row)
            return
        draft = ShowDraft(id=self._new_id("show"), external_id=row.external_id, **_values(row, ()))
        if target.schedule is not None and target.schedule.status == "confirmed":
            target.asked.append(ChangeOperation(op="add", show_id=draft.id, show=draft))
        else:
            target.drafts.append(draft)
            target.counts["created"] += 1
        self._use(target, row)

    def update(self, row: Wanted, schedule: Schedule, show: Show) -> None:
        """A row whose show is there: it is changed where it is."""
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
        differs = {
            name: value
            for name, value in _values(row, show.platforms).items()
            if name in self._sets and getattr(show, name) != value
        }
        cancelled = show.status == "cancelled"
        if not differs and not cancelled:
            target.counts["unchanged"] += 1
        elif cancelled and schedule.status == "draft" and show.id in self._loaded[schedule.id].cancelled:
            self._revive(target, row, show)
        elif show.status in _PAST and schedule.status in _OPEN:
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
        if schedule.status == "confirmed" and not self.theirs:
            for name in self._rejected.among(show, wanted):
                self._keep(row, show, name, wanted.pop(name), why="rejected")
        changed = self._waiting.less(show.id, wanted)
        if not wanted:
            target.counts["skipped"] += 1
        elif not changed:
            target.counts["unchanged"] += 1
        elif schedule.status not in _OPEN:
            self._closed(target, row)
        elif not self._deleted_reference(target, row, show):
            edit = ShowEdit(show_id=show.id, **changed)
            if schedule.status == "confirmed":
                before = ShowEdit(show_id=show.id, **{name: getattr(show, name) for name in fields_of(edit)})
                target.asked.append(ChangeOperation(op="update", show_id=show.id, before=before, after=edit))
            else:
                target.edits.append(edit)
                target.counts["updated"] += 1
            self._use(target, row)

    def _unless_edited(
        self, row: Wanted, schedule: Schedule, show: Show, differs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the file may set: not what was set in Callboard since, unless the file is to win."""
        if self.theirs:
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
        said, kept = (self._text(row, name, each) for each in (value, getattr(show, name)))
        named = show.external_id or show.id
        self.kept.append(Kept(row.row, show.id, named, _COLUMN.get(name, name), said, kept, why))

    def _text(self, row: Wanted, name: str, value: Any) -> str:
        """A value as an export writes it."""
        match name:
            case "start" | "end":
                return local(value, row.studio.time_zone)
            case "room_id":
                return self._names.label(value, row.studio.id) if value else ""
            case "creators":
                return "; ".join(map(self._names.label, value))
            case "platforms":
                return "; ".join(self._names.label(link.platform_id) for link in value)
            case _:
                return str(value)

    def _revive(self, target: Target, row: Wanted, show: Show) -> None:
        """A show that an import cancelled, in the file again: drafted anew, under the same external id."""
        if self._deleted_reference(target, row, show):
            return
        if show.external_id:
            target.edits.append(ShowEdit(show_id=show.id, external_id=None))
        values = _values(row, show.platforms)
        values |= {name: getattr(show, name) for name in values if name not in self._sets}
        target.drafts.append(
            ShowDraft(
                id=self._new_id("show"),
                external_id=show.external_id,
                restored_from=show.id,
                metadata=show.metadata,
                **values,
            )
        )
        target.counts["created"] += 1
        self._use(target, row)

    def _awaited(self, row: Wanted, schedule: Schedule, draft: ShowDraft) -> None:
        """A row whose show waits for approval."""
        target = self._existing(schedule)
        values = _values(row, draft.platforms)
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
        for schedule, draft in () if self.theirs else self._rejected.added(row.key):
            values = _values(row, draft.platforms)
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
            return
        if schedule.status == "confirmed":
            if self._rejected.cancelled(show.id) and not self.theirs:
                target.counts["skipped"] += 1
                self._note(None, show, "change_rejected", _REJECTED)
            elif not self._waiting.cancelled(show.id):
                target.asked.append(ChangeOperation(op="cancel", show_id=show.id, reason_category="OTHER"))
            return
        target.counts["skipped"] += 1
        self._note(
            None,
            show,
            "schedule_frozen",
            f"is not in the file, but its schedule is {schedule.status}: it stays",
        )

    # --- refusals

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
        for column, known in _references(row):
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
            self.targets[group] = Target(name=self._name(group), client=row.client, group=group)
        return self.targets[group]

    def _use(self, target: Target, row: Wanted) -> None:
        target.studio = row.studio
        for _, known in (("studio", row.studio), ("client", row.client), *_references(row)):
            if known:
                self.uses[known.id] = known


_SETS: Final = {
    "room": "room_id",
    "creators": "creators",
    "platforms": "platforms",
    "show_type": "show_type",
    "show_standard": "show_standard",
    "note": "note",
}
"""The field of a show that each column sets."""
_COLUMN: Final = {"room_id": "room"}
_SAID: Final = {"other": "parked"}
_REJECTED: Final = "this was asked for before and rejected: import with `take=theirs` to ask again"
_UNKNOWN_SHOW: Final = "no show here has this id: empty the cell to make a new one"


def _index(schedules: Iterable[Schedule]) -> dict[tuple[object, ...], list[Found]]:
    """Live shows by everything that a row may call them; one that is not cancelled comes first."""
    index: dict[tuple[object, ...], list[Found]] = defaultdict(list)
    for schedule in schedules:
        owner = schedule.client_id or schedule.studio_id
        for show in sorted(schedule.live_shows(), key=lambda s: (s.status == "cancelled", s.id)):
            index["show", show.id].append((schedule, show))
            if show.external_id:
                index["external", owner, show.external_id].append((schedule, show))
            else:
                key = ("place", owner, schedule.studio_id, show.room_id, show.name, show.start)
                index[key].append((schedule, show))
    return index


def _references(row: Wanted) -> list[tuple[str, Known]]:
    found = [("room", row.room)] if row.room else []
    found += [("creators", creator) for creator in row.creators]
    found += [("platforms", platform) for platform in row.platforms]
    return [*found, ("show_type", row.show_type), ("show_standard", row.show_standard)]


def _values(row: Wanted, links: Sequence[PlatformLink]) -> dict[str, Any]:
    """The fields that a row sets, as events hold them; a platform that the show has keeps its links."""
    there = {link.platform_id: link for link in links}
    return {
        "name": row.name,
        "start": row.start,
        "end": row.end,
        "room_id": row.room.id if row.room else None,
        "creators": tuple(creator.id for creator in row.creators),
        "platforms": tuple(there.get(p.id) or PlatformLink(p.id) for p in row.platforms),
        "show_type": row.show_type.key,
        "show_standard": row.show_standard.key,
        "note": row.note,
    }
