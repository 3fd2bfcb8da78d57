"""The verdicts of a run, read from its `report.json`, as notes beside the clauses.

Everything in them is foreign text: whoever prints it makes it harmless.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, read_file
from conformance.limits import bounded
from conformance.report.json_report import load_schema
from conformance.report.labels import Label
from conformance.text import shorten, visible_line

LONGEST = 600
WORDS = {
    Label.PASSED: "passed",
    Label.FAILED: "failed",
    Label.WARNING: "warning",
    Label.INCONCLUSIVE: "inconclusive",
    Label.NOT_EXERCISED: "not exercised",
}
"""What a reader of the documentation is told of a clause."""
VERDICTS = {
    "conforms": (Label.PASSED, "conforms"),
    "violates": (Label.FAILED, "violates the contract"),
    "inconclusive": (Label.INCONCLUSIVE, "is inconclusive"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """What a run says of one clause, and the first piece of evidence where it is broken."""

    label: Label
    reason: str
    unlock: str
    expected: str
    received: str
    exchange: str
    more: int

    @property
    def word(self) -> str:
        """Kept, broken, inconclusive or not exercised."""
        return WORDS[self.label]


@dataclass(frozen=True, slots=True)
class RunNotes:
    """A run: where it was, how it ended, and its notes by clause id.

    `href` leads to the HTML report from beside the documentation, and is empty where there is
    none. `unknown` counts the clauses that this suite does not have.
    """

    label: Label
    verdict: str
    endpoint: str
    finished_at: str
    suite: str
    is_same_contract: bool
    unknown: int
    href: str
    clauses: Mapping[str, Note]

    @property
    def counts(self) -> dict[str, int]:
        """How many clauses have each word."""
        counts = dict.fromkeys(WORDS.values(), 0)
        for note in self.clauses.values():
            counts[note.word] += 1
        return counts


def read_notes(
    path: Path, contract: Contract, known: Mapping[str, Any], beside: Path | None = None
) -> RunNotes:
    """The notes in `report.json`, a file or one in a directory.

    `known` has the clauses of this suite by id, and `beside` is the file that will link to the
    report. Raises UsageError for what cannot be read or is no report.
    """
    file = path / "report.json" if path.is_dir() else path
    record = _read(file)
    strict = bool(record["strict"])
    notes = {entry["id"]: _note(entry, strict=strict) for entry in record["clauses"]}
    label, verdict = VERDICTS[record["verdict"]]
    if label is Label.PASSED and record["exit_code"]:
        is_strict = record["exit_code"] == 1
        label = Label.FAILED if is_strict else Label.INCONCLUSIVE
        verdict += ", and fails by --strict" if is_strict else ", but was interrupted"
    return RunNotes(
        label=label,
        verdict=verdict,
        endpoint=record["target"]["endpoint"],
        finished_at=record["finished_at"],
        suite=record["suite"]["version"],
        is_same_contract=record["contract"]["sha256"] == contract.sha256,
        unknown=len(notes.keys() - known.keys()),
        href=_href(file.with_name("report.html"), beside),
        clauses={name: note for name, note in notes.items() if name in known},
    )


def _read(file: Path) -> dict[str, Any]:
    import jsonschema_rs

    try:
        record = json.loads(bounded(read_file(file, MOST_OF_A_REPORT)))
        error = next(jsonschema_rs.iter_errors(load_schema(), record), None)
    except OSError as failure:
        raise UsageError(f"--report {file}: {failure.strerror}; give a report.json") from None
    except ValueError:
        raise UsageError(f"--report {file}: not JSON; give a report.json") from None
    if error is not None:
        what = shorten(visible_line(error.message), 200)
        raise UsageError(f"--report {file}: no report of this suite ({what}); give a report.json")
    found: dict[str, Any] = record
    return found


def _note(entry: Mapping[str, Any], *, strict: bool) -> Note:
    label = Label[entry["status"].upper()]
    if label is Label.FAILED and entry["level"] == "should" and not strict:
        label = Label.WARNING
    evidence = entry["evidence"]
    first = evidence[0] if evidence else dict.fromkeys(("expected", "received", "exchange"), "")
    return Note(
        label=label,
        reason=shorten(entry["reason"], LONGEST),
        unlock="" if entry["unlock"] in entry["reason"] else entry["unlock"],
        expected=shorten(first["expected"], LONGEST),
        received=shorten(first["received"], LONGEST),
        exchange=shorten(first["exchange"], LONGEST),
        more=max(len(evidence) - 1, 0),
    )


def _href(report: Path, beside: Path | None) -> str:
    if beside is None or not report.is_file():
        return ""
    way = os.path.relpath(report.resolve(), beside.resolve().parent)
    return quote(Path(way).as_posix().encode("utf-8", "surrogateescape"))
