"""The questions that are asked for every show of a plan are looked up in indexes, whatever is stored: a scan
of a table would be quick in a test and slow in a house. Nothing is timed; the planner is asked."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import pytest
from psycopg import Connection

from api.wiring import bring_up_to_date
from domain.application import Commands
from domain.conflicts import Claim, Other, RoomFacts
from domain.schedule.planning import ShowPatch
from domain.slots import Slot
from projections import availability, rebuild, shows
from projections.availability import Probe
from projections.claims import claims_on
from projections.shows import ShowFilter
from tests.databases import Database
from tests.projections.test_rebuild import STRUCTURE, busy_month, rows_of
from tests.world import MAY, World, show

LARGE: Final = {"shows", "show_creators", "occupancy"}
FIRST: Final = datetime(2030, 1, 1, tzinfo=UTC)
FILL: Final = """
    SET session_replication_role = replica;
    INSERT INTO read.schedules (id, kind, name, studio_id, start_date, end_date, note, status, status_id,
        has_unversioned_edits, version, created_at, created_by, updated_at, updated_by)
    SELECT 'schedule_1', 'plan', 'All', 'studio_1', '2030-01-01', '2030-12-31', '', 'draft', 'draft',
        false, 1, now(), 'test', now(), 'test';
    INSERT INTO read.shows (id, schedule_id, studio_id, room_id, name, starts_at, ends_at, operational_day,
        status, show_type, show_standard, creators, platforms, note, metadata,
        version, created_at, created_by, updated_at, updated_by)
    SELECT format('show_%s_%s', r, n), 'schedule_1', 'studio_1', 'room_' || r, 'Show',
        t, t + interval '2 hours', t::date, CASE n % 2 WHEN 0 THEN 'draft' ELSE 'confirmed' END,
        'bau', 'standard', ARRAY['creator_' || r], '[]', '', '{}', 1, now(), 'test', now(), 'test'
    FROM generate_series(1, 20) r, generate_series(0, 199) n,
        LATERAL (SELECT timestamptz '2030-01-01 00:00Z' + n * interval '3 hours') AS s (t);
    INSERT INTO read.show_creators (show_id, creator_id, starts_at, ends_at)
    SELECT id, creators[1], starts_at, ends_at FROM read.shows;
    INSERT INTO read.occupancy (resource_id, holder_id, kind, during)
    SELECT x, id, 'show', tstzrange(starts_at, ends_at, '[)') FROM read.shows,
        LATERAL unnest(creators || room_id) AS x WHERE status = 'confirmed';
    RESET session_replication_role;
    ANALYZE read.schedules, read.shows, read.show_creators, read.occupancy;
"""
"""Twenty rooms and creators, a show every three hours of 25 days, every second one booked."""


class Listening(Connection[Any]):
    """Keeps what it is asked."""

    asked: tuple[Any, Any] = ("", ())

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        self.asked = (query, params)
        return super().execute(query, params, **more)


@pytest.fixture
def listening(database: Database) -> Iterator[Listening]:
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute(FILL)
        owner.execute("VACUUM read.shows, read.show_creators")
    with Listening.connect(database.url, autocommit=True) as connection:
        yield connection


def at(hour: int) -> Slot:
    return Slot(FIRST + timedelta(hours=hour), FIRST + timedelta(hours=hour + 2))


def wishes(connection: Connection[Any]) -> Sequence[object]:
    by = Other(name="Mine", status="draft", since=FIRST)
    wanted = [
        Claim(resource_id=resource, slot=at(hour), held=at(hour), by=by, holding=False)
        for resource in ("room_1", "creator_1")
        for hour in range(0, 300, 3)
    ]
    rooms = {"room_1": RoomFacts("room_1", "Room 1", "studio_1", 0, 0, False)}
    return claims_on(connection, wanted, rooms, [f"show_1_{n}" for n in range(50)])


def wanted(connection: Connection[Any]) -> Sequence[object]:
    probes = [Probe(resource, at(hour)) for resource in ("room_1", "creator_1") for hour in range(0, 300, 3)]
    return sorted(availability.wanted(connection, probes, range(len(probes))))


def held(connection: Connection[Any]) -> Sequence[object]:
    return list(availability.held(connection, [Probe("room_1", at(3)), Probe("creator_1", at(9))]))


def of_a_creator(connection: Connection[Any]) -> Sequence[object]:
    window = at(30)
    return shows.listed(connection, ShowFilter(creator_id="creator_1", start=window.start, end=window.end))


ROOM: Final = ("shows_room", "ends_at")
CREATOR: Final = ("show_creators_creator", "ends_at")
HELD: Final = ("occupancy_no_overlap", "during")
RIVALS: Final = {("shows_room", "starts_at"), ("show_creators_creator", "starts_at"), HELD}
"""An index, and the last of its columns that has to be part of the look at it."""
VALUE: Final = re.compile(r"%(?:\((\w+)\))?[sb]")
GENERIC: Final = 160_000
"""The first server that explains a plan for values yet to come."""
QUESTIONS: Final = {
    "claims": (wishes, 150, RIVALS),
    "wanted": (wanted, 100, {ROOM, CREATOR}),
    "held": (held, 2, {HELD}),
    "of a creator": (of_a_creator, 1, {CREATOR}),
}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def as_asked(connection: Connection[Any], query: str, values: Any) -> list[dict[str, Any]]:
    """The plan for these values."""
    found = Connection.execute(connection, f"EXPLAIN (FORMAT JSON) {query}".encode(), values).fetchone()
    return list(nodes(found[0][0]["Plan"])) if found else []


def as_prepared(connection: Connection[Any], query: str, values: Any) -> list[dict[str, Any]]:
    """The plan for any values, which a connection keeps once it has asked often enough."""
    names = [found[1] or str(at) for at, found in enumerate(VALUE.finditer(query))]
    numbers = {name: f"${number}" for number, name in enumerate(dict.fromkeys(names), 1)}
    each = iter(names)
    numbered = VALUE.sub(lambda _: numbers[next(each)], query)
    prepared = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode()
    found = Connection.execute(connection, prepared).fetchone()
    return list(nodes(found[0][0]["Plan"])) if found else []


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_asked_for_every_show_is_looked_up_by_resource_start_and_end(
    listening: Listening, question: str
) -> None:
    ask, found, looks = QUESTIONS[question]
    assert len(ask(listening)) == found
    plans = [as_asked(listening, *listening.asked)]
    if listening.info.server_version >= GENERIC:
        plans.append(as_prepared(listening, *listening.asked))
    for plan in plans:
        scanned = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
        used = {(node["Index Name"], node.get("Index Cond", "")) for node in plan if "Index Name" in node}
        assert scanned & LARGE == set()
        assert {
            look for look in looks if any(look[0] == name and look[1] in by for name, by in used)
        } == looks
        # An array is searched from its start for every row, once the plan doesn't know it any more.
        assert [node["Filter"] for node in plan if "<> ALL" in node.get("Filter", "")] == []


def test_rivals_are_looked_for_once_a_resource_and_told_by_the_index_alone(listening: Listening) -> None:
    wishes(listening)
    query, values = listening.asked
    found = Connection.execute(listening, f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode(), values)
    looks = {
        node["Index Name"]: (node["Actual Loops"], node["Node Type"] == "Index Only Scan")
        for (plan,) in found
        for node in nodes(plan[0]["Plan"])
        if "Index Name" in node
    }
    # Two hundred spans: a hundred each of one room and one creator.
    assert {name: looks[name] for name, _ in RIVALS} == {
        "occupancy_no_overlap": (2, False),
        "shows_room": (1, True),
        "show_creators_creator": (1, True),
    }


def test_a_show_that_only_ends_later_wants_its_creator_longer(commands: Commands, database: Database) -> None:
    world = World.make(commands)
    plan = world.open()
    (drafted,) = world.draft(plan.id, [show(creators=(world.creators[0],))]).shows
    end = MAY + timedelta(hours=3)
    world.edit_show(plan.id, drafted, ShowPatch(end=end))
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        wanted = owner.execute("SELECT starts_at, ends_at FROM read.show_creators").fetchall()
    assert wanted == [(MAY, end)]


def test_a_database_from_before_learns_until_when_its_creators_are_wanted(
    commands: Commands, database: Database
) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        busy_month(World.make(commands))
        before = (rows_of(owner), owner.execute(STRUCTURE).fetchall())
        owner.execute(
            "ALTER TABLE read.show_creators DROP COLUMN ends_at; DROP INDEX read.shows_room;"
            "CREATE INDEX show_creators_creator ON read.show_creators (creator_id, starts_at);"
            "CREATE INDEX shows_room ON read.shows (room_id, starts_at) WHERE deleted_at IS NULL;"
            "DELETE FROM public.callboard_migrations WHERE name ~ '_(wishes|rivals)$'"
        )
        assert [name.partition("_")[2] for name in bring_up_to_date(owner)] == ["wishes", "rivals"]
        assert (rows_of(owner), rebuild.verify(owner).drifts) == (before[0], {})
        after = owner.execute(STRUCTURE).fetchall()
        # A dropped column keeps its place under a name of its own.
        assert [row for row in after if "pg.dropped" not in row[2]] == before[1]
