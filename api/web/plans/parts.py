"""The parts of a schedule's page: each function answers what its template, schedule/*.html, needs."""

from collections.abc import Callable, Sequence
from typing import Any, Final, get_args

from msgspec import Struct

from api import drafting
from api.http.headers import request_id
from api.http.paging import Paging
from api.http.security import may
from api.resources import changes, comments, conflicts, schedules, versions
from api.retelling import Teller
from api.web import telling
from api.web.board import bars
from api.web.plans import acts
from api.web.plans.plan import Opened
from api.web.plans.schedules import rows
from domain import confirming
from domain.access import Action
from domain.application import Context
from domain.conflicts import Finding
from domain.errors import HasConflicts
from domain.events import Actor
from domain.schedule.machine import ShowStatus
from projections import comments as spoken
from projections import shows
from projections.board import Holder
from projections.shows import ShowFilter, ShowRow

PAGE: Final = 50
MOST_FINDINGS: Final = 60
"""With their ways out; who has mended these sees the next."""
_ALL: Final = 100
_SHOW_STATUSES: Final = get_args(ShowStatus)


class Narrowed(Struct, frozen=True, kw_only=True):
    """Which of its shows, and where in the list."""

    q: str
    status: str
    room_id: str
    creator_id: str
    version: int | None
    cursor: str | None


def shows_of(plan: Opened, narrowed: Narrowed) -> dict[str, Any]:
    """Its shows, narrowed, with what is in the way of each."""
    found: Any = schedules.list_shows.fn(
        schedule_id=plan.row.id,
        commands=plan.commands,
        bounds=plan.bounds,
        paging=Paging(PAGE, narrowed.cursor),
        status=[narrowed.status] if narrowed.status in _SHOW_STATUSES else None,
        room_id=narrowed.room_id or None,
        creator_id=narrowed.creator_id or None,
        q=narrowed.q or None,
        version=narrowed.version,
    )
    warned: dict[str, set[str]] = {}
    if narrowed.version is None:
        for each in _findings(plan, suggestions=False):
            if not each.waived:
                warned.setdefault(each.show_id, set()).add(each.severity)
    with plan.commands.log.pool.connection() as connection:
        rooms = [
            each for each in rows(connection, "room", plan.bounds) if each.studio_id == plan.row.studio_id
        ]
        creators = rows(connection, "creator", plan.bounds)
        ids = {each for show in found.items for each in (show.room_id, *show.creators)}
        telling.know(connection, plan.telling, ids)
        if plan.bounds.clients is not None:
            # What a client can narrow by is what her own plan has.
            which = ShowFilter(schedule_id=plan.row.id, clients=plan.bounds.clients)
            theirs = {e for show in shows.listed(connection, which) for e in (show.room_id, *show.creators)}
            rooms, creators = ([each for each in some if each.id in theirs] for some in (rooms, creators))
    asked = {
        "q": narrowed.q,
        "status": narrowed.status,
        "room_id": narrowed.room_id,
        "creator_id": narrowed.creator_id,
        "version": narrowed.version,
    }
    return {
        "found": found,
        "rooms": rooms,
        "creators": creators,
        "names": plan.telling.names,
        "warned": warned,
        "asked": narrowed,
        "is_narrowed": any((narrowed.q, narrowed.status, narrowed.room_id, narrowed.creator_id)),
        "statuses": _SHOW_STATUSES,
        "state": _state(plan, narrowed.version),
        "next": plan.link(**asked, cursor=found.page.next_cursor) if found.page.next_cursor else "",
        "first": plan.link(**asked) if narrowed.cursor else "",
        "editable": "draft" in plan.acts and narrowed.version is None,
        "may_undo": bool(may_bulk(plan)),
        "bulk": narrowed.version is None and may_bulk(plan),
    }


def _state(plan: Opened, version: int | None) -> Callable[[ShowRow], str]:
    """How far a show of the plan is agreed, as the board says it; in a `version` what its status was."""
    row = plan.row
    approved = row.approved_version is not None
    holder = Holder(row.id, row.name, row.status, row.kind == "single", row.client_id, approved)
    if version is not None:
        return lambda show: show.status
    return lambda show: bars.state(show, holder)


def may_bulk(plan: Opened) -> tuple[str, ...]:
    """The bulk actions (`domain.bulk`) that would do anything to this plan's shows."""
    place = {"studio_id": plan.row.studio_id, "client_id": plan.row.client_id}
    found: list[str] = []
    if "draft" in plan.acts:
        found += ["shift", "assign_room", "assign_creators"]
    if "confirm" in plan.acts:
        found.append("confirm")
    cancels = Action.PLAN if "draft" in plan.acts else Action.DECIDE_FOR_STUDIO
    if ("draft" in plan.acts or plan.row.status == "confirmed") and may(plan.request.user, cancels, **place):
        found.append("cancel")
    return tuple(found)


def _findings(plan: Opened, *, suggestions: bool) -> list[Finding]:
    found: Any = conflicts.list_conflicts.fn(
        schedule_id=plan.row.id, commands=plan.commands, bounds=plan.bounds, suggestions=suggestions
    )
    return list(found.items)


def conflicts_of(plan: Opened, only: list[str] | None) -> dict[str, Any]:
    """Its conflicts with their ways out, those that block first; of some shows `only`, if named."""
    found = sorted(_findings(plan, suggestions=True), key=_order)
    if only:
        found = [each for each in found if each.show_id in only]
    return {
        "only": only,
        "found": _told(plan, found[:MOST_FINDINGS]),
        "more": max(len(found) - MOST_FINDINGS, 0),
    }


def _order(finding: Finding) -> int:
    return 2 if finding.waived else ("block", "warn").index(finding.severity)


def _told(plan: Opened, findings: Sequence[Finding]) -> list[telling.Obstacle]:
    which = ShowFilter(schedule_id=plan.row.id, clients=plan.bounds.clients)
    with plan.commands.log.pool.connection() as connection:
        theirs = {each.id: each for each in shows.listed(connection, which)}
        return telling.obstacles(connection, plan.telling, findings, theirs)


def versions_of(plan: Opened, cursor: str | None) -> dict[str, Any]:
    """Its versions, the newest first; deleted ones for who can bring them back."""
    writes = may(plan.request.user, Action.WRITE)
    found: Any = versions.list_versions.fn(
        schedule_id=plan.row.id, commands=plan.commands, paging=Paging(_ALL, cursor), include_deleted=writes
    )
    with plan.commands.log.pool.connection() as connection:
        telling.know(connection, plan.telling, {each.created_by for each in found.items})
    return {
        "found": found,
        "names": plan.telling.names,
        "next": plan.link(tab="versions", cursor=found.page.next_cursor) if found.page.next_cursor else "",
        "live": [each for each in found.items if each.deleted_at is None],
        "may_write": writes,
    }


def changes_of(plan: Opened, cursor: str | None) -> dict[str, Any]:
    """Its changes, the newest first, with what the user may do about each."""
    found: Any = changes.list_of_schedule.fn(
        schedule_id=plan.row.id, commands=plan.commands, bounds=plan.bounds, paging=Paging(20, cursor)
    )
    with plan.commands.log.pool.connection() as connection:
        told = telling.changes(connection, plan.telling, found.items, plan.bounds.clients)
        said = {each.row.id: spoken.listed(connection, each.row.id, limit=_ALL) for each in told}
        telling.know(
            connection, plan.telling, spoken.people([one for every in said.values() for one in every])
        )
        user = plan.request.user
        unseen = {acts.unseen(connection, plan.commands.log, user, every) for every in said.values()}
    return {
        "found": told,
        "said": said,
        "names": plan.telling.names,
        "unseen": unseen,
        "may_do": {
            each.row.id: acts.of_change(user, plan.plan, plan.plan.changes[each.row.id])
            for each in told
            if each.row.id in plan.plan.changes
        },
        "next": plan.link(tab="changes", cursor=found.page.next_cursor) if found.page.next_cursor else "",
    }


def comments_of(plan: Opened) -> dict[str, Any]:
    """What was said about it."""
    found: Any = comments.of_schedule.fn(schedule_id=plan.row.id, commands=plan.commands, paging=Paging(_ALL))
    with plan.commands.log.pool.connection() as connection:
        telling.know(connection, plan.telling, spoken.people(found.items))
        unseen = acts.unseen(connection, plan.commands.log, plan.request.user, found.items)
    return {"found": found.items, "names": plan.telling.names, "unseen": {unseen}}


def history_of(plan: Opened, before: int | None) -> dict[str, Any]:
    """What happened to it, the newest first, before a position of the log."""
    events = drafting.seen_by(plan.bounds, plan.commands.log.positioned(plan.row.id))
    older = [each for each in events if before is None or each.position < before]
    some = older[-PAGE:]
    told = Teller(plan.commands.log).tell(some)
    with plan.commands.log.pool.connection() as connection:
        entries = plan.telling.entries(connection, some, told)
    more = len(older) > len(some)
    return {
        "entries": entries[::-1],
        "next": plan.link(tab="history", before=some[0].position) if more else "",
        "first": plan.link(tab="history") if before else "",
    }


def confirmation(plan: Opened, mode: str, show_ids: list[str] | None) -> dict[str, Any]:
    """What confirming would do: the command itself, rolled back."""
    if "confirm" not in plan.acts:
        return {"booked": [], "refused": [], "mode": mode, "chosen": show_ids}
    user = plan.request.user
    context = Context(
        actor=Actor(user.id, user.name),
        command="schedule.confirm",
        request_id=request_id(plan.request.scope),
        dry_run=True,
    )
    booked: Sequence[str] = ()
    findings: list[Finding] = []
    try:
        done: Any = confirming.confirm(
            plan.commands, context, plan.row.id, show_ids=show_ids, best_effort=mode == "best_effort"
        )
        booked = done.confirmed
        findings = [each for one in done.refused for each in one.conflicts]
    except HasConflicts as refused:
        findings = list(refused.extra["conflicts"])
    with plan.commands.log.pool.connection() as connection:
        theirs = {each.id: each for each in shows.listed(connection, ShowFilter(schedule_id=plan.row.id))}
    return {
        "booked": [theirs[each] for each in booked if each in theirs],
        "refused": _told(plan, findings[:MOST_FINDINGS]),
        "refused_shows": len({each.show_id for each in findings}),
        "more": max(len(findings) - MOST_FINDINGS, 0),
        "mode": mode,
        "chosen": show_ids,
    }
