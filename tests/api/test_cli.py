"""The command line in this process: what it prints, what it stores, and its exit statuses."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.security import verify
from api.settings import local_secret
from domain.application import Commands, Unit
from domain.events import (
    EntityCreated,
    ImportApplied,
    ScheduleOpened,
    ScheduleProposed,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    VersionNumbered,
)
from domain.ids import fixed_id
from tests.conftest import Database
from tests.spec import Clock, context

Run = Callable[..., Result]

ADMIN = fixed_id("user", "admin@callboard.local")
STUDIO = fixed_id("studio", "cli")
SHOW = fixed_id("show", "cli-1")
OTHER_SHOW = fixed_id("show", "cli-2")
IMPORT = fixed_id("import", "cli")


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    """Runs `callboard ...` on the test's database and checks the exit status."""
    env = {key: None for key in os.environ if key.startswith("CALLBOARD_")}
    env |= {"CALLBOARD_DATA_DIR": str(tmp_path), "CALLBOARD_DATABASE_URL": database.admin_url}

    def run(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, env=env, prog_name="callboard")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    return run


@pytest.fixture
def history(commands: Commands, clock: Clock) -> str:
    """Two shows drafted at 9:00, proposed at 10:00, one renamed at 11:00; the schedule's id."""

    def studio(unit: Unit) -> None:
        values = {
            "name": "Bangkok", "address": None, "time_zone": "Asia/Bangkok", "day_start": "06:00",
            "client_approval": True, "late_change_hours": 24,
        }  # fmt: skip
        unit.append_row(None, STUDIO, [EntityCreated(kind="studio", values=values)])

    def draft(unit: Unit) -> str:
        opened = ScheduleOpened(
            name="Acme May", studio_id=STUDIO, client_id=None,
            start_date=date(2026, 5, 1), end_date=date(2026, 5, 31),
        )  # fmt: skip
        schedule = unit.open([opened])
        shows = tuple(
            ShowDraft(
                id=show_id, name=name, start=datetime(2026, 5, day, 13, tzinfo=UTC),
                end=datetime(2026, 5, day, 15, tzinfo=UTC), show_type="bau", show_standard="standard",
            )
            for show_id, name, day in ((SHOW, "Launch", 2), (OTHER_SHOW, "Encore", 3))
        )  # fmt: skip
        unit.append(schedule, [ShowDrafted(shows=shows, time_zone="Asia/Bangkok", day_start="06:00")])
        return schedule.id

    commands.do(context("studio.create"), studio)
    clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    schedule_id = commands.do(context("schedule.draft"), draft)

    def propose(unit: Unit) -> None:
        proposed = [ScheduleProposed(number=1), VersionNumbered(number=1, kind="proposed", show_count=2)]
        unit.append(unit.schedule(schedule_id), proposed)

    def rename(unit: Unit) -> None:
        edit = ShowEdit(show_id=SHOW, name="Grand launch")
        unit.append(
            unit.schedule(schedule_id),
            [ShowsEdited(edits=(edit,), time_zone="Asia/Bangkok", day_start="06:00")],
        )

    clock.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    commands.do(context("schedule.propose"), propose)
    clock.now = datetime(2026, 3, 2, 11, tzinfo=UTC)
    commands.do(context("show.edit", reason="the client asked"), rename)
    return schedule_id


def lines(result: Result) -> list[Any]:
    """One JSON document a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def empty_read_tables(database: Database) -> None:
    """Every read table loses every row."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()
        names = ", ".join(f"read.{name}" for (name,) in tables)
        connection.execute(f"TRUNCATE {names} CASCADE".encode())


# --- users and tokens --------------------------------------------------------------------------------


def test_a_user_is_created_listed_and_found_in_the_log(run: Run) -> None:
    created = run("user", "create", "--email", "mai@example.com", "--name", "Mai", "--admin", "--json")
    user = json.loads(created.stdout)
    assert user == {
        "id": user["id"], "version": 1, "email": "mai@example.com", "name": "Mai",
        "is_system_admin": True, "is_banned": False, "external_subject": None,
    }  # fmt: skip
    assert json.loads(run("user", "list", "--json").stdout) == {
        "items": [
            {
                "id": ADMIN, "email": "admin@callboard.local", "name": "Administrator",
                "is_system_admin": True, "is_banned": False,
            },
            {
                "id": user["id"], "email": "mai@example.com", "name": "Mai",
                "is_system_admin": True, "is_banned": False,
            },
        ]
    }  # fmt: skip
    (event,) = lines(run("audit", "log", "--stream", user["id"], "--json"))
    assert (event["type"], event["command"], event["origin"]) == ("EntityCreated", "user.create", "cli")
    assert event["actor"] == {"id": ADMIN, "name": "Administrator", "type": "user"}


def test_the_list_of_users_is_a_table(run: Run) -> None:
    assert run("user", "list").stdout.splitlines() == [
        "email                  name           role   id",
        f"admin@callboard.local  Administrator  admin  {ADMIN}",
    ]


def test_who_acts_can_be_said_before_or_after_the_command(run: Run) -> None:
    run("user", "create", "--email", "mai@example.com", "--name", "Mai", "--admin")
    run("--as", "MAI@example.com", "user", "create", "--email", "a@example.com", "--name", "A")
    run("user", "create", "--email", "b@example.com", "--name", "B", "--as", "mai@example.com")
    assert [
        e["data"]["values"]["name"]
        for e in lines(run("audit", "log", "--actor", "mai@example.com", "--json"))
    ] == [
        "A",
        "B",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (
            ("user", "create", "--email", "admin@callboard.local", "--name", "X"),
            1,
            "callboard: email: is taken",
        ),
        (
            ("user", "create", "--email", "nonsense", "--name", "X"),
            2,
            "callboard: --email: expected `str` matching regex '^[^@\\\\s]+@[^@\\\\s]+\\\\.[^@\\\\s]+$'",
        ),
        (
            ("user", "create", "--email", "x@example.com", "--name", "X", "--as", "nobody@example.com"),
            1,
            "callboard: nobody here is nobody@example.com: see `callboard user list`",
        ),
        (
            ("token", "--email", "nobody@example.com"),
            1,
            "callboard: nobody here is nobody@example.com: see `callboard user list`",
        ),
        (
            ("audit", "replay", "schedule_01jd000000e008000000000001"),
            1,
            "callboard: no stream schedule_01jd000000e008000000000001",
        ),
    ],
)
def test_a_refusal_is_one_line_on_standard_error(
    run: Run, arguments: tuple[str, ...], status: int, line: str
) -> None:
    result = run(*arguments, status=status)
    assert (result.stdout, result.stderr) == ("", line + "\n")


def test_only_administrators_act(run: Run) -> None:
    run("user", "create", "--email", "mai@example.com", "--name", "Mai")
    result = run(
        "--as", "mai@example.com", "user", "create", "--email", "x@example.com", "--name", "X", status=1
    )
    assert result.stderr == "callboard: mai@example.com may not do this: it takes a system administrator\n"


def test_a_token_stands_alone_on_standard_output(run: Run, tmp_path: Path) -> None:
    token = run("token", "--email", "Admin@callboard.local", "--ttl", "30m")
    assert token.stderr == ""
    assert verify(token.stdout.removesuffix("\n"), local_secret(tmp_path)).user_id == ADMIN


# --- wrong usage -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("audit", "nonsense"),
        ("audit", "replay"),
        ("audit", "replay", "x", "--to-version", "0"),
        ("audit", "replay", "x", "--to-version", "v"),
        ("audit", "replay", "x", "--to-version", "1", "--at", "2026-01-01"),
        ("audit", "log", "--since", "yesterday"),
        ("audit", "log", "--limit", "0"),
        ("token", "--ttl", "soon"),
        ("token", "--ttl", "99999w"),
        ("user", "create", "--email", "x@example.com"),
        ("serve", "--port", "65536"),
        ("demo", "--month", "2026-13"),
        ("projections", "rebuild", "nonsense"),
        ("db", "nonsense"),
        ("import", "no-such-file.csv"),
    ],
)
def test_wrong_usage_is_2_and_prints_nothing_on_standard_output(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, status=2)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PROT", "8001")
    result = run("db", "status", status=2)
    assert result.stderr == "callboard: CALLBOARD_PROT is not a setting; did you mean CALLBOARD_PORT?\n"


@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody@127.0.0.1:1/none", "postgresql://127.0.0.1/x?connect_timeout=soon", "nonsense"],
)
def test_a_database_that_cannot_be_used_is_one_line(run: Run, url: str) -> None:
    for command in (("db", "status"), ("audit", "verify"), ("token",)):
        result = CliRunner().invoke(
            main, ["--database-url", url, *command], env={"CALLBOARD_DATABASE_URL": None}
        )
        assert (result.exit_code in (1, 2), result.stdout) == (True, "")
        assert len(result.stderr.splitlines()) == 1
        assert result.stderr.startswith("callboard: ")


# --- audit -------------------------------------------------------------------------------------------


def test_the_log_says_who_did_what_when_and_why(run: Run, history: str) -> None:
    whole = json.loads(run("audit", "verify", "--json").stdout)["events"]
    at = {9: "2026-03-02 09:00:00Z", 10: "2026-03-02 10:00:00Z", 11: "2026-03-02 11:00:00Z"}
    ada = "Ada Planner (http)"
    assert run("audit", "log", "--stream", history).stdout.splitlines() == [
        f"{at[9]}  #{whole - 4}  {ada}  schedule.draft"
        f"  ScheduleOpened: Acme May, 2026-05-01 to 2026-05-31  {history}@1",
        f"{at[9]}  #{whole - 3}  {ada}  schedule.draft  ShowDrafted: 2 shows: Launch, Encore  {history}@2",
        f"{at[10]}  #{whole - 2}  {ada}  schedule.propose  ScheduleProposed: version 1  {history}@3",
        f"{at[10]}  #{whole - 1}  {ada}  schedule.propose"
        f"  VersionNumbered: version 1, proposed, 2 shows  {history}@4",
        f"{at[11]}  #{whole}  {ada}  show.edit  ShowsEdited: 1 show: name  {history}@5"
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


# --- projections -------------------------------------------------------------------------------------


def test_projections_are_listed_with_their_tables_and_position(run: Run, history: str) -> None:
    items = json.loads(run("projections", "list", "--json").stdout)["items"]
    assert {item["name"]: item["rows"] for item in items if item["name"] in ("schedules", "shows")} == {
        "schedules": {"schedules": 1},
        "shows": {"shows": 2, "show_creators": 0, "show_platforms": 0},
    }
    events = json.loads(run("audit", "verify", "--json").stdout)["events"]
    assert {item["position"] for item in items} == {events}


def test_verify_names_table_key_and_both_rows_of_a_drift_and_rebuild_mends_it(
    run: Run, history: str, database: Database
) -> None:
    run("projections", "verify")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("UPDATE read.shows SET name = 'Lunch' WHERE id = %s", (SHOW,))
    text = run("projections", "verify", status=1).stdout
    assert text.startswith(f"shows {SHOW}\n  stored   (")
    assert ("Lunch" in text, "Grand launch" in text) == (True, True)
    assert text.endswith("shows: 1 of 2 rows differ\n")
    found = json.loads(run("projections", "verify", "shows", "--json", status=1).stdout)
    assert (found["drifts"], found["first"][0]["key"]) == ({"shows": 1}, SHOW)
    run("projections", "verify", "schedules")
    assert json.loads(run("projections", "rebuild", "shows", "--json").stdout)["rows"]["shows"] == 2
    run("projections", "verify")


def test_emptied_read_tables_are_rebuilt(run: Run, history: str, database: Database) -> None:
    before = json.loads(run("projections", "list", "--json").stdout)
    empty_read_tables(database)
    run("projections", "rebuild")
    assert json.loads(run("projections", "list", "--json").stdout) == before


# --- the database ------------------------------------------------------------------------------------


def test_the_database_is_migrated_and_its_status_told(run: Run, server: str, database: Database) -> None:
    status = json.loads(run("db", "status", "--json").stdout)
    assert (status["applied"][0], status["pending"]) == ("0001_log", [])
    assert json.loads(run("db", "migrate", "--json").stdout) == {"applied": []}
    assert run("db", "migrate").stdout == "nothing to do\n"


def test_a_database_newer_than_the_code_is_left_alone(run: Run, database: Database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("INSERT INTO public.callboard_migrations VALUES ('9999_later', 'x')")
    line = "callboard: the database is newer than this code: it has 9999_later; upgrade callboard\n"
    for command in (("db", "status"), ("db", "migrate"), ("audit", "log"), ("user", "list"), ("token",)):
        assert run(*command, status=1).stderr == line
