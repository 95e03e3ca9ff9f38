"""What is in the way of the shows that an import looked at: pairs that truly overlap, whichever schedules
they are in, and conflicts as the rules of each schedule count them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.conflicts import (
    Claim,
    CreatorFacts,
    Facts,
    Finding,
    Other,
    Overlap,
    Resource,
    RoomFacts,
    Subject,
    claims_of,
    find,
)
from domain.importing.names import Known
from domain.schedule.booking import subject_of
from domain.schedule.machine import PLANNING
from domain.schedule.state import Schedule, Show
from domain.slots import Slot


class ClashingShow(Struct, frozen=True):
    """One side of a clash."""

    show_id: str
    external_id: str | None
    name: str
    schedule_id: str


class Clash(Struct, frozen=True, kw_only=True):
    """Two shows on one room or creator at one time; each pair is listed once, the earlier show first.
    `code` is `room_overlap` or `creator_overlap`."""

    code: str
    resource: Resource
    shows: tuple[ClashingShow, ClashingShow]
    overlap: Overlap


class ImportFinding(Struct, frozen=True, kw_only=True):
    """A conflict of one show of the imported schedules. `row` is the show's line in the file, `other_row`
    that of the show in its way; null for a show that the file doesn't have, or for what is no show. `start`
    and `end` are the show's, as an export writes them."""

    row: int | None
    schedule: str
    show_id: str
    external_id: str | None
    name: str
    start: str
    end: str
    code: str
    severity: Literal["block", "warn"]
    message: str
    resource: Resource | None
    other: Other | None
    other_row: int | None
    overlap: Overlap | None


def pairs(schedules: Iterable[Schedule], names: Mapping[str, str]) -> list[Clash]:
    """All true overlaps among the shows of these schedules, by time, then resource. Lead and turnaround
    don't count here. `names` of rooms and creators by id."""
    using: dict[str, list[tuple[Schedule, Show]]] = defaultdict(list)
    for schedule in schedules:
        if schedule.status not in PLANNING:
            continue
        for show in schedule.live_shows():
            if show.status != "cancelled":
                for resource in {show.room_id, *show.creators} - {None}:
                    using[str(resource)].append((schedule, show))
    found = [clash for resource, users in using.items() for clash in _pairs(resource, users, names)]
    return sorted(
        found, key=lambda c: (c.overlap.start, c.resource.id, c.shows[0].show_id, c.shows[1].show_id)
    )


def _pairs(resource_id: str, users: list[tuple[Schedule, Show]], names: Mapping[str, str]) -> Iterator[Clash]:
    """A sweep over the shows on one resource, in order of start; then of the planner's ids, which a dry run
    and the real one share."""
    users.sort(key=lambda u: (u[1].start, u[1].external_id or "", u[1].id))
    running: list[tuple[Schedule, Show]] = []
    kind = "room" if resource_id.startswith("room_") else "creator"
    for user in users:
        running = [other for other in running if other[1].end > user[1].start]
        for other in running:
            common = Slot(user[1].start, user[1].end).overlap(Slot(other[1].start, other[1].end))
            yield Clash(
                code=f"{kind}_overlap",
                resource=Resource(kind, resource_id, names.get(resource_id, resource_id)),
                shows=(_side(*other), _side(*user)),
                overlap=Overlap(common.start, common.end, common.minutes),
            )
        running.append(user)


def _side(schedule: Schedule, show: Show) -> ClashingShow:
    return ClashingShow(show.id, show.external_id, show.name, schedule.id)


def subjects(schedules: Iterable[Schedule]) -> dict[str, list[Subject]]:
    """The shows that conflict rules look at, by schedule; parked and closed schedules want nothing."""
    return {
        schedule.id: [
            subject_of(schedule, show) for show in schedule.live_shows() if show.status != "cancelled"
        ]
        for schedule in schedules
        if schedule.status in PLANNING
    }


def findings(by_schedule: Mapping[str, Sequence[Subject]], facts: Facts) -> list[tuple[Subject, Finding]]:
    """What the rules of each schedule, looked at for itself, find about its shows and nobody accepted, each
    with its show; by schedule, then start. Of these are the counts of a report: they also know bookings and
    wishes of shows that the file doesn't have, closures, opening hours, lead and turnaround, and what is
    missing, none of which `pairs` looks at. `facts` know nothing yet of what this import drafts, so the
    schedules' own wishes are added to what others hold and want."""
    drafts = {
        schedule_id: [s for s in shows if s.status == "draft"] for schedule_id, shows in by_schedule.items()
    }
    own = [(i, claim) for i, shows in drafts.items() for s in shows for claim in claims_of(s, facts.rooms)]
    wanting: dict[str, list[tuple[str, Claim]]] = defaultdict(list)
    for schedule_id, claim in own:
        wanting[claim.resource_id].append((schedule_id, claim))
    held: dict[str, list[Claim]] = defaultdict(list)
    for claim in facts.claims:
        held[claim.resource_id].append(claim)
    told: list[tuple[Subject, Finding]] = []
    for schedule_id, shows in by_schedule.items():
        used = {resource for show in shows for resource in (show.room_id, *show.creators) if resource}
        claims = [claim for resource in sorted(used) for claim in held.get(resource, ())]
        claims += [c for r in sorted(used) for i, c in wanting.get(r, ()) if i != schedule_id]
        by_id = {show.id: show for show in shows}
        found = find(shows, replace(facts, claims=claims))
        told += [(by_id[finding.show_id], finding) for finding in found if not finding.waived]
    return told


def with_new(facts: Facts, new: Iterable[Known], gone: Iterable[str]) -> Facts:
    """The same, knowing the rooms and creators that this import makes, and without the shows it removes."""
    made = list(new)
    rooms = {
        r.id: RoomFacts(r.id, r.name, r.studio_id or "", 0, 0, deleted=False)
        for r in made
        if r.kind == "room"
    }
    creators = {
        c.id: CreatorFacts(c.id, c.name, banned=False, deleted=False) for c in made if c.kind == "creator"
    }
    left = frozenset(gone)
    return replace(
        facts,
        rooms={**facts.rooms, **rooms},
        creators={**facts.creators, **creators},
        claims=[claim for claim in facts.claims if claim.by.show_id not in left],
    )
