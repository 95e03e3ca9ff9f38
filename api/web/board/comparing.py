"""Two versions of a plan on the board: where its shows are, and as ghosts where they were."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from api.http.security import Bounds
from api.resources import versions
from api.resources.versions import Diff
from api.web import telling
from api.web.board.lanes import Placed, View
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from api.web.timeline import Line, Telling
from domain.application import Commands
from domain.errors import NotFound
from projections import board, naming, schedules
from projections.as_it_was import schedule_as_of, show_row
from projections.schedules import ScheduleRow
from projections.shows import ShowRow

_PLACE: Final = frozenset({"start", "end", "room_id"})
"""What moves a bar; whatever else differs changes it where it is."""


class Versus(Struct, frozen=True):
    """The plan, its differences, and its shows at both ends by id."""

    plan: ScheduleRow
    diff: Diff
    before: Mapping[str, ShowRow]
    after: Mapping[str, ShowRow]

    def marked(self, view: View = "rooms") -> Iterable[tuple[ShowRow, str]]:
        """Each show where it is to be drawn, with its mark; a moved one in both places, and where rows are
        creators one that changed hands in the rows that it left."""
        changed = {each.show_id: each.fields for each in self.diff.changed}
        added = {each.id for each in self.diff.added}
        for show_id, show in self.after.items():
            fields = changed.get(show_id)
            if fields and _PLACE & fields.keys():
                yield self.before[show_id], "was"
                yield show, "moved"
            else:
                if fields and view == "creators":
                    yield from _left(self.before[show_id], show)
                yield show, "changed" if fields else "added" if show_id in added else "same"
        yield from ((show, "removed") for show in self.diff.removed)

    def told(self, connection: Connection[Any], time: StudioTime, t: Words) -> dict[str, str]:
        """What is different about each moved or changed show, by id, in one line: for lists."""
        telling_ = Telling(time, t)
        telling.know(connection, telling_, telling.mentioned(self.diff, self.before))
        lines = telling.differences(telling_, self.diff, self.before)
        changed = lines[-len(self.diff.changed) :]
        return {
            each.show_id: _said(telling_, line)
            for each, line in zip(self.diff.changed, changed, strict=False)
        }

    def counts(self) -> Counter[str]:
        """How many shows are marked how."""
        return Counter(mark for _, mark in self.marked())

    def days(self, time: StudioTime) -> list[date]:
        """The studio's days on which anything differs."""
        return sorted({time.day(show.start) for show, mark in self.marked() if mark != "same"})

    def placed(self, connection: Connection[Any], view: View) -> list[Placed]:
        """The shows to lay out, with the names that bars bear."""
        marked = list(self.marked(view))
        shows = [show for show, _ in marked]
        ids = {each for show in shows for each in (show.client_id, *show.creators) if each}
        names = naming.names(connection, ids)
        names = {each: names.get(each, "") for each in ids}
        named = board.named(shows, {}, names, names)
        return [Placed(show, mark) for show, (_, mark) in zip(named, marked, strict=True)]


def _left(before: ShowRow, after: ShowRow) -> Iterable[tuple[ShowRow, str]]:
    """The show in the rows of the creators who had it and don't any more, or in that of nobody."""
    left = tuple(each for each in before.creators if each not in after.creators)
    if left or (after.creators and not before.creators):
        yield replace(before, creators=left), "was"


def _said(telling_: Telling, line: Line) -> str:
    named = ((each, "" if each.field == "when" else f"{telling_.field(each.field)} ") for each in line.steps)
    return "; ".join(f"{name}{each.old} → {each.new}" for each, name in named)


def versus(commands: Commands, bounds: Bounds, schedule_id: str, from_: int | None, to: int | None) -> Versus:
    """A plan between two versions, or up to now. Raises NotFound, also for what is another client's."""
    with commands.log.pool.connection() as connection:
        plan = schedules.one(connection, schedule_id, bounds.clients)
    if plan is None or from_ is None or (bounds.clients is not None and plan.client_id not in bounds.clients):
        raise NotFound(f"no schedule {schedule_id}")
    diff: Any = versions.diff.fn(
        schedule_id=schedule_id, commands=commands, bounds=bounds, from_=from_, to=to
    )
    history = commands.log.stream(schedule_id)
    ends = [schedule_as_of(history, number=number) for number in (from_, diff.to)]
    before, after = ({show.id: show_row(end, show) for show in end.live_shows()} for end in ends)
    return Versus(plan, diff.of_shows(), before, after)
