"""The command `diff`: what is different between two runs."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import console, end


@click.command("diff")
@click.argument("old", metavar="RUN1", type=click.Path(path_type=Path))
@click.argument("new", metavar="RUN2", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="A should counts as a must does.")
@click.option("--json", "form", flag_value="json", help="Print it as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print it as Markdown.")
@click.option("--html", "form", flag_value="html", help="Print it as an HTML page.")
def command(old: Path, new: Path, strict: bool, form: str | None) -> None:
    """Show what got better, worse, newly seen and no longer seen from one run to the next.

    RUN1 and RUN2 are report directories, or files called report.json.
    Exit codes: 0 nothing got worse, 1 a must did, 2 wrong use, 3 a must is no longer seen.
    """
    from conformance.diff import render
    from conformance.diff.difference import difference
    from conformance.diff.reading import read_past_run

    found = difference(read_past_run(old), read_past_run(new), strict=strict)
    if form is None:
        render.print_difference(found, console())
    else:
        write = {"json": render.as_json, "markdown": render.as_markdown, "html": render.as_html}
        click.echo(write[form](found), nl=False)
    end(found.exit_code)
