"""Read tables listed, verified and rebuilt from the command line."""

import json

import psycopg

from tests.api.cli.reading import SHOW, Run, empty_read_tables
from tests.conftest import Database


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
