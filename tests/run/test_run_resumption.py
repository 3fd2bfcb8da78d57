"""A run that is killed at any point goes on where it was, and executes nothing twice."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from exchange_helpers import (
    CONTRACT,
    Recording,
    draw,
    failed,
    records,
    run_handed,
    settings_of,
    tokens_of,
)
from msgspec import structs
from planned import planned_digests

from conformance.clock import Clock, simulate
from conformance.emulator import Request, Response
from conformance.errors import UsageError
from conformance.journal.lines import Part, Record, to_line
from conformance.journal.reader import read_journal, read_past
from conformance.journal.writer import JournalWriter
from conformance.judge.run import judge
from conformance.judge.verdicts import Verdict
from conformance.model import Ending, Token
from conformance.page.executed import may_have_executed
from conformance.page.oracle import Oracle
from conformance.prove.direct import ENDPOINT
from conformance.report.model import Report
from conformance.run.settings import Settings

WRITES = 450
"""About how many lines the journal of a whole run has."""
SHORTEST = 420
"""Lines that the journal of every target has: one that executes too much ends its run earlier."""
KILL_POINTS = sorted({*range(16), *range(16, WRITES, 11), *range(WRITES - 60, WRITES, 4)})

OLD, NEW = "the-token-of-before-2b7d91", "the-token-of-now-77c0e4"


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the run is written any more."""


class LeavesTheIdOut(Recording):
    """Answers without the id of the checkpoint."""

    def render_checkpoint(self, checkpoint: Any) -> object:
        rendered = super().render_checkpoint(checkpoint)
        assert isinstance(rendered, dict)
        return {name: value for name, value in rendered.items() if name != "id"}


class TakesTextForTrue(Recording):
    """Executes the policy where `auto_trigger` is the text "true"."""

    def handle(self, request: Request) -> Response:
        changed = request.body.replace(b'"auto_trigger": "true"', b'"auto_trigger": true')
        return super().handle(replace(request, body=changed))


def kill_after(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the run at that write: before it, in the middle of the line, or behind it."""
    done = 0
    write = JournalWriter._write

    def dying(journal: JournalWriter, part: Part | Record) -> None:
        nonlocal done
        done += 1
        if done > writes:
            line = to_line(part)
            if done == writes + 1 and writes % 3 and b'"kind":"header"' not in line:
                with journal._path.open("ab") as file:
                    file.write(line if writes % 3 == 1 else line[: len(line) // 2])
            raise Killed
        write(journal, part)

    monkeypatch.setattr(JournalWriter, "_write", dying)


def _run(service: Recording, settings: Settings) -> Report:
    draw(settings.seed)
    return simulate(partial(run_handed, service, settings))


def killed_and_resumed(
    service: Recording,
    directory: Path,
    writes: int,
    monkeypatch: pytest.MonkeyPatch,
    **options: Any,
) -> tuple[int, Report]:
    """How many requests a run had sent when it was killed, and what came of resuming it."""
    settings = settings_of(ENDPOINT, directory, **options)

    async def main(clock: Clock) -> tuple[int, Report]:
        await killed(service, settings, writes, monkeypatch, clock)
        before = len(service.seen)
        return before, await run_handed(service, replace(settings, resume=True), clock)

    draw()
    return simulate(main)


async def killed(
    service: Recording,
    settings: Settings,
    writes: int,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> None:
    """A run that is killed after so many writes."""
    with monkeypatch.context() as patch:
        kill_after(writes, patch)
        with pytest.raises(Killed):
            await run_handed(service, settings, clock)
        await asyncio.sleep(0.02)  # what was under way reaches the target


def executed_requests(report: Report) -> Counter[str]:
    """The requests that were or may have been executed, the lost ones among them."""
    oracle = Oracle(CONTRACT, report.header.fixtures)
    return Counter(
        exchange.request.digest
        for exchange in report.exchanges
        if may_have_executed(exchange, expectation := oracle.expect(exchange.request))
        and expectation.may_execute
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[type[Recording], Report]:
    """What runs that nobody killed said."""
    found = {}
    for kind in (Recording, LeavesTheIdOut, TakesTextForTrue):
        settings = settings_of(ENDPOINT, tmp_path_factory.mktemp("whole"))
        found[kind] = _run(kind(), settings)
    return found


@pytest.mark.parametrize("writes", KILL_POINTS)
def test_a_killed_run_is_resumed_without_a_second_execution(
    writes: int,
    whole: dict[type[Recording], Report],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = list(whole)[writes % len(whole)]
    if writes >= SHORTEST and kind is TakesTextForTrue:
        kind = (Recording, LeavesTheIdOut)[writes // 2 % 2]
    service = kind()
    if writes == 0:
        with pytest.raises(UsageError, match="nothing was sent"):
            killed_and_resumed(service, tmp_path, writes, monkeypatch)
        return
    _, report = killed_and_resumed(service, tmp_path, writes, monkeypatch)
    uninterrupted = whole[kind]
    verdict = report.judgement.verdict
    assert len(service.executed) <= 10
    assert report.footer.executions.spent <= 10
    assert report.footer.executions.spent >= len(service.executed)
    assert report.footer.requests.spent >= len(service.seen)
    assert not executed_requests(report) - planned_digests(tmp_path, report)
    assert all(exchange.probe for exchange in report.exchanges)
    assert verdict in (uninterrupted.judgement.verdict, Verdict.INCONCLUSIVE)
    if verdict is Verdict.INCONCLUSIVE:
        assert "--max-executions" in report.judgement.reason
    else:
        assert set(failed(report)) <= set(failed(uninterrupted))


def test_what_was_answered_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Recording()
    enough: dict[str, Any] = {"max_executions": 20}
    before, report = killed_and_resumed(service, tmp_path, 301, monkeypatch, **enough)
    uninterrupted = Recording()
    _run(uninterrupted, settings_of(ENDPOINT, tmp_path / "another", **enough))
    assert before > 100
    assert len(service.seen) - len(uninterrupted.seen) <= 8  # those that were under way
    assert report.footer.ending is Ending.COMPLETE
    ids = [line["id"] for line in records(tmp_path / "journal.ndjson") if line["kind"] == "sent"]
    assert len(ids) == len(set(ids))


def test_a_run_can_be_killed_and_resumed_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Recording()

    settings = settings_of(ENDPOINT, tmp_path, max_executions=100)

    async def often(clock: Clock) -> Report:
        for attempt in range(8):
            resuming = replace(settings, resume=attempt > 0)
            await killed(service, resuming, 31 + attempt, monkeypatch, clock)
        return await run_handed(service, replace(settings, resume=True), clock)

    draw()
    report = simulate(often)
    assert len(service.executed) <= report.footer.executions.spent <= 100
    assert report.judgement.verdict in (Verdict.CONFORMS, Verdict.INCONCLUSIVE)


def test_a_finished_run_that_is_resumed_sends_nothing_and_says_the_same(tmp_path: Path) -> None:
    service = Recording()

    settings = settings_of(ENDPOINT, tmp_path)
    first = _run(service, settings)
    sent = len(service.seen)
    again = _run(service, replace(settings, resume=True))
    assert len(service.seen) == sent
    assert again.judgement == first.judgement


class ChangesItsToken(Recording):
    """Accepts one token for the first 90 requests, and another at any time."""

    def handle(self, request: Request) -> Response:
        good = tokens_of()[Token.GOOD]
        accepted = (OLD, NEW) if len(self.seen) < 90 else (NEW,)
        headers = tuple(
            (name, good if value in accepted else value) for name, value in request.headers
        )
        return super().handle(replace(request, headers=headers))


@pytest.mark.parametrize("writes", [150, 200, 260])
def test_an_old_token_that_expired_accuses_nobody_once_a_new_one_works(
    writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ChangesItsToken()
    settings = settings_of(ENDPOINT, tmp_path, max_executions=40)
    old, new = ({**settings.tokens, Token.GOOD: token} for token in (OLD, NEW))

    async def with_two_tokens(clock: Clock) -> Report:
        await killed(service, replace(settings, tokens=old), writes, monkeypatch, clock)
        return await run_handed(service, replace(settings, tokens=new, resume=True), clock)

    draw()
    report = simulate(with_two_tokens)
    assert not failed(report)
    assert report.judgement.verdict is not Verdict.VIOLATES
    assert judge(CONTRACT, read_journal(tmp_path / "journal.ndjson")) == report.judgement


@pytest.mark.parametrize("changed", ["plan", "target", "contract"])
def test_a_changed_plan_contract_or_target_is_refused(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Recording()
    with monkeypatch.context() as patch:
        kill_after(100, patch)
        with pytest.raises(Killed):
            _run(service, settings_of(ENDPOINT, tmp_path))
    settings = replace(settings_of(ENDPOINT, tmp_path), resume=True)
    journal = tmp_path / "journal.ndjson"
    header, *others = journal.read_bytes().splitlines(keepends=True)
    if changed == "plan":
        plan = tmp_path / "plan.ndjson"
        plan.write_bytes(plan.read_bytes().replace(b"auto_trigger", b"auto-trigger", 1))
    elif changed == "target":
        settings = replace(settings, fixtures=structs.replace(settings.fixtures, plan_id="another"))
    else:
        record = {**json.loads(header), "contract": "0" * 64}
        journal.write_bytes(b"".join([to_line(record), *others]))
    sent = len(service.seen)
    with pytest.raises(UsageError, match=f"{changed}.*anew"):
        _run(service, settings)
    assert len(service.seen) == sent


def test_a_run_that_went_on_meanwhile_is_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    _run(Recording(), settings_of(ENDPOINT, tmp_path, profile="smoke"))
    past = read_past(path)
    with path.open("ab") as journal:
        journal.write(to_line({"kind": "resumed", "at": 1.8e9}))
        journal.write(to_line({"kind": "sent", "id": "x9999", "request": "0"}))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="another run is writing"):
        JournalWriter(path, past.header, past)
    assert path.read_bytes() == before
    with JournalWriter(path, past.header, read_past(path)):
        pass  # who was refused holds no lock


@pytest.mark.parametrize("cut", [None, -9, 5000])
def test_a_packed_journal_goes_on_unpacked(
    cut: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, path = Recording(), tmp_path / "journal.ndjson"

    settings = settings_of(ENDPOINT, tmp_path, max_executions=20)

    async def packed_between(clock: Clock) -> tuple[int, Report]:
        await killed(service, settings, 301, monkeypatch, clock)
        path.write_bytes(gzip.compress(path.read_bytes())[:cut])
        known = len(read_past(path).exchanges)
        return known, await run_handed(service, replace(settings, resume=True), clock)

    draw()
    known, report = simulate(packed_between)
    assert 0 < known < len(report.exchanges)
    lines = records(path)
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("header", "footer")
    assert [line["kind"] for line in lines].count("exchange") == len(report.exchanges)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(read_journal(path).exchanges) == list(report.exchanges)
    assert not list(tmp_path.glob(".journal*"))


def test_a_journal_that_does_not_note_what_is_sent_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    _run(Recording(), settings_of(ENDPOINT, tmp_path, profile="smoke"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"kind":"sent"' not in line))
    past = read_past(path)
    settings = replace(settings_of(ENDPOINT, tmp_path), fixtures=past.header.fixtures, resume=True)
    with pytest.raises(UsageError, match="notes what it sends; run it anew"):
        _run(Recording(), settings)


def test_a_directory_holds_one_run_at_a_time(tmp_path: Path) -> None:
    settings = settings_of(ENDPOINT, tmp_path, rate=50.0)

    async def two(clock: Clock) -> None:
        first = asyncio.ensure_future(run_handed(Recording(), settings, clock))
        while not (tmp_path / "journal.ndjson").exists():
            await asyncio.sleep(0.01)
        with pytest.raises(UsageError, match="another run is writing"):
            await run_handed(Recording(), settings, clock)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    draw()
    simulate(two)
