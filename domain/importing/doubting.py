"""Names in a file that several rows have: who imports chooses which is meant. Told apart they are by what
people know of them, never by an id alone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from msgspec import Struct


class Doubt(Struct, frozen=True, kw_only=True):
    """A cell whose text several rows have: their ids are `among`. `chosen` is what was chosen for all lines;
    a plan for new shows (kind `schedule`) always is. `studio` is the name of the one that it is in, of a room
    or plan."""

    row: int
    kind: str
    name: str
    studio: str
    among: tuple[str, ...]
    chosen: str | None


class Candidate(Struct, frozen=True, kw_only=True):
    """One of several rows of a name. `about` is what its own record says: a creator's `alias`, and `banned`;
    a client's `contact_person` and `contact_email`; a studio's `address` and `time_zone`; a room's
    `capacity`; a look-up row's `key`; a plan's `status`. The rest is where it is used: names of studios and
    clients, how many shows, and the studio days of the first and last of them."""

    id: str
    name: str
    about: dict[str, str] = {}
    studios: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    shows: int = 0
    first: date | None = None
    last: date | None = None
    created_at: datetime | None = None


class Ambiguous(Struct, frozen=True, kw_only=True):
    """A name that means one of `candidates`, and the lines that have it. `chosen` is the id of the one chosen
    for all lines (`means`); null while none is, and then these lines are errors, `ambiguous_name`. Of kind
    `schedule` are plans that could take the file's new shows: one always is chosen."""

    kind: str
    name: str
    studio: str
    rows: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    chosen: str | None


def told(doubts: Iterable[Doubt], candidates: Mapping[str, Candidate]) -> tuple[Ambiguous, ...]:
    """Doubts about the same rows as one, in order of their first line."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Doubt]] = {}
    for doubt in doubts:
        found.setdefault((doubt.kind, doubt.studio, doubt.among), []).append(doubt)
    return tuple(
        Ambiguous(
            kind=kind,
            name=same[0].name,
            studio=studio,
            rows=tuple(sorted({each.row for each in same})),
            candidates=tuple(candidates.get(each) or Candidate(id=each, name=same[0].name) for each in among),
            chosen=same[0].chosen,
        )
        for (kind, studio, among), same in found.items()
    )
