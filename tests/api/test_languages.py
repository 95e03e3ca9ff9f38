"""The API's answers in the reader's language: from the same codes and values, stored in English."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from litestar import Litestar
from litestar.testing import TestClient

import api
import domain
import projections
from api.http import decoding, problems
from api.web.frame.wording import BUILT_IN
from domain.conflicts import Code
from domain.errors import DomainError
from tests.api.conftest import SignIn
from tests.api.world import API, Json, World, refusal

Client = TestClient[Litestar]
THAI = {"Accept-Language": "th-TH,th;q=0.9,en;q=0.8"}
PLACES = {
    "FieldError": 1,
    "Invalid.field": 1,
    "RowError": 3,
    "Unmatched": 0,
    "file_error": 0,
    "refuse": 1,
    "_note": 2,
}
"""Which argument is the code of what is wrong with a value, where such is made."""
MADE = {"other_client", "other_studio", "show_live", "show_completed", "show_cancelled", "duplicate_row"} | {
    "show_cancelled_pending_resolution",
    "too_many_rows",
    "too_many_columns",
}
"""Codes that are put together where they are made."""


def thai(client: Client, method: str, url: str, **sent: Any) -> Any:
    return client.request(method, f"{API}/{url}", headers={**THAI, **sent.pop("headers", {})}, **sent)


def is_thai(text: str) -> bool:
    return any("\u0e00" <= letter <= "\u0e7f" for letter in text)


def _messages(confirmed: Json) -> list[str]:
    return [each["message"] for each in confirmed["refused"][0]["conflicts"]]


def refusals() -> set[str]:
    def below(kind: type[DomainError]) -> Iterator[str]:
        yield kind.code
        for each in kind.__subclasses__():
            yield from below(each)

    return {*below(DomainError), *problems.CODES.values()}


def wrong_values() -> set[str]:
    """The codes of all wrong values that anything of ours names."""
    found = {*(code for _, code in decoding.CODES), "invalid", *MADE}
    for room in (api, domain, projections):
        for path in Path(str(room.__path__[0])).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                match call:
                    case ast.Call(func=ast.Name(id=name)):
                        pass
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=attr)):
                        name = f"{owner}.{attr}" if owner == "Invalid" else attr
                    case _:
                        continue
                place = PLACES.get(name)
                if place is not None and len(call.args) > place:
                    match call.args[place]:
                        case ast.Constant(value=str(code)):
                            found.add(code)
                        case _:
                            pass
    return found


@pytest.mark.parametrize("language", BUILT_IN.languages)
def test_there_is_a_text_for_every_code(language: str) -> None:
    texts = BUILT_IN.words(language).own
    wanted = {f"{part}.{code}" for part in ("problem", "refusal") for code in refusals()}
    wanted |= {f"found.{code}" for code in get_args(Code)} | {f"wrong.{code}" for code in wrong_values()}
    assert len(wanted) > 100
    assert wanted - texts == set()


def test_english_is_what_it_was(client: Client, world: World) -> None:
    body = {"name": "Room 3", "studio_id": world.studio, "capacity": -1}
    answers = [
        client.post(f"{API}/rooms", json=body, headers={"Accept-Language": accepted} if accepted else {})
        for accepted in ("", "en-GB,en", "fr,de;q=0.5", "th;q=0")
    ]
    told = {tuple(each.json()[name] for name in ("title", "detail")) for each in answers}
    assert told == {("Invalid", "capacity: Expected `int` >= 0")}
    assert {each.headers.get("content-language") for each in answers} == {None}


def test_a_refusal_is_told_in_the_readers_language(client: Client, world: World) -> None:
    body = {"name": "Room 3", "studio_id": world.studio, "capacity": -1}
    answer = thai(client, "POST", "rooms", json=body)
    assert refusal(answer) == (422, "invalid", [("capacity", "range")])
    problem = answer.json()
    assert (problem["title"], problem["detail"]) == ("มีค่าที่ไม่ถูกต้อง", "ความจุ: ต้อง ≥ 0")
    assert problem["errors"] == [
        {"path": "capacity", "code": "range", "message": "ต้อง ≥ 0", "label": "ความจุ"}
    ]
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("th", "Accept-Language")
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_what_is_allowed_now_is_told_in_words(client: Client, world: World) -> None:
    schedule = world.schedule()
    problem = thai(client, "POST", f"schedules/{schedule['id']}/confirm", json={}).json()
    assert problem["allowed"] == ["cancel", "park", "propose"]
    assert problem["detail"] == "ทำไม่ได้ขณะอยู่ในสถานะ “ฉบับร่าง” ตอนนี้ทำได้: ยกเลิก, พักไว้, เสนอ"


def test_who_may_not_is_told_what_it_takes(reader: Client) -> None:
    problem = thai(reader, "POST", "clients", json={"name": "Acme"}).json()
    assert (problem["code"], problem["detail"]) == ("forbidden", "เฉพาะผู้ดูแลระบบเท่านั้นที่ทำได้")


def test_conflicts_and_their_ways_out_are_told_with_names_and_studio_time(
    client: Client, world: World
) -> None:
    world.booked(world.show(13, 2, name="Launch"), client_id=None)
    schedule, _ = world.planned(world.show(14, 2, creators=[world.creators[1]]))
    found = thai(client, "GET", f"schedules/{schedule['id']}/conflicts").json()["items"]
    (blocking,) = [each for each in found if each["severity"] == "block"]
    assert blocking["message"] == "Room 1 ไม่ว่าง: “Launch” (ยืนยันแล้ว)"
    assert {each["kind"]: each["title"] for each in reversed(blocking["suggestions"])} == {
        "room": "ย้าย “Show at 14” ไปห้อง Room 2 เวลาเดิม",
        "move": "ย้าย “Show at 14” ไป ส. 2 พ.ค. 22:00\N{EN DASH}24:00",
    }


def test_no_message_stays_english(client: Client, world: World) -> None:
    world.booked(world.show(13, 2), client_id=None)
    bare = {"room_id": None, "creators": [], "platforms": []}
    plan = [world.show(13, 2), world.show(14, 2), world.show(8, **bare), world.show(9, name="Far")]
    plan[3] |= {"start": "2020-01-01T09:00:00Z", "end": "2020-01-01T10:00:00Z"}
    schedule, _ = world.planned(*plan)
    found: list[Json] = thai(client, "GET", f"schedules/{schedule['id']}/conflicts").json()["items"]
    texts = [each["message"] for each in found]
    texts += [way["title"] for each in found for way in each["suggestions"]]
    assert {each["code"] for each in found} >= {"room_overlap", "creator_overlap", "missing_room"}
    assert [text for text in texts if not is_thai(text)] == []


def test_a_client_is_told_no_more_in_another_language(client: Client, world: World, sign_in: SignIn) -> None:
    schedule, (show,) = world.agreed(world.show(14, 2))
    other = client.post(f"{API}/clients", json={"name": "Rival"}).json()["id"]
    world.booked(world.show(13, 2, name="Secret launch"), client_id=other)
    body = {"email": "ann@acme.test", "name": "Ann"}
    user = client.post(f"{API}/users", json=body).json()["id"]
    role = {"user_id": user, "client_id": world.customer, "role": "client_approver"}
    client.post(f"{API}/memberships", json=role)
    answer = thai(sign_in(user), "GET", f"schedules/{schedule['id']}/conflicts")
    messages = {each["message"] for each in answer.json()["items"] if each["show_id"] == show["id"]}
    assert {"Room 1 ถูกจองแล้ว", "Mali ถูกจองแล้ว"} <= messages
    assert ("Secret" in answer.text, "ถูกจองแล้ว" in answer.text) == (False, True)


def test_what_is_stored_for_a_repeated_request_speaks_each_readers_language(
    client: Client, world: World
) -> None:
    world.booked(world.show(13, 2, name="Launch"), client_id=None)
    schedule, _ = world.agreed(world.show(14, 2), world.show(18, 2))
    url, key = f"{API}/schedules/{schedule['id']}/confirm", {"Idempotency-Key": "k1"}
    first = client.post(url, json={"mode": "best_effort"}, headers={**key, **THAI})
    again = client.post(url, json={"mode": "best_effort"}, headers=key)
    once_more = client.post(url, json={"mode": "best_effort"}, headers={**key, **THAI})
    told = [
        next(text for text in _messages(each.json()) if text.startswith("Room"))
        for each in (first, again, once_more)
    ]
    assert told == [
        "Room 1 ไม่ว่าง: “Launch” (ยืนยันแล้ว)",
        "Room 1 is taken by 'Launch' (confirmed)",
        told[0],
    ]
    assert again.headers["idempotency-replayed"] == once_more.headers["idempotency-replayed"] == "true"
    assert once_more.content == first.content


def test_what_is_the_users_own_is_left_alone(client: Client, world: World) -> None:
    own = {"errors": [{"code": "range", "message": "mine", "path": "x"}], "code": "range", "message": "mine"}
    _, (show,) = world.planned(world.show(metadata=own))
    assert thai(client, "GET", f"shows/{show['id']}").json()["metadata"] == own
