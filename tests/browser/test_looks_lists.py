"""Lists and forms as `test_looks.py` looks at the other pages: two files, for two workers of a test run."""

from pathlib import Path

import pytest

from tests.browser.conftest import SignedIn, Site
from tests.browser.pages import SPOTS, Spot, is_drawn, looked_at


@pytest.mark.parametrize("spot", [each for each in SPOTS if not is_drawn(each)], ids=lambda spot: spot.name)
def test_a_page_is_accessible_and_in_one_piece(
    signed_in: SignedIn, site: Site, axe: str, tmp_path: Path, spot: Spot
) -> None:
    looked_at(signed_in, site, axe, tmp_path, spot)
