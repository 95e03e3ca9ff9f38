"""Which studio, client, room, creator, platform, type or standard a text in a file means; and the other
way round, which text an export writes so that it means the same again."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from domain.ids import NewId, is_id

Kind = Literal["studio", "client", "room", "creator", "platform", "shtype", "shstd"]

UNKNOWN: Final[dict[Kind, str]] = {
    "studio": "studios",
    "client": "clients",
    "room": "rooms",
    "creator": "creators",
    "platform": "platforms",
    "shtype": "show_types",
    "shstd": "show_standards",
}
"""Under which key a report lists unknown names; in the order in which missing rows are created."""

_CREATABLE: Final = frozenset({"studio", "client", "room", "creator", "platform"})


class Known(Struct, frozen=True, kw_only=True):
    """A reference row as names know it. `studio_id` is a room's; zone and day start are a studio's; `key`
    is a look-up row's; `new` rows are not there yet."""

    kind: Kind
    id: str
    name: str
    live: bool = True
    studio_id: str | None = None
    time_zone: str = "UTC"
    day_start: str = "06:00"
    key: str = ""
    new: bool = False


class Unmatched(Struct, frozen=True):
    """Why a text means no row: `unknown_name`, `unknown_id` or `ambiguous_name`, then `among` those rows."""

    code: str
    message: str
    among: tuple[Known, ...] = ()


class Missing(Struct, frozen=True):
    """A name that no row had before; `studio` is the name of the one that a room was looked for in."""

    kind: Kind
    name: str
    studio: str = ""


class UnknownRoom(Struct, frozen=True, order=True):
    """A room that a studio of the file lacks, both by name."""

    studio: str
    room: str


class Names:
    """All reference rows by what a file may call them. An exact name wins over one in other case; rooms are
    looked up within their studio. With `create_missing` an unknown name becomes a new row; the first
    spelling in the file is the one it keeps."""

    def __init__(
        self, known: Iterable[Known], *, new_id: NewId, create_missing: bool = False, time_zone: str = "UTC"
    ) -> None:
        self.new: dict[str, Known] = {}
        self._new_id = new_id
        self._create_missing = create_missing
        self._time_zone = time_zone
        self._by_id: dict[str, Known] = {}
        self._keys: dict[tuple[str, str], Known] = {}
        self._exact: dict[tuple[str, str | None, str], list[Known]] = defaultdict(list)
        self._folded: dict[tuple[str, str | None, str], list[Known]] = defaultdict(list)
        for row in known:
            self._add(row)

    def resolve(self, kind: Kind, text: str, studio: Known | None = None) -> Known | Unmatched:
        """The row that a text means: an id, a key, or a name without blanks around it. An id may name a
        deleted row. `studio` is where to look for a room; without it no room is known."""
        if found := self._keys.get((kind, text)):
            return found
        if is_id(kind, text):
            found = self._by_id.get(text)
            return found or Unmatched("unknown_id", f"there is no {_WORDS[kind]} with this id")
        scope = studio.id if studio else None
        for rows in (
            self._exact.get((kind, scope, text), ()),
            self._folded.get((kind, scope, text.casefold()), ()),
        ):
            if len(rows) == 1:
                return rows[0]
            if rows:
                return ambiguous(kind, rows)
        return self._missing(kind, text, studio)

    def row(self, row_id: str) -> Known | None:
        """A row by id, deleted or not."""
        return self._by_id.get(row_id)

    def label(self, row_id: str, studio_id: str | None = None) -> str:
        """What an export calls a row: its name, or its id where the name would not lead back to it. A room is
        named within the studio of its show."""
        row = self._by_id.get(row_id)
        if row is None or not row.live or row.studio_id != studio_id:
            return row_id
        if ";" in row.name or row.name != row.name.strip():
            return row_id
        if is_id(row.kind, row.name) or (row.kind, row.name) in self._keys:
            return row_id
        return row.name if len(self._exact[row.kind, row.studio_id, row.name]) == 1 else row_id

    def _missing(self, kind: Kind, text: str, studio: Known | None) -> Known | Unmatched:
        lost = kind == "room" and studio is None
        if not self._create_missing or kind not in _CREATABLE or lost:
            return Unmatched("unknown_name", f"there is no {_WORDS[kind]} with this name")
        row = Known(
            kind=kind,
            id=self._new_id(kind),
            name=text,
            studio_id=studio.id if kind == "room" and studio else None,
            time_zone=self._time_zone,
            new=True,
        )
        self._add(row)
        self.new[row.id] = row
        return row

    def _add(self, row: Known) -> None:
        self._by_id[row.id] = row
        if row.key:
            self._keys[row.kind, row.key] = row
        if row.live:
            self._exact[row.kind, row.studio_id, row.name].append(row)
            self._folded[row.kind, row.studio_id, row.name.casefold()].append(row)


def ambiguous(kind: Kind, among: Iterable[Known]) -> Unmatched:
    """Why a name that all of these have means none of them."""
    rows = tuple(sorted(among, key=lambda row: row.id))
    ids = ", ".join(row.id for row in rows[:5])
    message = f"{len(rows)} {_WORDS[kind]}s have this name; choose one with `means`, or use an id: {ids}"
    return Unmatched("ambiguous_name", message, rows)


def listed(missing: Iterable[Missing]) -> dict[str, tuple[str, ...]]:
    """Unknown names for a report: every key, names in order of the alphabet, each once."""
    names: dict[str, set[str]] = {key: set() for key in UNKNOWN.values()}
    for each in missing:
        names[UNKNOWN[each.kind]].add(each.name)
    return {key: tuple(sorted(texts)) for key, texts in names.items()}


def rooms(missing: Iterable[Missing]) -> tuple[UnknownRoom, ...]:
    """The rooms among them, each with the studio that lacks it."""
    return tuple(sorted({UnknownRoom(each.studio, each.name) for each in missing if each.kind == "room"}))


_WORDS: Final[dict[Kind, str]] = {
    "studio": "studio",
    "client": "client",
    "room": "room in this studio",
    "creator": "creator",
    "platform": "platform",
    "shtype": "show type",
    "shstd": "show standard",
}
