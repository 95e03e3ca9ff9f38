"""The composition root of HTTP: the only place where the layers meet."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers, State
from litestar.di import Provide

from api import access
from api.announcing import Head
from api.http import metrics, security
from api.http.headers import MAX_BODY, cors, framed
from api.http.openapi import StrictSchemas, openapi_config
from api.http.paging import paging
from api.http.strict_input import StrictInput
from api.http.worded import Wording, worded
from api.rebuilding import Rebuilding
from api.resources import (
    availability,
    board,
    bulk,
    changes,
    comments,
    conflicts,
    duplicating,
    entities,
    exports,
    health,
    history,
    impact,
    imports,
    lifecycle,
    moving,
    opening_week,
    proposals,
    readiness,
    schedules,
    shows,
    standalone,
    standalone_changes,
    standalone_versions,
    stream,
    utilisation,
    versions,
    waivers,
)
from api.resources import me as me_api
from api.settings import Settings, SettingsError
from api.web import errors, pages
from api.web.account import passwords
from api.web.frame import assets, refusals, wording
from api.web.frame.recognising import recognised
from api.wiring import Callboard, open_callboard

VERSION = "1.0"
"""The version of the API in its documentation; the paths carry its first number."""
_PACKED: Final = CompressionConfig(
    backend="gzip", gzip_compress_level=8, minimum_size=1_000, exclude="^/(api|health)/"
)
"""Pages are a tenth of their size on the way. Not the API: its event stream must not wait in a buffer, and
its other answers are small, or for scripts nearby."""


def create_app(settings: Settings, admin_url: str, app_url: str) -> Litestar:
    """The application over a database that it brings up to date first; it closes what it opened when it
    shuts down.

    Raises MigrationError, psycopg.OperationalError, domain.errors.Unavailable, settings.SettingsError.
    """
    try:
        wording.Catalogue(settings.messages_dir).check()
    except ValueError as error:
        raise SettingsError(f"CALLBOARD_MESSAGES_DIR: {error}") from None
    return app_over(open_callboard(settings, admin_url, app_url))


def app_over(callboard: Callboard) -> Litestar:
    """The application over an open graph, which it closes when it shuts down. It can be started again over
    another: requests look the graph's parts up, and what is remembered between them begins at each start.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        rebuilding = Rebuilding(callboard.admin_url)
        app.state.update(
            head=Head(callboard.commands),
            rebuilding=rebuilding,
            tries=passwords.Tries(),
            catalogue=wording.Catalogue(callboard.settings.messages_dir),
        )
        try:
            yield
        finally:
            rebuilding.close()
            callboard.close()

    api = Router(
        "/api/v1",
        route_handlers=[
            me_api.me,
            *entities.routers(),
            opening_week.routes,
            schedules.routes,
            proposals.routes,
            lifecycle.routes,
            duplicating.routes,
            versions.routes,
            conflicts.routes,
            waivers.routes,
            bulk.routes,
            changes.routes,
            readiness.schedule_readiness,
            comments.routes,
            shows.routes,
            moving.routes,
            standalone.routes,
            standalone_changes.routes,
            standalone_versions.routes,
            board.routes,
            availability.routes,
            utilisation.routes,
            impact.routes,
            imports.routes,
            exports.routes,
            history.list_events,
            stream.stream,
        ],
    )
    find_user = me_api.finder(callboard)

    def whose(session: str) -> security.Principal:
        return security.identified(session, callboard.secret, find_user, security.SESSIONS)[0]

    app = Litestar(
        [api, health.routes, metrics.metrics, assets.static, *pages.ROUTES],
        compression_config=_PACKED,
        cors_config=cors(callboard.settings.cors_origins),
        dependencies={
            "commands": Provide(lambda: callboard.commands, sync_to_thread=False),
            "paging": Provide(paging, sync_to_thread=False),
            "bounds": Provide(access.bounds, sync_to_thread=False),
            "callboard": Provide(lambda: callboard, sync_to_thread=False),
            "head": Provide(_head, sync_to_thread=False),
            "rebuilding": Provide(_rebuilding, sync_to_thread=False),
            "tries": Provide(_tries, sync_to_thread=False),
        },
        exception_handlers={Exception: errors.answer},
        guards=[access.guard(callboard)],
        lifespan=[lifespan],
        logging_config=None,
        middleware=[metrics.REQUESTS, security.authentication(callboard.secret, find_user)],
        openapi_config=openapi_config(VERSION),
        plugins=[StrictInput(), StrictSchemas()],
        request_max_body_size=MAX_BODY,
    )
    return framed(worded(recognised(app, whose), lambda headers: _wording(app.state, headers)))


def _wording(state: State, headers: Headers) -> tuple[str, Wording] | None:
    """How answers are worded for an `Accept-Language`; in English as they are, but for pages."""
    catalogue: wording.Catalogue = state.get("catalogue", wording.BUILT_IN)
    t = catalogue.chosen(None, headers["accept-language"])
    if t.language == wording.DEFAULT and security.COOKIE not in headers.get("cookie", ""):
        return None
    return t.language, lambda answer: refusals.worded(answer, t)


def _head(state: State) -> Head:
    return state["head"]


def _tries(state: State) -> passwords.Tries:
    return state["tries"]


def _rebuilding(state: State) -> Rebuilding:
    return state["rebuilding"]
