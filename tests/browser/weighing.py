"""What a page weighs on the wire: itself and every script and style that it names, as a browser gets them.
Not what is loaded on first use: on the board htmx, 13.4 KB, with the first panel that is opened."""

import re
from collections.abc import Mapping
from html import unescape

import httpx

from api.http.security import COOKIE, SESSIONS
from tests.browser.conftest import Site


def weight(site: Site, who: str, path: str) -> Mapping[str, int]:
    """Compressed bytes by address."""
    found: dict[str, int] = {}
    with httpx.Client(base_url=site.url, cookies={COOKIE: site.token(who, SESSIONS)}, timeout=60) as client:

        def weigh(address: str) -> str:
            with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
                answer.raise_for_status()
                answer.read()
            found[address] = answer.num_bytes_downloaded
            return answer.text

        for address in re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css)\?[^"]*)"', weigh(path)):
            weigh(unescape(address))
    return found
