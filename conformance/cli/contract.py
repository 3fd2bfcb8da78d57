"""The command `contract`: the contract itself."""

from __future__ import annotations

import sys

import click


@click.command("contract")
def command() -> None:
    """Print openapi.yaml."""
    from conformance.contract import load_contract

    sys.stdout.buffer.write(load_contract().text)
