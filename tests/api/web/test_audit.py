"""/audit over HTTP: everything that happened, as people read it, and narrowed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.trail import cause_of
from api.web.audit import TYPES
from api.web.frame.wording import BUILT_IN
from seeds.reference import _LOOKUPS  # pyright: ignore[reportPrivateUsage]
from tests.api.world import World
from tests.importing import line, text
from tests.spec import Clock

Client = TestClient[Litestar]


def texts(html: str) -> list[str]:
    """The entries as one reads them, the newest first."""
    found = re.findall(r'<div class="entry">(.*?)<details>', html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found]


def entries(client: Client, **asked: str) -> list[str]:
    """What /audit tells of what was asked for."""
    answer = client.get("/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return texts(answer.text)


@pytest.fixture
def told(client: Client, world: World) -> World:
    """A show was drafted and then moved, and a room renamed."""
    _, (show,) = world.planned()
    moved = {"start": "2026-05-02T14:00:00Z"}
    for path, body in ((f"shows/{show['id']}", moved), (f"rooms/{world.rooms[0]}", {"name": "<Blue>"})):
        done = client.patch(f"/api/v1/{path}", json=body, headers={"If-Match": '"1"'})
        assert done.status_code == 200, done.text
    return world


def test_each_entry_says_who_did_what_to_what_with_before_and_after(client: Client, told: World) -> None:
    renamed, moved, drafted, opened, *_ = entries(client, zone=told.studio)
    assert renamed == "Administrator edited Room · <Blue> name Room 1 → <Blue>"
    assert moved == (
        "Administrator edited shows · Acme May 2026 Show at 13 <Blue>"
        " Sat 2 May 20:00\N{EN DASH}22:00 → Sat 2 May 21:00\N{EN DASH}22:00"
    )
    assert drafted == (
        "Administrator drafted shows · Acme May 2026 Show at 13 added Sat 2 May"
        " 20:00\N{EN DASH}22:00 · <Blue>"
    )
    assert opened.startswith("Administrator opened a schedule · Acme May 2026")


def test_what_a_blackout_asks_for_is_told_with_it(client: Client, world: World) -> None:
    world.booked()
    off = {"start": "2026-05-02T12:00:00Z", "end": "2026-05-02T18:00:00Z", "reason": "Ill", "re_plan": True}
    asked = (
        ("room-closures", {**off, "room_id": world.rooms[0]}),
        ("creator-time-offs", {**off, "creator_id": world.creators[0]}),
        (
            "opening-exceptions",
            {"studio_id": world.studio, "date": "2026-05-02", "reason": "Flood", "re_plan": True},
        ),
    )
    for (path, body), words_for_it in zip(
        asked, ("with a closure", "with time off", "with an exception to opening hours"), strict=True
    ):
        made = client.post(f"/api/v1/{path}", json=body)
        assert made.status_code == 201, made.text
        told = client.get("/audit", params={"type": "ChangeProposed"})
        cause = re.search(r'href="([^"]*cause=[^"]*)">' + words_for_it, told.text)
        assert cause, (path, told.text[-2000:])
        assert words_for_it in client.get(unescape(cause[1])).text
        assert client.get(cause_of(made.json()["id"]).href).json()["id"] == made.json()["id"]


def test_whose_behalf_it_was_is_told_only_where_it_was_somebody_elses(client: Client, world: World) -> None:
    update = {"op": "update", "set": {"note": "Bring lamps"}}
    schedule, shows = world.planned(world.show(13))
    for command in ("propose", "approve", "confirm"):
        world.do(schedule, command, **({"version": 1} if command == "approve" else {}))
    change = {"category": "OPERATIONAL", "type": "OTHER", "reason": "it rains", "operations": [update]}
    update["show_id"] = shows[0]["id"]
    made = client.post(f"/api/v1/schedules/{schedule['id']}/changes", json=change).json()["id"]
    assert "on behalf" not in client.get("/audit?type=ChangeProposed").text
    client.post(f"/api/v1/changes/{made}/approve", json={})
    assert "on behalf of the client" in client.get("/audit?type=ChangeApproved").text


def test_statuses_and_reasons_are_told_in_words(client: Client, world: World) -> None:
    schedule, (show, second) = world.booked(world.show(), world.show(16))
    done = client.post(f"/api/v1/shows/{show['id']}/cancel", json={"reason_category": "CREATOR_UNAVAILABLE"})
    assert done.status_code == 200, done.text
    asked = {
        "category": "OPERATIONAL",
        "type": "TIME_CHANGE",
        "reason": "To end a conflict: Move to 17:00",
        "operations": [{"op": "update", "show_id": second["id"], "set": {"name": "New"}}],
    }
    done = client.post(f"/api/v1/schedules/{schedule['id']}/changes", json=asked)
    assert done.status_code == 201, done.text
    told = entries(client, stream=schedule["id"])
    whole = " ".join(told)
    assert ("Confirmed → Cancelled" in whole, "Operational: Time" in whole) == (True, True)
    assert "Force majeure: Cancellation" in whole
    assert re.findall(r"[A-Z]{2,}_[A-Z]+|Move to", whole) == []
    assert [each.count("Creator not available") for each in told if "cancelled a show" in each] == [1]
    page = client.get(f"/schedules/{schedule['id']}?tab=changes").text
    assert ("Done by the studio" in page, "CREATOR_UNAVAILABLE" in page) == (True, False)
    in_thai = client.get(f"/schedules/{schedule['id']}?tab=changes", headers={"Accept-Language": "th"}).text
    assert ("Operational" in in_thai, "ด้านปฏิบัติงาน" in in_thai) == (False, True)
    assert ("To end" in in_thai, "เพื่อแก้ข้อขัดแย้ง" in in_thai) == (False, True)


def test_what_an_administrator_renamed_is_called_so_and_who_belongs_where_is_said(
    client: Client, world: World
) -> None:
    rows = client.get("/api/v1/change-categories").json()["items"]
    (row,) = (each for each in rows if each["key"] == "OPERATIONAL")
    address, match = f"/api/v1/change-categories/{row['id']}", {"If-Match": f'"{row["version"]}"'}
    assert client.patch(address, json={"name": "Our own need"}, headers=match).status_code == 200
    _, (show,) = world.booked()
    for language in ("en", "th"):
        form = client.get(f"/shows/{show['id']}/edit", headers={"Accept-Language": language}).text
        assert ("Our own need" in form, "Operational" in form) == (True, False)
    user = client.post("/api/v1/users", json={"email": "kim@x.test", "name": "Kim"}).json()["id"]
    member = {"user_id": user, "client_id": world.customer, "role": "client_approver"}
    assert client.post("/api/v1/memberships", json=member).status_code == 201
    assert entries(client)[0].startswith("Administrator created Membership · Kim: Approver for a client")


def test_what_came_with_callboard_has_words_in_every_language() -> None:
    seeded = {f"lookup.{kind}_{body.key}": body.name for kind, bodies in _LOOKUPS.items() for body in bodies}
    assert BUILT_IN.words("en").part("lookup") == {
        key.removeprefix("lookup."): name for key, name in seeded.items()
    }


def test_it_is_narrowed(client: Client, told: World) -> None:
    wanted: list[tuple[dict[str, str], int]] = [
        ({"type": "ShowsEdited"}, 1),
        ({"command": "room."}, 3),
        ({"command": "room.update"}, 1),
        ({"about": "acme may"}, 3),
        ({"about": "<Blue>"}, 2),
        ({"about": "Show at 13"}, 2),
        ({"about": "Acme"}, 4),
        ({"about": "nothing of ours"}, len(entries(client))),
        ({"q": "Show at 13"}, 1),
        ({"q": "100%"}, 0),
        ({"actor": "system", "type": "ShowsEdited"}, 0),
        ({"from_day": "2026-05-01", "to_day": "2026-04-30"}, 0),
        ({"to_day": "2020-01-01", "to_time": "12:30"}, 0),
    ]
    assert [(asked, len(entries(client, **asked))) for asked, _ in wanted] == wanted


def test_its_times_are_those_of_the_studio_at_hand_unless_another_zone_is_chosen(
    client: Client, told: World
) -> None:
    other = {"name": "Aarhus", "time_zone": "Europe/Copenhagen"}
    aarhus = client.post("/api/v1/studios", json=other).json()["id"]
    schedule = client.get("/api/v1/schedules").json()["items"][0]["id"]
    room = client.post("/api/v1/rooms", json={"name": "Havn", "studio_id": aarhus}).json()["id"]
    late = told.show(room_id=None, start="2026-05-02T03:00:00Z", end="2026-05-02T04:00:00Z")
    there, _ = told.planned(late, name="Aarhus plan", studio_id=aarhus)

    def zone(**asked: str) -> tuple[str, str]:
        html = client.get("/audit", params=asked).text
        (said,) = re.findall(r"Times are those of ([\w/]+)[.;]", html)
        (choice,) = re.findall(r'<select name="zone">(.*?)</select>', html, re.DOTALL)
        return said, next(iter(re.findall(r'<option value="([^"]*)" selected', choice)), "")

    usual, copenhagen = ("Asia/Bangkok", ""), ("Europe/Copenhagen", "")
    assert [zone(), zone(zone="UTC"), zone(zone=aarhus)] == [
        usual,
        ("UTC", "UTC"),
        ("Europe/Copenhagen", aarhus),
    ]
    places = (schedule, told.rooms[0], told.studio, told.customer, room, there["id"])
    assert [zone(stream=each) for each in places] == [*[usual] * 4, *[copenhagen] * 2]
    assert zone(stream=schedule, zone=aarhus) == ("Europe/Copenhagen", aarhus)
    page = unescape(client.get("/audit").text)
    entry = page.split('<div class="entry">')[1]
    assert ("Fri 1 May 29:00\N{EN DASH}30:00" in entry, '"zone">Europe/Copenhagen<' in entry) == (True, True)
    assert f"/board?studio_id={aarhus}&day=2026-05-01&" in entry
    assert page.count('class="zone"') == 4  # two of the plan, the studio and its room
    assert "Sat 2 May 10:00" in entries(client, zone=told.studio, stream=there["id"])[0]


def test_a_name_of_several_things_is_asked_back(client: Client, told: World) -> None:
    answer = client.get("/audit", params={"about": "Acme"})
    assert "Which one do you mean?" in answer.text
    (choices,) = re.findall(r'<ul class="choices">(.*?)</ul>', answer.text)
    assert re.findall(r"stream=(\w+?)_\w+\">([^<]+)<", choices) == [
        ("client", "Client: Acme"),
        ("schedule", "Schedule: Acme May 2026"),
    ]


def test_shows_of_one_name_are_told_apart_and_what_happened_to_any_is_listed(
    client: Client, told: World
) -> None:
    days = range(14, 28)
    told.planned(
        *(
            told.show(name="Tea", start=f"2026-05-{day}T04:00:00Z", end=f"2026-05-{day}T05:00:00Z")
            for day in days
        ),
        name="Another",
    )
    answer = client.get("/audit", params={"about": "tea"})
    (choices,) = re.findall(r'<ul class="choices">(.*?)</ul>', answer.text)
    chips = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in choices.split("</li>")[:-1]]
    assert chips[:2] == [
        f"Show: Tea {day} May 11:00\N{EN DASH}12:00 · &lt;Blue&gt;" for day in ("Thu 14", "Fri 15")
    ]
    assert (len({*chips}), "And 2 more are called so." in answer.text) == (12, True)
    (only,) = texts(answer.text)
    assert only.startswith("Administrator drafted shows · Another")


def test_it_is_read_page_by_page_to_the_beginning(client: Client, told: World) -> None:
    address, read = "/audit", list[int]()
    while address:
        html = client.get(address).text
        read += [int(each) for each in re.findall(r'<li id="event-(\d+)">', html)]
        address = unescape(next(iter(re.findall(r'href="([^"]+)" rel="next"', html)), ""))
    assert read == list(range(read[0], 0, -1))


def test_it_leads_to_the_board_before_and_after(client: Client, told: World, clock: Clock) -> None:
    clock.now += timedelta(minutes=1)
    (show,) = client.get("/api/v1/shows").json()["items"]
    later = {"start": "2026-05-02T13:00:00Z"}
    done = client.patch(f"/api/v1/shows/{show['id']}", json=later, headers={"If-Match": '"2"'})
    assert done.status_code == 200, done.text
    html = client.get("/audit", params={"type": "ShowsEdited", "zone": told.studio}).text
    before, after, *_ = re.findall(r'href="(/board[^"]+)"', unescape(html))
    then = rf"/board\?studio_id={told.studio}&day=2026-05-02&as_of=\d{{4}}-\d\d-\d\dT[\d%A.]+Z#(show_\w+)"
    assert [re.findall(then, link) for link in (before, after)] == [[show["id"]]] * 2
    starts = [
        re.findall(rf'id="{show["id"]}" data-s="(\d+)"', client.get(each).text) for each in (before, after)
    ]
    assert int(starts[1][0]) - int(starts[0][0]) == -60


def test_what_it_was_about_and_why_is_told_of_passwords_imports_and_changes(
    client: Client, world: World
) -> None:
    schedule, (show,) = world.booked()
    asked = {
        "category": "OPERATIONAL",
        "type": "SCOPE_CHANGE",
        "reason": "A better name",
        "operations": [{"op": "update", "show_id": show["id"], "set": {"name": "New"}}],
    }
    done = client.post(f"/api/v1/schedules/{schedule['id']}/changes", json=asked)
    assert done.status_code == 201, done.text
    approved = client.post(f"/api/v1/changes/{done.json()['id']}/approve", json={})
    assert approved.status_code == 200, approved.text
    page = unescape(client.get("/audit", params={"stream": schedule["id"]}).text)
    changing = [each for each in texts(page) if "A better name" in each]
    assert len(changing) >= 3
    assert [each.count("A better name") for each in changing] == [1] * len(changing)
    assert any("edited shows" in each for each in changing)
    assert f'/schedules/{schedule["id"]}?tab=changes#{done.json()["id"]}">A better name<' in page
    (asking,) = (each for each in changing if "asked for a change" in each)
    assert "Sat 2 May 20:00" in asking
    kim = client.post("/api/v1/users", json={"email": "kim@x.test", "name": "Kim"}).json()["id"]
    assert client.post(f"/admin/way-in/{kim}").status_code == 200
    assert entries(client)[0] == "Administrator set a password \N{MIDDLE DOT} Kim"
    form = {"file": ("acme-may.csv", text(line()).encode(), "text/csv")}
    run = client.post("/api/v1/imports?create_missing=true&time_zone=Asia/Bangkok", files=form).json()["id"]
    assert client.post(f"/api/v1/imports/{run}/undo").status_code == 200
    assert "undid an import \N{MIDDLE DOT} acme-may.csv" in entries(client, stream=run)[0]
    assert [each.count("acme-may.csv") for each in entries(client, stream=run)] == [1, 1]


def test_what_is_no_time_is_refused(client: Client) -> None:
    for field in ("from_day", "to_day", "from_time", "before"):
        assert client.get("/audit", params={field: "2026-02-31"}).status_code in {400, 422}


def test_only_administrators_read_it(reader: Client) -> None:
    assert reader.get("/audit").status_code == 403


def test_every_event_has_words_in_every_language() -> None:
    for language in BUILT_IN.languages:
        assert {f"event.{each}" for each in TYPES} <= BUILT_IN.words(language).texts.keys()
