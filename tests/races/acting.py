"""What the processes of a race do on one schedule: eight connections of a studio manager, a planner and a
client's approver. Every write is kept with its answer, under a request id that history shows again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Any, Final, Literal, Self

import httpx

Who = Literal["manager", "planner", "client"]

WHO: Final[tuple[Who, ...]] = (
    *("manager", "planner", "client", "manager"),
    *("planner", "client", "manager", "planner"),
)
"""Who the process of each number is."""
EDITS: Final = 3
"""Edits of each kind that a planner's process makes while the plan is a draft."""
SAME, APART, GOES = 0, 1, 2
"""Shows of the plan: everybody sets the same fields; each process a field of its own; one is cancelled."""

Fields = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One write: `what` it was, the show or change that it was `on` ("" the schedule), and its answer."""

    request_id: str
    who: Who
    what: str
    on: str
    body: Any
    if_match: int | None
    status: int
    answer: Any

    @property
    def accepted(self) -> bool:
        """Whether it was done."""
        return self.status < 300


@dataclass(frozen=True, kw_only=True)
class Job:
    """One process's part in one act of a race: who it is, on what."""

    act: str
    name: str
    url: str
    token: str
    number: int
    schedule: str
    shows: list[str]
    rooms: list[str]
    creators: list[str]
    version: int = 0
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Open changes: who decides each."""

    @property
    def who(self) -> Who:
        """Who this process is."""
        return WHO[self.number]


class Connection:
    """One person's connection, which notes what it sent."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.sent: list[Sent] = []
        self._http = httpx.Client(
            base_url=f"{job.url}/api/v1", headers={"Authorization": f"Bearer {job.token}"}, timeout=120
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read(self, path: str) -> Any:
        """A GET that must succeed."""
        answer = self._http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, show: str, fields: Fields, if_match: int | None = None) -> Sent:
        """Edits a draft."""
        return self._write("PATCH", f"/shows/{show}", "edit", show, fields, if_match)

    def do(self, what: str, body: Any = None) -> Sent:
        """A command of the schedule."""
        return self._write("POST", f"/schedules/{self.job.schedule}/{what}", what, "", body or {})

    def ask(self, operation: Fields) -> Sent:
        """Asks for a change of one show."""
        category = "CLIENT_REQUESTED" if self.job.who == "client" else "OPERATIONAL"
        body = {"category": category, "type": "OTHER", "reason": "it races", "operations": [operation]}
        path = f"/schedules/{self.job.schedule}/changes"
        return self._write("POST", path, "ask", operation["show_id"], body)

    def decide(self, change: str, decision: str) -> Sent:
        """Approves, rejects or withdraws a change."""
        return self._write("POST", f"/changes/{change}/{decision}", f"{decision} change", change, {})

    def cancel(self, show: str) -> Sent:
        """Cancels a booking at once."""
        body = {"reason_category": "OTHER", "note": "it is off"}
        return self._write("POST", f"/shows/{show}/cancel", "cancel show", show, body)

    def _write(  # noqa: PLR0917 - all of one request
        self, method: str, path: str, what: str, on: str, body: Any, if_match: int | None = None
    ) -> Sent:
        job = self.job
        request_id = f"{job.schedule}/{job.name}/{job.number}/{len(self.sent)}"
        headers = {"X-Request-Id": request_id}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        answer = self._http.request(method, path, json=body, headers=headers)
        sent = Sent(
            request_id=request_id,
            who=job.who,
            what=what,
            on=on,
            body=body,
            if_match=if_match,
            status=answer.status_code,
            answer=answer.json(),
        )
        self.sent.append(sent)
        return sent


def own_field(job: Job, value: str) -> Fields:
    """The field that is this process's own, with another value for each `value`."""
    odd = sum(value.encode()) % 2
    fields: list[Fields] = [
        {"name": value},
        {"note": value},
        {"external_id": f"{job.schedule}/{value}"},
        {"metadata": {"by": value}},
        {"show_type": ("bau", "campaign")[odd]},
        {"show_standard": ("standard", "premium")[odd]},
        {"room_id": job.rooms[odd]},
        {"creators": [job.creators[odd]]},
    ]
    return fields[job.number]


# --- acts


def draft(here: Connection) -> None:
    """Planners count up on one show, loading it again whenever it moved on, and set a field of their own on
    another without looking; the client comments, and finds no show that it was not shown yet."""
    job = here.job
    same, apart = job.shows[SAME], job.shows[APART]
    for number in range(EDITS):
        if job.who == "client":
            here.do("comments", {"text": f"{job.number}.{number}"})
            here.edit(apart, own_field(job, "not mine"))
            continue
        while True:
            show = here.read(f"/shows/{same}")
            counted: Fields = {
                "metadata": {"edits": show["metadata"].get("edits", 0) + 1},
                "note": f"{show['note']} {job.number}.{number}",
            }
            if here.edit(same, counted, if_match=show["version"]).status != 412:
                break
        here.edit(apart, own_field(job, f"drafted {number}"))


def propose(here: Connection) -> None:
    """Every planner proposes; the client agrees to what it expects to come."""
    if here.job.who == "client":
        here.do("approve", {"version": here.job.version + 1})
    else:
        here.do("propose")


def decide(here: Connection) -> None:
    """The client agrees and rejects, planners withdraw, edit and propose anew."""
    version = {"version": here.job.version}
    _one_of(
        here,
        lambda: here.do("withdraw"),
        lambda: here.do("propose"),
        lambda: here.do("approve", version),
        lambda: here.edit(here.job.shows[GOES], {"note": here.job.name}),
        lambda: here.do("withdraw"),
        lambda: here.do("reject", version | {"reason": "not so"}),
        lambda: here.do("propose"),
        lambda: here.edit(here.job.shows[GOES], {"name": here.job.name}),
    )


def confirm(here: Connection) -> None:
    """An agreed plan is confirmed by some while others withdraw, reject and edit it."""
    version = {"version": here.job.version}
    _one_of(
        here,
        lambda: here.do("confirm"),
        lambda: here.do("confirm"),
        lambda: here.do("approve", version),
        lambda: here.edit(here.job.shows[GOES], {"note": here.job.name}),
        lambda: here.do("withdraw"),
        lambda: here.do("reject", version | {"reason": "after all"}),
        lambda: here.do("confirm"),
        lambda: here.edit(here.job.shows[GOES], {"name": here.job.name}),
    )


def ask(here: Connection) -> None:
    """Everybody asks for another name of one show, a field of their own on another, and to cancel a third
    or to rename it."""
    job = here.job
    same, apart, goes = (job.shows[n] for n in (SAME, APART, GOES))
    here.ask({"op": "update", "show_id": same, "set": {"name": f"Asked by {job.number}"}})
    here.ask({"op": "update", "show_id": apart, "set": _other(here, apart, "asked")})
    if job.number in {0, 5}:
        here.ask({"op": "cancel", "show_id": goes, "reason_category": "OTHER"})
    else:
        here.ask({"op": "update", "show_id": goes, "set": {"note": f"Asked by {job.number}"}})
    if job.who != "client":
        here.edit(same, {"name": "Edited all the same"})


def settle(here: Connection) -> None:
    """The client and the manager decide all that is theirs, each connection in an order of its own; planners
    take some back; one manager cancels a show at once."""
    job = here.job
    random = Random(f"{job.name} {job.number}")  # noqa: S311 - not a secret
    mine = [c for c, needs in job.changes.items() if needs == ("client" if job.who == "client" else "studio")]
    others = list(job.changes)
    random.shuffle(mine)
    if job.number == 3:
        here.cancel(job.shows[GOES])
    if job.who == "planner":
        for change in others[:1]:
            here.decide(change, "withdraw")
        here.edit(job.shows[SAME], {"name": "Edited all the same"})
    for change in [] if job.who == "planner" else mine:
        reject = job.number == 6 and change == min(mine)
        here.decide(change, "reject" if reject else "approve")


ACTS: Final[dict[str, Callable[[Connection], None]]] = {
    act.__name__: act for act in (draft, propose, decide, confirm, ask, settle)
}

_barrier: list[Barrier] = []


def begin(barrier: Barrier) -> None:
    """Once in each process of the pool: what it waits at, so that all act at once."""
    _barrier[:] = [barrier]


def play(job: Job) -> list[Sent]:
    """One process's part in one act."""
    with Connection(job) as here:
        here.read(f"/schedules/{job.schedule}")  # The connection is open when the race begins.
        _barrier[0].wait(60)
        ACTS[job.act](here)
        return here.sent


def _one_of(here: Connection, *parts: Callable[[], Sent]) -> None:
    parts[here.job.number]()


def _other(here: Connection, show: str, value: str) -> Fields:
    """The process's own field with a value that the show doesn't have."""
    now = here.read(f"/shows/{show}")
    first = own_field(here.job, value)
    same = all(now[name] == wanted for name, wanted in first.items())
    return own_field(here.job, value + "!") if same else first
