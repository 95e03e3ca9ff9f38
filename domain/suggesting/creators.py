"""Another creator in place of the one concerned, or one for a show that lacks any."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec.structs import replace

from domain.conflicts import Resource, Subject
from domain.suggesting.ground import Ground
from domain.suggesting.ways import Way

MOST: Final = 5


def creators(subject: Subject, concerned: Resource | None, ground: Ground) -> Iterator[Way]:
    """At most five: first those who host other shows of this plan."""
    return islice(_creators(subject, concerned, ground), MOST)


def _creators(subject: Subject, concerned: Resource | None, ground: Ground) -> Iterator[Way]:
    for creator in ground.creators:
        if creator.id in subject.creators:
            continue
        if concerned is None:
            hosts = (*subject.creators, creator.id)
        else:
            hosts = tuple(creator.id if each == concerned.id else each for each in subject.creators)
        there = replace(subject, creators=hosts)
        if ground.fits([subject], [there]):
            yield Way("creator", (subject,), (there,))
