"""`results.sarif`: what is broken, as SARIF 2.1.0.

What is broken is a service, so no file of the user's repository holds a result: its logical
location is the clause. GitHub refuses a whole log in which a result has no physical location, so
each has the one that OpenSSF Scorecard gives to findings without a file.

One result for a broken clause, however many exchanges broke it: which of them are kept differs
from run to run, and a service that follows results over time would take them for new ones.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from conformance.contract.clauses import Clause, Level
from conformance.gate.model import ExcuseKind
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.report.labels import Label, explanation, label_in, labelled
from conformance.report.model import Report
from conformance.report.sarif_log import rule, sarif_log
from conformance.text import rfc3339, visible_line

NO_FILE: Final = "no%20file%20associated%20with%20this%20alert"
LEVELS: Final = {Level.MUST: "error", Level.SHOULD: "warning"}


def sarif_report(report: Report) -> str:
    """The report as SARIF text."""
    verdicts = report.judgement.clauses
    places = {verdict.clause.id: place for place, verdict in enumerate(verdicts)}
    invocation = {
        "exitCode": report.exit_code,
        "startTimeUtc": rfc3339(report.header.started_at),
        "endTimeUtc": rfc3339(report.footer.finished_at),
        "toolExecutionNotifications": [*map(_notification, _notifications(report))],
    }
    results = [
        _result(report, verdict, places[verdict.clause.id])
        for verdict in verdicts
        if verdict.status is Status.FAILED
    ]
    results += [_absent(report, name, places[name]) for name in _mended(report)]
    rules = [clause_rule(verdict.clause) for verdict in verdicts]
    return sarif_log(
        rules, results, invocation, properties={"contract": visible_line(report.header.contract)}
    )


def clause_rule(clause: Clause) -> dict[str, Any]:
    """A clause as a rule."""
    return rule(
        clause,
        defaultConfiguration={"level": LEVELS[clause.level]},
        properties={"tags": [clause.level.value], "source": str(clause.source)},
    )


def _notifications(report: Report) -> list[str]:
    """What a reader of the results has to know: what was not seen, and the notes."""
    unseen = [
        f"{verdict.clause.id} is inconclusive: {verdict.reason}"
        for verdict in labelled(report, Label.INCONCLUSIVE)
    ]
    reason = explanation(report) if report.exit_code == 3 else ""
    return [*filter(None, [reason]), *unseen, *report.notes]


def _notification(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": visible_line(text) or " "}}


def _result(report: Report, verdict: ClauseVerdict, place: int) -> dict[str, Any]:
    clause = verdict.clause
    excuse = report.gate.excuses.get(clause.id) if report.gate else None
    level = "error" if label_in(report, verdict) is Label.FAILED else LEVELS[clause.level]
    told = f"{clause.statement} {verdict.reason}"
    exchanges = [finding.exchange for finding in verdict.evidence]
    return {
        **identity(clause.id, place),
        "level": level,
        "message": {"text": visible_line(told)},
        **_state(report, clause.id),
        **(suppressed(excuse.why) if excuse and excuse.kind is ExcuseKind.WAIVED else {}),
        "properties": {
            "exchanges": [visible_line(each.id) for each in exchanges],
            "probes": [visible_line(each.probe) for each in exchanges if each.probe],
            "decided": verdict.exchanges,
        },
    }


def _absent(report: Report, name: str, place: int) -> dict[str, Any]:
    return {
        **identity(name, place),
        "kind": "pass",
        "level": "none",
        "message": {"text": "Kept now; it was broken in the baseline."},
        **_state(report, name, now="absent"),
    }


def identity(name: str, place: int, target: str = "") -> dict[str, Any]:
    """What makes a result the same one from run to run: the clause, and nothing of the run.

    In a campaign the name of the `target` belongs to it.
    """
    whole = f"{target}/{name}" if target else name
    digest = hashlib.sha256(whole.encode("utf-8")).hexdigest()
    physical = {"artifactLocation": {"uri": NO_FILE}, "region": {"startLine": 1}}
    logical = {"fullyQualifiedName": whole, "kind": "member"}
    return {
        "ruleId": name,
        "ruleIndex": place,
        "locations": [{"physicalLocation": physical, "logicalLocations": [logical]}],
        "partialFingerprints": {
            "clause/v1": digest,
            "primaryLocationLineHash": f"{digest[:16]}:1",
        },
    }


def _mended(report: Report) -> tuple[str, ...]:
    return report.gate.mended if report.gate else ()


def _state(report: Report, name: str, now: str = "unchanged") -> dict[str, str]:
    """How a result stands to the baseline: either all results of a run say it, or none."""
    baseline = report.gate.baseline if report.gate else None
    if baseline is None:
        return {}
    return {"baselineState": now if name in baseline.broken else "new"}


def suppressed(why: str) -> dict[str, Any]:
    """What a result has that is waived."""
    accepted = {"kind": "external", "status": "accepted", "justification": visible_line(why)}
    return {"suppressions": [accepted]}
