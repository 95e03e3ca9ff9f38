"""Answers of the API in the words of the pages, in the language of `Accept-Language` where we have it.

Everything inside speaks the API's English, and so does what is stored for a repeated request; only on its
way out is an answer worded anew. A program that asks in English, or in nothing, gets the bytes as they are;
a page that does gets sentences for people, without the API's names of fields.
"""

from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
from litestar import Litestar
from litestar.datastructures import Headers
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

Wording = Callable[[Any], Any]
"""JSON to JSON with other texts."""
Choose = Callable[[Headers], tuple[str, Wording] | None]
"""What these headers are answered in: the language and how it is worded; None leaves answers alone."""

_JSON: Final = (b"application/json", b"application/problem+json")
_TELLS: Final = (b'"message":', b'"detail":')
"""What an answer has that tells people something."""


def worded(app: Litestar, choose: Choose) -> Litestar:
    """The same app, whose answers are worded."""
    app.asgi_handler = _Worded(app.asgi_handler, choose)
    return app


class _Worded:
    def __init__(self, inner: ASGIApp, choose: Choose) -> None:
        self.inner = inner
        self.choose = choose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers.from_scope(scope)
            if "accept-language" in headers and (found := self.choose(headers)):
                send = _Outward(send, *found)
        await self.inner(scope, receive, send)


class _Outward:
    """A `send` that holds an answer in JSON back until it is whole."""

    def __init__(self, send: Send, language: str, wording: Wording) -> None:
        self.send = send
        self.language = language
        self.wording = wording
        self.start: HTTPResponseStartEvent | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_plain_json(message):
            self.start = message
        elif message["type"] == "http.response.body" and self.start is not None:
            self.body += message["body"]
            if not message["more_body"]:
                await self._whole(self.start)
        else:
            await self.send(message)

    async def _whole(self, start: HTTPResponseStartEvent) -> None:
        if any(each in self.body for each in _TELLS):
            self.body = msgspec.json.encode(self.wording(msgspec.json.decode(self.body)))
            length = str(len(self.body)).encode()
            kept = [each for each in start["headers"] if each[0].lower() != b"content-length"]
            said = [(b"content-language", self.language.encode()), (b"vary", b"Accept-Language")]
            start["headers"] = [*kept, (b"content-length", length), *said]
        await self.send(start)
        await self.send(
            cast("Message", {"type": "http.response.body", "body": self.body, "more_body": False})
        )


def _is_plain_json(start: HTTPResponseStartEvent) -> bool:
    """Whether it is JSON that was not packed: what is large and no answer of the API is."""
    headers = {name.lower(): value for name, value in start["headers"]}
    kind = headers.get(b"content-type", b"").split(b";")[0].strip()
    return kind in _JSON and b"content-encoding" not in headers
