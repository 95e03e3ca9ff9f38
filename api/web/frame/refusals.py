"""What the API refuses and finds, in the reader's language: by its stable codes, with the values that an
answer has anyway (ADR 20). For what a language has no text, it is what the API says."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from babel.dates import get_day_names

from api.web.frame.times import StudioTime
from api.web.frame.wording import Words
from domain.access import NEEDS
from domain.conflicts import WISHES, Finding
from domain.errors import FieldError
from domain.opening import OUTSIDE
from domain.schedule.machine import HOLDING

Told = dict[str, Any]
"""An object of an answer's JSON."""

_WITHIN: Final = frozenset(
    {
        "items",
        "errors",
        "conflicts",
        "findings",
        "refused",
        "results",
        "notes",
        "moved",
        "problem",
        "suggestions",
    }
)
"""Members of an answer that hold refusals and findings. Others are left alone: `metadata` is somebody's."""
_NEEDED: Final = {
    **{needs: action.value for action, needs in reversed([*NEEDS.items()])},
    "planning": "plan",
    "its author": "author",
    "somebody else": "somebody_else",
    "the other side": "other_side",
    "a page of this site": "own_page",
}
_LEAF: Final = re.compile(r"([A-Za-z_-]+)[^A-Za-z]*$")
_BOUND: Final = re.compile(r"(>=|<=|>|<) (-?[\d.]+)")
_SIGNS: Final = {">=": "≥", "<=": "≤"}


def worded(answer: Any, t: Words) -> Any:
    """An answer's JSON with its texts in that language, changed in place: `title`, `detail` and `message`;
    what is wrong with a value also gets a `label`, what people call its field."""
    match answer:
        case {"type": str(), "title": str(), "code": str()}:
            _problem(cast(Told, answer), t)
        case {"kind": str(), "title": str(), "changes": list(), "disturbs": _}:
            _suggestion(cast(Told, answer), t)
        case {"code": str(), "severity": str(), "message": str()}:
            _finding(cast(Told, answer), t)
        case {"code": str(), "message": str()}:
            _wrong(cast(Told, answer), t)
        case {"code": str(), "detail": str()}:
            _refused(cast(Told, answer), t)
        case _:
            _inside(answer, t)
    return answer


def message(t: Words, finding: Finding) -> str:
    """What a finding says: also in English."""
    return _said(cast(Told, msgspec.to_builtins(finding)), t) or finding.message


def who(t: Words, finding: Finding) -> str:
    """What is in the way, by name; a client is told no more than that it is booked, and opening hours have no
    name of their own."""
    return _other(cast(Told, msgspec.to_builtins(finding)), t)


def wrong(t: Words, error: FieldError) -> str:
    """What is wrong with one value, after what its field is called: also in English."""
    said = _why(t, error.code, error.path, error.message) or error.message
    called = label(t, error.path) or error.path
    return f"{called[:1].upper()}{called[1:]}: {said}"


def label(t: Words, path: str) -> str:
    """What people call the field at a path such as `shows[3].start`; empty where it has no word."""
    found = _LEAF.search(path)
    return t.texts.get(f"field.{found[1]}", "") if found else ""


def refusal(t: Words, problem: Mapping[str, Any]) -> str:
    """What a problem document says, for people: also in English."""
    errors = msgspec.to_builtins(problem.get("errors", []))
    said = _detail({**problem, "errors": errors}, t) or str(problem["detail"])
    return said[:1].upper() + said[1:]


def _inside(answer: Any, t: Words) -> None:
    if isinstance(answer, dict):
        for name, value in cast(Told, answer).items():
            if name in _WITHIN:
                worded(value, t)
    elif isinstance(answer, list):
        for each in cast(list[Any], answer):
            worded(each, t)


def _problem(problem: Told, t: Words) -> None:
    problem["title"] = t.text(f"problem.{problem['code']}") or problem["title"]
    _refused(problem, t)


def _refused(refusal: Told, t: Words) -> None:
    refusal["detail"] = _detail(refusal, t) or refusal["detail"]
    _inside(refusal, t)
    if refusal["code"] == "overlapping_hours":  # Which hours they are is more than the field's error knows.
        for error in refusal.get("errors") or ():
            error["message"] = refusal["detail"]


def _detail(problem: Mapping[str, Any], t: Words) -> str:
    code, errors = str(problem["code"]), cast(Sequence[Told], problem.get("errors") or ())
    values: dict[str, Any] = {
        "request_id": problem.get("request_id", ""),
        "current_version": problem.get("current_version", ""),
        "count": len(errors),
    }
    variant = code
    if code == "forbidden" and (needed := _NEEDED.get(str(problem.get("needs")))):
        variant = f"forbidden_{needed}"
    elif code in {"invalid", "duplicate"}:
        if len(errors) == 1:
            path = str(errors[0].get("path", ""))
            values["label"] = label(t, path) or path
            values["message"] = _why(t, errors[0]["code"], path, errors[0]["message"]) or errors[0]["message"]
            if not values["label"]:  # Of what was sent as a whole.
                return str(values["message"])
        else:
            variant = "invalid_many" if errors else "invalid_bare"
    elif code == "illegal_transition":
        allowed = cast(Sequence[str], problem.get("allowed") or ())
        values["allowed"] = ", ".join(t.texts.get(f"command.{each}", each) for each in allowed)
        status = t.texts.get(f"status.{problem.get('current_status')}", "")
        values["status"] = status
        if status:
            variant = f"{code}_in" if allowed else f"{code}_end"
        elif not allowed:
            variant = f"{code}_bare"
    elif code == "overlapping_hours":
        spans = cast(Sequence[Told], problem.get("hours") or ({}, {}))
        values["own"], values["other"] = (_hours(each, t) for each in spans)
    elif code == "version_conflict" and not problem.get("current_version"):
        variant = "stale"
    return t.text(f"refusal.{variant}", **values) or t.text(f"refusal.{code}", **values)


def _hours(span: Told, t: Words) -> str:
    """A span of a weekday in words: its day, in the reader's language, and its times."""
    days = get_day_names("wide", "stand-alone", t.language)
    return f"{days[span['weekday'] - 1]} {span['opens']}\N{EN DASH}{span['closes']}" if span else ""


def _wrong(error: Told, t: Words) -> None:
    path = str(error.get("path") or error.get("column") or "")
    error["message"] = _why(t, error["code"], path, error["message"]) or error["message"]
    if "path" in error and (called := label(t, path)):
        error["label"] = called


def _why(t: Words, code: str, path: str, message: str) -> str:
    """By the code and the field, by the code with its bound, or by the code alone."""
    leaf = _LEAF.search(path)
    bound = _BOUND.search(message)
    return (
        (leaf and t.text(f"wrong.{code}_{leaf[1]}"))
        or (bound and t.text(f"wrong.{code}_bound", bound=f"{_SIGNS.get(bound[1], bound[1])} {bound[2]}"))
        or t.text(f"wrong.{code}")
    )


def _finding(finding: Told, t: Words) -> None:
    finding["message"] = _said(finding, t) or finding["message"]
    for each in finding.get("suggestions") or ():
        _suggestion(each, t)
    if (other := finding.get("other")) and (called := _other(finding, t)):
        other["name"] = called


def _said(finding: Told, t: Words) -> str:
    code = str(finding["code"])
    resource: Told = finding.get("resource") or {}
    other: Told = finding.get("other") or {}
    variant = code
    if _is_hidden(other):
        variant = _hidden(code, other)
    elif code in {"room_overlap", "creator_overlap"} and other.get("status") not in HOLDING:
        variant = f"{code}_twice"
    elif code == "room_closed" and other.get("show_id"):
        variant = "room_overlap"
    elif code == "missing_creator" and finding["severity"] == "block":
        variant = "missing_creator_needed"
    values = {
        "resource": resource.get("name", ""),
        "kind": t.texts.get(f"kind.{resource.get('kind')}", ""),
        "other": _other(finding, t),
        "status": t.texts.get(f"status.{other.get('status')}", ""),
    }
    return t.text(f"found.{variant}", **values)


def _other(finding: Told, t: Words) -> str:
    other: Told = finding.get("other") or {}
    name = str(other.get("name", ""))
    if _is_hidden(other):
        return t.text(f"found.{_hidden(str(finding['code']), other)}_name") or name
    if name == OUTSIDE and not (other.get("show_id") or other.get("closure_id")):
        return t.text("found.outside_hours") or name
    return name


def _hidden(code: str, other: Told) -> str:
    """What is told of one who is masked: `booked`, `unavailable`, or `wanted` where nothing is booked yet."""
    return "wanted" if code in WISHES else str(other["name"])


def _is_hidden(other: Told) -> bool:
    """Whether it is masked (`api.masking`)."""
    return other.get("name") in {"booked", "unavailable"} and not other.get("show_id")


def _suggestion(way: Told, t: Words) -> None:
    changes, kind = cast(list[Told], way["changes"]), str(way["kind"])
    names: Mapping[str, str] = way.get("names") or {}
    time = StudioTime(way.get("time_zone") or "UTC", "00:00", t.language)
    fields = [cast(dict[str, Told], each["fields"]) for each in changes]
    first, last = fields[0], fields[-1]
    if kind == "swap":
        kind = "swap_rooms" if "room_id" in first else "swap_times"
    gone = _only(first, "from", "to", names)
    if kind == "creator" and gone:
        kind = "creator_instead"
    said = {
        "name": changes[0]["name"],
        "other": changes[-1]["name"],
        "when": _when(first, time),
        "other_when": _when(last, time),
        "room": _room(first, names),
        "other_room": _room(last, names),
        "new": _only(first, "to", "from", names),
        "gone": gone,
    }
    way["title"] = t.text(f"suggested.{kind}", **said) or way["title"]


def _when(fields: Mapping[str, Told], time: StudioTime) -> str:
    if "start" not in fields or "end" not in fields:
        return ""
    return time.when(*(datetime.fromisoformat(fields[each]["to"]) for each in ("start", "end")))


def _room(fields: Mapping[str, Told], names: Mapping[str, str]) -> str:
    return names.get(str(fields.get("room_id", {}).get("to")), "")


def _only(fields: Mapping[str, Told], side: str, other: str, names: Mapping[str, str]) -> str:
    step = fields.get("creators") or {"from": [], "to": []}
    return ", ".join(names.get(each, each) for each in step[side] if each not in step[other])
