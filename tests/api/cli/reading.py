"""What tests of the command line share: ids of the history they read, and ways to read answers."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
from click.testing import Result

from domain.ids import fixed_id
from tests.conftest import Database

Run = Callable[..., Result]
"""Runs `callboard` with these arguments; `status` is the exit status to expect."""

ADMIN = fixed_id("user", "admin@callboard.local")
STUDIO = fixed_id("studio", "cli")
SHOW = fixed_id("show", "cli-1")
OTHER_SHOW = fixed_id("show", "cli-2")


def lines(result: Result) -> list[Any]:
    """One JSON document a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def empty_read_tables(database: Database) -> None:
    """Every read table loses every row."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()
        names = ", ".join(f"read.{name}" for (name,) in tables)
        connection.execute(f"TRUNCATE {names} CASCADE".encode())
