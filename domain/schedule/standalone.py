"""A standalone show is a schedule of one: the same stream, state and decisions, invisible among plans."""

from collections.abc import Mapping
from datetime import datetime

from domain.errors import IllegalTransition, Invalid
from domain.events import ScheduleOpened, ShowDrafted
from domain.ids import NewId
from domain.schedule.planning import Id, NewShow, Studio, draft, span_errors
from domain.schedule.state import Schedule
from domain.slots import operational_day


class NewStandalone(NewShow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A show to draft in no plan."""

    studio_id: Id
    client_id: Id | None = None


def open_single(name: str, start: datetime, *, studio: Studio, client_id: str | None) -> ScheduleOpened:
    """The schedule of a standalone show; its period is the day that the show was on when it began."""
    day = operational_day(start, studio.time_zone, studio.day_start)
    return ScheduleOpened(
        name=name.strip(),
        studio_id=studio.id,
        client_id=client_id,
        start_date=day,
        end_date=day,
        kind="single",
    )


def draft_single(
    new: NewStandalone, *, studio: Studio, keys: Mapping[str, str], new_id: NewId
) -> tuple[ScheduleOpened, ShowDrafted]:
    """The two events that begin a standalone show. `keys` maps what was given as type or standard to its key.

    Raises Invalid.
    """
    if wrong := span_errors(new.start, new.end):
        raise Invalid(wrong[0].message, errors=wrong)
    opened = open_single(new.name, new.start, studio=studio, client_id=new.client_id)
    shows = (draft(new, keys, new_id("show")),)
    return opened, ShowDrafted(shows=shows, time_zone=studio.time_zone, day_start=studio.day_start)


def check_single(schedule: Schedule) -> None:
    """Raises IllegalTransition for the schedule of a show in a plan: a plan is agreed as a whole."""
    if schedule.kind != "single":
        raise IllegalTransition(
            f"this show is in a plan; send the command to /api/v1/schedules/{schedule.id} instead",
            status=schedule.status,
            allowed=[],
            schedule_id=schedule.id,
        )


def check_plan(schedule: Schedule) -> None:
    """Raises IllegalTransition for a standalone show's own schedule, which holds that show only."""
    if schedule.kind == "single":
        raise IllegalTransition(
            "a standalone show's own schedule holds no other shows", status=schedule.status, allowed=[]
        )
