"""Real `callboard serve` processes for tests that need processes: races, crashes, the README."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).parent.parent
READY_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def environment(data_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without what a developer's shell may have set."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CALLBOARD_")}
    return clean | {"CALLBOARD_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)} | dict(extra or {})


def interruptible() -> None:
    """For `preexec_fn`: a suite that runs in the background inherits a SIGINT that is ignored; a terminal
    does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def callboard(data_dir: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
    """Runs one command of the command line to its end; answers its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env=environment(data_dir, extra),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"callboard {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


class Served:
    """One `callboard serve` process. Leaving kills it and everything it started."""

    def __init__(self, data_dir: Path, extra: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.extra = dict(extra or {})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._log = data_dir / f"serve-{self.port}.log"

    def start(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--port", str(self.port)],
                env=environment(self.data_dir, self.extra),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def ready(self) -> Self:
        """Waits until /health/ready is 200."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            assert self.process is None or self.process.poll() is None, self._log.read_text()[-3000:]
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return self
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready after {READY_SECONDS} s: {self._log.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9 of the server's main process, nothing else: the rest must notice by itself."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)

    def client(self, token: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def __enter__(self) -> Self:
        return self.start().ready()

    def __exit__(self, *_: object) -> None:
        self.stop()


def post(client: httpx.Client, path: str, body: Any = None, **headers: str) -> Any:
    """A POST that must succeed; answers its JSON."""
    answer = client.post(path, json=body, headers=headers)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()
