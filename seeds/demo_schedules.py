"""The demo month's schedules: drafted, agreed with the client, booked; and what became of some shows."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from domain.application import Unit
from domain.events import ScheduleEvent
from domain.schedule import changes, lifecycle, planning, proposal
from domain.schedule.changes import Cancel, NewChange, Update
from domain.schedule.lifecycle import ReasonCategory
from domain.schedule.planning import NewSchedule, NewShow, Platform, ShowPatch
from domain.schedule.state import Schedule
from seeds import names
from seeds.demo_month import OLD_ROOM, DemoMonth, ShowPlan
from seeds.demo_steps import STUDIO_ID, Book, Made, Step

APPROVER: Final = "client_approver"
REASONS: Final[tuple[ReasonCategory, ...]] = ("CLIENT_REQUEST", "CREATOR_UNAVAILABLE", "EQUIPMENT_FAILURE")
EARLY: Final = timedelta(minutes=15)
"""How much sooner than planned one of the completed shows was over."""

LATER: Final = timedelta(minutes=30)
"""How much later a show is asked to be."""
PLANNER: Final = names.STAFF[0][0]
AGENT: Final = names.CLIENT_USERS[0][0]
"""Who decides for several clients, as an agency does."""

Decision = Callable[[Schedule], Sequence[ScheduleEvent]]


class Plans:
    """The steps about schedules and shows of a demo month."""

    def __init__(self, demo: DemoMonth, made: Made) -> None:
        self._demo = demo
        self._made = made
        self._shows: dict[int, list[ShowPlan]] = {client: [] for client in range(len(names.CLIENTS))}
        self._places: dict[str, tuple[int, int]] = {}
        for show in demo.shows:
            mates = self._shows[show.client]
            self._places[show.external_id] = show.client, len(mates)
            mates.append(show)

    def drafts(self) -> Iterator[Step]:
        """One schedule for each client, with all its shows."""
        for client in self._shows:
            yield Step("schedule.open", f"schedule/{client}", partial(self._open, client))
            yield Step("schedule.draft_shows", f"shows/{client}", partial(self._draft, client))

    def agreements(self) -> Iterator[Step]:
        """Proposals, and what came of them. Where a client has no approver among the users, the
        administrator speaks for it."""
        approvers = {client: email for email, _, role, client in names.CLIENT_USERS if role == APPROVER}
        for client, stage in enumerate(self._demo.stages):
            if stage == "draft":
                continue
            yield self._decided(client, "propose", proposal.propose)
            if stage == "rejected":
                yield self._decided(client, "reject", _reject)
            elif stage == "withdrawn":
                yield self._decided(client, "withdraw", proposal.withdraw)
            elif stage != "proposed" and client in approvers:
                yield self._decided(client, "approve", _approve, approvers[client])
            elif stage != "proposed":
                yield self._decided(client, "approve", _approve_on_behalf)
            if stage in ("confirmed", "partly"):
                book = Book(f"schedule/{client}", best_effort=stage == "partly")
                yield Step("schedule.confirm", f"booked/{client}", book)

    def in_old_room(self) -> list[str]:
        """The shows in the studio that is given up."""
        return [show.external_id for show in self._demo.shows if show.room == OLD_ROOM]

    def removed(self) -> Iterator[Step]:
        """Takes those shows out of their plan, so that nothing refers to their room any more."""
        for show in self.in_old_room():
            yield self._show("remove", show, planning.remove_show)

    def restored(self) -> Iterator[Step]:
        """Brings them back, as somebody does who has not heard the news."""
        for show in self.in_old_room():
            yield self._show("restore", show, planning.restore_show)

    def afterwards(self) -> Iterator[Step]:
        """Shows that went on air, ended, or were called off."""
        for show in self._demo.started:
            yield self._show("start", show, lifecycle.start)
        for show in self._demo.completed:
            yield self._show("complete", show, lifecycle.complete)
        yield self._show("complete", self._demo.ended_early, _end_early)
        for number, show in enumerate(self._demo.cancelled):
            category = REASONS[number % len(REASONS)]
            yield self._show(
                "cancel",
                show,
                lambda schedule, show_id, c=category: lifecycle.cancel_show(
                    schedule, show_id, reason_category=c
                ),
            )

    def agency(self) -> tuple[int, int]:
        """Two clients: one that has a proposed version to decide, one whose plan is confirmed."""
        stages = self._demo.stages
        return stages.index("proposed"), stages.index("confirmed")

    def asked(self) -> Iterator[Step]:
        """Changes that wait: two for the client, one for the studio."""
        client = self.agency()[1]
        gone = {*self._demo.started, *self._demo.completed, *self._demo.cancelled, self._demo.ended_early}
        left = sorted((s for s in self._shows[client] if s.external_id not in gone), key=lambda s: s.start)
        later, other, called_off = left[-1], left[-2], left[-3]
        moved = ShowPatch(start=later.start + LATER, end=later.end + LATER)
        renamed = ShowPatch(name=f"{other.name}: second edition")
        yield self._asked(
            PLANNER, later, "OPERATIONAL", "TIME_CHANGE", moved, "The host comes from another set"
        )
        yield self._asked(
            PLANNER, called_off, "OPERATIONAL", "CANCELLATION", None, "The stock will not be there"
        )
        yield self._asked(
            AGENT, other, "CLIENT_REQUESTED", "SCOPE_CHANGE", renamed, "We have a new campaign name"
        )

    def _asked(  # noqa: PLR0917 - all of one change
        self, user: str, show: ShowPlan, category: str, kind: str, patch: ShowPatch | None, reason: str
    ) -> Step:
        client, place = self._places[show.external_id]

        def work(unit: Unit) -> list[str]:
            show_id = self._made.id(f"shows/{client}", place)
            schedule, studio = unit.schedule_with(show_id), unit.studio(STUDIO_ID)
            found = unit.references.approval(unit.connection, category)
            assert found, f"no category {category}"  # noqa: S101 - it is seeded
            operation = Update(show_id, patch) if patch else Cancel(show_id, "CLIENT_REQUEST")
            events = changes.propose(
                schedule,
                NewChange(category=category, type=kind, reason=reason, operations=(operation,)),
                studio=studio,
                late_change_hours=studio.late_change_hours,
                approval=found[1],
                category=found[0],
                change_type=kind,
                keys={},
                new_id=unit.new_id,
                now=unit.now,
            )
            unit.append(schedule, events, cause=events[0].change_id)
            return [events[0].change_id]

        return Step("change.propose", f"change/{show.external_id}", work, user)

    def _open(self, client: int, unit: Unit) -> list[str]:
        new = NewSchedule(
            name=f"{names.CLIENTS[client][0]} {self._demo.first:%B %Y}",
            studio_id=unit.studio(STUDIO_ID).id,
            client_id=self._made.id(f"client/{client}"),
            start_date=self._demo.first,
            end_date=self._demo.last,
        )
        return [unit.open(planning.open_schedule(new)).id]

    def _draft(self, client: int, unit: Unit) -> list[str]:
        schedule = unit.schedule(self._made.id(f"schedule/{client}"))
        shows = [self._new_show(show) for show in self._shows[client]]
        types = unit.references.keys(unit.connection, "shtype", {show.show_type for show in shows})
        standards = unit.references.keys(unit.connection, "shstd", {show.show_standard for show in shows})
        studio, keys = unit.studio(STUDIO_ID), {**types, **standards}
        events = planning.draft_shows(schedule, shows, studio=studio, keys=keys, new_id=unit.new_id)
        unit.append(schedule, events)
        return [show.id for show in events[0].shows]

    def _new_show(self, show: ShowPlan) -> NewShow:
        made = self._made
        room = "old_room" if show.room == OLD_ROOM else f"room/{show.room}"
        return NewShow(
            name=show.name,
            start=show.start,
            end=show.end,
            room_id=None if show.room is None else made.id(room),
            creators=tuple(made.id(f"creator/{creator}") for creator in show.creators),
            platforms=tuple(Platform(made.id(f"platform/{platform}")) for platform in show.platforms),
            show_type=show.show_type,
            show_standard=show.show_standard,
            external_id=show.external_id,
            note=show.note,
        )

    def _decided(self, client: int, verb: str, decide: Decision, user: str | None = None) -> Step:
        def work(unit: Unit) -> list[str]:
            schedule = unit.schedule(self._made.id(f"schedule/{client}"))
            unit.append(schedule, decide(schedule))
            return []

        return Step(f"schedule.{verb}", f"{verb}/{client}", work, user)

    def _show(
        self, verb: str, external_id: str, decide: Callable[[Schedule, str], Sequence[ScheduleEvent]]
    ) -> Step:
        client, place = self._places[external_id]

        def work(unit: Unit) -> list[str]:
            show_id = self._made.id(f"shows/{client}", place)
            schedule = unit.schedule_with(show_id)
            unit.append(schedule, decide(schedule, show_id))
            return []

        return Step(f"show.{verb}", f"{verb}/{external_id}", work)


def _approve(schedule: Schedule) -> Sequence[ScheduleEvent]:
    return proposal.approve(schedule, schedule.current_version or 0)


def _approve_on_behalf(schedule: Schedule) -> Sequence[ScheduleEvent]:
    return proposal.approve(schedule, schedule.current_version or 0, on_behalf=True, note="Agreed by phone")


def _reject(schedule: Schedule) -> Sequence[ScheduleEvent]:
    why = "Too many late nights in the second half of the month"
    return proposal.reject(schedule, schedule.current_version or 0, why, on_behalf=True)


def _end_early(schedule: Schedule, show_id: str) -> Sequence[ScheduleEvent]:
    return lifecycle.complete(schedule, show_id, actual_end=schedule.shows[show_id].end - EARLY)
