"""A client's user reads everything there is to read, over a plan that was agreed and is being changed again:
no word of the working drafts, and none of another client, is in any answer. Which routes there are is asked
of the OpenAPI document; one that answers nothing here fails the test, so give it a sample."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Final

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.registry.entities import ENTITIES
from tests.api.conftest import SignIn
from tests.api.world import API, Json, World

DRAFT: Final = "Xdraftx"
OTHER: Final = "Xotherx"
"""What every text of the working drafts, and of the other client, has in it."""

CLOSED: Final = {"list_events": 403, "get_import": 404, "get_bulk": 404}
"""Routes that have nothing for a client's user."""
QUERIES: Final = {
    "board": "studio_id={studio}&from=2026-05-01&to=2026-06-01",
    "get_room_impact": "from=2026-05-01&to=2026-06-01",
    "get_creator_impact": "from=2026-05-01&to=2026-06-01",
    "get_utilisation": "studio_id={studio}&from=2026-05-01&to=2026-05-04",
    "find_availability": "studio_id={studio}&from=2026-05-02&to=2026-05-03&minutes=60",
    "diff_versions": "from=1",
    "diff_show_versions": "from=1",
    "stream": "seconds=0&after=0",
}
"""What a route can't be asked without."""
OPTIONS: Final = {"include_deleted": "true", "version": "1", "as_of": "{now}"}
"""Asked once more with each of these that a route takes."""


@dataclass
class Place:
    """One client's user, and what paths may name: own things, drafts only, and another client's."""

    world: World
    ours: TestClient[Litestar]
    ids: dict[str, list[str]]
    rows: dict[str, list[str]]
    plans: dict[str, Json]
    shows: dict[str, Json]
    now: str


def drafted_again(world: World, name: str, hours: tuple[int, ...]) -> tuple[Json, list[Json]]:
    """A plan with a first version, and a working draft in which everything is called otherwise."""
    agreed = [world.show(hour, name=f"{name} at {hour}", external_id=f"{name}-{hour}") for hour in hours]
    plan, shows = world.planned(*agreed, name=name, note="as agreed")
    world.do(plan, "propose")
    world.do(plan, "withdraw")
    redraft(world, plan, shows[0])
    removed = world.client.delete(f"{API}/shows/{shows[1]['id']}")
    assert removed.status_code == 204
    return plan, shows


def redraft(world: World, plan: Json, show: Json) -> None:
    """Calls the plan and one of its shows otherwise, and moves them."""
    edit = {"name": f"{DRAFT} plan", "note": DRAFT, "end_date": "2026-06-30"}
    shift = {"start": "2026-06-02T01:00:00Z", "end": "2026-06-02T02:00:00Z"}
    fields = {"name": DRAFT, "note": DRAFT, "external_id": f"{DRAFT}-{plan['name']}", "metadata": {DRAFT: 1}}
    for path, body in ((f"schedules/{plan['id']}", edit), (f"shows/{show['id']}", fields | shift)):
        done = world.client.patch(f"{API}/{path}", json=body)
        assert done.status_code == 200, done.text


@pytest.fixture
def place(world: World, client: TestClient[Litestar], sign_in: SignIn) -> Place:
    def made(path: str, **body: Any) -> Json:
        response = client.post(f"{API}/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    def asked(plan: Json, show: Json, **values: Any) -> Json:
        operation = {"op": "update", "show_id": show["id"], "set": values}
        about = {"category": "OPERATIONAL", "type": "OTHER", "reason": "the host is late today"}
        return made(f"schedules/{plan['id']}/changes", **about, operations=[operation])

    other = made("clients", name=f"{OTHER} Co")["id"]
    theirs = {"client_id": other, "name": f"{OTHER} plan", "note": OTHER}
    word = {"name": OTHER, "note": OTHER, "external_id": OTHER}
    their_plan, their_shows = world.booked(
        world.show(6, **word), world.show(20, **word | {"external_id": None}), **theirs
    )
    their_change = asked(their_plan, their_shows[0], note=f"{OTHER}!")
    their_words = made(f"schedules/{their_plan['id']}/comments", text=OTHER)

    wanted, wanted_shows = world.planned(
        world.show(8, name=f"{DRAFT} wish"), name="Not yet shown", note="for later"
    )
    agreed, agreed_shows = drafted_again(world, "Agreed", (6, 8))
    (added,) = world.draft(agreed, world.show(10, name=f"{DRAFT} added", external_id=f"{DRAFT}-10"))
    made(f"shows/{added['id']}/comments", text=DRAFT)
    booked, booked_shows = world.booked(world.show(12), world.show(14), name="Booked")
    change = asked(booked, booked_shows[1], start="2026-05-02T21:00:00Z", end="2026-05-02T22:00:00Z")
    comment = made(f"schedules/{booked['id']}/comments", text="Well?")
    assert client.post(f"{API}/shows/{booked_shows[0]['id']}/start", json={}).status_code == 200
    reopened, reopened_shows = world.booked(world.show(16), name="Reopened")
    old_change = asked(reopened, reopened_shows[0], note="said before")
    world.do(reopened, "cancel", reason="rain")
    world.do(reopened, "reopen")
    redraft(world, reopened, reopened_shows[0])
    single = made("shows", **world.show(18, name="Alone"), studio_id=world.studio, client_id=world.customer)
    for command in ("propose", "withdraw"):
        assert client.post(f"{API}/shows/{single['id']}/{command}", json={}).status_code == 200
    renamed = client.patch(f"{API}/shows/{single['id']}", json={"name": DRAFT, "note": DRAFT})
    assert renamed.status_code == 200

    closure = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-02T00:00:00Z", "reason": "paint"}
    made("room-closures", room_id=world.rooms[0], **closure)
    made("creator-time-offs", creator_id=world.creators[0], **closure)
    elsewhere = made("studios", name="Berlin", time_zone="Europe/Berlin")["id"]
    made("opening-hours", studio_id=elsewhere, weekday=1, opens="09:00", closes="18:00")
    made("opening-exceptions", studio_id=elsewhere, date="2026-12-25", reason="Christmas")
    me = made("users", email="u1@x.test", name="Ann")["id"]
    made("memberships", user_id=me, role="client_viewer", client_id=world.customer)
    rows = {e.path: [client.get(f"{API}/{e.path}").json()["items"][0]["id"]] for e in ENTITIES}
    rival = made("users", email="u2@x.test", name=OTHER)["id"]
    membership = made("memberships", user_id=rival, role="client_viewer", client_id=other)["id"]
    rows["clients"] = [world.customer, other]
    rows["users"] = [me, rival]
    rows["memberships"] += [membership]
    return Place(
        world=world,
        ours=sign_in(me),
        ids={
            "schedule_id": [each["id"] for each in (booked, agreed, wanted, reopened, their_plan)],
            "show_id": [
                each["id"]
                for each in (single, booked_shows[0], *agreed_shows, added, wanted_shows[0], their_shows[0])
            ],
            "change_id": [change["id"], old_change["id"], their_change["id"]],
            "comment_id": [comment["id"], their_words["id"]],
            "import_id": ["import_00000000000000000000000000"],
            "run_id": ["bulk_00000000000000000000000000"],
            "number": ["1"],
        },
        rows=rows,
        plans={"agreed": agreed, "wanted": wanted, "booked": booked, "reopened": reopened},
        shows={"moved": agreed_shows[0], "removed": agreed_shows[1], "added": added, "live": booked_shows[0]},
        now=client.get(f"{API}/schedules/{agreed['id']}").json()["updated_at"],
    )


def urls(place: Place, path: str, operation: Json) -> list[str]:
    """Every way in which a route is asked here."""
    entity = path.removeprefix(f"{API}/").split("/")[0]
    filled = [path]
    for name, values in ({"row_id": place.rows.get(entity, [])} | place.ids).items():
        hole = f"{{{name}}}"
        filled = [url.replace(hole, value) for url in filled for value in (values if hole in url else [""])]
    takes = {each["name"] for each in operation.get("parameters", [])}
    base = ["limit=100"] if "limit" in takes else []
    if query := QUERIES.get(operation["operationId"]):
        base.append(query.format(studio=place.world.studio))
    options = [f"{name}={value.format(now=place.now)}" for name, value in OPTIONS.items() if name in takes]
    variants = [base, *([*base, option] for option in options)]
    return [f"{url}?{'&'.join(variant)}" for url in filled for variant in variants]


def text(body: bytes) -> str:
    """What an answer says; a workbook unpacked."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def test_no_answer_tells_of_a_working_draft_or_of_another_client(place: Place) -> None:
    document = place.ours.get("/schema/openapi.json").json()
    told: list[str] = []
    silent: list[str] = []
    counted: list[str] = []
    for path, methods in document["paths"].items():
        if (operation := methods.get("get")) is None:
            continue
        answers = {url: place.ours.get(url) for url in urls(place, path, operation)}
        if CLOSED.get(operation["operationId"], 200) not in {each.status_code for each in answers.values()}:
            silent.append(f"{path}: {[(url, each.text[:200]) for url, each in answers.items()]}")
        for url, answer in answers.items():
            told += [f"{url}: {answer.text}" for marker in (DRAFT, OTHER) if marker in text(answer.content)]
            if answer.headers["content-type"] == "application/json" and "page" in (page := answer.json()):
                total = page["page"].get("total")
                counted += [url] if total not in {None, len(page["items"])} else []
    assert (told, silent, counted) == ([], [], [])


def test_lists_have_the_newest_versions_with_statuses_as_they_are(place: Place) -> None:
    def listed(query: str = "") -> list[tuple[str, str, str]]:
        page = place.ours.get(f"{API}/shows?limit=100{query}").json()
        assert page["page"]["total"] == len(page["items"])
        return [(show["name"], show["start"][11:16], show["status"]) for show in page["items"]]

    agreed = [("Agreed at 6", "06:00", "draft"), ("Agreed at 8", "08:00", "draft")]
    booked = [("Show at 12", "12:00", "live"), ("Show at 14", "14:00", "confirmed")]
    rest = [("Show at 16", "16:00", "draft"), ("Alone", "18:00", "draft")]
    assert listed() == [*agreed, *booked, *rest]
    assert listed("&include_deleted=true&sort=-start") == [*agreed, *booked, *rest][::-1]
    assert listed("&status=live") == booked[:1]
    assert listed("&from=2026-05-02T10:00:00Z&to=2026-05-02T13:00:00Z") == booked[:1]
    assert listed("&from=2026-06-01") == []
    assert listed(f"&q={DRAFT}") == []
    assert listed("&q=agreed-8") == agreed[1:]
    assert listed(f"&schedule_id={place.plans['agreed']['id']}") == agreed
    assert listed(f"&creator_id={place.world.creators[0]}&room_id={place.world.rooms[0]}") == listed()
    assert listed(f"&creator_id={place.world.creators[1]}") == []
    first = place.ours.get(f"{API}/shows?limit=1&sort=name").json()
    second = place.ours.get(f"{API}/shows?limit=1&sort=name&cursor={first['page']['next_cursor']}").json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["Agreed at 6", "Agreed at 8"]
    board = f"{API}/board?studio_id={place.world.studio}&from=2026-05-01&to=2026-07-01"
    assert [show["name"] for show in place.ours.get(board).json()["shows"]] == [row[0] for row in listed()]
    exported = place.ours.get(f"{API}/exports/shows.csv").text.splitlines()[1:]
    assert [line.split(",")[4] for line in exported] == [row[0] for row in listed()]


def test_schedules_are_called_and_counted_as_their_newest_versions(place: Place) -> None:
    def listed(query: str = "") -> list[tuple[str, str, str, dict[str, int], bool]]:
        page = place.ours.get(f"{API}/schedules?sort=name{query}").json()
        assert page["page"]["total"] == len(page["items"])
        return [
            (s["name"], s["note"], s["end_date"], s["shows_by_status"], s["has_unversioned_edits"])
            for s in page["items"]
        ]

    agreed = ("Agreed", "as agreed", "2026-05-31", {"draft": 2}, False)
    assert listed() == [
        agreed,
        ("Booked", "", "2026-05-31", {"confirmed": 1, "live": 1}, False),
        ("Not yet shown", "for later", "2026-05-31", {}, False),
        ("Reopened", "", "2026-05-31", {"draft": 1}, False),
    ]
    assert listed("&q=agre") == [agreed]
    assert listed(f"&q={DRAFT}") == []
    assert listed("&from=2026-06-01") == []


def test_one_show_is_there_from_the_version_that_has_it(place: Place) -> None:
    found = {
        name: place.ours.get(f"{API}/shows/{show['id']}").status_code for name, show in place.shows.items()
    }
    assert found == {"moved": 200, "removed": 200, "added": 404, "live": 200}
    for part in ("events", "comments", "readiness"):
        assert place.ours.get(f"{API}/shows/{place.shows['added']['id']}/{part}").status_code == 404
    events = place.ours.get(f"{API}/schedules/{place.plans['agreed']['id']}/events?limit=100").json()["items"]
    assert [event["type"] for event in events] == [
        *("ScheduleOpened", "ShowDrafted", "ScheduleProposed", "VersionNumbered", "ProposalWithdrawn"),
    ]


def test_conflicts_are_those_of_the_newest_version_and_name_nobody_else(place: Place) -> None:
    found = place.ours.get(f"{API}/schedules/{place.plans['agreed']['id']}/conflicts").json()
    assert [(each["code"], each["other"] and each["other"]["name"]) for each in found["items"]] == [
        ("creator_overlap", "booked"),
        ("room_overlap", "booked"),
    ]
    assert found["counts"] == {"block": 2, "warn": 0}
    wish = place.world.show(8, studio_id=place.world.studio)
    checked = place.ours.post(f"{API}/conflicts/check", json={"shows": [wish]}).json()["items"]
    assert {each["other"]["name"] for each in checked} == {"Agreed at 8"}


def test_a_difference_without_its_end_goes_to_the_newest_version(place: Place) -> None:
    path = f"{API}/schedules/{place.plans['agreed']['id']}/diff?from=1"
    nothing: dict[str, Any] = {"added": [], "removed": [], "changed": [], "confirmed_with_plan": []}
    assert place.ours.get(path).json() == {"from": 1, "to": 1} | nothing
