"""Pages, light and dark, on phone, laptop and wall: accessible and in one piece. These draw shows."""

from pathlib import Path

import pytest

from tests.browser.conftest import SignedIn, Site
from tests.browser.looking import Looking
from tests.browser.pages import SPOTS, Spot, is_drawn, looked_at
from tests.browser.weighing import weight


@pytest.mark.parametrize("spot", [each for each in SPOTS if is_drawn(each)], ids=lambda spot: spot.name)
def test_a_page_is_accessible_and_in_one_piece(
    signed_in: SignedIn, site: Site, axe: str, tmp_path: Path, spot: Spot
) -> None:
    looked_at(signed_in, site, axe, tmp_path, spot)


FAULTS = """
<main><h1>Faults</h1>
<div id="wide">wide</div>
<p><span id="cut">This sentence is longer than its box</span></p>
<p><span id="dots">This sentence is longer than its box</span></p>
<button id="spills">A label longer than its button</button>
<button id="under">Under</button><button id="over">Over</button>
<button id="secret" class="own">Secret</button> <button id="kept">Kept</button>
<p id="pale">Pale</p></main>
"""
FAULTY = """html => {
  document.body.innerHTML = html;
  const css = new CSSStyleSheet();
  css.replaceSync(`
    #wide { width: 2000px }
    #cut, #dots { display: inline-block; width: 60px; overflow: hidden; white-space: nowrap }
    #dots { text-overflow: ellipsis }
    #spills { width: 60px; white-space: nowrap }
    #over { margin-left: -30px; opacity: .9 }
    #secret, #secret:focus-visible { outline: none; box-shadow: none; border-color: red; background: white }
    [data-theme=dark] #pale { color: #333 }`);
  document.adoptedStyleSheets = [css];
}"""


def test_what_is_wrong_with_a_page_is_found(signed_in: SignedIn, axe: str) -> None:
    page = signed_in("", reduced_motion="reduce").open("/sign-in")
    page.evaluate(FAULTY, FAULTS)
    looking = Looking(page, axe)
    looking.laid_out(1440)
    looking.focusable()
    looking.accessible("light", 1440)
    looking.accessible("dark", 1440)
    text, label = '"This sentence is longer than its box"', '"A label longer than its button"'
    assert [finding.split(" Element has")[0] for finding in looking.findings] == [
        'light, 1440 px: 2062 px wide in 1440: <div#wide> "wide"',
        f"light, 1440 px: {text} is cut off by <span#cut> {text}",
        f"light, 1440 px: {label} is cut off by <button#spills> {label}",
        'light, 1440 px: <button#under> "Under" and <button#over> "Over" overlap',
        'light, 1440 px: <button#secret.own> "Secret" does not show that it has the focus',
        "dark, 1440 px: color-contrast: #pale",
    ]


def test_a_board_of_some_600_shows_is_light_on_the_wire(site: Site) -> None:
    path = next(spot for spot in SPOTS if spot.name == "board-week").address(site)
    weights = weight(site, "planner", path)
    assert sum(weights.values()) < 76_800, weights
    assert not [name for name in weights if "htmx" in name], "its first panel brings it"
