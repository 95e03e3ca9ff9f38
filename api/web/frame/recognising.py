"""Addresses that lead to no page: Litestar asks who comes only once it knows where they go. Whoever is signed
in gets the frame with the navigation around what says so, and so has a way on."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, Request
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotAuthorizedException
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from psycopg import OperationalError

from api.http.security import COOKIE, Principal

Recognise = Callable[[str], Principal]
"""Whose a session is. Raises NotAuthorizedException."""
_ASTRAY: Final = frozenset({404, 405})


def recognised(app: Litestar, recognise: Recognise) -> Litestar:
    """The same app, which knows who is signed in also where there is nothing."""
    app.asgi_handler = _Recognised(app.asgi_handler, recognise)
    return app


class _Recognised:
    def __init__(self, inner: ASGIApp, recognise: Recognise) -> None:
        self.inner = inner
        self.recognise = recognise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self.inner(scope, receive, send)
        anew: Scope = {**scope}
        held: list[Message] = []

        async def hold(message: Message) -> None:
            astray = message["type"] == "http.response.start" and message["status"] in _ASTRAY
            if held or (astray and "user" not in scope):
                held.append(message)
            else:
                await send(message)

        await self.inner(scope, receive, hold)
        if not held:
            return None
        try:
            session = Request[Any, Any, Any](anew).cookies.get(COOKIE, "")
            user = await sync_to_thread(self.recognise, session)
        except (NotAuthorizedException, OperationalError):
            for message in held:
                await send(message)
            return None
        anew["user"] = user
        return await self.inner(anew, receive, send)
