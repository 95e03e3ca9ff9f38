"""A real PostgreSQL for the suite, and a fresh migrated database for each test that asks for one."""

import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from api.postgres import embedded
from domain.application import Commands
from tests.databases import Database, commands_over, created, pool_over, template_database
from tests.spec import Clock

LONG = (
    "test_readme.py",
    "test_story.py",
    "test_stories.py",
    "test_schema_fuzz.py",
    "test_bench.py",
    "test_emptied.py",
    "test_processes.py",
    "test_suggesting.py",
    "test_odd_addresses.py",
    "test_dry_runs.py",
)
"""Files of few tests that take half a minute and more: at the end one process would be alone with them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the long ones; files stay whole, and the others in their order."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Measures no coverage in tests marked `untraced`: those that go a thousand times through what other
    tests measure. Measuring takes two thirds of their time."""
    if not item.get_closest_marker("untraced"):
        return (yield)
    here, in_threads = sys.gettrace(), threading.gettrace()
    inherited = os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    sys.settrace(None)
    threading.settrace(None)  # pyright: ignore[reportArgumentType]
    try:
        return (yield)
    finally:
        sys.settrace(here)
        threading.settrace(in_threads)  # pyright: ignore[reportArgumentType]
        if inherited is not None:
            os.environ["COVERAGE_PROCESS_CONFIG"] = inherited


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
    with template_database(server) as name:
        yield name


@pytest.fixture
def new_database(server: str, template: str) -> Generator[Callable[[], Database]]:
    """Makes fresh databases, as many as the test wants."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(created(server, template))


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
