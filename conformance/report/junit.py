"""`junit.xml`: a test suite for each section of the document, a test case for each clause."""

from __future__ import annotations

import re

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.report.evidence import verdict_text
from conformance.report.junit_document import Case, Outcome, Suite, junit_document
from conformance.report.labels import Label, by_section, excuse, label_in
from conformance.report.model import Report
from conformance.text import rfc3339, seconds, visible_line

_NO_WORD = re.compile(r"[^a-z0-9]+")


def junit_report(report: Report) -> str:
    """The report as JUnit XML, as CI systems read it."""
    started = rfc3339(report.header.started_at).removesuffix("Z")
    suites = [
        Suite(
            visible_line(section),
            [_case(report, verdict, _class_name(section)) for verdict in verdicts],
            started,
        )
        for section, verdicts in by_section(report.judgement.clauses).items()
    ]
    if unneeded := report.gate.unneeded if report.gate and report.strict else ():
        suites.append(Suite("Waivers", [_unneeded(name) for name in unneeded]))
    elapsed = seconds(report.footer.finished_at - report.header.started_at)
    return junit_document(suites, elapsed)


def _class_name(section: str) -> str:
    return f"csbs.{_NO_WORD.sub('-', section.lower()).strip('-') or 'other'}"


def _unneeded(name: str) -> Case:
    """A waiver that fails a strict run because its clause is kept."""
    message = "the waiver is no longer needed: the clause passed"
    return Case("csbs.waivers", name, outcome=Outcome("failure", message, "unneeded"))


def _case(report: Report, verdict: ClauseVerdict, class_name: str) -> Case:
    """A clause as a test case; its time is that of the exchanges that broke it."""
    clause, label = verdict.clause, label_in(report, verdict)
    exchanges = {finding.exchange.id: finding.exchange for finding in verdict.evidence}
    return Case(
        class_name,
        visible_line(clause.id),
        sum(seconds(exchange.duration) for exchange in exchanges.values()),
        _outcome(report, verdict, label),
        f"warning: {verdict_text(verdict)}" if label is Label.WARNING else "",
    )


def _outcome(report: Report, verdict: ClauseVerdict, label: Label) -> Outcome | None:
    level = verdict.clause.level
    match label:
        case Label.FAILED:
            return Outcome("failure", _message(verdict), level.value, verdict_text(verdict))
        case Label.INCONCLUSIVE if level is Level.MUST:
            inconclusive = Status.INCONCLUSIVE.value
            return Outcome("error", _message(verdict), inconclusive, verdict_text(verdict))
        case Label.INCONCLUSIVE | Label.NOT_EXERCISED:
            return Outcome("skipped", _message(verdict))
        case Label.WAIVED | Label.KNOWN:
            why = visible_line(excuse(report, verdict))
            return Outcome("skipped", why, text=verdict_text(verdict))
    return None


def _message(verdict: ClauseVerdict) -> str:
    message = verdict.reason or verdict.clause.statement
    if verdict.unlock and verdict.unlock not in message:
        message += f" (unlock with {verdict.unlock})"
    return visible_line(message)
