"""The end of `run` and `judge`: the gate, the reports, the terminal and GitHub Actions."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from conformance.cli.output import Form, show, workflow_commands_pass
from conformance.errors import UsageError
from conformance.run.options import GateOptions, names_in

if TYPE_CHECKING:
    from conformance.gate.outcome import Excuses
    from conformance.report.model import Report


class Asked(Struct, frozen=True):
    """What the options of the gate say, read and checked."""

    excuses: Excuses
    sarif: Path | None


def take_gate(options: dict[str, Any]) -> Asked:
    """Take the options of the gate out of `options` and read their files. Raises UsageError."""
    from conformance.gate.files import read_excuses

    waivers, baseline, sarif = (options.pop(name) for name in names_in(GateOptions))
    if sarif is not None and (sarif.is_dir() or not sarif.name):
        raise UsageError(f"--sarif {sarif}: that is a directory; name a file")
    return Asked(read_excuses(waivers, baseline), sarif)


def finish(
    report: Report, asked: Asked, directory: Path, form: Form, *, can_delete: bool = False
) -> int:
    """Decide, write and print the reports, and tell GitHub where it listens; the exit code.

    It `can_delete` where the directory has the journal of a run whose target is still there.
    """
    report = written(report, asked, directory)
    show(report, directory, form, can_delete=can_delete)
    if is_github():
        _tell_github(report, annotated=form is not Form.JSON)
    return report.exit_code


def written(report: Report, asked: Asked, directory: Path) -> Report:
    """The report with what the gate decided; all its forms are in the directory."""
    from conformance.report.model import gated
    from conformance.report.write import write_report, write_reports

    report = gated(report, asked.excuses, datetime.now(UTC).date())
    write_reports(report, directory)
    if asked.sarif is not None:
        write_report(report, "results.sarif", asked.sarif)
    return report


def is_github() -> bool:
    """Whether this is a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _tell_github(report: Report, *, annotated: bool) -> None:
    """Append the job summary, and print the annotations where standard output is for a reader.

    What cannot be written is not missed.
    """
    from conformance.report.bounds import bounded
    from conformance.report.github import summary, workflow_commands

    report = bounded(report)
    if annotated:
        with workflow_commands_pass():
            for line in workflow_commands(report):
                click.echo(line)
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    try:
        with open(file, "ab") as stream:
            stream.write(summary(report, stream.tell()))
    except OSError as error:
        why = error.strerror or type(error).__name__
        click.echo(f"csbs-conformance: no job summary is written: {why}", err=True)
