"""A studio manager, a planner and the client's approver act at once on one schedule, from eight processes
through two servers: no edit is lost, none is overwritten unseen, one decision wins, and whoever came too
late is told what moved.

Then it is looked at from outside: history against the answers that the processes got, the replay and the
tables against the reads. CI plays one round; `make races` plays 20 (CALLBOARD_RACE_ROUNDS).
"""

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.races.acting import APART, EDITS, GOES, SAME, WHO, Connection, Fields, Job, Sent, begin, play
from tests.races.folding import FIELDS, Plan, in_stream_order
from tests.servers import Served, callboard, post

ROUNDS = int(os.environ.get("CALLBOARD_RACE_ROUNDS", "1"))
DECISIONS = 4
"""Times a plan is proposed and decided before it is agreed."""

TOLD = {
    "draft": {"stale", "not_found"},
    "propose": {"illegal_transition", "version_conflict"},
    "decide": {"illegal_transition", "version_conflict"},
    "confirm": {"illegal_transition", "not_approved", "version_conflict", "needs_change"},
    "ask": {"needs_change"},
    "settle": {"illegal_transition", "change_conflict", "needs_change"},
}
"""The codes that each act may be refused with: all of them say why."""


@dataclass
class Round:
    """One schedule and all that was sent to it; `opened` is it and its shows before the race."""

    jobs: list[Job]
    opened: tuple[Fields, list[Fields]]
    sent: list[Sent] = field(default_factory=list[Sent])

    def act(self, pool: Pool, act: str, name: str = "", **now: Any) -> None:
        """All processes at once."""
        jobs = [replace(job, act=act, name=name or act, **now) for job in self.jobs]
        sent = [each for part in pool.map(play, jobs, chunksize=1) for each in part]
        refused = [each for each in sent if not each.accepted]
        odd = [each for each in refused if each.answer["code"] not in TOLD[act]]
        assert odd == []
        for each in refused:
            _check_told(each)
        self.sent += sent

    def alone(self, number: int, what: str, name: str, body: Any = None) -> None:
        """One command in peace, by the person of that number."""
        with Connection(replace(self.jobs[number], name=f"{name}:{what}")) as here:
            assert here.do(what, body).accepted, here.sent
            self.sent += here.sent


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Served, Served]]:
    with Served(tmp_path) as first, Served(tmp_path) as second:
        yield first, second


@pytest.mark.untraced
def test_of_all_who_act_at_once_nobody_loses_an_edit_or_overwrites_one(
    servers: tuple[Served, Served], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = servers
    start = multiprocessing.get_context("spawn")
    barrier = start.Barrier(len(WHO))
    rounds: list[Round] = []
    with (
        first.client(callboard(tmp_path, "token", "--email", "admin@callboard.local")) as admin,
        start.Pool(len(WHO), begin, (barrier,)) as pool,
    ):
        place = _place(admin, tmp_path)
        for number in range(ROUNDS):
            race = _opened(admin, place, number, (first.url, second.url))
            _play(race, pool, admin)
            rounds.append(race)
        plans = [_checked(admin, race) for race in rounds]
        replayed = [(_replayed(tmp_path, race), _read(admin, race)) for race in rounds]
    verified = json.loads(callboard(tmp_path, "audit", "verify", "--json"))
    drifts = json.loads(callboard(tmp_path, "projections", "verify", "--json"))["drifts"]

    with capsys.disabled():
        print(_report(rounds, plans))  # noqa: T201 - the counts belong in the report
    assert [seen for seen in replayed if seen[0] != seen[1]] == []
    assert (verified["whole"], drifts) == (True, {})


def _play(race: Round, pool: Pool, admin: httpx.Client) -> None:
    """A month's life: drafted, haggled over, agreed, booked, changed."""
    path = f"/schedules/{race.jobs[0].schedule}"

    def now() -> Fields:
        return admin.get(path).json()

    race.act(pool, "draft")
    for number in range(DECISIONS):
        race.act(pool, "propose", f"propose-{number}", version=now()["current_version"] or 0)
        race.act(pool, "decide", f"decide-{number}", version=now()["current_version"])
        if now()["status"] == "proposed":
            race.alone(0, "withdraw", f"after-{number}")
    for number in range(100):
        if (found := now())["status"] == "confirmed":
            break
        if found["status"] == "draft":
            race.alone(1, "propose", f"before-{number}")
            found = now()
        race.alone(2, "approve", f"before-{number}", {"version": found["current_version"]})
        race.act(pool, "confirm", f"confirm-{number}", version=found["current_version"])
    race.act(pool, "ask")
    asked = [each.answer for each in race.sent if each.what == "ask"]
    race.act(pool, "settle", changes={change["id"]: change["needs"] for change in asked})


# --- looking at it from outside


def _checked(admin: httpx.Client, race: Round) -> Plan:
    """History has every accepted write once, each was right when it was made, and the reads show the last."""
    job = race.jobs[0]
    plan = Plan(*race.opened)
    opened = race.opened[0]["version"]
    events = [event for event in _events(admin, job.schedule) if event["stream_version"] > opened]
    for sent in in_stream_order(events, race.sent):
        plan.fold(sent)
    seen = _facts(admin, job.schedule)
    for show in (*plan.shows.values(), *seen["shows"].values()):
        show.pop("version")  # A change's version counts its events, of which the answer doesn't tell.
    assert seen == plan.facts()

    same, apart, goes = (plan.shows[job.shows[number]] for number in (SAME, APART, GOES))
    planners = [number for number, who in enumerate(WHO) if who != "client"]
    edits = sorted(f"{number}.{n}" for number in planners for n in range(EDITS))
    assert (sorted(same["note"].split()), same["metadata"]) == (edits, {"edits": len(edits)})
    assert plan.comments == Counter(f"{n}.{e}" for n in range(8) if n not in planners for e in range(EDITS))
    assert set(plan.ended.values()) == {1}
    assert goes["status"] == "cancelled"
    _check_settled(plan, race, job)
    assert apart["status"] == "confirmed"
    return plan


def _check_settled(plan: Plan, race: Round, job: Job) -> None:
    """Of changes of the same field one was applied, the others refused; of different fields all that nobody
    took back were applied."""
    outcomes = {
        show: Counter(status for status, on, _, _ in plan.changes.values() if on == show)
        for show in job.shows
    }
    assert outcomes[job.shows[SAME]]["approved"] == 1
    assert outcomes[job.shows[APART]]["proposed"] == 0
    told = {each.on for each in race.sent if not each.accepted and each.answer["code"] == "change_conflict"}
    assert {change for change, (status, *_) in plan.changes.items() if status == "proposed"} <= told
    assert {plan.changes[change][0] for change in told} <= {"proposed", "rejected", "withdrawn"}
    for each in race.sent:
        if each.what == "approve change" and not each.accepted and each.answer["code"] == "change_conflict":
            _, show, _, after = plan.changes[each.on]
            moved = {(name["show_id"], name["field"]) for name in each.answer["fields"]}
            assert moved <= {(show, name) for name in (*after, "status")}, each


def _check_told(refused: Sent) -> None:
    """A refusal says what moved."""
    answer = refused.answer
    match answer["code"]:
        case "stale":
            assert (refused.status, answer["current_version"] > refused.if_match) == (412, True), refused
        case "version_conflict":
            assert (refused.status, answer["current_version"] != refused.body["version"]) == (409, True)
        case "illegal_transition":
            assert refused.status == 409
            assert refused.what.split(maxsplit=1)[0] not in answer["allowed"], refused
        case "change_conflict":
            assert refused.status == 409
            assert answer["fields"], refused
        case "needs_change":
            assert (refused.status, "/changes" in answer["detail"]) == (409, True)
        case code:
            assert (code, refused.status) in {("not_found", 404), ("not_approved", 409)}, refused


def _facts(admin: httpx.Client, schedule: str) -> Fields:
    found = admin.get(f"/schedules/{schedule}").json()
    shows = admin.get(f"/schedules/{schedule}/shows").json()["items"]
    names = ("status", "current_version", "approved_version", "open_changes")
    return {name: found[name] for name in names} | {
        "shows": {show["id"]: {name: show[name] for name in FIELDS} for show in shows}
    }


def _read(admin: httpx.Client, race: Round) -> Fields:
    """The schedule and its shows by the tables."""
    path = f"/schedules/{race.jobs[0].schedule}"
    shows = sorted(admin.get(f"{path}/shows").json()["items"], key=lambda show: show["id"])
    return {"schedule": admin.get(path).json(), "shows": shows}


def _replayed(home: Path, race: Round) -> Fields:
    """The same by the stream alone."""
    state = json.loads(callboard(home, "audit", "replay", race.jobs[0].schedule, "--json"))["state"]
    return state | {"shows": sorted(state["shows"], key=lambda show: show["id"])}


def _events(admin: httpx.Client, schedule: str) -> list[Fields]:
    found: list[Fields] = []
    cursor = ""
    while True:
        page = admin.get(f"/schedules/{schedule}/events?limit=100{cursor}").json()
        found += page["items"]
        if not page["page"]["next_cursor"]:
            return found
        cursor = f"&cursor={page['page']['next_cursor']}"


def _report(rounds: Sequence[Round], plans: Sequence[Plan]) -> str:
    sent = [each for race in rounds for each in race.sent]
    folded = sum((plan.counted for plan in plans), Counter[str]())
    refused = Counter((each.what, each.answer["code"]) for each in sent if not each.accepted)
    already = sum(each.accepted for each in sent) - folded.total()
    lines = [
        f"\n{len(rounds)} schedules, {len(WHO)} processes, {len(sent)} writes: {folded.total()} accepted and"
        f" in history once, {already} already so, {refused.total()} refused; 0 lost, 0 overwritten",
        *(f"  {what:16} accepted             {times:6}" for what, times in sorted(folded.items())),
        *(f"  {what:16} {code:20} {times:6}" for (what, code), times in sorted(refused.items())),
    ]
    return "\n".join(lines)


# --- making it


def _place(admin: httpx.Client, home: Path) -> Fields:
    """A studio, its client, and three people with what their roles need."""
    studio = post(admin, "/studios", {"name": "One", "time_zone": "UTC"})["id"]
    client = post(admin, "/clients", {"name": "Acme"})["id"]
    tokens: dict[str, str] = {}
    for who, role, of in (
        ("manager", "manager", {"studio_id": studio}),
        ("planner", "planner", {"studio_id": studio}),
        ("client", "client_approver", {"client_id": client}),
    ):
        user = post(admin, "/users", {"email": f"{who}@x.test", "name": who})["id"]
        post(admin, "/memberships", {"user_id": user, "role": role} | of)
        feature = {"feature": "client_changes" if who == "client" else "planning", "user_type": role}
        post(admin, "/features", feature | {"studio_id": studio, "enabled": True})
        tokens[who] = callboard(home, "token", "--email", f"{who}@x.test")
    creators = [post(admin, "/creators", {"name": name})["id"] for name in ("Mali", "Nok")]
    return {"studio": studio, "client": client, "tokens": tokens, "creators": creators}


def _opened(admin: httpx.Client, place: Fields, number: int, urls: Sequence[str]) -> Round:
    """A draft plan of three shows, in rooms and on a day of its own."""
    rooms = [
        post(admin, "/rooms", {"studio_id": place["studio"], "name": f"Room {number}{letter}"})["id"]
        for letter in "AB"
    ]
    period = {"start_date": "2031-01-01", "end_date": "2031-12-31"}
    plan = {"name": f"Round {number}", "studio_id": place["studio"], "client_id": place["client"]}
    schedule = post(admin, "/schedules", plan | period)
    day = f"2031-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
    shows = [
        {"name": f"Show {n}", "start": f"{day}T{9 + 2 * n:02}:00:00Z", "end": f"{day}T{10 + 2 * n}:00:00Z"}
        for n in range(3)
    ]
    drafted = post(admin, f"/schedules/{schedule['id']}/shows", {"shows": shows})["items"]
    jobs = [
        Job(
            act="",
            name="",
            url=urls[process % 2],
            token=place["tokens"][who],
            number=process,
            schedule=schedule["id"],
            shows=[show["id"] for show in drafted],
            rooms=rooms,
            creators=place["creators"],
        )
        for process, who in enumerate(WHO)
    ]
    return Round(jobs, (admin.get(f"/schedules/{schedule['id']}").json(), drafted))
