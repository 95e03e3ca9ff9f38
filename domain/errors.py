"""Every way a command can be refused. `api/http/problems.py` maps the branches to HTTP.

DomainError
├── NotFound             no such thing, or not for you
├── Invalid              a value is wrong; `errors` names each field
│   ├── KeyReused        the same Idempotency-Key with another body
│   └── NotWaivable      a finding that nobody may accept
├── Forbidden            the actor may not do this
├── PreconditionFailed   If-Match names an older version
├── Unavailable          the database can't be reached, or it is not known whether it committed
└── Conflict             the state says no
    ├── IllegalTransition  the status machine has no such arrow
    ├── VersionConflict    the version named is not the current one
    ├── NotApproved        the version in force still waits for the other side
    ├── ChangeConflict     a change no longer fits the plan as it is now
    ├── EditDirectly       changes are for confirmed schedules
    ├── NeedsChange        a confirmed schedule changes by a change, not by an edit
    ├── HasConflicts       blocking findings: a room or a creator is taken
    ├── NoSuchConflict     the show has no such finding now
    ├── HeldByOther        too little time that one's own lead and turnaround can't give
    ├── Duplicate          a name, key or external id is taken
    ├── InUse              something live refers to the row
    ├── OverlappingHours   opening hours of the studio hold that time already
    ├── LastAdmin          nobody would be left who can administer
    ├── SystemRow          seeded rows can't be deleted, nor their keys edited
    └── StaleVersion       somebody else appended first, and again after every retry

CorruptHistory is not one of them: it is a bug or a damaged log, and should be a 500.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct


class FieldError(Struct, frozen=True):
    """One wrong value: a path such as `shows[3].start`, a stable code, and what to do about it."""

    path: str
    code: str
    message: str


class DomainError(Exception):
    """`code` is stable and part of the API; `extra` holds the members a problem document gets beside it."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)
        self.extra = extra


class NotFound(DomainError):
    code = "not_found"


class Invalid(DomainError):
    code = "invalid"

    @classmethod
    def field(cls, path: str, code: str, message: str) -> "Invalid":
        """The common case: one field is wrong."""
        return cls.fields([FieldError(path, code, message)])

    @classmethod
    def fields(cls, wrong: Sequence[FieldError]) -> "Invalid":
        """One or more fields are wrong: one is named with its reason, of several also how many."""
        first = f"{wrong[0].path}: {wrong[0].message}" if wrong[0].path else wrong[0].message
        return cls(first if len(wrong) == 1 else f"{len(wrong)} values are wrong: {first}", errors=wrong)


class KeyReused(Invalid):
    code = "idempotency_key_reused"


class NotWaivable(Invalid):
    """`extra["waivable"]`: the codes that may be."""

    code = "not_waivable"


class Forbidden(DomainError):
    code = "forbidden"


class PreconditionFailed(DomainError):
    code = "stale"


class Unavailable(DomainError):
    code = "unavailable"


class Conflict(DomainError):
    code = "conflict"


class IllegalTransition(Conflict):
    code = "illegal_transition"


class VersionConflict(Conflict):
    code = "version_conflict"


class NotApproved(Conflict):
    code = "not_approved"


class NeedsChange(Conflict):
    code = "needs_change"


class ChangeConflict(Conflict):
    code = "change_conflict"


class EditDirectly(Conflict):
    code = "edit_directly"


class HasConflicts(Conflict):
    """`extra["conflicts"]`: the blocking findings (`domain.conflicts.Finding`), all of them."""

    code = "conflicts"


class NoSuchConflict(Conflict):
    code = "no_such_conflict"


class HeldByOther(Conflict):
    code = "held_by_other"


class Duplicate(Conflict):
    code = "duplicate"


class InUse(Conflict):
    code = "in_use"


class OverlappingHours(Conflict):
    """`extra["hours"]`: the two spans, the one to be written first, each `{weekday, opens, closes}`."""

    code = "overlapping_hours"


class LastAdmin(Conflict):
    code = "last_admin"


class SystemRow(Conflict):
    code = "system_row"


class StaleVersion(Conflict):
    code = "stale_version"


class CorruptHistory(Exception):
    pass
