"""GitHub-flavoured Markdown made from text of which it interprets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformance.text import code_parts, shorten, visible, visible_line

LONGEST = 160
"""How many characters of a text are shown where nothing else is said."""
_SPECIAL = re.compile(
    r"[\\`*\[\]<|~$@]|&(?=[#A-Za-z])|\A[#>+=-]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.",
    re.IGNORECASE,
)
_BY_NUMBER = "$@"
"""What GitHub reads also behind a backslash: a formula, somebody's name."""
_IN_BACKTICKS = re.compile(r"[^`|\s](?:[^`|]*[^`|\s])?")
"""A text that can stand between backticks, in a table as well."""


def prose(text: str, limit: int | None = LONGEST) -> str:
    """Foreign text in which Markdown finds nothing to interpret, on one line.

    Neither an escape nor a character reference can stand for structure (CommonMark, sections 2.4
    and 2.5). An underscore inside a word stands for itself. With `limit` None the text is not cut.
    """
    return _SPECIAL.sub(_escaped, _line(text, limit))


def _line(text: str, limit: int | None) -> str:
    return visible_line(text if limit is None else shorten(text, limit))


def _escaped(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};" if match[0] in _BY_NUMBER else f"\\{match[0]}"


def code(text: str, limit: int | None = LONGEST) -> str:
    """Foreign text as code, on one line: between backticks, where nothing in it ends them."""
    line = _line(text, limit)
    if _IN_BACKTICKS.fullmatch(line):
        return f"`{line}`"
    return f"<code>{prose(line, None) or ' '}</code>"


def statement(text: str, limit: int | None = 300) -> str:
    """A sentence of ours, in which backticks mark code."""
    pieces = code_parts(text if limit is None else shorten(text, limit))
    return "".join(
        code(piece, None) if is_code else prose(piece, None) for is_code, piece in pieces
    )


def fenced(text: str, language: str) -> str:
    """Text as a block of code."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def row(cells: Iterable[str]) -> str:
    """A row of a table, from cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def heading(names: Sequence[str]) -> str:
    """The two lines that begin a table."""
    return f"{row(names)}\n|{'|'.join(['---'] * len(names))}|"


def aligned(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of numbers, all columns but the first to the right, that is one as plain text too."""
    widths = [max(3, *map(len, column)) for column in zip(names, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return row([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])

    rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(names), row(rules), *map(line, rows)])
