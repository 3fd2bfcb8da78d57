"""The reference documentation as one HTML page that loads nothing.

It looks like the report, whose style sheet it shares. What a run's report says is escaped and
cannot become markup, and a content security policy forbids everything but the styles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.docs.markdown import TEMPLATES
from conformance.docs.reference import Reference
from conformance.report.html import TEMPLATES as REPORT_TEMPLATES
from conformance.report.html import digest, environment

if TYPE_CHECKING:
    from jinja2 import Template


def html_reference(reference: Reference) -> str:
    """The reference documentation as one HTML page."""
    from markupsafe import Markup

    style = _style()
    page = _template().render(
        reference=reference,
        style=Markup(style),
        policy=f"default-src 'none'; style-src {digest(style)}",
    )
    return page + "\n"


@lru_cache(maxsize=1)
def _style() -> str:
    sheets = (REPORT_TEMPLATES / "report.css", TEMPLATES / "reference.css")
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment(TEMPLATES).get_template("reference.html.j2")
