"""The way out of a conflict (SPEC 6): other times, rooms, creators, and swaps, each checked against all that
holds or wants something around it, found together for all findings of a plan. Pure: the surroundings are
loaded once, by `wanted_around`, and everything else is computed.

`ground` is where the shows stand and what is around them; `moves`, `rooms`, `creators` and `swaps` look for
ways of their kind; `ranking` chooses; `requests` and `titles` say what to send and what to call it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from domain.conflicts import Facts, Finding, Subject
from domain.suggesting import ranking
from domain.suggesting.creators import creators
from domain.suggesting.ground import Ground, Home
from domain.suggesting.moves import moves
from domain.suggesting.rooms import rooms
from domain.suggesting.swaps import swaps
from domain.suggesting.titles import suggestion
from domain.suggesting.ways import Way

MOST: Final = 5
"""Suggestions to one finding."""

_TIME: Final = frozenset({"outside_period", "in_the_past"})
_ROOM: Final = frozenset({"missing_room", "room_not_in_studio"})
_CREATOR: Final = frozenset({"missing_creator", "creator_banned"})


def suggest(
    findings: Iterable[Finding],
    subjects: Sequence[Subject],
    facts: Facts,
    homes: Mapping[str, Home],
    *,
    for_client: bool = False,
) -> list[Finding]:
    """The findings with at most five suggestions each, the least disturbing first.

    `subjects` are the shows that were looked at together, `homes` by their ids the plans they are in, and
    `facts` what `wanted_around` asked for. `for_client`: the requests are such as a client may send.
    """
    ground = Ground(subjects, facts, homes)
    found: list[Finding] = []
    for finding in findings:
        if finding.waived:
            found.append(finding)  # Accepted as it is: nobody looks for another way.
            continue
        ways = ranking.chosen(ways_out(finding, ground), MOST)
        told = tuple(suggestion(way, ground, for_client=for_client) for way in ways)
        found.append(replace(finding, suggestions=told))
    return found


def ways_out(finding: Finding, ground: Ground) -> Iterable[Way]:
    """Every way out that is looked for, in no order. None for what cannot be helped by time, room or
    creator, nor for shows that have begun."""
    subject = ground.subjects.get(finding.show_id)
    if subject is None or not ground.movable(subject):
        return
    kind = finding.resource.kind if finding.resource else ""
    if finding.code in _TIME:
        yield from moves(subject, ground, into=True)
    elif finding.code in _ROOM or (finding.code == "reference_deleted" and kind == "room"):
        yield from rooms(subject, ground)
    elif finding.code in _CREATOR or (finding.code == "reference_deleted" and kind == "creator"):
        yield from creators(subject, finding.resource, ground)
    elif finding.code != "reference_deleted" and kind in {"room", "creator"}:
        yield from moves(subject, ground)
        yield from swaps(subject, ground, rooms=kind == "room")
        if kind == "room":
            yield from rooms(subject, ground)
        else:
            yield from creators(subject, finding.resource, ground)
