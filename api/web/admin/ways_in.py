"""A new way in for a user: a password that is shown once and a link that signs in, both in one event."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.http.headers import request_id
from api.http.security import LINKS, Principal, issue_token
from api.web.account import passwords
from api.web.admin.rows import roles_of
from api.web.frame.rendering import page
from api.wiring import Callboard
from domain.accounts import set_password
from domain.application import Context
from domain.events import Actor
from domain.registry.entities import BY_KIND
from projections import registry

_BYTES: Final = 12
"""Of randomness, as 16 characters."""
LINK_TTL: Final = timedelta(hours=24)


class WayIn(Struct, frozen=True):
    """What to hand to the user."""

    password: str
    link: str
    hours: int


@post(
    "/way-in/{row_id:str}",
    include_in_schema=False,
    sync_to_thread=True,
    status_code=200,
    opt={"action": "write"},
)
def way_in(
    row_id: FromPath[str], request: Request[Principal, Any, Any], callboard: NamedDependency[Callboard]
) -> Response[str]:
    """Sets a new password, which ends the user's sessions, and shows it with a link that signs in. There is
    no link without the event: nobody acts as somebody else without a trace. Raises NotFound,
    IllegalTransition for a deleted user."""
    user = request.user
    password = secrets.token_urlsafe(_BYTES)
    context = Context(
        actor=Actor(user.id, user.name), command="user.password", request_id=request_id(request.scope)
    )
    set_password(callboard.commands, context, row_id, passwords.hashed(password))
    token = issue_token(callboard.secret, row_id, LINK_TTL, datetime.now(UTC), audience=LINKS)
    link = f"{str(request.base_url).rstrip('/')}/sign-in/link?token={token}"
    secret = WayIn(password, link, int(LINK_TTL.total_seconds()) // 3600)
    with callboard.commands.log.pool.connection() as connection:
        found = registry.find(connection, BY_KIND["user"], row_id)
        roleless = not getattr(found, "is_system_admin", False) and not roles_of(connection, row_id)
    return page(request, "admin/way_in", secret=secret, roleless=roleless)
