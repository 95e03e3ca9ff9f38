"""Every fact the log can hold. The one file that can never be fixed later: never rename a tag, never
retype a field, give every new field a default. `tests/domain/stored/` keeps one stored sample of each tag.

A schedule and its shows are one stream (`schedule_...`); a reference entity is one stream each; an
import run is a stream of its own: what it did, and its undo.
"""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

# --- what events are made of -------------------------------------------------------------------------


class Actor(Struct, frozen=True):
    """Who did it. The name is as it was then: history must read without look-ups."""

    id: str
    name: str
    type: Literal["user", "service", "system"] = "user"


class PlatformLink(Struct, frozen=True, omit_defaults=True):
    """Where a show streams."""

    platform_id: str
    link: str | None = None
    platform_show_id: str | None = None


class ShowDraft(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A show as drafted. Times are UTC; type and standard are keys, which never change."""

    id: str
    name: str
    start: datetime
    end: datetime
    show_type: str
    show_standard: str
    room_id: str | None = None
    creators: tuple[str, ...] = ()
    platforms: tuple[PlatformLink, ...] = ()
    external_id: str | None = None
    note: str = ""
    metadata: dict[str, Any] = {}
    restored_from: str | None = None


class ShowEdit(Struct, frozen=True, kw_only=True):
    """The fields of one show that changed, with their new values; the others are absent."""

    show_id: str
    name: str | UnsetType = UNSET
    start: datetime | UnsetType = UNSET
    end: datetime | UnsetType = UNSET
    show_type: str | UnsetType = UNSET
    show_standard: str | UnsetType = UNSET
    room_id: str | UnsetType | None = UNSET
    creators: tuple[str, ...] | UnsetType = UNSET
    platforms: tuple[PlatformLink, ...] | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    note: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


class Hold(Struct, frozen=True):
    """A room or creator held for `[start, end)`. A room's span includes lead and turnaround as they
    were at booking, so later edits of a room never move bookings."""

    resource_id: str
    start: datetime
    end: datetime


class Booking(Struct, frozen=True):
    """What one confirmed show holds."""

    show_id: str
    holds: tuple[Hold, ...]


class ChangeOperation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a change. `update` has the fields it sets in `after` and what they were in `before`;
    `add` has the show to draft; `cancel` a reason."""

    op: Literal["add", "update", "cancel"]
    show_id: str
    before: ShowEdit | None = None
    after: ShowEdit | None = None
    show: ShowDraft | None = None
    reason_category: str | None = None


class MovedShow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A show as it travels to another stream: everything its new stream must know to go on telling of it."""

    show: ShowDraft
    status: str
    version: int
    created_at: datetime
    created_by: str
    holds: tuple[Hold, ...] = ()


class Fact(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Tags are spelled out because they are stored; class and module names are free to change."""


# --- schedules and their shows -----------------------------------------------------------------------


class ScheduleOpened(Fact, frozen=True, tag="ScheduleOpened"):
    """A plan begins. `kind` single is a standalone show: a schedule of one, invisible in schedule lists."""

    name: str
    studio_id: str
    client_id: str | None
    start_date: date
    end_date: date
    note: str = ""
    kind: Literal["plan", "single"] = "plan"
    duplicated_from: str | None = None


class ScheduleEdited(Fact, frozen=True, tag="ScheduleEdited"):
    name: str | UnsetType = UNSET
    start_date: date | UnsetType = UNSET
    end_date: date | UnsetType = UNSET
    note: str | UnsetType = UNSET
    unversioned: bool | None = None


class ShowDrafted(Fact, frozen=True, tag="ShowDrafted"):
    """One show or many. Carries the studio's zone and day start, so that operational days can be
    told from the stream alone; they can't change while the studio has shows. `unversioned`, here and
    below, is whether the plan differs from its newest version after it; older events don't say."""

    shows: tuple[ShowDraft, ...]
    time_zone: str
    day_start: str
    unversioned: bool | None = None


class ShowsEdited(Fact, frozen=True, tag="ShowsEdited"):
    edits: tuple[ShowEdit, ...]
    time_zone: str
    day_start: str
    unversioned: bool | None = None


class ShowsRemoved(Fact, frozen=True, tag="ShowsRemoved"):
    """Drafts taken out of the plan; soft, `ShowsRestored` brings them back."""

    show_ids: tuple[str, ...]
    unversioned: bool | None = None


class ShowsRestored(Fact, frozen=True, tag="ShowsRestored"):
    show_ids: tuple[str, ...]
    unversioned: bool | None = None


class ScheduleProposed(Fact, frozen=True, tag="ScheduleProposed"):
    number: int


class VersionNumbered(Fact, frozen=True, tag="VersionNumbered"):
    """The last event of a command that makes a version: the version is the stream up to here. `agreed`
    marks one that moves what is agreed to itself, as an applied change does."""

    number: int
    kind: Literal["proposed", "confirmed", "change", "import", "restored", "checkpoint"]
    show_count: int
    label: str = ""
    note: str = ""
    agreed: bool = False


class VersionApproved(Fact, frozen=True, tag="VersionApproved"):
    number: int
    on_behalf: bool = False
    note: str = ""


class VersionRejected(Fact, frozen=True, tag="VersionRejected"):
    number: int
    reason: str
    on_behalf: bool = False


class ProposalWithdrawn(Fact, frozen=True, tag="ProposalWithdrawn"):
    pass


class ShowsConfirmed(Fact, frozen=True, tag="ShowsConfirmed"):
    """Drafts became bookings. The schedule is confirmed from here on."""

    bookings: tuple[Booking, ...]


class ShowStarted(Fact, frozen=True, tag="ShowStarted"):
    show_id: str


class ShowCompleted(Fact, frozen=True, tag="ShowCompleted"):
    """`holds` is what stays held: cut at an earlier actual end, never extended."""

    show_id: str
    holds: tuple[Hold, ...]
    actual_start: datetime | None = None
    actual_end: datetime | None = None


class ShowCancelled(Fact, frozen=True, tag="ShowCancelled"):
    show_id: str
    reason_category: str
    note: str = ""
    unversioned: bool | None = None


class ScheduleCancelled(Fact, frozen=True, tag="ScheduleCancelled"):
    """Cancels exactly these shows with it and frees what they held."""

    reason: str
    show_ids: tuple[str, ...]


class ScheduleReopened(Fact, frozen=True, tag="ScheduleReopened"):
    """Back to draft, with exactly the shows that the cancellation took."""

    show_ids: tuple[str, ...]


class ScheduleArchived(Fact, frozen=True, tag="ScheduleArchived"):
    pass


class ScheduleUnarchived(Fact, frozen=True, tag="ScheduleUnarchived"):
    pass


class ScheduleParked(Fact, frozen=True, tag="ScheduleParked"):
    """Set aside under one of the statuses that mean "other". Its shows want nothing."""

    status_id: str


class ScheduleResumed(Fact, frozen=True, tag="ScheduleResumed"):
    pass


class ScheduleDeleted(Fact, frozen=True, tag="ScheduleDeleted"):
    """Soft, with the shows that were live then."""

    show_ids: tuple[str, ...]


class ScheduleRestored(Fact, frozen=True, tag="ScheduleRestored"):
    """Brought back, with the shows that were deleted with it."""

    show_ids: tuple[str, ...]


class ShowInterrupted(Fact, frozen=True, tag="ShowInterrupted"):
    """Booked or live, and something is wrong: it holds what it held until it is resolved."""

    show_id: str
    reason_category: str
    note: str = ""


class ShowResolved(Fact, frozen=True, tag="ShowResolved"):
    """How an interruption ended; `holds` is what stays held."""

    show_id: str
    outcome: Literal["cancelled", "completed"]
    holds: tuple[Hold, ...] = ()
    note: str = ""


class ShowsRebooked(Fact, frozen=True, tag="ShowsRebooked"):
    """Bookings that now hold this instead of what they held."""

    bookings: tuple[Booking, ...]


class ShowsLeft(Fact, frozen=True, tag="ShowsLeft"):
    """These shows went on in another stream, with what they hold."""

    show_ids: tuple[str, ...]
    to: str


class ShowsJoined(Fact, frozen=True, tag="ShowsJoined"):
    """These shows came from another stream, with what they hold."""

    shows: tuple[MovedShow, ...]
    origin: str
    time_zone: str
    day_start: str


class VersionEdited(Fact, frozen=True, tag="VersionEdited"):
    """Only how a version is called; its content and number never change."""

    number: int
    label: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class VersionDeleted(Fact, frozen=True, tag="VersionDeleted"):
    """Soft, checkpoints only; the number does not return."""

    number: int


class VersionRestored(Fact, frozen=True, tag="VersionRestored"):
    number: int


class ChangeProposed(Fact, frozen=True, tag="ChangeProposed"):
    """A request to alter agreed shows. `needs` is whose approval its category asked for then."""

    change_id: str
    category: str
    change_type: str
    reason: str
    base_version: int
    needs: Literal["client", "studio", "none"]
    operations: tuple[ChangeOperation, ...]


class ChangeApproved(Fact, frozen=True, tag="ChangeApproved"):
    """Agreed; the events that apply it follow in the same command."""

    change_id: str
    on_behalf: bool = False
    note: str = ""


class ChangeRejected(Fact, frozen=True, tag="ChangeRejected"):
    change_id: str
    on_behalf: bool = False
    note: str = ""


class ChangeWithdrawn(Fact, frozen=True, tag="ChangeWithdrawn"):
    change_id: str
    note: str = ""


class ChangeAcknowledged(Fact, frozen=True, tag="ChangeAcknowledged"):
    """The client has seen a change that was applied without asking."""

    change_id: str
    note: str = ""


class CommentAdded(Fact, frozen=True, tag="CommentAdded"):
    """Somebody's words on a schedule, one of its shows or one of its changes. Makes no version."""

    comment_id: str
    subject_id: str
    text: str


class CommentEdited(Fact, frozen=True, tag="CommentEdited"):
    comment_id: str
    text: str


class CommentAcknowledged(Fact, frozen=True, tag="CommentAcknowledged"):
    """The studio has seen what the client said; other words wait again."""

    comment_id: str


class CommentRemoved(Fact, frozen=True, tag="CommentRemoved"):
    """Soft; the words stay in the history."""

    comment_id: str


class ConflictWaived(Fact, frozen=True, tag="ConflictWaived"):
    """Somebody accepts a finding about a show, with a reason. `other` is the show or closure on the other
    side; the show's span, room and creators and the overlap are those that were accepted."""

    waiver_id: str
    show_id: str
    code: str
    reason: str
    start: datetime
    end: datetime
    room_id: str | None = None
    creators: tuple[str, ...] = ()
    other: str | None = None
    resource_id: str | None = None
    overlap_start: datetime | None = None
    overlap_end: datetime | None = None


class WaiverWithdrawn(Fact, frozen=True, tag="WaiverWithdrawn"):
    """It is accepted no longer; what was booked stays booked."""

    waiver_id: str
    show_id: str


# --- reference entities ------------------------------------------------------------------------------


class EntityCreated(Fact, frozen=True, tag="EntityCreated"):
    """A row of a reference entity. `kind` is its id prefix (`client`, `room` ...), `values` its fields
    as JSON; `system` marks seeded rows."""

    kind: str
    values: dict[str, Any]
    system: bool = False


class EntityUpdated(Fact, frozen=True, tag="EntityUpdated"):
    """Only the fields that changed."""

    kind: str
    values: dict[str, Any]


class EntityDeleted(Fact, frozen=True, tag="EntityDeleted"):
    """Soft: the row stays readable by id and in history. Holds its last values, so that projections
    know what it let go."""

    kind: str
    values: dict[str, Any]


class EntityRestored(Fact, frozen=True, tag="EntityRestored"):
    kind: str
    values: dict[str, Any]


# --- imports -----------------------------------------------------------------------------------------


class ImportApplied(Fact, frozen=True, tag="ImportApplied"):
    """A run of an import. The rows' own events carry its id as their cause. `counts` of rows by outcome,
    `created` of reference rows by entity, `schedules` those that it looked at; `report` is the whole
    answer that the run was given, as JSON."""

    file_name: str
    file_sha256: str
    counts: dict[str, int]
    schedules: tuple[str, ...] = ()
    created: dict[str, int] = {}
    options: dict[str, Any] = {}
    outcome: str = "applied"
    report: dict[str, Any] = {}


class ImportFailed(Fact, frozen=True, tag="ImportFailed"):
    """A run of an import that was refused as a whole: it did nothing. `code`, `detail` and `errors` are what
    it was told."""

    file_name: str
    file_sha256: str
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    options: dict[str, Any] = {}


class ImportUndone(Fact, frozen=True, tag="ImportUndone"):
    """All that a run did was taken back; the second event of its stream. The events that did it carry the
    run's id as their cause. `report` is the whole answer that the undo was given, as JSON."""

    counts: dict[str, int]
    report: dict[str, Any] = {}


# --- bulk runs ---------------------------------------------------------------------------------------


class BulkRan(Fact, frozen=True, tag="BulkRan"):
    """One action over many shows, in a stream of its own; the shows' own events carry its id as their
    cause. `before` and `after` are what it edited, by schedule, so that it can be undone as one; `undoes`
    names the run that this one took back."""

    action: str
    options: dict[str, Any]
    counts: dict[str, int]
    before: dict[str, tuple[ShowEdit, ...]] = {}
    after: dict[str, tuple[ShowEdit, ...]] = {}
    undoes: str | None = None


class PasswordSet(Fact, frozen=True, tag="PasswordSet"):
    """A user was given a password, in a stream of its own. Nothing of the password is in it."""

    user_id: str


# --- the union and the envelope ----------------------------------------------------------------------

ScheduleEvent = (
    ScheduleOpened
    | ScheduleEdited
    | ShowDrafted
    | ShowsEdited
    | ShowsRemoved
    | ShowsRestored
    | ScheduleProposed
    | VersionNumbered
    | VersionApproved
    | VersionRejected
    | ProposalWithdrawn
    | ShowsConfirmed
    | ShowStarted
    | ShowCompleted
    | ShowCancelled
    | ScheduleCancelled
    | ScheduleReopened
    | ScheduleArchived
    | ScheduleUnarchived
    | ScheduleParked
    | ScheduleResumed
    | ScheduleDeleted
    | ScheduleRestored
    | ShowInterrupted
    | ShowResolved
    | ShowsRebooked
    | ShowsLeft
    | ShowsJoined
    | VersionEdited
    | VersionDeleted
    | VersionRestored
    | ChangeProposed
    | ChangeApproved
    | ChangeRejected
    | ChangeWithdrawn
    | ChangeAcknowledged
    | CommentAcknowledged
    | CommentAdded
    | CommentEdited
    | CommentRemoved
    | ConflictWaived
    | WaiverWithdrawn
)
EntityEvent = EntityCreated | EntityUpdated | EntityDeleted | EntityRestored
Event = ScheduleEvent | EntityEvent | ImportApplied | ImportFailed | ImportUndone | BulkRan | PasswordSet


class Recorded(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact in its envelope. The first two names are the eventsourcing library's; `command_id` groups
    the events of one command, which projections and replays apply as a whole; `cause` is the import,
    change or bulk run that asked for it; `origin` the way in (`http`, `cli`, `seed`)."""

    originator_id: str
    originator_version: int
    at: datetime
    actor: Actor
    command: str
    command_id: str
    request_id: str
    origin: str
    event: Event
    reason: str | None = None
    cause: str | None = None


class Positioned(Struct, frozen=True):
    """A recorded event and its place in the whole log (1, 2, 3 ... without a gap)."""

    position: int
    recorded: Recorded


Command = tuple[Recorded, ...]
"""All events of one command, in order. Never empty."""
