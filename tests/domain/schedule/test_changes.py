from datetime import timedelta
from typing import Any

import pytest

from domain.errors import ChangeConflict, EditDirectly, IllegalTransition, Invalid, NotFound
from domain.events import (
    Booking,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeOperation,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    Hold,
    ScheduleArchived,
    ScheduleEvent,
    ScheduleOpened,
    ShowCancelled,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsConfirmed,
    ShowsEdited,
    ShowsRebooked,
    ShowStarted,
    VersionNumbered,
)
from domain.schedule import changes, lifecycle
from domain.schedule.changes import Add, Cancel, NewChange, Operation, Update
from domain.schedule.planning import ShowPatch, Studio
from tests.domain.schedule.test_lifecycle import BOOKED
from tests.domain.schedule.test_planning import DRAFTED, KEYS, NOON, OPENED, new
from tests.domain.schedule.test_proposal import PROPOSED
from tests.spec import NOW, STUDIO, given, ids

CHANGE = ids()("change")
LATER = NOON + timedelta(hours=5)


def edit(**fields: Any) -> ShowEdit:
    return ShowEdit(show_id="show_tea", **fields)


def updates(before: dict[str, Any], after: dict[str, Any]) -> ChangeOperation:
    return ChangeOperation(op="update", show_id="show_tea", before=edit(**before), after=edit(**after))


def asks(*operations: ChangeOperation, needs: Any = "studio", change_id: str = CHANGE) -> ChangeProposed:
    return ChangeProposed(
        change_id=change_id,
        category="CLIENT_REQUESTED",
        change_type="OTHER",
        reason="so",
        base_version=2,
        needs=needs,
        operations=operations,
    )


RENAMES = asks(updates({"name": "Tea"}, {"name": "Coffee"}))
CANCELS = ChangeOperation(op="cancel", show_id="show_tea", reason_category="OTHER")


def update(show_id: str = "show_tea", **fields: Any) -> Update:
    return Update(show_id=show_id, set=ShowPatch(**fields))


def propose(history: given, *operations: Operation, **how: Any) -> Any:
    asked: dict[str, Any] = {"category": "x", "type": "y", "reason": " so "} | {
        name: how.pop(name) for name in ("reason", "base_version") if name in how
    }
    settings: dict[str, Any] = {
        "studio": STUDIO,
        "late_change_hours": 24,
        "approval": "studio",
        "category": "CLIENT_REQUESTED",
        "change_type": "OTHER",
        "keys": KEYS,
        "now": NOW,
    } | how
    new_change = NewChange(operations=operations, **asked)
    return history.when(changes.propose, new_change, new_id=ids(), **settings)


def test_an_update_holds_before_and_after_of_what_differs() -> None:
    propose(given(*BOOKED), update(name=" Coffee ", show_type="shtype_bau")).then(RENAMES)


def test_a_cancellation_and_an_addition_are_asked_for() -> None:
    made = ids()
    added, change = made("show"), made("change")
    show = ShowDraft(
        id=added, name="Tea", start=NOON, end=NOON + timedelta(hours=2), show_type="other",
        show_standard="standard",
    )  # fmt: skip
    cancel = Cancel(show_id="show_tea", reason_category="OTHER")
    propose(given(*BOOKED), Add(show=new()), cancel).then(
        asks(ChangeOperation(op="add", show_id=added, show=show), CANCELS, change_id=change)
    )


@pytest.mark.parametrize(
    ("approval", "client", "asks_clients", "needs"),
    [
        ("client", "client_acme", True, "client"),
        ("client", "client_acme", False, "none"),
        ("client", None, True, "none"),
        ("studio", None, False, "studio"),
        ("none", "client_acme", True, "none"),
    ],
)
def test_a_client_that_is_not_asked_approves_nothing(
    approval: str, client: str | None, asks_clients: bool, needs: str
) -> None:
    opened = ScheduleOpened(
        name=OPENED.name, studio_id=OPENED.studio_id, client_id=client, start_date=OPENED.start_date,
        end_date=OPENED.end_date,
    )  # fmt: skip
    studio = Studio(STUDIO.id, STUDIO.time_zone, STUDIO.day_start, client_approval=asks_clients)
    history = given(opened, *BOOKED[1:])
    propose(history, update(name="Coffee"), approval=approval, studio=studio).then(
        asks(*RENAMES.operations, needs=needs)
    )


@pytest.mark.parametrize("history", [(OPENED, DRAFTED), PROPOSED, (*BOOKED, ScheduleArchived())])
def test_changes_are_for_confirmed_schedules(history: tuple[ScheduleEvent, ...]) -> None:
    propose(given(*history), update(name="Coffee")).refused(EditDirectly)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (update(name="Tea"), "unchanged"),
        (update("show_none", name="Coffee"), "unknown_reference"),
        (update(end=NOON), "not_after_start"),
        (update(start=NOON - timedelta(hours=30)), "too_long"),
        (Add(show=new(end=NOON)), "not_after_start"),
        (Cancel(show_id="show_none", reason_category="OTHER"), "unknown_reference"),
    ],
)
def test_an_unsound_operation_is_refused(operation: Operation, code: str) -> None:
    propose(given(*BOOKED), operation).refused(Invalid, code)


def test_a_show_past_changing_and_one_named_twice_are_refused() -> None:
    live = (*BOOKED, ShowStarted(show_id="show_tea"))
    propose(given(*live), update(name="Coffee")).refused(Invalid, "illegal_transition")
    cancel = Cancel(show_id="show_tea", reason_category="OTHER")
    propose(given(*BOOKED), update(name="Coffee"), cancel).refused(Invalid, "repeated")


def test_the_base_version_is_one_that_there_is() -> None:
    propose(given(*BOOKED), update(name="Coffee"), base_version=3).refused(Invalid, "unknown")
    propose(given(*BOOKED), update(name="Coffee"), base_version=2).then(RENAMES)


def test_late_is_told_by_the_start_as_it_is_now() -> None:
    far = update(start=NOON + timedelta(days=9), end=NOON + timedelta(days=9, hours=1))
    soon = NOON - timedelta(hours=23)
    history = given(*BOOKED)
    propose(history, far, now=soon).refused(Invalid, "too_short")
    propose(history, update(name="Coffee"), now=soon, reason="123456789 ").refused(Invalid, "too_short")
    propose(history, update(name="Coffee"), now=NOON - timedelta(hours=24)).then(RENAMES)
    propose(history, update(name="Coffee"), now=soon, late_change_hours=22).then(RENAMES)


def test_a_change_is_decided_once() -> None:
    asked = given(*BOOKED, RENAMES)
    asked.when(changes.approve, CHANGE, on_behalf=True, note=" ok ").then(
        ChangeApproved(change_id=CHANGE, on_behalf=True, note="ok")
    )
    asked.when(changes.reject, CHANGE, note="no").then(ChangeRejected(change_id=CHANGE, note="no"))
    asked.when(changes.withdraw, CHANGE).then(ChangeWithdrawn(change_id=CHANGE))
    for decided in (ChangeApproved, ChangeRejected, ChangeWithdrawn):
        history = given(*BOOKED, RENAMES, decided(change_id=CHANGE))
        history.when(changes.approve, CHANGE).refused(IllegalTransition, command="approve")
        history.when(changes.reject, CHANGE, note="").refused(IllegalTransition, command="reject")
        history.when(changes.withdraw, CHANGE).refused(IllegalTransition, command="withdraw")
    for decision in (changes.approve, changes.withdraw, changes.acknowledge):
        given(*BOOKED).when(decision, "change_none").refused(NotFound)
    given(*BOOKED).when(changes.reject, "change_none", note="").refused(NotFound)


def test_only_what_nobody_was_asked_about_is_acknowledged_once() -> None:
    told = (*BOOKED, asks(CANCELS, needs="none"), ChangeApproved(change_id=CHANGE))
    given(*told).when(changes.acknowledge, CHANGE, note="seen").then(
        ChangeAcknowledged(change_id=CHANGE, note="seen")
    )
    given(*told, ChangeAcknowledged(change_id=CHANGE)).when(changes.acknowledge, CHANGE).then()
    given(*BOOKED, RENAMES).when(changes.acknowledge, CHANGE).refused(IllegalTransition)
    approved = given(*BOOKED, RENAMES, ChangeApproved(change_id=CHANGE))
    approved.when(changes.acknowledge, CHANGE).refused(IllegalTransition)


def edited(**fields: Any) -> ShowsEdited:
    return ShowsEdited(edits=(edit(**fields),), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start)


def test_a_change_holds_while_its_own_fields_are_as_they_were() -> None:
    other = given(*BOOKED, RENAMES, edited(note="n", room_id="room_b"))
    other.when(changes.approve, CHANGE).then(ChangeApproved(change_id=CHANGE))
    same = given(*BOOKED, RENAMES, edited(name="Cocoa"))
    fields = [{"show_id": "show_tea", "field": "name"}]
    same.when(changes.approve, CHANGE).refused(ChangeConflict, "moved", fields=fields)
    gone = given(*BOOKED, RENAMES, ShowCancelled(show_id="show_tea", reason_category="OTHER"))
    fields = [{"show_id": "show_tea", "field": "status"}]
    gone.when(changes.approve, CHANGE).refused(ChangeConflict, "moved", fields=fields)
    away = given(*BOOKED, RENAMES, ScheduleArchived())
    away.when(changes.approve, CHANGE).refused(EditDirectly)


def test_applying_edits_first_and_then_books_and_closes_with_a_version() -> None:
    added = ShowDraft(
        id="show_new", name="New", start=LATER, end=LATER + timedelta(hours=1), show_type="bau",
        show_standard="standard",
    )  # fmt: skip
    change = asks(
        updates({"start": NOON}, {"start": LATER}),
        ChangeOperation(op="add", show_id="show_new", show=added),
    )
    schedule = given(*BOOKED, change).schedule
    zone: dict[str, Any] = {"time_zone": STUDIO.time_zone, "day_start": STUDIO.day_start}
    assert changes.edits(schedule.changes[CHANGE], STUDIO) == [
        ShowDrafted(shows=(added,), **zone),
        edited(start=LATER),
    ]
    tea = Booking("show_tea", (Hold("room_a", LATER, LATER + timedelta(hours=2)),))
    fresh = Booking("show_new", ())
    given(*BOOKED, change, ShowDrafted(shows=(added,), **zone)).when(changes.book, [tea, fresh]).then(
        ShowsConfirmed(bookings=(fresh,)),
        ShowsRebooked(bookings=(tea,)),
        VersionNumbered(number=3, kind="change", show_count=2, agreed=True),
    )


def test_a_booking_cancelled_at_once_is_announced_to_its_client() -> None:
    schedule = given(*BOOKED).schedule
    events = lifecycle.cancel_show(schedule, "show_tea", reason_category="OTHER", note="flu")
    announced = changes.announced(schedule, events, ids())
    proposed = ChangeProposed(
        change_id=CHANGE,
        category="FORCE_MAJEURE",
        change_type="CANCELLATION",
        reason="flu",
        base_version=2,
        needs="none",
        operations=(CANCELS,),
    )
    assert announced == [proposed, ChangeApproved(change_id=CHANGE), *events]
    assert changes.announced(schedule, [], ids()) == []
    draft = given(OPENED, DRAFTED).schedule
    events = lifecycle.cancel_show(draft, "show_tea", reason_category="OTHER")
    assert changes.announced(draft, events, ids()) == events
