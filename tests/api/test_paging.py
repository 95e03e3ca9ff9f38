"""Pages: limits, cursors, and what a cursor must not be."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.testing import TestClient
from msgspec import Struct

from api.http.paging import Page, PageInfo, Paging, sort_of
from domain.errors import Invalid
from tests.api.toy import app_with, client_of

FIRST = datetime(2026, 5, 1, tzinfo=UTC)


class Row(Struct, frozen=True):
    id: str
    start: datetime


ROWS = [Row(f"show_{n:03}", FIRST + timedelta(hours=n // 2)) for n in range(45)]


@get("/shows", sync_to_thread=False)
def shows(paging: NamedDependency[Paging], sort: FromQuery[str | None] = None) -> Page[Row]:
    column, descending = sort_of(sort, ["start"], "start")
    asked = paging.sorted_by(f"{column} {descending}")
    after = asked.after(tuple[datetime, str])
    rows = sorted(ROWS, key=lambda row: (row.start, row.id), reverse=descending)
    if after is not None:
        rows = [
            row
            for row in rows
            if ((row.start, row.id) < after if descending else (row.start, row.id) > after)
        ]
    return asked.page(rows[: asked.fetch], lambda row: (row.start, row.id), total=len(ROWS))


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with client_of(app_with([shows])) as client:
        yield client


def walk(client: TestClient[Any], query: str) -> tuple[list[str], list[int]]:
    """All ids, page by page, and the sizes of the pages."""
    ids: list[str] = []
    sizes: list[int] = []
    cursor = ""
    while True:
        body = client.get(f"/api/v1/shows?{query}{cursor}").json()
        ids += [row["id"] for row in body["items"]]
        sizes.append(len(body["items"]))
        if body["page"]["next_cursor"] is None:
            return ids, sizes
        cursor = f"&cursor={body['page']['next_cursor']}"


def test_a_page_says_its_limit_and_where_the_next_begins(client: TestClient[Any]) -> None:
    body = client.get("/api/v1/shows").json()
    assert (len(body["items"]), body["page"]["limit"], body["page"]["total"]) == (20, 20, 45)
    assert body["items"][0] == {"id": "show_000", "start": "2026-05-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("query", "sizes"), [("", [20, 20, 5]), ("limit=15", [15, 15, 15]), ("limit=100", [45])]
)
def test_the_pages_hold_every_row_once(client: TestClient[Any], query: str, sizes: list[int]) -> None:
    ids = [row.id for row in ROWS]
    assert walk(client, query) == (ids, sizes)
    assert walk(client, f"{query}&sort=-start") == (ids[::-1], sizes)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "99999999999999999999", ""])
def test_a_limit_is_between_one_and_a_hundred(client: TestClient[Any], limit: str) -> None:
    response = client.get(f"/api/v1/shows?limit={limit}")
    assert (response.status_code, response.json()["errors"][0]["path"]) == (422, "limit")


def cursor_of(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "é",
        "a" * 3_000,
        cursor_of(b"{}"),
        cursor_of(b"[]"),
        cursor_of(b"\xff"),
        cursor_of(b"[" * 1_000),
        cursor_of(b'["start False","show_001"]'),
        cursor_of(b'["start False","2026-05-01T00:00:00","show_001"]'),
        cursor_of(b'["start False","2026-05-01T00:00:00Z","a\\u0000b"]'),
        cursor_of(b'["start True","2026-05-01T00:00:00Z","show_001"]'),
    ],
)
def test_a_cursor_that_we_did_not_give_out_for_this_order_is_invalid(
    client: TestClient[Any], cursor: str
) -> None:
    response = client.get("/api/v1/shows", params={"cursor": cursor})
    body = response.json()
    assert (response.status_code, [error["path"] for error in body["errors"]]) == (422, ["cursor"])


def test_an_unknown_sort_is_invalid(client: TestClient[Any]) -> None:
    assert client.get("/api/v1/shows?sort=name").json()["errors"] == [
        {"path": "sort", "code": "choice", "message": "must be one of start, with - for descending"}
    ]


def test_sort_of_reads_the_direction() -> None:
    assert [sort_of(text, ["start", "name"], "-name") for text in (None, "start", "-start")] == [
        ("name", True),
        ("start", False),
        ("start", True),
    ]
    with pytest.raises(Invalid):
        sort_of("--start", ["start"], "start")


def test_an_empty_list_is_one_empty_page() -> None:
    page: Page[Row] = Paging(20).page([], lambda row: (row.id,))
    assert page == Page([], PageInfo(20, None))
