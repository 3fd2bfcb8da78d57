"""The verdicts of a run in the documentation: right, complete, and harmless."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from docs_reports import CLAUSES, CONTRACT, HOSTILE, hostile, notes, record, report
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from trying import examples

from conformance.docs.html import html_reference
from conformance.docs.markdown import code, markdown_reference, prose
from conformance.docs.notes import WORDS, RunNotes
from conformance.docs.reference import Reference
from conformance.errors import UsageError
from conformance.markup import fenced
from conformance.report.labels import Label

BROKEN = {"T6.status.values": "failed", "EC.body.json": "warning"}


@pytest.fixture
def found(tmp_path: Path) -> RunNotes:
    return notes(report(tmp_path))


def test_every_clause_of_the_run_has_its_word(found: RunNotes) -> None:
    for entry in record()["clauses"]:
        word = BROKEN.get(entry["id"], entry["status"].replace("_", " "))
        assert found.clauses[entry["id"]].word == word
    assert {c: n.word for c, n in found.clauses.items() if n.word in BROKEN.values()} == BROKEN
    assert sum(found.counts.values()) == len(record()["clauses"])
    assert set(found.counts) == set(WORDS.values())
    assert found.is_same_contract
    assert found.unknown == 0


def test_a_strict_run_counts_a_broken_should(tmp_path: Path) -> None:
    found = notes(report(tmp_path, strict=True))
    assert found.clauses["EC.body.json"].label is Label.FAILED


def rows(page: str) -> dict[str, str]:
    return {
        row[1]: row[0] for row in re.finditer(r'^\| <a id="([^"]*)"></a>.*$', page, re.MULTILINE)
    }


def test_markdown_says_it_beside_every_clause(found: RunNotes) -> None:
    page = markdown_reference(Reference(CONTRACT, found))
    assert set(rows(page)) >= set(CLAUSES)
    for name, note in found.clauses.items():
        assert note.word in rows(page)[name]
        if note.expected:
            assert note.received in rows(page)[name]
            assert note.exchange in rows(page)[name]


def test_html_says_it_beside_every_clause(found: RunNotes) -> None:
    page = html_reference(Reference(CONTRACT, found))
    items = dict(re.findall(r'<li id="([^"]*)" class="clause (.*?)</li>', page, re.DOTALL))
    assert set(items) == set(CLAUSES)
    for name, note in found.clauses.items():
        assert items[name].startswith(f'{note.label.slug}"')
        assert f">{note.word}<" in items[name]
        assert (note.exchange in items[name]) or not note.expected
    assert "PROTECTING" in items["T6.status.values"]


def test_clauses_that_were_not_selected_say_so(tmp_path: Path) -> None:
    chosen = [c for c in record()["clauses"] if c["id"].startswith("T6.")]
    other = {**chosen[0], "id": "T6.status.colour"}
    found = notes(report(tmp_path, clauses=[*chosen, other], contract={"sha256": "other"}))
    assert found.unknown == 1
    for page in (
        markdown_reference(Reference(CONTRACT, found)),
        html_reference(Reference(CONTRACT, found)),
    ):
        assert page.count("not in the report") == len(CLAUSES) - len(chosen)
        assert "against another version of the contract" in page
        assert "1 of its clauses are not known" in page
        assert "T6.status.colour" not in page


@pytest.mark.parametrize("name", ["report.html", None])
def test_evidence_is_a_link_where_there_is_a_page(name: str | None, tmp_path: Path) -> None:
    directory = tmp_path / "a (run) <b>"
    directory.mkdir()
    report(directory)
    if name:
        (directory / name).write_text("")
    found = notes(directory, tmp_path / "site" / "page.html")
    assert bool(found.href) is bool(name)
    for page in (
        markdown_reference(Reference(CONTRACT, found)),
        html_reference(Reference(CONTRACT, found)),
    ):
        link = "../a%20%28run%29%20%3Cb%3E/report.html#T6.status.values"
        assert (link in page) is bool(name)
        assert "x0" in page


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": ' * 100_000, "not JSON"),
        (b"1" * 10_000, "not JSON"),
        (b"[]", "no report of this suite"),
        (b"{}", "no report of this suite"),
        (b'"\\ud800"', "report"),
        (b"NaN", "report"),
    ],
)
def test_what_is_no_report_is_wrong_use(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says) as caught:
        notes(path)
    assert "\n" not in str(caught.value)
    assert "give a report.json" in str(caught.value)


def test_a_report_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path("a\0b")):
        with pytest.raises(UsageError, match=r"give a report\.json"):
            notes(path)


places = st.deferred(lambda: st.sampled_from(sorted(record())))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(places, anything, min_size=1, max_size=2))
def test_a_changed_report_is_read_or_is_wrong_use(changes: dict[str, Any], tmp_path: Path) -> None:
    path = report(tmp_path, **changes)
    try:
        found = notes(path)
    except UsageError as error:
        told = str(error)
    else:
        told = "".join(markdown_reference(Reference(CONTRACT, found)).splitlines())
    assert told.isprintable()


class Structure(HTMLParser):
    """The tags of a page with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, tuple[str, ...]]] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(name for name, _ in attrs)))
        self.links |= {str(value) for name, value in attrs if name in {"href", "src"}}


def test_hostile_text_adds_nothing_to_the_html(tmp_path: Path) -> None:
    tame = Structure(html_reference(Reference(CONTRACT, notes(report(tmp_path)))))
    page = html_reference(Reference(CONTRACT, notes(hostile(tmp_path))))
    assert "owned" in page
    wild = Structure(page)
    assert not {tag for tag, _ in wild.tags} & {"script", "img", "iframe", "object", "form"}
    assert {tag for tag, _ in wild.tags} <= {tag for tag, _ in tame.tags} | {"p"}
    assert wild.links == tame.links
    assert page.replace("\n", "").isprintable()


def test_hostile_text_adds_nothing_to_the_markdown(tmp_path: Path) -> None:
    tame = markdown_reference(Reference(CONTRACT, notes(report(tmp_path))))
    wild = markdown_reference(Reference(CONTRACT, notes(hostile(tmp_path))))
    assert "owned" in wild
    assert wild.replace("\n", "").isprintable()
    assert len(wild.splitlines()) == len(tame.splitlines())
    assert structure(wild) == structure(tame)


def structure(page: str) -> list[str]:
    """Every token of a page but its text and code, and where links lead."""
    found = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(page):
        found.append(token.type)
        for child in token.children or []:
            if child.type in {"link_open", "image", "html_inline"}:
                shown = child.content.replace("<code>", "").replace("</code>", "")
                found.append(f"{child.type} {child.attrs} {shown}")
    return [one for one in found if one != "html_inline {} "]


TEXT = st.text(st.characters() | st.sampled_from("`|*_[]<>\\&#!~$@^:/\n\r\t "), max_size=40)


@given(TEXT)
@example(HOSTILE)
@example("www.x.example https://x.example a@b.example")
@example("a_b _a_ __a__ a__b")
def test_prose_is_text_and_nothing_else(text: str) -> None:
    (inline,) = [t for t in MarkdownIt("gfm-like", {"linkify": False}).parse(f"x{prose(text)}x")
                 if t.type == "inline"]  # fmt: skip
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert "://" not in prose(text)


@given(TEXT)
@example(HOSTILE)
@example("`")
@example(" a ")
def test_code_is_one_cell_of_a_table(text: str) -> None:
    page = f"| a | b |\n|---|---|\n| {code(text)} | x |\n"
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(page)
    cells = [tokens[i + 1] for i, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    kinds = {child.type for child in cells[0].children or []}
    assert kinds <= {"text", "text_special", "code_inline", "html_inline"}
    tags = {c.content for c in cells[0].children or [] if c.type == "html_inline"}
    assert tags <= {"<code>", "</code>"}


@given(st.text(st.sampled_from("`~ab \n"), max_size=30))
def test_a_fence_holds_its_text(text: str) -> None:
    (token,) = MarkdownIt().parse(str(fenced(text, "sh")))
    assert token.type == "fence"
    assert token.content == text + "\n"


def test_the_record_is_one_that_the_schema_allows() -> None:
    assert json.loads(json.dumps(record())) == record()
    assert {c["id"] for c in record()["clauses"] if c["status"] == "failed"} == set(BROKEN)
