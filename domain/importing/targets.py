"""What an import is going to do, schedule by schedule: the shape of a diff."""

import calendar
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct, field

from domain.events import ChangeOperation, ShowDraft, ShowEdit
from domain.importing.choosing import Planned
from domain.importing.doubting import Doubt
from domain.importing.names import Known
from domain.importing.reading import Wanted
from domain.importing.report import Kept
from domain.importing.sheet import RowError
from domain.schedule.state import Schedule
from domain.slots import operational_day

OPEN: Final = frozenset({"draft", "confirmed"})
"""Schedules in these statuses take rows: at once, or as a change."""


class Group(Struct, frozen=True):
    """Rows that belong into one schedule: of one client, in one studio, in one month."""

    client_id: str | None
    studio_id: str
    first: date
    last: date


class Target(Struct, kw_only=True):
    """What an import does to one schedule; `schedule` is None for one to be opened for a group. `studio` is
    that of the rows, where there are any to draft or edit. `cancelled` are shows that vanished; `asked` is
    what a confirmed schedule is to change."""

    name: str
    client: Known | None
    group: Group | None = None
    schedule: Schedule | None = None
    studio: Known | None = None
    counts: Counter[str] = field(default_factory=Counter[str])
    drafts: list[ShowDraft] = field(default_factory=list[ShowDraft])
    edits: list[ShowEdit] = field(default_factory=list[ShowEdit])
    cancelled: list[str] = field(default_factory=list[str])
    asked: list[ChangeOperation] = field(default_factory=list[ChangeOperation])


class Diff(Struct, frozen=True, kw_only=True):
    """What an import does. `errors` are rows left out, `notes` what was left alone and why, `kept` the values
    that were set in Callboard and stay, `rows` what becomes of each show, `lines` the row of each that the
    file has, by id; `uses` the reference rows that drafted and edited shows name; `doubts` are new rows that
    more than one schedule could take."""

    targets: tuple[Target, ...]
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    kept: tuple[Kept, ...]
    rows: tuple[Planned, ...]
    uses: Mapping[str, Known]
    lines: Mapping[str, int]
    doubts: tuple[Doubt, ...]


def group_of(wanted: Wanted) -> Group:
    """By the month of the show's operational day."""
    day = operational_day(wanted.start, wanted.studio.time_zone, wanted.studio.day_start)
    last = calendar.monthrange(day.year, day.month)[1]
    client_id = wanted.client.id if wanted.client else None
    return Group(client_id, wanted.studio.id, day.replace(day=1), day.replace(day=last))
