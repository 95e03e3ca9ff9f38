"""Read tables are rebuilt from the log while the application works, and compared with it row by row."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from domain.application import Commands
from domain.errors import NotFound, Unavailable
from projections import rebuild
from projections.rebuild import Drift
from tests.databases import Database
from tests.world import World, show

STRUCTURE = """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
           || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'read'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    UNION ALL SELECT 'constraint', c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c WHERE c.connamespace = 'read'::regnamespace
    UNION ALL SELECT 'index', i.tablename, i.indexname, i.indexdef
    FROM pg_indexes i WHERE i.schemaname = 'read'
    UNION ALL SELECT 'grant', c.relname, c.relowner::regrole::text, (
        SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(c.relacl) a)
    FROM pg_class c WHERE c.relnamespace = 'read'::regnamespace AND c.relkind = 'r'
    UNION ALL SELECT 'schema', nspname, '', '' FROM pg_namespace WHERE nspname !~ '^pg_'
    ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def owner(database: Database) -> Any:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield connection


def rows_of(connection: Connection[Any]) -> dict[str, list[str]]:
    """Every row of every read table, as text."""
    return {
        table: [
            row[0]
            for row in connection.execute(
                SQL("SELECT t::text FROM read.{} t ORDER BY 1").format(Identifier(table))
            )
        ]
        for table in rebuild.TABLES
    }


def busy_month(world: World) -> str:
    """A booked plan with one show cancelled and one completed early."""
    plan = world.open(client=world.clients[0])
    shows = [
        show(f"Show {n}", n * 2, room_id=world.rooms[n % 3], creators=(world.creators[n % 3],))
        for n in range(6)
    ]
    plan = world.draft(plan.id, shows)
    world.propose(plan.id)
    world.approve(plan.id, 1)
    booked = world.confirm(plan.id).confirmed
    world.cancel_show(plan.id, booked[0])
    world.start(plan.id, booked[1])
    world.complete(plan.id, booked[1], shows[1].end)
    return plan.id


def test_every_read_table_belongs_to_one_projection(owner: Connection[Any]) -> None:
    found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()

    assert sorted(rebuild.TABLES) == sorted(row[0] for row in found)


def test_a_rebuild_of_emptied_tables_brings_back_the_same_rows_and_the_same_structure(
    commands: Commands, owner: Connection[Any]
) -> None:
    busy_month(World.make(commands))
    rows, structure = rows_of(owner), owner.execute(STRUCTURE).fetchall()
    owner.execute(
        SQL("TRUNCATE {}").format(SQL(", ").join(Identifier("read", name) for name in rebuild.TABLES))
    )
    seen: list[tuple[int, int]] = []

    report = rebuild.rebuild(owner, progress=lambda done, of: seen.append((done, of)))

    assert rows_of(owner) == rows
    assert owner.execute(STRUCTURE).fetchall() == structure
    assert report.rows == {table: len(found) for table, found in rows.items()}
    assert report.events == commands.log.head()
    assert seen[-1] == (report.events, report.events)


def test_after_a_rebuild_the_application_works_on_as_its_own_role(
    commands: Commands, owner: Connection[Any]
) -> None:
    world = World.make(commands)
    plan = busy_month(world)
    rebuild.rebuild(owner)

    other = world.open("Bravo May 2026")
    world.draft(other.id, [show("New", 2, room_id=world.rooms[1]), show("Free", 40, room_id=world.rooms[1])])
    world.propose(other.id)
    answer = world.confirm(other.id, best_effort=True)

    assert len(answer.confirmed) == 1
    assert [finding.other.schedule_id for finding in answer.refused[0].conflicts if finding.other] == [plan]
    assert rebuild.verify(owner).drifts == {}


def test_verify_names_each_row_that_is_not_what_the_log_says(
    commands: Commands, owner: Connection[Any]
) -> None:
    world = World.make(commands)
    busy_month(world)
    clean = rebuild.verify(owner)
    owner.execute("UPDATE read.clients SET name = 'Changed' WHERE id = %s", (world.clients[0],))
    owner.execute("DELETE FROM read.platforms WHERE id = %s", (world.platforms[0],))

    dirty = rebuild.verify(owner)

    assert (clean.drifts, clean.first) == ({}, ())
    assert dirty.drifts == {"clients": 1, "platforms": 1}
    client, platform = dirty.first
    assert (client.table, client.key) == ("clients", world.clients[0])
    assert client.stored is not None
    assert client.rebuilt == client.stored.replace("Changed", "Acme")
    assert (platform.table, platform.key, platform.stored) == ("platforms", world.platforms[0], None)
    assert rebuild.verify(owner, only="schedules").drifts == {}
    assert owner.execute("SELECT to_regnamespace('aside'), to_regnamespace('retired')").fetchone() == (
        None,
        None,
    )


def test_a_row_too_many_is_a_drift_too(commands: Commands, owner: Connection[Any]) -> None:
    world = World.make(commands)
    plan = busy_month(world)
    owner.execute(
        "INSERT INTO read.versions SELECT schedule_id, 9, kind, label, note, position, show_count,"
        " created_at, created_by FROM read.versions WHERE number = 1"
    )

    report = rebuild.verify(owner, only="versions")

    assert report.drifts == {"versions": 1}
    assert [(each.key, each.rebuilt) for each in report.first] == [(f"{plan} 9", None)]
    assert isinstance(report.first[0], Drift)


def test_only_one_rebuild_runs_at_a_time(commands: Commands, database: Database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(7002)")
        with (
            psycopg.connect(database.admin_url, autocommit=True) as second,
            pytest.raises(Unavailable, match="another rebuild"),
        ):
            rebuild.rebuild(second)


def test_the_tables_in_use_say_when_they_were_made(commands: Commands, owner: Connection[Any]) -> None:
    World.make(commands)
    assert rebuild.last(owner) is None
    began = datetime.now(UTC)
    rebuild.rebuild(owner)
    last = rebuild.last(owner)
    assert last is not None
    assert (last.events, began - timedelta(minutes=1) < last.at) == (commands.log.head(), True)


def test_a_projection_that_does_not_exist_is_refused_by_name(owner: Connection[Any]) -> None:
    for attempt in (rebuild.rebuild, rebuild.verify):
        with pytest.raises(NotFound, match="no projection nonsense; there are registry, schedules"):
            attempt(owner, only="nonsense")


def test_every_projection_is_at_the_head_of_the_log(commands: Commands, owner: Connection[Any]) -> None:
    busy_month(World.make(commands))

    found = rebuild.positions(owner)

    assert [each.name for each in found] == [
        "registry",
        "schedules",
        "shows",
        "published",
        "versions",
        "changes",
        "comments",
        "occupancy",
        "imports",
        "waivers",
    ]
    assert {each.position for each in found} == {commands.log.head()}
    assert found[2].rows == {"shows": 6, "show_creators": 6, "show_platforms": 0}


def test_a_rebuild_under_writers_loses_nothing_and_fails_nobody(
    commands: Commands, owner: Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    world = World.make(commands)
    done = threading.Event()
    plans: list[int] = []
    failures: list[BaseException] = []

    def write(number: int) -> None:
        count = 0
        while not done.is_set():
            try:
                plan = world.open(f"Plan {number}")
                # Every writer has hours of its own: nobody is refused for a clash.
                hour = (number * 10_000 + count) * 2
                world.draft(
                    plan.id, [show("One", hour, room_id=world.rooms[0], creators=(world.creators[0],))]
                )
                world.propose(plan.id)
                world.confirm(plan.id)
                with world.commands.log.pool.connection() as connection:
                    connection.execute("SELECT count(*) FROM shows JOIN schedules ON true").fetchone()
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)
                return
            count += 1
        plans.append(count)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        reports = [rebuild.rebuild(owner) for _ in range(4)]
    finally:
        done.set()
        for writer in writers:
            writer.join()
    report = rebuild.verify(owner)
    with capsys.disabled():
        stops = ", ".join(f"{each.switch_ms:.0f} ms after {each.attempts}" for each in reports)
        print(f"\n{sum(plans)} plans booked during 4 rebuilds; stopped for {stops} attempts")  # noqa: T201

    assert failures == []
    assert report.drifts == {}
    assert report.rows["versions"] == sum(plans) * 2
