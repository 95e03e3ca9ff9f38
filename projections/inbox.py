"""What waits for somebody: proposed versions, changes to decide, changes that a client has yet to note; for
planners what clients decided or said, and shows that were interrupted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from msgspec import Struct
from psycopg import Connection

from projections.comments import BY_CLIENT

Kind = Literal["version", "change", "notice", "rejected", "approved", "interrupted", "comment"]
Needs = Literal["client", "studio", "planner"]

_ITEMS: Final[LiteralString] = f"""
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
    UNION ALL
    SELECT CASE s.status WHEN 'draft' THEN 'rejected' ELSE 'approved' END, s.id, d.at, d.actor_id,
           s.studio_id, s.client_id, 'planner', true
    FROM schedules s CROSS JOIN LATERAL (
        SELECT e.topic, e.at, e.actor_id FROM callboard_events e
        WHERE e.originator_id = s.id AND e.topic IN ('ScheduleProposed', 'VersionApproved', 'VersionRejected',
              'ProposalWithdrawn', 'ScheduleReopened')
        ORDER BY e.originator_version DESC LIMIT 1
    ) d
    WHERE s.deleted_at IS NULL AND s.current_version IS NOT NULL
      AND (s.status, d.topic) IN (('draft', 'VersionRejected'), ('proposed', 'VersionApproved'))
    UNION ALL
    SELECT 'interrupted', h.id, h.updated_at, h.updated_by, h.studio_id, h.client_id, 'planner', true
    FROM shows h WHERE h.status = 'cancelled_pending_resolution' AND h.deleted_at IS NULL
    UNION ALL
    SELECT 'comment', c.id, c.created_at, c.created_by, s.studio_id, s.client_id, 'planner', true
    FROM comments c JOIN schedules s ON s.id = c.schedule_id
    WHERE c.deleted_at IS NULL AND c.acknowledged_at IS NULL
      AND s.deleted_at IS NULL AND s.status IN ('draft', 'proposed', 'confirmed')
      AND {BY_CLIENT}
      AND NOT EXISTS (SELECT FROM comments l WHERE l.subject_id = c.subject_id AND l.deleted_at IS NULL
                      AND (l.created_at, l.id) > (c.created_at, c.id))
      AND NOT EXISTS (SELECT FROM versions v WHERE v.schedule_id = s.id AND v.kind = 'proposed'
                      AND v.created_at > c.created_at)
      AND NOT EXISTS (SELECT FROM changes g WHERE g.id = c.subject_id AND g.decided_at > c.created_at)
"""  # noqa: S608
"""What was applied without asking waits for its client's word that it was seen (SPEC 5). A version that was
sent back waits until the next is proposed, one that was approved until it is booked, what a client said until
somebody answers it or has seen it, proposes a version or decides the change that it is about."""
_WHERE: Final[LiteralString] = """
    WHERE (%(asked_by)s::text IS NOT NULL OR i.open)
      AND (%(asked_by)s::text IS NULL OR (i.by = %(asked_by)s AND i.needs <> 'planner'))
      AND (%(needs)s::text[] IS NULL OR i.needs = ANY (%(needs)s))
      AND (%(id)s::text IS NULL OR i.id = %(id)s)
      AND (%(kind)s::text IS NULL OR i.kind = %(kind)s)
      AND (%(client_id)s::text IS NULL OR i.client_id = %(client_id)s)
      AND (%(clients)s::text[] IS NULL OR i.client_id = ANY (%(clients)s))
      AND (%(studios)s::text[] IS NULL OR i.studio_id = ANY (
               CASE i.needs WHEN 'planner' THEN %(planned)s::text[] ELSE %(studios)s END))
      AND (%(except_by)s::text IS NULL OR i.kind <> 'change' OR i.by <> %(except_by)s)
"""


class InboxFilter(Struct, frozen=True, kw_only=True):
    """Which items: those that meet every condition given. `needs` is whose word is missing, or whose hand.
    With `asked_by` what that user proposed, decided or not; `except_by` leaves out changes that this user
    asked for. `studios` are those where the user decides; what waits for planners is of those `planned`."""

    id: str | None = None
    needs: Collection[Needs] | None = None
    asked_by: str | None = None
    except_by: str | None = None
    kind: Kind | None = None
    client_id: str | None = None
    clients: Collection[str] | None = None
    studios: Collection[str] | None = None
    planned: Collection[str] = ()


class Item(Struct, frozen=True):
    """What waits: `id` of the change, show or comment, or of the schedule whose current version it is about;
    `at` is since when, `by` who asked, decided or said it."""

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
    values = _values(which) | {"at": after and after[0], "last": after and after[1], "limit": limit}
    sql: LiteralString = (
        f"SELECT i.kind, i.id, i.at, i.by FROM ({_ITEMS}) i {_WHERE}"  # noqa: S608
        " AND (%(at)s::timestamptz IS NULL OR (i.at, i.id) < (%(at)s, %(last)s))"
        " ORDER BY i.at DESC, i.id DESC LIMIT %(limit)s"
    )
    return [Item(*row) for row in connection.execute(sql, values, prepare=False)]


def count(connection: Connection[Any], which: InboxFilter) -> int:
    """How many items there are."""
    sql: LiteralString = f"SELECT count(*) FROM ({_ITEMS}) i {_WHERE}"  # noqa: S608
    row = connection.execute(sql, _values(which), prepare=False).fetchone()
    return row[0] if row else 0


def _values(which: InboxFilter) -> dict[str, Any]:
    lists = {name: getattr(which, name) for name in ("needs", "clients", "studios", "planned")}
    given = {name: getattr(which, name) for name in ("id", "asked_by", "except_by", "kind", "client_id")}
    return given | {name: None if value is None else list(value) for name, value in lists.items()}
