"""What a planner decides row by row, after a dry run told what the file would do to which show."""

from typing import Any, Literal

from msgspec import Struct


class Choice(Struct, frozen=True, kw_only=True):
    """`leave`: lines of the file to leave out; their shows stay as they are. `theirs`: lines whose values win
    over what was set in Callboard. `stay`: ids of shows that stay although the file has them no more."""

    leave: frozenset[int] = frozenset()
    theirs: frozenset[int] = frozenset()
    stay: frozenset[str] = frozenset()


class Planned(Struct, frozen=True, kw_only=True):
    """What a file would do to one show. `row` is its line, null for one that the file has no more; `asked`
    where the schedule is confirmed, so that a change asks for it. `fields` by column `{"from", "to"}`, as an
    export writes them."""

    row: int | None
    what: Literal["created", "updated", "removed"]
    asked: bool
    show_id: str
    external_id: str
    name: str
    schedule: str
    fields: dict[str, dict[str, Any]]
