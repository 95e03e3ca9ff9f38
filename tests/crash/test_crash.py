"""The server and PostgreSQL are killed (-9) at random moments under a stream of commands. Afterwards
every acknowledged command is there, none by half, nothing is booked twice, and both verifications find
nothing. kill -9 leaves the page cache alone, so this says nothing about fsync; the settings test does.

A few kills run in CI; `make crash` runs 50 (CALLBOARD_CRASH_KILLS).
"""

import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import Served, callboard, post

KILLS = int(os.environ.get("CALLBOARD_CRASH_KILLS", "4"))
WRITERS = 4
BATCH = 3
START = datetime(2031, 1, 1, tzinfo=UTC)


class Writer(threading.Thread):
    """Drafts batches of shows and confirms them, one after another, and keeps what was acknowledged.
    A request without an answer is sent again with the same Idempotency-Key until there is one."""

    def __init__(
        self, served: Served, token: str, number: int, world: dict[str, Any], stop: threading.Event
    ) -> None:
        super().__init__(name=f"writer {number}", daemon=True)
        self.served, self.token, self.number, self.world, self.halt = served, token, number, world, stop
        self.in_flight = False
        self.retried = 0
        self.acked: dict[str, dict[str, Any]] = {}
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for batch in itertools.count():
                if self.halt.is_set():
                    return
                self._batch(f"w{self.number}-{batch}", batch)
        except BaseException as error:  # noqa: BLE001 - reported by the test
            self.error = error

    def _batch(self, name: str, number: int) -> None:
        schedule = self._send(f"{name}-open", "/schedules", {
            "name": name, "studio_id": self.world["studio"],
            "start_date": "2031-01-01", "end_date": "2031-12-31",
        })  # fmt: skip
        shows = self._send(f"{name}-draft", f"/schedules/{schedule['id']}/shows", {"shows": [
            {
                "name": f"{name}-{n}",
                "external_id": f"{name}-{n}",
                "room_id": self.world["rooms"][n],
                "start": (START + timedelta(hours=number)).isoformat(),
                "end": (START + timedelta(hours=number + 1)).isoformat(),
            }
            for n in range(BATCH)
        ]})["items"]  # fmt: skip
        self._send(f"{name}-propose", f"/schedules/{schedule['id']}/propose", {})
        done = self._send(f"{name}-confirm", f"/schedules/{schedule['id']}/confirm", {"mode": "best_effort"})
        self.acked[schedule["id"]] = {
            "shows": sorted(show["id"] for show in shows), "confirmed": sorted(done["confirmed"])
        }  # fmt: skip

    def _send(self, key: str, path: str, body: Any) -> Any:
        end = time.monotonic() + 60
        while True:
            self.in_flight = True
            try:
                answer = httpx.post(
                    f"{self.served.url}/api/v1{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
                    timeout=30,
                )
            except httpx.HTTPError:
                answer = None
            finally:
                self.in_flight = False
            if answer is not None and answer.is_success:
                return answer.json()
            assert answer is None or answer.status_code == 503, f"{path}: {answer.status_code} {answer.text}"
            assert time.monotonic() < end, f"{path}: no answer for a minute"
            self.retried += 1
            time.sleep(0.05)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as running:
        yield running


@pytest.mark.untraced
def test_nothing_acknowledged_is_lost_whatever_is_killed(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    token = callboard(served.data_dir, "token", "--email", "admin@callboard.local")
    with served.client(token) as client:
        world = _world(client)
    stop = threading.Event()
    writers = [Writer(served, token, n, world, stop) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    hits = _kill_at_random(served, writers)
    time.sleep(1)
    stop.set()
    for writer in writers:
        writer.join(90)
    assert [writer.error for writer in writers] == [None] * WRITERS
    assert not any(writer.is_alive() for writer in writers)

    acked = {schedule: what for writer in writers for schedule, what in writer.acked.items()}
    with served.client(token) as client:
        stored, twice = _stored(client), _double_bookings(client)
    with capsys.disabled():
        print(  # noqa: T201 - the counts belong in the report
            f"\n{KILLS} kills, {hits} of them with commands in flight, {len(acked)} batches acknowledged,"
            f" {sum(w.retried for w in writers)} requests sent again"
        )
    assert {schedule: stored.get(schedule) for schedule in acked} == acked
    assert [s for s, what in stored.items() if len(what["shows"]) not in (0, BATCH)] == []
    assert twice == []
    assert hits >= KILLS // 2
    assert len(acked) > KILLS
    callboard(served.data_dir, "audit", "verify")
    callboard(served.data_dir, "projections", "verify")


def _kill_at_random(served: Served, writers: list[Writer]) -> int:
    """Kills the server and PostgreSQL in turn; answers how many kills landed on commands in flight."""
    chance = random.Random(7)  # noqa: S311 - a repeatable choice of moments
    hits = 0
    for kill in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.0))
        end = time.monotonic() + 2
        while not any(w.in_flight for w in writers) and time.monotonic() < end:
            time.sleep(0.001)
        hits += any(w.in_flight for w in writers)
        if kill % 2:
            os.kill(_postmaster(served.data_dir), signal.SIGKILL)
        else:
            served.kill()
            served.start()
        served.ready()
    return hits


def _postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _world(client: httpx.Client) -> dict[str, Any]:
    """All writers want the same rooms at the same hours, so that confirmations clash."""
    studio = post(client, "/studios", {"name": "Crash", "time_zone": "UTC", "client_approval": False})
    rooms = [
        post(client, "/rooms", {"studio_id": studio["id"], "name": f"Room {n}"})["id"] for n in range(BATCH)
    ]
    return {"studio": studio["id"], "rooms": rooms}


def _stored(client: httpx.Client) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for schedule in _all(client, "/schedules"):
        shows = _all(client, f"/schedules/{schedule['id']}/shows")
        found[schedule["id"]] = {
            "shows": sorted(show["id"] for show in shows),
            "confirmed": sorted(show["id"] for show in shows if show["status"] == "confirmed"),
        }
    return found


def _double_bookings(client: httpx.Client) -> list[tuple[str, str]]:
    booked = [show for show in _all(client, "/shows") if show["status"] == "confirmed"]
    slots: dict[str, list[str]] = {}
    for show in booked:
        slots.setdefault(json.dumps([show["room_id"], show["start"]]), []).append(show["id"])
    return [(slot, ", ".join(ids)) for slot, ids in slots.items() if len(ids) > 1]


def _all(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        parameters: dict[str, Any] = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = client.get(path, params=parameters).raise_for_status().json()
        items += page["items"]
        cursor = page["page"]["next_cursor"]
        if cursor is None:
            return items
