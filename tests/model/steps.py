"""Each command once: as whom and on what it is tried, and what the model makes of it. A command that fits
nothing yet opens a plan instead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from tests.model import crossing, sheets
from tests.model.plans import Change, Model, Op, Plan, Schedule, Show
from tests.model.playing import Json, Player, Step
from tests.model.roles import Refused
from tests.world import MAY

LAST_HOUR: Final = 13
PERIOD: Final = {"start_date": "2026-05-01", "end_date": "2026-05-31"}
_NAMES: Final = {"room": "room_id", "standard": "show_standard"}
"""Where the model's word is not the application's."""

Steps = Callable[[Player], Step]


# --- planning


def create_schedule(p: Player) -> Step:
    who, client = p.who(), p.picks.one([None, p.world.clients[0], *p.world.clients])
    key = p.picks.one([None, None, "key-1"])
    body = {"name": "May", "studio_id": p.world.studio, "client_id": client, **PERIOD}

    def modelled(done: Any) -> None:
        m = p.model
        m.people.admit(who, "plans", of_client=False)
        if key and (who, key) in m.keys:
            if m.keys[who, key] != client:
                raise Refused("idempotency_key_reused")
            return
        m.open(done["id"], client)
        m.keys |= {(who, key): client} if key else {}

    p.say("for", "nobody" if client is None else f"client {p.world.clients.index(client) + 1}", key or "")
    headers = {"Idempotency-Key": key} if key else {}
    return p.step("create_schedule", who, modelled, body=body, status=(201,), headers=headers)


def edit_schedule(p: Player) -> Step:
    plan, note, who = p.schedule("draft"), f"Note {p.picks.number(2)}", p.who()
    p.say(repr(note))
    return _on_plan(p, "edit_schedule", who, plan, lambda _: p.model.edit(plan.id, note), body={"note": note})


def draft_shows(p: Player) -> Step:
    plan, who = p.schedule("draft"), p.who()
    shows = [p.plan() for _ in range(1 + p.picks.number(2))]

    def modelled(done: Any) -> None:
        ids = [each["id"] for each in done["items"]] if done else [f"new {n}" for n, _ in enumerate(shows)]
        p.model.draft(plan.id, shows, ids)

    body = {"shows": [_json(show) for show in shows]}
    return _on_plan(p, "draft_shows", who, plan, modelled, body=body, status=(201,))


def create_show(p: Player) -> Step:
    who, client, plan = p.who(), p.picks.one([None, *p.world.clients]), p.plan()

    def modelled(done: Any) -> None:
        p.model.people.admit(who, "plans", of_client=False)
        schedule_id = next(iter(p.fresh("schedules")), "")
        crossing.draft_alone(p.model, schedule_id, client, done["id"] if done else "", plan)

    body = _json(plan) | {"studio_id": p.world.studio, "client_id": client}
    return p.step("create_show", who, modelled, body=body, status=(201,))


def edit_show(p: Player) -> Step:
    plan, show = p.show("draft", "draft")
    who, values = p.who(), p.values()
    body = _set(values)
    return _on_show(
        p, "edit_show", who, plan, show, lambda _: p.model.edit_show(plan.id, show.id, values), body=body
    )


def remove_show(p: Player) -> Step:
    plan, show = p.show("draft", "draft")
    modelled = _of(p.model.remove_show, plan.id, show.id)
    return _on_show(p, "remove_show", p.who(), plan, show, modelled, status=(204,))


def restore_show(p: Player) -> Step:
    plan, show = p.show("draft", "draft", removed=True)
    return _on_show(p, "restore_show", p.who(), plan, show, _of(p.model.restore_show, plan.id, show.id))


# --- agreeing and booking


def propose_schedule(p: Player) -> Step:
    plan = p.schedule("draft")
    return _plainly(p, "propose_schedule", plan, p.model.propose, body={})


def withdraw_schedule(p: Player) -> Step:
    return _plainly(p, "withdraw_schedule", p.schedule("proposed"), p.model.withdraw)


def approve_schedule(p: Player) -> Step:
    return _approve(p, "approve_schedule", p.schedule("proposed"))


def reject_schedule(p: Player) -> Step:
    return _reject(p, "reject_schedule", p.schedule("proposed"))


def confirm_schedule(p: Player) -> Step:
    plan, best = p.schedule("proposed", "confirmed"), p.sure or p.picks.chance(50)
    some = None
    if p.picks.chance(30) and not p.sure:
        drafts = [show.id for show in plan.shows.values() if show.status == "draft" or p.picks.chance(10)]
        some = drafts[:1] or None
        p.say(*map(p.name, some or ()))
    return _confirm(p, "confirm_schedule", plan, plan.id, some, best=best)


def propose_show(p: Player) -> Step:
    plan, show = p.show("draft", "draft", alone=True)
    return _alone(p, "propose_show", plan, show, lambda s: p.model.propose(s.id), body={})


def withdraw_show(p: Player) -> Step:
    plan, show = p.show("draft", "proposed", alone=True)
    return _alone(p, "withdraw_show", plan, show, lambda s: p.model.withdraw(s.id))


def approve_show(p: Player) -> Step:
    plan, show = p.show("draft", "proposed", alone=True)
    return _approve(p, "approve_show", plan, show)


def reject_show(p: Player) -> Step:
    plan, show = p.show("draft", "proposed", alone=True)
    return _reject(p, "reject_show", plan, show)


def confirm_show(p: Player) -> Step:
    plan, show = p.show("draft", *p.picks.one([("draft",), ("proposed",)]), alone=True)
    return _confirm(p, "confirm_show", plan, show.id, None, best=p.picks.chance(20), show=show)


# --- shows


def start_show(p: Player) -> Step:
    return _start(p, *p.show("confirmed"))


def _start(p: Player, plan: Schedule, show: Show) -> Step:
    return _on_show(p, "start_show", p.who(), plan, show, _of(p.model.start, plan.id, show.id))


def complete_show(p: Player) -> Step:
    return _complete(p, *p.show("live"))


def _complete(p: Player, plan: Schedule, show: Show) -> Step:
    early, late = show.plan.end - timedelta(minutes=20), show.plan.end + timedelta(1)
    ended = p.picks.one([None, show.plan.start, early, late])
    body = {"actual_end": _moment(ended)} if ended else {}
    modelled = _of(p.model.complete, plan.id, show.id, ended)
    return _on_show(p, "complete_show", p.who(), plan, show, modelled, body=body)


def cancel_show(p: Player) -> Step:
    """Now and then one that a change waits for."""
    waiting = [
        (plan, plan.shows[op.show_id])
        for plan in p.model.schedules.values()
        for change in plan.changes.values()
        for op in change.ops
        if change.status == "proposed" and op.show_id in plan.shows
    ]
    if waiting and p.picks.chance(30):
        return _cancel(p, *p.picks.one(waiting))
    return _cancel(p, *p.show(p.picks.one(["confirmed", "draft"])))


def _cancel(p: Player, plan: Schedule, show: Show) -> Step:
    may = "plans" if show.status == "draft" else "manages"

    def modelled(_: Any) -> None:
        p.model.cancel_show(plan.id, show.id, next(iter(p.fresh("changes", plan.id)), ""))

    return _on_show(p, "cancel_show", p.who(), plan, show, modelled, may=may, body=_why())


def interrupt_show(p: Player) -> Step:
    plan, show = p.show(p.picks.one(["live", "confirmed"]))
    modelled = _of(p.model.interrupt, plan.id, show.id)
    return _on_show(p, "interrupt_show", p.who(), plan, show, modelled, body=_why())


def resolve_show(p: Player) -> Step:
    return _resolve(p, *p.show("cancelled_pending_resolution"))


def _resolve(p: Player, plan: Schedule, show: Show) -> Step:
    outcome = p.picks.one(["completed", "cancelled"])
    p.say(outcome)
    modelled = _of(p.model.resolve, plan.id, show.id, outcome)
    return _on_show(p, "resolve_show", p.who(), plan, show, modelled, body={"outcome": outcome})


def move_show(p: Player) -> Step:
    plan, show = p.show(p.picks.one(["draft", "confirmed"]))
    targets = [s for s in p.model.schedules.values() if not s.single or p.picks.chance(5)]
    fits = p.picks.fitting(
        targets, lambda s: (s.status, s.client) == (plan.status, plan.client) and s is not plan
    )
    to = None if p.picks.chance(30) else "schedule_none" if p.picks.chance(5) else fits.id
    p.say("to", "stand alone" if to is None else p.name(to))

    def modelled(_: Any) -> None:
        crossing.move(p.model, show.id, to, next(iter(p.fresh("schedules")), ""))

    return _on_show(p, "move_show", p.who(), plan, show, modelled, body={"schedule_id": to})


# --- the whole schedule


def cancel_schedule(p: Player) -> Step:
    plan, reason = p.schedule("draft", "proposed", "confirmed"), p.picks.one(["off", ""])
    p.say(repr(reason))
    modelled = _of(p.model.cancel, plan.id, reason)
    return _on_plan(p, "cancel_schedule", p.who(), plan, modelled, body={"reason": reason})


def reopen_schedule(p: Player) -> Step:
    return _plainly(p, "reopen_schedule", p.schedule("cancelled"), p.model.reopen)


def archive_schedule(p: Player) -> Step:
    """A plan that is over; a show of one that isn't yet goes on instead, mostly."""
    plans = [plan for plan in p.model.schedules.values() if not plan.single]
    booked = [plan for plan in plans if plan.status == "confirmed" and _left(plan)]
    if booked and not any(map(_over, plans)) and p.picks.chance(80):
        plan = min(booked, key=lambda each: len(_left(each)))
        return _onward(p, plan, _left(plan)[0])
    return _plainly(p, "archive_schedule", p.picks.fitting(plans, _over), p.model.archive)


def unarchive_schedule(p: Player) -> Step:
    return _plainly(p, "unarchive_schedule", p.schedule("archived"), p.model.unarchive)


def park_schedule(p: Player) -> Step:
    plan = p.schedule("draft")
    return _on_plan(
        p, "park_schedule", p.who(), plan, _of(p.model.park, plan.id), body={"status_id": "other"}
    )


def resume_schedule(p: Player) -> Step:
    return _plainly(p, "resume_schedule", p.schedule("other"), p.model.resume)


def delete_schedule(p: Player) -> Step:
    plan = p.schedule("draft", "proposed", "cancelled")
    return _on_plan(p, "delete_schedule", p.who(), plan, _of(p.model.delete, plan.id), status=(204,))


def restore_schedule(p: Player) -> Step:
    plan = p.schedule("draft", "proposed", "cancelled", deleted=True)
    return _on_plan(p, "restore_schedule", p.who(), plan, _of(p.model.restore, plan.id))


def duplicate_schedule(p: Player) -> Step:
    plan, days = p.schedule("draft", "confirmed"), p.picks.one([0, 1, 7])
    start = date(2026, 5, 1) + timedelta(days)
    p.say(f"from {start}")

    def modelled(done: Any) -> None:
        copy = done["id"] if done else ""
        crossing.duplicate(p.model, plan.id, copy, days, p.made(copy) if done else {})

    body = {"name": "Again", "start_date": start.isoformat(), "end_date": "2026-06-30"}
    return _on_plan(p, "duplicate_schedule", p.who(), plan, modelled, body=body, status=(201,))


# --- versions


def create_version(p: Player) -> Step:
    plan = p.schedule("draft")
    modelled = _of(p.model.checkpoint, plan.id)
    return _on_plan(p, "create_version", p.who(), plan, modelled, body={"label": "So far"}, status=(200, 201))


def create_show_version(p: Player) -> Step:
    plan, show = p.show("draft", alone=True)
    checkpoint = p.model.checkpoint
    return _alone(
        p,
        "create_show_version",
        plan,
        show,
        lambda s: checkpoint(s.id),
        body={"label": "So far"},
        status=(200, 201),
    )


def edit_version(p: Player) -> Step:
    plan, number = _numbered(p, lambda version: not version.deleted)

    def modelled(_: Any) -> None:
        if not any(v.number == number and not v.deleted for v in p.model.there(plan.id).versions):
            raise Refused("not_found")
        p.model.touched.append(plan.id)

    body = {"label": f"Label {len(p.told)}"}
    return _on_plan(p, "edit_version", p.who(), plan, modelled, number, may="admin", body=body)


def delete_version(p: Player) -> Step:
    plan, number = _numbered(p, lambda version: version.kind == "checkpoint")

    def modelled(_: Any) -> None:
        p.model.delete_version(plan.id, number, deleted=True)

    return _on_plan(p, "delete_version", p.who(), plan, modelled, number, may="admin", status=(204,))


def undelete_version(p: Player) -> Step:
    plan, number = _numbered(p, lambda version: version.deleted)

    def modelled(_: Any) -> None:
        p.model.delete_version(plan.id, number, deleted=False)

    return _on_plan(p, "undelete_version", p.who(), plan, modelled, number, may="admin")


def restore_version(p: Player) -> Step:
    plans = [plan for plan in p.model.schedules.values() if not plan.single]
    plan = p.picks.fitting(
        plans, lambda s: s.status in ("draft", "confirmed") and s.current and not s.deleted
    )
    number = 1 + p.picks.number(max(1, plan.current or 1) - 1)

    def modelled(done: Any) -> None:
        m = p.model
        back = m.way_back(plan.id, number)
        if not back:
            return
        if plan.status == "draft":
            m.check_back(plan.id, back)
            m.go_back(plan.id, back, p.made(plan.id))
            return
        ops = m.ask_back(plan.id, back)
        if m.needs(plan.id, "client") == "none":
            m.check_apply(plan.id, ops)
        told = _told(done["change"], ops)
        crossing.ask(m, plan.id, "client", done["change"]["id"], told)

    return _on_plan(p, "restore_version", p.who(), plan, modelled, number)


# --- changes


def propose_change(p: Player) -> Step:
    plan = p.schedule("confirmed")
    return _ask(p, "propose_change", plan, plan.id)


def propose_show_change(p: Player) -> Step:
    plan, show = p.show("confirmed", "confirmed", alone=True)
    return _ask(p, "propose_show_change", plan, show.id, show)


def approve_change(p: Player) -> Step:
    return _decide(p, "approve_change", "approve_change", "proposed")


def reject_change(p: Player) -> Step:
    return _decide(p, "reject_change", "reject_change", "proposed")


def withdraw_change(p: Player) -> Step:
    return _decide(p, "withdraw_change", "withdraw_change", "proposed", may="asks")


def acknowledge_change(p: Player) -> Step:
    return _decide(p, "acknowledge_change", "acknowledge", "approved", needs=("none",), may="approves_for")


# --- bulk


def run_bulk(p: Player) -> Step:
    picks, kind = p.picks, p.picks.one(["confirm", "cancel", "assign_room", "assign_creators", "shift"])
    ids = {
        p.show(*picks.one([("draft", "draft"), ("draft", "proposed"), ("confirmed",)]))[1].id
        for _ in range(1 + picks.number(2))
    }
    action: Json = {"action": kind}
    match kind:
        case "cancel":
            action |= _why()
        case "assign_room":
            action["room_id"] = picks.one([None, *p.world.rooms])
        case "assign_creators":
            action |= {"creators": [picks.one(p.world.creators)], "mode": picks.one(["replace", "add"])}
        case "shift":
            action["minutes"] = picks.one([30, -30, 0])
        case _:
            pass
    who, dry, shows = p.who("manager", "planner"), picks.chance(10), sorted(ids)
    p.say(*action.values(), *map(p.name, shows), "as a dry run" if dry else "")

    def modelled(done: Any) -> None:
        p.model.people.admit(who, "plans", of_client=False)
        m = p.model.dry() if dry else p.model
        results = crossing.bulk(m, action, shows, p.fresh("changes"))
        told = [(r["show_id"], r["status"], r.get("code")) for r in done["results"]]
        assert told == results, f"results {told}, should be {results}"
        if not dry and any(status == "done" for _, status, _ in results):
            m.runs[done["id"]] = m.run
            m.ran[done["id"]] = {i: crossing.home(m, i).id for i in m.run.after}

    return p.step("run_bulk", who, modelled, body={"action": action, "show_ids": shows, "dry_run": dry})


def undo_bulk(p: Player) -> Step:
    runs = ["bulk_none", *p.model.runs]
    run_id = p.picks.fitting(runs, lambda i: i in p.model.runs and p.model.runs[i].after)
    who = p.who()

    def modelled(_: Any) -> None:
        may = "plans" if run_id in p.model.runs else "plans_somewhere"
        p.model.people.admit(who, may, of_client=False)
        crossing.undo(p.model, run_id)

    return p.step("undo_bulk", who, modelled, run_id)


# --- comments


def comment_on_schedule(p: Player) -> Step:
    plan = p.schedule("draft", "proposed", "confirmed")
    return _say(p, "comment_on_schedule", plan, plan.id)


def comment_on_show(p: Player) -> Step:
    plan, show = p.show("draft")
    return _say(p, "comment_on_show", plan, show.id)


def comment_on_change(p: Player) -> Step:
    plan, change = p.change("proposed")
    return _say(p, "comment_on_change", plan, change.id)


def edit_comment(p: Player) -> Step:
    return _unsay(p, "edit_comment", p.picks.one(["Well?", "So be it", ""]), status=(200,))


def remove_comment(p: Player) -> Step:
    return _unsay(p, "remove_comment", None, status=(204,))


def acknowledge_comment(p: Player) -> Step:
    comment = p.picks.fitting(
        [*p.model.comments.values()], lambda c: not c.seen and crossing.waits(p.model, c)
    )
    who = p.who("manager", "both", "planner")

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "plans", p.model.schedules[comment.schedule].client)
        crossing.see(p.model, comment.id)

    return p.step("acknowledge_comment", who, modelled, comment.id)


# --- files of planners


def import_file(p: Player) -> Step:
    picks, who = p.picks, p.who()
    plan = p.schedule("draft", "confirmed")
    if any(change.imported and change.status == "rejected" for change in plan.changes.values()):
        return edit_schedule(p)  # What was rejected is not asked for again: the contract doesn't say how.
    theirs, dry = picks.chance(50), picks.chance(10)
    rows: list[Plan] = []
    for number in range(1 + picks.number(2)):
        start = MAY + timedelta(hours=picks.number(LAST_HOUR))
        room, name = picks.one([None, *p.world.rooms]), picks.one(["Launch", "Talk"])
        external = f"SH-{min(5, 1 + number * 2 + picks.number(1))}"
        rows.append(Plan(name, start, start + timedelta(hours=1), room, external_id=external))
        p.say(p.shown(rows[-1]))
    p.say("theirs" if theirs else "ours", "as a dry run" if dry else "")

    def modelled(done: Any) -> None:
        p.model.people.admit(who, "plans", of_client=False)
        m = p.model
        report = sheets.compare(m, plan.id, rows, theirs=theirs)
        told = {name: count for name, count in done["counts"].items() if count}
        wanted = {name: count for name, count in report.counts.items() if count}
        assert told == wanted, f"counts {told}, should be {wanted}"
        codes = [error["code"] for error in done["errors"]]
        assert sorted(codes) == sorted(report.codes), f"rows refused with {codes}, should be {report.codes}"
        if dry:
            return
        p.rows_met.update(report.codes)
        if report.ops:
            (change_id,) = p.fresh("changes", plan.id)
            told_ops = _told(p.change_row(change_id), report.ops)
            needs = "client" if plan.client else "studio"
            m.proposed(plan.id, Change(change_id, needs, told_ops, who, imported=True))
        elif m.schedules[plan.id].status == "draft":
            sheets.load(m, plan.id, report, p.made(plan.id))

    query = (
        f"?schedule_id={plan.id}&take={'theirs' if theirs else 'ours'}&mode={'dry_run' if dry else 'apply'}"
    )
    p.say("into", p.name(plan.id))
    return p.step(
        "import_file",
        who,
        modelled,
        body=_sheet(rows).encode(),
        headers={"Content-Type": "text/csv"},
        query=query,
        status=(200,) if dry else (201,),
    )


# --- the studio, on which planning depends


def close_room(p: Player) -> Step:
    start = MAY + timedelta(hours=p.picks.number(LAST_HOUR))
    end, room, who = start + timedelta(hours=1 + p.picks.number(2)), p.picks.one(p.world.rooms), p.who()
    p.say(p.name(room))

    def modelled(done: Any) -> None:
        p.model.people.admit(who, "admin", of_client=False)
        p.model.close(done["id"] if done else "", room, (start, end))

    body = {"room_id": room, "start": _moment(start), "end": _moment(end), "reason": "Paint"}
    return p.step("create_room_closure", who, modelled, body=body, status=(201,))


def open_room(p: Player) -> Step:
    who, closure = p.who(), p.picks.one([*p.model.closures])

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "admin", of_client=False)
        p.model.unclose(closure)

    return p.step("delete_room_closure", who, modelled, closure, status=(204,))


def edit_room(p: Player) -> Step:
    who, room, minutes = p.who(), p.picks.one(p.world.rooms), p.picks.one([0, 0, 15, 30])

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "admin", of_client=False)
        p.model.turnaround(room, minutes)

    p.say("turnaround", minutes)
    return p.step("update_room", who, modelled, room, body={"turnaround_minutes": minutes})


def ban_creator(p: Player) -> Step:
    who, creator, banned = p.who(), p.picks.one(p.world.creators), p.picks.chance(40)

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "admin", of_client=False)
        p.model.ban(creator, banned=banned)

    p.say("banned" if banned else "not banned")
    return p.step("update_creator", who, modelled, creator, body={"is_banned": banned})


def switch_feature(p: Player) -> Step:
    who, feature = p.who(), p.picks.one([*p.features])
    enabled = p.picks.chance(75)

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "admin", of_client=False)
        p.model.people.features[feature] = enabled

    p.say(*feature, "on" if enabled else "off")
    return p.step("update_feature", who, modelled, p.features[feature], body={"enabled": enabled})


# --- what they share


def _left(plan: Schedule) -> list[Show]:
    return [show for show in plan.live() if show.status not in ("completed", "cancelled")]


def _over(plan: Schedule) -> bool:
    return plan.status == "confirmed" and not _left(plan)


def _onward(p: Player, plan: Schedule, show: Show) -> Step:
    steps = {"draft": _cancel, "confirmed": _start, "live": _complete}
    return steps.get(show.status, _resolve)(p, plan, show)


def _of(modelled: Callable[..., Any], *given: Any) -> Callable[[Any], Any]:
    return lambda _: modelled(*given)


def _on_plan(
    p: Player,
    operation: str,
    who: str,
    plan: Schedule,
    modelled: Callable[[Any], Any],
    *more: Any,
    **how: Any,
) -> Step:
    may = how.pop("may", "plans")

    def admitted(done: Any) -> None:
        p.model.admit(who, may, plan)
        modelled(done)

    return p.step(operation, who, admitted, plan.id, *more, **how)


def _plainly(p: Player, operation: str, plan: Schedule, modelled: Callable[[str], Any], **how: Any) -> Step:
    """A command without values; now and then by somebody who saw another version."""
    stale = p.picks.chance(6)

    def seen(_: Any) -> None:
        p.model.there(plan.id)
        if stale:
            raise Refused("stale")
        modelled(plan.id)

    p.say("as it was long ago" if stale else "")
    how |= {"headers": {"If-Match": '"9999"'}} if stale else {}
    return _on_plan(p, operation, p.who("planner", "both"), plan, seen, **how)


def _on_show(  # noqa: PLR0917 - all of one request
    p: Player,
    operation: str,
    who: str,
    plan: Schedule,
    show: Show,
    modelled: Callable[[Any], Any],
    **how: Any,
) -> Step:
    may = how.pop("may", "plans")

    def admitted(done: Any) -> None:
        p.model.admit(who, may, plan, show.id)
        p.model.there(plan.id)
        modelled(done)

    return p.step(operation, who, admitted, show.id, **how)


def _alone(
    p: Player, operation: str, plan: Schedule, show: Show, modelled: Callable[[Schedule], Any], **how: Any
) -> Step:
    def there(_: Any) -> None:
        modelled(crossing.alone(p.model, show.id))

    return _on_show(p, operation, p.who("planner"), plan, show, there, **how)


def _approve(p: Player, operation: str, plan: Schedule, show: Show | None = None) -> Step:
    number = plan.current if plan.current and not p.picks.chance(15) else 99
    modelled = _of(p.model.approve, plan.id, number)
    return _agree(p, operation, plan, show, modelled, {"version": number})


def _reject(p: Player, operation: str, plan: Schedule, show: Show | None = None) -> Step:
    number, reason = plan.current or 1, p.picks.one(["no", "no", ""])
    modelled = _of(p.model.reject, plan.id, number, reason)
    return _agree(p, operation, plan, show, modelled, {"version": number, "reason": reason})


def _agree(  # noqa: PLR0917 - all of one request
    p: Player, operation: str, plan: Schedule, show: Show | None, modelled: Callable[[Any], Any], body: Json
) -> Step:
    may, who = "approves_for" if plan.client else "manages", p.who("approver", "both", "other approver")
    p.say("version", body["version"])
    if show is None:
        return _on_plan(p, operation, who, plan, modelled, may=may, body=body)

    def alone(done: Any) -> None:
        crossing.alone(p.model, show.id)
        modelled(done)

    return _on_show(p, operation, who, plan, show, alone, may=may, body=body)


def _confirm(
    p: Player,
    operation: str,
    plan: Schedule,
    named: str,
    some: Sequence[str] | None,
    *,
    best: bool,
    show: Show | None = None,
) -> Step:
    dry, who = p.picks.chance(15) and not p.sure, p.who("manager")
    p.say("best effort" if best else "all or nothing", "as a dry run" if dry else "")

    def modelled(done: Any) -> None:
        p.model.admit(who, "plans", plan, show.id if show else "")
        if show:
            crossing.alone(p.model, show.id)
        model = p.model.dry() if dry else p.model
        booked, refused = model.confirm(plan.id, some, best_effort=best)
        told = done["confirmed"], {each["show_id"] for each in done["refused"]}
        assert told == (booked, refused), f"books {told}, should be {booked, refused}"

    body: Json = {"mode": "best_effort" if best else "all_or_nothing", "dry_run": dry}
    body |= {"show_ids": some} if some else {}
    return p.step(operation, who, modelled, named, body=body)


def _ask(p: Player, operation: str, plan: Schedule, named: str, show: Show | None = None) -> Step:
    category, approval = p.picks.one(
        [("CLIENT_REQUESTED", "studio"), ("OPERATIONAL", "client"), ("FORCE_MAJEURE", "none")]
    )
    ops = _ops(p, plan, alone=show is not None)
    base = p.picks.one([None] * 14 + [plan.current, 99])
    reason, who = p.picks.one(["because of rain"] * 2 + ["so"]), p.who("planner", "approver", "both")
    p.say("as", category, repr(reason))

    def modelled(done: Any) -> None:
        m = p.model
        m.admit(who, "asks", plan, show.id if show else "")
        if show and any(op.kind == "add" for op in ops):
            raise Refused("invalid")
        if show:
            crossing.alone(m, show.id)
        m.propose_change(plan.id, approval, reason, ops, base)
        if m.needs(plan.id, approval) == "none":
            m.check_apply(plan.id, ops)
        crossing.ask(m, plan.id, approval, done["id"], _told(done, ops))

    body: Json = {
        "category": category,
        "type": "OTHER",
        "reason": reason,
        "operations": [_op(op) for op in ops],
    }
    body |= {} if base is None else {"base_version": base}
    return p.step(operation, who, modelled, named, body=body, status=(201,))


def _ops(p: Player, plan: Schedule, *, alone: bool) -> list[Op]:
    booked = [show for show in plan.live() if show.status in ("draft", "confirmed")]
    shows = booked if (booked or not alone) and not p.picks.chance(10) else [*plan.shows.values()]
    named = [p.picks.one(shows) for _ in range(p.picks.one([1, 1, 1, 2, 0])) if shows]
    named = [*{show.id: show for show in named}.values()]
    if len(named) == 2 and p.picks.chance(50):
        p.say("swaps", *(p.name(show.id) for show in named))
        return _swap(*named)
    ops = [_changed(p, show) for show in named]
    if not ops or p.picks.chance(5 if alone else 30):
        p.say("adds")
        ops.append(Op("add", show=p.plan()))
    return ops


def _changed(p: Player, show: Show) -> Op:
    if p.picks.chance(25):
        p.say("cancels", p.name(show.id))
        return Op("cancel", show.id)
    p.say("changes", p.name(show.id))
    fields = {name: (getattr(show.plan, name), value) for name, value in p.values().items()}
    return Op("update", show.id, {name: pair for name, pair in fields.items() if pair[0] != pair[1]})


def _swap(one: Show, other: Show) -> list[Op]:
    """Two shows that change places."""
    names = ("start", "end", "room", "creators")
    pairs = [
        (show.id, {name: (getattr(show.plan, name), getattr(to.plan, name)) for name in names})
        for show, to in ((one, other), (other, one))
    ]
    return [Op("update", i, {n: pair for n, pair in each.items() if pair[0] != pair[1]}) for i, each in pairs]


def _told(change: Json, ops: Sequence[Op]) -> list[Op]:
    """The operations with the ids that the application gave to shows to add."""
    told = change["operations"]
    assert len(told) == len(ops), f"{len(told)} operations, should be {len(ops)}"
    known = {op.show_id: op for op in ops if op.show is None}
    added = iter([op for op in ops if op.show is not None])
    return [
        known[each["show_id"]] if each["show_id"] in known else replace(next(added), show_id=each["show_id"])
        for each in told
    ]


def _decide(
    p: Player, operation: str, command: str, *statuses: str, needs: Sequence[str] | None = None, may: str = ""
) -> Step:
    if not any(plan.changes for plan in p.model.schedules.values()):
        plan = p.schedule("confirmed")
        return _ask(p, "propose_change", plan, plan.id)
    plan, change = p.change(*statuses, needs=needs or ("client", "studio"))
    who = p.who("manager", "approver", "both", "planner")
    if not may:
        may = "manages" if plan.client is None or change.needs != "client" else "approves_for"

    def modelled(_: Any) -> None:
        p.model.admit(who, may, plan)
        getattr(p.model, command)(plan.id, change.id)

    p.say(f"({change.needs})")
    return p.step(operation, who, modelled, change.id, body={})


def _say(p: Player, operation: str, plan: Schedule, subject: str) -> Step:
    who, text = p.who("approver", "planner"), p.picks.one(["Well?", "Fine", ""])

    def modelled(done: Any) -> None:
        p.model.admit(who, "comments", plan, subject if subject in plan.shows else "")
        crossing.say(p.model, plan.id, subject, text, done["id"] if done else "")

    return p.step(operation, who, modelled, subject, body={"text": text}, status=(201,))


def _unsay(p: Player, operation: str, text: str | None, status: tuple[int, ...]) -> Step:
    comment = p.picks.fitting([*p.model.comments.values()], lambda c: not c.removed)
    own = comment.by
    who = own if p.picks.chance(60) else p.who()

    def modelled(_: Any) -> None:
        p.model.people.admit(who, "comments", p.model.schedules[comment.schedule].client)
        crossing.unsay(p.model, comment.id, text)

    how: Json = {} if text is None else {"body": {"text": text}}
    return p.step(operation, who, modelled, comment.id, status=status, **how)


def _numbered(p: Player, fits: Callable[[Any], Any]) -> tuple[Schedule, int]:
    """A version of a plan, mostly a fitting one; now and then one that there is not."""
    plans = [plan for plan in p.model.schedules.values() if not plan.single]
    plan = p.picks.fitting(plans, lambda each: any(map(fits, each.versions)))
    if not plan.versions or p.picks.chance(5):
        return plan, 77
    return plan, p.picks.fitting(plan.versions, fits).number


def _why() -> Json:
    return {"reason_category": "OTHER", "note": "so"}


def _moment(moment: datetime) -> str:
    return moment.isoformat()


def _json(plan: Plan) -> Json:
    return _set(vars(plan))


def _set(values: Mapping[str, Any]) -> Json:
    return {
        _NAMES.get(name, name): _moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _op(op: Op) -> Json:
    if op.show is not None:
        return {"op": "add", "show": _json(op.show)}
    if op.kind == "cancel":
        return {"op": "cancel", "show_id": op.show_id, "reason_category": "OTHER"}
    return {
        "op": "update",
        "show_id": op.show_id,
        "set": _set({n: after for n, (_, after) in op.fields.items()}),
    }


def _sheet(rows: Sequence[Plan]) -> str:
    lines = [f"{r.external_id},{r.room or ''},{r.name},{_moment(r.start)},{_moment(r.end)}" for r in rows]
    return "\r\n".join(["external_id,room,name,start,end", *lines, ""])


COMMANDS: Final[Mapping[Steps, int]] = {
    create_schedule: 3,
    draft_shows: 8,
    create_show: 4,
    edit_schedule: 2,
    edit_show: 4,
    remove_show: 2,
    restore_show: 2,
    propose_schedule: 4,
    approve_schedule: 5,
    reject_schedule: 5,
    withdraw_schedule: 2,
    confirm_schedule: 8,
    propose_show: 3,
    approve_show: 3,
    reject_show: 5,
    withdraw_show: 4,
    confirm_show: 4,
    start_show: 5,
    complete_show: 5,
    cancel_show: 4,
    interrupt_show: 3,
    resolve_show: 7,
    move_show: 4,
    cancel_schedule: 2,
    reopen_schedule: 6,
    archive_schedule: 6,
    unarchive_schedule: 6,
    park_schedule: 1,
    resume_schedule: 4,
    delete_schedule: 1,
    restore_schedule: 2,
    duplicate_schedule: 2,
    create_version: 3,
    create_show_version: 1,
    edit_version: 2,
    delete_version: 4,
    undelete_version: 6,
    restore_version: 3,
    propose_change: 16,
    propose_show_change: 8,
    approve_change: 14,
    reject_change: 5,
    withdraw_change: 7,
    acknowledge_change: 3,
    run_bulk: 6,
    undo_bulk: 8,
    comment_on_schedule: 2,
    comment_on_show: 1,
    comment_on_change: 2,
    edit_comment: 3,
    remove_comment: 2,
    acknowledge_comment: 3,
    import_file: 6,
}
"""Every command of planning, and how much of it: a booked month needs more of some than of others."""

OTHERS: Final[Mapping[Steps, int]] = {
    close_room: 2,
    open_room: 1,
    edit_room: 1,
    ban_creator: 1,
    switch_feature: 3,
}
"""What else moves while a month is planned."""

WEIGHTED: Final = [step for step, weight in {**COMMANDS, **OTHERS}.items() for _ in range(weight)]
BEGINNING: Final[Sequence[Steps]] = (
    *(create_schedule, draft_shows, propose_schedule, approve_schedule, confirm_schedule),
    *(create_schedule, draft_shows, propose_schedule, create_schedule, draft_shows),
    *(create_show, propose_show, approve_show, confirm_show),
)
"""A plan that is booked, one that waits and one that is drafted, and a standalone show: most commands fit
one of them."""


def _plans(*statuses: str, deleted: bool = False) -> Callable[[Model], bool]:
    def ready(model: Model) -> bool:
        return any(
            plan.status in statuses and plan.deleted == deleted
            for plan in model.schedules.values()
            if not plan.single
        )

    return ready


def _shows(*statuses: str, plans: Sequence[str] = (), alone: bool = False, removed: bool = False) -> Any:
    def ready(model: Model) -> bool:
        return any(
            (show.status in statuses and show.removed == removed)
            for plan in model.schedules.values()
            if (plan.single or not alone) and (plan.status in plans or not plans) and not plan.deleted
            for show in plan.shows.values()
        )

    return ready


def _changes(*statuses: str, none: bool = False) -> Callable[[Model], bool]:
    def ready(model: Model) -> bool:
        changes = [change for plan in model.schedules.values() for change in plan.changes.values()]
        return any(change.status in statuses and (change.needs == "none") == none for change in changes)

    return ready


def _versions(fits: Callable[[Any], Any]) -> Callable[[Model], bool]:
    return lambda model: any(fits(version) for plan in model.schedules.values() for version in plan.versions)


READY: Final[Mapping[Steps, Callable[[Model], object]]] = {
    edit_schedule: _plans("draft"),
    draft_shows: _plans("draft"),
    propose_schedule: _plans("draft"),
    park_schedule: _plans("draft"),
    withdraw_schedule: _plans("proposed"),
    approve_schedule: _plans("proposed"),
    reject_schedule: _plans("proposed"),
    confirm_schedule: _plans("proposed", "confirmed"),
    unarchive_schedule: _plans("archived"),
    resume_schedule: _plans("other"),
    reopen_schedule: _plans("cancelled"),
    restore_schedule: _plans("draft", "proposed", "cancelled", deleted=True),
    edit_show: _shows("draft", plans=["draft"]),
    remove_show: _shows("draft", plans=["draft"]),
    restore_show: _shows("draft", plans=["draft"], removed=True),
    start_show: _shows("confirmed"),
    complete_show: _shows("live"),
    interrupt_show: _shows("confirmed", "live"),
    resolve_show: _shows("cancelled_pending_resolution"),
    propose_show: _shows("draft", plans=["draft"], alone=True),
    approve_show: _shows("draft", plans=["proposed"], alone=True),
    reject_show: _shows("draft", plans=["proposed"], alone=True),
    withdraw_show: _shows("draft", plans=["proposed"], alone=True),
    confirm_show: _shows("draft", plans=["draft", "proposed"], alone=True),
    propose_change: _plans("confirmed"),
    propose_show_change: _shows("confirmed", plans=["confirmed"], alone=True),
    approve_change: _changes("proposed"),
    reject_change: _changes("proposed"),
    withdraw_change: _changes("proposed"),
    acknowledge_change: _changes("approved", none=True),
    delete_version: _versions(lambda version: version.kind == "checkpoint"),
    undelete_version: _versions(lambda version: version.deleted),
    undo_bulk: lambda model: any(run.after and not run.undone for run in model.runs.values()),
    edit_comment: lambda model: any(not comment.removed for comment in model.comments.values()),
    remove_comment: lambda model: any(not comment.removed for comment in model.comments.values()),
    acknowledge_comment: lambda model: any(
        not comment.seen and crossing.waits(model, comment) for comment in model.comments.values()
    ),
}
"""Whether there is something that a command fits; others always find it."""

NOTHING_TO: Final[Mapping[Steps, Callable[[Model], object]]] = {
    open_room: lambda model: not model.closures,
    edit_comment: lambda model: not model.comments,
    remove_comment: lambda model: not model.comments,
    acknowledge_comment: lambda model: not model.comments,
    comment_on_change: lambda model: not any(plan.changes for plan in model.schedules.values()),
}
"""When a command has nothing at all that its path could name."""


def next_step(p: Player, given: Steps | None = None) -> Step | None:
    """What is done next: that, or anything, mostly something that fits; None where nothing is there to do
    it to."""
    p.sure = given is not None
    chosen = given or p.picks.one(WEIGHTED)
    for _ in range(3):
        if given or _holds(READY, chosen, p.model, otherwise=True) or p.picks.chance(15):
            break
        chosen = p.picks.one(WEIGHTED)
    plans = [plan for plan in p.model.schedules.values() if not plan.single]
    shows = any(plan.shows for plan in p.model.schedules.values())
    needs_show = chosen is run_bulk or chosen.__name__.endswith(("_show", "_show_change", "_show_version"))
    if (not plans and chosen is not create_schedule) or _holds(NOTHING_TO, chosen, p.model, otherwise=False):
        return None
    return chosen(p) if shows or not needs_show or chosen is create_show else None


def _holds(
    table: Mapping[Steps, Callable[[Model], object]], step: Steps, model: Model, *, otherwise: bool
) -> bool:
    return bool(table[step](model)) if step in table else otherwise
