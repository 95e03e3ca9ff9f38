"""Ways out against brute force: on small worlds that hypothesis invents, a way of each kind is found if and
only if trying everything finds one, and what is found removes its finding and adds none to any show."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.conflicts import (
    Claim,
    CreatorFacts,
    Facts,
    Finding,
    Other,
    RoomFacts,
    Subject,
    claims_of,
    find,
)
from domain.slots import Slot, operational_day, widened
from domain.suggesting import ways_out
from domain.suggesting.ground import Ground, Home
from domain.suggesting.moves import GRID
from domain.suggesting.rooms import large_enough
from domain.suggesting.ways import Way

BERLIN = "Europe/Berlin"
NOON = datetime(2026, 3, 29, 2, tzinfo=UTC)
"""In Berlin 04:00, an hour after the clocks went forward; the studio day of the period ends at 06:00."""
DAY = operational_day(NOON, BERLIN, "06:00")
HORIZON = timedelta(hours=4)
ROOMS = {
    "room_a": RoomFacts("room_a", "Studio A", "studio_1", 5, 10, deleted=False, capacity=4),
    "room_b": RoomFacts("room_b", "Studio B", "studio_1", 0, 0, deleted=False, capacity=4),
    "room_c": RoomFacts("room_c", "Studio C", "studio_1", 0, 15, deleted=False, capacity=9),
    "room_d": RoomFacts("room_d", "Cupboard", "studio_1", 0, 0, deleted=False),
    "room_x": RoomFacts("room_x", "Elsewhere", "studio_2", 0, 0, deleted=False, capacity=9),
    "room_y": RoomFacts("room_y", "Torn down", "studio_1", 0, 0, deleted=True, capacity=9),
}
CREATORS = {
    "creator_ada": CreatorFacts("creator_ada", "Ada", banned=False, deleted=False),
    "creator_bo": CreatorFacts("creator_bo", "Bo", banned=False, deleted=False),
    "creator_cy": CreatorFacts("creator_cy", "Cy", banned=False, deleted=False),
    "creator_di": CreatorFacts("creator_di", "Di", banned=True, deleted=False),
    "creator_ed": CreatorFacts("creator_ed", "Ed", banned=False, deleted=True),
}
Id = tuple[str, str, str | None, str | None]


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def subject(show_id: str = "show_1", start: int = 0, end: int = 60, **more: Any) -> Subject:
    whole: dict[str, Any] = {
        "id": show_id,
        "name": show_id,
        "start": at(start),
        "end": at(end),
        "studio_id": "studio_1",
        "room_id": "room_a",
        "creators": ("creator_ada",),
        "platforms": ("platform_t",),
        "show_standard": "standard",
        "operational_day": operational_day(at(start), BERLIN, "06:00"),
        "created_at": NOON - timedelta(days=9),
        "schedule_id": "schedule_1",
        "period": (DAY, DAY),
    }
    return Subject(**whole | more)


def facts(*claims: Claim, **more: Any) -> Facts:
    whole: dict[str, Any] = {
        "rooms": ROOMS,
        "creators": CREATORS,
        "deleted": {},
        "needs_creator": frozenset({"premium"}),
        "claims": claims,
        "now": at(-60),
    }
    return Facts(**whole | more)


def claim(
    resource: str,
    start: int,
    end: int,
    key: str = "show_other",
    *,
    holding: bool = True,
    closed: bool = False,
) -> Claim:
    slot = Slot(at(start), at(end))
    room = ROOMS.get(resource)
    held = slot if closed or room is None else widened(slot, room.lead_minutes, room.turnaround_minutes)
    by = Other(
        show_id=None if closed else key,
        closure_id=key if closed else None,
        schedule_id=None if closed else "schedule_2",
        name=key,
        status="closed" if closed else "confirmed" if holding else "draft",
        since=NOON - timedelta(days=9),
    )
    return Claim(resource_id=resource, slot=slot, held=held, by=by, holding=holding)


def home(status: str = "draft", **more: Any) -> Home:
    whole: dict[str, Any] = {
        "schedule_id": "schedule_1",
        "status": status,
        "time_zone": BERLIN,
        "day_start": "06:00",
    }
    return Home(**whole | more)


def identity(finding: Finding) -> Id:
    other = finding.other
    return (
        finding.code,
        finding.show_id,
        finding.resource.id if finding.resource else None,
        other.show_id or other.closure_id if other else None,
    )


def everywhere(subjects: Sequence[Subject], world: Facts) -> set[Id]:
    """The findings of this plan and of the other plan's drafts, each looked at from its own side."""
    drafts = {c.key: c for c in world.claims if not c.holding and c.by.show_id}
    theirs = [
        subject(
            key,
            schedule_id="schedule_2",
            start=(one.slot.start - NOON) // timedelta(minutes=1),
            end=(one.slot.end - NOON) // timedelta(minutes=1),
            room_id=next(
                (c.resource_id for c in world.claims if c.key == key and c.resource_id in ROOMS), None
            ),
            creators=tuple(c.resource_id for c in world.claims if c.key == key and c.resource_id in CREATORS),
            period=None,
        )
        for key, one in drafts.items()
    ]
    booked = [c for c in world.claims if c.holding]
    ours = [c for s in subjects for c in claims_of(s, ROOMS)]
    ours = [replace(c, holding=c.by.status == "confirmed") for c in ours]
    from_here = find(subjects, replace(world, claims=[*world.claims, *(c for c in ours if c.holding)]))
    from_there = find(theirs, replace(world, claims=[*booked, *ours]))
    return {identity(finding) for finding in (*from_here, *from_there)}


def applied(subjects: Sequence[Subject], way: Way, status: str) -> list[Subject]:
    """The plan with a way taken; in a confirmed one that books what it touches."""
    after = {each.id: each for each in way.after}
    if status == "confirmed":
        after = {key: replace(each, status="confirmed") for key, each in after.items()}
    return [after.get(each.id, each) for each in subjects]


CLASHES = {
    "room_overlap",
    "creator_overlap",
    "room_closed",
    "turnaround_short",
    "room_wanted",
    "creator_wanted",
}


def works(way: Way, finding: Finding, subjects: Sequence[Subject], world: Facts, status: str) -> bool:
    """Whether it does what a suggestion promises: the finding goes, none comes. What is put to another time,
    or booked, is free of clashes altogether."""
    after = applied(subjects, way, status)
    left = everywhere(after, world)
    if identity(finding) in left or not left <= everywhere(subjects, world):
        return False
    moved = {now.id for then, now in zip(way.before, way.after, strict=True) if then.start != now.start}
    if any(now.start < world.now for now in way.after if now.id in moved):
        return False
    as_drafts = [
        replace(each, status="draft") if each.id in {s.id for s in way.after} else each for each in after
    ]
    clear = {each.id for each in way.after} if status == "confirmed" else moved
    found = {i for i in everywhere(as_drafts, world) if i[0] in CLASHES}
    if any(i[1] in clear or i[3] in clear for i in found):
        return False
    checked = find([s for s in as_drafts if s.id in {a.id for a in way.after}], replace(world, claims=()))
    return status != "confirmed" or not any(each.severity == "block" for each in checked)


def brute(finding: Finding, subjects: Sequence[Subject], world: Facts, status: str) -> Iterator[Way]:
    """Every way of every kind that the finding may be helped by, tried one by one."""
    (one,) = (s for s in subjects if s.id == finding.show_id)
    kind = finding.resource.kind if finding.resource else ""
    rooms_help = kind == "room" or finding.code == "missing_room"
    creators_help = kind == "creator" or finding.code == "missing_creator"
    times_help = finding.code in CLASHES | {"outside_period", "in_the_past"}
    tried: list[Iterator[Way]] = []
    if times_help:
        tried.append(_times(one, HORIZON if finding.code in CLASHES else 4 * HORIZON))
    if rooms_help:
        tried.append(_rooms(one))
    if creators_help:
        tried.append(_creators(one, finding))
    if finding.code in CLASHES:
        tried.append(_swaps(one, subjects, rooms=kind == "room"))
    for way in chain.from_iterable(tried):
        if works(way, finding, subjects, world, status):
            yield way


def _dated(one: Subject) -> Subject:
    return replace(one, operational_day=operational_day(one.start, BERLIN, "06:00"))


def _times(one: Subject, horizon: timedelta) -> Iterator[Way]:
    steps = horizon // GRID
    for step in range(-steps, steps + 1):
        if step:
            by = step * GRID
            yield Way("move", (one,), (_dated(replace(one, start=one.start + by, end=one.end + by)),))


def _rooms(one: Subject) -> Iterator[Way]:
    present = ROOMS.get(one.room_id or "")
    for room in ROOMS.values():
        if room.studio_id == one.studio_id and not room.deleted and room.id != one.room_id:
            way = Way("room", (one,), (replace(one, room_id=room.id),))
            if large_enough(room, present):
                yield way


def _creators(one: Subject, finding: Finding) -> Iterator[Way]:
    gone = finding.resource.id if finding.resource else None
    for creator in CREATORS.values():
        if not creator.banned and not creator.deleted and creator.id not in one.creators:
            kept = tuple(each for each in one.creators if each != gone)
            yield Way("creator", (one,), (replace(one, creators=(*kept, creator.id)),))


def _swaps(one: Subject, subjects: Sequence[Subject], *, rooms: bool) -> Iterator[Way]:
    for other in subjects:
        if other.id == one.id or abs(other.start - one.start) > HORIZON:
            continue
        mine, theirs = ROOMS.get(one.room_id or ""), ROOMS.get(other.room_id or "")
        fine = mine and theirs and {mine.studio_id, theirs.studio_id} == {one.studio_id}
        fine = fine and not (mine and mine.deleted) and not (theirs and theirs.deleted)
        if rooms and fine and mine != theirs and large_enough(theirs, mine) and large_enough(mine, theirs):  # type: ignore[arg-type]
            after = (replace(one, room_id=other.room_id), replace(other, room_id=one.room_id))
            yield Way("swap", (one, other), after)
        if other.start != one.start:
            there = replace(one, start=other.start, end=other.start + (one.end - one.start))
            here = replace(other, start=one.start, end=one.start + (other.end - other.start))
            yield Way("swap", (one, other), (_dated(there), _dated(here)))


# --- worlds

minutes = st.integers(-12, 30).map(lambda n: 10 * n)
lengths = st.integers(1, 9).map(lambda n: 10 * n)
somewhere = st.sampled_from(["room_a", "room_a", "room_b", "room_c", "room_x", "room_y", None])
somebody = st.lists(st.sampled_from(list(CREATORS)), max_size=2, unique=True).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> list[Subject]:
    shows: list[Subject] = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(minutes)
        shows.append(
            subject(
                f"show_{number}",
                start,
                start + draw(lengths),
                room_id=draw(somewhere),
                creators=draw(somebody),
                show_standard=draw(st.sampled_from(["standard", "premium"])),
            )
        )
    return shows


@st.composite
def surroundings(draw: st.DrawFn) -> list[Claim]:
    claims: list[Claim] = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(minutes)
        end = start + draw(st.integers(1, 30)) * 10
        what = draw(st.sampled_from(["booked", "wanted", "closed", "hours"]))
        room = draw(st.sampled_from([r for r in ROOMS if r != "room_x"]))
        creator = draw(st.sampled_from([*CREATORS]))
        if what == "hours":
            nobody = Other(name="closed", status="closed", since=NOON)
            closing = claim(room, start, end, closed=True)
            claims.append(replace(closing, by=nobody))
        elif what == "closed":
            claims.append(claim(room, start, end, f"closure_{number}", closed=True))
        else:
            key, holding = f"other_{number}", what == "booked"
            claims.append(claim(room, start, end, key, holding=holding))
            claims.append(claim(creator, start, end, key, holding=holding))
    return claims


@pytest.mark.untraced
@settings(deadline=None, max_examples=60)
@given(plans(), surroundings(), st.sampled_from(["draft", "confirmed"]))
def test_a_way_of_each_kind_is_found_when_and_only_when_trying_everything_finds_one(
    plan: list[Subject], claims: list[Claim], status: str
) -> None:
    world = facts(*claims)
    homes = {each.id: home(status) for each in plan}
    ground = Ground(plan, world, homes, HORIZON)
    for finding in find(plan, world):
        found = list(ways_out(finding, ground))
        for way in found:
            assert works(way, finding, plan, world, status), (finding, way)
        tried = {way.kind for way in brute(finding, plan, world, status)}
        known = {way.kind for way in found}
        assert known == tried, finding


@pytest.mark.untraced
@settings(deadline=None, max_examples=25)
@given(plans(), surroundings())
def test_the_nearest_free_times_are_told_on_both_sides(plan: list[Subject], claims: list[Claim]) -> None:
    world = facts(*claims)
    ground = Ground(plan, world, {each.id: home() for each in plan}, HORIZON)
    for finding in (each for each in find(plan, world) if each.code in CLASHES):
        found = {way.after[0].start for way in ways_out(finding, ground) if way.kind == "move"}
        all_of_them = {w.after[0].start for w in brute(finding, plan, world, "draft") if w.kind == "move"}
        start = ground.subjects[finding.show_id].start
        nearest = {max((s for s in all_of_them if s < start), default=None)}
        nearest |= {min((s for s in all_of_them if s > start), default=None)}
        assert found == nearest - {None}
