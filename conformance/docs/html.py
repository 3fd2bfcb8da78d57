"""The reference documentation as one HTML page that loads nothing.

It looks like the report, whose style sheet it shares. What a run's report says is escaped and
cannot become markup, and a content security policy forbids everything but the styles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.docs.markdown import TEMPLATES
from conformance.docs.reference import Reference
from conformance.report.html import digest, environment, style_of

if TYPE_CHECKING:
    from jinja2 import Template


def html_reference(reference: Reference) -> str:
    """The reference documentation as one HTML page."""
    style = style_of(TEMPLATES / "reference.css")
    page = _template().render(
        reference=reference,
        style=style,
        policy=f"default-src 'none'; style-src {digest(style)}",
    )
    return page + "\n"


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment(TEMPLATES).get_template("reference.html.j2")
