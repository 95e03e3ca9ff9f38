"""What a way out is called, for people: in studio time, with names."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.conflicts import Altered, Subject, Suggestion
from domain.suggesting.ground import Ground
from domain.suggesting.requests import fields, request
from domain.suggesting.ways import Way

_HOUR: Final = 60
_DAY: Final = 24 * 60


def suggestion(way: Way, ground: Ground, *, for_client: bool = False) -> Suggestion:
    """The way as it is told."""
    called = title(way, ground)
    return Suggestion(
        kind=way.kind,
        title=called,
        disturbs=way.disturbs,
        changes=tuple(_altered(then, now) for then, now in zip(way.before, way.after, strict=True)),
        names=_names(way, ground),
        time_zone=ground.homes[way.after[0].id].time_zone,
        request=request(way, ground, called, for_client=for_client),
    )


def title(way: Way, ground: Ground) -> str:
    """One sentence without a full stop."""
    then, now = way.before[0], way.after[0]
    if way.kind == "move":
        late = now.start - then.start
        return f"Move {then.name!r} {_length(abs(late))} {_side(late)}: {_span(now, ground)}"
    if way.kind == "room":
        return f"Put {then.name!r} into {_room(now, ground)} at the same time"
    if way.kind == "creator":
        names = ground.facts.creators
        new = next(names[each].name for each in now.creators if each not in then.creators)
        gone = next((names[each].name for each in then.creators if each not in now.creators), None)
        return f"Let {new} host {then.name!r}" + (f" in place of {gone}" if gone else "")
    other = way.after[1]
    if now.room_id != then.room_id:
        return f"Swap rooms: {now.name!r} in {_room(now, ground)}, {other.name!r} in {_room(other, ground)}"
    return f"Swap times: {now.name!r} {_span(now, ground)}, {other.name!r} {_span(other, ground)}"


def _altered(then: Subject, now: Subject) -> Altered:
    differing = {name: {"from": getattr(then, name), "to": getattr(now, name)} for name in fields(then, now)}
    return Altered(then.id, then.name, differing)


def _names(way: Way, ground: Ground) -> dict[str, str]:
    """What those rooms and creators are called that are not the same before and after."""
    named: dict[str, str] = {}
    for then, now in zip(way.before, way.after, strict=True):
        rooms = {then.room_id, now.room_id} if then.room_id != now.room_id else set[str | None]()
        for each in sorted(str(room) for room in rooms if room):
            named[each] = ground.facts.rooms[each].name
        for each in sorted({*then.creators} ^ {*now.creators}):
            named[each] = ground.facts.creators[each].name
    return named


def _room(subject: Subject, ground: Ground) -> str:
    return ground.facts.rooms[subject.room_id].name if subject.room_id else "no room"


def _span(subject: Subject, ground: Ground) -> str:
    zone = ZoneInfo(ground.homes[subject.id].time_zone)
    start, end = subject.start.astimezone(zone), subject.end.astimezone(zone)
    return (
        f"{_day(start)} {start:%H:%M} to {'' if start.date() == end.date() else f'{_day(end)} '}{end:%H:%M}"
    )


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"


def _side(late: timedelta) -> str:
    return "later" if late > timedelta() else "earlier"


def _length(span: timedelta) -> str:
    """Such as `45 min`, `1 h 30 min`, `2 d 3 h`."""
    minutes = -(-span // timedelta(minutes=1))
    parts = ((minutes // _DAY, "d"), (minutes % _DAY // _HOUR, "h"), (minutes % _HOUR, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
