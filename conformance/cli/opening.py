"""`--open`: a report in the browser of whoever asked for it."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import complain

opens = click.option("--open", is_flag=True, help="Open the report in the browser.")
"""The option, for a command that writes a report."""


def open_report(path: Path) -> None:
    """Show a file in the browser; say where it is if there is none. The result stays as it is."""
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        complain(f"csbs-conformance: --open: no browser could be started; open {path}")
