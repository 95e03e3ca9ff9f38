"""What a command works with: settings, the database and who acts. It makes no difference whether the
server is running; the embedded PostgreSQL is shared with it, or started for the command alone."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

import migrations
from api import settings, trail
from api.cli.options import given
from api.postgres.database import database
from api.settings import Settings
from api.wiring import Callboard, bring_up_to_date, open_callboard, open_without_migrating
from domain.access import Action
from domain.application import Context
from domain.errors import Forbidden, NotFound
from domain.event_log import EventLog
from domain.events import Actor
from domain.importing.reach import EVERYWHERE, Reach
from domain.registry.row import Row, evolve


def load_settings(**more: Any) -> Settings:
    """The settings of this call. Raises SettingsError."""
    return settings.load(data_dir=given().data_dir, database_url=given().database_url, **more)


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
            _brought_up_to_date(connection)
        with open_without_migrating(loaded, found.app_url) as callboard:
            yield callboard.log


@contextmanager
def opened_as_owner(*, migrated: bool = True) -> Generator[Connection[Any]]:
    """One connection of the database's owner, for what the application's role may not do."""
    with database(load_settings()) as found, psycopg.connect(found.admin_url, autocommit=True) as connection:
        connection.execute("SET search_path = read, log, public")
        if migrated:
            _brought_up_to_date(connection)
        yield connection


def acting(callboard: Callboard, command: str) -> Context:
    """The context of a command by whoever acts in this call. Raises NotFound, Forbidden."""
    user = user_called(callboard.log, given().acting)
    if not user.values["is_system_admin"]:
        raise Forbidden(
            f"{given().acting} may not do this: it takes a system administrator", needs="system_admin"
        )
    return _context(user, command)


def importing(callboard: Callboard, command: str, *, dry_run: bool = False) -> tuple[Context, Reach]:
    """The same for imports, with where the user may plan. Raises NotFound, Forbidden for who may nowhere."""
    user = user_called(callboard.log, given().acting)
    context = _context(user, command, dry_run=dry_run)
    if user.values["is_system_admin"]:
        return context, EVERYWHERE
    # Only here does a command need what serves HTTP, which takes long to import.
    from api import access  # noqa: PLC0415
    from api.http.security import demand  # noqa: PLC0415
    from api.resources.me import finder  # noqa: PLC0415

    principal = finder(callboard)(user.id)
    if principal is None:
        raise NotFound(f"nobody here is {given().acting}: see `callboard user list`")
    demand(principal, Action.PLAN)
    return context, access.reach(principal)


def user_called(log: EventLog, email: str) -> Row:
    """The user with that address, from the log alone: it works while the read tables are rebuilt.

    Raises NotFound, and Forbidden for a banned one.
    """
    for user_id in trail.users_called(log.pool, email):
        user: Row | None = None
        for recorded in log.stream(user_id):
            user = evolve(user, recorded)
        if user and not user.deleted_at and user.values["email"].lower() == email.lower():
            if user.values["is_banned"]:
                raise Forbidden(f"{email} is banned")
            return user
    raise NotFound(f"nobody here is {email}: see `callboard user list`")


def _context(user: Row, command: str, *, dry_run: bool = False) -> Context:
    return Context(actor=Actor(user.id, user.values["name"]), command=command, origin="cli", dry_run=dry_run)


def _brought_up_to_date(connection: Connection[Any]) -> None:
    if migrations.status(connection).pending:
        bring_up_to_date(connection)
