"""`summary.md`: the outcome of a run in a page, such as the job summary of a CI system shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Finding
from conformance.markup import code, fenced, heading, prose, row, statement
from conformance.report.backups import failures, summary
from conformance.report.deletions import leftovers, surplus, surplus_title, title
from conformance.report.evidence import exchange_named
from conformance.report.labels import (
    Label,
    causes,
    excuse,
    explanation,
    figures,
    headline,
    labelled,
    tally,
    unlocks,
    untold,
    verdict_label,
)
from conformance.report.model import Report
from conformance.report.reproduction import reproduction
from conformance.text import counted, duration, named, visible, without_login

LONGEST_NOTE = 600
LONGEST_COMMAND = 4000
SHARE = 5_100
"""How many bytes each list may take: there are eleven, and the whole stays below 64 kB."""
HOW_TO_DELETE = f"{code('csbs-conformance delete')} with the directory of the run deletes them."


def markdown_report(report: Report) -> str:
    """The report as GitHub-flavoured Markdown, less than 64 kB of it."""
    parts = [
        _head(report),
        _counts(report),
        _failures(report, Label.FAILED, "Failed"),
        _reproduction(report),
        _unseen(report),
        _unlocks(report),
        _excused(report, Label.WAIVED, "Waived"),
        _excused(report, Label.KNOWN, "Known from the baseline"),
        _mended(report),
        _failures(report, Label.WARNING, "Warnings"),
        _list("Notes", [prose(note, LONGEST_NOTE) for note in report.notes]),
        _checkpoints(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report) -> str:
    header, footer = report.header, report.footer
    symbol = verdict_label(report).symbol
    elapsed = duration(footer.finished_at - header.started_at)
    spent = ", ".join(f"{name} {number} {beside}" for name, number, beside in figures(report))
    return (
        f"## {prose(symbol)} {headline(report)}\n\n"
        f"{prose(explanation(report), 600)}\n\n"
        f"{code(without_login(header.fixtures.endpoint))}, "
        f"{spent}, "
        f"{elapsed}, seed {header.seed}, profile {prose(header.profile)}; "
        f"{footer.ending.value}; exit code {report.exit_code}."
    )


def _counts(report: Report) -> str:
    tallies = [tally(report, level) for level in Level]
    rows = [
        row([level.value, *map(str, counts.values())])
        for level, counts in zip(Level, tallies, strict=True)
    ]
    heads = ["", *(f"{kind.symbol} {kind.word}" for kind in tallies[0])]
    return "\n".join([heading(heads, numbers=True), *rows])


def _failures(report: Report, kind: Label, title: str) -> str:
    rows = [_failure(verdict) for verdict in labelled(report, kind)]
    head = ["Clause", "It says", "Expected", "Received", "Exchange"]
    return _table(f"{title} ({len(rows)})", head, rows)


def _failure(verdict: ClauseVerdict) -> str:
    clause = verdict.clause
    told = [prose(verdict.reason), "", ""]
    if verdict.evidence:
        first = verdict.evidence[0]
        after = named([each.id for each in first.earlier])
        exchange = exchange_named(first.exchange) + (f", after {after}" if after else "")
        told = [code(first.expected), code(first.received), code(exchange)]
    return row([code(clause.id), statement(clause.statement), *told])


def _unseen(report: Report) -> str:
    found = causes(report)
    rows = [
        row(
            [
                ", ".join(map(code, cause.clauses)),
                prose(cause.reason),
                cause.unlock and code(cause.unlock),
            ]
        )
        for cause in found
    ]
    number = sum(len(cause.clauses) for cause in found)
    return _table(f"Inconclusive ({number})", ["Clauses", "Why", "Unlock with"], rows)


def _excused(report: Report, kind: Label, title: str) -> str:
    rows = [
        row(
            [
                code(verdict.clause.id),
                prose(excuse(report, verdict), LONGEST_NOTE),
                prose(verdict.reason),
            ]
        )
        for verdict in labelled(report, kind)
    ]
    head = ["Clause", "Why it does not count", "What was seen"]
    return _table(f"{title} ({len(rows)})", head, rows)


def _mended(report: Report) -> str:
    mended = report.gate.mended if report.gate else ()
    return _list(f"Mended since the baseline ({len(mended)})", [code(name) for name in mended])


def _unlocks(report: Report) -> str:
    options = unlocks(report).items()
    items = [f"{code(option)} would unlock {counted(n, 'clause')}" for option, n in options]
    return _list("To see more", items)


def _reproduction(report: Report) -> str:
    first = first_finding(report)
    if first is None:
        return ""
    command = visible(reproduction(first))
    if len(command.encode("utf-8", "replace")) > LONGEST_COMMAND:
        return "The command that reproduces the first failure is long: see report.html."
    return f"The first failure again:\n\n{fenced(command, 'sh')}"


def first_finding(report: Report) -> Finding | None:
    """The evidence for the first clause that failed, in the order of the document."""
    findings = (verdict.evidence for verdict in labelled(report, Label.FAILED))
    return next((evidence[0] for evidence in findings if evidence), None)


def _checkpoints(report: Report) -> str:
    ids = report.judgement.executions
    told = _checkpoint_list(report, ids) if ids else ""
    more = untold(report)
    note = (
        f"Up to {counted(more, 'checkpoint')} may exist whose id no response told." if more else ""
    )
    backups = report.judgement.backups
    seen = f"{summary(backups)}." if backups else ""
    failed = _list("Backups in error", [prose(each, LONGEST_NOTE) for each in failures(backups)])
    parts = (told, seen, failed, note, _surplus(report))
    return "\n\n".join(part for part in parts if part)


def _surplus(report: Report) -> str:
    """What came up besides; the commands that would delete it are in the page."""
    found = surplus(report.header.fixtures, report.judgement.surplus)
    if not found:
        return ""
    shown = _within([f"- {code(each.record)}: {prose(each.why)}" for each in found])
    lines = [f"### {surplus_title(len(found))}", "", *shown]
    told = "\n".join(lines) + _rest(len(found) - len(shown), "report.json")
    return f"{told}\n\nThe commands that would delete them are in {code('report.html')}."


def _checkpoint_list(report: Report, ids: Sequence[str]) -> str:
    items = [f"- {code(name)}" for name in ids]
    if report.deletions is not None:
        items = [f"- {code(each.record)}: {prose(each.why)}" for each in leftovers(report)]
    shown = _within(items)
    told = "\n".join([f"### {title(report)}", "", *shown]).rstrip()
    told += _rest(len(items) - len(shown), "report.json")
    return told if report.deletions is not None else f"{told}\n\n{HOW_TO_DELETE}"


def _table(title: str, head: Sequence[str], rows: Sequence[str]) -> str:
    if not rows:
        return ""
    shown = _within(rows)
    return "\n".join([f"### {title}", "", heading(head), *shown]) + _rest(len(rows) - len(shown))


def _list(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    shown = _within(items)
    lines = [f"- {item}" for item in shown]
    return "\n".join([f"### {title}", "", *lines]) + _rest(len(items) - len(shown))


def _within(lines: Iterable[str]) -> list[str]:
    """The first lines, as many as the share of a list allows."""
    shown, size = [], 0
    for line in lines:
        size += len(line.encode("utf-8", "replace")) + 1
        if size > SHARE:
            break
        shown.append(line)
    return shown


def _rest(number: int, place: str = "report.html") -> str:
    return f"\n\n… and {number:,} more, see {place}" if number else ""
