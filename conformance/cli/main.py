"""The command `csbs-conformance`: its subcommands, and what becomes of their errors.

A subcommand is imported when it is asked for, and imports what is heavy when it runs, so that
`--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Final

import click

from conformance import __version__
from conformance.errors import UsageError

USAGE: Final = 2
COMMANDS: Final = (
    "init",
    "run",
    "campaign",
    "plan",
    "clauses",
    "compare",
    "contract",
    "docs",
    "emulator",
    "judge",
    "attest",
    "verify",
    "prove",
    "completion",
)
"""The subcommands. Each is the object `command` in the module of its name in this package."""
LONGEST: Final = 1000
"""Characters of a message, which may repeat a file."""
SURPLUS: Final = "Got unexpected extra argument"
"""How click begins to tell of words that belong to no option, before it repeats them."""


class Group(click.Group):
    """Finds subcommands by name, and turns what a user can mend into one line and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which `--help` has them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"conformance.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error)) from None


def told(error: click.ClickException) -> str:
    """The message of an error in one line that steers no terminal and repeats no token."""
    from conformance.credentials.placeholders import Secrets
    from conformance.login.environment import DEFAULT_FORBIDDEN_VARIABLE, DEFAULT_TOKEN_VARIABLE
    from conformance.model import Token
    from conformance.text import shorten, visible_line

    message = error.format_message()
    if message.startswith(SURPLUS):
        message = f"{SURPLUS}; a value stands behind the name of its option: see --help"
    variables = {
        Token.GOOD: DEFAULT_TOKEN_VARIABLE,
        Token.FORBIDDEN: DEFAULT_FORBIDDEN_VARIABLE,
    }
    secrets = Secrets({token: os.environ.get(name, "") for token, name in variables.items()})
    return visible_line(shorten(secrets.redact(message), LONGEST))


def entry() -> None:
    """The command `csbs-conformance`. Exits with the code of the command."""
    try:
        sys.exit(main(standalone_mode=False))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"csbs-conformance: {told(error)}", err=True)
        sys.exit(USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(USAGE)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="csbs-conformance")
def main() -> None:
    """Tell which lines of the CSBS page "Executing a Backup Policy" an implementation keeps.

    Exit codes: 0 conforms, 1 violates, 2 wrong use, 3 inconclusive, 130 and 143 interrupted.
    """
