"""Who may do what (SPEC 9), from a user's memberships and the features that are switched on. Pure: the API
asks it for every request."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct


class Action(StrEnum):
    """What a request wants. `DECIDE` is the client's word on a version or change, `DECIDE_FOR_STUDIO` the
    studio's; `COMMENT` is for those who take part in the planning."""

    READ = "read"
    WRITE = "write"
    PLAN = "plan"
    PROPOSE_CHANGE = "propose_change"
    COMMENT = "comment"
    DECIDE = "decide"
    DECIDE_FOR_STUDIO = "decide_for_studio"
    AUDIT = "audit"


NEEDS: Final[Mapping[Action, str]] = {
    Action.READ: "a role here",
    Action.WRITE: "system_admin",
    Action.PLAN: "system_admin, or manager or planner of the studio with the feature planning",
    Action.PROPOSE_CHANGE: "system_admin, planning in the studio, or client_approver with client_changes",
    Action.COMMENT: "system_admin, planning in the studio, or client_approver of the client",
    Action.DECIDE: "system_admin, or client_approver of the client with the feature client_approval",
    Action.DECIDE_FOR_STUDIO: "system_admin, or manager of the studio with the feature planning",
    Action.AUDIT: "system_admin",
}
"""Who may, in words, for those who may not."""

DEFAULTS: Final[Mapping[tuple[str, str], bool]] = {
    ("planning", "manager"): False,
    ("planning", "planner"): False,
    ("client_changes", "client_approver"): False,
    ("client_approval", "client_approver"): True,
}
"""The features there are, for which user types, and whether each is on in a new database."""


class Membership(Struct, frozen=True, kw_only=True):
    """What a user is in one studio, or for one client."""

    role: str
    studio_id: str | None = None
    client_id: str | None = None


class Switch(Struct, frozen=True, kw_only=True):
    """A feature on or off for a user type; with a studio, only there."""

    feature: str
    user_type: str
    studio_id: str | None = None
    enabled: bool


class Access(Struct, frozen=True, kw_only=True):
    """All that decides what one user may do."""

    is_system_admin: bool = False
    memberships: tuple[Membership, ...] = ()
    switches: tuple[Switch, ...] = ()

    @property
    def clients(self) -> frozenset[str] | None:
        """The clients that the user is bounded to; None for one who sees them all."""
        if self.is_system_admin or not self.memberships:
            return None
        if any(each.client_id is None for each in self.memberships):
            return None
        return frozenset(each.client_id for each in self.memberships if each.client_id)

    def sees(self, client_id: str | None) -> bool:
        """Whether what belongs to that client, or to none, is there for the user."""
        return self.clients is None or client_id in self.clients

    def on(self, feature: str, user_type: str, studio_id: str | None) -> bool:
        """Whether a feature is switched on there: the studio's own switch goes before the general one."""
        ours = {
            s.studio_id: s.enabled for s in self.switches if (s.feature, s.user_type) == (feature, user_type)
        }
        if studio_id is not None and studio_id in ours:
            return ours[studio_id]
        return ours.get(None, DEFAULTS.get((feature, user_type), False))

    def may(self, action: Action, studio_id: str | None = None, client_id: str | None = None) -> bool:
        """Whether the user may do this to something of that studio and client; without a studio, whether
        there is any place where the user may."""
        if action is Action.READ or self.is_system_admin:
            return True
        anywhere = studio_id is None
        return any(
            self._in_studio(each, action, studio_id or each.studio_id)
            if each.studio_id is not None
            else self._for_client(each, action, studio_id)
            for each in self.memberships
            if (anywhere and client_id is None)
            or (each.studio_id is not None and each.studio_id == studio_id)
            or (each.client_id is not None and each.client_id == client_id)
        )

    def _in_studio(self, member: Membership, action: Action, studio_id: str | None) -> bool:
        match action:
            case Action.PLAN | Action.PROPOSE_CHANGE | Action.COMMENT:
                able = member.role in {"manager", "planner"}
            case Action.DECIDE_FOR_STUDIO:
                able = member.role == "manager"
            case _:
                able = False
        return able and self.on("planning", member.role, studio_id)

    def _for_client(self, member: Membership, action: Action, studio_id: str | None) -> bool:
        if member.role != "client_approver":
            return False
        match action:
            case Action.COMMENT:
                return True
            case Action.DECIDE:
                return self._on_somewhere("client_approval", studio_id)
            case Action.PROPOSE_CHANGE:
                return self._on_somewhere("client_changes", studio_id)
            case _:
                return False

    def _on_somewhere(self, feature: str, studio_id: str | None) -> bool:
        if studio_id is not None:
            return self.on(feature, "client_approver", studio_id)
        places: set[Any] = {None, *(each.studio_id for each in self.switches)}
        return any(self.on(feature, "client_approver", place) for place in places)
