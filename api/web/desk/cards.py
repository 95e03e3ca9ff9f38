"""The items of an inbox in words: each with all that is needed to decide it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from litestar import Request
from msgspec import Struct, structs
from psycopg import Connection

from api.http.security import Bounds, Principal
from api.resources import changes as changes_api
from api.resources import versions as versions_api
from api.web import telling
from api.web.board import mini
from api.web.board.mini import Mini
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from api.web.plans import acts
from api.web.telling import Change, Obstacle
from api.web.timeline import Line, Step, Telling, href
from domain.application import Commands
from domain.errors import DomainError
from domain.registry.entities import BY_KIND
from domain.schedule import state
from domain.schedule import versions as versions_of
from domain.schedule.state import Schedule
from projections import changes, clashing, registry, schedules, shows
from projections.clashing import Clashes
from projections.inbox import Item, Kind
from projections.schedules import ScheduleRow
from projections.shows import ShowFilter, ShowRow

_MOST_LINES: Final = 6


class Verdict(Struct, frozen=True):
    """What approving a change would do now: `fits`, or what is in its way, or which fields `moved` since."""

    fits: bool
    obstacles: Sequence[Obstacle]
    moved: Sequence[str]


class Card(Struct, frozen=True, kw_only=True):
    """One item. `told` is a change in words, `plan` the schedule and `lines` what differs in its proposed
    version from the last that was agreed; `more` counts the lines that are left out; `clashes` counts
    its conflicts."""

    kind: Kind
    id: str
    schedule: ScheduleRow
    plan_name: str
    href: str
    client: str
    studio: str
    asked_by: str
    asked_at: str
    may: frozenset[str]
    told: Change | None = None
    verdict: Verdict | None = None
    minis: Sequence[Mini] = ()
    note: str = ""
    lines: Sequence[Line] = ()
    more: int = 0
    address: str = ""
    version: int = 0
    clashes: Clashes = Clashes(0, 0)


def card(
    commands: Commands, request: Request[Principal, Any, Any], t: Words, bounds: Bounds, item: Item
) -> Card | None:
    """An item with all that there is to say; None when it is gone meanwhile."""
    with commands.log.pool.connection() as connection:
        change = changes.one(connection, item.id, bounds.clients) if item.kind != "version" else None
        schedule_id = change.schedule_id if change else item.id
        row = schedules.one(connection, schedule_id, bounds.clients)
        plan = state.replay(commands.log.stream(schedule_id))
        if row is None or plan is None:
            return None
        studio: Any = registry.find(connection, BY_KIND["studio"], row.studio_id)
        client: Any = registry.find(connection, BY_KIND["client"], row.client_id) if row.client_id else None
        telling_ = Telling(StudioTime(studio.time_zone, studio.day_start, t.language), t)
        telling.know(connection, telling_, [item.by])
        single = row.kind == "single"
        only = shows.listed(connection, ShowFilter(schedule_id=row.id, clients=bounds.clients), limit=1)
        show_id = only[0].id if single and only else ""
        made = Card(
            kind=item.kind,
            id=item.id,
            schedule=row,
            plan_name=row.name,
            href=f"/shows/{show_id}" if single else f"/schedules/{row.id}",
            client=client.name if client else "",
            studio=studio.name,
            asked_by=telling_.names.get(item.by, ""),
            asked_at=telling_.time.at(item.at),
            may=frozenset(),
        )
    if change is None:
        kept = structs.replace(made, may=acts.acts(request.user, plan, studio) & {"approve", "reject"})
        return _versioned(
            commands, telling_, bounds, plan, kept, f"shows/{show_id}" if single else f"schedules/{row.id}"
        )
    allowed = acts.of_change(request.user, plan, plan.changes[change.id])
    with commands.log.pool.connection() as connection:
        ids = [each["show_id"] for each in change.operations]
        called = None if bounds.clients is None else called_now(connection, ids, bounds)
        told = telling.changes(connection, telling_, [change], called)[0]
        drawn = mini.minis(connection, telling_.time, change, bounds.clients, telling_.names)
    verdict = _verdict(commands, request, telling_, item) if change.status == "proposed" else None
    return structs.replace(made, may=allowed, told=told, minis=drawn, verdict=verdict)


def called_now(connection: Connection[Any], ids: Sequence[str], bounds: Bounds) -> dict[str, str]:
    """The names of these shows as a client's users know them."""
    found = (shows.one(connection, each, bounds.clients) for each in ids if each)
    return {show.id: show.name for show in found if show}


def _verdict(
    commands: Commands, request: Request[Principal, Any, Any], telling_: Telling, item: Item
) -> Verdict | None:
    """The approval itself, tried and rolled back."""
    try:
        found: Any = changes_api.preview.fn(change_id=item.id, commands=commands, request=request)
    except DomainError:
        return None
    with commands.log.pool.connection() as connection:
        ids = {each.show_id for each in found.conflicts}
        by_id = {each: show for each in ids if (show := shows.one(connection, each, request.user.clients))}
        told = telling.obstacles(connection, telling_, found.conflicts, by_id)
    named = sorted({error.path.partition(".")[2] or error.path for error in found.moved})
    return Verdict(
        found.applies, [structs.replace(each, ways=()) for each in told], [telling_.field(n) for n in named]
    )


def _versioned(  # noqa: PLR0917 - all of one card
    commands: Commands, telling_: Telling, bounds: Bounds, plan: Schedule, card: Card, address: str
) -> Card:
    """A proposed version with what differs from the last that was agreed, or its first shows."""
    row, number = card.schedule, card.schedule.current_version or 0
    with commands.log.pool.connection() as connection:
        version = versions_of.find_version(plan, number)
        lines: list[Line] = []
        if row.approved_version and row.approved_version != number:
            diff: Any = versions_api.diff.fn(
                schedule_id=row.id, commands=commands, bounds=bounds, from_=row.approved_version, to=number
            )
            lines = differences(connection, telling_, diff)
        found = clashing.counts(
            connection, commands.references, [row], commands.clock(), clients=bounds.clients
        )
    return structs.replace(
        card,
        note=version.note,
        version=number,
        clashes=found.get(row.id, Clashes(0, 0)),
        lines=lines[:_MOST_LINES],
        more=max(len(lines) - _MOST_LINES, 0),
        address=f"/api/v1/{address}",
    )


def differences(connection: Connection[Any], telling_: Telling, diff: Any) -> list[Line]:
    """What differs between two versions, show by show, in words."""
    telling.know(connection, telling_, _named(diff))

    def whole(show: ShowRow, what: str) -> Line:
        text = " · ".join(
            p for p in (telling_.time.when(show.start, show.end), telling_.text(show.room_id)) if p
        )
        step = Step("when", "", text) if what == "added" else Step("when", text, "")
        return Line("show", show.name, "" if what == "removed" else href("show", show.id), what, [step])

    changed = [
        Line(
            "show",
            each.name,
            href("show", each.show_id),
            "changed",
            [
                Step(name, telling_.text(step["from"]), telling_.text(step["to"]))
                for name, step in each.fields.items()
                if name != "metadata"
            ],
        )
        for each in diff.changed
    ]
    return [*(whole(s, "added") for s in diff.added), *(whole(s, "removed") for s in diff.removed), *changed]


def _named(diff: Any) -> Iterator[str]:
    """Everything in a diff that may be an id of something with a name."""
    yield from (show.room_id for show in (*diff.added, *diff.removed) if show.room_id)
    for each in diff.changed:
        for step in each.fields.values():
            for value in step.values():
                yield from (str(one) for one in (value if isinstance(value, list | tuple) else [value]))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
