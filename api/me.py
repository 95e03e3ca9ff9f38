"""Who a token stands for: found for every request, and told at /me."""

from typing import Any

from litestar import Request, get
from msgspec import Struct
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests

from api.examples import ME, answers
from api.security import FindUser, Principal
from api.wiring import Callboard
from domain.registry.row import Row, evolve


class Me(Struct, frozen=True):
    """The user that the token stands for."""

    id: str
    email: str
    name: str
    is_system_admin: bool


def finder(callboard: Callboard) -> FindUser:
    """Finds the user of a token. Where the read tables know none, the log is asked, so that audits work
    while they are being rebuilt."""

    def find_user(user_id: str) -> Principal | None:
        try:
            return found(user_id)
        except (PoolTimeout, TooManyRequests):
            raise
        except OperationalError:
            # PostgreSQL was restarted: this is where a request first learns it, so it starts afresh here.
            callboard.pool.drain()
            return found(user_id)

    def found(user_id: str) -> Principal | None:
        with callboard.pool.connection() as connection:
            row = connection.execute(
                "SELECT id, name, email, is_system_admin, is_banned, deleted_at FROM users WHERE id = %s",
                (user_id,),
            ).fetchone()
        if row is None:
            return _remembered(callboard, user_id)
        *known, deleted_at = row
        return None if deleted_at else Principal(*known)

    return find_user


def _remembered(callboard: Callboard, user_id: str) -> Principal | None:
    if not user_id.startswith("user_"):
        return None
    row: Row | None = None
    for recorded in callboard.log.stream(user_id):
        row = evolve(row, recorded)
    if row is None or row.deleted_at:
        return None
    values = row.values
    return Principal(
        row.id,
        values["name"],
        values["email"],
        is_system_admin=values.get("is_system_admin", False),
        is_banned=values.get("is_banned", False),
    )


@get(
    "/me",
    operation_id="me",
    summary="Who am I?",
    tags=["me"],
    sync_to_thread=False,
    responses=answers(200, Me, ME),
)
def me(request: Request[Principal, Any, Any]) -> Me:
    """The user that the token stands for."""
    user = request.user
    return Me(user.id, user.email, user.name, user.is_system_admin)
