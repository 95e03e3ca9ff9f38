from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.conflicts import (
    Claim,
    Code,
    CreatorFacts,
    Facts,
    Finding,
    Other,
    Overlap,
    Resource,
    RoomFacts,
    Subject,
    find,
)
from domain.slots import Slot, widened

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
BEFORE = datetime(2026, 5, 1, tzinfo=UTC)
ROOM = RoomFacts("room_a", "Studio A", "studio_1", 10, 20, deleted=False)
ADA = CreatorFacts("creator_ada", "Ada", banned=False, deleted=False)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def subject(show_id: str = "show_1", start: int = 0, end: int = 60, **more: Any) -> Subject:
    return Subject(
        **{
            "id": show_id,
            "name": show_id,
            "start": at(start),
            "end": at(end),
            "studio_id": "studio_1",
            "room_id": "room_a",
            "creators": ("creator_ada",),
            "platforms": ("platform_t",),
            "show_standard": "standard",
            "operational_day": date(2026, 5, 2),
            "created_at": BEFORE,
            "schedule_id": "schedule_1",
            "period": (date(2026, 5, 1), date(2026, 5, 31)),
        }
        | more
    )


def facts(*claims: Claim, **more: Any) -> Facts:
    return Facts(
        **{
            "rooms": {"room_a": ROOM},
            "creators": {"creator_ada": ADA},
            "deleted": {},
            "needs_creator": frozenset({"premium"}),
            "claims": claims,
            "now": BEFORE,
        }
        | more
    )


def claim(
    resource: str, start: int, end: int, *, holding: bool = True, schedule: str = "schedule_2"
) -> Claim:
    slot = Slot(at(start), at(end))
    held = widened(slot, 10, 20) if resource == "room_a" else slot
    by = Other(show_id="show_other", schedule_id=schedule, name="Other", status="confirmed", since=BEFORE)
    return Claim(resource_id=resource, slot=slot, held=held, by=by, holding=holding)


def found(*subjects: Subject, facts: Facts) -> list[tuple[Code, str, str]]:
    return [(f.code, f.severity, f.show_id) for f in find(subjects, facts)]


def test_a_clean_show_has_no_finding() -> None:
    assert find([subject()], facts(claim("room_a", 90, 120), claim("creator_ada", 60, 90))) == []


def test_a_booking_in_the_way_is_told_with_both_sides_and_the_exact_overlap() -> None:
    booked = claim("creator_ada", 30, 90)
    assert find([subject()], facts(booked)) == [
        Finding(
            code="creator_overlap",
            severity="block",
            show_id="show_1",
            resource=Resource("creator", "creator_ada", "Ada"),
            other=booked.by,
            overlap=Overlap(at(30), at(60), 30),
            message="Ada is taken by 'Other' (confirmed)",
        )
    ]


def test_a_room_is_taken_where_shows_overlap_and_short_of_time_where_only_buffers_do() -> None:
    assert found(subject(), facts=facts(claim("room_a", 59, 90))) == [("room_overlap", "block", "show_1")]
    assert found(subject(), facts=facts(claim("room_a", 60, 90))) == [("turnaround_short", "block", "show_1")]
    assert found(subject(), facts=facts(claim("room_a", 89, 120))) == [
        ("turnaround_short", "block", "show_1")
    ]
    assert found(subject(), facts=facts(claim("room_a", 90, 120))) == []


def test_a_closure_closes_a_room_and_its_turnaround() -> None:
    def closed(start: int, end: int) -> Claim:
        slot = Slot(at(start), at(end))
        by = Other(closure_id="closure_1", name="Painting", status="closed", since=BEFORE)
        return Claim(resource_id="room_a", slot=slot, held=slot, by=by, holding=True)

    assert found(subject(), facts=facts(closed(30, 40))) == [("room_closed", "block", "show_1")]
    assert found(subject(), facts=facts(closed(60, 90))) == [("turnaround_short", "block", "show_1")]
    assert found(subject(), facts=facts(closed(80, 90))) == []


def test_a_wish_of_another_schedule_warns_and_one_of_this_schedule_blocks() -> None:
    room, ada = claim("room_a", 0, 60, holding=False), claim("creator_ada", 0, 60, holding=False)
    assert found(subject(), facts=facts(room, ada)) == [
        ("creator_wanted", "warn", "show_1"),
        ("room_wanted", "warn", "show_1"),
    ]
    unsaved = claim("room_a", 0, 60, holding=False, schedule="schedule_1")
    assert found(subject(), facts=facts(unsaved)) == [("room_overlap", "block", "show_1")]


def test_two_drafts_of_one_schedule_clash_once_and_the_later_is_named() -> None:
    early, late = subject("show_1", 0, 60), subject("show_2", 30, 90)
    findings = find([late, early], facts())
    assert [(f.code, f.show_id, f.other.show_id if f.other else None) for f in findings] == [
        ("creator_overlap", "show_2", "show_1"),
        ("room_overlap", "show_2", "show_1"),
    ]


def test_a_booked_show_can_not_clash_and_a_show_never_with_itself() -> None:
    own = claim("room_a", 0, 60)
    mine = Claim(
        resource_id="room_a",
        slot=own.slot,
        held=own.held,
        by=Other(show_id="show_1", name="x", status="confirmed", since=BEFORE),
        holding=True,
    )
    assert find([subject()], facts(mine)) == []
    assert find([subject(status="confirmed")], facts(own)) == []


def test_what_is_gone_banned_or_elsewhere_blocks() -> None:
    elsewhere = RoomFacts("room_a", "Studio A", "studio_9", 0, 0, deleted=True)
    gone = CreatorFacts("creator_ada", "Ada", banned=True, deleted=True)
    world = facts(
        rooms={"room_a": elsewhere},
        creators={"creator_ada": gone},
        deleted={"platform_t": Resource("platform", "platform_t", "TikTok")},
    )
    assert [(f.code, f.resource.id if f.resource else None) for f in find([subject()], world)] == [
        ("reference_deleted", "creator_ada"),
        ("reference_deleted", "platform_t"),
        ("reference_deleted", "room_a"),
        ("room_not_in_studio", "room_a"),
    ]
    banned = facts(creators={"creator_ada": CreatorFacts("creator_ada", "Ada", banned=True, deleted=False)})
    assert found(subject(), facts=banned) == [("creator_banned", "block", "show_1")]


def test_what_is_missing_or_odd_only_warns_except_a_creator_that_the_standard_requires() -> None:
    bare = subject(room_id=None, creators=(), platforms=(), operational_day=date(2026, 6, 1))
    assert found(bare, facts=facts(now=at(1))) == [
        ("in_the_past", "warn", "show_1"),
        ("missing_creator", "warn", "show_1"),
        ("missing_platform", "warn", "show_1"),
        ("missing_room", "warn", "show_1"),
        ("outside_period", "warn", "show_1"),
    ]
    premium = subject(creators=(), show_standard="premium")
    assert found(premium, facts=facts()) == [("missing_creator", "block", "show_1")]


spans = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), max_size=12)


@given(spans, spans)
def test_room_findings_are_exactly_the_pairs_that_a_brute_force_search_finds(
    drafts: list[tuple[int, int]], bookings: list[tuple[int, int]]
) -> None:
    subjects = [subject(f"show_{n:02}", s, s + long, creators=()) for n, (s, long) in enumerate(drafts)]
    claims = [
        Claim(
            resource_id="room_a",
            slot=Slot(at(s), at(s + long)),
            held=Slot(at(s - 10), at(s + long + 20)),
            by=Other(
                show_id=f"show_b{n:02}", schedule_id="other", name="b", status="confirmed", since=BEFORE
            ),
            holding=True,
        )
        for n, (s, long) in enumerate(bookings)
    ]
    world = facts(*claims)
    expected = set[tuple[str, frozenset[str]]]()
    spans_of = {s.id: s.slot for s in subjects} | {c.key: c.slot for c in claims}
    for one in subjects:
        for other in [*(s.id for s in subjects), *(c.key for c in claims)]:
            a, b = spans_of[one.id], spans_of[other]
            if one.id == other:
                continue
            pair = frozenset({one.id, other})
            if a.start < b.end and b.start < a.end:
                expected.add(("room_overlap", pair))
            elif a.start - b.end < timedelta(minutes=30) and b.start - a.end < timedelta(minutes=30):
                expected.add(("turnaround_short", pair))
    clashes = [f for f in find(subjects, world) if f.other]
    got = [(f.code, frozenset({f.show_id, f.other.show_id or ""})) for f in clashes if f.other]
    assert len(got) == len(set(got))
    assert set(got) == expected
