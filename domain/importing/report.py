"""What a run of an import answers, and what its event keeps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from domain.errors import FieldError
from domain.events import ImportFailed
from domain.importing.choosing import Choice, Planned, means
from domain.importing.clashes import Clash, ImportFinding
from domain.importing.doubting import Ambiguous
from domain.importing.names import UnknownRoom
from domain.importing.sheet import RowError

MOST_LISTED: Final = 10_000
"""Errors, notes, findings and clashes are listed up to here; the counts tell of all."""

_COUNTS: Final = ("created", "updated", "unchanged", "removed", "proposed_changes", "skipped", "errors")


class Counts(Struct, frozen=True, kw_only=True):
    """Shows by what became of them: `removed` were cancelled because the file has them no more, `skipped`
    left alone. `errors` are rows left out; `proposed_changes` changes that now wait, one per schedule."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    proposed_changes: int = 0
    skipped: int = 0
    errors: int = 0


class Options(Struct, frozen=True, kw_only=True):
    """How to import. `schedule_id`: all rows go there, instead of one schedule per client and month.
    `time_zone` is for studios made because they were missing. `take`: whose values stay where a field was
    set in Callboard since the last import, `ours` (Callboard's) or `theirs` (the file's). `leave`, `theirs`
    and `stay` decide single rows and shows (`Choice`). `means` are ids of what ambiguous names mean, in every
    line, or as `12:creator_...` in line 12."""

    create_missing: bool = False
    schedule_id: str | None = None
    time_zone: str = "UTC"
    take: Literal["ours", "theirs"] = "ours"
    leave: tuple[int, ...] = ()
    theirs: tuple[int, ...] = ()
    stay: tuple[str, ...] = ()
    means: tuple[str, ...] = ()

    @property
    def choice(self) -> Choice:
        """What was decided row by row."""
        return Choice(
            leave=frozenset(self.leave),
            theirs=frozenset(self.theirs),
            stay=frozenset(self.stay),
            means=means(self.means),
        )


class Kept(Struct, frozen=True):
    """A value that stays: `value` is the file's, `kept` what it is, both as an export writes them. `why`:
    it was set in Callboard since the last import, or by hand (`edited`); or the same was asked for before
    and somebody said no (`rejected`)."""

    row: int
    show_id: str
    external_id: str
    column: str
    value: str
    kept: str
    why: Literal["edited", "rejected"] = "edited"


class ImportedSchedule(Struct, frozen=True, kw_only=True):
    """A schedule that the file has rows for. `client` is its client's name; null for a studio's own plan.
    `change_id` is the change that asks for what it is to become, when it is confirmed."""

    id: str
    name: str
    client: str | None
    client_id: str | None
    counts: Counts
    change_id: str | None = None


class CreatedStudio(Struct, frozen=True):
    """A studio that was made because it was missing, and the zone it was given."""

    name: str
    time_zone: str


class ConflictCounts(Struct, frozen=True):
    """Findings about the schedules' shows, by severity."""

    block: int
    warn: int


class Problem(Struct, frozen=True):
    """Why a file was refused as a whole, as the request was told."""

    code: str
    detail: str
    errors: tuple[FieldError, ...]


class ImportReport(Struct, frozen=True, kw_only=True):
    """What a run did; of a dry run, what it would do: ids that it gave out are not there afterwards. A run
    that was refused as a whole did nothing, and has a `problem`. Only a dry run has `rows`, `ambiguous` names
    and `findings`, the conflicts that are counted, first those that block."""

    id: str
    mode: Literal["dry_run", "apply"]
    outcome: Literal["applied", "none", "failed", "undone"]
    file_name: str
    file_sha256: str
    counts: Counts
    schedules: tuple[ImportedSchedule, ...]
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    kept: tuple[Kept, ...] = ()
    rows: tuple[Planned, ...] = ()
    unknown_names: dict[str, tuple[str, ...]]
    unknown_rooms: tuple[UnknownRoom, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    created: dict[str, int]
    created_studios: tuple[CreatedStudio, ...]
    conflicts: ConflictCounts
    findings: tuple[ImportFinding, ...] = ()
    clashes: tuple[Clash, ...]
    options: Options
    created_at: datetime
    created_by: str
    problem: Problem | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None


def counts_of(counter: Mapping[str, int]) -> Counts:
    """A counter by the names that a report has."""
    return Counts(**{name: counter.get(name, 0) for name in _COUNTS})


def total(counters: Sequence[Mapping[str, int]], errors: Sequence[RowError]) -> Counts:
    """All schedules' counts together; errors are counted by row."""
    summed: Counter[str] = Counter()
    for counter in counters:
        summed.update(counter)
    summed["errors"] = len({error.row for error in errors})
    return counts_of(summed)


def failed(import_id: str, event: ImportFailed, at: datetime, by: str) -> ImportReport:
    """The report of a run that was refused as a whole."""
    return ImportReport(
        id=import_id,
        mode="apply",
        outcome="failed",
        file_name=event.file_name,
        file_sha256=event.file_sha256,
        counts=Counts(),
        schedules=(),
        errors=(),
        notes=(),
        unknown_names={},
        created={},
        created_studios=(),
        conflicts=ConflictCounts(0, 0),
        clashes=(),
        options=msgspec.convert(event.options, Options),
        created_at=at,
        created_by=by,
        problem=Problem(event.code, event.detail, tuple(FieldError(**each) for each in event.errors)),
    )


def kept(report: ImportReport) -> dict[str, Any]:
    """The report as its event keeps it."""
    return msgspec.to_builtins(report)
