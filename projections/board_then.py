"""A studio's board as it was at an instant, folded from the log: the rows and schedules as of then, and what
was in each show's way."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime
from itertools import groupby
from typing import Any, Final, LiteralString, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.conflicts import Claim, CreatorFacts, Facts, Other, Resource, RoomFacts, Subject, claims_of
from domain.event_log import decode
from domain.events import Recorded
from domain.opening import Opening
from domain.registry.entities import BY_KIND
from domain.registry.opening import opening_of
from domain.registry.row import Row
from domain.registry.row import evolve as evolve_row
from domain.schedule.machine import PLANNING
from domain.schedule.state import Schedule, Show
from domain.schedule.state import evolve as evolve_schedule
from domain.slots import Slot, widened
from domain.waivers import Waiver
from projections import booked, registry
from projections.as_it_was import clients_view, show_row
from projections.board import Board, Holder, codes, named
from projections.booked import Booked
from projections.claims import Hours, shut_rooms
from projections.past import overlaps
from projections.shows import ShowRow
from projections.waivers import by_show

State = TypeVar("State")

_ROWS: Final[LiteralString] = (
    "SELECT state FROM callboard_events WHERE at <= %s AND topic LIKE 'Entity%%'"
    " ORDER BY originator_id, originator_version"
)
_SCHEDULES: Final[LiteralString] = (
    "SELECT state FROM callboard_events WHERE at <= %s"
    " AND originator_id >= 'schedule_' AND originator_id < 'schedule`'"
    " ORDER BY originator_id, originator_version"
)
_POSITION: Final[LiteralString] = "SELECT max(notification_id) FROM callboard_events WHERE at <= %s"


class Past(Struct, frozen=True):
    """Everything that a board tells of, as it was `at` an instant; `position` is the newest event then."""

    at: datetime
    position: int
    rows: dict[str, Row]
    schedules: dict[str, Schedule]

    @classmethod
    def load(cls, connection: Connection[Any], at: datetime) -> "Past":
        """Needs a connection that is in no transaction."""
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            head = connection.execute(_POSITION, (at,)).fetchone()
            return cls(
                at,
                head[0] or 0 if head else 0,
                _folded(connection, _ROWS, at, evolve_row),
                _folded(connection, _SCHEDULES, at, evolve_schedule),
            )

    def to_clients(self, clients: Sequence[str], streams: Callable[[str], Iterable[Recorded]]) -> "Past":
        """What it tells to users of these clients: of their own plans, what the newest versions showed.
        `streams` reads the events of a schedule."""
        views = {
            schedule_id: clients_view(streams(schedule_id), at=self.at)
            for schedule_id, schedule in self.schedules.items()
            if schedule.client_id in clients
        }
        return replace(self, schedules=self.schedules | views)

    def studio(self, studio_id: str) -> Any:
        """The studio's row in its own shape; None when it was not there yet."""
        row = self.rows.get(studio_id)
        return registry.shaped(BY_KIND["studio"], row) if row and row.kind == "studio" else None

    def board(
        self, studio: Any, window: tuple[datetime, datetime], clients: tuple[str, ...] | None = None
    ) -> Board:
        """As `projections.board.look`."""
        held = {
            show.id: (schedule, show_row(schedule, show))
            for schedule in self.schedules.values()
            if schedule.studio_id == studio.id and (clients is None or schedule.client_id in clients)
            for show in schedule.live_shows()
        }
        found = sorted(
            (row for _, row in held.values() if overlaps(row, *window)), key=lambda r: (r.start, r.id)
        )
        plans = {
            row.id: (plan.id, plan.status, plan.start_date if plan.kind == "plan" else None, plan.end_date)
            for plan, row in held.values()
        }
        rooms = self._rooms(studio.id, found)
        return Board(
            studio=studio,
            rooms=rooms,
            shows=named(
                found,
                codes(found, plans, self._waived(found), self._facts),
                self._named("creator"),
                self._named("client"),
            ),
            closures=self._closures(studio.id, *window),
            booked=self._booked({room.id for room in rooms}, window, clients),
            position=self.position,
        )

    def hours(self, studio_id: str) -> list[Opening]:
        """A studio's rows of opening hours and exceptions as they were."""
        known = self._hours().get(studio_id)
        return known.rows if known else []

    def holders(self, show_ids: Iterable[str]) -> dict[str, Holder]:
        """The schedule of each of these shows as it was: `projections.board.holders` of then."""
        wanted = set(show_ids)
        return {
            show.id: Holder(
                plan.id,
                plan.name,
                plan.status,
                plan.kind != "plan",
                plan.client_id,
                plan.approved_version is not None,
            )
            for plan in self.schedules.values()
            for show in plan.shows.values()
            if show.id in wanted and show.deleted_at is None
        }

    def concerned(self, show_ids: Iterable[str]) -> frozenset[str]:
        """Those of these shows that a change was about which was open then."""
        return frozenset(show_ids).intersection(
            step.show_id
            for plan in self.schedules.values()
            for change in plan.changes.values()
            if change.status == "proposed"
            for step in change.operations
        )

    def _rooms(self, studio_id: str, found: Sequence[ShowRow]) -> list[Any]:
        used = {show.room_id for show in found}
        rooms = [
            registry.shaped(BY_KIND["room"], row)
            for row in self._of("room")
            if row.values["studio_id"] == studio_id and (row.deleted_at is None or row.id in used)
        ]
        return sorted(rooms, key=_name_and_id)

    def _closures(self, studio_id: str, start: datetime, end: datetime) -> list[Any]:
        closures: list[Any] = [
            registry.shaped(BY_KIND["closure"], row)
            for row in self._of("closure")
            if row.deleted_at is None and self.rows[row.values["room_id"]].values["studio_id"] == studio_id
        ]
        return sorted(
            (each for each in closures if each.start < end and each.end > start),
            key=lambda each: (each.start, each.id),
        )

    def _booked(
        self, rooms: Set[str], window: tuple[datetime, datetime], clients: tuple[str, ...] | None
    ) -> list[Booked]:
        """As `projections.booked.by_others`."""
        if clients is None:
            return []
        held = (
            (hold.resource_id, Slot(hold.start, hold.end))
            for schedule in self.schedules.values()
            if schedule.client_id not in clients
            for show in schedule.live_shows()
            for hold in show.holds
            if hold.resource_id in rooms
        )
        return booked.told(held, window)

    def _of(self, kind: str) -> Iterator[Row]:
        return (row for row in self.rows.values() if row.kind == kind)

    def _named(self, kind: str) -> dict[str, str]:
        return {row.id: row.values["name"] for row in self._of(kind)}

    # --- what was in the way

    def _waived(self, found: Sequence[ShowRow]) -> dict[str, tuple[Waiver, ...]]:
        given = (each for plan in self.schedules.values() for each in plan.waivers.values() if each.active)
        return by_show(given, (show.id for show in found))

    def _facts(self, subjects: Sequence[Subject]) -> Facts:
        rooms = {
            row.id: RoomFacts(
                row.id,
                row.values["name"],
                row.values["studio_id"],
                row.values.get("lead_minutes", 0),
                row.values.get("turnaround_minutes", 0),
                row.deleted_at is not None,
            )
            for row in self._of("room")
        }
        creators = {
            row.id: CreatorFacts(
                row.id, row.values["name"], row.values.get("is_banned", False), row.deleted_at is not None
            )
            for row in self._of("creator")
        }
        gone = {
            row.id: Resource(row.kind, row.id, row.values["name"])
            for row in self.rows.values()
            if row.kind in {"client", "platform"} and row.deleted_at is not None
        }
        own = [claim for s in subjects for claim in claims_of(s, rooms)]
        drafts = {s.id for s in subjects if s.status == "draft"}
        return Facts(
            rooms=rooms,
            creators=creators,
            deleted=gone,
            needs_creator=frozenset(
                row.values["key"] for row in self._of("shstd") if row.values.get("requires_creator")
            ),
            claims=[
                *_near(own, self._claims({s.id for s in subjects}, rooms)),
                *shut_rooms(
                    [claim for claim in own if claim.resource_id in rooms and claim.key in drafts],
                    rooms,
                    self._hours(),
                ),
            ],
            now=self.at,
        )

    def _hours(self) -> dict[str, Hours]:
        hours: dict[str, Hours] = {}
        for row in (*self._of("hours"), *self._of("exception")):
            studio = row.values["studio_id"]
            if row.deleted_at is None:
                known = hours.setdefault(studio, Hours(self.rows[studio].values["time_zone"], []))
                known.rows.append(opening_of(row))
        return hours

    def _claims(self, subjects: set[str], rooms: dict[str, RoomFacts]) -> Iterator[Claim]:
        for schedule in self.schedules.values():
            wants = schedule.status in PLANNING and schedule.deleted_at is None
            for show in schedule.live_shows():
                yield from _holding(schedule, show)
                if wants and show.status == "draft" and show.id not in subjects:
                    yield from _wishes(schedule, show, rooms)
        for kind, field, status in (
            ("closure", "room_id", "closed"),
            ("timeoff", "creator_id", "unavailable"),
        ):
            for row in self._of(kind):
                if row.deleted_at is None:
                    blackout: Any = registry.shaped(BY_KIND[kind], row)
                    by = Other(closure_id=row.id, name=blackout.reason, status=status, since=row.created_at)
                    slot = Slot(blackout.start, blackout.end)
                    resource = getattr(blackout, field)
                    yield Claim(resource_id=resource, slot=slot, held=slot, by=by, holding=True)


def _holding(schedule: Schedule, show: Show) -> Iterator[Claim]:
    end = min(show.end, show.actual_end) if show.actual_end else show.end
    for hold in show.holds:
        yield Claim(
            resource_id=hold.resource_id,
            slot=Slot(show.start, end),
            held=Slot(hold.start, hold.end),
            by=_by(schedule, show, show.status),
            holding=True,
        )


def _wishes(schedule: Schedule, show: Show, rooms: dict[str, RoomFacts]) -> Iterator[Claim]:
    by = _by(schedule, show, "proposed" if schedule.status == "proposed" else "draft")
    slot = Slot(show.start, show.end)
    for resource in dict.fromkeys(filter(None, (show.room_id, *show.creators))):
        room = rooms.get(resource)
        held = widened(slot, room.lead_minutes, room.turnaround_minutes) if room else slot
        yield Claim(resource_id=resource, slot=slot, held=held, by=by, holding=False)


def _by(schedule: Schedule, show: Show, status: str) -> Other:
    return Other(
        show_id=show.id,
        schedule_id=schedule.id,
        client_id=schedule.client_id,
        name=show.name,
        status=status,
        since=show.created_at,
    )


def _near(own: Sequence[Claim], claims: Iterable[Claim]) -> list[Claim]:
    """Those that may be in the way of what is wanted."""
    if not own:
        return []
    wanted = {claim.resource_id for claim in own}
    span = Slot(min(claim.held.start for claim in own), max(claim.held.end for claim in own))
    return [claim for claim in claims if claim.resource_id in wanted and claim.held.overlaps(span)]


def _folded(
    connection: Connection[Any],
    sql: LiteralString,
    at: datetime,
    evolve: Callable[[State | None, Recorded], State],
) -> dict[str, State]:
    """The state of each stream after its events up to the instant. A stream's clock may have stepped back:
    what follows a later event has not happened yet."""
    events = (decode(state) for (state,) in connection.execute(sql, (at,), binary=True))
    found: dict[str, State] = {}
    for stream, history in groupby(events, key=lambda recorded: recorded.originator_id):
        state: State | None = None
        for number, recorded in enumerate(history, 1):
            if recorded.originator_version != number:
                break
            state = evolve(state, recorded)
        if state is not None:
            found[stream] = state
    return found


def _name_and_id(room: Any) -> tuple[str, str]:
    return room.name, room.id
