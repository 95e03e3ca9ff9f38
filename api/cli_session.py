"""What a command works with: settings, the database and who acts. It makes no difference whether the
server is running; the embedded PostgreSQL is shared with it, or started for the command alone."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

import migrations
import projections
from api import settings
from api.cli_options import given
from api.database import Addresses, database
from api.settings import Settings
from api.wiring import Callboard, open_callboard, open_pool
from domain.application import Context
from domain.errors import Forbidden, NotFound
from domain.event_log import EventLog
from domain.events import Actor


def load_settings(**more: Any) -> Settings:
    """The settings of this call. Raises SettingsError."""
    return settings.load(data_dir=given().data_dir, database_url=given().database_url, **more)


@contextmanager
def addresses() -> Generator[Addresses]:
    """Where the database is, untouched."""
    with database(load_settings()) as found:
        yield found


@contextmanager
def opened() -> Generator[Callboard]:
    """Everything, over a database that is migrated and seeded."""
    loaded = load_settings()
    with database(loaded) as found, open_callboard(loaded, found.admin_url, found.app_url) as callboard:
        yield callboard


@contextmanager
def opened_log() -> Generator[EventLog]:
    """The event log alone: asks nothing of the read tables."""
    loaded = load_settings()
    with database(loaded) as found:
        with psycopg.connect(found.admin_url, autocommit=True) as connection:
            if migrations.status(connection).pending:
                migrations.migrate(connection)
        with open_pool(loaded, found.app_url) as pool:
            yield EventLog(pool, projections.project)


@contextmanager
def opened_as_owner() -> Generator[Connection[Any]]:
    """One connection of the database's owner, for what the application's role may not do."""
    with addresses() as found, psycopg.connect(found.admin_url, autocommit=True) as connection:
        yield connection


def acting(callboard: Callboard, command: str) -> Context:
    """The context of a command by whoever acts in this call. Raises NotFound, Forbidden."""
    email = given().acting
    with callboard.pool.connection() as connection:
        row = connection.execute(
            "SELECT id, name, is_system_admin AND NOT is_banned FROM users"
            " WHERE lower(email) = lower(%s) AND deleted_at IS NULL",
            (email,),
        ).fetchone()
    if row is None:
        raise NotFound(f"nobody here is {email}: see `callboard user list`")
    if not row[2]:
        raise Forbidden(f"{email} may not do this: it takes a system administrator", needs="system_admin")
    return Context(actor=Actor(row[0], row[1]), command=command, origin="cli")
