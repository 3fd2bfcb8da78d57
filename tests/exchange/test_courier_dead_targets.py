"""A target that answers nothing is given up soon, and is not mistaken for one that violates."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from exchange_fakes import (
    AnswersNothing,
    ClosesAtOnce,
    ClosesWithoutAnAnswer,
    EarlyHints103,
    Fake,
    NotHttp,
    OneByteASecond,
    RedirectsElsewhere,
)
from exchange_helpers import Recording, failed, free_port, records, run, run_against, settings_of

from conformance.emulator import Request, Response
from conformance.emulator.app import serving
from conformance.exchange import sender
from conformance.judge.verdicts import Verdict
from conformance.model import Ending, Failure


class DiesAfter(Recording):
    """Stops to listen after so many requests."""

    def __init__(self, requests: int) -> None:
        super().__init__()
        self.requests = requests
        self.enough = threading.Event()

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if len(self.seen) >= self.requests:
            self.enough.set()
        return response


@contextmanager
def serving_until_it_dies(service: DiesAfter) -> Iterator[str]:
    found: queue.Queue[str] = queue.Queue()

    def serve() -> None:
        with serving(service) as endpoint:
            found.put(endpoint)
            service.enough.wait()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield found.get(timeout=10)
    finally:
        service.enough.set()
        thread.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a silent target up after half a second rather than twenty."""
    monkeypatch.setattr(sender, "GIVEN_UP_AFTER", 0.5)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_refused_port_is_given_up_before_long(concurrency: int, tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    report = run(settings_of(endpoint, tmp_path, concurrency=concurrency, time_limit=30.0))
    assert report.footer.ending is Ending.UNREACHED
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert report.footer.requests.spent <= 20
    assert report.footer.executions.spent == 0
    assert Failure.REFUSED.value in report.judgement.reason


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "server", [AnswersNothing, OneByteASecond, ClosesAtOnce, ClosesWithoutAnAnswer, NotHttp]
)
def test_a_target_that_never_answers_is_given_up(
    server: Callable[[], Fake], tmp_path: Path
) -> None:
    with server() as fake:
        report = run(settings_of(fake.url, tmp_path, timeout=0.3, time_limit=30.0))
    assert report.footer.ending in (Ending.UNREACHED, Ending.EXECUTIONS)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert not failed(report)
    assert report.footer.executions.spent <= 10


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("requests", [1, 30, 150])
def test_a_target_that_dies_in_mid_run_is_given_up(requests: int, tmp_path: Path) -> None:
    service = DiesAfter(requests)
    with serving_until_it_dies(service) as endpoint:
        report = run(settings_of(endpoint, tmp_path, time_limit=30.0))
    assert report.footer.ending is Ending.DEAD
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert set(failed(report)) <= {"S500.momentary"}  # to what it was reading when it died
    assert report.footer.requests.spent < 250


def test_the_judge_sees_every_exchange_in_the_journal_of_a_dead_target(tmp_path: Path) -> None:
    report = run(settings_of(f"http://127.0.0.1:{free_port()}", tmp_path))
    written = [line["id"] for line in records(tmp_path / "journal.ndjson") if "duration" in line]
    assert [exchange.id for exchange in report.exchanges] == written


@pytest.mark.parametrize("server", [RedirectsElsewhere, EarlyHints103])
def test_a_target_that_answers_nonsense_is_not_dead(
    server: Callable[[], Fake], tmp_path: Path
) -> None:
    with server() as fake:
        report = run(settings_of(fake.url, tmp_path, profile="smoke", time_limit=30.0))
    assert report.footer.ending is not Ending.DEAD
    assert report.judgement.verdict is Verdict.VIOLATES


def test_a_target_that_always_answers_is_not_given_up(tmp_path: Path) -> None:
    assert run_against(Recording(), tmp_path).footer.ending is not Ending.DEAD
