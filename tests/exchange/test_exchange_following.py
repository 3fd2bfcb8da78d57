"""Following what a run created: gently, one list for all, until all of it is over."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from exchange_helpers import WORLD, Recording, records, run_against
from memory import peak_of

from conformance.contract import load_contract
from conformance.emulator import Refusal, Request, Response, Settings
from conformance.emulator.backups import Backup
from conformance.emulator.messages import Checkpoint, CheckpointReq
from conformance.emulator.variants import VARIANTS
from conformance.emulator.world import Project, World
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.model import Exchange

TAKES = 100.0
"""Seconds that a backup takes here."""


def world() -> World:
    return replace(WORLD, settings=Settings(advance_seconds=TAKES))


class WithOlder(Recording):
    """Its list has a thousand older backups, a hundred on a page."""

    older = 1000

    @cached_property
    def of_before(self) -> list[Backup]:
        policy = self.world.policies[0]
        (server, *_) = self.policy_servers(policy)
        found = []
        for number in range(self.older):
            made = self.started_at - timedelta(days=1, seconds=number)
            name = f"00000000-0000-4000-8000-{number:012}"
            record = Checkpoint(name, made, policy, (server,), CheckpointReq(policy.id))
            found.append(Backup(record, server))
        return found

    def present(self, project: Project) -> Iterator[Backup]:
        yield from self.of_before
        yield from super().present(project)

    def list_backups(self, request: Request, project_id: str) -> Response:
        request.query["limit"] = str(min(100, int(request.query.get("limit", "100"))))
        return super().list_backups(request, project_id)


class OldestFirst(WithOlder):
    """Whatever is asked for, the oldest backups come first."""

    def sorted_backups(self, found: list[Backup], query: dict[str, str]) -> list[Backup]:
        return sorted(found, key=lambda each: each.record.created_at)


def followed(directory: Path) -> list[Exchange]:
    """What was sent once the last execution was asked for."""
    exchanges = read_journal(directory / "journal.ndjson").exchanges
    posts = [place for place, each in enumerate(exchanges) if each.request.method == "POST"]
    return list(exchanges[posts[-1] + 1 :])


def polls(directory: Path) -> list[list[Exchange]]:
    """What was sent to follow, look by look."""
    found: list[list[Exchange]] = []
    for each in followed(directory):
        if "marker=" not in each.request.url:
            found.append([])
        found[-1].append(each)
    return found


def test_all_backups_are_followed_with_one_request_a_look(tmp_path: Path) -> None:
    report = run_against(WithOlder(world()), tmp_path, max_executions=10, follow=600.0)
    shown = report.judgement.backups
    assert {each.status for each in shown} == {"available"}
    assert {each.record for each in shown} == set(report.judgement.executions)
    assert all(TAKES <= (each.seconds or 0) <= TAKES + 45 for each in shown)
    looks = polls(tmp_path)[2:]  # the first ones are those of the run itself
    assert 3 < len(looks) < 20
    assert {len(look) for look in looks} == {1}


def test_a_look_never_costs_more_than_a_request_for_each_page(tmp_path: Path) -> None:
    report = run_against(OldestFirst(world()), tmp_path, max_executions=10, follow=600.0)
    assert len(report.judgement.executions) == 10
    assert {each.status for each in report.judgement.backups} == {"available"}
    looks = polls(tmp_path)
    assert max(len(look) for look in looks) == 11
    assert len(looks) < 20


class OfFew(OldestFirst):
    """Its list has few older backups, and it forgets what it was asked."""

    older = 60

    def handle(self, request: Request) -> Response:
        self.seen.clear()
        return super().handle(request)


def test_memory_does_not_grow_with_the_time_that_is_followed(tmp_path: Path) -> None:
    def follow(seconds: float) -> None:
        slow = replace(WORLD, settings=Settings(advance_seconds=seconds))
        run_against(OfFew(slow), tmp_path, profile="smoke", max_executions=1, follow=7200.0)

    follow(10.0)
    short, before = peak_of(lambda: follow(200.0)), len(followed(tmp_path))
    long, after = peak_of(lambda: follow(1500.0)), len(followed(tmp_path))
    assert after > before + 40
    assert long < short + 800_000  # 40 pages that were kept would take 2 MB


def test_looks_become_rarer(tmp_path: Path) -> None:
    run_against(Recording(world()), tmp_path, profile="smoke", follow=600.0)
    started = [each.started for each in followed(tmp_path)]
    apart = [after - before for before, after in itertools.pairwise(started)]
    pauses = [round(each, 1) for each in apart if each > 0.5]  # the first looks are the run's own
    assert pauses == sorted(pauses)
    assert pauses[0] < 2
    assert max(pauses) <= 31


def test_the_time_to_follow_is_kept_and_what_is_left_is_told(tmp_path: Path) -> None:
    report = run_against(Recording(world()), tmp_path, profile="smoke", follow=20.0)
    assert report.footer.finished_at - report.header.started_at < 40
    assert any("3 records of 3 unfinished" in note for note in report.warnings)
    assert report.exit_code == 0


def test_nothing_is_followed_where_nobody_asks_for_it(tmp_path: Path) -> None:
    report = run_against(Recording(world()), tmp_path, profile="smoke")
    assert {each.seconds for each in report.judgement.backups} == {None}
    assert len(followed(tmp_path)) <= 3


def test_a_failed_backup_is_told_with_its_reason_and_is_no_violation(tmp_path: Path) -> None:
    first, *others = WORLD.servers
    failing = replace(world(), servers=(replace(first, fail_reason="disk full"), *others))
    report = run_against(Recording(failing), tmp_path, profile="smoke", follow=600.0)
    failed = [each for each in report.judgement.backups if each.status == "error"]
    assert {each.reason for each in failed} == {"disk full"}
    assert report.exit_code == 0


def test_records_are_followed_by_themselves_where_there_is_no_list(tmp_path: Path) -> None:
    karbor = VARIANTS["records-as-in-karbor"].make(world())
    report = run_against(karbor, tmp_path, profile="smoke", follow=600.0)
    shown = report.judgement.backups
    assert [each.status for each in shown] == ["available"] * 3
    assert all(each.server == "" and (each.seconds or 0) >= TAKES for each in shown)


class Nothing(Recording):
    """Shows neither a list of backups nor a record."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        raise Refusal(403, "any", "no")


def test_what_cannot_be_followed_is_told_at_once(tmp_path: Path) -> None:
    report = run_against(Nothing(world()), tmp_path, profile="smoke", follow=600.0)
    assert report.footer.finished_at - report.header.started_at < 20
    assert any("the target shows no backups" in note for note in report.warnings)


class Busy(Recording):
    """Lists nothing in the first minute, and says how long to wait."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        if self.clock() < self.started_at + timedelta(seconds=60):
            raise Refusal(503, "any", "not now", (("Retry-After", "25"),))
        return super().list_backups(request, project_id)


def test_a_target_that_asks_to_wait_is_waited_for(tmp_path: Path) -> None:
    busy = Busy(world())
    busy.started_at = datetime.now(UTC)
    report = run_against(busy, tmp_path, profile="smoke", follow=600.0)
    assert {each.status for each in report.judgement.backups} == {"available"}
    refused = [each for each in followed(tmp_path) if each.outcome.startswith("503")]
    assert 1 <= len(refused) <= 4


def test_what_was_followed_is_in_the_journal_and_judged_again(tmp_path: Path) -> None:
    report = run_against(Recording(world()), tmp_path, profile="smoke", follow=600.0)
    path = tmp_path / "journal.ndjson"
    assert records(path)[-1]["kind"] == "footer"
    assert judge(load_contract(), read_journal(path)) == report.judgement
