"""Where whoever imports may plan. Rows for elsewhere are refused one by one, and what is elsewhere is left as
it is, whatever the file says. The edges know who asks; here it is a question about a studio and a client."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from domain.access import NEEDS, Action
from domain.errors import Forbidden
from domain.schedule.state import Schedule

CODE: Final = "may_not_plan"
"""Of the error of a row for a studio where the actor may not plan."""
SAID: Final = "you may not plan in this studio: its planners or an administrator import this line"
OTHER: Final = "the show is there already, in a studio where you may not plan"


class Reach(Struct, frozen=True):
    """`plans`: whether the actor may plan in that studio, for that client or none. `writes`: whether
    reference rows may be made too, and deleted again."""

    plans: Callable[[str, str | None], bool]
    writes: bool

    def has(self, schedule: Schedule) -> bool:
        """Whether the actor may plan in that schedule."""
        return self.plans(schedule.studio_id, schedule.client_id)

    def check_creating(self) -> None:
        """Raises Forbidden unless missing rows may be made."""
        if not self.writes:
            raise Forbidden(
                "Only a system administrator may create what is missing: import without create_missing, and"
                " rows with unknown names are listed as errors.",
                needs=NEEDS[Action.WRITE],
            )

    def check(self, schedule: Schedule) -> None:
        """Raises Forbidden unless the actor may plan in that schedule."""
        if not self.has(schedule):
            needs = NEEDS[Action.PLAN]
            raise Forbidden(f"This needs {needs}, in every studio that it touches.", needs=needs)


EVERYWHERE: Final = Reach(lambda _studio_id, _client_id: True, writes=True)
"""An administrator's."""
