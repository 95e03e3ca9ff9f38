"""A dry run tells what would become of each show, and single rows are decided one by one."""

import pytest

from domain.application import Commands
from domain.importing.choosing import Planned
from domain.schedule import planning
from domain.schedule.planning import ShowPatch
from tests.importing import Importer, counts, line
from tests.spec import STUDIO

KEYS = {"other": "other", "standard": "standard"}
SECOND = line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00")
THIRD = line(external_id="A-3", start="2026-05-04T20:00", end="2026-05-04T21:00")


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def test_a_dry_run_tells_both_values_of_what_would_change(importer: Importer) -> None:
    (schedule,) = importer.run(line(), SECOND).schedules
    before = importer.shows(schedule.id)
    report = importer.run(line(name="Later"), THIRD, dry_run=True)
    assert [(each.row, each.what, each.external_id) for each in report.rows] == [
        (2, "updated", "A-1"),
        (3, "created", "A-3"),
        (None, "removed", "A-2"),
    ]
    assert report.rows[0] == Planned(
        row=2,
        what="updated",
        asked=False,
        show_id=before["A-1"].id,
        external_id="A-1",
        name="Later",
        schedule=schedule.name,
        fields={"name": {"from": "Launch", "to": "Later"}},
    )
    assert report.rows[2].fields["start"] == {"from": "2026-05-03T20:00+07:00", "to": ""}
    assert importer.run(line(name="Later"), SECOND).rows == ()


def test_lines_are_left_out_and_shows_stay_as_decided(importer: Importer) -> None:
    (schedule,) = importer.run(line(), SECOND, THIRD).schedules
    stays = importer.shows(schedule.id)["A-3"].id
    report = importer.run(line(name="Later"), SECOND | {"name": "Left"}, leave=(3,), stay=(stays,))
    assert report.counts == counts(updated=1, skipped=2)
    assert [(note.row, note.value, note.code) for note in report.notes] == [
        (3, "A-2", "left_out"),
        (None, "A-3", "left_alone"),
    ]
    names = {key: (show.name, show.status) for key, show in importer.shows(schedule.id).items()}
    assert names == {key: (name, "draft") for key, name in
                     (("A-1", "Later"), ("A-2", "Launch"), ("A-3", "Launch"))}  # fmt: skip


def test_the_file_wins_only_in_the_lines_that_say_so(importer: Importer) -> None:
    (schedule,) = importer.run(line(), SECOND).schedules
    for show in importer.shows(schedule.id).values():
        patch = ShowPatch(name="Ours")
        importer.do(schedule.id, planning.edit_show, show.id, patch, studio=STUDIO, keys=KEYS)
    report = importer.run(line(name="Theirs"), SECOND | {"name": "Theirs"}, theirs=(3,))
    assert [(kept.row, kept.external_id, kept.column) for kept in report.kept] == [(2, "A-1", "name")]
    names = {key: show.name for key, show in importer.shows(schedule.id).items()}
    assert names == {"A-1": "Ours", "A-2": "Theirs"}
