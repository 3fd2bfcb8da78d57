"""`attest`: what a report says, held against its journal, stated and signed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance import __version__
from conformance.attestation import ATTESTATION
from conformance.attestation.digests import lines_of, sha256_of, this_suite
from conformance.attestation.facts import (
    REPORT,
    SUBJECTS,
    Facts,
    configuration_of,
    differences,
    judged_again,
    listed,
    read_report,
    refusal,
    remedy,
    verdicts_of,
)
from conformance.attestation.statement import statement_of
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.run.resumption import JOURNAL
from conformance.text import counted, named, visible_line


@dataclass(frozen=True, slots=True)
class Attested:
    """What was stated, and the file it is in."""

    facts: Facts
    path: Path

    def __str__(self) -> str:
        verdict, files = self.facts.verdicts.verdict, counted(len(self.facts.files), "file")
        return f"attested: {verdict}, {files}; {visible_line(str(self.path))}"


Seal = Callable[[bytes], bytes]
"""What puts a payload into an envelope, signed."""


def attest(contract: Contract, directory: Path, seal: Seal) -> Attested:
    """State what the report in a directory says, and sign it, into the same directory.

    Raises UsageError where there is no whole report, or nothing can be stated of it.
    """
    facts = found_facts(contract, directory)
    path = directory / ATTESTATION
    envelope = seal(statement_of(facts))
    try:
        _write(path, envelope)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; give a directory that can be written"
        ) from None
    return Attested(facts, path)


def found_facts(contract: Contract, directory: Path) -> Facts:
    """What can be stated of the report in a directory. Raises UsageError."""
    _check_files(directory)
    try:
        files = {name: sha256_of(directory / name) for name in SUBJECTS}
        lines = lines_of(directory / JOURNAL)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}; give the directory of a run") from None
    said = read_report(directory / REPORT)
    report = judged_again(contract, directory / JOURNAL, strict=said.strict)
    header = report.header
    if why := refusal(report):
        raise UsageError(f"{directory}: {why}; {remedy(report)}")
    if (header.suite, header.contract) != (__version__, contract.sha256):
        raise UsageError(
            f"{directory}: run by version {visible_line(header.suite)} of the suite with its "
            f"contract, not by this one ({__version__}); attest with that version, or run it again"
        )
    verdicts = verdicts_of(report.judgement)
    if differing := differences(verdicts, said.verdicts):
        raise UsageError(
            f"{directory / REPORT}: it says something else than its journal on "
            f"{visible_line(named(differing))}; run it again"
        )
    configuration = configuration_of(header, strict=said.strict)
    return Facts(files, contract.sha256, this_suite(), configuration, lines, verdicts)


def _check_files(directory: Path) -> None:
    """Raise UsageError where a file of the report is missing, or one is there that is not of it."""
    listing = listed(directory)
    if missing := SUBJECTS - listing.files:
        raise UsageError(
            f"{directory}: no whole report ({named(sorted(missing))} missing or no regular file); "
            "give the directory of a run"
        )
    if others := (listing.files | listing.others) - SUBJECTS:
        raise UsageError(
            f"{directory}: not of the report: {visible_line(named(sorted(others)))}; move it away"
        )


def _write(path: Path, data: bytes) -> None:
    """Write a file all or nothing, for its owner, in the place of any other, a link as well."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
