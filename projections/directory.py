"""What imports and exports ask of the read tables (`domain.importing.running.Lookups`): a few queries for a
file, none for a row."""

from collections.abc import Iterable
from typing import Any, Final, LiteralString

from psycopg import Connection

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
