"""Many processes confirm overlapping schedules at once, through two servers on one database: each
contested slot has exactly one winner, every loser is told which booking won, nobody sees a deadlock.
Again with the application's own conflict check off: then the database alone must hold.

The slice that runs in CI is small; `make races` runs 1,000 slots (CALLBOARD_RACE_SLOTS).
"""

import multiprocessing
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import Served, callboard, post

PROCESSES = 16
SLOTS_A_ROUND = 20
SLOTS = int(os.environ.get("CALLBOARD_RACE_SLOTS", "60"))
START = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["on", "off"], ids=["checked", "database-alone"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Served, Served, str]]:
    extra = {"CALLBOARD_CONFLICT_CHECK": request.param}
    with Served(tmp_path, extra) as first, Served(tmp_path, extra) as second:
        yield first, second, callboard(tmp_path, "token", "--email", "admin@callboard.local")


@pytest.mark.untraced
def test_each_contested_slot_has_one_winner_whom_every_loser_is_told(
    servers: tuple[Served, Served, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, token = servers
    with first.client(token) as client:
        rounds = _prepare(client)
    start = multiprocessing.get_context("spawn")
    with start.Pool(PROCESSES) as pool:
        jobs = [
            ((first if n % 2 else second).url, token, [plans[n] for plans in rounds])
            for n in range(PROCESSES)
        ]
        answers = [answer for each in pool.map(_confirm_all, jobs, chunksize=1) for answer in each]

    assert {status for status, _, _ in answers} <= {200, 409}
    assert [body for status, _, body in answers if status == 409 and body["code"] != "conflicts"] == []
    winners = _winners(answers)
    told = _told(answers)
    with capsys.disabled():
        print(  # noqa: T201 - the counts belong in the report
            f"\n{len(rounds) * SLOTS_A_ROUND} slots, {PROCESSES} processes, {len(answers)} confirmations,"
              f" {len(winners)} winners, {len(told)} losers told")  # fmt: skip
    assert len(winners) == len(rounds) * SLOTS_A_ROUND
    assert len({slot for _, slot in winners}) == len(winners)
    won = {slot: show for show, slot in winners}
    assert [(loser, names) for loser, slot, names in told if won[slot] not in names] == []


def _prepare(client: httpx.Client) -> list[list[dict[str, Any]]]:
    """Rounds of one schedule a process, all wanting the same slots of one room."""
    studio = post(client, "/studios", {"name": "Races", "time_zone": "UTC", "client_approval": False})
    rounds: list[list[dict[str, Any]]] = []
    for number in range(SLOTS // SLOTS_A_ROUND):
        room = post(client, "/rooms", {"studio_id": studio["id"], "name": f"Room {number}"})
        rounds.append([_plan(client, studio["id"], room["id"]) for _ in range(PROCESSES)])
    return rounds


def _plan(client: httpx.Client, studio_id: str, room_id: str) -> dict[str, Any]:
    schedule = post(
        client,
        "/schedules",
        {"name": "Rush", "studio_id": studio_id, "start_date": "2031-01-01", "end_date": "2031-01-31"},
    )
    shows = [
        {
            "name": f"Slot {n}",
            "room_id": room_id,
            "start": (START + timedelta(hours=n)).isoformat(),
            "end": (START + timedelta(hours=n + 1)).isoformat(),
        }
        for n in range(SLOTS_A_ROUND)
    ]
    drafted = post(client, f"/schedules/{schedule['id']}/shows", {"shows": shows})["items"]
    post(client, f"/schedules/{schedule['id']}/propose")
    return {"id": schedule["id"], "slots": {show["id"]: f"{room_id}/{show['start']}" for show in drafted}}


def _confirm_all(
    job: tuple[str, str, list[dict[str, Any]]],
) -> list[tuple[int, dict[str, Any], dict[str, Any]]]:
    """One process: half of its plans as a whole with best effort, the others show by show."""
    url, token, plans = job
    answers: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    with httpx.Client(
        base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=120
    ) as client:
        for number, plan in enumerate(plans):
            if number % 2:
                bodies: list[dict[str, Any]] = [{"show_ids": [show_id]} for show_id in plan["slots"]]
            else:
                bodies = [{"mode": "best_effort"}]
            for body in bodies:
                answer = client.post(f"/schedules/{plan['id']}/confirm", json=body)
                answers.append((answer.status_code, plan["slots"], answer.json()))
    return answers


def _winners(answers: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> list[tuple[str, str]]:
    return [
        (show_id, slots[show_id])
        for status, slots, body in answers
        if status == 200
        for show_id in body["confirmed"]
    ]


def _told(answers: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> list[tuple[str, str, set[str]]]:
    """(losing show, slot, shows named as being in its way)."""
    told: list[tuple[str, str, set[str]]] = []
    for status, slots, body in answers:
        conflicts = (
            body["conflicts"] if status == 409 else [c for each in body["refused"] for c in each["conflicts"]]
        )
        named: dict[str, set[str]] = {}
        for conflict in conflicts:
            named.setdefault(conflict["show_id"], set()).add(conflict["other"]["show_id"])
        told += [(show_id, slots[show_id], names) for show_id, names in named.items()]
    return told
