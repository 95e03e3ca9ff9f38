"""What reaches over several schedules, and what is said about them: moves, copies, bulk runs, comments
(SPEC 3, 5; issue 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.model.plans import PLANNED, Change, Comment, Model, Op, Plan, Schedule, Show, wrong
from tests.model.roles import Refused

Edits = dict[str, dict[str, Any]]


@dataclass
class Run:
    """A bulk run that did something: what its edits replaced and set, by show."""

    before: Edits = field(default_factory=dict[str, dict[str, Any]])
    after: Edits = field(default_factory=dict[str, dict[str, Any]])
    undone: bool = False


def home(model: Model, show_id: str) -> Schedule:
    """The schedule that has the show."""
    return next(schedule for schedule in model.schedules.values() if show_id in schedule.shows)


# --- moves and copies


def move(model: Model, show_id: str, to: str | None, alone: str) -> None:
    """Same client, both draft or both confirmed; `alone` is the schedule of a show that leaves its plan."""
    source = home(model, show_id)
    if to is not None and to not in model.schedules:
        raise Refused("invalid")
    model.there(source.id)
    target = model.there(to) if to else None
    if target is source or (target is None and source.single):
        return
    show = model.show(source, show_id)
    if source.status not in PLANNED or show.status not in PLANNED:
        raise Refused("illegal_transition")
    if target is not None and (target.client != source.client or target.single):
        raise Refused("invalid")
    if (show.status if target is None else target.status) != source.status:
        raise Refused("illegal_transition")
    target = target or model.open(alone, source.client, single=True)
    target.shows[show_id] = source.shows.pop(show_id)
    source.left[show_id] = show.first
    target.left.pop(show_id, None)
    target.status = source.status
    target.booked_once |= source.status == "confirmed"
    for end in (source, target):
        number = model.number(end, "change")
        if source.status == "confirmed":
            end.approved = number
    source.deleted |= source.single


def duplicate(model: Model, schedule_id: str, copy: str, days: int, new: Mapping[str, Plan]) -> None:
    """A new draft that starts so many days after the month, its shows shifted along, without external ids;
    `new` as the application made them."""
    source = model.there(schedule_id)
    made = model.open(copy, source.client)
    made.note = made.opened_note = source.note
    by, made.starts = timedelta(days - source.starts), days
    wanted = [
        replace(show.plan, start=show.plan.start + by, end=show.plan.end + by, external_id=None)
        for show in source.live()
        if show.status != "cancelled"
    ]
    assert sorted(map(repr, new.values())) == sorted(map(repr, wanted)), "other shows were copied"
    made.shows = {show_id: Show(show_id, plan) for show_id, plan in new.items()}


# --- bulk

Result = tuple[str, str, str | None]
"""Show, `done`, `unchanged` or `refused`, and the code of a refusal."""


def bulk(
    model: Model, action: Mapping[str, Any], show_ids: Sequence[str], changes: Sequence[str]
) -> list[Result]:
    """One action over many shows, each with its own result: one of a deleted plan is refused by itself.
    `changes` are the ids of those that tell a client of a cancellation."""
    homes = {show_id: home(model, show_id) for show_id in show_ids}
    booked = [i for i, s in homes.items() if s.shows[i].status != "draft"]
    for show_id, schedule in homes.items():
        may = "manages" if action["action"] == "cancel" and show_id in booked else "plans"
        model.people.admit(model.who, may, schedule.client)
    if action["action"] == "confirm":
        return _confirm(model, homes)
    run, results, told = Run(), list[Result](), iter(changes)
    for show_id, schedule in homes.items():
        try:
            done = (
                _cancel(model, schedule, show_id, told)
                if action["action"] == "cancel"
                else _edit(model, schedule, show_id, action, run)
            )
            results.append((show_id, "done" if done else "unchanged", None))
        except Refused as refused:
            results.append((show_id, "refused", refused.code))
    model.run = run
    return results


def undo(model: Model, run_id: str) -> None:
    """All edits of a run, or nothing: each field must still be as the run set it."""
    run = model.runs.get(run_id)
    if run is None:
        raise Refused("not_found")
    if run.undone or not run.after:
        raise Refused("illegal_transition")
    homes = {i: model.schedules[home_id] for i, home_id in model.ran[run_id].items()}
    for schedule in homes.values():
        model.there(schedule.id)
    for show_id, values in run.after.items():
        show = homes[show_id].shows.get(show_id)
        if show is None or show.removed or any(getattr(show.plan, n) != v for n, v in values.items()):
            raise Refused("change_conflict")
    for show_id, schedule in homes.items():
        if show_id in run.after:
            model.editable(schedule.id, schedule.shows[show_id])
    for show_id, values in run.before.items():
        show = homes[show_id].shows[show_id]
        show.plan = replace(show.plan, **values)
    run.undone = True


def _confirm(model: Model, homes: Mapping[str, Schedule]) -> list[Result]:
    found: dict[str, Result] = {}
    drafts: list[Show] = []
    for show_id, schedule in homes.items():
        try:
            drafts += model.bookable(schedule.id, [show_id])
            found[show_id] = (show_id, "unchanged", None)
        except Refused as refused:
            found[show_id] = (show_id, "refused", refused.code)
    booked: dict[str, Schedule] = {}
    for show in sorted(drafts, key=lambda s: (s.plan.start, s.id)):
        if model.blocked([show.plan], set()):
            found[show.id] = (show.id, "refused", "conflicts")
        else:
            model.book(homes[show.id], show)
            booked[homes[show.id].id] = homes[show.id]
            found[show.id] = (show.id, "done", None)
    for schedule in booked.values():
        schedule.status = "confirmed"
        schedule.approved = model.number(schedule, "confirmed")
    model.run = Run()
    return [*found.values()]


def _cancel(model: Model, schedule: Schedule, show_id: str, told: Any) -> bool:
    show = model.show(schedule, show_id)
    if show.status == "cancelled":
        return False
    model.cancel_show(schedule.id, show_id, next(told, "") if model.announces(schedule, show) else "")
    return True


def _edit(model: Model, schedule: Schedule, show_id: str, action: Mapping[str, Any], run: Run) -> bool:
    show = model.show(schedule, show_id)
    model.editable(schedule.id, show)
    plan = show.plan
    match action["action"]:
        case "assign_room":
            after = replace(plan, room=action["room_id"])
        case "assign_creators":
            kept = plan.creators if action["mode"] == "add" else ()
            after = replace(plan, creators=tuple(dict.fromkeys((*kept, *action["creators"]))))
        case _:
            by = timedelta(minutes=action["minutes"])
            after = replace(plan, start=plan.start + by, end=plan.end + by)
    names = [name for name in vars(plan) if getattr(plan, name) != getattr(after, name)]
    if not names:
        return False
    run.before[show_id] = {name: getattr(plan, name) for name in names}
    run.after[show_id] = {name: getattr(after, name) for name in names}
    show.plan = after
    return True


# --- comments


def say(model: Model, schedule_id: str, subject: str, text: str, comment_id: str) -> None:
    """About a schedule, a show or a change: in the history, but in no version."""
    if not text:
        raise Refused("invalid")
    schedule = model.there(schedule_id)
    if subject in schedule.shows:
        model.show(schedule, subject)
    model.comments[comment_id] = Comment(comment_id, schedule_id, subject, text, model.who)


def unsay(model: Model, comment_id: str, text: str | None) -> None:
    """Only one's own; None takes it back. A show that was talked about may have moved on, and its schedule
    be gone."""
    comment = model.comments[comment_id]
    if text == "":
        raise Refused("invalid")
    if comment.removed:
        raise Refused("not_found")
    others = [s for s in model.schedules.values() if s.id != comment.schedule]
    if not any(comment.subject in other.shows for other in others):
        model.there(comment.schedule)
    if comment.by != model.who:
        raise Refused("forbidden")
    comment.seen = comment.seen and text in {None, comment.text}
    comment.removed = text is None
    comment.text = comment.text if text is None else text


def waits(model: Model, comment: Comment) -> bool:
    """Whether a client said it, and nothing was said of the same since."""
    client = model.people.by_name[comment.by].client
    same = [c for c in model.comments.values() if c.subject == comment.subject and not c.removed]
    newest = [c for c in same if c.schedule == comment.schedule][-1:]
    return client is not None and client == model.schedules[comment.schedule].client and newest == [comment]


def see(model: Model, comment_id: str) -> None:
    """The studio has seen what a client said last of something."""
    comment = model.comments[comment_id]
    if comment.removed:
        raise Refused("not_found")
    others = [s for s in model.schedules.values() if s.id != comment.schedule]
    if not any(comment.subject in other.shows for other in others):
        model.there(comment.schedule)
    if comment.by == model.who:
        raise Refused("forbidden")
    if not comment.seen and not waits(model, comment):
        raise Refused("illegal_transition")
    comment.seen = True


# --- standalone shows


def draft_alone(model: Model, schedule_id: str, client: str | None, show_id: str, plan: Plan) -> None:
    """A schedule of one, which is never among the plans."""
    if wrong(plan):
        raise Refused("invalid")
    schedule = Schedule(schedule_id, client, single=True)
    model.check_external(schedule, {show_id: plan})
    model.schedules[schedule_id] = schedule
    schedule.shows[show_id] = Show(show_id, plan)


def alone(model: Model, show_id: str) -> Schedule:
    """Its schedule; agreeing is for standalone shows only, a plan is agreed as a whole."""
    schedule = home(model, show_id)
    model.there(schedule.id)
    if not schedule.single:
        raise Refused("illegal_transition")
    model.show(schedule, show_id)
    return schedule


def ask(model: Model, schedule_id: str, approval: str, change_id: str, ops: Sequence[Op]) -> None:
    """A change that was let through waits, or is applied at once."""
    change = Change(change_id, model.needs(schedule_id, approval), [*ops], model.who)
    model.proposed(schedule_id, change)
    if change.needs == "none":
        model.apply(schedule_id, change.id)
