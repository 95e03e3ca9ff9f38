"""Which show a row is about, and which schedule takes a new one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from domain.importing.choosing import Means
from domain.importing.history import Loaded
from domain.importing.names import Names
from domain.importing.reading import Wanted
from domain.importing.targets import OPEN, Group, group_of
from domain.schedule.state import Schedule, Show

_RANK: Final = ("draft", "confirmed", "proposed", "other", "archived", "cancelled")
"""Which of several schedules for the same client and month takes new rows."""
Found = tuple[Schedule, Show]


class Home(Struct, frozen=True):
    """The schedule that takes a group's new rows; `open` are the ids of all that could."""

    schedule_id: str
    open: tuple[str, ...]


class Places:
    """What is there, by everything that a row may call it; `only` is the one schedule that all rows go to."""

    def __init__(self, loaded: Sequence[Loaded], names: Names, only: str | None) -> None:
        self._loaded = {each.schedule.id: each for each in loaded}
        self._names = names
        self._only = only
        self._index = _index([each.schedule for each in loaded])

    def match(self, wanted: Wanted) -> Found | None:
        """The show that a row is about, if it is there already."""
        found = self._index.get(wanted.key)
        return found[0] if found else None

    def homes(self, matched: Iterable[tuple[Wanted, Found]], means: Means) -> dict[Group, Home]:
        """Where the new rows of a group go, for groups that have a schedule: the one that was chosen, else
        the one that holds most of the group's shows already, else one of the same client and studio whose
        period is that month. A row says its client and studio itself: where its show is elsewhere, that is
        no home."""
        if self._only:
            return {}
        held: dict[Group, Counter[str]] = defaultdict(Counter)
        for wanted, (schedule, _) in matched:
            group = group_of(wanted)
            if (
                schedule.kind == "plan"
                and schedule.studio_id == group.studio_id
                and (schedule.client_id == group.client_id)
            ):
                held[group][schedule.id] += 1
        for each in self._loaded.values():
            schedule = each.schedule
            if schedule.kind == "plan":
                group = Group(schedule.client_id, schedule.studio_id, schedule.start_date, schedule.end_date)
                held[group][schedule.id] += 0
        return {group: self._home(group, counts, means) for group, counts in held.items()}

    def _home(self, group: Group, counts: Counter[str], means: Means) -> Home:
        open_ones = tuple(sorted(i for i in counts if self._loaded[i].schedule.status in OPEN))
        best = min(counts, key=lambda i: self._rank(group, i, counts))
        return Home(means.one(open_ones) or best, open_ones)

    def _rank(self, group: Group, schedule_id: str, counts: Counter[str]) -> tuple[Any, ...]:
        schedule = self._loaded[schedule_id].schedule
        named = schedule.name == self.name(group)
        return -counts[schedule_id], _RANK.index(schedule.status), not named, schedule_id

    def name(self, group: Group) -> str:
        """What a schedule for these rows is called."""
        whose = self._names.row(group.client_id or group.studio_id)
        return f"{whose.name if whose else group.studio_id} {group.first.isoformat()[:7]}"


def _index(schedules: Iterable[Schedule]) -> dict[tuple[object, ...], list[Found]]:
    """Live shows by everything that a row may call them; one that is not cancelled comes first."""
    index: dict[tuple[object, ...], list[Found]] = defaultdict(list)
    for schedule in schedules:
        owner = schedule.client_id or schedule.studio_id
        for show in sorted(schedule.live_shows(), key=lambda s: (s.status == "cancelled", s.id)):
            index["show", show.id].append((schedule, show))
            if show.external_id:
                index["external", owner, show.external_id].append((schedule, show))
            else:
                key = ("place", owner, schedule.studio_id, show.room_id, show.name, show.start)
                index[key].append((schedule, show))
    return index
