"""The request that applies a way out: an edit of drafts, or a change where the plan is confirmed."""

from typing import Any, Final

from domain.conflicts import Request, Subject
from domain.suggesting.ground import Ground, Home
from domain.suggesting.ways import Way

FIELDS: Final = ("start", "end", "room_id", "creators")


def request(way: Way, ground: Ground, title: str, *, for_client: bool = False) -> Request | None:
    """What to send; None where nothing was saved that could be altered, or the client may not edit."""
    home = ground.homes[way.after[0].id]
    if not home.saved:
        return None
    if home.status == "confirmed":
        return _change(way, home, title, for_client=for_client)
    if for_client:
        return None
    needs = "withdraw" if home.status == "proposed" else None
    if len(way.after) == 1:
        show_id = way.after[0].id
        version = home.versions.get(show_id)
        return Request(
            method="PATCH",
            path=f"/api/v1/shows/{show_id}",
            body=_set(way, 0, home),
            if_match=None if version is None else f'"{version}"',
            needs=needs,
        )
    edits = {show.id: _set(way, number, home) for number, show in enumerate(way.after)}
    body: dict[str, Any] = {"action": {"action": "edit", "set": edits}, "show_ids": list(edits)}
    return Request(method="POST", path="/api/v1/shows/bulk", body=body, needs=needs)


def fields(then: Subject, now: Subject) -> list[str]:
    """The fields that differ."""
    return [name for name in FIELDS if getattr(then, name) != getattr(now, name)]


def _change(way: Way, home: Home, title: str, *, for_client: bool) -> Request:
    base = f"/api/v1/shows/{way.after[0].id}" if home.single else f"/api/v1/schedules/{home.schedule_id}"
    body: dict[str, Any] = {
        "category": "CLIENT_REQUESTED" if for_client else "OPERATIONAL",
        "type": _type(way),
        "reason": f"To end a conflict: {title}",
        "operations": [
            {"op": "update", "show_id": show.id, "set": _set(way, number, home)}
            for number, show in enumerate(way.after)
        ],
    }
    if home.current_version is not None:
        body["base_version"] = home.current_version
    return Request(method="POST", path=f"{base}/changes", body=body)


def _type(way: Way) -> str:
    differing = fields(way.before[0], way.after[0])
    if "creators" in differing:
        return "CREATOR_CHANGE"
    return "RESOURCE_CHANGE" if "room_id" in differing else "TIME_CHANGE"


def _set(way: Way, number: int, home: Home) -> dict[str, Any]:
    then, now = way.before[number], way.after[number]
    named = FIELDS if home.whole else fields(then, now)
    return {name: getattr(now, name) for name in named}
