"""Numbered plain SQL, forward only, each file applied once in a transaction of its own.

An applied file is remembered with its checksum: editing one afterwards is an error, so is a database
newer than this code. One applier at a time; the others poll, because waiting inside an advisory lock
would deadlock a CREATE INDEX CONCURRENTLY of the winner.
"""

import hashlib
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, LiteralString, cast

from psycopg import Connection

_LOCK = 7000
_WAIT_SECONDS = 60.0


class MigrationError(Exception):
    """The database can't be migrated by this code; the message says what to do."""


@dataclass(frozen=True)
class Migration:
    """One numbered file: `0001_log`, its SQL and the SHA-256 of it."""

    name: str
    sql: str
    sha256: str


@dataclass(frozen=True)
class Status:
    """Names of migrations, in order: those the database has, and those it still needs."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]


def known() -> list[Migration]:
    """The migrations that this code ships, in order."""
    found = sorted(
        (f for f in files("migrations").iterdir() if f.name.endswith(".sql")), key=lambda f: f.name
    )
    texts = [(f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in found]
    return [Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest()) for name, sql in texts]


def status(connection: Connection[Any]) -> Status:
    """What the database has and what it needs.

    Raises MigrationError when an applied file was edited or is unknown to this code.
    """
    there = connection.execute("SELECT to_regclass('public.callboard_migrations')").fetchone()
    done: dict[str, str] = {}
    if there and there[0]:
        done = dict(connection.execute("SELECT name, sha256 FROM public.callboard_migrations").fetchall())
    ours = known()
    if unknown := sorted(done.keys() - {m.name for m in ours}):
        raise MigrationError(
            f"the database is newer than this code: it has {', '.join(unknown)}; upgrade callboard"
        )
    for migration in ours:
        if done.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationError(
                f"migration {migration.name} was edited after it was applied; restore the file"
            )
    return Status(
        tuple(m.name for m in ours if m.name in done), tuple(m.name for m in ours if m.name not in done)
    )


def migrate(connection: Connection[Any]) -> list[str]:
    """Apply what is pending; answers the names applied. The connection must be in autocommit mode and
    its role must own the schemas."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not _try_lock(connection):
        if time.monotonic() > deadline:
            raise MigrationError(
                "another process has been migrating for a minute; look for it, then try again"
            )
        time.sleep(0.1)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.callboard_migrations"
            " (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        pending = set(status(connection).pending)
        applied = [m for m in known() if m.name in pending]
        for migration in applied:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '5s'")
                connection.execute(cast(LiteralString, migration.sql))
                connection.execute(
                    "INSERT INTO public.callboard_migrations (name, sha256) VALUES (%s, %s)",
                    (migration.name, migration.sha256),
                )
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    return [m.name for m in applied]


def _try_lock(connection: Connection[Any]) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    return bool(row and row[0])
