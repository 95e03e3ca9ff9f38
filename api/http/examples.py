"""What the OpenAPI document shows as examples, and how a route says so. Plain JSON."""

from typing import Any, Final, Self

from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg

from api.http.problems import MEDIA_TYPE, Problem

Json = dict[str, Any]

_STUDIO: Final = "studio_01kb4zq2v8e5ntrpq3w0y6m1sa"
_CLIENT: Final = "client_01kb4zq2v8e5ntrpq3w0y6m1sb"
_ROOM: Final = "room_01kb4zq2v8e5ntrpq3w0y6m1sc"
_CREATOR: Final = "creator_01kb4zq2v8e5ntrpq3w0y6m1sd"
_PLATFORM: Final = "platform_01kb4zq2v8e5ntrpq3w0y6m1se"
_USER: Final = "user_01kb4zq2v8e5ntrpq3w0y6m1sf"
_SCHEDULE: Final = "schedule_01kb4zq2v8e5ntrpq3w0y6m1sg"
_SHOW: Final = "show_01kb4zq2v8e5ntrpq3w0y6m1sh"
_OTHER_SHOW: Final = "show_01kb4zq2v8e5ntrpq3w0y6m1sj"

_STAMPS: Final[Json] = {
    "created_at": "2026-04-20T08:00:00Z",
    "created_by": _USER,
    "updated_at": "2026-04-20T08:05:00Z",
    "updated_by": _USER,
    "deleted_at": None,
    "deleted_by": None,
}

NEW_SCHEDULE: Final[Json] = {
    "name": "Acme May 2026",
    "studio_id": _STUDIO,
    "client_id": _CLIENT,
    "start_date": "2026-05-01",
    "end_date": "2026-05-31",
}
SCHEDULE_PATCH: Final[Json] = {"name": "Acme May 2026, second half"}
SCHEDULE: Final[Json] = {
    "id": _SCHEDULE,
    "version": 4,
    "kind": "plan",
    **NEW_SCHEDULE,
    "note": "",
    "status": "proposed",
    "status_id": "scstat_0000000000e0089d4t6k2m8x1a",
    "current_version": 1,
    "approved_version": None,
    "show_count": 1,
    "shows_by_status": {"draft": 1},
    "open_changes": 0,
    "has_unversioned_edits": False,
    **_STAMPS,
}
NEW_SHOW: Final[Json] = {
    "name": "Launch",
    "start": "2026-05-02T20:00:00+07:00",
    "end": "2026-05-02T22:00:00+07:00",
    "room_id": _ROOM,
    "creators": [_CREATOR],
    "platforms": [{"platform_id": _PLATFORM}],
    "show_type": "bau",
    "external_id": "SH-1001",
}
NEW_SHOWS: Final[Json] = {"shows": [NEW_SHOW]}
NEW_STANDALONE: Final[Json] = {**NEW_SHOW, "studio_id": _STUDIO, "client_id": _CLIENT}
SHOW_PATCH: Final[Json] = {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T16:00:00Z"}
SHOW: Final[Json] = {
    "id": _SHOW,
    "version": 1,
    "schedule_id": _SCHEDULE,
    "external_id": "SH-1001",
    "client_id": _CLIENT,
    "studio_id": _STUDIO,
    "room_id": _ROOM,
    "name": "Launch",
    "start": "2026-05-02T13:00:00Z",
    "end": "2026-05-02T15:00:00Z",
    "operational_day": "2026-05-02",
    "status": "draft",
    "show_type": "bau",
    "show_standard": "standard",
    "creators": [_CREATOR],
    "platforms": [{"platform_id": _PLATFORM}],
    "note": "",
    "metadata": {},
    "actual_start": None,
    "actual_end": None,
    "reason_category": None,
    "reason_note": None,
    "restored_from": None,
    **_STAMPS,
}
SHOWS: Final[Json] = {"items": [SHOW]}
FINDING: Final[Json] = {
    "code": "room_overlap",
    "severity": "block",
    "show_id": _SHOW,
    "resource": {"kind": "room", "id": _ROOM, "name": "Room 1"},
    "other": {
        "show_id": _OTHER_SHOW,
        "closure_id": None,
        "schedule_id": "schedule_01kb4zq2v8e5ntrpq3w0y6m1sk",
        "client_id": None,
        "name": "Morning sale",
        "status": "confirmed",
        "since": "2026-04-18T10:00:00Z",
    },
    "overlap": {"start": "2026-05-02T13:00:00Z", "end": "2026-05-02T13:30:00Z", "minutes": 30},
    "message": "Room 1 is taken by 'Morning sale' (confirmed)",
    "suggestions": [
        {
            "kind": "move",
            "title": "Move 'Launch' 30 min later: Sat 2 May 20:30 to 22:30",
            "disturbs": {"minutes": 30, "room_changed": False, "shows": 1},
            "changes": [
                {
                    "show_id": _SHOW,
                    "name": "Launch",
                    "fields": {
                        "start": {"from": "2026-05-02T13:00:00Z", "to": "2026-05-02T13:30:00Z"},
                        "end": {"from": "2026-05-02T15:00:00Z", "to": "2026-05-02T15:30:00Z"},
                    },
                }
            ],
            "request": {
                "method": "PATCH",
                "path": f"/api/v1/shows/{_SHOW}",
                "body": {"start": "2026-05-02T13:30:00Z", "end": "2026-05-02T15:30:00Z"},
                "if_match": '"3"',
                "needs": None,
            },
        }
    ],
}
STANDALONE: Final[Json] = {**SHOW, "schedule_id": None}
FINDINGS: Final[Json] = {"items": [FINDING], "counts": {"block": 1, "warn": 0}}
CHECK: Final[Json] = {"shows": [{**NEW_SHOW, "studio_id": _STUDIO}]}
PROPOSE: Final[Json] = {"note": "As agreed by phone"}
APPROVE: Final[Json] = {"version": 1}
REJECT: Final[Json] = {"version": 1, "reason": "The launch moved a week"}
CONFIRM: Final[Json] = {"mode": "best_effort", "dry_run": False}
CONFIRMED: Final[Json] = {
    "confirmed": [_SHOW],
    "refused": [{"show_id": _OTHER_SHOW, "conflicts": [FINDING]}],
    "dry_run": False,
    "schedule": {**SCHEDULE, "status": "confirmed"},
}
CANCEL_SCHEDULE: Final[Json] = {"reason": "The campaign was called off"}
CANCEL_SHOW: Final[Json] = {"reason_category": "CREATOR_UNAVAILABLE", "note": "Down with the flu"}
INTERRUPT: Final[Json] = {"reason_category": "UTILITY_OUTAGE", "note": "Power is out on the whole floor"}
RESOLVE: Final[Json] = {"outcome": "completed", "note": "Back after ten minutes"}
DUPLICATE: Final[Json] = {
    "name": "Acme June 2026",
    "start_date": "2026-06-01",
    "end_date": "2026-06-30",
    "shift": "same_weekdays",
}
_CHANGE: Final = "change_01kb4zq2v8e5ntrpq3w0y6m1sp"
NEW_CHANGE: Final[Json] = {
    "category": "CLIENT_REQUESTED",
    "type": "TIME_CHANGE",
    "reason": "The product arrives an hour later",
    "operations": [
        {
            "op": "update",
            "show_id": _SHOW,
            "set": {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T16:00:00Z"},
        }
    ],
    "base_version": 2,
}
CHANGE: Final[Json] = {
    "id": _CHANGE,
    "version": 1,
    "schedule_id": _SCHEDULE,
    "schedule_name": "Acme May 2026",
    "studio_id": _STUDIO,
    "client_id": _CLIENT,
    "category": "CLIENT_REQUESTED",
    "type": "TIME_CHANGE",
    "reason": "The product arrives an hour later",
    "status": "proposed",
    "needs": "studio",
    "base_version": 2,
    "operations": [
        {
            "op": "update",
            "show_id": _SHOW,
            "before": {"start": "2026-05-02T13:00:00Z", "end": "2026-05-02T15:00:00Z"},
            "after": {"start": "2026-05-02T14:00:00Z", "end": "2026-05-02T16:00:00Z"},
            "reason_category": None,
        }
    ],
    "on_behalf": False,
    "proposed_by": _USER,
    "proposed_at": "2026-04-20T08:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "decision_note": None,
    "acknowledged_by": None,
    "acknowledged_at": None,
}
CHANGE_COUNTS: Final[Json] = {"client": 1, "studio": 2, "unseen": 0}
DECISION: Final[Json] = {"note": "As agreed by phone"}
WORDS: Final[Json] = {"text": "Please bring the red backdrop"}
COMMENT: Final[Json] = {
    "id": "comment_01kb4zq2v8e5ntrpq3w0y6m1sq",
    "version": 1,
    "schedule_id": _SCHEDULE,
    "subject_id": _SHOW,
    **WORDS,
    "created_at": "2026-04-20T08:00:00Z",
    "created_by": _USER,
    "updated_at": "2026-04-20T08:00:00Z",
    "acknowledged_by": None,
    "acknowledged_at": None,
}
SEEN_COMMENT: Final[Json] = {
    **COMMENT,
    "acknowledged_by": _USER,
    "acknowledged_at": "2026-04-20T08:20:00Z",
}
NEW_WAIVER: Final[Json] = {
    "code": "turnaround_short",
    "reason": "The crew needs ten minutes here",
}
WAIVER: Final[Json] = {
    "id": "waiver_01kb4zq2v8e5ntrpq3w0y6m1sr",
    "version": 1,
    "schedule_id": _SCHEDULE,
    "show_id": _SHOW,
    "other": _OTHER_SHOW,
    "resource_id": _ROOM,
    **NEW_WAIVER,
    "start": "2026-05-02T13:00:00Z",
    "end": "2026-05-02T15:00:00Z",
    "overlap": {"start": "2026-05-02T15:00:00Z", "end": "2026-05-02T15:05:00Z", "minutes": 5},
    "created_at": "2026-04-20T08:00:00Z",
    "created_by": _USER,
    "active": True,
    "ended_at": None,
    "ended_by": None,
    "ended_because": None,
}
CHANGE_PREVIEW: Final[Json] = {
    "change": CHANGE,
    "applies": False,
    "diff": {
        "added": [],
        "removed": [],
        "changed": [
            {
                "show_id": _SHOW,
                "name": "Launch",
                "fields": {"start": {"from": "2026-05-02T13:00:00Z", "to": "2026-05-02T14:00:00Z"}},
            }
        ],
    },
    "conflicts": [FINDING],
    "moved": [],
}
MOVE: Final[Json] = {"schedule_id": _SCHEDULE}
PARK: Final[Json] = {"status_id": "other"}
COMPLETE: Final[Json] = {"actual_end": "2026-05-02T14:50:00Z"}
VERSION: Final[Json] = {
    "number": 1,
    "kind": "proposed",
    "label": "",
    "note": "As agreed by phone",
    "position": 4,
    "show_count": 1,
    "created_at": "2026-04-20T08:05:00Z",
    "created_by": _USER,
    "deleted_at": None,
    "deleted_by": None,
}
NEW_VERSION: Final[Json] = {"label": "Before the campaign", "note": "Asked for by phone"}
CHECKPOINT: Final[Json] = {**VERSION, **NEW_VERSION, "number": 2, "kind": "checkpoint"}
DIFF: Final[Json] = {
    "from": 1,
    "to": 3,
    "added": [],
    "removed": [SHOW],
    "changed": [
        {
            "show_id": _OTHER_SHOW,
            "name": "Evening sale",
            "fields": {"start": {"from": "2026-05-02T18:00:00Z", "to": "2026-05-02T19:00:00Z"}},
        }
    ],
    "confirmed_with_plan": [],
}
VERSION_DOCUMENT: Final[Json] = {"version": VERSION, "schedule": SCHEDULE, "shows": [SHOW]}
READINESS: Final[Json] = {"show_id": _SHOW, "ready": False, "missing": ["platforms"]}
SCHEDULE_READINESS: Final[Json] = {"schedule_id": _SCHEDULE, "ready": False, "shows": [READINESS]}
EVENT: Final[Json] = {
    "position": 812,
    "stream_id": _SCHEDULE,
    "stream_version": 3,
    "type": "ScheduleProposed",
    "at": "2026-04-20T08:05:00Z",
    "actor": {"id": _USER, "name": "Ada Planner", "type": "user"},
    "command": "schedule.propose",
    "command_id": "command_01kb4zq2v8e5ntrpq3w0y6m1sm",
    "request_id": "0190a5d2c1de7b6e9d3f",
    "origin": "http",
    "data": {"number": 1},
    "changes": [
        {
            "kind": "schedule",
            "id": _SCHEDULE,
            "name": "Acme May 2026",
            "what": "changed",
            "fields": {"status": {"from": "draft", "to": "proposed"}},
        }
    ],
}
_COUNTS: Final[Json] = {
    "created": 48,
    "updated": 0,
    "unchanged": 0,
    "removed": 0,
    "proposed_changes": 0,
    "skipped": 0,
    "errors": 1,
}
_RUN: Final[Json] = {
    "id": "import_01kb4zq2v8e5ntrpq3w0y6m1sn",
    "outcome": "applied",
    "file_name": "acme-may.csv",
    "file_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "counts": _COUNTS,
    "created": {"creators": 1},
    "created_at": "2026-04-20T08:00:00Z",
    "created_by": _USER,
}
IMPORT_ROW: Final[Json] = {
    **_RUN,
    "mode": "apply",
    "schedules": [_SCHEDULE],
    "options": {"create_missing": True, "schedule_id": None, "time_zone": "UTC"},
    "problem": None,
    "undone_at": None,
    "undone_by": None,
}
IMPORT_UNDONE: Final[Json] = {
    "id": "import_01kb4zq2v8e5ntrpq3w0y6m1sn",
    "file_name": "acme-may.csv",
    "outcome": "undone",
    "counts": {"removed": 48, "restored": 0, "returned": 0, "withdrawn": 0, "schedules": 1, "rows": 0},
    "schedules": [
        {
            "id": _SCHEDULE,
            "name": "Acme 2026-05",
            "removed": 48,
            "restored": 0,
            "returned": 0,
            "deleted": True,
            "change_id": None,
        }
    ],
    "left": [{"kind": "creator", "id": _CREATOR, "name": "Nok P.", "why": "in_use"}],
    "undone_at": "2026-04-20T09:00:00Z",
    "undone_by": _USER,
}
IMPORT: Final[Json] = {
    **_RUN,
    "problem": None,
    "undone_at": None,
    "undone_by": None,
    "mode": "apply",
    "schedules": [
        {
            "id": _SCHEDULE,
            "name": "Acme 2026-05",
            "client": "Acme",
            "client_id": _CLIENT,
            "counts": {**_COUNTS, "errors": 0},
        }
    ],
    "errors": [
        {
            "row": 17,
            "column": "end",
            "value": "2026-05-09T20:00",
            "code": "not_after_start",
            "message": "must be after start",
        }
    ],
    "notes": [],
    "unknown_names": {
        "studios": [],
        "clients": [],
        "rooms": [],
        "creators": ["Nok P."],
        "platforms": [],
        "show_types": [],
        "show_standards": [],
    },
    "unknown_rooms": [],
    "ambiguous": [],
    "created_studios": [],
    "conflicts": {"block": 1, "warn": 0},
    "findings": [],
    "clashes": [
        {
            "code": "room_overlap",
            "resource": {"kind": "room", "id": _ROOM, "name": "Room 1"},
            "shows": [
                {"show_id": _SHOW, "external_id": "SH-1001", "name": "Launch", "schedule_id": _SCHEDULE},
                {
                    "show_id": _OTHER_SHOW,
                    "external_id": "SH-1002",
                    "name": "Evening sale",
                    "schedule_id": _SCHEDULE,
                },
            ],
            "overlap": {"start": "2026-05-02T14:30:00Z", "end": "2026-05-02T15:00:00Z", "minutes": 30},
        }
    ],
    "options": {"create_missing": True, "schedule_id": None, "time_zone": "UTC"},
}
BOARD: Final[Json] = {
    "studio": {
        "id": _STUDIO,
        "version": 1,
        "name": "Bangkok",
        "time_zone": "Asia/Bangkok",
        "day_start": "06:00",
    },
    "rooms": [{"id": _ROOM, "version": 1, "studio_id": _STUDIO, "name": "Room 1"}],
    "shows": [{**SHOW, "client_name": "Acme", "creator_names": ["Mali S."], "conflicts": ["room_overlap"]}],
    "closures": [],
    "booked": [{"room_id": _ROOM, "start": "2026-05-02T15:00:00Z", "end": "2026-05-02T19:00:00Z"}],
    "position": 812,
}
AVAILABILITY: Final[Json] = {
    "items": [
        {
            "room_id": _ROOM,
            "room_name": "Room 1",
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-02T19:00:00Z",
            "minutes": 360,
            "wanted": False,
        }
    ],
    "left_out": [
        {"kind": "room", "id": "room_01kb4zq2v8e5ntrpq3w0y6m1sk", "name": "Room 2", "reason": "capacity"}
    ],
    "page": {"limit": 20, "next_cursor": None},
}
UTILISATION: Final[Json] = {
    "studio_id": _STUDIO,
    "by": "room",
    "from": "2026-05-01",
    "to": "2026-05-31",
    "items": [{"id": _ROOM, "name": "Room 1", "booked": 96.0, "wanted": 12.5, "free": 635.5}],
    "totals": {"booked": 96.0, "wanted": 12.5, "free": 635.5},
}
IMPACT: Final[Json] = {
    "resource": {"kind": "room", "id": _ROOM, "name": "Room 1"},
    "start": "2026-05-01T23:00:00Z",
    "end": "2026-05-02T23:00:00Z",
    "groups": [
        {
            "client_id": _CLIENT,
            "client_name": "Acme",
            "schedule_id": _SCHEDULE,
            "schedule_name": "Acme May 2026",
            "booked": 1,
            "proposed": 0,
            "draft": 0,
        }
    ],
    "blackouts": [],
    "items": [
        {
            "show_id": _SHOW,
            "name": "Launch",
            "status": "confirmed",
            "stage": "booked",
            "start": "2026-05-02T13:00:00Z",
            "end": "2026-05-02T15:00:00Z",
            "needed_from": "2026-05-02T12:45:00Z",
            "needed_to": "2026-05-02T15:15:00Z",
            "schedule_id": _SCHEDULE,
            "schedule_name": "Acme May 2026",
            "client_id": _CLIENT,
            "client_name": "Acme",
            "agreed": {"approved_version": 1, "in_approved_version": True, "open_changes": []},
        }
    ],
    "page": {"limit": 20, "next_cursor": None, "total": 1},
}
ME: Final[Json] = {
    "id": _USER,
    "email": "admin@callboard.local",
    "name": "Administrator",
    "is_system_admin": True,
}


NOT_FOUND: Final[dict[int, ResponseSpec]] = {
    404: ResponseSpec(Problem, False, "What a parameter names is not there.", MEDIA_TYPE)
}
"""For a route whose query names something; ids in paths are documented without it."""


def page_of(item: Json) -> Json:
    """A list with that one item."""
    return {"items": [item], "page": {"limit": 20, "next_cursor": None, "total": 1}}


def body(example: Json) -> BodyKwarg:
    """A JSON body with its example: `data: Annotated[NewSchedule, body(NEW_SCHEDULE)]`."""
    return BodyKwarg(media_type=RequestEncodingType.JSON, examples=[Example(value=example)])


class Answered(ResponseSpec):
    """A described answer. It never changes, so applications share it: Litestar copies every handler that it
    registers, which took half of the time that an application takes to be made."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


def answers(status: int, kind: Any, example: Json, description: str = "Done.") -> dict[int, ResponseSpec]:
    """The answer of a route that worked, with its example: for `responses=`."""
    return {status: Answered(kind, False, description, examples=[Example(value=example)])}


BULK_ACTION: Final[Json] = {
    "action": {"action": "shift", "minutes": 30},
    "show_ids": [_SHOW, _OTHER_SHOW],
    "dry_run": True,
}
BULK_RUN: Final[Json] = {
    "id": "bulk_01kb4zq2v8e5ntrpq3w0y6m1sk",
    "action": "shift",
    "dry_run": True,
    "counts": {"done": 1, "unchanged": 0, "refused": 1},
    "results": [
        {"show_id": _SHOW, "status": "done", "code": None, "detail": None, "conflicts": []},
        {
            "show_id": _OTHER_SHOW,
            "status": "refused",
            "code": "needs_change",
            "detail": "this schedule is confirmed: ask for a change instead of editing it",
            "conflicts": [],
        },
    ],
}
BULK_SHOWN: Final[Json] = {
    "id": BULK_RUN["id"],
    "action": "shift",
    "options": {"minutes": 30},
    "counts": {"done": 1, "unchanged": 0, "refused": 1},
    "undone": False,
    "created_at": "2026-04-20T08:00:00Z",
    "created_by": _USER,
}
IN_A_PLAN: Final[dict[int, ResponseSpec]] = {
    409: ResponseSpec(Problem, False, "The show is in a plan: ask its schedule instead.", MEDIA_TYPE)
}
