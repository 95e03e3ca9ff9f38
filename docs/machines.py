"""Writes the state pictures and transition tables of docs/change-workflow.md, between its markers, from
domain/schedule/machine.py.

python docs/machines.py            writes them
python docs/machines.py --check    exit 1 when they are out of date
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "change-workflow.md"


def page(text: str) -> str:
    """The page with its generated parts as they should be."""
    from domain.schedule import machine  # noqa: PLC0415 - after the path is set up

    show = {name: dict(arrows) for name, arrows in machine.SHOW.items()}
    parts = {"schedule": machine.SCHEDULE, "show": show}
    for name, arrows in parts.items():
        text = re.sub(
            rf"(<!-- {name}: generated -->\n).*?(<!-- end -->)",
            lambda found, name=name, arrows=arrows: found[1] + _part(name, arrows) + found[2],
            text,
            flags=re.DOTALL,
        )
    return text


def _part(name: str, table: Mapping[str, Mapping[Any, str]]) -> str:
    statuses = list(dict.fromkeys(s for arrows in table.values() for pair in arrows.items() for s in pair))
    arrows = [
        (start, end, command) for command, moves in table.items() for start, ends in moves.items()
        for end in _ends(command, ends)
    ]  # fmt: skip
    picture = ["    [*] --> draft", *(f"    {a} --> {b}: {command}" for a, b, command in arrows)]
    head = [f"| {name} | " + " | ".join(table) + " |", "|---" * (len(table) + 1) + "|"]
    rows = [
        f"| {status} | "
        + " | ".join(
            " or ".join(_ends(c, moves[status])) if status in moves else "-" for c, moves in table.items()
        )
        + " |"
        for status in statuses
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *picture, "```", "", *head, *rows, ""])


def _ends(command: str, end: str) -> list[str]:
    """`resolve` ends as its outcome says."""
    return ["cancelled", "completed"] if command == "resolve" else [end]


def main() -> int:
    sys.path.insert(0, str(ROOT))
    text = PAGE.read_text("utf-8")
    wanted = page(text)
    if "--check" in sys.argv:
        return int(text != wanted)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
