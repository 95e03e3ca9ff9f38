"""The read tables a second time, in the schema `aside`, so that they can be filled from the log while the
application works on the ones in `read`. Which columns, constraints, indexes and grants is asked of the
database: there is one definition of the tables, in `migrations/`."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

INSIDE: Final[LiteralString] = "SET LOCAL search_path = aside, read, log, public"
"""Makes the statements of the projections, and the functions they call, mean the tables aside."""

_FILLED_FIRST: Final = ("p", "x")
"""Constraints that filling itself relies on: primary keys and exclusion; the others come after, in bulk."""

_INDEXED_FIRST: Final[dict[str, LiteralString]] = {
    "occupancy_holder": "occupancy (holder_id)",
    "shows_schedule": "shows (schedule_id, starts_at)",
    "published_shows_schedule": "published_shows (schedule_id, starts_at)",
}
"""Indexes that the projections' own statements look things up by."""

_CONSTRAINTS: Final[LiteralString] = """
    SELECT t.relname, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = 'read'::regnamespace AND t.relname = ANY (%s) AND c.contype = ANY (%s)
    ORDER BY t.relname, c.conname
"""
_INDEXES: Final[LiteralString] = """
    SELECT pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'read'::regnamespace AND t.relname = ANY (%s)
      AND NOT EXISTS (
          SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
      )
    ORDER BY i.indexrelid
"""
_GRANTS: Final[LiteralString] = """
    SELECT format('GRANT %%s ON aside.%%I TO %%s', a.privilege_type, t.relname,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
    WHERE t.relnamespace = 'read'::regnamespace AND t.relname = ANY (%s) AND a.grantee <> t.relowner
    UNION ALL
    SELECT format('ALTER TABLE aside.%%I OWNER TO %%I', t.relname, pg_get_userbyid(t.relowner))
    FROM pg_class t
    WHERE t.relnamespace = 'read'::regnamespace AND t.relname = ANY (%s)
      AND pg_get_userbyid(t.relowner) <> current_user
"""
_NO_LOCKS: Final[LiteralString] = (
    "CREATE FUNCTION aside.lock_resources(p_resource text[]) RETURNS void LANGUAGE sql AS ''"
)
"""Replay is alone with its tables: taking the locks of live rooms would only stop the application."""


def create(connection: Connection[Any], tables: Sequence[str], *, lasting: bool) -> None:
    """Empty tables with what filling needs. Those that don't last are not written ahead."""
    clear(connection)
    connection.execute("CREATE SCHEMA aside")
    connection.execute(_NO_LOCKS)
    kind = SQL("TABLE" if lasting else "UNLOGGED TABLE")
    for table in tables:
        connection.execute(
            SQL("CREATE {} aside.{} (LIKE read.{} INCLUDING ALL EXCLUDING INDEXES)").format(
                kind, Identifier(table), Identifier(table)
            )
        )
    _add_constraints(connection, tables, _FILLED_FIRST)
    for index, columns in _INDEXED_FIRST.items():
        connection.execute(SQL("CREATE INDEX {} ON aside.{}").format(Identifier(index), SQL(columns)))


def finish(connection: Connection[Any], tables: Sequence[str]) -> None:
    """All else that the tables in `read` have, under the same names; from here on, constraints speak."""
    _add_constraints(connection, tables, ("u",))
    with connection.transaction():
        connection.execute("SET LOCAL search_path = pg_catalog")
        indexes = [row[0] for row in connection.execute(_INDEXES, (list(tables),))]
    for definition in indexes:
        if not any(f" INDEX {index} " in definition for index in _INDEXED_FIRST):
            _run(connection, definition.replace(" ON read.", " ON aside.", 1))
    _add_constraints(connection, tables, ("f",))
    for row in connection.execute(_GRANTS, (list(tables), list(tables))).fetchall():
        _run(connection, row[0])


def switch(connection: Connection[Any], tables: Sequence[str]) -> None:
    """Puts the tables aside in place of those in `read`, which wait in `retired` to be dropped."""
    connection.execute("CREATE SCHEMA retired")
    for source, target in (("read", "retired"), ("aside", "read")):
        for table in tables:
            connection.execute(
                SQL("ALTER TABLE {}.{} SET SCHEMA {}").format(
                    Identifier(source), Identifier(table), Identifier(target)
                )
            )


def clear(connection: Connection[Any]) -> None:
    """Drops what is left over."""
    connection.execute("DROP SCHEMA IF EXISTS retired CASCADE")
    connection.execute("DROP SCHEMA IF EXISTS aside CASCADE")


def _add_constraints(connection: Connection[Any], tables: Sequence[str], kinds: Sequence[str]) -> None:
    with connection.transaction():
        # Nothing on the path, so that every table in a definition is spelled with its schema.
        connection.execute("SET LOCAL search_path = pg_catalog")
        found = connection.execute(_CONSTRAINTS, (list(tables), list(kinds))).fetchall()
    for table, name, definition in found:
        constraint = SQL("ALTER TABLE aside.{} ADD CONSTRAINT {} ").format(
            Identifier(table), Identifier(name)
        )
        _run(connection, constraint, definition.replace(" REFERENCES read.", " REFERENCES aside."))


def _run(connection: Connection[Any], *parts: Composed | str) -> None:
    """A statement that the database itself spelled out."""
    texts = [part if isinstance(part, str) else part.as_string(connection) for part in parts]
    connection.execute("".join(texts).encode())
