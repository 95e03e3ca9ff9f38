"""The outermost ring of HTTP: what every answer carries and what every request may not do, unknown
routes and errors included. Litestar's own middleware runs after routing, so this wraps around it."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, cast
from uuid import uuid4

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import Headers
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import MethodNotAllowedException, NotFoundException
from litestar.params import HeaderParameter
from litestar.types import ASGIApp, Message, Method, Receive, Scope, Send

from domain.errors import Invalid, PreconditionFailed

MAX_BODY: Final = 1 << 20
"""Bytes of a request body, for `Litestar(request_max_body_size=...)`."""
MAX_IMPORT: Final = 20 << 20
"""Bytes of an uploaded plan, for that route's own `request_max_body_size`."""
BODY_SECONDS: Final = 30.0
"""How long a client may take to send a whole body."""

_CSP: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_SECURITY: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
_SANE_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')
_STRONG_TAG: Final = re.compile(r'"([^"]*)"|(\d+)')

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description='The ETag it must still have: `"3"`.')
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$"),
]


def framed(app: Litestar, *, body_seconds: float = BODY_SECONDS) -> Litestar:
    """The same app with the ring around it."""
    app.asgi_handler = Frame(app, body_seconds)
    return app


def cors(origins: Sequence[str]) -> CORSConfig | None:
    """CORS for exactly these origins; none at all for an empty list. A wildcard is refused: ValueError."""
    if not origins:
        return None
    if wild := [origin for origin in origins if "*" in origin]:
        raise ValueError(f"CORS origins are named one by one, not with a wildcard: {', '.join(wild)}")
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
            "X-Request-Id",
        ],
        expose_headers=["ETag", "Location", "Idempotency-Replayed", "X-Request-Id"],
    )


def request_id(scope: Scope) -> str:
    """The id under which this request is logged and answered: the caller's, if it is sane, else a new one."""
    state = scope["state"]
    if "request_id" not in state:
        given = Headers.from_scope(scope).get("x-request-id", "")
        state["request_id"] = given if _SANE_ID.fullmatch(given) else uuid4().hex
    return state["request_id"]


def etag(version: int) -> dict[str, str]:
    """The header that says which version a resource has."""
    return {"ETag": f'"{version}"'}


def expected_version(if_match: str | None) -> int | None:
    """The version that `If-Match` asks for; None when there is no such header, or any will do (`*`).

    Refused: a tag that no version of ours can have (PreconditionFailed), text that is no tag (Invalid).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _STRONG_TAG.fullmatch(if_match.strip())
    text = (tag[1] or tag[2] or "") if tag else ""
    if tag and text.isascii() and text.isdecimal() and len(text) < 19:  # noqa: PLR2004 (fits a bigint)
        return int(text)
    if tag or _ENTITY_TAG.fullmatch(if_match.strip()):
        raise PreconditionFailed(f"If-Match: {if_match} is no version of this resource.")
    raise Invalid.field("If-Match", "format", 'must be one entity tag such as "3"')


def with_head(allow: str) -> str:
    """An `Allow` value that names HEAD wherever GET is possible."""
    methods = {method.strip() for method in allow.split(",") if method.strip()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


class Frame:
    """ASGI: HEAD as GET, OPTIONS, 304, the body's deadline, security headers and the request id."""

    def __init__(self, app: Litestar, body_seconds: float) -> None:
        self.app = app
        self.inner: ASGIApp = app.asgi_handler
        self.body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, framed."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        method = cast("str", scope["method"])
        outward = _Outward(scope, headers, send, method)
        cors = self.app.cors_config
        origin = headers.get("origin")
        preflight = origin is not None and cors is not None and cors.is_origin_allowed(origin)
        if method == "OPTIONS" and not preflight:
            await self._options(scope, receive, outward)
            return
        if method == "HEAD":
            scope["method"] = cast("Method", "GET")
        inward = receive
        if "content-length" in headers or "transfer-encoding" in headers:
            inward = _deadline(receive, self.body_seconds)
        await self.inner(scope, inward, outward)

    async def _options(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Litestar's own answer forgets methods when a path is registered by several handlers."""
        try:
            self.app.asgi_router.handle_routing(
                path=scope["path"].rstrip("/") or "/", method=cast("Method", "?")
            )
        except MethodNotAllowedException as error:
            allow = with_head((error.headers or {}).get("allow", ""))
            headers = [(b"allow", allow.encode())]
            await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except NotFoundException:
            await self.inner(scope, receive, send)


class _Outward:
    """A `send` that completes the answer's headers and drops the body where there is none to be."""

    def __init__(self, scope: Scope, request: Headers, send: Send, method: str) -> None:
        self.scope = scope
        self.request = request
        self.send = send
        self.silent = method == "HEAD"
        self.preflight = method == "OPTIONS"
        self.reads = method in {"GET", "HEAD"}

    async def __call__(self, message: Message) -> None:
        """Send one ASGI message, completed."""
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            if self.preflight and message["status"] == HTTPStatus.BAD_REQUEST:
                # Litestar refuses in plain text; an answer that allows nothing says the same to a browser.
                message["status"] = HTTPStatus.NO_CONTENT
                self.silent = True
                headers = {}
            added = self._missing(headers)
            if message["status"] == HTTPStatus.OK and self._unchanged(headers.get(b"etag", b"").decode()):
                message["status"] = HTTPStatus.NOT_MODIFIED
                self.silent = True
                for name in (b"content-length", b"content-type"):
                    headers.pop(name, None)
            kept = ((name, value) for name, value in message["headers"] if name.lower() in headers)
            message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in added.items())]
        elif message["type"] == "http.response.body" and self.silent:
            message["body"] = b""
        await self.send(message)

    def _unchanged(self, tag: str) -> bool:
        wanted = self.request.get("if-none-match")
        if not tag or wanted is None or not self.reads:
            return False
        tags = {found.removeprefix("W/") for found in _ENTITY_TAG.findall(wanted)}
        return wanted.strip() == "*" or tag.removeprefix("W/") in tags

    def _missing(self, present: Mapping[bytes, bytes]) -> dict[str, str]:
        path = self.scope["path"]
        # Stylesheets of pages carry their icons as data: images.
        page = not path.startswith(("/api/", "/health/"))
        wanted = {
            **_SECURITY,
            "content-security-policy": f"{_CSP}; img-src 'self' data:" if page else _CSP,
            "x-request-id": request_id(self.scope),
        }
        if path.startswith("/api/"):
            wanted["cache-control"] = "no-cache" if b"etag" in present else "no-store"
        return {name: value for name, value in wanted.items() if name.encode() not in present}


def _deadline(receive: Receive, seconds: float) -> Receive:
    """A `receive` that gives up on a body that takes too long in all (408)."""
    until = asyncio.get_running_loop().time() + seconds
    whole = False

    async def limited() -> Any:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(
                detail="The body took too long to arrive.", status_code=HTTPStatus.REQUEST_TIMEOUT
            ) from None
        whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return limited
