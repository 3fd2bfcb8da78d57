"""The command `show`: one exchange, clause or probe of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.output import complain
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.report.model import Report
    from conformance.report.showing import Shown


def completed(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names in the run that begin as what was typed."""
    from conformance.report.showing import names_in

    directory = context.params.get("directory")
    try:
        known = names_in(read(Path(directory))) if directory else []
    except UsageError:
        return []
    return [name for name in known if name.startswith(incomplete)]


@click.command("show")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("name", metavar="NAME", required=False, shell_complete=completed)
@click.option("--json", is_flag=True, help="Print it as JSON.")
@click.option("--curl", is_flag=True, help="Print a curl command that repeats it.")
@click.option("--python", is_flag=True, help="Print a script that does, for httpx.")
@click.option("--http", is_flag=True, help="Print a .http file, which editors send.")
def command(directory: Path, name: str | None, **forms: bool) -> None:
    """Show an exchange (x0001), a clause or a probe of the run in DIR, and how to repeat it.

    The beginning of a name is enough where only one begins so. Without a name, list what there is.
    Secrets are not in a run: what repeats it takes them from CSBS_TOKEN and CSBS_FORBIDDEN_TOKEN.
    """
    asked = [form for form, is_asked in forms.items() if is_asked]
    if len(asked) > 1:
        raise UsageError(f"--{asked[0]} and --{asked[1]}: give one of them")
    click.echo(shown(directory, name, next(iter(asked), None)))


def shown(directory: Path, name: str | None, form: str | None) -> str:
    """What is printed. Raises UsageError."""
    from conformance.report import showing

    report = read(directory)
    for warning in report.warnings:
        complain(f"csbs-conformance: {warning}")
    if name is None:
        if form is not None:
            raise UsageError(f"--{form}: name an exchange, a clause or a probe as well")
        return showing.overview(report)
    found = showing.find(report, name)
    if form is None:
        return showing.as_text(found)
    if form == "json":
        return showing.as_json(report, found).rstrip("\n")
    return repeated(found, report.header.fixtures.endpoint, form)


def repeated(found: Shown, endpoint: str, form: str) -> str:
    """What sends the exchanges of something again. Raises UsageError for what nothing may send."""
    from conformance.report import snippets
    from conformance.report.reproduction import commands, is_sent_again
    from conformance.report.showing import steps

    groups = steps(found)
    if not groups:
        raise UsageError(
            f"{found.name}: no exchange of the run shows it, so nothing can be repeated"
        )
    if not all(is_sent_again(each.request, endpoint) for group in groups for each in group):
        raise UsageError(
            f"{found.name}: it takes a request that a run never sends; leave --{form} out"
        )
    write = {"curl": commands, "python": snippets.python_script, "http": snippets.http_file}
    return write[form](groups)


def read(directory: Path) -> Report:
    """The run in a directory. Raises UsageError."""
    from conformance.contract import load_contract
    from conformance.run.earlier import read_run

    return read_run(load_contract(), directory)
