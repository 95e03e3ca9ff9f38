"""The status machines of schedules and shows (SPEC 3 and 4), as tables: commands that move a status,
from where, to where. Whatever is not here is refused, and the refusal names what is allowed."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from domain.errors import IllegalTransition

ScheduleStatus = Literal["draft", "proposed", "confirmed", "archived", "cancelled", "other"]
ShowStatus = Literal["draft", "confirmed", "live", "completed", "cancelled", "cancelled_pending_resolution"]

SCHEDULE: Final[dict[str, dict[ScheduleStatus, ScheduleStatus]]] = {
    "propose": {"draft": "proposed"},
    "approve": {"proposed": "proposed"},
    "reject": {"proposed": "draft"},
    "withdraw": {"proposed": "draft"},
    "confirm": {"proposed": "confirmed", "confirmed": "confirmed"},
    "cancel": {"draft": "cancelled", "proposed": "cancelled", "confirmed": "cancelled"},
    "reopen": {"cancelled": "draft"},
    "archive": {"confirmed": "archived"},
    "unarchive": {"archived": "confirmed"},
    "park": {"draft": "other"},
    "resume": {"other": "draft"},
}
"""command -> from -> to."""

SHOW: Final[dict[str, dict[ShowStatus, ShowStatus]]] = {
    "confirm": {"draft": "confirmed"},
    "start": {"confirmed": "live"},
    "complete": {"live": "completed"},
    "cancel": {"draft": "cancelled", "confirmed": "cancelled"},
    "interrupt": {"confirmed": "cancelled_pending_resolution", "live": "cancelled_pending_resolution"},
    "resolve": {"cancelled_pending_resolution": "completed"},
}
"""`resolve` ends in `cancelled` or `completed`, as its outcome says."""

HOLDING: Final = frozenset[ShowStatus]({"confirmed", "live", "cancelled_pending_resolution", "completed"})
"""Shows in these statuses occupy their room and creators (SPEC 1)."""

PLANNING: Final = frozenset[ScheduleStatus]({"draft", "proposed", "confirmed"})
"""Draft shows of schedules in these statuses want their room and creators; parked, archived and
cancelled ones want nothing."""


def check_schedule(command: str, status: ScheduleStatus) -> None:
    """Raises IllegalTransition with the commands that are allowed from here."""
    _check("schedule", SCHEDULE, command, status)


def check_show(command: str, status: ShowStatus) -> None:
    """Raises IllegalTransition with the commands that are allowed from here."""
    _check("show", SHOW, command, status)


def _check(what: str, table: Mapping[str, Mapping[Any, str]], command: str, status: str) -> None:
    if status in table[command]:
        return
    allowed = sorted(name for name, arrows in table.items() if status in arrows)
    raise IllegalTransition(
        f"can't {command} a {what} that is {status}; allowed now: {', '.join(allowed) or 'nothing'}",
        status=status,
        command=command,
        allowed=allowed,
    )
