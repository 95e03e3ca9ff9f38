"""The private PostgreSQL of one machine: what a process does to use it.

    with server(Path("~/.local/share/callboard/postgres").expanduser()) as running:
        psycopg.connect(running.app_url)

Any number of processes may use one home directory at once, coming and going in any order: the first starts
a small supervisor (`api.postgres.supervisor`), the last to leave, or to be killed, stops it and PostgreSQL.
"""

import contextlib
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

from api.postgres.postmaster import Failure, private_directory

JOIN_SECONDS = 90.0
LEAVE_SECONDS = 10.0
RETRY_SECONDS = 0.05
SOCKET_PATH_BYTES = 90  # of the 107 a socket address may have, less PostgreSQL's own file name


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be used; the message says what to do about it."""


class BinariesMissing(EmbeddedError):
    """No PostgreSQL programs were found, or they don't run here."""


class DirectoryUnusable(EmbeddedError):
    """The directory can't be written, or holds what these programs can't read."""


class ServerFailed(EmbeddedError):
    """PostgreSQL would not start or stop; the message has the end of its log."""


KINDS = {"binaries": BinariesMissing, "directory": DirectoryUnusable, "server": ServerFailed}


class Running:
    """A hold on the running server, kept until `leave`. Should the supervisor be killed, a thread starts
    another: the addresses stay the same, connections made before are lost."""

    def __init__(self, home: Path, settings: dict[str, str], *, user_namespace: bool = True) -> None:
        self.home = home.expanduser().resolve()
        self.run = _directories(self.home)
        self._request = json.dumps(
            {
                "home": str(self.home),
                "run": str(self.run),
                "settings": settings,
                "user_namespace": user_namespace,
            }
        )
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._leaving = threading.Event()
        self._change = threading.Lock()
        self._hold = self._join()
        self._keeper = threading.Thread(target=self._keep, name="embedded-postgres", daemon=True)
        self._keeper.start()

    @property
    def admin_url(self) -> str:
        """Database `callboard` as the superuser, for migrations only."""
        return self._url("postgres")

    @property
    def app_url(self) -> str:
        """Database `callboard` as the role that everything else uses."""
        return self._url("callboard_app")

    @property
    def log(self) -> Path:
        """What PostgreSQL and its supervisor had to say."""
        return self.home / "log"

    def leave(self) -> None:
        """Give up the hold. Returns when PostgreSQL has stopped, if this was the last one."""
        with self._change:
            self._leaving.set()
            with contextlib.suppress(OSError):
                self._hold.shutdown(socket.SHUT_WR)
        self._keeper.join(LEAVE_SECONDS)
        self._hold.close()
        self._reap(1)

    def _url(self, user: str) -> str:
        return f"postgresql://{user}@/callboard?host={quote(str(self.run), safe='')}"

    def _keep(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                while self._hold.recv(4096):
                    pass
            if self._leaving.is_set():
                return
            self._reap(5)
            try:
                new = self._join()
            except EmbeddedError:
                self._leaving.wait(1)
                continue
            with self._change:
                self._hold.close()
                self._hold = new
                if self._leaving.is_set():
                    new.shutdown(socket.SHUT_WR)

    def _join(self) -> socket.socket:
        """Become a holder: of the supervisor that is there, else of a new one."""
        deadline = time.monotonic() + JOIN_SECONDS
        while time.monotonic() < deadline:
            hold = self._connect() or self._start()
            with contextlib.suppress(OSError):
                if line := _line(hold):
                    message = json.loads(line)
                    if not message:
                        return hold
                    hold.close()
                    self._reap(5)
                    raise KINDS[message["error"]](message["message"])
            hold.close()
            if self._reap(5):
                raise ServerFailed(f"the supervisor of PostgreSQL failed; its last words are in {self.log}")
            time.sleep(RETRY_SECONDS)
        raise ServerFailed(f"another process is holding up PostgreSQL in {self.home}; its log is {self.log}")

    def _connect(self) -> socket.socket | None:
        hold = socket.socket(socket.AF_UNIX)
        try:
            hold.connect(str(self.run / "holders"))
        except OSError:
            hold.close()
            return None
        return hold

    def _start(self) -> socket.socket:
        paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        ours, theirs = socket.socketpair()
        with theirs, self.log.open("ab") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-m", "api.postgres.supervisor", self._request],
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                cwd="/",
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
                start_new_session=True,
            )
        return ours

    def _reap(self, seconds: float) -> int:
        """Collect the supervisor if it was our child and has ended: its exit status, 0 for ended well."""
        if self._supervisor is None:
            return 0
        try:
            result = self._supervisor.wait(seconds)
        except subprocess.TimeoutExpired:
            _outliving.append(self._supervisor)
            result = 0
        self._supervisor = None
        return result


# Supervisors that we started and others still need; dropping the object would warn of a running child.
_outliving: list["subprocess.Popen[bytes]"] = []


@contextlib.contextmanager
def server(home: Path, *, user_namespace: bool = True, **settings: str) -> Generator[Running]:
    """Hold the server of `home`, starting it if need be; `settings` are PostgreSQL's and count only then.

    Raises BinariesMissing, DirectoryUnusable or ServerFailed.
    """
    running = Running(home, settings, user_namespace=user_namespace)
    try:
        yield running
    finally:
        running.leave()


def _line(hold: socket.socket) -> bytes:
    """What the supervisor says first; empty when it has gone. Waits as long as a first start may take."""
    hold.settimeout(JOIN_SECONDS)
    line = b""
    while not line.endswith(b"\n"):
        if not (more := hold.recv(4096)):
            return b""
        line += more
    hold.settimeout(None)
    return line


def _directories(home: Path) -> Path:
    """Make the home directory and one for the sockets: under /tmp when the path is too long for an address
    or has characters that PostgreSQL's list of directories gives a meaning."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / "lock").touch()
    except OSError as error:
        raise DirectoryUnusable(f"{home} cannot be used: {error.strerror}") from None
    run = home / "run"
    if len(os.fsencode(run)) > SOCKET_PATH_BYTES or not re.fullmatch(r"[\w/.+-]+", str(run), re.ASCII):
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        run = Path("/tmp", f"callboard-{os.geteuid()}-{name}")  # noqa: S108
    try:
        private_directory(run)
    except Failure as failure:
        raise DirectoryUnusable(str(failure)) from None
    return run
