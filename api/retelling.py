"""Events with what they changed, told from their streams: each is folded once, however many of its events
are asked for."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from domain.event_log import EventLog
from domain.events import Positioned, Recorded
from domain.retelling import Altered, Story
from domain.schedule.state import Show

_MOST_STORIES: Final = 500
"""Streams remembered between calls; beyond that the longest untold is folded anew."""


class Told(Struct, frozen=True):
    """What an event changed, and what its schedule is called (empty in other streams); `shows` are those
    that it changed, by id, as it left them."""

    changes: tuple[Altered, ...]
    title: str
    shows: Mapping[str, Show] = {}


class Teller:
    """Remembers the streams that it told, so that reading on costs only what is new."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._stories: dict[str, Story] = {}

    def tell(self, events: Sequence[Positioned]) -> list[Told]:
        """What each of these events changed, in their order."""
        streams: dict[str, list[Recorded]] = {}
        for event in sorted(events, key=lambda event: event.position):
            streams.setdefault(event.recorded.originator_id, []).append(event.recorded)
        told = {
            (stream, version): each
            for stream, asked in streams.items()
            for version, each in self._told(stream, asked).items()
        }
        return [told[e.recorded.originator_id, e.recorded.originator_version] for e in events]

    def _told(self, stream: str, asked: Sequence[Recorded]) -> dict[int, Told]:
        """By stream version. Loads only the events in between that nobody asked about."""
        story = self._stories.pop(stream, None)
        if story is None or story.version >= asked[0].originator_version:
            story = Story()
        last = asked[-1].originator_version
        if len(asked) == last - story.version:
            history = asked
        else:
            history = self._log.stream(stream, after=story.version, to_version=last)
        wanted = {recorded.originator_version for recorded in asked}
        found: dict[int, Told] = {}
        for recorded in history:
            if recorded.originator_version in wanted:
                changes = story.tell(recorded)
                found[recorded.originator_version] = Told(changes, story.title, story.shows(changes))
            else:
                story.skip(recorded)
        self._stories[stream] = story
        if len(self._stories) > _MOST_STORIES:
            self._stories.pop(next(iter(self._stories)))
        return found
