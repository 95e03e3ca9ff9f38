"""A small studio to plan in, and every command as one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from domain import confirming, waiving
from domain.application import Commands, Unit
from domain.confirming import Confirmation
from domain.conflicts import Code
from domain.events import ScheduleEvent
from domain.registry import commanding
from domain.registry.declaring import Body
from domain.registry.entities import BY_KIND, NewClient, NewCreator, NewPlatform, NewRoom, NewStudio
from domain.registry.row import Row
from domain.schedule import lifecycle, planning, proposal
from domain.schedule.planning import NewSchedule, NewShow, SchedulePatch, ShowPatch
from domain.schedule.state import Schedule
from domain.waiving import Asked
from tests.spec import context

MAY = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
"""09:00 in Bangkok, the first day of the plans."""
KEYS: Final = {key: key for key in ("other", "standard", "bau", "premium", "hosted")}
"""Types and standards by what is given; `hosted` is for tests to create."""


def show(name: str = "Launch", hour: float = 0, *, hours: float = 1, **more: Any) -> NewShow:
    """A show of so many hours that starts so many hours after the month does."""
    start = MAY + timedelta(hours=hour)
    return NewShow(name=name, start=start, end=start + timedelta(hours=hours), **more)


@dataclass
class World:
    """One studio that asks its clients, three rooms (the third with lead and turnaround), three creators,
    two clients, two platforms."""

    commands: Commands
    studio: str = ""
    rooms: list[str] = field(default_factory=list[str])
    creators: list[str] = field(default_factory=list[str])
    clients: list[str] = field(default_factory=list[str])
    platforms: list[str] = field(default_factory=list[str])

    @classmethod
    def make(cls, commands: Commands) -> "World":
        """A new world in an empty database."""
        world = cls(commands)
        world.studio = world.create("studio", NewStudio(name="Bangkok", time_zone="Asia/Bangkok")).id
        for number in (1, 2, 3):
            minutes = 15 if number == 3 else 0
            room = NewRoom(
                studio_id=world.studio,
                name=f"Room {number}",
                lead_minutes=minutes,
                turnaround_minutes=minutes,
            )
            world.rooms.append(world.create("room", room).id)
            world.creators.append(world.create("creator", NewCreator(name=f"Creator {number}")).id)
        for name in ("Acme", "Bravo"):
            world.clients.append(world.create("client", NewClient(name=name)).id)
        for name in ("TikTok", "Shopee"):
            world.platforms.append(world.create("platform", NewPlatform(name=name)).id)
        return world

    # --- reference entities

    def create(self, kind: str, body: Body) -> Row:
        """A new row."""
        return self._do(f"{kind}.create", lambda unit: commanding.create(unit, BY_KIND[kind], body))

    def update(self, kind: str, row_id: str, **values: Any) -> Row:
        """A changed row."""
        entity = BY_KIND[kind]
        return self._do(
            f"{kind}.update", lambda unit: commanding.update(unit, entity, row_id, entity.patch(**values))
        )

    def delete(self, kind: str, row_id: str) -> Row:
        """A deleted row."""
        return self._do(f"{kind}.delete", lambda unit: commanding.delete(unit, BY_KIND[kind], row_id))

    def restore(self, kind: str, row_id: str) -> Row:
        """A row brought back."""
        return self._do(f"{kind}.restore", lambda unit: commanding.restore(unit, BY_KIND[kind], row_id))

    # --- planning

    def open(self, name: str = "Acme May 2026", client: str | None = None) -> Schedule:
        """A plan for May 2026."""
        new = NewSchedule(
            name=name,
            studio_id=self.studio,
            client_id=client,
            start_date=date(2026, 5, 1),
            end_date=date(2026, 5, 31),
        )
        return self._do("schedule.open", lambda unit: unit.open(planning.open_schedule(new)))

    def edit(self, schedule: str, patch: SchedulePatch) -> Schedule:
        """Other name, period or note."""
        return self._decide("schedule.edit", schedule, lambda s: planning.edit_schedule(s, patch))

    def draft(self, schedule: str, shows: Sequence[NewShow]) -> Schedule:
        """New shows."""

        def work(unit: Unit) -> Schedule:
            found = unit.schedule(schedule)
            studio = unit.studio(self.studio)
            return unit.append(
                found, planning.draft_shows(found, shows, studio=studio, keys=KEYS, new_id=unit.new_id)
            )

        return self._do("show.draft", work)

    def edit_show(self, schedule: str, show_id: str, patch: ShowPatch) -> Schedule:
        """Other values of a show."""

        def work(unit: Unit) -> Schedule:
            found = unit.schedule(schedule)
            studio = unit.studio(self.studio)
            return unit.append(found, planning.edit_show(found, show_id, patch, studio=studio, keys=KEYS))

        return self._do("show.edit", work)

    def remove_show(self, schedule: str, show_id: str) -> Schedule:
        """One draft less."""
        return self._decide("show.remove", schedule, lambda s: planning.remove_show(s, show_id))

    def restore_show(self, schedule: str, show_id: str) -> Schedule:
        """A removed draft again."""
        return self._decide("show.restore", schedule, lambda s: planning.restore_show(s, show_id))

    # --- agreeing and booking

    def propose(self, schedule: str) -> Schedule:
        """The next version."""
        return self._decide("schedule.propose", schedule, proposal.propose)

    def approve(self, schedule: str, number: int) -> Schedule:
        """The client agrees."""
        return self._decide("schedule.approve", schedule, lambda s: proposal.approve(s, number))

    def reject(self, schedule: str, number: int, reason: str = "no") -> Schedule:
        """The client does not."""
        return self._decide("schedule.reject", schedule, lambda s: proposal.reject(s, number, reason))

    def withdraw(self, schedule: str) -> Schedule:
        """Back to draft."""
        return self._decide("schedule.withdraw", schedule, proposal.withdraw)

    def confirm(
        self, schedule: str, shows: Sequence[str] | None = None, *, best_effort: bool = False
    ) -> Confirmation:
        """Drafts become bookings."""
        answer = confirming.confirm(
            self.commands, context("schedule.confirm"), schedule, show_ids=shows, best_effort=best_effort
        )
        assert isinstance(answer, Confirmation)
        return answer

    def waive(self, schedule: str, show_id: str, code: Code) -> Schedule:
        """A finding is accepted."""

        def work(unit: Unit) -> Schedule:
            found = unit.schedule(schedule)
            show = planning.find_show(found, show_id)
            waiving.accept(unit, found, show, Asked(code=code, reason="so be it"))
            return found

        return self._do("conflict.waive", work)

    def unwaive(self, schedule: str, show_id: str, waiver_id: str) -> Schedule:
        """It is accepted no longer."""
        return self._decide(
            "conflict.unwaive",
            schedule,
            lambda s: waiving.withdraw(waiving.find_waiver(s, show_id, waiver_id)),
        )

    # --- later

    def start(self, schedule: str, show_id: str) -> Schedule:
        """On air."""
        return self._decide("show.start", schedule, lambda s: lifecycle.start(s, show_id))

    def complete(self, schedule: str, show_id: str, ended: datetime | None = None) -> Schedule:
        """Off air."""
        return self._decide(
            "show.complete", schedule, lambda s: lifecycle.complete(s, show_id, actual_end=ended)
        )

    def cancel_show(self, schedule: str, show_id: str) -> Schedule:
        """No such show any more."""
        return self._decide(
            "show.cancel",
            schedule,
            lambda s: lifecycle.cancel_show(s, show_id, reason_category="OTHER", note="so"),
        )

    def cancel(self, schedule: str, reason: str = "off") -> Schedule:
        """The whole plan is off."""
        return self._decide(
            "schedule.cancel", schedule, lambda s: lifecycle.cancel_schedule(s, reason=reason)
        )

    def _decide(
        self, command: str, schedule: str, decision: Callable[[Schedule], Sequence[ScheduleEvent]]
    ) -> Schedule:
        def work(unit: Unit) -> Schedule:
            found = unit.schedule(schedule)
            return unit.append(found, decision(found))

        return self._do(command, work)

    def _do(self, command: str, work: Callable[[Unit], Any]) -> Any:
        return self.commands.do(context(command), work)
