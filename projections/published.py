"""What a client's users see of its plans (SPEC 3): the fields that planners set, as the newest version of
each schedule has them. A version closes its command, so they are copied from the rows that the command left.

Whoever is bounded to clients reads `SHOWS` and `SCHEDULES` where others read the tables `shows` and
`schedules`: the same columns, statuses and versions as they are now. Before the first version a schedule is
there without shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from msgspec.structs import replace
from psycopg import Connection

from domain.conflicts import Claim, Facts, RoomFacts, Subject, claims_of
from domain.event_log import Statement
from domain.events import Command, VersionNumbered
from domain.schedule.planning import LONGEST

TABLES: Final = ("published_schedules", "published_shows")

_SCHEDULES: Final[LiteralString] = """
    INSERT INTO published_schedules (id, name, start_date, end_date, note)
    SELECT s.id, s.name, s.start_date, s.end_date, s.note FROM schedules s
    LEFT JOIN published_schedules p ON p.id = s.id
    WHERE s.id = ANY (%b) AND s.client_id IS NOT NULL
      AND (p.name, p.start_date, p.end_date, p.note)
          IS DISTINCT FROM (s.name, s.start_date, s.end_date, s.note)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, start_date = excluded.start_date, end_date = excluded.end_date,
        note = excluded.note
"""
_GONE: Final[LiteralString] = """
    DELETE FROM published_shows p USING shows s
    WHERE p.schedule_id = ANY (%b) AND s.id = p.id
      AND (s.schedule_id <> p.schedule_id OR s.deleted_at IS NOT NULL)
"""
_SHOWS: Final[LiteralString] = """
    INSERT INTO published_shows (id, schedule_id, client_id, room_id, external_id, name, starts_at, ends_at,
        operational_day, show_type, show_standard, creators, platforms, note, metadata)
    SELECT s.id, s.schedule_id, s.client_id, s.room_id, s.external_id, s.name, s.starts_at, s.ends_at,
        s.operational_day, s.show_type, s.show_standard, s.creators, s.platforms, s.note, s.metadata
    FROM shows s LEFT JOIN published_shows p ON p.id = s.id
    WHERE s.schedule_id = ANY (%b) AND s.client_id IS NOT NULL AND s.deleted_at IS NULL
      AND (p.schedule_id, p.room_id, p.external_id, p.name, p.starts_at, p.ends_at, p.show_type,
           p.show_standard, p.creators, p.note, p.platforms::text, p.metadata::text)
          IS DISTINCT FROM
          (s.schedule_id, s.room_id, s.external_id, s.name, s.starts_at, s.ends_at, s.show_type,
           s.show_standard, s.creators, s.note, s.platforms::text, s.metadata::text)
    ON CONFLICT (id) DO UPDATE SET
        schedule_id = excluded.schedule_id, room_id = excluded.room_id, external_id = excluded.external_id,
        name = excluded.name, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        operational_day = excluded.operational_day, show_type = excluded.show_type,
        show_standard = excluded.show_standard, creators = excluded.creators,
        platforms = excluded.platforms, note = excluded.note, metadata = excluded.metadata
"""
"""Writes only rows that differ: confirming what was proposed touches none."""

SHOWS: Final[LiteralString] = """(
    SELECT p.id, h.version, p.schedule_id, p.external_id, p.client_id, h.studio_id, p.room_id, p.name,
           p.starts_at, p.ends_at, p.operational_day, h.status, p.show_type, p.show_standard, p.creators,
           p.platforms, p.note, p.metadata, h.actual_start, h.actual_end, h.reason_category, h.reason_note,
           h.restored_from, h.created_at, h.created_by, h.updated_at, h.updated_by, c.deleted_at, c.deleted_by
    FROM published_shows p JOIN shows h ON h.id = p.id JOIN schedules c ON c.id = p.schedule_id
)"""
"""In place of `shows`. A show is there until its schedule is deleted."""

SCHEDULES: Final[LiteralString] = """(
    SELECT c.id, c.version, c.kind, coalesce(p.name, c.name) AS name, c.studio_id, c.client_id,
           coalesce(p.start_date, c.start_date) AS start_date, coalesce(p.end_date, c.end_date) AS end_date,
           coalesce(p.note, c.note) AS note, c.status, c.status_id, c.current_version, c.approved_version,
           false AS has_unversioned_edits, c.created_at, c.created_by, c.updated_at, c.updated_by,
           c.deleted_at, c.deleted_by
    FROM schedules c LEFT JOIN published_schedules p ON p.id = c.id
)"""
"""In place of `schedules`."""


def apply(command: Command) -> list[Statement]:
    """Publishes the schedules of which the command numbered a version."""
    numbered = sorted({each.originator_id for each in command if isinstance(each.event, VersionNumbered)})
    return [(sql, (numbered,)) for sql in (_SCHEDULES, _GONE, _SHOWS)] if numbered else []


def has(connection: Connection[Any], show_id: str) -> bool:
    """Whether the newest version of its schedule has the show."""
    row = connection.execute("SELECT FROM published_shows WHERE id = %s", (show_id,)).fetchone()
    return row is not None


def lacking(connection: Connection[Any]) -> bool:
    """Whether a version is not published, as after the migration that brings these tables: then the read
    tables want a rebuild."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM read.schedules s WHERE s.client_id IS NOT NULL"
        " AND s.current_version IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM read.published_schedules p WHERE p.id = s.id))"
    ).fetchone()
    return bool(row and row[0])


# --- what clients' own drafts want

_WISHES: Final[LiteralString] = """
    SELECT p.id, p.name, p.starts_at, p.ends_at, h.studio_id, p.room_id, p.creators, p.show_standard,
           p.operational_day, h.created_at, p.schedule_id, p.client_id,
           CASE c.status WHEN 'proposed' THEN 'proposed' ELSE 'draft' END
    FROM published_shows p JOIN shows h ON h.id = p.id JOIN schedules c ON c.id = p.schedule_id
    WHERE p.client_id = ANY (%s) AND p.starts_at > %s AND p.starts_at < %s
      AND p.id NOT IN (SELECT unnest(%s::text[]))
      AND (p.room_id = ANY (%s) OR p.creators && %s)
      AND h.status = 'draft' AND c.status IN ('draft', 'proposed', 'confirmed') AND c.deleted_at IS NULL
    ORDER BY p.starts_at, p.id
"""


_ASKED: Final = (
    *("id", "name", "start", "end", "studio_id", "room_id", "creators", "show_standard"),
    *("operational_day", "created_at", "schedule_id", "client_id", "status"),
)
_NEAR: Final = 2 * LONGEST
"""Starts farther off than a show, its lead and its turnaround last don't matter."""


def seen_by(
    connection: Connection[Any], known: Facts, subjects: Sequence[Subject], clients: Sequence[str] | None
) -> Facts:
    """What the rules ask about shows, as it is known to a user who is bounded to these clients: their own
    drafts want what the newest versions say, whatever the working drafts do. To everyone else, all."""
    if clients is None:
        return known
    others = [claim for claim in known.claims if claim.holding or claim.by.client_id not in clients]
    return replace(known, claims=[*others, *_wishes(connection, subjects, known.rooms, clients)])


def _wishes(
    connection: Connection[Any],
    subjects: Sequence[Subject],
    rooms: Mapping[str, RoomFacts],
    clients: Sequence[str],
) -> list[Claim]:
    """What other published drafts of these clients want, of what the subjects name."""
    wanting = [subject for subject in subjects if subject.status == "draft"]
    if not wanting:
        return []
    names = {each for subject in wanting for each in (subject.room_id, *subject.creators) if each}
    asked = (
        list(clients),
        min(subject.start for subject in wanting) - _NEAR,
        max(subject.end for subject in wanting) + _NEAR,
        [subject.id for subject in subjects],
        sorted(names),
        sorted(names),
    )
    rivals = [
        Subject(**dict(zip(_ASKED, row, strict=True)), platforms=())
        for row in connection.execute(_WISHES, asked)
    ]
    return [claim for rival in rivals for claim in claims_of(rival, rooms) if claim.resource_id in names]
