"""What one name in a run stands for: an exchange, a clause, or a probe; and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from conformance.errors import UsageError
from conformance.judge.verdicts import ClauseVerdict, Finding, Groups
from conformance.model import Exchange, Headers
from conformance.report.evidence import exchange_named, verdict_text
from conformance.report.exchange_log import IN_PART
from conformance.report.har import text_of
from conformance.report.json_text import clause_record, json_text
from conformance.report.labels import Label
from conformance.report.model import Report
from conformance.text import (
    counted,
    duration,
    encodable,
    named,
    rfc3339,
    shorten,
    visible,
    without_login,
)

SCHEMA_VERSION: Final = "1.0"
LONGEST_BODY: Final = 16 * 1024
"""Characters of a body that are shown to a reader; programs get all of it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a name stands for: clauses with their evidence, and exchanges with their findings.

    `name` is written out.
    """

    name: str
    clauses: tuple[ClauseVerdict, ...]
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]


def names_in(report: Report) -> list[str]:
    """All names that can be shown: clauses, probes and exchanges."""
    clauses = [verdict.clause.id for verdict in report.judgement.clauses]
    probes = dict.fromkeys(each.probe for each in report.exchanges if each.probe)
    return [*clauses, *probes, *(each.id for each in report.exchanges)]


def find(report: Report, name: str) -> Shown:
    """What a name, or the beginning of only one, stands for. Raises UsageError."""
    known = names_in(report)
    if name in known:
        return _shown(report, name)
    matching = [each for each in known if each.startswith(name)]
    if len(matching) == 1:
        return _shown(report, matching[0])
    if matching:
        raise UsageError(
            f"{name} begins {len(matching)} names: {named(matching)}; write more of it"
        )
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = "give a clause, a probe, or an exchange such as x0001"
    hint = f"did you mean {near[0]}?" if near else hint
    raise UsageError(f"{name}: nothing in this run is called so; {hint}")


def _shown(report: Report, name: str) -> Shown:
    verdicts = [each for each in report.judgement.clauses if each.clause.id == name]
    if verdicts:
        evidence = verdicts[0].evidence
        met = {e.id: e for finding in evidence for e in (*finding.earlier, finding.exchange)}
        order = sorted(met.values(), key=lambda each: each.started)
        return Shown(name, tuple(verdicts), tuple(order), evidence)
    exchanges = tuple(each for each in report.exchanges if name in (each.id, each.probe))
    ids = {each.id for each in exchanges}
    found = tuple(finding for finding in _findings(report) if finding.exchange.id in ids)
    return Shown(name, (), exchanges, found)


def _findings(report: Report) -> Iterator[Finding]:
    for verdict in report.judgement.clauses:
        yield from verdict.evidence


def as_text(shown: Shown) -> str:
    """It, for a reader. Nothing in it can act on a terminal."""
    parts = [f"{verdict_text(verdict)}\n{_status(verdict)}" for verdict in shown.clauses]
    untold = () if shown.clauses else shown.findings
    parts += [_exchange_text(each, untold) for each in shown.exchanges]
    return "\n\n".join(parts)


def _status(verdict: ClauseVerdict) -> str:
    status = verdict.status.value.replace("_", " ")
    return f"{status}; {counted(verdict.exchanges, 'exchange')} decided it"


def _exchange_text(exchange: Exchange, findings: Iterable[Finding]) -> str:
    request, response = exchange.request, exchange.response
    repeats = f", repeats {exchange.retry_of}" if exchange.retry_of else ""
    when = f"{rfc3339(exchange.started)}, {duration(exchange.duration)}{repeats}"
    lines = [f"── {exchange_named(exchange)} ({when})", ""]
    lines += [f"{request.method} {without_login(request.url)}"]
    lines += _message(request.headers, request.body, whole=request.whole)
    lines += ["", f"→ {exchange.outcome}"]
    if response is not None:
        lines += _message(response.headers, response.body, whole=response.whole)
    for finding in findings:
        if finding.exchange.id == exchange.id:
            lines += [
                "",
                f"{Label.FAILED.symbol} {finding.clause}",
                f"  expected: {finding.expected}",
            ]
            lines += [f"  received: {finding.received}"]
    return visible("\n".join(lines))


def _message(headers: Headers, body: bytes, *, whole: bool) -> list[str]:
    lines = [f"{name}: {value}" for name, value in headers]
    if not whole:
        lines += ["", f"({IN_PART})" if body else "(the recording does not have the body)"]
    if not body:
        return lines
    text = shorten(body.decode("utf-8", "backslashreplace"), LONGEST_BODY)
    return [*lines, "", text]


def overview(report: Report) -> str:
    """What can be shown of a run: its clauses with what broke them, and how many exchanges."""
    lines = []
    for verdict in report.judgement.clauses:
        ids = [exchange_named(finding.exchange) for finding in verdict.evidence]
        told = f"  {named(ids)}" if ids else ""
        lines.append(f"{verdict.clause.id:28} {verdict.status.value.replace('_', ' ')}{told}")
    if report.exchanges:
        lines.append(f"exchanges {report.exchanges[0].id} to {report.exchanges[-1].id}")
    return visible("\n".join(lines))


def as_json(report: Report, shown: Shown) -> str:
    """It as a JSON document, which keeps `show.schema.json`."""
    return json_text(
        {
            "schema_version": SCHEMA_VERSION,
            "name": shown.name,
            "contract": {"sha256": report.header.contract},
            "clauses": [_clause_record(verdict) for verdict in shown.clauses],
            "exchanges": [exchange_record(each) for each in shown.exchanges],
            "findings": [_finding_record(finding) for finding in shown.findings],
        }
    )


def _clause_record(verdict: ClauseVerdict) -> dict[str, Any]:
    return {
        **clause_record(verdict.clause),
        "status": verdict.status.value,
        "exchanges": verdict.exchanges,
        "reason": verdict.reason,
        "unlock": verdict.unlock,
    }


def _finding_record(finding: Finding) -> dict[str, Any]:
    return {
        "clause": finding.clause,
        "exchange": finding.exchange.id,
        "earlier": [each.id for each in finding.earlier],
        "expected": finding.expected,
        "received": finding.received,
    }


def exchange_record(exchange: Exchange) -> dict[str, Any]:
    """An exchange as a JSON object; a body that is no UTF-8 is in base64."""
    request, response = exchange.request, exchange.response
    return {
        "id": exchange.id,
        "probe": exchange.probe,
        "retry_of": exchange.retry_of,
        "started_at": rfc3339(exchange.started),
        "seconds": round(exchange.duration, 6),
        "request": {
            "method": encodable(request.method),
            "url": encodable(without_login(request.url)),
            "headers": _pairs(request.headers),
            "body": _body_record(request.body, whole=request.whole),
        },
        "response": None
        if response is None
        else {
            "status": response.status,
            "reason": encodable(response.reason),
            "headers": _pairs(response.headers),
            "body": _body_record(response.body, whole=response.whole),
        },
        "failure": None if exchange.failure is None else encodable(str(exchange.failure)),
    }


def _pairs(headers: Headers) -> list[list[str]]:
    return [[encodable(name), encodable(value)] for name, value in headers]


def _body_record(body: bytes, *, whole: bool) -> dict[str, Any] | None:
    """A body with its encoding; None where it was not recorded."""
    if not whole:
        return None
    text, encoding = text_of(body)
    return {"text": text, "encoding": encoding}


def steps(shown: Shown) -> Groups:
    """The exchanges that show it again: for a clause those of its first finding, else the first."""
    if shown.clauses and shown.findings:
        return shown.findings[0].groups
    return tuple((each,) for each in shown.exchanges[:1])
