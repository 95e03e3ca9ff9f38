"""Which commands of a schedule a user may send now. Nothing is ruled here: each one asks the policy whether
the user may, and the decision itself whether it would be refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from psycopg import Connection

from api import access
from api.http.security import Principal, may
from domain.access import Action
from domain.errors import DomainError
from domain.event_log import EventLog
from domain.schedule import booking, changes, commenting, lifecycle, planning, proposal, versions
from domain.schedule.planning import SchedulePatch, Studio
from domain.schedule.state import Change, Schedule, replay
from projections import comments
from projections.comments import CommentRow

Trial = Callable[[Schedule, Studio], Any]

_TRIALS: Final[Mapping[str, Trial]] = {
    "draft": lambda schedule, _: planning.check_editable(schedule) or True,
    "edit": lambda schedule, _: planning.edit_schedule(schedule, SchedulePatch()) or True,
    "propose": lambda schedule, _: proposal.propose(schedule),
    "withdraw": lambda schedule, _: proposal.withdraw(schedule),
    "confirm": lambda schedule, studio: booking.candidates(schedule, None, studio),
    "park": lambda schedule, _: lifecycle.park(schedule, ""),
    "resume": lambda schedule, _: lifecycle.resume(schedule),
    "cancel": lambda schedule, _: lifecycle.cancel_schedule(schedule, reason="-"),
    "reopen": lambda schedule, _: lifecycle.reopen(schedule),
    "archive": lambda schedule, _: lifecycle.archive(schedule),
    "unarchive": lambda schedule, _: lifecycle.unarchive(schedule),
    "delete": lambda schedule, _: lifecycle.delete(schedule),
    "checkpoint": lambda schedule, _: versions.checkpoint(schedule, label="-"),
}
"""Commands of planners, each tried on a schedule: what it answers is empty where there is nothing to do."""


def acts(user: Principal, schedule: Schedule, studio: Studio | None) -> frozenset[str]:
    """The commands that would be taken now: those of `_TRIALS`, `approve` and `reject`, `duplicate`,
    `restore` (of a deleted one), `go_back` (to a version), `ask` (for a change), `comment`."""
    place = {"studio_id": schedule.studio_id, "client_id": schedule.client_id}
    plans = may(user, Action.PLAN, **place)
    if schedule.deleted_at is not None:
        return frozenset({"restore"} if plans else ())
    found = {"comment"} if may(user, Action.COMMENT, **place) else set[str]()
    if studio is None:
        return frozenset(found)
    if plans:
        found.add("duplicate")
        found.update(name for name, trial in _TRIALS.items() if _taken(trial, schedule, studio))
        if schedule.status == "confirmed" or "draft" in found:
            found.add("go_back")
    if schedule.status == "confirmed" and may(user, Action.PROPOSE_CHANGE, **place):
        found.add("ask")
    return frozenset(found | _decisions(user, schedule, studio))


def of_change(user: Principal, schedule: Schedule, change: Change) -> frozenset[str]:
    """What the user may do with a change now: approve, reject, withdraw, acknowledge. Who decides what others
    asked for is not offered to withdraw it too, though planners may."""
    place = {"studio_id": schedule.studio_id, "client_id": schedule.client_id}
    found: set[str] = set()
    if change.status == "proposed":
        if _allowed(lambda: access.check_change(user, schedule, change)):
            found |= {"approve", "reject"}
        own = change.proposed_by == user.id
        if (
            (own or not found)
            and may(user, Action.PROPOSE_CHANGE, **place)
            and _allowed(lambda: access.check_withdrawing(user, schedule, change))
        ):
            found.add("withdraw")
    elif may(user, Action.DECIDE, **place) and _taken(
        lambda plan, _: changes.acknowledge(plan, change.id), schedule, None
    ):
        found.add("acknowledge")
    return frozenset(found)


def of_comment(
    connection: Connection[Any], user: Principal, schedule: Schedule, comment_id: str
) -> frozenset[str]:
    """`see`, where the comment waits for this user to say that it was seen. `schedule` tells of it."""
    place = {"studio_id": schedule.studio_id, "client_id": schedule.client_id}
    if schedule.deleted_at is not None or not may(user, Action.PLAN, **place):
        return frozenset()
    of_client = comments.of_client(connection, comment_id)

    def tried(plan: Schedule, _: Studio | None) -> Any:
        return commenting.acknowledge(plan, comment_id, by=user.id, of_client=of_client)

    return frozenset({"see"} if _taken(tried, schedule, None) else ())


def unseen(connection: Connection[Any], log: EventLog, user: Principal, said: Sequence[CommentRow]) -> str:
    """Which comment of all on one thing waits for this user to say that it was seen: the last one, or none,
    which is empty."""
    last = said[-1] if said else None
    plan = replay(log.stream(last.schedule_id)) if last and not last.acknowledged_at else None
    return last.id if last and plan and of_comment(connection, user, plan, last.id) else ""


def _decisions(user: Principal, schedule: Schedule, studio: Studio) -> set[str]:
    number = schedule.current_version
    theirs = schedule.client_id is not None
    action = Action.DECIDE if theirs else Action.DECIDE_FOR_STUDIO
    if number is None or not may(user, action, studio_id=schedule.studio_id, client_id=schedule.client_id):
        return set()
    author = next((each.created_by for each in schedule.versions if each.number == number), None)
    own = proposal.needs_approval(schedule, studio) and author == user.id
    if own and not user.is_system_admin:
        return set()
    trials: dict[str, Trial] = {
        "approve": lambda plan, _: proposal.approve(plan, number),
        "reject": lambda plan, _: proposal.reject(plan, number, "-"),
    }
    return {name for name, trial in trials.items() if _taken(trial, schedule, studio)}


def _taken(trial: Callable[[Schedule, Any], Any], schedule: Schedule, studio: Studio | None) -> bool:
    try:
        return bool(trial(schedule, studio))
    except DomainError:
        return False


def _allowed(check: Callable[[], Any]) -> bool:
    """Whether a check does not refuse."""
    try:
        check()
    except DomainError:
        return False
    return True
