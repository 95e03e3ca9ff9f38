"""What goes wrong on a page is told on a page, in the reader's words, with a way on; under /api it stays a
problem document."""

from typing import Any, Final, cast
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response import Redirect

from api.http import problems
from api.http.security import COOKIE
from api.web.account.signing_in import onward
from api.web.frame import refusals
from api.web.frame.rendering import Place, page, places, user, words
from domain.errors import FieldError

_ADVISED: Final = frozenset({"not_found", "forbidden", "invalid", "method_not_allowed"})
"""Codes after which a page says what else may help; after others one tries again."""


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to any exception, for whoever asked: a browser that wants a page gets one."""
    problem = problems.answer(request, error)
    status, body = problem.status_code or 500, problem.content
    if not _is_page(request, takes_any=str(body["code"]) == "invalid"):
        return problem
    if status == 401:  # noqa: PLR2004 - unauthorized
        asked = {"next": onward(request.scope["path"])}
        if request.cookies.get(COOKIE):
            asked["why"] = "ended"
        return Redirect(f"/sign-in?{urlencode(asked)}", status_code=303)
    t, code = words(request), str(body["code"])
    wrong = cast(list[FieldError], body.get("errors", []))
    return page(
        request,
        "error",
        status=status,
        title=t.texts.get(f"problem.{code}", t("problem.refused")),
        message=refusals.refusal(t, body),
        wrong=[refusals.wrong(t, each) for each in wrong] if len(wrong) > 1 else [],
        advised=code if code in _ADVISED else "other",
        plain=request.scope["path"] if code == "invalid" and request.scope["query_string"] else "",
        place=_place(request),
    )


def _place(request: Request[Any, Any, Any]) -> Place | None:
    """The page of the navigation that the address is under: from there one finds what there is."""
    path: str = request.scope["path"]
    under = (each for each in places(user(request)) if path.startswith((f"{each.href}/", each.href)))
    alike = {"/shows": "board", "/changes": "inbox"}.get("/" + path.split("/")[1])
    shown = {each.name: each for each in places(user(request))}
    return next(under, None) or shown.get(alike or "")


def _is_page(request: Request[Any, Any, Any], *, takes_any: bool) -> bool:
    """Whether a page is wanted; of a page's own address also by whoever takes anything, if `takes_any`: what
    the address asks amiss is told as the page would be."""
    path: str = request.scope["path"]
    machines = path.startswith(("/api/", "/health/", "/schema", "/static/")) or path == "/metrics"
    accepted = request.headers.get("accept", "*/*")
    return not machines and ("text/html" in accepted or (takes_any and accepted == "*/*"))
