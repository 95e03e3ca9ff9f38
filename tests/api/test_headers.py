"""What every answer carries, HEAD, OPTIONS, 304, CORS and slow bodies."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Response, delete, get, post
from litestar.params import JSONBody
from litestar.testing import TestClient
from msgspec import Struct

from api.http.headers import IfMatch, cors, etag, expected_version, framed, with_head
from domain.errors import Invalid, PreconditionFailed
from tests.api.toy import app_with, client_of, token

SECURITY = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


class Note(Struct, forbid_unknown_fields=True):
    note: str = ""


@get("/shows", sync_to_thread=False)
def versioned() -> Response[dict[str, int]]:
    return Response({"version": 3}, headers=etag(3))


@get("/plain", sync_to_thread=False)
def plain() -> dict[str, int]:
    return {"a": 1}


@get("/own", sync_to_thread=False)
def own() -> Response[str]:
    return Response("x", headers={"Cache-Control": "max-age=5", "Referrer-Policy": "origin"})


@post("/shows", sync_to_thread=False)
def add(data: JSONBody[Note]) -> Response[Note]:
    return Response(data, headers=etag(3), status_code=200)


@delete("/shows", sync_to_thread=False)
def remove(if_match: IfMatch = None) -> None:
    if expected_version(if_match) not in {None, 3}:
        raise PreconditionFailed("It has version 3.")


HANDLERS = [versioned, plain, own, add, remove]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with client_of(app_with(HANDLERS, origins=["https://plan.example"])) as client:
        yield client


def test_every_answer_carries_the_security_headers(client: TestClient[Any]) -> None:
    for method, path in [
        ("GET", "/api/v1/plain"),
        ("HEAD", "/api/v1/plain"),
        ("GET", "/nowhere"),
        ("PUT", "/api/v1/plain"),
        ("OPTIONS", "/api/v1/plain"),
        ("OPTIONS", "/nowhere"),
        ("DELETE", "/api/v1/shows"),
    ]:
        response = client.request(method, path)
        # Only pages may carry pictures as data.
        policy = SECURITY["content-security-policy"] + (
            "" if path.startswith("/api/") else "; img-src 'self' data:"
        )
        wanted = {**SECURITY, "content-security-policy": policy}
        assert {name: response.headers[name] for name in SECURITY} == wanted, (method, path)
        assert response.headers["x-request-id"]
    assert (
        client.get("/api/v1/plain", headers={"Authorization": ""}).headers["referrer-policy"] == "no-referrer"
    )


def test_answers_of_the_api_are_not_stored_unless_they_can_be_checked(client: TestClient[Any]) -> None:
    assert client.get("/api/v1/plain").headers["cache-control"] == "no-store"
    assert client.get("/api/v1/shows").headers["cache-control"] == "no-cache"
    assert client.get("/api/v1/nowhere").headers["cache-control"] == "no-store"


def test_a_route_may_say_otherwise(client: TestClient[Any]) -> None:
    headers = client.get("/api/v1/own").headers
    assert (headers["cache-control"], headers["referrer-policy"]) == ("max-age=5", "origin")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-123", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("two words", False),
        ("é", False),
        ("", False),
    ],
)
def test_a_sane_request_id_is_kept_and_any_other_replaced(
    client: TestClient[Any], given: str, kept: bool
) -> None:
    answered = client.get("/api/v1/plain", headers={"X-Request-Id": given.encode()}).headers["x-request-id"]
    assert (answered == given) is kept
    assert answered.isascii()
    assert answered


def test_head_is_get_without_the_body(client: TestClient[Any]) -> None:
    got, headed = client.get("/api/v1/shows"), client.head("/api/v1/shows")
    assert (headed.status_code, headed.content) == (200, b"")
    volatile = {"x-request-id"}
    assert {k: v for k, v in headed.headers.items() if k not in volatile} == {
        k: v for k, v in got.headers.items() if k not in volatile
    }


def test_options_names_every_method(client: TestClient[Any]) -> None:
    response = client.options("/api/v1/shows")
    assert (response.status_code, response.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST")
    assert client.options("/nowhere").json()["code"] == "not_found"


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"1", "3"', "*"])
def test_an_unchanged_resource_is_not_sent_again(client: TestClient[Any], tag: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.request(method, "/api/v1/shows", headers={"If-None-Match": tag})
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"3"')
        assert "content-length" not in response.headers


def test_a_changed_resource_is_sent(client: TestClient[Any]) -> None:
    assert client.get("/api/v1/shows", headers={"If-None-Match": '"2"'}).json() == {"version": 3}
    assert client.get("/api/v1/plain", headers={"If-None-Match": "*"}).status_code == 200
    assert client.post("/api/v1/shows", headers={"If-None-Match": '"3"'}).status_code == 200


def test_a_stale_if_match_is_412(client: TestClient[Any]) -> None:
    stale = client.delete("/api/v1/shows", headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert client.delete("/api/v1/shows", headers={"If-Match": '"3"'}).status_code == 204


def test_if_match_is_read_as_a_version() -> None:
    assert [expected_version(text) for text in (None, "*", '"3"', "3")] == [None, None, 3, 3]
    for text in ('"abc"', 'W/"3"', '""', f'"{10**30}"'):
        with pytest.raises(PreconditionFailed):
            expected_version(text)
    for text in ("abc", '"1", "2"', ""):
        with pytest.raises(Invalid):
            expected_version(text)


def test_only_the_named_origins_are_let_in(client: TestClient[Any]) -> None:
    good = client.get("/api/v1/plain", headers={"Origin": "https://plan.example"}).headers
    assert good["access-control-allow-origin"] == "https://plan.example"
    assert good["vary"] == "Origin"
    exposed = {name.strip() for name in good["access-control-expose-headers"].split(",")}
    assert exposed == {"ETag", "Location", "Idempotency-Replayed", "X-Request-Id"}
    for origin in ("https://evil.example", "https://plan.example.evil", "null"):
        headers = client.get("/api/v1/plain", headers={"Origin": origin}).headers
        assert "access-control-allow-origin" not in headers


def preflight(client: TestClient[Any], origin: str, method: str = "PATCH", headers: str = "if-match") -> Any:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
        "Authorization": "",
    }
    return client.options("/api/v1/shows", headers=asked)


def test_a_preflight_is_answered_without_a_token(client: TestClient[Any]) -> None:
    good = preflight(client, "https://plan.example")
    assert (good.status_code, good.headers["access-control-allow-origin"]) == (204, "https://plan.example")


def test_a_preflight_that_asks_too_much_allows_nothing(client: TestClient[Any]) -> None:
    for response in (
        preflight(client, "https://evil.example"),
        preflight(client, "https://plan.example", method="TRACE"),
        preflight(client, "https://plan.example", headers="x-evil"),
    ):
        assert (response.status_code, response.content) == (204, b"")
        assert "access-control-allow-origin" not in response.headers


def test_no_origins_means_no_cors() -> None:
    with client_of(app_with(HANDLERS)) as client:
        assert "access-control-allow-origin" not in preflight(client, "https://plan.example").headers
        answered = client.get("/api/v1/plain", headers={"Origin": "https://plan.example"}).headers
        assert "access-control-allow-origin" not in answered


def test_a_wildcard_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="one by one"):
        cors(["https://*.example"])
    assert cors([]) is None


def test_allow_names_head_wherever_get_is_possible() -> None:
    assert [with_head("GET, POST"), with_head("POST"), with_head("")] == ["GET, HEAD, POST", "POST", ""]


async def ask(app: Any, body: Any) -> list[Any]:
    """One POST to /api/v1/shows whose body arrives as the given `receive` says."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [("host", "x"), ("authorization", f"Bearer {token()}"), ("content-type", "application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/shows",
        "raw_path": b"/api/v1/shows",
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in [*headers, ("transfer-encoding", "chunked")]],
        "scheme": "http",
        "server": ("x", 80),
        "client": ("y", 1),
        "http_version": "1.1",
    }
    await app(scope, body, send)
    return sent


def test_a_body_that_dribbles_in_is_given_up() -> None:
    chunks = iter([b"{", b" ", b" "])

    async def slow() -> Any:
        await asyncio.sleep(0.1)
        return {"type": "http.request", "body": next(chunks), "more_body": True}

    sent = asyncio.run(ask(app_with(HANDLERS, body_seconds=0.15), slow))
    assert sent[0]["status"] == 408
    assert b'"code":"timeout"' in sent[1]["body"]


def test_a_body_in_pieces_arrives_whole() -> None:
    chunks = [b'{"note"', b': "a"', b"}"]

    async def pieces() -> Any:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    sent = asyncio.run(ask(app_with(HANDLERS), pieces))
    assert (sent[0]["status"], sent[1]["body"]) == (200, b'{"note":"a"}')


def test_an_endless_body_is_cut_off_without_a_content_length() -> None:
    async def endless() -> Any:
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    sent = asyncio.run(ask(app_with(HANDLERS), endless))
    assert sent[0]["status"] == 413


def test_other_protocols_pass_through() -> None:
    app = app_with(HANDLERS)
    assert framed(app) is app
