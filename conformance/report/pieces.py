"""Pieces of markup that a page has over and over; each is made once. All text is escaped."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from conformance.report.labels import Label
from conformance.text import code_parts, visible

if TYPE_CHECKING:
    from markupsafe import Markup

_NO_ANCHOR = re.compile(r"[^A-Za-z0-9._-]+")


def anchor(name: str) -> str:
    """A name as an id in the page; clause ids stay as they are."""
    return _NO_ANCHOR.sub("-", name)


@lru_cache(maxsize=64)
def section_id(section: str) -> str:
    """The id of a section of the document."""
    return anchor(section.lower())


@lru_cache(maxsize=16)
def mark(label: Label) -> Markup:
    """The mark of a verdict."""
    return as_markup(
        f'<svg class="mark {label.slug}" viewBox="0 0 20 20" aria-hidden="true">'
        f'<use href="#mark-{label.slug}"/></svg>'
    )


@lru_cache(maxsize=512)
def statement(text: str) -> Markup:
    """What a clause says, with its code as such."""
    parts = ((is_code, safe(piece)) for is_code, piece in code_parts(text))
    return as_markup(
        "".join(f"<code>{text}</code>" if is_code else text for is_code, text in parts)
    )


@lru_cache(maxsize=512)
def clause_link(clause_id: str) -> Markup:
    """A link to a clause of the page."""
    return as_markup(f'<a class="id" href="#{anchor(clause_id)}">{safe(clause_id)}</a>')


def safe(text: str) -> str:
    """The text, which cannot become markup and shows what does not print."""
    return escape(visible(text))


def as_markup(made: str) -> Markup:
    """What was made of escaped text, so that a template takes it as it stands."""
    from markupsafe import Markup

    return Markup(made)
