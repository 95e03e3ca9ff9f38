"""`callboard user` and `callboard token`: who may come in."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Final

import click
import msgspec
from psycopg.rows import dict_row
from rich_click import RichCommand, RichGroup

from api.cli.options import ADMIN_EMAIL, Duration, options
from api.cli.printing import answer, table
from api.cli.session import acting, opened, user_called
from api.wiring import Callboard
from domain.accounts import set_password
from domain.application import Unit
from domain.errors import Invalid
from domain.registry import deciding
from domain.registry.entities import BY_KIND, NewUser
from domain.registry.row import Row

_LONGEST: Final = timedelta(days=366)


@click.group(cls=RichGroup)
def user() -> None:
    """Create and list users."""


@user.command()
@click.option("--email", required=True, metavar="E")
@click.option("--name", required=True, metavar="N")
@click.option("--admin", is_flag=True, help="May write and administer, not only read.")
@options
def create(email: str, name: str, admin: bool) -> None:
    """Create a user. Prints its id."""
    body = _checked(email, name, admin=admin)

    def work(unit: Unit) -> Row:
        return unit.append_row(None, unit.new_id("user"), deciding.create(BY_KIND["user"], body))

    with opened() as callboard:
        row = callboard.commands.do(acting(callboard, "user.create"), work)
    answer({"id": row.id, "version": row.version, **row.values}, [row.id])


@user.command("list")
@options
def list_users() -> None:
    """All users that were not deleted, by address."""
    with opened() as callboard, callboard.pool.connection() as connection:
        users = (
            connection.cursor(row_factory=dict_row)
            .execute(
                "SELECT id, email, name, is_system_admin, is_banned FROM users"
                " WHERE deleted_at IS NULL ORDER BY lower(email)"
            )
            .fetchall()
        )
    roles = [("banned" if u["is_banned"] else "admin" if u["is_system_admin"] else "") for u in users]
    rows = [(u["email"], u["name"], role, u["id"]) for u, role in zip(users, roles, strict=True)]
    answer({"items": users}, table(("email", "name", "role", "id"), rows))


@user.command()
@click.option("--email", default=ADMIN_EMAIL, show_default=True, metavar="E", help="Whose password.")
@options
def password(email: str) -> None:
    """Set a user's password, asked for or read from standard input. The user's sessions end."""
    from api.web.account.passwords import LONGEST, SHORTEST, hashed  # noqa: PLC0415 - only this command hashes

    given = _secret()
    if not SHORTEST <= len(given) <= LONGEST:
        raise Invalid.field("password", "length", f"needs {SHORTEST} to {LONGEST} characters")
    with opened() as callboard:
        found = user_called(callboard.log, email)
        set_password(callboard.commands, acting(callboard, "user.password"), found.id, hashed(given))
    answer({"id": found.id, "email": email}, [f"{email} signs in with the new password from now on"])


@click.command(cls=RichCommand)
@click.option("--email", default=ADMIN_EMAIL, show_default=True, metavar="E", help="Whose token.")
@click.option("--ttl", type=Duration(), default="1h", show_default=True, help="How long it is good.")
@options
def token(email: str, ttl: timedelta) -> None:
    """Print a bearer token for a user, and nothing else."""
    if ttl > _LONGEST:
        raise click.UsageError("--ttl: a year at most")
    with opened() as callboard:
        issued = token_for(callboard, email, ttl)
    answer({"token": issued, "email": email, "ttl_seconds": int(ttl.total_seconds())}, [issued])


def token_for(callboard: Callboard, email: str, ttl: timedelta) -> str:
    """A bearer token for a user. Raises NotFound, Forbidden for a banned one."""
    from api.http.security import issue_token  # noqa: PLC0415 - loads the web framework

    user = user_called(callboard.log, email)
    return issue_token(callboard.secret, user.id, ttl, datetime.now(UTC))


def link_for(callboard: Callboard, email: str, ttl: timedelta) -> str:
    """The path of a link that signs a browser in as a user. Raises NotFound, Forbidden for a banned one."""
    from api.http.security import LINKS, issue_token  # noqa: PLC0415 - loads the web framework

    user = user_called(callboard.log, email)
    token = issue_token(callboard.secret, user.id, ttl, datetime.now(UTC), audience=LINKS)
    return f"/sign-in/link?token={token}"


def _secret() -> str:
    """A new password: asked for twice on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


def _checked(email: str, name: str, *, admin: bool) -> NewUser:
    try:
        return msgspec.convert({"email": email, "name": name, "is_system_admin": admin}, NewUser)
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at `$.")
        raise Invalid.field(f"--{field.rstrip('`')}", "invalid", what[0].lower() + what[1:]) from None
