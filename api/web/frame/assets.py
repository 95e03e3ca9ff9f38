"""Static files under /static, by content: an address changes with its file, so it can be kept for ever."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from rcssmin import cssmin  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from rjsmin import jsmin  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

_STATIC: Final = Path(__file__).parent.with_name("static")
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

_JOINED: Final[Mapping[str, Sequence[str]]] = {
    "base.css": ("vendor/pico.css", "app.css"),
    "board.all.css": ("board.css", "board_views.css"),
    "base.js": ("callboard.js",),
    "board.all.js": (
        "board.js",
        "board_carry.js",
        "board_history.js",
        "board_commands.js",
        "board_drag.js",
        "board_keys.js",
        "board_live.js",
        "board_tools.js",
        "board_buffers.js",
        "board_views.js",
    ),
}
"""Files that are sent as one, in the order in which they build on each other: packed together they are a
fifth smaller, and they are asked for once."""


def address(name: str) -> str:
    """Where a file is, such as `/static/vendor/htmx.js?v=3f2a...`. Raises KeyError where there is none: the
    build hook has not run (`make demo` and `pip install .` run it)."""
    return f"/static/{name}?v={_files()[name][1]}"


@get("/static/{name:path}", include_in_schema=False, sync_to_thread=False)
def static(name: FromPath[str], v: FromQuery[str] = "") -> Response[bytes]:
    """A file of the pages. Kept for a year where the address says which content is meant."""
    data, tag = _files().get(name.strip("/"), (None, ""))
    if data is None:
        raise NotFoundException
    kept = "public, max-age=31536000, immutable" if v == tag else "no-cache"
    headers = {"Cache-Control": kept, "ETag": f'"{tag}"'}
    return Response(data, media_type=_TYPES[Path(name).suffix], headers=headers)


@cache
def _files() -> Mapping[str, tuple[bytes, str]]:
    """Every file there is: nothing else can be asked for, whatever the path says."""
    found: dict[str, tuple[bytes, str]] = {}
    for path in sorted(_STATIC.rglob("*")):
        if path.suffix in _TYPES:
            data = path.read_bytes()
            if path.parent == _STATIC:
                data = _lean(data, path.suffix)
            found[path.relative_to(_STATIC).as_posix()] = _tagged(data)
    for name, parts in _JOINED.items():
        found[name] = _tagged(b"\n".join(found[part][0] for part in parts))
    return found


def _tagged(data: bytes) -> tuple[bytes, str]:
    return data, hashlib.sha256(data).hexdigest()[:16]


def _lean(data: bytes, suffix: str) -> bytes:
    """A script or style of ours without what is for who reads it: a third of it."""
    minify = cast("Any", {".js": jsmin, ".css": cssmin}).get(suffix, str)
    return minify(data.decode()).encode()
