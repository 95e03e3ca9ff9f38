"""/inbox: what waits for me, each item with all that is needed to decide it at once."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec import Struct, structs

from api.http.security import Bounds, Principal, may
from api.web.desk import cards
from api.web.frame.rendering import page, words
from api.web.frame.times import StudioTime
from api.web.timeline import Telling
from domain.access import Action
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.registry.entities import BY_KIND
from projections import changes, inbox, registry, schedules, shows
from projections.inbox import InboxFilter, Kind
from projections.registry import Wanted
from projections.shows import ShowFilter

PAGE: Final = 8
"""Items on a page: each is tried out, so that it can say whether it would clash."""
_MOST_CLIENTS: Final = 1_000
Box = Literal["me", "client", "mine"]
"""What waits for me; what waits for clients; what I asked for."""
KINDS: Final[tuple[Kind, ...]] = (
    "version",
    "change",
    "notice",
    "rejected",
    "approved",
    "interrupted",
    "comment",
)
DECIDED: Final = KINDS[:3]
"""Those with a verdict."""
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
    kind: FromQuery[
        Literal["", "version", "change", "notice", "rejected", "approved", "interrupted", "comment"]
    ] = "",
    client: Text = "",
    after: After = "",
    change: Text = "",
) -> Response[str] | Redirect:
    """One page of what waits. Without a box: what waits for the user; for who only looks on, what they asked
    for. With a `change`, where that one is."""
    user = request.user
    if change:
        return Redirect(_where(commands, bounds, user, change))
    asked = Asked(box=box or boxes(user)[0], kind=kind, client=client)
    which = structs.replace(wanted(user, asked.box), kind=kind or None, client_id=client or None)
    position = commands.log.head()
    with commands.log.pool.connection() as connection:
        found = inbox.listed(connection, which, after=_after(after), limit=PAGE + 1)
        total = inbox.count(connection, which)
        names = Wanted(sort="name", descending=False, limit=_MOST_CLIENTS)
        clients: list[Any] = [row for row, _ in registry.page(connection, BY_KIND["client"], names)]
    t = words(request)
    tried = (cards.card(commands, request, t, bounds, item) for item in found[:PAGE])
    made = [each for each in tried if each]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request,
        "inbox",
        asked=asked,
        boxes=boxes(user),
        kinds=KINDS if asked.box == "me" and user.clients is None else DECIDED,
        cards=made,
        decides=any({"approve", "acknowledge"} & each.may for each in made if each.kind in DECIDED),
        sees=any("see" in each.may for each in made),
        total=total,
        waits=waiting(commands, user),
        clients=[each for each in clients if bounds.clients is None or each.id in bounds.clients],
        next_page=asked.link(after=f"{last.at.isoformat()}~{last.id}") if last else "",
        first_page=asked.link() if after else "",
        field=Telling(StudioTime("UTC", "00:00", t.language), t).field,
        position=position,
    )


def _where(commands: Commands, bounds: Bounds, user: Principal, change_id: str) -> str:
    """The address of the box that has a change, at its card; else of its plan. Raises NotFound."""
    with commands.log.pool.connection() as connection:
        for box in boxes(user):
            which = wanted(user, box)
            found = inbox.listed(connection, structs.replace(which, id=change_id), limit=1)
            if not found:
                continue
            first = inbox.listed(connection, which, limit=PAGE)
            # A text after its id: from this card on, itself among them.
            start = "" if found[0] in first else f"&after={quote(found[0].at.isoformat())}~{change_id}~"
            return f"/inbox?box={box}{start}#{found[0].kind}-{change_id}"
        asked = changes.one(connection, change_id, bounds.clients)
        if asked is None:
            raise NotFound(f"no change {change_id}")
        plan = schedules.one(connection, asked.schedule_id, bounds.clients)
        if plan and plan.kind == "single":
            shown = shows.listed(connection, ShowFilter(schedule_id=plan.id, clients=bounds.clients), limit=1)
            return f"/shows/{shown[0].id}" if shown else "/inbox"
    return f"/schedules/{asked.schedule_id}?tab=changes#{change_id}"


@get("/inbox/count", include_in_schema=False, sync_to_thread=True)
def count(request: Request[Principal, Any, Any], commands: NamedDependency[Commands]) -> Response[str]:
    """How much waits for the user, as the navigation says it."""
    return page(request, "inbox_count", count=waiting(commands, request.user))


def waiting(commands: Commands, user: Principal) -> int:
    """How many things wait for this user."""
    if boxes(user)[0] != "me" or not (user.clients is None or may(user, Action.DECIDE)):
        return 0
    with commands.log.pool.connection() as connection:
        return inbox.count(connection, wanted(user, "me"))


def wanted(user: Principal, box: Box) -> InboxFilter:
    """What a box of this user holds."""
    if box == "mine":
        return InboxFilter(asked_by=user.id, clients=user.clients)
    if box == "client" or user.clients is not None:
        return InboxFilter(needs=("client",), clients=user.clients)
    if user.is_system_admin:
        return InboxFilter(needs=("studio", "planner"))
    studios = {each.studio_id for each in user.access.memberships if each.studio_id}
    decides, plans = (
        {each for each in studios if may(user, action, studio_id=each)}
        for action in (Action.DECIDE_FOR_STUDIO, Action.PLAN)
    )
    needs = ("studio", "planner") if decides else ("planner",)
    return InboxFilter(needs=needs, studios=decides, planned=plans, except_by=user.id)


def boxes(user: Principal) -> list[Box]:
    """The boxes of this user; the first is what the inbox opens with."""
    if user.clients is not None:
        return ["me", "mine"]
    return ["me", "client", "mine"] if may(user, Action.PLAN) else ["mine", "client"]


def _after(text: str) -> tuple[datetime, str] | None:
    """Where a page begins. Raises Invalid at `after`."""
    if not text:
        return None
    at, _, last = text.partition("~")
    try:
        return datetime.fromisoformat(at), last
    except ValueError:
        raise Invalid.field("after", "format", "must be what a page's own link has") from None
