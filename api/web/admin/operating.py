"""/admin/projections: where the read tables and the log stand; rebuild and verify while serving goes on."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from api.http.security import Principal
from api.rebuilding import Rebuilding, Run, Work
from api.web.admin.saying import Saying
from api.web.frame.rendering import page, words
from domain.application import Commands
from domain.errors import NotFound
from projections import ALL, pickers, rebuild

_AUDIT: Final = {"action": "audit"}
WORKS: Final[dict[str, Work]] = {"rebuild": "rebuild", "verify": "verify", "chain": "chain"}


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """What the buttons send: for one projection, or for all."""

    only: str | None = None


@get("/projections", include_in_schema=False, sync_to_thread=True, opt=_AUDIT)
def projections(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    rebuilding: NamedDependency[Rebuilding],
) -> Response[str]:
    """Every projection with its rows and position, the last rebuild, and what runs."""
    with commands.log.pool.connection() as connection:
        positions = rebuild.positions(connection)
        last = rebuild.last(connection)
        busy = rebuild.running(connection)
        say = Saying(words(request), {}, pickers.clocks(connection))
    return page(
        request,
        "admin/projections",
        positions=positions,
        last=last,
        head=commands.log.head(),
        possible=rebuilding.possible,
        say=say,
        **_of_run(rebuilding.look(), busy=busy),
    )


@get("/projections/run", include_in_schema=False, sync_to_thread=True, opt=_AUDIT)
def run(
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    rebuilding: NamedDependency[Rebuilding],
) -> Response[str]:
    """What runs now or ran last: the part of the page that is asked for again and again."""
    with commands.log.pool.connection() as connection:
        busy = rebuild.running(connection)
        say = Saying(words(request), {}, pickers.clocks(connection))
    return page(request, "admin/run", say=say, **_of_run(rebuilding.look(), busy=busy))


@post("/projections/{work:str}", include_in_schema=False, sync_to_thread=True, status_code=202, opt=_AUDIT)
def begin(
    work: FromPath[str],
    request: Request[Principal, Any, Any],
    rebuilding: NamedDependency[Rebuilding],
    data: JSONBody[Wanted],
) -> Run:
    """Begins it. Raises NotFound for an unknown projection, Conflict while something runs."""
    if work not in WORKS or data.only not in {None, *ALL}:
        raise NotFound(f"there is no {work} of {data.only or 'all'}")
    return rebuilding.start(WORKS[work], data.only, request.user.name)


def _of_run(found: Run | None, *, busy: bool) -> dict[str, Any]:
    """`busy` is true too while another process works on the database."""
    ours = found is not None and found.ended is None
    return {"run": found, "ours": ours, "others": busy and not ours}
