"""A name that several rows have: a dry run tells what sets them apart, and who imports chooses."""

from datetime import date
from typing import Any

import pytest

from domain.application import Commands
from domain.importing.choosing import Means, means
from domain.importing.reach import Reach
from domain.registry import commanding
from domain.registry.entities import BY_KIND, NewCreator, NewStudio
from domain.schedule import planning
from domain.schedule.planning import NewSchedule
from tests.importing import Importer, codes, counts, line
from tests.spec import context

LATER = {"start": "2026-05-09T20:00", "end": "2026-05-09T22:00"}


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def made(importer: Importer, kind: str, body: Any) -> str:
    """A new row's id."""
    return importer.commands.do(context(), lambda unit: commanding.create(unit, BY_KIND[kind], body)).id


def test_a_choice_for_one_line_goes_before_the_one_for_all() -> None:
    chosen = means(["creator_a", "12:creator_b", "13:creator_a", "13:creator_b"])
    assert chosen == Means(
        frozenset({"creator_a"}),
        {12: frozenset({"creator_b"}), 13: frozenset({"creator_a", "creator_b"})},
    )
    a, b = both = ("creator_a", "creator_b")
    assert [chosen.one(both, row) for row in (None, 11, 12, 13)] == [a, a, b, None]
    assert chosen.one(("creator_c",), 12) is None


def test_an_ambiguous_name_is_listed_with_what_sets_its_rows_apart(importer: Importer) -> None:
    (schedule,) = importer.run(line()).schedules
    (mali,) = importer.shows(schedule.id)["A-1"].creators
    twin = made(importer, "creator", NewCreator(name="Mali", alias="Mali the cook", is_banned=True))
    rows = (line(external_id="A-2", **LATER), line(external_id="A-3", creators="MALI; Nok", **LATER))
    report = importer.run(*rows, dry_run=True)
    refused = [(2, "creators", "Mali", "ambiguous_name"), (3, "creators", "MALI", "ambiguous_name")]
    assert codes(report) == refused
    (asked,) = report.ambiguous
    assert (asked.kind, asked.name, asked.rows, asked.chosen) == ("creator", "Mali", (2, 3), None)
    told = {c.id: (c.about, c.studios, c.clients, c.shows, c.last) for c in asked.candidates}
    assert told == {
        mali: ({}, ("Bangkok",), ("Acme",), 1, date(2026, 5, 2)),
        twin: ({"alias": "Mali the cook", "banned": "True"}, (), (), 0, None),
    }
    assert all(each.created_at for each in asked.candidates)


def test_what_was_chosen_is_looked_at_and_applied(importer: Importer) -> None:
    (schedule,) = importer.run(line()).schedules
    (mali,) = importer.shows(schedule.id)["A-1"].creators
    twin = made(importer, "creator", NewCreator(name="Mali"))
    rows = (line(), line(external_id="A-2", **LATER))
    chosen = (twin, f"2:{mali}")
    looked = importer.run(*rows, dry_run=True, means=chosen)
    assert (looked.counts, looked.errors) == (counts(created=1, unchanged=1), ())
    assert [(each.rows, each.chosen) for each in looked.ambiguous] == [((2, 3), twin)]
    done = importer.run(*rows, means=chosen)
    assert (done.counts, done.ambiguous, done.options.means) == (looked.counts, (), chosen)
    shows = importer.shows(schedule.id)
    assert {key: show.creators for key, show in shows.items()} == {"A-1": (mali,), "A-2": (twin,)}


def test_a_row_of_no_such_name_can_not_be_chosen(importer: Importer) -> None:
    importer.run(line())
    made(importer, "creator", NewCreator(name="Mali"))
    other = made(importer, "creator", NewCreator(name="Other"))
    report = importer.run(line(), dry_run=True, means=(other,))
    assert [code for *_, code in codes(report)] == ["ambiguous_name"]


def test_studios_elsewhere_are_no_candidates(importer: Importer) -> None:
    importer.run(line())
    third, _ = (made(importer, "studio", NewStudio(name=n, time_zone="UTC")) for n in ("BANGKOK", "bangkok"))
    row = line(studio="bangKok", room="", client="", creators="")
    (asked,) = importer.run(row, dry_run=True).ambiguous
    assert len(asked.candidates) == 3
    only = Reach(lambda studio, _client: studio == third, writes=False)
    report = importer.run(row, dry_run=True, reach=only, create_missing=False)
    assert (report.ambiguous, report.counts) == ((), counts(created=1))
    nowhere = Reach(lambda _studio, _client: False, writes=False)
    report = importer.run(row, dry_run=True, reach=nowhere, create_missing=False)
    assert codes(report) == [(2, "studio", "bangKok", "may_not_plan")]
    assert report.ambiguous == ()


def test_which_of_two_plans_takes_new_shows_is_chosen(importer: Importer) -> None:
    (first,) = importer.run(line()).schedules
    known = importer.schedule(first.id)
    new = NewSchedule(
        name="Acme extra",
        studio_id=known.studio_id,
        client_id=known.client_id,
        start_date=known.start_date,
        end_date=known.end_date,
    )
    extra = importer.commands.do(context(), lambda unit: unit.open(planning.open_schedule(new))).id
    rows = (line(), line(external_id="A-2", **LATER))
    (asked,) = importer.run(*rows, dry_run=True).ambiguous
    assert (asked.kind, asked.name, asked.studio, asked.rows) == ("schedule", "Acme 2026-05", "Bangkok", (3,))
    assert asked.chosen == first.id
    told = {each.id: (each.name, each.about, each.shows) for each in asked.candidates}
    assert told == {
        first.id: ("Acme 2026-05", {"status": "draft"}, 1),
        extra: ("Acme extra", {"status": "draft"}, 0),
    }
    done = importer.run(*rows, means=(extra,))
    took = {first.id: counts(unchanged=1), extra: counts(created=1)}
    assert {s.id: s.counts for s in done.schedules} == took
    assert importer.run(*rows, dry_run=True).ambiguous == ()
