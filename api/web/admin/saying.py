"""How rows of reference entities are said to people: names instead of ids, times of a studio instead of
instants, words instead of keys."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from babel.dates import format_date, get_day_names
from msgspec import UNSET, Struct
from psycopg import Connection

from api.trail import EventShown
from api.web.admin import fields
from api.web.admin.fields import Field
from api.web.frame import named
from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from domain.ids import prefix_of
from domain.opening import minutes
from domain.registry.declaring import ClosingTime, Entity, TimeOfDay
from domain.registry.entities import BY_KIND
from projections import pickers
from projections.pickers import Called, Clock

NOTHING = "\N{EN DASH}"
_DAY = 24 * 60
_LOOKUPS = frozenset({*named.LOOKUPS.values(), "shstat", "scstat"})


class Said(Struct, frozen=True):
    """A value in words, and where the row is that it names."""

    text: str
    href: str = ""
    gone: bool = False


class Step(Struct, frozen=True):
    """One field of an event: what it was and what it became; `before` is None where a row began or ended."""

    label: str
    before: str | None
    after: str | None


class Line(Struct, frozen=True):
    """One event in words: what was done, by whom, when, and field by field."""

    what: str
    who: str
    at: str
    why: str
    steps: list[Step]


class Saying:
    """The words of one reader for what one page shows."""

    def __init__(self, t: Words, names: Mapping[str, Called], clocks: Sequence[Clock]) -> None:
        self.t = t
        self.names = names
        self.clocks = clocks
        self._times = {each.studio_id: _time_of(each, t) for each in clocks}
        self.home = next(iter(self._times.values()), StudioTime("UTC", "00:00", t.language))

    def name(self, row_id: str) -> Said:
        """What a row is called; one that nobody knows is said so, not shown as an id."""
        found = self.names.get(row_id)
        if found is None:
            return Said(self.t("admin.callboard_itself" if row_id == "system" else "admin.unknown"))
        path = BY_KIND[prefix_of(row_id)].path
        return Said(found.name, f"/admin/{path}/{row_id}", found.deleted)

    def long_name(self, row_id: str) -> str:
        """The same with what tells it from others of that name."""
        found = self.names.get(row_id)
        return _with_detail(found) if found else self.name(row_id).text

    def time_of(self, row: Any) -> StudioTime:
        """The time that a row goes by: its studio's, or that of its room's, or the first studio's."""
        return self.time_at(getattr(row, "room_id", None) or getattr(row, "studio_id", None) or "")

    def time_at(self, row_id: str) -> StudioTime:
        """The time of a studio or of a room's studio; of anything else the first studio's."""
        found = self.names.get(row_id)
        return self._times.get(found.studio_id, self.home) if found else self.home

    def at(self, instant: datetime) -> str:
        """When something was done."""
        return self.home.at(instant)

    def day(self, instant: datetime) -> str:
        """The day on which something was done."""
        return format_date(self.home.day(instant), "d MMM y", locale=self.home.locale)

    def value(self, entity: Entity, name: str, value: Any, time: StudioTime) -> Said:  # noqa: PLR0911 - one arm a kind
        """A field's value, as it is in a row or, as JSON, in an event."""
        field = fields.by_name(entity).get(name)
        if field is None or value in (None, "", UNSET):
            return Said(NOTHING if value in (None, "", UNSET) else str(value))
        match field.kind:
            case "reference":
                return self.name(value)
            case "boolean":
                return Said(self.t("admin.yes" if value else "admin.no"))
            case "choice":
                return Said(self.choice(value))
            case "choices":
                return Said(", ".join(self.choice(each) for each in value) or NOTHING)
            case "weekday":
                return Said(self.weekday(value))
            case "instant":
                return Said(moment(_instant(value), time))
            case "date":
                on = value if isinstance(value, date) else date.fromisoformat(value)
                return Said(format_date(on, "EEE d MMM y", locale=self.home.locale))
            case "settings":
                return Said(", ".join(f"{key}: {_plain(each)}" for key, each in value.items()) or NOTHING)
            case _:
                return Said(str(value))

    def choice(self, value: str) -> str:
        """The word for one of a fixed few values."""
        return self.t(f"admin_choice.{value}")

    def labels(self, those: Iterable[Field]) -> str:
        """What fields are called, one after the other."""
        return ", ".join(self.t(f"admin_field.{each.name}") for each in those)

    def weekday(self, number: int) -> str:
        """The name of a weekday, 1 for Monday."""
        return get_day_names("wide", "stand-alone", self.home.locale)[number - 1].capitalize()

    def lasts(self, opens: str, closes: str, weekday: int | None = None) -> str:
        """Until when hours go and how long, as the rule takes them: `Open until 10:00 on Thursday, 14 h.`
        Without a weekday that is `the next day`. Empty unless both are times. Raises nothing."""
        try:
            first, last = minutes(msgspec.convert(opens, TimeOfDay), msgspec.convert(closes, ClosingTime))
        except msgspec.ValidationError:
            return ""
        long, rest = divmod(last - first, 60)
        parts = [self.t("show_way.hours", count=long)] if long else []
        parts += [self.t("show_way.minutes", count=rest)] if rest else []
        length = " ".join(parts).replace(" ", "\N{NO-BREAK SPACE}")
        if last <= _DAY:
            return self.t("admin.lasts_same", time=_clock(last), length=length)
        time = _clock(last - _DAY)
        if weekday is None:
            return self.t("admin.lasts_next", time=time, length=length)
        return self.t("admin.lasts_on", time=time, day=self.weekday(weekday % 7 + 1), length=length)

    def called(self, entity: Entity, row: Any) -> str:
        """The name of a row that has one: of look-up rows in the reader's words, unless it was renamed."""
        is_lookup = entity.kind in _LOOKUPS
        return named.called(self.t, entity.kind, row.key, row.name) if is_lookup else str(row.name)

    def title(self, entity: Entity, row: Any) -> str:
        """What one row is called: its name, or what it says of what it belongs to."""
        if "name" in entity.fields:
            return self.called(entity, row)
        time = self.time_of(row)
        match entity.kind:
            case "closure" | "timeoff":
                parts = [getattr(row, entity.holds), row.reason]
            case "hours":
                parts = [row.studio_id, f"{self.weekday(row.weekday)} {row.opens}\N{EN DASH}{row.closes}"]
            case "exception":
                parts = [row.studio_id, self.value(entity, "date", row.date, time).text]
            case "member":
                parts = [row.user_id, self.choice(row.role), row.studio_id or row.client_id]
            case _:
                parts = [self.choice(row.feature), self.choice(row.user_type), row.studio_id]
        known = [self.name(each).text if each in self.names else each for each in parts if each]
        return ", ".join(known)

    def line(self, entity: Entity, event: EventShown, row: Any) -> Line:
        """One event of a row's history."""
        time = self.time_of(row)
        steps: list[Step] = []
        for each in event.changes or ():
            if each.what in {"added", "changed"}:
                whole = each.what == "added"
                steps += [
                    Step(
                        self.t(f"admin_field.{name}"),
                        None if whole else self.value(entity, name, step["from"], time).text,
                        self.value(entity, name, step["to"], time).text,
                    )
                    for name, step in each.fields.items()
                    if step["from"] != step["to"]
                ]
        restored = event.type == "EntityRestored"
        return Line(
            self.t(f"admin_done.{event.type}"),
            event.actor.name,
            self.home.exact(event.at),
            event.reason or "",
            [] if restored else steps,
        )

    def initial(self, field: Field, row: Any, time: StudioTime) -> Any:
        """What a form's field begins with: a row's value, or without a row the default. An instant is a
        pair of day and time."""
        value = field.default if row is None else getattr(row, field.name, None)
        if field.kind == "instant":
            return (time.day(value).isoformat(), time.clock(value)) if value else ("", "")
        if field.kind == "settings":
            given: dict[str, Any] = {} if value in (None, UNSET) else value
            return [(key, _written(each)) for key, each in given.items()]
        if field.kind == "date":
            return value.isoformat() if value else ""
        return "" if value in (None, UNSET) else value


def saying(connection: Connection[Any], t: Words, shown: Iterable[Any]) -> Saying:
    """The words for a page that shows these ids (anything else among them is left out)."""
    ids = {each for each in shown if isinstance(each, str) and "_" in each}
    return Saying(t, pickers.called(connection, ids), pickers.clocks(connection))


def ids_of(entity: Entity, rows: Iterable[Any]) -> list[Any]:
    """All ids that rows show: what they refer to and who touched them."""
    names = (*entity.references, "created_by", "updated_by", "deleted_by")
    return [getattr(row, name) for row in rows for name in names]


def ids_in(entity: Entity, events: Iterable[EventShown]) -> list[Any]:
    """All ids that the fields of events show."""
    steps = [each.fields for event in events for each in event.changes or ()]
    return [
        step[name][side]
        for step in steps
        for name in entity.references
        if name in step
        for side in step[name]
    ]


def moment(instant: datetime, time: StudioTime) -> str:
    """A moment that is planned: day, year and the time of the operational day."""
    day = time.day(instant)
    return f"{format_date(day, 'EEE d MMM y', locale=time.locale)} {time.clock(instant)}"


def _clock(after_midnight: int) -> str:
    hours, rest = divmod(after_midnight, 60)
    return f"{hours:02}:{rest:02}"


def _with_detail(called: Called) -> str:
    return f"{called.name} ({called.detail})" if called.detail else called.name


def _time_of(clock: Clock, t: Words) -> StudioTime:
    return StudioTime(clock.time_zone, clock.day_start, t.language)


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).astimezone(UTC)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _written(value: Any) -> str:
    """A setting as its field has it: a text that reads like JSON is put in quotes, to stay a text."""
    if not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    try:
        msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
    return msgspec.json.encode(value).decode()
