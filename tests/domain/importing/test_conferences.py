"""Conference schedules: rooms, people, tracks as clients; every true clash is found and nothing else. One
is generated with clashes we know; real ones are read from CALLBOARD_FOSDEM_DIR when that is set."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.spreadsheets import read_csv
from domain.application import Commands
from domain.importing.report import ImportReport
from domain.importing.sheet import Sheet
from seeds.chance import Dice
from tests.importing import Importer, counts, sheet

CLASHES = {
    "fosdem-2020-plan.csv": {("ev-9422", "ev-9063"), ("ev-10754", "ev-10650"), ("ev-10785", "ev-9370")},
    "fosdem-2023-plan.csv": {("ev-13725", "ev-15105")},
}
SHOWS = {"fosdem-2020-plan.csv": 872, "fosdem-2023-plan.csv": 780}


def pairs(report: ImportReport) -> set[frozenset[str | None]]:
    """Both external ids of every clash; each pair is listed once."""
    found = [frozenset(show.external_id for show in clash.shows) for clash in report.clashes]
    assert len(found) == len(set(found))
    return set(found)


def play(importer: Importer, plan: Sheet, known: set[tuple[str, str]]) -> None:
    """Import, import again, agree, book, import again."""
    clashes = {frozenset(pair) for pair in known}
    rows = len(plan.rows)
    first = importer.read(plan, time_zone="Europe/Brussels")
    assert (first.counts, pairs(first)) == (counts(created=rows), clashes)
    again = importer.read(plan)
    assert (again.counts, pairs(again)) == (counts(unchanged=rows), clashes)
    confirmations = [importer.confirm(schedule.id) for schedule in first.schedules]
    assert sum(len(done.confirmed) for done in confirmations) == rows - len(clashes)
    refused = [
        {done.schedule.shows[each.show_id].external_id}
        | {_external_id(importer, finding.other) for finding in each.conflicts}
        for done in confirmations
        for each in done.refused
    ]
    assert sorted(map(sorted, refused)) == sorted(map(sorted, clashes))
    booked = importer.read(plan)
    assert (booked.counts, pairs(booked)) == (counts(unchanged=rows), clashes)
    assert importer.again().counts == counts(unchanged=rows)


def _external_id(importer: Importer, other: object) -> str | None:
    show_id, schedule_id = getattr(other, "show_id", ""), getattr(other, "schedule_id", "")
    return importer.schedule(schedule_id).shows[show_id].external_id


def conference() -> tuple[Sheet, set[tuple[str, str]]]:
    """12 rooms by two days, talks back to back, but for one that begins early and a speaker asked twice."""
    dice = Dice("conference")
    rows: list[dict[str, str]] = []
    for room in range(12):
        for day in (1, 2):
            at = datetime(2026, 2, day, 9, 0)  # noqa: DTZ001 - the studio's wall clock
            while at.hour < 18:
                end = at + timedelta(minutes=dice.pick((25, 30, 50, 55)))
                number = len(rows)
                rows.append(
                    {
                        "external_id": f"ev-{number:04}",
                        "client": f"Track {room % 7}",
                        "studio": "Campus",
                        "room": f"H.{room}",
                        "name": f"Talk {number}",
                        "start": f"{at:%Y-%m-%dT%H:%M}",
                        "end": f"{end:%Y-%m-%dT%H:%M}",
                        "creators": f"Speaker {number}; Chair of {room} on day {day}",
                    }
                )
                at = end
    late = datetime.fromisoformat(rows[4]["start"]) - timedelta(minutes=10)
    rows[4] |= {"start": f"{late:%Y-%m-%dT%H:%M}", "creators": "Speaker 4"}
    last = len(rows) - 1
    twin = next(n for n, row in enumerate(rows) if row["start"] == rows[last]["start"] and n != last)
    rows[twin]["creators"] += "; Speaker everywhere"
    rows[last]["creators"] += "; speaker everywhere"
    return sheet(*rows), {("ev-0003", "ev-0004"), (f"ev-{twin:04}", f"ev-{last:04}")}


def test_a_conference_is_booked_but_for_one_show_of_each_clash(commands: Commands) -> None:
    play(Importer(commands), *conference())


@pytest.mark.parametrize("name", sorted(CLASHES))
def test_a_real_conference_is_booked_but_for_one_show_of_each_clash(name: str, commands: Commands) -> None:
    path = Path(os.environ.get("CALLBOARD_FOSDEM_DIR", "nowhere")) / name
    if not path.exists():
        pytest.skip("set CALLBOARD_FOSDEM_DIR to the folder with the conference plans")
    plan = read_csv(path.read_bytes(), path.name)
    assert len(plan.rows) == SHOWS[name]
    play(Importer(commands), plan, CLASHES[name])
