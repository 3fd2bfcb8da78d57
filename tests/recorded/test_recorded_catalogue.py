"""A recording of a run says what the run said, or less: never something else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from recorded_runs import Recorded, failed, record

from conformance.contract.clauses import Level
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.page.registry import REGISTRY
from conformance.prove.trial import Subject, SubjectKind

PLANNED = [name for name, each in CATALOGUE.items() if not each.odd]
SUBJECTS = [
    *(Subject(SubjectKind.FAULT, name) for name in PLANNED[::36]),
    *(Subject(SubjectKind.VARIANT, name, is_handed=True) for name in list(VARIANTS)[5::20]),
]

ECHOES = {"T6.project_id.echo", "T7.id.echo", "T7.resources.asked"}
"""A run knows of an unknown policy that it had to be refused; a recording, that the response is
about another one."""


@pytest.fixture(scope="module", params=SUBJECTS, ids=lambda subject: subject.name)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(request.param, tmp_path_factory.mktemp("run"))


def test_a_journal_judged_again_gives_the_very_verdicts_of_its_run(recorded: Recorded) -> None:
    again = recorded.judged()
    assert again.judgement == recorded.report.judgement
    assert again.exit_code == recorded.report.exit_code
    assert (again.header, again.footer) == (recorded.report.header, recorded.report.footer)
    assert again.judged == len(recorded.report.exchanges)
    assert not again.warnings


def test_a_packed_journal_is_no_other(tmp_path: Path) -> None:
    recorded = record(SUBJECTS[0], tmp_path)
    packed = tmp_path / "journal.gz"
    packed.write_bytes(gzip.compress(recorded.journal.read_bytes()))
    other = Recorded(recorded.report, packed, recorded.har)
    assert other.judged().judgement == recorded.report.judgement


def test_a_har_file_of_a_run_accuses_of_nothing_else(recorded: Recorded) -> None:
    judgement, of_the_run = recorded.judged_as_har().judgement, failed(recorded.report.judgement)
    # It does not tell a repetition from another request, so it may name the shape of those refused.
    shapes = set(REGISTRY.acceptances) if "S200.executed" in of_the_run else set()
    assert failed(judgement) - ECHOES - shapes <= of_the_run
    if not failed(recorded.report.judgement, Level.MUST):
        assert not failed(judgement, Level.MUST)


@pytest.mark.parametrize(
    "clause_id",
    ["S401.no-token", "T3.plan_id.mandatory", "T6.status.values", "T6.id.unique", "T8.id.present"],
)
def test_a_fault_that_a_recording_can_show_is_caught(clause_id: str, tmp_path: Path) -> None:
    name = next(name for name in PLANNED if CATALOGUE[name].breaks == clause_id)
    recorded = record(Subject(SubjectKind.FAULT, name), tmp_path)
    assert clause_id in failed(recorded.judged_as_har().judgement)
