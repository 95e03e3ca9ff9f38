"""TypeIDs: a prefix and a UUIDv7 in base32 (https://github.com/jetify-com/typeid). The same text
in URLs, tables, events and logs; sorting by id is sorting by birth."""

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM: Final = (1 << 74) - 1
_STEP: Final = (1 << 32) - 1
_SUFFIX: Final = re.compile(r"[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}")

NewId = Callable[[str], str]
"""Makes an id for a prefix: `new_id("show") -> "show_01j..."`."""


class Sequence:
    """Ids that sort in the order in which this process made them, within one millisecond too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self, prefix: str) -> str:
        entropy = int.from_bytes(os.urandom(10)) & _RANDOM
        with self._lock:
            made = int(time.time() * 1000) << 74 | entropy
            if made <= self._last:
                made = self._last + 1 + (entropy & _STEP)
            self._last = made
        return _text(prefix, made >> 74, made & _RANDOM)


new_id: Final[NewId] = Sequence()
"""A fresh id, later than all that this process made before."""


def fixed_id(prefix: str, key: str) -> str:
    """The id of a seeded row: the same in every database, so that events may name it without a look-up."""
    digest = hashlib.sha256(f"{prefix}:{key}".encode()).digest()
    return _text(prefix, 0, int.from_bytes(digest[:10]))


def sequence(seed: str, start_ms: int) -> NewId:
    """Ids for a deterministic history: the same seed and start give the same ids in the same order."""
    count = 0

    def following(prefix: str) -> str:
        nonlocal count
        count += 1
        digest = hashlib.sha256(f"{seed}:{count}".encode()).digest()
        return _text(prefix, start_ms + count, int.from_bytes(digest[:10]))

    return following


def is_id(prefix: str, text: str) -> bool:
    """Whether the text is a well-formed id of that prefix."""
    return text.startswith(prefix + "_") and _SUFFIX.fullmatch(text, len(prefix) + 1) is not None


def prefix_of(text: str) -> str:
    """The part before the last underscore; empty when there is none."""
    return text.rpartition("_")[0]


def _text(prefix: str, millis: int, entropy: int) -> str:
    """UUIDv7 layout (RFC 9562): 48 bits of time, version 7, 12 bits, variant 10, 62 bits."""
    entropy &= _RANDOM
    number = (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (entropy >> 62) << 64
    number |= 0b10 << 62 | entropy & ((1 << 62) - 1)
    return prefix + "_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
