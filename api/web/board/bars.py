"""What is drawn on a board: rows with bars, and what bars carry for the scripts that place and name them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Final

from markupsafe import Markup, escape

from api.http.security import Principal, may
from api.web.board import lanes
from api.web.board.lanes import Axis, Bar, Placed, Row, View
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from domain.access import Action
from domain.conflicts import BLOCKING, WISHES
from domain.schedule.machine import SHOW
from projections.board import Board, BoardShow, Holder
from projections.shows import ShowRow

ENDING: Final = 6
"""How much of a schedule's id a board carries: its end is random, thirty bits of it."""
WANTED: Final = WISHES | {"outside_period"}
"""Findings that are drawn as a warning; what is merely missing is only told in words."""
_NEEDS: Final = {
    "client": Action.PLAN,
    "studio": Action.PROPOSE_CHANGE,
    "none": Action.DECIDE_FOR_STUDIO,
}
"""Who may propose a change in a category, by whose approval it asks for."""
_GHOSTS: Final = frozenset({"was", "removed"})
"""Marks of bars that are no shows of the plan as it is."""
_TOLD: Final = BLOCKING | WANTED


def drawn(
    found: Board,
    placed: Sequence[Placed],
    plans: Mapping[str, Holder],
    *,
    view: View,
    over: Axis,
    time: StudioTime,
    user: Principal,
    as_of: str | None = None,
    pending: Set[str] = frozenset(),
) -> dict[str, Any]:
    """What the template `board/grid.html` draws: these shows in the board's rows, with what may be done to
    each, by whom, and what scripts ask about it. `plans` holds the schedule of each show by the show's id;
    open changes are about the `pending` ones."""
    shows = [each.show for each in placed]
    states = {show.id: state(show, plans.get(show.id)) for show in shows}
    modes = {show.id: mode(user, show, plans.get(show.id), as_of) for show in shows}
    asked = facts(shows, plans) | rooms_of(found, view)
    return {
        "axis": over,
        "rows": lanes.rows(placed, lines(found, view, over, time), view, over, time),
        "pending": pending,
        "counts": Counter(
            states[each.show.id]
            for each in placed
            if each.mark not in _GHOSTS and each.show.start < over.ends and each.show.end > over.begins
        ),
        "conflicts": [show for show in shows if told(show)],
        "conflict_kind": "bad" if any(sign(show) == "clash" for show in shows) else "warn",
        "facts": asked,
        "bars_of": _maker(modes, states, pending, asked),
    }


def _maker(
    modes: Mapping[str, str], states: Mapping[str, str], pending: Set[str], asked: Mapping[str, Any]
) -> Callable[[Row], Markup]:
    """Makes a row's bars of one board: in Python, as a page has thousands and a template's macro takes four
    times as long."""

    def bars_of(row: Row) -> Markup:
        return Markup("\n").join(
            markup(
                bar, states[bar.show.id], modes[bar.show.id], is_pending=bar.show.id in pending, asked=asked
            )
            for bar in row.bars
        )

    return bars_of


def markup(bar: Bar, state: str, does: str, *, is_pending: bool, asked: Mapping[str, Any]) -> Markup:
    """A bar is one element with numbers only: board.js places it and names it in full from what it carries,
    as each text told twice is told six hundred times. `does` is its `mode`; the places of its plan, creators
    and room are those in `asked`, the facts."""
    show = bar.show
    classes = " ".join(filter(None, ("bar", state, sign(show), "pending" if is_pending else "", bar.mark)))
    own = ".".join(str(each) for each in (show.id, bar.number, bar.mark) if each)
    carried = "".join(
        f' data-{name}="{value}"'
        for name, value in (
            ("l", f"{bar.lane}/{bar.lanes}" if bar.lanes > 1 else None),
            ("v", show.version),
            ("m", None if does == "edit" else does),
            ("p", asked["plan_of"].get(show.id)),
            ("c", " ".join(str(asked["creator_of"][each]) for each in show.creators) or None),
            ("x", " ".join(show.conflicts) or None),
            ("r", asked["room_of"].get(show.room_id)),
        )
        if value is not None
    )
    return Markup(  # noqa: S704 - all but names is ours, and names are escaped
        f'<div class="{classes}" id="{own}" data-s="{bar.start}" data-d="{bar.minutes}"{carried}>'
        f"{escape(label(show))}</div>"
    )


def lines(found: Board, view: View, over: Axis, time: StudioTime) -> list[Row]:
    """The rows that a board has before shows are put in: its rooms, or the creators who have shows."""
    if view == "creators":
        names = {
            creator: name
            for show in found.shows
            for creator, name in zip(show.creators, show.creator_names, strict=True)
        }
        return [Row(id=each, name=name) for each, name in sorted(names.items(), key=lambda each: each[1])]
    closed, booked = (lanes.shut(each, over, time) for each in (found.closures, found.booked))
    return [
        Row(
            id=room.id,
            name=room.name,
            detail=room,
            shut=closed.get(room.id, ()),
            booked=booked.get(room.id, ()),
        )
        for room in found.rooms
    ]


def said(t: Words) -> dict[str, str]:
    """The texts that the board's scripts say: their own, and by what bars are named."""
    parts = {"status": t.part("status"), "conflict": t.part("conflict"), "mark": t.part("mark")}
    named = {f"{part}_{key}": text for part, texts in parts.items() for key, text in texts.items()}
    return t.part("board_script") | named


def told(show: BoardShow) -> list[str]:
    """The codes of a show's conflicts that the board points at."""
    return [code for code in show.conflicts if code in _TOLD]


def sign(show: BoardShow) -> str:
    """How its bar is drawn: `clash`, `warn`, or as usual."""
    codes = told(show)
    return "clash" if BLOCKING.intersection(codes) else "warn" if codes else ""


def state(show: ShowRow, plan: Holder | None) -> str:
    """How far it is agreed: its status, but a draft is `proposed` while its plan waits for the client, and
    `approved` from the client's yes until it is confirmed."""
    if show.status != "draft" or plan is None or plan.status != "proposed":
        return show.status
    return "approved" if plan.approved else "proposed"


def label(show: BoardShow) -> str:
    """What its bar says: its name and, on the next line, its client. A name that has the client's in it
    is broken there instead, after a space by which scripts know that it goes on: nothing is told twice."""
    client = show.client_name or ""
    before, found, _ = show.name.partition(client) if client else (show.name, "", "")
    if not found:
        return f"{show.name}\n{client}".rstrip()
    return f"{before}\n{show.name.removeprefix(before)}" if before.endswith(" ") else show.name


def mode(user: Principal, show: BoardShow, plan: Holder | None, as_of: str | None) -> str:
    """What dragging a show does: `edit` it, ask for a `change`, or else a word for why it does nothing. The
    server decides each command; this says before what it will say."""
    if as_of or plan is None:
        return "past" if as_of else "compared"
    place = {"studio_id": show.studio_id, "client_id": show.client_id}
    if plan.status not in {"draft", "confirmed"}:
        return plan.status
    if show.status not in SHOW["cancel"]:
        return "done"
    if plan.status == "draft":
        return "edit" if may(user, Action.PLAN, **place) else "role"
    return "change" if may(user, Action.PROPOSE_CHANGE, **place) else "role"


def askable(
    kinds: Sequence[Any], user: Principal, studio_id: str, clients: Iterable[str | None]
) -> list[Any]:
    """The categories in which this user may ask any of these clients for changes: those that the other side
    agrees to first, so that what is done at once is chosen and never just left as it was."""
    whose = list(clients)
    return [
        each
        for approval, needed in _NEEDS.items()
        for each in kinds
        if each.approval == approval
        and any(may(user, needed, studio_id=studio_id, client_id=client) for client in whose)
    ]


def rooms_of(found: Board, view: View) -> dict[str, Any]:
    """What scripts ask about rooms: nothing where these are the rows."""
    rooms = () if view == "rooms" else found.rooms
    return {
        "rooms": [room.name for room in rooms],
        "room_of": {room.id: number for number, room in enumerate(rooms)},
    }


def facts(shows: Sequence[BoardShow], plans: Mapping[str, Holder]) -> dict[str, Any]:
    """What scripts ask about the shows, by position in these lists: the plans and the creators."""
    holders = {plan.id: plan for plan in plans.values()}
    places = {plan_id: number for number, plan_id in enumerate(holders)}
    names = {show.client_id: show.client_name for show in shows}
    creators = {
        creator: name
        for show in shows
        for creator, name in zip(show.creators, show.creator_names, strict=True)
    }
    return {
        "plans": [
            {
                "id": None if plan.single else plan.id[-ENDING:],
                "name": None if plan.single else plan.name,
                "client": names.get(plan.client_id) or "",
            }
            for plan in holders.values()
        ],
        "plan_of": {show_id: places[plan.id] for show_id, plan in plans.items()},
        "creators": list(creators.values()),
        "creator_of": {creator: number for number, creator in enumerate(creators)},
    }
