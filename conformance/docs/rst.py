"""The reference documentation as reStructuredText, for Sphinx and docutils.

Whatever the template prints is made harmless, unless it is markup.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from conformance.docs.markdown import TEMPLATES, compact
from conformance.docs.reference import Reference
from conformance.text import code_parts, visible_line

if TYPE_CHECKING:
    from jinja2 import Environment

_SPECIAL = re.compile(r"[\\*`|_<>\[\]:@]")
_BEGINS_A_BLOCK = re.compile(r"[^\w\s\\]|\w+[.)](?:\s|$)")
"""How a line begins that would be an item of a list, a directive or a rule."""
_PLAIN_CODE = re.compile(r"(?!\s)[^`\\]+(?<!\s)")


def rst_reference(reference: Reference) -> str:
    """The reference documentation as one page of reStructuredText."""
    return compact(_environment().get_template("reference.rst.j2").render(reference=reference))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,  # leaves Markup alone, and `finalize` makes all else Markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else prose(str(value)),
    )
    environment.filters.update(code=code, statement=statement, heading=heading, block=block)
    environment.filters["url"] = Markup  # percent-encoded when it was made (notes.py)
    environment.filters["paragraphs"] = lambda text: Markup("\n\n").join(
        statement(paragraph) for paragraph in text.split("\n\n")
    )
    return environment


def prose(text: str) -> Markup:
    """Text in which reStructuredText finds nothing to interpret, on one line."""
    escaped = _escaped(text).strip()
    return Markup(f"\\{escaped}" if _BEGINS_A_BLOCK.match(escaped) else escaped)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", visible_line(text))


def code(text: str) -> Markup:
    """Text as code, on one line."""
    line = visible_line(str(text)).strip() or "-"
    return Markup(f"``{line}``" if _PLAIN_CODE.fullmatch(line) else f":literal:`{prose(line)}`")


def statement(text: str) -> Markup:
    """A sentence of ours, in which backticks mark code."""
    pieces = [code(piece) if is_code else _escaped(piece) for is_code, piece in code_parts(text)]
    joined = ""
    for piece in pieces:  # code that touches a word is set apart by what does not show
        touches = joined and not joined[-1].isspace() and not piece[:1].isspace()
        joined += (
            "\\ " if touches and (joined[-1].isalnum() or piece[0].isalnum()) else ""
        ) + piece
    return Markup(joined)


def heading(text: str, sign: str) -> Markup:
    """A heading, underlined with a sign."""
    title = prose(text)
    return Markup(f"{title}\n{sign * len(title)}")


def block(text: str, language: str) -> Markup:
    """Text as a block of code."""
    lines = "\n".join(f"   {line}".rstrip() for line in text.splitlines())
    return Markup(f".. code-block:: {language}\n\n{lines}")
