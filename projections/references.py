"""What decisions ask of the rest of the world (`domain.application.References`), answered from the read
tables inside the command's transaction."""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

from psycopg import Connection

from domain.conflicts import (
    Claim,
    CreatorFacts,
    Facts,
    Other,
    Resource,
    RoomFacts,
    Subject,
    claims_of,
)
from domain.ids import prefix_of
from domain.schedule.changes import Needs
from domain.schedule.planning import LONGEST, Studio
from domain.slots import Slot, widened
from projections.referrers import Referrers

_LIVE: Final[dict[str, LiteralString]] = {
    "user": "SELECT id FROM users WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "client": "SELECT id FROM clients WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "studio": "SELECT id FROM studios WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "room": "SELECT id FROM rooms WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "creator": "SELECT id FROM creators WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "platform": "SELECT id FROM platforms WHERE id = ANY (%b) AND deleted_at IS NULL ORDER BY id FOR SHARE",
}
"""In the order in which they are locked."""

_KEYS: Final[dict[str, LiteralString]] = {
    "shtype": "SELECT id, key FROM show_types WHERE (id = ANY (%b) OR key = ANY (%b)) AND deleted_at IS NULL"
    " ORDER BY id FOR SHARE",
    "shstd": "SELECT id, key FROM show_standards WHERE (id = ANY (%b) OR key = ANY (%b))"
    " AND deleted_at IS NULL ORDER BY id FOR SHARE",
    "chtype": "SELECT id, key FROM change_types WHERE (id = ANY (%b) OR key = ANY (%b))"
    " AND deleted_at IS NULL ORDER BY id FOR SHARE",
}

_CATEGORY: Final[LiteralString] = (
    "SELECT key, approval FROM change_categories WHERE (id = %s OR key = %s) AND deleted_at IS NULL FOR SHARE"
)
_PARKING: Final[LiteralString] = (
    "SELECT id FROM schedule_statuses WHERE (id = %s OR key = %s) AND deleted_at IS NULL"
    " AND (NOT system OR key = 'other') FOR SHARE"
)
"""Administrators' own statuses mean "other" (SPEC 2)."""

_PROBE: Final[LiteralString] = (
    "unnest((SELECT %b::text[]), (SELECT %b::timestamptz[]), (SELECT %b::timestamptz[])) AS q (r, f, t)"
)
"""Spans of resources to look at. Binary, as psycopg writes 1,000 of them as text in 15 ms and so in one; in
sub-selects, as a planner that sees the arrays counts them and plans anew for every command."""

_HOLDERS: Final[LiteralString] = f"""
    SELECT DISTINCT o.resource_id, lower(o.during), upper(o.during), s.id, s.schedule_id, s.client_id,
           s.name, s.status, s.created_at, s.starts_at, least(s.ends_at, s.actual_end)
    FROM {_PROBE}
    JOIN occupancy o ON o.resource = md5(q.r)::uuid AND o.during && tstzrange(q.f, q.t, '[)')
    JOIN shows s ON s.id = o.holder_id
    WHERE o.kind = 'show'
    ORDER BY 2, 4, 1
"""
"""Probes the exclusion constraint's own index, once a subject and resource."""

_CLOSURES: Final[LiteralString] = f"""
    SELECT DISTINCT c.room_id, c."start", c."end", c.id, c.reason, c.created_at
    FROM {_PROBE}
    JOIN room_closures c ON c.room_id = q.r AND c."start" < q.t AND c."end" > q.f
    WHERE c.deleted_at IS NULL
    ORDER BY 2, 4
"""

_ROOM_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id, s.schedule_id, s.client_id, s.name, s.created_at, s.starts_at, s.ends_at
        FROM {_PROBE}
        CROSS JOIN LATERAL (
            SELECT h.id, h.schedule_id, h.client_id, h.name, h.created_at, h.starts_at, h.ends_at FROM shows h
            WHERE h.room_id = q.r AND h.starts_at > q.f - %s::interval AND h.starts_at < q.t
              AND h.ends_at > q.f AND h.status = 'draft' AND h.deleted_at IS NULL
            OFFSET 0
        ) s
        WHERE s.id <> ALL (%s)
    )
    SELECT DISTINCT w.r, w.id, w.schedule_id, w.client_id, w.name,
           CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END, w.created_at,
           w.starts_at, w.ends_at
    FROM wish w JOIN schedules c ON c.id = w.schedule_id
    WHERE c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
    ORDER BY 8, 2
"""
"""Bounded by the longest show, so that the btree on (room, start) finds a day's worth, not all before.
OFFSET 0 makes that one look at the index for each probe, and MATERIALIZED one pass over the probes, whatever
the planner thinks: else it reads all shows, or probes once a schedule, while tables are not yet analysed."""

_CREATOR_WISHES: Final[LiteralString] = f"""
    WITH wish AS MATERIALIZED (
        SELECT q.r, s.id, s.schedule_id, s.client_id, s.name, s.created_at, s.starts_at, s.ends_at
        FROM {_PROBE}
        CROSS JOIN LATERAL (
            SELECT h.id, h.schedule_id, h.client_id, h.name, h.created_at, h.starts_at, h.ends_at
            FROM show_creators k JOIN shows h ON h.id = k.show_id
            WHERE k.creator_id = q.r AND k.starts_at > q.f - %s::interval AND k.starts_at < q.t
              AND h.ends_at > q.f AND h.status = 'draft' AND h.deleted_at IS NULL
            OFFSET 0
        ) s
        WHERE s.id <> ALL (%s)
    )
    SELECT DISTINCT w.r, w.id, w.schedule_id, w.client_id, w.name,
           CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END, w.created_at,
           w.starts_at, w.ends_at
    FROM wish w JOIN schedules c ON c.id = w.schedule_id
    WHERE c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
    ORDER BY 8, 2
"""

_GONE: Final[LiteralString] = """
    SELECT 'client', id, name FROM clients WHERE id = ANY (%b) AND deleted_at IS NOT NULL
    UNION ALL SELECT 'platform', id, name FROM platforms WHERE id = ANY (%b) AND deleted_at IS NOT NULL
"""


class ReadReferences(Referrers):
    """The References of the application, on the read tables."""

    def studio(self, connection: Connection[Any], studio_id: str) -> Studio | None:
        row = connection.execute(
            "SELECT id, time_zone, day_start, client_approval, late_change_hours FROM studios"
            " WHERE id = %s AND deleted_at IS NULL FOR SHARE",
            (studio_id,),
        ).fetchone()
        return Studio(*row) if row else None

    def live(self, connection: Connection[Any], ids: Collection[str]) -> set[str]:
        wanted: dict[str, list[str]] = {}
        for each in set(ids):
            wanted.setdefault(prefix_of(each), []).append(each)
        found: set[str] = set()
        for prefix, sql in _LIVE.items():
            if prefix in wanted:
                found.update(row[0] for row in connection.execute(sql, (sorted(wanted[prefix]),)))
        return found

    def keys(self, connection: Connection[Any], kind: str, given: Collection[str]) -> Mapping[str, str]:
        asked = sorted(set(given))
        known = dict(connection.execute(_KEYS[kind], (asked, asked)).fetchall())
        live_keys = set(known.values())
        return {each: known.get(each, each) for each in asked if each in known or each in live_keys}

    def approval(self, connection: Connection[Any], given: str) -> tuple[str, Needs] | None:
        return connection.execute(_CATEGORY, (given, given)).fetchone()

    def parking(self, connection: Connection[Any], given: str) -> str | None:
        row = connection.execute(_PARKING, (given, given)).fetchone()
        return row[0] if row else None

    def schedule_of(self, connection: Connection[Any], show_id: str) -> str | None:
        row = connection.execute("SELECT schedule_id FROM shows WHERE id = %s", (show_id,)).fetchone()
        return row[0] if row else None

    def schedules_of(self, connection: Connection[Any], show_ids: Collection[str]) -> Mapping[str, str]:
        rows = connection.execute(
            "SELECT id, schedule_id FROM shows WHERE id = ANY (%b)", (sorted(show_ids),)
        )
        return dict(rows.fetchall())

    def facts(
        self,
        connection: Connection[Any],
        subjects: Sequence[Subject],
        now: datetime,
        *,
        holders: bool = True,
        wishes: bool = True,
    ) -> Facts:
        rooms = _rooms(connection, {s.room_id for s in subjects if s.room_id})
        claims: list[Claim] = []
        own = [
            claim for subject in subjects if subject.status == "draft" for claim in claims_of(subject, rooms)
        ]
        if holders and own:
            claims += _holders(connection, own, rooms)
        if wishes and own:
            claims += _wishes(connection, own, [s.id for s in subjects], rooms)
        return Facts(
            rooms=rooms,
            creators=_creators(connection, {c for s in subjects for c in s.creators}),
            deleted=_gone(connection, subjects),
            needs_creator=_needing(connection),
            claims=claims,
            now=now,
        )


def _rooms(connection: Connection[Any], ids: Iterable[str]) -> dict[str, RoomFacts]:
    rows = connection.execute(
        "SELECT id, name, studio_id, lead_minutes, turnaround_minutes, deleted_at IS NOT NULL"
        " FROM rooms WHERE id = ANY (%b)",
        (sorted(ids),),
    )
    return {row[0]: RoomFacts(*row) for row in rows}


def _creators(connection: Connection[Any], ids: Iterable[str]) -> dict[str, CreatorFacts]:
    rows = connection.execute(
        "SELECT id, name, is_banned, deleted_at IS NOT NULL FROM creators WHERE id = ANY (%b)", (sorted(ids),)
    )
    return {row[0]: CreatorFacts(*row) for row in rows}


def _gone(connection: Connection[Any], subjects: Sequence[Subject]) -> dict[str, Resource]:
    clients = sorted({s.client_id for s in subjects if s.client_id})
    platforms = sorted({p for s in subjects for p in s.platforms})
    rows = connection.execute(_GONE, (clients, platforms))
    return {row_id: Resource(kind, row_id, name) for kind, row_id, name in rows}


def _needing(connection: Connection[Any]) -> frozenset[str]:
    rows = connection.execute("SELECT key FROM show_standards WHERE requires_creator")
    return frozenset(row[0] for row in rows)


def _probe(
    claims: Sequence[Claim], before: timedelta, after: timedelta
) -> tuple[list[Any], list[Any], list[Any]]:
    return (
        [claim.resource_id for claim in claims],
        [claim.held.start - before for claim in claims],
        [claim.held.end + after for claim in claims],
    )


def _holders(
    connection: Connection[Any], own: Sequence[Claim], rooms: Mapping[str, RoomFacts]
) -> list[Claim]:
    probe = _probe(own, timedelta(), timedelta())
    claims: list[Claim] = []
    for (
        resource,
        held_from,
        held_to,
        show,
        schedule,
        client,
        name,
        status,
        since,
        start,
        end,
    ) in connection.execute(_HOLDERS, probe):
        by = Other(
            show_id=show, schedule_id=schedule, client_id=client, name=name, status=status, since=since
        )
        held = Slot(held_from, held_to)
        claims.append(Claim(resource_id=resource, slot=Slot(start, end), held=held, by=by, holding=True))
    of_rooms = _probe([claim for claim in own if claim.resource_id in rooms], timedelta(), timedelta())
    for room, start, end, closure, reason, since in connection.execute(_CLOSURES, of_rooms):
        by = Other(closure_id=closure, name=reason, status="closed", since=since)
        slot = Slot(start, end)
        claims.append(Claim(resource_id=room, slot=slot, held=slot, by=by, holding=True))
    return claims


def _wishes(
    connection: Connection[Any], own: Sequence[Claim], own_ids: Sequence[str], rooms: Mapping[str, RoomFacts]
) -> list[Claim]:
    """Rivals want a room with its lead and turnaround too, so rooms are probed that much wider."""
    lead = max((room.lead_minutes for room in rooms.values()), default=0)
    turnaround = max((room.turnaround_minutes for room in rooms.values()), default=0)
    room_probe = _probe(
        [c for c in own if c.resource_id in rooms], timedelta(minutes=turnaround), timedelta(minutes=lead)
    )
    creator_probe = _probe([c for c in own if c.resource_id not in rooms], timedelta(), timedelta())
    rows = [
        *connection.execute(_ROOM_WISHES, (*room_probe, LONGEST, list(own_ids))),
        *connection.execute(_CREATOR_WISHES, (*creator_probe, LONGEST, list(own_ids))),
    ]
    claims: list[Claim] = []
    for resource, show, schedule, client, name, status, since, start, end in rows:
        slot = Slot(start, end)
        room = rooms.get(resource)
        held = widened(slot, room.lead_minutes, room.turnaround_minutes) if room else slot
        by = Other(
            show_id=show, schedule_id=schedule, client_id=client, name=name, status=status, since=since
        )
        claims.append(Claim(resource_id=resource, slot=slot, held=held, by=by, holding=False))
    return claims
