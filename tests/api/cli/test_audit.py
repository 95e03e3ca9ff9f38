"""The audit from the command line: the log as a story, streams as they were, the chain."""

import json

import psycopg

from domain.application import Commands
from domain.events import (
    ImportApplied,
)
from domain.ids import fixed_id
from tests.api.cli.reading import SHOW, STUDIO, Run, empty_read_tables, lines
from tests.conftest import Database
from tests.spec import context

IMPORT = fixed_id("import", "cli")


def test_the_log_says_who_did_what_when_and_why(run: Run, history: str) -> None:
    whole = json.loads(run("audit", "verify", "--json").stdout)["events"]
    at = {9: "2026-03-02 09:00:00Z", 10: "2026-03-02 10:00:00Z", 11: "2026-03-02 11:00:00Z"}
    ada, plan = "Ada Planner (http)", f"in 'Acme May'  {history}"
    assert run("audit", "log", "--stream", history).stdout.splitlines() == [
        f"{at[9]}  #{whole - 4}  {ada}  schedule.draft"
        f"  ScheduleOpened: Acme May, 2026-05-01 to 2026-05-31  {plan}@1",
        f"{at[9]}  #{whole - 3}  {ada}  schedule.draft  ShowDrafted: 2 shows: Launch, Encore  {plan}@2",
        f"{at[10]}  #{whole - 2}  {ada}  schedule.propose  ScheduleProposed: version 1"
        f"  'Acme May' status draft -> proposed  {plan}@3",
        f"{at[10]}  #{whole - 1}  {ada}  schedule.propose"
        f"  VersionNumbered: version 1, proposed, 2 shows  'Acme May' current_version - -> 1  {plan}@4",
        f"{at[11]}  #{whole}  {ada}  show.edit  ShowsEdited: 1 show: name"
        f"  'Launch' name Launch -> Grand launch  {plan}@5"
        "  because 'the client asked'",
    ]


def test_the_log_is_narrowed(run: Run, history: str, database: Database) -> None:
    def types(*arguments: str) -> list[str]:
        return [event["type"] for event in lines(run("audit", "log", "--json", *arguments))]

    everything = [
        "EntityCreated", "ScheduleOpened", "ShowDrafted", "ScheduleProposed", "VersionNumbered", "ShowsEdited"
    ]  # fmt: skip
    empty_read_tables(database)
    ada = ("--actor", "user_01jd000000e008000000000ada")
    assert types(*ada) == everything
    assert types(*ada, "--limit", "2") == ["VersionNumbered", "ShowsEdited"]
    assert types("--stream", history, "--since", "2026-03-02T10:00Z") == everything[3:]
    assert types("--stream", history, "--until", "2026-03-02T17:00+07:00") == [
        "ScheduleOpened",
        "ShowDrafted",
    ]
    assert types("--stream", SHOW) == ["ShowDrafted", "ShowsEdited"]
    assert types("--actor", "nobody@example.com") == []
    assert len(types()) == len(types("--actor", "system")) + len(everything)


def test_a_schedule_is_replayed_at_any_point_from_the_log_alone(
    run: Run, history: str, database: Database
) -> None:
    def names(*arguments: str) -> list[str]:
        replayed = json.loads(run("audit", "replay", history, "--json", *arguments).stdout)
        assert (replayed["stream"], replayed["state"]["schedule"]["id"]) == (history, history)
        return [show["name"] for show in replayed["state"]["shows"]]

    with_read_tables = run("audit", "replay", history, "--json").stdout
    empty_read_tables(database)
    assert run("audit", "replay", history, "--json").stdout == with_read_tables
    assert names() == ["Grand launch", "Encore"]
    assert names("--to-version", "1") == []
    assert names("--to-version", "4") == ["Launch", "Encore"]
    assert names("--to-version", "v1") == ["Launch", "Encore"]
    assert names("--at", "2026-03-02T10:30Z") == ["Launch", "Encore"]
    run("audit", "replay", history, "--to-version", "6", status=2)
    run("audit", "replay", history, "--to-version", "v2", status=2)
    run("audit", "replay", history, "--at", "2020-01-01", status=1)


def test_a_replay_tells_what_changed_since(run: Run, history: str) -> None:
    assert json.loads(run("audit", "replay", history, "--diff", "v1", "--json").stdout) == {
        "from": 4,
        "to": 5,
        "fields": {"has_unversioned_edits": {"from": False, "to": True}},
        "added": [],
        "removed": [],
        "changed": [
            {
                "show_id": SHOW,
                "name": "Grand launch",
                "fields": {"name": {"from": "Launch", "to": "Grand launch"}},
            }
        ],
    }
    text = run("audit", "replay", history, "--diff", "1").stdout
    assert "from event 1 to event 5\n" in text
    assert f"+ {SHOW}" in text


def test_a_row_is_replayed(run: Run, history: str, database: Database) -> None:
    empty_read_tables(database)
    replayed = json.loads(run("audit", "replay", STUDIO, "--json").stdout)
    assert (replayed["stream_version"], replayed["state"]["time_zone"]) == (1, "Asia/Bangkok")


def test_an_import_is_replayed(run: Run, commands: Commands) -> None:
    applied = ImportApplied(file_name="may.csv", file_sha256="ab", counts={"created": 2})
    commands.do(context("import.apply"), lambda unit: unit.append_event(IMPORT, applied))
    state = json.loads(run("audit", "replay", IMPORT, "--json").stdout)["state"]
    assert (state["id"], state["file_name"], state["counts"]) == (IMPORT, "may.csv", {"created": 2})


def test_a_show_is_looked_for_in_its_schedule(run: Run, history: str) -> None:
    result = run("audit", "replay", SHOW, status=1)
    assert f"callboard audit log --stream {SHOW}" in result.stderr


def test_verify_finds_the_log_whole_or_names_the_first_break(
    run: Run, history: str, database: Database
) -> None:
    whole = json.loads(run("audit", "verify", "--json").stdout)
    assert (whole["whole"], whole["break"]) == (True, None)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        position = connection.execute(
            "UPDATE log.callboard_events SET state = convert_to("
            " replace(convert_from(state, 'UTF8'), 'Grand launch', 'Grand lunch'), 'UTF8')"
            " WHERE originator_id = %s AND originator_version = 5 RETURNING notification_id",
            (history,),
        ).fetchone()
    assert position is not None
    broken = run("audit", "verify", status=1).stdout
    assert broken.startswith(f"broken at position {position[0]}: the row does not match its hash")
    assert json.loads(run("audit", "verify", "--json", status=1).stdout)["break"]["position"] == position[0]
