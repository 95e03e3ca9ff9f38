"""What waits for somebody: proposed versions, changes to decide, changes that a client has yet to note."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from msgspec import Struct
from psycopg import Connection

Kind = Literal["version", "change", "notice"]

_ITEMS: Final[LiteralString] = """
    SELECT 'version' AS kind, s.id, v.created_at AS at, v.created_by AS by, s.studio_id, s.client_id,
           CASE WHEN s.client_id IS NULL THEN 'studio' ELSE 'client' END AS needs,
           s.approved_version IS DISTINCT FROM s.current_version AS open
    FROM schedules s
    JOIN versions v ON v.schedule_id = s.id AND v.number = s.current_version
    WHERE s.status = 'proposed' AND s.deleted_at IS NULL
    UNION ALL
    SELECT CASE c.needs WHEN 'none' THEN 'notice' ELSE 'change' END, c.id, c.proposed_at, c.proposed_by,
           s.studio_id, s.client_id, CASE c.needs WHEN 'none' THEN 'client' ELSE c.needs END,
           CASE c.needs WHEN 'none' THEN c.acknowledged_at IS NULL ELSE c.status = 'proposed' END
    FROM changes c JOIN schedules s ON s.id = c.schedule_id
    WHERE s.deleted_at IS NULL AND (c.needs <> 'none' OR s.client_id IS NOT NULL)
"""
"""What was applied without asking waits for its client's word that it was seen (SPEC 5)."""
_WHERE: Final[LiteralString] = """
    WHERE (%(asked_by)s::text IS NOT NULL OR i.open)
      AND (%(asked_by)s::text IS NULL OR i.by = %(asked_by)s)
      AND (%(needs)s::text IS NULL OR i.needs = %(needs)s)
      AND (%(kind)s::text IS NULL OR i.kind = %(kind)s)
      AND (%(client_id)s::text IS NULL OR i.client_id = %(client_id)s)
      AND (%(clients)s::text[] IS NULL OR i.client_id = ANY (%(clients)s))
      AND (%(studios)s::text[] IS NULL OR i.studio_id = ANY (%(studios)s))
      AND (%(except_by)s::text IS NULL OR i.kind <> 'change' OR i.by <> %(except_by)s)
"""


class InboxFilter(Struct, frozen=True, kw_only=True):
    """Which items: those that meet every condition given. `needs` is whose word is missing. With `asked_by`
    what that user proposed, decided or not; `except_by` leaves out changes that this user asked for."""

    needs: Literal["client", "studio"] | None = None
    asked_by: str | None = None
    except_by: str | None = None
    kind: Kind | None = None
    client_id: str | None = None
    clients: Collection[str] | None = None
    studios: Collection[str] | None = None


class Item(Struct, frozen=True):
    """What waits: `id` of the change, or of the schedule whose current version is proposed; `at` is since
    when, `by` who asked."""

    kind: Kind
    id: str
    at: datetime
    by: str


def listed(
    connection: Connection[Any],
    which: InboxFilter,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Item]:
    """Items, newest first; `after` is (`at`, `id`) of the last one seen."""
    values = _values(which) | {"at": after and after[0], "id": after and after[1], "limit": limit}
    sql: LiteralString = (
        f"SELECT i.kind, i.id, i.at, i.by FROM ({_ITEMS}) i {_WHERE}"  # noqa: S608
        " AND (%(at)s::timestamptz IS NULL OR (i.at, i.id) < (%(at)s, %(id)s))"
        " ORDER BY i.at DESC, i.id DESC LIMIT %(limit)s"
    )
    return [Item(*row) for row in connection.execute(sql, values, prepare=False)]


def count(connection: Connection[Any], which: InboxFilter) -> int:
    """How many items there are."""
    sql: LiteralString = f"SELECT count(*) FROM ({_ITEMS}) i {_WHERE}"  # noqa: S608
    row = connection.execute(sql, _values(which), prepare=False).fetchone()
    return row[0] if row else 0


def _values(which: InboxFilter) -> dict[str, Any]:
    lists = {"clients": which.clients, "studios": which.studios}
    given = {name: getattr(which, name) for name in ("needs", "asked_by", "except_by", "kind", "client_id")}
    return given | {name: None if value is None else list(value) for name, value in lists.items()}
