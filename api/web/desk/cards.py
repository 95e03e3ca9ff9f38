"""The items of an inbox in words: each with all that is needed to decide it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request
from msgspec import Struct, structs
from psycopg import Connection

from api.http.security import Bounds, Principal
from api.resources import changes as changes_api
from api.resources import conflicts as conflicts_api
from api.resources import versions as versions_api
from api.web import telling
from api.web.board import mini
from api.web.board.mini import Mini
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from api.web.plans import acts
from api.web.plans.decisions import Decision, Decisions, decisions
from api.web.telling import Change, Obstacle
from api.web.timeline import Line, Telling, href
from domain.application import Commands
from domain.errors import DomainError
from domain.events import Recorded
from domain.ids import prefix_of
from domain.registry.entities import BY_KIND
from domain.schedule import state
from domain.schedule import versions as versions_of
from domain.schedule.state import Schedule
from projections import changes, clashing, comments, registry, schedules, shows
from projections.as_it_was import clients_view, schedule_as_of, show_rows
from projections.clashing import Clashes
from projections.comments import CommentRow
from projections.inbox import Item, Kind
from projections.schedules import ScheduleRow
from projections.shows import ShowFilter, ShowRow

_MOST_LINES: Final = 6
_MOST_NAMED: Final = 3
"""Shows or conflicts that a question names."""
CHANGES: Final = frozenset({"change", "notice"})
"""The kinds of items that are changes."""


class Verdict(Struct, frozen=True):
    """What approving a change would do now: `fits`, or what is in its way, or which fields `moved` since."""

    fits: bool
    obstacles: Sequence[Obstacle]
    moved: Sequence[str]


class Card(Struct, frozen=True, kw_only=True):
    """One item. `told` is a change in words, `about` what it does to which show and when; `lines` are what
    differs in a proposed version from version `base`, the last that was agreed, sent back or seen: `differ`
    in all, `more` of them left out; `clashes` counts its conflicts, `blocks` are those that block.
    `decision` is what became of a version; of a show or comment `text` says what happened, `when` the show
    is."""

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
    about: str = ""
    decision: Decision | None = None
    text: str = ""
    when: str = ""
    verdict: Verdict | None = None
    minis: Sequence[Mini] = ()
    note: str = ""
    lines: Sequence[Line] = ()
    more: int = 0
    differ: int = 0
    base: int = 0
    base_was: str = ""
    address: str = ""
    version: int = 0
    clashes: Clashes = Clashes(0, 0)
    blocks: Sequence[Obstacle] = ()

    @property
    def clashing(self) -> bool:
        """Whether what blocks is known: then approving is not what comes first."""
        return bool(self.blocks) or (self.verdict is not None and not self.verdict.fits)


def card(
    commands: Commands, request: Request[Principal, Any, Any], t: Words, bounds: Bounds, item: Item
) -> Card | None:
    """An item with all that there is to say; None when it is gone meanwhile."""
    with commands.log.pool.connection() as connection:
        change = changes.one(connection, item.id, bounds.clients) if item.kind in CHANGES else None
        spoken = comments.one(connection, item.id) if item.kind == "comment" else None
        show = shows.one(connection, item.id, bounds.clients) if item.kind == "interrupted" else None
        schedule_id = change.schedule_id if change else spoken.schedule_id if spoken else item.id
        if show:
            schedule_id = commands.references.schedule_of(connection, show.id) or ""
        row = schedules.one(connection, schedule_id, bounds.clients)
        history = commands.log.stream(schedule_id)
        plan = state.replay(history)
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
        if show:
            return _interrupted(connection, telling_, made, show)
        if spoken:
            may = acts.of_comment(connection, request.user, plan, spoken.id)
            return _said(connection, telling_, structs.replace(made, may=may), spoken)
    found = decisions(history)
    able = acts.acts(request.user, plan, studio)
    if item.kind in {"rejected", "approved"}:
        number = row.current_version or 0
        return structs.replace(made, may=able, decision=found.standing, version=number)
    if change is None:
        kept = structs.replace(made, may=able & {"approve", "reject"})
        kept = _blocked(commands, telling_, bounds, history, kept)
        return _versioned(
            commands,
            telling_,
            bounds,
            plan,
            found,
            kept,
            f"shows/{show_id}" if single else f"schedules/{row.id}",
        )
    allowed = acts.of_change(request.user, plan, plan.changes[change.id])
    with commands.log.pool.connection() as connection:
        told = telling.changes(connection, telling_, [change], bounds.clients)[0]
        drawn = mini.minis(connection, telling_.time, change, bounds.clients, telling_.names)
        ids = [each["show_id"] for each in change.operations]
        about = _about(connection, telling_, bounds, told, ids)
    verdict = _verdict(commands, request, telling_, item) if change.status == "proposed" else None
    return structs.replace(made, may=allowed, told=told, about=about, minis=drawn, verdict=verdict)


def _about(
    connection: Connection[Any], telling_: Telling, bounds: Bounds, told: Change, ids: Sequence[str | None]
) -> str:
    """What a change does to which show, and when that is: of its first shows."""
    texts: list[str] = []
    for line, show_id in zip(told.lines[:_MOST_NAMED], ids, strict=False):
        what = telling_.t(f"home.what_{line.what}", name=line.name)
        show = shows.one(connection, show_id, bounds.clients) if show_id else None
        steps = ", ".join(step.new for step in line.steps if step.new) if line.what != "removed" else ""
        when = telling_.time.when(show.start, show.end) if show else ""
        texts.append(", ".join(part for part in (what, when) if part) + (f" → {steps}" if steps else ""))
    more = len(told.lines) - len(texts)
    return "; ".join([*texts, *([telling_.t("inbox.more", count=more)] if more else [])])


def _interrupted(connection: Connection[Any], telling_: Telling, made: Card, show: ShowRow) -> Card:
    """A show that still holds its room and hosts, and waits to be resolved."""
    telling.know(connection, telling_, [show.room_id, *show.creators])
    category = show.reason_category
    why = [telling_.said("reason_category", category) if category else "", show.reason_note or ""]
    holds = [telling_.text(each) for each in (show.room_id, show.creators) if each]
    return structs.replace(
        made,
        plan_name=show.name,
        href=href("show", show.id),
        text=": ".join(each for each in why if each),
        when=" · ".join([telling_.time.when(show.start, show.end), *holds]),
    )


def _said(connection: Connection[Any], telling_: Telling, made: Card, spoken: CommentRow) -> Card:
    """What a client said, and where it is answered."""
    subject = spoken.subject_id
    telling.know(connection, telling_, [subject])
    where = {
        "show": f"/shows/{subject}?tab=comments",
        "change": f"/schedules/{made.schedule.id}?tab=changes#{subject}",
    }.get(prefix_of(subject), f"{made.href}?tab=comments#{spoken.id}")
    if made.schedule.kind == "single":
        where = f"{made.href}?tab=comments"
    named = telling_.names.get(subject, made.plan_name)
    return structs.replace(made, plan_name=named, href=where, text=spoken.text, version=spoken.version)


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
        by_id = _as_asked(found.diff, by_id)
        told = telling.obstacles(connection, telling_, found.conflicts, by_id, change_id=item.id)
    named = sorted({error.path.partition(".")[2] or error.path for error in found.moved})
    return Verdict(
        found.applies, [structs.replace(each, ways=()) for each in told], [telling_.field(n) for n in named]
    )


def _as_asked(diff: changes_api.Diff, by_id: Mapping[str, ShowRow]) -> dict[str, ShowRow]:
    """The shows when a change has them, and those that it adds."""
    after = {**by_id, **{each.id: each for each in diff.added}}
    for each in diff.changed:
        if each.show_id in after:
            times = {name: each.fields[name]["to"] for name in ("start", "end") if name in each.fields}
            after[each.show_id] = structs.replace(after[each.show_id], **times)
    return after


def _blocked(
    commands: Commands, telling_: Telling, bounds: Bounds, history: Sequence[Recorded], card: Card
) -> Card:
    """The card with its conflicts: how many, and which of them block."""
    with commands.log.pool.connection() as connection:
        counted = clashing.counts(
            connection, commands.references, [card.schedule], commands.clock(), clients=bounds.clients
        ).get(card.schedule.id, Clashes(0, 0))
    if not counted.block:
        return structs.replace(card, clashes=counted)
    seen = schedule_as_of(history) if bounds.clients is None else clients_view(history)
    found = [
        each
        for each in conflicts_api.found_in(commands, bounds, seen, suggestions=False)
        if each.severity == "block" and not each.waived
    ]
    theirs = {each.id: each for each in show_rows(seen)}
    with commands.log.pool.connection() as connection:
        told = telling.obstacles(connection, telling_, found[:_MOST_NAMED], theirs)
    return structs.replace(card, clashes=counted, blocks=told)


def _versioned(  # noqa: PLR0917 - all of one card
    commands: Commands,
    telling_: Telling,
    bounds: Bounds,
    plan: Schedule,
    decided: Decisions,
    card: Card,
    address: str,
) -> Card:
    """A proposed version with what differs from the last that was agreed, sent back or seen."""
    row, number = card.schedule, card.schedule.current_version or 0
    version = versions_of.find_version(plan, number)
    base, was = _base(plan, decided, number)
    lines: list[Line] = []
    if base:
        diff: Any = versions_api.diff.fn(
            schedule_id=row.id, commands=commands, bounds=bounds, from_=base, to=number
        )
        before = schedule_as_of(commands.log.stream(row.id), number=base).shows
        with commands.log.pool.connection() as connection:
            telling.know(connection, telling_, telling.mentioned(diff, before))
        lines = telling.differences(telling_, diff, before)
    return structs.replace(
        card,
        note=version.note,
        version=number,
        base=base,
        base_was=was,
        differ=len(lines),
        lines=lines[:_MOST_LINES],
        more=max(len(lines) - _MOST_LINES, 0),
        address=f"/api/v1/{address}",
    )


def _base(plan: Schedule, decided: Decisions, number: int) -> tuple[int, str]:
    """The version that a proposed one is compared with, and what became of it: `approved`, `rejected` or
    `seen`; 0 where it is the first."""
    if plan.approved_version and plan.approved_version != number:
        return plan.approved_version, "approved"
    if earlier := [each for each in decided.of if each < number]:
        last = max(earlier)
        return last, decided.of[last].what
    seen = [each.number for each in plan.versions if each.number < number and each.deleted_at is None]
    return (max(seen), "seen") if seen else (0, "")
