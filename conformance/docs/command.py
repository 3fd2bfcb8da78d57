"""What the command `docs` does: read a run's report if one is named, render, write."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.contract import load_contract
from conformance.docs.html import html_reference
from conformance.docs.markdown import markdown_reference
from conformance.docs.notes import read_notes
from conformance.docs.reference import Reference
from conformance.errors import UsageError
from conformance.page.catalogue import catalogue

RENDERERS = {"markdown": markdown_reference, "html": html_reference}
SUFFIXES = {".html": "html", ".htm": "html"}


def write_reference(output: Path | None, form: str | None, report: Path | None) -> None:
    """Write the reference documentation to a file, or to standard output.

    `form` is a key of RENDERERS; None goes by the name of the file, and takes Markdown where that
    says nothing. Raises UsageError for a report that is none and a file that cannot be written.
    """
    contract = load_contract()
    notes = read_notes(report, contract, catalogue(contract), output) if report else None
    form = form or SUFFIXES.get(output.suffix.lower() if output else "", "markdown")
    page = RENDERERS[form](Reference(contract, notes)).encode("utf-8")
    if output is None:
        sys.stdout.buffer.write(page)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(page)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"--output {output}: {why}; give a file that can be written") from None
