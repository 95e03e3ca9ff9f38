"""All that is around shows, in two questions whatever their number: what they name and what else is there,
then who holds or wants it. Both for shows that are not saved yet, and for ways out of conflicts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.conflicts import Claim, Facts, Subject
from domain.suggesting.ground import Home
from domain.suggesting.surroundings import wanted_around
from domain.waivers import Waiver
from projections.claims import claims_on, facts_of
from projections.waivers import by_show, waiver_of

_ASKED: Final[LiteralString] = """
    WITH plan AS MATERIALIZED (
        SELECT * FROM schedules
        WHERE id = ANY (%(schedules)s) OR id IN (SELECT schedule_id FROM shows WHERE id = ANY (%(shows)s))
    ), studio AS MATERIALIZED (
        SELECT unnest(%(studios)s::text[]) AS id UNION SELECT studio_id FROM plan
    )
    SELECT 'room', id, name, studio_id, lead_minutes, turnaround_minutes, deleted_at IS NOT NULL, capacity,
           NULL::json
    FROM rooms
    WHERE id = ANY (%(rooms)s)
       OR (%(around)s AND deleted_at IS NULL AND studio_id IN (SELECT id FROM studio))
    UNION ALL
    SELECT 'creator', id, name, NULL, NULL, NULL, deleted_at IS NOT NULL, is_banned::int, NULL
    FROM creators
    WHERE id = ANY (%(creators)s) OR (%(around)s AND deleted_at IS NULL AND NOT is_banned)
    UNION ALL
    SELECT 'client', id, name, NULL, NULL, NULL, true, NULL, NULL
    FROM clients
    WHERE (id = ANY (%(clients)s) OR id IN (SELECT client_id FROM plan)) AND deleted_at IS NOT NULL
    UNION ALL
    SELECT 'platform', id, name, NULL, NULL, NULL, deleted_at IS NOT NULL, NULL, NULL
    FROM platforms WHERE id = ANY (%(platforms)s)
    UNION ALL
    SELECT 'standard', key, name, NULL, NULL, NULL, false, NULL, NULL
    FROM show_standards WHERE requires_creator
    UNION ALL
    SELECT 'key', key, id, NULL, NULL, NULL, false, NULL, NULL
    FROM show_standards WHERE (id = ANY (%(standards)s) OR key = ANY (%(standards)s)) AND deleted_at IS NULL
    UNION ALL
    SELECT 'plan', id, name, studio_id, NULL, NULL, deleted_at IS NOT NULL, current_version,
           json_build_array(client_id, kind, status, start_date, end_date)
    FROM plan
    UNION ALL
    SELECT 'show', id, name, schedule_id, NULL, NULL, deleted_at IS NOT NULL, version::int, NULL
    FROM shows WHERE id = ANY (%(shows)s)
    UNION ALL
    SELECT 'studio', id, name, NULL, NULL, NULL, false, NULL, json_build_array(time_zone, day_start)
    FROM studios WHERE id IN (SELECT id FROM studio) AND deleted_at IS NULL
    UNION ALL
    SELECT 'waiver', id, show_id, NULL, NULL, NULL, false, NULL,
           json_build_array(id, show_id, code, reason, starts_at, ends_at, room_id, creators, other,
                            resource_id, overlap_start, overlap_end, created_at, created_by)
    FROM waivers WHERE show_id = ANY (%(shows)s) OR other = ANY (%(shows)s)
"""


class Plan(Struct, frozen=True, kw_only=True):
    """What a check asks of a schedule, deleted or not."""

    id: str
    studio_id: str
    client_id: str | None
    kind: str
    status: str
    start_date: date
    end_date: date
    current_version: int | None


class Known(Struct, frozen=True, kw_only=True):
    """What was found of all that was named: `facts` without claims; `live` the ids of rooms, creators and
    platforms that are there; `standards` keys by what was given; `saved` of each show its schedule and
    version; `studios` the zone and day start of each; `waivers` those in force, by show."""

    facts: Facts
    live: frozenset[str]
    standards: Mapping[str, str]
    plans: Mapping[str, Plan]
    saved: Mapping[str, tuple[str, int]]
    studios: Mapping[str, tuple[str, str]]
    waivers: Mapping[str, tuple[Waiver, ...]]


def known(
    connection: Connection[Any],
    now: datetime,
    *,
    rooms: Iterable[str] = (),
    creators: Iterable[str] = (),
    clients: Iterable[str] = (),
    platforms: Iterable[str] = (),
    standards: Iterable[str] = (),
    schedules: Iterable[str] = (),
    shows: Iterable[str] = (),
    studios: Iterable[str] = (),
    around: bool = False,
) -> Known:
    """One query. `around`: also every live room of the studios concerned, and whoever may be booked."""
    given = {
        "rooms": rooms,
        "creators": creators,
        "clients": clients,
        "platforms": platforms,
        "standards": standards,
        "schedules": schedules,
        "shows": shows,
        "studios": studios,
    }
    asked: dict[str, Any] = {name: sorted(set(ids)) for name, ids in given.items()}
    kinds: dict[str, list[Any]] = {}
    for row in connection.execute(_ASKED, asked | {"around": around}):
        kinds.setdefault(row[0], []).append(row)
    reference = [row for kind in ("room", "creator", "client", "standard") for row in kinds.get(kind, ())]
    gone = [row for row in kinds.get("platform", ()) if row[6]]
    named = [*kinds.get("room", ()), *kinds.get("creator", ()), *kinds.get("platform", ())]
    keys = {row[1]: row[1] for row in kinds.get("key", ())} | {row[2]: row[1] for row in kinds.get("key", ())}
    return Known(
        facts=facts_of((row[:8] for row in (*reference, *gone)), now),
        live=frozenset(row[1] for row in named if not row[6]),
        standards=keys,
        plans={row[1]: _plan(row) for row in kinds.get("plan", ())},
        saved={row[1]: (row[3], row[7]) for row in kinds.get("show", ()) if not row[6]},
        studios={row[1]: tuple(row[8]) for row in kinds.get("studio", ())},
        waivers=by_show((waiver_of(row[8]) for row in kinds.get("waiver", ())), asked["shows"]),
    )


def around(
    connection: Connection[Any],
    subjects: Sequence[Subject],
    concerned: Iterable[str],
    homes: Mapping[str, Home],
    now: datetime,
) -> Facts:
    """What ways out for the shows `concerned` of a plan are looked for in. Two queries."""
    found = known(
        connection,
        now,
        rooms={s.room_id for s in subjects if s.room_id},
        creators={c for s in subjects for c in s.creators},
        clients={s.client_id for s in subjects if s.client_id},
        platforms={p for s in subjects for p in s.platforms},
        studios={s.studio_id for s in subjects},
        around=True,
    )
    wanted = wanted_around(concerned, subjects, found.facts, homes)
    return with_claims(connection, found.facts, wanted, subjects)


def with_claims(
    connection: Connection[Any], facts: Facts, wanted: Sequence[Claim], subjects: Sequence[Subject]
) -> Facts:
    """The facts with what others hold or want of all that, in one query."""
    claims = claims_on(connection, wanted, facts.rooms, [subject.id for subject in subjects])
    return replace(facts, claims=claims)


def _plan(row: Sequence[Any]) -> Plan:
    _, plan_id, _, studio_id, _, _, _, version, (client_id, kind, status, first, last) = row
    return Plan(
        id=plan_id,
        studio_id=studio_id,
        client_id=client_id,
        kind=kind,
        status=status,
        start_date=date.fromisoformat(first),
        end_date=date.fromisoformat(last),
        current_version=version,
    )
