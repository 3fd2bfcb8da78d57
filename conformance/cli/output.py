"""What goes to standard output, which may be closed before all is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.report.model import Report


@contextmanager
def closed_pipe_is_fine() -> Iterator[None]:
    """A reader that has seen enough, such as `head`, changes nothing about the result."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(report: Report, directory: Path, *, quiet: bool) -> None:
    """Print how a run ended, and that its reports are in `directory`; the verdict if `quiet`."""
    with closed_pipe_is_fine():
        if quiet:
            from conformance.report.labels import excused, excuses_in_words, reason_of_gate

            judgement = report.judgement
            why = reason_of_gate(report) or judgement.reason
            reason = f": {why}" if why else ""
            words = excuses_in_words(report) if excused(report) else ""
            said = f"{judgement.verdict.value}{f' ({words})' if words else ''}{reason}"
            click.echo("".join(c if c.isprintable() else "�" for c in said))
            return
        from rich.console import Console

        from conformance.report.console import print_report

        print_report(report, Console(highlight=False), directory)
