"""A target that never answers some refusals is found out, one that is slow with them is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from exchange_helpers import Recording, clause, failed, run_against

from conformance.emulator import Refusal, Request, Response
from conformance.emulator.faults.parts import SILENCE
from conformance.judge.verdicts import Status, Verdict

TIMEOUT = 10.0


class NeverRefuses(Recording):
    """Nobody catches what is raised for some refusals: their requests are never answered."""

    def __init__(self, is_meant: Callable[[Refusal], bool]) -> None:
        super().__init__()
        self.is_meant = is_meant

    def render_refusal(self, refusal: Refusal) -> Response:
        return SILENCE if self.is_meant(refusal) else super().render_refusal(refusal)


class SlowWithUnknownPolicies(Recording):
    """Asks everybody for a policy that it does not know, which takes longer than the timeout."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        self.is_slow = True
        return super().unknown_policy(plan_id)

    def handle(self, request: Request) -> Response:
        self.is_slow = False
        response = super().handle(request)
        return replace(response, delay=1.2 * TIMEOUT) if self.is_slow else response


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_never_answered_breaks_a_line_where_all_else_is(
    status: int, tmp_path: Path
) -> None:
    service = NeverRefuses(lambda refusal: refusal.status == status)
    report = run_against(service, tmp_path, timeout=TIMEOUT)
    assert "S503.momentary" in failed(report)
    assert clause(report, "S200.executed").status is Status.PASSED
    assert report.footer.executions.spent <= 10


@pytest.mark.parametrize("executions", [10, 60])
def test_a_refusal_that_takes_longer_than_others_is_waited_for(
    executions: int, tmp_path: Path
) -> None:
    limits = {"timeout": TIMEOUT, "time_limit": 3600.0, "max_executions": executions}
    report = run_against(SlowWithUnknownPolicies(), tmp_path, **limits)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason


def test_a_target_that_answers_no_refusal_at_all_is_not_called_dead(tmp_path: Path) -> None:
    report = run_against(NeverRefuses(lambda _: True), tmp_path, timeout=TIMEOUT)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert len(report.judgement.executions) > 1
