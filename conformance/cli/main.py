"""The command `csbs-conformance`: its subcommands, and what becomes of their errors.

A subcommand is imported when it is asked for, and imports what is heavy when it runs, so that
`--help` answers at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from conformance import __version__
from conformance.cli import output
from conformance.errors import UsageError
from conformance.garbage import look_seldom
from conformance.run import crash

PROGRAM: Final = "csbs-conformance"
USAGE: Final = 2
COMMANDS: Final = (
    "init",
    "run",
    "campaign",
    "delete",
    "plan",
    "clauses",
    "compare",
    "contract",
    "docs",
    "emulator",
    "judge",
    "show",
    "diff",
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the first word names, and the words behind it."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(name, COMMANDS, 1)
            hint = f"did you mean {near[0]}?" if near else f"{PROGRAM} --help lists them"
            raise click.UsageError(f"No such command {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the options that stand before the subcommand."""
        with expected_errors_only():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with expected_errors_only():
            return super().invoke(ctx)


@contextmanager
def expected_errors_only() -> Iterator[None]:
    """Turn what a user can mend into an error of click's, and what nobody expected into a Crash.

    Click itself ends the process for some errors, with codes that are verdicts here.
    """
    try:
        yield
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    except (click.ClickException, click.exceptions.Exit, click.Abort, crash.Crash):
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise crash.Crash(error) from error


def told(error: click.ClickException) -> str:
    """The message of an error in one line that steers no terminal and repeats no token."""
    from conformance.text import shorten, visible_line

    message = error.format_message()
    if message.startswith(SURPLUS):
        message = f"{SURPLUS}; a value stands behind the name of its option: see --help"
    return visible_line(shorten(crash.without_secrets(message), LONGEST))


def entry() -> NoReturn:
    """The command `csbs-conformance`. Exits with the code of the command."""
    look_seldom()
    output.install()
    try:
        with expected_errors_only():
            code = main(prog_name=PROGRAM, standalone_mode=False)
            output.check(code)
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except click.ClickException as error:
        output.complain(f"{PROGRAM}: {told(error)}")
        code = USAGE
    except crash.Crash as error:
        output.complain(crash.told(error))
        code = crash.EX_SOFTWARE
    gc.freeze()  # what is left need not be looked through for cycles
    sys.exit(code)


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def main(context: click.Context) -> None:
    """Test implementations against the CSBS page "Executing a Backup Policy", line by line.

    Exit codes: 0 conforms, 1 violates, 2 wrong use, 3 inconclusive, 70 a fault of this program,
    129, 130 and 143 interrupted.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(USAGE)
