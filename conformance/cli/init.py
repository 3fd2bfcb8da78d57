"""The command `init`: write a configuration from what the target's list of policies shows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import Seconds, login_options
from conformance.cli.output import closed_pipe_is_fine

if TYPE_CHECKING:
    from conformance.init.listing import Listing, Policy


@click.command("init", context_settings={"auto_envvar_prefix": "CSBS"})
@click.option("--endpoint", metavar="URL", help="Where the service is.")
@click.option("--project-id", metavar="ID", help="Project of the token.")
@click.option("--plan-id", metavar="ID", help="The policy to take. Default: the only one, or ask.")
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

    Asks the target for its list of policies. Nothing is executed, and no token is written.
    """
    from conformance.init.command import init

    asks = sys.stdin.isatty() and sys.stderr.isatty()
    with closed_pipe_is_fine():
        init(options, click.echo, _asked if asks else None)


def _asked(listing: Listing) -> Policy:
    """The policy that the user picks from those that were shown."""
    numbers = click.IntRange(1, len(listing.policies))
    number: int = click.prompt("take number", type=numbers, err=True)
    return listing.policies[number - 1]
