"""Confirm: drafts become bookings that hold their room and creators. Which of them can is decided here
on what the database knows while the resources are locked; its exclusion constraint is the backstop."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from domain.conflicts import Claim, Facts, Finding, RoomFacts, Subject, blocking, claims_of, clashes, find
from domain.errors import IllegalTransition, NotApproved
from domain.events import Booking, Hold, ShowsConfirmed, VersionNumbered
from domain.schedule import proposal
from domain.schedule.machine import check_schedule
from domain.schedule.planning import Studio, find_show
from domain.schedule.state import Schedule, Show
from domain.slots import Slot, operational_day, widened
from domain.waivers import Waiver


class Refused(Struct, frozen=True):
    """A show that was not booked, and all that is in its way."""

    show_id: str
    conflicts: tuple[Finding, ...]


def candidates(schedule: Schedule, show_ids: Sequence[str] | None, studio: Studio) -> list[Show]:
    """The drafts to confirm, by start, then id: those named, or all. Booked ones are skipped.

    Raises IllegalTransition, NotApproved, NotFound for an unknown show.
    """
    if not _straight(schedule, studio):
        check_schedule("confirm", schedule.status)
    waits = schedule.status == "proposed" and schedule.approved_version != schedule.current_version
    if waits and proposal.needs_approval(schedule, studio):
        raise NotApproved(
            f"version {schedule.current_version} waits for the client's approval",
            current_version=schedule.current_version,
        )
    if show_ids is None:
        return [show for show in schedule.live_shows() if show.status == "draft"]
    named = [find_show(schedule, show_id) for show_id in dict.fromkeys(show_ids)]
    for show in named:
        if show.status not in ("draft", "confirmed"):
            raise IllegalTransition(f"show {show.id} is {show.status}", status=show.status, allowed=[])
    return sorted((show for show in named if show.status == "draft"), key=lambda s: (s.start, s.id))


def choose(
    subjects: Sequence[Subject], facts: Facts, *, best_effort: bool
) -> tuple[list[str], list[Refused]]:
    """Ids of the shows that can be booked, and the others with all that blocks them.

    All or nothing: any blocking finding refuses every show that has one, and nothing is booked. Best
    effort: in order of start, then id, each show is booked unless something in its way is booked by then.
    """
    if not best_effort:
        per_show = _grouped(blocking(find(subjects, facts)))
        return ([] if per_show else [s.id for s in subjects]), _refusals(per_show)
    refused = _grouped(blocking(find(subjects, facts, among=False)))
    booked: list[str] = []
    taken: list[Claim] = []
    for subject in subjects:
        against = blocking(clashes(subject, taken, facts))
        if against or subject.id in refused:
            refused[subject.id] = [*refused.get(subject.id, ()), *against]
        else:
            booked.append(subject.id)
            taken += _booked(claims_of(subject, facts.rooms))
    return booked, _refusals(refused)


def confirm(
    schedule: Schedule, show_ids: Sequence[str], facts: Facts
) -> list[ShowsConfirmed | VersionNumbered]:
    """Books these drafts; none is no event. The holds are stored, so later edits of a room move nothing."""
    if not show_ids:
        return []
    bookings = bookings_of(schedule, [schedule.shows[i] for i in show_ids], facts)
    return [
        ShowsConfirmed(bookings=tuple(bookings)),
        proposal.version(schedule, proposal.next_number(schedule), "confirmed"),
    ]


def bookings_of(schedule: Schedule, shows: Iterable[Show], facts: Facts) -> list[Booking]:
    """What bookings of these shows hold, of which nothing blocks any: where too little time between two was
    accepted, lead and turnaround end where the other begins."""
    booked: dict[str, Booking] = {}
    for show in shows:
        near = [each for each in waivers_of(schedule, show.id) if each.code == "turnaround_short"]
        beside = _beside(schedule, show, near, booked) + (_held_beside(show, facts.claims) if near else [])
        booked[show.id] = Booking(show.id, holds_of(show, facts.rooms, beside))
    return list(booked.values())


def holds_of(show: Show, rooms: Mapping[str, RoomFacts], beside: Iterable[Slot] = ()) -> tuple[Hold, ...]:
    """What a booking of this show holds: its room with lead and turnaround as far as the spans `beside` it
    leave them, its creators for the show."""
    holds = [Hold(creator, show.start, show.end) for creator in show.creators]
    if show.room_id:
        room, slot = rooms[show.room_id], Slot(show.start, show.end)
        held = widened(slot, room.lead_minutes, room.turnaround_minutes)
        start = max([held.start, *(each.end for each in beside if each.end <= slot.start)])
        end = min([held.end, *(each.start for each in beside if each.start >= slot.end)])
        holds.insert(0, Hold(room.id, start, end))
    return tuple(holds)


def _held_beside(show: Show, claims: Iterable[Claim]) -> list[Slot]:
    """When others hold its room. What overlaps the show itself is for the database to refuse."""
    return [
        claim.held
        for claim in claims
        if claim.resource_id == show.room_id and claim.holding and not claim.by_hours and claim.key != show.id
    ]


def _beside(
    schedule: Schedule, show: Show, near: Iterable[Waiver], booked: Mapping[str, Booking]
) -> list[Slot]:
    """The shows of the plan that may be nearer to it than the room's lead and turnaround: those that this
    command booked before it with what they hold now, drafts with the show itself."""
    found: list[Slot] = []
    for waiver in near:
        other = schedule.shows.get((waiver.other or "") if waiver.show_id == show.id else waiver.show_id)
        if other is None or other.room_id != show.room_id or other.status != "draft":
            continue
        if booking := booked.get(other.id):
            room = next(hold for hold in booking.holds if hold.resource_id == show.room_id)
            found.append(Slot(room.start, room.end))
        else:
            found.append(Slot(other.start, other.end))
    return found


def subject_of(schedule: Schedule, show: Show) -> Subject:
    """A show of a plan as the conflict rules look at it."""
    return Subject(
        id=show.id,
        name=show.name,
        start=show.start,
        end=show.end,
        studio_id=schedule.studio_id,
        room_id=show.room_id,
        creators=show.creators,
        platforms=tuple(link.platform_id for link in show.platforms),
        show_standard=show.show_standard,
        operational_day=operational_day(show.start, schedule.time_zone, schedule.day_start),
        created_at=show.created_at,
        schedule_id=schedule.id,
        client_id=schedule.client_id,
        status=show.status,
        period=(schedule.start_date, schedule.end_date) if schedule.kind == "plan" else None,
        waivers=waivers_of(schedule, show.id),
    )


def waivers_of(schedule: Schedule, show_id: str) -> tuple[Waiver, ...]:
    """The waivers in force in which a show has a side."""
    return tuple(
        each for each in schedule.waivers.values() if each.active and show_id in (each.show_id, each.other)
    )


def _straight(schedule: Schedule, studio: Studio) -> bool:
    """Whether it is booked straight from draft: a standalone show that nobody else agrees to."""
    single = schedule.kind == "single" and schedule.status == "draft"
    return single and not proposal.needs_approval(schedule, studio)


def _booked(claims: Iterable[Claim]) -> list[Claim]:
    """The claims of a show that this very command books: from here on they hold."""
    return [
        replace(claim, holding=True, booking=True, by=replace(claim.by, status="confirmed"))
        for claim in claims
    ]


def _grouped(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.show_id, []).append(finding)
    return grouped


def _refusals(grouped: Mapping[str, Sequence[Finding]]) -> list[Refused]:
    return [Refused(show_id, tuple(findings)) for show_id, findings in grouped.items()]
