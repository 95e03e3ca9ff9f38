"""What may be done with a show now: by this user, by the status machines, by what its plan is."""

from typing import Final

from api.http.security import Principal, may
from domain.access import Action
from domain.schedule.machine import SCHEDULE, SHOW
from projections.schedules import ScheduleRow
from projections.shows import ShowRow

_COMMANDS: Final = ("start", "complete", "interrupt", "resolve")
_MOVABLE: Final = frozenset({"draft", "confirmed"})


def allowed(
    user: Principal, show: ShowRow, plan: ScheduleRow, *, asks_client: bool, author: str | None
) -> frozenset[str]:
    """Names of commands. `asks_client`: the client approves what is proposed; `author` proposed it. The
    server decides each command anew: this says which buttons are worth showing."""
    place = {"studio_id": show.studio_id, "client_id": show.client_id}
    plans, decides = may(user, Action.PLAN, **place), may(user, Action.DECIDE_FOR_STUDIO, **place)
    found = {"comment"} if may(user, Action.COMMENT, **place) else set[str]()
    if show.deleted_at is not None or plan.deleted_at is not None:
        gone = plans and plan.deleted_at is None and plan.status == "draft"
        return frozenset(found | {"restore"} if gone else found - {"comment"})
    if plans:
        found |= _planning(show, plan)
        found.update(command for command in _COMMANDS if show.status in SHOW[command])
    if plan.status == "confirmed" and show.status in _MOVABLE and may(user, Action.PROPOSE_CHANGE, **place):
        found.add("change")
    at_will = show.status == "draft" and plan.status in _MOVABLE
    if show.status in SHOW["cancel"] and (plans if at_will else decides) and plan.status in _MOVABLE:
        found.add("cancel")
    if plan.kind == "single" and plans:
        found |= {"go_back"} if plan.status in _MOVABLE else set()
        found |= {"checkpoint"} if plan.has_unversioned_edits or plan.current_version is None else set()
    if plan.kind == "single" and show.status == "draft":
        found |= _agreeing(user, plan, plans=plans, asks_client=asks_client, author=author)
    return frozenset(found)


def _planning(show: ShowRow, plan: ScheduleRow) -> set[str]:
    """What planners do with drafts and bookings in plans that are open."""
    found: set[str] = set()
    if show.status == "draft" and plan.status == "draft":
        found |= {"edit", "remove"}
    if show.status == "draft" and plan.status == "confirmed":
        found.add("book")
    if plan.status in SCHEDULE["withdraw"]:
        found.add("unfreeze")
    if show.status in _MOVABLE and plan.status in _MOVABLE:
        found.add("move")
    return found


def _agreeing(
    user: Principal, plan: ScheduleRow, *, plans: bool, asks_client: bool, author: str | None
) -> set[str]:
    """A standalone show is agreed by itself."""
    found: set[str] = set()
    agreed = not asks_client or (plan.status == "proposed" and plan.approved_version == plan.current_version)
    if plans and agreed and plan.status in {"draft", "proposed"}:
        found.add("confirm")
    if plans and asks_client and plan.status in SCHEDULE["propose"]:
        found.add("propose")
    if plans and plan.status in SCHEDULE["withdraw"]:
        found.add("withdraw")
    action = Action.DECIDE if asks_client else Action.DECIDE_FOR_STUDIO
    decides = may(user, action, studio_id=plan.studio_id, client_id=plan.client_id)
    if decides and plan.status in SCHEDULE["approve"] and (user.is_system_admin or author != user.id):
        found.add("reject")
        if plan.approved_version != plan.current_version:
            found.add("approve")
    return found
