"""What console reports share. Foreign text goes through `rich.text.Text`, without markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.report.labels import Label, sign

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES: Final = {
    Label.PASSED: "green",
    Label.FAILED: "bold red",
    Label.WARNING: "yellow",
    Label.INCONCLUSIVE: "bold blue",
    Label.NOT_EXERCISED: "dim",
    Label.WAIVED: "yellow",
    Label.KNOWN: "yellow",
}
OUTCOMES: Final = {0: Label.PASSED, 1: Label.FAILED, 3: Label.INCONCLUSIVE}
"""How the outcome of a command looks, by its exit code."""


class Printer:
    """Prints text that the console can encode, and wraps it under itself."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def hang(self, head: Text, text: Text) -> None:
        """Print a text wrapped to the console; its lines stand under each other, after `head`."""
        width = max(self.console.width - len(head), 20)
        for place, line in enumerate(text.wrap(self.console, width) or [text]):
            start = head if place == 0 else self.text(" " * len(head))
            line.rstrip()
            self.console.print(start + line, soft_wrap=True, highlight=False)

    def sign(self, kind: Label) -> Text:
        """The sign of a label, as every command shows it, and a space."""
        return self.text(f"{sign(kind, self.console.encoding)} ", STYLES[kind])

    def outcome(self, said: str, code: int) -> None:
        """Print what came of a command, and its exit code: the last line."""
        kind = OUTCOMES.get(code, Label.INCONCLUSIVE)
        line = self.text(said, STYLES[kind]) + self.text(f"  (exit code {code})", "dim")
        self.hang(self.sign(kind), line)

    def text(self, said: str, style: str = "") -> Text:
        """The text as the console can encode it."""
        from rich.text import Text

        encoding = self.console.encoding
        return Text(said.encode(encoding, "backslashreplace").decode(encoding, "replace"), style)
