"""Who may do what, in the words of SPEC 9: one studio, and clients that are bounded to what is theirs."""

from dataclasses import dataclass, field
from typing import Final

DEFAULTS: Final = {
    ("planning", "manager"): False,
    ("planning", "planner"): False,
    ("client_changes", "client_approver"): False,
    ("client_approval", "client_approver"): True,
}
"""The features, for whom, and whether each is on in a new database."""


class Refused(Exception):
    """The contract says no, with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Person:
    """`here` is the role in the studio of the plans, `there` in another one; `client` the one that `role` is
    for."""

    id: str
    here: str = ""
    client: str | None = None
    role: str = ""
    there: str = ""

    @property
    def bounded(self) -> bool:
        """With only client memberships, all others' rows are not there."""
        return self.client is not None and not self.here

    def sees(self, client: str | None) -> bool:
        """Whether what is that client's, or nobody's, is there."""
        return not self.bounded or client == self.client


@dataclass
class People:
    """Everybody by name, the features that are on, and the contract's table as questions."""

    by_name: dict[str, Person] = field(default_factory=dict[str, Person])
    features: dict[tuple[str, str], bool] = field(default_factory=lambda: dict(DEFAULTS))

    def admin(self, who: str) -> bool:
        return self.by_name[who].here == "admin"

    def plans(self, who: str, _: str | None = None) -> bool:
        return self.admin(who) or self.features.get(("planning", self.by_name[who].here), False)

    def plans_somewhere(self, who: str, _: str | None = None) -> bool:
        """Where nothing says in which studio."""
        return self.plans(who) or self.features.get(("planning", self.by_name[who].there), False)

    def manages(self, who: str, _: str | None = None) -> bool:
        return self.admin(who) or (self.by_name[who].here == "manager" and self.plans(who))

    def approves_for(self, who: str, client: str | None) -> bool:
        return self.admin(who) or (
            self._approver(who, client) and self.features["client_approval", "client_approver"]
        )

    def asks(self, who: str, client: str | None) -> bool:
        """For a change."""
        return self.plans(who) or (
            self._approver(who, client) and self.features["client_changes", "client_approver"]
        )

    def comments(self, who: str, client: str | None) -> bool:
        return self.plans(who) or self._approver(who, client)

    def admit(self, who: str, may: str, client: str | None = None, *, of_client: bool = True) -> None:
        """At the door: what isn't theirs is not there for a bounded user; then whether they may."""
        if of_client and not self.by_name[who].sees(client):
            raise Refused("not_found")
        if not getattr(self, may)(who, client) if may != "admin" else not self.admin(who):
            raise Refused("forbidden")

    def _approver(self, who: str, client: str | None) -> bool:
        person = self.by_name[who]
        return person.role == "client_approver" and client is not None and client == person.client
