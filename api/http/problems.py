"""Every error leaves as an RFC 9457 problem document: one table from refusals to statuses, one handler.

`code` is stable and decides `type` (`/problems/<code>`, a relative URI) and `title`; `detail` speaks of
this occurrence. Nothing of the inside (SQL, paths, traces) is ever shown; it goes to the log, with the
request id that the caller also gets.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

import psycopg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, Struct, UnsetType
from psycopg import errors as pg

from api.http.decoding import code_of, summary
from api.http.headers import request_id, with_head
from api.masking import masked
from domain.conflicts import Finding
from domain.errors import (
    Conflict,
    DomainError,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unavailable,
)

log = logging.getLogger("callboard.api")

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[type[DomainError], int]] = {
    NotFound: 404,
    Invalid: 422,
    Forbidden: 403,
    PreconditionFailed: 412,
    Unavailable: 503,
    Conflict: 409,
}

CODES: Final[Mapping[int, str]] = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "timeout",
    409: "conflict",
    412: "stale",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
}
"""The code of an error that no domain word names."""


class Problem(Struct, kw_only=True):
    """The shape of every error (SPEC 7, 11); a code may bring members of its own, such as `allowed`
    and `current_status`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    errors: list[FieldError] | UnsetType = UNSET
    conflicts: list[Finding] | UnsetType = UNSET


class _Answer(NamedTuple):
    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


# What the database still says after the domain had its word: last nets, in order of precedence.
_DATABASE: Final[Sequence[tuple[type[psycopg.Error], _Answer]]] = (
    (pg.ExclusionViolation, _Answer(409, "conflicts", "The room or creator was booked a moment ago.")),
    (pg.UniqueViolation, _Answer(409, "duplicate", "That name, key or external id was taken a moment ago.")),
    (pg.ForeignKeyViolation, _Answer(409, "conflict", "Something that this refers to has just changed.")),
    (pg.DeadlockDetected, _Answer(409, "stale_version", "Somebody else was faster; please try again.")),
    (pg.SerializationFailure, _Answer(409, "stale_version", "Somebody else was faster; please try again.")),
    (
        psycopg.OperationalError,
        _Answer(503, "unavailable", "The database can't be reached; please try again."),
    ),
    (psycopg.InterfaceError, _Answer(503, "unavailable", "The database can't be reached; please try again.")),
    (psycopg.DataError, _Answer(422, "invalid", "A value is out of the range that can be stored.")),
)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """The problem document for any exception."""
    found = _found(request, error)
    _log(request, error, found)
    body: dict[str, Any] = {
        "type": f"/problems/{found.code}",
        "title": found.code.replace("_", " ").capitalize(),
        "status": found.status,
        "detail": found.detail,
        "code": found.code,
        "instance": request.scope["path"],
        "request_id": request_id(request.scope),
    }
    if found.errors:
        body["errors"] = list(found.errors)
    # A refusal's own members never hide the standard ones; a show's status has another name.
    extra = {"current_status" if name == "status" else name: value for name, value in found.extra.items()}
    body = {**extra, **body}
    return Response(body, status_code=found.status, media_type=MEDIA_TYPE, headers=_headers(found))


HANDLERS: Final[dict[type[Exception], Any]] = {Exception: answer}
"""For `Litestar(exception_handlers=...)`."""


def _found(request: Request[Any, Any, Any], error: Exception) -> _Answer:
    match error:
        case DomainError():
            status = next(status for branch, status in STATUS.items() if isinstance(error, branch))
            return _for_whom(request, _Answer(status, error.code, str(error), error.errors, error.extra))
        case ValidationException():
            return _invalid(error)
        case HTTPException():
            return _http(request, error)
        case UnicodeDecodeError():
            return _Answer(400, CODES[400], "The text is not valid UTF-8.")
        case psycopg.Error():
            known = next((found for kind, found in _DATABASE if isinstance(error, kind)), None)
            return known or _internal()
        case _:
            return _internal()


def _for_whom(request: Request[Any, Any, Any], found: _Answer) -> _Answer:
    """A refusal without what other clients have, for a user who is bounded to some."""
    clients = getattr(cast(Any, request.scope).get("user"), "clients", None)
    if clients is None or "conflicts" not in found.extra:
        return found
    hidden = {**found.extra, "conflicts": masked(found.extra["conflicts"], clients)}
    return found._replace(detail="Rooms or creators are booked then.", extra=hidden)


def _internal() -> _Answer:
    return _Answer(500, CODES[500], "Something went wrong here. It is logged under this request id.")


def _invalid(error: ValidationException) -> _Answer:
    """Litestar's findings about query, path and header parameters."""
    errors = [
        FieldError(_sent_as(item), code_of(str(item["message"])), str(item["message"]))
        for item in cast("Sequence[Mapping[str, Any]]", error.extra or ())
    ]
    if missing := re.search(r"Missing required \w+ parameter '(.+?)' for path", error.detail):
        errors = [FieldError(missing[1], "missing", "is required")]
    return _Answer(422, CODES[422], summary(errors), errors)


def _sent_as(item: Mapping[str, Any]) -> str:
    """A parameter as the caller spelled it; Litestar tells the name that it has in Python."""
    name = str(item.get("key", ""))
    if item.get("source") == "header":
        return "-".join(part.capitalize() for part in name.split("_"))
    return name.removesuffix("_")


def _http(request: Request[Any, Any, Any], error: HTTPException) -> _Answer:
    status = error.status_code
    headers = {name.title(): value for name, value in (error.headers or {}).items()}
    if status not in CODES:
        return (
            _internal()
            if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            else _Answer(status, "refused", error.detail, headers=headers)
        )
    detail = error.detail
    if status == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {request.scope['path']}."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = with_head(headers.get("Allow", ""))
        detail = f"{request.scope['method']} is not possible here. Possible: {headers['Allow']}."
    elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _internal()
    return _Answer(status, CODES[status], detail, headers=headers)


def _headers(found: _Answer) -> dict[str, str]:
    """RFC 9110 wants a challenge with every 401; a client that shall come back is told when."""
    headers = dict(found.headers)
    if found.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("Www-Authenticate", 'Bearer realm="callboard"')
    if found.status in {429, 503}:
        headers.setdefault("Retry-After", "1")
    return headers


def _log(request: Request[Any, Any, Any], error: Exception, found: _Answer) -> None:
    where = (request.scope["method"], request.scope["path"], request_id(request.scope))
    if found.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s failed, request %s", *where, exc_info=error)
    elif isinstance(error, psycopg.Error):
        log.warning("%s %s: the database said %r, request %s", *where[:2], error, where[2])
