"""The command line on a database of the test's own, and a schedule with some history."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from domain.application import Commands, Unit
from domain.events import (
    EntityCreated,
    ScheduleOpened,
    ScheduleProposed,
    ShowDraft,
    ShowDrafted,
    ShowEdit,
    ShowsEdited,
    VersionNumbered,
)
from tests.api.cli.reading import OTHER_SHOW, SHOW, STUDIO, Run
from tests.conftest import Database
from tests.spec import Clock, context


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    """Runs `callboard ...` on the test's database and checks the exit status."""
    env = {key: None for key in os.environ if key.startswith("CALLBOARD_")}
    env |= {"CALLBOARD_DATA_DIR": str(tmp_path), "CALLBOARD_DATABASE_URL": database.admin_url}

    def run(*arguments: str, status: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=stdin, env=env, prog_name="callboard")
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
