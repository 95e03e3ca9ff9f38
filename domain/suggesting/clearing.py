"""One way out for each of many shows at once, for all to be taken, in any order."""

from collections.abc import Iterable, Iterator

from domain.conflicts import Resource, Subject
from domain.suggesting import ranking
from domain.suggesting.creators import creators
from domain.suggesting.ground import Ground
from domain.suggesting.moves import moves
from domain.suggesting.rooms import rooms
from domain.suggesting.ways import Way


def cleared(subjects: Iterable[Subject], ground: Ground, gone: Resource | None) -> dict[str, Way]:
    """By show the way out that disturbs least; shows without one, or that have begun, are left out. `gone` is
    the room or creator that they lose; None where only another time helps.

    In order of start, each is put where nothing is by then: not what the others hold now either, as it may be
    moved before they are. Swaps aren't looked for, as one would bring a show to what is gone.
    """
    found: dict[str, Way] = {}
    for subject in sorted(subjects, key=lambda each: (each.start, each.id)):
        if subject.start <= ground.facts.now:
            continue
        for way in ranking.chosen(_ways(subject, ground, gone), 1):
            found[subject.id] = way
            ground.take(way.after[0])
    return found


def _ways(subject: Subject, ground: Ground, gone: Resource | None) -> Iterator[Way]:
    yield from moves(subject, ground)
    if gone and gone.kind == "room":
        yield from rooms(subject, ground)
    elif gone:
        yield from creators(subject, gone, ground)
