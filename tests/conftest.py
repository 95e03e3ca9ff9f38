"""A real PostgreSQL for the suite, and a fresh migrated database for each test that asks for one."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

import projections
from api import embedded
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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a database on a server where the suite may create others, as a superuser."""
    if given := os.environ.get("CALLBOARD_TEST_DATABASE_URL"):
        yield given
        return
    home: Path = tmp_path_factory.mktemp("postgres")
    # The suite loses nothing in a crash; tests about crashes start servers of their own.
    with embedded.server(home, fsync="off", full_page_writes="off", synchronous_commit="off") as running:
        yield running.admin_url


@pytest.fixture(scope="session")
def template(server: str) -> Generator[str]:
    """The name of a database that is migrated and has the reference seeds."""
    name = f"callboard_test_{os.getpid()}_template"
    with _created(server, name, template=None) as database:
        with psycopg.connect(database.admin_url, autocommit=True) as connection:
            migrate(connection)
        with pool_over(database) as pool:
            reference.seed(commands_over(pool))
        yield name


@pytest.fixture
def new_database(server: str, template: str) -> Generator[Callable[[], Database]]:
    """Makes fresh databases, as many as the test wants."""
    made: list[Iterator[Database]] = []

    def make() -> Database:
        fresh = _fresh(server, template)
        made.append(fresh)
        return next(fresh)

    yield make
    for each in made:
        next(each, None)


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """A fresh database: migrated, with the reference seeds."""
    return new_database()


@pytest.fixture
def clock() -> Clock:
    """What the commands of the test take for the time; `clock.now` may be set."""
    return Clock()


@pytest.fixture
def pool(database: Database) -> Generator[ConnectionPool]:
    """Connections to the test's database as the application's role."""
    with pool_over(database) as pool:
        yield pool


@pytest.fixture
def commands(pool: ConnectionPool, clock: Clock) -> Commands:
    """The real commands over the test's database."""
    return commands_over(pool, clock)


def pool_over(database: Database, size: int = 4) -> ConnectionPool:
    """A pool as the application has it."""
    return ConnectionPool(
        database.url, min_size=1, max_size=size, kwargs={"autocommit": True}, open=True, timeout=20
    )


def commands_over(pool: ConnectionPool, clock: Clock | None = None) -> Commands:
    """The real commands over a pool."""
    log = EventLog(pool, projections.project, registry.DUPLICATES)
    return Commands(log, references.ReadReferences(), clock=clock or Clock())


def _fresh(server: str, template: str) -> Iterator[Database]:
    name = f"callboard_test_{os.getpid()}_{next(_numbers)}"
    with _created(server, name, template) as database:
        yield database


@contextmanager
def _created(server: str, name: str, template: str | None) -> Generator[Database]:
    source = SQL(" TEMPLATE {}").format(Identifier(template)) if template else SQL("")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)) + source)
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
