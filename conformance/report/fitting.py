"""Words of this suite as an output can show them: its signs, and lines no wider than a terminal."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass
from typing import Final, TextIO

from conformance.report.labels import Label

NARROWEST: Final = 20
PLAIN: Final = str.maketrans(
    {each.symbol: each.plain for each in Label} | {"→": "->", "─": "-", "…": "...", "–": "-"}
)
"""What stands for a sign where the encoding has no such character."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How text fits an output: `width` is None where no terminal shows it."""

    is_unicode: bool = True
    width: int | None = None

    @classmethod
    def of(cls, stream: TextIO) -> Fitting:
        """How text fits a stream."""
        encoding = (stream.encoding or "").lower()
        width = shutil.get_terminal_size().columns if stream.isatty() else None
        return cls(encoding.startswith("utf"), width)

    def __call__(self, text: str) -> str:
        """The text in the signs that can be shown, each line wrapped under itself."""
        text = text if self.is_unicode else text.translate(PLAIN)
        if self.width is None:
            return text
        return "\n".join(self._wrapped(line) for line in text.split("\n"))

    def column(self, usual: int) -> int:
        """The width of a first column that leaves room for a second one."""
        return usual if self.width is None else min(usual, max(self.width - 20, 0))

    def _wrapped(self, line: str) -> str:
        indent = line[: len(line) - len(line.lstrip())]
        return textwrap.fill(
            line[len(indent) :],
            max(self.width or 0, NARROWEST),
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            drop_whitespace=True,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )


AS_IT_IS: Final = Fitting()
