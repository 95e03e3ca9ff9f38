"""Accepting a finding about a show, and taking that back (ADR 17). What may be accepted at all, and by whom,
is said here; that it is there now is looked up."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from domain.application import Unit
from domain.conflicts import Code, Finding, Overlap, find, waivable
from domain.errors import FieldError, HeldByOther, Invalid, NoSuchConflict, NotFound, NotWaivable
from domain.events import ConflictWaived, WaiverWithdrawn
from domain.ids import NewId
from domain.schedule.booking import subject_of
from domain.schedule.machine import PLANNING
from domain.schedule.state import Schedule, Show
from domain.slots import Slot
from domain.waivers import Waiver

WAIVABLE: Final[tuple[Code, ...]] = (
    "turnaround_short",
    "room_wanted",
    "creator_wanted",
    "outside_period",
    "missing_room",
    "missing_creator",
    "missing_platform",
    "in_the_past",
)
"""`missing_creator` only where it warns."""
ADMINS: Final[frozenset[Code]] = frozenset({"turnaround_short"})
"""What blocks is waived by administrators alone."""


class Asked(Struct, frozen=True, kw_only=True):
    """Which finding of a show, and why it is accepted. `other`, the id of the show or closure on the other
    side, and `resource_id` may be left out where the code names one finding."""

    code: Code
    reason: str
    other: str | None = None
    resource_id: str | None = None


def accept(unit: Unit, schedule: Schedule, show: Show, asked: Asked) -> Waiver:
    """The waiver, new or the one that there is already.

    Raises NotWaivable, NoSuchConflict, HeldByOther, Invalid where several findings fit.
    """
    if asked.code not in WAIVABLE:
        raise not_waivable(asked.code)
    finding = pick(_findings(unit, schedule, show), asked)
    if finding.waived:
        return schedule.waivers[finding.waived.id]
    if not waivable(finding):
        raise not_waivable(asked.code)
    (given,) = waive(show, finding, asked.reason, new_id=unit.new_id)
    unit.append(schedule, [given])
    if not pick(_findings(unit, schedule, show), asked).waived:
        name = finding.other.name if finding.other else "the other side"
        raise HeldByOther(
            f"the lead or turnaround of {name!r} covers this show itself; only this show's own can be cut"
        )
    return schedule.waivers[given.waiver_id]


def pick(findings: Sequence[Finding], asked: Asked) -> Finding:
    """The one finding that is meant. Raises NoSuchConflict, Invalid."""
    found = [
        each
        for each in findings
        if each.code == asked.code
        and asked.other in (None, _other(each))
        and asked.resource_id in (None, each.resource.id if each.resource else None)
    ]
    if not found:
        raise NoSuchConflict(f"this show has no such {asked.code} now")
    if len(found) > 1:
        raise Invalid.field("other", "ambiguous", f"the show has {len(found)} of these: name the other side")
    return found[0]


def waive(show: Show, finding: Finding, reason: str, *, new_id: NewId) -> list[ConflictWaived]:
    """Accepts it as it is now. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid.field("reason", "required", "say why it is accepted")
    return [
        ConflictWaived(
            waiver_id=new_id("waiver"),
            show_id=show.id,
            code=finding.code,
            reason=reason.strip(),
            start=show.start,
            end=show.end,
            room_id=show.room_id,
            creators=show.creators,
            other=_other(finding),
            resource_id=finding.resource.id if finding.resource else None,
            overlap_start=finding.overlap.start if finding.overlap else None,
            overlap_end=finding.overlap.end if finding.overlap else None,
        )
    ]


def find_waiver(schedule: Schedule, show_id: str, waiver_id: str) -> Waiver:
    """A waiver of that show, ended or not. Raises NotFound."""
    waiver = schedule.waivers.get(waiver_id)
    if waiver is None or waiver.show_id != show_id:
        raise NotFound(f"no waiver {waiver_id}")
    return waiver


def withdraw(waiver: Waiver) -> list[WaiverWithdrawn]:
    """Takes it back; what was booked on it stays booked. One that has ended is no event."""
    return [WaiverWithdrawn(waiver_id=waiver.id, show_id=waiver.show_id)] if waiver.active else []


def overlap_of(waiver: Waiver) -> Overlap | None:
    """The common span that was accepted, in minutes as its finding told them."""
    start, end = waiver.overlap_start, waiver.overlap_end
    return Overlap(start, end, Slot(start, end).minutes) if start and end else None


def not_waivable(code: Code) -> NotWaivable:
    """The refusal of a code that nobody may accept."""
    message = f"nobody may waive {code} here; possible are {', '.join(WAIVABLE)}"
    return NotWaivable(message, errors=[FieldError("code", "not_waivable", message)], waivable=list(WAIVABLE))


def _findings(unit: Unit, schedule: Schedule, show: Show) -> list[Finding]:
    """What is found about the show now, among the others of its plan."""
    if schedule.status not in PLANNING:
        return []
    looked_at = [each for each in schedule.live_shows() if each.status in {"draft", "confirmed"}]
    subjects = [subject_of(schedule, each) for each in looked_at]
    facts = unit.references.facts(unit.connection, subjects, unit.now)
    return [finding for finding in find(subjects, facts) if finding.show_id == show.id]


def _other(finding: Finding) -> str | None:
    return finding.other.show_id or finding.other.closure_id if finding.other else None
