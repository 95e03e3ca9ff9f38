"""A Litestar app with the whole HTTP frame around the routes that a test brings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.testing import TestClient
from litestar.types import ControllerRouterHandler

from api.http import security
from api.http.headers import BODY_SECONDS, MAX_BODY, cors, framed
from api.http.openapi import StrictSchemas, openapi_config
from api.http.paging import paging
from api.http.problems import HANDLERS
from api.http.security import Principal
from api.http.strict_input import StrictInput

SECRET: Final = "a secret of thirty-two bytes, at least"  # noqa: S105
ADMIN: Final = Principal("user_admin", "Ada", "ada@callboard.local", is_system_admin=True)
VIEWER: Final = Principal("user_viewer", "Vic", "vic@callboard.local")
BANNED: Final = Principal("user_banned", "Bob", "bob@callboard.local", is_system_admin=True, is_banned=True)
USERS: Final = {user.id: user for user in (ADMIN, VIEWER, BANNED)}


def token(user: Principal = ADMIN) -> str:
    """A good token of that user."""
    return security.issue_token(SECRET, user.id, timedelta(hours=1), datetime.now(UTC))


def app_with(
    handlers: Sequence[ControllerRouterHandler],
    origins: Sequence[str] = (),
    outside: Sequence[ControllerRouterHandler] = (),
    body_seconds: float = BODY_SECONDS,
) -> Litestar:
    """The frame around handlers under /api/v1, and others beside it."""
    app = Litestar(
        [Router("/api/v1", route_handlers=handlers), *outside],
        cors_config=cors(origins),
        dependencies={"paging": Provide(paging, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        guards=[security.admin_writes],
        logging_config=None,
        middleware=[security.authentication(SECRET, USERS.get)],
        openapi_config=openapi_config("1.2.3"),
        plugins=[StrictInput(), StrictSchemas()],
        request_max_body_size=MAX_BODY,
    )
    return framed(app, body_seconds=body_seconds)


def client_of(app: Litestar, user: Principal | None = ADMIN) -> TestClient[Any]:
    """A client signed in as that user, or as nobody."""
    client = TestClient(app)
    if user is not None:
        client.headers["Authorization"] = f"Bearer {token(user)}"
    return client
