"""The same work as bare SQL: what a script would send that knows the answer beforehand, on a connection with
the application's settings, in one pipeline and one commit where ours has one. No rules, no locks, no chain.
"""

# ruff: noqa: S608 - every part is a literal, pyright sees to it

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

from msgspec import Struct
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from projections import aside
from projections.rebuild import TABLES

PREPARE: Final[LiteralString] = """
    CREATE SCHEMA bench;
    CREATE TABLE bench.events (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL, topic text NOT NULL, state bytea NOT NULL, at timestamptz NOT NULL
    );
    GRANT USAGE ON SCHEMA bench TO callboard_app;
    GRANT SELECT, INSERT ON bench.events TO callboard_app;
"""
"""A plain table for events: no chain, no lock, one index."""

_EVENTS: Final[LiteralString] = (
    "INSERT INTO bench.events (stream, topic, state, at)"
    " SELECT s, t, b, now() FROM unnest(%s::text[], %s::text[], %s::bytea[]) AS q (s, t, b)"
)

# --- confirming


class Booking(Struct, frozen=True):
    """What a script would have to know to book a schedule."""

    schedule_id: str
    show_ids: list[str]
    holders: list[str]
    resources: list[str]
    starts: list[datetime]
    ends: list[datetime]


_HOLDS: Final[LiteralString] = """
    SELECT s.id, r.id, s.starts_at - make_interval(mins => r.lead_minutes),
           s.ends_at + make_interval(mins => r.turnaround_minutes)
    FROM shows s JOIN rooms r ON r.id = s.room_id WHERE s.schedule_id = %s
    UNION ALL
    SELECT s.id, k.creator_id, s.starts_at, s.ends_at
    FROM shows s JOIN show_creators k ON k.show_id = s.id WHERE s.schedule_id = %s
"""


def booking(connection: Connection[Any], schedule_id: str) -> Booking:
    """Everything about a proposed schedule; not part of what is timed."""
    rows = connection.execute(_HOLDS, (schedule_id, schedule_id)).fetchall()
    return Booking(
        schedule_id,
        sorted({row[0] for row in rows}),
        *([row[column] for row in rows] for column in range(4)),
    )


def confirm(connection: Connection[Any], booking: Booking, states: Sequence[bytes]) -> None:
    """Books it. `states` are the bytes of the two events that such a confirmation makes."""
    with connection.pipeline():
        connection.execute("BEGIN")
        connection.execute(
            "UPDATE schedules SET status = 'confirmed', current_version = 2, approved_version = 2,"
            " has_unversioned_edits = false, version = version + 2, updated_at = now() WHERE id = %s",
            (booking.schedule_id,),
        )
        connection.execute(
            "UPDATE shows SET status = 'confirmed', version = version + 1, updated_at = now()"
            " WHERE id = ANY (%s)",
            (booking.show_ids,),
        )
        connection.execute(
            "INSERT INTO versions"
            " (schedule_id, number, kind, label, note, position, show_count, created_at, created_by)"
            " VALUES (%s, 2, 'confirmed', '', '', 6, %s, now(), 'bench')",
            (booking.schedule_id, len(booking.show_ids)),
        )
        taken = connection.execute(
            "INSERT INTO occupancy (resource_id, holder_id, kind, during)"
            " SELECT r, h, 'show', tstzrange(f, t, '[)') FROM"
            " unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS q (r, h, f, t)"
            " ORDER BY md5(r)::uuid, f ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING",
            (booking.resources, booking.holders, booking.starts, booking.ends),
        )
        connection.execute(
            _EVENTS, ([booking.schedule_id] * 2, ["shows.confirmed", "version.numbered"], list(states))
        )
        connection.execute("COMMIT")
    if taken.rowcount != len(booking.resources):
        raise AssertionError("the bare confirmation met a booking: it measures something else")


# --- conflicts

_LONGEST: Final = timedelta(hours=24)
_CLASHES: Final[LiteralString] = """
    WITH wanted AS MATERIALIZED (
        SELECT s.id, s.room_id AS resource, s.starts_at - make_interval(mins => r.lead_minutes) AS f,
               s.ends_at + make_interval(mins => r.turnaround_minutes) AS t,
               make_interval(mins => r.turnaround_minutes) AS before,
               make_interval(mins => r.lead_minutes) AS after
        FROM shows s JOIN rooms r ON r.id = s.room_id
        WHERE s.schedule_id = ANY (%(schedules)s) AND s.status = 'draft' AND s.deleted_at IS NULL
        UNION ALL
        SELECT s.id, k.creator_id, s.starts_at, s.ends_at, interval '0', interval '0'
        FROM shows s JOIN show_creators k ON k.show_id = s.id
        WHERE s.schedule_id = ANY (%(schedules)s) AND s.status = 'draft' AND s.deleted_at IS NULL
    )
    SELECT w.id, w.resource, o.holder_id
    FROM wanted w
    JOIN occupancy o ON o.resource = md5(w.resource)::uuid AND o.during && tstzrange(w.f, w.t, '[)')
    UNION ALL
    SELECT w.id, w.resource, d.id
    FROM wanted w
    CROSS JOIN LATERAL (
        SELECT s.id FROM shows s
        WHERE s.room_id = w.resource AND s.status = 'draft' AND s.deleted_at IS NULL
          AND s.starts_at > w.f - w.before - %(longest)s AND s.starts_at < w.t + w.after
          AND s.ends_at > w.f - w.before AND s.id <> w.id
        OFFSET 0
    ) d
    UNION ALL
    SELECT w.id, w.resource, d.id
    FROM wanted w
    CROSS JOIN LATERAL (
        SELECT s.id FROM show_creators k JOIN shows s ON s.id = k.show_id
        WHERE k.creator_id = w.resource AND k.starts_at > w.f - %(longest)s AND k.starts_at < w.t
          AND k.ends_at > w.f AND s.status = 'draft' AND s.deleted_at IS NULL AND s.id <> w.id
        OFFSET 0
    ) d
"""


def clashes(connection: Connection[Any], schedule_ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """Every overlap of these schedules' drafts with a booking or another draft: (show, resource, other)."""
    rows = connection.execute(_CLASHES, {"schedules": list(schedule_ids), "longest": _LONGEST})
    return set(rows.fetchall())


# --- availability

_FREE: Final[LiteralString] = """
    WITH asked AS (
        SELECT range_agg(tstzrange(d + %(opens)s::interval, d + %(closes)s::interval, '[)')) AS open,
               min(d) AS f, max(d) + interval '1 day' AS t
        FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz, interval '1 day') AS d
    )
    SELECT r.id, lower(s), upper(s)
    FROM asked a CROSS JOIN rooms r
    CROSS JOIN LATERAL (
        SELECT make_interval(mins => r.lead_minutes), make_interval(mins => r.turnaround_minutes)
    ) b (lead, turnaround)
    CROSS JOIN LATERAL (
        SELECT range_agg(o.during) FROM occupancy o
        WHERE o.resource = md5(r.id)::uuid AND o.during && tstzrange(a.f - b.lead, a.t + b.turnaround, '[)')
    ) h (taken)
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(lower(g) + b.lead, upper(g) - b.turnaround, '[)'))
        FROM unnest(
            tstzmultirange(tstzrange(a.f - b.lead, a.t + b.turnaround, '[)')) - coalesce(h.taken, '{}')
        ) AS g WHERE upper(g) - lower(g) > b.lead + b.turnaround
    ) k (free)
    CROSS JOIN LATERAL unnest(k.free * a.open) AS s
    WHERE r.id = ANY (%(rooms)s) AND upper(s) - lower(s) >= make_interval(mins => %(minutes)s)
    ORDER BY 2, 1
"""

Free = tuple[str, datetime, datetime]


def free(
    connection: Connection[Any], rooms: Sequence[str], first: datetime, days: int, minutes: int
) -> list[Free]:
    """The spans of at least those minutes, each day from 08:00 to 20:00 UTC: (room, start, end), by start."""
    asked = {"rooms": list(rooms), "first": first, "last": first + timedelta(days=days - 1)}
    hours = {"opens": timedelta(hours=8), "closes": timedelta(hours=20), "minutes": minutes}
    return connection.execute(_FREE, asked | hours).fetchall()


# --- the import of a file

_SCHEDULE: Final[LiteralString] = "schedule_id = ANY (%(schedules)s)"
_SHOW: Final[LiteralString] = f"show_id IN (SELECT id FROM shows WHERE {_SCHEDULE})"
_WRITTEN: Final[dict[str, LiteralString]] = {
    "schedules": "id = ANY (%(schedules)s)",
    "shows": _SCHEDULE,
    "show_creators": _SHOW,
    "show_platforms": _SHOW,
    "published_schedules": "id = ANY (%(schedules)s)",
    "published_shows": _SCHEDULE,
    "versions": _SCHEDULE,
    "imports": "id = %(import)s",
}
"""What an import writes, in the order of the foreign keys."""


class Written(Struct, frozen=True):
    """All that one import wrote: the rows of each table as COPY has them, and the events."""

    tables: dict[str, bytes]
    streams: list[str]
    topics: list[str]
    states: list[bytes]


def take_back(connection: Connection[Any], import_id: str, schedule_ids: Sequence[str]) -> Written:
    """Reads what an import wrote and deletes it from the read tables, so that the same rows can be written
    once more; not part of what is timed."""
    which = {"schedules": list(schedule_ids), "import": import_id}
    tables: dict[str, bytes] = {}
    with connection.transaction():
        for table, where in _WRITTEN.items():
            query = SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT").format(Identifier(table), SQL(where))
            with connection.cursor().copy(query, which) as copy:
                tables[table] = b"".join(copy)
        for table, where in reversed(_WRITTEN.items()):
            connection.execute(SQL("DELETE FROM {} WHERE {}").format(Identifier(table), SQL(where)), which)
    events = connection.execute(
        "SELECT originator_id, topic, state FROM callboard_events"
        " WHERE originator_id = ANY (%s) ORDER BY notification_id",
        ([*schedule_ids, import_id],),
    ).fetchall()
    return Written(tables, *([row[column] for row in events] for column in range(3)))


def write(connection: Connection[Any], written: Written) -> None:
    """The same rows by COPY, and the events, in one transaction."""
    with connection.transaction():
        for table, rows in written.tables.items():
            with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                copy.write(rows)
        connection.execute(_EVENTS, (written.streams, written.topics, written.states))


# --- rebuilding


def rebuild(connection: Connection[Any]) -> None:
    """The same tables, constraints and indexes once more, filled from those in use instead of from the log,
    and dropped again, as a rebuild drops the old ones. `connection` is the owner's."""
    with connection.transaction():
        aside.create(connection, TABLES, lasting=True)
        for table in TABLES:
            columns = SQL(", ").join(Identifier(column) for column in _columns(connection, table))
            connection.execute(
                SQL("INSERT INTO aside.{} ({}) SELECT {} FROM read.{}").format(
                    Identifier(table), columns, columns, Identifier(table)
                )
            )
    connection.execute(
        SQL("VACUUM (ANALYZE) {}").format(SQL(", ").join(Identifier("aside", table) for table in TABLES))
    )
    aside.finish(connection, TABLES)
    aside.clear(connection)


def _columns(connection: Connection[Any], table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = ('read.' || quote_ident(%s))::regclass"
        " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        (table,),
    )
    return [row[0] for row in rows]
