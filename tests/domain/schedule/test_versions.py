from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given as each
from hypothesis import strategies as st

from domain.errors import EditDirectly, IllegalTransition, NotFound
from domain.events import (
    Booking,
    ChangeOperation,
    ChangeProposed,
    ProposalWithdrawn,
    ScheduleEdited,
    ScheduleEvent,
    ScheduleProposed,
    ShowCancelled,
    ShowDrafted,
    ShowEdit,
    ShowsConfirmed,
    ShowsEdited,
    ShowsLeft,
    ShowsRemoved,
    ShowsRestored,
    VersionDeleted,
    VersionEdited,
    VersionRestored,
)
from domain.schedule import versions
from domain.schedule.versions import Differences, ShowChanged
from tests.domain.schedule.test_planning import DRAFTED, NOON, OPENED, TEA, edited
from tests.domain.schedule.test_proposal import PROPOSED, version
from tests.spec import STREAM, STUDIO, given, ids, recorded

CHECKED = (OPENED, DRAFTED, version(1, "checkpoint", label="first"))
DRAFT_AGAIN = (*PROPOSED, ProposalWithdrawn())
SECOND = msgspec.structs.replace(TEA, id="show_two", name="Two", external_id="SH-2")
ADDED = ShowDrafted(shows=(SECOND,), time_zone=STUDIO.time_zone, day_start=STUDIO.day_start)


def restore(history: tuple[ScheduleEvent, ...], number: int = 1) -> Any:
    target = versions.as_of(recorded(history), number)
    return given(*history).when(versions.restore, target, number, studio=STUDIO, new_id=ids())


def test_a_checkpoint_numbers_the_plan_as_it_is() -> None:
    given(OPENED, DRAFTED).when(versions.checkpoint, label=" first ", note="so far").then(
        version(1, "checkpoint", label="first", note="so far")
    )


def test_a_plan_that_has_not_changed_needs_no_other_version() -> None:
    given(*CHECKED).when(versions.checkpoint, label="again").then()


def test_only_what_a_version_is_called_is_edited() -> None:
    given(*CHECKED).when(versions.edit, 1, label="first", note="mended").then(
        VersionEdited(number=1, note="mended")
    )
    given(*CHECKED).when(versions.edit, 1, label="first").then()
    given(*CHECKED).when(versions.edit, 2, label="x").refused(NotFound)


def test_a_checkpoint_is_deleted_and_comes_back() -> None:
    gone = (*CHECKED, VersionDeleted(number=1))
    given(*CHECKED).when(versions.delete, 1).then(VersionDeleted(number=1))
    given(*gone).when(versions.delete, 1).then()
    given(*gone).when(versions.edit, 1, label="x").refused(NotFound)
    given(*gone).when(versions.undelete, 1).then(VersionRestored(number=1))
    given(*CHECKED).when(versions.undelete, 1).then()


def test_what_was_proposed_is_never_deleted() -> None:
    given(*PROPOSED).when(versions.delete, 1).refused(IllegalTransition, allowed=[])


def test_two_versions_differ_by_the_identity_of_shows() -> None:
    later = (*DRAFT_AGAIN, edited(name="High tea", room_id="room_a"), ADDED)
    before, after = given(*DRAFT_AGAIN).schedule, given(*later).schedule
    fields = {
        "name": {"from": "Tea", "to": "High tea"},
        "room_id": {"from": None, "to": "room_a"},
    }
    assert versions.differences(before, after) == Differences(
        added=[after.shows["show_two"]], removed=[], changed=[ShowChanged("show_tea", "High tea", fields)]
    )
    assert versions.differences(after, before).removed == [after.shows["show_two"]]


def test_a_status_is_a_difference() -> None:
    cancelled = ShowCancelled(show_id="show_tea", reason_category="OTHER")
    found = versions.differences(given(*DRAFT_AGAIN).schedule, given(*DRAFT_AGAIN, cancelled).schedule)
    assert found.changed == [ShowChanged("show_tea", "Tea", {"status": {"from": "draft", "to": "cancelled"}})]


def test_a_status_that_came_with_the_confirmation_of_the_plan_is_told_apart() -> None:
    two = (*DRAFT_AGAIN, ADDED)
    booked = (*two, ShowsConfirmed(bookings=tuple(Booking(each, ()) for each in ("show_tea", "show_two"))))
    later = (*booked, edited(name="High tea"))
    found = versions.differences(given(*two).schedule, given(*later).schedule)
    assert found.confirmed == ["show_tea", "show_two"]
    name = ShowChanged("show_tea", "High tea", {"name": {"from": "Tea", "to": "High tea"}})
    assert versions.beyond(found.changed, found.confirmed) == [name]
    back = versions.differences(given(*later).schedule, given(*two).schedule)
    assert back.confirmed == ["show_tea", "show_two"]
    gone = (*booked, ShowCancelled(show_id="show_tea", reason_category="OTHER"))
    after = versions.differences(given(*booked).schedule, given(*gone).schedule)
    assert (after.confirmed, [each.show_id for each in after.changed]) == ([], ["show_tea"])


def test_restoring_removes_brings_back_and_edits_back() -> None:
    two = (OPENED, DRAFTED, ADDED, ScheduleProposed(number=1), version(1), ProposalWithdrawn())
    extra = msgspec.structs.replace(TEA, id="show_extra")
    zone = {"time_zone": STUDIO.time_zone, "day_start": STUDIO.day_start}
    restore(
        (
            *two,
            edited(name="High tea"),
            ShowsRemoved(show_ids=("show_tea", "show_two")),
            ShowDrafted(shows=(extra,), **zone),
        )
    ).then(
        ShowsRemoved(show_ids=("show_extra",)),
        ShowsRestored(show_ids=("show_tea", "show_two")),
        ShowsEdited(edits=(ShowEdit(show_id="show_tea", name="Tea"),), **zone),
        msgspec.structs.replace(version(2, "restored", note="version 1"), show_count=2),
    )


def test_a_cancelled_show_comes_back_under_a_new_id_once() -> None:
    history = (*DRAFT_AGAIN, ShowCancelled(show_id="show_tea", reason_category="OTHER"))
    again = msgspec.structs.replace(TEA, id=ids()("show"), restored_from="show_tea")
    drafted = msgspec.structs.replace(DRAFTED, shows=(again,))
    closing = msgspec.structs.replace(version(2, "restored", note="version 1"), show_count=2)
    restore(history).then(drafted, closing)
    restore((*history, drafted, closing)).then()
    renamed = ShowsEdited(
        edits=(ShowEdit(show_id=again.id, name="X"),), time_zone="Asia/Bangkok", day_start="06:00"
    )
    back = msgspec.structs.replace(renamed, edits=(ShowEdit(show_id=again.id, name="Tea"),))
    restore((*history, drafted, closing, renamed)).then(
        back, msgspec.structs.replace(version(3, "restored", note="version 1"), show_count=2)
    )


def test_a_show_that_moved_away_does_not_come_back() -> None:
    """It lives in another schedule: here it would be there twice."""
    two = (OPENED, DRAFTED, ADDED, version(1, "checkpoint"))
    left = ShowsLeft(show_ids=("show_two",), to="schedule_b")
    moved = (*two, left, version(2, "change"))
    restore(moved).then()
    zone: Any = {"time_zone": STUDIO.time_zone, "day_start": STUDIO.day_start}
    restore((*moved, edited(name="High tea"))).then(
        ShowsEdited(edits=(ShowEdit(show_id="show_tea", name="Tea"),), **zone),
        version(3, "restored", note="version 1"),
    )
    bookings = (Booking("show_tea", ()), Booking("show_two", ()))
    booked = (*two, ShowsConfirmed(bookings=bookings), version(2, "confirmed"))
    target = versions.as_of(recorded(booked), 2)
    given(*booked, left, version(3, "change", agreed=True)).when(
        versions.asked_back, target, 2, studio=STUDIO, approval="client", new_id=ids()
    ).then()


def test_what_stood_in_for_a_show_and_moved_away_is_not_drafted_again() -> None:
    cancelled = ShowCancelled(show_id="show_tea", reason_category="OTHER")
    again = msgspec.structs.replace(TEA, id="show_again", restored_from="show_tea")
    drafted = msgspec.structs.replace(DRAFTED, shows=(again,))
    left = ShowsLeft(show_ids=("show_again",), to="schedule_b")
    history = (*CHECKED, cancelled, drafted, version(2, "restored"), left, version(3, "change"))
    restore(history).then()
    # Version 2 had the stand-in itself, beside the cancelled one.
    restore(history, 2).then()


def test_the_schedules_own_header_comes_back_too() -> None:
    renamed = ScheduleEdited(name="June", end_date=date(2026, 6, 30), note="n")
    restore((*DRAFT_AGAIN, renamed)).then(
        ScheduleEdited(name=OPENED.name, end_date=OPENED.end_date, note=OPENED.note),
        version(2, "restored", note="version 1"),
    )


def test_the_plan_that_it_is_already_is_not_restored() -> None:
    restore(DRAFT_AGAIN).then()


def test_only_a_draft_is_restored_directly() -> None:
    restore(PROPOSED).refused(IllegalTransition, status="proposed")


def test_a_confirmed_schedule_asks_for_the_change_that_would_bring_it_back() -> None:
    two = (OPENED, DRAFTED, ADDED, ScheduleProposed(number=1), version(1), ProposalWithdrawn())
    extra = msgspec.structs.replace(TEA, id="show_extra")
    zone = {"time_zone": STUDIO.time_zone, "day_start": STUDIO.day_start}
    history = (
        *two,
        edited(name="High tea"),
        ShowsRemoved(show_ids=("show_two",)),
        ShowDrafted(shows=(extra,), **zone),
        ScheduleProposed(number=2),
        version(2),
        ShowsConfirmed(bookings=(Booking("show_tea", ()), Booking("show_extra", ()))),
        version(3, "confirmed"),
    )
    target = versions.as_of(recorded(history), 1)
    make = ids()
    again = msgspec.structs.replace(SECOND, id=make("show"), restored_from="show_two")
    decided = given(*history).when(
        versions.asked_back, target, 1, studio=STUDIO, approval="client", new_id=ids()
    )
    decided.then(
        ChangeProposed(
            change_id=make("change"),
            category="OPERATIONAL",
            change_type="OTHER",
            reason="back to version 1",
            base_version=3,
            needs="client",
            operations=(
                ChangeOperation(op="add", show_id=again.id, show=again),
                ChangeOperation(
                    op="update",
                    show_id="show_tea",
                    before=ShowEdit(show_id="show_tea", name="High tea"),
                    after=ShowEdit(show_id="show_tea", name="Tea"),
                ),
                ChangeOperation(op="cancel", show_id="show_extra", reason_category="OTHER"),
            ),
        )
    )
    now = versions.as_of(recorded(history), 3)
    how: Any = {"studio": STUDIO, "approval": "client", "new_id": ids()}
    given(*history).when(versions.asked_back, now, 3, **how).then()
    given(*two).when(versions.asked_back, target, 1, **how).refused(EditDirectly)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "remove", "restore", "draft", "number", "cancel", "note"]),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=25,
)


def event_of(  # noqa: PLR0911 - one a step
    history: list[ScheduleEvent], step: tuple[str, int, int]
) -> ScheduleEvent | None:
    """What the step does to the plan, None where it would do nothing."""
    kind, which, value = step
    schedule = given(*history).schedule
    show = schedule.shows.get(f"show_{which}")
    zone = {"time_zone": STUDIO.time_zone, "day_start": STUDIO.day_start}
    match kind:
        case "number":
            return version((schedule.current_version or 0) + 1, "checkpoint")
        case "note":
            return ScheduleEdited(note="n" * value) if schedule.note != "n" * value else None
        case "draft" if show is None:
            return ShowDrafted(shows=(msgspec.structs.replace(TEA, id=f"show_{which}"),), **zone)
        case "edit" if show and not show.deleted_at and show.status == "draft":
            start = NOON - timedelta(hours=value)
            edit = ShowEdit(show_id=show.id, start=start, creators=tuple("abc"[:value]))
            return ShowsEdited(edits=(edit,), **zone)
        case "remove" if show and not show.deleted_at and show.status == "draft":
            return ShowsRemoved(show_ids=(show.id,))
        case "cancel" if show and not show.deleted_at and show.status == "draft":
            return ShowCancelled(show_id=show.id, reason_category="OTHER")
        case "restore" if show and show.deleted_at:
            return ShowsRestored(show_ids=(show.id,))
        case _:
            return None


@each(EDITS, st.data())
def test_a_restored_plan_does_not_differ_from_its_version(
    steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    history: list[ScheduleEvent] = [OPENED, version(1, "checkpoint")]
    for step in steps:  # A cancelled show stays beside the one that comes back for it.
        if step[0] != "cancel" and (event := event_of(history, step)):
            history.append(event)
    number = data.draw(st.integers(1, given(*history).schedule.current_version or 1))
    target = versions.as_of(recorded(history, STREAM), number)
    events = versions.restore(given(*history).schedule, target, number, studio=STUDIO, new_id=ids())
    after = given(*history, *events).schedule
    target = versions.as_of(recorded(history, STREAM), number)
    assert versions.differences(target, after) == Differences(added=[], removed=[], changed=[])
    assert after.note == target.note
    assert [v.show_count for v in after.versions[-1:] if events] == [len(after.live_shows())] * bool(events)
    assert versions.restore(after, target, number, studio=STUDIO, new_id=ids()) == []
