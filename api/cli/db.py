"""`callboard db`: where the database stands, and bringing it up to date."""

import click
from rich_click import RichGroup

import migrations
from api.cli.options import options
from api.cli.printing import answer
from api.cli.session import opened_as_owner
from api.wiring import bring_up_to_date
from migrations import Status


@click.group(cls=RichGroup)
def db() -> None:
    """Migrate the database, or see where it stands."""


@db.command()
@options
def migrate() -> None:
    """Apply the migrations that are pending."""
    with opened_as_owner(migrated=False) as connection:
        applied = bring_up_to_date(connection)
    answer({"applied": applied}, [f"applied {name}" for name in applied] or ["nothing to do"])


@db.command()
@options
def status() -> None:
    """Which migrations the database has, and which it still needs."""
    with opened_as_owner(migrated=False) as connection:
        found: Status = migrations.status(connection)
        server = connection.execute("SHOW server_version").fetchone()
    document = {
        "server_version": server[0] if server else None,
        "applied": found.applied,
        "pending": found.pending,
    }
    lines = [f"PostgreSQL {document['server_version']}"]
    lines += [f"applied  {name}" for name in found.applied]
    lines += [f"pending  {name}" for name in found.pending]
    answer(document, lines)
