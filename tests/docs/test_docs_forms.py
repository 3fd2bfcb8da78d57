"""reStructuredText and the folder for MkDocs: built strictly, and hostile reports stay text."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest
from docs_reports import CLAUSES, CONTRACT, HOSTILE, hostile, notes, report
from docutils.core import publish_doctree, publish_string
from docutils.nodes import Element, image, literal, raw, reference, target, title
from docutils.utils import SystemMessage
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.docs.command import write_reference
from conformance.docs.reference import Reference
from conformance.docs.rst import code, prose, rst_reference, statement
from conformance.errors import UsageError

STRICT = {
    "report_level": 2,
    "halt_level": 2,
    "syntax_highlight": "none",
    "file_insertion_enabled": 0,
}
MKDOCS = Path(sysconfig.get_path("scripts")) / "mkdocs"


def test_it_is_strict_restructuredtext_with_every_clause_once() -> None:
    page = rst_reference(Reference(CONTRACT))
    tree = publish_doctree(page, settings_overrides=STRICT)
    names = [name for node in tree.findall(target) for name in node["names"]]
    assert sorted(set(names)) == sorted(names)
    assert {clause.lower() for clause in CLAUSES} <= set(names)
    titles = [each.astext() for each in tree.findall(title)]
    ours = ("Function", "URI", "Request", "Response", "Status Codes", "Normal", "Abnormal")
    assert [each for each in titles if each in ours] == list(ours)


def test_the_verdicts_of_a_run_stand_beside_the_clauses(tmp_path: Path) -> None:
    report(tmp_path)
    (tmp_path / "report.html").write_text("")
    found = notes(tmp_path, tmp_path / "page.rst")
    page = rst_reference(Reference(CONTRACT, found))
    html = publish_string(page, writer="html5", settings_overrides=STRICT).decode()
    assert html.count("✓ passed") == found.counts["passed"]
    assert 'href="report.html#T6.status.values"' in html
    assert "PROTECTING" in html


def test_a_hostile_report_is_text_in_it(tmp_path: Path) -> None:
    page = rst_reference(Reference(CONTRACT, notes(hostile(tmp_path))))
    tree = publish_doctree(page, settings_overrides=STRICT)
    assert not list(tree.findall(raw)) + list(tree.findall(image))
    assert not [e for e in tree.findall(reference) if "canary" in str(e.get("refuri"))]
    assert "canary.invalid" in tree.astext()


@given(st.text(max_size=40))
@example(HOSTILE)
@example("1. a")
@example("* a")
@example(".. raw:: html")
@example("`a <http://b>`_")
@example("a``b")
@example("|a| [1]_ a_ __ \\\\")
@example(":field: a")
@example("a\\")
def test_any_text_stands_for_itself(text: str) -> None:
    for made in (prose(text), code(text)):
        try:
            tree = publish_doctree(f"x\n\n* - {made}\n", settings_overrides=STRICT)
        except SystemMessage as message:
            raise AssertionError(f"{made!r}: {message}") from None
        ours = {"paragraph", "literal", "bullet_list", "list_item", "document"}
        assert {node.tagname for node in tree.findall(Element)} <= ours


def test_code_beside_a_word_is_code() -> None:
    tree = publish_doctree(statement("`a`s and x`b`, `c`."), settings_overrides=STRICT)
    assert [each.astext() for each in tree.findall(literal)] == ["a", "b", "c"]
    assert tree.astext() == "as and xb, c."


def test_the_folder_builds_strictly_and_holds_the_report(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    report(tmp_path / "run")
    (tmp_path / "run" / "report.html").write_text("<p id=T6.status.values>")
    folder = tmp_path / "site"
    write_reference(folder, "mkdocs", tmp_path / "run")
    done = subprocess.run(
        [MKDOCS, "build", "--strict", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    index = (folder / "site" / "index.html").read_text()
    assert 'href="report.html#T6.status.values"' in index
    assert (folder / "site" / "report.html").exists()
    assert (folder / "site" / "openapi.yaml").read_bytes() == CONTRACT.text


def test_a_configuration_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: mine\n")
    write_reference(tmp_path, "mkdocs", None)
    assert (tmp_path / "mkdocs.yml").read_text() == "site_name: mine\n"


@pytest.mark.parametrize(
    ("output", "form", "why"),
    [
        ("page.pdf", None, "its ending says no format; end it in .md, .html or .rst"),
        ("page", None, "its ending says no format"),
        (None, "mkdocs", "--format mkdocs: it is a folder; name it with --output"),
        ("file", "mkdocs", "give a folder that can be written"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(
    output: str | None, form: str | None, why: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        write_reference(tmp_path / output if output else None, form, None)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
