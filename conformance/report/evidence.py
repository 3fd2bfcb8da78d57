"""What a verdict rests on, as text: for JUnit, pytest and Schemathesis alike."""

from __future__ import annotations

from conformance.judge.verdicts import ClauseVerdict, Finding
from conformance.model import Exchange
from conformance.report.reproduction import reproduction
from conformance.text import named, visible


def verdict_text(verdict: ClauseVerdict) -> str:
    """A clause, where it stands, and what broke it; nothing in it can act on a terminal."""
    return "\n\n".join([head_text(verdict), *map(finding_text, verdict.evidence)])


def head_text(verdict: ClauseVerdict) -> str:
    """A clause and where it stands; why it was not decided, where nothing broke it."""
    clause = verdict.clause
    head = f"{clause.statement}\n{clause.source} ({clause.level.value})"
    return visible(head if verdict.evidence else f"{head}\n{verdict.reason}")


def finding_text(finding: Finding) -> str:
    """What one exchange shows: expected, received, and the command that repeats it."""
    return visible(f"{seen_text(finding)}\n{reproduction(finding)}")


def exchange_named(exchange: Exchange) -> str:
    """The id of an exchange and, where it was planned, the name of its request in the plan."""
    return f"{exchange.id}, probe {exchange.probe}" if exchange.probe else exchange.id


def seen_text(finding: Finding) -> str:
    """What one exchange shows: expected, received, and after which others."""
    exchange = finding.exchange
    after = named([each.id for each in finding.earlier])
    return visible(
        f"expected: {finding.expected}\n"
        f"received: {finding.received}\n"
        f"exchange: {exchange_named(exchange)}{', after ' if after else ''}{after}"
    )
