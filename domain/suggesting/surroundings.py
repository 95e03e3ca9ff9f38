"""What has to be known around shows before ways out are looked for: spans of rooms and creators."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.conflicts import Claim, Facts, Other, Subject
from domain.slots import Slot
from domain.suggesting.ground import HORIZON, Ground, Home
from domain.suggesting.moves import into_window
from domain.timelines import merged

_FUSED: Final = timedelta(hours=1)
"""Spans of one room that are no farther apart are asked for as one: a span more costs less than a row that
nobody needs."""


def wanted_around(
    concerned: Iterable[str], subjects: Sequence[Subject], facts: Facts, homes: Mapping[str, Home]
) -> list[Claim]:
    """The spans to ask for, as claims whose `held` is the span. `concerned` are the ids of the shows to help;
    `facts` name every room of their studios and every creator who may be booked.

    Their own rooms and creators a horizon around them (SPEC 6, nearest slots); all others while they, or
    one that takes their place, would be on.
    """
    ground = Ground(subjects, facts, homes)
    longest = max((s.end - s.start for s in subjects), default=timedelta())
    pad = timedelta(
        minutes=max((max(r.lead_minutes, r.turnaround_minutes) for r in facts.rooms.values()), default=0)
    )
    near: list[Slot] = []
    wide: dict[str, list[Slot]] = {}
    for show_id in concerned:
        subject = ground.subjects[show_id]
        if not ground.movable(subject):
            continue
        length = max(longest, subject.end - subject.start) + pad
        near.append(Slot(subject.start - pad, subject.start + length))
        spans = [Slot(subject.start - HORIZON - pad, subject.start + HORIZON + length)]
        if _stray(subject, ground) and (into := into_window(subject, ground)):
            spans.append(Slot(into.start - pad, into.end + length))
        for resource in (subject.room_id, *subject.creators):
            if resource:
                wide.setdefault(resource, []).extend(spans)
    if not near:
        return []
    everybody = [
        *(room.id for room in facts.rooms.values() if not room.deleted),
        *(creator.id for creator in facts.creators.values() if not (creator.deleted or creator.banned)),
        *(each for s in subjects for each in (s.room_id, *s.creators) if each),
    ]
    fused = _fuse(near)
    return [
        _span(resource, slot)
        for resource in dict.fromkeys(everybody)
        for slot in (_fuse([*near, *wide[resource]]) if resource in wide else fused)
    ]


def _stray(subject: Subject, ground: Ground) -> bool:
    """Whether it is outside its period or in the past."""
    period = ground.period(subject)
    outside = period is not None and not period.start <= subject.start < period.end
    return outside or subject.start < ground.facts.now


def _fuse(slots: Iterable[Slot]) -> list[Slot]:
    padded = (Slot(slot.start, slot.end + _FUSED) for slot in slots)
    return [Slot(slot.start, slot.end - _FUSED) for slot in merged(padded)]


_NOBODY: Final = Other(name="", status="", since=datetime(1970, 1, 1, tzinfo=UTC))


def _span(resource_id: str, slot: Slot) -> Claim:
    return Claim(resource_id=resource_id, slot=slot, held=slot, by=_NOBODY, holding=False)
