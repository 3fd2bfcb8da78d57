"""How verdicts are named in every report: a word and a symbol each, so that no colour is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.model import Ending
from conformance.report.model import Report


class Label(Enum):
    """What a reader is told of a clause: word, symbol, and the symbol where only ASCII prints."""

    PASSED = "passed", "✓", "+"
    FAILED = "failed", "✗", "x"
    WARNING = "warning", "!", "!"
    INCONCLUSIVE = "inconclusive", "?", "?"
    NOT_EXERCISED = "not exercised", "–", "-"

    def __init__(self, word: str, symbol: str, plain: str) -> None:
        self.word = word
        self.symbol = symbol
        self.plain = plain

    @property
    def slug(self) -> str:
        """The word as a class name."""
        return self.word.replace(" ", "-")


def label(verdict: ClauseVerdict, *, strict: bool) -> Label:
    """What to call the verdict on a clause: a broken `should` is a warning, unless it counts."""
    if verdict.status is Status.FAILED and verdict.clause.level is Level.SHOULD and not strict:
        return Label.WARNING
    return Label[verdict.status.name]


def labelled(report: Report, *wanted: Label) -> list[ClauseVerdict]:
    """The clauses with one of the labels, in the order of the document."""
    found = report.judgement.clauses
    return [verdict for verdict in found if label(verdict, strict=report.strict) in wanted]


def tally(report: Report, level: Level | None = None) -> dict[Label, int]:
    """How many clauses (of a level) have each label; every label is there."""
    counts = dict.fromkeys(Label, 0)
    for verdict in report.judgement.clauses:
        if level is None or verdict.clause.level is level:
            counts[label(verdict, strict=report.strict)] += 1
    return counts


def unlocks(report: Report) -> dict[str, int]:
    """The options that would have more clauses exercised, and how many each, the most first."""
    unseen = labelled(report, Label.INCONCLUSIVE, Label.NOT_EXERCISED)
    counts = Counter(verdict.unlock for verdict in unseen if verdict.unlock)
    return dict(counts.most_common())


def untold(report: Report) -> int:
    """How many more checkpoints may exist: executions spent on which no answer told an id."""
    return max(report.footer.executions.spent - len(report.judgement.executions), 0)


def figures(report: Report) -> list[tuple[str, str, str]]:
    """How much was sent: what, how many, and beside what. Of a recording, how much was judged."""
    footer = report.footer
    if footer.ending is Ending.RECORDED:
        beside = f"{report.judgement.skipped:,} skipped"
        return [("exchanges", f"{report.judged:,}", f"judged, {beside}")]
    budget = {"requests": footer.requests, "executions": footer.executions}
    return [(name, f"{b.spent:,}", f"of {b.ceiling:,}") for name, b in budget.items()]


VERDICTS = {
    Verdict.CONFORMS: (Label.PASSED, "Conforms"),
    Verdict.VIOLATES: (Label.FAILED, "Violates the contract"),
    Verdict.INCONCLUSIVE: (Label.INCONCLUSIVE, "Inconclusive"),
}


def headline(report: Report) -> str:
    """The verdict on the run in a few words."""
    words = VERDICTS[report.judgement.verdict][1]
    warnings = tally(report)[Label.WARNING]
    if report.judgement.verdict is Verdict.CONFORMS and warnings:
        words += f", with {warnings} warning{'' if warnings == 1 else 's'}"
    return words


def explanation(report: Report) -> str:
    """Why the verdict is what it is, in a line."""
    judgement = report.judgement
    if judgement.reason:
        return judgement.reason
    if report.strict and judgement.failed(Level.SHOULD):
        return "Every must that was exercised is kept; a should is broken, and --strict counts it."
    return "Every line of the page that was exercised is kept."


def by_section(verdicts: Iterable[ClauseVerdict]) -> dict[str, list[ClauseVerdict]]:
    """The verdicts under the section of the document that each clause stands in."""
    sections: dict[str, list[ClauseVerdict]] = {}
    for verdict in verdicts:
        sections.setdefault(verdict.clause.source.section, []).append(verdict)
    return sections
