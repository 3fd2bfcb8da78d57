"""The command `docs`: reference documentation from the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("docs")
@click.option("--format", "form", type=click.Choice(["markdown", "html"]),
              help="Default: as the name of --output ends, else markdown.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              help="File to write. Default: standard output.")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path), metavar="PATH",
              help="Show the verdicts of this report.json, or its directory.")  # fmt: skip
def command(**options: Any) -> None:
    """Write reference documentation made from openapi.yaml."""
    from conformance.docs.command import write_reference

    write_reference(**options)
