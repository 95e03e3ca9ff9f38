"""Every other arrow of the two status machines: shows start, end and break off; schedules are cancelled,
put away and brought back. What is let go is said in the event."""

from datetime import datetime
from typing import Final, Literal, get_args

from domain.errors import IllegalTransition, Invalid
from domain.events import (
    Hold,
    ScheduleArchived,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleParked,
    ScheduleReopened,
    ScheduleRestored,
    ScheduleResumed,
    ScheduleUnarchived,
    ShowCancelled,
    ShowCompleted,
    ShowInterrupted,
    ShowResolved,
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
    number = proposal.next_number(schedule)
    return [cancelled, proposal.version(schedule, number, "change", agreed=True)]


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


def archive(schedule: Schedule) -> list[ScheduleArchived]:
    """Puts it away once every show is completed or cancelled. Raises IllegalTransition."""
    check_schedule("archive", schedule.status)
    if unfinished := [s for s in schedule.live_shows() if s.status not in ("completed", "cancelled")]:
        raise IllegalTransition(
            f"{len(unfinished)} of its shows are not over yet, such as {unfinished[0].name!r}",
            status=schedule.status,
            allowed=[],
        )
    return [ScheduleArchived()]


def unarchive(schedule: Schedule) -> list[ScheduleUnarchived]:
    """Takes it out again. Raises IllegalTransition."""
    check_schedule("unarchive", schedule.status)
    return [ScheduleUnarchived()]


def reopen(schedule: Schedule) -> list[ScheduleReopened]:
    """Back to draft, with exactly the shows that its cancellation took. Raises IllegalTransition."""
    check_schedule("reopen", schedule.status)
    return [ScheduleReopened(show_ids=schedule.cancelled_with)]


def park(schedule: Schedule, status_id: str) -> list[ScheduleParked]:
    """Sets a draft aside under a status that means "other". Raises IllegalTransition."""
    check_schedule("park", schedule.status)
    return [ScheduleParked(status_id=status_id)]


def resume(schedule: Schedule) -> list[ScheduleResumed]:
    """Back to draft. Raises IllegalTransition."""
    check_schedule("resume", schedule.status)
    return [ScheduleResumed()]


def delete(schedule: Schedule) -> list[ScheduleDeleted]:
    """Soft, with its shows; only while no show of it was ever confirmed. Deleted before is no event.

    Raises IllegalTransition.
    """
    if schedule.deleted_at is not None:
        return []
    if schedule.booked_once:
        raise IllegalTransition(
            "shows of this schedule were booked: cancel or archive it instead",
            status=schedule.status,
            allowed=[],
        )
    return [ScheduleDeleted(show_ids=tuple(show.id for show in schedule.live_shows()))]


def restore(schedule: Schedule) -> list[ScheduleRestored]:
    """Brings it back with the shows that were deleted with it. Not deleted is no event."""
    return [ScheduleRestored(show_ids=schedule.deleted_with)] if schedule.deleted_at is not None else []


def interrupt(
    schedule: Schedule, show_id: str, *, reason_category: ReasonCategory, note: str = ""
) -> list[ShowInterrupted]:
    """Something is wrong with a booked or live show; it holds what it held until it is resolved.

    Raises NotFound, IllegalTransition.
    """
    check_show("interrupt", find_show(schedule, show_id).status)
    return [ShowInterrupted(show_id=show_id, reason_category=reason_category, note=note)]


def resolve(
    schedule: Schedule, show_id: str, *, outcome: Literal["cancelled", "completed"], note: str = ""
) -> list[ShowResolved]:
    """How an interruption ended: cancelled lets everything go, completed keeps what was held.

    Raises NotFound, IllegalTransition.
    """
    show = find_show(schedule, show_id)
    check_show("resolve", show.status)
    holds = show.holds if outcome == "completed" else ()
    return [ShowResolved(show_id=show_id, outcome=outcome, holds=holds, note=note)]
