"""The task of one target, as a worker does it: once, with its lock, its secrets and its trouble."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from campaign_jobs import job, reports, target
from campaign_targets import KEPT, Town
from cli_helpers import TOKENS
from signing_gateway import ACCESS, SECRET, RepeatsWhatWasSent

from conformance.campaign import task
from conformance.campaign.task import TargetFailed, do
from conformance.campaign.versions import versions_here
from conformance.emulator.app import serving
from conformance.judge.verdicts import Verdict

TOKEN = TOKENS["CSBS_TOKEN"]


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKEN)


def test_a_finished_target_needs_no_token_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Town({"one": KEPT})) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path / "one")
        first = do(subject)
        monkeypatch.delenv("CSBS_TOKEN")
        assert do(subject) == first.settled
        other = do(job(target(f"{endpoint}/one"), tmp_path / "two"))
    assert (other.verdict, "CSBS_TOKEN" in other.reason) == (None, True)


def test_a_report_stands_and_nothing_is_sent_again(tmp_path: Path) -> None:
    town = Town({"one": KEPT})
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path / "one")
        first = do(subject)
        executions = town.executions
        assert do(subject) == first.settled
    assert first.verdict is Verdict.CONFORMS
    assert town.executions == executions == {"one": first.executions}
    assert do(job(subject.target, tmp_path / "one")) == first.settled, "its target is gone"


@pytest.mark.parametrize("change", [{"seed": 2}, {"plan_id": "another"}, {"only": ("T6.*",)}])
def test_a_report_of_something_else_does_not_stand(change: dict[str, Any], tmp_path: Path) -> None:
    with serving(Town({"one": KEPT})) as endpoint:
        subject = target(f"{endpoint}/one")
        do(job(subject, tmp_path))
        row = do(job(replace(subject, **change), tmp_path))
    assert row.verdict is None
    assert "its report is of another" in row.reason


@pytest.mark.parametrize("damage", ["report.json", "report.html"])
def test_a_run_without_its_reports_goes_on_from_its_journal(damage: str, tmp_path: Path) -> None:
    town = Town({"one": KEPT})
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path)
        first = do(subject)
        executions = town.executions
        (reports(tmp_path) / damage).unlink()
        second = do(subject)
    assert (second.verdict, second.statuses) == (first.verdict, first.statuses)
    assert town.executions == executions


def test_a_run_that_was_lost_before_it_sent_anything_begins_anew(tmp_path: Path) -> None:
    reports(tmp_path).mkdir(parents=True)
    (reports(tmp_path) / "journal.ndjson").write_bytes(b'{"kind":"hea')
    with serving(Town({"one": KEPT})) as endpoint:
        assert do(job(target(f"{endpoint}/one"), tmp_path)).verdict is Verdict.CONFORMS


def test_no_lock_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "MARGIN", 0.0)
    town = Town({"one": KEPT})
    reports(tmp_path).mkdir(parents=True)
    holder = os.open(reports(tmp_path) / ".lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one", time_limit=0.3), tmp_path)
        row = do(subject)
    os.close(holder)
    assert row.verdict is None
    assert "another run holds the lock" in row.reason
    assert town.executions == {"one": 0}


def test_trouble_of_the_user_is_told_in_the_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSBS_TOKEN")
    row = do(job(target("http://127.0.0.1:9"), tmp_path))
    assert (row.verdict, row.exit_code) == (None, 3)
    assert "CSBS_TOKEN: it is not set" in row.reason
    missing = target("http://127.0.0.1:9", token_file=str(tmp_path / "none"))
    assert "No such file" in do(job(missing, tmp_path)).reason


def test_a_run_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(task, "MARGIN", 0.0)
    monkeypatch.setattr(task, "run", hang)
    row = do(job(target("http://127.0.0.1:9", time_limit=0.1), tmp_path))
    assert row.verdict is None
    assert "had not ended" in row.reason


def test_another_contract_on_the_worker_is_told(tmp_path: Path) -> None:
    versions = replace(versions_here(), contract="0" * 64)
    row = do(job(target("http://127.0.0.1:9"), tmp_path, versions=versions, allow_mixed=True))
    assert "another contract" in row.reason


def test_a_secret_in_a_file_is_used_and_is_in_no_argument(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN + "\n")
    with serving(Town({"one": KEPT})) as endpoint:
        subject = job(target(f"{endpoint}/one", token_file=str(secret)), tmp_path / "one")
        assert TOKEN.encode() not in pickle.dumps(subject)
        assert pickle.loads(pickle.dumps(subject)) == subject
        row = do(subject)
    assert row.verdict is Verdict.CONFORMS
    written = [path for path in reports(tmp_path / "one").iterdir() if path.is_file()]
    assert len(written) > 8
    assert not [path.name for path in written if TOKEN.encode() in path.read_bytes()]


def test_a_target_may_be_reached_with_signed_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSBS_TOKEN")
    gateway = RepeatsWhatWasSent()
    with serving(gateway) as endpoint:
        subject = job(target(endpoint, ak_env="HW_AK", sk_env="HW_SK"), tmp_path / "one")
        assert "HW_AK: it is not set where the run is" in do(subject).reason
        monkeypatch.setenv("HW_AK", f"{ACCESS},")
        monkeypatch.setenv("HW_SK", SECRET)
        assert "an access key has no spaces and no commas" in do(subject).reason
        monkeypatch.setenv("HW_AK", ACCESS)
        row = do(subject)
        assert do(subject) == row.settled, "its report stands"
    assert row.verdict is Verdict.CONFORMS
    assert gateway.signatures
    secrets = [each.encode() for each in (ACCESS, SECRET, gateway.signatures[-1])]
    files = reports(tmp_path / "one").iterdir()
    written = [path.read_bytes() for path in files if path.is_file()]
    assert len(written) > 8
    assert not [secret for secret in secrets for data in written if secret in data]


def test_an_unforeseen_error_is_for_dask_and_says_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"lost with {TOKEN}\x1b[2J")

    monkeypatch.setattr(task, "run", fail)
    with pytest.raises(TargetFailed) as caught:
        do(job(target("http://127.0.0.1:9"), tmp_path))
    assert "RuntimeError: lost with {{token}}" in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.__context__ is None, "Dask sends what an error was raised from"


def test_an_unforeseen_error_before_the_secrets_are_known_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a password")

    monkeypatch.setattr(task, "settings_for_target", fail)
    with pytest.raises(TargetFailed, match=r"^RuntimeError$"):
        do(job(target("http://127.0.0.1:9"), tmp_path))
