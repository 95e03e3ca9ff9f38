"""When a studio's plans changed: the moments that one can go back to."""

from datetime import UTC, datetime
from typing import Any, Final, LiteralString

from psycopg import Connection

_MOMENTS: Final[LiteralString] = (
    "SELECT DISTINCT e.at FROM schedules s JOIN callboard_events e ON e.originator_id = s.id"
    " WHERE s.studio_id = %(studio)s"
    " AND (%(clients)s::text[] IS NULL OR s.client_id = ANY (%(clients)s) AND e.topic = 'VersionNumbered')"
    " ORDER BY e.at DESC LIMIT %(limit)s"
)


def newest(
    connection: Connection[Any], studio_id: str, clients: tuple[str, ...] | None, limit: int
) -> list[datetime]:
    """The last so many moments at which something of a studio's plans was decided, oldest first; to users of
    these clients those of their plans' versions."""
    asked = {"studio": studio_id, "clients": None if clients is None else list(clients), "limit": limit}
    return [row[0].astimezone(UTC) for row in connection.execute(_MOMENTS, asked)][::-1]
