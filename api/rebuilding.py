"""Long work on the read tables and the log, in a thread of the server: it is started, looked at and stopped
with the server, which serves on meanwhile. One at a time; other processes are kept out by the database."""

import logging
import threading
from datetime import UTC, datetime
from typing import Any, Final, Literal

import psycopg
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.errors import Conflict, DomainError
from domain.event_log import Break, verify_chain
from projections import rebuild
from projections.rebuild import Rebuilt, Verified

Work = Literal["rebuild", "verify", "chain"]

_STOP_SECONDS: Final = 3.0
_NO_TIMEOUT: Final = "SET statement_timeout = 0"
_log = logging.getLogger(__name__)


class Chain(Struct, frozen=True):
    """What a look at the whole log found: how many events are whole, and the first break."""

    events: int
    broken: Break | None


class Run(Struct, frozen=True, kw_only=True):
    """One piece of work. `only` is the projection it was asked for; `done` of `total` events are through, 0
    of 0 where that is not counted; when it is over there is a `result` or a `problem` in words."""

    work: Work
    only: str | None
    by: str
    began: datetime
    ended: datetime | None = None
    done: int = 0
    total: int = 0
    result: Rebuilt | Verified | Chain | None = None
    problem: str = ""


class _Stopped(Exception):
    """The server shuts down."""


class Rebuilding:
    """What runs in this server and what ran last. `admin_url` is the database's owner's address; without
    one nothing can be started here."""

    def __init__(self, admin_url: str | None) -> None:
        self._admin_url = admin_url
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def possible(self) -> bool:
        """Whether this server may do it at all."""
        return self._admin_url is not None

    def look(self) -> Run | None:
        """What runs now (`ended` is None), else what ran last in this server."""
        with self._lock:
            return self._run

    def start(self, work: Work, only: str | None, by: str) -> Run:
        """Begins a piece of work. Raises Conflict while another runs in this server, or where it can't."""
        with self._lock:
            if self._admin_url is None:
                raise Conflict("this server has no access as the database's owner; use the command line")
            if self._run is not None and self._run.ended is None:
                raise Conflict("something else is running; wait for it")
            began = Run(work=work, only=only, by=by, began=datetime.now(UTC))
            self._run = began
            self._thread = threading.Thread(target=self._work, args=(began,), daemon=True)
            self._thread.start()
        return began

    def close(self) -> None:
        """Stops what runs, with nothing left over. Harmless when repeated."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def _work(self, run: Run) -> None:
        result: Rebuilt | Verified | Chain | None = None
        problem = ""
        try:
            with psycopg.connect(self._admin_url or "", autocommit=True) as connection:
                connection.execute("SET search_path = read, log, public")
                connection.execute(_NO_TIMEOUT)
                result = self._result(connection, run)
        except _Stopped:
            problem = "stopped"
        except (DomainError, psycopg.Error) as error:
            _log.warning("%s failed: %s", run.work, error)
            problem = str(error)
        finally:
            if result is None:
                problem = problem or "failed"
            self._note(ended=datetime.now(UTC), result=result, problem=problem)

    def _result(self, connection: Connection[Any], run: Run) -> Rebuilt | Verified | Chain:
        match run.work:
            case "rebuild":
                return rebuild.rebuild(connection, only=run.only, progress=self._progress)
            case "verify":
                return rebuild.verify(connection, only=run.only, progress=self._progress)
            case "chain":
                return Chain(*verify_chain(connection))

    def _progress(self, done: int, total: int, /) -> None:
        if self._stopping:
            raise _Stopped
        self._note(done=done, total=total)

    def _note(self, **what: Any) -> None:
        with self._lock:
            if self._run is not None:
                self._run = replace(self._run, **what)
