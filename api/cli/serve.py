"""`callboard serve` and `callboard demo`: the API, on the embedded PostgreSQL unless another is named."""

import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich_click import RichCommand

from api import serving
from api.app import create_app
from api.cli.options import ADMIN_EMAIL, options
from api.cli.printing import answer_each, progress
from api.cli.session import load_settings, opened
from api.cli.users import link_for, token_for
from api.wiring import Callboard
from seeds import names
from seeds.demo import is_loaded, load_demo

_DEMO_TOKEN: Final = timedelta(days=7)
_WHO: Final = {
    "admin": ADMIN_EMAIL,
    "planner": names.STAFF[0][0],
    "client": names.CLIENT_USERS[0][0],
    "viewer": names.STAFF[2][0],
}
"""Whom the demo signs in, by what they are."""

_host = click.option("--host", metavar="H", help="Where to listen. [env: CALLBOARD_HOST; default: 127.0.0.1]")
_port = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Where to listen; 0 takes a free port. [env: CALLBOARD_PORT; default: 8000]",
)


class Month(click.ParamType[str]):
    """A month such as 2026-05."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself, or a usage error."""
        if not re.fullmatch(r"(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])", str(value)):
            self.fail(f"{value!r} is no month such as 2026-05", param, ctx)
        return str(value)


@click.command(cls=RichCommand)
@_port
@_host
@options
def serve(port: int | None, host: str | None) -> None:
    """Serve the API until Ctrl-C or SIGTERM. Migrates the database first, then prints the URL."""

    def on_ready(url: str) -> None:
        answer_each({"url": url}, lambda: f"Callboard is ready at {url}  (API docs: {url}/schema)")

    serving.serve(load_settings(port=port, host=host), on_ready, create_app)


@click.command(cls=RichCommand)
@click.option("--month", type=Month(), metavar="YYYY-MM", help="Which month to fill. [default: the next]")
@_port
@_host
@options
def demo(month: str | None, port: int | None, host: str | None) -> None:
    """Serve the API with a demo month loaded; print the URL and a bearer token. Loading is done once."""
    settings = load_settings(port=port, host=host)
    # Held while serving, so that the embedded PostgreSQL does not stop and start in between.
    with opened() as callboard:
        _load(callboard, month)
        issued = token_for(callboard, ADMIN_EMAIL, _DEMO_TOKEN)
        links = {who: link_for(callboard, email, _DEMO_TOKEN) for who, email in _WHO.items()}
        callboard.close()

        def on_ready(url: str) -> None:
            whole = {who: url + path for who, path in links.items()}
            document = {
                "url": url,
                "docs": f"{url}/schema",
                "token": issued,
                "email": ADMIN_EMAIL,
                "links": whole,
            }
            answer_each(document, lambda: _welcome(url, issued, whole, settings.data_dir))

        serving.serve(settings, on_ready, create_app)


def _load(callboard: Callboard, month: str | None) -> None:
    """The month that was asked for, by default the next; nothing where a demo month is already."""
    if is_loaded(callboard.commands):
        if month is not None:
            click.echo("A demo month is loaded already; for another, use another --data-dir.", err=True)
        return
    wanted = month or _next_month(datetime.now(UTC))
    click.echo(f"Loading the demo month {wanted} ...", err=True)
    with progress("") as report:
        load_demo(callboard.commands, wanted, report)


def _program() -> str:
    """This command as another terminal finds it, where no environment is active."""
    here = Path(sys.argv[0])
    found = here.name == "callboard" and shutil.which("callboard") is None
    return shlex.quote(str(here.absolute())) if found else "callboard"


def _welcome(url: str, issued: str, links: Mapping[str, str], data_dir: Path) -> str:
    sign_in = "\n".join(f"  {who:8} {link}" for who, link in links.items())
    return f"""
Callboard    {url}
API docs     {url}/schema
Token        {issued}
             for {ADMIN_EMAIL}, good for {_DEMO_TOKEN.days} days

Sign in to the pages, in a browser, as

{sign_in}

Try, in another terminal:

  export TOKEN='{issued}'
  curl -s -H "Authorization: Bearer $TOKEN" '{url}/api/v1/me'
  curl -s -H "Authorization: Bearer $TOKEN" '{url}/api/v1/schedules?status=proposed&limit=3'
  {_program()} --data-dir {shlex.quote(str(data_dir))} audit log --limit 20

Ctrl-C stops it; the data stays.
"""


def _next_month(now: datetime) -> str:
    return f"{now.replace(day=28) + timedelta(days=7):%Y-%m}"
