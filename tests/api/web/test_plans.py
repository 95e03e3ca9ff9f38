"""/schedules/{id} over HTTP: what its lists say and offer, to a client too."""

import re
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import parse_qs

from litestar import Litestar
from litestar.testing import TestClient
from msgspec import structs

from api.web.board import mini
from api.web.board.lanes import Placed
from api.web.frame.times import StudioTime
from tests.api.conftest import SignIn
from tests.api.web.test_lanes import show as shown
from tests.api.world import API, World
from tests.spec import Clock


def test_a_plan_says_how_far_its_shows_are_agreed_and_offers_a_client_what_is_hers(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    schedule, _ = world.planned()
    address = f"/schedules/{schedule['id']}"
    state = re.compile(r'<span class="chip (\w+)">')

    def cells() -> list[str]:
        return state.findall(re.split(r"<tbody>|</tbody>", client.get(address).text)[1])

    assert cells() == ["draft"]
    world.do(schedule, "propose")
    assert cells() == ["proposed"]
    assert '<option value="draft">Proposed</option>' in client.get(address).text
    user = client.post(f"{API}/users", json={"email": "kim@x.test", "name": "Kim"}).json()["id"]
    member = {"user_id": user, "client_id": world.customer, "role": "client_approver"}
    assert client.post(f"{API}/memberships", json=member).status_code == 201
    hers = sign_in(user)
    for name, every, own in (
        ("creator_id", world.creators, world.creators[:1]),
        ("room_id", world.rooms, world.rooms[:1]),
    ):
        for reader, wanted in ((client, every), (hers, own)):
            (select,) = re.findall(f'<select name="{name}">(.*?)</select>', reader.get(address).text)
            assert sorted(re.findall(r'value="(\w+)"', select)) == sorted(wanted)
    compares = [
        f'action="{address}/compare"' in each.get(f"{address}?tab=versions").text for each in (client, hers)
    ]
    assert compares == [True, False]


def test_what_a_plan_was_confirmed_with_is_said_once_not_of_each_show(
    client: TestClient[Litestar], world: World
) -> None:
    schedule, shows = world.planned(world.show(13), world.show(16))
    for command in ("propose", "approve", "confirm"):
        world.do(schedule, command, **({"version": 1} if command == "approve" else {}))
    said = client.get(f"/schedules/{schedule['id']}/compare?from=1").text
    assert "Confirmed since; shows booked with it: 2." in said
    assert "Nothing differs" in said
    back = client.get(f"/schedules/{schedule['id']}/compare?from=2&to=1").text
    assert "Not confirmed yet in the second; shows booked in the first: 2." in back
    update = {"op": "update", "show_id": shows[0]["id"], "set": {"note": "Bring lamps"}}
    change = {"category": "FORCE_MAJEURE", "type": "OTHER", "reason": "it rains", "operations": [update]}
    made = client.post(f"{API}/schedules/{schedule['id']}/changes", json=change)
    assert made.status_code == 201, made.text
    after = client.get(f"/schedules/{schedule['id']}/compare?from=1").text
    assert "Shows that differ: 1" in after
    assert "Bring lamps" in after


def test_a_standalone_show_says_what_became_of_its_version(
    client: TestClient[Litestar], world: World
) -> None:
    body = world.show(13) | {"studio_id": world.studio, "client_id": world.customer}
    show = client.post(f"{API}/shows", json=body).json()["id"]
    client.post(f"{API}/shows/{show}/propose", json={})
    page = f"/shows/{show}"
    assert 'class="decided"' not in client.get(page).text
    refused = client.post(f"{API}/shows/{show}/reject", json={"version": 1, "reason": "Too early"})
    assert refused.status_code == 200, refused.text
    said = re.sub(r"<[^>]+>", "", client.get(page).text.split('<p class="decided">')[1].split("</p>")[0])
    assert re.search(r"Rejected.*version 1.*Too early", said, re.DOTALL | re.IGNORECASE), said


def test_a_small_board_holds_a_show_that_goes_on_into_the_next_day() -> None:
    time = StudioTime("UTC", "06:00", "en")
    late = structs.replace(
        shown("a", 0, 60),
        start=datetime(2026, 12, 5, 5, tzinfo=UTC),
        end=datetime(2026, 12, 5, 7, 30, tzinfo=UTC),
    )
    early = structs.replace(late, end=datetime(2026, 12, 5, 6, tzinfo=UTC))
    day = date(2026, 12, 4)
    wide, usual = (mini.axis_of(time, day, [Placed(each, "new")]) for each in (late, early))
    assert ([tick.label for tick in wide.ticks[-3:]], wide.minutes) == (["29", "30", "31"], 26 * 60)
    assert ([tick.label for tick in usual.ticks[-1:]], usual.minutes) == (["29"], 24 * 60)


def test_whoever_has_no_password_is_sent_to_an_administrator(client: TestClient[Litestar]) -> None:
    page = client.get("/sign-in", headers={"Authorization": ""}).text
    assert ("Ask your administrator" in page, "callboard user" in page) == (True, False)


def test_plans_are_by_month_and_name_or_as_a_column_says(client: TestClient[Litestar], world: World) -> None:
    for name in ("Cedar", "Aspen", "Birch"):
        world.schedule(name=name)
    world.schedule(name="June", start_date="2026-06-01", end_date="2026-06-30")
    world.draft(world.schedule(name="Yew"), world.show(8))

    def listed(sort: str = "") -> tuple[list[str], int]:
        text = client.get("/schedules", params={"sort": sort}).text
        return re.findall(r'<a href="/schedules/[^"]*">(\w+)</a>', text), text.count('class="month"')

    assert listed() == (["June", "Aspen", "Birch", "Cedar", "Yew"], 2)
    assert listed("month") == (["Aspen", "Birch", "Cedar", "Yew", "June"], 2)
    assert listed("-name") == (["Yew", "June", "Cedar", "Birch", "Aspen"], 0)
    assert listed("-shows") == (["Yew", "Aspen", "Birch", "Cedar", "June"], 0)
    told = client.get("/schedules?q=r&sort=name").text
    assert '<th scope="col" aria-sort="ascending"><a href="/schedules?q=r&amp;sort=-name">' in told
    assert '<input type="hidden" name="sort" value="name">' in told
    odd = client.get("/schedules?sort=odd", headers={"Accept": "text/html"})
    assert odd.status_code == 422


def test_a_show_of_another_year_than_its_plan_says_so(client: TestClient[Litestar], world: World) -> None:
    plan = world.schedule(name="May")
    start, end = "2025-05-02T10:00:00Z", "2025-05-02T12:00:00Z"
    usual, odd = world.draft(plan, world.show(8), world.show(9, name="Old", start=start, end=end))
    listed = client.get(f"/schedules/{plan['id']}").text
    pages = [listed, client.get(f"/shows/{usual['id']}").text, client.get(f"/shows/{odd['id']}").text]
    assert [len(re.findall(r">\w{3} \d+ May 2025 [\d:\N{EN DASH}]+<", text)) for text in pages] == [1, 0, 1]
    assert [text.count("May 2026 ") for text in pages[1:]] == [0, 0]


def test_who_proposes_a_plan_is_told_of_its_conflicts_first(
    client: TestClient[Litestar], world: World
) -> None:
    world.booked(world.show(13), name="Before")
    schedule, _ = world.planned(world.show(13), world.show(18, room_id=None))
    html = client.get(f"/schedules/{schedule['id']}").text
    (button,) = re.findall(r'<button[^>]*/propose"[^>]*>', html)
    assert "Its conflicts now: 2 block, 1 warn." in button
    free, _ = world.planned(world.show(20))
    (button,) = re.findall(r'<button[^>]*/propose"[^>]*>', client.get(f"/schedules/{free['id']}").text)
    assert "conflicts" not in button


def test_a_cancelled_plan_says_by_whom_when_and_why(client: TestClient[Litestar], world: World) -> None:
    schedule, _ = world.planned()
    world.do(schedule, "cancel", reason="No budget")
    html = client.get(f"/schedules/{schedule['id']}").text
    assert "You cancelled this, 2 Mar 2026, 16:00: \u201cNo budget\u201d" in html
    (button,) = re.findall(r'<button[^>]*/reopen"[^>]*>', html)
    assert 'class="secondary"' in button
    world.do(schedule, "reopen")
    assert "No budget" not in client.get(f"/schedules/{schedule['id']}").text


def test_a_plan_leads_to_the_board_of_its_first_show_to_come(
    client: TestClient[Litestar], world: World, clock: Clock
) -> None:
    plan = world.schedule()

    def day() -> str:
        text = client.get(f"/schedules/{plan['id']}").text
        (found,) = re.findall(r'"/board\?([^"]*)">Show on the board<', text)
        return parse_qs(unescape(found))["day"][0]

    assert day() == "2026-05-01"
    for start in ("2026-05-12T22:30", "2026-05-20T10:00"):
        world.draft(plan, world.show(start=f"{start}:00Z", end=f"{start[:-1]}5:00Z"))
    found: list[str] = []
    for now in ("2026-05-01", "2026-05-13", "2026-06-02"):
        clock.now = datetime.fromisoformat(f"{now}T12:00:00+00:00")
        found.append(day())
    assert found == ["2026-05-12", "2026-05-20", "2026-05-12"]


def test_the_form_that_duplicates_a_plan_says_what_becomes_of_its_days(
    client: TestClient[Litestar], world: World
) -> None:
    address = f"/schedules/{world.schedule()['id']}/duplicate"
    html = client.get(address).text
    assert "whole months stay whole months" in html
    assert "days next to each other may come to lie a week apart" in html
    body = {"name": "Next", "start_date": "2026-06-01", "shift": "same_weekdays"}
    assert client.post(f"{API}{address}", json=body).json()["end_date"] == "2026-06-30"


def test_a_plan_says_when_its_shows_would_be_later_and_to_a_client_of_those_agreed_only(
    client: TestClient[Litestar], world: World, sign_in: SignIn
) -> None:
    schedule, (show,) = world.planned()
    asked = {"minutes": 1440, "show": [show["id"]]}
    address = f"/schedules/{schedule['id']}/shifted"
    assert client.get(address, params=asked).json() == {show["id"]: "Sun 3 May 20:00\u201322:00"}
    user = client.post(f"{API}/users", json={"email": "kim@x.test", "name": "Kim"}).json()["id"]
    member = {"user_id": user, "client_id": world.customer, "role": "client_approver"}
    assert client.post(f"{API}/memberships", json=member).status_code == 201
    assert sign_in(user).get(address, params=asked).json() == {}


def test_no_more_conflicts_are_promised_than_there_are(client: TestClient[Litestar], world: World) -> None:
    plan, (show,) = world.planned(world.show(creators=[]))
    conflicts = client.get(f"/schedules/{plan['id']}?tab=conflicts").text
    assert f'href="/shows/{show["id"]}"' in conflicts
    assert "more, once these are mended" not in conflicts
    history = client.get(f"/shows/{show['id']}?tab=history").text
    assert "Place(" not in conflicts + history
