"""What a client's users don't see of a schedule's history: drafting that no version has yet (SPEC 3)."""

from collections.abc import Sequence
from typing import Final

from api.http.security import Bounds
from domain.events import (
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    Event,
    Positioned,
    ScheduleEdited,
    ShowCancelled,
    ShowDrafted,
    ShowsEdited,
    ShowsRemoved,
    ShowsRestored,
    VersionNumbered,
    WaiverWithdrawn,
)
from domain.schedule.state import Schedule
from projections.as_it_was import clients_view

_WAIVING: Final = (ConflictWaived, WaiverWithdrawn)
"""They tell of whoever is on the other side; clients read the list of waivers, which doesn't."""
_DRAFTING: Final = (ScheduleEdited, ShowDrafted, ShowsEdited, ShowsRemoved, ShowsRestored)


def seen_by(bounds: Bounds, events: Sequence[Positioned]) -> list[Positioned]:
    """The events of one stream, all of them given, that a user sees. To client users, what planners set
    since the newest version is not there, nor is what was said and done about shows that it lacks."""
    if bounds.clients is None:
        return list(events)
    view = clients_view(each.recorded for each in events)
    newest = max(
        (each.position for each in events if isinstance(each.recorded.event, VersionNumbered)), default=0
    )
    return [
        each
        for each in events
        if not _about_unseen(view, each.recorded.event)
        and not isinstance(each.recorded.event, _WAIVING)
        and (each.position <= newest or not isinstance(each.recorded.event, _DRAFTING))
    ]


def _about_unseen(view: Schedule, event: Event) -> bool:
    """Whether it is about one show that the newest version lacks."""
    match event:
        case CommentAdded(subject_id=subject):
            pass
        case (
            CommentEdited(comment_id=comment)
            | CommentRemoved(comment_id=comment)
            | CommentAcknowledged(comment_id=comment)
        ):
            subject = view.comments[comment].subject_id
        case ShowCancelled(show_id=subject):
            pass
        case _:
            return False
    return subject.startswith("show_") and subject not in view.shows
