"""Rows of reference entities: given a history, when a decision is taken, then these events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from domain.errors import DomainError, IllegalTransition, Invalid, SystemRow
from domain.events import EntityCreated, EntityDeleted, EntityEvent, EntityRestored, EntityUpdated, ShowEdit
from domain.registry import deciding
from domain.registry.declaring import Body, Entity
from domain.registry.entities import BY_KIND, ENTITIES, ShowField
from domain.registry.row import Row, evolve
from domain.schedule.planning import ShowPatch
from tests.spec import recorded

CLIENT = BY_KIND["client"]
STUDIO = BY_KIND["studio"]
CLOSURE = BY_KIND["closure"]
MEMBER = BY_KIND["member"]
PLATFORM = BY_KIND["platform"]
SHOW_TYPE = BY_KIND["shtype"]

ACME = {"name": "Acme", "contact_person": None, "contact_email": None}


def folded(*events: EntityEvent) -> Row:
    row: Row | None = None
    for each in recorded(events, "client_01"):
        row = evolve(row, each)
    assert row is not None
    return row


def body(entity: Entity, **values: Any) -> Any:
    return msgspec.convert(values, entity.body)


def patch(entity: Entity, **values: Any) -> Struct:
    return msgspec.convert(values, entity.patch)


def refusal(decide: Any, *args: Any, **how: Any) -> tuple[type[DomainError], list[tuple[str, str]]]:
    with pytest.raises(DomainError) as caught:
        decide(*args, **how)
    return type(caught.value), [(error.path, error.code) for error in caught.value.errors]


def created(entity: Entity = CLIENT, values: dict[str, Any] = ACME, *, system: bool = False) -> EntityCreated:
    return EntityCreated(kind=entity.kind, values=values, system=system)


def test_a_row_begins_with_all_its_fields_and_their_defaults():
    assert deciding.create(STUDIO, body(STUDIO, name=" Bangkok ", time_zone="Asia/Bangkok")) == [
        EntityCreated(
            kind="studio",
            values={
                "name": "Bangkok",
                "time_zone": "Asia/Bangkok",
                "address": None,
                "day_start": "06:00",
                "client_approval": True,
                "late_change_hours": 24,
            },
        )
    ]


def test_an_update_records_only_what_differs():
    row = folded(created())
    assert deciding.update(CLIENT, row, patch(CLIENT, name="Acme", contact_person="Ann")) == [
        EntityUpdated(kind="client", values={"contact_person": "Ann"})
    ]


def test_an_update_to_what_is_already_so_is_no_event():
    assert deciding.update(CLIENT, folded(created()), patch(CLIENT, name="Acme ")) == []


def test_a_field_can_be_emptied():
    row = folded(created(values=ACME | {"contact_person": "Ann"}))
    assert deciding.update(CLIENT, row, patch(CLIENT, contact_person=None)) == [
        EntityUpdated(kind="client", values={"contact_person": None})
    ]


def test_deleting_keeps_the_values_and_twice_is_no_event():
    gone = EntityDeleted(kind="client", values=ACME)
    assert deciding.delete(CLIENT, folded(created())) == [gone]
    assert deciding.delete(CLIENT, folded(created(), gone)) == []


def test_restoring_brings_a_deleted_row_back_and_twice_is_no_event():
    gone = EntityDeleted(kind="client", values=ACME)
    assert deciding.restore(CLIENT, folded(created(), gone)) == [EntityRestored(kind="client", values=ACME)]
    assert deciding.restore(CLIENT, folded(created())) == []


def test_a_deleted_row_is_not_edited():
    row = folded(created(), EntityDeleted(kind="client", values=ACME))
    assert refusal(deciding.update, CLIENT, row, patch(CLIENT, name="New")) == (IllegalTransition, [])


def test_a_seeded_row_keeps_its_key_and_meaning_but_not_its_label_and_position():
    category = BY_KIND["chcat"]
    values = {"key": "OPERATIONAL", "name": "Operational", "approval": "client"}
    row = folded(created(category, values, system=True))
    wish = patch(category, key="OTHER", approval="none", name="Ours")
    assert refusal(deciding.update, category, row, wish) == (
        SystemRow,
        [("approval", "system_row"), ("key", "system_row")],
    )
    assert deciding.update(category, row, patch(category, name="Ours")) == [
        EntityUpdated(kind="chcat", values={"name": "Ours"})
    ]
    status = BY_KIND["shstat"]
    row = folded(created(status, {"key": "draft", "name": "Draft", "position": 1}, system=True))
    assert deciding.update(status, row, patch(status, position=9)) == [
        EntityUpdated(kind="shstat", values={"position": 9})
    ]


def test_a_seeded_row_is_not_deleted():
    row = folded(created(SHOW_TYPE, {"key": "bau", "name": "BAU"}, system=True))
    assert refusal(deciding.delete, SHOW_TYPE, row) == (SystemRow, [])


def test_an_own_rows_key_never_changes_but_may_be_repeated():
    row = folded(created(SHOW_TYPE, {"key": "launch", "name": "Launch"}))
    assert refusal(deciding.update, SHOW_TYPE, row, patch(SHOW_TYPE, key="start")) == (
        Invalid,
        [("key", "immutable")],
    )
    assert deciding.update(SHOW_TYPE, row, patch(SHOW_TYPE, key="launch", name="Start")) == [
        EntityUpdated(kind="shtype", values={"name": "Start"})
    ]


def test_a_room_stays_in_its_studio():
    room = BY_KIND["room"]
    values = {
        "studio_id": "studio_a",
        "name": "1",
        "capacity": None,
        "lead_minutes": 0,
        "turnaround_minutes": 0,
    }
    row = folded(created(room, values))
    assert refusal(deciding.update, room, row, patch(room, studio_id="studio_b")) == (
        Invalid,
        [("studio_id", "immutable")],
    )


def test_a_studios_zone_is_an_iana_zone():
    wish = body(STUDIO, name="Moon", time_zone="Moon/Tranquility")
    assert refusal(deciding.create, STUDIO, wish) == (Invalid, [("time_zone", "unknown_time_zone")])


def test_a_closures_times_are_stored_in_utc():
    wish = body(
        CLOSURE,
        room_id="room_a",
        start="2026-05-02T20:00:00+07:00",
        end="2026-05-02T15:00:00Z",
        reason="Paint",
    )
    assert deciding.create(CLOSURE, wish)[0].values == {
        "room_id": "room_a",
        "start": "2026-05-02T13:00:00Z",
        "end": "2026-05-02T15:00:00Z",
        "reason": "Paint",
        "re_plan": False,
    }


def test_a_closure_ends_after_it_starts_also_after_a_patch():
    at = "2026-05-02T13:00:00Z"
    wish = body(CLOSURE, room_id="room_a", start=at, end=at, reason="Paint")
    assert refusal(deciding.create, CLOSURE, wish) == (Invalid, [("end", "not_after_start")])
    row = folded(
        created(CLOSURE, {"room_id": "room_a", "start": at, "end": "2026-05-02T15:00:00Z", "reason": "Paint"})
    )
    later = patch(CLOSURE, start="2026-05-02T16:00:00Z")
    assert refusal(deciding.update, CLOSURE, row, later) == (Invalid, [("end", "not_after_start")])


def test_an_instant_that_no_calendar_has_in_utc_is_refused():
    wish = body(
        CLOSURE,
        room_id="room_a",
        start="0001-01-01T00:00:00+14:00",
        end="9999-12-31T23:59:00-12:00",
        reason="Ages",
    )
    assert refusal(deciding.create, CLOSURE, wish) == (
        Invalid,
        [("start", "out_of_range"), ("end", "out_of_range")],
    )


@pytest.mark.parametrize(
    ("where", "role", "wrong"),
    [
        ({"studio_id": "studio_a"}, "planner", None),
        ({"client_id": "client_a"}, "client_viewer", None),
        ({"studio_id": "studio_a"}, "client_approver", ("role", "unfit")),
        ({"client_id": "client_a"}, "manager", ("role", "unfit")),
        ({}, "viewer", ("studio_id", "exactly_one")),
        ({"studio_id": "studio_a", "client_id": "client_a"}, "viewer", ("client_id", "exactly_one")),
    ],
)
def test_a_member_is_one_of_a_studio_or_of_a_client_in_a_fitting_role(
    where: dict[str, str], role: str, wrong: tuple[str, str] | None
):
    wish = body(MEMBER, user_id="user_a", role=role, **where)
    if wrong is None:
        assert len(deciding.create(MEMBER, wish)) == 1
    else:
        assert refusal(deciding.create, MEMBER, wish) == (Invalid, [wrong])


def test_settings_hold_what_the_database_can_hold():
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"in": deep}
    wish = body(PLATFORM, name="TikTok", settings={"key": "a\0b", "list": [{"x\0": 1}]})
    assert refusal(deciding.create, PLATFORM, wish) == (
        Invalid,
        [("settings.key", "nul_character"), ("settings.list[0]", "nul_character")],
    )
    assert refusal(deciding.create, PLATFORM, body(PLATFORM, name="TikTok", settings=deep))[0] is Invalid


def test_change_types_cover_what_a_planner_can_set():
    assert set(msgspec.inspect.type_info(ShowField).values) == set(ShowPatch.__struct_fields__)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    assert {*ShowPatch.__struct_fields__, "show_id"} == set(ShowEdit.__struct_fields__)


BAD: Sequence[tuple[str, dict[str, Any]]] = (
    ("user", {"email": "nobody", "name": "N"}),
    ("user", {"email": "a b@c.d", "name": "N"}),
    ("user", {"email": "a@b.c", "name": "   "}),
    ("user", {"email": "a@b.c"}),
    ("client", {"name": ""}),
    ("client", {"name": "A", "contact_email": "x"}),
    ("client", {"name": "A", "colour": "red"}),
    ("studio", {"name": "S", "time_zone": "Asia/Bangkok", "day_start": "6:00"}),
    ("studio", {"name": "S", "time_zone": "Asia/Bangkok", "day_start": "24:00"}),
    ("studio", {"name": "S", "time_zone": "Asia/Bangkok", "late_change_hours": -1}),
    ("room", {"studio_id": "s", "name": "R", "lead_minutes": -1}),
    ("room", {"studio_id": "s", "name": "R", "turnaround_minutes": 1441}),
    ("room", {"studio_id": "s", "name": "R", "lead_minutes": 1.5}),
    (
        "closure",
        {"room_id": "r", "start": "2026-05-02T13:00:00", "end": "2026-05-02T15:00:00Z", "reason": "x"},
    ),
    ("closure", {"room_id": "r", "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T15:00:00Z"}),
    ("platform", {"name": "P", "settings": []}),
    ("platform", {"name": "P", "settings": None}),
    ("member", {"user_id": "u", "studio_id": "s", "role": "boss"}),
    ("shtype", {"key": "1st", "name": "First"}),
    ("shtype", {"key": "two words", "name": "Two"}),
    ("chcat", {"key": "MINE", "name": "Mine", "approval": "nobody"}),
    ("chcat", {"key": "MINE", "name": "Mine"}),
    ("chtype", {"key": "MINE", "name": "Mine", "covers": ["status"]}),
)


@pytest.mark.parametrize(("kind", "values"), BAD)
def test_a_body_with_a_wrong_value_is_no_body(kind: str, values: dict[str, Any]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, BY_KIND[kind].body)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.kind)
def test_the_example_of_each_entity_is_a_good_body(entity: Entity):
    events = deciding.create(entity, msgspec.convert(entity.example, entity.body))
    assert [tuple(event.values) for event in events] == [entity.fields]


PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Acme", " Acme ", "Bolt"]),
        "contact_person": st.sampled_from([None, "Ann", "Bob"]),
        "contact_email": st.sampled_from([None, "ann@acme.example"]),
    },
)


@given(st.lists(st.one_of(PATCHES, st.sampled_from(["delete", "restore"])), max_size=12))
@settings(deadline=None)
def test_whatever_is_decided_the_row_is_what_was_last_asked_for(wishes: list[Any]):
    events: list[EntityEvent] = list(deciding.create(CLIENT, _acme()))
    expected, deleted = dict(ACME), False
    for wish in wishes:
        row = folded(*events)
        if wish == "delete":
            events += deciding.delete(CLIENT, row)
            deleted = True
        elif wish == "restore":
            events += deciding.restore(CLIENT, row)
            deleted = False
        elif deleted:
            assert refusal(deciding.update, CLIENT, row, patch(CLIENT, **wish)) == (IllegalTransition, [])
        else:
            events += deciding.update(CLIENT, row, patch(CLIENT, **wish))
            expected |= {name: value.strip() if value else value for name, value in wish.items()}
    row = folded(*events)
    assert (row.values, row.deleted_at is not None, row.version) == (expected, deleted, len(events))
    assert isinstance(row.updated_at, datetime)


def _acme() -> Body:
    return body(CLIENT, name="Acme")
