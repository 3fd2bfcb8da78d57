"""The command `completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import os
from pathlib import PurePath

import click

from conformance.errors import UsageError

PROGRAM = "csbs-conformance"
VARIABLE = "_CSBS_CONFORMANCE_COMPLETE"
"""Where the script says what it asks; the name is made from that of the program by click."""
SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS), required=False)
def command(shell: str | None) -> None:
    """Print a script that completes commands, options and values: bash, zsh or fish.

    Without a name it is that of SHELL, the variable. Bash and zsh read it with
    eval "$(csbs-conformance completion bash)".
    """
    from click.shell_completion import get_completion_class

    from conformance.cli.main import main

    complete = get_completion_class(shell or _own_shell())
    assert complete is not None
    click.echo(complete(main, {}, PROGRAM, VARIABLE).source().strip())


def _own_shell() -> str:
    """The shell of the user. Raises UsageError for one without a script."""
    name = PurePath(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise UsageError(f"completion: say for which shell: {', '.join(SHELLS)}")
    return name
