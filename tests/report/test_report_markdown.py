from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from msgspec.structs import replace
from report_runs import blind, conforming, violating
from report_strategies import HOSTILE, reports

from conformance.judge.verdicts import ClauseVerdict, Finding, Status
from conformance.model import Request
from conformance.report.markdown import markdown_report
from conformance.report.model import Report

LIMIT = 64 * 1024
FENCE = re.compile(r"^(`{3,})sh\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)


OURS = {
    "heading",
    "paragraph",
    "inline",
    "bullet",
    "list",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def without_command(text: str) -> str:
    """The text without the fenced command, in which nothing is interpreted."""
    found = FENCE.search(text)
    assert len(FENCE.findall(text)) <= 1
    if found:
        assert found[1] not in found[2]
    return FENCE.sub("", text)


@settings(deadline=None)
@given(reports())
def test_nothing_foreign_is_interpreted(report: Report) -> None:
    text = markdown_report(report)
    assert text.replace("\n", "").replace("\t", "").isprintable()
    source = without_command(text)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    inner = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inner} <= {"text", "text_special", "code_inline", "html_inline"}
    markup = {child.content for child in inner if child.type == "html_inline"}
    assert markup <= {"<code>", "</code>"}
    assert {token.type.partition("_")[0] for token in tokens} <= OURS
    outside = re.sub(r"`[^`\n]+`", "", source)
    assert not re.search(r"(?<!\\)://|[$@]", outside)


@settings(deadline=None)
@given(reports())
def test_tables_keep_their_shape(report: Report) -> None:
    blocks = without_command(markdown_report(report)).split("\n\n")
    for block in blocks:
        lines = block.splitlines()
        if lines and lines[0].startswith("|"):
            assert {line.count("|") for line in lines} == {lines[0].count("|")}
            assert all(line.startswith("|") and line.endswith("|") for line in lines)
        else:
            assert not re.search(r"(?<!\\)\|", block)


def overfull(text: str) -> Report:
    """A report in which everything fails at length, and with many checkpoints."""
    report = violating()
    exchange = replace(
        report.exchanges[0], request=Request("POST", f"http://x/{text}", (("A", text),))
    )
    clauses = tuple(
        ClauseVerdict(
            verdict.clause,
            list(Status)[place % 4],
            1,
            text,
            text,
            (Finding(verdict.clause.id, exchange, text, text),),
        )
        for place, verdict in enumerate(report.judgement.clauses)
    )
    judgement = replace(
        report.judgement, clauses=clauses, reason=text, executions=tuple(text for _ in range(900))
    )
    fixtures = replace(report.header.fixtures, endpoint=text)
    header = replace(report.header, fixtures=fixtures, profile=text)
    return replace(report, judgement=judgement, header=header, warnings=(text,) * 500)


@pytest.mark.parametrize("text", [*HOSTILE, "|" * 5000, "😀" * 5000, "\x00" * 5000, "`" * 1500])
def test_it_fits_a_job_summary(text: str) -> None:
    told = markdown_report(overfull(text))
    assert len(told.encode("utf-8")) < LIMIT
    assert "more, see report." in told


def test_a_failure_shows_what_was_expected_and_received() -> None:
    text = markdown_report(violating())
    assert text.startswith("## ✗ Violates the contract\n")
    told = text.partition("- `T6.status.values` (must, Table 6, status): ")[2].partition("\n- ")[0]
    assert "\n  - expected: `checkpoint.status: one of protecting" in told
    assert '\n  - received: `"PROTECTING"`\n' in told
    assert "```sh\ncurl " in text


def test_it_reads_as_plain_text() -> None:
    for make in (violating, conforming, blind):
        text = without_command(markdown_report(make()))
        assert not re.search(r"&#|<code>|\\", text)
        table = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(line) for line in table}) == 1


def test_the_unlock_is_named() -> None:
    assert "`--forbidden-token-env`" in markdown_report(blind())


def test_checkpoints_are_listed() -> None:
    report = conforming()
    text = markdown_report(report)
    assert text.startswith("## ✓ Conforms\n")
    assert all(name in text for name in report.judgement.executions)
