"""What a target said is cut in the reports, and what steers a terminal is in none of them."""

from __future__ import annotations

import io
import json
from pathlib import Path

from har_text import har_report
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from report_runs import conforming, violating
from report_strategies import reports, texts

from conformance.judge.verdicts import ClauseVerdict, Finding
from conformance.page.record import ListedRecord, Progress
from conformance.report.bounds import LONGEST, MOST_CHECKPOINTS, bounded
from conformance.report.exchange_log import MOST_FIELDS, ExchangeLog
from conformance.report.har import write_har
from conformance.report.html import html_report
from conformance.report.json_report import json_report
from conformance.report.markdown import markdown_report
from conformance.report.model import Report
from conformance.report.write import write_reports
from conformance.text import encodable, printable_json

MEGABYTE = "x" * 1_000_000


def with_megabytes() -> Report:
    """A run in which every text that comes from the target is a megabyte long."""
    report = violating()

    def finding(found: Finding) -> Finding:
        return replace(found, expected=MEGABYTE, received=MEGABYTE)

    def clause(verdict: ClauseVerdict) -> ClauseVerdict:
        return replace(verdict, reason=MEGABYTE, evidence=tuple(map(finding, verdict.evidence)))

    judgement = report.judgement
    changed = replace(
        judgement,
        reason=MEGABYTE,
        clauses=tuple(map(clause, judgement.clauses)),
        executions=(MEGABYTE,) * 3,
        backups=(Progress(MEGABYTE, "x1", MEGABYTE, "b1", MEGABYTE, None, MEGABYTE),),
        surplus=(ListedRecord(MEGABYTE, MEGABYTE),),
    )
    return replace(report, judgement=changed)


def test_texts_of_megabytes_are_cut_in_every_report(tmp_path: Path) -> None:
    ordinary = {path.name: path.stat().st_size for path in write_reports(violating(), tmp_path)}
    for path in write_reports(with_megabytes(), tmp_path):
        clauses = len(violating().judgement.clauses)
        assert path.stat().st_size < ordinary[path.name] + 12 * clauses * LONGEST
    told = json.loads((tmp_path / "report.json").read_text())
    for text in (told["reason"], told["backups"][0]["status"], told["backups"][0]["fail_reason"]):
        assert text == "x" * (LONGEST - 1) + "…"


def test_an_ordinary_report_is_left_as_it_is() -> None:
    for report in (conforming(), violating()):
        assert bounded(report) == report


@given(reports())
def test_bounding_cuts_and_does_nothing_else(report: Report) -> None:
    once = bounded(report)
    assert bounded(once) == once
    assert once.exchanges == report.exchanges
    told = [once.judgement.reason, *once.judgement.executions]
    for before, after in zip(report.judgement.clauses, once.judgement.clauses, strict=True):
        assert (after.clause, after.status) == (before.clause, before.status)
        assert len(after.evidence) == len(before.evidence)
        told += [after.reason, *(found.received for found in after.evidence)]
    assert max(map(len, told)) <= LONGEST


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_a_printable_json_text_says_the_same(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False, indent=1)
    printable = printable_json(written)
    assert printable.replace("\n", "").isprintable()
    assert json.loads(printable) == json.loads(encodable(written))


@given(reports())
def test_the_json_report_prints(report: Report) -> None:
    assert json_report(report).replace("\n", "").isprintable()


def test_har_is_written_piece_by_piece() -> None:
    pieces: list[str] = []

    class File(io.StringIO):
        def write(self, text: str, /) -> int:
            pieces.append(text)
            return len(text)

    report = violating()
    write_har(report, File())
    assert "".join(pieces) == har_report(report)
    assert len(pieces) > len(report.exchanges)


def test_the_page_shows_some_of_thousands_of_header_fields() -> None:
    report = conforming()
    exchange = report.exchanges[0]
    assert exchange.response is not None
    fields = tuple((f"X-{number}", "value") for number in range(5000))
    answer = replace(exchange.response, headers=fields)
    (entry,) = ExchangeLog(replace(report, exchanges=[replace(exchange, response=answer)]))
    assert entry.response is not None
    assert entry.response.headers[:MOST_FIELDS] == fields[:MOST_FIELDS]
    assert entry.response.headers[MOST_FIELDS:] == (("…", "and 4,900 fields more"),)


def test_the_page_lists_some_of_a_million_checkpoints() -> None:
    report = conforming()
    names = tuple(f"checkpoint-{number}" for number in range(3 * MOST_CHECKPOINTS))
    of_many = replace(report, judgement=replace(report.judgement, executions=names))
    page = html_report(of_many)
    listed = [name for name in names if f"<li>{name}</li>" in page]
    assert listed == list(names[:MOST_CHECKPOINTS])
    assert "and 2,000 more, in report.json" in page
    assert json.loads(json_report(of_many))["executions"] == list(names)
    assert "more, see report.json" in markdown_report(of_many)
    of_enough = replace(of_many.judgement, executions=names[:MOST_CHECKPOINTS])
    assert "more, in report.json" not in html_report(replace(report, judgement=of_enough))
