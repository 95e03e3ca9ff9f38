"""What plans tell people: conflicts with their ways out, changes with before and after. Names for ids, times
of the studio; the templates' half of it is parts.html."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct, structs
from psycopg import Connection

from api.resources.versions import Diff
from api.web import placing
from api.web.frame import named, refusals
from api.web.placing import Spot
from api.web.timeline import Line, Step, Telling, href
from domain.conflicts import Altered, Finding, Request, Suggestion
from projections import naming
from projections import shows as shows_of
from projections.changes import ChangeRow, open_about
from projections.shows import ShowFilter, ShowRow

_WHY: Final = "reason_category"


class Way(Struct, frozen=True):
    """A way out of a conflict: what it does, and the request that does it, if the user may send one, with its
    `body` as JSON and the `version` of its If-Match; whether that only `asks` for a change."""

    kind: str
    label: str
    request: Request | None
    body: str
    version: str
    asks: bool


class Obstacle(Struct, frozen=True, kw_only=True):
    """A finding in words: `severity` is block, warn or waived. `show` with `when` is whose it is, `other` who
    is in the way, for which client `other_for`, for how long in `overlap`; `asked` the address of an open
    change about either of them. Texts are empty where there is nothing to say."""

    code: str
    severity: str
    show_id: str
    show: str
    when: str
    resource: str
    other: str
    other_id: str
    other_for: str
    overlap: str
    why: str
    asked: str
    ways: Sequence[Way]


class Change(Struct, frozen=True, kw_only=True):
    """A change in words: what it asks for by show, who asked and who decided, when. `row` is the change; its
    `status` is `done` where it was applied at once, as nobody had to approve it, its `reason` empty where a
    line says it."""

    row: ChangeRow
    status: str
    category: str
    type: str
    reason: str
    lines: Sequence[Line]
    asked_by: str
    asked_at: str
    decided_by: str
    decided_at: str
    seen_by: str


def know(connection: Connection[Any], telling: Telling, ids: Iterable[str | None]) -> None:
    """Looks up what these ids are called, for all that is told from now on."""
    wanted = {each for each in ids if each and telling.knows(each)}
    telling.names = {**telling.names, **naming.names(connection, wanted)}


def obstacles(
    connection: Connection[Any],
    telling: Telling,
    findings: Sequence[Finding],
    shows: Mapping[str, ShowRow],
    *,
    change_id: str = "",
) -> list[Obstacle]:
    """Findings in words; `shows` are those that they are about, by id. Those of a change don't lead to it."""
    know(connection, telling, _named(findings))
    asked = open_changes(connection, findings, but=change_id)
    return [_obstacle(telling, each, shows.get(each.show_id), asked) for each in findings]


def open_changes(
    connection: Connection[Any], findings: Sequence[Finding], *, but: str = ""
) -> dict[str, str]:
    """Where the open changes about the shows of these findings are, by show, `but` one."""
    ids = {each.show_id for each in findings}
    ids |= {each.other.show_id for each in findings if each.other and each.other.show_id}
    return {
        show_id: href("show", show_id)
        if each.alone
        else f"/schedules/{each.schedule_id}?tab=changes#{each.id}"
        for show_id, each in open_about(connection, sorted(ids)).items()
        if each.id != but
    }


def asked_for(finding: Finding, asked: Mapping[str, str]) -> str:
    """Of `open_changes`, where what may end this finding is asked for; "" where nothing is."""
    other = finding.other.show_id if finding.other else None
    return asked.get(finding.show_id) or asked.get(other or "", "")


def changes(
    connection: Connection[Any],
    telling: Telling,
    rows: Sequence[ChangeRow],
    clients: tuple[str, ...] | None,
) -> list[Change]:
    """Changes in words. Users of these `clients` know shows as their versions have them."""
    ids = sorted({each["show_id"] for row in rows for each in row.operations if each["show_id"]})
    found = shows_of.listed(connection, ShowFilter(ids=tuple(ids), clients=clients, include_deleted=True))
    shows = {show.id: show for show in found}
    know(connection, telling, [*_mentioned(rows), *(show.room_id for show in found)])
    if clients is not None:
        telling.names = {**telling.names, **{show.id: show.name for show in found}}
    telling.lookups = named.lookups(connection, telling.t)
    return [_change(telling, each, shows) for each in rows]


def differences(telling: Telling, found: Diff, before: Mapping[str, Spot]) -> list[Line]:
    """What differs between two versions, by show: those added, those removed, and fields with both values.
    `before` has the shows of the first, by id."""

    def whole(show: ShowRow) -> str:
        parts = (
            telling.time.when(show.start, show.end),
            telling.text(show.room_id),
            telling.text(show.creators),
        )
        return " · ".join(part for part in parts if part)

    def line(show: ShowRow, what: str) -> Line:
        text = whole(show)
        steps = [Step("when", "", text) if what == "added" else Step("when", text, "")]
        return Line("show", show.name, href("show", show.id), what, steps)

    changed = [
        telling.line(
            "show",
            each.show_id,
            each.name,
            {name: (s["from"], s["to"]) for name, s in each.fields.items() if name != "metadata"},
            before.get(each.show_id),
        )
        for each in found.changed
    ]
    added = [line(each, "added") for each in found.added]
    return [*added, *(line(each, "removed") for each in found.removed), *changed]


def _obstacle(telling: Telling, finding: Finding, show: ShowRow | None, asked: Mapping[str, str]) -> Obstacle:
    time, other, common = telling.time, finding.other, finding.overlap
    return Obstacle(
        code=finding.code,
        severity="waived" if finding.waived else finding.severity,
        show_id=finding.show_id,
        show=show.name if show else telling.names.get(finding.show_id, ""),
        when=time.when(show.start, show.end) if show else "",
        resource=finding.resource.name if finding.resource else "",
        other=refusals.who(telling.t, finding),
        other_id=(other.show_id or "") if other else "",
        other_for=telling.names.get(other.client_id or "", "") if other else "",
        overlap=time.when(common.start, common.end) if common else "",
        why=finding.waived.reason if finding.waived else "",
        asked=asked_for(finding, asked),
        ways=[_way(telling, each) for each in finding.suggestions],
    )


def _way(telling: Telling, suggestion: Suggestion) -> Way:
    several = len(suggestion.changes) > 1
    texts = [
        f"{each.name}: {_becomes(telling, each)}" if several else _becomes(telling, each)
        for each in suggestion.changes
    ]
    request = suggestion.request
    version = (request.if_match or "").strip('"') if request else ""
    body = msgspec.json.encode(request.body).decode() if request else ""
    asks = request is not None and request.path.endswith("/changes")
    return Way(suggestion.kind, "; ".join(texts), request, body, version, asks)


def _becomes(telling: Telling, altered: Altered) -> str:
    """What a show is after it: when, where and with whom, as far as that is different."""
    after = {name: step["to"] for name, step in altered.fields.items()}
    texts: list[str] = []
    start, end = after.pop("start", None), after.pop("end", None)
    if isinstance(start, datetime) and isinstance(end, datetime):
        texts.append(telling.time.when(start, end))
    else:
        texts += [telling.text(each) for each in (start, end) if each]
    return ", ".join([*texts, *(telling.text(each) for each in after.values())])


def _change(telling: Telling, row: ChangeRow, shows: Mapping[str, ShowRow]) -> Change:
    def who(user: str | None) -> str:
        return telling.names.get(user, user) if user else ""

    lines = [_operation(telling, each, shows.get(each["show_id"])) for each in row.operations]
    reason = named.reason(telling.t, row.reason)
    return Change(
        row=row,
        status="done" if row.status == "approved" and row.needs == "none" else row.status,
        category=telling.said("category", row.category),
        type=telling.said("type", row.type),
        reason="" if any(reason == step.new for line in lines for step in line.steps) else reason,
        lines=lines,
        asked_by=who(row.proposed_by),
        asked_at=telling.time.at(row.proposed_at),
        decided_by=who(row.decided_by),
        decided_at=telling.time.at(row.decided_at) if row.decided_at else "",
        seen_by=who(row.acknowledged_by),
    )


def _operation(telling: Telling, asked: Mapping[str, Any], show: ShowRow | None) -> Line:
    """An operation of a change (`ChangeRow.operations`): its show with what would be different."""
    show_id, before, after = asked["show_id"] or "", dict(asked["before"]), dict(asked["after"])
    name = telling.names.get(show_id) or after.get("name") or before.get("name") or ""
    what = {"add": "added", "cancel": "removed"}.get(asked["op"], "changed")
    if what == "changed":
        fields = {
            each: (before.get(each), after.get(each)) for each in {**before, **after} if each != "metadata"
        }
        return telling.line("show", show_id, name, fields, show)
    at = ""
    if what == "added":
        parts = (
            _when(telling, after),
            telling.text(after.get("room_id")),
            telling.text(after.get("creators")),
        )
        steps = [Step("when", "", " · ".join(part for part in parts if part))]
    else:
        steps = [Step(_WHY, "", telling.said(_WHY, asked[_WHY]))] if asked[_WHY] else []
        at = placing.where(telling.time, telling.names, {}, show)
    return Line("show", name, href("show", show_id) if show_id and what != "added" else "", what, steps, at)


def _when(telling: Telling, show: Mapping[str, Any]) -> str:
    start, end = (datetime.fromisoformat(show[each]) for each in ("start", "end"))
    return telling.time.when(start, end)


def _named(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield finding.show_id
        if finding.other and finding.other.client_id:
            yield finding.other.client_id
        for suggestion in finding.suggestions:
            for altered in suggestion.changes:
                for step in altered.fields.values():
                    yield from _inside(step["to"])


def _mentioned(rows: Iterable[ChangeRow]) -> Iterator[str | None]:
    for row in rows:
        yield from (row.proposed_by, row.decided_by, row.acknowledged_by)
        for each in row.operations:
            yield each["show_id"]
            for side in ("before", "after"):
                for value in each[side].values():
                    yield from _inside(value)


def mentioned(found: Diff, before: Mapping[str, Spot]) -> Iterator[str | None]:
    """Everything in a comparison that may be an id of something with a name."""
    yield from (show.room_id for show in before.values())
    for show in (*found.added, *found.removed):
        yield from (show.room_id, *show.creators)
    for each in found.changed:
        for step in each.fields.values():
            yield from _inside(step["from"])
            yield from _inside(step["to"])


def _inside(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for each in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _inside(each)
        case dict():
            for each in value.values():  # pyright: ignore[reportUnknownVariableType]
                yield from _inside(each)
        case Struct():
            yield from _inside(structs.astuple(value))
        case _:
            pass
