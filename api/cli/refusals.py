"""What a person reads when a command fails: one line, no traceback. Exit 2 when what was typed or set is
wrong, else 1."""

from dataclasses import dataclass

import psycopg
from msgspec import MsgspecError
from psycopg_pool import PoolTimeout

from api.postgres.embedded import EmbeddedError
from api.settings import SettingsError
from domain.errors import CorruptHistory, DomainError, Invalid
from migrations import MigrationError

_NAMED = ("PortUnusable", "NotStarted")


@dataclass(frozen=True)
class Refusal:
    """One line for standard error and an exit status."""

    line: str
    status: int = 1


def refusal(error: Exception) -> Refusal | None:  # noqa: PLR0911 - one arm a kind of error
    """The line for an error that a user may meet; None for a bug, which deserves its traceback."""
    match error:
        case Invalid():
            wrong = "; ".join(f"{e.path}: {e.message}" for e in error.errors)
            return Refusal(wrong or str(error), 2)
        case SettingsError():
            return Refusal(str(error), 2)
        case DomainError() | MigrationError() | EmbeddedError():
            return Refusal(str(error))
        case CorruptHistory() | MsgspecError():
            return Refusal(f"the log holds an event that can't be read: {error}")
        case psycopg.errors.UndefinedTable() | psycopg.errors.InvalidSchemaName():
            return Refusal("the database has no Callboard in it yet: run `callboard db migrate`")
        case PoolTimeout() | psycopg.OperationalError() | psycopg.errors.InsufficientPrivilege():
            return Refusal(f"the database can't be used: {_first_line(error)}")
        case psycopg.ProgrammingError(sqlstate=None):
            return Refusal(f"the database's address is wrong: {_first_line(error)}", 2)
        case psycopg.IntegrityError():
            return Refusal(f"the log breaks a rule of the database: {_first_line(error)}")
        case OSError():
            return Refusal(str(error))
        case _ if type(error).__name__ in _NAMED:
            return Refusal(str(error))
        case _:
            return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
