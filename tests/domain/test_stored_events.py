"""What was once stored can be read for ever. `stored/` keeps an event of each tag as the log holds it; a
sample is never edited. A fact that gets a new field gets a further sample: `ShowDrafted.2.json`."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from domain.event_log import decode
from domain.events import Event

SAMPLES = {path.stem: path.read_bytes() for path in (Path(__file__).parent / "stored").glob("*.json")}
FACTS = {str(fact.__struct_config__.tag): fact for fact in get_args(Event)}


def newest(tag: str) -> bytes:
    return SAMPLES[max(stem for stem in SAMPLES if stem.partition(".")[0] == tag)]


def kept(before: Any, after: Any) -> bool:
    """Whether everything that was said before is still said the same; more may be said by now."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(name in after and kept(value, after[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(kept, before, after))
    return bool(before == after)


def test_every_tag_has_a_sample_and_no_sample_is_of_an_unknown_tag() -> None:
    assert {stem.partition(".")[0] for stem in SAMPLES} == set(FACTS)


@pytest.mark.parametrize("stem", sorted(SAMPLES))
def test_a_stored_event_is_read_as_its_fact_and_loses_nothing(stem: str) -> None:
    recorded = decode(SAMPLES[stem])
    again = msgspec.json.encode(recorded)

    assert type(recorded.event) is FACTS[stem.partition(".")[0]]
    assert decode(again) == recorded
    assert kept(msgspec.json.decode(SAMPLES[stem]), msgspec.json.decode(again))


@pytest.mark.parametrize("tag", sorted(FACTS))
def test_the_newest_sample_says_all_that_the_fact_can_in_the_bytes_that_are_stored(tag: str) -> None:
    stored = newest(tag)

    assert set(msgspec.json.decode(stored)["event"]) - {"type"} == set(FACTS[tag].__struct_fields__)
    assert msgspec.json.encode(decode(stored)) == stored
