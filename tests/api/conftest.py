"""The whole application over a fresh database, and clients signed in to it."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import app_over
from api.http.security import issue_token
from api.settings import Settings
from api.wiring import Callboard
from domain.application import Commands
from seeds.reference import ADMIN_ID
from tests.api.world import World

SECRET = "a secret of thirty-two bytes, at least"  # noqa: S105

SignIn = Callable[[str], TestClient[Litestar]]


@pytest.fixture(scope="session")
def lent() -> tuple[Litestar, Callboard]:
    """One application for all tests of this process, and the graph under it: none yet. To make one is
    slower than most tests."""
    nothing: Any = None
    callboard = Callboard(settings_in(Path()), nothing, nothing)
    return app_over(callboard), callboard


@pytest.fixture
def app(lent: tuple[Litestar, Callboard], commands: Commands, tmp_path: Path) -> Litestar:
    """The application over the test's database, with the test's clock."""
    app, callboard = lent
    callboard.settings = settings_in(tmp_path)
    callboard.pool, callboard.commands = commands.log.pool, commands
    return app


@pytest.fixture
def nobody(app: Litestar) -> Generator[TestClient[Litestar]]:
    """A client without a token."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sign_in(app: Litestar, nobody: TestClient[Litestar]) -> SignIn:
    """Makes a client signed in as the user with that id, on the same running application."""

    def signed_in(user_id: str) -> TestClient[Litestar]:
        client = TestClient(app)
        client.blocking_portal = nobody.blocking_portal
        client.headers["Authorization"] = f"Bearer {token(user_id)}"
        return client

    return signed_in


@pytest.fixture
def client(sign_in: SignIn) -> TestClient[Litestar]:
    """Signed in as the administrator."""
    return sign_in(ADMIN_ID)


@pytest.fixture
def reader(client: TestClient[Litestar], sign_in: SignIn) -> TestClient[Litestar]:
    """Signed in as somebody who is no administrator."""
    user: dict[str, Any] = client.post("/api/v1/users", json={"email": "vic@x.test", "name": "Vic"}).json()
    return sign_in(user["id"])


@pytest.fixture
def world(client: TestClient[Litestar]) -> World:
    """A studio with two rooms, a client, creators and a platform to plan with."""
    return World.built(client)


def settings_in(data_dir: Path) -> Settings:
    """The settings of the tests' application; only the directory differs."""
    return Settings(data_dir=data_dir, secret=SECRET, cors_origins=("https://planner.example",))


def token(user_id: str) -> str:
    """A good token of that user."""
    return issue_token(SECRET, user_id, timedelta(hours=1), datetime.now(UTC))
