"""docs/pages.md shows the pictures that there are, and there are no others."""

import re
import subprocess
import sys

from tests.servers import ROOT


def test_the_page_of_pages_is_as_generated() -> None:
    done = subprocess.run([sys.executable, "docs/screens.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run `python docs/screens.py`"


def test_it_shows_every_picture_and_none_that_is_missing() -> None:
    shown = re.findall(r"\]\(screens/([^)]+)\)", (ROOT / "docs/pages.md").read_text("utf-8"))
    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs/screens").glob("*.webp"))
