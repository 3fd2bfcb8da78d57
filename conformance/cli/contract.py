"""The command `contract`: the contract itself."""

from __future__ import annotations

import sys

import click

from conformance.cli.output import closed_pipe_is_fine


@click.command("contract")
def command() -> None:
    """Print openapi.yaml."""
    from conformance.contract import load_contract

    with closed_pipe_is_fine():
        sys.stdout.buffer.write(load_contract().text)
