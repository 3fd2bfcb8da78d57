"""A check for each clause, and one for the run as a whole.

What one response breaks beyond doubt fails at once, with the case that shows it. What only the
whole run tells, such as whether a token was good, fails at its end, as the judge of `run` has it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, Severity

from conformance.contract import load_contract
from conformance.contract.clauses import Clause, Level
from conformance.journal.writer import JournalWriter
from conformance.judge.verdicts import Status, Verdict
from conformance.page.catalogue import catalogue
from conformance.report.evidence import finding_text, verdict_text
from conformance.report.labels import reason_of_gate
from conformance.report.model import Report
from conformance.report.write import prepare_directory, write_reports
from conformance.run.options import as_variables
from conformance.run.resumption import JOURNAL
from conformance.schemathesis.recording import Recorder, recording
from conformance.schemathesis.targets import endpoint_of, is_ours
from conformance.text import visible_line

OF_THE_RUN = "csbs_run_is_conclusive"
INCONCLUSIVE = 3
SEVERITIES = {Level.MUST: Severity.HIGH, Level.SHOULD: Severity.LOW}


class BrokenClause(Failure):  # type: ignore[misc]
    """A clause that the target breaks; failures of one clause count as one."""

    kind_title = "Broken clause"

    def __init__(
        self, clause_id: str, title: str, message: str, severity: Any, operation: str | None
    ) -> None:
        super().__init__(operation=operation, title=title, message=message, severity=severity)
        self.clause_id = clause_id

    @property
    def _unique_key(self) -> str:
        return self.clause_id


class ClauseCheck:
    """The check of one clause; Schemathesis makes one instance a run."""

    clause: Clause

    def after_response(self, context: Any, response: Any, case: Any) -> bool | None:
        """Fail where this response breaks the clause beyond doubt; True leaves the check out."""
        if not is_ours(case.operation):
            return True
        recorder = recording().of(endpoint_of(response.request.url))
        found = [
            finding
            for finding in recorder.answered(case, response)
            if finding.clause == self.clause.id
        ]
        if not found or not self._counts(recorder):
            return None
        recorder.told.add(self.clause.id)
        raise self._failure(finding_text(found[0]), case.operation.label)

    def after_run(self, context: Any) -> None:
        """Fail where the run as a whole breaks the clause, and no response did by itself."""
        for recorder in _settled():
            if self.clause.id in recorder.told or not self._counts(recorder):
                continue
            for verdict in recorder.conclusion.judgement.clauses:
                if verdict.clause.id == self.clause.id and verdict.status is Status.FAILED:
                    raise self._failure(verdict_text(verdict), None)

    def _counts(self, recorder: Recorder) -> bool:
        is_level = self.clause.level is Level.MUST or recorder.settings.strict
        return is_level and not recorder.excuses(self.clause)

    def _failure(self, text: str, operation: str | None) -> BrokenClause:
        clause = self.clause
        title = f"{clause.id}: {clause.statement}"
        return BrokenClause(clause.id, title, text, SEVERITIES[clause.level], operation)


class RunCheck:
    """The check that the run saw enough to say anything; it writes the reports as well."""

    def after_run(self, context: Any) -> None:
        """Fail where the run is inconclusive, as `run` would exit with 3, or a waiver unneeded."""
        for recorder in _settled():
            report = recorder.conclusion
            _write(recorder)
            what, reason = _wrong(report)
            if what:
                reason = as_variables(visible_line(reason))
                title = f"{what}: {recorder.settings.fixtures.endpoint}"
                raise BrokenClause(OF_THE_RUN, title, reason, Severity.HIGH, None)


def _wrong(report: Report) -> tuple[str, str]:
    """What is wrong with a run beyond its clauses, and why; empty where nothing is."""
    if report.gate is None:
        is_seen = report.judgement.verdict is not Verdict.INCONCLUSIVE
        return ("", "") if is_seen else ("inconclusive", report.judgement.reason)
    reason = reason_of_gate(report)
    what = "inconclusive" if report.exit_code == INCONCLUSIVE else "unneeded-waiver"
    return (what, reason) if reason else ("", "")


def _settled() -> Iterator[Recorder]:
    """The recorders, each once what it left undecided was asked again."""
    for recorder in recording().recorders.values():
        recorder.settle()
        yield recorder


def _write(recorder: Recorder) -> None:
    """Write the reports of `run`, and the journal, where a directory was named for them."""
    directory = recorder.target.report_dir
    if directory is None:
        return
    report = recorder.conclusion
    prepare_directory(directory)
    with JournalWriter(directory / JOURNAL, report.header) as journal:
        for exchange in report.exchanges:
            journal.completed(exchange)
        journal.ended(report.footer)
    write_reports(report, directory)


def _silent_on_ours(check: Any) -> Any:
    """A built-in check that leaves the page's operation out.

    Built-in checks accuse where the page leaves a point open, and some send requests of their own,
    past the limit on executions.
    """

    @functools.wraps(check)
    def silent(context: Any, response: Any, case: Any) -> bool | None:
        if is_ours(case.operation):
            return True
        found: bool | None = check(context, response, case)
        return found

    return silent


def _register() -> None:
    load_all_checks()
    for check in CHECKS.get_all():
        if not isinstance(check, type):
            schemathesis.check(_silent_on_ours(check))
    for clause in catalogue(load_contract()).values():
        schemathesis.check(type(clause.id, (ClauseCheck,), {"clause": clause}))
    schemathesis.check(type(OF_THE_RUN, (RunCheck,), {}))


_register()
