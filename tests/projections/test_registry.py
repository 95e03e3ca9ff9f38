"""The tables of reference rows: columns as declared, rows as folded, lists in order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from domain.application import Commands, Unit
from domain.events import EntityCreated
from domain.registry import deciding
from domain.registry.declaring import Entity
from domain.registry.entities import BY_KIND, ENTITIES
from domain.registry.row import Row
from projections import registry
from projections.registry import Wanted
from seeds import reference
from tests.spec import Clock, context

CLIENT = BY_KIND["client"]
CLOSURE = BY_KIND["closure"]
PLATFORM = BY_KIND["platform"]


def make(commands: Commands, kind: str, *bodies: dict[str, Any]) -> list[Row]:
    """Several rows of a kind in one command."""
    entity = BY_KIND[kind]

    def work(unit: Unit) -> list[Row]:
        return [
            unit.append_row(
                None, unit.new_id(kind), deciding.create(entity, msgspec.convert(each, entity.body))
            )
            for each in bodies
        ]

    return commands.do(context(), work)


def find(commands: Commands, entity: Entity, row_id: str) -> Struct | None:
    with commands.log.pool.connection() as connection:
        return registry.find(connection, entity, row_id)


def listed(commands: Commands, entity: Entity, **how: Any) -> list[Struct]:
    wanted = Wanted(**{"sort": entity.sorts[0], "descending": False, "limit": 1000} | how)
    with commands.log.pool.connection() as connection:
        rows = registry.page(connection, entity, wanted)
        assert registry.count(connection, entity, wanted) >= len(rows)
    return [row for row, _ in rows]


def names(rows: Sequence[Any]) -> list[str]:
    return [row.name for row in rows]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.kind)
def test_the_columns_are_the_declared_fields(commands: Commands, entity: Entity):
    with commands.log.pool.connection() as connection:
        found = connection.execute(
            "SELECT column_name, replace(data_type, 'timestamp with time zone', 'timestamptz'), is_nullable"
            " FROM information_schema.columns WHERE table_schema = 'read' AND table_name = %s",
            (entity.table,),
        ).fetchall()
    assert {name: kind for name, kind, _ in found} == registry.columns(entity)
    nullable = {f.name for f in msgspec.structs.fields(entity.body) if f.default is None}
    assert {name for name, _, null in found if null == "YES"} == nullable | {"deleted_at", "deleted_by"}


def test_each_unique_constraint_is_declared(commands: Commands):
    with commands.log.pool.connection() as connection:
        found = connection.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_class t ON t.oid = i.indrelid"
            " WHERE i.indisunique AND NOT i.indisprimary AND t.relname = ANY (%s)",
            ([*registry.TABLES, "shows"],),
        ).fetchall()
    assert {name for (name,) in found} == set(registry.DUPLICATES)


def test_what_is_read_is_what_was_folded(commands: Commands):
    (studio,) = make(commands, "studio", {"name": "Bangkok", "time_zone": "Asia/Bangkok"})
    (room,) = make(commands, "room", {"studio_id": studio.id, "name": "1", "capacity": 4})
    (platform,) = make(commands, "platform", {"name": "TikTok", "settings": {"z": 1, "a": [1.5, None]}})
    (closure,) = make(
        commands,
        "closure",
        {
            "room_id": room.id,
            "start": "2026-05-02T20:00:00.5+07:00",
            "end": "2026-05-02T15:00:00Z",
            "reason": "Paint",
        },
    )
    for row in (studio, room, platform, closure):
        entity = BY_KIND[row.kind]
        shown = find(commands, entity, row.id)
        assert shown is not None
        assert msgspec.json.encode(shown) == msgspec.json.encode(registry.shaped(entity, row))


def test_a_row_from_before_a_field_came_has_its_default(commands: Commands):
    (studio,) = make(commands, "studio", {"name": "Bangkok", "time_zone": "Asia/Bangkok"})
    (room,) = make(commands, "room", {"studio_id": studio.id, "name": "1"})
    span = {"start": "2026-05-02T13:00:00Z", "end": "2026-05-02T15:00:00Z"}
    old = EntityCreated(kind="closure", values={"room_id": room.id, "reason": "Paint"} | span)
    row = commands.do(context(), lambda unit: unit.append_row(None, unit.new_id("closure"), [old]))
    shown: Any = find(commands, CLOSURE, row.id)
    assert (shown.re_plan, shown) == (False, registry.shaped(CLOSURE, row))
    assert deciding.update(CLOSURE, row, msgspec.convert({"re_plan": False}, CLOSURE.patch)) == []


def test_changes_deletions_and_restorations_reach_the_row(commands: Commands, clock: Clock):
    (platform,) = make(commands, "platform", {"name": "TikTok"})
    patch = msgspec.convert({"settings": {"a": 1}, "name": "Tok"}, PLATFORM.patch)
    for minute, decide in enumerate(
        (
            lambda row: deciding.update(PLATFORM, row, patch),
            lambda row: deciding.delete(PLATFORM, row),
            lambda row: deciding.restore(PLATFORM, row),
        ),
        1,
    ):
        clock.now += timedelta(minutes=minute)

        def work(unit: Unit, decide: Any = decide) -> Row:
            row = unit.row("platform", platform.id)
            return unit.append_row(row, row.id, decide(row))

        row = commands.do(context(), work)
        assert find(commands, PLATFORM, platform.id) == registry.shaped(PLATFORM, row)


def test_many_rows_of_a_kind_are_one_statement(commands: Commands):
    statements = 0
    project = commands.log._project  # noqa: SLF001 - counts what is sent  # pyright: ignore[reportPrivateUsage]

    def counting(command: Any) -> Any:
        nonlocal statements
        found = list(project(command))
        statements += len(found)
        return found

    commands.log._project = counting  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    made = make(commands, "client", *({"name": f"Client {n:03}"} for n in range(700, 0, -1)))
    assert (len(made), statements) == (700, 1)
    assert names(listed(commands, CLIENT))[:2] == ["Client 001", "Client 002"]


def test_lists_are_walked_in_order_by_their_keys(commands: Commands):
    make(commands, "client", *({"name": name} for name in ("B", "A", "D", "C")))
    with commands.log.pool.connection() as connection:
        wanted = Wanted(sort="name", descending=True, limit=2)
        first = registry.page(connection, CLIENT, wanted)
        rest = registry.page(connection, CLIENT, msgspec.structs.replace(wanted, after=first[-1][1], limit=9))
    assert (names([r for r, _ in first]), names([r for r, _ in rest])) == (["D", "C"], ["B", "A"])


def test_lists_are_narrowed_by_fields_text_and_deletion(commands: Commands):
    bolt, _ = make(
        commands, "client", {"name": "Bolt", "contact_person": "50%_Ann"}, {"name": "Acme 50 Annex"}
    )
    assert names(listed(commands, CLIENT, q="50%_a")) == ["Bolt"]
    assert names(listed(commands, CLIENT, equal={"name": "Bolt"})) == ["Bolt"]
    commands.do(
        context(),
        lambda unit: unit.append_row(unit.row("client", bolt.id), bolt.id, deciding.delete(CLIENT, bolt)),
    )
    assert names(listed(commands, CLIENT)) == ["Acme 50 Annex"]
    assert names(listed(commands, CLIENT, include_deleted=True)) == ["Acme 50 Annex", "Bolt"]


def test_users_are_found_by_their_address_in_any_case(commands: Commands):
    assert names(listed(commands, BY_KIND["user"], equal={"email": "ADMIN@callboard.LOCAL"})) == [
        "Administrator"
    ]


def test_closures_are_listed_for_a_window_they_overlap(commands: Commands):
    (studio,) = make(commands, "studio", {"name": "Bangkok", "time_zone": "Asia/Bangkok"})
    (room,) = make(commands, "room", {"studio_id": studio.id, "name": "1"})
    closed = {"room_id": room.id, "start": "2026-05-02T13:00:00Z", "end": "2026-05-02T15:00:00Z"}
    make(commands, "closure", closed | {"reason": "Paint"})
    at = datetime(2026, 5, 2, 15, tzinfo=UTC)
    assert listed(commands, CLOSURE, window=(at, None)) == []
    assert listed(commands, CLOSURE, window=(None, at - timedelta(hours=2))) == []
    assert len(listed(commands, CLOSURE, window=(at - timedelta(minutes=1), at))) == 1


def test_seeding_again_creates_nothing(commands: Commands):
    assert reference.seed(commands) == 0


def test_every_lookup_of_the_specification_is_seeded_as_a_system_row(commands: Commands):
    found = {
        entity.path: [row.key for row in listed(commands, entity) if row.system]  # pyright: ignore[reportAttributeAccessIssue]
        for entity in ENTITIES
        if entity.fixed == {"key"}
    }
    assert found == {
        "show-types": ["bau", "campaign", "other"],
        "show-standards": ["premium", "standard"],
        "show-statuses": [
            "draft",
            "confirmed",
            "live",
            "completed",
            "cancelled",
            "cancelled_pending_resolution",
        ],
        "schedule-statuses": ["draft", "proposed", "confirmed", "archived", "cancelled", "other"],
        "change-categories": ["CLIENT_REQUESTED", "FORCE_MAJEURE", "OPERATIONAL"],
        "change-types": [
            "ADDITION",
            "CANCELLATION",
            "CREATOR_CHANGE",
            "OTHER",
            "PLATFORM_CHANGE",
            "RESOURCE_CHANGE",
            "SCOPE_CHANGE",
            "TIME_CHANGE",
        ],
    }


def test_the_first_administrator_is_an_ordinary_row(commands: Commands):
    (admin,) = listed(commands, BY_KIND["user"])
    shown = msgspec.to_builtins(admin)
    assert {name: shown[name] for name in ("id", "email", "is_system_admin", "system", "created_by")} == {
        "id": reference.ADMIN_ID,
        "email": "admin@callboard.local",
        "is_system_admin": True,
        "system": False,
        "created_by": "system",
    }
