"""What decisions ask of the rest of the world (`domain.application.References`), answered from the read
tables inside the command's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from msgspec.structs import replace
from psycopg import Connection

from domain.conflicts import (
    Facts,
    Subject,
    claims_of,
)
from domain.ids import prefix_of
from domain.schedule.changes import Needs
from domain.schedule.planning import Studio
from projections.blackouts import Blackouts
from projections.claims import claims_on, facts_of
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

_NAMED: Final[LiteralString] = """
    SELECT 'room', id, name, studio_id, lead_minutes, turnaround_minutes, deleted_at IS NOT NULL, capacity
    FROM rooms WHERE id = ANY (%b)
    UNION ALL
    SELECT 'creator', id, name, NULL, NULL, NULL, deleted_at IS NOT NULL, is_banned::int
    FROM creators WHERE id = ANY (%b)
    UNION ALL
    SELECT 'client', id, name, NULL, NULL, NULL, true, NULL
    FROM clients WHERE id = ANY (%b) AND deleted_at IS NOT NULL
    UNION ALL
    SELECT 'platform', id, name, NULL, NULL, NULL, true, NULL
    FROM platforms WHERE id = ANY (%b) AND deleted_at IS NOT NULL
    UNION ALL
    SELECT 'standard', key, name, NULL, NULL, NULL, false, NULL FROM show_standards WHERE requires_creator
"""
"""What subjects name, and the standards that ask for a creator: one round trip."""


class ReadReferences(Referrers, Blackouts):
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
        facts = _named(connection, subjects, now)
        own, booked = [
            [
                claim
                for subject in subjects
                if (subject.status == "draft") == is_draft
                for claim in claims_of(subject, facts.rooms)
            ]
            for is_draft in (True, False)
        ]
        claims = claims_on(
            connection,
            own,
            facts.rooms,
            [s.id for s in subjects],
            booked=booked,
            holders=holders,
            wishes=wishes,
        )
        return replace(facts, claims=claims)


def _named(connection: Connection[Any], subjects: Sequence[Subject], now: datetime) -> Facts:
    """What is known of all that the subjects name, without claims."""
    rows = connection.execute(
        _NAMED,
        (
            sorted({s.room_id for s in subjects if s.room_id}),
            sorted({c for s in subjects for c in s.creators}),
            sorted({s.client_id for s in subjects if s.client_id}),
            sorted({p for s in subjects for p in s.platforms}),
        ),
    )
    return facts_of(rows, now)
