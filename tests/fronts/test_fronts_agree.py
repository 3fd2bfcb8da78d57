"""The five ways in say the same of a sample of the catalogue; `benchmarks.fronts` tries it all."""

from __future__ import annotations

import pytest
from fronts_helpers import wait_for_nothing

from benchmarks.fronts.__main__ import as_markdown
from benchmarks.fronts.ways import Trial, attempt
from conformance.prove.trial import Subject, SubjectKind

SAMPLE = (
    Subject(SubjectKind.FAULT, "status-in-capitals"),
    Subject(SubjectKind.FAULT, "policy-pasted-into-sql"),
    Subject(SubjectKind.VARIANT, "all-strict"),
    Subject(SubjectKind.VARIANT, "unknown-objects-400"),
)


@pytest.fixture(autouse=True)
def _simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_nothing(monkeypatch)


@pytest.mark.parametrize("subject", SAMPLE, ids=lambda subject: subject.name)
def test_no_way_contradicts_another(subject: Subject) -> None:
    trial = attempt(subject)
    assert trial.problems == ()
    assert all(failed <= trial.declared for failed in trial.failed.values())
    if subject.kind is SubjectKind.FAULT:
        assert trial.failed["run"] & trial.declared


def test_contradictions_are_told() -> None:
    ways = {"run": frozenset({"T7.id.echo"}), "Schemathesis": frozenset[str]()}
    page = as_markdown([Trial(SAMPLE[0], ways, ("run accuses of T7.id.echo",))], "command")
    assert "## Contradictions: 1" in page
    assert "* `status-in-capitals`: run accuses of T7.id.echo" in page
