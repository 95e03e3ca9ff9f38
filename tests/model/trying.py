"""Commands that can be tried without doing them, over HTTP: each is tried twice and then done. The tries
leave nothing behind and report what is then done: the same answer, but for the ids that it gives out."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Final, LiteralString, cast

import psycopg
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.sql import SQL, Identifier

from projections.rebuild import TABLES
from tests.importing import text
from tests.world import MAY, World

API: Final = "/api/v1"
Json = dict[str, Any]
Told = tuple[int, Any]
"""Status and body of an answer."""

_ID: Final = re.compile(
    r"\b(?:bulk|change|client|creator|import|platform|room|schedule|show|studio)_\w{26}\b"
)
_SET: Final = (
    *("name", "start", "end", "room_id", "creators", "platforms", "show_type", "show_standard"),
    *("external_id", "note", "metadata", "status"),
)
"""What a difference looks at."""
_PROBLEM: Final = {"instance", "request_id"}


class Trier:
    """An administrator in front of some state. `counted`: what became of each kind of command."""

    def __init__(
        self,
        world: World,
        client: TestClient[Litestar],
        owner: psycopg.Connection[Any],
        counted: Counter[tuple[str, str]],
    ) -> None:
        self.world = world
        self.client = client
        self.owner = owner
        self.counted = counted

    def attempt(self, what: str, seed: str) -> None:
        """One command of that kind; the seed settles the rest."""
        TRIES[what](self, what, Random(seed))  # noqa: S311 - not a secret

    # --- the commands

    def confirm(self, what: str, random: Random) -> None:
        """Some or all drafts of a plan."""
        if random.random() < 0.7:
            self._agree(random)
        plans = self._ids("schedules", "status IN ('proposed', 'confirmed')", random)
        if not plans:
            return
        body: Json = {"mode": what.split()[1]}
        if random.random() < 0.4:
            held = self._column("SELECT id FROM shows WHERE schedule_id = %s ORDER BY id", plans[0])
            body["show_ids"] = random.sample(held, min(len(held), random.randint(1, 3))) or ["show_none"]
        path = f"{API}/schedules/{plans[0]}/confirm"
        self._tried(
            what,
            lambda: _told(self.client.post(path, json=body | {"dry_run": True})),
            lambda: _told(self.client.post(path, json=body)),
        )

    def bulk(self, what: str, random: Random) -> None:
        """One action over shows of any plans."""
        action: Json = {"action": what.split()[1]}
        match action["action"]:
            case "confirm":
                self._agree(random)
            case "cancel":
                action |= {"reason_category": "OTHER", "note": "off"}
            case "assign_room":
                action["room_id"] = random.choice([None, *self.world.rooms, *self.world.rooms, "room_none"])
            case "assign_creators":
                creators = random.sample([*self.world.creators, "creator_none"], random.choice([0, 1, 1, 2]))
                action |= {"creators": creators, "mode": random.choice(["add", "replace"])}
            case _:
                action["minutes"] = random.choice([0, 30, 60, -1440, 1440, 527_000])
        fitting = "deleted_at IS NULL"
        if random.random() < 0.5:
            self._drafted(random)
            fitting = "schedule_id IN (SELECT id FROM schedules WHERE name = 'Tried' AND status = 'draft')"
        shows = self._ids("shows", fitting, random)[: random.randint(1, 12)]
        shows += ["show_none"] * (random.random() < 0.1)
        body: Json = {"action": action, "show_ids": shows}
        self._tried(
            what,
            lambda: _told(self.client.post(f"{API}/shows/bulk", json=body | {"dry_run": True})),
            lambda: _told(self.client.post(f"{API}/shows/bulk", json=body)),
        )

    def change(self, what: str, random: Random) -> None:
        """An open change, one that was asked for just now, or any."""
        if random.random() < 0.5:
            self._ask(random)
        changes = self._ids("changes", "status = 'proposed'", random)
        if not changes:
            return
        path = f"{API}/changes/{changes[0]}"
        if random.random() < 0.25:
            self._cancel_one_of(path)
        schedule = self._column("SELECT schedule_id FROM changes WHERE id = %s", changes[0])[0]
        before = self._shows(schedule)

        def look() -> Told:
            status, seen = _told(self.client.get(f"{path}/preview"))
            if status != 200:
                return status, seen
            assert seen["applies"] == (not seen["conflicts"] and not seen["moved"])
            if seen["conflicts"]:
                return 409, ("conflicts", seen["conflicts"])
            if seen["moved"]:
                return 409, ("change_conflict", seen["moved"])
            return 200, seen["diff"]

        def do() -> Told:
            status, done = _told(self.client.post(f"{path}/approve", json={}))
            match done.get("code"):
                case None:
                    return status, _difference(before, self._shows(schedule))
                case "conflicts":
                    return status, ("conflicts", done["conflicts"])
                case "change_conflict":
                    return status, ("change_conflict", done["errors"])
                case _:
                    return status, done

        self._tried(what, look, do)

    def import_file(self, what: str, random: Random) -> None:
        """A file about what is there and what isn't."""
        rows = self._rows(random)
        options = {
            "create_missing": random.choice(["true", "false"]),
            "take": random.choice(["ours", "theirs"]),
            "time_zone": random.choice(["UTC", "Asia/Bangkok", "Asia/Bangkok", "Nowhere"]),
        }
        if random.random() < 0.2 and (plans := self._ids("schedules", "true", random)):
            options["schedule_id"] = plans[0]
        data = text(*rows)

        def run(mode: str) -> Told:
            answer = self.client.post(
                f"{API}/imports",
                params=options | {"mode": mode},
                content=data,
                headers={"Content-Type": "text/csv"},
            )
            status, report = _told(answer)
            if "mode" in report:
                expected = (200, "none") if mode == "dry_run" else (201, "applied")
                assert (report.pop("mode"), status, report.pop("outcome")) == (mode, *expected)
                # A dry run lists what each row would do and meet; what it did is in the events.
                listed = [report.pop(each) for each in ("rows", "findings", "ambiguous")]
                assert mode == "dry_run" or not any(listed)
                assert mode != "dry_run" or len(listed[1]) == sum(report["conflicts"].values())
                status = 200
            return status, report

        self._tried(what, lambda: run("dry_run"), lambda: run("apply"))

    # --- trying

    def _tried(self, what: str, attempt: Callable[[], Told], do: Callable[[], Told]) -> None:
        before = self._state()
        known = self._known()
        tries = [_anonymous(attempt(), known) for _ in range(2)]
        assert tries[0] == tries[1], f"{what}: two tries differ"
        assert self._state() == before, f"{what}: a try left something behind"
        done = do()
        real = _anonymous(done, known)
        assert real == tries[0], f"{what}: reported {tries[0]}, done {real}"
        changed = "done" if self._state() != before else "nothing"
        told = cast("Json | tuple[str, Any]", done[1])
        outcome: str = told.get("code", changed) if isinstance(told, dict) else told[0]
        self.counted[what, outcome] += 1

    def _state(self) -> dict[str, Any]:
        """Every row of every table that a command may write, and the log's head."""
        connection = self.owner
        head = connection.execute("SELECT count(*), max(notification_id) FROM callboard_events").fetchone()
        rows = {
            table: sorted(connection.execute(SQL("SELECT t::text FROM {} t").format(Identifier(table))))
            for table in (*TABLES, "idempotency")
        }
        return {"head": head, **rows}

    def _known(self) -> set[str]:
        """Ids that are there."""
        return set(self._column("SELECT DISTINCT originator_id FROM callboard_events")) | set(
            self._column("SELECT id FROM shows UNION ALL SELECT id FROM changes")
        )

    def _column(self, sql: LiteralString, *parameters: Any) -> list[Any]:
        return [row[0] for row in self.owner.execute(sql, parameters).fetchall()]

    def _ids(self, table: LiteralString, fitting: LiteralString, random: Random) -> list[str]:
        """Ids in any order, mostly those that fit."""
        where: LiteralString = fitting if random.random() < 0.85 else "true"
        ids = self._column("SELECT id FROM " + table + " WHERE " + where + " ORDER BY id")  # noqa: S608
        random.shuffle(ids)
        return ids

    def _shows(self, schedule: str) -> dict[str, Json]:
        found = self.client.get(f"{API}/schedules/{schedule}/shows?limit=100").json()["items"]
        return {show["id"]: show for show in found}

    # --- inventing

    def _drafted(self, random: Random) -> str:
        """A new plan with a few drafts: its id."""
        plan = {
            "name": "Tried",
            "studio_id": self.world.studio,
            "client_id": random.choice([None, *self.world.clients]),
            "start_date": "2026-05-01",
            "end_date": "2026-05-31",
        }
        schedule = self.client.post(f"{API}/schedules", json=plan).json()["id"]
        shows = [{"name": f"Tried {n}"} | self._place(random) for n in range(random.randint(1, 3))]
        assert self.client.post(f"{API}/schedules/{schedule}/shows", json={"shows": shows}).is_success
        return schedule

    def _agree(self, random: Random) -> None:
        """A new plan that may be booked, mostly."""
        path = f"{API}/schedules/{self._drafted(random)}"
        self.client.post(f"{path}/propose", json={})
        if random.random() < 0.8:
            self.client.post(f"{path}/approve", json={"version": 1})

    def _ask(self, random: Random) -> None:
        """Asks for a change of one or two shows, or for another show; it may be refused."""
        plans = self._ids("schedules", "status = 'confirmed'", random)
        if not plans:
            return
        shows = [show for show in self._shows(plans[0]).values() if show["status"] in {"draft", "confirmed"}]
        operations: list[Json] = [
            random.choice(
                [
                    {"op": "update", "show_id": show["id"], "set": self._place(random)},
                    {"op": "update", "show_id": show["id"], "set": {"name": f"N{random.randrange(99)}"}},
                    {"op": "cancel", "show_id": show["id"], "reason_category": "OTHER"},
                ]
            )
            for show in random.sample(shows, min(len(shows), random.randint(0, 2)))
        ]
        if not operations or random.random() < 0.3:
            new = {"name": "Added", "external_id": random.choice([None, "SH-1", "SH-2"])}
            operations.append({"op": "add", "show": new | self._place(random)})
        body = {
            "category": "CLIENT_REQUESTED",
            "type": "OTHER",
            "reason": "because of rain",
            "operations": operations,
        }
        self.client.post(f"{API}/schedules/{plans[0]}/changes", json=body)

    def _cancel_one_of(self, path: str) -> None:
        """Cancels a show that the change is about, so that it no longer holds; it may be refused."""
        operations = self.client.get(path).json()["operations"]
        known = [each["show_id"] for each in operations if each["op"] != "add"]
        for show_id in known[:1]:
            self.client.post(f"{API}/shows/{show_id}/cancel", json={"reason_category": "OTHER", "note": "so"})

    def _place(self, random: Random) -> Json:
        start = MAY + timedelta(minutes=30 * random.randrange(28))
        return {
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            "room_id": random.choice([None, *self.world.rooms]),
            "creators": random.sample(self.world.creators, random.choice([0, 1])),
        }

    def _rows(self, random: Random) -> list[dict[str, str]]:
        """Lines about what is there, about what isn't, and broken ones."""
        found: list[dict[str, str]] = []
        for number in range(random.randint(1, 6)):
            start = MAY + timedelta(minutes=30 * random.randrange(28))
            found.append(
                {
                    "external_id": random.choice([f"SH-{number + 1}", f"NEW-{number}", ""]),
                    "client": random.choice(["Acme", "Acme", "Bravo", "", "Cargo"]),
                    "studio": random.choice(["Bangkok"] * 6 + ["Berlin"]),
                    "room": random.choice(["", "Room 1", "Room 2", "Room 9"]),
                    "name": random.choice(["Launch", "Talk", "Talk", ""]),
                    "start": random.choice([start.isoformat()] * 6 + ["tomorrow"]),
                    "end": (start + timedelta(hours=1)).isoformat(),
                    "creators": random.choice(["", "Creator 1", "Creator 1;Nobody"]),
                    "platforms": random.choice(["", "TikTok"]),
                }
            )
        return found


TRIES: Final[dict[str, Callable[[Trier, str, Random], None]]] = {
    "confirm all_or_nothing": Trier.confirm,
    "confirm best_effort": Trier.confirm,
    "bulk confirm": Trier.bulk,
    "bulk cancel": Trier.bulk,
    "bulk assign_room": Trier.bulk,
    "bulk assign_creators": Trier.bulk,
    "bulk shift": Trier.bulk,
    "change": Trier.change,
    "import": Trier.import_file,
}


def _told(answer: Any) -> Told:
    """An answer without what names the request."""
    body = answer.json()
    return answer.status_code, {name: value for name, value in body.items() if name not in _PROBLEM}


def _difference(before: dict[str, Json], after: dict[str, Json]) -> Json:
    """What a planner sees that changed from one reading of the shows to another."""
    changed = [
        {
            "show_id": show_id,
            "name": show["name"],
            "fields": {
                name: {"from": before[show_id][name], "to": show[name]}
                for name in _SET
                if before[show_id][name] != show[name]
            },
        }
        for show_id, show in after.items()
        if show_id in before
    ]
    return {
        "added": [show for show_id, show in after.items() if show_id not in before],
        "removed": [show for show_id, show in before.items() if show_id not in after],
        "changed": [each for each in changed if each["fields"]],
    }


def _anonymous(told: Told, known: set[str]) -> Any:
    """The answer with new ids numbered by appearance, and without the word for whether it was a try."""
    new: dict[str, str] = {}

    def plain(value: Any) -> Any:
        match value:
            case dict():
                entries = cast(Json, value)
                return {name: plain(each) for name, each in entries.items() if name != "dry_run"}
            case list() | tuple():
                return [plain(each) for each in cast("list[Any]", value)]
            case str():
                return _ID.sub(lambda found: named(found[0]), value)
            case _:
                return value

    def named(given: str) -> str:
        return given if given in known else new.setdefault(given, f"{given.partition('_')[0]} {len(new)}")

    return plain(told)
