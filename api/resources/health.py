"""/health: is the process there, and can it work?"""

from typing import Any

import psycopg
from litestar import Router, get
from litestar.di import NamedDependency
from msgspec import Struct
from psycopg_pool import PoolTimeout, TooManyRequests

import migrations
from api.http import examples
from domain.application import Commands
from domain.errors import Unavailable


class Live(Struct, frozen=True):
    """The process answers."""

    status: str


class Ready(Struct, frozen=True):
    """What was asked, and that all of it is well. Projections are written with the events: they never lag."""

    status: str
    checks: dict[str, str]
    projection_lag: int


_READY: dict[str, Any] = {
    "status": "ready",
    "checks": {"database": "ok", "migrations": "ok"},
    "projection_lag": 0,
}


@get(
    "/live",
    operation_id="live",
    summary="Is the process there?",
    sync_to_thread=False,
    responses=examples.answers(200, Live, {"status": "live"}),
)
def live() -> Live:
    """Asks nothing of the database."""
    return Live("live")


@get(
    "/ready",
    operation_id="ready",
    summary="Can it work?",
    sync_to_thread=True,
    responses=examples.answers(200, Ready, _READY),
)
def ready(commands: NamedDependency[Commands]) -> Ready:
    """200 when the database answers and has every migration that this code knows, else 503."""
    try:
        with commands.log.pool.connection(timeout=2) as connection:
            pending = migrations.status(connection).pending
    except (psycopg.Error, PoolTimeout, TooManyRequests):
        raise Unavailable(
            "the database can't be reached", checks={"database": "failed", "migrations": "unknown"}
        ) from None
    except migrations.MigrationError as error:
        raise Unavailable(str(error), checks={"database": "ok", "migrations": "failed"}) from None
    if pending:
        raise Unavailable(
            f"the database lacks {', '.join(pending)}: run `callboard db migrate`",
            checks={"database": "ok", "migrations": "pending"},
        )
    return Ready(**_READY)


routes = Router("/health", route_handlers=[live, ready], tags=["health"])
