"""Comments on a schedule, its shows and its changes: everybody edits and removes only their own. The words
stay in the history; the plan and its versions are not touched. Of what a client said, the studio says that
it has seen it, where there is nothing to answer."""

from domain.errors import Forbidden, IllegalTransition, Invalid, NotFound
from domain.events import CommentAcknowledged, CommentAdded, CommentEdited, CommentRemoved
from domain.ids import NewId
from domain.schedule.changes import find_change
from domain.schedule.planning import find_show
from domain.schedule.state import Comment, Schedule


def add(schedule: Schedule, subject_id: str, text: str, *, new_id: NewId) -> list[CommentAdded]:
    """Says something about the schedule, one of its shows or one of its changes.

    Raises NotFound, Invalid without words.
    """
    if subject_id.startswith("show_"):
        find_show(schedule, subject_id)
    elif subject_id != schedule.id:
        find_change(schedule, subject_id)
    return [CommentAdded(comment_id=new_id("comment"), subject_id=subject_id, text=_words(text))]


def edit(schedule: Schedule, comment_id: str, text: str, *, by: str) -> list[CommentEdited]:
    """Says it otherwise. The same words are no event. Raises NotFound, Forbidden, Invalid."""
    comment = own(schedule, comment_id, by)
    words = _words(text)
    return [] if comment.text == words else [CommentEdited(comment_id=comment_id, text=words)]


def remove(schedule: Schedule, comment_id: str, *, by: str) -> list[CommentRemoved]:
    """Takes it back. Raises NotFound, Forbidden."""
    own(schedule, comment_id, by)
    return [CommentRemoved(comment_id=comment_id)]


def acknowledge(
    schedule: Schedule, comment_id: str, *, by: str, of_client: bool
) -> list[CommentAcknowledged]:
    """The studio has seen what was said; `of_client` is whether its author speaks for the client. Seen before
    is no event.

    Raises NotFound, Forbidden for one's own, IllegalTransition where it doesn't wait: the studio said it
    itself, or more was said of the same since.
    """
    comment = find(schedule, comment_id)
    if comment.created_by == by:
        raise Forbidden("Somebody else says that they have seen what you wrote.", needs="somebody else")
    if comment.acknowledged_at:
        return []
    if not of_client or _newest(schedule, comment.subject_id) is not comment:
        raise IllegalTransition("only what a client said last waits to be seen", allowed=[])
    return [CommentAcknowledged(comment_id=comment_id)]


def find(schedule: Schedule, comment_id: str) -> Comment:
    """A comment that was not removed. Raises NotFound."""
    comment = schedule.comments.get(comment_id)
    if comment is None or comment.deleted_at is not None:
        raise NotFound(f"no comment {comment_id}")
    return comment


def own(schedule: Schedule, comment_id: str, by: str) -> Comment:
    """A comment of that user that was not removed. Raises NotFound, Forbidden."""
    comment = find(schedule, comment_id)
    if comment.created_by != by:
        raise Forbidden("Only its author may edit or remove a comment.", needs="its author")
    return comment


def is_here(schedule: Schedule, comment: Comment) -> bool:
    """Whether what was talked about is in this schedule still; a show may have moved on."""
    return not comment.subject_id.startswith("show_") or comment.subject_id in schedule.shows


def _newest(schedule: Schedule, subject_id: str) -> Comment | None:
    there = [c for c in schedule.comments.values() if c.subject_id == subject_id and c.deleted_at is None]
    return max(there, key=lambda c: (c.created_at, c.id), default=None)


def _words(text: str) -> str:
    if not text.strip():
        raise Invalid.field("text", "required", "say something")
    return text.strip()
