"""Options that every command takes, before or after its name; and the kinds of values that options have."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

ADMIN_EMAIL: Final = "admin@callboard.local"
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST: Final = timedelta(days=36500)


@dataclass
class Given:
    """What was given for every command. None means: as the environment or the settings file has it."""

    data_dir: Path | None = None
    database_url: str | None = None
    acting: str = ADMIN_EMAIL
    json: bool = False


def options(command: F) -> F:
    """Adds `--data-dir`, `--database-url`, `--as` and `--json`; a command reads them from `Given`."""
    shared = (
        click.option(
            "--data-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            expose_value=False,
            callback=_keep("data_dir"),
            help="Where the embedded database and the token secret live. [env: CALLBOARD_DATA_DIR]",
        ),
        click.option(
            "--database-url",
            metavar="URL",
            expose_value=False,
            callback=_keep("database_url"),
            help="A PostgreSQL to use instead of the embedded one. [env: CALLBOARD_DATABASE_URL]",
        ),
        click.option(
            "--as",
            metavar="EMAIL",
            expose_value=False,
            callback=_keep("acting"),
            help=f"Who acts. [default: {ADMIN_EMAIL}]",
        ),
        click.option(
            "--json",
            is_flag=True,
            default=None,
            expose_value=False,
            callback=_keep("json"),
            help="Print JSON: one document, or one a line for logs.",
        ),
    )
    for option in reversed(shared):
        command = option(command)
    return command


def given() -> Given:
    """The options that every command takes, as this call has them."""
    return click.get_current_context().ensure_object(Given)


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            setattr(ctx.ensure_object(Given), name, value)

    return keep


class Duration(click.ParamType[Any]):
    """`90s`, `15m`, `1h`, `7d`, `2w` as a timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The time span, or a usage error."""
        if isinstance(value, timedelta):
            return value
        found = duration(str(value))
        if found is None:
            self.fail(f"{value!r} is no time span such as 30m, 1h or 7d", param, ctx)
        return found


class Instant(click.ParamType[Any]):
    """A date (its first moment), a date and time, or a time span before now. Without an offset: UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, or a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            if ago := duration(str(value)):
                return datetime.now(UTC) - ago
            moment = datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is neither a moment such as 2026-05-01T10:00Z nor a span such as 2h",
                param,
                ctx,
            )


class Point(click.ParamType[Any]):
    """A point of a stream: an event's number (`12`), or a numbered version of a schedule (`v2`)."""

    name = "point"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself, or a usage error."""
        if not re.fullmatch(r"v?[1-9][0-9]{0,8}", str(value)):
            self.fail(
                f"{value!r} is neither an event's number such as 12 nor a version such as v2", param, ctx
            )
        return str(value)


def duration(text: str) -> timedelta | None:
    """The time span that a text such as `1h` names; None when it names none, or one over a century."""
    match = re.fullmatch(r"([0-9]{1,9})([smhdw])", text.strip())
    span = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else None
    return span if span and span <= _LONGEST else None
