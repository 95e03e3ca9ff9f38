"""What a stream says by itself: the state after its first so many events, and what lies between two such
states. Asks no read table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec import Struct

from domain.errors import CorruptHistory, Invalid, NotFound
from domain.events import ImportApplied, ImportFailed, Recorded
from domain.ids import prefix_of
from domain.registry.row import Row
from domain.registry.row import evolve as evolve_row
from domain.schedule import state
from projections import as_it_was

Document = dict[str, Any]


class Rebuilt(Struct, frozen=True, kw_only=True):
    """A stream after its event number `stream_version`, recorded `at`. `state` is JSON: a schedule with
    its shows, a row, or an import run."""

    stream: str
    stream_version: int
    at: datetime
    state: Document


def rebuilt(history: Sequence[Recorded], stream: str) -> Rebuilt:
    """The state after these events. Raises NotFound when there are none."""
    if not history:
        if prefix_of(stream) == "show":
            raise NotFound(
                f"{stream} is in its schedule's stream: `callboard audit log --stream {stream}` names it"
            )
        raise NotFound(f"no stream {stream}")
    last = history[-1]
    return Rebuilt(
        stream=stream,
        stream_version=last.originator_version,
        at=last.at,
        state=msgspec.to_builtins(_folded(history)),
    )


def up_to(history: Sequence[Recorded], point: str) -> list[Recorded]:
    """The events up to a stream version (`12`) or a numbered version of a schedule (`v2`).

    Raises Invalid when the stream has no such point.
    """
    version = int(point.removeprefix("v"))
    if point.startswith("v"):
        schedule = (
            state.replay(history) if history and prefix_of(history[0].originator_id) == "schedule" else None
        )
        positions = {v.number: v.position for v in schedule.versions} if schedule else {}
        if version not in positions:
            known = ", ".join(f"v{number}" for number in positions) or "none"
            raise Invalid(f"there is no version {version}; the stream's versions: {known}")
        version = positions[version]
    if not 1 <= version <= len(history):
        raise Invalid(f"there is no event {version} in this stream; it has {len(history)}")
    return list(history[:version])


def difference(before: Rebuilt, after: Rebuilt) -> Document:
    """What changed from one state of a stream to another: fields, and for a schedule its shows."""
    found: Document = {"from": before.stream_version, "to": after.stream_version}
    if "shows" not in after.state:
        return found | {"fields": _fields(before.state, after.state)}
    old = {show["id"]: show for show in before.state["shows"]}
    new = {show["id"]: show for show in after.state["shows"]}
    return found | {
        "fields": _fields(before.state["schedule"], after.state["schedule"]),
        "added": [show for show_id, show in new.items() if show_id not in old],
        "removed": [show for show_id, show in old.items() if show_id not in new],
        "changed": [
            {"show_id": show_id, "name": show["name"], "fields": fields}
            for show_id, show in new.items()
            if show_id in old and (fields := _fields(old[show_id], show))
        ],
    }


def _folded(history: Sequence[Recorded]) -> Any:
    match prefix_of(history[0].originator_id):
        case "schedule":
            schedule = cast(state.Schedule, state.replay(history))
            return {"schedule": as_it_was.schedule_row(schedule), "shows": as_it_was.show_rows(schedule)}
        case "import":
            return _import(history)
        case _:
            row: Row | None = None
            for recorded in history:
                row = evolve_row(row, recorded)
            return _flat(cast(Row, row))


def _import(history: Sequence[Recorded]) -> Document:
    ran, undone = history[0], history[1] if len(history) > 1 else None
    if not isinstance(ran.event, ImportApplied | ImportFailed):
        raise CorruptHistory(f"{ran.originator_id} is no import run")
    outcome = {"outcome": "undone"} if undone else {}
    return {
        "id": ran.originator_id,
        "outcome": "failed",
        **msgspec.structs.asdict(ran.event),
        **outcome,
        "at": ran.at,
        "actor": ran.actor,
        "undone_at": undone.at if undone else None,
        "undone_by": undone.actor if undone else None,
    }


def _flat(row: Row) -> Document:
    """The row with its values beside its bookkeeping, as the API shows it."""
    fields = msgspec.structs.asdict(row)
    values = fields.pop("values")
    return {"id": fields.pop("id"), "version": fields.pop("version"), **values, **fields}


_NOISE = frozenset({"version", "updated_at", "updated_by"})


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Document:
    return {
        name: {"from": before.get(name), "to": value}
        for name, value in after.items()
        if name not in _NOISE and before.get(name) != value
    }
