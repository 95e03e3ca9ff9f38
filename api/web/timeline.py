"""Events as people read them: who did what to what, when and why, before and after. For timelines."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct, structs
from psycopg import Connection

from api import trail
from api.retelling import Told
from api.web import placing
from api.web.frame import named
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from api.web.placing import Sides, Spot
from domain.events import PasswordSet, Positioned
from domain.ids import prefix_of
from domain.registry.entities import BY_KIND
from domain.retelling import Altered
from projections import naming
from projections.naming import AskedFor, Place

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z")
"""Rows keep what their JSON had."""
_INSTANT_BEFORE: Final = timedelta(microseconds=1)
_ON: Final = "on "
"""A comment is called by what it is on."""
_MOST: Final = 6
"""Things that an entry tells of; the others are counted."""
_UNTOLD: Final = frozenset({"holds", "version", "created_by", "metadata"})
"""Fields that say nothing to people; the raw event has them."""
_CHOSEN: Final = {"status": "status", "reason_category": "reason", "role": "role"}
"""Fields with one of a few values, and the part of the catalogue that has words for them."""
_FACTS: Final = (
    "file_name", "action", "outcome", "reason_category", "number", "label", "text", "reason", "note", "detail"
)  # fmt: skip
"""Of an event itself, what a person wants to know beside what it changed."""
_WHYS: Final = frozenset({"reason", "reason_note", "note"})
"""What says why: told once in an entry."""


class Step(Struct, frozen=True):
    """A field with what it was and what it became; empty where it was not, or is not any more."""

    field: str
    old: str
    new: str


class Line(Struct, frozen=True):
    """One thing that an event changed: its name, its own page if it has one, and what happened to it. `at` is
    when and where a show is, as far as the steps don't say it."""

    kind: str
    name: str
    href: str
    what: str
    steps: Sequence[Step]
    at: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One event. `type` is its tag; `title` and `href` are of what its stream is about; `facts` are pairs of
    field and text; `zone` is named where it isn't the page's own; `change` is the page of the change behind
    it, `before` and `moment` are the board before and after; `raw` is the event as JSON."""

    position: int
    at: str
    instant: datetime
    zone: str
    actor_id: str
    actor: str
    type: str
    kind: str
    title: str
    href: str
    lines: Sequence[Line]
    more: int
    facts: Sequence[tuple[str, str]]
    why: str
    cause: trail.Cause | None
    change: str
    before: str
    moment: str
    stream: str
    stream_version: int
    command: str
    origin: str
    raw: str


class Telling:
    """Tells a page of events in the words and times of whoever reads them."""

    def __init__(
        self,
        time: StudioTime,
        t: Words,
        *,
        bounded: bool = False,
        times: Mapping[str, StudioTime] | None = None,
    ) -> None:
        """With the `times` of studios each entry is told by the clock of its own, those of none by `time`."""
        self.time = time
        self.times = times or {}
        self.studios: Mapping[str, str] = {}
        self.t = t
        self.bounded = bounded
        self.names: Mapping[str, str] = {}
        self.places: Mapping[str, Place] = {}
        self.asked: Mapping[str, AskedFor] = {}
        self.spans: Mapping[str, tuple[datetime, datetime]] = {}
        self.lookups: Callable[[str, str], str] = lambda kind, key: named.called(t, kind, key, key)

    def entries(
        self, connection: Connection[Any], events: Sequence[Positioned], told: Sequence[Told]
    ) -> list[Entry]:
        """The entries of these events, each with what it changed (`api.retelling.Teller`)."""
        streams = [event.recorded.originator_id for event in events]
        inside = (each for tale in told for each in (*_ids(tale.changes), *_rooms(tale)))
        self.asked = naming.asked(connection, filter(None, map(_change, events)))
        about = {each for asked in self.asked.values() for each in asked.show_ids}
        users = (_subject(event) for event in events)
        found = naming.names(connection, {*streams, *inside, *about, *users})
        found |= naming.files(connection, streams)
        self.spans = {} if self.bounded else naming.spans(connection, about)
        self.names = {each: name for each, name in found.items() if self.knows(each)}
        self.places = naming.places(connection, streams)
        self.studios = naming.studios(connection, streams) if self.times else {}
        self.lookups = named.lookups(connection, self.t)
        return [
            self._of(event.recorded.originator_id).entry(event, tale, self.time)
            for event, tale in zip(events, told, strict=True)
        ]

    def _of(self, stream: str) -> "Telling":
        """Itself by the clock of the stream's studio."""
        if (time := self.times.get(self.studios.get(stream, ""))) is None:
            return self
        telling = copy(self)
        telling.time = time
        return telling

    def knows(self, thing_id: str) -> bool:
        """Whether what it is called now may be told. `bounded` readers, of a client, know plans and shows by
        what their versions call them: a draft's new name is not theirs to see."""
        return not self.bounded or prefix_of(thing_id) not in {"schedule", "show"}

    def entry(self, event: Positioned, tale: Told, usual: StudioTime) -> Entry:
        """One of them; its zone is named where that of the `usual` times is another."""
        recorded, shown = event.recorded, trail.shown(event, tale.changes)
        stream, subject = recorded.originator_id, _subject(event)
        kind = prefix_of(subject)
        change = self.asked.get(_change(event) or "")
        lines = [
            self._line(each, tale.shows.get(each.id))
            for each in tale.changes
            if not (each.id == stream and not _says(each))
        ]
        if change and any(each.kind == "change" for each in tale.changes):
            lines += self._about(change)
        told = {step.field for line in lines for step in line.steps}
        facts = [
            (name, self.said(name, shown.data[name]))
            for name in _FACTS
            if name not in told and shown.data.get(name) and not (name == "file_name" and kind == "import")
        ]
        said = {step.new for line in lines for step in line.steps}
        facts = [each for each in facts if each[0] not in _WHYS or each[1] not in said]
        why = self.said("reason", recorded.reason or (change.reason if change else ""))
        before, after = self._moments(stream, recorded.at, tale, change)
        counts: Mapping[str, int] = shown.data.get("counts", {})
        facts += [(name, str(count)) for name, count in counts.items() if count]
        return Entry(
            position=event.position,
            at=self.time.exact(recorded.at),
            instant=recorded.at,
            zone="" if self.time.zone == usual.zone else self.time.zone.key,
            actor_id=recorded.actor.id,
            actor=recorded.actor.name,
            type=shown.type,
            kind=kind,
            title=tale.title
            or self.names.get(subject, "")
            or shown.data.get("file_name", "")
            or next((line.name for line in lines), ""),
            href=href(kind, subject),
            lines=lines[:_MOST],
            more=max(len(lines) - _MOST, 0),
            facts=facts,
            why="" if why in said | {text for _, text in facts} else why,
            cause=trail.cause_of(recorded.cause) if recorded.cause else None,
            change=f"/schedules/{change.schedule_id}?tab=changes#{_change(event)}" if change else "",
            before=before,
            moment=after,
            stream=stream,
            stream_version=recorded.originator_version,
            command=recorded.command,
            origin=recorded.origin,
            raw=msgspec.json.format(msgspec.json.encode(recorded), indent=2).decode(),
        )

    def _about(self, change: AskedFor) -> Iterator[Line]:
        """The shows that a change is about, and when they are."""
        for show_id in dict.fromkeys(change.show_ids):
            if show_id in self.names and show_id in self.spans:
                at = self.time.when(*self.spans[show_id])
                yield Line("show", self.names[show_id], href("show", show_id), "changed", (), at)

    def _moments(self, stream: str, at: datetime, tale: Told, change: AskedFor | None) -> tuple[str, str]:
        """The boards of the event's studio just before and just after it, at the first show concerned."""
        place = self.places.get(stream)
        if place is None:
            return "", ""
        shows = {each.id: each.fields.get("start", {}) for each in tale.changes if each.kind == "show"}
        shows = shows or {each: {} for each in (change.show_ids if change else ())}
        show_id = next((each for each in shows if shows[each]), next(iter(shows), ""))
        steps = shows.get(show_id, {})
        then = tale.shows.get(show_id)
        usual = then.start if then else self.spans[show_id][0] if show_id in self.spans else None

        def board(side: str, other: str, when: datetime) -> str:
            start = steps.get(side) or steps.get(other) or usual
            day = self.time.day(start) if isinstance(start, datetime) else place.first
            moment = when.isoformat().replace("+00:00", "Z")
            asked = {"studio_id": place.studio_id, "day": day, "as_of": moment}
            found = f"/board?{urlencode({name: value for name, value in asked.items() if value})}"
            return f"{found}#{show_id}" if show_id else found

        return board("from", "to", at - _INSTANT_BEFORE), board("to", "from", at)

    def _line(self, each: Altered, show: Spot | None) -> Line:
        whole = each.what in {"added", "removed"}
        fields = {name: step for name, step in each.fields.items() if name not in _UNTOLD}
        if whole and each.kind == "show":
            # When and where says it; the raw event has the rest.
            side = "to" if each.what == "added" else "from"
            start, end = fields.get("start", {}).get(side), fields.get("end", {}).get(side)
            when = self.time.when(start, end) if start and end else ""
            room = self.text(fields.get("room_id", {}).get(side))
            text = " · ".join(part for part in (when, room) if part)
            steps = [Step("when", *(("", text) if side == "to" else (text, "")))]
            return Line(each.kind, self._called(each), href(each.kind, each.id), each.what, steps)
        sides = {name: (step["from"], step["to"]) for name, step in fields.items()}
        return self.line(each.kind, each.id, self._called(each), sides, show, what=each.what)

    def line(  # noqa: PLR0917 - all of one line
        self, kind: str, thing_id: str, name: str, fields: Sides, show: Spot | None, what: str = "changed"
    ) -> Line:
        """What is different about a thing; of a `show`, as it is before or after, also which one is meant."""
        steps: list[Step] = []
        if kind == "show" and (span := placing.moved(self.time, fields, show)):
            steps.append(Step("when", *span))
            fields = {field: each for field, each in fields.items() if field not in {"start", "end"}}
        texts = ((field, *(self.said(field, each) for each in both)) for field, both in fields.items())
        steps += [
            Step(field, old, new)
            for field, old, new in texts
            if old != new and (field != "on_behalf" or any(fields[field]))
        ]
        told = dict.fromkeys(("start", "end"), ("", "")) if steps and steps[0].field == "when" else {}
        at = placing.where(self.time, self.names, {**fields, **told}, show)
        return Line(kind, name, href(kind, thing_id), what, steps, at)

    def _called(self, each: Altered) -> str:
        if each.kind == "comment":
            return self.names.get(each.name.removeprefix(_ON), "")
        if each.kind == "change":
            category, _, type_ = each.name.partition(" ")
            return f"{self.said('category', category)}: {self.said('type', type_)}"
        if each.kind == "member":
            user = each.fields.get("user_id", {})
            parts = (self.text(user.get("to") or user.get("from")), self.said("role", each.name))
            return ": ".join(part for part in parts if part)
        return self.names.get(each.id) or each.name

    def field(self, name: str) -> str:
        """What people call a field; those of the API that have no word keep their name."""
        return self.t.texts.get(f"field.{name}", name.removesuffix("_id").replace("_", " "))

    def said(self, name: str, value: Any) -> str:
        """The value of a field: a word where it is one of a few, else as `text`."""
        if name in named.LOOKUPS and isinstance(value, str):
            return self.lookups(named.LOOKUPS[name], value)
        if name in _WHYS and isinstance(value, str):
            return named.reason(self.t, value)
        word = self.t.texts.get(f"{_CHOSEN[name]}.{value}") if name in _CHOSEN and value else None
        return word or self.text(value)

    def text(self, value: Any) -> str:  # noqa: PLR0911 - one arm a kind of value
        """A value as people write it: names for ids, times of the studio, yes and no."""
        match value:
            case None | "" | () | []:
                return ""
            case bool():
                return self.t("audit.yes" if value else "audit.no")
            case datetime():
                return f"{self.text(self.time.day(value))} {self.time.clock(value)}"
            case date():
                return f"{self.time.dated(value)} {value.year}"
            case str() if _INSTANT.fullmatch(value):
                return self.text(datetime.fromisoformat(value))
            case str():
                return self.names.get(value, value)
            case tuple() | list():
                return ", ".join(self.text(each) for each in value)  # pyright: ignore[reportUnknownVariableType]
            case dict():
                return ", ".join(f"{name}: {self.text(each)}" for name, each in value.items())  # pyright: ignore
            case Struct():
                return ", ".join(self.text(each) for each in structs.astuple(value) if each)
            case _:
                return str(value)


def _change(event: Positioned) -> str | None:
    """The change that an event is of, or that led to it."""
    cause = event.recorded.cause or ""
    found = getattr(event.recorded.event, "change_id", "") or cause
    return found if prefix_of(found) == "change" else None


def _subject(event: Positioned) -> str:
    """What an event is about: its stream, but of a password its user."""
    own = event.recorded.event
    return own.user_id if isinstance(own, PasswordSet) else event.recorded.originator_id


def href(kind: str, thing_id: str) -> str:
    """The page of a thing; empty where there is none."""
    if entity := BY_KIND.get(kind):
        return f"/admin/{entity.path}/{thing_id}"
    path = {"schedule": "schedules", "show": "shows", "import": "imports"}.get(kind)
    return f"/{path}/{thing_id}" if path else ""


def _rooms(tale: Told) -> Iterator[str]:
    return (show.room_id for show in tale.shows.values() if show.room_id)


def _says(each: Altered) -> bool:
    return any(name not in _UNTOLD for name in each.fields)


def _ids(changes: Iterable[Altered]) -> Iterator[str]:
    """Everything in these changes that may be an id of something with a name."""
    for each in changes:
        yield each.id
        yield each.name.removeprefix(_ON)
        for step in each.fields.values():
            for side in step.values():
                yield from _inside(side)


def _inside(value: Any) -> Iterator[str]:
    match value:
        case str() if "_" in value:
            yield value
        case tuple() | list():
            for each in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _inside(each)
        case Struct():
            yield from _inside(structs.astuple(value))
        case _:
            pass
