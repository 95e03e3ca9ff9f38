"""How many conflicts each of many schedules has, in a few queries for all of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from psycopg import Connection

from domain.application import References
from domain.conflicts import blocking
from projections import board, published, shows, waivers
from projections.schedules import ScheduleRow
from projections.shows import ShowFilter


class Clashes(Struct, frozen=True):
    """How many findings of a schedule block, and how many only warn."""

    block: int
    warn: int


def counts(
    connection: Connection[Any],
    references: References,
    plans: Sequence[ScheduleRow],
    now: datetime,
    *,
    clients: tuple[str, ...] | None = None,
) -> dict[str, Clashes]:
    """By id of those schedules that have any: the counts that GET /schedules/{id}/conflicts answers."""
    rows = {row.id: row for row in plans if row.deleted_at is None}
    found = shows.listed(connection, ShowFilter(schedule_ids=tuple(rows), clients=clients))
    holders = {
        show.id: (row.id, row.status, row.start_date, row.end_date)
        for show in found
        if (row := rows.get(show.schedule_id or ""))
    }
    findings = board.by_plan(
        [show for show in found if show.id in holders],
        holders,
        waivers.of_shows(connection, list(holders)),
        lambda subjects: published.seen_by(
            connection, references.facts(connection, subjects, now), subjects, clients
        ),
    )
    return {
        plan: Clashes(stop := len(blocking(each)), sum(not one.waived for one in each) - stop)
        for plan, each in findings.items()
        if each
    }
