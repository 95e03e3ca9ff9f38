"""Plays commands on the application and on the model at once, over HTTP and as anybody, and tells how it
went. What differs afterwards ends the story."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from re import sub
from typing import Any, Final, TypeVar, cast

from litestar import Litestar
from litestar.testing import TestClient
from psycopg import Connection

from domain.registry.entities import NewMembership, NewShowStandard, NewStudio, NewUser
from seeds.reference import ADMIN_ID
from tests.api.conftest import token
from tests.model.plans import Change, Model, Plan, Schedule, Show
from tests.model.roles import People, Person, Refused
from tests.world import MAY, World

T = TypeVar("T")
Json = dict[str, Any]

HOURS: Final = 14
LATE_HOURS: Final = 24
PRESENT: Final = MAY + timedelta(hours=4, minutes=10) - timedelta(hours=LATE_HOURS)
"""A change of a show that starts in the first hours is late."""
_NOWHERE: Final = "(None, 0, [])"
STATUS: Final = {
    "forbidden": 403,
    "not_found": 404,
    "stale": 412,
    "invalid": 422,
    "idempotency_key_reused": 422,
}
"""Of a refusal (SPEC 7); any other is a conflict of state, 409."""


@dataclass
class Step:
    """One command: as whom, which operation on what with which body, what it answers when accepted, and
    what the model makes of it, given the answer (None if it was refused)."""

    who: str
    operation: str
    method: str
    path: str
    modelled: Callable[[Any], object]
    body: Any = None
    status: Sequence[int] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    text: str = ""
    eye: tuple[str, str] = ("admin", "shows")

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(self.text)


class Picks:
    """What one step decides, a small number at a time: the first of anything is the simplest. `which` step of
    the beginning it is, if one; `chosen` is all that was decided so far."""

    def __init__(self, draw: Callable[[int], int], which: int = 0) -> None:
        self._draw, self.which = draw, which
        self.chosen = [which]

    @classmethod
    def again(cls, chosen: Sequence[int]) -> "Picks":
        """The same choices once more; where there are none, or others by now, the simplest."""
        left = iter(chosen[1:])

        def draw(most: int) -> int:
            found = next(left, 0)
            return found if found <= most else 0

        return cls(draw, chosen[0])

    def number(self, most: int) -> int:
        """From nothing to that."""
        self.chosen.append(self._draw(most))
        return self.chosen[-1]

    def one(self, given: Sequence[T]) -> T:
        return given[self.number(len(given) - 1)]

    def chance(self, percent: int) -> bool:
        """In so many of a hundred cases."""
        return self.number(99) >= 100 - percent

    def fitting(self, given: Sequence[T], fits: Callable[[T], object]) -> T:
        """One of these, nine times out of ten one that fits."""
        found = [each for each in given if fits(each)]
        return self.one(given if not found or self.chance(10) else found)


@dataclass
class Met:
    """What became of each operation, and the refusals of an import's rows, over all stories."""

    counted: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    rows: set[str] = field(default_factory=set[str])


class Player:
    """A world and its model. `told` is the story so far. `sure`: nothing is tried that would rather be
    refused."""

    def __init__(
        self,
        world: World,
        connection: Connection[Any],
        http: TestClient[Litestar],
        routes: Mapping[str, tuple[str, str]],
        met: "Met",
    ) -> None:  # fmt: skip
        self.world, self.http, self.routes = world, http, routes
        self.counted, self.rows_met = met.counted, met.rows
        self.connection = connection
        self.told: list[str] = []
        self._words: list[str] = []
        self.sure = False
        self.picks = Picks.again([0])
        world.create("shstd", NewShowStandard(key="hosted", name="Hosted", requires_creator=True))
        minutes = [timedelta(minutes=15 if n == 2 else 0) for n in range(len(world.rooms))]
        self.model = Model(
            {room: (each, each) for room, each in zip(world.rooms, minutes, strict=True)},
            PRESENT + timedelta(hours=LATE_HOURS),
            people=People(self._people()),
        )
        rows = self._rows("SELECT id, feature, user_type FROM features WHERE studio_id IS NULL ORDER BY id")
        self.features = {(feature, role): row_id for row_id, feature, role in rows}
        for (feature, role), row_id in self.features.items():  # Else most of a story is refused.
            world.update("feature", row_id, enabled=True)
            self.model.people.features[feature, role] = True
        self.tokens = {who: token(person.id) for who, person in self.model.people.by_name.items()}

    def _people(self) -> dict[str, Person]:
        world, (acme, bravo) = self.world, self.world.clients
        elsewhere = world.create("studio", NewStudio(name="Berlin", time_zone="Europe/Berlin")).id
        known = {"admin": Person(ADMIN_ID, "admin")}
        wanted: dict[str, tuple[str, str | None, str]] = {
            "manager": ("manager", None, ""),
            "planner": ("planner", None, ""),
            "viewer": ("viewer", None, ""),
            "stranger": ("", None, "manager"),
            "approver": ("", acme, "client_approver"),
            "client viewer": ("", acme, "client_viewer"),
            "other approver": ("", bravo, "client_approver"),
            "both": ("manager", acme, "client_approver"),
        }
        for who, (here, client, role) in wanted.items():
            email = f"{who.replace(' ', '.')}@x.test"
            user = world.create("user", NewUser(email=email, name=who)).id
            if here:
                world.create(
                    "member", NewMembership(user_id=user, studio_id=world.studio, role=cast(Any, here))
                )
            if client:
                world.create("member", NewMembership(user_id=user, client_id=client, role=cast(Any, role)))
            if who == "stranger":
                world.create("member", NewMembership(user_id=user, studio_id=elsewhere, role=cast(Any, role)))
            known[who] = Person(user, here, client, role if client else "", "" if here or client else role)
        return known

    # --- one step

    def play(self, step: Step) -> None:
        """On both sides: they accept or refuse alike, and stand alike afterwards."""
        before = self._versions()
        self.told.append(step.text)
        file = step.body if isinstance(step.body, bytes) else None
        answer = self.http.request(
            step.method,
            step.path,
            headers={"Authorization": f"Bearer {self.tokens[step.who]}", **step.headers},
            content=file,
            json=step.body if file is None else None,
        )
        refused = answer.status_code >= 400
        outcome = answer.json()["code"] if refused else "accepted"
        self.told[-1] += f" -> {answer.status_code} {outcome if refused else ''}".rstrip()
        self.model.who = step.who
        expected = "accepted"
        done: Any = None if refused or not answer.content else answer.json()
        try:
            step.modelled(done)
        except Refused as no:
            expected = no.code
        except (KeyError, TypeError, StopIteration, AssertionError) as error:
            # Without an answer the model can't go on; what it asserts of one tells more than a status.
            if not refused:
                raise AssertionError(self.story(f"the contract says otherwise: {error!r}")) from error
        assert outcome == expected, self.story(f"the contract says {expected}")
        statuses = [STATUS.get(outcome, 409)] if refused else step.status
        assert answer.status_code in statuses, self.story(f"the contract says {statuses}")
        self.counted[step.operation, outcome] += 1
        self._compare(before)
        self._look(*step.eye)

    # --- subjects

    def say(self, *words: object) -> None:
        """More about the command at hand."""
        self._words.extend(str(word) for word in words)

    def begin(self, picks: Picks) -> None:
        """Before a step: where its choices come from."""
        self.picks, self._words = picks, list[str]()

    def step(
        self, operation: str, who: str, modelled: Callable[[Any], object], *ids: object, **more: Any
    ) -> Step:
        """A request of that route, its path filled in order."""
        method, path = self.routes[operation]
        left = iter(ids)
        path = sub(r"\{[^}]*\}", lambda _: str(next(left)), path)
        named = [self.name(str(value)) for value in ids]
        text = " ".join(word for word in (who, operation, *named, *self._words) if word)
        eye = self.picks.one([*self.tokens]), self.picks.one(["shows", "schedules", "changes"])
        path += more.pop("query", "")
        return Step(who, operation, method, path, modelled, text=text, eye=eye, **more)

    def who(self, *fitting: str) -> str:
        """Mostly an administrator, or one of these."""
        if self.sure:
            return "admin"
        people = self.picks.one([("admin",), ("admin",), fitting or ("manager",), tuple(self.tokens)])
        return self.picks.one(people)

    def schedule(self, *fitting: str, deleted: bool = False, client: bool = False) -> Schedule:
        """A plan, mostly in such a status."""
        return self.picks.fitting(
            [plan for plan in self.model.schedules.values() if not plan.single],
            lambda s: s.status in fitting and s.deleted == deleted and (s.client or not client),
        )

    def show(
        self, status: str, *plans: str, removed: bool = False, alone: bool | None = None
    ) -> tuple[Schedule, Show]:
        """Mostly one in such a status, of a schedule in such a one."""
        shows = [(plan, show) for plan in self.model.schedules.values() for show in plan.shows.values()]
        return self.picks.fitting(
            shows,
            lambda f: (
                (f[1].status, f[1].removed) == (status, removed)
                and (not plans or f[0].status in plans)
                and not f[0].deleted
                and alone in {None, f[0].single}
            ),
        )

    def change(
        self, *statuses: str, needs: Sequence[str] = ("client", "studio", "none")
    ) -> tuple[Schedule, Change]:
        """Mostly one in such a status."""
        found = [(plan, change) for plan in self.model.schedules.values() for change in plan.changes.values()]
        return self.picks.fitting(
            found, lambda f: f[1].status in statuses and f[0].status == "confirmed" and f[1].needs in needs
        )

    def plan(self) -> Plan:
        """A show with anything from nothing to everything."""
        picks = self.picks
        start = MAY + timedelta(minutes=30 * picks.number(HOURS * 2 - 1))
        hours = picks.one([1, 1, 2, 0, 25]) if picks.chance(25) else 1
        number = picks.number(len(self.world.creators))
        plan = Plan(
            name=picks.one(["Launch", "Talk"]),
            start=start,
            end=start + timedelta(hours=hours),
            room=picks.one([None, *self.world.rooms]),
            creators=tuple(
                self.world.creators[:number] if picks.chance(30) else self.world.creators[number:][:1]
            ),
            standard="hosted" if picks.chance(10) else "standard",
            external_id=picks.one([None] * 6 + ["SH-1", "SH-2", "SH-3", "SH-4", "SH-5"]),
        )
        self.say(self.shown(plan))
        return plan

    def values(self) -> dict[str, Any]:
        """Some fields of another show."""
        new = self.plan()
        fields = [("room",), ("start", "end"), ("start",), ("end",), ("creators",), ("name", "external_id")]
        names = {name for _ in range(1 + self.picks.chance(30)) for name in self.picks.one(fields)}
        self.say("sets", *sorted(names))
        return {name: getattr(new, name) for name in sorted(names)}

    # --- what the application made

    def fresh(self, table: str, schedule_id: str | None = None) -> list[str]:
        """Ids of rows that the model doesn't know yet, in the order in which they were made."""
        known: Mapping[str, set[str]] = {
            "schedules": {*self.model.schedules},
            "shows": {i for s in self.model.schedules.values() for i in s.shows},
            "changes": {i for s in self.model.schedules.values() for i in s.changes},
        }
        column = "id" if table == "schedules" else "schedule_id"
        rows = self._rows(f"SELECT id FROM {table} WHERE {column} = %s OR %s::text IS NULL", schedule_id)  # noqa: S608
        return sorted(row[0] for row in rows if row[0] not in known[table])

    def made(self, schedule_id: str) -> dict[str, Plan]:
        """The shows of a schedule that the model doesn't know yet."""
        fresh = self.fresh("shows", schedule_id)
        rows = self._rows(
            "SELECT id, name, starts_at, ends_at, room_id, creators, show_standard, external_id, note"
            " FROM shows WHERE schedule_id = %s AND %s::text IS NOT NULL ORDER BY id",
            schedule_id,
        )
        return {row[0]: _plan(row) for row in rows if row[0] in fresh}

    def change_row(self, change_id: str) -> Json:
        """A change as anybody who may see it reads it."""
        headers = {"Authorization": f"Bearer {self.tokens['admin']}"}
        return self.http.get(f"/api/v1/changes/{change_id}", headers=headers).json()

    def _rows(self, sql: Any, value: str | None = None) -> list[Any]:
        return self.connection.execute(sql, (value, value) if "%s" in sql else None).fetchall()

    # --- both sides

    def _versions(self) -> dict[str, tuple[int, Any]]:
        """Each schedule's stream version, and what it is for the model."""
        said = Counter((c.schedule, c.text, c.removed, c.seen) for c in self.model.comments.values())
        return {
            i: (
                version,
                repr(
                    (
                        self.model.schedules.get(i),
                        self.model.touched.count(i),
                        [each for each in said.items() if each[0][0] == i],
                    )
                ),
            )
            for i, version in self._rows("SELECT id, version FROM schedules")
        }

    def _compare(self, before: Mapping[str, tuple[int, Any]]) -> None:
        plans = [*self.model.schedules.values()]
        self._same(
            "schedules: status, versions, deleted, edits, open changes",
            "SELECT s.id, kind = 'single', s.status, current_version, approved_version,"
            " deleted_at IS NOT NULL, has_unversioned_edits OR deleted_at IS NOT NULL,"
            " (SELECT count(*) FROM changes c WHERE c.schedule_id = s.id AND c.status = 'proposed')"
            " FROM schedules s",
            [
                (p.id, p.single, p.status, p.current, p.approved, p.deleted, p.edited or p.deleted, _open(p))
                for p in plans
            ],
        )
        self._same(
            "shows: plan, status, removed",
            "SELECT id, schedule_id, status, deleted_at IS NOT NULL, starts_at, ends_at, room_id,"
            " array_to_string(creators, ' '), external_id FROM shows",
            [
                (
                    *(s.id, p.id, s.status, s.removed, s.plan.start, s.plan.end, s.plan.room),
                    *(" ".join(s.plan.creators), s.plan.external_id),
                )
                for p in plans
                for s in p.shows.values()
            ],
        )
        self._same(
            "versions: number, kind, shows, deleted",
            "SELECT schedule_id, number, kind, show_count, deleted_at IS NOT NULL FROM versions",
            [(p.id, v.number, v.kind, len(v.shows), v.deleted) for p in plans for v in p.versions],
        )
        self._same(
            "changes: status, needs, seen, operations",
            "SELECT id, status, needs, acknowledged_at IS NOT NULL, json_array_length(operations)"
            " FROM changes",
            [
                (c.id, c.status, c.needs, c.acknowledged, len(c.ops))
                for p in plans
                for c in p.changes.values()
            ],
        )
        self._same(
            "comments: text, removed, seen",
            "SELECT id, text, deleted_at IS NOT NULL, acknowledged_at IS NOT NULL FROM comments",
            [(c.id, c.text, c.removed, c.seen) for c in self.model.comments.values()],
        )
        self._same(
            "occupancy: who holds what, when",
            "SELECT resource_id, CASE kind WHEN 'show' THEN holder_id ELSE 'closed' END,"
            " lower(during), upper(during) FROM occupancy",
            self.model.occupancy(),
        )
        for schedule_id, (version, plan) in self._versions().items():
            then = before.get(schedule_id, (0, _NOWHERE))
            assert (version > then[0]) == (plan != then[1]), self.story(
                f"the stream of {self.name(schedule_id)} went from {then[0]} to {version}"
            )

    def _same(self, what: str, sql: str, expected: Any) -> None:
        real, expected = {*self._rows(sql)}, {*expected}
        assert real == expected, self.story(
            f"{what}\nthe application: {self._named(real - expected)}\n"
            f"the contract:    {self._named(expected - real)}"
        )

    def _look(self, who: str, path: str) -> None:
        """What somebody counts: never what is another client's."""
        person = self.model.people.by_name[who]
        seen = [p for p in self.model.schedules.values() if person.sees(p.client)]
        counts = {
            "schedules": sum(not p.single and not p.deleted for p in seen),
            "changes": sum(len(p.changes) for p in seen),
        }
        if not person.bounded:
            counts["shows"] = sum(len(p.live()) for p in seen)
        if path in counts:
            headers = {"Authorization": f"Bearer {self.tokens[who]}"}
            total = self.http.get(f"/api/v1/{path}?limit=1", headers=headers).json()["page"]["total"]
            assert total == counts[path], self.story(f"{who} counts {total} {path}, not {counts[path]}")

    # --- telling

    def story(self, end: str) -> str:
        """All steps so far, with names for ids, and how it ended."""
        return "\n".join(["", *(f"{number:3} {line}" for number, line in enumerate(self.told, 1)), end])

    def _named(self, rows: set[tuple[Any, ...]]) -> list[list[str]]:
        return sorted([self.name(str(value)) for value in row] for row in rows)

    def name(self, value: str) -> str:
        """`plan 2`, `show 7` instead of an id."""
        model = self.model
        named = (
            ("plan", [i for i, s in model.schedules.items() if not s.single]),
            ("own plan", [i for i, s in model.schedules.items() if s.single]),
            ("show", sorted(i for s in model.schedules.values() for i in s.shows)),
            ("change", [i for s in model.schedules.values() for i in s.changes]),
            ("comment", [*model.comments]),
            ("room", self.world.rooms),
            ("creator", self.world.creators),
            ("run", [*model.runs]),
        )
        for word, ids in named:
            if value in ids:
                return f"{word} {ids.index(value) + 1}"
        return value

    def shown(self, plan: Plan) -> str:
        """A show to draft, in a few words."""

        def hour(moment: datetime) -> str:
            return f"{(moment - MAY) / timedelta(hours=1):g}"

        words = [f"{hour(plan.start)}-{hour(plan.end)} h", self.name(plan.room or "no room")]
        words += [self.name(creator) for creator in plan.creators]
        words += [plan.external_id] if plan.external_id else []
        return f"[{', '.join(words)}{', hosted' if plan.standard == 'hosted' else ''}]"


def _plan(row: Sequence[Any]) -> Plan:
    name, start, end, room, creators, standard, external_id, note = row[1:]
    return Plan(name, start, end, room, tuple(creators), standard, external_id, note)


def _open(plan: Schedule) -> int:
    return sum(change.status == "proposed" for change in plan.changes.values())
