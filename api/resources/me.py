"""Who a token stands for: found for every request, and told at /me."""

from typing import Any, Final, LiteralString

import msgspec
from litestar import Request, get
from msgspec import Struct
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests

from api.http.examples import ME, answers
from api.http.security import FindUser, Principal
from api.wiring import Callboard
from domain.access import Access, Membership, Switch
from domain.registry.row import Row, evolve

_UNKNOWN: Final = Access(memberships=(Membership(role="client_viewer", client_id=""),))
"""Of a user whose memberships can't be read now: no client's data, unless the user is an administrator."""
_FIND: Final[LiteralString] = """
    SELECT u.id, u.name, u.email, u.is_system_admin, u.is_banned, u.deleted_at,
           CASE WHEN NOT u.is_system_admin THEN
               (SELECT json_agg(json_build_object(
                           'role', m.role, 'studio_id', m.studio_id, 'client_id', m.client_id))::text
                FROM memberships m WHERE m.user_id = u.id AND m.deleted_at IS NULL) END,
           CASE WHEN NOT u.is_system_admin THEN
               (SELECT json_agg(json_build_object(
                           'feature', f.feature, 'user_type', f.user_type,
                           'studio_id', f.studio_id, 'enabled', f.enabled))::text
                FROM features f WHERE f.deleted_at IS NULL) END,
           (SELECT p.set_at FROM passwords p WHERE p.user_id = u.id)
    FROM users u WHERE u.id = %s
"""


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
            row = connection.execute(_FIND, (user_id,)).fetchone()
        if row is None:
            return _remembered(callboard, user_id)
        *known, admin, banned, deleted_at, memberships, switches, set_at = row
        if deleted_at:
            return None
        access = Access(
            is_system_admin=admin,
            memberships=msgspec.json.decode(memberships or b"[]", type=tuple[Membership, ...]),
            switches=msgspec.json.decode(switches or b"[]", type=tuple[Switch, ...]),
        )
        return Principal(
            *known, is_system_admin=admin, is_banned=banned, access=access, password_set_at=set_at
        )

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
        access=_UNKNOWN,
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
