"""A planner at the board: shows on an empty day, and where things are on the screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.servers import post


class Desk:
    """A planner at the board of the demo month, with a schedule of their own on a day without other shows."""

    def __init__(self, site: Site, api: Any) -> None:
        self.api = api
        self.day = ""
        (self.studio,) = site.one("SELECT id FROM studios WHERE name = 'Sathorn Studios'")
        rows = self.api.get("/rooms", params={"studio_id": self.studio, "limit": 100}).json()["items"]
        self.rooms = {row["name"]: row["id"] for row in rows}

    def plan(self, name: str, client_id: str | None = None) -> str:
        """A new draft schedule, of the studio's own unless a client is named."""
        body = {"name": name, "studio_id": self.studio, "start_date": self.day, "end_date": self.day}
        body |= {"client_id": client_id} if client_id else {}
        return str(post(self.api, "/schedules", body)["id"])

    def at(self, hour: float) -> str:
        """An hour of the day in Bangkok, as the API takes it; 25 is one at night."""
        begins = datetime.fromisoformat(f"{self.day}T00:00:00+07:00")
        return (begins + timedelta(hours=hour)).isoformat()

    def show(self, plan: str, name: str, room: str, start: float, hours: float = 2) -> str:
        """Drafts a show."""
        show = {"name": name, "start": self.at(start), "end": self.at(start + hours)}
        body = {"shows": [show | {"room_id": self.rooms[room]}]}
        return str(post(self.api, f"/schedules/{plan}/shows", body)["items"][0]["id"])

    def confirmed(self, plan: str) -> None:
        """Confirms a plan; on behalf of its client, where it has one."""
        if post(self.api, f"/schedules/{plan}/propose", {})["client_id"]:
            post(self.api, f"/schedules/{plan}/approve", {"version": 1})
        post(self.api, f"/schedules/{plan}/confirm", {})

    def held(self, show_id: str) -> tuple[str, float, float]:
        """Where a show is: its room's name, and from which hour of the day to which."""
        show = self.api.get(f"/shows/{show_id}").json()
        names = {row_id: name for name, row_id in self.rooms.items()}
        begins = datetime.fromisoformat(self.at(0))
        hours = [
            (datetime.fromisoformat(show[edge]) - begins) / timedelta(hours=1) for edge in ("start", "end")
        ]
        return (names[show["room_id"]], *hours)

    def address(self, **more: Any) -> str:
        """Of the board."""
        more = {"studio_id": self.studio, "day": self.day} | more
        return "/board?" + "&".join(f"{name}={value}" for name, value in more.items())


def opened(page: Page) -> Page:
    """The page once the board's scripts have done what they do first."""
    expect(page.locator("html[data-board=ready]")).to_be_attached()
    return page


def spot(page: Page, room: str, hour: float) -> tuple[float, float]:
    """Where an hour of the first day is in a room's row."""
    box = page.locator(".row", has=page.locator("b", has_text=room)).locator(".track").bounding_box()
    total = page.locator("#board").get_attribute("data-total")
    assert box
    assert total
    return box["x"] + box["width"] * (hour - 6) * 60 / int(total), box["y"] + box["height"] / 2


@contextmanager
def dragging(page: Page, start: tuple[float, float], end: tuple[float, float]) -> Iterator[None]:
    """Holds what is at a place at another one, and drops it there."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1] + 2)
    page.mouse.move(*end, steps=4)
    yield
    page.mouse.up()


def bar(page: Page, show_id: str) -> Locator:
    return page.locator(f"#{show_id}")


def drawn(page: Page, show_id: str, room: str, hour: float) -> None:
    """Waits until a show is drawn in a room's row at an hour of the first day: `data-s` is where the server
    has it, also while it is held elsewhere."""
    total = page.locator("#board").get_attribute("data-total")
    assert total
    left = f"{(hour - 6) * 60 * 100 / int(total):.4f}".rstrip("0").rstrip(".")
    row = page.locator(".row", has=page.locator("b", has_text=room))
    expect(row.locator(f"#{show_id}")).to_have_attribute("style", re.compile(rf"left: {re.escape(left)}%"))
