"""Findings about shows (SPEC 6): what is in the way, who else wants it, what is missing. One pure
function over what the database knows; the write side asks it before it books, the read side to show.

Within one schedule a clash of two drafts is one finding: its `show_id` is the later of the two (by
start, then id), the one that a best-effort confirmation would refuse.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.opening import Opening, closed
from domain.slots import Slot, widened
from domain.timelines import Timeline
from domain.waivers import Waiver

Code = Literal[
    "room_overlap",
    "creator_overlap",
    "room_closed",
    "creator_unavailable",
    "turnaround_short",
    "room_not_in_studio",
    "reference_deleted",
    "creator_banned",
    "room_wanted",
    "creator_wanted",
    "outside_period",
    "missing_room",
    "missing_creator",
    "missing_platform",
    "in_the_past",
]
_WARN: frozenset[Code] = frozenset(
    {"outside_period", "missing_room", "missing_creator", "missing_platform", "in_the_past"}
)
WISHES: frozenset[Code] = frozenset({"room_wanted", "creator_wanted"})
"""What a draft of another schedule wants too: nothing is booked yet."""
BLOCKING: frozenset[Code] = frozenset(get_args(Code)) - _WARN - WISHES
"""What stops a confirmation, unless a finding says otherwise."""


class Resource(Struct, frozen=True):
    """What a finding is about: `kind` is room, creator, client, platform, show_type or show_standard."""

    kind: str
    id: str
    name: str


class Other(Struct, frozen=True, kw_only=True):
    """The other side: a show of any schedule, or a room's closure or a creator's time off (then its id is
    the `closure_id`, and there is no show), or the studio's opening hours (neither). `since` is when it was
    drafted or closed."""

    show_id: str | None = None
    closure_id: str | None = None
    schedule_id: str | None = None
    client_id: str | None = None
    name: str
    status: str
    since: datetime


class Overlap(Struct, frozen=True):
    """The exact common span, half-open, in UTC."""

    start: datetime
    end: datetime
    minutes: int


class Hit(Struct, frozen=True, kw_only=True):
    """A booking that a blackout was laid over: the show with its span, what of it is closed, and the change
    that would plan it anew, where there is one."""

    show_id: str
    name: str
    status: str
    schedule_id: str
    client_id: str | None
    start: datetime
    end: datetime
    overlap: Overlap
    change_id: str | None = None


class Disturbance(Struct, frozen=True):
    """What a suggestion costs: by how many minutes starts move, all shows together; whether a room changes;
    how many shows it touches."""

    minutes: int
    room_changed: bool
    shows: int


class Altered(Struct, frozen=True):
    """What would be different about a show: for each field `{"from": ..., "to": ...}`."""

    show_id: str
    name: str
    fields: dict[str, dict[str, Any]]


class Request(Struct, frozen=True, kw_only=True):
    """A request that does something, ready to be sent. `if_match` is its header; with `needs` withdraw the
    proposal has to be withdrawn before it."""

    method: Literal["PATCH", "POST"]
    path: str
    body: dict[str, Any]
    if_match: str | None = None
    needs: Literal["withdraw"] | None = None


class Suggestion(Struct, frozen=True, kw_only=True):
    """A way out, checked: applied, its finding is gone and no other has come. A show that was never saved has
    no `request`. For who says `title` in other words: `names` of rooms and creators in `changes` by id, and
    the studio's `time_zone`, in which it tells times."""

    kind: Literal["move", "room", "swap", "creator"]
    title: str
    disturbs: Disturbance
    changes: tuple[Altered, ...]
    names: dict[str, str] = {}
    time_zone: str = "UTC"
    request: Request | None = None


class Waived(Struct, frozen=True):
    """That a finding was accepted: the waiver's id, by whom, when and why."""

    id: str
    by: str
    at: datetime
    reason: str


class Finding(Struct, frozen=True, kw_only=True):
    """One conflict of one show. `severity` block stops a confirmation unless `waived`; warn doesn't."""

    code: Code
    severity: Literal["block", "warn"]
    show_id: str
    resource: Resource | None = None
    other: Other | None = None
    overlap: Overlap | None = None
    message: str
    suggestions: tuple[Suggestion, ...] = ()
    waived: Waived | UnsetType = UNSET


class Subject(Struct, frozen=True, kw_only=True):
    """A show that is looked at: saved or not. `waivers` are those in force in which it has a side."""

    id: str
    name: str
    start: datetime
    end: datetime
    studio_id: str
    room_id: str | None
    creators: tuple[str, ...]
    platforms: tuple[str, ...]
    show_standard: str
    operational_day: date
    created_at: datetime
    schedule_id: str | None = None
    client_id: str | None = None
    status: str = "draft"
    period: tuple[date, date] | None = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)


class Claim(Struct, frozen=True, kw_only=True):
    """A room or creator that somebody holds or wants. `slot` is the show or closure itself, `held` what
    the resource is held for; they differ by lead and turnaround. `booking`: this very command books it,
    so its lead and turnaround may still be cut."""

    resource_id: str
    slot: Slot
    held: Slot
    by: Other
    holding: bool
    booking: bool = False

    @property
    def by_hours(self) -> bool:
        """Whether it is the studio that is closed then."""
        return self.by.show_id is None and self.by.closure_id is None

    @property
    def key(self) -> str:
        """Whose claim it is: a show's id or a closure's."""
        return self.by.show_id or self.by.closure_id or ""


class RoomFacts(Struct, frozen=True):
    """What the rules ask of a room, deleted or not."""

    id: str
    name: str
    studio_id: str
    lead_minutes: int
    turnaround_minutes: int
    deleted: bool
    capacity: int | None = None


class CreatorFacts(Struct, frozen=True):
    """What the rules ask of a creator, deleted or not."""

    id: str
    name: str
    banned: bool
    deleted: bool


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of everything that the subjects name. `deleted` lists other references (client,
    platforms ...) that are gone; `claims` everything by others that may be in the way."""

    rooms: Mapping[str, RoomFacts]
    creators: Mapping[str, CreatorFacts]
    deleted: Mapping[str, Resource]
    needs_creator: frozenset[str]
    claims: Sequence[Claim]
    now: datetime


def find(subjects: Iterable[Subject], facts: Facts, *, among: bool = True) -> list[Finding]:
    """All findings about these shows, in order of start, id, code and the other side. Booked shows can't
    clash: what is in their way is found as a conflict of the show that came later. Only what was closed over
    them, and waits for them to be planned anew (ADR 13), is told of themselves.

    `among`: the subjects also clash with each other, as drafts of one plan do.
    """
    ordered = sorted(subjects, key=lambda s: (s.start, s.id))
    claims = lines_of(facts.claims)
    found: list[Finding] = []
    earlier: dict[str, Timeline[Claim]] = {}
    for subject in ordered:
        found += [_accepted(finding, subject) for finding in _references(subject, facts)]
        found += [_accepted(finding, subject) for finding in _warnings(subject, facts)]
        if subject.status != "draft":
            found += _closed_over(subject, claims, facts)
            continue
        for own in claims_of(subject, facts.rooms):
            for lines in (claims, earlier):
                if line := lines.get(own.resource_id):
                    found += _against(own, line, facts, subject)
            if among:
                earlier.setdefault(own.resource_id, Timeline()).add(own.held, own.key, own)
    return sorted(found, key=_place(ordered))


def claims_of(subject: Subject, rooms: Mapping[str, RoomFacts]) -> Iterator[Claim]:
    """What a show wants, its room with lead and turnaround as they are now."""
    by = Other(
        show_id=subject.id,
        schedule_id=subject.schedule_id,
        client_id=subject.client_id,
        name=subject.name,
        status=subject.status,
        since=subject.created_at,
    )
    if subject.room_id and (room := rooms.get(subject.room_id)):
        held = widened(subject.slot, room.lead_minutes, room.turnaround_minutes)
        yield Claim(resource_id=room.id, slot=subject.slot, held=held, by=by, holding=False)
    for creator_id in dict.fromkeys(subject.creators):
        yield Claim(resource_id=creator_id, slot=subject.slot, held=subject.slot, by=by, holding=False)


def shut(rows: Collection[Opening], time_zone: str, room_id: str, window: Slot) -> list[Claim]:
    """A room as its studio's opening hours hold it, where they touch a window."""
    return [
        Claim(
            resource_id=room_id,
            slot=each.slot,
            held=each.slot,
            by=Other(name=each.name, status="closed", since=each.since),
            holding=True,
        )
        for each in closed(rows, time_zone, window)
    ]


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Only those that stop a confirmation: nobody accepted them."""
    return [finding for finding in findings if finding.severity == "block" and not finding.waived]


def lines_of(claims: Iterable[Claim]) -> dict[str, Timeline[Claim]]:
    """The claims on each room and creator over time, by what they are held for."""
    grouped: dict[str, list[tuple[Slot, str, Claim]]] = {}
    for claim in claims:
        grouped.setdefault(claim.resource_id, []).append((claim.held, claim.key, claim))
    return {resource: Timeline(entries) for resource, entries in grouped.items()}


def clashes(subject: Subject, claims: Sequence[Claim], facts: Facts) -> list[Finding]:
    """What these claims have against a show."""
    lines = lines_of(claims)
    return [
        finding
        for own in claims_of(subject, facts.rooms)
        if (line := lines.get(own.resource_id))
        for finding in _against(own, line, facts, subject)
    ]


def _against(own: Claim, line: Timeline[Claim], facts: Facts, subject: Subject) -> Iterator[Finding]:
    for other in line.meeting(own.held, (subject.id,)):
        if other.by_hours and not own.slot.overlaps(other.slot):
            continue  # Only the show itself must lie within opening hours (ADR 14).
        found = _clash(own, other, facts, subject)
        yield _accepted(found, subject) if _can_yield(own, other) else found


def _closed_over(subject: Subject, claims: Mapping[str, Timeline[Claim]], facts: Facts) -> Iterator[Finding]:
    for own in claims_of(subject, facts.rooms):
        if line := claims.get(own.resource_id):
            for other in line.meeting(own.slot):
                if other.by.closure_id and own.slot.overlaps(other.slot):
                    yield _clash(own, other, facts, subject)


def _can_yield(own: Claim, other: Claim) -> bool:
    """Whether cutting one's own lead and turnaround makes room: what others hold stays as it was booked."""
    if not other.holding:
        return True
    if other.booking:
        return other.by.schedule_id == own.by.schedule_id
    return not other.held.overlaps(own.slot)


def _accepted(finding: Finding, subject: Subject) -> Finding:
    """The finding, marked where a waiver says so: the same one, of the same show, as it was then. Of two
    shows of a plan it doesn't matter which of them it was given for."""
    if not subject.waivers or not waivable(finding):
        return finding
    resource = finding.resource.id if finding.resource else None
    other = finding.other.show_id or finding.other.closure_id if finding.other else None
    for waiver in subject.waivers:
        if (waiver.code, waiver.resource_id) != (finding.code, resource):
            continue
        if not _within(finding.overlap, waiver):
            continue
        if waiver.show_id == subject.id:
            then = (waiver.start, waiver.end, waiver.room_id, waiver.creators)
            same = waiver.other == other
            same = same and then == (subject.start, subject.end, subject.room_id, subject.creators)
        else:
            same = (waiver.show_id, waiver.other) == (other, subject.id)
        if same:
            by = Waived(waiver.id, waiver.created_by, waiver.created_at, waiver.reason)
            return replace(finding, waived=by)
    return finding


def _within(common: Overlap | None, waiver: Waiver) -> bool:
    """Whether it is the span that was accepted; of lead and turnaround less of it is accepted too."""
    start, end = waiver.overlap_start, waiver.overlap_end
    if common is None or start is None or end is None:
        return common is None and start is None
    if waiver.code == "turnaround_short":
        return start <= common.start and common.end <= end
    return (start, end) == (common.start, common.end)


def waivable(finding: Finding) -> bool:
    """Whether anybody may accept it: warnings, and too little time between two shows."""
    return finding.severity == "warn" or finding.code == "turnaround_short"


def _clash(own: Claim, other: Claim, facts: Facts, subject: Subject) -> Finding:
    room = facts.rooms.get(own.resource_id)
    kind, name = ("room", room.name) if room else ("creator", facts.creators[own.resource_id].name)
    direct = own.slot.overlaps(other.slot)
    common = own.slot.overlap(other.slot) if direct else own.held.overlap(other.held)
    foreign_wish = not other.holding and other.by.schedule_id != subject.schedule_id
    who = f"{other.by.name!r} ({other.by.status})"
    code: Code
    if foreign_wish:
        code = "room_wanted" if room else "creator_wanted"
        message = f"{name} is also wanted by {who} of another schedule"
    elif not direct:
        code = "turnaround_short"
        message = f"{name} has too little time between this show and {who}"
    elif other.by.closure_id or other.by_hours:
        code = "room_closed" if room else "creator_unavailable"
        message = f"{name} is {'closed' if room else 'unavailable'}: {other.by.name}"
    else:
        code = "room_overlap" if room else "creator_overlap"
        message = f"{name} is taken by {who}" if other.holding else f"{name} is wanted twice: also by {who}"
    return Finding(
        code=code,
        severity="warn" if foreign_wish else "block",
        show_id=subject.id,
        resource=Resource(kind, own.resource_id, name),
        other=other.by,
        overlap=Overlap(common.start, common.end, common.minutes),
        message=message,
    )


def _references(subject: Subject, facts: Facts) -> Iterator[Finding]:
    room = facts.rooms.get(subject.room_id) if subject.room_id else None
    if room and room.studio_id != subject.studio_id:
        yield _finding(
            "room_not_in_studio", subject, f"{room.name} is not a room of this studio", _room(room)
        )
    if room and room.deleted:
        yield _finding("reference_deleted", subject, f"room {room.name} was deleted", _room(room))
    for creator_id in dict.fromkeys(subject.creators):
        creator = facts.creators.get(creator_id)
        if creator and creator.deleted:
            resource = Resource("creator", creator.id, creator.name)
            yield _finding("reference_deleted", subject, f"creator {creator.name} was deleted", resource)
        elif creator and creator.banned:
            resource = Resource("creator", creator.id, creator.name)
            yield _finding("creator_banned", subject, f"{creator.name} is banned", resource)
    for reference in (subject.client_id, *subject.platforms):
        if reference and (gone := facts.deleted.get(reference)):
            yield _finding("reference_deleted", subject, f"{gone.kind} {gone.name} was deleted", gone)


def _warnings(subject: Subject, facts: Facts) -> Iterator[Finding]:
    if subject.period and not subject.period[0] <= subject.operational_day <= subject.period[1]:
        message = (
            f"studio day {subject.operational_day} is outside {subject.period[0]} to {subject.period[1]}"
        )
        yield _finding("outside_period", subject, message)
    if subject.room_id is None:
        yield _finding("missing_room", subject, "no room yet")
    if not subject.creators:
        needed = subject.show_standard in facts.needs_creator
        message = f"standard {subject.show_standard} requires a creator" if needed else "no creator yet"
        yield _finding("missing_creator", subject, message, severity="block" if needed else "warn")
    if not subject.platforms:
        yield _finding("missing_platform", subject, "no platform yet")
    if subject.start < facts.now and subject.status == "draft":
        yield _finding("in_the_past", subject, "starts in the past")


def _finding(
    code: Code,
    subject: Subject,
    message: str,
    resource: Resource | None = None,
    severity: Literal["block", "warn"] | None = None,
) -> Finding:
    level = severity or ("warn" if code in _WARN else "block")
    return Finding(code=code, severity=level, show_id=subject.id, resource=resource, message=message)


def _room(room: RoomFacts) -> Resource:
    return Resource("room", room.id, room.name)


def _place(ordered: Sequence[Subject]):
    rank = {subject.id: index for index, subject in enumerate(ordered)}

    def key(finding: Finding) -> tuple[int, str, str, str]:
        other = finding.other.show_id or finding.other.closure_id or "" if finding.other else ""
        return rank[finding.show_id], finding.code, finding.resource.id if finding.resource else "", other

    return key
