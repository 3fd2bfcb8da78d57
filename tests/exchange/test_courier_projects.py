"""Whose project it is: only one that exists shows a target that does not ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from exchange_helpers import WORLD, Recording, clause, fixtures_of, run_against
from msgspec import structs

from conformance.emulator import World
from conformance.emulator.world import Policy, Project, Token
from conformance.errors import UsageError
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Fixtures
from conformance.prove.direct import ENDPOINT
from conformance.report.model import Report

OTHER = "0e6f1c2d3b4a59687f0e1d2c3b4a5968"
TWO_PROJECTS = replace(WORLD, projects=(*WORLD.projects, Project(OTHER)))


class AsksForNoOwner(Recording):
    """Knows its projects, and lets any token work on any of them."""

    def __init__(self, world: World = TWO_PROJECTS) -> None:
        super().__init__(world)

    def owns(self, token: Token, project: Project) -> bool:
        return True

    def look_up_policy(self, plan_id: str) -> Policy | None:
        found = super().look_up_policy(plan_id)
        return found and replace(found, project=self.asked_for)

    def find_project(self, project_id: str, token: Token) -> Project:
        self.asked_for = project_id
        return super().find_project(project_id, token)


def with_other(project: str | None) -> Fixtures:
    return structs.replace(fixtures_of(ENDPOINT), other_project_id=project)


def own_project(service: Recording, directory: Path, other: str | None) -> Report:
    return run_against(service, directory, fixtures=with_other(other))


def test_a_project_that_exists_shows_who_asks_for_no_owner(tmp_path: Path) -> None:
    report = own_project(AsksForNoOwner(), tmp_path, OTHER)
    failed = clause(report, "T1.project_id.own")
    assert failed.status is Status.FAILED
    assert f"/v1/{OTHER}/" in failed.evidence[0].exchange.request.url


def test_without_one_it_does_not_show(tmp_path: Path) -> None:
    report = own_project(AsksForNoOwner(), tmp_path, None)
    assert report.judgement.verdict is Verdict.CONFORMS


def test_who_asks_for_the_owner_conforms(tmp_path: Path) -> None:
    report = own_project(Recording(TWO_PROJECTS), tmp_path, OTHER)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert clause(report, "T1.project_id.own").status is Status.PASSED


@pytest.mark.parametrize("other", [WORLD.projects[0].id, WORLD.projects[0].id.upper()])
def test_the_project_of_the_token_is_no_other(other: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--other-project-id is the project of the token"):
        own_project(Recording(), tmp_path, other)
