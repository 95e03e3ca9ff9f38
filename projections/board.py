"""A studio's board: its rooms, and every show and closure in a window, with what is in each show's way. One
consistent look at the read tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.application import References
from domain.conflicts import Claim, Facts, Finding, Subject, claims_of, find
from domain.registry.entities import BY_KIND
from domain.schedule.machine import PLANNING
from domain.waivers import Waiver
from projections import published, registry, shows, waivers
from projections.shows import ShowFilter, ShowRow

_ROOMS: Final[LiteralString] = (
    "SELECT id FROM rooms WHERE studio_id = %s AND (deleted_at IS NULL OR id = ANY (%s)) ORDER BY name, id"
)
_CLOSURES: Final[LiteralString] = (
    "SELECT c.id FROM room_closures c JOIN rooms r ON r.id = c.room_id"
    ' WHERE r.studio_id = %s AND c."start" < %s AND c."end" > %s AND c.deleted_at IS NULL'
    ' ORDER BY c."start", c.id'
)
_PLANS: Final[LiteralString] = (
    "SELECT h.id, c.id, c.status, CASE c.kind WHEN 'plan' THEN c.start_date END, c.end_date"
    " FROM shows h JOIN schedules c ON c.id = h.schedule_id WHERE h.id = ANY (%s)"
)
_PLANS_PUBLISHED: Final[LiteralString] = (
    "SELECT h.id, c.id, c.status, CASE c.kind WHEN 'plan' THEN c.start_date END, c.end_date"  # noqa: S608
    f" FROM published_shows h JOIN {published.SCHEDULES} c ON c.id = h.schedule_id WHERE h.id = ANY (%s)"
)


_HOLDERS: Final[LiteralString] = (
    "SELECT h.id, c.id, c.name, c.status, c.kind <> 'plan', c.client_id, c.approved_version IS NOT NULL"
    " FROM shows h JOIN schedules c ON c.id = h.schedule_id WHERE h.id = ANY (%s)"
)
_HOLDERS_PUBLISHED: Final[LiteralString] = (
    "SELECT h.id, c.id, c.name, c.status, c.kind <> 'plan', c.client_id, c.approved_version IS NOT NULL"  # noqa: S608
    f" FROM published_shows h JOIN {published.SCHEDULES} c ON c.id = h.schedule_id WHERE h.id = ANY (%s)"
)
_BUSY_WHERE: Final[LiteralString] = (
    " WHERE studio_id = %(studio)s AND deleted_at IS NULL"
    " AND (%(after)s::date IS NULL OR operational_day >= %(after)s)"
    " AND (%(clients)s::text[] IS NULL OR client_id = ANY (%(clients)s))"
    " GROUP BY 1 ORDER BY 1 LIMIT 7"
)
_BUSY: Final[LiteralString] = f"SELECT operational_day, count(*) FROM shows{_BUSY_WHERE}"  # noqa: S608
_BUSY_PUBLISHED: Final[LiteralString] = (
    f"SELECT operational_day, count(*) FROM {published.SHOWS} s{_BUSY_WHERE}"  # noqa: S608
)


class BoardShow(ShowRow, frozen=True, kw_only=True):
    """A show with the names behind its ids and the codes of its conflicts, without those that were waived."""

    client_name: str | None
    creator_names: tuple[str, ...]
    conflicts: tuple[str, ...]


class Holder(Struct, frozen=True):
    """The schedule that holds a show; `single` where it is a standalone show's own, `approved` where the
    client agreed to what is proposed."""

    id: str
    name: str
    status: str
    single: bool
    client_id: str | None
    approved: bool = False


class Board(Struct, frozen=True, kw_only=True):
    """`studio`, `rooms` and `closures` as their own resources show them; `position` is the newest event
    that this look takes in."""

    studio: Any
    rooms: list[Any]
    shows: list[BoardShow]
    closures: list[Any]
    position: int


def look(
    connection: Connection[Any],
    references: References,
    studio: Any,
    window: tuple[datetime, datetime],
    now: datetime,
    *,
    clients: tuple[str, ...] | None = None,
) -> Board:
    """The board of a studio's row in a half-open window, by start, then id, of these clients only. Needs a
    connection that is in no transaction."""
    start, end = window
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = shows.listed(
            connection, ShowFilter(studio_id=studio.id, start=start, end=end, clients=clients)
        )
        used = sorted({show.room_id for show in found if show.room_id})
        head = connection.execute("SELECT max(notification_id) FROM callboard_events").fetchone()
        plans_of = _PLANS if clients is None else _PLANS_PUBLISHED
        plans = {row[0]: row[1:] for row in connection.execute(plans_of, ([show.id for show in found],))}
        conflicts = codes(
            found,
            plans,
            waivers.of_shows(connection, [show.id for show in found]),
            lambda subjects: published.seen_by(
                connection, references.facts(connection, subjects, now), subjects, clients
            ),
        )
        return Board(
            studio=studio,
            rooms=_rows(connection, "room", _ROOMS, (studio.id, used)),
            shows=named(found, conflicts, *_names_of(connection, found)),
            closures=_rows(connection, "closure", _CLOSURES, (studio.id, end, start)),
            position=head[0] or 0 if head else 0,
        )


def holders(
    connection: Connection[Any], show_ids: Sequence[str], clients: tuple[str, ...] | None = None
) -> dict[str, Holder]:
    """The schedule of each of these shows as it is now; users of these clients have its published name."""
    sql = _HOLDERS if clients is None else _HOLDERS_PUBLISHED
    return {row[0]: Holder(*row[1:]) for row in connection.execute(sql, (list(show_ids),))}


def busy_days(
    connection: Connection[Any],
    studio_id: str,
    after: date | None = None,
    clients: tuple[str, ...] | None = None,
) -> list[tuple[date, int]]:
    """The studio's first seven operational days with shows from a day on (None: of all), and how many there
    are."""
    sql = _BUSY if clients is None else _BUSY_PUBLISHED
    asked = {"studio": studio_id, "after": after, "clients": None if clients is None else list(clients)}
    return connection.execute(sql, asked).fetchall()


def _rows(connection: Connection[Any], kind: str, sql: LiteralString, parameters: Sequence[Any]) -> list[Any]:
    ids = [row[0] for row in connection.execute(sql, parameters)]
    return [registry.find(connection, BY_KIND[kind], row_id) for row_id in ids]


def named(
    found: Sequence[ShowRow],
    conflicts: Mapping[str, tuple[str, ...]],
    creators: Mapping[str, str],
    clients: Mapping[str, str],
) -> list[BoardShow]:
    """The shows with the codes of their conflicts, and the names of their creators and clients by id."""
    return [
        BoardShow(
            **{name: getattr(show, name) for name in ShowRow.__struct_fields__},
            client_name=clients.get(show.client_id) if show.client_id else None,
            creator_names=tuple(creators[creator] for creator in show.creators),
            conflicts=conflicts.get(show.id, ()),
        )
        for show in found
    ]


def _names_of(
    connection: Connection[Any], found: Sequence[ShowRow]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    clients = (show.client_id for show in found if show.client_id)
    return (
        _names(connection, "SELECT id, name FROM creators WHERE id = ANY (%s)", _creators(found)),
        _names(connection, "SELECT id, name FROM clients WHERE id = ANY (%s)", clients),
    )


def _creators(found: Sequence[ShowRow]) -> Iterable[str]:
    return (creator for show in found for creator in show.creators)


def _names(connection: Connection[Any], sql: LiteralString, ids: Iterable[str]) -> dict[str, str]:
    return dict(connection.execute(sql, (sorted(set(ids)),)).fetchall())


def codes(
    found: Sequence[ShowRow],
    plans: Mapping[str, Sequence[Any]],
    waived: Mapping[str, tuple[Waiver, ...]],
    facts_of: Callable[[Sequence[Subject]], Facts],
) -> dict[str, tuple[str, ...]]:
    """The codes of each show's conflicts that nobody accepted: the same as its schedule's own list has.
    `plans` has the schedule of each show: its id, status and days of its period; `waived` its waivers."""
    told: dict[str, set[str]] = {}
    for findings in by_plan(found, plans, waived, facts_of).values():
        for finding in findings:
            if not finding.waived:
                told.setdefault(finding.show_id, set()).add(finding.code)
    return {show_id: tuple(sorted(each)) for show_id, each in told.items()}


def by_plan(
    found: Sequence[ShowRow],
    plans: Mapping[str, Sequence[Any]],
    waived: Mapping[str, tuple[Waiver, ...]],
    facts_of: Callable[[Sequence[Subject]], Facts],
) -> dict[str, list[Finding]]:
    """The findings of each schedule that is being planned, as its own list has them where `found` has all of
    its shows. The arguments are those of `codes`."""
    grouped: dict[str, list[Subject]] = {}
    for show in found:
        schedule_id, status, first, last = plans[show.id]
        if status in PLANNING and show.status in {"draft", "confirmed"}:
            period = (first, last) if first else None
            grouped.setdefault(schedule_id, []).append(
                _subject(show, schedule_id, period, waived.get(show.id, ()))
            )
    everyone = [subject for plan in grouped.values() for subject in plan]
    facts = facts_of(everyone)
    wishes = _by_resource(
        claim
        for subject in everyone
        if subject.status == "draft"
        for claim in claims_of(subject, facts.rooms)
    )
    held = _by_resource(facts.claims)
    return {
        schedule_id: find(plan, _seen_by(schedule_id, plan, facts, held, wishes))
        for schedule_id, plan in grouped.items()
    }


def _seen_by(
    schedule_id: str,
    plan: Sequence[Subject],
    facts: Facts,
    held: Mapping[str, list[Claim]],
    wishes: Mapping[str, list[Claim]],
) -> Facts:
    """The facts as one schedule sees them: the others on the board are rivals too."""
    resources = {each for subject in plan for each in (subject.room_id, *subject.creators) if each}
    claims = [
        *(claim for each in sorted(resources) for claim in held.get(each, ())),
        *(
            claim
            for each in sorted(resources)
            for claim in wishes.get(each, ())
            if claim.by.schedule_id != schedule_id
        ),
    ]
    return replace(facts, claims=claims)


def _by_resource(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    grouped: dict[str, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(claim.resource_id, []).append(claim)
    return grouped


def _subject(show: ShowRow, schedule_id: str, period: Any, waived: tuple[Waiver, ...]) -> Subject:
    return Subject(
        id=show.id,
        name=show.name,
        start=show.start,
        end=show.end,
        studio_id=show.studio_id,
        room_id=show.room_id,
        creators=show.creators,
        platforms=tuple(link.platform_id for link in show.platforms),
        show_standard=show.show_standard,
        operational_day=show.operational_day,
        created_at=show.created_at,
        schedule_id=schedule_id,
        client_id=show.client_id,
        status=show.status,
        period=period,
        waivers=waived,
    )
