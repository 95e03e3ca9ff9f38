"""Who gets in, and who may write."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from litestar import get, post
from litestar.connection import Request
from litestar.testing import TestClient

from api.http import security
from api.http.security import Action, Principal
from tests.api.toy import ADMIN, BANNED, SECRET, VIEWER, app_with, client_of, token


@get("/me", sync_to_thread=False)
def me(request: Request[Principal, Any, Any]) -> Principal:
    return request.user


@post("/things", sync_to_thread=False)
def write() -> None:
    return None


@post("/check", opt={"action": Action.READ}, sync_to_thread=False)
def check() -> None:
    return None


@get(["/health/live", "/health/ready", "/metrics"], sync_to_thread=False)
def public() -> str:
    return "ok"


@get(["/healthy", "/schematic", "/metrics/deep"], sync_to_thread=False)
def private() -> str:
    return "secret"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with client_of(app_with([me, write, check], outside=[public, private]), user=None) as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    good = {"iss": "callboard", "aud": "callboard-api", "sub": ADMIN.id, "iat": now, "exp": now + 60}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm)


def unsigned(algorithm: str) -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, claims()]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        + "."
    )


NOW = int(datetime.now(UTC).timestamp())
BAD = {
    "another secret": signed(secret="another secret of thirty-two bytes."),  # noqa: S106
    "another algorithm": signed(algorithm="HS512", secret=SECRET * 2),
    "no algorithm": unsigned("none"),
    "no algorithm, spelt oddly": unsigned("nOnE"),
    "expired": signed(exp=NOW - 600),
    "no expiry": signed(exp=None),
    "absurd expiry": signed(exp=1e300),
    "expiry as text": signed(exp=str(NOW + 60)),
    "no issuer": signed(iss=None),
    "another issuer": signed(iss="elsewhere"),
    "no audience": signed(aud=None),
    "another audience": signed(aud="other-api"),
    "several audiences": signed(aud=["callboard-api", "other-api"]),
    "no subject": signed(sub=None),
    "empty subject": signed(sub=""),
    "subject with a NUL": signed(sub="user\0admin"),
    "born in the future": signed(iat=NOW + 600),
    "not valid yet": signed(nbf=NOW + 600),
    "unknown user": signed(sub="user_nobody"),
    "banned user": token(BANNED),
    "not a token": "x.y.z",
    "nothing": "",
    "deep": base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.x",
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_token_is_refused_with_a_challenge(client: TestClient[Any], why: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.request(method, "/api/v1/me", headers=bearer(BAD[why]))
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith('Bearer realm="callboard"')
    assert client.get("/api/v1/me", headers=bearer(BAD[why])).json()["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic {}", "JWT {}", "{}", "Token {}"])
def test_only_the_bearer_scheme_counts(client: TestClient[Any], header: str) -> None:
    response = client.get("/api/v1/me", headers={"Authorization": header.format(token())})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="callboard"')


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_says_who_asks(client: TestClient[Any], scheme: str) -> None:
    response = client.get("/api/v1/me", headers={"Authorization": f"{scheme} {token()}"})
    known = {name: value for name, value in response.json().items() if name != "access"}
    assert known == {
        "id": "user_admin",
        "name": "Ada",
        "email": "ada@callboard.local",
        "is_system_admin": True,
        "is_banned": False,
        "password_set_at": None,
    }


def test_clocks_may_differ_by_thirty_seconds(client: TestClient[Any]) -> None:
    now = int(datetime.now(UTC).timestamp())
    for skewed in (signed(exp=now - 20), signed(iat=now + 20), signed(extras=["x"])):
        assert client.get("/api/v1/me", headers=bearer(skewed)).status_code == 200


def test_the_public_paths_need_no_token_and_nothing_else_is_public(client: TestClient[Any]) -> None:
    for path in ("/health/live", "/health/ready", "/metrics", "/schema", "/schema/openapi.json"):
        assert client.get(path).status_code == 200, path
    for path in ("/healthy", "/schematic", "/metrics/deep", "/api/v1/me"):
        assert client.get(path).status_code == 401, path
        assert client.head(path).status_code == 401, path


def test_admins_write_and_all_others_read(client: TestClient[Any]) -> None:
    refused = client.post("/api/v1/things", headers=bearer(token(VIEWER)))
    assert (refused.status_code, refused.json()["code"], refused.json()["needs"]) == (
        403,
        "forbidden",
        "system_admin",
    )
    assert client.post("/api/v1/things", headers=bearer(token(ADMIN))).status_code == 201
    assert client.get("/api/v1/me", headers=bearer(token(VIEWER))).status_code == 200
    assert client.post("/api/v1/check", headers=bearer(token(VIEWER))).status_code == 201
    assert client.post("/api/v1/check").status_code == 401


def test_a_role_is_asked_before_the_body_is_read(client: TestClient[Any]) -> None:
    response = client.post("/api/v1/things", content=b"{", headers=bearer(token(VIEWER)))
    assert response.status_code == 403


def test_the_policy_is_one_table() -> None:
    allowed = {user.name: {each for each in Action if security.may(user, each)} for user in (ADMIN, VIEWER)}
    assert allowed == {"Ada": set(Action), "Vic": {Action.READ}}


def test_a_short_secret_is_refused() -> None:
    now = datetime.now(UTC)
    for use in (
        lambda: security.issue_token("short", "user_1", timedelta(hours=1), now),
        lambda: security.verify(token(), "short"),
        lambda: security.authentication("short", lambda _: None),
    ):
        with pytest.raises(ValueError, match="at least 32 bytes"):
            use()


def test_a_token_carries_its_user_and_its_end() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    issued = security.issue_token(SECRET, "user_1", timedelta(minutes=5), now)
    assert security.verify(issued, SECRET) == security.Claims(
        "user_1", int(now.timestamp()), int(now.timestamp()) + 300
    )
