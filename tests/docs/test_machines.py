"""The pictures of the two status machines are generated, and the application keeps to them: each command
from each status, over HTTP."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.schedule import machine
from tests.api.conftest import *  # noqa: F403 - the application's fixtures
from tests.api.world import API, Json, World

PAGE = Path(__file__).parents[2] / "docs" / "change-workflow.md"
SCHEDULE_BODIES: dict[str, Json] = {
    "approve": {"version": 1},
    "reject": {"version": 1, "reason": "no"},
    "cancel": {"reason": "off"},
    "park": {"status_id": "other"},
}
SHOW_BODIES: dict[str, Json] = {
    "cancel": {"reason_category": "OTHER", "note": "so"},
    "interrupt": {"reason_category": "OTHER", "note": "so"},
    "resolve": {"outcome": "completed", "note": "so"},
}
TO_SCHEDULE = {
    "draft": "",
    "proposed": "propose approve",
    "confirmed": "propose approve confirm",
    "archived": "propose approve confirm cancel_show archive",
    "cancelled": "propose cancel",
    "other": "park",
}
TO_SHOW = {
    "draft": "",
    "confirmed": "confirm",
    "live": "confirm start",
    "completed": "confirm start complete",
    "cancelled": "confirm cancel",
    "cancelled_pending_resolution": "confirm interrupt",
}


def test_the_pictures_are_what_their_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location("machines", PAGE.parent / "machines.py")
    assert spec
    assert spec.loader
    machines = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(machines)

    assert PAGE.read_text("utf-8") == machines.page(PAGE.read_text("utf-8")), "run `make docs`"


@pytest.mark.parametrize("status", list(TO_SCHEDULE))
def test_a_schedule_takes_the_commands_of_its_row_and_no_other(
    client: TestClient[Litestar], world: World, status: str
) -> None:
    row = table("schedule")[status]
    assert {*row} == {*machine.SCHEDULE}
    allowed = sorted(command for command, end in row.items() if end != "-")
    for hour, (command, end) in enumerate(row.items()):
        schedule = brought_to(client, world, status, hour)
        if command == "archive" and end != "-":
            of_schedule(client, schedule, "cancel_show")
        answer = of_schedule(client, schedule, command)
        if end == "-":
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), command
            assert answer.json()["allowed"] == allowed
            assert world.read(schedule)["status"] == status
        else:
            assert answer.status_code == 200, answer.text
            assert world.read(schedule)["status"] == end


@pytest.mark.parametrize("status", list(TO_SHOW))
def test_a_show_takes_the_commands_of_its_row_and_no_other(
    client: TestClient[Litestar], world: World, status: str
) -> None:
    row = table("show")[status]
    assert {*row} == {*machine.SHOW}
    allowed = sorted(command for command, end in row.items() if end != "-")
    for hour, (command, end) in enumerate(row.items()):
        if command == "confirm":
            continue  # Of its schedule.
        schedule, (show,) = world.agreed(world.show(hour, 1))
        for name in TO_SHOW[status].split():
            done = of_schedule(client, schedule, name) if name == "confirm" else of_show(client, show, name)
            assert done.status_code == 200, done.text
        if command == "cancel" and status == "draft":
            world.do(schedule, "withdraw")
        answer = of_show(client, show, command)
        if end == "-":
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), command
            assert answer.json()["allowed"] == allowed
            assert world.read_show(show)["status"] == status
        else:
            assert answer.status_code == 200, answer.text
            assert world.read_show(show)["status"] in end.split(" or ")


def table(name: str) -> Mapping[str, Mapping[str, str]]:
    """The transition table of the page: status -> command -> where it leads, or `-`."""
    found = re.search(rf"<!-- {name}: generated -->.*?<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    lines = [line for line in found[0].splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {status: dict(zip(head[1:], cells, strict=True)) for status, *cells in rows}


def brought_to(client: TestClient[Litestar], world: World, status: str, hour: int) -> Json:
    """A schedule with one show, at that hour, in that status."""
    schedule, _ = world.planned(world.show(hour, 1))
    for name in TO_SCHEDULE[status].split():
        answer = of_schedule(client, schedule, name)
        assert answer.status_code == 200, answer.text
    return schedule


def of_schedule(client: TestClient[Litestar], schedule: Json, command: str) -> Any:
    """A command of a schedule; `cancel_show` is of the only show in it."""
    if command == "cancel_show":
        (show,) = client.get(f"{API}/schedules/{schedule['id']}/shows").json()["items"]
        return of_show(client, show, "cancel")
    url = f"{API}/schedules/{schedule['id']}/{command}"
    return client.post(url, json=SCHEDULE_BODIES.get(command, {}))


def of_show(client: TestClient[Litestar], show: Json, command: str) -> Any:
    return client.post(f"{API}/shows/{show['id']}/{command}", json=SHOW_BODIES.get(command, {}))
