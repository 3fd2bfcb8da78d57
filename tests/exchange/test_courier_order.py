"""The order of a run, and what its journal says of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest
from exchange_helpers import (
    CONTRACT,
    WORLD,
    Recording,
    drafts_and_oracle,
    records,
    run_against,
)

from conformance.contract import Contract
from conformance.emulator import Request, Response
from conformance.emulator.variants import VARIANTS
from conformance.errors import GenerationFailed
from conformance.journal.format import request_of
from conformance.journal.lines import RequestPart
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import Verdict
from conformance.model import Ending
from conformance.page.catalogue import catalogue
from conformance.page.oracle import Duty
from conformance.plan.generated import drawn_lines
from conformance.report.model import Report
from conformance.run import planning


def digest_in(line: dict[str, Any]) -> str:
    """The digest of the request in a line of a plan or a journal."""
    return request_of(msgspec.convert(line["request"], RequestPart)).digest


def places(directory: Path) -> dict[str, list[int]]:
    """For each part of the plan, when its requests were first sent."""
    parts: dict[str, str] = {}
    lines = records(directory / "plan.ndjson")[1:]
    for line in sorted(lines, key=lambda line: line["part"] == "again"):  # some are sent before
        parts.setdefault(digest_in(line), line["part"])
    sent = [line for line in records(directory / "journal.ndjson") if line["kind"] == "sent"]
    found: dict[str, list[int]] = {part: [] for part in parts.values()}
    seen: set[str] = set()
    for place, line in enumerate(sent):
        if line["request"] in parts and line["request"] not in seen:
            seen.add(line["request"])
            found[parts[line["request"]]].append(place)
    return found


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report, Recording]:
    directory = tmp_path_factory.mktemp("order")
    service = Recording()
    report = run_against(service, directory, max_executions=60, max_requests=400)
    return directory, report, service


def test_refusals_go_before_valid_requests_and_those_before_choices(
    whole_run: tuple[Path, Report, Recording],
) -> None:
    found = places(whole_run[0])
    assert max(found["refusals"]) < min(found["valid"])
    first, *others, last = sorted(found["valid"])
    assert first < min(found["late"])
    assert max(found["late"]) < min([*found["again"], *others])
    assert others[1] < min(found["in_a_row"])
    assert max(found["in_a_row"]) < others[2]
    last_ones = sorted(found["again"])[-len(others[1:]) :]  # each beside one of the others
    assert max(set(found["again"]) - set(last_ones)) < others[1]
    assert max(last_ones) <= others[-1] + 1
    assert others[-1] < min(found["choices"]) < last
    assert min(found["choices"]) < min(found["spare"])


def planned_in(directory: Path) -> list[dict[str, Any]]:
    """What was planned whatever comes: not what is sent only to explain a refusal."""
    lines = records(directory / "plan.ndjson")[1:]
    return [line for line in lines if line["part"] not in ("apart", "looks")]


def test_everything_planned_is_sent_where_the_limits_allow_it(
    whole_run: tuple[Path, Report, Recording],
) -> None:
    directory, report, service = whole_run
    planned = planned_in(directory)
    assert report.footer.ending is Ending.COMPLETE
    first_question_again = policy_by_its_name = server_by_its_name = 1
    tests = [each for each in service.seen if "checkpoint_items" not in each.request.path]
    made_later = policy_by_its_name + server_by_its_name
    assert len(tests) == len(planned) - first_question_again + made_later


def test_a_sent_line_goes_before_each_exchange(
    whole_run: tuple[Path, Report, Recording],
) -> None:
    lines = records(whole_run[0] / "journal.ndjson")
    announced: dict[str, Any] = {}
    for line in lines:
        if line["kind"] == "sent":
            announced[line["id"]] = line["request"]
        elif line["kind"] == "exchange":
            assert announced.pop(line["id"]) == digest_in(line)
    assert not announced
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("header", "footer")


def test_the_journal_judged_again_gives_the_same_verdicts(
    whole_run: tuple[Path, Report, Recording],
) -> None:
    directory, report, _ = whole_run
    journal = read_journal(directory / "journal.ndjson")
    assert judge(CONTRACT, journal) == report.judgement
    assert list(journal.exchanges) == list(report.exchanges)
    assert report.judgement.verdict is Verdict.CONFORMS


def test_every_checkpoint_that_was_created_is_listed(
    whole_run: tuple[Path, Report, Recording],
) -> None:
    _, report, service = whole_run
    assert sorted(report.judgement.executions) == sorted(c.id for c in service.executed)


def test_the_target_saw_what_the_plan_says(whole_run: tuple[Path, Report, Recording]) -> None:
    directory, _, service = whole_run
    planned = [line["request"]["body"] for line in planned_in(directory)]
    texts = {body.replace("{{open}}", "{{") for body in planned if isinstance(body, str)}
    seen = {found.request.body for found in service.seen}
    assert {text.encode() for text in texts} <= seen


def test_where_nothing_can_be_generated_the_directed_probes_are_sent_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def fail(*_: object) -> NoReturn:
        await asyncio.sleep(0.05)
        raise GenerationFailed("any reason")

    monkeypatch.setattr(planning, "drawn_lines", fail)
    service = Recording()
    report = run_against(service, tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert "nothing generated was sent" in report.warnings[0]
    assert "any reason" in report.warnings[0]


def test_a_run_for_which_nothing_was_drawn_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def draw_nothing(*_: object) -> bytes:
        return b""

    monkeypatch.setattr(planning, "drawn_lines", draw_nothing)
    report = run_against(Recording(), tmp_path)
    assert "nothing generated was sent" in report.warnings[0]


def test_the_plan_is_written_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class NotesThePlan(Recording):
        def handle(self, request: Request) -> Response:
            planned.append((tmp_path / "plan.ndjson").exists())
            return super().handle(request)

    async def take_a_while(contract: Contract, seed: int) -> bytes:
        await asyncio.sleep(0.3)
        return await drawn_lines(contract, seed)

    planned: list[bool] = []
    monkeypatch.setattr(planning, "drawn_lines", take_a_while)
    run_against(NotesThePlan(), tmp_path)
    assert all(planned)


WAITING = {"T2.body.media-type", "T4.auto_trigger.null", "T4.resources.null"}
"""Open points that give way to a valid request on a target that executes the others."""


@pytest.mark.parametrize(("most", "waiting"), [(10, WAITING), (11, set())])
def test_a_lenient_target_is_asked_for_open_points_within_its_executions(
    tmp_path: Path, most: int, waiting: set[str]
) -> None:
    report = run_against(VARIANTS["all-lenient"].make(WORLD), tmp_path, max_executions=most)
    _, oracle = drafts_and_oracle()
    executed: set[str] = set()
    for exchange in report.exchanges:
        expectation = oracle.expect(exchange.request)
        if expectation.duty is Duty.CHOOSE and exchange.response is not None:
            executed |= {breach.clause.id for breach in expectation.breaches}
    assert report.footer.executions.spent <= most
    is_open = {clause.id for clause in catalogue(CONTRACT).values() if clause.is_open}
    assert is_open - executed == {"T2.body.repeated-name", *waiting}


def test_wrong_tokens_go_too_where_nothing_but_tokens_is_asked_for(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, only=("S401.*",))
    planned = {line["id"] for line in planned_in(tmp_path) if line["part"] == "in_a_row"}
    assert planned
    assert planned <= {exchange.probe for exchange in report.exchanges}
