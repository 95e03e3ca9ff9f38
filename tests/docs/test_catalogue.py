"""The generated page says what the code says."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_catalogue_of_events_is_what_its_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location("catalogue", DOCS / "catalogue.py")
    assert spec
    assert spec.loader
    catalogue = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(catalogue)

    assert (DOCS / "events.md").read_text("utf-8") == catalogue.page(), "run `make docs`"
