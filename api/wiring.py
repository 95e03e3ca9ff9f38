"""The objects that every edge works with: one pool, one log, one door for commands. HTTP, the command
line and the tests open the same graph here; nothing opens a connection at import.
"""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool

import migrations
import projections
from api.settings import Settings, local_secret
from domain.application import Commands
from domain.errors import FieldError
from domain.event_log import EventLog
from projections import published, rebuild, registry
from projections.references import ReadReferences
from seeds import reference

APP_ROLE = "callboard_app"
DUPLICATES: Mapping[str, FieldError] = {
    **registry.DUPLICATES,
    "shows_external_id_live": FieldError("external_id", "taken", "another live show of this client has it"),
}
"""The field behind each unique constraint of the read tables."""

_POOL_SECONDS = 5.0
_WAITING_A_CONNECTION = 16
_PREPARE: LiteralString = (
    "SELECT set_config('search_path', 'read, log, public', false),"
    " set_config('timezone', 'UTC', false),"
    " set_config('statement_timeout', %s, false),"
    " set_config('lock_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false)"
)
_TAKE_ROLE: LiteralString = (
    "SELECT set_config('role', rolname, false) FROM pg_roles"
    " WHERE rolname = %s AND rolname <> current_user AND pg_has_role(oid, 'MEMBER')"
)


class Callboard:
    """Everything an edge needs. Close it when done, or use it in a `with`. `admin_url` is the database's
    owner's address, for a server that may rebuild."""

    def __init__(
        self,
        settings: Settings,
        pool: ConnectionPool[Connection[Any]],
        commands: Commands,
        admin_url: str | None = None,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.commands = commands
        self.admin_url = admin_url

    @property
    def log(self) -> EventLog:
        """The event log behind the commands, for audits."""
        return self.commands.log

    @property
    def secret(self) -> str:
        """The key that signs tokens: the one set, else this machine's own, made on first use."""
        return self.settings.secret or local_secret(self.settings.data_dir)

    def close(self) -> None:
        """Gives the connections back. Harmless when repeated."""
        self.pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_callboard(settings: Settings, admin_url: str, app_url: str) -> Callboard:
    """Brings the database up to date as its owner (`admin_url`), opens the graph on `app_url` and seeds
    the reference rows that are missing. Quick when there is nothing to do.

    Raises MigrationError, psycopg.OperationalError, domain.errors.Unavailable.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        bring_up_to_date(connection)
    callboard = open_without_migrating(settings, app_url)
    callboard.admin_url = admin_url
    try:
        reference.seed(callboard.commands)
    except BaseException:
        callboard.close()
        raise
    return callboard


def bring_up_to_date(connection: Connection[Any]) -> list[str]:
    """Applies the migrations that are pending, and fills tables that SQL alone can't fill from the log;
    answers the names applied. The connection is the owner's, in autocommit mode.

    Raises MigrationError, Unavailable.
    """
    applied = migrations.migrate(connection)
    if published.lacking(connection):
        rebuild.rebuild(connection)
    return applied


def open_without_migrating(settings: Settings, app_url: str) -> Callboard:
    """The graph on a database as it is, for commands that look at it and for workers of a server that
    brought it up to date before."""
    pool = open_pool(settings, app_url)
    log = EventLog(pool, projections.project, DUPLICATES)
    commands = Commands(log, ReadReferences(), conflict_check=settings.conflict_check)
    return Callboard(settings, pool, commands)


def open_pool(settings: Settings, app_url: str) -> ConnectionPool[Connection[Any]]:
    """Connections of the application's role. No `check`: it costs every request a round trip and the
    first one after a restart five seconds; what finds its connection lost is tried once more instead."""

    def configure(connection: Connection[Any]) -> None:
        timeouts = (
            f"{settings.statement_timeout_ms}ms",
            f"{settings.lock_timeout_ms}ms",
            f"{settings.idle_in_transaction_timeout_ms}ms",
        )
        connection.execute(_PREPARE, timeouts)
        connection.execute(_TAKE_ROLE, (APP_ROLE,))

    # It warns of every refusal by the database, which is an answer here, not a fault.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    return ConnectionPool(
        app_url,
        min_size=1,
        max_size=settings.pool_size,
        timeout=_POOL_SECONDS,
        max_waiting=settings.pool_size * _WAITING_A_CONNECTION,
        kwargs={"autocommit": True, "prepare_threshold": settings.prepare_threshold},
        configure=configure,
        open=True,
    )
