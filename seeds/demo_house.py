"""The demo month's reference rows: studio, rooms, clients, creators, platforms, users, closures."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from domain import access
from domain.application import Unit
from domain.registry import commanding, deciding
from domain.registry.declaring import Body
from domain.registry.entities import (
    BY_KIND,
    NewClient,
    NewCreator,
    NewFeature,
    NewMembership,
    NewPlatform,
    NewRoom,
    NewRoomClosure,
    NewShowStandard,
    NewStudio,
    NewUser,
)
from seeds import names
from seeds.demo_month import BANNED, DAY_START, TIME_ZONE, ClosurePlan
from seeds.demo_steps import LAST_ID, STUDIO_ID, Made, Step


def house(made: Made) -> Iterator[Step]:
    """The studio with its rooms, another one that will be given up, and what shows are made for."""
    hosted = NewShowStandard(key="hosted", name="Hosted", requires_creator=True)
    yield _create("shstd", "standard/hosted", lambda: hosted)
    for number, name in enumerate(names.PLATFORMS):
        yield _create("platform", f"platform/{number}", lambda name=name: NewPlatform(name=name))
    yield _create("studio", "studio", lambda: _studio(*names.STUDIO), row_id=STUDIO_ID)
    yield _create("studio", "old_studio", lambda: _studio(*names.OLD_STUDIO))
    for number, room in enumerate(names.ROOMS):
        yield _create("room", f"room/{number}", lambda room=room: _room(*room))
    yield _create("room", "old_room", lambda: NewRoom(studio_id=made.id("old_studio"), name=names.OLD_ROOM))


def people(made: Made) -> Iterator[Step]:
    """Clients, creators, and users with what they are to the studio or to a client."""
    for number, (name, person) in enumerate(names.CLIENTS):
        email = f"{person.split()[0].lower()}@client-{number + 1:02}.example"
        client = NewClient(name=name, contact_person=person, contact_email=email)
        yield _create("client", f"client/{number}", lambda client=client: client)
    for number, (name, alias) in enumerate(names.CREATORS):
        creator = NewCreator(name=name, alias=alias)
        yield _create("creator", f"creator/{number}", lambda creator=creator: creator)
    for email, name, role in names.STAFF:
        yield _user(email, name)
        yield _member(made, email, role, lambda: {"studio_id": STUDIO_ID})
    for email, name, role, number in names.CLIENT_USERS:
        yield _user(email, name)
        yield _member(made, email, role, lambda n=number: {"client_id": made.id(f"client/{n}")})


def agent(made: Made, email: str, clients: Iterable[int]) -> Iterator[Step]:
    """Lets somebody approve for these clients too."""
    for client in clients:
        yield _create(
            "member",
            f"member/{email}/{client}",
            lambda n=client: NewMembership(
                user_id=made.id(f"user/{email}"), role="client_approver", client_id=made.id(f"client/{n}")
            ),
        )


def features() -> Iterator[Step]:
    """What the studio lets its planners and its clients do: everything that there is a feature for."""
    for feature, user_type in access.DEFAULTS:
        switch = {"feature": feature, "user_type": user_type, "studio_id": STUDIO_ID, "enabled": True}
        body = msgspec.convert(switch, NewFeature)
        yield _create("feature", f"feature/{feature}/{user_type}", lambda body=body: body)


def closures(made: Made, when: str, planned: tuple[ClosurePlan, ...]) -> Iterator[Step]:
    """Rooms closed before or after the plans were made."""
    for number, closure in enumerate(planned):
        yield _create("closure", f"closure/{when}/{number}", lambda c=closure: _closed(made, c))


def last_closure(made: Made, planned: ClosurePlan) -> Step:
    """The closure that says that all is done."""
    return _create("closure", "closure/last", lambda: _closed(made, planned), row_id=LAST_ID)


def ban(made: Made) -> Step:
    """A creator is banned after plans were made with them."""
    entity = BY_KIND["creator"]

    def work(unit: Unit) -> list[str]:
        creator_id = made.id(f"creator/{BANNED}")
        return [commanding.update(unit, entity, creator_id, entity.patch(is_banned=True)).id]

    return Step("creator.update", "banned", work)


def delete(made: Made, kind: str, name: str) -> Step:
    """Deletes the row that a step made."""

    def work(unit: Unit) -> list[str]:
        return [commanding.delete(unit, BY_KIND[kind], made.id(name)).id]

    return Step(f"{kind}.delete", f"deleted/{name}", work)


def _create(kind: str, name: str, body: Callable[[], Body], *, row_id: str | None = None) -> Step:
    entity = BY_KIND[kind]

    def work(unit: Unit) -> list[str]:
        if row_id is None:
            return [commanding.create(unit, entity, body()).id]
        return [unit.append_row(None, row_id, deciding.create(entity, body())).id]

    return Step(f"{kind}.create", name, work)


def _user(email: str, name: str) -> Step:
    return _create("user", f"user/{email}", lambda: NewUser(email=email, name=name))


def _member(made: Made, email: str, role: Any, of: Callable[[], dict[str, str]]) -> Step:
    def body() -> Body:
        return NewMembership(user_id=made.id(f"user/{email}"), role=role, **of())

    return _create("member", f"member/{email}", body)


def _studio(name: str, address: str) -> NewStudio:
    return NewStudio(name=name, address=address, time_zone=TIME_ZONE, day_start=DAY_START)


def _room(name: str, capacity: int, lead: int, turnaround: int) -> NewRoom:
    return NewRoom(
        studio_id=STUDIO_ID,
        name=name,
        capacity=capacity,
        lead_minutes=lead,
        turnaround_minutes=turnaround,
    )


def _closed(made: Made, closure: ClosurePlan) -> NewRoomClosure:
    room_id = made.id(f"room/{closure.room}")
    return NewRoomClosure(room_id=room_id, start=closure.start, end=closure.end, reason=closure.reason)
