"""Move: a show goes on in another stream, with all that it holds. Both ends are numbered."""

from typing import Final

from msgspec.structs import replace

from domain.errors import IllegalTransition, Invalid
from domain.events import (
    MovedShow,
    ScheduleDeleted,
    ScheduleOpened,
    ShowDraft,
    ShowsJoined,
    ShowsLeft,
    VersionNumbered,
)
from domain.schedule import proposal
from domain.schedule.planning import Studio, find_show
from domain.schedule.standalone import open_single
from domain.schedule.state import Schedule, Show

_DRAFT: Final = ShowDraft.__struct_fields__


def check_move(source: Schedule, target: Schedule, show_id: str) -> None:
    """Same studio and client, and both ends draft or both confirmed (SPEC 3).

    Raises NotFound, Invalid, IllegalTransition.
    """
    _movable(source, show_id)
    for field, what in (("studio_id", "studio"), ("client_id", "client")):
        if getattr(source, field) != getattr(target, field):
            raise Invalid.field("schedule_id", f"other_{what}", f"is another {what}'s: a show keeps its own")
    if target.kind == "single":
        raise Invalid.field("schedule_id", "unknown_reference", "is another standalone show's")
    if source.status != target.status:
        raise IllegalTransition(
            f"a show of a {source.status} schedule can't move to one that is {target.status}",
            status=source.status,
            allowed=[],
        )


def alone(source: Schedule, show_id: str, *, studio: Studio) -> ScheduleOpened:
    """The stream of its own that the show goes on in. Standalone, a show counts by its own status: a draft
    in a confirmed plan can't leave it.

    Raises NotFound, IllegalTransition.
    """
    show = _movable(source, show_id)
    if show.status != source.status:
        raise IllegalTransition(
            f"a {show.status} show of a {source.status} schedule can't stand alone",
            status=source.status,
            allowed=[],
        )
    return open_single(show.name, show.start, studio=studio, client_id=source.client_id)


def leave(source: Schedule, show_id: str, to: str) -> list[ShowsLeft | VersionNumbered | ScheduleDeleted]:
    """The end that lets the show go. A standalone show's own schedule is deleted when nothing is left in it;
    a cancelled show that this one stood in for stays."""
    left = ShowsLeft(show_ids=(show_id,), to=to)
    stays = any(show.id != show_id for show in source.live_shows())
    gone = [ScheduleDeleted(show_ids=())] if source.kind == "single" and not stays else []
    return [left, _numbered(source, -1, agreed=source.status == "confirmed"), *gone]


def join(
    target: Schedule, show: Show, *, origin: Schedule, studio: Studio
) -> list[ShowsJoined | VersionNumbered]:
    """The end that takes the show over as it is."""
    moved = MovedShow(
        show=ShowDraft(**{name: getattr(show, name) for name in _DRAFT}),
        status=show.status,
        version=show.version,
        created_at=show.created_at,
        created_by=show.created_by,
        holds=show.holds,
    )
    joined = ShowsJoined(
        shows=(moved,), origin=origin.id, time_zone=studio.time_zone, day_start=studio.day_start
    )
    return [joined, _numbered(target, 1, agreed=origin.status == "confirmed")]


def _movable(source: Schedule, show_id: str) -> Show:
    show = find_show(source, show_id)
    if source.status not in ("draft", "confirmed") or show.status not in ("draft", "confirmed"):
        raise IllegalTransition(
            f"a {show.status} show of a {source.status} schedule does not move",
            status=show.status,
            allowed=[],
        )
    return show


def _numbered(schedule: Schedule, more: int, *, agreed: bool) -> VersionNumbered:
    """The version that closes one end; `more` is the show that comes or goes."""
    number = proposal.next_number(schedule)
    version = proposal.version(schedule, number, "change", agreed=agreed)
    return replace(version, show_count=version.show_count + more)
