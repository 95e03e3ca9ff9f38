"""What client users see is published by versions, and filled for schedules that had versions before."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from api.wiring import bring_up_to_date
from domain.application import Commands
from domain.schedule.planning import SchedulePatch, ShowPatch
from projections import published, rebuild
from tests.databases import Database
from tests.projections.test_rebuild import rows_of
from tests.world import World, show


@pytest.fixture
def owner(database: Database) -> Any:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield connection


def proposed(world: World, number: int) -> str:
    """A plan with a version; its shows in hours of its own."""
    plan = world.open(f"Plan {number}", world.clients[0])
    shows = [show(f"Show {hour}", number * 10 + hour, creators=(world.creators[0],)) for hour in (0, 2)]
    world.draft(plan.id, shows)
    world.propose(plan.id)
    return plan.id


def redraft(world: World, plan_id: str) -> None:
    """The working draft goes on after the version."""
    first, second = world.withdraw(plan_id).shows
    world.edit(plan_id, SchedulePatch(name="Drafted again"))
    world.edit_show(plan_id, first, ShowPatch(name="Drafted again"))
    world.remove_show(plan_id, second)


def as_before_the_tables(owner: Connection[Any]) -> None:
    owner.execute("DROP TABLE read.published_schedules, read.published_shows")
    owner.execute("DELETE FROM public.callboard_migrations WHERE name = '0012_published'")


@pytest.mark.parametrize("edited", [False, True])
def test_a_database_from_before_is_filled_by_the_migration_and_where_need_be_from_the_log(
    commands: Commands, owner: Connection[Any], edited: bool
) -> None:
    world = World.make(commands)
    for number in (1, 2):
        proposed(world, number)
    world.open("No version yet", world.clients[0])
    if edited:
        redraft(world, proposed(world, 3))
    rows = rows_of(owner)
    table = owner.execute("SELECT 'read.shows'::regclass::oid").fetchone()
    as_before_the_tables(owner)

    assert bring_up_to_date(owner) == ["0012_published"]

    rebuilt = owner.execute("SELECT 'read.shows'::regclass::oid").fetchone() != table
    assert (rows_of(owner), published.lacking(owner), rebuilt) == (rows, False, edited)
    assert rebuild.verify(owner).drifts == {}


def test_a_version_that_shows_the_same_writes_no_row(commands: Commands, owner: Connection[Any]) -> None:
    world = World.make(commands)
    plan = proposed(world, 1)

    def places() -> list[tuple[Any, ...]]:
        return owner.execute("SELECT ctid::text, xmax::text, name FROM read.published_shows").fetchall()

    before = places()
    world.approve(plan, 1)
    world.confirm(plan)
    assert (places(), [name for *_, name in before]) == (before, ["Show 0", "Show 2"])
