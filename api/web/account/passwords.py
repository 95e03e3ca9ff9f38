"""Passwords as argon2id hashes, and how often one may be tried."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, LiteralString

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg import Connection

SHORTEST: Final = 12
LONGEST: Final = 200
"""Characters of a password."""
TRIES: Final = 5
WITHIN_SECONDS: Final = 300.0
_MOST_NAMES: Final = 10_000

# What OWASP recommends: 19 MiB, two passes. At most two at once, so that sign-ins can't take the memory.
_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns: Final = threading.BoundedSemaphore(2)
_NOBODYS: Final = _hasher.hash("nobody signs in with this")
_STORED: Final[LiteralString] = (
    "SELECT u.id, p.hash, p.set_at FROM users u LEFT JOIN passwords p ON p.user_id = u.id"
    " WHERE lower(u.email) = lower(%s) AND u.deleted_at IS NULL AND NOT u.is_banned"
)
_SET_AT: Final[LiteralString] = "SELECT set_at FROM passwords WHERE user_id = %s"


def hashed(password: str) -> str:
    """The hash to keep: salt, cost and all."""
    with _turns:
        return _hasher.hash(password)


def fitting(connection: Connection[Any], email: str, password: str) -> str | None:
    """The id of the user who has this address and password. None takes as long, whatever the reason."""
    row = connection.execute(_STORED, (email,)).fetchone()
    user_id, stored = (row[0], row[1]) if row else (None, None)
    with _turns:
        try:
            _hasher.verify(stored or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return None
    return user_id if stored else None


def set_at(connection: Connection[Any], user_id: str) -> datetime | None:
    """When the user's password was set last: sessions from before are over."""
    row = connection.execute(_SET_AT, (user_id,)).fetchone()
    return row[0] if row else None


class Tries:
    """How often each name was tried of late, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Seconds until this name may be tried; 0 for now."""
        with self._lock:
            failed = self._recent(name)
            return failed[0] + WITHIN_SECONDS - self._clock() if len(failed) >= TRIES else 0.0

    def failed(self, name: str) -> None:
        """Counts a wrong password."""
        with self._lock:
            if len(self._failed) >= _MOST_NAMES:
                self._failed.clear()
            self._recent(name).append(self._clock())

    def succeeded(self, name: str) -> None:
        """Forgets what was counted."""
        with self._lock:
            self._failed.pop(name, None)

    def _recent(self, name: str) -> deque[float]:
        failed = self._failed.setdefault(name, deque())
        while failed and failed[0] < self._clock() - WITHIN_SECONDS:
            failed.popleft()
        return failed
