"""GitHub-flavoured Markdown made from text of which it interprets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformance.text import code_parts, shorten, visible, visible_line

LONGEST = 160
"""How many characters of a text are shown where nothing else is said."""
_SPECIAL = re.compile(
    r"[\\`*\[\]<>|~#!$&@^]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE
)


def prose(text: str, limit: int | None = LONGEST) -> str:
    """Foreign text in which Markdown finds nothing to interpret, on one line.

    Character references cannot stand for structure (CommonMark, section 2.5). An underscore inside
    a word stands for itself. With `limit` None the text is not cut.
    """
    line = visible_line(text if limit is None else shorten(text, limit))
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", line)


def code(text: str, limit: int | None = LONGEST) -> str:
    """Foreign text as code, on one line."""
    return f"<code>{prose(text, limit) or ' '}</code>"


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


def heading(names: Sequence[str], *, numbers: bool = False) -> str:
    """The two lines that begin a table; `numbers` aligns all columns but the first to the right."""
    rules = ["---", *(["--:" if numbers else "---"] * (len(names) - 1))]
    return f"{row(names)}\n|{'|'.join(rules)}|"
