"""The import command: one run is one transaction, and one event that tells of it beside those of the
schedules. A dry run is the same run, rolled back."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.application import Commands, Context, Unit
from domain.conflicts import Finding, Subject
from domain.errors import Invalid, NotFound, StaleVersion
from domain.event_log import Replayed
from domain.events import (
    ChangeProposed,
    ImportApplied,
    ScheduleEvent,
    ScheduleOpened,
    ShowCancelled,
    ShowDrafted,
    ShowsEdited,
)
from domain.ids import fixed_id
from domain.importing import clashes, doubting, reading
from domain.importing.clashes import ImportFinding
from domain.importing.diffing import diff
from domain.importing.doubting import Ambiguous, Candidate, Doubt
from domain.importing.history import Loaded, load
from domain.importing.names import UNKNOWN, Known, Names, listed, rooms
from domain.importing.reach import Reach
from domain.importing.reading import Home, Read, Wanted, local
from domain.importing.report import (
    MOST_LISTED,
    ConflictCounts,
    CreatedStudio,
    ImportedSchedule,
    ImportReport,
    Options,
    counts_of,
    kept,
    total,
)
from domain.importing.sheet import Sheet, check_columns
from domain.importing.targets import Diff, Group, Target, group_of
from domain.registry import deciding
from domain.registry.declaring import Body, time_zones
from domain.registry.entities import BY_KIND, NewClient, NewCreator, NewPlatform, NewRoom, NewStudio
from domain.schedule import proposal, state
from domain.schedule.state import Schedule

ONE_AT_A_TIME = "imports"
"""Locked like a stream, before all others: of two imports of one file, the second sees what the first did."""


class Sought(Struct, frozen=True, kw_only=True):
    """What the rows of a file may be about. External ids with their owner (client, or studio where there is
    none); plain shows, without external id, by (owner, name)."""

    show_ids: Sequence[str]
    external: Sequence[tuple[str, str]]
    plain: Sequence[tuple[str, str]]
    groups: Collection[Group]


class Lookups(Protocol):
    """What an import asks of the read tables, inside its transaction."""

    def known(self, connection: Connection[Any], /) -> Iterable[Known]:
        """All reference rows that a file may name, deleted ones included."""
        ...

    def schedules(self, connection: Connection[Any], sought: Sought, /) -> set[str]:
        """Ids of schedules, not deleted, that hold such shows or are of such a client, studio and month."""
        ...

    def candidates(self, connection: Connection[Any], ids: Collection[str], /) -> Mapping[str, Candidate]:
        """What tells these rows and schedules apart, by id."""
        ...


def run(
    commands: Commands,
    lookups: Lookups,
    context: Context,
    sheet: Sheet,
    options: Options,
    *,
    reach: Reach,
    encode: Callable[[ImportReport], bytes] | None = None,
) -> ImportReport | Replayed:
    """Imports a sheet within the actor's `reach`. Every event has the run's id as its cause. Running one
    file twice does nothing the second time, but for the run's own event.

    Raises Invalid (missing columns, unknown zone), NotFound for the named schedule, StaleVersion, Forbidden
    where the named schedule is out of reach, or missing rows are not the actor's to make.
    """
    if options.create_missing:
        reach.check_creating()
    check_columns(sheet.columns, for_schedule=options.schedule_id is not None)
    if options.time_zone not in time_zones():
        raise Invalid.field("time_zone", "unknown_time_zone", "is no IANA time zone, such as Asia/Bangkok")
    import_id = commands.make_id("import")

    def work(unit: Unit) -> ImportReport:
        return _Run(unit, lookups, sheet, options, import_id=import_id, reach=reach).done()

    return commands.run(replace(context, cause=import_id), work, encode)


class _Run:
    """One run at work in its transaction."""

    def __init__(
        self, unit: Unit, lookups: Lookups, sheet: Sheet, options: Options, *, import_id: str, reach: Reach
    ) -> None:
        self._unit = unit
        self._lookups = lookups
        self._sheet = sheet
        self._options = options
        self._reach = reach
        self._id = import_id
        self._asked: dict[str, str] = {}
        unit.tx.lock_streams([ONE_AT_A_TIME])
        self._names = Names(
            lookups.known(unit.connection),
            new_id=unit.new_id,
            create_missing=options.create_missing,
            time_zone=options.time_zone,
        )

    def done(self) -> ImportReport:
        """Reads, compares, records, reports."""
        named = self._load({self._options.schedule_id}) if self._options.schedule_id else []
        choice = self._options.choice
        read = reading.read(self._sheet, self._names, self._home(named), choice, plans=self._reach.plans)
        ids = self._lookups.schedules(self._unit.connection, _sought(read.wanted, self._options))
        loaded = [*named, *self._load(ids - {each.schedule.id for each in named})]
        found = diff(
            read.wanted,
            read.bad,
            loaded,
            self._names,
            columns=self._sheet.columns,
            only=self._options.schedule_id,
            blind=read.blind,
            theirs=self._options.take == "theirs",
            choice=choice,
            reach=self._reach,
            new_id=self._unit.new_id,
        )
        doubts = [*read.doubts, *found.doubts] if self._unit.context.dry_run else []
        ambiguous = self._ambiguous(doubts)
        made = self._create_missing(found)
        self._hold_references(found)
        schedules = [self._record(target) for target in found.targets]
        found = replace(found, notes=(*read.left, *found.notes))
        report = replace(self._report(read, found, schedules, made), ambiguous=ambiguous)
        self._unit.append_event(self._id, _event(report))
        return report

    # --- loading

    def _load(self, ids: Collection[str]) -> list[Loaded]:
        self._unit.tx.lock_streams(sorted(ids))
        loaded: list[Loaded] = []
        for schedule_id in sorted(ids):
            history = self._unit.tx.stream(schedule_id) if schedule_id.startswith("schedule_") else []
            schedule = state.replay(history)
            if schedule is None or schedule.deleted_at is not None:
                raise NotFound(f"no schedule {schedule_id}")
            loaded.append(load(schedule, history, self._unit.tx.stream))
        return loaded

    def _home(self, named: Sequence[Loaded]) -> Home | None:
        if not named:
            return None
        schedule = named[0].schedule
        self._reach.check(schedule)
        studio = self._names.row(schedule.studio_id)
        client = self._names.row(schedule.client_id) if schedule.client_id else None
        if studio is None:
            raise NotFound(f"no studio {schedule.studio_id}")
        return Home(client, studio)

    # --- recording

    def _create_missing(self, found: Diff) -> list[Known]:
        """Makes the missing rows that shows of this run name, and the studios of missing rooms."""
        needed = {row.id for row in found.uses.values() if row.new}
        made = [row for row in self._names.new.values() if row.id in needed]
        made.sort(key=lambda row: list(UNKNOWN).index(row.kind))
        for row in made:
            self._unit.append_row(None, row.id, deciding.create(BY_KIND[row.kind], _body(row)))
        return made

    def _hold_references(self, found: Diff) -> None:
        """Share-locks what the shows name, so that nobody deletes it meanwhile."""
        unit = self._unit
        old = [row for row in found.uses.values() if row.live and not row.new]
        ids = {row.id for row in old if not row.key}
        keys = {kind: {row.key for row in old if row.kind == kind} for kind in ("shtype", "shstd")}
        gone = ids - unit.references.live(unit.connection, ids)
        for kind, wanted in keys.items():
            gone |= wanted - unit.references.keys(unit.connection, kind, wanted).keys()
        if gone:
            raise StaleVersion("something that the file names was deleted at this very moment; try again")

    def _record(self, target: Target) -> Schedule:
        """The schedule as it is after this run; changed ones get a version."""
        schedule = target.schedule or self._open(target)
        if target.asked:
            return self._ask(schedule, target)
        events = _shows_events(target, self._sheet.file_name)
        if not events:
            return schedule
        self._unit.append(schedule, events)
        version = proposal.version(
            schedule, proposal.next_number(schedule), "import", label=self._sheet.file_name[:200]
        )
        return self._unit.append(schedule, [version])

    def _ask(self, schedule: Schedule, target: Target) -> Schedule:
        """One change that waits for approval. A file never rebooks by itself: where nobody had to agree, the
        studio does."""
        category = self._unit.row("chcat", fixed_id("chcat", "OPERATIONAL"))
        approval = category.values["approval"]
        if approval == "client" and proposal.needs_approval(schedule, self._unit.studio(schedule.studio_id)):
            needs = "client"
        else:
            needs = "studio"
        change = ChangeProposed(
            change_id=self._unit.new_id("change"),
            category="OPERATIONAL",
            change_type="OTHER",
            reason=f"Import of {self._sheet.file_name}",
            base_version=schedule.current_version or 0,
            needs=needs,
            operations=tuple(target.asked),
        )
        self._asked[schedule.id] = change.change_id
        return self._unit.append(schedule, [change])

    def _open(self, target: Target) -> Schedule:
        group = target.group
        if group is None:
            raise AssertionError("a schedule to open has a group")
        return self._unit.open(
            [
                ScheduleOpened(
                    name=target.name[:300],
                    studio_id=group.studio_id,
                    client_id=group.client_id,
                    start_date=group.first,
                    end_date=group.last,
                )
            ]
        )

    # --- reporting

    def _report(
        self, read: Read, found: Diff, schedules: Sequence[Schedule], made: Sequence[Known]
    ) -> ImportReport:
        unit = self._unit
        subjects = clashes.subjects(schedules)
        facts = unit.references.facts(
            unit.connection, [s for each in subjects.values() for s in each], unit.now
        )
        removed = [show_id for target in found.targets for show_id in target.cancelled]
        facts = clashes.with_new(facts, made, removed)
        findings = sorted(clashes.findings(subjects, facts), key=lambda f: f[1].severity)
        counted = Counter(finding.severity for _, finding in findings)
        names = {row.id: row.name for row in (*facts.rooms.values(), *facts.creators.values())}
        left = sum(note.code == "left_out" for note in found.notes)
        ordered = sorted([*read.errors, *found.errors], key=lambda e: e.row or 0)
        dry = unit.context.dry_run
        return ImportReport(
            id=self._id,
            mode="dry_run" if dry else "apply",
            outcome="none" if dry else "applied",
            file_name=self._sheet.file_name,
            file_sha256=self._sheet.file_sha256,
            counts=total([{"skipped": left}, *(target.counts for target in found.targets)], ordered),
            schedules=tuple(
                ImportedSchedule(
                    id=schedule.id,
                    name=schedule.name,
                    client=target.client.name if target.client else None,
                    client_id=schedule.client_id,
                    counts=counts_of(target.counts),
                    change_id=self._asked.get(schedule.id),
                )
                for target, schedule in zip(found.targets, schedules, strict=True)
            ),
            errors=tuple(ordered[:MOST_LISTED]),
            notes=found.notes[:MOST_LISTED],
            kept=found.kept[:MOST_LISTED],
            rows=found.rows[:MOST_LISTED] if dry else (),
            unknown_names=listed(read.missing),
            unknown_rooms=rooms(read.missing),
            created=dict(Counter(UNKNOWN[row.kind] for row in made)),
            created_studios=tuple(
                CreatedStudio(row.name, row.time_zone) for row in made if row.kind == "studio"
            ),
            conflicts=ConflictCounts(block=counted["block"], warn=counted["warn"]),
            findings=self._findings(findings[:MOST_LISTED], schedules, found.lines) if dry else (),
            clashes=tuple(clashes.pairs(schedules, names)[:MOST_LISTED]),
            options=self._options,
            created_at=unit.now,
            created_by=unit.context.actor.id,
        )

    def _ambiguous(self, doubts: Sequence[Doubt]) -> tuple[Ambiguous, ...]:
        """Told as things are before this run does anything."""
        ids = {each for doubt in doubts for each in doubt.among}
        return doubting.told(doubts, self._lookups.candidates(self._unit.connection, ids) if ids else {})

    def _findings(
        self,
        findings: Sequence[tuple[Subject, Finding]],
        schedules: Sequence[Schedule],
        lines: Mapping[str, int],
    ) -> tuple[ImportFinding, ...]:
        named = {each.id: each for each in schedules}
        told: list[ImportFinding] = []
        for show, finding in findings:
            schedule = named[show.schedule_id or ""]
            studio = self._names.row(schedule.studio_id)
            zone = studio.time_zone if studio else "UTC"
            other = finding.other.show_id if finding.other else None
            told.append(
                ImportFinding(
                    row=lines.get(show.id),
                    schedule=schedule.name,
                    show_id=show.id,
                    external_id=schedule.shows[show.id].external_id,
                    name=show.name,
                    start=local(show.start, zone),
                    end=local(show.end, zone),
                    code=finding.code,
                    severity=finding.severity,
                    message=finding.message,
                    resource=finding.resource,
                    other=finding.other,
                    other_row=lines.get(other) if other else None,
                    overlap=finding.overlap,
                )
            )
        return tuple(told)


def _sought(wanted: Iterable[Wanted], options: Options) -> Sought:
    rows = list(wanted)
    return Sought(
        show_ids=sorted({row.show_id for row in rows if row.show_id}),
        external=sorted({(row.owner, row.external_id) for row in rows if row.external_id}),
        plain=sorted({(row.owner, row.name) for row in rows if not row.external_id and not row.show_id}),
        groups=set() if options.schedule_id else {group_of(row) for row in rows},
    )


def _shows_events(target: Target, file_name: str) -> list[ScheduleEvent]:
    events: list[ScheduleEvent] = [
        ShowCancelled(show_id=show_id, reason_category="OTHER", note=f"no longer in {file_name}")
        for show_id in target.cancelled
    ]
    if target.studio is None:
        return events
    zone, day_start = target.studio.time_zone, target.studio.day_start
    if target.edits:
        events.append(ShowsEdited(edits=tuple(target.edits), time_zone=zone, day_start=day_start))
    if target.drafts:
        events.append(ShowDrafted(shows=tuple(target.drafts), time_zone=zone, day_start=day_start))
    return events


def _body(row: Known) -> Body:
    """What a missing row is made of: all that a name tells."""
    match row.kind:
        case "studio":
            return NewStudio(name=row.name, time_zone=row.time_zone)
        case "client":
            return NewClient(name=row.name)
        case "room":
            return NewRoom(name=row.name, studio_id=row.studio_id or "")
        case "creator":
            return NewCreator(name=row.name)
        case "platform":
            return NewPlatform(name=row.name)
        case "shtype" | "shstd":
            raise AssertionError("look-up rows are never made by an import")


def _event(report: ImportReport) -> ImportApplied:
    stored = kept(report)
    return ImportApplied(
        file_name=report.file_name,
        file_sha256=report.file_sha256,
        counts=stored["counts"],
        schedules=tuple(schedule.id for schedule in report.schedules),
        created=report.created,
        options=stored["options"],
        report=stored,
    )
