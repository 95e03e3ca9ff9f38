"""The README's commands, in the README's order, in a fresh clone and nobody's virtual environment: from
nothing to a booking, Ctrl-C, and once more. Of `make test`, which runs this, only that make knows it.

The clone is of what is committed. It needs git, make, curl and the package registries. It has no Node: the
pages' packages come with the npm that the build gets from PyPI.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.postgres.postmaster import processes_in
from tests.servers import ROOT, free_port, interruptible

INSTALL_SECONDS = 420.0
AGAIN_SECONDS = 45.0
STOP_SECONDS = 20.0
STORY = [
    "ScheduleOpened",
    "ShowDrafted",
    "ScheduleProposed",
    "VersionNumbered",
    "ShowsConfirmed",
    "VersionNumbered",
]
PEOPLE = ("admin", "planner", "client", "viewer")
NODE = {"node", "nodejs", "npm", "npx", "corepack"}
SPEAKS = re.compile(r"http://[\w.]+:(\d+)")


@pytest.fixture
def clone() -> Iterator[Path]:
    """A fresh clone. Not in pytest's own directories: those are kept, and it grows an environment."""
    with tempfile.TemporaryDirectory(prefix="readme-") as directory:
        path = Path(directory).resolve() / "callboard"
        subprocess.run(["git", "clone", "--quiet", ROOT, path], env=surroundings(), check=True, timeout=60)
        yield path


def test_the_readme_leads_from_a_clone_to_a_booking(clone: Path) -> None:
    demo, test, booking = re.findall(
        r"^```sh\n(.*?)^```", (clone / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert (demo, test) == ("make demo\n", "make test\n")
    environ = without_node(surroundings(), clone.parent)
    assert shutil.which("npm", path=environ["PATH"]) is None
    subprocess.run(["make", "-n", "test"], cwd=clone, env=environ, check=True, capture_output=True)

    with running(demo, clone, environ, INSTALL_SECONDS) as told:
        assert "for admin@callboard.local" in told
        assert signed_in(told) == list(PEOPLE)
        show_id, story = booked(booking, clone, environ)
    assert story == STORY
    assert leftovers(clone) == []

    began = time.monotonic()
    with running(demo, clone, environ, AGAIN_SECONDS) as told:
        seconds = time.monotonic() - began
        assert "Loading" not in told
        assert read(told, f"/shows/{show_id}")["status"] == "confirmed"
        assert read(told, "/shows?limit=1")["page"]["total"] > 2_500
    assert seconds < AGAIN_SECONDS
    assert leftovers(clone) == []


def booked(commands: str, clone: Path, environ: dict[str, str]) -> tuple[str, list[str]]:
    """Runs the commands of the second terminal; answers the show that was booked, and what the audit
    says happened."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=clone, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (drafted, proposed, confirmed), told = documents(done.stdout)
    show_id: str = drafted["items"][0]["id"]
    assert (proposed["status"], confirmed["schedule"]["status"]) == ("proposed", "confirmed")
    assert confirmed["confirmed"] == [show_id]
    return show_id, re.findall(r"  (\w+): ", told)


def documents(text: str) -> tuple[list[Any], str]:
    """The JSON documents that a text begins with, and the rest of it."""
    found: list[Any] = []
    while text.lstrip().startswith("{"):
        text = text.lstrip()
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:]
    return found, text


@contextmanager
def running(command: str, clone: Path, environ: dict[str, str], seconds: float) -> Generator[str]:
    """Runs a command of the first terminal until its last words are there, and gives those; then Ctrl-C."""
    log = clone.parent / f"terminal-{time.monotonic_ns()}"
    with log.open("wb") as output:
        terminal = subprocess.Popen(
            ["bash", "-c", command], cwd=clone, env=environ,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=interruptible,  # noqa: PLW1509 - the tests have no threads here
        )  # fmt: skip
    try:
        within(seconds, lambda: "Ctrl-C stops it" in log.read_text() or terminal.poll() is not None)
        assert terminal.poll() is None, log.read_text()
        yield log.read_text()
        os.killpg(terminal.pid, signal.SIGINT)
        terminal.wait(STOP_SECONDS)
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        if terminal.poll() is None:
            os.killpg(terminal.pid, signal.SIGKILL)
            terminal.wait(STOP_SECONDS)


def within(seconds: float, holds: Callable[[], bool]) -> None:
    """Waits until it holds. Fails after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not after {seconds} s"
        time.sleep(0.1)


def read(told: str, path: str) -> Any:
    """An answer of the server that said this when it was ready, to the token that it gave."""
    port, token = SPEAKS.search(told), re.search(r"^Token\s+(\S+)$", told, re.MULTILINE)
    assert port
    assert token
    headers = {"Authorization": f"Bearer {token[1]}"}
    return httpx.get(f"http://127.0.0.1:{port[1]}/api/v1{path}", headers=headers).raise_for_status().json()


def signed_in(told: str) -> list[str]:
    """Whose links, as the server printed them, lead to a page of somebody who is signed in."""
    links = re.findall(rf"^\s+({'|'.join(PEOPLE)})\s+(http\S+)$", told, re.MULTILINE)
    pages = {
        who: httpx.get(link, follow_redirects=True, headers={"Accept": "text/html"}) for who, link in links
    }
    return [who for who, page in pages.items() if page.is_success and "/sign-out" in page.text]


def without_node(environ: dict[str, str], into: Path) -> dict[str, str]:
    """The same terminal on a machine without Node: folders of commands that have it are given without it."""
    path: list[str] = []
    for number, entry in enumerate(environ["PATH"].split(os.pathsep)):
        names = {each.name for each in Path(entry).iterdir()} if Path(entry).is_dir() else set[str]()
        if not names & NODE:
            path.append(entry)
            continue
        rest = into / f"commands-{number}"
        rest.mkdir()
        for name in names - NODE:
            (rest / name).symlink_to(Path(entry) / name)
        path.append(str(rest))
    return environ | {"PATH": os.pathsep.join(path)}


def surroundings() -> dict[str, str]:
    """A new terminal: without our settings, coverage, import paths or virtual environment."""
    ours = ("CALLBOARD_", "COVERAGE_", "PYTHON", "PYTEST_", "VIRTUAL_ENV", "MAKE", "MFLAGS", "GIT_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    own = (
        {str(Path(sys.prefix) / "bin"), str(Path(sys.executable).parent)}
        if sys.prefix != sys.base_prefix
        else ()
    )
    path = [entry for entry in environ["PATH"].split(os.pathsep) if entry not in own]
    return environ | {"PATH": os.pathsep.join(path), "CALLBOARD_PORT": str(free_port())}


def leftovers(clone: Path) -> list[str]:
    """What still runs out of the clone: by its command line, or as PostgreSQL on its data."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    here = [line for line in listed.splitlines() if str(clone) in line]
    return here + [f"PostgreSQL {pid}" for pid in processes_in(clone / ".callboard/postgres/data")]
