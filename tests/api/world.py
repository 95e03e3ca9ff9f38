"""A small world to plan in, made over HTTP, and the requests that most tests begin with."""

from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

Json = dict[str, Any]
API = "/api/v1"


@dataclass
class World:
    """Ids of rows that are there, and short ways to plan with them."""

    client: TestClient[Litestar]
    studio: str
    rooms: list[str]
    customer: str
    creators: list[str]
    platform: str

    @classmethod
    def built(cls, client: TestClient[Litestar]) -> "World":
        """A studio in Bangkok that asks its clients for approval."""

        def made(path: str, **body: Any) -> str:
            response = client.post(f"{API}/{path}", json=body)
            assert response.status_code == 201, response.text
            return response.json()["id"]

        studio = made("studios", name="Bangkok", time_zone="Asia/Bangkok")
        return cls(
            client=client,
            studio=studio,
            rooms=[made("rooms", studio_id=studio, name=f"Room {number}") for number in (1, 2)],
            customer=made("clients", name="Acme"),
            creators=[made("creators", name=name) for name in ("Mali", "Nok")],
            platform=made("platforms", name="TikTok"),
        )

    def schedule(self, **other: Any) -> Json:
        """A new draft schedule of May 2026; for the client, unless said otherwise."""
        body = {
            "name": "Acme May 2026",
            "studio_id": self.studio,
            "client_id": self.customer,
            "start_date": "2026-05-01",
            "end_date": "2026-05-31",
        }
        return self._done(self.client.post(f"{API}/schedules", json=body | other), 201)

    def show(self, hour: int = 13, hours: int = 2, **other: Any) -> Json:
        """A complete show to draft on 2 May, in the first room with the first creator."""
        return {
            "name": f"Show at {hour}",
            "start": f"2026-05-02T{hour:02}:00:00Z",
            "end": f"2026-05-02T{hour + hours:02}:00:00Z",
            "room_id": self.rooms[0],
            "creators": [self.creators[0]],
            "platforms": [{"platform_id": self.platform}],
        } | other

    def draft(self, schedule: Json, *shows: Json) -> list[Json]:
        """Those shows, drafted."""
        response = self.client.post(f"{API}/schedules/{schedule['id']}/shows", json={"shows": list(shows)})
        return self._done(response, 201)["items"]

    def planned(self, *shows: Json, **other: Any) -> tuple[Json, list[Json]]:
        """A draft schedule with those shows, by default one."""
        schedule = self.schedule(**other)
        drafted = self.draft(schedule, *(shows or (self.show(),)))
        return self.read(schedule), drafted

    def agreed(self, *shows: Json, **other: Any) -> tuple[Json, list[Json]]:
        """A schedule whose first version is approved."""
        schedule, drafted = self.planned(*shows, **other)
        self.do(schedule, "propose")
        return self.do(schedule, "approve", version=1), drafted

    def booked(self, *shows: Json, **other: Any) -> tuple[Json, list[Json]]:
        """A confirmed schedule, all of its shows booked."""
        schedule, drafted = self.agreed(*shows, **other)
        done = self.do(schedule, "confirm")
        return done["schedule"], [self.read_show(show) for show in drafted]

    def do(self, schedule: Json, command: str, **body: Any) -> Json:
        """A command of a schedule that is expected to work."""
        return self._done(self.client.post(f"{API}/schedules/{schedule['id']}/{command}", json=body), 200)

    def read(self, schedule: Json) -> Json:
        """The schedule as it is now."""
        return self._done(self.client.get(f"{API}/schedules/{schedule['id']}"), 200)

    def read_show(self, show: Json) -> Json:
        """The show as it is now."""
        return self._done(self.client.get(f"{API}/shows/{show['id']}"), 200)

    @staticmethod
    def _done(response: Any, status: int) -> Json:
        assert response.status_code == status, response.text
        return response.json()


def refusal(response: Any) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, code and the (path, code) of each wrong value of a problem document."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["status"] == response.status_code
    errors = [(error["path"], error["code"]) for error in problem.get("errors", [])]
    return response.status_code, problem["code"], errors
