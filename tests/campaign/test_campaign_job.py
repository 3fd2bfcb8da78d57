"""A job belongs to one campaign: its mark, its versions, its commands, and the row it gets back."""

from __future__ import annotations

import logging
import pickle
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from campaign_jobs import CAMPAIGN, job, reports, target
from campaign_targets import KEPT, Town
from cli_helpers import TOKENS

from conformance.attestation.digests import Suite
from conformance.campaign import cluster
from conformance.campaign.cluster import with_its_report
from conformance.campaign.command import Campaign, jobs_of
from conformance.campaign.job import Job, held
from conformance.campaign.mark import MARK
from conformance.campaign.row import Row, RunTarget
from conformance.campaign.task import do
from conformance.campaign.versions import Versions, versions_here
from conformance.emulator.app import serving
from conformance.judge.verdicts import Status, Verdict

NOWHERE = "http://127.0.0.1:9"
OLD = Versions(Suite("0.0.9", "0" * 64), versions_here().contract, (("jsonschema-rs", "0.1"),))


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])


def good_row(of: Job) -> Row:
    """The row that a worker sends back for a job whose target conforms."""
    asked = of.target
    tested = RunTarget(
        endpoint=str(asked.endpoint),
        project_id=asked.project_id,
        provider_id="the provider of the page",
        plan_id=asked.plan_id,
        resources=list(asked.resource),
        tokens=["token"],
    )
    return Row(
        name=asked.name,
        endpoint=str(asked.endpoint),
        verdict=Verdict.CONFORMS,
        exit_code=0,
        suite=of.versions.suite.version,
        contract=of.versions.contract,
        campaign=of.campaign,
        tested=tested,
        statuses={"T6.id.present": Status.PASSED},
    )


def test_a_row_that_is_of_its_job_is_held(tmp_path: Path) -> None:
    subject = job(target(NOWHERE + "/"), tmp_path)
    row = good_row(subject)
    assert row.tested is not None
    row = msgspec.structs.replace(row, tested=msgspec.structs.replace(row.tested, endpoint=NOWHERE))
    assert held(row, subject) == row


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"campaign": "another"}, "campaign"),
        ({"name": "two"}, "target"),
        ({"contract": "0" * 64}, "contract"),
        ({"suite": "0.0.9"}, "suite"),
        ({"tested": None}, "endpoint and project-id and plan-id and resources"),
    ],
)
def test_a_row_of_something_else_is_refused(
    change: dict[str, Any], what: str, tmp_path: Path
) -> None:
    subject = job(target(NOWHERE), tmp_path)
    row = held(msgspec.structs.replace(good_row(subject), **change), subject)
    assert (row.verdict, row.name, row.exit_code) == (None, "one", 3)
    assert f"of another {what}, and is refused" in row.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "https://other.example"),
        ("project_id", "other"),
        ("plan_id", "other"),
        ("resources", ["other"]),
    ],
)
def test_a_row_of_other_fixtures_is_refused(field: str, value: Any, tmp_path: Path) -> None:
    subject = job(target(NOWHERE), tmp_path)
    row = good_row(subject)
    assert row.tested is not None
    tested = msgspec.structs.replace(row.tested, **{field: value})
    refused = held(msgspec.structs.replace(row, tested=tested), subject)
    assert refused.verdict is None
    assert field.replace("_", "-") in refused.reason


def test_a_row_without_a_verdict_of_another_campaign_tells_nothing_of_this_one(
    tmp_path: Path,
) -> None:
    subject = job(target(NOWHERE), tmp_path)
    foreign = replace(subject, campaign="another").without_verdict("its token is not there")
    assert "of another campaign" in held(foreign, subject).reason


@pytest.mark.parametrize("damage", ["no mark", "another mark"])
def test_a_worker_that_sees_another_directory_does_not_begin(damage: str, tmp_path: Path) -> None:
    town = Town({"one": KEPT})
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path)
        if damage == "no mark":
            (tmp_path / MARK).unlink()
        else:
            subject = replace(subject, campaign="another")
        row = do(subject)
    assert row.verdict is None
    assert "give storage that all workers share" in row.reason
    assert town.executions == {"one": 0}
    assert not reports(tmp_path).exists()


def test_a_verdict_without_its_report_is_none(tmp_path: Path) -> None:
    subject = job(target(NOWHERE), tmp_path)
    row = good_row(subject)
    assert with_its_report(row, subject).verdict is None
    reports(tmp_path).mkdir(parents=True)
    (reports(tmp_path) / "report.json").touch()
    assert "its report is not in" in with_its_report(row, subject).reason
    (reports(tmp_path) / "report.html").touch()
    assert with_its_report(row, subject) == row


def test_a_worker_of_another_version_does_not_begin(tmp_path: Path) -> None:
    row = do(job(target(NOWHERE), tmp_path, versions=OLD))
    assert row.verdict is None
    assert f"the worker has csbs-conformance {versions_here().suite.version}, jsonschema-rs" in (
        row.reason
    )
    assert not reports(tmp_path).exists()


def test_with_mixed_versions_a_row_names_what_judged_it(tmp_path: Path) -> None:
    ours = versions_here()
    other = replace(ours, packages=(("jsonschema-rs", "0.1"), *ours.packages[1:]))
    with serving(Town({"one": KEPT})) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path, versions=other, allow_mixed=True)
        row = held(do(subject), subject)
    assert row.verdict is Verdict.CONFORMS
    assert (
        row.suite == f"{ours.suite.version} (jsonschema-rs {dict(ours.packages)['jsonschema-rs']})"
    )


def test_other_files_of_the_same_version_are_another_suite() -> None:
    ours = versions_here()
    patched = replace(ours, suite=replace(ours.suite, sha256="a" * 64))
    assert ours.others_in(ours) == ()
    assert ours.others_in(patched) == (
        f"csbs-conformance {ours.suite.version} of other files (aaaaaaaaaaaa)",
    )


def test_a_report_of_another_suite_does_not_stand(tmp_path: Path) -> None:
    with serving(Town({"one": KEPT})) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path)
        do(subject)
        report = reports(tmp_path) / "report.json"
        version = versions_here().suite.version
        old = report.read_text().replace(f'"version": "{version}"', '"version": "0.0.9"')
        report.write_text(old)
        assert "its report is of csbs-conformance 0.0.9" in do(subject).reason
        assert do(replace(subject, allow_mixed=True)).suite == "0.0.9"


@pytest.mark.process
def test_the_text_of_a_token_command_is_in_no_task_and_its_token_is_used(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKENS["CSBS_TOKEN"])
    command = f"cat '{tmp_path / 'token'}'"
    with serving(Town({"one": KEPT})) as endpoint:
        targets = [target(f"{endpoint}/one", token_command=command), target(NOWHERE, name="two")]
        mark, (one, two) = jobs_of(Campaign(targets, tmp_path / "out"))
        assert command.encode() not in pickle.dumps([one, two])
        assert (mark.token_commands, two.token_command) == ([command], None)
        subject = job(one.target, tmp_path / "out", *mark.token_commands, token_command=0)
        assert do(subject).verdict is Verdict.CONFORMS


def test_two_campaigns_share_no_key(tmp_path: Path) -> None:
    keys = [jobs_of(Campaign([target(NOWHERE)], tmp_path))[1][0].key for _ in range(2)]
    assert keys[0] != keys[1]


def test_what_a_worker_logs_names_the_target(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "distributed.worker.csbs_conformance")
    with serving(Town({"one": KEPT})) as endpoint:
        do(job(target(f"{endpoint}/one"), tmp_path))
    assert caplog.messages == [
        f"campaign {CAMPAIGN}, target one: begins",
        f"campaign {CAMPAIGN}, target one: conforms",
    ]


class FinishedAndThenLost:
    """A task of Dask's that has ended, and whose scheduler is lost when its result is asked for."""

    status = "finished"

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def result(self) -> object:
        raise self.error


@pytest.mark.parametrize("error", [OSError, CancelledError])
def test_a_result_that_the_scheduler_takes_with_it_is_no_verdict(
    error: type[Exception], tmp_path: Path
) -> None:
    row = cluster._row(FinishedAndThenLost(error), job(target(NOWHERE), tmp_path))
    assert row.verdict is None
    assert "scheduler" in row.reason
