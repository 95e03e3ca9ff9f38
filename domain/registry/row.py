"""One row of a reference entity, folded from its stream. Folding never refuses."""

from datetime import datetime
from typing import Any, assert_never

from msgspec import Struct

from domain.errors import CorruptHistory
from domain.events import EntityCreated, EntityDeleted, EntityEvent, EntityRestored, EntityUpdated, Recorded


class Row(Struct, kw_only=True):
    """`kind` is the id's prefix; `values` the declared fields as JSON; `version` counts its events."""

    id: str
    kind: str
    values: dict[str, Any]
    system: bool
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None = None
    deleted_by: str | None = None


def evolve(row: Row | None, recorded: Recorded) -> Row:
    """Folds one recorded event in. Changes and answers the same row."""
    event = recorded.event
    if isinstance(event, EntityCreated):
        return _created(event, recorded)
    if row is None or not isinstance(event, EntityEvent):
        raise CorruptHistory(f"{recorded.originator_id}@{recorded.originator_version} is no event of a row")
    row.version = recorded.originator_version
    row.updated_at, row.updated_by = recorded.at, recorded.actor.id
    match event:
        case EntityUpdated(values=values):
            row.values = row.values | values
        case EntityDeleted():
            row.deleted_at, row.deleted_by = recorded.at, recorded.actor.id
        case EntityRestored():
            row.deleted_at = row.deleted_by = None
        case _:
            assert_never(event)
    return row


def _created(event: EntityCreated, recorded: Recorded) -> Row:
    return Row(
        id=recorded.originator_id,
        kind=event.kind,
        values=dict(event.values),
        system=event.system,
        version=recorded.originator_version,
        created_at=recorded.at,
        created_by=recorded.actor.id,
        updated_at=recorded.at,
        updated_by=recorded.actor.id,
    )
