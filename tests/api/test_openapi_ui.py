"""The OpenAPI document, and its UI from packaged files only."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromPath, JSONBody
from litestar.testing import TestClient
from msgspec import Struct

from api.http.decoding import Instant
from api.http.openapi import StrictSchemas
from api.http.paging import Page, Paging
from api.http.strict_input import StrictInput
from tests.api.toy import app_with, client_of


class Row(Struct):
    id: str
    start: Instant


class NewRow(Struct, forbid_unknown_fields=True):
    start: Instant


class Open(Struct):
    start: Instant


class Naive(Struct, forbid_unknown_fields=True):
    inner: "list[NaiveRow] | None" = None


class NaiveRow(Struct, forbid_unknown_fields=True):
    by_day: "dict[str, tuple[Open, ...]]"


@get("/rows", sync_to_thread=False)
def rows(paging: NamedDependency[Paging]) -> Page[Row]:
    """Rows, oldest first."""
    return paging.page([], lambda row: (row.id,))


@post("/rows", sync_to_thread=False)
def add(data: JSONBody[NewRow]) -> Row:
    return Row("row_1", data.start)


@patch("/rows/{row_id:str}", sync_to_thread=False)
def edit(row_id: FromPath[str], data: JSONBody[NewRow]) -> Row:
    return Row(row_id, data.start)


@get("/health/live", sync_to_thread=False)
def live() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with client_of(app_with([rows, add, edit], outside=[live]), user=None) as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient[Any]) -> dict[str, Any]:
    response = client.get("/schema/openapi.json")
    assert response.headers["content-type"] == "application/json"
    return response.json()


def test_it_is_openapi_3_1_with_a_bearer_scheme(document: dict[str, Any]) -> None:
    assert (document["openapi"], document["info"]["title"], document["info"]["version"]) == (
        "3.1.0",
        "Callboard",
        "1.2.3",
    )
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert document["security"] == [{"bearer": []}]


def test_a_body_shows_its_type_and_that_it_takes_nothing_else(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/rows"]["post"]["requestBody"]["content"]
    assert body == {"application/json": {"schema": {"$ref": "#/components/schemas/NewRow"}}}
    assert document["components"]["schemas"]["NewRow"] == {
        "title": "NewRow",
        "type": "object",
        "properties": {"start": {"type": "string", "format": "date-time"}},
        "required": ["start"],
        "additionalProperties": False,
    }


def test_a_page_shows_its_items(document: dict[str, Any]) -> None:
    shown = document["paths"]["/api/v1/rows"]["get"]
    assert shown["description"] == "Rows, oldest first."
    reference = shown["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    page = document["components"]["schemas"][reference.rpartition("/")[2]]
    assert page["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Row"}
    names = {(one["name"], one["schema"].get("maximum")) for one in shown["parameters"]}
    assert names == {("limit", 100), ("cursor", None)}


def statuses(document: dict[str, Any], path: str, method: str) -> set[str]:
    return set(document["paths"][path][method]["responses"])


def test_every_operation_documents_the_problems_it_can_answer(document: dict[str, Any]) -> None:
    reads = {"400", "401", "422", "500", "503"}
    writes = reads | {"403", "404", "408", "409", "412", "413", "415"}
    assert statuses(document, "/api/v1/rows", "get") == {"200"} | reads
    assert statuses(document, "/api/v1/rows", "post") == {"201"} | writes
    assert statuses(document, "/api/v1/rows/{row_id}", "patch") == {"200"} | writes
    assert statuses(document, "/health/live", "get") == {"200"} | reads - {"401"}


def test_a_documented_problem_is_the_shape_that_is_sent(document: dict[str, Any]) -> None:
    reference = document["paths"]["/api/v1/rows"]["post"]["responses"]["409"]
    assert reference == {"$ref": "#/components/responses/conflict"}
    content = document["components"]["responses"]["conflict"]["content"]
    assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    problem = document["components"]["schemas"]["Problem"]
    assert problem["required"] == ["type", "title", "status", "detail", "code", "instance", "request_id"]
    assert problem["properties"]["errors"]["items"] == {"$ref": "#/components/schemas/FieldError"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        found: Any = document
        for step in reference.split("/"):
            found = found[step]


def test_the_ui_asks_nobody_else_and_needs_no_inline_code(client: TestClient[Any]) -> None:
    page = client.get("/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert re.findall(r"https?://|<style|style=|onload=", page.text) == []
    assert re.findall(r"<script(?! src=)", page.text) == []
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert linked == [
        "/schema/assets/swagger-ui.css",
        "/schema/assets/favicon-32x32.png",
        "/schema/assets/swagger-ui-bundle.js",
        "/schema/assets/start.js",
    ]
    for path in linked:
        asset = client.get(path)
        assert (asset.status_code, asset.headers["x-content-type-options"]) == (200, "nosniff"), path
        assert asset.content
    assert "https://" not in client.get("/schema/assets/start.js").text


def test_only_the_packaged_files_are_served(client: TestClient[Any]) -> None:
    for name in ("core.py", "..%2f..%2fcore.py", "swagger-ui.js"):
        assert client.get(f"/schema/assets/{name}").status_code == 404


def test_a_body_open_to_unknown_fields_or_naive_times_is_refused_at_start() -> None:
    @post("/open", sync_to_thread=False)
    def takes_open(data: JSONBody[Open]) -> None:
        return None

    @post("/naive", sync_to_thread=False)
    def takes_naive(data: JSONBody[Naive]) -> None:
        return None

    for handler in (takes_open, takes_naive):
        with pytest.raises(ImproperlyConfiguredException, match="Open needs forbid_unknown_fields=True"):
            Litestar([handler], plugins=[StrictInput(), StrictSchemas()], logging_config=None)
