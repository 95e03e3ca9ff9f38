"""A row of text as a wanted show: names resolved, times made instants. Everything wrong with a row is said
at once, and a row with anything wrong is left out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.ids import is_id
from domain.importing.choosing import Choice
from domain.importing.doubting import Doubt
from domain.importing.names import Kind, Known, Missing, Names, Unmatched, ambiguous
from domain.importing.reach import CODE, EVERYWHERE, SAID
from domain.importing.sheet import RowError, Sheet, SheetRow
from domain.schedule.planning import span_errors

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d(:\d\d)?)?", re.ASCII
)
_LONGEST: Final = {"external_id": 200, "name": 300, "note": 10_000}
_MOST: Final = {"creators": 100, "platforms": 50}
_NAME_LENGTH: Final = 300
_SHOWN: Final = 200
"""How much of a wrong value an error repeats."""


Plans = Callable[[str, str | None], bool]
"""Whether somebody may plan in that studio, for that client or none."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A show as a row wants it. `show_id` when the row names a show of Callboard itself instead of an
    external id."""

    row: int
    external_id: str | None
    show_id: str | None
    client: Known | None
    studio: Known
    room: Known | None
    name: str
    start: datetime
    end: datetime
    creators: tuple[Known, ...]
    platforms: tuple[Known, ...]
    show_type: Known
    show_standard: Known
    note: str

    @property
    def owner(self) -> str:
        """Whose external ids it counts among: its client's, or the studio's where there is none."""
        return self.client.id if self.client else self.studio.id

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this show from others: its own id, its external id, or where and when it is."""
        if self.show_id:
            return ("show", self.show_id)
        if self.external_id:
            return ("external", self.owner, self.external_id)
        return ("place", self.owner, self.studio.id, self.room and self.room.id, self.name, self.start)


class Bad(Struct, frozen=True):
    """A row that was left out: what it may still stand for, so that its show is not taken for gone."""

    owner: str | None
    external_id: str


class Read(Struct, frozen=True, kw_only=True):
    """All rows of a sheet, sorted into usable ones and others. `blind`: some row could not be read at all."""

    wanted: tuple[Wanted, ...]
    bad: tuple[Bad, ...]
    errors: tuple[RowError, ...]
    blind: bool
    left: tuple[RowError, ...] = ()
    """Rows that were left out because somebody decided so."""
    missing: tuple[Missing, ...] = ()
    """Names that no row had before."""
    doubts: tuple[Doubt, ...] = ()
    """Cells whose text is the name of several rows."""


class Home(Struct, frozen=True):
    """Where rows belong that don't say it: the named schedule's client and studio."""

    client: Known | None
    studio: Known


def read(
    sheet: Sheet,
    names: Names,
    home: Home | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen
    *,
    plans: Plans = EVERYWHERE.plans,
) -> Read:
    """Every row of the sheet but those that `choice` leaves out; it says too what ambiguous names mean.
    `home` stands in for columns that the file lacks. Rows for where the actor may not plan, as `plans` says,
    are refused, and nothing else is told of them."""
    plans = cache(plans)
    wanted: list[Wanted] = []
    bad: list[Bad] = []
    errors = list(sheet.errors)
    left: list[RowError] = []
    missing: dict[Missing, None] = {}
    doubts: list[Doubt] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in sheet.rows:
        reader = _Row(row, names, home, plans, choice)
        found = reader.wanted()
        if row.row in choice.leave:
            value = row.cells.get("external_id", "").strip()
            left.append(RowError(row.row, "external_id", value[:_SHOWN], "left_out", "left out, as decided"))
            bad.append(Bad(reader.owner, value))
            continue
        missing |= dict.fromkeys(reader.missing)
        doubts += reader.doubts
        if found is not None and (first := seen.setdefault(found.key, found.row)) != found.row:
            code = "duplicate_row" if found.key[0] == "place" else "duplicate_external_id"
            reader.refuse("external_id", code, f"line {first} is the same show; this line is left out")
            found = None
        if found is not None:
            wanted.append(found)
        else:
            bad.append(Bad(reader.owner, row.cells.get("external_id", "").strip()))
            errors += reader.errors
    return Read(
        wanted=tuple(wanted),
        bad=tuple(bad),
        errors=tuple(errors),
        blind=bool(sheet.errors),
        left=tuple(left),
        missing=tuple(missing),
        doubts=tuple(doubts),
    )


class _Row:
    """One row at work; `errors`, `missing` and `doubts` fill up while its cells are read."""

    def __init__(self, row: SheetRow, names: Names, home: Home | None, plans: Plans, choice: Choice) -> None:
        self.errors: list[RowError] = []
        self.missing: list[Missing] = []
        self.doubts: list[Doubt] = []
        self.owner: str | None = None
        self._row = row
        self._cells = row.cells
        self._names = names
        self._home = home
        self._plans = plans
        self._means = choice.means

    def wanted(self) -> Wanted | None:
        """The show, or None when anything is wrong."""
        self._check_cells()
        external_id = self._text("external_id")
        studio = (
            self._one("studio", "studio") if "studio" in self._cells else self._home and self._home.studio
        )
        client = self._client()
        if studio is not None and not self.owner and not self._text("client"):
            self.owner = studio.id
        if self._is_elsewhere(studio, client):
            for told in (self.errors, self.missing, self.doubts):
                told.clear()
            self.refuse("studio", CODE, SAID, studio.name if studio else self._text("studio"))
            return None
        room = self._room(studio) if self._text("room") else None
        name = self._required("name")
        start, end = self._time("start", studio), self._time("end", studio)
        if start and end:
            for wrong in span_errors(start, end):
                self.refuse("end", wrong.code, wrong.message)
        creators, platforms = self._many("creators", "creator"), self._many("platforms", "platform")
        show_type = self._one("show_type", "shtype", default="other")
        show_standard = self._one("show_standard", "shstd", default="standard")
        if self.errors or not (studio and start and end and show_type and show_standard):
            return None
        named = external_id if is_id("show", external_id) else None
        return Wanted(
            row=self._row.row,
            external_id=None if named else external_id or None,
            show_id=named,
            client=client,
            studio=studio,
            room=room,
            name=name,
            start=start,
            end=end,
            creators=creators,
            platforms=platforms,
            show_type=show_type,
            show_standard=show_standard,
            note=self._cells.get("note", ""),
        )

    def refuse(self, column: str, code: str, message: str, value: str | None = None) -> None:
        """Notes what is wrong with a cell."""
        shown = self._cells.get(column, "") if value is None else value
        self.errors.append(RowError(self._row.row, column, shown[:_SHOWN], code, message))

    def _check_cells(self) -> None:
        for column, text in self._cells.items():
            if "\0" in text:
                self.refuse(column, "nul", "holds the character NUL", text.replace("\0", "�"))
            limit = _LONGEST.get(column)
            if limit and len(text if column == "note" else text.strip()) > limit:
                self.refuse(column, "too_long", f"is longer than {limit} characters")

    def _text(self, column: str) -> str:
        return self._cells.get(column, "").strip()

    def _required(self, column: str) -> str:
        text = self._text(column)
        if not text:
            self.refuse(column, "required", "must not be empty")
        return text

    def _client(self) -> Known | None:
        if "client" not in self._cells:
            client = self._home.client if self._home else None
        else:
            client = self._one("client", "client") if self._text("client") else None
        self.owner = client.id if client else None
        return client

    def _is_elsewhere(self, studio: Known | None, client: Known | None) -> bool:
        if studio is None:
            return any(error.code == CODE for error in self.errors)
        return not studio.new and not self._plans(studio.id, client and client.id)

    def _room(self, studio: Known | None) -> Known | None:
        """In an unknown studio every room is unknown too, which is no second error of the row."""
        text = self._text("room")
        if studio is not None:
            return self._one("room", "room", studio)
        lost = any(error.column == "studio" and error.code == "unknown_name" for error in self.errors)
        if lost and not is_id("room", text) and "\0" not in text and len(text) <= _NAME_LENGTH:
            self.missing.append(Missing("room", text, self._text("studio")))
        return None

    def _one(self, column: str, kind: Kind, studio: Known | None = None, default: str = "") -> Known | None:
        text = self._text(column) or default
        if not text:
            self.refuse(column, "required", "must not be empty")
            return None
        return self._resolve(column, kind, text, studio)

    def _many(self, column: str, kind: Kind) -> tuple[Known, ...]:
        texts = [text for each in self._cells.get(column, "").split(";") if (text := each.strip())]
        if len(texts) > _MOST[column]:
            self.refuse(column, "too_many", f"lists more than {_MOST[column]}")
            return ()
        found = [self._resolve(column, kind, text) for text in texts]
        return tuple({row.id: row for row in found if row}.values())

    def _resolve(self, column: str, kind: Kind, text: str, studio: Known | None = None) -> Known | None:
        if "\0" in text or len(text) > _NAME_LENGTH:
            if "\0" not in text:
                self.refuse(column, "too_long", f"a name is longer than {_NAME_LENGTH} characters", text)
            return None
        found = self._names.resolve(kind, text, studio)
        if isinstance(found, Unmatched):
            if found.among:
                return self._chosen(column, kind, text, studio, found.among)
            if found.code == "unknown_name":
                self.missing.append(Missing(kind, text, studio.name if studio else ""))
            self.refuse(column, found.code, found.message, text)
            return None
        if found.new:
            self.missing.append(Missing(kind, found.name, studio.name if studio else ""))
        return found

    def _chosen(
        self, column: str, kind: Kind, text: str, studio: Known | None, among: tuple[Known, ...]
    ) -> Known | None:
        """Which of several rows of one name was chosen. Studios elsewhere are not there for who imports."""
        if kind == "studio":
            among = tuple(each for each in among if self._plans(each.id, None))
            if not among:
                self.refuse(column, CODE, SAID, text)
                return None
            if len(among) == 1:
                return among[0]
        by_id = {each.id: each for each in among}
        chosen = self._means.one(by_id, self._row.row)
        self.doubts.append(
            Doubt(
                row=self._row.row,
                kind=kind,
                name=text,
                studio=studio.name if studio else "",
                among=tuple(sorted(by_id)),
                chosen=self._means.one(by_id),
            )
        )
        if chosen is None:
            found = ambiguous(kind, among)
            self.refuse(column, found.code, found.message, text)
            return None
        return by_id[chosen]

    def _time(self, column: str, studio: Known | None) -> datetime | None:
        text = self._required(column)
        if not text or "\0" in text:
            return None
        try:
            moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
            if moment is None:
                self.refuse(
                    column, "bad_time", "is no time such as 2026-05-02T13:00 or 2026-05-02T13:00+07:00"
                )
                return None
            if moment.tzinfo is None:
                return self._local(column, moment, ZoneInfo(studio.time_zone)) if studio else None
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse(column, "bad_time", "is a date or time that does not exist")
            return None

    def _local(self, column: str, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """A wall-clock time as an instant. Where clocks change, it may name none, or two."""
        first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == second:
            return first
        if first.astimezone(zone).replace(tzinfo=None) != moment:
            self.refuse(
                column, "time_does_not_exist", f"clocks in {zone.key} jump over this time; add an offset"
            )
        else:
            offsets = " or ".join(at.astimezone(zone).isoformat()[-6:] for at in (first, second))
            self.refuse(column, "time_occurs_twice", f"clocks in {zone.key} show it twice; add {offsets}")
        return None


def local(moment: datetime, time_zone: str) -> str:
    """An instant as an export writes it: the studio's wall clock with its offset."""
    there = moment.astimezone(ZoneInfo(time_zone))
    return there.isoformat(timespec="auto" if there.second or there.microsecond else "minutes")
