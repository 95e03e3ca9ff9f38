"""Every route of the documentation x every role: the exact status. A route without a row in ROUTES fails."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.registry.entities import ENTITIES
from tests.api.conftest import SignIn
from tests.api.world import API, World

Rule = Literal[
    "public",
    "read",
    "own",
    "hidden",
    "audit",
    "write",
    "write own",
    "plan hidden",
    "plan",
    "plan own",
    "manage",
    "decide",
    "comment",
]
"""`own`: of something that belongs to a client, so not there for others' users; `hidden` from all clients."""

ROLES = (
    "admin",
    "planning manager",
    "planning planner",
    "manager",
    "planner",
    "viewer",
    "no membership",
    "approver",
    "client viewer",
    "other's approver",
    "other's viewer",
    "banned",
    "anonymous",
)
"""`planning` is switched on in the studio of the first two; `manager` and `planner` are of another one."""
CLIENTS = {"approver", "client viewer", "other's approver", "other's viewer"}
ALLOWED: dict[Rule, set[str]] = {
    "write": {"admin"},
    "audit": {"admin"},
    "write own": {"admin"},
    "plan hidden": {"admin", "planning manager", "planning planner"},
    "plan": {"admin", "planning manager", "planning planner"},
    "plan own": {"admin", "planning manager", "planning planner"},
    "manage": {"admin", "planning manager"},
    "decide": {"admin", "approver"},
    "comment": {"admin", "planning manager", "planning planner", "approver"},
}
OF_A_CLIENT: set[Rule] = {"own", "write own", "plan own", "manage", "decide", "comment"}

HIDDEN: set[Rule] = {"hidden", "plan hidden"}


def expected(rule: Rule, role: str, admitted: int) -> int:
    """The status that a role gets, where `admitted` is what the route answers to those who may."""
    if rule == "public":
        return admitted
    if role in {"banned", "anonymous"}:
        return 401
    if (rule in OF_A_CLIENT and role.startswith("other's")) or (rule in HIDDEN and role in CLIENTS):
        return 404
    return admitted if role in ALLOWED.get(rule, set(ROLES)) else 403


ROUTES: dict[str, tuple[Rule, int]] = {
    "live": ("public", 200),
    "ready": ("public", 200),
    "metrics": ("public", 200),
    "me": ("read", 200),
    "board": ("read", 200),
    "find_availability": ("read", 200),
    "get_utilisation": ("read", 200),
    "get_room_impact": ("read", 200),
    "get_creator_impact": ("read", 200),
    "list_changes": ("read", 200),
    "count_changes": ("read", 200),
    "export_shows": ("read", 200),
    "list_imports": ("read", 200),
    "list_schedules": ("read", 200),
    "list_shows": ("read", 200),
    "check_conflicts": ("read", 422),
    "get_import": ("hidden", 404),
    "list_events": ("audit", 200),
    "stream": ("read", 200),
    "undo_bulk": ("plan", 404),
    "undo_import": ("plan hidden", 404),
    "get_bulk": ("hidden", 404),
    "import_file": ("plan", 415),
    "get_change": ("own", 200),
    "list_change_comments": ("own", 200),
    "preview_change": ("own", 200),
    "get_schedule": ("own", 200),
    "list_conflicts": ("own", 200),
    "diff_versions": ("own", 200),
    "list_schedule_changes": ("own", 200),
    "preview_schedule_change": ("own", 200),
    "list_schedule_comments": ("own", 200),
    "list_schedule_events": ("own", 200),
    "get_schedule_readiness": ("own", 200),
    "list_schedule_shows": ("own", 200),
    "list_versions": ("own", 200),
    "get_version": ("own", 200),
    "list_show_versions": ("own", 409),
    "get_show_version": ("own", 409),
    "diff_show_versions": ("own", 422),
    "create_show_version": ("plan own", 422),
    "edit_show_version": ("write own", 409),
    "delete_show_version": ("write own", 409),
    "undelete_show_version": ("write own", 409),
    "restore_show_version": ("plan own", 409),
    "list_show_changes": ("own", 409),
    "propose_show_change": ("plan own", 422),
    "export_shows_workbook": ("read", 200),
    "get_show": ("own", 200),
    "list_show_comments": ("own", 200),
    "list_schedule_waivers": ("own", 200),
    "list_show_waivers": ("own", 200),
    "waive_conflict": ("manage", 422),
    "withdraw_waiver": ("manage", 404),
    "list_show_events": ("own", 200),
    "get_show_readiness": ("own", 200),
    "acknowledge_change": ("decide", 412),
    "approve_change": ("decide", 412),
    "reject_change": ("decide", 412),
    "approve_schedule": ("decide", 422),
    "reject_schedule": ("decide", 422),
    "approve_show": ("decide", 422),
    "reject_show": ("decide", 422),
    "comment_on_change": ("comment", 422),
    "comment_on_schedule": ("comment", 422),
    "comment_on_show": ("comment", 422),
    "edit_comment": ("comment", 422),
    "acknowledge_comment": ("plan own", 412),
    "remove_comment": ("write own", 412),
    "create_schedule": ("plan", 422),
    "create_show": ("plan", 422),
    "run_bulk": ("plan", 422),
    "create_opening_hours_bulk": ("write", 422),
    "withdraw_change": ("plan own", 412),
    "delete_schedule": ("plan own", 412),
    "edit_schedule": ("plan own", 412),
    "archive_schedule": ("plan own", 412),
    "confirm_schedule": ("plan own", 412),
    "propose_schedule": ("plan own", 412),
    "reopen_schedule": ("plan own", 412),
    "restore_schedule": ("plan own", 412),
    "resume_schedule": ("plan own", 412),
    "unarchive_schedule": ("plan own", 412),
    "restore_version": ("plan own", 412),
    "withdraw_schedule": ("plan own", 412),
    "remove_show": ("plan own", 412),
    "edit_show": ("plan own", 412),
    "complete_show": ("plan own", 412),
    "restore_show": ("plan own", 412),
    "start_show": ("plan own", 412),
    "confirm_show": ("plan own", 409),
    "propose_show": ("plan own", 409),
    "withdraw_show": ("plan own", 409),
    "cancel_schedule": ("plan own", 422),
    "propose_change": ("plan own", 422),
    "duplicate_schedule": ("plan own", 422),
    "park_schedule": ("plan own", 422),
    "draft_shows": ("plan own", 422),
    "create_version": ("plan own", 422),
    "interrupt_show": ("plan own", 422),
    "move_show": ("plan own", 422),
    "resolve_show": ("plan own", 422),
    "cancel_show": ("manage", 422),
    "delete_version": ("write own", 412),
    "edit_version": ("write own", 412),
    "undelete_version": ("write own", 412),
}
"""By operation id: who may, and what the route answers to them here, where a write sends `{}` and an old
If-Match, and so changes nothing."""

PRIVATE = {"client", "user", "membership"}
for entity in ENTITIES:
    mine = entity.singular in PRIVATE
    ROUTES |= {
        f"list_{entity.table}": ("read", 200),
        f"create_{entity.singular}": ("write", 422),
        f"get_{entity.singular}": ("own" if mine else "read", 200),
        f"list_{entity.singular}_history": ("own" if mine else "read", 200),
        f"update_{entity.singular}": ("write own" if mine else "write", 412),
        f"delete_{entity.singular}": ("write own" if mine else "write", 412),
        f"restore_{entity.singular}": ("write own" if mine else "write", 412),
    }


@dataclass
class Place:
    """Clients by role, and what the paths name: things of one client, which is not the others'."""

    signed_in: dict[str, TestClient[Litestar]]
    names: dict[str, str]
    rows: dict[str, str]
    world: World


@pytest.fixture
def place(world: World, client: TestClient[Litestar], nobody: TestClient[Litestar], sign_in: SignIn) -> Place:
    def made(path: str, **body: Any) -> dict[str, Any]:
        response = client.post(f"{API}/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    elsewhere = made("studios", name="Berlin", time_zone="Europe/Berlin")["id"]
    other = made("clients", name="Bolt")["id"]
    members: dict[str, dict[str, str]] = {
        "planning manager": {"role": "manager", "studio_id": world.studio},
        "planning planner": {"role": "planner", "studio_id": world.studio},
        "manager": {"role": "manager", "studio_id": elsewhere},
        "planner": {"role": "planner", "studio_id": elsewhere},
        "viewer": {"role": "viewer", "studio_id": world.studio},
        "no membership": {},
        "approver": {"role": "client_approver", "client_id": world.customer},
        "client viewer": {"role": "client_viewer", "client_id": world.customer},
        "other's approver": {"role": "client_approver", "client_id": other},
        "other's viewer": {"role": "client_viewer", "client_id": other},
        "banned": {},
    }
    signed_in = {"admin": client, "anonymous": nobody}
    users: dict[str, str] = {}
    for number, (role, membership) in enumerate(members.items()):
        users[role] = made("users", email=f"u{number}@x.test", name=role, is_banned=role == "banned")["id"]
        signed_in[role] = sign_in(users[role])
        if membership:
            made("memberships", user_id=users[role], **membership)
    for user_type in ("manager", "planner"):
        made("features", feature="planning", user_type=user_type, studio_id=world.studio, enabled=True)
    schedule, shows = world.booked()
    asked = {
        "category": "OPERATIONAL",
        "type": "TIME_CHANGE",
        "reason": "the host is late",
        "operations": [{"op": "update", "show_id": shows[0]["id"], "set": {"name": "Later"}}],
    }
    change = made(f"schedules/{schedule['id']}/changes", **asked)
    comment = made(f"schedules/{schedule['id']}/comments", text="Well?")
    closure = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-02T00:00:00Z", "reason": "paint"}
    made("room-closures", room_id=world.rooms[0], **closure)
    hosts = client.get(f"{API}/creators").json()["items"]
    made("creator-time-offs", creator_id=hosts[0]["id"], **closure)
    made("opening-hours", studio_id=elsewhere, weekday=1, opens="09:00", closes="18:00")
    made("opening-exceptions", studio_id=elsewhere, date="2026-12-25", reason="Christmas")
    rows = {e.path: client.get(f"{API}/{e.path}").json()["items"][0]["id"] for e in ENTITIES}
    approving = client.get(f"{API}/memberships?client_id={world.customer}").json()["items"][0]
    rows |= {"users": users["approver"], "clients": world.customer, "memberships": approving["id"]}
    names = {
        "schedule_id": schedule["id"],
        "show_id": shows[0]["id"],
        "change_id": change["id"],
        "comment_id": comment["id"],
        "waiver_id": "waiver_00000000000000000000000000",
        "import_id": "import_00000000000000000000000000",
        "run_id": "bulk_00000000000000000000000000",
        "number": "1",
    }
    return Place(signed_in, names, rows, world)


QUERIES = {
    "board": "?studio_id={studio}&from=2026-05-01&to=2026-05-03",
    "get_room_impact": "?from=2026-05-01&to=2026-05-03",
    "get_creator_impact": "?from=2026-05-01&to=2026-05-03",
    "get_utilisation": "?studio_id={studio}&from=2026-05-01&to=2026-05-03",
    "find_availability": "?studio_id={studio}&from=2026-05-01&to=2026-05-03&minutes=60",
    "diff_versions": "?from=1&to=2",
    "stream": "?seconds=0",
}


def operations(place: Place) -> list[tuple[str, str, str]]:
    """Operation id, method and path with everything filled in, of each route of the documentation."""
    document = place.signed_in["anonymous"].get("/schema/openapi.json").json()
    found: list[tuple[str, str, str]] = []
    for path, methods in document["paths"].items():
        entity = path.removeprefix("/api/v1/").split("/")[0]
        filled = path.format(row_id=place.rows.get(entity, ""), **place.names) if "{" in path else path
        for method, operation in methods.items():
            query = QUERIES.get(operation["operationId"], "").format(studio=place.world.studio)
            found.append((operation["operationId"], method.upper(), filled + query))
    return found


def ask(client: TestClient[Litestar], method: str, path: str) -> int:
    """The status of a request; a write changes nothing."""
    body = {} if method in {"GET", "DELETE"} else {"json": {}}
    return client.request(method, path, headers={"If-Match": '"99999"'}, **body).status_code


def test_every_route_answers_every_role_as_the_table_says(place: Place) -> None:
    routes = operations(place)
    missing = sorted({name for name, _, _ in routes} - set(ROUTES))
    assert not missing, f"new routes: give each a row in ROUTES, who may and what it answers: {missing}"
    wrong: list[str] = []
    for name, method, path in routes:
        rule, admitted = ROUTES[name]
        for role in ROLES:
            status = ask(place.signed_in[role], method, path)
            if status != (wanted := expected(rule, role, admitted)):
                wrong.append(f"{name} ({rule}): {role} got {status}, not {wanted}: {method} {path}")
    assert not wrong, "\n".join(wrong)


def test_nothing_of_another_client_is_listed_or_counted(place: Place) -> None:
    ours, theirs = place.signed_in["client viewer"], place.signed_in["other's viewer"]

    def totals(client: TestClient[Litestar]) -> dict[str, int]:
        paths = ("schedules", "shows", "changes", "clients", "memberships", "imports")
        return {path: client.get(f"{API}/{path}").json()["page"]["total"] for path in paths}

    assert totals(ours) == {
        "schedules": 1,
        "shows": 1,
        "changes": 1,
        "clients": 1,
        "memberships": 2,
        "imports": 0,
    }
    assert totals(theirs) == {
        "schedules": 0,
        "shows": 0,
        "changes": 0,
        "clients": 1,
        "memberships": 2,
        "imports": 0,
    }
    assert theirs.get(f"{API}/changes/counts").json() == {"client": 0, "studio": 0, "unseen": 0}
    board = f"{API}/board?studio_id={place.world.studio}&from=2026-05-01&to=2026-05-03"
    assert [len(client.get(board).json()["shows"]) for client in (ours, theirs)] == [1, 0]
    files = [client.get(f"{API}/exports/shows.csv").text.count("\r\n") for client in (ours, theirs)]
    assert files == [2, 1]
    for format_ in ("csv", "xlsx"):
        named = f"{API}/exports/shows.{format_}?schedule_id={place.names['schedule_id']}"
        assert [client.get(named).status_code for client in (ours, theirs)] == [200, 404]


def test_why_a_creator_is_away_is_hidden_from_clients(place: Place) -> None:
    at = f"{API}/creator-time-offs/{place.rows['creator-time-offs']}"
    ours, planner = place.signed_in["client viewer"], place.signed_in["planner"]
    host = planner.get(at).json()["creator_id"]
    wish = place.world.show(14) | {"studio_id": place.world.studio, "creators": [host]}
    wish |= {"start": "2026-07-01T10:00:00Z", "end": "2026-07-01T11:00:00Z"}

    def told(client: TestClient[Litestar]) -> tuple[str, str, str, str]:
        found = client.post(f"{API}/conflicts/check", json={"shows": [wish]}).json()["items"]
        away = next(finding for finding in found if finding["code"] == "creator_unavailable")
        (event,) = client.get(f"{at}/history").json()["items"]
        row = client.get(at).json()
        return (
            row["reason"],
            event["data"]["values"]["reason"],
            away["other"]["name"],
            away["other"]["status"],
        )

    assert told(planner) == ("paint", "paint", "paint", "unavailable")
    assert told(ours) == ("unavailable", "unavailable", "unavailable", "unavailable")


def test_who_else_holds_a_room_is_hidden_from_clients(place: Place) -> None:
    theirs = place.signed_in["other's approver"]
    wish = place.world.show(14) | {"studio_id": place.world.studio, "creators": []}
    found = theirs.post(f"{API}/conflicts/check", json={"shows": [wish]}).json()["items"]
    taken = next(finding for finding in found if finding["code"] == "room_overlap")
    assert taken["other"] | {"since": ""} == {
        "show_id": None,
        "closure_id": None,
        "schedule_id": None,
        "client_id": None,
        "name": "booked",
        "status": "confirmed",
        "since": "",
    }
    assert taken["message"] == "Room 1 is booked"


def test_what_others_only_want_is_not_told_to_be_booked(place: Place) -> None:
    theirs = place.signed_in["other's approver"]
    place.world.planned(place.world.show(20))
    wish = place.world.show(20) | {"studio_id": place.world.studio, "creators": []}
    found = theirs.post(f"{API}/conflicts/check", json={"shows": [wish]}).json()["items"]
    wanted = next(finding for finding in found if finding["code"] == "room_wanted")
    assert (wanted["message"], wanted["other"]["show_id"]) == ("Room 1 is also wanted by others", None)


def test_a_refusal_names_what_is_needed_and_a_switch_is_asked_at_once(place: Place) -> None:
    approver, admin = place.signed_in["approver"], place.signed_in["admin"]
    schedule = place.world.planned(place.world.show(18))[0]
    place.world.do(schedule, "propose")
    path = f"{API}/schedules/{schedule['id']}/approve"
    switch = next(
        row for row in admin.get(f"{API}/features").json()["items"] if row["feature"] == "client_approval"
    )
    assert admin.patch(f"{API}/features/{switch['id']}", json={"enabled": False}).status_code == 200
    refused = approver.post(path, json={"version": 1})
    assert (refused.status_code, refused.json()["code"], refused.json()["needs"]) == (
        403,
        "forbidden",
        "system_admin, or client_approver of the client with the feature client_approval",
    )
    assert admin.patch(f"{API}/features/{switch['id']}", json={"enabled": True}).status_code == 200
    assert approver.post(path, json={"version": 1}).json()["approved_version"] == 1


def test_an_administrator_decides_on_the_clients_behalf_and_an_approver_for_itself(place: Place) -> None:
    def approved_by(role: str, hour: int) -> bool:
        schedule = place.world.planned(place.world.show(hour))[0]
        place.world.do(schedule, "propose")
        path = f"{API}/schedules/{schedule['id']}"
        assert place.signed_in[role].post(f"{path}/approve", json={"version": 1}).status_code == 200
        events = place.signed_in["admin"].get(f"{path}/events").json()["items"]
        return events[-1]["data"]["on_behalf"]

    assert [approved_by("admin", 18), approved_by("approver", 20)] == [True, False]


def test_nobody_decides_what_they_proposed_themselves(place: Place) -> None:
    admin, planner = place.signed_in["admin"], place.signed_in["planning manager"]
    both = {"role": "client_approver", "client_id": place.world.customer}
    me = planner.get(f"{API}/me").json()["id"]
    assert admin.post(f"{API}/memberships", json={"user_id": me, **both}).status_code == 201
    schedule = place.world.planned(place.world.show(18))[0]
    path = f"{API}/schedules/{schedule['id']}"
    assert planner.post(f"{path}/propose", json={}).status_code == 200
    refused = planner.post(f"{path}/approve", json={"version": 1})
    assert (refused.status_code, refused.json()["needs"]) == (403, "the other side")
    assert place.signed_in["approver"].post(f"{path}/approve", json={"version": 1}).status_code == 200


def test_clients_see_the_newest_version_and_everyone_else_the_working_draft(place: Place) -> None:
    ours, viewer = place.signed_in["client viewer"], place.signed_in["viewer"]
    schedule, (first,) = place.world.planned(place.world.show(18))
    path = f"{API}/schedules/{schedule['id']}"

    def seen(client: TestClient[Litestar]) -> tuple[list[str], int]:
        names = [show["name"] for show in client.get(f"{path}/shows").json()["items"]]
        return names, client.get(path).json()["show_count"]

    assert (seen(ours), seen(viewer)) == (([], 0), (["Show at 18"], 1))
    assert ours.get(f"{API}/shows/{first['id']}").status_code == 404
    place.world.do(schedule, "propose")
    assert (seen(ours), seen(viewer)) == ((["Show at 18"], 1), (["Show at 18"], 1))
    place.world.do(schedule, "withdraw")
    place.world.draft(schedule, place.world.show(20))
    renamed = place.signed_in["admin"].patch(f"{API}/shows/{first['id']}", json={"name": "Other"})
    assert renamed.status_code == 200
    assert (seen(ours), seen(viewer)) == ((["Show at 18"], 1), (["Other", "Show at 20"], 2))
    assert ours.get(f"{API}/shows/{first['id']}").json()["name"] == "Show at 18"
    assert ours.get(path).json()["status"] == "draft"
