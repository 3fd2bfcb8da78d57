"""What is told on the terminal: each cause, what could not be compared, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.compare.model import (
    Cause,
    Comparison,
    Patch,
    Place,
    Severity,
)
from conformance.compare.report.wording import (
    coverage,
    headline,
    laxness,
    line,
    messages,
    note,
    patch,
    relation,
    statuses,
    title,
    weight,
    where,
    witness,
)
from conformance.report.labels import Label
from conformance.report.printer import STYLES, Printer

if TYPE_CHECKING:
    from rich.console import Console

SHOWN: Final = 20
"""How many causes are shown, and places of each."""
LABELS: Final = {Severity.ERROR: Label.FAILED, Severity.WARNING: Label.WARNING}


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Tell `console` how a comparison ended."""
    _ComparisonReport(comparison, console).print()


class _ComparisonReport(Printer):
    """One comparison on its way to one console."""

    def __init__(self, comparison: Comparison, console: Console) -> None:
        super().__init__(console)
        self.comparison = comparison

    def print(self) -> None:
        comparison = self.comparison
        causes = comparison.causes
        for cause in causes[:SHOWN]:
            self._cause(cause)
        if (more := len(causes) - SHOWN) > 0:
            self._say("", f"... and {more} more: write a report with -o")
            self.console.print()
        for obstacle in comparison.obstacles[:SHOWN]:
            self._say("not compared  ", line(obstacle.problem), "bold blue")
            self._place(obstacle.place)
        for found in comparison.laxer[:SHOWN]:
            self._say("laxer  ", f"{found.clause.id}: {laxness(found)}", "cyan")
            self._place(found.place)
            if found.patch:
                self._patch(found.patch)
        for told in comparison.notes[:SHOWN]:
            self._say("note  ", note(told), "dim")
        self._say("", f"{line(comparison.operation)}, OpenAPI {comparison.version}")
        self._say("", coverage(comparison))
        self.outcome(headline(comparison), comparison.exit_code)

    def _cause(self, cause: Cause) -> None:
        first = cause.first
        kind = LABELS[cause.severity]
        head = self.sign(kind) + self.text(f"{title(cause)}  ", STYLES[kind])
        self.hang(head, self.text(weight(first)))
        if len(cause.clauses) == 1:
            self._say("  ", f"{first.clause.statement} ({first.clause.source})")
        self._say("  ", f"{relation(first)}{statuses(cause)}")
        for number, message in enumerate(messages(cause)):
            self._say("           " if number else "  what     ", message)
        self._say("  witness  ", witness(first))
        for place in cause.places[:SHOWN]:
            self._place(place, "  at       ")
        if cause.patch:
            self._patch(cause.patch)
        self.console.print()

    def _place(self, place: Place, head: str = "  at  ") -> None:
        self._say(head, line(place.pointer or "/"), "dim")
        self._say(" " * len(head), where(place), "dim")

    def _patch(self, change: Patch) -> None:
        told = f"in {where(change.place)}, {line(change.place.pointer or '/')}"
        self._say("  patch    ", told)
        for each in patch(change):
            self._say("           ", each)

    def _say(self, head: str, said: str, style: str = "") -> None:
        """A text on as many lines as it takes; they stand under each other, after `head`."""
        self.hang(self.text(head, style), self.text(said))
