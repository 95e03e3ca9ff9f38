"""Pages from templates: what every page knows, and the answers that carry them."""

from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import Cookie

from api.http.security import Principal, may
from api.web.frame import assets, named, wording
from domain.access import Action

LANGUAGE: Final = "callboard_language"
THEME: Final = "callboard_theme"
THEMES: Final = ("system", "light", "dark")
_TEMPLATES: Final = Path(__file__).parent.with_name("templates")


def page(
    request: Request[Any, Any, Any],
    name: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **values: Any,
) -> Response[str]:
    """An HTML page from a template of that name, which extends `layout`: the whole frame, or nothing around
    it where a script asks for a part (`HX-Request`, for panels). In every template: `t` (words), `user` (or
    None), `theme`, `asset(name)` (the address of a static file), `here` (the path), `address` (path and
    query), `whole` (whether it is a page), `called(kind, row)` (the name of a look-up row)."""
    whole = "hx-request" not in request.headers or request.headers.get("hx-request-type") == "full"
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    text = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            t=words(request),
            user=user(request),
            theme=theme(request),
            here=path,
            address=f"{path}?{query}" if query else path,
            whole=whole,
            layout="base.html" if whole else "fragment.html",
            places=places(user(request)),
            asset=assets.address,
            called=named.by_row(words(request)),
            languages=[catalogue(request).words(each) for each in catalogue(request).languages],
            **values,
        )
    )
    # Pages are somebody's own: no cache keeps them.
    return Response(
        text,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Cache-Control": "no-store", **(headers or {})},
        cookies=cookies or [],
    )


def catalogue(request: Request[Any, Any, Any]) -> wording.Catalogue:
    """All languages of this installation."""
    return request.app.state.get("catalogue", wording.BUILT_IN)


def words(request: Request[Any, Any, Any]) -> wording.Words:
    """The words in the language of this user."""
    return catalogue(request).chosen(
        request.cookies.get(LANGUAGE), request.headers.get("accept-language", "")
    )


def region(request: Request[Any, Any, Any]) -> str:
    """The country of this user in two letters, where the browser tells it with the language of the page."""
    language = words(request).language
    accepted = wording.ranges(request.headers.get("accept-language", ""))
    return next((region for each, region in accepted if each == language and region), "")


def theme(request: Request[Any, Any, Any]) -> str:
    """Light, dark, or as the system has it."""
    asked = request.cookies.get(THEME)
    return asked if asked in THEMES else THEMES[0]


def user(request: Request[Any, Any, Any]) -> Principal | None:
    """Who is signed in; None on the pages that need nobody to be."""
    found = cast("object", request.scope.get("user"))  # pyright: ignore[reportUnknownMemberType]
    return found if isinstance(found, Principal) else None


class Place(NamedTuple):
    """A page of the navigation: its name in the catalogue's part `frame`, and where it is."""

    name: str
    href: str


def places(who: Principal | None) -> list[Place]:
    """The pages that are for this user, in the order of the navigation."""
    if who is None:
        return []
    found = [Place(name, f"/{name}") for name in ("board", "schedules", "inbox")]
    if who.clients is None:
        if may(who, Action.PLAN):
            found.append(Place("imports", "/imports"))
        found.append(Place("admin", "/admin"))
    if may(who, Action.AUDIT):
        found.append(Place("audit", "/audit"))
    return found


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
