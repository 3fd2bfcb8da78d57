"""From an exchange that failed back to the request in the plan: its probe's name goes along."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from exchange_helpers import CONTRACT, Recording, records, run_against
from msgspec import structs
from rich.console import Console

from conformance.emulator import Request, Response
from conformance.journal.format import request_of
from conformance.journal.lines import RequestPart
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import ClauseVerdict, Finding, Judgement
from conformance.model import Exchange
from conformance.report.console import print_report
from conformance.report.model import Report
from conformance.report.write import REPORTS, write_reports


class Capitals(Recording):
    """Answers with a status in capitals, and the fifth request with 503."""

    def answer(self, request: Request) -> Response:
        if len(self.seen) == 5:
            return Response(503)
        answer = super().answer(request)
        body = answer.body.replace(b'"protecting"', b'"PROTECTING"')
        return replace(answer, body=body)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    directory = tmp_path_factory.mktemp("named")
    report = run_against(Capitals(), directory, profile="smoke")
    write_reports(report, directory)
    return directory, report


def digest_in(line: dict[str, Any]) -> str:
    """The digest of the request in a line of a plan or a journal."""
    return request_of(msgspec.convert(line["request"], RequestPart)).digest


def test_each_exchange_names_the_planned_request_that_it_sent(run: tuple[Path, Report]) -> None:
    directory, report = run
    planned = {line["id"]: digest_in(line) for line in records(directory / "plan.ndjson")[1:]}
    lines = records(directory / "journal.ndjson")
    exchanges = [line for line in lines if line["kind"] == "exchange"]
    assert exchanges
    for line in exchanges:
        is_look = "checkpoint_items" in line["request"]["url"]  # by other filters each time
        assert is_look or planned[line["probe"]] == digest_in(line)
    repeated = [each for each in report.exchanges if each.retry_of]
    first = {each.id: each for each in report.exchanges}
    assert repeated
    assert all(each.probe == first[str(each.retry_of)].probe for each in repeated)


def broken(report: Report) -> Exchange:
    verdicts = {verdict.clause.id: verdict for verdict in report.judgement.clauses}
    return verdicts["T6.status.values"].evidence[0].exchange


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"badge.json", "badge.svg"}))
def test_every_report_has_the_name_beside_the_exchange(name: str, run: tuple[Path, Report]) -> None:
    directory, report = run
    exchange = broken(report)
    text = (directory / name).read_text()
    assert exchange.id in text
    assert str(exchange.probe) in text


def test_the_console_has_the_name_beside_the_exchange(run: tuple[Path, Report]) -> None:
    file, exchange = StringIO(), broken(run[1])
    print_report(run[1], Console(file=file, width=200))
    assert f"{exchange.id}, probe {exchange.probe}" in file.getvalue()


def nameless(judgement: Judgement) -> Judgement:
    """A judgement whose evidence has no names of probes."""

    def finding(each: Finding) -> Finding:
        return structs.replace(each, exchange=structs.replace(each.exchange, probe=None))

    def clause(each: ClauseVerdict) -> ClauseVerdict:
        return structs.replace(each, evidence=tuple(map(finding, each.evidence)))

    return structs.replace(judgement, clauses=tuple(map(clause, judgement.clauses)))


@pytest.mark.parametrize("name", [None, "S200.executed/1"])
def test_the_judge_does_not_read_the_names(name: str | None, run: tuple[Path, Report]) -> None:
    journal = read_journal(run[0] / "journal.ndjson")
    others = [structs.replace(exchange, probe=name) for exchange in journal.exchanges]
    again = judge(CONTRACT, structs.replace(journal, exchanges=others))
    assert nameless(again) == nameless(run[1].judgement)
