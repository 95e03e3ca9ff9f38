"""Which PostgreSQL a process uses: the one it was told, else the embedded one."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from api.postgres import embedded
from api.settings import Settings


@dataclass(frozen=True)
class Addresses:
    """`admin_url` is for migrations, `app_url` for everything else; one and the same on a given server."""

    admin_url: str
    app_url: str


@contextmanager
def database(settings: Settings) -> Generator[Addresses]:
    """Where the database is, for as long as the block lasts; an embedded one is started if nobody runs it
    yet, and stopped if nobody needs it any more. Raises embedded.EmbeddedError."""
    if settings.database_url:
        yield Addresses(settings.database_url, settings.database_url)
        return
    with embedded.server(settings.data_dir / "postgres") as running:
        yield Addresses(running.admin_url, running.app_url)
