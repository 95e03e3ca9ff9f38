"""Who is asking, and may they? A bearer token or a page's session in, a Principal out; the policy is one
function, `may`."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.types import ASGIApp
from msgspec import Struct

from domain.access import NEEDS, Access, Action
from domain.errors import Forbidden

ISSUER: Final = "callboard"
AUDIENCE: Final = "callboard-api"
SESSIONS: Final = "callboard-pages"
"""The audience of the token in a browser's cookie: it is no bearer token, nor the reverse."""
LINKS: Final = "callboard-link"
"""The audience of a link that signs in."""
COOKIE: Final = "callboard_session"
ALGORITHM: Final = "HS256"
LEEWAY: Final = timedelta(seconds=30)
MIN_SECRET: Final = 32
"""Bytes. A shorter HS256 key can be searched for."""

PUBLIC: Final = r"^/(health|schema|static|sign-in|sign-out|appearance)(/|$)|^/metrics$"
"""Paths that need no token."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,100}")


class Principal(Struct, frozen=True):
    """The user a request acts for. The only source of an event's actor."""

    id: str
    name: str
    email: str
    is_system_admin: bool = False
    is_banned: bool = False
    access: Access = Access()
    password_set_at: datetime | None = None

    @property
    def clients(self) -> tuple[str, ...] | None:
        """The clients that the user is bounded to, for filters; None for one who sees them all."""
        bounds = None if self.is_system_admin else self.access.clients
        return None if bounds is None else tuple(sorted(bounds))

    @property
    def studios(self) -> tuple[str, ...]:
        """The studios that the user works at."""
        return tuple(each.studio_id for each in self.access.memberships if each.studio_id)


class Bounds(Struct, frozen=True):
    """Lists show what belongs to these clients only; None: everything."""

    clients: tuple[str, ...] | None = None


FindUser = Callable[[str], Principal | None]
"""The user with that id, or None when unknown or deleted. Called in a thread, once a request."""


class Claims(Struct, frozen=True):
    """What a good token says."""

    user_id: str
    issued: int
    expires: int


def may(
    principal: Principal, action: Action, *, studio_id: str | None = None, client_id: str | None = None
) -> bool:
    """The whole policy (SPEC 9). Without a studio: whether there is any place where the user may."""
    return principal.is_system_admin or principal.access.may(action, studio_id, client_id)


def demand(
    principal: Principal, action: Action, *, studio_id: str | None = None, client_id: str | None = None
) -> None:
    """Raises Forbidden, saying what is needed, unless the user may."""
    if not may(principal, action, studio_id=studio_id, client_id=client_id):
        needs = NEEDS[action]
        detail = f"This needs {needs}."
        if action is Action.WRITE:
            detail = "Only a system administrator may do this."
        raise Forbidden(detail, needs=needs)


async def admin_writes(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard for the whole app: asks `may` for the handler's action."""
    action = Action(handler.opt.get("action", Action.READ if is_safe(connection) else Action.WRITE))
    principal = connection.scope.get("user")  # pyright: ignore[reportUnknownMemberType]
    if principal is None and action is Action.READ:
        return  # A public path: everything else was refused before.
    if not isinstance(principal, Principal):
        raise Forbidden("Only a system administrator may do this.", needs="system_admin")
    demand(principal, action)


def is_safe(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether a request only reads, by its method."""
    return connection.scope["method"] in _SAFE if connection.scope["type"] == "http" else True


def from_own_page(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the browser says that a page of this very site sent the request. Browsers set these headers
    themselves and no script can: `Sec-Fetch-Site`, or in older ones `Origin`."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("origin", "")
    return origin.partition("://")[2] == connection.headers.get("host", "") != ""


def issue_token(secret: str, user_id: str, ttl: timedelta, now: datetime, *, audience: str = AUDIENCE) -> str:
    """A token for that user, good until `now + ttl`: a bearer token unless another audience is named."""
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": user_id,
        "iat": issued,
        "exp": issued + int(ttl.total_seconds()),
    }
    return jwt.encode(claims, checked(secret), algorithm=ALGORITHM)  # pyright: ignore[reportUnknownMemberType]


def verify(token: str, secret: str, *, audience: str = AUDIENCE) -> Claims:
    """The claims of a token of ours that is good now, give or take 30 s. Else jwt.InvalidTokenError."""
    claims = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
        token,
        checked(secret),
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=audience,
        leeway=LEEWAY,
        options={"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": True},
    )
    subject, issued, expires = claims["sub"], claims["iat"], claims["exp"]
    if not _SUBJECT.fullmatch(subject) or {type(issued), type(expires)} != {
        int
    }:  # PyJWT takes 1e300 and "9" too
        raise jwt.InvalidTokenError("The subject is no user id, or a time no whole number of seconds")
    return Claims(subject, issued, expires)


def checked(secret: str) -> str:
    """The secret itself, if it is long enough; else ValueError."""
    if len(secret.encode()) < MIN_SECRET:
        raise ValueError(f"The token secret needs at least {MIN_SECRET} bytes.")
    return secret


def authentication(secret: str, find_user: FindUser) -> DefineMiddleware:
    """For `Litestar(middleware=[...])`: every path but the public ones needs a good token."""
    return DefineMiddleware(_Bearer, secret=checked(secret), find_user=find_user, exclude=PUBLIC)


class _Bearer(AbstractAuthenticationMiddleware):
    """Litestar's own JWT backends take any scheme word, no clock skew, and send no challenge."""

    def __init__(self, app: ASGIApp, secret: str, find_user: FindUser, exclude: str) -> None:
        super().__init__(app, exclude=exclude)
        self.secret = secret
        self.find_user = find_user

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """The principal of a good token; 401 without one, and for unknown, deleted or banned users. A page's
        session is taken where no token is sent, and for writing only from our own pages."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        audience = AUDIENCE
        if not scheme and (cookie := connection.cookies.get(COOKIE)):
            if not is_safe(connection) and not from_own_page(connection):
                raise Forbidden("This was not sent by a page of this site.", needs="a page of this site")
            scheme, token, audience = "bearer", cookie, SESSIONS
        if scheme.lower() != "bearer" or not token:
            raise NotAuthorizedException(detail="Send a token: Authorization: Bearer <token>.")
        user, claims = await sync_to_thread(identified, token.strip(), self.secret, self.find_user, audience)
        return AuthenticationResult(user=user, auth=claims)


def identified(
    token: str, secret: str, find_user: FindUser, audience: str = AUDIENCE
) -> tuple[Principal, Claims]:
    """Whose a token is, and what it says. Raises NotAuthorizedException: it is not good, or no longer."""
    try:
        claims = verify(token, secret, audience=audience)
    except jwt.ExpiredSignatureError:
        raise _refused("The token has expired.") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
        raise _refused("The token is not valid.") from None
    principal = find_user(claims.user_id)
    if principal is None or principal.is_banned:
        raise _refused("The token's user may not sign in.")
    changed = principal.password_set_at
    if audience == SESSIONS and changed is not None and claims.issued < int(changed.timestamp()):
        raise _refused("The password was changed since.")
    return principal, claims


def _refused(detail: str) -> NotAuthorizedException:
    challenge = f'Bearer realm="callboard", error="invalid_token", error_description="{detail}"'
    return NotAuthorizedException(detail=detail, headers={"WWW-Authenticate": challenge})
