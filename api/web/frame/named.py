"""What Callboard itself named, in the reader's language: look-up rows that nobody renamed, and reasons that
it gives for somebody."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from psycopg import Connection

from api.web.frame.wording import BUILT_IN, DEFAULT, Words
from projections import naming

LOOKUPS: Final = {
    "category": "chcat",
    "type": "chtype",
    "show_type": "shtype",
    "show_standard": "shstd",
}
"""Fields that hold the key of a look-up row, and its kind."""
_GIVEN: Final = (
    (re.compile(r"To end a conflict: .*", re.DOTALL), "given.to_end_conflict"),
    (re.compile(r"back to version (?P<number>\d+).*", re.DOTALL), "given.back_to_version"),
)
"""Reasons of ours in the log, which speaks English. What follows is told beside them, as what changed."""


def called(t: Words, kind: str, key: str, name: str) -> str:
    """What a look-up row is called: as its administrator says or, while it has the name that it came with, as
    the catalogue does."""
    seeded = BUILT_IN.words(DEFAULT).texts.get(f"lookup.{kind}_{key}")
    return t(f"lookup.{kind}_{key}") if name == seeded else name


def by_row(t: Words) -> Callable[[str, Any], str]:
    """The same of a row of a kind, for templates."""
    return lambda kind, row: called(t, kind, row.key, row.name)


def lookups(connection: Connection[Any], t: Words) -> Callable[[str, str], str]:
    """What the look-up row of a kind and key is called; the key where there is none."""
    found: Mapping[tuple[str, str], str] = naming.lookups(connection)
    return lambda kind, key: called(t, kind, key, found.get((kind, key), key))


def reason(t: Words, text: str) -> str:
    """A reason in words: that of a category, one that Callboard gave, or just as somebody wrote it."""
    if text.isupper() and (word := t.texts.get(f"reason.{text}")):
        return word
    for pattern, key in _GIVEN:
        if found := pattern.fullmatch(text):
            return t(key, **found.groupdict())
    return text
