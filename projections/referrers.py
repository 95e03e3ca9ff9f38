"""Who refers to a reference row and lives: what stands in the way of deleting it (SPEC 2)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, cast

from psycopg import Connection

from domain.conflicts import Finding, Other, Overlap, Resource
from domain.event_log import Clash
from domain.registry.entities import BY_KIND, ENTITIES
from domain.slots import Slot

_SHOW: Final[LiteralString] = (
    "SELECT count(*) FROM shows s WHERE s.deleted_at IS NULL"
    " AND s.status NOT IN ('cancelled', 'completed') AND "
)
_SCHEDULE: Final[LiteralString] = (
    "SELECT count(*) FROM schedules s WHERE s.kind = 'plan' AND s.deleted_at IS NULL"
    " AND s.status NOT IN ('cancelled', 'archived') AND "
)

_SHOWS: Final[Mapping[str, LiteralString]] = {
    "client": "s.client_id = %s",
    "studio": "s.studio_id = %s",
    "room": "s.room_id = %s",
    "creator": "EXISTS (SELECT FROM show_creators c WHERE c.show_id = s.id AND c.creator_id = %s)",
    "platform": "EXISTS (SELECT FROM show_platforms p WHERE p.show_id = s.id AND p.platform_id = %s)",
    "shtype": "s.show_type IN (SELECT key FROM show_types WHERE id = %s)",
    "shstd": "s.show_standard IN (SELECT key FROM show_standards WHERE id = %s)",
}
_SCHEDULES: Final[Mapping[str, LiteralString]] = {
    "client": "s.client_id = %s",
    "studio": "s.studio_id = %s",
    "scstat": "s.status_id = %s",
}
"""How shows and schedules refer to a row. Those that are over don't count, a standalone show counts once."""

_CLOSED_OVER: Final[LiteralString] = """
    SELECT r.kind, r.id, r.name, s.id, s.schedule_id, s.client_id, s.name, s.status, s.created_at, q.f, q.t
    FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS q (resource, show, f, t)
    JOIN LATERAL (
        SELECT 'room' AS kind, id, name FROM rooms WHERE id = q.resource
        UNION ALL SELECT 'creator', id, name FROM creators WHERE id = q.resource
    ) r ON true
    JOIN shows s ON s.id = q.show
    ORDER BY q.f, s.id
"""


def counting(kind: str) -> dict[str, LiteralString]:
    """The questions, by the kind of referrer, how many live rows refer to a row of this kind."""
    questions: dict[str, LiteralString] = {}
    if kind in _SCHEDULES:
        questions["schedule"] = _SCHEDULE + _SCHEDULES[kind]
    if kind in _SHOWS:
        questions["show"] = _SHOW + _SHOWS[kind]
    for entity in ENTITIES:
        for field, referred in entity.references.items():
            if referred == kind:
                questions[entity.kind] = cast(
                    LiteralString,
                    f"SELECT count(*) FROM {entity.table} WHERE deleted_at IS NULL AND {field} = %s",  # noqa: S608 - names are declared
                )
    return questions


class Referrers:
    """The part of the application's References that deletions and closures ask."""

    def referrers(self, connection: Connection[Any], kind: str, row_id: str) -> dict[str, int]:
        """Locks the row against new references, then counts who refers to it; only kinds that do."""
        _lock(connection, kind, row_id)
        found: dict[str, int] = {}
        for referrer, question in counting(kind).items():
            row = connection.execute(question, (row_id,)).fetchone()
            if row and row[0]:
                found[referrer] = row[0]
        return found

    def has_shows(self, connection: Connection[Any], studio_id: str) -> bool:
        """Locks the studio against new shows, then tells whether it ever had any."""
        _lock(connection, "studio", studio_id)
        row = connection.execute(
            "SELECT EXISTS (SELECT FROM shows WHERE studio_id = %s)", (studio_id,)
        ).fetchone()
        return bool(row and row[0])

    def other_admins(self, connection: Connection[Any], user_id: str) -> int:
        """How many live system administrators there are beside this one, not counting banned ones."""
        row = connection.execute(
            "SELECT count(*) FROM users"
            " WHERE is_system_admin AND NOT is_banned AND deleted_at IS NULL AND id <> %s",
            (user_id,),
        ).fetchone()
        return row[0] if row else 0

    def closed_over(self, connection: Connection[Any], clashes: Sequence[Clash]) -> list[Finding]:
        """The bookings that a closure or time off met, in order of time."""
        rows = connection.execute(
            _CLOSED_OVER,
            (
                [clash.resource_id for clash in clashes],
                [clash.with_ for clash in clashes],
                [clash.start for clash in clashes],
                [clash.end for clash in clashes],
            ),
        )
        return [_finding(row) for row in rows]


def _lock(connection: Connection[Any], kind: str, row_id: str) -> None:
    table = BY_KIND[kind].table
    connection.execute(cast(LiteralString, f"SELECT FROM {table} WHERE id = %s FOR UPDATE"), (row_id,))


def _finding(row: Sequence[Any]) -> Finding:
    kind, resource_id, resource, show_id, schedule_id, client_id, show, status, since, start, end = row
    by = Other(
        show_id=show_id, schedule_id=schedule_id, client_id=client_id, name=show, status=status, since=since
    )
    return Finding(
        code="room_closed" if kind == "room" else "creator_unavailable",
        severity="block",
        show_id=show_id,
        resource=Resource(kind, resource_id, resource),
        other=by,
        overlap=Overlap(start, end, Slot(start, end).minutes),
        message=f"{resource} is taken by {show!r} ({status})",
    )
