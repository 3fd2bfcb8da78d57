"""The command `prove`: the suite on implementations whose faults, or innocence, are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.output import end


@click.command("prove")
@click.option("--fault", metavar="GLOB", multiple=True, help="Faults to try; default: all.")
@click.option("--variant", metavar="GLOB", multiple=True, help="Variants to try; default: all.")
@click.option("--list", "listing", is_flag=True, help="List faults and variants instead of trying "
              "them: name, clause, what is wrong.")  # fmt: skip
@click.option("--deep", is_flag=True, help="Explore: the odd faults, 2000 requests each.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="Trials at the same time, beside those that wait.",
)
@click.option("--report-dir", type=click.Path(path_type=Path), metavar="DIR", show_default=True,
              default=Path("reports/proof"), help="Where the matrix goes.")  # fmt: skip
def command(**options: Any) -> None:
    """Hold the suite against the emulator's catalogue of faults and conforming variants.

    Exits 1 where a fault is missed, a clause has no fault, a clause fails that is neither a
    fault's own nor declared to follow, or a variant is accused.
    """
    from conformance.prove.command import run_proof

    end(run_proof(**options))
