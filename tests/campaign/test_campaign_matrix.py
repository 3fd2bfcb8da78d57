"""The matrix in its formats, with texts that mean harm."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest
from campaign_rows import CLAUSES, MUST, SHOULD, matrix, row
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from conformance.campaign.comparison import Change, Comparison
from conformance.campaign.matrix import Matrix
from conformance.campaign.matrix_csv import FORMULA, cell, csv_matrix
from conformance.campaign.matrix_html import MOST_TARGETS, html_matrix
from conformance.campaign.matrix_json import as_record, json_matrix, load_schema
from conformance.campaign.matrix_markdown import markdown_matrix
from conformance.campaign.row import Row
from conformance.gate.change import ChangeKind

VALIDATOR = Draft202012Validator(load_schema())
HOSTILE = (
    "</script><script>alert(1)</script>\x1b[2J=cmd|'/c calc'!A1 | ![](http://e.vil) \u202e\ud800"
)
EXPECTED_EXIT = [
    ([{}], 0),
    ([{}, {SHOULD: "failed"}], 0),
    ([{}, None], 3),
    ([None, {MUST: "failed"}, {}], 1),
]


def hostile() -> Matrix:
    """A matrix whose every foreign text means harm."""
    change = Change(ChangeKind.WORSE, "one", MUST, HOSTILE, HOSTILE)
    names = [HOSTILE]
    comparison = Comparison(HOSTILE, HOSTILE, [change], names, names, names, names)
    rows = [
        row("one", {MUST: "failed"}, "http://u:p@host/" + HOSTILE, HOSTILE),
        row("two", None, HOSTILE, HOSTILE),
    ]
    return matrix(*rows, comparison=comparison)


class Page(HTMLParser):
    """The elements of a page: names, attributes, and the links in the cells of each target."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(subject: Matrix) -> str:
    return "".join(html_matrix(subject))


@pytest.mark.parametrize(("rows", "code"), EXPECTED_EXIT)
def test_the_exit_code_is_the_worst_of_all(rows: list[dict[str, str] | None], code: int) -> None:
    subject = matrix(*(row(f"t{number}", each) for number, each in enumerate(rows)))
    assert subject.exit_code == code
    assert matrix(*subject.rows, interrupted=143).exit_code == 143


def test_what_fails_by_strict_says_so_and_has_no_green_sign() -> None:
    strict = matrix(row("one", {SHOULD: "failed"}, strict=True))
    said = "conforms; fails by --strict: 1 should"
    text, page = markdown_matrix(strict), "".join(html_matrix(strict))
    assert f"| ✗ | `one` `https://csbs.example` | {said} |" in text
    assert "## 1 target: 1 conforms (1 failing by --strict)" in text
    assert f'<td class="verdict failed">✗ {said}</td>' in page


def test_a_broken_should_counts_where_the_target_is_strict() -> None:
    assert matrix(row("one", {SHOULD: "failed"}, strict=True)).exit_code == 1


@pytest.mark.parametrize("subject", [matrix(row("one"), row("two", None)), hostile()])
def test_json_keeps_its_schema(subject: Matrix) -> None:
    Draft202012Validator.check_schema(load_schema())
    text = json_matrix(subject)
    VALIDATOR.validate(json.loads(text))
    assert all(line.isprintable() for line in text.splitlines())


def test_the_schema_refuses_a_verdict_without_its_clauses() -> None:
    record = as_record(matrix(row("one")))
    record["targets"][0]["clauses"] = {}
    assert not VALIDATOR.is_valid(record)


def test_what_a_target_does_not_keep_leads_to_its_evidence() -> None:
    """The script adds the links of all other cells: see the test in a browser."""
    page = Page(page_of(matrix(row("one", {MUST: "failed"}), row("two", None))))
    links = [str(link["href"]) for link in page.all("a")]
    evidence = f"targets/one/report.html#{MUST}"
    assert links == [f"#{MUST}", evidence, "targets/one/report.html", evidence]
    assert MUST in [head.get("id") for head in page.all("th")]


def test_the_links_of_the_page_are_anchors_of_reports() -> None:
    from conformance.report.pieces import anchor

    assert [anchor(clause.id) for clause in CLAUSES] == [clause.id for clause in CLAUSES]


def test_the_page_runs_its_own_script_alone() -> None:
    text = page_of(hostile())
    page = Page(text)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not [name for name, _ in page.elements if name in {"img", "link", "iframe", "base"}]
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv"))
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'",
        str(policy),
    )
    assert not any(name.startswith("on") for _, given in page.elements for name in given)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "u:p@" not in text
    text.encode()


def test_many_targets_take_two_thousand_characters_each() -> None:
    rows = [
        row(f"target-{number:03}", {MUST: "failed"} if number % 9 == 0 else {})
        for number in range(500)
    ]
    assert len(page_of(matrix(*rows))) < 500 * 2_500 + 50_000
    assert len(markdown_matrix(matrix(*rows))) < 60_000


def test_a_target_of_which_nothing_was_seen_makes_no_clause_differ() -> None:
    dead = row("dead", {clause.id: "inconclusive" for clause in CLAUSES})
    page = Page(page_of(matrix(row("one"), row("two", {MUST: "failed"}), dead, row("lost", None))))
    heads = [each for each in page.all("th") if each.get("class") == "clause"]
    differing = [
        clause.id for clause, head in zip(CLAUSES, heads, strict=True) if "data-same" not in head
    ]
    assert differing == [MUST]


def test_where_no_target_differs_all_clauses_are_shown() -> None:
    def is_checked(subject: Matrix) -> bool:
        boxes = Page(page_of(subject)).all("input")
        return "checked" in next(box for box in boxes if box["name"] == "different")

    assert not is_checked(matrix(row("one"), row("two")))
    assert is_checked(matrix(row("one"), row("two", {MUST: "failed"})))


def test_a_page_that_is_cut_shows_the_worst_and_says_so() -> None:
    kept = [row(f"kept-{number}") for number in range(MOST_TARGETS)]
    undecided = msgspec.structs.replace(row("undecided"), verdict="inconclusive", exit_code=3)
    rows = [*kept, undecided, row("lost", None), row("bad", {MUST: "failed"}), row("more")]
    text = page_of(matrix(*rows))
    page = Page(text)
    names = [attributes["data-name"] for attributes in page.all("tr") if attributes]
    assert names[:3] == ["bad", "lost", "undecided"]
    assert names[3:] == [each.name for each in kept[:-3]]
    told = f"{MOST_TARGETS:,} of {MOST_TARGETS + 4:,} targets are shown, the worst first"
    assert told in text
    assert f"conforms ({MOST_TARGETS - 3:,})" in text


def test_the_page_begins_with_the_worst_at_any_size() -> None:
    worse = {MUST: "failed", SHOULD: "failed"}
    rows = [row("kept"), row("lost", None), row("bad", {MUST: "failed"}), row("worse", worse)]
    text = page_of(matrix(*rows))
    names = [each["data-name"] for each in Page(text).all("tr") if each]
    assert names == ["worse", "bad", "lost", "kept"]
    assert "are shown, the worst first" not in text


def test_executions_that_took_place_are_apart_from_those_that_may_have() -> None:
    def spending(name: str, executions: int, executed: int) -> Row:
        spent = {"executions": executions, "executed": executed}
        return msgspec.structs.replace(row(name), **spent)

    subject = matrix(spending("sure", 3, 3), spending("dead", 10, 0))
    told = "40 requests, 3 executions of a policy, and up to 10 more that no response tells of"
    assert told in markdown_matrix(subject)
    text = page_of(subject)
    assert told in text
    assert '<td class="number">3</td>' in text
    assert '<td class="number">0–10</td>' in text
    targets = as_record(subject)["targets"]
    assert [(each["executions"], each["executed"]) for each in targets] == [(3, 3), (10, 0)]
    lines = list(csv.DictReader(io.StringIO(csv_matrix(subject))))
    assert [(line["executions"], line["executed"]) for line in lines] == [("3", "3"), ("10", "0")]


def test_a_run_that_was_executed_says_how_many_are_sure() -> None:
    assert msgspec.structs.replace(row("one"), executions=3, executed=2).doubtful == 1
    assert msgspec.structs.replace(row("one"), executions=1, executed=2).doubtful == 0


def test_csv_has_a_line_for_each_target_and_a_column_for_each_clause() -> None:
    lines = list(csv.reader(io.StringIO(csv_matrix(hostile()))))
    assert len(lines) == 3
    assert {len(line) for line in lines} == {8 + len(CLAUSES)}
    assert dict(zip(lines[0], lines[1], strict=True))[MUST] == "failed"
    assert not any(each.startswith(FORMULA) for line in lines for each in line)


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    written = cell(text)
    assert written.isprintable()
    assert not written.lstrip().startswith(FORMULA)
    written.encode()


def test_markdown_interprets_nothing_of_what_is_foreign() -> None:
    text = markdown_matrix(hostile())
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "\x1b" not in text
    assert not re.search(r"<(script|img|a)\b", html)
    assert html.count("<table>") == 2
