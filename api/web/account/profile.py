"""/profile: who I am, my password, and a token for scripts; /appearance: light or dark, and the language."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect
from msgspec import Meta, Struct

from api.http.headers import request_id
from api.http.security import Principal, issue_token
from api.web.account import passwords
from api.web.account.signing_in import begun, onward
from api.web.frame.rendering import LANGUAGE, THEME, THEMES, catalogue, page
from api.wiring import Callboard
from domain.accounts import set_password
from domain.application import Context
from domain.events import Actor

_YEAR: Final = 366 * 24 * 3600
_OPEN: Final = {"action": "read"}
"""What these routes ask of a user: to be one. They change nothing but what is the user's own."""

Secret = Annotated[str, Meta(max_length=passwords.LONGEST)]


class NewPassword(Struct, frozen=True):
    """What the password form sends."""

    old: Secret = ""
    new: Secret = ""
    again: Secret = ""


class NewToken(Struct, frozen=True):
    """What the token form sends."""

    days: Literal["1", "7", "30", "90"] = "7"


class Appearance(Struct, frozen=True):
    """What the form at the foot of each page sends; a value that is unknown changes nothing."""

    theme: Annotated[str, Meta(max_length=20)] = ""
    language: Annotated[str, Meta(max_length=20)] = ""
    next: Annotated[str, Meta(max_length=2_000)] = ""


@get("/profile", include_in_schema=False, sync_to_thread=True, opt=_OPEN)
def profile(
    request: Request[Principal, Any, Any], callboard: NamedDependency[Callboard], done: FromQuery[str] = ""
) -> Response[str]:
    """Who I am."""
    return _profile(request, callboard, done=done == "password")


@post("/profile/password", include_in_schema=False, sync_to_thread=True, status_code=303, opt=_OPEN)
def change_password(
    request: Request[Principal, Any, Any],
    callboard: NamedDependency[Callboard],
    tries: NamedDependency[passwords.Tries],
    data: Annotated[NewPassword, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Changes one's own password and begins a new session; every other one ends. 422 for what doesn't fit."""
    user = request.user
    if wait := tries.wait(user.email.lower()):
        wrong = {"old": ("sign_in.wait", {"minutes": int(wait // 60) + 1})}
        return _profile(request, callboard, status=429, wrong=wrong)
    if wrong := _unfit(callboard, tries, user, data):
        return _profile(request, callboard, status=422, wrong=wrong)
    context = Context(
        actor=Actor(user.id, user.name), command="user.password", request_id=request_id(request.scope)
    )
    set_password(callboard.commands, context, user.id, passwords.hashed(data.new))
    return begun(request, callboard, user.id, "/profile?done=password")


@post("/profile/token", include_in_schema=False, sync_to_thread=True, status_code=200, opt=_OPEN)
def make_token(
    request: Request[Principal, Any, Any],
    callboard: NamedDependency[Callboard],
    data: Annotated[NewToken, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[str]:
    """A bearer token for one's own scripts, shown this once."""
    ttl = timedelta(days=int(data.days))
    token = issue_token(callboard.secret, request.user.id, ttl, datetime.now(UTC))
    return _profile(request, callboard, token=token)


@post("/appearance", include_in_schema=False, sync_to_thread=False, status_code=303, opt=_OPEN)
def appearance(
    request: Request[Any, Any, Any],
    data: Annotated[Appearance, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Keeps how this browser shows the pages."""
    chosen = [(THEME, data.theme, THEMES), (LANGUAGE, data.language, catalogue(request).languages)]
    cookies = [
        Cookie(key=name, value=value, max_age=_YEAR, path="/", samesite="lax", httponly=True)
        for name, value, known in chosen
        if value in known
    ]
    return Redirect(onward(data.next), status_code=303, cookies=cookies)


def _unfit(
    callboard: Callboard, tries: passwords.Tries, user: Principal, data: NewPassword
) -> dict[str, tuple[str, dict[str, Any]]]:
    """By field, what is wrong with it: a key of the catalogue and its values."""
    name = user.email.lower()
    with callboard.pool.connection() as connection:
        has_one = passwords.set_at(connection, user.id) is not None
        if has_one and passwords.fitting(connection, name, data.old) != user.id:
            tries.failed(name)
            return {"old": ("profile.password_wrong", {})}
    if len(data.new) < passwords.SHORTEST:
        return {"new": ("profile.password_short", {"least": passwords.SHORTEST})}
    return {"again": ("profile.password_differs", {})} if data.new != data.again else {}


def _profile(
    request: Request[Principal, Any, Any],
    callboard: Callboard,
    *,
    status: int = 200,
    wrong: dict[str, tuple[str, dict[str, Any]]] | None = None,
    token: str | None = None,
    done: bool = False,
) -> Response[str]:
    with callboard.pool.connection() as connection:
        has_one = passwords.set_at(connection, request.user.id) is not None
    roles = [] if request.user.is_system_admin else sorted({m.role for m in request.user.access.memberships})
    return page(
        request,
        "profile",
        status=status,
        has_password=has_one,
        least=passwords.SHORTEST,
        wrong=wrong or {},
        token=token,
        done=done,
        roles=roles,
    )


routes = Router(
    "/", route_handlers=[profile, change_password, make_token, appearance], include_in_schema=False
)
