"""What became of a plan and its versions: who approved, rejected or cancelled it, when and why. The read
tables keep what holds now; this is folded from the plan's stream."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from domain.events import (
    ProposalWithdrawn,
    Recorded,
    ScheduleCancelled,
    ScheduleProposed,
    ScheduleReopened,
    ShowsConfirmed,
    VersionApproved,
    VersionRejected,
)


class Decision(Struct, frozen=True, kw_only=True):
    """Somebody's word on a version; `why` is the reason or note, empty where none was given."""

    number: int
    what: Literal["approved", "rejected"]
    by_id: str
    by: str
    at: datetime
    why: str
    on_behalf: bool


class Cancellation(Struct, frozen=True, kw_only=True):
    """Who cancelled a plan, when and why."""

    by_id: str
    by: str
    at: datetime
    why: str


class Decisions(Struct):
    """The last word on each version by number; `standing` is the one that the plan's next step answers, None
    where nothing was decided since it was proposed, or it was booked; `cancelled` is the last cancellation,
    also where the plan was reopened since."""

    of: dict[int, Decision]
    standing: Decision | None = None
    cancelled: Cancellation | None = None


def decisions(history: Iterable[Recorded]) -> Decisions:
    """What was decided in a plan's stream."""
    found = Decisions({})
    for recorded in history:
        event = recorded.event
        match event:
            case VersionApproved(number=number, note=why):
                found.standing = found.of[number] = _decision(recorded, "approved", event, why)
            case VersionRejected(number=number, reason=why):
                found.standing = found.of[number] = _decision(recorded, "rejected", event, why)
            case ScheduleCancelled(reason=why):
                found.standing = None
                found.cancelled = Cancellation(
                    by_id=recorded.actor.id, by=recorded.actor.name, at=recorded.at, why=why
                )
            case ScheduleProposed() | ProposalWithdrawn() | ScheduleReopened() | ShowsConfirmed():
                found.standing = None
            case _:
                pass
    return found


def _decision(
    recorded: Recorded,
    what: Literal["approved", "rejected"],
    event: VersionApproved | VersionRejected,
    why: str,
) -> Decision:
    return Decision(
        number=event.number,
        what=what,
        by_id=recorded.actor.id,
        by=recorded.actor.name,
        at=recorded.at,
        why=why,
        on_behalf=event.on_behalf,
    )
