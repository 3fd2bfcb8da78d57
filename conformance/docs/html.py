"""The reference documentation as one HTML page that loads nothing.

It looks like the report, whose style sheet it shares. What a run's report says is escaped and
cannot become markup, and a content security policy forbids everything but the styles.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.docs.markdown import TEMPLATES
from conformance.docs.reference import Reference
from conformance.report.html import TEMPLATES as REPORT_TEMPLATES
from conformance.report.html import anchor
from conformance.report.text import code_parts, visible

if TYPE_CHECKING:
    from jinja2 import Template


def html_reference(reference: Reference) -> str:
    """The reference documentation as one HTML page."""
    from markupsafe import Markup

    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    page = _template().render(
        reference=reference,
        style=Markup(style),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
    )
    return page + "\n"


@lru_cache(maxsize=1)
def _style() -> str:
    sheets = (REPORT_TEMPLATES / "report.css", TEMPLATES / "reference.css")
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters.update(code_parts=code_parts, anchor=anchor)
    return environment.get_template("reference.html.j2")


def _harmless(value: Any) -> Any:
    """What is printed in place of `value`: applied to every expression of the template."""
    return visible(value) if type(value) is str else value
