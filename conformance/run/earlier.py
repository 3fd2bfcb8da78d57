"""A run of before, read from its directory and judged by the judge that is running."""

from __future__ import annotations

from pathlib import Path

from conformance.contract import Contract
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import exit_code
from conformance.page.catalogue import catalogue
from conformance.report.model import Report
from conformance.run.resumption import journal_in

OTHER_CONTRACT = "the run was held against another version of the contract"


def read_run(contract: Contract, directory: Path) -> Report:
    """The report on the run in a directory. Raises UsageError where there is none."""
    journal = read_journal(journal_in(directory), catalogue(contract))
    judgement = judge(contract, journal)
    warnings = (OTHER_CONTRACT,) if journal.header.contract != contract.sha256 else ()
    return Report(
        journal.header,
        journal.footer,
        journal.exchanges,
        judgement,
        exit_code(judgement, strict=False),
        warnings=warnings,
    )
