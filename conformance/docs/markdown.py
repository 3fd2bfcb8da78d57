"""Markdown from templates: whatever a template prints is made harmless, unless it is markup."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conformance import markup
from conformance.docs.reference import Reference
from conformance.report.pieces import anchor
from conformance.text import code_parts, visible_line

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
_PLAIN_CODE = re.compile(r"(?! )[^`|\\]+(?<! )")


def markdown_reference(reference: Reference) -> str:
    """The reference documentation as GitHub-flavoured Markdown."""
    return rendered(TEMPLATES / "reference.md.j2", reference=reference)


def rendered(template: Path, **context: Any) -> str:
    """A page made from a Markdown template."""
    text = _environment(template.parent).get_template(template.name).render(**context)
    return compact(text)


def compact(text: str) -> str:
    """A page without the empty lines that a template leaves."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@lru_cache(maxsize=2)
def _environment(directory: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(directory),
        autoescape=True,  # leaves Markup alone, and `finalize` makes all else Markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters.update(code=code, statement=statement, paragraphs=paragraphs)
    environment.filters["fenced"] = lambda text, language: Markup(markup.fenced(text, language))
    environment.filters["url"] = Markup  # percent-encoded when it was made (notes.py)
    environment.filters["anchor"] = lambda name: Markup(anchor(name))
    return environment


def _harmless(value: Any) -> Any:
    return value if isinstance(value, Markup) else prose(str(value))


def prose(text: str) -> Markup:
    """Text in which Markdown finds nothing to interpret, on one line."""
    return Markup(markup.prose(text, None))


def code(text: str) -> Markup:
    """Text as code, on one line, in backticks where that is possible."""
    line = visible_line(str(text))
    return Markup(f"`{line}`" if _PLAIN_CODE.fullmatch(line) else markup.code(line, None))


def statement(text: str) -> Markup:
    """A sentence of ours, in which backticks mark code."""
    pieces = code_parts(text)
    return Markup("").join(code(piece) if is_code else prose(piece) for is_code, piece in pieces)


def paragraphs(text: str) -> Markup:
    """Several paragraphs of ours, in which backticks mark code."""
    return Markup("\n\n").join(statement(paragraph) for paragraph in text.split("\n\n"))
