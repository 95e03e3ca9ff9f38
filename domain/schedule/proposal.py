"""Propose, approve, reject, withdraw: client and studio agree on one numbered version."""

from domain.errors import Invalid, VersionConflict
from domain.events import (
    ProposalWithdrawn,
    ScheduleProposed,
    VersionApproved,
    VersionNumbered,
    VersionRejected,
)
from domain.schedule.machine import check_schedule
from domain.schedule.planning import Studio
from domain.schedule.state import Schedule


def propose(
    schedule: Schedule, *, note: str = "", label: str = ""
) -> list[ScheduleProposed | VersionNumbered]:
    """Freezes the plan as the next version. Raises IllegalTransition."""
    check_schedule("propose", schedule.status)
    number = next_number(schedule)
    return [ScheduleProposed(number=number), version(schedule, number, "proposed", note=note, label=label)]


def approve(
    schedule: Schedule, number: int, *, on_behalf: bool = False, note: str = ""
) -> list[VersionApproved]:
    """Agrees to the current version. Approved before is no event.

    Raises IllegalTransition, VersionConflict.
    """
    check_schedule("approve", schedule.status)
    _check_current(schedule, number)
    if schedule.approved_version == number:
        return []
    return [VersionApproved(number=number, on_behalf=on_behalf, note=note)]


def reject(schedule: Schedule, number: int, reason: str, *, on_behalf: bool = False) -> list[VersionRejected]:
    """Sends the current version back to draft.

    Raises IllegalTransition, VersionConflict, Invalid without a reason.
    """
    check_schedule("reject", schedule.status)
    _check_current(schedule, number)
    if not reason.strip():
        raise Invalid.field("reason", "required", "say why, so that the planner can mend it")
    return [VersionRejected(number=number, reason=reason.strip(), on_behalf=on_behalf)]


def withdraw(schedule: Schedule) -> list[ProposalWithdrawn]:
    """Takes the proposal back to draft. Raises IllegalTransition."""
    check_schedule("withdraw", schedule.status)
    return [ProposalWithdrawn()]


def needs_approval(schedule: Schedule, studio: Studio) -> bool:
    """Whether the client must agree before shows are booked (SPEC 3): it has one, and the
    studio asks for it."""
    return schedule.client_id is not None and studio.client_approval


def next_number(schedule: Schedule) -> int:
    """The number of the version to come: numbers never return."""
    return (schedule.current_version or 0) + 1


def version(
    schedule: Schedule,
    number: int,
    kind: str,
    *,
    note: str = "",
    label: str = "",
    agreed: bool = False,
) -> VersionNumbered:
    """The event that closes a command which makes a version."""
    return VersionNumbered(
        number=number,
        kind=kind,  # type: ignore[arg-type]
        show_count=len(schedule.live_shows()),
        label=label,
        note=note,
        agreed=agreed,
    )


def _check_current(schedule: Schedule, number: int) -> None:
    if number != schedule.current_version:
        raise VersionConflict(
            f"version {number} is not the current one, {schedule.current_version} is: look at it first",
            current_version=schedule.current_version,
        )
