"""Random commands for property tests: each step picks a command's subject, mostly one that fits, and runs
the real command. What was accepted and refused is counted."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from domain import waiving
from domain.application import Unit
from domain.errors import DomainError, HeldByOther
from domain.events import ImportApplied, ImportFailed, ImportUndone
from domain.registry.commanding import bookings_named
from domain.registry.entities import NewClient, NewCreator, NewCreatorTimeOff, NewRoomClosure
from domain.schedule.planning import NewShow, Platform, SchedulePatch, ShowPatch
from domain.schedule.state import Schedule, Show
from tests.spec import context
from tests.world import MAY, World, show

HOURS: Final = 12
"""Few hours and rooms, so that shows clash."""


class Inventor:
    """Plans at random in a small world; knows every plan as its last command answered it."""

    def __init__(self, world: World, counted: Counter[tuple[str, str]]) -> None:
        self.world = world
        self.counted = counted
        self.plans: dict[str, Schedule] = {}
        self.closures: list[str] = []
        self.clients: list[str] = []
        self.creators: list[str] = []

    def begin(self) -> None:
        """A plan that is booked, one that waits and one that is drafted: most commands fit one of them."""
        for number, names in enumerate(
            ("open draft propose approve confirm", "open draft propose", "open draft")
        ):
            for name in names.split():
                self.run(name, Random(number))  # noqa: S311 - not a secret

    def step(self, seed: str) -> None:
        """One command, accepted or refused. The seed settles which, and on what."""
        random = Random(seed)  # noqa: S311 - not a secret
        self.run(random.choice(WEIGHTED), random)

    def run(self, name: str, random: Random) -> None:
        """One command, counted."""
        try:
            STEPS[name](self, random)
        except DomainError as refusal:
            self.counted[name, refusal.code] += 1
        else:
            self.counted[name, "accepted"] += 1

    def took(self, plan: Schedule) -> None:
        """Remembers a plan as it is now."""
        self.plans[plan.id] = plan

    def plan(self, random: Random, *fitting: str) -> Schedule:
        """A plan, most often in one of these statuses."""
        return _some(random, [*self.plans.values()], lambda plan: plan.status in fitting)

    def show(self, random: Random, status: str, *plans: str, removed: bool = False) -> tuple[Schedule, Show]:
        """A show and its plan, most often in this status, of a plan in one of those."""
        shows = [(plan, show) for plan in self.plans.values() for show in plan.shows.values()]
        if not shows:
            plan = self.world.draft(self.plan(random, "draft").id, [self.new_show(random)])
            self.took(plan)
            shows = [(plan, show) for show in plan.shows.values()]
        return _some(
            random,
            shows,
            lambda found: (
                (found[1].status, found[1].deleted_at is not None) == (status, removed)
                and (not plans or found[0].status in plans)
            ),
        )

    def new_show(self, random: Random) -> NewShow:
        """A show with anything from nothing to everything."""
        room = random.choice([None, *self.world.rooms])
        creators = tuple(random.sample(self.world.creators, random.choice([0, 0, 1, 2])))
        platforms = tuple(
            Platform(each, random.choice([None, "https://example.com"]))
            for each in random.sample(self.world.platforms, random.choice([0, 1, 2]))
        )
        return show(
            random.choice(["Launch", "Talk", "100%_off \\ 'now'"]),
            random.randrange(HOURS * 2) / 2,
            room_id=room,
            creators=creators,
            platforms=platforms,
            external_id=random.choice([None, None, None, "SH-1", "SH-2", "SH-3"]),
            show_standard=random.choice(["standard", "premium"]),
            metadata=random.choice([{}, {"b": 1, "a": [1.5, None, "\u00e9"]}]),
        )

    def patch(self, random: Random) -> dict[str, Any]:
        """Some fields of another show."""
        new = self.new_show(random)
        names = random.sample(
            ["name", "room_id", "creators", "platforms", "external_id", "metadata", "note"], 2
        )
        patch = {name: getattr(new, name) for name in names}
        return patch | ({"start": new.start, "end": new.end} if random.random() < 0.4 else {})

    # --- planning

    def open(self, random: Random) -> None:
        client = random.choice([None, *self.world.clients])
        self.took(self.world.open(random.choice(["May", "Acme 50%"]), client))

    def edit(self, random: Random) -> None:
        end = date(2026, 5, 31) if random.random() < 0.8 else date(2026, 4, 1)
        patch = SchedulePatch(note=f"Note {random.randrange(3)}", end_date=end)
        self.took(self.world.edit(self.plan(random, "draft").id, patch))

    def draft(self, random: Random) -> None:
        shows = [self.new_show(random) for _ in range(random.randint(1, 3))]
        self.took(self.world.draft(self.plan(random, "draft").id, shows))

    def edit_show(self, random: Random) -> None:
        plan, found = self.show(random, "draft", "draft")
        self.took(self.world.edit_show(plan.id, found.id, ShowPatch(**self.patch(random))))

    def remove_show(self, random: Random) -> None:
        plan, found = self.show(random, "draft", "draft")
        self.took(self.world.remove_show(plan.id, found.id))

    def restore_show(self, random: Random) -> None:
        plan, found = self.show(random, "draft", "draft", removed=True)
        self.took(self.world.restore_show(plan.id, found.id))

    # --- agreeing and booking

    def propose(self, random: Random) -> None:
        self.took(self.world.propose(self.plan(random, "draft").id))

    def approve(self, random: Random) -> None:
        plan = self.plan(random, "proposed")
        number = plan.current_version if plan.current_version and random.random() < 0.9 else 99
        self.took(self.world.approve(plan.id, number))

    def reject(self, random: Random) -> None:
        plan = self.plan(random, "proposed")
        self.took(self.world.reject(plan.id, plan.current_version or 1, random.choice(["no", ""])))

    def withdraw(self, random: Random) -> None:
        self.took(self.world.withdraw(self.plan(random, "proposed").id))

    def confirm(self, random: Random) -> None:
        plan = self.plan(random, "proposed", "confirmed")
        self.took(self.world.confirm(plan.id, best_effort=random.random() < 0.6).schedule)

    def confirm_one(self, random: Random) -> None:
        plan, found = self.show(random, "draft", "confirmed", "proposed")
        self.took(self.world.confirm(plan.id, [found.id]).schedule)

    def waive(self, random: Random) -> None:
        plan, found = self.show(random, "draft", "draft", "proposed", "confirmed")
        code = random.choice([*waiving.WAIVABLE, *["turnaround_short"] * 6, *["room_overlap"] * 2])
        with suppress(HeldByOther):  # Too seldom to be met in a few histories.
            self.took(self.world.waive(plan.id, found.id, code))

    def unwaive(self, random: Random) -> None:
        given = [(plan, each) for plan in self.plans.values() for each in plan.waivers.values()]
        if given:
            plan, waiver = random.choice(given)
            self.took(self.world.unwaive(plan.id, waiver.show_id, waiver.id))

    # --- later

    def start(self, random: Random) -> None:
        plan, found = self.show(random, "confirmed")
        self.took(self.world.start(plan.id, found.id))

    def complete(self, random: Random) -> None:
        plan, found = self.show(random, "live")
        ended = random.choice(
            [None, found.start, found.end - timedelta(minutes=20), found.end + timedelta(1)]
        )
        self.took(self.world.complete(plan.id, found.id, ended))

    def cancel_show(self, random: Random) -> None:
        plan, found = self.show(random, "confirmed")
        self.took(self.world.cancel_show(plan.id, found.id))

    def cancel(self, random: Random) -> None:
        self.took(self.world.cancel(self.plan(random, "draft", "proposed", "confirmed").id))

    # --- reference rows and imports

    def close_room(self, random: Random) -> None:
        start = MAY + timedelta(hours=random.randrange(HOURS * 2))
        closure = NewRoomClosure(
            room_id=random.choice(self.world.rooms),
            start=start,
            end=start + timedelta(hours=random.randint(1, 3)),
            reason="Paint",
            re_plan=random.random() < 0.3,
        )
        with bookings_named(self.world.commands):
            self.closures.append(self.world.create("closure", closure).id)

    def send_away(self, random: Random) -> None:
        start = MAY + timedelta(hours=random.randrange(HOURS * 2))
        time_off = NewCreatorTimeOff(
            creator_id=random.choice(self.world.creators),
            start=start,
            end=start + timedelta(hours=random.randint(1, 3)),
            reason="Holiday",
            re_plan=random.random() < 0.3,
        )
        with bookings_named(self.world.commands):
            self.world.create("timeoff", time_off)

    def open_room(self, random: Random) -> None:
        self.world.delete("closure", random.choice(self.closures or ["closure_none"]))

    def close_again(self, random: Random) -> None:
        with bookings_named(self.world.commands):
            self.world.restore("closure", random.choice(self.closures or ["closure_none"]))

    def edit_room(self, random: Random) -> None:
        minutes = random.choice([0, 15, 30])
        self.world.update("room", random.choice(self.world.rooms), turnaround_minutes=minutes)

    def add_client(self, random: Random) -> None:
        name = f"Client {random.randrange(4)}"
        self.clients.append(self.world.create("client", NewClient(name=name)).id)

    def delete_client(self, random: Random) -> None:
        self.world.delete("client", random.choice([*self.clients, *self.world.clients]))

    def restore_client(self, random: Random) -> None:
        self.world.restore("client", random.choice([*self.clients, *self.world.clients]))

    def ban_creator(self, random: Random) -> None:
        name = f"Creator {len(self.creators)}"
        self.creators.append(self.world.create("creator", NewCreator(name=name)).id)
        banned = random.random() < 0.3
        self.world.update("creator", random.choice(self.world.creators), is_banned=banned)

    def run_import(self, random: Random) -> None:
        event = ImportApplied(
            file_name="acme.csv",
            file_sha256=f"{random.getrandbits(256):064x}",
            counts={"created": random.randrange(9)},
            schedules=tuple(self.plans),
        )

        def work(unit: Unit) -> None:
            import_id = unit.new_id("import")
            unit.append_event(import_id, event)
            if random.random() < 0.3:
                unit.append_event(import_id, ImportUndone(counts={"removed": 1}), version=1)

        self.world.commands.do(context("import"), work)

    def fail_import(self, random: Random) -> None:
        failed = ImportFailed(
            file_name="acme.csv",
            file_sha256=f"{random.getrandbits(256):064x}",
            code="invalid",
            detail="the header lacks client",
            errors=({"path": "header", "code": "missing_column", "message": "the header lacks client"},),
        )
        self.world.commands.do(
            context("import"), lambda unit: unit.append_event(unit.new_id("import"), failed)
        )


_NO_STEPS: Final = {"begin", "step", "run", "took", "plan", "show", "new_show", "patch"}
STEPS: Final[dict[str, Callable[[Inventor, Random], None]]] = {
    name: step for name, step in vars(Inventor).items() if not name.startswith("_") and name not in _NO_STEPS
}

WEIGHTED: Final = [
    *STEPS,
    *("open", "draft", "propose", "approve", "confirm", "confirm_one", "start", "complete"),
    *("draft", "draft", "approve", "confirm", "edit_show", "remove_show", "restore_show", "waive", "waive"),
]
"""A booked month needs more of some than of others."""

REFUSALS: Final = frozenset(
    {
        *("conflicts", "duplicate", "illegal_transition", "in_use", "invalid", "needs_change"),
        *("not_approved", "not_found", "version_conflict"),
        *("not_waivable", "no_such_conflict"),
    }
)
"""Every refusal that these commands can meet."""


def _some(random: Random, given: list[Any], fits: Callable[[Any], bool]) -> Any:
    """One of these, nine times out of ten one that fits."""
    fitting = [each for each in given if fits(each)]
    return random.choice(fitting if fitting and random.random() < 0.9 else given)
