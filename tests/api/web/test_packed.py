"""What is sent compressed, and what never."""

import gzip
import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.web.frame import assets

PAGES = ["/profile", "/sign-in", assets.address("app.css"), assets.address("vendor/pico.css")]


@pytest.mark.parametrize("path", PAGES)
def test_pages_and_their_files_are_packed_for_who_can_unpack(client: TestClient[Litestar], path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert "content-encoding" not in plain.headers
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(packed.headers["content-length"]) == len(raw)
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize("path", ["/api/v1/stream?seconds=0", "/api/v1/show-types"])
def test_the_api_is_not_packed_so_that_its_stream_never_waits(
    client: TestClient[Litestar], path: str
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, "content-encoding" in answer.headers) == (200, False)


@pytest.mark.parametrize(("name", "kept"), [("callboard.js", "const callboard"), ("app.css", ".chip")])
def test_our_scripts_and_styles_are_sent_without_what_is_for_who_reads_them(
    client: TestClient[Litestar], name: str, kept: str
) -> None:
    source = (Path(assets.__file__).parent.with_name("static") / name).read_text("utf-8")
    sent = client.get(assets.address(name)).text
    assert (kept in sent, len(sent) < 0.8 * len(source)) == (True, True)


def test_no_rule_makes_a_browser_look_at_all_styles_when_a_bar_is_moved() -> None:
    styles = (Path(assets.__file__).parent.with_name("static") / "vendor/pico.css").read_text("utf-8")
    assert "[role=group]" in styles
    assert not re.search(r"\[role=(group|search)\]:has\(", styles)
