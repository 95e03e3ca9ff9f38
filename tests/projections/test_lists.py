"""What is asked of schedules and shows: filters, orders, pages, and versions from the stream."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.application import Commands
from domain.errors import NotFound
from domain.schedule.planning import Platform, SchedulePatch, ShowPatch
from projections import as_it_was, schedules, shows, versions
from projections.schedules import ScheduleFilter
from projections.shows import ShowFilter
from tests.spec import NOW
from tests.world import MAY, World, show


@pytest.fixture
def world(commands: Commands) -> World:
    return World.make(commands)


@pytest.fixture
def reader(pool: ConnectionPool[Connection[Any]]) -> Iterator[Connection[Any]]:
    with pool.connection() as connection:
        yield connection


def names(reader: Connection[Any], **which: Any) -> list[str]:
    return [row.name for row in shows.listed(reader, ShowFilter(**which))]


def test_shows_are_found_by_what_they_have(world: World, reader: Connection[Any]) -> None:
    acme = world.open("Acme", world.clients[0])
    world.draft(
        acme.id,
        [
            show("Room", 0, room_id=world.rooms[0]),
            show("Host", 1, creators=(world.creators[0], world.creators[1])),
            show("Number", 2, external_id="SH_1%"),
        ],
    )
    inside = world.open("Inside")
    world.draft(inside.id, [show("Own", 3)])

    assert names(reader) == ["Room", "Host", "Number", "Own"]
    assert names(reader, client_id=world.clients[0]) == ["Room", "Host", "Number"]
    assert names(reader, schedule_id=inside.id) == ["Own"]
    assert names(reader, room_id=world.rooms[0]) == ["Room"]
    assert names(reader, creator_id=world.creators[1]) == ["Host"]
    assert names(reader, studio_id=world.studio, status=("draft",), q="o") == ["Room", "Host", "Own"]
    assert names(reader, status=("confirmed", "live")) == []
    assert names(reader, q="h_1%") == ["Number"]
    assert names(reader, q="%") == ["Number"]
    assert shows.total(reader, ShowFilter(client_id=world.clients[0])) == 3


def test_a_window_finds_every_show_that_overlaps_it_and_none_that_touches(
    world: World, reader: Connection[Any]
) -> None:
    plan = world.open()
    host = (world.creators[0],)
    world.draft(
        plan.id,
        [
            show("Before", 0, creators=host),
            show("Long", 0.5, hours=24, creators=host),
            show("Inside", 2, creators=host),
            show("After", 25, creators=host),
        ],
    )
    window = {"start": MAY + timedelta(hours=1), "end": MAY + timedelta(hours=25)}

    assert names(reader, **window) == ["Long", "Inside"]
    assert names(reader, **window, creator_id=host[0]) == ["Long", "Inside"]
    assert names(reader, start=MAY + timedelta(hours=24)) == ["Long", "After"]
    assert names(reader, end=MAY + timedelta(hours=1), creator_id=host[0]) == ["Before", "Long"]


def test_removed_shows_are_listed_only_when_asked_for_and_stay_readable(
    world: World, reader: Connection[Any]
) -> None:
    plan = world.draft(world.open().id, [show("Gone", 0), show("Here", 1)])
    gone = plan.live_shows()[0]
    plan = world.remove_show(plan.id, gone.id)

    assert names(reader) == ["Here"]
    assert names(reader, include_deleted=True) == ["Gone", "Here"]
    assert shows.one(reader, gone.id) == as_it_was.show_row(plan, plan.shows[gone.id])
    assert shows.one(reader, "show_none") is None


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["start", "name", "created_at"])
def test_pages_of_shows_neither_skip_nor_repeat(
    world: World, reader: Connection[Any], sort: shows.Sort, descending: bool
) -> None:
    plan = world.open()
    # Equal starts and names: the order must end in the id.
    world.draft(plan.id, [show("Same" if n % 2 else "Other", n // 3) for n in range(7)])
    whole = shows.listed(reader, sort=sort, descending=descending)

    paged: list[shows.ShowRow] = []
    while page := shows.listed(
        reader,
        sort=sort,
        descending=descending,
        after=shows.key_of(paged[-1], sort) if paged else None,
        limit=2,
    ):
        paged += page

    assert paged == whole
    assert [shows.key_of(row, sort) for row in whole] == sorted(
        (shows.key_of(row, sort) for row in whole), reverse=descending
    )
    assert len(whole) == 7


def test_schedules_are_found_by_status_client_period_and_name(world: World, reader: Connection[Any]) -> None:
    may = world.open("Acme 50% off", world.clients[0])
    june = world.open("June")
    june_days = SchedulePatch(start_date=date(2026, 6, 1), end_date=date(2026, 6, 30))
    world.edit(june.id, june_days)
    proposed = world.propose(world.open("Proposed").id)

    def found(**which: Any) -> list[str]:
        rows = schedules.listed(reader, ScheduleFilter(**which))
        assert schedules.total(reader, ScheduleFilter(**which)) == len(rows)
        return [row.name for row in rows]

    assert found() == ["Acme 50% off", "Proposed", "June"]
    assert found(client_id=world.clients[0], studio_id=world.studio) == [may.name]
    assert found(status=("proposed",)) == ["Proposed"]
    assert found(status=(proposed.status_id, "cancelled")) == ["Proposed"]
    assert found(start=date(2026, 6, 30)) == ["June"]
    assert found(end=date(2026, 5, 1)) == ["Acme 50% off", "Proposed"]
    assert found(start=date(2026, 5, 31), end=date(2026, 6, 1)) == ["Acme 50% off", "Proposed", "June"]
    assert found(q="50% O") == ["Acme 50% off"]
    assert found(include_deleted=True) == ["Acme 50% off", "Proposed", "June"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", get_args(schedules.Sort))
def test_pages_of_schedules_neither_skip_nor_repeat(
    world: World, reader: Connection[Any], sort: schedules.Sort, descending: bool
) -> None:
    for number in range(5):
        plan = world.open("Same" if number % 2 else "Other")
        world.draft(plan.id, [show("One", number)] * (number % 3))
    world.propose(plan.id)
    whole = schedules.listed(reader, sort=sort, descending=descending)

    paged: list[schedules.ScheduleRow] = []
    while page := schedules.listed(
        reader,
        sort=sort,
        descending=descending,
        after=schedules.key_of(paged[-1], sort, descending=descending) if paged else None,
        limit=2,
    ):
        paged += page

    assert paged == whole
    assert len(whole) == 5


def test_schedules_of_a_month_are_by_name_whichever_month_comes_first(
    world: World, reader: Connection[Any]
) -> None:
    for name, day in (("C", 9), ("B", 2), ("A", 5)):
        world.edit(world.open(name).id, SchedulePatch(start_date=date(2026, 5, day)))
    june = SchedulePatch(start_date=date(2026, 6, 1), end_date=date(2026, 6, 30))
    world.edit(world.open("June").id, june)

    def found(**how: Any) -> list[str]:
        return [row.name for row in schedules.listed(reader, sort="month", **how)]

    assert found() == ["A", "B", "C", "June"]
    assert found(descending=True) == ["June", "A", "B", "C"]


def test_a_schedule_counts_its_shows_by_status(world: World, reader: Connection[Any]) -> None:
    plan = world.draft(world.open().id, [show("One", 0), show("Two", 1), show("Three", 2)])
    first, second, _ = plan.live_shows()
    world.remove_show(plan.id, first.id)
    plan = world.cancel_show(plan.id, second.id)

    row = schedules.one(reader, plan.id)

    assert row == as_it_was.schedule_row(plan)
    assert row is not None
    assert (row.show_count, row.shows_by_status) == (2, {"cancelled": 1, "draft": 1})
    assert schedules.one(reader, "schedule_none") is None


def test_a_version_is_answered_from_the_stream_the_same_bytes_each_time(
    world: World, reader: Connection[Any]
) -> None:
    plan = world.draft(
        world.open().id,
        [show("Launch", 0, creators=(world.creators[0],), platforms=(Platform(world.platforms[0]),))],
    )
    shown = plan.live_shows()[0].id
    as_shown = as_it_was.show_rows(plan)
    world.propose(plan.id)
    log = world.commands.log
    before = as_it_was.encoded(as_it_was.version_document(log.stream(plan.id), 1))

    world.withdraw(plan.id)
    world.edit_show(plan.id, shown, ShowPatch(name="Later", creators=()))
    plan = world.propose(plan.id)

    assert as_it_was.encoded(as_it_was.version_document(log.stream(plan.id), 1)) == before
    first = as_it_was.version_document(log.stream(plan.id), 1)
    assert (first.shows, first.schedule.status, first.schedule.current_version) == (
        tuple(as_shown),
        "proposed",
        1,
    )
    second = as_it_was.version_document(log.stream(plan.id), 2)
    assert [row.name for row in second.shows] == ["Later"]
    assert versions.listed(reader, plan.id) == [second.version, first.version]
    assert versions.listed(reader, plan.id, after=2, limit=1) == [first.version]
    assert versions.total(reader, plan.id) == 2
    assert first.version.created_at == NOW
    with pytest.raises(NotFound, match="no version 3"):
        as_it_was.version_document(log.stream(plan.id), 3)
