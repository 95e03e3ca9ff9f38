"""Runs the tour and the page about conflicts: their `sh` blocks in one bash session beside a server of its
own; `text` blocks are what the block before them prints.

A line of a `text` block stands for one line of output, or a part of one; `...` stands for anything. Lines in
between may be left out, their order may not change. Blocks in any other language are not run.
"""

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

from tests.servers import ROOT, Served, environment

BLOCK_SECONDS = 60.0
DONE = "-- the block is done --"


class Terminal:
    """A bash in which a user types one block after another. The first failing command ends it."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.home = home
        self.shown = ""
        self._bash = subprocess.Popen(
            ["bash", "-euo", "pipefail"], cwd=home, env=environ,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def type(self, block: str) -> None:
        """Runs a block and keeps what it printed. Fails when a command does, or takes too long."""
        assert self._bash.poll() is None, "an earlier block failed"
        assert self._bash.stdin
        script = self.home / ".block"
        script.write_text(block, "utf-8")
        self._bash.stdin.write(f"source {script} < /dev/null; echo; echo '{DONE}'\n".encode())
        self._bash.stdin.flush()
        self.shown, done = self._read_until_done()
        assert done, f"stopped with:\n{self.shown}"

    def _read_until_done(self) -> tuple[str, bool]:
        assert self._bash.stdout
        end, seen = time.monotonic() + BLOCK_SECONDS, b""
        with selectors.DefaultSelector() as ready:
            ready.register(self._bash.stdout, selectors.EVENT_READ)
            while time.monotonic() < end:
                if ready.select(1):
                    more = os.read(self._bash.stdout.fileno(), 65536)
                    seen += more
                    if not more or seen.endswith(f"{DONE}\n".encode()):
                        break
        text = seen.decode()
        return text.removesuffix(f"{DONE}\n"), text.endswith(f"{DONE}\n")

    def close(self) -> None:
        """Ends bash, whatever it is doing."""
        self._bash.kill()
        self._bash.communicate()


@pytest.fixture(scope="session")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """The second terminal of somebody who runs `callboard serve` in the first."""
    home = tmp_path_factory.mktemp("tour")
    program = home / "bin" / "callboard"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m api.cli "$@"\n')
    program.chmod(0o755)
    with Served(home) as served:
        environ = environment(home, {"CALLBOARD_PORT": str(served.port)})
        path = os.pathsep.join([str(program.parent), str(Path(sys.executable).parent), environ["PATH"]])
        terminal = Terminal(home, environ | {"PATH": path})
        try:
            yield terminal
        finally:
            terminal.close()


def run(example: Example) -> None:
    """A `sh` block."""
    example.namespace["terminal"].type(example.parsed)


def compare(example: Example) -> None:
    """A `text` block: each of its lines is found in what was printed, one after the other."""
    shown = [" ".join(line.split()) for line in example.namespace["terminal"].shown.splitlines()]
    rest = iter(shown)
    for line in filter(None, (" ".join(line.split()) for line in example.parsed.splitlines())):
        wanted = re.compile(".*".join(map(re.escape, line.split("..."))))
        assert any(wanted.search(each) for each in rest), f"not printed, or not there: {line}\n" + "\n".join(
            shown
        )


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("sh", run), CodeBlockParser("text", compare)],
    patterns=["tour.md", "conflict-resolution.md", "availability.md"],
    fixtures=["terminal"],
).pytest()
