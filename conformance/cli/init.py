"""The command `init`: write a configuration from what the target's list of policies shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.cli.output import end
from conformance.errors import UsageError
from conformance.run.options import Front
from conformance.run.reading import takes

HELPS = {
    "endpoint": "Where the service is.",
    "plan_id": "The policy to take. Default: the only one, or ask.",
    "resource": "A server of the policy to take. Default: all that the list has.",
}


@click.command("init", context_settings={"auto_envvar_prefix": "CSBS"})
@takes(Front.INIT, helps=HELPS)
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              default=Path("csbs.toml"), show_default=True)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(**options: Any) -> None:
    """Write a configuration: endpoint, project, policy and its servers.

    Asks the target for its list of policies, and on a terminal you for what is not given. Then it
    tries the file with one request that must be refused. No token is asked for or written.
    """
    from conformance.init.command import init

    asks = sys.stdin.isatty() and sys.stderr.isatty()
    end(init(options, click.echo, _asked if asks else None))


def _asked(question: str, check: Callable[[str], str], default: str | None = None) -> str:
    """What the user answers, once `check` takes it; where it does not, it is said why."""

    def read(text: str) -> str:
        try:
            return check(text.strip())
        except UsageError as error:
            raise click.UsageError(str(error)) from None

    answer: str = click.prompt(
        question, default, value_proc=read, show_default=bool(default), err=True
    )
    return answer
