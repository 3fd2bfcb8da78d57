"""The command `prove`: the suite on implementations whose faults, or innocence, are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.output import end


@click.command("prove")
@click.option("--fault", metavar="GLOB", multiple=True, help="Try these faults only.")
@click.option("--variant", metavar="GLOB", multiple=True, help="Try these variants only.")
@click.option("--base", metavar="GLOB", multiple=True, help="Try faults on these bases only: "
              "servers that are otherwise lax, strict or mixed.")  # fmt: skip
@click.option("--clause", metavar="GLOB", multiple=True, help="Name the variants that break one of "
              "these clauses, whatever its level.")  # fmt: skip
@click.option("--list", "listing", is_flag=True, help="List bases, faults and variants, and try "
              "none: name, clause, what is wrong.")  # fmt: skip
@click.option("--sample", is_flag=True, help="Try each fault on one base only, in turn.")
@click.option(
    "--deep",
    is_flag=True,
    help="Test exploration on faults with odd conditions, with 2000 requests each.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="Limit on trials at the same time, not counting those that wait.",
)
@click.option("--report-dir", type=click.Path(path_type=Path), metavar="DIR", show_default=True,
              default=Path("reports/proof"), help="Directory for the matrix.")  # fmt: skip
def command(**options: Any) -> None:
    """Test the suite itself on the emulator's catalogue of faults and conforming variants.

    Each fault is tried on several bases, which differ in all that the page leaves open. The exit
    code is 1 if a fault is missed, a clause has no fault, a clause fails that the fault does not
    declare, a variant fails, or smoke decides what the whole plan leaves open.
    """
    from conformance.prove.command import run_proof

    end(run_proof(**options))
