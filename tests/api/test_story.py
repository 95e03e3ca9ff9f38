"""A month, over HTTP, with four actors: an administrator sets up, a planner drafts, the client sees and
decides, the studio's manager runs it. Every version and the difference between any two is compared whole
with what the test itself reckons; each version reads the same, byte for byte, as it did at the time."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import SignIn
from tests.api.world import API, Json, World

Client = TestClient[Litestar]
PLANNED = (
    *("name", "start", "end", "room_id", "creators", "platforms", "show_type", "show_standard"),
    *("external_id", "note", "metadata", "status"),
)
MOVING = {"version", "updated_at", "updated_by"}
"""What tells how often a show was touched: not what was planned."""
FIRST = datetime(2026, 5, 1, 3, 0)  # noqa: DTZ001 - written with a Z


class Month:
    """The schedule, what the test reckons it to be, and each version as it was read at the time."""

    def __init__(self, world: World, planner: Client, approver: Client, manager: Client) -> None:
        self.world = world
        self.planner, self.approver, self.manager = planner, approver, manager
        self.schedule = _done(
            planner.post(
                f"{API}/schedules",
                json={
                    "name": "Acme May 2026",
                    "studio_id": world.studio,
                    "client_id": world.customer,
                    "start_date": "2026-05-01",
                    "end_date": "2026-05-31",
                },
            ),
            201,
        )
        self.url = f"{API}/schedules/{self.schedule['id']}"
        self.expected: dict[str, Json] = {}
        self.kept: dict[int, tuple[bytes, dict[str, Json]]] = {}
        self.ids: list[str] = []

    def draft(self, shows: list[Json]) -> None:
        """As the answer says; it says what was asked."""
        items = _done(self.planner.post(f"{self.url}/shows", json={"shows": shows}), 201)["items"]
        for asked, drafted in zip(shows, items, strict=True):
            assert {name: drafted[name] for name in asked} == asked
            assert drafted["status"] == "draft"
            self.expected[drafted["id"]] = drafted
            self.ids.append(drafted["id"])

    def do(self, who: Client, command: str, **body: Any) -> Json:
        return _done(who.post(f"{self.url}/{command}", json=body), 200)

    def show(self, who: Client, show_id: str, command: str, **body: Any) -> Json:
        return _done(who.post(f"{API}/shows/{show_id}/{command}", json=body), 200)

    def change(self, who: Client, category: str, kind: str, moves: Mapping[str, Json]) -> Json:
        """Asks for other values of shows."""
        operations = [{"op": "update", "show_id": i, "set": values} for i, values in moves.items()]
        body = {"category": category, "type": kind, "reason": "as agreed by phone", "operations": operations}
        return _done(who.post(f"{self.url}/changes", json=body), 201)

    def reckon(self, moves: Mapping[str, Json]) -> None:
        for show_id, values in moves.items():
            self.expected[show_id] = self.expected[show_id] | values

    def version(self, number: int, kind: str) -> None:
        """The newest version is what the test reckons, whole."""
        answer = self.planner.get(f"{self.url}/versions/{number}")
        document = _done(answer, 200)
        listed = _done(self.planner.get(f"{self.url}/versions", params={"limit": 100}), 200)["items"]
        assert listed[0] == document["version"]
        assert (document["version"]["number"], document["version"]["kind"]) == (number, kind)
        assert document["schedule"]["current_version"] == number
        wanted = sorted(self.expected.values(), key=lambda show: (show["start"], show["id"]))
        assert [_still(show) for show in document["shows"]] == [_still(show) for show in wanted]
        self.kept[number] = (answer.content, deepcopy(self.expected))


def test_a_month_from_draft_to_archive(client: Client, world: World, sign_in: SignIn) -> None:
    month = Month(world, *_staff(client, world, sign_in))
    _agreed_and_booked(month)
    _changed(month)
    _broadcast_and_archived(month)

    for number, (read, _) in month.kept.items():
        assert month.planner.get(f"{month.url}/versions/{number}").content == read
    for earlier, later_one in combinations(month.kept, 2):
        for start, end in ((earlier, later_one), (later_one, earlier)):
            found = _done(month.planner.get(f"{month.url}/diff", params={"from": start, "to": end}), 200)
            assert _told(found) == _reckoned(start, end, month.kept[start][1], month.kept[end][1])


def _agreed_and_booked(month: Month) -> None:
    """Sixty drafts; the first version is rejected, the second agreed to and booked."""
    month.draft([_show(month.world, n) for n in range(60)])
    month.do(month.planner, "propose", note="May, as discussed")
    month.version(1, "proposed")
    month.do(month.approver, "reject", version=1, reason="No shows on the first of May")

    dropped = month.ids[:2]
    for show_id in dropped:
        assert month.planner.delete(f"{API}/shows/{show_id}").status_code == 204
        del month.expected[show_id]
    renamed = {month.ids[2]: {"name": "Opening"}}
    for show_id, values in renamed.items():
        _done(month.planner.patch(f"{API}/shows/{show_id}", json=values), 200)
    month.reckon(renamed)
    month.do(month.planner, "propose")
    month.version(2, "proposed")
    stale = month.approver.post(f"{month.url}/approve", json={"version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert month.do(month.approver, "approve", version=2)["approved_version"] == 2

    booked = month.do(month.planner, "confirm")
    assert [*booked["confirmed"]] == month.ids[2:]
    month.reckon({show_id: {"status": "confirmed"} for show_id in month.ids[2:]})
    month.version(3, "confirmed")


def _changed(month: Month) -> None:
    """The client wants another time, a flood moves six shows, a host falls ill."""
    first, second = month.world.creators
    later = {month.ids[10]: _at(10, hours=1)}
    asked = month.change(month.approver, "CLIENT_REQUESTED", "TIME_CHANGE", later)
    assert (asked["status"], asked["needs"]) == ("proposed", "studio")
    preview = _done(month.planner.get(f"{API}/changes/{asked['id']}/preview"), 200)
    assert [each["show_id"] for each in preview["diff"]["changed"]] == [month.ids[10]]
    _done(month.manager.post(f"{API}/changes/{asked['id']}/approve", json={}), 200)
    month.reckon(later)
    month.version(4, "change")

    moved = {month.ids[n]: _at(n, hours=8) for n in range(20, 26)}
    forced = month.change(month.manager, "FORCE_MAJEURE", "TIME_CHANGE", moved)
    assert (forced["status"], forced["needs"]) == ("approved", "none")
    month.reckon(moved)
    month.version(5, "change")
    _done(month.approver.post(f"{API}/changes/{forced['id']}/acknowledge", json={}), 200)

    ill = {month.ids[n]: {"creators": [second]} for n in range(30, 36, 2)}
    assert all(month.expected[show_id]["creators"] == [first] for show_id in ill)
    asked = month.change(month.planner, "OPERATIONAL", "CREATOR_CHANGE", ill)
    assert (asked["status"], asked["needs"]) == ("proposed", "client")
    _done(month.approver.post(f"{API}/changes/{asked['id']}/approve", json={"note": "get well"}), 200)
    month.reckon(ill)
    month.version(6, "change")


def _broadcast_and_archived(month: Month) -> None:
    """All takes place, one show with an interruption."""
    broken = month.ids[40]
    for show_id in month.ids[2:]:
        month.show(month.manager, show_id, "start")
        if show_id == broken:
            month.show(month.manager, show_id, "interrupt", reason_category="UTILITY_OUTAGE", note="dark")
            held = month.show(month.manager, show_id, "resolve", outcome="completed", note="light again")
            assert held["status"] == "completed"
        else:
            month.show(month.manager, show_id, "complete")
    assert month.do(month.manager, "archive")["status"] == "archived"


def _staff(client: Client, world: World, sign_in: SignIn) -> tuple[Client, Client, Client]:
    """A planner, the client's approver and the studio's manager, allowed to plan."""
    of_studio, of_client = {"studio_id": world.studio}, {"client_id": world.customer}
    roles = {"planner": of_studio, "client_approver": of_client, "manager": of_studio}
    for feature, kind in (
        ("planning", "planner"),
        ("planning", "manager"),
        ("client_changes", "client_approver"),
    ):
        switch: Json = {"feature": feature, "user_type": kind, "studio_id": world.studio, "enabled": True}
        _done(client.post(f"{API}/features", json=switch), 201)
    signed: list[Client] = []
    for role, where in roles.items():
        user = _done(client.post(f"{API}/users", json={"email": f"{role}@x.test", "name": role}), 201)
        _done(client.post(f"{API}/memberships", json={"user_id": user["id"], "role": role} | where), 201)
        signed.append(sign_in(user["id"]))
    return signed[0], signed[1], signed[2]


def _at(number: int, hours: int = 0) -> Json:
    """Two shows a day, at ten and at one in Bangkok; or so many hours later."""
    start = FIRST + timedelta(days=number // 2, hours=3 * (number % 2) + hours)
    return {"start": f"{start.isoformat()}Z", "end": f"{(start + timedelta(hours=2)).isoformat()}Z"}


def _show(world: World, number: int) -> Json:
    return {
        "name": f"Show {number + 1}",
        **_at(number),
        "room_id": world.rooms[0],
        "creators": [world.creators[number % 2]],
        "platforms": [{"platform_id": world.platform}],
        "external_id": f"SH-{number + 1}",
    }


def _still(show: Json) -> Json:
    return {name: value for name, value in show.items() if name not in MOVING}


def _told(found: Json) -> Json:
    return found | {
        "added": [_still(show) for show in found["added"]],
        "removed": [_still(show) for show in found["removed"]],
    }


def _reckoned(start: int, end: int, before: Mapping[str, Json], after: Mapping[str, Json]) -> Json:
    """What the difference should say."""

    def ordered(shows: Mapping[str, Json], ids: set[str]) -> list[Json]:
        return sorted((shows[i] for i in ids), key=lambda show: (show["start"], show["id"]))

    changed = [
        {"show_id": show["id"], "name": show["name"], "fields": fields}
        for show in ordered(after, {*before} & {*after})
        if (fields := _fields(before[show["id"]], show))
    ]
    return {
        "from": start,
        "to": end,
        "added": [_still(show) for show in ordered(after, {*after} - {*before})],
        "removed": [_still(show) for show in ordered(before, {*before} - {*after})],
        "changed": changed,
        # Every show of this story that was booked was booked with its plan.
        "confirmed_with_plan": [
            each["show_id"]
            for each in changed
            if {*each["fields"].get("status", {}).values()} == {"draft", "confirmed"}
        ],
    }


def _fields(before: Json, after: Json) -> Json:
    return {
        name: {"from": before[name], "to": after[name]} for name in PLANNED if before[name] != after[name]
    }


def _done(response: Any, status: int) -> Json:
    assert response.status_code == status, response.text
    return response.json()
