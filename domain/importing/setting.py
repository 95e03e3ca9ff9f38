"""What a row sets of a show, and which reference rows it names. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from domain.events import PlatformLink
from domain.importing.names import Known
from domain.importing.reading import Wanted

SETS: Final = {
    "room": "room_id",
    "creators": "creators",
    "platforms": "platforms",
    "show_type": "show_type",
    "show_standard": "show_standard",
    "note": "note",
}
"""The field of a show that each column sets."""


def references(row: Wanted) -> list[tuple[str, Known]]:
    """The rows that it names, each with its column."""
    found = [("room", row.room)] if row.room else []
    found += [("creators", creator) for creator in row.creators]
    found += [("platforms", platform) for platform in row.platforms]
    return [*found, ("show_type", row.show_type), ("show_standard", row.show_standard)]


def values_of(row: Wanted, links: Sequence[PlatformLink]) -> dict[str, Any]:
    """The fields that a row sets, as events hold them; a platform that the show has keeps its links."""
    there = {link.platform_id: link for link in links}
    return {
        "name": row.name,
        "start": row.start,
        "end": row.end,
        "room_id": row.room.id if row.room else None,
        "creators": tuple(creator.id for creator in row.creators),
        "platforms": tuple(there.get(p.id) or PlatformLink(p.id) for p in row.platforms),
        "show_type": row.show_type.key,
        "show_standard": row.show_standard.key,
        "note": row.note,
    }
