"""Shows that are not saved yet, or not like that, as the conflict rules look at them: in one query that knows
all they name."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from api.referring import CODE
from domain.conflicts import Subject
from domain.errors import FieldError, Invalid
from domain.schedule.machine import PLANNING
from domain.schedule.planning import Id, NewShow, span_errors
from domain.slots import operational_day, utc
from domain.suggesting.ground import Home
from projections import surroundings
from projections.surroundings import Known, Plan


class CheckedShow(NewShow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A show to look at, saved (`id`) or not, in a schedule or at least in a studio. A saved one is looked at
    as it is given here."""

    id: Id | None = None
    schedule_id: Id | None = None
    studio_id: Id | None = None


def look_up(
    connection: Connection[Any], given: Sequence[CheckedShow], now: datetime, *, around: bool
) -> Known:
    """All that these shows name, and with `around` what else is there to suggest."""
    return surroundings.known(
        connection,
        now,
        rooms={show.room_id for show in given if show.room_id},
        creators={creator for show in given for creator in show.creators},
        platforms={link.platform_id for show in given for link in show.platforms},
        standards={show.show_standard for show in given},
        schedules={show.schedule_id for show in given if show.schedule_id},
        shows={show.id for show in given if show.id},
        studios={show.studio_id for show in given if show.studio_id},
        around=around,
    )


def subjects(
    given: Sequence[CheckedShow], known: Known, clients: Collection[str] | None
) -> tuple[list[Subject], dict[str, Home]]:
    """The shows and, by their ids, the plans they are in. `clients` are those the user is bounded to: other
    clients' schedules are not there. Raises Invalid with every reference that is unknown."""
    wrong: list[FieldError] = []
    found: list[Subject] = []
    homes: dict[str, Home] = {}
    for index, show in enumerate(given):
        plan = known.plans.get(show.schedule_id) if show.schedule_id else None
        if plan and clients is not None and plan.client_id not in clients:
            plan = None
        path = f"shows[{index}]."
        errors = [*span_errors(show.start, show.end, path), *_unknown(path, show, plan, known)]
        studio_id = plan.studio_id if plan else show.studio_id
        studio = known.studios.get(studio_id) if studio_id else None
        if (studio is None or studio_id is None) and not errors:
            errors = [FieldError(f"{path}studio_id", CODE, "name a schedule or a studio that is there")]
        if studio is None or studio_id is None or errors:
            wrong += errors
            continue
        called = show.id or f"shows[{index}]"
        subject = _subject(show, plan, studio_id, studio, known, called)
        found.append(subject)
        homes[subject.id] = _home(show, plan, studio, known, clients)
    if wrong:
        raise Invalid.fields(wrong)
    return found, homes


def _unknown(path: str, show: CheckedShow, plan: Plan | None, known: Known) -> list[FieldError]:
    named = [(f"{path}room_id", show.room_id, "room_")] if show.room_id else []
    named += [(f"{path}creators[{index}]", each, "creator_") for index, each in enumerate(show.creators)]
    named += [
        (f"{path}platforms[{index}].platform_id", link.platform_id, "platform_")
        for index, link in enumerate(show.platforms)
    ]
    unknown = [
        (at, each) for at, each, prefix in named if each not in known.live or not each.startswith(prefix)
    ]
    if show.schedule_id and plan is None:
        unknown.append((f"{path}schedule_id", show.schedule_id))
    if show.show_standard not in known.standards:
        unknown.append((f"{path}show_standard", show.show_standard))
    return [FieldError(where, CODE, f"{each} is unknown or deleted") for where, each in unknown]


def _subject(  # noqa: PLR0917 - all of one show
    show: CheckedShow, plan: Plan | None, studio_id: str, studio: tuple[str, str], known: Known, called: str
) -> Subject:
    return Subject(
        id=called,
        name=show.name,
        start=utc(show.start),
        end=utc(show.end),
        studio_id=studio_id,
        room_id=show.room_id,
        creators=tuple(dict.fromkeys(show.creators)),
        platforms=tuple(link.platform_id for link in show.platforms),
        show_standard=known.standards[show.show_standard],
        operational_day=operational_day(show.start, *studio),
        created_at=known.facts.now,
        schedule_id=plan.id if plan else None,
        client_id=plan.client_id if plan else None,
        period=(plan.start_date, plan.end_date) if plan and plan.kind == "plan" else None,
        waivers=known.waivers.get(called, ()),
    )


def _home(
    show: CheckedShow,
    plan: Plan | None,
    studio: tuple[str, str],
    known: Known,
    clients: Collection[str] | None,
) -> Home:
    """Where a saved show is, whatever plan it is looked at in: that is what a request alters."""
    schedule_id, _ = known.saved.get(show.id or "", ("", 0))
    there = known.plans.get(schedule_id)
    if there and clients is not None and there.client_id not in clients:
        there = None
    saved = there is not None and there.status in PLANNING and (plan is None or plan.id == there.id)
    at = there if saved else plan
    return Home(
        schedule_id=at.id if at else "",
        single=at is not None and at.kind == "single",
        status=at.status if at else "draft",
        time_zone=studio[0],
        day_start=studio[1],
        current_version=at.current_version if at else None,
        saved=saved,
        whole=True,
    )
