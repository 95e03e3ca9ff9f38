"""Who can host a show, as its form lists them: who is chosen first, namesakes told apart as in imports."""

from collections.abc import Collection, Sequence
from typing import Any

from psycopg import Connection

from api.http.security import Bounds
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from domain.importing.doubting import Candidate
from projections.directory import Directory

_TAIL = 6
"""Letters of an id that tell rows apart of which nothing else differs."""


def listed(creators: Sequence[Any], chosen: Collection[str]) -> list[Any]:
    """Creators by name, those that are chosen before the others."""
    return sorted(creators, key=lambda each: (each.id not in chosen, each.name))


def apart(
    connection: Connection[Any], creators: Sequence[Any], bounds: Bounds, t: Words, time: StudioTime
) -> dict[str, str]:
    """What tells those apart who have their name and alias in common, by id. Clients' users don't learn where
    else somebody is booked: to them it is the end of the id."""
    alike: dict[tuple[str, str], list[str]] = {}
    for each in creators:
        alike.setdefault((each.name, each.alias or ""), []).append(each.id)
    twins = [ids for ids in alike.values() if len(ids) > 1]
    if not twins:
        return {}
    known = Directory().candidates(connection, {each for ids in twins for each in ids})
    found: dict[str, str] = {}
    for ids in twins:
        told = {each: _told(known[each], t, time) if bounds.clients is None else "" for each in ids}
        for each, text in told.items():
            same = sum(other == text for other in told.values()) > 1
            found[each] = ", ".join(filter(None, (text, f"…{each[-_TAIL:]}" if same else "")))
    return found


def _told(known: Candidate, t: Words, time: StudioTime) -> str:
    """Where and when somebody is on: studios, clients, how many shows from when to when."""
    if known.first is None or known.last is None:
        added = time.dated(time.day(known.created_at)) if known.created_at else ""
        return t("show_field.unused", day=added)
    used = t("show_field.used", count=known.shows, start=time.dated(known.first), end=time.dated(known.last))
    return ", ".join((*known.studios, *known.clients, used))
