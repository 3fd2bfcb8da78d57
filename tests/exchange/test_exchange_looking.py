"""How often a run asks what became of its executions, and what it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exchange_helpers import CONTRACT, WORLD, Recording, clause, run_against

from conformance.emulator import Refusal, Request, Response
from conformance.emulator.backups import Backup
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.faults.parts import changed
from conformance.emulator.messages import Checkpoint, CheckpointReq
from conformance.emulator.variants import VARIANTS
from conformance.exchange.looking import looks_behind
from conformance.judge.verdicts import Status, Verdict
from conformance.page.backup_list import BackupList
from conformance.page.oracle import Oracle
from conformance.page.permitted import Permitted
from conformance.report.model import Report

LISTS = [name for name in VARIANTS if name.startswith(("list-", "records-"))]
FEW = 8
"""Requests that a run may spend on looking at backups, where there are few."""


def looks(report: Report) -> list[str]:
    """What was asked of the list of backups, or of a record by itself."""
    urls = [each.request.url for each in report.exchanges if each.request.method == "GET"]
    return [url for url in urls if "checkpoint_items" in url or "/checkpoints/" in url]


class Refusing(Recording):
    """There is no list of backups, nor a record by itself."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        raise Refusal(404, "any", "no such path")


def test_few_requests_show_what_became_of_all_executions(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path)
    assert 2 < len(looks(report)) <= FEW
    assert report.footer.requests.spent <= 250
    assert clause(report, "F.listed").exchanges == len(report.judgement.executions)


def test_looks_cost_no_execution(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, max_executions=1)
    assert clause(report, "F.listed").status is Status.PASSED
    assert report.footer.executions.spent == 1


def test_a_target_without_a_list_is_asked_once_and_for_one_record(tmp_path: Path) -> None:
    report = run_against(Refusing(), tmp_path)
    assert [("checkpoint_items" in each, "/checkpoints/" in each) for each in looks(report)] == [
        (True, False),
        (False, True),
    ]
    assert report.judgement.verdict is Verdict.CONFORMS
    assert "404" in clause(report, "F.listed").reason


def test_smoke_looks_as_well(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, profile="smoke")
    assert clause(report, "F.listed").status is Status.PASSED
    assert len(looks(report)) <= FEW


def test_only_has_what_it_selects_asked_for(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, only=("F.*",))
    statuses: dict[str, Any] = {each.clause.id: each.status for each in report.judgement.clauses}
    judged = {name: status for name, status in statuses.items() if name.startswith("F.")}
    assert set(judged.values()) == {Status.PASSED}
    assert report.judgement.verdict is Verdict.CONFORMS
    assert looks(run_against(Recording(), tmp_path, only=("S404.*",))) == []


@pytest.mark.parametrize("name", LISTS)
def test_no_way_of_listing_backups_is_accused(name: str, tmp_path: Path) -> None:
    report = run_against(VARIANTS[name].make(WORLD), tmp_path)
    broken = [each.clause.id for each in report.judgement.clauses if each.status is Status.FAILED]
    assert broken == []
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.requests.spent <= 250


def test_what_brings_backups_though_it_is_refused_counts_as_executions(tmp_path: Path) -> None:
    fault = CATALOGUE["refused-and-begun"]
    report = run_against(fault.make(WORLD), tmp_path)
    assert clause(report, "F.refused").status is Status.FAILED
    assert report.footer.executions.spent > len(report.judgement.executions)
    assert report.footer.executions.spent <= report.footer.executions.limit
    begun = {each.id for each in report.judgement.surplus}
    assert begun
    assert begun.isdisjoint(report.judgement.executions)


class ExecutedBySomebodyElse(Recording):
    """Between any two lists, somebody else executes the policy once."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        policy = self.world.policies[0]
        wanted = CheckpointReq(policy.id, resources=())
        if "marker" not in request.query:
            self.execute(policy, self.policy_servers(policy), wanted)
        return super().list_backups(request, project_id)


@pytest.mark.parametrize(("profile", "limit"), [("smoke", 3), ("standard", 10)])
def test_what_somebody_else_executes_takes_no_execution_from_valid_requests(
    profile: str, limit: int, tmp_path: Path
) -> None:
    service = ExecutedBySomebodyElse()
    report = run_against(service, tmp_path, profile=profile, max_executions=limit)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason


class OddIds(Recording):
    """The last backup of a page has an id that would lead elsewhere in a path."""

    def render_backup(self, backup: Backup) -> object:
        return changed(super().render_backup(backup), id="a/../b")


def test_a_list_is_read_only_as_far_as_requests_may_go(tmp_path: Path) -> None:
    report = run_against(OddIds(), tmp_path, profile="smoke")
    for each in report.exchanges:
        if "checkpoint_items" in each.request.url:
            Permitted(report.header.fixtures.endpoint).check("GET", each.request.url, ())
    assert clause(report, "F.listed").status is Status.PASSED


class OddRecords(Recording):
    """The id of a record is no text that a request can carry."""

    def render_checkpoint(self, record: Checkpoint) -> object:
        return changed(super().render_checkpoint(record), id="\ud800")


def test_a_record_that_no_request_can_carry_is_not_asked_for(tmp_path: Path) -> None:
    report = run_against(OddRecords(), tmp_path, profile="smoke")
    fixtures = report.header.fixtures
    seen = BackupList.read(report.exchanges, Oracle(CONTRACT, fixtures))
    assert seen.records
    assert all("/checkpoints/" not in each.request.url for each in looks_behind((), seen, fixtures))
