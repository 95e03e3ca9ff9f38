"""Which ways are told: the best of each kind first, so that there is a choice, then the least disturbing."""

from collections.abc import Iterable

from domain.suggesting.ways import Way


def chosen(ways: Iterable[Way], most: int) -> list[Way]:
    """At most so many, the least disturbing first; equals stay in the order in which they were found."""
    ranked = sorted(ways, key=lambda way: way.cost)
    kinds: dict[str, int] = {}
    for place, way in enumerate(ranked):
        kinds.setdefault(way.kind, place)
    rest = [place for place in range(len(ranked)) if place not in kinds.values()]
    return [ranked[place] for place in sorted([*kinds.values(), *rest][:most])]
