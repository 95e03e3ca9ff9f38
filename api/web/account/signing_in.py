"""/sign-in and /sign-out: who sits at this browser. The session is a signed token in a cookie that no script
reads; it ends with its time, with signing out here, and everywhere when the password is changed."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

import jwt
from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from api.http.security import COOKIE, LINKS, SESSIONS, from_own_page, issue_token, verify
from api.web.account import passwords
from api.web.frame.rendering import page
from api.wiring import Callboard
from domain.errors import Forbidden

_OPEN: Final = {"action": "read"}
"""Asked of everybody: these write nothing of what is planned."""
SESSION: Final = timedelta(hours=12)
"""A working day: whoever stays longer signs in again."""


class SignIn(Struct, frozen=True):
    """What the form sends."""

    email: Annotated[str, Meta(max_length=320)] = ""
    password: Annotated[str, Meta(max_length=passwords.LONGEST)] = ""
    next: Annotated[str, Meta(max_length=2_000)] = ""


@get("/sign-in", include_in_schema=False, sync_to_thread=False)
def ask(
    request: Request[Any, Any, Any],
    to: Annotated[str, QueryParameter(name="next")] = "",
    why: FromQuery[str] = "",
) -> Response[str]:
    """The form. `why=ended` says that a session is over; `next` is where to go on."""
    notice = "sign_in.ended" if why == "ended" else None
    return page(request, "sign_in", email="", next=onward(to), problem=None, notice=notice)


@post("/sign-in", include_in_schema=False, sync_to_thread=True, status_code=200, opt=_OPEN)
def sign_in(
    request: Request[Any, Any, Any],
    callboard: NamedDependency[Callboard],
    tries: NamedDependency[passwords.Tries],
    data: Annotated[SignIn, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Begins a session, or says why not: 422 for what doesn't fit, 429 after too many tries."""
    _own(request)
    name = data.email.strip().lower()
    if wait := tries.wait(name):
        minutes = int(wait // 60) + 1
        return _again(request, data, 429, "sign_in.wait", minutes=minutes)
    with callboard.pool.connection() as connection:
        user_id = passwords.fitting(connection, name, data.password)
    if user_id is None:
        tries.failed(name)
        return _again(request, data, 422, "sign_in.wrong")
    tries.succeeded(name)
    return begun(request, callboard, user_id, onward(data.next))


@get("/sign-in/link", include_in_schema=False, sync_to_thread=True)
def with_link(
    request: Request[Any, Any, Any], callboard: NamedDependency[Callboard], token: FromQuery[str] = ""
) -> Response[Any]:
    """Begins a session for whom the link was made. Raises nothing: a stale link leads to the form."""
    try:
        claims = verify(token, callboard.secret, audience=LINKS)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
        return page(
            request, "sign_in", status=410, email="", next="/", problem=None, notice="sign_in.stale_link"
        )
    return begun(request, callboard, claims.user_id, "/")


@post("/sign-out", include_in_schema=False, sync_to_thread=False, status_code=303, opt=_OPEN)
def sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """Ends the session in this browser."""
    _own(request)
    return Redirect("/sign-in", status_code=303, cookies=[_cookie(request, "", 0)])


def begun(request: Request[Any, Any, Any], callboard: Callboard, user_id: str, to: str) -> Redirect:
    """A redirect that brings the session's cookie."""
    token = issue_token(callboard.secret, user_id, SESSION, datetime.now(UTC), audience=SESSIONS)
    cookie = _cookie(request, token, int(SESSION.total_seconds()))
    return Redirect(to, status_code=303, cookies=[cookie], headers={"Cache-Control": "no-store"})


def onward(path: str) -> str:
    """A path of this site, or the start: nobody is led elsewhere by a link to the form."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if fine and "\\" not in path and path.isprintable() else "/"


def form_for(path: str) -> str:
    """The address of the form for a page that needs somebody."""
    return f"/sign-in?next={quote(onward(path), safe='')}"


def _own(request: Request[Any, Any, Any]) -> None:
    if not from_own_page(request):
        raise Forbidden("This was not sent by a page of this site.", needs="a page of this site")


def _again(
    request: Request[Any, Any, Any], data: SignIn, status: int, problem: str, **values: Any
) -> Response[str]:
    return page(
        request,
        "sign_in",
        status=status,
        email=data.email,
        next=onward(data.next),
        problem=(problem, values),
        notice=None,
    )


def _cookie(request: Request[Any, Any, Any], value: str, seconds: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


routes = Router("/", route_handlers=[ask, sign_in, with_link, sign_out], include_in_schema=False)
