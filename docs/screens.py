"""Writes docs/pages.md: the pages of tests/browser/pages.py that have pictures in docs/screens, which
`make screens` takes.

python docs/screens.py            writes it
python docs/screens.py --check    exit 1 when it is out of date
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "pages.md"
SCREENS = ROOT / "docs" / "screens"
HEAD = """# The pages

What planners, clients and administrators see, in the demo month: light and dark, on a laptop (1440 x 900) and
on a phone (390 x 844). `make screens` takes the pictures and writes this page; the tests look at the same
pages for accessibility (axe-core), overflow, cut-off labels, controls upon another and visible focus.
"""


def page() -> str:
    """The page as it should be."""
    from tests.browser.pages import SPOTS  # noqa: PLC0415 - after the path is set up

    shown = [spot for spot in SPOTS if (SCREENS / f"{spot.name}-light.webp").exists()]
    return "\n".join([HEAD, *(_part(spot.name, spot.told) for spot in shown)])


def _part(name: str, told: str) -> str:
    def picture(kind: str, words: str) -> str:
        return f"![{told} {words}](screens/{name}-{kind}.webp)"

    return "\n".join(
        [
            f"## {name.replace('-', ' ').capitalize()}",
            "",
            told,
            "",
            "| light | dark |",
            "|---|---|",
            f"| {picture('light', 'Light.')} | {picture('dark', 'Dark.')} |",
            f"| {picture('phone-light', 'Phone, light.')} | {picture('phone-dark', 'Phone, dark.')} |",
            "",
        ]
    )


def main() -> int:
    sys.path.insert(0, str(ROOT))
    wanted = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != wanted)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
