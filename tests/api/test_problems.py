"""SPEC 7, errors: every status as a problem document with a stable code, through a real app."""

import logging
from collections.abc import Iterator
from typing import Annotated, Any

import psycopg
import pytest
from litestar import delete, get, post
from litestar.exceptions import TooManyRequestsException
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody
from litestar.testing import TestClient
from msgspec import Meta, Struct
from psycopg import errors as pg
from psycopg_pool import PoolTimeout

from api.http.decoding import Instant
from api.http.problems import STATUS
from domain import errors
from domain.conflicts import Finding
from domain.errors import DomainError, FieldError, Invalid
from tests.api.toy import app_with, client_of

REFUSALS: dict[str, Exception] = {
    "not_found": errors.NotFound("There is no show show_1."),
    "invalid": Invalid(
        "Two values are wrong.", errors=[FieldError("a", "x", "m"), FieldError("b", "y", "n")]
    ),
    "idempotency_key_reused": errors.KeyReused("That key came with another body."),
    "forbidden": errors.Forbidden("Only managers may do this."),
    "stale": errors.PreconditionFailed("It has version 4 now."),
    "unavailable": errors.Unavailable("It is not known whether it was stored."),
    "illegal_transition": errors.IllegalTransition(
        "A draft can't be archived.", status="draft", allowed=["propose"]
    ),
    "version_conflict": errors.VersionConflict("The current version is 3.", current_version=3),
    "conflicts": errors.HasConflicts(
        "One show clashes.",
        conflicts=[
            Finding(code="room_overlap", severity="block", show_id="show_1", message="Room A is taken")
        ],
    ),
    "in_use": errors.InUse("Two shows refer to it.", referrers=2),
}
INSIDE: dict[str, Exception] = {
    "bug": RuntimeError("select secret from /etc/passwd"),
    "history": errors.CorruptHistory("chain broken"),
    "limit": TooManyRequestsException(),
    "bytes": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "pool": PoolTimeout("no connection after 5 s"),
    "down": psycopg.OperationalError("connection refused to 10.0.0.1"),
    "closed": psycopg.InterfaceError("the connection is closed"),
    "overlap": pg.ExclusionViolation("occupancy_excl"),
    "unique": pg.UniqueViolation("clients_name"),
    "foreign": pg.ForeignKeyViolation("rooms_studio"),
    "deadlock": pg.DeadlockDetected("40P01"),
    "range": pg.NumericValueOutOfRange("22003"),
    "check": pg.CheckViolation("23514"),
}


class Row(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    start: Instant
    size: int = 0


class Rows(Struct, forbid_unknown_fields=True):
    shows: Annotated[list[Row], Meta(min_length=1, max_length=1000)]


class Note(Struct, forbid_unknown_fields=True):
    note: str = ""


@get("/refusals/{code:str}", sync_to_thread=False)
def refuse(code: FromPath[str]) -> None:
    raise REFUSALS[code]


@get("/inside/{what:str}", sync_to_thread=False)
def fail(what: FromPath[str]) -> None:
    raise INSIDE[what]


@post("/shows", sync_to_thread=False)
def add(data: JSONBody[Rows]) -> list[Row]:
    return data.shows


@post("/notes", sync_to_thread=False)
def note(data: JSONBody[Note]) -> Note:
    return data


@get("/shows", sync_to_thread=False)
def shows(
    studio: FromQuery[str],
    at: FromQuery[Instant | None] = None,
    count: FromQuery[int] = 1,
    tag: FromQuery[list[str] | None] = None,
) -> dict[str, Any]:
    return {"studio": studio, "at": at, "count": count, "tag": tag}


@get("/header", sync_to_thread=False)
def header(wanted: Annotated[int, HeaderParameter(name="X-Wanted")]) -> int:
    return wanted


@delete("/shows", sync_to_thread=False)
def remove() -> None:
    return None


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with client_of(app_with([refuse, fail, add, note, shows, header, remove])) as client:
        yield client


def problem(response: Any) -> dict[str, Any]:
    """The document, after checking what all have in common."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["type"] == f"/problems/{body['code']}"
    assert body["title"]
    assert body["instance"] == response.request.url.path
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def test_a_problem_has_these_members_and_no_others(client: TestClient[Any]) -> None:
    response = client.get("/api/v1/refusals/invalid", headers={"X-Request-Id": "me-7"})
    assert response.json() == {
        "type": "/problems/invalid",
        "title": "Invalid",
        "status": 422,
        "detail": "Two values are wrong.",
        "code": "invalid",
        "instance": "/api/v1/refusals/invalid",
        "request_id": "me-7",
        "errors": [{"path": "a", "code": "x", "message": "m"}, {"path": "b", "code": "y", "message": "n"}],
    }


@pytest.mark.parametrize(
    ("code", "status", "extra"),
    [
        ("not_found", 404, {}),
        ("invalid", 422, {}),
        ("idempotency_key_reused", 422, {}),
        ("forbidden", 403, {}),
        ("stale", 412, {}),
        ("unavailable", 503, {}),
        ("illegal_transition", 409, {"status": 409, "current_status": "draft", "allowed": ["propose"]}),
        ("version_conflict", 409, {"current_version": 3}),
        ("in_use", 409, {"referrers": 2}),
    ],
)
def test_each_refusal_has_its_status_and_its_members(
    client: TestClient[Any], code: str, status: int, extra: dict[str, Any]
) -> None:
    response = client.get(f"/api/v1/refusals/{code}")
    body = problem(response)
    assert (response.status_code, body["code"], body["detail"]) == (status, code, str(REFUSALS[code]))
    assert {name: body[name] for name in extra} == extra


def test_conflicts_come_with_the_findings(client: TestClient[Any]) -> None:
    body = problem(client.get("/api/v1/refusals/conflicts"))
    assert (body["status"], [found["code"] for found in body["conflicts"]]) == (409, ["room_overlap"])


def test_every_kind_of_refusal_has_a_status() -> None:
    def all_of(kind: type[DomainError]) -> list[type[DomainError]]:
        return [kind, *(deeper for below in kind.__subclasses__() for deeper in all_of(below))]

    kinds = [kind for branch in DomainError.__subclasses__() for kind in all_of(branch)]
    assert [kind for kind in kinds if not issubclass(kind, tuple(STATUS))] == []


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("limit", 429, "rate_limited"),
        ("bytes", 400, "malformed"),
        ("pool", 503, "unavailable"),
        ("down", 503, "unavailable"),
        ("closed", 503, "unavailable"),
        ("overlap", 409, "conflicts"),
        ("unique", 409, "duplicate"),
        ("foreign", 409, "conflict"),
        ("deadlock", 409, "stale_version"),
        ("range", 422, "invalid"),
        ("check", 500, "internal"),
        ("history", 500, "internal"),
        ("bug", 500, "internal"),
    ],
)
def test_what_breaks_inside_says_nothing_of_the_inside(
    client: TestClient[Any], what: str, status: int, code: str
) -> None:
    response = client.get(f"/api/v1/inside/{what}")
    body = problem(response)
    assert (response.status_code, body["code"]) == (status, code)
    assert str(INSIDE[what]) not in response.text or what == "limit"
    assert ("retry-after" in response.headers) == (status in {429, 503})


def test_an_unexpected_error_is_logged_under_the_request_id(
    client: TestClient[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "callboard.api"):
        client.get("/api/v1/inside/bug", headers={"X-Request-Id": "find-me"})
    assert [record.getMessage() for record in caplog.records] == [
        "GET /api/v1/inside/bug failed, request find-me"
    ]
    assert "select secret" in caplog.text


def test_an_unknown_path_is_not_found_with_and_without_a_token(client: TestClient[Any]) -> None:
    for path in ("/nowhere", "/api/v1/nowhere", "/schema/nowhere", "/api/v1/refusals/%00"):
        assert problem(client.get(path))["code"] == "not_found"
    assert client.get("/nowhere", headers={"Authorization": ""}).status_code == 404


def test_a_wrong_method_is_told_the_right_ones(client: TestClient[Any]) -> None:
    response = client.put("/api/v1/shows")
    assert problem(response)["code"] == "method_not_allowed"
    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'"\xff"', b"[" * 40_000, b'{"shows": NaN}', b'"\\ud800"', b'{"note": 1e999}'],
)
def test_a_body_that_is_no_json_is_malformed(client: TestClient[Any], body: bytes) -> None:
    response = client.post("/api/v1/shows", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, problem(response)["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_a_body_that_does_not_say_it_is_json_is_refused(client: TestClient[Any], content_type: str) -> None:
    response = client.post("/api/v1/notes", content=b"{}", headers={"Content-Type": content_type})
    assert (response.status_code, problem(response)["code"]) == (415, "unsupported_media_type")


def test_json_may_say_its_charset(client: TestClient[Any]) -> None:
    content_type = {"Content-Type": 'application/JSON; charset="UTF-8"'}
    assert client.post("/api/v1/notes", content=b"{}", headers=content_type).status_code == 201


def test_no_body_stands_for_an_empty_object(client: TestClient[Any]) -> None:
    response = client.post("/api/v1/notes")
    assert (response.status_code, response.json()) == (201, {"note": ""})
    assert problem(client.post("/api/v1/shows"))["errors"] == [
        {"path": "shows", "code": "missing", "message": "is required"}
    ]


def test_a_body_too_large_is_refused(client: TestClient[Any]) -> None:
    response = client.post("/api/v1/notes", json={"note": "x" * (1 << 20)})
    assert (response.status_code, problem(response)["code"]) == (413, "too_large")


def test_a_good_body_arrives_as_its_type(client: TestClient[Any]) -> None:
    rows = [{"name": "Launch", "start": "2026-05-02T20:00:00+07:00", "size": 3}]
    response = client.post("/api/v1/shows", json={"shows": rows})
    assert (response.status_code, response.json()) == (201, rows)


def test_every_wrong_value_of_every_row_is_named(client: TestClient[Any]) -> None:
    good = {"name": "Launch", "start": "2026-05-02T13:00:00Z"}
    rows: list[Any] = [good] * 9
    rows[3] = {**good, "start": "2026-05-02T13:00:00"}
    rows[4] = {**good, "start": 1_700_000_000, "size": "3"}
    rows[5] = {**good, "name": "a\0b", "size": 1 << 70}
    rows[6] = 7
    rows[7] = {"name": "", "start": "soon", "sise": 1}
    response = client.post("/api/v1/shows", json={"shows": rows})
    body = problem(response)
    assert (response.status_code, body["detail"]) == (422, "9 values are wrong.")
    assert sorted((error["path"], error["code"]) for error in body["errors"]) == [
        ("shows[3].start", "naive_datetime"),
        ("shows[4].size", "type"),
        ("shows[4].start", "type"),
        ("shows[5].name", "nul_character"),
        ("shows[5].size", "range"),
        ("shows[6]", "type"),
        ("shows[7].name", "length"),
        ("shows[7].sise", "unknown_field"),
        ("shows[7].start", "format"),
    ]


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ([], "", "type"),
        ({"shows": []}, "shows", "length"),
        ({"shows": [{}] * 1001}, "shows[0].name", "missing"),
    ],
)
def test_a_body_of_the_wrong_shape_is_invalid(
    client: TestClient[Any], body: Any, path: str, code: str
) -> None:
    response = client.post("/api/v1/shows", json=body)
    first = problem(response)["errors"][0]
    assert (response.status_code, first["path"], first["code"]) == (422, path, code)


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("", "studio", "missing"),
        ("studio=a&colour=red", "colour", "unknown_parameter"),
        ("studio=a&count=many", "count", "type"),
        ("studio=a&count=1180591620717411303424", "count", "range"),
        ("studio=a&at=1700000000", "at", "format"),
        ("studio=a&at=2026-05-02T13:00:00", "at", "naive_datetime"),
        ("studio=a%00b", "studio", "nul_character"),
    ],
)
def test_a_wrong_query_value_is_invalid_and_named(
    client: TestClient[Any], query: str, path: str, code: str
) -> None:
    response = client.get(f"/api/v1/shows?{query}")
    body = problem(response)
    assert (response.status_code, [(error["path"], error["code"]) for error in body["errors"]]) == (
        422,
        [(path, code)],
    )


def test_a_query_that_is_not_utf8_is_malformed(client: TestClient[Any]) -> None:
    assert problem(client.get("/api/v1/shows?studio=%ff"))["code"] == "malformed"


def test_a_good_query_arrives(client: TestClient[Any]) -> None:
    response = client.get("/api/v1/shows?studio=a&at=2026-05-02T13:00:00Z&count=2&tag=x&tag=y")
    assert response.json() == {"studio": "a", "at": "2026-05-02T13:00:00Z", "count": 2, "tag": ["x", "y"]}


def test_a_wrong_header_is_invalid(client: TestClient[Any]) -> None:
    assert problem(client.get("/api/v1/header"))["errors"][0]["code"] == "missing"
    assert problem(client.get("/api/v1/header", headers={"X-Wanted": "x"}))["errors"][0]["code"] == "type"
