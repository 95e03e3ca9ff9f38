"""A way out before it is put into words: which shows would be where, when and with whom."""

from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.conflicts import Disturbance, Subject

ROOM_COSTS: Final = 30
CREATOR_COSTS: Final = 30
SHOW_COSTS: Final = 60
"""What another room, another creator and every further show weigh, in minutes that a show is moved."""

_MINUTE: Final = timedelta(minutes=1)


class Way(Struct, frozen=True):
    """The shows that it touches, as they are and as they would be, the show of the finding first."""

    kind: Literal["move", "room", "swap", "creator"]
    before: tuple[Subject, ...]
    after: tuple[Subject, ...]

    @property
    def disturbs(self) -> Disturbance:
        """What it costs."""
        return Disturbance(
            minutes=sum(
                -(-abs(now.start - then.start) // _MINUTE)
                for then, now in zip(self.before, self.after, strict=True)
            ),
            room_changed=any(
                then.room_id != now.room_id for then, now in zip(self.before, self.after, strict=True)
            ),
            shows=len(self.after),
        )

    @property
    def cost(self) -> tuple[int, str]:
        """How much it disturbs, and something to put equals in order by."""
        told = self.disturbs
        creators = any(
            then.creators != now.creators for then, now in zip(self.before, self.after, strict=True)
        )
        weight = (
            told.minutes
            + ROOM_COSTS * told.room_changed
            + CREATOR_COSTS * creators
            + SHOW_COSTS * (told.shows - 1)
        )
        return weight, self.kind


def moved(subject: Subject, to: Subject) -> Subject:
    """A show that starts when another one does, and lasts as long as before."""
    return replace(subject, start=to.start, end=to.start + (subject.end - subject.start))
