"""The figures of docs/performance.md about the pages, measured in one run by hand:

python -m pytest -s tests/browser/figures.py
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import MONTH, SignedIn, Site
from tests.browser.desk import Desk, bar, opened
from tests.browser.weighing import weight
from tests.servers import post

LOADS: Final = 7
MOVES: Final = 240
COMMITS: Final = 15
MORE: Final = 3_000 - 567
"""Drafts beside the 567 shows of the demo's second week."""
SCRIPT: Final = {"EventDispatch", "FireAnimationFrame", "TimerFire", "RunMicrotasks", "FunctionCall"}
READY: Final = """
  const seen = new MutationObserver(() => {
    if (document.documentElement.dataset.board !== "ready") return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (window.usable = performance.now())));
  });
  new MutationObserver((_, self) => {
    if (!document.documentElement) return;
    self.disconnect();
    seen.observe(document.documentElement, { attributes: true });
  }).observe(document, { childList: true });
"""
TIMES: Final = """() => {
  const [load] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [load.responseStart - load.requestStart, paint.startTime, window.usable];
}"""


@pytest.fixture(scope="module")
def desk(site: Site) -> Iterator[Desk]:
    """On a day of the demo month."""
    with site.api() as api:
        desk = Desk(site, api)
        desk.day = f"{MONTH}-11"
        yield desk


def _say(*parts: object) -> None:
    """To who runs this."""
    print("|", " | ".join(str(part) for part in parts), "|")  # noqa: T201


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _loads(page: Page, address: str) -> list[list[float]]:
    """Server's answer, first paint and usable of each load, in ms since the navigation began."""
    found: list[list[float]] = []
    for _ in range(LOADS + 1):
        page.goto(address)
        page.wait_for_function(
            "() => window.usable && performance.getEntriesByName('first-contentful-paint').length"
        )
        found.append(page.evaluate(TIMES))
    return found[1:]


def _render(site: Site, desk: Desk, signed_in: SignedIn, shows: int) -> None:
    person = signed_in("planner")
    person.page.add_init_script(READY)
    person.page.set_default_timeout(60_000)
    times = _loads(person.page, site.url + desk.address(days=7))
    count = person.page.locator("#board .bar").count()
    assert abs(count - shows) < shows / 10, count
    server, paint, usable = (round(statistics.median(each)) for each in zip(*times, strict=True))
    _say(f"first render, {count} shows", f"server {server} ms", f"painted {paint} ms", f"usable {usable} ms")
    weights = weight(site, "planner", desk.address(days=7))
    page_bytes = next(iter(weights.values()))
    scripts = sum(size for name, size in weights.items() if ".js" in name)
    styles = sum(size for name, size in weights.items() if ".css" in name)
    _say(
        f"gzipped, {count} shows",
        f"page {page_bytes / 1000:.1f} KB, JS {scripts / 1000:.1f}, CSS {styles / 1000:.1f},"
        f" in all {sum(weights.values()) / 1000:.1f}",
    )


def test_first_render_of_600(site: Site, desk: Desk, signed_in: SignedIn) -> None:
    _render(site, desk, signed_in, 567)


def test_own_script_while_dragging(chromium: Browser, desk: Desk, signed_in: SignedIn) -> None:
    """Among 600 shows: the script that each move of the pointer costs, and the longest task, from a trace."""
    plan = desk.plan("Figures")
    show = desk.show(plan, "Dragged", "Ari", 27)
    page = opened(signed_in("planner").open(desk.address(days=7)))
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    bar(page, show).scroll_into_view_if_needed()
    box = bar(page, show).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 4)
    page.wait_for_timeout(500)
    chromium.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])
    for step in range(MOVES):
        page.mouse.move(x + 8 + 300 * step / MOVES, y + 4 + 200 * (step % 60) / 60)
        page.wait_for_timeout(12)
    trace = json.loads(chromium.stop_tracing())["traceEvents"]
    page.keyboard.press("Escape")
    page.mouse.up()
    moves, tasks = _script_of_moves(trace)
    _say(
        f"own script a move, {len(moves)} moves",
        f"median {statistics.median(moves):.2f} ms, p95 {_p95(moves):.2f}, longest {max(moves):.2f}",
    )
    _say("longest task while dragging", f"{max(tasks):.1f} ms, {sum(each > 50 for each in tasks)} over 50 ms")


def _script_of_moves(trace: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Milliseconds of script from each `pointermove` to the next, and of all tasks of that thread."""
    done = [each for each in trace if each.get("ph") == "X" and "dur" in each]
    moves = [
        each
        for each in done
        if each["name"] == "EventDispatch" and each["args"].get("data", {}).get("type") == "pointermove"
    ]
    thread = (moves[0]["pid"], moves[0]["tid"])
    own = sorted((e for e in done if (e["pid"], e["tid"]) == thread), key=lambda each: each["ts"])
    scripts: list[dict[str, Any]] = []
    for each in own:
        inside = scripts and each["ts"] < scripts[-1]["ts"] + scripts[-1]["dur"]
        if each["name"] in SCRIPT and not inside:
            scripts.append(each)
    starts = sorted(each["ts"] for each in moves)
    costs = [
        sum(_busy(each) for each in scripts if begin <= each["ts"] < end) for begin, end in pairwise(starts)
    ]
    return costs, [_busy(each) for each in own if each["name"].endswith("RunTask")]


def _busy(event: dict[str, Any]) -> float:
    """Milliseconds that the thread worked on it: on a shared machine it also waits for a processor."""
    return event.get("tdur", event["dur"]) / 1000


def test_from_anothers_commit_to_repaint(desk: Desk, signed_in: SignedIn) -> None:
    _repaint(desk, signed_in, "600")


def _repaint(desk: Desk, signed_in: SignedIn, among: str) -> None:
    """From the answer to somebody's PATCH to the frame that shows it."""
    show = desk.show(desk.plan("Watched"), "Watched", "Siam", 27)
    page = opened(signed_in("viewer").open(desk.address(days=7)))
    page.wait_for_timeout(1_000)
    found: list[float] = []
    for turn in range(COMMITS):
        page.evaluate(
            """id => { window.painted = new Promise(done => new MutationObserver((_, self) => {
              self.disconnect();
              requestAnimationFrame(() => setTimeout(() => done(Date.now())));
            }).observe(document.getElementById(id), { attributes: true, attributeFilter: ["data-s"] })); }""",
            show,
        )
        hour = 27 + (turn % 2)
        body = {"start": desk.at(hour + 0.5), "end": desk.at(hour + 1.5)}
        desk.api.patch(f"/shows/{show}", json=body).raise_for_status()
        committed = time.time() * 1000
        found.append(page.evaluate("() => window.painted") - committed)
        page.wait_for_timeout(300)
    _say(
        f"another's commit to repaint, {among} shows",
        f"median {statistics.median(found):.0f} ms, longest {max(found):.0f}",
    )


def test_first_render_of_3000(site: Site, desk: Desk, signed_in: SignedIn) -> None:
    plan = desk.plan("Thousands")
    rooms = list(desk.rooms.values())
    shows = [
        {
            "name": f"Extra Live {number}",
            "room_id": rooms[number % len(rooms)],
            "start": desk.at(6 + number // len(rooms) * 0.5),
            "end": desk.at(6.5 + number // len(rooms) * 0.5),
        }
        for number in range(MORE)
    ]
    for first in range(0, MORE, 500):
        post(desk.api, f"/schedules/{plan}/shows", {"shows": shows[first : first + 500]})
    _render(site, desk, signed_in, 3_000)


def test_from_anothers_commit_to_repaint_among_3000(desk: Desk, signed_in: SignedIn) -> None:
    _repaint(desk, signed_in, "3,000")
