"""/inbox: what waits for me, each item with all that is needed to decide it at once."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct, structs

from api.http.security import Bounds, Principal, may
from api.web.desk import cards
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from api.web.timeline import Telling
from domain.access import Action
from domain.application import Commands
from domain.errors import Invalid
from domain.registry.entities import BY_KIND
from projections import inbox, registry
from projections.inbox import InboxFilter
from projections.registry import Wanted

PAGE: Final = 8
"""Items on a page: each is tried out, so that it can say whether it would clash."""
_MOST_CLIENTS: Final = 1_000
Box = Literal["me", "client", "mine"]
"""What waits for me; what waits for clients; what I asked for."""
After = Annotated[str, QueryParameter(max_length=150)]
Text = Annotated[str, QueryParameter(max_length=100)]


class Asked(Struct, frozen=True, kw_only=True):
    """What the address says."""

    box: Box
    kind: str
    client: str

    def link(self, **other: Any) -> str:
        """The address with something different."""
        asked = {"box": self.box, "kind": self.kind, "client": self.client} | other
        return "/inbox?" + urlencode({name: value for name, value in asked.items() if value})


@get("/inbox", include_in_schema=False, sync_to_thread=True)
def show_inbox(
    *,
    request: Request[Principal, Any, Any],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    box: FromQuery[Literal["", "me", "client", "mine"]] = "",
    kind: FromQuery[Literal["", "version", "change", "notice"]] = "",
    client: Text = "",
    after: After = "",
) -> Response[str]:
    """One page of what waits. Without a box: what waits for the user, or for planners what they asked for."""
    user = request.user
    asked = Asked(box=box or boxes(user)[0], kind=kind, client=client)
    which = structs.replace(wanted(user, asked.box), kind=kind or None, client_id=client or None)
    position = commands.log.head()
    with commands.log.pool.connection() as connection:
        found = inbox.listed(connection, which, after=_after(after), limit=PAGE + 1)
        total = inbox.count(connection, which)
        names = Wanted(sort="name", descending=False, limit=_MOST_CLIENTS)
        clients: list[Any] = [row for row, _ in registry.page(connection, BY_KIND["client"], names)]
    t = words(request)
    made = [cards.card(commands, request, t, bounds, item) for item in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request,
        "inbox",
        asked=asked,
        boxes=boxes(user),
        cards=[each for each in made if each],
        total=total,
        waits=waiting(commands, user),
        clients=[each for each in clients if bounds.clients is None or each.id in bounds.clients],
        next_page=asked.link(after=f"{last.at.isoformat()}~{last.id}") if last else "",
        first_page=asked.link() if after else "",
        field=Telling(StudioTime("UTC", "00:00", t.language), t).field,
        position=position,
    )


@get("/inbox/count", include_in_schema=False, sync_to_thread=True)
def count(request: Request[Principal, Any, Any], commands: NamedDependency[Commands]) -> Response[str]:
    """How much waits for the user, as the navigation says it."""
    return page(request, "inbox_count", count=waiting(commands, request.user))


def waiting(commands: Commands, user: Principal) -> int:
    """How many things wait for this user's own decision."""
    if not (may(user, Action.DECIDE_FOR_STUDIO) or (user.clients is not None and may(user, Action.DECIDE))):
        return 0
    with commands.log.pool.connection() as connection:
        return inbox.count(connection, wanted(user, "me"))


def wanted(user: Principal, box: Box) -> InboxFilter:
    """What a box of this user holds."""
    if box == "mine":
        return InboxFilter(asked_by=user.id, clients=user.clients)
    if box == "client" or user.clients is not None:
        return InboxFilter(needs="client", clients=user.clients)
    if user.is_system_admin:
        return InboxFilter(needs="studio")
    studios = {each.studio_id for each in user.access.memberships if each.studio_id}
    decides = {each for each in studios if may(user, Action.DECIDE_FOR_STUDIO, studio_id=each)}
    return InboxFilter(needs="studio", studios=decides, except_by=user.id)


def boxes(user: Principal) -> list[Box]:
    """The boxes of this user; the first is what the inbox opens with."""
    if user.clients is not None:
        return ["me", "mine"]
    return ["me", "client", "mine"] if may(user, Action.DECIDE_FOR_STUDIO) else ["mine", "client"]


def _after(text: str) -> tuple[datetime, str] | None:
    """Where a page begins. Raises Invalid at `after`."""
    if not text:
        return None
    at, _, last = text.partition("~")
    try:
        return datetime.fromisoformat(at), last
    except ValueError:
        raise Invalid.field("after", "format", "must be what a page's own link has") from None
