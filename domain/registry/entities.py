"""The reference entities, one declaration each (SPEC 2). Tables, request bodies, routes, lists, checks
and the seeds follow from these. Entities stand after those that they refer to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, field

from domain.access import DEFAULTS
from domain.errors import FieldError
from domain.registry.declaring import (
    Body,
    ClosingTime,
    Date,
    Email,
    Entity,
    Id,
    LookupKey,
    Minutes,
    Moment,
    Name,
    Position,
    Text,
    TimeOfDay,
    Unique,
    Values,
    Weekday,
    time_zones,
)

StudioRole = Literal["manager", "planner", "viewer"]
ClientRole = Literal["client_approver", "client_viewer"]
STUDIO_ROLES: Final = frozenset({"manager", "planner", "viewer"})
CLIENT_ROLES: Final = frozenset({"client_approver", "client_viewer"})

ShowField = Literal[
    "external_id",
    "name",
    "start",
    "end",
    "room_id",
    "creators",
    "platforms",
    "show_type",
    "show_standard",
    "note",
    "metadata",
]


class NewUser(Body, frozen=True, kw_only=True):
    """A person who signs in. A banned one's token is refused."""

    email: Email
    name: Name
    is_system_admin: bool = False
    is_banned: bool = False
    external_subject: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


class NewClient(Body, frozen=True, kw_only=True):
    """The company a show is made for."""

    name: Name
    contact_person: Text | None = None
    contact_email: Email | None = None


class NewStudio(Body, frozen=True, kw_only=True):
    """A place with rooms, a time zone and a start of its day."""

    name: Name
    time_zone: Annotated[str, Meta(min_length=1, max_length=100, examples=["Asia/Bangkok"])]
    address: Text | None = None
    day_start: TimeOfDay = "06:00"
    client_approval: bool = True
    late_change_hours: Annotated[int, Meta(ge=0, le=8_760)] = 24


class NewRoom(Body, frozen=True, kw_only=True):
    """A bookable room. Lead and turnaround are held before and after each show."""

    studio_id: Id
    name: Name
    capacity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    lead_minutes: Minutes = 0
    turnaround_minutes: Minutes = 0


class NewRoomClosure(Body, frozen=True, kw_only=True):
    """A span in which a room can't be booked. `re_plan` lays it over bookings too: they are to be planned
    anew, and each leaves its span to the closure when it goes."""

    room_id: Id
    start: Moment
    end: Moment
    reason: Name
    re_plan: bool = False


class NewOpeningHours(Body, frozen=True, kw_only=True):
    """A span in which a studio is open on a weekday, in its local time. One that closes at or before it opens
    runs on past midnight. A studio without any is always open. `re_plan` narrows hours over bookings too."""

    studio_id: Id
    weekday: Weekday
    opens: TimeOfDay
    closes: ClosingTime
    re_plan: bool = False


class NewWeek(Body, frozen=True, kw_only=True):
    """The same opening hours on several weekdays: a row for each, and all of them at once, so that the first
    closes no weekday that another opens."""

    studio_id: Id
    weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
    opens: TimeOfDay
    closes: ClosingTime
    re_plan: bool = False


class NewOpeningException(Body, frozen=True, kw_only=True):
    """What is open on one date instead of its weekday's hours: a span, or without times nothing."""

    studio_id: Id
    date: Date
    opens: TimeOfDay | None = None
    closes: ClosingTime | None = None
    reason: Name
    re_plan: bool = False


class NewCreator(Body, frozen=True, kw_only=True):
    """A host on camera. A banned one can't be booked."""

    name: Name
    alias: Text | None = None
    is_banned: bool = False
    user_id: Id | None = None


class NewCreatorTimeOff(Body, frozen=True, kw_only=True):
    """A span in which a creator can't be booked. `re_plan` as for a room's closure."""

    creator_id: Id
    start: Moment
    end: Moment
    reason: Name
    re_plan: bool = False


class NewPlatform(Body, frozen=True, kw_only=True):
    """Where shows stream. `settings` are shown to administrators only."""

    name: Name
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


class NewMembership(Body, frozen=True, kw_only=True):
    """What a user is in a studio, or for a client: exactly one of the two."""

    user_id: Id
    studio_id: Id | None = None
    client_id: Id | None = None
    role: StudioRole | ClientRole


class NewFeature(Body, frozen=True, kw_only=True):
    """A feature on or off for a type of user, everywhere or in one studio, whose own switch goes first."""

    feature: Literal["planning", "client_changes", "client_approval"]
    user_type: Literal["manager", "planner", "client_approver"]
    studio_id: Id | None = None
    enabled: bool


class NewShowType(Body, frozen=True, kw_only=True):
    key: LookupKey
    name: Name


class NewShowStandard(Body, frozen=True, kw_only=True):
    key: LookupKey
    name: Name
    requires_creator: bool = False


class NewShowStatus(Body, frozen=True, kw_only=True):
    key: LookupKey
    name: Name
    position: Position = 0


class NewScheduleStatus(Body, frozen=True, kw_only=True):
    """An own status means parked: no edits, and its shows want nothing."""

    key: LookupKey
    name: Name
    position: Position = 0


class NewChangeCategory(Body, frozen=True, kw_only=True):
    """Who must approve a change of this category."""

    key: LookupKey
    name: Name
    approval: Literal["client", "studio", "none"]


class NewChangeType(Body, frozen=True, kw_only=True):
    """What a change is about: the show fields that it covers."""

    key: LookupKey
    name: Name
    covers: Annotated[tuple[ShowField, ...], Meta(max_length=20)] = ()


def _zone_is_known(values: Values) -> list[FieldError]:
    if values["time_zone"] in time_zones():
        return []
    return [FieldError("time_zone", "unknown_time_zone", "is no IANA time zone, such as Asia/Bangkok")]


def _end_is_after_start(values: Values) -> list[FieldError]:
    if datetime.fromisoformat(values["start"]) < datetime.fromisoformat(values["end"]):
        return []
    return [FieldError("end", "not_after_start", "must be after start")]


def _opens_and_closes(values: Values) -> list[FieldError]:
    if (values.get("opens") is None) == (values.get("closes") is None):
        return []
    missing = "opens" if values.get("opens") is None else "closes"
    return [FieldError(missing, "both_or_none", "give both opens and closes, or none for a closed day")]


def _member_of_one(values: Values) -> list[FieldError]:
    in_studio, for_client = values["studio_id"] is not None, values["client_id"] is not None
    if in_studio == for_client:
        field = "client_id" if in_studio else "studio_id"
        return [FieldError(field, "exactly_one", "give exactly one of studio_id and client_id")]
    fitting = STUDIO_ROLES if in_studio else CLIENT_ROLES
    if values["role"] not in fitting:
        where = "in a studio" if in_studio else "for a client"
        return [FieldError("role", "unfit", f"a role {where} is one of {', '.join(sorted(fitting))}")]
    return []


def _for_such_users(values: Values) -> list[FieldError]:
    fitting = sorted(user_type for feature, user_type in DEFAULTS if feature == values["feature"])
    if values["user_type"] in fitting:
        return []
    return [FieldError("user_type", "unfit", f"{values['feature']} is for {' and '.join(fitting)}")]


def _lookup(kind: str, path: str, title: str, body: type[Body], example: Mapping[str, Any]) -> Entity:
    """An entity whose rows have a key that events store: it never changes and is never used again."""
    return Entity(
        kind=kind,
        path=path,
        title=title,
        body=body,
        sorts=("position", "key", "name", "created_at")
        if "position" in body.__struct_fields__
        else ("key", "name", "created_at"),
        unique=(Unique(f"{path.replace('-', '_')}_key", ("key",), for_ever=True),),
        fixed=frozenset({"key"}),
        search=("key", "name"),
        filters=("key",),
        example=example,
    )


ENTITIES: Final = (
    Entity(
        kind="user",
        path="users",
        title="User",
        body=NewUser,
        unique=(
            Unique("users_email_live", ("email",)),
            Unique("users_external_subject_live", ("external_subject",)),
        ),
        search=("name", "email"),
        filters=("email", "is_system_admin", "is_banned"),
        caseless=frozenset({"email"}),
        sorts=("name", "email", "created_at"),
        example={"email": "mai@example.com", "name": "Mai Suwan"},
    ),
    Entity(
        kind="client",
        path="clients",
        title="Client",
        body=NewClient,
        unique=(Unique("clients_name_live", ("name",)),),
        search=("name", "contact_person", "contact_email"),
        filters=("name",),
        sorts=("name", "created_at"),
        example={"name": "Acme", "contact_person": "Ann Lee", "contact_email": "ann@acme.example"},
    ),
    Entity(
        kind="studio",
        path="studios",
        title="Studio",
        body=NewStudio,
        unique=(Unique("studios_name_live", ("name",)),),
        search=("name", "address"),
        filters=("name",),
        sorts=("name", "created_at"),
        check=_zone_is_known,
        example={"name": "Bangkok", "time_zone": "Asia/Bangkok", "day_start": "06:00"},
    ),
    Entity(
        kind="room",
        path="rooms",
        title="Room",
        body=NewRoom,
        unique=(Unique("rooms_studio_id_name_live", ("studio_id", "name")),),
        references={"studio_id": "studio"},
        fixed=frozenset({"studio_id"}),
        filters=("studio_id", "name"),
        sorts=("name", "created_at"),
        example={
            "studio_id": "studio_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "name": "Room 1",
            "capacity": 6,
            "lead_minutes": 10,
            "turnaround_minutes": 15,
        },
    ),
    Entity(
        kind="closure",
        path="room-closures",
        title="RoomClosure",
        body=NewRoomClosure,
        references={"room_id": "room"},
        holds="room_id",
        fixed=frozenset({"room_id"}),
        search=("reason",),
        filters=("room_id",),
        sorts=("start", "created_at"),
        windowed=True,
        check=_end_is_after_start,
        example={
            "room_id": "room_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-02T15:00:00Z",
            "reason": "New lights",
        },
    ),
    Entity(
        kind="hours",
        path="opening-hours",
        title="OpeningHours",
        body=NewOpeningHours,
        references={"studio_id": "studio"},
        fixed=frozenset({"studio_id"}),
        search=(),
        filters=("studio_id",),
        sorts=("weekday", "opens", "created_at"),
        example={
            "studio_id": "studio_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "weekday": 1,
            "opens": "09:00",
            "closes": "26:00",
        },
    ),
    Entity(
        kind="exception",
        path="opening-exceptions",
        title="OpeningException",
        body=NewOpeningException,
        references={"studio_id": "studio"},
        fixed=frozenset({"studio_id"}),
        search=("reason",),
        filters=("studio_id",),
        sorts=("date", "created_at"),
        check=_opens_and_closes,
        example={
            "studio_id": "studio_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "date": "2026-12-31",
            "opens": "09:00",
            "closes": "15:00",
            "reason": "New Year's Eve",
        },
    ),
    Entity(
        kind="creator",
        path="creators",
        title="Creator",
        body=NewCreator,
        references={"user_id": "user"},
        search=("name", "alias"),
        filters=("name", "user_id", "is_banned"),
        sorts=("name", "created_at"),
        example={"name": "Nok Chai", "alias": "MC Nok"},
    ),
    Entity(
        kind="timeoff",
        path="creator-time-offs",
        title="CreatorTimeOff",
        body=NewCreatorTimeOff,
        references={"creator_id": "creator"},
        fixed=frozenset({"creator_id"}),
        holds="creator_id",
        masked={"reason": "unavailable"},
        search=(),
        filters=("creator_id",),
        sorts=("start", "created_at"),
        windowed=True,
        check=_end_is_after_start,
        example={
            "creator_id": "creator_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-09T13:00:00Z",
            "reason": "Holiday",
        },
    ),
    Entity(
        kind="platform",
        path="platforms",
        title="Platform",
        body=NewPlatform,
        unique=(Unique("platforms_name_live", ("name",)),),
        private=frozenset({"settings"}),
        filters=("name",),
        sorts=("name", "created_at"),
        example={"name": "TikTok", "settings": {"region": "TH"}},
    ),
    Entity(
        kind="member",
        path="memberships",
        title="Membership",
        body=NewMembership,
        unique=(Unique("memberships_user_id_live", ("user_id",)),),
        references={"user_id": "user", "studio_id": "studio", "client_id": "client"},
        fixed=frozenset({"user_id", "studio_id", "client_id"}),
        search=(),
        filters=("user_id", "studio_id", "client_id", "role"),
        sorts=("created_at",),
        check=_member_of_one,
        example={
            "user_id": "user_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "studio_id": "studio_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "role": "planner",
        },
    ),
    Entity(
        kind="feature",
        path="features",
        title="Feature",
        body=NewFeature,
        unique=(Unique("features_switch_live", ("feature", "user_type")),),
        references={"studio_id": "studio"},
        fixed=frozenset({"feature", "user_type", "studio_id"}),
        search=(),
        filters=("feature", "user_type", "studio_id", "enabled"),
        sorts=("created_at",),
        check=_for_such_users,
        example={
            "feature": "planning",
            "user_type": "planner",
            "studio_id": "studio_01kaw3h5q0e9vtzf8r2d7x6m4b",
            "enabled": True,
        },
    ),
    _lookup("shtype", "show-types", "ShowType", NewShowType, {"key": "launch", "name": "Launch"}),
    _lookup(
        "shstd",
        "show-standards",
        "ShowStandard",
        NewShowStandard,
        {"key": "hosted", "name": "Hosted", "requires_creator": True},
    ),
    _lookup(
        "shstat",
        "show-statuses",
        "ShowStatus",
        NewShowStatus,
        {"key": "rehearsed", "name": "Rehearsed", "position": 7},
    ),
    _lookup(
        "scstat",
        "schedule-statuses",
        "ScheduleStatus",
        NewScheduleStatus,
        {"key": "on_hold", "name": "On hold", "position": 7},
    ),
    _lookup(
        "chcat",
        "change-categories",
        "ChangeCategory",
        NewChangeCategory,
        {"key": "SPONSOR_REQUEST", "name": "Sponsor's request", "approval": "client"},
    ),
    _lookup(
        "chtype",
        "change-types",
        "ChangeType",
        NewChangeType,
        {"key": "RENAMING", "name": "Renaming", "covers": ["name"]},
    ),
)

BY_KIND: Final[Mapping[str, Entity]] = {entity.kind: entity for entity in ENTITIES}
