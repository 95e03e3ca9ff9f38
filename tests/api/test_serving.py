"""Serving: ready when it says so, and nothing is left of it, whichever way it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest

from api.postgres.postmaster import processes_in

ROOT = Path(__file__).parents[2]
TOY = """
import sys, time
from collections.abc import Mapping
import psycopg
from litestar import Litestar, get
from api import serving, settings

def factory(settings, admin_url, app_url):
    @get("/role", sync_to_thread=True)
    def role() -> list[str]:
        with psycopg.connect(app_url) as connection:
            return list(connection.execute("SELECT current_user::text").fetchone())

    @get("/slow", sync_to_thread=True)
    def slow(seconds: float) -> str:
        time.sleep(seconds)
        return "done"

    def refuse() -> None:
        if "refuse" in sys.argv:
            raise RuntimeError("not today")

    return Litestar([role, slow], on_startup=[refuse], openapi_config=None)

given = settings.load(data_dir=sys.argv[1], port=int(sys.argv[2]))
try:
    serving.serve(given, lambda url: print(url, flush=True), factory)
except (serving.PortUnusable, serving.NotStarted) as error:
    print(f"{type(error).__name__}: {error}")
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that several servers use, one after the other."""
    return tmp_path_factory.mktemp("serving")


def start(data_dir: Path, *more: str, port: int = 0) -> "subprocess.Popen[str]":
    """The toy application, served by a process of its own."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("CALLBOARD_")}
    return subprocess.Popen(
        [sys.executable, "-c", TOY, str(data_dir), str(port), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ | {"PYTHONPATH": str(ROOT)},
    )


def url_of(process: "subprocess.Popen[str]") -> str:
    """The URL it prints when it is ready."""
    assert process.stdout
    return process.stdout.readline().strip()


def get(url: str) -> bytes:
    """The body of an answer."""
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310
        return answer.read()


def seconds_until(holds: Callable[[], bool]) -> float:
    """How long it takes to come to hold; ten seconds at most."""
    begun = time.monotonic()
    while not holds() and time.monotonic() - begun < 10:
        time.sleep(0.01)
    return time.monotonic() - begun


def refuses(url: str) -> bool:
    """Whether nobody listens there."""
    try:
        get(url)
    except URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_order(data_dir: Path, number: signal.Signals) -> None:
    process = start(data_dir)
    url = url_of(process)
    assert get(f"{url}/role") == b'["callboard_app"]'
    process.send_signal(number)
    assert process.communicate(timeout=5) == ("", "")
    assert process.returncode == 0
    assert processes_in(data_dir / "postgres/data") == []
    assert refuses(url)


def test_a_request_in_flight_is_answered_before_it_stops(data_dir: Path) -> None:
    process = start(data_dir)
    url = url_of(process)
    asked = HTTPConnection(urlsplit(url).netloc, timeout=10)
    asked.request("GET", "/slow?seconds=1")
    time.sleep(0.6)
    process.terminate()
    assert asked.getresponse().read() == b"done"
    asked.close()
    process.communicate(timeout=5)
    assert process.returncode == 0


def test_a_request_that_takes_too_long_does_not_keep_it(data_dir: Path) -> None:
    process = start(data_dir)
    host, _, port = url_of(process).removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        process.terminate()
        process.communicate(timeout=6)
    assert process.returncode == 0
    assert seconds_until(lambda: not processes_in(data_dir / "postgres/data")) < 5


def test_nothing_is_left_when_it_is_killed(data_dir: Path) -> None:
    process = start(data_dir)
    url = url_of(process)
    process.kill()
    process.communicate()
    assert refuses(url)
    assert seconds_until(lambda: not processes_in(data_dir / "postgres/data")) < 5


def test_postgresql_is_back_after_it_was_killed(data_dir: Path) -> None:
    process = start(data_dir)
    url = url_of(process)
    for pid in processes_in(data_dir / "postgres/data"):
        os.kill(pid, signal.SIGKILL)

    def works() -> bool:
        try:
            return get(f"{url}/role") == b'["callboard_app"]'
        except URLError:
            return False

    assert seconds_until(works) < 5
    process.terminate()
    process.communicate(timeout=5)


def test_a_port_in_use_is_named_instead_of_shared(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert start(data_dir, port=port).communicate(timeout=10) == (
            f"PortUnusable: cannot listen on 127.0.0.1 port {port}: Address already in use;"
            " choose another with CALLBOARD_PORT\n",
            "",
        )


def test_an_application_that_does_not_start_says_why(data_dir: Path) -> None:
    out, err = start(data_dir, "refuse").communicate(timeout=10)
    assert out == "NotStarted: the server could not start; the log above says why\n"
    assert "RuntimeError: not today" in err
    assert processes_in(data_dir / "postgres/data") == []
