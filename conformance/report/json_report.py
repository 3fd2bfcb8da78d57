"""`report.json`: everything a program may want to know of a run, in a versioned form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.contract.clauses import Level
from conformance.gate.model import Baseline, Gate
from conformance.judge.verdicts import ClauseVerdict, Finding, Status
from conformance.model import Fixtures, Spent
from conformance.page.record import Progress
from conformance.report.deletions import leftovers, surplus
from conformance.report.json_text import clause_record, json_text, schema_in
from conformance.report.model import Report
from conformance.report.reproduction import reproduction
from conformance.text import rfc3339, seconds, without_login

SCHEMA_VERSION = "2.4"


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every `report.json` keeps."""
    return schema_in(Path(__file__).with_name("report.schema.json"))


def json_report(report: Report) -> str:
    """The report as JSON text."""
    return json_text(as_record(report))


def as_record(report: Report) -> dict[str, Any]:
    """The report as a JSON object."""
    header, footer, judgement = report.header, report.footer, report.judgement
    return {
        "schema_version": SCHEMA_VERSION,
        "suite": {"name": "csbs-conformance", "version": header.suite},
        "contract": {"sha256": header.contract},
        "target": _target(header.fixtures),
        "seed": header.seed,
        "profile": header.profile,
        "only": list(header.only),
        "started_at": rfc3339(header.started_at),
        "finished_at": rfc3339(footer.finished_at),
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
        "ending": footer.ending.name.lower(),
        "exit_code": report.exit_code,
        "strict": report.strict,
        "counts": _counts(judgement.clauses),
        "budget": {
            "requests": _spent(footer.requests),
            "executions": _spent(footer.executions),
        },
        "exchanges": {"judged": report.judged, "skipped": judgement.skipped},
        "executions": list(judgement.executions),
        "deletions": _deletions(report),
        "surplus": _surplus(report),
        "backups": [_backup(each) for each in judgement.backups],
        "warnings": list(report.notes),
        "gate": _gate(report.gate) if report.gate else None,
        "clauses": [_clause(verdict, report.gate) for verdict in judgement.clauses],
    }


def _deletions(report: Report) -> list[dict[str, str]] | None:
    """What became of each checkpoint; None where nothing was to be deleted."""
    if report.deletions is None:
        return None
    found = {each.record: each for each in leftovers(report)}
    return [
        {
            "checkpoint": each.record,
            "outcome": each.fate.value,
            "why": found[each.record].why if each.record in found else "",
            "curl": found[each.record].command if each.record in found else "",
        }
        for each in report.outcomes
    ]


def _surplus(report: Report) -> list[dict[str, str]]:
    records = report.judgement.surplus
    found = surplus(report.header.fixtures, records)
    return [
        {"checkpoint": each.id, "created_at": each.created_at, "curl": kept.command}
        for each, kept in zip(records, found, strict=True)
    ]


def _backup(backup: Progress) -> dict[str, Any]:
    return {
        "checkpoint": backup.record,
        "exchange": backup.exchange,
        "server": backup.server,
        "backup": backup.backup,
        "status": backup.status,
        "seconds": round(seconds(backup.seconds), 3) if backup.seconds is not None else None,
        "fail_reason": backup.reason,
    }


def _target(fixtures: Fixtures) -> dict[str, Any]:
    other = fixtures.other_project_id
    return {
        "endpoint": without_login(fixtures.endpoint),
        "project_id": fixtures.project_id,
        **({"other_project_id": other} if other else {}),
        "provider_id": fixtures.provider_id,
        "plan_id": fixtures.plan_id,
        "resources": list(fixtures.resources),
        "tokens": sorted(token.value for token in fixtures.tokens),
    }


def _spent(spent: Spent) -> dict[str, int]:
    return {"spent": spent.spent, "limit": spent.limit}


def _counts(clauses: tuple[ClauseVerdict, ...]) -> dict[str, Any]:
    """How many clauses have each status; a broken should counts as a warning, never as failed."""
    counts = {level: {_counted_as(status, level): 0 for status in Status} for level in Level}
    for verdict in clauses:
        level = verdict.clause.level
        counts[level][_counted_as(verdict.status, level)] += 1
    must, should = counts[Level.MUST], counts[Level.SHOULD]
    return {
        "total": len(clauses),
        **{name: must.get(name, 0) + should.get(name, 0) for name in {**must, **should}},
        "by_level": {level.value: counts[level] for level in Level},
    }


def _counted_as(status: Status, level: Level) -> str:
    is_warning = status is Status.FAILED and level is Level.SHOULD
    return "warning" if is_warning else status.value


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "counting": list(gate.counting),
        "waivers": [
            {
                "clause": waiver.clause,
                "reason": waiver.reason,
                "expires": waiver.expires.isoformat(),
                "state": state.value,
            }
            for waiver, state in gate.waivers
        ],
        "baseline": _baseline(gate.baseline) if gate.baseline else None,
        "mended": list(gate.mended),
    }


def _baseline(baseline: Baseline) -> dict[str, Any]:
    return {
        "finished_at": baseline.finished_at,
        "contract": {"sha256": baseline.contract},
        "endpoint": without_login(baseline.endpoint),
    }


def _clause(verdict: ClauseVerdict, gate: Gate | None) -> dict[str, Any]:
    clause = verdict.clause
    excuse = gate.excuses.get(clause.id) if gate else None
    return {
        **clause_record(clause),
        "status": verdict.status.value,
        "exchanges": verdict.exchanges,
        "reason": verdict.reason,
        "unlock": verdict.unlock,
        "excuse": {"kind": excuse.kind.value, "why": excuse.why} if excuse else None,
        "evidence": [_evidence(finding) for finding in verdict.evidence],
    }


def _evidence(finding: Finding) -> dict[str, Any]:
    exchange = finding.exchange
    return {
        "exchange": exchange.id,
        "probe": exchange.probe,
        "earlier": [each.id for each in finding.earlier],
        "expected": finding.expected,
        "received": finding.received,
        "curl": reproduction(finding),
    }
