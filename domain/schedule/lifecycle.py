"""Start, complete and cancel shows; cancel a schedule. What is let go is said in the event."""

from datetime import datetime
from typing import Final, Literal, get_args

from domain.errors import IllegalTransition, Invalid
from domain.events import (
    Hold,
    ScheduleCancelled,
    ShowCancelled,
    ShowCompleted,
    ShowStarted,
    VersionNumbered,
)
from domain.schedule import proposal
from domain.schedule.machine import check_schedule, check_show
from domain.schedule.planning import check_editable, far_errors, find_show
from domain.schedule.state import Schedule, Show
from domain.slots import utc

ReasonCategory = Literal[
    "CREATOR_UNAVAILABLE",
    "ROOM_UNAVAILABLE",
    "EQUIPMENT_FAILURE",
    "UTILITY_OUTAGE",
    "PLATFORM_ISSUE",
    "CLIENT_REQUEST",
    "OTHER",
]
REASONS: Final[tuple[str, ...]] = get_args(ReasonCategory)


def start(schedule: Schedule, show_id: str) -> list[ShowStarted]:
    """The show goes live. The clock alone refuses nothing. Raises NotFound, IllegalTransition."""
    check_show("start", find_show(schedule, show_id).status)
    return [ShowStarted(show_id=show_id)]


def complete(
    schedule: Schedule,
    show_id: str,
    *,
    actual_start: datetime | None = None,
    actual_end: datetime | None = None,
) -> list[ShowCompleted]:
    """The show is over. What it held is cut at an earlier actual end, never extended.

    Raises NotFound, IllegalTransition, Invalid when it would end before it began.
    """
    show = find_show(schedule, show_id)
    check_show("complete", show.status)
    if far := [*far_errors(actual_start, "actual_start"), *far_errors(actual_end, "actual_end")]:
        raise Invalid(far[0].message, errors=far)
    began = utc(actual_start) if actual_start else None
    ended = utc(actual_end) if actual_end else None
    if began and ended and ended <= began:
        raise Invalid.field("actual_end", "not_after_start", "must be after actual_start")
    return [ShowCompleted(show_id=show_id, holds=cut(show, ended), actual_start=began, actual_end=ended)]


def cut(show: Show, ended: datetime | None) -> tuple[Hold, ...]:
    """What a completed show still holds: its creators to the actual end, its room for the turnaround on
    top; nothing of a resource whose span would be empty."""
    if ended is None or ended >= show.end:
        return show.holds
    saved = show.end - ended
    kept: list[Hold] = []
    for hold in show.holds:
        end = max(hold.end - saved, hold.start)
        if end > hold.start:
            kept.append(Hold(hold.resource_id, hold.start, end))
    return tuple(kept)


def cancel_show(
    schedule: Schedule, show_id: str, *, reason_category: ReasonCategory, note: str = ""
) -> list[ShowCancelled | VersionNumbered]:
    """Cancels at once and frees what the show held. In a confirmed schedule it makes a version.

    Raises NotFound, IllegalTransition.
    """
    show = find_show(schedule, show_id)
    check_show("cancel", show.status)
    if schedule.status != "confirmed":
        check_editable(schedule)
    cancelled = ShowCancelled(show_id=show_id, reason_category=reason_category, note=note)
    if schedule.status != "confirmed":
        return [cancelled]
    return [cancelled, proposal.version(schedule, proposal.next_number(schedule), "change")]


def cancel_schedule(schedule: Schedule, *, reason: str) -> list[ScheduleCancelled]:
    """Cancels its draft and confirmed shows and frees what they held; refused while a show is live.

    Raises IllegalTransition, Invalid without a reason.
    """
    check_schedule("cancel", schedule.status)
    if not reason.strip():
        raise Invalid.field("reason", "required", "say why")
    shows = schedule.live_shows()
    if on_air := [show for show in shows if show.status == "live"]:
        raise IllegalTransition(
            f"{len(on_air)} of its shows are live, such as {on_air[0].name!r}; complete them first",
            status=schedule.status,
            allowed=[],
        )
    ids = tuple(show.id for show in shows if show.status in ("draft", "confirmed"))
    return [ScheduleCancelled(reason=reason.strip(), show_ids=ids)]
