"""The command `callboard`. What a sub-command needs is imported when it runs, so that `--help` and the
audit start fast; each family of sub-commands is a module of this package.

Exit status: 0 done (conflicts found are still 0), 1 refused, drift or a broken chain, 2 wrong usage.
"""

import importlib
import os
import sys
from typing import Any, Final

import click
from rich_click import RichGroup

from api.cli.options import options

_COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "serve": ("api.cli.serve:serve", "Serve the API."),
    "demo": ("api.cli.serve:demo", "Serve the API with a demo month loaded."),
    "import": ("api.cli.files:import_file", "Take a planner's CSV file in, or see what it would do."),
    "imports": ("api.cli.imports:imports", "List the runs of imports, and take one back."),
    "export": ("api.cli.files:export", "Give shows back out as CSV."),
    "user": ("api.cli.users:user", "Create and list users."),
    "token": ("api.cli.users:token", "Print a bearer token."),
    "audit": ("api.cli.audit:audit", "Who did what, when and why; replay it; verify it."),
    "projections": ("api.cli.projections:projections", "List, rebuild and verify the read tables."),
    "db": ("api.cli.db:db", "Migrate the database, or see where it stands."),
    "bench": ("api.bench.command:bench", "Measure this installation."),
}
"""Name -> where the command is, and its line in the help."""


_INTERRUPTED: Final = 130
"""What a shell makes of Ctrl-C."""


class LazyGroup(RichGroup):
    """Shows its commands from the table above and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command's line for the help; `resolve_command` is asked for the real thing."""
        if cmd_name not in _COMMANDS:
            return None
        return click.Command(cmd_name, short_help=_COMMANDS[cmd_name][1])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Imports the command that is about to run."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            module, _, attribute = _COMMANDS[name][0].partition(":")
            command = getattr(importlib.import_module(module), attribute)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what it was refused for becomes one line on standard error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough (`| head`): that is no failure.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from api.cli.refusals import refusal  # noqa: PLC0415 - knows every library's errors

            if (known := refusal(error)) is None:
                raise
            click.echo(f"callboard: {known.line}", err=True)
            ctx.exit(known.status)
        return result


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib import metadata  # noqa: PLC0415 - slow, and seldom wanted

    try:
        click.echo(f"callboard {metadata.version('callboard')}")
    except metadata.PackageNotFoundError:
        click.echo("callboard, from a checkout")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@options
def main() -> None:
    """Plan shows in studios: drafts, versions, bookings that cannot clash, a history that can be replayed.

    Exit status: 0 done, 1 refused (or drift, or a broken chain), 2 wrong usage.
    """
