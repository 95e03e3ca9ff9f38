from typing import Any

from domain.errors import IllegalTransition, Invalid, VersionConflict
from domain.events import (
    ProposalWithdrawn,
    ScheduleProposed,
    VersionApproved,
    VersionNumbered,
    VersionRejected,
)
from domain.schedule import proposal
from domain.schedule.planning import Studio
from tests.domain.schedule.test_planning import DRAFTED, OPENED
from tests.spec import STUDIO, given


def version(number: int, kind: Any = "proposed", **more: Any) -> VersionNumbered:
    return VersionNumbered(number=number, kind=kind, show_count=1, **more)


PROPOSED = (OPENED, DRAFTED, ScheduleProposed(number=1), version(1))


def test_proposing_numbers_a_version_with_its_note() -> None:
    given(OPENED, DRAFTED).when(proposal.propose, note="first").then(
        ScheduleProposed(number=1), version(1, note="first")
    )


def test_numbers_never_return() -> None:
    given(*PROPOSED, ProposalWithdrawn()).when(proposal.propose).then(ScheduleProposed(number=2), version(2))


def test_what_is_proposed_is_not_proposed_again() -> None:
    given(*PROPOSED).when(proposal.propose).refused(
        IllegalTransition, allowed=["approve", "cancel", "confirm", "reject", "withdraw"]
    )


def test_the_current_version_is_approved_once() -> None:
    approved = VersionApproved(number=1, on_behalf=True)
    given(*PROPOSED).when(proposal.approve, 1, on_behalf=True).then(approved)
    given(*PROPOSED, approved).when(proposal.approve, 1).then()


def test_another_version_than_the_current_one_is_not_decided() -> None:
    given(*PROPOSED).when(proposal.approve, 2).refused(VersionConflict, current_version=1)
    given(*PROPOSED).when(proposal.reject, 0, "no").refused(VersionConflict, current_version=1)


def test_a_rejection_says_why_and_opens_the_draft_again() -> None:
    rejected = VersionRejected(number=1, reason="too late")
    given(*PROPOSED).when(proposal.reject, 1, " too late ").then(rejected)
    given(*PROPOSED).when(proposal.reject, 1, " ").refused(Invalid, "required")
    schedule = given(*PROPOSED, VersionApproved(number=1), rejected).schedule
    assert (schedule.status, schedule.current_version, schedule.approved_version) == ("draft", 1, None)


def test_a_proposal_is_withdrawn_only_while_it_stands() -> None:
    given(*PROPOSED).when(proposal.withdraw).then(ProposalWithdrawn())
    given(OPENED).when(proposal.withdraw).refused(IllegalTransition, allowed=["cancel", "park", "propose"])


def test_approval_is_needed_with_a_client_in_a_studio_that_asks() -> None:
    schedule = given(OPENED).schedule
    lenient = Studio(STUDIO.id, "UTC", "06:00", client_approval=False)
    assert proposal.needs_approval(schedule, STUDIO)
    assert not proposal.needs_approval(schedule, lenient)
    schedule.client_id = None
    assert not proposal.needs_approval(schedule, STUDIO)


def test_a_version_tells_whether_the_plan_moved_on() -> None:
    assert given(OPENED, DRAFTED).schedule.has_unversioned_edits
    assert not given(*PROPOSED).schedule.has_unversioned_edits
