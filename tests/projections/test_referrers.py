"""Deleting a row while others begin to refer to it: whoever is first wins, and never both."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import msgspec

from domain.application import Commands, Unit
from domain.errors import DomainError, InUse, Invalid
from domain.registry import commanding
from domain.registry.entities import BY_KIND
from domain.registry.row import Row
from projections.referrers import counting
from tests.spec import context

STUDIO = BY_KIND["studio"]
ROOM = BY_KIND["room"]


def create(commands: Commands, kind: str, **values: Any) -> Row:
    entity = BY_KIND[kind]
    return commands.do(
        context(), lambda unit: commanding.create(unit, entity, msgspec.convert(values, entity.body))
    )


def together(*works: Callable[[], Any]) -> list[str]:
    """Runs them at the same moment; answers what became of each: `done` or the refusal's name."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> str:
        barrier.wait()
        try:
            work()
        except DomainError as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_no_race_leaves_a_live_room_in_a_deleted_studio(commands: Commands):
    outcomes: Counter[tuple[str, ...]] = Counter()
    for number in range(60):
        studio = create(commands, "studio", name=f"Studio {number}", time_zone="UTC")

        def remove(unit: Unit, studio_id: str = studio.id) -> Row:
            return commanding.delete(unit, STUDIO, studio_id)

        def furnish(studio_id: str = studio.id) -> Row:
            return create(commands, "room", studio_id=studio_id, name="1")

        outcomes[tuple(together(lambda work=remove: commands.do(context(), work), furnish))] += 1
    assert set(outcomes) <= {("done", Invalid.__name__), (InUse.__name__, "done")}
    with commands.log.pool.connection() as connection:
        orphans = connection.execute(
            "SELECT count(*) FROM rooms r JOIN studios s ON s.id = r.studio_id"
            " WHERE r.deleted_at IS NULL AND s.deleted_at IS NOT NULL"
        ).fetchone()
    assert orphans == (0,)


def test_the_same_new_names_in_opposite_order_do_not_deadlock(commands: Commands):
    def create_all(names: list[str]) -> None:
        def work(unit: Unit) -> None:
            for name in names:
                commanding.create(
                    unit, BY_KIND["client"], msgspec.convert({"name": name}, BY_KIND["client"].body)
                )

        commands.do(context(), work)

    for number in range(20):
        names = [f"Client {number}-{each}" for each in range(10)]
        outcome = together(lambda n=names: create_all(n), lambda n=names[::-1]: create_all(n))
        assert sorted(outcome) == ["Duplicate", "done"]


def test_everything_that_a_declaration_refers_to_is_counted():
    assert {kind: sorted(counting(kind)) for kind in BY_KIND if counting(kind)} == {
        "user": ["creator", "member"],
        "client": ["member", "schedule", "show"],
        "studio": ["exception", "feature", "hours", "member", "room", "schedule", "show"],
        "room": ["closure", "show"],
        "creator": ["show", "timeoff"],
        "platform": ["show"],
        "shtype": ["show"],
        "shstd": ["show"],
        "scstat": ["schedule"],
    }
