"""The command `init`: write a configuration from what the target's list of policies shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import Seconds, login_options
from conformance.cli.output import end
from conformance.errors import UsageError


@click.command("init", context_settings={"auto_envvar_prefix": "CSBS"})
@click.option("--endpoint", metavar="URL", help="Where the service is.")
@click.option("--project-id", metavar="ID", help="Project of the token.")
@click.option("--plan-id", metavar="ID", help="The policy to take. Default: the only one, or ask.")
@click.option("--resource", metavar="ID", multiple=True, help="A server of the policy to take. "
              "Default: all that the list has.")  # fmt: skip
@login_options
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              default=Path("csbs.toml"), show_default=True)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--timeout", type=Seconds(), default=10.0, show_default=True,
              help="Seconds for one exchange.")  # fmt: skip
@click.option("--proxy", metavar="URL")
@click.option("--ca-bundle", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--client-cert", type=click.Path(path_type=Path), metavar="FILE",
              help="PEM, with its key.")  # fmt: skip
@click.option("--insecure", is_flag=True, help="Do not check the certificate.")
def command(**options: Any) -> None:
    """Write a configuration: endpoint, project, policy and its servers.

    Asks the target for its list of policies, and on a terminal you for what is not given. Then it
    tries the file with one request that must be refused. No token is asked for or written.
    """
    from conformance.cli.run import command as run
    from conformance.init.command import init
    from conformance.init.settable import settables

    asks = sys.stdin.isatty() and sys.stderr.isatty()
    code = init(options, click.echo, _asked if asks else None, tuple(settables(run.params)))
    end(code)


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
