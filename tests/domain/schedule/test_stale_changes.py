"""Changes that outlived the plan they were asked on: found by the model (tests/model)."""

from datetime import timedelta

from domain.errors import ChangeConflict
from domain.schedule import changes
from tests.domain.schedule.test_changes import CHANGE, asks, edited, updates
from tests.domain.schedule.test_lifecycle import BOOKED
from tests.domain.schedule.test_planning import NOON
from tests.spec import given


def test_two_changes_that_leave_a_show_without_a_span_are_not_both_applied() -> None:
    earlier = asks(updates({"end": NOON + timedelta(hours=2)}, {"end": NOON + timedelta(minutes=10)}))
    started_later = edited(start=NOON + timedelta(minutes=30))
    (
        given(*BOOKED, earlier, started_later)
        .when(changes.approve, CHANGE)
        .refused(ChangeConflict, "moved", fields=[{"show_id": "show_tea", "field": "start"}])
    )
