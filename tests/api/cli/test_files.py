"""Importing and exporting from the command line: reports, exit statuses, files."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from domain.application import Commands
from domain.registry import commanding, deciding
from domain.registry.entities import BY_KIND, NewCreator, NewFeature, NewMembership
from tests.api.cli.reading import Run
from tests.spec import context

HEADER = "external_id,client,studio,room,name,start,end,creators,platforms,show_type,show_standard,note\n"
LAUNCH = "A-1,Acme,Bangkok,Room 1,Launch,2031-05-02 20:00,2031-05-02 22:00,Nok,TikTok,bau,standard,\n"
ENCORE = "A-2,Acme,Bangkok,Room 1,Encore,2031-05-02 21:00,2031-05-02 23:00,Mai,TikTok,bau,standard,\n"
BROKEN = "A-3,Acme,Bangkok,Room 1,Broken,2031-05-03 20:00,soon,Mai,TikTok,bau,standard,\n"
NEW = ("--create-missing", "--time-zone", "Asia/Bangkok")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A file with two shows that want one room at one time."""
    path = tmp_path / "may.csv"
    path.write_text(HEADER + LAUNCH + ENCORE)
    return path


def test_a_dry_run_tells_all_and_stores_nothing(run: Run, plan: Path) -> None:
    events = json.loads(run("audit", "verify", "--json").stdout)["events"]
    text = run("import", str(plan), "--dry-run", *NEW).stdout
    assert text.startswith("may.csv: dry run, nothing stored\n2 created, 0 updated, 0 unchanged")
    assert "new studio: Bangkok, time zone Asia/Bangkok\n" in text
    assert "not known before: 2 creators: Mai, Nok\n" in text
    assert json.loads(run("audit", "verify", "--json").stdout)["events"] == events


def test_conflicts_are_reported_and_are_no_failure(run: Run, plan: Path) -> None:
    text = run("import", str(plan), *NEW).stdout
    assert (
        "  room_overlap Room 1, 2031-05-02T14:00Z to 2031-05-02T15:00Z: A-1 (Launch) with A-2 (Encore)\n"
        in text
    )
    report = json.loads(run("import", str(plan), "--json").stdout)
    assert (report["counts"]["unchanged"], report["counts"]["created"]) == (2, 0)
    assert [clash["code"] for clash in report["clashes"]] == ["room_overlap"]


def test_a_refused_row_is_1_and_stops_nothing_else(run: Run, plan: Path) -> None:
    plan.write_text(HEADER + LAUNCH + BROKEN)
    report = json.loads(run("import", str(plan), *NEW, "--json", status=1).stdout)
    assert (report["counts"]["created"], report["counts"]["errors"]) == (1, 1)
    (error,) = report["errors"]
    assert (error["row"], error["column"], error["value"]) == (3, "end", "soon")
    text = run("import", str(plan), status=1).stdout
    assert "row errors\n  row  column" in text


def test_which_of_two_creators_a_name_means_is_chosen(run: Run, plan: Path, commands: Commands) -> None:
    run("import", str(plan), *NEW)
    twin = commands.do(
        context(),
        lambda unit: commanding.create(unit, BY_KIND["creator"], NewCreator(name="Nok", alias="II")),
    ).id
    plan.write_text(HEADER + LAUNCH)
    text = run("import", str(plan), "--dry-run", status=1).stdout
    assert "2 creators for 'Nok': none is chosen, --means chooses\n" in text
    assert f"  {twin}  II, no shows yet\n" in text
    assert "Bangkok, Acme, 1 shows, last 2031-05-02\n" in text
    report = json.loads(run("import", str(plan), "--means", f"2:{twin}", "--json").stdout)
    assert (report["counts"]["updated"], report["options"]["means"]) == (1, [f"2:{twin}"])
    refused = run("import", str(plan), "--means", "Nok", status=2)
    assert "neither an id nor LINE:ID" in refused.stderr


def test_unknown_names_refuse_their_rows(run: Run, plan: Path) -> None:
    report = json.loads(run("import", str(plan), "--json", status=1).stdout)
    assert (report["counts"]["created"], report["counts"]["errors"]) == (0, 2)
    assert report["unknown_names"]["studios"] == ["Bangkok"]


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", HEADER + "\xff"])
def test_a_file_that_is_no_plan_is_one_line(run: Run, plan: Path, content: str) -> None:
    plan.write_text(content, "latin-1")
    result = run("import", str(plan), status=2)
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
    assert result.stderr.startswith("callboard: ")


def test_an_export_comes_back_as_nothing_to_do(run: Run, plan: Path, tmp_path: Path) -> None:
    run("import", str(plan), *NEW)
    text = run("export").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["external_id"], row["name"], row["room"]) for row in rows] == [
        ("A-1", "Launch", "Room 1"),
        ("A-2", "Encore", "Room 1"),
    ]
    assert json.loads(run("export", "--json").stdout) == {"csv": text}
    out = tmp_path / "out.csv"
    assert run("export", "--output", str(out)).stdout == ""
    assert out.read_bytes().decode() == text
    assert "\n0 created, 0 updated, 2 unchanged, 0 removed" in run("import", str(out)).stdout


def test_an_export_is_narrowed(run: Run, plan: Path) -> None:
    (schedule,) = json.loads(run("import", str(plan), *NEW, "--json").stdout)["schedules"]

    def names(*arguments: str) -> list[str]:
        return [row["name"] for row in csv.DictReader(io.StringIO(run("export", *arguments).stdout))]

    assert names("--schedule", schedule["id"]) == ["Launch", "Encore"]
    assert names("--client", schedule["client_id"], "--from", "2031-05-02T15:00Z") == ["Encore"]
    assert names("--to", "2031-05-02T14:00Z") == ["Launch"]
    result = run("export", "--schedule", "schedule_01jd000000e008000000000001", status=1)
    assert result.stderr == "callboard: no schedule schedule_01jd000000e008000000000001\n"


def test_a_file_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run("export", "--output", str(tmp_path / "no" / "such" / "out.csv"), status=1)
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)


def test_runs_are_listed_failed_ones_too_and_one_is_taken_back(run: Run, plan: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("name\nLaunch\n")
    run("import", str(broken), status=2)
    import_id = json.loads(run("import", str(plan), *NEW, "--json").stdout)["id"]
    listed = json.loads(run("imports", "list", "--json").stdout)["items"]
    assert [(each["file_name"], each["outcome"]) for each in listed] == [
        ("may.csv", "applied"),
        ("broken.csv", "failed"),
    ]
    only = run("imports", "list", "--outcome", "failed").stdout
    assert "the header lacks client, studio, start, end" in only
    assert "may.csv" not in only
    text = run("imports", "undo", import_id).stdout
    assert text.startswith(f"may.csv: undone, {import_id}\n2 removed, 0 restored, 0 returned, ")
    assert "undone before" in run("imports", "undo", import_id, status=1).stderr


def test_who_is_named_with_as_imports_by_the_same_rules(run: Run, commands: Commands, plan: Path) -> None:
    run("import", str(plan), *NEW)
    user = json.loads(run("user", "create", "--email", "mai@example.com", "--name", "Mai", "--json").stdout)
    planner = ("--as", "mai@example.com", "import", str(plan))
    refused = run(*planner, "--dry-run", status=1)
    assert refused.stderr.startswith(
        "callboard: This needs system_admin, or manager or planner of the studio"
    )

    with commands.log.pool.connection() as connection:
        (studio,) = connection.execute("SELECT id FROM studios WHERE name = 'Bangkok'").fetchone() or ("",)
    rows: dict[str, Any] = {
        "member": NewMembership(user_id=user["id"], role="planner", studio_id=studio),
        "feature": NewFeature(feature="planning", user_type="planner", studio_id=studio, enabled=True),
    }
    for kind, body in rows.items():
        events = deciding.create(BY_KIND[kind], body)
        commands.do(context(), lambda unit, k=kind, e=events: unit.append_row(None, unit.new_id(k), e))
    assert json.loads(run(*planner, "--json").stdout)["counts"]["unchanged"] == 2
    assert run(*planner, "--create-missing", status=1).stderr.startswith("callboard: Only a system admin")
