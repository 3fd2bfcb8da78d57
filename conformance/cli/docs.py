"""The command `docs`: reference documentation from the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FORMS = ("markdown", "html", "rst", "mkdocs")


@click.command("docs")
@click.option("--format", "form", type=click.Choice(FORMS),
              help="Default: as --output ends, else markdown. mkdocs is a folder.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="PATH",
              help="File to write, or folder with mkdocs. Default: standard output.")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path), metavar="PATH",
              help="Show the verdicts of this report.json, or its directory.")  # fmt: skip
def command(**options: Any) -> None:
    """Write reference documentation made from openapi.yaml."""
    from conformance.docs.command import write_reference

    write_reference(**options)
