"""The conflicts of a show in words, each with its ways out: buttons that send the request of the API."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, cast

import msgspec
from msgspec import Struct, structs

from api.http.security import Principal, may
from api.web.frame import refusals
from api.web.telling import asked_for
from api.web.timeline import Telling
from domain import waiving
from domain.access import Action
from domain.conflicts import Altered, Finding, Suggestion, Waived, waivable
from domain.schedule.state import Show
from projections.shows import ShowRow

_HOUR: Final = 60
_DAY: Final = 24 * 60


class Way(Struct, frozen=True, kw_only=True):
    """A way out as a button: `send` is method and path, `body` JSON, `version` for If-Match. Nothing to
    send where this user may not, or where the proposal has to be withdrawn first (`frozen`)."""

    title: str
    cost: str
    send: str
    body: str
    version: str
    asks: bool
    frozen: bool


class Told(Struct, frozen=True, kw_only=True):
    """A conflict. `href` is the other show's page, `show_id` whom it was found for,
    `asked` the address of an open change about either show. `accept` is the JSON that
    accepts it and `accept_back` the address to take that back, empty where this user can't."""

    code: str
    severity: str
    message: str
    when: str
    href: str
    waived: Waived | None
    ways: tuple[Way, ...]
    accept: str
    accept_back: str
    show_id: str
    asked: str


def tell(
    findings: Iterable[Finding],
    show: ShowRow,
    user: Principal,
    telling: Telling,
    asked: Mapping[str, str],
    *,
    mates: Mapping[str, Show],
) -> list[Told]:
    """The findings that concern the show, what blocks first; `asked` is of `telling.open_changes`. Those of
    `mates`, the shows of its schedule by id, are told from the show's side."""
    told = [
        _told(each, show, user, telling, asked=asked_for(each, asked), mate=mates.get(each.show_id))
        for each in findings
    ]
    return sorted(told, key=lambda each: (each.waived is not None, each.severity != "block"))


def ids(findings: Iterable[Finding]) -> Iterator[str]:
    """What has to have a name to tell of these findings."""
    for finding in findings:
        if finding.waived:
            yield finding.waived.by
        for way in finding.suggestions:
            for change in way.changes:
                for step in change.fields.values():
                    for value in step.values():
                        yield from [value] if isinstance(value, str) else _many(value)


def _many(value: Any) -> Iterable[str]:
    return cast(Iterable[str], value) if isinstance(value, tuple | list) else ()


def _told(
    finding: Finding, show: ShowRow, user: Principal, telling: Telling, *, asked: str, mate: Show | None
) -> Told:
    other, overlap = finding.other, finding.overlap
    seen = finding
    if other and mate and mate.id != show.id:
        mated = structs.replace(other, show_id=mate.id, name=mate.name, status=mate.status)
        seen = structs.replace(finding, other=mated)
    href = seen.other.show_id if seen.other else None
    waived = finding.waived or None
    place = {"studio_id": show.studio_id, "client_id": show.client_id}
    manages = may(user, Action.DECIDE_FOR_STUDIO, **place)
    accepts = waivable(finding) and manages
    if finding.code in waiving.ADMINS:
        accepts = accepts and user.is_system_admin
    accept = {
        "code": finding.code,
        "other": (other.show_id or other.closure_id) if other else None,
        "resource_id": finding.resource.id if finding.resource else None,
    }
    return Told(
        code=finding.code,
        severity=finding.severity,
        # What is merely missing is said by the code.
        message=refusals.message(telling.t, seen) if finding.resource or other else "",
        when=telling.time.span(overlap.start, overlap.end) if overlap else "",
        href=f"/shows/{href}" if href and href != show.id else "",
        waived=waived,
        ways=() if waived else tuple(_way(each, show, user, telling) for each in finding.suggestions),
        accept_back=f"/api/v1/shows/{finding.show_id}/waivers/{waived.id}" if waived and manages else "",
        accept=msgspec.json.encode(accept).decode() if accepts and not waived else "",
        show_id=finding.show_id,
        asked=asked,
    )


def _way(way: Suggestion, show: ShowRow, user: Principal, telling: Telling) -> Way:
    request = way.request
    place = {"studio_id": show.studio_id, "client_id": show.client_id}
    change = request is not None and request.path.endswith("/changes")
    # A client's user may ask, in the category that the API chose for it.
    action = Action.PROPOSE_CHANGE if change and user.clients is not None else Action.PLAN
    sends = request is not None and not request.needs and may(user, action, **place)
    return Way(
        title=title(way, show.id, telling),
        cost=_cost(way, telling),
        send=f"{request.method} {request.path}" if request and sends else "",
        body=msgspec.json.encode(request.body).decode() if request and sends else "",
        version=(request.if_match or "").strip('"') if request else "",
        asks=change,
        frozen=request is not None and request.needs == "withdraw",
    )


def title(way: Suggestion, show_id: str, telling: Telling) -> str:
    """What the way is called, in the reader's words and the studio's time."""
    t, change = telling.t, way.changes[0]
    said = {name: step["to"] for name, step in change.fields.items()}
    if way.kind == "move":
        text = t("show_way.move", when=_when(change, telling))
    elif way.kind == "room":
        text = t("show_way.room", room=telling.text(said.get("room_id")))
    elif way.kind == "creator":
        gone, new = (_only(change, side, other, telling) for side, other in (("from", "to"), ("to", "from")))
        text = t("show_way.creator_instead", new=new, gone=gone) if gone else t("show_way.creator", new=new)
    elif "room_id" in said:
        text = t("show_way.swap_rooms", name=way.changes[1].name)
    else:
        text = t("show_way.swap_times", name=way.changes[1].name, when=_when(change, telling))
    return text if change.show_id == show_id else f"{change.name}: {text}"


def _when(change: Altered, telling: Telling) -> str:
    start, end = change.fields.get("start"), change.fields.get("end")
    return telling.time.when(start["to"], end["to"]) if start and end else ""


def _only(change: Altered, side: str, other: str, telling: Telling) -> str:
    step = change.fields["creators"]
    return ", ".join(telling.text(each) for each in step[side] if each not in step[other])


def _cost(way: Suggestion, telling: Telling) -> str:
    """How far a show is moved, such as `45 min later`; empty where its time stays."""
    step = way.changes[0].fields.get("start")
    if step is None:
        return ""
    late: timedelta = step["to"] - step["from"]
    minutes = -(-abs(late) // timedelta(minutes=1))
    parts = ((minutes // _DAY, "days"), (minutes % _DAY // _HOUR, "hours"), (minutes % _HOUR, "minutes"))
    length = " ".join(telling.t(f"show_way.{unit}", count=count) for count, unit in parts if count)
    return telling.t("show_way.later" if late > timedelta() else "show_way.earlier", length=length)
