"""Importing an export does nothing, whatever the plan: names that are shared or hold separators, shows with
odd external ids or none, texts that look like formulas, clocks that change, any status."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from api.spreadsheets import read_csv
from api.transfer import Selection, export
from domain.application import Commands, Unit
from domain.ids import fixed_id
from domain.registry import commanding
from domain.registry.declaring import Body
from domain.registry.entities import (
    BY_KIND,
    NewClient,
    NewCreator,
    NewPlatform,
    NewRoom,
    NewStudio,
)
from domain.schedule import planning, proposal
from domain.schedule.planning import NewSchedule, NewShow, Platform, Studio
from tests.importing import Importer, counts
from tests.spec import context

ODD = ("Mali", "mali", "a;b", '"quoted"', "two\nlines", "'=x", "=SUM(A1)", "+66", "  edge", "é", "A,B")
TEXT = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
NAME = TEXT.filter(lambda text: bool(text.strip()))
EXTERNAL = st.none() | NAME | st.just(fixed_id("show", "elsewhere"))
START = st.datetimes(datetime(2026, 3, 28), datetime(2026, 4, 6)) | st.datetimes(  # noqa: DTZ001 - given UTC below
    datetime(2026, 10, 24),  # noqa: DTZ001
    datetime(2026, 10, 26),  # noqa: DTZ001
)


KEYS = {key: key for key in ("bau", "campaign", "other", "standard", "premium")}
_numbers = count(1)


@st.composite
def shows(draw: st.DrawFn) -> dict[str, Any]:
    """A show with places for the ids of what it names."""
    start = draw(START).replace(tzinfo=UTC)
    if draw(st.booleans()):
        start = start.replace(second=0, microsecond=0)
    return {
        "name": draw(NAME),
        "start": start,
        "end": start + timedelta(minutes=draw(st.integers(1, 1_440))),
        "room": draw(st.none() | st.integers(0, 2)),
        "creators": draw(st.lists(st.integers(0, 3), max_size=3)),
        "platforms": draw(st.lists(st.integers(0, 1), max_size=2)),
        "show_type": draw(st.sampled_from(["bau", "campaign", "other"])),
        "show_standard": draw(st.sampled_from(["standard", "premium"])),
        "external_id": draw(EXTERNAL),
        "note": draw(TEXT),
    }


class _World:
    """A studio of its own with rooms, a client, creators and platforms of odd names."""

    def __init__(self, importer: Importer, number: int, zone: str, names: list[str]) -> None:
        self.importer = importer
        suffix = f" {number}"
        studio = self._row("studio", NewStudio(name=names[0] + suffix, time_zone=zone))
        self.studio = Studio(studio, zone, "06:00", client_approval=True)
        self.client = self._row("client", NewClient(name=names[1] + suffix))
        self.rooms = [
            self._row("room", NewRoom(studio_id=studio, name=name))
            for name in (names[0], names[1] + ";", "room")
        ]
        self.creators = [self._row("creator", NewCreator(name=name)) for name in names]
        self.platforms = [
            self._row("platform", NewPlatform(name=name + suffix)) for name in (names[2], names[2] + ";")
        ]
        self._taken: set[str] = set()

    def _row(self, kind: str, body: Body) -> str:
        return self.importer.commands.do(
            context(), lambda unit: commanding.create(unit, BY_KIND[kind], body).id
        )

    def plan(self, rows: list[dict[str, Any]], *, for_client: bool) -> str:
        """A schedule of these shows."""
        new = NewSchedule(
            name="Plan",
            studio_id=self.studio.id,
            client_id=self.client if for_client else None,
            start_date=date(2026, 3, 1),
            end_date=date(2026, 3, 31),
        )
        drafts = [self._show(row) for row in rows]

        def work(unit: Unit) -> str:
            schedule = unit.open(planning.open_schedule(new))
            if drafts:
                unit.append(
                    schedule,
                    planning.draft_shows(schedule, drafts, studio=self.studio, keys=KEYS, new_id=unit.new_id),
                )
            return schedule.id

        return self.importer.commands.do(context(), work)

    def _show(self, row: dict[str, Any]) -> NewShow:
        external_id = row["external_id"] if row["external_id"] not in self._taken else None
        self._taken.add(external_id)
        return NewShow(
            **{name: value for name, value in row.items() if name != "room"}
            | {
                "external_id": external_id,
                "room_id": self.rooms[row["room"]] if row["room"] is not None else None,
                "creators": tuple(self.creators[index] for index in row["creators"]),
                "platforms": tuple(
                    Platform(self.platforms[index], link="https://x.test") for index in row["platforms"]
                ),
            }
        )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    zone=st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "UTC"]),
    names=st.lists(NAME, min_size=4, max_size=4),
    plans=st.lists(st.lists(shows(), max_size=4), min_size=1, max_size=3),
    confirmed=st.booleans(),
    altered=st.booleans(),
    proposed=st.booleans(),
)
def _holds(
    importer: Importer,
    zone: str,
    names: list[str],
    plans: list[list[dict[str, Any]]],
    *,
    confirmed: bool,
    altered: bool,
    proposed: bool,
) -> None:
    world = _World(importer, next(_numbers), zone, names)
    planned = [world.plan(rows, for_client=index != 1) for index, rows in enumerate(plans)]
    if confirmed:
        importer.confirm(planned[0])
    if altered:
        # Drafts are edited at once; of what is confirmed a change is asked for, which stays open.
        exported = read_csv(
            "".join(export(importer.commands, Selection(studio_id=world.studio.id))).encode(), ""
        )
        rows = tuple(
            replace(row, cells=row.cells | {"name": row.cells["name"] + "!"}) for row in exported.rows
        )
        importer.read(replace(exported, rows=rows), create_missing=False, take="theirs")
    if proposed and plans[-1] and not (confirmed and len(plans) == 1):
        importer.do(planned[-1], proposal.propose)
    expected = counts(unchanged=sum(map(len, plans)))
    report = importer.again(Selection(studio_id=world.studio.id))
    assert (report.errors, report.notes, report.counts) == ((), (), expected)


def test_importing_an_export_does_nothing(commands: Commands) -> None:
    _holds(Importer(commands))
