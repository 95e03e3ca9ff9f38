"""Pages from templates: what every page knows, and the answers that carry them."""

from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import Cookie

from api.http.security import Principal
from api.web import assets, wording

LANGUAGE: Final = "callboard_language"
THEME: Final = "callboard_theme"
THEMES: Final = ("system", "light", "dark")
_TEMPLATES: Final = Path(__file__).with_name("templates")


def page(
    request: Request[Any, Any, Any],
    name: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **values: Any,
) -> Response[str]:
    """An HTML page from a template of that name. In every template: `t` (words), `user` (or None), `theme`,
    `asset(name)` (the address of a static file), `here` (the path)."""
    text = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            t=words(request),
            user=user(request),
            theme=theme(request),
            here=request.scope["path"],
            asset=assets.address,
            languages=[wording.words(each) for each in wording.languages()],
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


def words(request: Request[Any, Any, Any]) -> wording.Words:
    """The words in the language of this user."""
    return wording.chosen(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))


def theme(request: Request[Any, Any, Any]) -> str:
    """Light, dark, or as the system has it."""
    asked = request.cookies.get(THEME)
    return asked if asked in THEMES else THEMES[0]


def user(request: Request[Any, Any, Any]) -> Principal | None:
    """Who is signed in; None on the pages that need nobody to be."""
    found = cast("object", request.scope.get("user"))  # pyright: ignore[reportUnknownMemberType]
    return found if isinstance(found, Principal) else None


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
