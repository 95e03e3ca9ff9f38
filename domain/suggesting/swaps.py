"""Two shows of one plan exchange their rooms or their times. Each keeps its length and its creators, and with
the room it gives away no seat that it needs."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec.structs import replace

from domain.conflicts import Subject
from domain.suggesting.ground import Ground, dated
from domain.suggesting.rooms import large_enough
from domain.suggesting.ways import Way, moved


def swaps(subject: Subject, ground: Ground, *, rooms: bool) -> Iterator[Way]:
    """At most one of each: rooms (where `rooms` are concerned) with the show nearest in time, and times with
    the one that moves both the least."""
    partners = _partners(subject, ground)
    if rooms:
        yield from _first(_with_room(subject, partners, ground))
    yield from _first(_with_time(subject, partners, ground))


def _first(ways: Iterator[Way]) -> Iterator[Way]:
    way = next(ways, None)
    if way is not None:
        yield way


def _partners(subject: Subject, ground: Ground) -> list[Subject]:
    """Shows of its plan that start within the horizon, the nearest first."""
    plan: Sequence[Subject] = ground.by_start.get(ground.homes[subject.id].schedule_id, ())
    begin = bisect_left(plan, subject.start - ground.horizon, key=lambda each: each.start)
    end = bisect_right(plan, subject.start + ground.horizon, key=lambda each: each.start)
    others = (other for other in plan[begin:end] if other.id != subject.id)
    return sorted(others, key=lambda other: (abs(other.start - subject.start), other.id))


def _with_room(subject: Subject, partners: Sequence[Subject], ground: Ground) -> Iterator[Way]:
    known = ground.facts.rooms
    mine = known.get(subject.room_id) if subject.room_id else None
    if mine is None or not ground.homes[subject.id].saved:
        return
    for other in partners:
        theirs = known.get(other.room_id) if other.room_id else None
        if theirs is None or theirs.id == mine.id or mine.deleted or theirs.deleted:
            continue
        if not (mine.studio_id == theirs.studio_id == subject.studio_id):
            continue
        if not (large_enough(theirs, mine) and large_enough(mine, theirs)):
            continue
        after = (replace(subject, room_id=theirs.id), replace(other, room_id=mine.id))
        if ground.fits((subject, other), after):
            yield Way("swap", (subject, other), after)


def _with_time(subject: Subject, partners: Sequence[Subject], ground: Ground) -> Iterator[Way]:
    if not ground.homes[subject.id].saved:
        return
    for other in partners:
        if other.start - subject.start == timedelta():
            continue
        after = (moved(subject, other), moved(other, subject))
        if ground.fits((subject, other), after):
            there, here = (dated(each, ground.homes[each.id]) for each in after)
            yield Way("swap", (subject, other), (there, here))
