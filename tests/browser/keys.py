"""Somebody with a keyboard and without a mouse: everything is reached by Tab and by the page's own keys, and
each thing that is reached is in sight, shows that it has the focus, and says what it is."""

import re
from collections.abc import Sequence
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

_MOST: Final = 400
"""Of steps by Tab: a page where one needs more is none for the keyboard."""
_STOP: Final = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return { is: false, on: "nothing", wrong: [] };
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const wrong = [];
  if (!at.checkVisibility({ opacityProperty: true, visibilityProperty: true })) wrong.push("is hidden");
  const inSight = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  if (!inSight) wrong.push("is out of sight");
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  if (!ring && style.boxShadow === "none") wrong.push("does not show that it has the focus");
  const name = at.ariaLabel || at.labels?.[0]?.innerText || at.innerText || at.placeholder || "";
  const named = name.trim() || at.getAttribute("aria-labelledby") || at.querySelector("img[alt]");
  if (!named) wrong.push("has no name");
  const said = name.trim().slice(0, 50).replaceAll("\\n", " ");
  const on = `<${at.localName}${at.id ? "#" + at.id : ""}> "${said}"`;
  return { is: Boolean(window.wanted?.includes(at)), on, wrong };
}"""


class Keys:
    """The keyboard before a page. `stops` are what the focus went through on the way; `wrong` tells of those
    that were out of sight, without a name or without a sign of the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops: list[str] = []
        self.wrong: set[str] = set()

    def press(self, *keys: str) -> None:
        """Presses one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Types where the focus is."""
        self.page.keyboard.type(text)

    def to(self, role: Any, name: str | re.Pattern[str], *, within: str = "", back: bool = False) -> Locator:
        """Goes to the first thing with that role and name by Tab, or backwards, and answers it."""
        root = self.page.locator(within) if within else self.page
        found = root.get_by_role(role, name=name)
        expect(found.first).to_be_attached()
        return self.on(found, back=back)

    def on(self, found: Locator, *, back: bool = False) -> Locator:
        """Goes on by Tab until one of these has the focus."""
        self.stops = []
        for step in range(_MOST):
            if step % 40 == 0:
                found.evaluate_all("all => { window.wanted = all }")
            stop: Any = self.page.evaluate(_STOP)
            self._look(stop)
            if stop["is"]:
                return found
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{found} is not reached by Tab; on the way were {self.stops[:60]}")

    def enter(self, role: Any, name: str | re.Pattern[str], **how: Any) -> None:
        """Goes to a thing and presses Enter."""
        self.to(role, name, **how)
        self.press("Enter")

    def fill(
        self, label: str | re.Pattern[str], text: str, *, role: Any = "textbox", within: str = ""
    ) -> None:
        """Types into a field, in place of what it says."""
        self.to(role, label, within=within)
        self.press("Control+a")
        self.type(text)

    def choose(self, label: str | re.Pattern[str], option: str, *, within: str = "") -> None:
        """Chooses from a list what begins so, by arrow keys."""
        select = self.to("combobox", label, within=within).first
        self.press("Home")
        last = None
        while (shown := select.evaluate("select => select.selectedOptions[0].label")) != last:
            if shown.startswith(option):
                return
            last = shown
            self.press("ArrowDown")
        raise AssertionError(f"{label!r} has nothing like {option!r}")

    def day(self, label: str | re.Pattern[str], date: str, *, within: str = "") -> None:
        """Types a date such as 2031-05-01 into a field for one, part by part."""
        root = self.page.locator(within) if within else self.page
        field = root.get_by_label(label)
        self.on(field)
        year, month, day = date.split("-")
        self.type(f"{month}{day}{year}" if _month_first(self.page) else f"{day}{month}{year}")
        value: str = self.page.evaluate("() => document.activeElement.value")
        assert value == date, f"{value!r} stands in {label!r}, not {date!r}"

    def arrow(self, key: str, found: Locator) -> None:
        """Goes on by an arrow key until this has the focus."""
        for _ in range(12):
            if found.evaluate("each => each === document.activeElement"):
                return self.look()
            self.press(key)
        raise AssertionError(f"{found} is not reached by {key}")

    def sure(self, text: str = "") -> None:
        """Answers the question that is asked before something that matters: the focus is in it."""
        asked = self.page.locator("#ask")
        expect(asked).to_be_visible()
        expect(asked.locator(":focus")).to_be_attached()
        if text:
            self.type(text)
        self.look()
        self.press("Enter")
        expect(asked).to_be_hidden()

    def look(self) -> None:
        """At what has the focus: some thing must have it, in sight."""
        stop: Any = self.page.evaluate(_STOP)
        assert stop["on"] != "nothing", "the focus is lost"
        self._look(stop)

    def is_on(self, found: Locator) -> None:
        """That this has the focus, by itself."""
        expect(found).to_be_focused()
        self.look()

    def _look(self, stop: Any) -> None:
        self.stops.append(stop["on"])
        wrong: Sequence[str] = stop["wrong"]
        self.wrong.update(f"{stop['on']} {each}" for each in wrong)


def _month_first(page: Page) -> bool:
    """Whether this browser's date fields begin with the month, as Chromium's do by its own language."""
    return bool(page.evaluate("() => /^1[/]2/.test(new Date(2000, 0, 2).toLocaleDateString())"))
