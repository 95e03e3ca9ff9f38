"""Run one private PostgreSQL for whoever holds it: `api.postgres.embedded` starts it as a process of its own.

One supervisor per home directory, kept single by a lock. Every process that uses the database keeps a
connection to it open, so the kernel tells it when one is gone, however it went (`kill -9` too). It starts
PostgreSQL, starts it again when it dies, and stops it with the last holder. PostgreSQL in turn dies with
the supervisor. It is one thread on purpose: Linux sends the death signal when the forking *thread* ends.

A holder reads one JSON line, `{}` (ready) or `{"error": kind, "message": text}`, or end of file: not
here (any more), try again. A holder leaves by closing its side; the last one then sees end of file when
PostgreSQL has stopped.
"""

import contextlib
import fcntl
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

from api.postgres.postmaster import Failure, Server, private_directory, stop


class Holders:
    """The connections of those who use the server, the first of them inherited as standard input."""

    def __init__(self, path: Path) -> None:
        self.open: list[socket.socket] = []
        self._ready = False
        self._selector = selectors.DefaultSelector()
        self._path = path
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(64)
        self._wake, wakeup = socket.socketpair()
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        first = socket.socket(fileno=os.dup(0))
        with Path(os.devnull).open() as nothing:  # else programs we start would hold it open as well
            os.dup2(nothing.fileno(), 0)
        self._add(first)

    def _add(self, holder: socket.socket) -> None:
        self.open.append(holder)
        self._selector.register(holder, selectors.EVENT_READ)
        if self._ready:
            self._tell(holder, {})

    @staticmethod
    def _tell(holder: socket.socket, message: dict[str, str]) -> None:
        with contextlib.suppress(OSError):
            holder.sendall(json.dumps(message).encode() + b"\n")

    def announce(self, message: dict[str, str]) -> None:
        """Tell everyone who waits for the server: it is ready, or why not."""
        self._ready = not message
        for holder in self.open:
            self._tell(holder, message)

    def wait(self) -> None:
        """Return after anything happened: someone came or left, or a signal arrived."""
        for key, _ in self._selector.select():
            if key.fileobj is self._listener:
                self._add(self._listener.accept()[0])
            elif key.fileobj is self._wake:
                self._wake.recv(4096)
            elif isinstance(key.fileobj, socket.socket) and not _data(key.fileobj):
                self._selector.unregister(key.fileobj)
                self.open.remove(key.fileobj)
                if self.open:
                    key.fileobj.close()
                else:
                    self._last = key.fileobj  # stays open until PostgreSQL has stopped

    def close(self) -> None:
        """Nobody can come any more; whoever is in the queue sees end of file and tries again."""
        self._path.unlink(missing_ok=True)
        self._listener.close()


def _data(holder: socket.socket) -> bytes:
    try:
        return holder.recv(64)
    except OSError:
        return b""


@contextlib.contextmanager
def only_one(home: Path) -> Generator[bool]:
    """Hold the lock of a home directory; False when another supervisor does."""
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def supervise(server: Server, holders: Holders) -> None:
    """Keep the server up until the last holder has left or we are asked to end."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    def noticed(_number: int, _frame: FrameType | None) -> None:
        """A child ended: the wake-up is all that is wanted."""

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGCHLD, noticed)
    server.create()
    process = server.start()
    try:
        holders.announce({})
        while holders.open and not asked:
            holders.wait()
            if process.poll() is not None and holders.open and not asked:
                process = server.start()
    finally:
        holders.close()
        stop(process)


def main(request: str) -> int:
    """Serve one home directory; the request is JSON: home, run, settings, user_namespace."""
    options: dict[str, Any] = json.loads(request)
    home, run = Path(options["home"]), Path(options["run"])
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    with only_one(home) as alone:
        if not alone:
            return 0
        private_directory(run)
        holders = Holders(run / "holders")
        try:
            server = Server(home, run, options["settings"], user_namespace=options["user_namespace"])
            supervise(server, holders)
        except (Failure, OSError, subprocess.SubprocessError) as error:
            kind = error.kind if isinstance(error, Failure) else "server"
            holders.announce({"error": kind, "message": str(error)})
            holders.close()
            return 1
        finally:
            if not run.is_relative_to(home):
                shutil.rmtree(run, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
