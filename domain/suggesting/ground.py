"""Where the shows of a plan stand, and all that is around them: the same claims that conflicts are found
from, as a timeline for each room and creator."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.conflicts import (
    Claim,
    CreatorFacts,
    Facts,
    RoomFacts,
    Subject,
    blocking,
    claims_of,
    find,
    lines_of,
)
from domain.schedule.state import Schedule
from domain.slots import Slot, operational_day
from domain.timelines import Timeline, common

HORIZON: Final = timedelta(days=7)
"""Another time for a show is looked for so far before and after the present one."""
INTO: Final = timedelta(days=31)
"""A show outside its period is moved into so much of its nearer end."""


class Home(Struct, frozen=True, kw_only=True):
    """The plan that a show is in, as far as a request to alter it goes. `versions` are those of its shows,
    for If-Match; `saved` is false for shows that are only being looked at, `whole` true where what is saved
    may differ from what was looked at. `single`: a standalone show."""

    schedule_id: str
    single: bool = False
    status: str = "draft"
    time_zone: str
    day_start: str
    current_version: int | None = None
    versions: Mapping[str, int] = {}
    saved: bool = True
    whole: bool = False


def home_of(schedule: Schedule) -> Home:
    """The plan of all its shows, for the requests that alter them."""
    return Home(
        schedule_id=schedule.id,
        single=schedule.kind == "single",
        status=schedule.status,
        time_zone=schedule.time_zone,
        day_start=schedule.day_start,
        current_version=schedule.current_version,
        versions={show.id: show.version for show in schedule.shows.values()},
    )


class Ground:
    """All that ways out are looked for in. `lines` hold what others claim and what the plan's own drafts do;
    a show's entries have its id for key, so it never stands in its own way. `hours` hold when a studio is
    closed: only the show itself must lie within its opening hours, not lead and turnaround (ADR 14)."""

    def __init__(
        self,
        subjects: Sequence[Subject],
        facts: Facts,
        homes: Mapping[str, Home],
        horizon: timedelta = HORIZON,
    ) -> None:
        self.subjects = {subject.id: subject for subject in subjects}
        self.facts = facts
        self.homes = homes
        self.horizon = horizon
        drafts = (subject for subject in subjects if subject.status == "draft")
        own = [claim for subject in drafts for claim in claims_of(subject, facts.rooms)]
        others = (claim for claim in facts.claims if not claim.by_hours)
        self.lines: dict[str, Timeline[Claim]] = lines_of([*others, *own])
        self.hours: dict[str, Timeline[Claim]] = lines_of(claim for claim in facts.claims if claim.by_hours)
        self._bare = replace(facts, claims=())

    def movable(self, subject: Subject) -> bool:
        """Whether it may still be altered: a draft, or a booking that has not begun."""
        return subject.status == "draft" or (subject.status == "confirmed" and subject.start > self.facts.now)

    def take(self, subject: Subject) -> None:
        """From here on a show has what it wants there, too: nobody else is put into it."""
        for claim in claims_of(subject, self.facts.rooms):
            self.lines.setdefault(claim.resource_id, Timeline()).add(claim.held, claim.key, claim)

    def fits(self, before: Sequence[Subject], after: Sequence[Subject]) -> bool:
        """Whether these shows may be put so: nothing that they newly take is taken or wanted by anybody, none
        comes to lie outside its period or in the past. What a change would book has to be clear of
        everything, whether newly taken or not."""
        ids = frozenset(subject.id for subject in after)
        fresh: list[Claim] = []
        for then, now in zip(before, after, strict=True):
            everything = self._books(now) or _moves(then, now)
            for claim in claims_of(now, self.facts.rooms):
                if everything or claim.resource_id not in (then.room_id, *then.creators):
                    if not self.is_free(claim, ids) or _meets(claim, fresh):
                        return False
                    fresh.append(claim)
        return all(
            self._in_time(then, now) and self._bookable(then, now)
            for then, now in zip(before, after, strict=True)
        )

    def is_free(self, claim: Claim, without: frozenset[str]) -> bool:
        """Whether nobody else claims that, leaving out the shows of these ids."""
        line, hours = self.lines.get(claim.resource_id), self.hours.get(claim.resource_id)
        return (line is None or line.is_free(claim.held, without)) and (
            hours is None or hours.is_free(claim.slot)
        )

    def starts(self, claim: Claim, window: Slot) -> list[Slot]:
        """When the show of a claim may start within a closed window so that the claim stands in nobody's way:
        closed spans, in order."""
        spans = [window]
        for lines, span in ((self.lines, claim.held), (self.hours, claim.slot)):
            if line := lines.get(claim.resource_id):
                lead, after = claim.slot.start - span.start, span.end - claim.slot.start
                free = line.free(Slot(window.start - lead, window.end + after), (claim.key,))
                fitting = (Slot(each.start + lead, each.end - after) for each in free)
                spans = common(spans, [each for each in fitting if each.start <= each.end])
        return spans

    def period(self, subject: Subject) -> Slot | None:
        """The instants at which a show of its plan may start, half-open; None without a period."""
        home = self.homes[subject.id]
        if subject.period is None:
            return None
        first, last = subject.period
        return Slot(_begin(first, home), _begin(last + timedelta(days=1), home))

    def rooms_of(self, studio_id: str) -> list[RoomFacts]:
        """The rooms of a studio that are there, by name."""
        return [room for room in self._rooms if room.studio_id == studio_id]

    @cached_property
    def creators(self) -> list[CreatorFacts]:
        """Those who may be booked: first those who host other shows here, then by name."""
        here = {creator for subject in self.subjects.values() for creator in subject.creators}
        there = [each for each in self.facts.creators.values() if not (each.deleted or each.banned)]
        return sorted(there, key=lambda each: (each.id not in here, each.name, each.id))

    @cached_property
    def by_start(self) -> Mapping[str, Sequence[Subject]]:
        """The shows of each plan that may be altered, by start, then id."""
        plans: dict[str, list[Subject]] = {}
        for subject in sorted(self.subjects.values(), key=lambda s: (s.start, s.id)):
            home = self.homes[subject.id]
            if self.movable(subject) and home.saved and not home.single:
                plans.setdefault(home.schedule_id, []).append(subject)
        return plans

    @cached_property
    def _rooms(self) -> list[RoomFacts]:
        live = (room for room in self.facts.rooms.values() if not room.deleted)
        return sorted(live, key=lambda room: (room.name, room.id))

    def _books(self, subject: Subject) -> bool:
        """Whether the request books it: in a confirmed plan a draft that changes is booked."""
        return self.homes[subject.id].status == "confirmed" and subject.status == "draft"

    def _in_time(self, then: Subject, now: Subject) -> bool:
        if not _moves(then, now):
            return True
        if now.start < self.facts.now:
            return False
        return self._inside(now) or not self._inside(then)

    def _inside(self, subject: Subject) -> bool:
        if subject.period is None:
            return True
        home = self.homes[subject.id]
        day = operational_day(subject.start, home.time_zone, home.day_start)
        return subject.period[0] <= day <= subject.period[1]

    def _bookable(self, then: Subject, now: Subject) -> bool:
        """What a change books must name nothing deleted, banned or elsewhere; a booking that stays where it
        is keeps its room, whatever became of that."""
        if self.homes[now.id].status != "confirmed":
            return True
        stays = then.status == "confirmed" and not _moves(then, now) and then.room_id == now.room_id
        looked_at = replace(now, room_id=None) if stays else now
        return not blocking(find([looked_at], self._bare))


def dated(subject: Subject, home: Home) -> Subject:
    """The show with the studio day that its start belongs to."""
    return replace(subject, operational_day=operational_day(subject.start, home.time_zone, home.day_start))


def claims_here(subject: Subject, ground: Ground) -> Iterator[Claim]:
    """What a show holds or wants where it is."""
    return claims_of(subject, ground.facts.rooms)


def _moves(then: Subject, now: Subject) -> bool:
    return then.start != now.start or then.end != now.end


def _meets(claim: Claim, others: Sequence[Claim]) -> bool:
    return any(
        other.key != claim.key and other.resource_id == claim.resource_id and other.held.overlaps(claim.held)
        for other in others
    )


def _begin(day: date, home: Home) -> datetime:
    """When a studio day begins."""
    hours, minutes = home.day_start.split(":")
    return datetime.combine(day, time(int(hours), int(minutes)), ZoneInfo(home.time_zone)).astimezone(UTC)
