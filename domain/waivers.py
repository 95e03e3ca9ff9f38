"""Findings that somebody accepted: what was accepted, and what ends it (ADR 17).

A waiver is for one show as it was then, and for one other side. It ends for good when the show's time, room
or creators are set, also to what they were; when that happens to the other show of the same plan; and when
either leaves the plan.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, Struct

from domain.events import (
    ConflictWaived,
    Recorded,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEvent,
    ShowCancelled,
    ShowsEdited,
    ShowsLeft,
    ShowsRemoved,
    WaiverWithdrawn,
)

Because = Literal["withdrawn", "moved", "removed", "cancelled", "left"]
"""Why a waiver ended: taken back, the show or the other one was moved, removed, cancelled, or went on in
another schedule."""

HELD: Final = ("start", "end", "room_id", "creators")
"""What a finding depends on, of a show."""


class Waiver(Struct, kw_only=True):
    """A finding that was accepted, by what it was about. `other` is a show's or a closure's id."""

    id: str
    show_id: str
    code: str
    reason: str
    start: datetime
    end: datetime
    room_id: str | None
    creators: tuple[str, ...]
    other: str | None
    resource_id: str | None
    overlap_start: datetime | None
    overlap_end: datetime | None
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_because: Because | None = None

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def version(self) -> int:
        """1, and 2 once it has ended."""
        return 1 + (self.ended_at is not None)


def given(event: ConflictWaived, recorded: Recorded) -> Waiver:
    """The waiver that an event tells of."""
    return Waiver(
        id=event.waiver_id,
        show_id=event.show_id,
        code=event.code,
        reason=event.reason,
        start=event.start,
        end=event.end,
        room_id=event.room_id,
        creators=event.creators,
        other=event.other,
        resource_id=event.resource_id,
        overlap_start=event.overlap_start,
        overlap_end=event.overlap_end,
        created_at=recorded.at,
        created_by=recorded.actor.id,
    )


def end(waivers: Mapping[str, Waiver], recorded: Recorded) -> None:
    """Ends those of a schedule's waivers that an event of its stream ends."""
    if not waivers or not isinstance(recorded.event, ScheduleEvent):
        return
    because, shows, withdrawn = ended_by(recorded.event)
    for waiver in waivers.values():
        concerned = waiver.id == withdrawn or waiver.show_id in shows or waiver.other in shows
        if concerned and waiver.active:
            waiver.ended_at, waiver.ended_by = recorded.at, recorded.actor.id
            waiver.ended_because = because


def ended_by(event: ScheduleEvent) -> tuple[Because, Collection[str], str | None]:
    """What an event ends: why, the waivers of which shows, or which one waiver."""
    match event:
        case ShowsEdited(edits=edits):
            moved = [e.show_id for e in edits if any(getattr(e, name) is not UNSET for name in HELD)]
            return "moved", moved, None
        case ShowsRemoved(show_ids=ids) | ScheduleDeleted(show_ids=ids):
            return "removed", ids, None
        case ShowCancelled(show_id=show_id):
            return "cancelled", (show_id,), None
        case ScheduleCancelled(show_ids=ids):
            return "cancelled", ids, None
        case ShowsLeft(show_ids=ids):
            return "left", ids, None
        case _:
            return "withdrawn", (), event.waiver_id if isinstance(event, WaiverWithdrawn) else None
