"""The look-up rows of SPEC 2 and the first administrator, without whom nobody could write."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from domain import access
from domain.application import SYSTEM, Commands, Context, Unit
from domain.ids import fixed_id
from domain.registry import deciding
from domain.registry.declaring import Body
from domain.registry.entities import (
    BY_KIND,
    NewChangeCategory,
    NewChangeType,
    NewFeature,
    NewScheduleStatus,
    NewShowStandard,
    NewShowStatus,
    NewShowType,
    NewUser,
)

ADMIN_EMAIL: Final = "admin@callboard.local"
ADMIN_ID: Final = fixed_id("user", ADMIN_EMAIL)


class Seed(NamedTuple):
    """One row to have. Its id is the same in every database."""

    kind: str
    row_id: str
    body: Body
    system: bool


def rows() -> list[Seed]:
    """Every seeded row: the administrator, then the look-ups, which are system rows."""
    admin = NewUser(email=ADMIN_EMAIL, name="Administrator", is_system_admin=True)
    return [Seed("user", ADMIN_ID, admin, system=False), *_lookups()]


def seed(commands: Commands) -> int:
    """Creates what is missing, in one command as the system; answers how many rows that was. A row that
    was ever there is left alone, deleted or not."""
    wanted = {seed.row_id: seed for seed in rows()}
    with commands.log.pool.connection() as connection:
        if len(_existing(connection, wanted)) == len(wanted):
            return 0

    def create_missing(unit: Unit) -> int:
        unit.tx.lock_streams(sorted(wanted))
        missing = [row_id for row_id in wanted if row_id not in _existing(unit.connection, wanted)]
        for row_id in missing:
            _, _, body, system = wanted[row_id]
            unit.append_row(None, row_id, deciding.create(BY_KIND[wanted[row_id].kind], body, system=system))
        return len(missing)

    return commands.do(Context(actor=SYSTEM, command="seed_reference", origin="seed"), create_missing)


def _existing(connection: Any, wanted: dict[str, Seed]) -> set[str]:
    found = connection.execute(
        "SELECT originator_id FROM callboard_events"
        " WHERE originator_id = ANY (%s) AND originator_version = 1",
        (list(wanted),),
    )
    return {row[0] for row in found}


def _lookups() -> Iterator[Seed]:
    for kind, bodies in _LOOKUPS.items():
        for body in bodies:
            yield Seed(kind, fixed_id(kind, body.key), body, system=True)
    for (feature, user_type), enabled in access.DEFAULTS.items():
        body = msgspec.convert({"feature": feature, "user_type": user_type, "enabled": enabled}, NewFeature)
        yield Seed("feature", fixed_id("feature", f"{feature}:{user_type}"), body, system=True)


_LOOKUPS: Final = {
    "shtype": (
        NewShowType(key="bau", name="Business as usual"),
        NewShowType(key="campaign", name="Campaign"),
        NewShowType(key="other", name="Other"),
    ),
    "shstd": (
        NewShowStandard(key="standard", name="Standard"),
        NewShowStandard(key="premium", name="Premium"),
    ),
    "shstat": (
        NewShowStatus(key="draft", name="Draft", position=1),
        NewShowStatus(key="confirmed", name="Confirmed", position=2),
        NewShowStatus(key="live", name="Live", position=3),
        NewShowStatus(key="completed", name="Completed", position=4),
        NewShowStatus(key="cancelled", name="Cancelled", position=5),
        NewShowStatus(key="cancelled_pending_resolution", name="Cancelled, to be resolved", position=6),
    ),
    "scstat": (
        NewScheduleStatus(key="draft", name="Draft", position=1),
        NewScheduleStatus(key="proposed", name="Proposed", position=2),
        NewScheduleStatus(key="confirmed", name="Confirmed", position=3),
        NewScheduleStatus(key="archived", name="Archived", position=4),
        NewScheduleStatus(key="cancelled", name="Cancelled", position=5),
        NewScheduleStatus(key="other", name="Other", position=6),
    ),
    "chcat": (
        NewChangeCategory(key="CLIENT_REQUESTED", name="Requested by the client", approval="studio"),
        NewChangeCategory(key="OPERATIONAL", name="Operational", approval="client"),
        NewChangeCategory(key="FORCE_MAJEURE", name="Force majeure", approval="none"),
    ),
    "chtype": (
        NewChangeType(key="TIME_CHANGE", name="Time", covers=("start", "end")),
        NewChangeType(key="RESOURCE_CHANGE", name="Room", covers=("room_id",)),
        NewChangeType(
            key="SCOPE_CHANGE",
            name="Scope",
            covers=("name", "show_type", "show_standard", "note", "metadata"),
        ),
        NewChangeType(key="CREATOR_CHANGE", name="Creators", covers=("creators",)),
        NewChangeType(key="PLATFORM_CHANGE", name="Platforms", covers=("platforms",)),
        NewChangeType(key="ADDITION", name="Addition"),
        NewChangeType(key="CANCELLATION", name="Cancellation"),
        NewChangeType(key="OTHER", name="Other"),
    ),
}
