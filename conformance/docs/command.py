"""What the command `docs` does: read a run's report if one is named, render, write."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from conformance.contract import load_contract
from conformance.docs.html import html_reference
from conformance.docs.markdown import TEMPLATES, markdown_reference, rendered
from conformance.docs.notes import RunNotes, read_notes
from conformance.docs.reference import Reference
from conformance.docs.rst import rst_reference
from conformance.errors import UsageError
from conformance.page.catalogue import catalogue

RENDERERS: Final[dict[str, Callable[[Reference], str]]] = {
    "markdown": markdown_reference,
    "html": html_reference,
    "rst": rst_reference,
}
SUFFIXES: Final = {
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".html", ".htm"), "html"),
    ".rst": "rst",
}
MKDOCS: Final = "mkdocs"
"""The form that is a folder."""
REPORT: Final = "report.html"


def write_reference(output: Path | None, form: str | None, report: Path | None) -> None:
    """Write the reference documentation to a file or a folder, or to standard output.

    `form` is a key of RENDERERS, or MKDOCS; None goes by the ending of the file, and is Markdown
    where there is none. Raises UsageError for an ending that says nothing, a report that is none,
    and what cannot be written.
    """
    form = form or _form_of(output)
    if form == MKDOCS and output is None:
        raise UsageError("--format mkdocs: it is a folder; name it with --output")
    contract = load_contract()
    page = output / "docs" / "index.md" if output and form == MKDOCS else output
    notes = read_notes(report, contract, catalogue(contract), page) if report else None
    try:
        if form == MKDOCS:
            assert output is not None
            _write_folder(output, Reference(contract, _beside(notes)), report, notes)
            return
        text = RENDERERS[form](Reference(contract, notes)).encode("utf-8")
        if output is None:
            sys.stdout.buffer.write(text)
            return
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(text)
    except OSError as error:
        why = error.strerror or error
        what = "folder" if form == MKDOCS else "file"
        raise UsageError(f"--output {output}: {why}; give a {what} that can be written") from None


def _form_of(output: Path | None) -> str:
    if output is None:
        return "markdown"
    form = SUFFIXES.get(output.suffix.lower())
    if form is None:
        raise UsageError(
            f"--output {output}: its ending says no format; end it in .md, .html or .rst, or give "
            "--format"
        )
    return form


def _beside(notes: RunNotes | None) -> RunNotes | None:
    """The notes where the report stands beside the page that links to it."""
    return replace(notes, href=REPORT) if notes and notes.href else notes


def _write_folder(
    folder: Path, reference: Reference, report: Path | None, notes: RunNotes | None
) -> None:
    """Write what `mkdocs build` makes a site of; a configuration that is there stays."""
    pages = folder / "docs"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "index.md").write_text(markdown_reference(reference), encoding="utf-8")
    (pages / "openapi.yaml").write_bytes(reference.contract.text)
    if report is not None and notes is not None and notes.href:
        shutil.copyfile((report if report.is_dir() else report.parent) / REPORT, pages / REPORT)
    configuration = folder / "mkdocs.yml"
    if not configuration.exists():
        text = rendered(TEMPLATES / "mkdocs.yml.j2", reference=reference)
        configuration.write_text(text, encoding="utf-8")
