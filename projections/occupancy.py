"""Which room or creator is held when, and by what. Written in the appending transaction: the table's
exclusion constraint is what makes double booking impossible, whatever the number of processes.

All that one command lets go and takes goes through one call of `occupy()`, which locks everything
concerned in one order: two calls would deadlock each other.
"""

from typing import Final, assert_never

from domain.event_log import Statement
from domain.events import (
    BulkRan,
    ChangeAcknowledged,
    ChangeApproved,
    ChangeProposed,
    ChangeRejected,
    ChangeWithdrawn,
    Command,
    CommentAcknowledged,
    CommentAdded,
    CommentEdited,
    CommentRemoved,
    ConflictWaived,
    EntityCreated,
    EntityDeleted,
    EntityEvent,
    EntityRestored,
    EntityUpdated,
    Hold,
    ImportApplied,
    ImportFailed,
    ImportUndone,
    PasswordSet,
    ProposalWithdrawn,
    Recorded,
    ScheduleArchived,
    ScheduleCancelled,
    ScheduleDeleted,
    ScheduleEdited,
    ScheduleOpened,
    ScheduleParked,
    ScheduleProposed,
    ScheduleReopened,
    ScheduleRestored,
    ScheduleResumed,
    ScheduleUnarchived,
    ShowCancelled,
    ShowCompleted,
    ShowDrafted,
    ShowInterrupted,
    ShowResolved,
    ShowsConfirmed,
    ShowsEdited,
    ShowsJoined,
    ShowsLeft,
    ShowsRebooked,
    ShowsRemoved,
    ShowsRestored,
    ShowStarted,
    VersionApproved,
    VersionDeleted,
    VersionEdited,
    VersionNumbered,
    VersionRejected,
    VersionRestored,
    WaiverWithdrawn,
)

TABLES: Final = ("occupancy",)


def apply(command: Command) -> list[Statement]:
    """One statement at most. Raises, in the database, an exclusion violation that names the holders."""
    released: set[str] = set()
    taken: dict[str, tuple[Hold, ...]] = {}
    blackouts: set[str] = set()
    for recorded in command:
        _collect(recorded, released, taken, blackouts)
    holds = [(show_id, hold) for show_id, held in sorted(taken.items()) for hold in held]
    if not (released or holds or blackouts):
        return []
    return [
        (
            "SELECT occupy(%b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],"
            " array(SELECT room_id FROM room_closures WHERE id = ANY (%b::text[])"
            " UNION SELECT creator_id FROM creator_time_offs WHERE id = ANY (%b::text[])))",
            (
                sorted(released),
                [show_id for show_id, _ in holds],
                [hold.resource_id for _, hold in holds],
                [hold.start for _, hold in holds],
                [hold.end for _, hold in holds],
                sorted(each for each in blackouts if each.startswith("closure_")),
                sorted(each for each in blackouts if each.startswith("timeoff_")),
            ),
        )
    ]


def _collect(
    recorded: Recorded, released: set[str], taken: dict[str, tuple[Hold, ...]], blackouts: set[str]
) -> None:
    match recorded.event:
        case ShowsConfirmed(bookings=bookings):
            taken.update({booking.show_id: booking.holds for booking in bookings})
        case ShowCompleted(show_id=show_id, holds=holds):
            released.add(show_id)
            taken[show_id] = holds
        case ShowResolved(show_id=show_id, holds=holds):
            released.add(show_id)
            taken[show_id] = holds
        case ShowsRebooked(bookings=bookings):
            released.update(booking.show_id for booking in bookings)
            taken.update({booking.show_id: booking.holds for booking in bookings})
        case ShowCancelled(show_id=show_id):
            released.add(show_id)
            taken.pop(show_id, None)
        case ScheduleCancelled(show_ids=ids):
            released.update(ids)
            for show_id in ids:
                taken.pop(show_id, None)
        case EntityCreated() | EntityUpdated() | EntityDeleted() | EntityRestored():
            _collect_blackout(recorded.originator_id, recorded.event, blackouts)
        case (
            ScheduleOpened()
            | ScheduleEdited()
            | ShowDrafted()
            | ShowsEdited()
            | ShowsRemoved()
            | ShowsRestored()
            | ScheduleProposed()
            | VersionNumbered()
            | VersionApproved()
            | VersionRejected()
            | ProposalWithdrawn()
            | ShowStarted()
            | ImportApplied()
            | ImportFailed()
            | ImportUndone()
            | BulkRan()
            | PasswordSet()
            | ChangeAcknowledged()
            | ChangeApproved()
            | ChangeProposed()
            | ChangeRejected()
            | ChangeWithdrawn()
            | CommentAcknowledged()
            | CommentAdded()
            | CommentEdited()
            | CommentRemoved()
            | ConflictWaived()
            | WaiverWithdrawn()
            | ScheduleArchived()
            | ScheduleDeleted()
            | ScheduleParked()
            | ScheduleReopened()
            | ScheduleRestored()
            | ScheduleResumed()
            | ScheduleUnarchived()
            | ShowInterrupted()
            | ShowsJoined()
            | ShowsLeft()
            | VersionDeleted()
            | VersionEdited()
            | VersionRestored()
        ):
            pass
        case _:
            assert_never(recorded.event)


def _collect_blackout(row_id: str, event: EntityEvent, blackouts: set[str]) -> None:
    """Whose room or time it is never changes, so the row tells which union to lay anew."""
    if event.kind in {"closure", "timeoff"}:
        blackouts.add(row_id)
