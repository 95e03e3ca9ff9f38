"""Looks at pages as their users do: axe-core for who cannot see them, boxes for who can; takes pictures."""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from hatch_build import npm
from tests.browser.listening import heard
from tests.servers import ROOT

SCREENS: Final = ROOT / "docs" / "screens"
WIDTHS: Final = {390: 844, 1440: 900, 2560: 1300}
"""Of a phone, a laptop and a wall, each with its height."""
_LOOKING: Final = Path(__file__).with_name("looking.js").read_text("utf-8")
_STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OF_COLOUR: Final = ("color-contrast", "link-in-text-block")
_OF_WIDTH: Final = ("target-size", "color-contrast", "scrollable-region-focusable", "meta-viewport")
_ALIKE: Final = (
    "tbody > tr:nth-of-type(n+12)",
    ".rows > .row:nth-of-type(n+10)",
    "ol > li:nth-of-type(n+12)",
)
"""Rows of which ten were looked at: the rest would take most of the time."""
_AXE: Final = """async (rules) => {
  const only = rules.length > 0 ? { type: "rule", values: rules } : { type: "tag", values: STANDARDS };
  const around = { include: [["html"]], exclude: ALIKE.filter((each) => document.querySelector(each)) };
  const { violations } = await axe.run(around, { runOnly: only, resultTypes: ["violations"] });
  const told = (node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 4).map((node) => `${id}: ${told(node)}`));
}""".replace("STANDARDS", str(list(_STANDARDS))).replace("ALIKE", str(list(_ALIKE)))


def axe_core(cache: Path) -> str:
    """The script of axe-core: the package that package-lock.json pins, fetched once by npm."""
    lock = (ROOT / "package-lock.json").read_bytes()
    home = cache / hashlib.sha256(lock).hexdigest()[:16]
    with (cache / "lock").open("w") as mine:
        # Several workers of a test run ask at once: one fetches.
        fcntl.flock(mine, fcntl.LOCK_EX)
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=cache) as fresh:
                for name in ("package.json", "package-lock.json", ".npmrc"):
                    shutil.copy(ROOT / name, fresh)
                command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
                subprocess.run(command, cwd=fresh, check=True, capture_output=True, timeout=300)
                (Path(fresh) / "node_modules").rename(home)
    return (home / "axe-core" / "axe.min.js").read_text("utf-8")


class Looking:
    """At one page, with the script of axe-core. Findings are sentences, none if all is well."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self.axe = axe
        self.findings: list[str] = []

    def dressed(self, theme: str, width: int) -> None:
        """Shows it light or dark, so wide."""
        self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        self.page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        self._settled()

    def accessible(self, theme: str, width: int) -> None:
        """axe-core: everything once, and again what depends on colours or on the width."""
        self.dressed(theme, width)
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(self.axe + ";0")
        rules = _OF_WIDTH if width < 1000 else _OF_COLOUR if theme == "dark" else ()
        self._found(theme, width, self.page.evaluate(_AXE, rules))

    def laid_out(self, width: int) -> None:
        """No overflow, nothing cut off, no control upon another, visible focus."""
        self.dressed("light", width)
        if not self.page.evaluate("() => 'looking' in window"):
            self.page.evaluate(_LOOKING)
        for each in ("overflowing", "clipped", "overlapping"):
            self._found("light", width, self.page.evaluate(f"() => looking.{each}()"))

    def listened_to(self, width: int) -> None:
        """What a screen reader is told."""
        self.dressed("light", width)
        self._found("light", width, heard(self.page))

    def focusable(self) -> None:
        """Whatever can have the focus shows it. Leaves the page without focus, and menus perhaps closed."""
        self.page.keyboard.press("Tab")
        self._found("light", 1440, self.page.evaluate("() => looking.unfocused()"))

    def shot(self, theme: str, width: int, into: Path) -> None:
        """A picture of what is seen first. WebP: a tenth of a PNG, and every browser shows it."""
        self.dressed(theme, width)
        session = self.page.context.new_cdp_session(self.page)
        picture: Any = session.send("Page.captureScreenshot", {"format": "webp", "quality": 72})  # pyright: ignore
        session.detach()
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(base64.b64decode(picture["data"]))

    def _settled(self) -> None:
        """Two frames later everything is where it belongs."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"
        )

    def _found(self, theme: str, width: int, what: Sequence[Any]) -> None:
        self.findings += [f"{theme}, {width} px: {each}" for each in what]


def screens(otherwise: Path) -> Path:
    """Where the pictures go: into the docs if CALLBOARD_TEST_SCREENS says so."""
    return SCREENS if os.environ.get("CALLBOARD_TEST_SCREENS") else otherwise
