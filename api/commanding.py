"""From a request to a command and back: who asks, under which precondition and key; and the answer, which
is stored whole with the key so that a repeated request gets the same bytes.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.di import Provide
from msgspec import Raw, Struct

from api.http.headers import IdempotencyKey, IfMatch, etag, expected_version, request_id
from api.http.security import Principal
from domain.application import Commands, Context, Unit
from domain.event_log import Key, Replayed
from domain.events import Actor


class Caller(Struct, frozen=True, kw_only=True):
    """Who sends a command, and how."""

    actor: Actor
    user: Principal
    request_id: str
    if_match: int | None = None
    key: Key | None = None

    def context(self, command: str, *, reason: str | None = None, dry_run: bool = False) -> Context:
        """The context of a command such as `schedule.propose`."""
        return Context(
            actor=self.actor,
            command=command,
            request_id=self.request_id,
            reason=reason,
            key=self.key,
            if_match=self.if_match,
            dry_run=dry_run,
        )


class Answer(Struct, frozen=True, kw_only=True):
    """An HTTP answer as it is stored under an Idempotency-Key."""

    status: int
    headers: dict[str, str]
    body: Raw


async def posting(
    request: Request[Principal, Any, Any], if_match: IfMatch = None, idempotency_key: IdempotencyKey = None
) -> Caller:
    """The dependency of a POST. The key is scoped to the user and the route's path; the query counts as
    part of the body."""
    key = None
    if idempotency_key is not None:
        sent = request.scope["query_string"] + b"\n" + await request.body()
        key = Key(
            user_id=request.user.id,
            route=f"{request.method} {request.scope['path']}",
            key=idempotency_key,
            body_sha256=hashlib.sha256(sent).digest(),
        )
    return _caller(request, if_match, key)


def editing(request: Request[Principal, Any, Any], if_match: IfMatch = None) -> Caller:
    """The dependency of a PATCH or DELETE: both are repeatable by nature."""
    return _caller(request, if_match, None)


CALLERS: Mapping[str, Provide] = {
    "posting": Provide(posting),
    "editing": Provide(editing, sync_to_thread=False),
}
"""For a router's dependencies: handlers take `posting: NamedDependency[Caller]` or `editing: ...`."""


def answer(
    value: Any, *, status: int = 200, version: int | None = None, location: str | None = None
) -> Answer:
    """An answer with a JSON body, the version of the addressed resource and, for 201, where it is."""
    headers = {} if version is None else etag(version)
    if location is not None:
        headers["Location"] = location
    return Answer(status=status, headers=headers, body=Raw(msgspec.json.encode(value)))


def run(commands: Commands, context: Context, work: Callable[[Unit], Answer]) -> Response[Any]:
    """One command. Raises DomainError."""
    return respond(commands.run(context, work, msgspec.json.encode))


def respond(done: Answer | Replayed) -> Response[Any]:
    """The HTTP answer to a command; a replayed one says so."""
    headers: dict[str, str] = {}
    if isinstance(done, Replayed):
        headers["Idempotency-Replayed"] = "true"
        done = msgspec.json.decode(done.answer, type=Answer)
    return Response(
        bytes(done.body),
        status_code=done.status,
        headers=done.headers | headers,
        media_type="application/json",
    )


def _caller(request: Request[Principal, Any, Any], if_match: str | None, key: Key | None) -> Caller:
    user = request.user
    return Caller(
        actor=Actor(user.id, user.name),
        user=user,
        request_id=request_id(request.scope),
        if_match=expected_version(if_match),
        key=key,
    )
