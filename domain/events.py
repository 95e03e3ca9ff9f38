"""Every fact the log can hold. The one file that can never be fixed later: never rename a tag, never
retype a field, give every new field a default. `tests/domain/stored/` keeps one stored sample of each tag.

A schedule and its shows are one stream (`schedule_...`); a reference entity is one stream each; an
import run is one event in a stream of its own.
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


class ScheduleEdited(Fact, frozen=True, tag="ScheduleEdited"):
    name: str | UnsetType = UNSET
    start_date: date | UnsetType = UNSET
    end_date: date | UnsetType = UNSET
    note: str | UnsetType = UNSET


class ShowDrafted(Fact, frozen=True, tag="ShowDrafted"):
    """One show or many. Carries the studio's zone and day start, so that operational days can be
    told from the stream alone; they can't change while the studio has shows."""

    shows: tuple[ShowDraft, ...]
    time_zone: str
    day_start: str


class ShowsEdited(Fact, frozen=True, tag="ShowsEdited"):
    edits: tuple[ShowEdit, ...]
    time_zone: str
    day_start: str


class ShowsRemoved(Fact, frozen=True, tag="ShowsRemoved"):
    """Drafts taken out of the plan; soft, `ShowsRestored` brings them back."""

    show_ids: tuple[str, ...]


class ShowsRestored(Fact, frozen=True, tag="ShowsRestored"):
    show_ids: tuple[str, ...]


class ScheduleProposed(Fact, frozen=True, tag="ScheduleProposed"):
    number: int


class VersionNumbered(Fact, frozen=True, tag="VersionNumbered"):
    """The last event of a command that makes a version: the version is the stream up to here."""

    number: int
    kind: Literal["proposed", "confirmed", "change", "import", "restored", "checkpoint"]
    show_count: int
    label: str = ""
    note: str = ""


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


class ScheduleCancelled(Fact, frozen=True, tag="ScheduleCancelled"):
    """Cancels exactly these shows with it and frees what they held."""

    reason: str
    show_ids: tuple[str, ...]


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
)
EntityEvent = EntityCreated | EntityUpdated | EntityDeleted | EntityRestored
Event = ScheduleEvent | EntityEvent | ImportApplied


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
