"""The command `docs`: reference documentation from the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("docs")
@click.option("--format", "form", type=click.Choice(["markdown", "html"]),
              help="Default: as --output ends, or else markdown.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              help="Default: standard output.")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path), metavar="PATH",
              help="A report.json, or its directory: show its verdicts.")  # fmt: skip
def command(**options: Any) -> None:
    """Write reference documentation made from openapi.yaml."""
    from conformance.docs.command import write_reference

    write_reference(**options)
