"""given(history).when(decision).then(events) / .refused(error), with one actor and one clock; and the
context that commands over a real database run in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.application import Context
from domain.errors import DomainError
from domain.events import Actor, Event, Recorded, ScheduleEvent
from domain.ids import NewId, sequence
from domain.schedule.planning import Studio
from domain.schedule.state import Schedule, replay

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACTOR = Actor("user_01jd000000e008000000000ada", "Ada Planner")
STREAM = "schedule_01jd000000e008000000000001"
STUDIO = Studio("studio_01jd000000e008000000000001", "Asia/Bangkok", "06:00", client_approval=True)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def context(command: str = "test", *, actor: Actor = ACTOR, **how: Any) -> Context:
    """Ada at work. `how` is anything else a Context takes."""
    return Context(actor=actor, command=command, request_id="req_test", **how)


def ids() -> NewId:
    """Ids for a decision under test, the same in each run."""
    return sequence("spec", 1_772_000_000_000)


def recorded(events: Sequence[Event], stream: str = STREAM, *, by: Actor = ACTOR) -> list[Recorded]:
    """Events of one stream in their envelopes, each a command of its own."""
    return [
        Recorded(
            originator_id=stream,
            originator_version=version,
            at=NOW,
            actor=by,
            command="test",
            command_id=f"command_{version}",
            request_id="req_test",
            origin="test",
            event=event,
        )
        for version, event in enumerate(events, 1)
    ]


@dataclass(frozen=True)
class When:
    decide: Callable[[], Sequence[ScheduleEvent]]

    def then(self, *expected: ScheduleEvent) -> None:
        """The decision answers exactly these events."""
        assert list(self.decide()) == list(expected)

    def refused(self, error: type[DomainError], code: str | None = None, **extra: Any) -> None:
        """The decision raises exactly this error; `code` is its first field's, `extra` some of its extras."""
        with pytest.raises(error) as caught:
            self.decide()
        assert type(caught.value) is error
        if code is not None:
            assert caught.value.errors[0].code == code
        assert {name: caught.value.extra.get(name) for name in extra} == extra


@dataclass(frozen=True)
class given:  # noqa: N801 - reads as a word
    """A schedule's history; none for decisions that open one."""

    history: tuple[ScheduleEvent, ...]
    by: Actor = field(default=ACTOR)

    def __init__(self, *history: ScheduleEvent, by: Actor = ACTOR) -> None:
        object.__setattr__(self, "history", history)
        object.__setattr__(self, "by", by)

    @property
    def schedule(self) -> Schedule:
        """The schedule that the history tells of."""
        schedule = replay(recorded(self.history, by=self.by))
        assert schedule is not None
        return schedule

    def when(self, decision: Callable[..., Sequence[ScheduleEvent]], *args: Any, **how: Any) -> When:
        """Takes the decision on that schedule."""
        return When(lambda: decision(self.schedule, *args, **how))
