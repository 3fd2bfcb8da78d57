"""What is told on the terminal: each difference, what could not be compared, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.compare.model import CONFORMS, INCONCLUSIVE, Comparison, Difference, Severity
from conformance.compare.report.wording import (
    PROMISES,
    coverage,
    headline,
    line,
    statuses,
    weight,
    where,
    witness,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SHOWN: Final = 20
"""How many differences are shown."""
STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Tell `console` how a comparison ended."""
    _Printer(comparison, console).print()


class _Printer:
    """Foreign text goes through `rich.text.Text` alone, which interprets no markup."""

    def __init__(self, comparison: Comparison, console: Console) -> None:
        self.comparison = comparison
        self.console = console

    def print(self) -> None:
        comparison = self.comparison
        for found in comparison.differences[:SHOWN]:
            self._difference(found)
        if (more := len(comparison.differences) - SHOWN) > 0:
            self._say("", f"... and {more} more: write a report with -o")
            self.console.print()
        for obstacle in comparison.obstacles[:SHOWN]:
            self._say("not compared  ", line(obstacle.problem), "bold blue")
            self._say("  at  ", line(obstacle.place.pointer or "/"), "dim")
            self._say("      ", where(obstacle.place), "dim")
        for note in comparison.notes[:SHOWN]:
            self._say("note  ", line(note), "dim")
        self._say("", f"{line(comparison.operation)}, OpenAPI {comparison.version}")
        self._say("", coverage(comparison))
        style = {CONFORMS: "green", INCONCLUSIVE: "bold blue"}.get(comparison.exit_code, "bold red")
        self._say(f"{headline(comparison)}", f"  (exit code {comparison.exit_code})", style)

    def _difference(self, found: Difference) -> None:
        self._say(f"{found.clause.id}  ", weight(found), STYLES[found.severity])
        self._say("  ", f"{found.clause.statement} ({found.clause.source})")
        self._say(f"  {found.direction.value}  ", f"{PROMISES[found.direction]}{statuses(found)}")
        self._say("  what     ", line(found.message))
        self._say("  witness  ", witness(found))
        self._say("  at       ", line(found.place.pointer or "/"), "dim")
        self._say("           ", where(found.place), "dim")
        self.console.print()

    def _say(self, head: str, said: str, style: str = "") -> None:
        """A text on as many lines as it takes; they stand under each other, after `head`."""
        first = self._text(head, style)
        width = max(self.console.width - len(first), 20)
        text = self._text(said)
        for place, piece in enumerate(text.wrap(self.console, width) or [text]):
            start = first if place == 0 else self._text(" " * len(first))
            piece.rstrip()
            self.console.print(start + piece, soft_wrap=True, highlight=False)

    def _text(self, said: str, style: str = "") -> Text:
        """The text as the console can encode it."""
        from rich.text import Text

        encoding = self.console.encoding
        return Text(said.encode(encoding, "backslashreplace").decode(encoding, "replace"), style)
