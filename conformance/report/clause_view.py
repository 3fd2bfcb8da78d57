"""A clause with its verdict and its evidence, as `report.html` shows it."""

from __future__ import annotations

from msgspec import Struct

from conformance.contract.ledger import Entry, load_ledger
from conformance.judge.verdicts import ClauseVerdict
from conformance.report.exchange_log import ExchangeLog
from conformance.report.labels import Label, excuse, label_in
from conformance.report.model import Report
from conformance.report.reproduction import reproduction
from conformance.text import shorten

LONGEST = 2000
BROKEN = (Label.FAILED, Label.WARNING)
"""What a broken clause may be called, the worse first."""


class FindingView(Struct, frozen=True):
    """Evidence as the page shows it; `href` leads to the exchange in the log, if it is there.

    `earlier` are the exchanges that it needs before it, each with its probe and its link.
    """

    expected: str
    received: str
    exchange: str
    probe: str
    href: str
    curl: str
    earlier: tuple[tuple[str, str, str], ...] = ()


class ClauseView(Struct, frozen=True):
    """A clause with its verdict as the page shows it."""

    verdict: ClauseVerdict
    label: Label
    findings: tuple[FindingView, ...]
    readings: tuple[str, ...]
    excuse: str = ""

    @property
    def id(self) -> str:
        """The clause's id."""
        return self.verdict.clause.id

    @property
    def reason(self) -> str:
        """The reason, cut where it would fill the page."""
        return shorten(self.verdict.reason, LONGEST)

    @property
    def unlock(self) -> str:
        """The option that would have it exercised, unless the reason names it."""
        return "" if self.verdict.unlock in self.verdict.reason else self.verdict.unlock

    @property
    def has_case(self) -> bool:
        """Whether its evidence is told before the document, where its link leads then."""
        return self.label in BROKEN or self.is_excused

    @property
    def is_excused(self) -> bool:
        """Whether it is waived, or known from the baseline."""
        return bool(self.excuse)


def clause_view(verdict: ClauseVerdict, report: Report, log: ExchangeLog) -> ClauseView:
    """How a page shows the verdict on a clause of a report."""
    findings = tuple(
        FindingView(
            expected=shorten(finding.expected, LONGEST),
            received=shorten(finding.received, LONGEST),
            exchange=finding.exchange.id,
            probe=shorten(finding.exchange.probe or "", LONGEST),
            href=log.href(finding.exchange.id),
            curl=reproduction(finding),
            earlier=tuple(
                (each.id, shorten(each.probe or "", LONGEST), log.href(each.id))
                for each in finding.earlier
            ),
        )
        for finding in verdict.evidence
    )
    shown, why = label_in(report, verdict), excuse(report, verdict)
    readings = _readings(verdict.clause.id) if shown in BROKEN or why else ()
    return ClauseView(verdict, shown, findings, readings, shorten(why, LONGEST))


def _readings(clause_id: str) -> tuple[str, ...]:
    """What the ledger decides on this clause; what it decides on all of them is left to it."""
    return tuple(
        entry.decision
        for entry in load_ledger()
        if entry.concerns(clause_id) and not _concerns_all(entry)
    )


def _concerns_all(entry: Entry) -> bool:
    return "*" in entry.clauses
