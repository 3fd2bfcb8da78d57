"""`summary.md`: the campaign for a job summary: targets, what is broken, what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from conformance.campaign.comparison import Comparison
from conformance.campaign.matrix import Matrix, verdict_label, worst_first
from conformance.campaign.row import Row
from conformance.contract.clauses import Level
from conformance.gate.change import ChangeKind
from conformance.markup import code, heading, prose, row, statement
from conformance.report.labels import sign
from conformance.text import counted, named, without_login

LISTED: Final = 100
"""How many lines of each table are written; the others are counted."""
NAMED: Final = 5
MANY: Final = {"violates": "violate", "conforms": "conform"}
"""What is said of several targets."""


def markdown_matrix(matrix: Matrix) -> str:
    """The campaign as GitHub-flavoured Markdown."""
    parts = [_head(matrix), _targets(matrix), _broken(matrix)]
    if matrix.comparison is not None:
        parts += _comparison(matrix.comparison)
    return "\n\n".join(part for part in parts if part) + "\n"


def in_words(matrix: Matrix) -> str:
    """How many targets have which verdict, in a line, and how many of them are excused."""
    excused = Counter(str(row.verdict) for row in matrix.rows if row.is_excused)
    failing = Counter(str(row.verdict) for row in matrix.rows if row.fails_by_strict)
    told = [
        f"{number:,} {MANY.get(verdict, verdict) if number > 1 else verdict}"
        + (f" ({excused[verdict]:,} excused)" if excused[verdict] else "")
        + (f" ({failing[verdict]:,} failing by --strict)" if failing[verdict] else "")
        for verdict, number in matrix.verdicts.items()
        if number
    ]
    return f"{counted(len(matrix.rows), 'target')}: {', '.join(told)}"


def _head(matrix: Matrix) -> str:
    return f"## {in_words(matrix)}\n\n{matrix.spent}; exit code {matrix.exit_code}."


def _targets(matrix: Matrix) -> str:
    worst = worst_first(matrix.rows)
    head = ["", "Target", "Verdict", "Broken must", "Broken should", "Excused", "Why"]
    rows = [_target(matrix, each) for each in worst[:LISTED]]
    return "\n".join(["### Targets", "", heading(head), *rows]) + _rest(len(worst) - len(rows))


def _target(matrix: Matrix, target: Row) -> str:
    cells = [
        sign(verdict_label(target)),
        f"{code(target.name)} {code(without_login(target.endpoint))}",
        target.told,
        *(_clauses(matrix.broken_by(target, level)) for level in Level),
        _clauses(list(target.excuses)),
        prose(target.reason),
    ]
    return row(cells)


def _clauses(names: Sequence[str]) -> str:
    shown = ", ".join(code(name) for name in names[:NAMED])
    more = len(names) - NAMED
    return shown + (f" and {more} more" if more > 0 else "")


def _broken(matrix: Matrix) -> str:
    if not matrix.broken:
        return ""
    head = heading(["Clause", "Level", "It says", "Broken by"])
    rows = []
    for clause, breakers in matrix.broken[:LISTED]:
        by = f"{len(breakers)}: {prose(named([each.name for each in breakers], NAMED))}"
        rows.append(row([code(clause.id), clause.level.value, statement(clause.statement), by]))
    title = f"### Broken clauses ({len(matrix.broken)})"
    return "\n".join([title, "", head, *rows]) + _rest(len(matrix.broken) - len(rows))


def _comparison(comparison: Comparison) -> Iterator[str]:
    since = prose(comparison.finished_at)
    if not comparison.changes:
        yield f"### Since {since}\n\nNo verdict has changed."
    for kind in ChangeKind:
        changes = comparison.having(kind)
        if changes:
            lines = [
                f"* {code(change.target)} {code(change.clause) if change.clause else 'verdict'}: "
                f"{prose(change.old)} → {prose(change.new)}"
                for change in changes[:LISTED]
            ]
            title = f"### {kind.value.capitalize()} since {since} ({len(changes)})"
            yield "\n".join([title, "", *lines]) + _rest(len(changes) - len(lines))
    for title, names in lists(comparison):
        shown = ", ".join(code(name) for name in names[:LISTED])
        yield f"### {title} ({len(names)})\n\n{shown}{_rest(len(names) - LISTED)}"


def lists(comparison: Comparison) -> list[tuple[str, Sequence[str]]]:
    """What is in one of two campaigns only, under a title each."""
    found = [
        ("New targets", comparison.new_targets),
        ("Targets gone", comparison.gone_targets),
        ("New clauses", comparison.new_clauses),
        ("Clauses gone", comparison.gone_clauses),
    ]
    return [(title, names) for title, names in found if names]


def _rest(number: int) -> str:
    return f"\n\n… and {number:,} more, see campaign.json" if number > 0 else ""
