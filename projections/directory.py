"""What imports and exports ask of the read tables (`domain.importing.running.Lookups`): a few queries for a
file, none for a row."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, LiteralString

import msgspec
from psycopg import Connection

from domain.importing.doubting import Candidate
from domain.importing.names import Known
from domain.importing.running import Sought

_KNOWN: Final[LiteralString] = """
    SELECT 'studio', id, name, deleted_at IS NULL, NULL, time_zone, day_start, '' FROM studios
    UNION ALL SELECT 'client', id, name, deleted_at IS NULL, NULL, '', '', '' FROM clients
    UNION ALL SELECT 'room', id, name, deleted_at IS NULL, studio_id, '', '', '' FROM rooms
    UNION ALL SELECT 'creator', id, name, deleted_at IS NULL, NULL, '', '', '' FROM creators
    UNION ALL SELECT 'platform', id, name, deleted_at IS NULL, NULL, '', '', '' FROM platforms
    UNION ALL SELECT 'shtype', id, name, deleted_at IS NULL, NULL, '', '', key FROM show_types
    UNION ALL SELECT 'shstd', id, name, deleted_at IS NULL, NULL, '', '', key FROM show_standards
"""

_SCHEDULES: Final[LiteralString] = """
    SELECT s.schedule_id FROM shows s WHERE s.id = ANY (%s) AND s.deleted_at IS NULL
    UNION
    SELECT s.schedule_id FROM unnest(%s::text[], %s::text[]) AS q (owner, external_id)
    JOIN shows s ON coalesce(s.client_id, s.studio_id) = q.owner AND s.external_id = q.external_id
    WHERE s.deleted_at IS NULL
    UNION
    SELECT s.schedule_id FROM unnest(%s::text[], %s::text[]) AS q (owner, name)
    JOIN shows s ON coalesce(s.client_id, s.studio_id) = q.owner AND s.name = q.name
    WHERE s.deleted_at IS NULL AND s.external_id IS NULL
    UNION
    SELECT c.id FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[]) AS q (client, studio, first, last)
    JOIN schedules c ON c.studio_id = q.studio AND c.client_id IS NOT DISTINCT FROM q.client
                    AND c.start_date = q.first AND c.end_date = q.last
    WHERE c.kind = 'plan' AND c.deleted_at IS NULL
"""

_ABOUT: Final[LiteralString] = """
    WITH asked AS (SELECT unnest(%s::text[]) AS id), row AS (
        SELECT id, name, created_at,
               json_build_object('alias', alias, 'banned', nullif(is_banned, false)) AS about
        FROM creators JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at,
               json_build_object('contact_person', contact_person, 'contact_email', contact_email)
        FROM clients JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, json_build_object('address', address, 'time_zone', time_zone)
        FROM studios JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, json_build_object('capacity', capacity) FROM rooms JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, '{}' FROM platforms JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, json_build_object('key', key) FROM show_types JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, json_build_object('key', key) FROM show_standards JOIN asked USING (id)
        UNION ALL
        SELECT id, name, created_at, json_build_object('status', status) FROM schedules JOIN asked USING (id)
    ), used AS (
        SELECT creator_id AS id, show_id FROM show_creators JOIN asked ON creator_id = asked.id
        UNION ALL SELECT platform_id, show_id FROM show_platforms JOIN asked ON platform_id = asked.id
        UNION ALL SELECT client_id, s.id FROM shows s JOIN asked ON client_id = asked.id
        UNION ALL SELECT studio_id, s.id FROM shows s JOIN asked ON studio_id = asked.id
        UNION ALL SELECT room_id, s.id FROM shows s JOIN asked ON room_id = asked.id
        UNION ALL SELECT schedule_id, s.id FROM shows s JOIN asked ON schedule_id = asked.id
    ), summed AS (
        SELECT used.id, count(*) AS shows, min(s.operational_day) AS first, max(s.operational_day) AS last,
               array_agg(DISTINCT t.name) AS studios,
               array_agg(DISTINCT c.name) FILTER (WHERE c.name IS NOT NULL) AS clients
        FROM used
        JOIN shows s ON s.id = used.show_id AND s.deleted_at IS NULL
        JOIN studios t ON t.id = s.studio_id
        LEFT JOIN clients c ON c.id = s.client_id
        GROUP BY used.id
    )
    SELECT id, name, created_at, about::text, coalesce(shows, 0), first, last, studios, clients
    FROM row LEFT JOIN summed USING (id)
"""


class Directory:
    """The Lookups of imports, on the read tables."""

    def known(self, connection: Connection[Any]) -> Iterable[Known]:
        """All reference rows that a file may name, deleted ones included."""
        for kind, row_id, name, live, studio_id, time_zone, day_start, key in connection.execute(_KNOWN):
            yield Known(
                kind=kind,
                id=row_id,
                name=name,
                live=live,
                studio_id=studio_id,
                time_zone=time_zone or "UTC",
                day_start=day_start or "06:00",
                key=key,
            )

    def schedules(self, connection: Connection[Any], sought: Sought) -> set[str]:
        """Ids of schedules, not deleted, that hold such shows or are of such a client, studio and month."""
        groups = sorted(sought.groups, key=lambda g: (g.client_id or "", g.studio_id, g.first))
        rows = connection.execute(
            _SCHEDULES,
            (
                list(sought.show_ids),
                *([pair[0] for pair in sought.external], [pair[1] for pair in sought.external]),
                *([pair[0] for pair in sought.plain], [pair[1] for pair in sought.plain]),
                *([g.client_id for g in groups], [g.studio_id for g in groups]),
                *([g.first for g in groups], [g.last for g in groups]),
            ),
        )
        return {row[0] for row in rows}

    def candidates(self, connection: Connection[Any], ids: Collection[str]) -> Mapping[str, Candidate]:
        """What tells these rows and schedules apart, by id."""
        found: dict[str, Candidate] = {}
        for row in connection.execute(_ABOUT, (sorted(ids),)):
            row_id, name, created_at, about, shows, first, last, studios, clients = row
            values = msgspec.json.decode(about, type=dict[str, str | int | bool | None])
            found[row_id] = Candidate(
                id=row_id,
                name=name,
                about={key: str(value) for key, value in values.items() if value not in (None, "")},
                studios=tuple(studios or ()),
                clients=tuple(clients or ()),
                shows=shows,
                first=first,
                last=last,
                created_at=created_at,
            )
        return found
