"""The read tables once more from the log alone: to put them in place of the ones in use, or to compare.

A rebuild works while the application does. It fills tables aside, catches up with the log, and switches in
one short transaction that holds the read tables and then the log, in the order in which writers take them.
The tables refer to each other by foreign keys, so all of them are switched at once.
"""

import random
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, LiteralString

import msgspec
from msgspec import Struct
from psycopg import Connection, errors
from psycopg.sql import SQL, Identifier, Literal

from domain.errors import NotFound, Unavailable
from domain.event_log import commands, replay_on
from domain.events import Command
from projections import ALL, aside, project

Progress = Callable[[int, int], None]
"""Called with how many events are done, and how many there are."""


def unseen(done: int, of: int, /) -> None:
    """Progress that nobody looks at."""


TABLES: Final = tuple(table for projection in ALL.values() for table in projection.TABLES)
"""Every read table, in the order in which writers lock them."""

_ALONE: Final = 7002
_RUNNING: Final[LiteralString] = (
    "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %s AND l.objsubid = 1 AND l.granted"
    " AND d.datname = current_database())"
)
_SHORT_TAIL: Final = 200
_ROUNDS: Final = 200
_SHOWN: Final = 10
_EVENTS_AT_ONCE: Final = 200
_COMMANDS_AT_ONCE: Final = 50


class Position(Struct, frozen=True):
    """A projection and how far it is: written with the events, it is always at the log's head."""

    name: str
    rows: dict[str, int]
    position: int


class Rebuilt(Struct, frozen=True):
    """What a rebuild did. `switch_ms` is how long readers and writers waited, `attempts` how often it had to
    let them pass first."""

    events: int
    rows: dict[str, int]
    seconds: float
    switch_ms: float
    attempts: int


class Done(Struct, frozen=True):
    """When the tables in use were made from the log, and of how many events."""

    at: datetime
    events: int


class Drift(Struct, frozen=True):
    """A row that is not what the log says; None where there is no such row."""

    table: str
    key: str
    stored: str | None
    rebuilt: str | None


class Verified(Struct, frozen=True):
    """What was compared. `drifts` counts differing rows by table, `first` shows the first of each."""

    position: int
    rows: dict[str, int]
    drifts: dict[str, int]
    first: tuple[Drift, ...]
    seconds: float


def positions(connection: Connection[Any]) -> list[Position]:
    """Every projection, its tables with their rows, and its position."""
    head = _head(connection)
    return [Position(name, _rows(connection, each.TABLES), head) for name, each in ALL.items()]


def running(connection: Connection[Any]) -> bool:
    """Whether a rebuild or verification runs on this database now, in whatever process."""
    row = connection.execute(_RUNNING, (_ALONE,)).fetchone()
    return bool(row and row[0])


def last(connection: Connection[Any]) -> Done | None:
    """The last rebuild that switched, whoever ran it: the tables in use say so themselves. None for tables
    that were never rebuilt."""
    row = connection.execute("SELECT obj_description('read'::regnamespace)").fetchone()
    try:
        return msgspec.json.decode(row[0], type=Done) if row and row[0] else None
    except msgspec.MsgspecError:
        return None


def rebuild(connection: Connection[Any], *, only: str | None = None, progress: Progress = unseen) -> Rebuilt:
    """Fills the read tables anew and switches. `connection` is the owner's, in autocommit mode. To name one
    projection is to ask for it to be right afterwards: as its tables are tied to others, all are done.

    Raises NotFound for an unknown projection, Unavailable when another rebuild runs, or when there is no
    quiet moment to switch; then nothing has changed. A constraint that the log breaks is psycopg's
    IntegrityError.
    """
    began = time.monotonic()
    _tables_of(only)
    with _alone(connection):
        try:
            with connection.transaction():
                aside.create(connection, TABLES, lasting=True)
            done = _replay(connection, 0, progress)
            connection.execute(
                SQL("VACUUM (ANALYZE) {}").format(SQL(", ").join(Identifier("aside", t) for t in TABLES))
            )
            aside.finish(connection, TABLES)
            events, switch_ms, attempts = _switch(connection, done, progress)
            rows = _rows(connection, TABLES)
        finally:
            aside.clear(connection)
    return Rebuilt(events, rows, time.monotonic() - began, switch_ms, attempts)


def verify(connection: Connection[Any], *, only: str | None = None, progress: Progress = unseen) -> Verified:
    """Compares the read tables, or those of one projection, row by row with what the log says, both as they
    are at one moment, and leaves no trace. `connection` is the owner's, in autocommit mode.

    Raises NotFound for an unknown projection, Unavailable when a rebuild runs.
    """
    began = time.monotonic()
    tables = _tables_of(only)
    with _alone(connection), connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        head = _head(connection)
        aside.create(connection, TABLES, lasting=False)
        _replay(connection, 0, progress)
        found = {table: _compare(connection, table) for table in tables}
        rows = _rows(connection, tables)
    drifts = {table: count for table, (count, _) in found.items() if count}
    first = tuple(drift for _, shown in found.values() for drift in shown)
    return Verified(head, rows, drifts, first, time.monotonic() - began)


def _tables_of(name: str | None) -> tuple[str, ...]:
    if name is None:
        return TABLES
    if name not in ALL:
        raise NotFound(f"no projection {name}; there are {', '.join(ALL)}")
    return ALL[name].TABLES


def _replay(connection: Connection[Any], after: int, progress: Progress) -> int:
    """Applies all that the log has after a position to the tables aside; answers the position reached."""
    head, done = _head(connection), after
    with connection.transaction():
        connection.execute(aside.INSIDE)
        # Plans made while the tables were empty would read them whole for ever.
        connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        events = replay_on(connection, after=after, batch=_EVENTS_AT_ONCE)
        for batch in _batches(commands(events), _COMMANDS_AT_ONCE):
            with connection.pipeline():
                for command in batch:
                    for sql, parameters in project(command):
                        connection.execute(sql, parameters)
            done += sum(len(command) for command in batch)
            progress(done, max(head, done))
    return done


def _switch(connection: Connection[Any], done: int, progress: Progress) -> tuple[int, float, int]:
    """Catches up until little is left, then stops everybody, takes the rest and switches. Whoever is in
    the middle of a command goes first."""
    for attempt in range(1, _ROUNDS + 1):
        reached = _replay(connection, done, progress)
        tail, done = reached - done, reached
        if tail > _SHORT_TAIL and attempt < _ROUNDS // 2:
            continue
        began = time.monotonic()
        try:
            with connection.transaction():
                # Shorter than the time after which PostgreSQL looks for deadlocks: it is us who give way.
                connection.execute("SET LOCAL lock_timeout = '100ms'")
                names = SQL(", ").join(Identifier("read", table) for table in TABLES)
                connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
                connection.execute("SELECT pg_advisory_xact_lock(7001)")
                events = _replay(connection, done, progress)
                aside.switch(connection, TABLES)
                _note(connection, events)
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - jitter, not a secret
        else:
            return events, (time.monotonic() - began) * 1000, attempt
    raise Unavailable("there was no quiet moment to switch; nothing changed, try again")


def _note(connection: Connection[Any], events: int) -> None:
    """Writes when this was done where it is switched with the tables: a rebuild is no event."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101 - a query without FROM has one row
    text = msgspec.json.encode(Done(row[0].astimezone(UTC), events)).decode()
    connection.execute(SQL("COMMENT ON SCHEMA read IS {}").format(Literal(text)))


def _compare(connection: Connection[Any], table: str) -> tuple[int, list[Drift]]:
    """How many rows differ, and the first few."""
    keys = _key(connection, table)
    sides = SQL(" AND ").join(SQL("l.{0} = r.{0}").format(key) for key in keys)
    key = SQL(", ").join(SQL("coalesce(l.{0}, r.{0})").format(key) for key in keys)
    rows = connection.execute(
        SQL(
            "SELECT count(*) OVER (), concat_ws(' ', {key}), l::text, r::text"
            " FROM read.{table} l FULL JOIN aside.{table} r ON {sides}"
            " WHERE l::text IS DISTINCT FROM r::text ORDER BY 2, 3 LIMIT {limit}"
        ).format(key=key, table=Identifier(table), sides=sides, limit=SQL(str(_SHOWN)))  # pyright: ignore[reportArgumentType] - a number
    ).fetchall()
    return (rows[0][0] if rows else 0), [Drift(table, *row[1:]) for row in rows]


def _key(connection: Connection[Any], table: str) -> list[Identifier]:
    """The primary key's columns; of occupancy, which has none, what is held by whom."""
    found = connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = ANY (i.indkey) WHERE i.indrelid = ('read.' || quote_ident(%s))::regclass"
        " AND i.indisprimary ORDER BY a.attnum",
        (table,),
    ).fetchall()
    names = [row[0] for row in found] or ["holder_id", "resource_id", "during"]
    return [Identifier(name) for name in names]


@contextmanager
def _alone(connection: Connection[Any]) -> Generator[None]:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_ALONE,)).fetchone()
    if not (row and row[0]):
        raise Unavailable("another rebuild or verification is running; wait for it")
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_ALONE,))


def _batches(given: Iterator[Command], size: int) -> Iterator[list[Command]]:
    while batch := list(islice(given, size)):
        yield batch


def _head(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT max(notification_id) FROM log.callboard_events").fetchone()
    return (row and row[0]) or 0


def _rows(connection: Connection[Any], tables: Sequence[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for table in tables:
        sql: LiteralString = "SELECT count(*) FROM read.{}"
        row = connection.execute(SQL(sql).format(Identifier(table))).fetchone()
        counted[table] = row[0] if row else 0
    return counted
