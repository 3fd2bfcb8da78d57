"""What console reports share. Foreign text goes through `rich.text.Text`, without markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


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

    def text(self, said: str, style: str = "") -> Text:
        """The text as the console can encode it."""
        from rich.text import Text

        encoding = self.console.encoding
        return Text(said.encode(encoding, "backslashreplace").decode(encoding, "replace"), style)
