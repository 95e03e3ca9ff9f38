"""A studio's board: its rooms, and every show and closure in a window, with what is in each show's way. One
consistent look at the read tables."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString

from msgspec import Struct
from msgspec.structs import asdict, replace
from psycopg import Connection

from domain.application import References
from domain.conflicts import Claim, Facts, Finding, Subject, claims_of, find
from domain.registry.entities import BY_KIND
from domain.schedule.machine import PLANNING
from domain.waivers import Waiver
from projections import booked, published, registry, shows, waivers
from projections.booked import Booked
from projections.shows import ShowFilter, ShowRow

_ROOMS: Final[LiteralString] = (
    "SELECT id FROM rooms WHERE studio_id = %s AND (deleted_at IS NULL OR id = ANY (%s)) ORDER BY name, id"
)
_CLOSURES: Final[LiteralString] = (
    "SELECT c.id FROM room_closures c JOIN rooms r ON r.id = c.room_id"
    ' WHERE r.studio_id = %s AND c."start" < %s AND c."end" > %s AND c.deleted_at IS NULL'
    ' ORDER BY c."start", c.id'
)
_AROUND: Final[LiteralString] = """
    WITH touched AS (
        SELECT id, studio_id, room_id, starts_at, ends_at FROM shows
        WHERE id = ANY (%(shows)s) AND deleted_at IS NULL
    )
    SELECT coalesce(r.id, '') FROM (
        SELECT t.room_id FROM touched t
        WHERE t.studio_id = %(studio)s AND t.starts_at < %(end)s::timestamptz + interval '1 day'
          AND t.ends_at > %(start)s::timestamptz - interval '1 day'
        UNION
        SELECT h.room_id FROM touched t
        JOIN show_creators own ON own.show_id = t.id
        JOIN show_creators other ON other.creator_id = own.creator_id
          AND other.starts_at > t.starts_at - interval '1 day' AND other.starts_at < t.ends_at
          AND other.ends_at > t.starts_at
        JOIN shows h ON h.id = other.show_id
        WHERE h.studio_id = %(studio)s AND h.starts_at < %(end)s AND h.ends_at > %(start)s
    ) found LEFT JOIN rooms r ON r.id = found.room_id AND r.studio_id = %(studio)s
"""
"""The rooms of shows, on the day before and after too, as rooms are held longer than shows are; and those of
shows that want one of their creators at the same time. No show is longer than a day."""
_BESIDE: Final[LiteralString] = """
    SELECT DISTINCT other.show_id FROM show_creators own
    JOIN show_creators other ON other.creator_id = own.creator_id AND other.show_id <> own.show_id
      AND other.starts_at > own.starts_at - interval '1 day' AND other.starts_at < own.ends_at
      AND other.ends_at > own.starts_at
    WHERE own.show_id = ANY (%(shows)s)
"""
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


class Around(Struct, frozen=True):
    """Part of a board: the rows of these rooms, and those that changes of these shows alter."""

    shows: Sequence[str]
    rooms: Collection[str]


class Board(Struct, frozen=True, kw_only=True):
    """`studio`, `rooms` and `closures` as their own resources show them; `booked` is when others hold the
    rooms, told to users who are bounded to clients and don't see these shows; `position` is the newest event
    that this look takes in."""

    studio: Any
    rooms: list[Any]
    shows: list[BoardShow]
    closures: list[Any]
    booked: list[Booked]
    position: int


def look(
    connection: Connection[Any],
    references: References,
    studio: Any,
    window: tuple[datetime, datetime],
    now: datetime,
    *,
    clients: tuple[str, ...] | None = None,
    around: Around | None = None,
) -> Board:
    """The board of a studio's row in a half-open window, by start, then id, of these clients only. Needs a
    connection that is in no transaction. With `around` the part of it that says the same as the whole."""
    start, end = window
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        which = ShowFilter(studio_id=studio.id, start=start, end=end, clients=clients)
        rooms = None if around is None else _rooms_around(connection, around, which)
        drawn = shows.listed(connection, which if rooms is None else replace(which, rooms=tuple(rooms)))
        found = drawn if rooms is None else [*drawn, *_beside(connection, drawn, which)]
        used = sorted({show.room_id for show in drawn if show.room_id})
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
        lines = [
            room
            for room in _rows(connection, "room", _ROOMS, (studio.id, used))
            if rooms is None or room.id in rooms
        ]
        return Board(
            studio=studio,
            rooms=lines,
            shows=named(drawn, conflicts, *_names_of(connection, drawn)),
            closures=_rows(connection, "closure", _CLOSURES, (studio.id, end, start)),
            booked=booked.by_others(connection, [room.id for room in lines], window, clients),
            position=head[0] or 0 if head else 0,
        )


def _rooms_around(connection: Connection[Any], around: Around, which: ShowFilter) -> set[str]:
    rows = connection.execute(
        _AROUND,
        {"shows": list(around.shows), "studio": which.studio_id, "start": which.start, "end": which.end},
    )
    return {*around.rooms, *(row[0] for row in rows)}


def _beside(connection: Connection[Any], drawn: Sequence[ShowRow], which: ShowFilter) -> list[ShowRow]:
    """The shows of other rooms that want the same creators at the same time: what is in the way of some may
    depend on them."""
    ids = [show.id for show in drawn]
    rows = connection.execute(_BESIDE, {"shows": ids})
    others = tuple({row[0] for row in rows}.difference(ids))
    return shows.listed(connection, replace(which, ids=others)) if others else []


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
            **asdict(show),
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
