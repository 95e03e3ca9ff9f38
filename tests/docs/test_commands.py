"""Commands that the documentation shows but doesn't run, exist: with those options, and as such targets."""

import re
import shlex
from pathlib import Path

import click
import pytest

from api.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)


def shown(program: str) -> list[tuple[str, str]]:
    """(page, command line) wherever a page has one of that program, in a block or in a sentence."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        for block, inline in CODE.findall(page.read_text("utf-8")):
            lines = (line.strip().removeprefix("$ ") for line in (block or inline).splitlines())
            found += [(page.name, line) for line in lines if line.startswith(f"{program} ")]
    return found


@pytest.mark.parametrize(("page", "line"), shown("callboard"))
def test_a_documented_command_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(re.split(r"\|\|?| ;", line)[0], comments=True)[1:]
    command: click.Command = main
    context = click.Context(main, info_name="callboard")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        _, found, words = command.resolve_command(context, words)
        assert found
        command, context = found, click.Context(found, parent=context, info_name=found.name)
    command.make_parser(context).parse_args(words)


@pytest.mark.parametrize(("page", "line"), shown("make"))
def test_a_documented_target_exists(page: str, line: str) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert line.split()[1] in targets


def test_there_are_such_commands() -> None:
    assert len(shown("callboard")) > 15
    assert ("README.md", "make demo") in shown("make")
