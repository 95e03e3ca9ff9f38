"""A database in which nothing is yet: each page says so, and what to do next."""

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient


@pytest.mark.parametrize(
    "path", ["/board", "/schedules", "/schedules/new", "/shows/new", "/inbox", "/admin/rooms"]
)
def test_where_nothing_is_a_page_says_what_to_do_next(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    empty = re.search(r'<div class="empty"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert empty, path
    assert re.search(r'<a [^>]*href="/[^"]+"', empty[1]), empty[1]


@pytest.mark.parametrize("path", ["/", "/board", "/imports", "/audit", "/admin/users/new", "/sign-in"])
def test_a_page_carries_a_strict_policy_and_nothing_that_it_forbids(
    client: TestClient[Litestar], path: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-security-policy"] == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self';"
        " img-src 'self' data:"
    )
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert all('src="/static/' in each or "application/json" in each for each in scripts)
    assert re.findall(r"<[a-z][^>]* (?:style|on[a-z]+|hx-on[^=]*)=", answer.text) == []
