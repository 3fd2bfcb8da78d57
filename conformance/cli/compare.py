"""The command `compare`: is a vendor's own OpenAPI document compatible with the contract?"""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import console, end
from conformance.errors import UsageError

FORMATS = ("json", "junit", "markdown", "sarif")


class Output(click.ParamType[tuple[str, Path]]):
    """A format and a file, written FORMAT:FILE."""

    name = "output"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """Split the two."""
        kind, colon, file = str(value).partition(":")
        if kind not in FORMATS or not colon or not file:
            self.fail(f"{value!r} is not FORMAT:FILE, with one of {', '.join(FORMATS)}.", param)
        return kind, Path(file)


@click.command("compare")
@click.argument("document", metavar="VENDOR_OPENAPI", type=click.Path(path_type=Path))
@click.option("--operation", nargs=2, metavar="METHOD PATH", help="The vendor's operation, where "
              "it cannot be found by its path.")  # fmt: skip
@click.option("-o", "--output", "outputs", type=Output(), multiple=True, metavar="FORMAT:FILE",
              help=f"Write a report: {', '.join(FORMATS)}.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Fail for warnings as well.")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def command(
    document: Path,
    operation: tuple[str, str] | None,
    outputs: tuple[tuple[str, Path], ...],
    strict: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Compare a vendor's OpenAPI document (2.0, 3.0 to 3.2) with the contract.

    Every request that the contract obliges a vendor to execute must be allowed by the document,
    and every response that the document allows must be allowed by the contract. References to
    files below the directory of the document are followed. Nothing is sent or fetched.
    Exit codes: 0 compatible, 1 incompatible, 2 wrong use, 3 inconclusive.
    """
    from conformance.compare.comparing import compare
    from conformance.compare.report import print_comparison, write_comparison
    from conformance.compare.report.json_report import json_report
    from conformance.compare.source import read_source
    from conformance.text import visible_line

    try:
        comparison = compare(read_source(document), operation, strict=strict)
    except UsageError as error:  # it may quote the document
        raise UsageError(visible_line(str(error))) from None
    for kind, file in outputs:
        write_comparison(comparison, kind, file)
    if as_json:
        click.echo(json_report(comparison), nl=False)
    elif quiet:
        click.echo(comparison.verdict)
    else:
        print_comparison(comparison, console())
    end(comparison.exit_code)
