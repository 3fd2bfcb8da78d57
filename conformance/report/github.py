"""What a run tells GitHub Actions: annotations as workflow commands, and a job summary.

Pure: the front prints the lines and appends the summary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.judge.verdicts import ClauseVerdict
from conformance.report.labels import Cause, Label, causes, labelled
from conformance.report.markdown import markdown_report
from conformance.report.model import Report
from conformance.text import counted, shorten, visible_line

SHOWN: Final = 10
"""GitHub shows no more annotations of a kind for a step."""
LONGEST: Final = 1000
LARGEST: Final = 1024 * 1024
"""Bytes of all that the steps of a job may append to a summary; what is larger is not shown."""
CUT: Final = "The summary of csbs-conformance does not fit here: see summary.md.\n"


def workflow_commands(report: Report) -> Iterator[str]:
    """The workflow commands that show what is broken, each under the id of its clause.

    They name no file: what is broken is a service, and no line of the user's repository says it. A
    clause that counts is an error; a warning is one, and so are the notes and what could not be
    seen, each cause once.
    """
    yield from _some("error", [_of("error", each) for each in labelled(report, Label.FAILED)])
    told = [_note("warning", note) for note in report.notes]
    told += [_unseen(cause) for cause in causes(report)]
    told += [_of("warning", each) for each in labelled(report, Label.WARNING)]
    yield from _some("warning", told)


def _some(kind: str, lines: list[str]) -> Iterator[str]:
    if len(lines) > SHOWN:
        more = f"and {counted(len(lines) - SHOWN + 1, 'line')} more like these: see report.html"
        lines[SHOWN - 1 :] = [_note(kind, more)]
    yield from lines


def _of(kind: str, verdict: ClauseVerdict) -> str:
    clause = verdict.clause
    text = shorten(f"{clause.statement} {verdict.reason}", LONGEST)
    return f"::{kind} title={as_property(clause.id)}::{as_data(text)}"


def _unseen(cause: Cause) -> str:
    unlock = f"; unlock with {cause.unlock}" if cause.unlock else ""
    text = shorten(f"{cause.told}{unlock}", LONGEST)
    return f"::warning title={as_property(cause.named)}::{as_data(text)}"


def _note(kind: str, text: str) -> str:
    return f"::{kind} title=csbs-conformance::{as_data(shorten(text, LONGEST))}"


def as_data(text: str) -> str:
    """A text as the message of a workflow command."""
    line = visible_line(text)
    return line.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_property(text: str) -> str:
    """A text as the value of a property of a workflow command."""
    return as_data(text).replace(":", "%3A").replace(",", "%2C")


def summary(report: Report, taken: int) -> bytes:
    """What to append to a job summary that has `taken` bytes: as much as may stand there."""
    room = LARGEST - taken
    whole = markdown_report(report).encode("utf-8", "replace")
    return next((text for text in (whole, CUT.encode()) if len(text) <= room), b"")
