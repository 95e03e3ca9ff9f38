"""A small model of planning that knows only the contract (SPEC 3 to 6): what is held, what moves a status,
what makes a version, what is refused and with which code. It shares no line with the application."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from tests.model.roles import People, Refused

Span = tuple[datetime, datetime]

ARROWS: Final = {
    "propose": {"draft": "proposed"},
    "approve": {"proposed": "proposed"},
    "reject": {"proposed": "draft"},
    "withdraw": {"proposed": "draft"},
    "confirm": {"proposed": "confirmed", "confirmed": "confirmed"},
    "cancel": {"draft": "cancelled", "proposed": "cancelled", "confirmed": "cancelled"},
    "reopen": {"cancelled": "draft"},
    "archive": {"confirmed": "archived"},
    "unarchive": {"archived": "confirmed"},
    "park": {"draft": "other"},
    "resume": {"other": "draft"},
}
"""A schedule's, drawn from the picture in SPEC 3."""

SHOW_ARROWS: Final = {
    "start": {"confirmed"},
    "complete": {"live"},
    "cancel": {"draft", "confirmed"},
    "interrupt": {"confirmed", "live"},
    "resolve": {"cancelled_pending_resolution"},
}
"""From where each command of a show goes, from the text of SPEC 4."""

PLANNED: Final = ("draft", "confirmed")
"""Shows that can still be changed."""


@dataclass(frozen=True)
class Plan:
    """What a planner sets of a show."""

    name: str
    start: datetime
    end: datetime
    room: str | None = None
    creators: tuple[str, ...] = ()
    standard: str = "standard"
    external_id: str | None = None
    note: str = ""


@dataclass
class Show:
    """`first`: the show that it stands in for, having come back under a new id. Of imports: what one set
    last, whether one `made` it, and whether it `vanished` from a file."""

    id: str
    plan: Plan
    status: str = "draft"
    removed: bool = False
    holds: dict[str, Span] = field(default_factory=dict[str, Span])
    first: str = ""
    imported: dict[str, Any] = field(default_factory=dict[str, Any])
    made: bool = False
    vanished: bool = False

    def __post_init__(self) -> None:
        self.first = self.first or self.id


@dataclass(frozen=True)
class Version:
    """The shows that were there, and how they stood; a plan changed if that differs."""

    number: int
    kind: str
    shows: Mapping[str, tuple[Plan, str]]
    by: str = ""
    note: str = ""
    deleted: bool = False


@dataclass(frozen=True)
class Op:
    """`fields`: before and after of each; `show`: of an `add`, named once it has an id; `first`: what it
    stands in for."""

    kind: str
    show_id: str = ""
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]])
    show: Plan | None = None
    first: str = ""


@dataclass
class Back:
    """Shows to remove, to set (and bring back), and to draft again in the place of the one named."""

    remove: set[str]
    sets: dict[str, Plan] = field(default_factory=dict[str, Plan])
    again: list[tuple[str, Plan]] = field(default_factory=list[tuple[str, Plan]])
    note: str = ""
    differs: bool = False

    def __bool__(self) -> bool:
        return bool(self.remove or self.sets or self.again or self.differs)


@dataclass
class Change:
    id: str
    needs: str
    ops: list[Op]
    by: str = ""
    status: str = "proposed"
    acknowledged: bool = False
    imported: bool = False


@dataclass
class Comment:
    """`subject`: the schedule, show or change that it is about."""

    id: str
    schedule: str
    subject: str
    text: str
    by: str
    removed: bool = False
    seen: bool = False


@dataclass
class Schedule:
    """`single`: of a standalone show; `starts`: days after the first of the month; `left`: shows that
    moved away, each with the first that it stood in for."""

    id: str
    client: str | None
    single: bool = False
    starts: int = 0
    left: dict[str, str] = field(default_factory=dict[str, str])
    status: str = "draft"
    note: str = ""
    current: int | None = None
    approved: int | None = None
    shows: dict[str, Show] = field(default_factory=dict[str, Show])
    versions: list[Version] = field(default_factory=list[Version])
    changes: dict[str, Change] = field(default_factory=dict[str, Change])
    booked_once: bool = False
    cancelled_with: list[str] = field(default_factory=list[str])
    deleted: bool = False
    deleted_with: list[str] = field(default_factory=list[str])
    dropped: bool = False
    opened_note: str = ""

    @property
    def edited(self) -> bool:
        """Whether the plan differs from its newest version: its note, its shows, or one cancelled while the
        plan was a draft. Before the first it is compared with the empty one that was opened."""
        plans = {show.id: show.plan for show in self.live()}
        newest = self.versions[-1] if self.versions else Version(0, "opened", {}, note=self.opened_note)
        then = {show_id: plan for show_id, (plan, _) in newest.shows.items()}
        return self.dropped or (plans, self.note) != (then, newest.note)

    def live(self) -> list[Show]:
        """Shows that were not removed, by start, then id."""
        return sorted(
            (show for show in self.shows.values() if not show.removed), key=lambda s: (s.plan.start, s.id)
        )


@dataclass
class Model:
    """Everything at once, and who acts. One studio that asks its clients; its hosted shows need a creator.
    `rooms` has lead and turnaround;
    late changes are of shows that start before `late`: the present plus the studio's hours."""

    rooms: dict[str, tuple[timedelta, timedelta]]
    late: datetime
    schedules: dict[str, Schedule] = field(default_factory=dict[str, Schedule])
    closures: dict[str, tuple[str, Span, bool]] = field(default_factory=dict[str, tuple[str, Span, bool]])
    banned: set[str] = field(default_factory=set[str])
    people: People = field(default_factory=People)
    comments: dict[str, Comment] = field(default_factory=dict[str, Comment])
    firsts: dict[str, str] = field(default_factory=dict[str, str])
    who: str = ""
    runs: dict[str, Any] = field(default_factory=dict[str, Any])
    ran: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    run: Any = None
    touched: list[str] = field(default_factory=list[str])
    keys: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    # --- planning

    def open(self, schedule_id: str, client: str | None, *, single: bool = False) -> Schedule:
        self.schedules[schedule_id] = Schedule(schedule_id, client, single)
        return self.schedules[schedule_id]

    def edit(self, schedule_id: str, note: str) -> None:
        schedule = self.editable(schedule_id)
        schedule.note = note

    def draft(self, schedule_id: str, plans: Sequence[Plan], ids: Sequence[str]) -> None:
        schedule = self.editable(schedule_id)
        for plan in plans:
            _check_span(plan)
        self.check_external(schedule, {f"new {n}": plan for n, plan in enumerate(plans)})
        schedule.shows |= {i: Show(i, plan) for i, plan in zip(ids, plans, strict=True)}

    def edit_show(self, schedule_id: str, show_id: str, values: Mapping[str, Any]) -> None:
        schedule = self.there(schedule_id)
        show = self.show(schedule, show_id)
        self.editable(schedule_id, show)
        plan = replace(show.plan, **values)
        _check_span(plan)
        self.check_external(schedule, {show_id: plan})
        show.plan = plan

    def remove_show(self, schedule_id: str, show_id: str) -> None:
        schedule = self.there(schedule_id)
        if schedule.shows[show_id].removed:
            return
        self.editable(schedule_id, schedule.shows[show_id])
        schedule.shows[show_id].removed = True

    def restore_show(self, schedule_id: str, show_id: str) -> None:
        schedule = self.there(schedule_id)
        show = schedule.shows[show_id]
        self.editable(schedule_id, show)
        if show.removed:
            self.check_external(schedule, {show_id: show.plan})
            show.removed = False

    # --- agreeing and booking

    def propose(self, schedule_id: str) -> None:
        schedule = self._move(schedule_id, "propose")
        self.number(schedule, "proposed")

    def approve(self, schedule_id: str, number: int) -> None:
        self._not_own(schedule_id, number)
        schedule = self._move(schedule_id, "approve", dry=True)
        if number != schedule.current:
            raise Refused("version_conflict")
        schedule.approved = number

    def reject(self, schedule_id: str, number: int, reason: str) -> None:
        self._not_own(schedule_id, number)
        schedule = self._move(schedule_id, "reject", dry=True)
        if number != schedule.current:
            raise Refused("version_conflict")
        if not reason:
            raise Refused("invalid")
        self._move(schedule_id, "reject").approved = None

    def withdraw(self, schedule_id: str) -> None:
        self._move(schedule_id, "withdraw").approved = None

    def confirm(
        self, schedule_id: str, show_ids: Sequence[str] | None, *, best_effort: bool
    ) -> tuple[list[str], set[str]]:
        """The shows booked, in order, and those refused."""
        schedule = self.there(schedule_id)
        drafts = self.bookable(schedule_id, show_ids)
        if not best_effort and self.blocked([show.plan for show in drafts], set()):
            raise Refused("conflicts")
        booked: list[str] = []
        for show in drafts:
            if not self.blocked([show.plan], set()):
                self.book(schedule, show)
                booked.append(show.id)
        if booked:
            schedule.status = "confirmed"
            schedule.approved = self.number(schedule, "confirmed")
        return booked, {show.id for show in drafts} - set(booked)

    def bookable(self, schedule_id: str, show_ids: Sequence[str] | None) -> list[Show]:
        """The drafts that may be booked now, in order of start, then id. Of a deleted plan there is none, and
        a bulk run tells what is in the way first."""
        schedule = self.schedules[schedule_id]
        straight = schedule.single and schedule.status == "draft" and not schedule.client
        if not straight and schedule.status not in ARROWS["confirm"]:
            raise Refused("illegal_transition")
        unagreed = schedule.client and schedule.approved != schedule.current
        if schedule.status == "proposed" and unagreed:
            raise Refused("not_approved")
        named = schedule.live() if show_ids is None else [self.show(schedule, i) for i in show_ids]
        if show_ids is not None and any(show.status not in ("draft", "confirmed") for show in named):
            raise Refused("illegal_transition")
        return sorted((s for s in named if s.status == "draft"), key=lambda s: (s.plan.start, s.id))

    # --- shows

    def start(self, schedule_id: str, show_id: str) -> None:
        self._from(schedule_id, show_id, "start").status = "live"

    def complete(self, schedule_id: str, show_id: str, ended: datetime | None) -> None:
        show = self._from(schedule_id, show_id, "complete")
        show.status = "completed"
        saved = show.plan.end - min(ended or show.plan.end, show.plan.end)
        cut = {key: (start, end - saved) for key, (start, end) in show.holds.items()}
        show.holds = {key: span for key, span in cut.items() if span[0] < span[1]}

    def cancel_show(self, schedule_id: str, show_id: str, change_id: str) -> None:
        """At once; of a booking the client finds it in its inbox, as this change."""
        show = self._from(schedule_id, show_id, "cancel")
        schedule = self.schedules[schedule_id]
        if schedule.status not in ("draft", "confirmed"):
            raise Refused("illegal_transition")
        if self.announces(schedule, show):
            op = Op("cancel", show_id)
            schedule.changes[change_id] = Change(change_id, "none", [op], self.who, status="approved")
        show.status, show.holds = "cancelled", {}
        if schedule.status == "confirmed":
            schedule.approved = self.number(schedule, "change")
        else:
            schedule.dropped = schedule.current is not None

    def announces(self, schedule: Schedule, show: Show) -> bool:
        """Whether its cancellation is something to tell a client."""
        return bool(schedule.client) and (schedule.status, show.status) == ("confirmed", "confirmed")

    def interrupt(self, schedule_id: str, show_id: str) -> None:
        self._from(schedule_id, show_id, "interrupt").status = "cancelled_pending_resolution"

    def resolve(self, schedule_id: str, show_id: str, outcome: str) -> None:
        show = self._from(schedule_id, show_id, "resolve")
        show.status = outcome
        show.holds = show.holds if outcome == "completed" else {}

    # --- the whole schedule

    def cancel(self, schedule_id: str, reason: str) -> None:
        schedule = self._move(schedule_id, "cancel", dry=True)
        if not reason:
            raise Refused("invalid")
        if any(show.status == "live" for show in schedule.live()):
            raise Refused("illegal_transition")
        self._move(schedule_id, "cancel")
        taken = [show for show in schedule.live() if show.status in ("draft", "confirmed")]
        for show in taken:
            show.status, show.holds = "cancelled", {}
        schedule.cancelled_with = [show.id for show in taken]

    def reopen(self, schedule_id: str) -> None:
        schedule = self._move(schedule_id, "reopen")
        schedule.approved = None
        for show_id in schedule.cancelled_with:
            schedule.shows[show_id].status = "draft"

    def archive(self, schedule_id: str) -> None:
        schedule = self._move(schedule_id, "archive", dry=True)
        if any(show.status not in ("completed", "cancelled") for show in schedule.live()):
            raise Refused("illegal_transition")
        self._move(schedule_id, "archive")

    def unarchive(self, schedule_id: str) -> None:
        self._move(schedule_id, "unarchive")

    def park(self, schedule_id: str) -> None:
        self._move(schedule_id, "park")

    def resume(self, schedule_id: str) -> None:
        self._move(schedule_id, "resume")

    def delete(self, schedule_id: str) -> None:
        schedule = self.schedules[schedule_id]
        if schedule.deleted:
            return
        if schedule.booked_once:
            raise Refused("illegal_transition")
        schedule.deleted, schedule.deleted_with = True, [show.id for show in schedule.live()]
        for show in schedule.shows.values():
            show.removed = True

    def restore(self, schedule_id: str) -> None:
        schedule = self.schedules[schedule_id]
        if not schedule.deleted:
            return
        self.check_external(schedule, {i: schedule.shows[i].plan for i in schedule.deleted_with})
        schedule.deleted = False
        for show_id in schedule.deleted_with:
            schedule.shows[show_id].removed = False

    # --- versions

    def checkpoint(self, schedule_id: str) -> None:
        schedule = self.there(schedule_id)
        if schedule.edited or schedule.current is None:
            self.number(schedule, "checkpoint")

    def delete_version(self, schedule_id: str, number: int, *, deleted: bool) -> None:
        """Or the way back."""
        versions = self.there(schedule_id).versions
        found = next((index for index, version in enumerate(versions) if version.number == number), None)
        if found is None:
            raise Refused("not_found")
        if deleted and versions[found].kind != "checkpoint":
            raise Refused("illegal_transition")
        versions[found] = replace(versions[found], deleted=deleted)

    def way_back(self, schedule_id: str, number: int) -> "Back":
        """What takes the plan to a version of it; shows that are over stay as they are."""
        schedule = self.there(schedule_id)
        version = next((v for v in schedule.versions if v.number == number and not v.deleted), None)
        if version is None:
            raise Refused("not_found")
        if schedule.status not in ("draft", "confirmed"):
            raise Refused("illegal_transition")
        here = {show.id: show for show in schedule.live() if show.status in PLANNED}
        wanted = {i: plan for i, (plan, status) in version.shows.items() if status in PLANNED}
        stand_ins = {show.first: show for show in here.values() if show.id not in wanted}
        back = Back({*here}, note=version.note if schedule.status == "draft" else schedule.note)
        back.differs = back.note != schedule.note
        for show_id, plan in wanted.items():
            first = self.firsts.get(show_id, show_id)
            now = here.get(show_id) or stand_ins.get(first) or schedule.shows.get(show_id)
            if now is None or (now.status == "cancelled" and first in schedule.left.values()):
                continue  # It moved away, or its stand-in did, and lives there.
            if now.status == "cancelled" and not now.removed:
                back.again.append((first, replace(plan, external_id=None)))
            elif now.status in PLANNED:
                back.remove.discard(now.id)
                known = now.id == show_id
                to = plan if known else replace(plan, external_id=now.plan.external_id)
                if now.removed or now.plan != to:
                    back.sets[now.id] = to
        return back

    def check_back(self, schedule_id: str, back: "Back") -> None:
        """Before a draft is what it was: no external id twice."""
        schedule = self.schedules[schedule_id]
        stays = {s.id: s.plan for s in schedule.live() if s.id not in back.remove} | back.sets
        ids = [plan.external_id for plan in stays.values() if plan.external_id]
        ids += self._externals(schedule, {show.id for show in schedule.live()})
        if len(ids) != len({*ids}):
            raise Refused("duplicate")

    def go_back(self, schedule_id: str, back: "Back", new: Mapping[str, Plan]) -> None:
        """A draft is what it was; `new` are the shows that came back under new ids."""
        schedule = self.schedules[schedule_id]
        for show_id in back.remove:
            schedule.shows[show_id].removed = True
        for show_id, plan in back.sets.items():
            schedule.shows[show_id].plan, schedule.shows[show_id].removed = plan, False
        self.come_back(schedule, back, new)
        schedule.note = back.note
        self.number(schedule, "restored")

    def come_back(self, schedule: Schedule, back: "Back", new: Mapping[str, Plan]) -> None:
        """Shows under new ids, each in the place of one that was."""
        left = [*back.again]
        for show_id, plan in new.items():
            first = next(each for each in left if each[1] == plan)
            left.remove(first)
            schedule.shows[show_id] = Show(show_id, plan, first=first[0])
            self.firsts[show_id] = first[0]
        assert not left, "shows that did not come back"

    def ask_back(self, schedule_id: str, back: "Back") -> list[Op]:
        """The operations of the change that would bring a confirmed plan back."""
        schedule = self.schedules[schedule_id]
        added = [Op("add", show=plan, first=first) for first, plan in back.again]
        ops: list[Op] = []
        for show_id, plan in back.sets.items():
            show = schedule.shows[show_id]
            if show.removed:
                added.append(Op("add", show=plan, first=show.first))
                continue
            pairs = {name: (getattr(show.plan, name), getattr(plan, name)) for name in vars(plan)}
            ops.append(
                Op("update", show_id, {name: pair for name, pair in pairs.items() if pair[0] != pair[1]})
            )
        return [
            *added,
            *ops,
            *(Op("cancel", show_id) for show_id in back.remove),
        ]

    # --- changes

    def propose_change(
        self, schedule_id: str, approval: str, reason: str, ops: Sequence[Op], base: int | None
    ) -> None:
        """Checks only: `proposed` follows with the ids that the application gave."""
        schedule = self.there(schedule_id)
        if schedule.status != "confirmed":
            raise Refused("edit_directly")
        may = {"client": "plans", "studio": "asks", "none": "manages"}[approval]
        self.people.admit(self.who, may, schedule.client)
        if base is not None and base > (schedule.current or 0):
            raise Refused("invalid")
        late = bad = False
        for op in ops:
            if op.kind == "add":
                bad |= op.show is not None and wrong(op.show)
                continue
            show = schedule.shows[op.show_id]
            if show.removed or show.status not in PLANNED:
                raise Refused("invalid")
            late |= show.plan.start < self.late
            if op.kind == "update":
                changed = replace(show.plan, **{name: after for name, (_, after) in op.fields.items()})
                bad |= changed == show.plan or wrong(changed)
        if bad or (late and len(reason) < 10):
            raise Refused("invalid")

    def needs(self, schedule_id: str, approval: str) -> str:
        """Who must agree: nobody, where a client would have to and there is none."""
        client = self.schedules[schedule_id].client
        return "none" if approval == "client" and client is None else approval

    def proposed(self, schedule_id: str, change: Change) -> None:
        self.schedules[schedule_id].changes[change.id] = change

    def check_apply(self, schedule_id: str, ops: Sequence[Op]) -> None:
        """Refuses what no longer holds, or is in the way."""
        schedule = self.there(schedule_id)
        if schedule.status != "confirmed":
            raise Refused("edit_directly")
        wanted: dict[str, Plan] = {}
        renamed: dict[str, Plan] = {}
        for number, op in enumerate(ops):
            if op.show is not None:
                wanted[op.show_id or f"new {number}"] = op.show
                continue
            show = schedule.shows.get(op.show_id)  # It may have moved away.
            if show is None or show.removed or show.status not in PLANNED:
                raise Refused("change_conflict")
            if any(getattr(show.plan, name) != before for name, (before, _) in op.fields.items()):
                raise Refused("change_conflict")
            if op.kind == "update":
                after = {name: after for name, (_, after) in op.fields.items()}
                plan = replace(show.plan, **after)
                if wrong(plan):
                    raise Refused("change_conflict")
                renamed[op.show_id] = plan
                if show.status == "draft" or after.keys() & {"start", "end", "room", "creators"}:
                    # A booking that stays in its room at its time keeps that span as it was stored.
                    stays = show.status != "draft" and not after.keys() & {"start", "end", "room"}
                    wanted[op.show_id] = replace(plan, room=None) if stays else plan
        if any(wrong(plan) for plan in wanted.values()):
            raise Refused("change_conflict")
        if self.blocked([*wanted.values()], {op.show_id for op in ops}):
            raise Refused("conflicts")
        self.check_external(schedule, wanted | renamed)

    def apply(self, schedule_id: str, change_id: str) -> None:
        """Agrees to a change that `check_apply` let through."""
        schedule = self.schedules[schedule_id]
        change = schedule.changes[change_id]
        change.status = "approved"
        for op in change.ops:
            if op.show is not None:
                schedule.shows[op.show_id] = Show(op.show_id, op.show, first=op.first, made=change.imported)
                self.firsts[op.show_id] = op.first or op.show_id
            show = schedule.shows[op.show_id]
            if op.kind == "cancel":
                show.status, show.holds, show.vanished = "cancelled", {}, change.imported
                continue
            if change.imported:
                set_now = (
                    vars(op.show) if op.show else {name: after for name, (_, after) in op.fields.items()}
                )
                show.imported |= set_now
            show.plan = replace(show.plan, **{name: after for name, (_, after) in op.fields.items()})
            stored = show.holds.get(show.plan.room or "") if show.status != "draft" else None
            if show.status == "draft" or op.fields.keys() & {"start", "end", "room", "creators"}:
                self.book(schedule, show)
                if stored and not op.fields.keys() & {"start", "end", "room"}:
                    show.holds[show.plan.room or ""] = stored
        schedule.approved = self.number(schedule, "change")

    def approve_change(self, schedule_id: str, change_id: str) -> None:
        change = self._open(schedule_id, change_id, decides=True)
        self.check_apply(schedule_id, change.ops)
        self.apply(schedule_id, change_id)

    def reject_change(self, schedule_id: str, change_id: str) -> None:
        self._open(schedule_id, change_id, decides=True).status = "rejected"

    def withdraw_change(self, schedule_id: str, change_id: str) -> None:
        schedule = self.there(schedule_id)
        if schedule.changes[change_id].by != self.who:
            self.people.admit(self.who, "plans", schedule.client)
        self._open(schedule_id, change_id).status = "withdrawn"

    def acknowledge(self, schedule_id: str, change_id: str) -> None:
        change = self.there(schedule_id).changes[change_id]
        if change.needs != "none" or change.status != "approved":
            raise Refused("illegal_transition")
        change.acknowledged = True

    # --- the studio

    def close(self, closure_id: str, room: str, span: Span) -> None:
        """Closures may overlap each other, never a booking."""
        if any(_overlap(span, held) for held in self._held(room, set(), closures=False)):
            raise Refused("conflicts")
        self.closures[closure_id] = (room, span, False)

    def unclose(self, closure_id: str) -> None:
        room, span, _ = self.closures[closure_id]
        self.closures[closure_id] = (room, span, True)

    def turnaround(self, room: str, minutes: int) -> None:
        """Later bookings only."""
        self.rooms[room] = (self.rooms[room][0], timedelta(minutes=minutes))

    def ban(self, creator: str, *, banned: bool) -> None:
        self.banned = self.banned | {creator} if banned else self.banned - {creator}

    # --- what is asked of it

    def dry(self) -> "Model":
        """Another one like it, to try things on."""
        return deepcopy(self)

    def occupancy(self) -> set[tuple[str, str, datetime, datetime]]:
        """Who holds what, when; closures as the union of those of a room."""
        held = {
            (resource, show.id, *span)
            for schedule in self.schedules.values()
            for show in schedule.shows.values()
            for resource, span in show.holds.items()
        }
        for room in self.rooms:
            spans = sorted(span for where, span, gone in self.closures.values() if where == room and not gone)
            merged: list[Span] = []
            for span in spans:
                if merged and span[0] <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
                else:
                    merged.append(span)
            held |= {(room, "closed", *span) for span in merged}
        return held

    def admit(self, who: str, may: str, schedule: Schedule, show_id: str = "") -> None:
        """At the door of a schedule, or of a show of it: to a client's users a show is there once a version
        has it."""
        published = any(show_id in version.shows for version in schedule.versions[-1:])
        if show_id and self.people.by_name[who].bounded and not published:
            raise Refused("not_found")
        self.people.admit(who, may, schedule.client)

    def there(self, schedule_id: str) -> Schedule:
        schedule = self.schedules[schedule_id]
        if schedule.deleted:
            raise Refused("illegal_transition")
        return schedule

    def editable(self, schedule_id: str, show: Show | None = None) -> Schedule:
        schedule = self.there(schedule_id)
        if schedule.status == "confirmed":
            raise Refused("needs_change")
        if schedule.status != "draft" or (show and show.status != "draft"):
            raise Refused("illegal_transition")
        return schedule

    def _open(self, schedule_id: str, change_id: str, *, decides: bool = False) -> Change:
        change = self.there(schedule_id).changes[change_id]
        if decides and change.by == self.who and not self.people.admin(self.who):
            raise Refused("forbidden")
        if change.status != "proposed":
            raise Refused("illegal_transition")
        return change

    def _not_own(self, schedule_id: str, number: int) -> None:
        """Nobody decides a version that they proposed when the other side must, but an administrator."""
        schedule = self.there(schedule_id)
        own = any((version.number, version.by) == (number, self.who) for version in schedule.versions)
        if schedule.client and own and not self.people.admin(self.who):
            raise Refused("forbidden")

    def _move(self, schedule_id: str, command: str, *, dry: bool = False) -> Schedule:
        schedule = self.there(schedule_id)
        if schedule.status not in ARROWS[command]:
            raise Refused("illegal_transition")
        if not dry:
            schedule.status = ARROWS[command][schedule.status]
        return schedule

    def show(self, schedule: Schedule, show_id: str) -> Show:
        show = schedule.shows[show_id]
        if show.removed:
            raise Refused("not_found")
        return show

    def _from(self, schedule_id: str, show_id: str, command: str) -> Show:
        show = self.show(self.there(schedule_id), show_id)
        if show.status not in SHOW_ARROWS[command]:
            raise Refused("illegal_transition")
        return show

    def number(self, schedule: Schedule, kind: str) -> int:
        number = (schedule.current or 0) + 1
        shows = {show.id: (show.plan, show.status) for show in schedule.live()}
        schedule.versions.append(Version(number, kind, shows, self.who, schedule.note))
        schedule.current, schedule.dropped = number, False
        return number

    def _wants(self, plan: Plan) -> dict[str, Span]:
        wants = dict.fromkeys(plan.creators, (plan.start, plan.end))
        if plan.room:
            lead, turnaround = self.rooms[plan.room]
            wants[plan.room] = (plan.start - lead, plan.end + turnaround)
        return wants

    def book(self, schedule: Schedule, show: Show) -> None:
        show.status, show.holds = "confirmed", self._wants(show.plan)
        schedule.booked_once = True

    def _held(self, resource: str, but: set[str], *, closures: bool = True) -> Iterable[Span]:
        for schedule in self.schedules.values():
            for show in schedule.shows.values():
                if show.id not in but and resource in show.holds:
                    yield show.holds[resource]
        if closures:
            yield from (span for room, span, gone in self.closures.values() if room == resource and not gone)

    def blocked(self, plans: Sequence[Plan], but: set[str]) -> bool:
        taken: list[tuple[str, Span]] = []
        for plan in plans:
            if (plan.standard == "hosted" and not plan.creators) or self.banned & {*plan.creators}:
                return True
            for resource, span in self._wants(plan).items():
                if any(_overlap(span, held) for held in self._held(resource, but)):
                    return True
                if any(resource == other and _overlap(span, held) for other, held in taken):
                    return True
            taken += self._wants(plan).items()
        return False

    def _externals(self, schedule: Schedule, but: set[str]) -> list[str]:
        """External ids of the client's live shows."""
        return [
            show.plan.external_id
            for other in self.schedules.values()
            if other.client == schedule.client
            for show in other.live()
            if show.plan.external_id and show.id not in but
        ]

    def check_external(self, schedule: Schedule, plans: Mapping[str, Plan]) -> None:
        taken = self._externals(schedule, {*plans})
        for plan in plans.values():
            if plan.external_id in taken:
                raise Refused("duplicate")
            taken += [plan.external_id] if plan.external_id else []


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def wrong(plan: Plan) -> bool:
    """Whether it ends before it starts, or lasts more than a day."""
    return not timedelta(0) < plan.end - plan.start <= timedelta(hours=24)


def _check_span(plan: Plan | None) -> None:
    if plan and wrong(plan):
        raise Refused("invalid")
