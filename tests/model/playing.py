"""Plays a story on the application and on the model at once, one command at a time, and tells how it went.
Each step's seed settles which command it is and on what."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, cast

from domain import applying, confirming
from domain.application import Unit
from domain.confirming import Confirmation
from domain.conflicts import Subject
from domain.errors import DomainError
from domain.events import ScheduleEvent
from domain.ids import fixed_id
from domain.registry.commanding import bookings_named
from domain.registry.entities import NewRoomClosure, NewShowStandard
from domain.schedule import changes, lifecycle, planning, versions
from domain.schedule.changes import Add, Cancel, NewChange, Operation, Update
from domain.schedule.planning import NewShow, SchedulePatch, ShowPatch
from domain.schedule.state import Schedule
from domain.schedule.state import Show as RealShow
from tests.model.plans import Change, Model, Op, Plan, Refused
from tests.model.plans import Schedule as Modelled
from tests.model.plans import Show as ModelledShow
from tests.spec import context
from tests.world import KEYS, MAY, World

HOURS: Final = 14
LATE_HOURS: Final = 24
PRESENT: Final = MAY + timedelta(hours=4, minutes=10) - timedelta(hours=LATE_HOURS)
"""A change of a show that starts in the first hours is late."""
_NAMES: Final = {"room": "room_id", "standard": "show_standard"}
"""Where the model's word is not the application's."""

Decide = Callable[[Schedule], Sequence[ScheduleEvent]]
Act = tuple[Callable[[], Any], Callable[[Any], object]]
"""The real command; and the model's, given what the real one answered, None if it was refused."""


class Player:
    """A world and its model. `told` is the story so far, `counted` what became of each command."""

    def __init__(self, world: World, counted: Counter[tuple[str, str]]) -> None:
        self.world = world
        self.commands = world.commands
        self.counted = counted
        self.told: list[str] = []
        world.create("shstd", NewShowStandard(key="hosted", name="Hosted", requires_creator=True))
        rooms = [(r, timedelta(minutes=15 if n == 2 else 0)) for n, r in enumerate(world.rooms)]
        late = PRESENT + timedelta(hours=LATE_HOURS)
        self.model = Model({room: (minutes, minutes) for room, minutes in rooms}, late)

    def begin(self) -> None:
        """A plan that is booked, one that waits and one that is drafted: most commands fit one of them."""
        for name in ("open draft propose approve confirm", "open draft propose", "open draft"):
            for number, command in enumerate(name.split()):
                self.play(command, Random(number))  # noqa: S311 - not a secret

    def step(self, seed: str) -> None:
        """One command."""
        random = Random(seed)  # noqa: S311 - not a secret
        self.play(random.choice(WEIGHTED), random)

    def play(self, name: str, random: Random) -> None:
        """The command on both sides: they accept or refuse alike, and stand alike afterwards."""
        before = self._moved()
        self.told.append(name)
        real, modelled = STEPS[name](self, random)
        done, outcome = None, "accepted"
        try:
            done = real()
        except DomainError as refusal:
            outcome = refusal.code
        expected = "accepted"
        try:
            modelled(done)
        except Refused as refused:
            expected = refused.code
        self.told[-1] += f": {outcome}"
        assert outcome == expected, self._story(f"the contract says {expected}")
        self.counted[name, outcome] += 1
        self._compare(before)

    # --- subjects

    def say(self, *words: object) -> None:
        """More about the command at hand."""
        self.told[-1] += " " + " ".join(str(word) for word in words)

    def schedule(self, random: Random, *fitting: str, deleted: bool = False) -> Modelled:
        """Mostly one in such a status."""
        plans = [*self.model.schedules.values()]
        found = _some(random, plans, lambda s: s.status in fitting and s.deleted == deleted)
        self.say(self._name(found.id), f"({found.status})")
        return found

    def show(
        self, random: Random, status: str, *plans: str, removed: bool = False
    ) -> tuple[Modelled, ModelledShow]:
        """Mostly one in such a status, of a schedule in such a one."""
        shows = [(plan, show) for plan in self.model.schedules.values() for show in plan.shows.values()]
        plan, show = _some(
            random,
            shows,
            lambda f: (
                (f[1].status, f[1].removed) == (status, removed)
                and (not plans or f[0].status in plans)
                and not f[0].deleted
            ),
        )
        self.say(self._name(show.id), f"({show.status})", "of", self._name(plan.id), f"({plan.status})")
        return plan, show

    def change(self, random: Random, *statuses: str) -> tuple[Modelled, Change] | None:
        """Mostly one in such a status."""
        found = [(plan, change) for plan in self.model.schedules.values() for change in plan.changes.values()]
        if not found:
            return None
        plan, change = _some(random, found, lambda f: f[1].status in statuses and f[0].status == "confirmed")
        self.say(self._name(change.id), f"({change.status})", "of", self._name(plan.id), f"({plan.status})")
        return plan, change

    def plan(self, random: Random) -> Plan:
        """A show with anything from nothing to everything."""
        start = MAY + timedelta(minutes=30 * random.randrange(HOURS * 2))
        plan = Plan(
            name=random.choice(["Launch", "Talk"]),
            start=start,
            end=start
            + timedelta(hours=random.choice([1, 1, 2, 1, 1, 0, 25]) if random.random() < 0.3 else 1),
            room=random.choice([None, *self.world.rooms]),
            creators=tuple(random.sample(self.world.creators, random.choice([0, 0, 1, 2]))),
            standard=random.choice(["standard", "standard", "standard", "hosted"]),
            external_id=random.choice([None] * 6 + ["SH-1", "SH-2", "SH-3", "SH-4", "SH-5"]),
        )
        self.say(_shown(plan))
        return plan

    def values(self, random: Random) -> dict[str, Any]:
        """Some fields of another show."""
        new = self.plan(random)
        sets = [("start",), ("end",), ("start", "end"), ("room",), ("creators",), ("name", "external_id")]
        names = [name for each in random.sample(sets, random.choice([1, 1, 2])) for name in each]
        self.say("sets", *names)
        return {name: getattr(new, name) for name in names}

    # --- planning

    def open(self, random: Random) -> Act:
        client = random.choice([None, self.world.clients[0], *self.world.clients])
        return (
            lambda: self.world.open(client=client),
            lambda done: self.model.open(done.id, client),
        )

    def edit(self, random: Random) -> Act:
        plan, note = self.schedule(random, "draft"), f"Note {random.randrange(3)}"
        patch = SchedulePatch(note=note)
        return (
            lambda: self._decide(plan.id, lambda s: planning.edit_schedule(s, patch)),
            lambda _: self.model.edit(plan.id, note),
        )

    def draft(self, random: Random) -> Act:
        plan = self.schedule(random, "draft")
        shows = [self.plan(random) for _ in range(random.randint(1, 3))]
        return (
            lambda: self.world.draft(plan.id, [_new(show) for show in shows]),
            lambda done: self.model.draft(
                plan.id, shows, [i for i in done.shows if i not in plan.shows] if done else [""] * len(shows)
            ),
        )

    def edit_show(self, random: Random) -> Act:
        plan, show = self.show(random, "draft", "draft")
        values = self.values(random)
        return (
            lambda: self.world.edit_show(plan.id, show.id, _patch(values)),
            lambda _: self.model.edit_show(plan.id, show.id, values),
        )

    def remove_show(self, random: Random) -> Act:
        plan, show = self.show(random, "draft", "draft")
        return (
            lambda: self.world.remove_show(plan.id, show.id),
            lambda _: self.model.remove_show(plan.id, show.id),
        )

    def restore_show(self, random: Random) -> Act:
        plan, show = self.show(random, "draft", "draft", removed=True)
        return (
            lambda: self.world.restore_show(plan.id, show.id),
            lambda _: self.model.restore_show(plan.id, show.id),
        )

    # --- agreeing and booking

    def propose(self, random: Random) -> Act:
        plan = self.schedule(random, "draft")
        return lambda: self.world.propose(plan.id), lambda _: self.model.propose(plan.id)

    def approve(self, random: Random) -> Act:
        plan = self.schedule(random, "proposed")
        number = plan.current if plan.current and random.random() < 0.9 else 99
        return lambda: self.world.approve(plan.id, number), lambda _: self.model.approve(plan.id, number)

    def reject(self, random: Random) -> Act:
        plan, reason = self.schedule(random, "proposed"), random.choice(["no", "no", ""])
        number = plan.current or 1
        return (
            lambda: self.world.reject(plan.id, number, reason),
            lambda _: self.model.reject(plan.id, number, reason),
        )

    def withdraw(self, random: Random) -> Act:
        plan = self.schedule(random, "proposed")
        return lambda: self.world.withdraw(plan.id), lambda _: self.model.withdraw(plan.id)

    def confirm(self, random: Random) -> Act:
        plan, best = self.schedule(random, "proposed", "confirmed"), random.random() < 0.7
        return self._confirm(plan, None, best=best, dry=False)

    def confirm_some(self, random: Random) -> Act:
        plan, show = self.show(random, "draft", "confirmed", "proposed")
        return self._confirm(plan, [show.id], best=random.random() < 0.2, dry=False)

    def confirm_dry(self, random: Random) -> Act:
        plan, best = self.schedule(random, "proposed", "confirmed"), random.random() < 0.5
        return self._confirm(plan, None, best=best, dry=True)

    def _confirm(self, plan: Modelled, shows: Sequence[str] | None, *, best: bool, dry: bool) -> Act:
        self.say("best effort" if best else "all or nothing")

        def real() -> Any:
            how = context("schedule.confirm", dry_run=dry)
            return confirming.confirm(self.commands, how, plan.id, show_ids=shows, best_effort=best)

        def modelled(done: Confirmation | None) -> None:
            model = self.model.dry() if dry else self.model
            booked, refused = model.confirm(plan.id, shows, best_effort=best)
            if done:
                told = [*done.confirmed], {each.show_id for each in done.refused}
                assert told == (booked, refused), self._story(f"the contract books {booked}")

        return real, modelled

    # --- shows

    def start(self, random: Random) -> Act:
        plan, show = self.show(random, "confirmed")
        return lambda: self.world.start(plan.id, show.id), lambda _: self.model.start(plan.id, show.id)

    def complete(self, random: Random) -> Act:
        plan, show = self.show(random, "live")
        early, late = show.plan.end - timedelta(minutes=20), show.plan.end + timedelta(1)
        ended = random.choice([None, show.plan.start, early, late])
        return (
            lambda: self.world.complete(plan.id, show.id, ended),
            lambda _: self.model.complete(plan.id, show.id, ended),
        )

    def cancel_show(self, random: Random) -> Act:
        plan, show = self.show(random, "confirmed")
        return (
            lambda: self.world.cancel_show(plan.id, show.id),
            lambda _: self.model.cancel_show(plan.id, show.id),
        )

    def interrupt(self, random: Random) -> Act:
        plan, show = self.show(random, random.choice(["live", "confirmed"]))
        return (
            lambda: self._decide(
                plan.id, lambda s: lifecycle.interrupt(s, show.id, reason_category="OTHER", note="so")
            ),
            lambda _: self.model.interrupt(plan.id, show.id),
        )

    def resolve(self, random: Random) -> Act:
        plan, show = self.show(random, "cancelled_pending_resolution")
        completed = random.random() < 0.5
        return (
            lambda: self._decide(
                plan.id,
                lambda s: lifecycle.resolve(s, show.id, outcome="completed" if completed else "cancelled"),
            ),
            lambda _: self.model.resolve(plan.id, show.id, "completed" if completed else "cancelled"),
        )

    # --- the whole schedule

    def cancel(self, random: Random) -> Act:
        plan, reason = self.schedule(random, "draft", "proposed", "confirmed"), random.choice(["off", ""])
        return lambda: self.world.cancel(plan.id, reason), lambda _: self.model.cancel(plan.id, reason)

    def reopen(self, random: Random) -> Act:
        plan = self.schedule(random, "cancelled")
        return lambda: self._decide(plan.id, lifecycle.reopen), lambda _: self.model.reopen(plan.id)

    def archive(self, random: Random) -> Act:
        over = [plan for plan in self.model.schedules.values() if _over(plan)]
        plan = random.choice(over) if over and random.random() < 0.7 else self.schedule(random, "confirmed")
        return lambda: self._decide(plan.id, lifecycle.archive), lambda _: self.model.archive(plan.id)

    def unarchive(self, random: Random) -> Act:
        plan = self.schedule(random, "archived")
        return lambda: self._decide(plan.id, lifecycle.unarchive), lambda _: self.model.unarchive(plan.id)

    def park(self, random: Random) -> Act:
        plan = self.schedule(random, "draft")
        aside = fixed_id("scstat", "other")
        return (
            lambda: self._decide(plan.id, lambda s: lifecycle.park(s, aside)),
            lambda _: self.model.park(plan.id),
        )

    def resume(self, random: Random) -> Act:
        plan = self.schedule(random, "other")
        return lambda: self._decide(plan.id, lifecycle.resume), lambda _: self.model.resume(plan.id)

    def delete(self, random: Random) -> Act:
        plan = self.schedule(random, "draft", "proposed")
        return (
            lambda: self._decide(plan.id, lifecycle.delete, deleted=True),
            lambda _: self.model.delete(plan.id),
        )

    def restore(self, random: Random) -> Act:
        plan = self.schedule(random, "draft", "proposed", "cancelled", deleted=True)
        return (
            lambda: self._decide(plan.id, lifecycle.restore, deleted=True),
            lambda _: self.model.restore(plan.id),
        )

    # --- versions

    def checkpoint(self, random: Random) -> Act:
        plan = self.schedule(random, "draft")
        return (
            lambda: self._decide(plan.id, lambda s: versions.checkpoint(s, label="So far")),
            lambda _: self.model.checkpoint(plan.id),
        )

    def delete_version(self, random: Random) -> Act:
        plan = _some(
            random,
            [*self.model.schedules.values()],
            lambda s: any(version.kind == "checkpoint" for version in s.versions),
        )
        number = _some(random, [0, *plan.versions], lambda v: v and v.kind == "checkpoint")
        number = number.number if number else 77
        return (
            lambda: self._decide(plan.id, lambda s: versions.delete(s, number)),
            lambda _: self.model.delete_version(plan.id, number, deleted=True),
        )

    def undelete_version(self, random: Random) -> Act:
        plan = _some(
            random, [*self.model.schedules.values()], lambda s: any(version.deleted for version in s.versions)
        )
        number = _some(random, [0, *plan.versions], lambda v: v and v.deleted)
        number = number.number if number else 77
        return (
            lambda: self._decide(plan.id, lambda s: versions.undelete(s, number)),
            lambda _: self.model.delete_version(plan.id, number, deleted=False),
        )

    def restore_version(self, random: Random) -> Act:
        plan = self.schedule(random, "draft")
        number = random.randint(1, plan.current or 1)
        self.say("version", number)

        def work(unit: Unit) -> Schedule:
            schedule = unit.schedule(plan.id)
            versions.find_version(schedule, number)
            target = versions.as_of(unit.tx.stream(plan.id), number)
            studio = unit.studio(self.world.studio)
            return unit.append(
                schedule, versions.restore(schedule, target, number, studio=studio, new_id=unit.new_id)
            )

        def modelled(done: Schedule | None) -> None:
            wanted = self.model.restore_version(plan.id, number)
            if wanted is None or done is None:
                return
            drafts = {show.id: _plan(show) for show in done.live_shows() if show.status == "draft"}
            assert sorted(drafts.values(), key=repr) == wanted, self._story("other shows were restored")
            if done.current_version != plan.current:  # Else those that came back before stand in already.
                self.model.restored(plan.id, number, drafts)

        return lambda: self._do(work), modelled

    # --- changes

    def propose_change(self, random: Random) -> Act:
        category, approval = random.choice(
            [("CLIENT_REQUESTED", "studio"), ("CLIENT_REQUESTED", "studio"), ("OPERATIONAL", "client")]
        )
        return self._ask(random, category, approval)

    def force_change(self, random: Random) -> Act:
        return self._ask(random, "FORCE_MAJEURE", "none")

    def _ask(self, random: Random, category: str, approval: str) -> Act:
        plan = self.schedule(random, "confirmed")
        ops = self._ops(random, plan)
        base = random.choice([None, None, None, plan.current, plan.current, 99])
        reason = random.choice(["so", "because of rain", "the host is ill"])
        self.say(category, repr(reason))
        new = NewChange(
            category=category,
            type="OTHER",
            reason=reason,
            operations=tuple(_asked(op) for op in ops),
            base_version=base,
        )
        looked_at: list[Subject] = []

        def work(unit: Unit) -> Schedule:
            schedule = unit.schedule(plan.id)
            events = changes.propose(
                schedule,
                new,
                studio=unit.studio(schedule.studio_id),
                late_change_hours=LATE_HOURS,
                approval=cast(Any, approval),
                category=category,
                change_type="OTHER",
                keys=KEYS,
                new_id=unit.new_id,
                now=unit.now,
            )
            unit.append(schedule, events)
            if events[0].needs == "none":
                change = schedule.changes[events[0].change_id]
                return applying.apply(self.commands, unit, schedule, change, looked_at).schedule
            return schedule

        def real() -> Schedule:
            with applying.named(self.commands, looked_at):
                return self._do(work)

        def modelled(done: Schedule | None) -> None:
            self.model.propose_change(plan.id, approval, reason, ops, base)
            needs = self.model.needs(plan.id, approval)
            if needs == "none":
                self.model.check_apply(plan.id, ops)
            if done is None:
                return
            told = [*done.changes.values()][-1]
            named = [
                Op(op.kind, as_told.show_id, op.fields, op.show)
                for op, as_told in zip(ops, told.operations, strict=True)
            ]
            assert told.needs == needs, self._story(f"needs {told.needs}, should {needs}")
            self.model.proposed(plan.id, Change(told.id, needs, named))
            if needs == "none":
                self.model.apply(plan.id, told.id)

        return real, modelled

    def _ops(self, random: Random, plan: Modelled) -> list[Op]:
        booked = [show for show in plan.live() if show.status in ("draft", "confirmed")]
        shows = booked if booked and random.random() < 0.9 else [*plan.shows.values()]
        named = random.sample(shows, min(len(shows), random.choice([0, 1, 1, 1, 2])))
        ops = [self._op(random, show) for show in named]
        if len(ops) == 2 and random.random() < 0.5:
            ops = _swap(*named)
        if not ops or random.random() < 0.3:
            self.say("adds")
            ops.append(Op("add", show=self.plan(random)))
        return ops

    def _op(self, random: Random, show: ModelledShow) -> Op:
        if random.random() < 0.25:
            self.say("cancels", self._name(show.id))
            return Op("cancel", show.id)
        self.say("changes", self._name(show.id))
        values = self.values(random)
        fields = {name: (getattr(show.plan, name), value) for name, value in values.items()}
        return Op("update", show.id, {name: f for name, f in fields.items() if f[0] != f[1]})

    def approve_change(self, random: Random) -> Act:
        def real(plan: str, change: str) -> Any:
            return applying.approve(
                self.commands, context("change.approve"), plan, change, check=lambda _, __: False
            )

        return self._on_change(random, real, self.model.approve_change, "proposed")

    def reject_change(self, random: Random) -> Act:
        return self._on_change(
            random,
            lambda plan, change: self._decide(plan, lambda s: changes.reject(s, change, note="no")),
            self.model.reject_change,
            "proposed",
        )

    def withdraw_change(self, random: Random) -> Act:
        return self._on_change(
            random,
            lambda plan, change: self._decide(plan, lambda s: changes.withdraw(s, change)),
            self.model.withdraw_change,
            "proposed",
        )

    def acknowledge(self, random: Random) -> Act:
        return self._on_change(
            random,
            lambda plan, change: self._decide(plan, lambda s: changes.acknowledge(s, change)),
            self.model.acknowledge,
            "approved",
        )

    def _on_change(
        self,
        random: Random,
        real: Callable[[str, str], Any],
        modelled: Callable[[str, str], None],
        *statuses: str,
    ) -> Act:
        found = self.change(random, *statuses)
        if found is None:
            return self._ask(random, "CLIENT_REQUESTED", "studio")
        plan, change = found
        return lambda: real(plan.id, change.id), lambda _: modelled(plan.id, change.id)

    # --- the studio

    def close_room(self, random: Random) -> Act:
        start = MAY + timedelta(hours=random.randrange(HOURS))
        end = start + timedelta(hours=random.randint(1, 3))
        room = random.choice(self.world.rooms)

        def real() -> Any:
            with bookings_named(self.commands):
                closure = NewRoomClosure(room_id=room, start=start, end=end, reason="Paint")
                return self.world.create("closure", closure)

        return real, lambda done: self.model.close(done.id if done else "", room, (start, end))

    def open_room(self, random: Random) -> Act:
        if not self.model.closures:
            return self.close_room(random)
        closure = random.choice([*self.model.closures])
        return lambda: self.world.delete("closure", closure), lambda _: self.model.unclose(closure)

    def edit_room(self, random: Random) -> Act:
        room, minutes = random.choice(self.world.rooms), random.choice([0, 0, 15, 30])
        return (
            lambda: self.world.update("room", room, turnaround_minutes=minutes),
            lambda _: self.model.turnaround(room, minutes),
        )

    def ban_creator(self, random: Random) -> Act:
        creator, banned = random.choice(self.world.creators), random.random() < 0.3
        return (
            lambda: self.world.update("creator", creator, is_banned=banned),
            lambda _: self.model.ban(creator, banned=banned),
        )

    # --- both sides

    def _decide(
        self,
        schedule_id: str,
        decide: Callable[[Schedule], Sequence[ScheduleEvent]],
        *,
        deleted: bool = False,
    ) -> Schedule:
        def work(unit: Unit) -> Schedule:
            schedule = unit.schedule(schedule_id, deleted=deleted)
            return unit.append(schedule, decide(schedule))

        return self._do(work)

    def _do(self, work: Callable[[Unit], Schedule]) -> Schedule:
        return self.commands.do(context("model"), work)

    def _moved(self) -> dict[str, tuple[int, Any]]:
        """Each schedule's version, and what it is for the model."""
        with self.commands.log.pool.connection() as connection:
            rows = connection.execute("SELECT id, version FROM schedules").fetchall()
        return {i: (version, repr(self.model.schedules.get(i))) for i, version in rows}

    def _compare(self, before: Mapping[str, tuple[int, Any]]) -> None:
        with self.commands.log.pool.connection() as connection:
            schedules = connection.execute(
                "SELECT id, status, current_version, approved_version, deleted_at IS NOT NULL,"
                " has_unversioned_edits OR deleted_at IS NOT NULL FROM schedules"
            ).fetchall()
            shows = connection.execute(
                "SELECT id, status, deleted_at IS NOT NULL, starts_at, ends_at, room_id FROM shows"
            ).fetchall()
            numbered = connection.execute(
                "SELECT schedule_id, number, kind, show_count, deleted_at IS NOT NULL FROM versions"
            ).fetchall()
            asked = connection.execute(
                "SELECT id, status, needs, acknowledged_at IS NOT NULL FROM changes"
            ).fetchall()
            held = connection.execute(
                "SELECT resource_id, CASE kind WHEN 'show' THEN holder_id ELSE 'closed' END,"
                " lower(during), upper(during) FROM occupancy"
            ).fetchall()
        plans = [*self.model.schedules.values()]
        every = [show for plan in plans for show in plan.shows.values()]
        self._same(
            "schedules",
            schedules,
            [(p.id, p.status, p.current, p.approved, p.deleted, p.edited or p.deleted) for p in plans],
        )
        self._same(
            "shows",
            shows,
            [(s.id, s.status, s.removed, s.plan.start, s.plan.end, s.plan.room) for s in every],
        )
        self._same(
            "versions",
            numbered,
            [(p.id, v.number, v.kind, len(v.shows), v.deleted) for p in plans for v in p.versions],
        )
        self._same(
            "changes",
            asked,
            [(c.id, c.status, c.needs, c.acknowledged) for p in plans for c in p.changes.values()],
        )
        self._same("occupancy", held, self.model.occupancy())
        for schedule_id, (version, plan) in self._moved().items():
            then = before.get(schedule_id, (0, "None"))
            assert (version > then[0]) == (plan != then[1]), self._story(
                f"{self._name(schedule_id)} went from version {then[0]} to {version}"
            )

    def _same(self, what: str, real: Any, expected: Any) -> None:
        only_real, only_expected = {*real} - {*expected}, {*expected} - {*real}
        assert not only_real | only_expected, self._story(
            f"{what} differ.\nthe application: {self._named(only_real)}\n"
            f"the contract: {self._named(only_expected)}"
        )

    def _story(self, end: str) -> str:
        return "\n".join(["", *(f"{number:3} {line}" for number, line in enumerate(self.told, 1)), end])

    def _named(self, rows: set[tuple[Any, ...]]) -> list[list[str]]:
        return [[self._name(str(value)) for value in row] for row in rows]

    def _name(self, value: str) -> str:
        """`plan 2`, `show 7` instead of an id."""
        plans = [*self.model.schedules]
        shows = [show for plan in self.model.schedules.values() for show in plan.shows]
        asked = [change for plan in self.model.schedules.values() for change in plan.changes]
        named = (("plan", plans), ("show", shows), ("change", asked), ("room", self.world.rooms))
        for word, ids in named:
            if value in ids:
                return f"{word} {ids.index(value) + 1}"
        return value


_PLAIN: Final = {"begin", "step", "play", "say", "schedule", "show", "change", "plan", "values"}
STEPS: Final[dict[str, Callable[[Player, Random], Act]]] = {
    name: step for name, step in vars(Player).items() if not name.startswith("_") and name not in _PLAIN
}
WEIGHTED: Final = [
    *STEPS,
    *("open", "draft", "draft", "draft", "propose", "propose", "approve", "approve", "confirm", "confirm"),
    *("start", "complete", "propose_change", "propose_change", "propose_change", "approve_change"),
    *("approve_change", "force_change", "confirm_some", "edit_show", "edit_show", "reopen"),
    *("archive", "archive", "archive", "unarchive", "unarchive", "resolve"),
]
"""A booked month needs more of some than of others."""
REFUSALS: Final = frozenset(
    {
        *("change_conflict", "conflicts", "duplicate", "edit_directly", "illegal_transition", "invalid"),
        *("needs_change", "not_approved", "not_found", "version_conflict"),
    }
)
"""Every refusal that these commands can meet."""


def _over(plan: Modelled) -> bool:
    return plan.status == "confirmed" and all(s.status in ("completed", "cancelled") for s in plan.live())


def _some(random: Random, given: Sequence[Any], fits: Callable[[Any], Any]) -> Any:
    """One of these, nine times out of ten one that fits."""
    fitting = [each for each in given if fits(each)]
    return random.choice(fitting if fitting and random.random() < 0.9 else given)


def _swap(one: ModelledShow, other: ModelledShow) -> list[Op]:
    """Two shows that change places."""
    return [
        Op("update", show.id, {name: pair for name, pair in fields.items() if pair[0] != pair[1]})
        for show, to in ((one, other), (other, one))
        for fields in [
            {
                name: (getattr(show.plan, name), getattr(to.plan, name))
                for name in ("start", "end", "room", "creators")
            }
        ]
    ]


def _asked(op: Op) -> Operation:
    if op.show is not None:
        return Add(show=_new(op.show))
    if op.kind == "cancel":
        return Cancel(show_id=op.show_id, reason_category="OTHER")
    return Update(show_id=op.show_id, set=_patch({name: after for name, (_, after) in op.fields.items()}))


def _new(plan: Plan) -> NewShow:
    return NewShow(
        name=plan.name,
        start=plan.start,
        end=plan.end,
        room_id=plan.room,
        creators=plan.creators,
        show_standard=plan.standard,
        external_id=plan.external_id,
    )


def _patch(values: Mapping[str, Any]) -> ShowPatch:
    return ShowPatch(**{_NAMES.get(name, name): value for name, value in values.items()})


def _plan(show: RealShow) -> Plan:
    return Plan(
        name=show.name,
        start=show.start,
        end=show.end,
        room=show.room_id,
        creators=show.creators,
        standard=show.show_standard,
        external_id=show.external_id,
        note=show.note,
    )


def _shown(plan: Plan) -> str:
    def hour(moment: datetime) -> float:
        return (moment - MAY) / timedelta(hours=1)

    return f"[{hour(plan.start):g}-{hour(plan.end):g} h]"
