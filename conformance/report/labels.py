"""How verdicts are named in every report: a word and a symbol each, so that no colour is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from conformance.contract.clauses import Level
from conformance.gate.model import ExcuseKind, Gate
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.model import Ending
from conformance.report.model import INTERRUPTED, Report
from conformance.text import counted, named

NOTHING_TESTED = frozenset({Ending.UNREACHED, Ending.HOPELESS})
"""Endings of runs in which one thing stood in the way of every request."""


class Label(Enum):
    """What a reader is told of a clause: word, symbol, and the symbol where only ASCII prints.

    The `slug` is the word as a class name.
    """

    PASSED = "passed", "✓", "+"
    FAILED = "failed", "✗", "x"
    WARNING = "warning", "!", "!"
    INCONCLUSIVE = "inconclusive", "?", "?"
    NOT_EXERCISED = "not exercised", "–", "-"
    WAIVED = "waived", "~", "~"
    KNOWN = "known", "=", "="

    def __init__(self, word: str, symbol: str, plain: str) -> None:
        self.word = word
        self.symbol = symbol
        self.plain = plain
        self.slug = word.replace(" ", "-")


NO_SIGN = "∅", "0"
"""What stands for no verdict at all, and where only ASCII prints."""


def sign(kind: Label | None, encoding: str | None = "utf-8") -> str:
    """The sign of a label, or of no verdict, that an output of that encoding can show."""
    both = (kind.symbol, kind.plain) if kind else NO_SIGN
    return both[not (encoding or "").lower().startswith("utf")]


EXCUSED = {ExcuseKind.WAIVED: Label.WAIVED, ExcuseKind.KNOWN: Label.KNOWN}


def label(verdict: ClauseVerdict, *, strict: bool, gate: Gate | None = None) -> Label:
    """What to call the verdict on a clause: a broken `should` is a warning, unless it counts.

    What the gate excuses has a label of its own.
    """
    if gate is not None and verdict.clause.id in gate.excuses:
        return EXCUSED[gate.excuses[verdict.clause.id].kind]
    if verdict.status is Status.FAILED and verdict.clause.level is Level.SHOULD and not strict:
        return Label.WARNING
    return Label[verdict.status.name]


def label_in(report: Report, verdict: ClauseVerdict) -> Label:
    """What to call the verdict on a clause of a report."""
    return label(verdict, strict=report.strict, gate=report.gate)


def labelled(report: Report, *wanted: Label) -> list[ClauseVerdict]:
    """The clauses with one of the labels, in the order of the document."""
    return [v for v in report.judgement.clauses if label_in(report, v) in wanted]


def excuse(report: Report, verdict: ClauseVerdict) -> str:
    """Why a clause does not count; empty where it does."""
    found = report.gate.excuses.get(verdict.clause.id) if report.gate else None
    return found.why if found else ""


def tally(report: Report, level: Level | None = None) -> dict[Label, int]:
    """How many clauses (of a level) have each label.

    Every label is there; those of the gate are where it was asked.
    """
    kinds = [kind for kind in Label if report.gate or kind not in EXCUSED.values()]
    counts = dict.fromkeys(kinds, 0)
    for verdict in report.judgement.clauses:
        if level is None or verdict.clause.level is level:
            counts[label_in(report, verdict)] += 1
    return counts


def unlocks(report: Report) -> dict[str, int]:
    """The options that would have more clauses exercised, and how many each, the most first."""
    unseen = labelled(report, Label.INCONCLUSIVE, Label.NOT_EXERCISED)
    counts = Counter(verdict.unlock for verdict in unseen if verdict.unlock)
    return dict(counts.most_common())


class Cause(Struct, frozen=True):
    """Why clauses are inconclusive, and what would unlock them; the first clause comes first."""

    reason: str
    unlock: str
    clauses: tuple[str, ...]

    @property
    def named(self) -> str:
        """The clause, or how many there are."""
        return self.clauses[0] if len(self.clauses) == 1 else counted(len(self.clauses), "clause")

    @property
    def told(self) -> str:
        """The reason, with the clauses where there are several."""
        return self.reason + (f" ({named(self.clauses)})" if len(self.clauses) > 1 else "")


def causes(report: Report) -> list[Cause]:
    """Why clauses are inconclusive: each cause once, and one where nothing could be tested."""
    unseen = labelled(report, Label.INCONCLUSIVE)
    if unseen and report.footer.ending in NOTHING_TESTED:
        why = report.judgement.missing or report.footer.ending.value
        return [Cause(why, "", tuple(verdict.clause.id for verdict in unseen))]
    found: dict[tuple[str, str], list[str]] = {}
    for verdict in unseen:
        found.setdefault((verdict.reason, verdict.unlock), []).append(verdict.clause.id)
    return [Cause(reason, unlock, tuple(ids)) for (reason, unlock), ids in found.items()]


def untold(report: Report) -> int:
    """How many more checkpoints may exist: executions spent on which no response told an id."""
    return max(report.footer.executions.spent - report.judgement.told, 0)


def figures(report: Report) -> list[tuple[str, str, str]]:
    """How much was sent: what, how many, and beside what. Of a recording, how much was judged."""
    footer = report.footer
    if footer.ending is Ending.RECORDED:
        beside = f"{report.judgement.skipped:,} skipped"
        return [("exchanges", f"{report.judged:,}", f"judged, {beside}")]
    budget = {"requests": footer.requests, "executions": footer.executions}
    return [(name, f"{b.spent:,}", f"of {b.limit:,}") for name, b in budget.items()]


VERDICTS = {
    Verdict.CONFORMS: (Label.PASSED, "Conforms"),
    Verdict.VIOLATES: (Label.FAILED, "Violates the contract"),
    Verdict.INCONCLUSIVE: (Label.INCONCLUSIVE, "Inconclusive"),
}


def excused(report: Report) -> Label | None:
    """What to call a run of which nothing that is not kept counts: waived, or else known.

    None for all others.
    """
    gate, verdict = report.gate, report.judgement.verdict
    if gate is None or not gate.excuses or gate.counting or verdict is Verdict.CONFORMS:
        return None
    if verdict is Verdict.INCONCLUSIVE and report.exit_code == 3:
        return None
    return Label.WAIVED if gate.excused(ExcuseKind.WAIVED) else Label.KNOWN


def excuses_in_words(report: Report) -> str:
    """How clauses are excused: waived, known, or either; empty where none is."""
    gate = report.gate
    kinds = [EXCUSED[kind].word for kind in ExcuseKind if gate and gate.excused(kind)]
    return " or ".join(kinds)


def fails_by(report: Report) -> str:
    """Why a run does not pass whose verdict would let it; empty where that is not so."""
    verdict = report.judgement.verdict
    if report.exit_code in INTERRUPTED:
        return "interrupted" if verdict is Verdict.CONFORMS else ""
    is_violation = verdict is Verdict.VIOLATES and not excused(report)
    if report.exit_code == 3 and verdict is not Verdict.INCONCLUSIVE and report.left:
        return f"{len(report.left)} of {len(report.outcomes)} checkpoints not deleted"
    if report.exit_code != 1 or is_violation:
        return ""
    broken = len(labelled(report, Label.FAILED))
    unneeded = report.gate.unneeded if report.gate else ()
    told = [f"{broken} should"] if broken else []
    told += [f"{counted(len(unneeded), 'unneeded waiver')} ({named(unneeded)})"] if unneeded else []
    return f"fails by --strict: {', '.join(told)}"


def verdict_label(report: Report) -> Label:
    """The label of the verdict on the run: none that passes beside an exit code that does not."""
    if fails_by(report) and report.judgement.verdict is not Verdict.VIOLATES:
        return Label.FAILED if report.exit_code == 1 else Label.INCONCLUSIVE
    return excused(report) or VERDICTS[report.judgement.verdict][0]


def headline(report: Report) -> str:
    """The verdict on the run in a few words."""
    words = VERDICTS[report.judgement.verdict][1]
    if excused(report):
        violates = report.judgement.verdict is Verdict.VIOLATES
        what = "all that is broken" if violates else "what could not be seen"
        words += f", but {what} is {excuses_in_words(report)}"
    if why := fails_by(report):
        return f"{words}; {why}"
    if excused(report):
        return words
    warnings = tally(report)[Label.WARNING]
    if report.judgement.verdict is Verdict.CONFORMS and warnings:
        words += f", with {warnings} warning{'' if warnings == 1 else 's'}"
    return words


def reason_of_gate(report: Report) -> str:
    """Why the gate lets a run not pass in spite of its excuses; empty where that is not so."""
    gate = report.gate
    if gate is None or gate.counting:
        return ""
    if report.exit_code == 1:
        return f"A waiver is no longer needed, and --strict counts it: {named(gate.unneeded)}."
    if report.exit_code != 3:
        return ""
    unseen = [v for v in labelled(report, Label.INCONCLUSIVE) if v.clause.level is Level.MUST]
    first = f"{unseen[0].clause.id}: {unseen[0].reason}" if unseen else ""
    return report.judgement.missing or first


def explanation(report: Report) -> str:
    """Why the verdict is what it is, in a line."""
    judgement = report.judgement
    if reason := reason_of_gate(report) or judgement.reason:
        return reason
    passed = "Every must that was exercised passed"
    if report.strict and labelled(report, Label.FAILED):
        return f"{passed}; a should is broken, and --strict counts it."
    if words := excuses_in_words(report):
        return f"{passed}; what else is broken is {words}."
    return "Every clause that was exercised passed."


def in_a_line(report: Report) -> str:
    """The verdict with all that qualifies it, and why it is no better."""
    judgement = report.judgement
    excuses = f" ({excuses_in_words(report)})" if excused(report) else ""
    fails = f"; {why}" if (why := fails_by(report)) else ""
    reason = judgement.reason if fails else reason_of_gate(report) or judgement.reason
    return f"{judgement.verdict.value}{excuses}{fails}" + (f": {reason}" if reason else "")


def by_section(verdicts: Iterable[ClauseVerdict]) -> dict[str, list[ClauseVerdict]]:
    """The verdicts under the section of the document that each clause stands in."""
    sections: dict[str, list[ClauseVerdict]] = {}
    for verdict in verdicts:
        sections.setdefault(verdict.clause.source.section, []).append(verdict)
    return sections
