"""Databases for tests: made from a migrated template, dropped afterwards."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

import projections
from domain.application import Commands
from domain.event_log import EventLog
from migrations import migrate
from projections import references, registry
from seeds import reference
from tests.spec import Clock

_numbers = count(1)


@dataclass(frozen=True)
class Database:
    """A migrated database of its own. `url` acts as the application's role, `admin_url` as the owner."""

    name: str
    url: str
    admin_url: str


@contextmanager
def template_database(server: str) -> Generator[str]:
    """A database that is migrated and has the reference seeds: its name."""
    with created(server, None) as database:
        with psycopg.connect(database.admin_url, autocommit=True) as connection:
            migrate(connection)
        with pool_over(database) as pool:
            reference.seed(commands_over(pool))
        yield database.name


def pool_over(database: Database, size: int = 4) -> ConnectionPool:
    """A pool as the application has it."""
    return ConnectionPool(
        database.url, min_size=1, max_size=size, kwargs={"autocommit": True}, open=True, timeout=20
    )


def commands_over(pool: ConnectionPool, clock: Clock | None = None) -> Commands:
    """The real commands over a pool."""
    log = EventLog(pool, projections.project, registry.DUPLICATES)
    return Commands(log, references.ReadReferences(), clock=clock or Clock())


@contextmanager
def created(server: str, template: str | None) -> Generator[Database]:
    """A database, from a template if one is named; dropped afterwards."""
    name = f"callboard_test_{os.getpid()}_{next(_numbers)}"
    source = SQL(" TEMPLATE {}").format(Identifier(template)) if template else SQL("")
    with psycopg.connect(server, autocommit=True) as connection:
        # PostgreSQL's default, to write the copy to its log page by page, takes seven times the work.
        statement = SQL("CREATE DATABASE {} STRATEGY FILE_COPY").format(Identifier(name)) + source
        connection.execute(statement)
        # A template's own settings are not copied with it.
        for setting in (SQL("search_path = read, log, public"), SQL("timezone = 'UTC'")):
            connection.execute(SQL("ALTER DATABASE {} SET ").format(Identifier(name)) + setting)
    try:
        yield Database(name, _url(server, name, "callboard_app"), _url(server, name))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _url(server: str, name: str, role: str | None = None) -> str:
    parts = urlsplit(server)
    query = dict(parse_qsl(parts.query)) | ({"options": f"-c role={role}"} if role else {})
    # libpq wants %20 where a form would have a plus.
    return urlunsplit(parts._replace(path=f"/{name}", query=urlencode(query, quote_via=quote)))
