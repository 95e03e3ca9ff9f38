"""Imports over a real database: what a run does, and that a second one does nothing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from api.spreadsheets import read_csv
from api.transfer import Selection, export
from domain import confirming
from domain.application import Commands
from domain.errors import Invalid, NotFound
from domain.events import ImportApplied, VersionNumbered
from domain.importing.names import UnknownRoom
from domain.importing.reach import Reach
from domain.importing.report import ConflictCounts, CreatedStudio
from domain.registry import commanding
from domain.registry.entities import BY_KIND, NewCreator
from domain.schedule import lifecycle, planning, proposal
from domain.schedule.planning import NewSchedule, NewShow, ShowPatch
from tests.importing import Importer, codes, counts, line, sheet, text
from tests.spec import STUDIO, context, ids

KEYS = {"other": "other", "standard": "standard"}


def _at(hour: int) -> datetime:
    return datetime(2026, 5, 2, hour, tzinfo=UTC)


@pytest.fixture
def importer(commands: Commands) -> Importer:
    return Importer(commands)


def only(importer: Importer, *rows: dict[str, str]) -> str:
    """Imports rows of one schedule; answers its id."""
    (schedule,) = importer.run(*rows).schedules
    return schedule.id


def test_a_file_becomes_one_schedule_per_client_and_month(importer: Importer) -> None:
    report = importer.run(
        line(),
        line(external_id="A-2", start="2026-06-01T05:30", end="2026-06-01T07:00", name="Night of 31 May"),
        line(external_id="A-3", start="2026-06-01T06:30", end="2026-06-01T07:00"),
        line(client="Borneo"),
        line(client="", external_id="", name="Maintenance"),
    )
    assert report.counts == counts(created=5)
    assert [(s.name, s.client, s.counts) for s in report.schedules] == [
        ("Acme 2026-05", "Acme", counts(created=2)),
        ("Acme 2026-06", "Acme", counts(created=1)),
        ("Bangkok 2026-05", None, counts(created=1)),
        ("Borneo 2026-05", "Borneo", counts(created=1)),
    ]
    may = importer.schedule(report.schedules[0].id)
    assert (may.start_date, may.end_date, may.status) == (date(2026, 5, 1), date(2026, 5, 31), "draft")
    assert (may.current_version, may.has_unversioned_edits) == (1, False)
    assert report.created == {"studios": 1, "clients": 2, "rooms": 1, "creators": 1, "platforms": 1}
    assert report.created_studios == (CreatedStudio("Bangkok", "Asia/Bangkok"),)


def test_running_a_file_twice_adds_nothing_but_the_run(importer: Importer) -> None:
    rows = (line(), line(external_id=""), line(client="", external_id="S-1"))
    importer.run(*rows)
    before = importer.events()
    report = importer.run(*rows)
    assert report.counts == counts(unchanged=3)
    assert importer.events() == before + 1
    assert isinstance(importer.commands.log.stream(report.id)[0].event, ImportApplied)


def test_every_event_of_a_run_names_the_run_as_its_cause(importer: Importer) -> None:
    report = importer.run(line())
    (schedule,) = report.schedules
    stream = importer.commands.log.stream(schedule.id)
    assert {recorded.cause for recorded in stream} == {report.id}
    assert {recorded.command_id for recorded in stream} == {
        importer.commands.log.stream(report.id)[0].command_id
    }
    last = stream[-1].event
    assert isinstance(last, VersionNumbered)
    assert (last.kind, last.number, last.show_count, last.label) == ("import", 1, 1, "plan.csv")


def test_a_dry_run_reports_the_same_and_stores_nothing(importer: Importer) -> None:
    rows = (line(), line(external_id="A-2"), line(external_id="A-3", end="never"))
    before = importer.events()
    told = importer.run(*rows, dry_run=True)
    assert importer.events() == before
    done = importer.run(*rows)
    assert (told.mode, told.outcome, done.mode, done.outcome) == ("dry_run", "none", "apply", "applied")
    same = ("file_sha256", "counts", "errors", "unknown_names", "created", "conflicts", "created_studios")
    assert [getattr(told, name) for name in same] == [getattr(done, name) for name in same]
    assert [s.counts for s in told.schedules] == [s.counts for s in done.schedules]


def test_only_what_differs_is_edited(importer: Importer) -> None:
    schedule_id = only(
        importer, line(), line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00")
    )
    report = importer.run(
        line(name="Relaunch", room="Room 2", creators="Nok; Mali", note="=cmd"),
        line(external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00"),
    )
    assert report.counts == counts(updated=1, unchanged=1)
    assert report.created == {"rooms": 1, "creators": 1}
    show = importer.shows(schedule_id)["A-1"]
    assert (show.name, show.note, len(show.creators), show.version) == ("Relaunch", "=cmd", 2, 2)


def test_a_show_is_changed_where_it_is_even_when_it_leaves_the_month(importer: Importer) -> None:
    schedule_id = only(importer, line())
    report = importer.run(line(start="2026-06-05T20:00", end="2026-06-05T21:00"))
    assert [(s.id, s.counts) for s in report.schedules] == [(schedule_id, counts(updated=1))]
    assert report.conflicts.warn == 1  # outside_period


def test_fields_without_a_column_stay_as_they_are(importer: Importer) -> None:
    schedule_id = only(importer, line(note="keep", show_type="bau"))
    few = sheet(line(name="Other"), columns=("external_id", "client", "studio", "name", "start", "end"))
    assert importer.read(few).counts == counts(updated=1)
    show = importer.shows(schedule_id)["A-1"]
    assert (show.name, show.note, show.show_type, len(show.creators)) == ("Other", "keep", "bau", 1)
    assert show.room_id is not None


def test_platform_links_survive_an_import(importer: Importer) -> None:
    schedule_id = only(importer, line())
    show = importer.shows(schedule_id)["A-1"]
    (link,) = show.platforms
    patch = ShowPatch(platforms=(planning.Platform(link.platform_id, link="https://x.test"),))
    importer.do(schedule_id, planning.edit_show, show.id, patch, studio=STUDIO, keys=KEYS)
    assert importer.run(line()).counts == counts(unchanged=1)
    assert importer.run(line(platforms="TikTok; Shopee")).counts == counts(updated=1)
    links = importer.shows(schedule_id)["A-1"].platforms
    assert [each.link for each in links] == ["https://x.test", None]


def test_shows_that_an_import_made_are_cancelled_when_the_file_has_them_no_more(importer: Importer) -> None:
    schedule_id = only(importer, line(), line(external_id="A-2"), line(external_id=""))
    by_hand = NewShow(name="By hand", start=_at(5), end=_at(6))
    importer.do(schedule_id, planning.draft_shows, [by_hand], studio=STUDIO, keys=KEYS, new_id=ids())
    importer.run(line(client="Borneo"))
    assert len(importer.schedule(schedule_id).live_shows()) == 4
    report = importer.run(line())
    assert report.counts == counts(unchanged=1, removed=2)
    assert [(show.name, show.status) for show in importer.schedule(schedule_id).live_shows()] == [
        ("By hand", "draft"),
        ("Launch", "draft"),
        ("Launch", "cancelled"),
        ("Launch", "cancelled"),
    ]
    assert importer.run(line()).counts == counts(unchanged=1)


def test_a_row_that_is_wrong_does_not_take_its_show_away(importer: Importer) -> None:
    plain = line(external_id="", name="Plain")
    schedule_id = only(importer, line(), line(external_id="A-2"), plain)
    report = importer.run(line(), line(external_id="A-2", end="?"), plain | {"end": "?"})
    assert report.counts == counts(unchanged=1, errors=2)
    report = importer.run(line(), line(external_id="A-2", client="Akme"), plain, create_missing=False)
    assert report.counts == counts(unchanged=2, errors=1)
    assert len(importer.schedule(schedule_id).live_shows()) == 3


def test_nothing_is_removed_when_part_of_the_file_can_not_be_read(importer: Importer) -> None:
    only(importer, line(), line(external_id="A-2"))
    damaged = text(line()) + 'A-2,"Acme" Inc,Bangkok\n'
    assert importer.read(read_csv(damaged.encode(), "plan.csv")).counts == counts(unchanged=1, errors=1)


def test_bad_rows_name_row_column_value_and_code_and_stop_nothing_else(importer: Importer) -> None:
    report = importer.run(
        line(),
        line(external_id="A-2", end="2026-05-02T19:00"),
        line(external_id="A-1", name="Again"),
        line(external_id="A-3", show_type="gala"),
        line(external_id="A-4", name="Fine"),
    )
    assert report.counts == counts(created=2, errors=3)
    assert codes(report) == [
        (3, "end", "2026-05-02T19:00", "not_after_start"),
        (4, "external_id", "A-1", "duplicate_external_id"),
        (5, "show_type", "gala", "unknown_name"),
    ]


def test_unknown_names_are_listed_and_nothing_is_made_of_them_unasked(importer: Importer) -> None:
    report = importer.run(line(), create_missing=False)
    assert report.counts == counts(errors=1)
    assert report.unknown_names == {
        "studios": ("Bangkok",),
        "clients": ("Acme",),
        "rooms": ("Room 1",),
        "creators": ("Mali",),
        "platforms": ("TikTok",),
        "show_types": (),
        "show_standards": (),
    }
    assert [(error.column, error.code) for error in report.errors] == [
        (column, "unknown_name") for column in ("studio", "client", "creators", "platforms")
    ]
    assert (report.schedules, report.created) == ((), {})


def test_unknown_rooms_are_told_with_the_studio_that_lacks_them(importer: Importer) -> None:
    importer.run(line(), line(external_id="T-1", studio="Tokyo", room="Dome"))
    rows = (
        line(external_id="A-2", room="Dome"),
        line(external_id="A-3", room="Room 1", studio="Osaka"),
        line(external_id="A-4", room="Attic", client="Cairo"),
        line(external_id="T-2", studio="Tokyo", room="Dome"),
    )
    report = importer.run(*rows, leave=(4,), create_missing=False)
    assert report.unknown_rooms == (UnknownRoom("Bangkok", "Dome"), UnknownRoom("Osaka", "Room 1"))
    assert (report.unknown_names["rooms"], report.unknown_names["clients"]) == (("Dome", "Room 1"), ())


def test_names_in_lines_for_elsewhere_are_not_told_unknown(importer: Importer) -> None:
    importer.run(line())
    nowhere = Reach(lambda _studio, _client: False, writes=False)
    report = importer.run(line(client="Cairo", creators="Zoe"), reach=nowhere, create_missing=False)
    assert [code for *_, code in codes(report)] == ["may_not_plan"]
    assert not any(report.unknown_names.values())


def test_names_that_only_a_bad_row_has_are_not_created(importer: Importer) -> None:
    report = importer.run(line(), line(external_id="A-2", creators="Zoe", end="?"))
    assert report.created["creators"] == 1
    assert report.unknown_names["creators"] == ("Mali", "Zoe")


def test_confirmed_shows_that_the_file_still_wants_are_unchanged(importer: Importer) -> None:
    rows = (line(), line(external_id="A-2", name="Late"))
    schedule_id = only(importer, *rows)
    done = importer.confirm(schedule_id)
    assert (len(done.confirmed), len(done.refused)) == (1, 1)
    assert importer.run(*rows).counts == counts(unchanged=2)


def test_a_proposed_schedule_is_frozen(importer: Importer) -> None:
    schedule_id = only(importer, line(), line(external_id="A-2"))
    importer.do(schedule_id, proposal.propose)
    assert importer.run(line(), line(external_id="A-2")).counts == counts(unchanged=2)
    report = importer.run(line(name="New"), line(external_id="", name="Another"))
    assert report.counts == counts(errors=2, skipped=1)
    assert codes(report) == [
        (2, "external_id", "A-1", "schedule_frozen"),
        (3, "name", "Another", "schedule_frozen"),
    ]
    assert [(note.row, note.value, note.code) for note in report.notes] == [(None, "A-2", "schedule_frozen")]


def test_a_cancelled_schedule_is_frozen_and_its_shows_stay_cancelled(importer: Importer) -> None:
    schedule_id = only(importer, line())
    importer.do(schedule_id, lifecycle.cancel_schedule, reason="off")
    report = importer.run(line(), line(external_id="A-2"))
    assert [code for *_, code in codes(report)] == ["schedule_frozen", "schedule_frozen"]
    assert importer.shows(schedule_id)["A-1"].status == "cancelled"


def test_a_show_cancelled_by_hand_is_not_revived_and_the_report_says_so(importer: Importer) -> None:
    schedule_id = only(importer, line(), line(external_id="A-2"))
    importer.cancel_show(schedule_id, importer.shows(schedule_id)["A-1"].id)
    report = importer.run(line(), line(external_id="A-2"))
    assert report.counts == counts(unchanged=1, skipped=1)
    assert [(note.row, note.value, note.code) for note in report.notes] == [(2, "A-1", "show_cancelled")]
    assert importer.run(line(external_id="A-2")).counts == counts(unchanged=1)


def test_live_and_completed_shows_are_never_touched(importer: Importer) -> None:
    schedule_id = only(importer, line())
    importer.confirm(schedule_id)
    show_id = importer.shows(schedule_id)["A-1"].id
    for decision, code in ((lifecycle.start, "show_live"), (lifecycle.complete, "show_completed")):
        importer.do(schedule_id, decision, show_id)
        assert importer.run(line()).counts == counts(unchanged=1)
        report = importer.run(line(name="New"))
        assert report.counts == counts(skipped=1)
        assert [note.code for note in report.notes] == [code]


def test_all_rows_go_to_the_schedule_that_is_named(importer: Importer) -> None:
    importer.run(line(external_id="X"))
    studio = importer.schedule(only(importer, line(external_id="X"))).studio_id
    client = importer.schedule(only(importer, line(external_id="X"))).client_id
    named = importer.commands.do(
        context(),
        lambda unit: unit.open(
            planning.open_schedule(
                NewSchedule(
                    name="Spring",
                    studio_id=studio,
                    client_id=client,
                    start_date=date(2026, 4, 1),
                    end_date=date(2026, 6, 30),
                )
            )
        ),
    )
    rows = (line(), line(external_id="A-2", start="2026-06-05T20:00", end="2026-06-05T21:00"))
    report = importer.run(*rows, schedule_id=named.id)
    assert [(s.name, s.counts) for s in report.schedules] == [("Spring", counts(created=2))]
    assert importer.run(*rows).counts == counts(unchanged=2)
    report = importer.run(
        line(client="Borneo"),
        line(external_id="A-2", studio="Tokyo", room=""),
        line(external_id="X"),
        schedule_id=named.id,
    )
    assert codes(report) == [
        (2, "client", "Borneo", "other_client"),
        (3, "studio", "Tokyo", "other_studio"),
        (4, "external_id", "X", "other_schedule"),
    ]
    short = sheet(line(external_id="A-9"), columns=("external_id", "name", "start", "end"))
    assert importer.read(short, schedule_id=named.id).counts.created == 1


def test_a_schedule_to_import_into_must_be_there(importer: Importer) -> None:
    for unknown in ("schedule_01jd000000e008000000000009", "show_01jd000000e008000000000009"):
        with pytest.raises(NotFound):
            importer.run(line(), schedule_id=unknown)


def test_an_unknown_time_zone_is_refused(importer: Importer) -> None:
    with pytest.raises(Invalid) as caught:
        importer.run(line(), time_zone="Mars/Olympus")
    assert [error.code for error in caught.value.errors] == ["unknown_time_zone"]


def test_a_show_can_not_change_its_studio(importer: Importer) -> None:
    only(importer, line())
    report = importer.run(line(studio="Tokyo"))
    assert codes(report) == [(2, "studio", "Tokyo", "other_studio")]
    assert report.created == {}


def test_a_line_whose_show_is_in_another_studio_leaves_the_others_where_they_say(importer: Importer) -> None:
    bangkok = only(
        importer, line(), line(external_id="A-9", start="2026-05-09T20:00", end="2026-05-09T21:00")
    )
    show_id = importer.shows(bangkok)["A-9"].id
    tokyo = {"studio": "Tokyo", "room": "", "creators": ""}
    report = importer.run(
        line(**tokyo),
        line(**tokyo, external_id="A-2", start="2026-05-03T20:00", end="2026-05-03T21:00"),
        line(**tokyo, client="Borneo", external_id=show_id, start="2026-05-04T20:00", end="2026-05-04T21:00"),
        line(**tokyo, client="Borneo", external_id="B-1", start="2026-05-05T20:00", end="2026-05-05T21:00"),
    )
    assert codes(report) == [(2, "studio", "Tokyo", "other_studio"), (4, "client", "Borneo", "other_client")]
    made = {s.name: s.counts.created for s in report.schedules if s.id != bangkok}
    assert made == {"Acme 2026-05": 1, "Borneo 2026-05": 1}
    assert importer.shows(bangkok).keys() == {"A-1", "A-9"}


def test_a_show_id_of_no_show_here_is_an_error(importer: Importer) -> None:
    report = importer.run(line(external_id="show_01jd000000e008000000000009"))
    assert [code for *_, code in codes(report)] == ["unknown_show"]


def test_a_show_may_be_named_by_its_own_id_and_only_once(importer: Importer) -> None:
    schedule_id = only(importer, line())
    show_id = importer.shows(schedule_id)["A-1"].id
    report = importer.run(line(external_id=show_id, name="By id"), line(name="By external id"))
    assert report.counts == counts(updated=1, errors=1)
    assert codes(report) == [(3, "external_id", "A-1", "duplicate_external_id")]
    show = importer.shows(schedule_id)["A-1"]
    assert (show.id, show.name) == (show_id, "By id")


def test_a_deleted_creator_is_fine_by_id_only_where_a_show_has_it_already(importer: Importer) -> None:
    schedule_id = only(importer, line(creators="Mali"))
    show = importer.shows(schedule_id)["A-1"]
    (mali,) = show.creators
    importer.do(schedule_id, planning.remove_show, show.id)
    importer.commands.do(context(), lambda unit: commanding.delete(unit, BY_KIND["creator"], mali))
    importer.do(schedule_id, planning.restore_show, show.id)
    assert importer.again().counts == counts(unchanged=1)
    report = importer.run(line(creators=mali), line(external_id="A-2", creators=mali), create_missing=False)
    assert report.counts == counts(unchanged=1, errors=1)
    assert codes(report) == [(3, "creators", mali, "reference_deleted")]


def test_new_rows_join_the_schedule_that_holds_the_rest(importer: Importer) -> None:
    schedule_id = only(importer, line())
    patch = planning.SchedulePatch(name="Acme, our May", end_date=date(2026, 5, 30))
    importer.do(schedule_id, planning.edit_schedule, patch)
    report = importer.run(line(), line(external_id="A-2"))
    assert [(s.id, s.counts) for s in report.schedules] == [(schedule_id, counts(created=1, unchanged=1))]


def test_clashes_are_listed_once_whichever_schedules_they_are_in(importer: Importer) -> None:
    report = importer.run(
        line(),
        line(external_id="A-2", start="2026-05-02T21:30", end="2026-05-02T23:00", creators="Nok"),
        line(client="Borneo", external_id="B-1", room="Room 2"),
        line(
            client="Borneo",
            external_id="B-2",
            room="",
            creators="",
            start="2026-05-02T22:00",
            end="2026-05-02T23:30",
        ),
    )
    assert [
        (c.code, c.resource.name, [show.external_id for show in c.shows], c.overlap.minutes)
        for c in report.clashes
    ] == [
        ("creator_overlap", "Mali", ["A-1", "B-1"], 120),
        ("room_overlap", "Room 1", ["A-1", "A-2"], 30),
    ]
    # The pair within Acme blocks; Mali is wanted twice, seen from each side; B-2 lacks room and creator.
    assert report.conflicts == ConflictCounts(block=1, warn=4)
    again = importer.run(
        line(),
        line(external_id="A-2", start="2026-05-02T21:30", end="2026-05-02T23:00", creators="Nok"),
        line(client="Borneo", external_id="B-1", room="Room 2"),
        line(
            client="Borneo",
            external_id="B-2",
            room="",
            creators="",
            start="2026-05-02T22:00",
            end="2026-05-02T23:30",
        ),
    )
    assert (again.conflicts, again.clashes) == (report.conflicts, report.clashes)


def test_conflicts_are_counted_as_the_schedules_rules_count_them_later(
    importer: Importer, commands: Commands
) -> None:
    report = importer.run(
        line(start="2026-01-02T20:00", end="2026-01-02T22:00"),
        line(external_id="A-2", start="2026-01-02T21:00", end="2026-01-02T23:00", creators=""),
    )
    assert report.conflicts == ConflictCounts(block=1, warn=3)
    done = importer.confirm(report.schedules[0].id)
    assert isinstance(done, confirming.Confirmation)
    assert len(done.refused) == 1


def test_a_dry_run_lists_all_the_conflicts_that_it_counts(importer: Importer) -> None:
    booked = only(importer, line(client="Borneo", room="", creators="Mali; Nok"))
    importer.confirm(booked)
    rows = (
        line(creators="Mali", start="2026-05-02T21:00", end="2026-05-02T23:00"),
        line(start="2026-05-02T22:00", end="2026-05-02T23:30")
        | {"external_id": "A-2", "creators": "Zoe", "platforms": ""},
    )
    report = importer.run(*rows, dry_run=True)
    told = [
        (each.severity, each.code, each.row, each.name, each.resource and each.resource.name,
         each.other and each.other.name, each.other_row, each.overlap and each.overlap.minutes)
        for each in report.findings
    ]  # fmt: skip
    assert told == [
        ("block", "creator_overlap", 2, "Launch", "Mali", "Launch", None, 60),
        ("block", "room_overlap", 3, "Launch", "Room 1", "Launch", 2, 60),
        ("warn", "missing_platform", 3, "Launch", None, None, None, None),
    ]
    by = Counter(each.severity for each in report.findings)
    assert report.conflicts == ConflictCounts(block=by["block"], warn=by["warn"])
    first = report.findings[0]
    assert (first.schedule, first.external_id) == ("Acme 2026-05", "A-1")
    assert (first.start, first.end) == ("2026-05-02T21:00+07:00", "2026-05-02T23:00+07:00")
    assert importer.run(*rows).findings == ()


def test_exports_hold_what_was_asked_for(importer: Importer, commands: Commands) -> None:
    may = only(importer, line(), line(external_id="A-2", start="2026-05-09T20:00", end="2026-05-09T21:00"))
    only(importer, line(client="Borneo"))
    with pytest.raises(NotFound):
        export(commands, Selection(schedule_id="schedule_01jd000000e008000000000009"))
    with pytest.raises(NotFound):
        export(commands, Selection(client_id="client_01jd000000e008000000000009"))
    client = importer.schedule(may).client_id
    found = {
        name: "".join(export(commands, selection)).count("\n") - 1
        for name, selection in {
            "all": Selection(),
            "schedule": Selection(schedule_id=may),
            "client": Selection(client_id=client),
            "window": Selection(client_id=client, end=_at(20)),
        }.items()
    }
    assert found == {"all": 3, "schedule": 2, "client": 2, "window": 1}


def test_cancelled_shows_are_not_exported(importer: Importer) -> None:
    schedule_id = only(importer, line(), line(external_id="A-2"))
    importer.cancel_show(schedule_id, importer.shows(schedule_id)["A-1"].id)
    assert importer.again().counts == counts(unchanged=1)


def test_creators_of_one_name_are_exported_by_id(importer: Importer) -> None:
    schedule_id = only(importer, line())
    importer.commands.do(
        context(), lambda unit: commanding.create(unit, BY_KIND["creator"], NewCreator(name="Mali"))
    )
    assert codes(importer.run(line())) == [(2, "creators", "Mali", "ambiguous_name")]
    assert importer.again().counts == counts(unchanged=1)
    (mali,) = importer.shows(schedule_id)["A-1"].creators
    assert mali in "".join(export(importer.commands, Selection()))


def test_of_two_imports_of_one_file_at_once_the_second_finds_all_done(commands: Commands) -> None:
    rows = [line(external_id=f"A-{number}") for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda _: Importer(commands).run(*rows), range(4)))
    found = sorted((report.counts.created, report.counts.unchanged) for report in reports)
    assert found == [(0, 20), (0, 20), (0, 20), (20, 0)]
