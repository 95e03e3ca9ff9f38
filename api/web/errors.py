"""What goes wrong on a page is told on a page; under /api it stays a problem document."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response import Redirect

from api.http import problems
from api.http.security import COOKIE
from api.web.account.signing_in import onward
from api.web.frame.rendering import page, words

_TOLD: Final = {401: "forbidden", 403: "forbidden", 404: "not_found", 503: "unavailable"}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to any exception, for whoever asked: a browser that wants a page gets one."""
    problem = problems.answer(request, error)
    if not _is_page(request):
        return problem
    status, body = problem.status_code or 500, problem.content
    if status == 401:  # noqa: PLR2004 - unauthorized
        asked = {"next": onward(request.scope["path"])}
        if request.cookies.get(COOKIE):
            asked["why"] = "ended"
        return Redirect(f"/sign-in?{urlencode(asked)}", status_code=303)
    t = words(request)
    if status >= 500 and status not in _TOLD:  # noqa: PLR2004
        message = t("error.internal", request_id=body["request_id"])
    else:
        message = t(f"error.{_TOLD[status]}") if status in _TOLD else str(body["detail"])
    return page(request, "error", status=status, message=message)


def _is_page(request: Request[Any, Any, Any]) -> bool:
    path: str = request.scope["path"]
    machines = path.startswith(("/api/", "/health/", "/schema", "/static/")) or path == "/metrics"
    return not machines and "text/html" in request.headers.get("accept", "")
