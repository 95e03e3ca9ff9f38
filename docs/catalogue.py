"""Writes docs/events.md, the catalogue of every fact the log can hold, from domain/events.py.

python docs/catalogue.py            writes it
python docs/catalogue.py --check    exit 1 when it is out of date
"""

import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "events.md"

HEAD = """# Events

Every fact the log can hold, generated from `domain/events.py` by `make docs`. Tags and fields are stored:
they are never renamed or retyped, new fields have defaults, and one stored sample of each loads in the
tests for ever.

Each event is kept in an envelope: `originator_id` and `originator_version` (the stream and its version),
`at`, `actor` (`id`, `name`, `type`), `command`, `command_id` (the events of one command are applied as a
whole), `request_id`, `origin` (`http`, `cli`, `seed`), and where there is one `reason` and `cause` (the
import that asked for it).

"""


def page() -> str:
    """The page as it should be."""
    from domain import events  # noqa: PLC0415 - after the path is set up

    groups = {
        "Schedules and their shows": get_args(events.ScheduleEvent),
        "Reference entities": get_args(events.EntityEvent),
        "Imports": (events.ImportApplied, events.ImportFailed, events.ImportUndone),
        "Runs over many shows, and accounts": (events.BulkRan, events.PasswordSet),
    }
    parts = [part for part in events.__dict__.values() if _is_part(part, events)]
    text = HEAD
    for title, facts in groups.items():
        text += f"## {title}\n\n" + "".join(_section(fact) for fact in facts)
    return text + "## What events are made of\n\n" + "".join(_section(part) for part in parts).rstrip() + "\n"


def _is_part(part: Any, events: Any) -> bool:
    envelope = (events.Recorded, events.Positioned, events.Fact)
    return (
        isinstance(part, type)
        and issubclass(part, msgspec.Struct)
        and part.__module__ == events.__name__
        and not issubclass(part, events.Fact)
        and part not in envelope
    )


def _section(struct: type[msgspec.Struct]) -> str:
    doc = " ".join((struct.__doc__ or "").split())
    described = f"{doc}\n\n" if doc and not doc.startswith(f"{struct.__name__}(") else ""
    hints = get_type_hints(struct)
    rows = [
        f"| `{field.name}` | `{_spelled(hints[field.name])}` | {'yes' if field.required else ''} |\n"
        for field in msgspec.structs.fields(struct)
    ]
    table = (
        "| field | type | required |\n|---|---|---|\n" + "".join(rows) + "\n" if rows else "No fields.\n\n"
    )
    return f"### {struct.__struct_config__.tag or struct.__name__}\n\n{described}{table}"


def _spelled(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
    for noise in ("domain.events.", "datetime.", "typing.", "msgspec._core.", "msgspec."):
        text = text.replace(noise, "")
    return text.replace(" | UnsetType", "").replace("NoneType", "None").replace("|", "\\|")


def main() -> int:
    sys.path.insert(0, str(ROOT))
    wanted = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != wanted)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
