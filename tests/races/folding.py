"""What a plan must be after a race: the accepted writes, folded in the order of its stream. Each must have
been right just then: this knows the contract, and nothing of the application."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.races.acting import Fields, Sent

FIELDS: Final = (
    *("name", "note", "external_id", "metadata", "show_type", "show_standard", "room_id", "creators"),
    *("status", "version"),
)
SILENT: Final = {"approve", "confirm"}
"""What is accepted without an event when it is so already."""


class Plan:
    """A schedule by its writes. Shows have the fields that the race sets, and their status."""

    def __init__(self, schedule: Fields, shows: Sequence[Fields]) -> None:
        self.status: str = schedule["status"]
        self.version: int | None = schedule["current_version"]
        self.approved: int | None = schedule["approved_version"]
        self.shows: dict[str, Fields] = {show["id"]: {name: show[name] for name in FIELDS} for show in shows}
        self.changes: dict[str, tuple[str, str, Fields, Fields]] = {}
        """Status, show, before and after of each; what cancels has no fields."""
        self.comments: Counter[str] = Counter()
        self.ended: Counter[int] = Counter()
        """Decisions that ended each version's proposal."""
        self.counted: Counter[str] = Counter()

    def fold(self, sent: Sent) -> None:
        """One accepted write that has events."""
        self.counted[sent.what] += 1
        self._steps[sent.what](self, sent)

    def facts(self) -> Fields:
        """What a read of the schedule must say."""
        return {
            "status": self.status,
            "current_version": self.version,
            "approved_version": self.approved,
            "open_changes": sum(status == "proposed" for status, *_ in self.changes.values()),
            "shows": self.shows,
        }

    # --- draft

    def _edit(self, sent: Sent) -> None:
        show = self.shows[sent.on]
        assert (self.status, show["status"]) == ("draft", "draft"), sent
        assert sent.if_match in {None, show["version"]}, f"overwritten: {sent}"
        show |= sent.body
        show["version"] += 1
        assert sent.answer["version"] == show["version"], sent

    def _comment(self, sent: Sent) -> None:
        self.comments[sent.body["text"]] += 1

    # --- agreeing

    def _propose(self, sent: Sent) -> None:
        self._moves("draft", "proposed", sent)
        self.version = (self.version or 0) + 1
        assert sent.answer["current_version"] == self.version

    def _approve(self, sent: Sent) -> None:
        self._moves("proposed", "proposed", sent)
        assert sent.body["version"] == self.version, sent
        self.approved = self.version

    def _reject(self, sent: Sent) -> None:
        assert sent.body["version"] == self.version, sent
        self._withdraw(sent)

    def _withdraw(self, sent: Sent) -> None:
        self._moves("proposed", "draft", sent)
        self.ended[self.version or 0] += 1
        self.approved = None

    def _confirm(self, sent: Sent) -> None:
        assert self.approved == self.version, sent
        self._moves("proposed", "confirmed", sent)
        self.ended[self.version or 0] += 1
        for show in self.shows.values():
            show["status"] = "confirmed"
        self._agreed()

    # --- changes

    def _ask(self, sent: Sent) -> None:
        assert self.status == "confirmed", sent
        (operation,) = sent.answer["operations"]
        after = sent.body["operations"][0].get("set", {})
        before = {name: self.shows[sent.on][name] for name in after}
        said = {name: value for name, value in (operation["before"] or {}).items() if name in before}
        assert said == before, sent
        self.changes[sent.answer["id"]] = ("proposed", sent.on, before, after)

    def _approve_change(self, sent: Sent) -> None:
        _, on, before, after = self._decided("approved", sent)
        show = self.shows[on]
        assert show["status"] == "confirmed", f"approved over what is gone: {sent}"
        assert {name: show[name] for name in before} == before, f"overwritten: {sent}"
        show |= after or {"status": "cancelled"}
        self._agreed()

    def _reject_change(self, sent: Sent) -> None:
        self._decided("rejected", sent)

    def _withdraw_change(self, sent: Sent) -> None:
        self._decided("withdrawn", sent)

    def _cancel_show(self, sent: Sent) -> None:
        assert self.shows[sent.on]["status"] == "confirmed", sent
        self.shows[sent.on]["status"] = "cancelled"
        self._agreed()

    # --- what they share

    def _moves(self, start: str, end: str, sent: Sent) -> None:
        assert self.status == start, f"decided twice: {sent}"
        self.status = end

    def _agreed(self) -> None:
        self.version = (self.version or 0) + 1
        self.approved = self.version

    def _decided(self, status: str, sent: Sent) -> tuple[str, str, Fields, Fields]:
        change = self.changes[sent.on]
        assert change[0] == "proposed", f"decided twice: {sent}"
        self.changes[sent.on] = (status, *change[1:])
        return change

    _steps: Mapping[str, Callable[["Plan", Sent], None]] = {
        "edit": _edit,
        "comments": _comment,
        "propose": _propose,
        "approve": _approve,
        "reject": _reject,
        "withdraw": _withdraw,
        "confirm": _confirm,
        "ask": _ask,
        "approve change": _approve_change,
        "reject change": _reject_change,
        "withdraw change": _withdraw_change,
        "cancel show": _cancel_show,
    }


def in_stream_order(events: Sequence[Mapping[str, Any]], sent: Sequence[Sent]) -> list[Sent]:
    """The writes that history has, in its order: each one together and once, only accepted ones and of those
    all that were not so already."""
    accepted = {each.request_id: each for each in sent if each.accepted}
    order = [event["request_id"] for event in events]
    runs = [name for at, name in enumerate(order) if at == 0 or order[at - 1] != name]
    assert [name for name, times in Counter(runs).items() if times > 1] == [], "not in one piece"
    assert set(runs) - set(accepted) == set(), "in history, but refused"
    lost = [each for name, each in accepted.items() if name not in set(runs) and each.what not in SILENT]
    assert lost == [], f"accepted, but lost: {lost[0]}"
    return [accepted[name] for name in runs]
