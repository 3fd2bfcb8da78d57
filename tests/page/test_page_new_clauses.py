"""A clause added by the book is planned, judged and counted, whatever its id looks like."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from conformance.contract import PATH, Contract, load_contract
from conformance.contract.clauses import SHOULD, TO_EXECUTE, Source, Table
from conformance.emulator import Service, World
from conformance.emulator.app import serving
from conformance.emulator.messages import Request, Response
from conformance.judge.verdicts import Judgement, Status, Verdict
from conformance.model import header
from conformance.page.answer import Answer, Execution
from conformance.page.call import Call
from conformance.page.catalogue import catalogue
from conformance.page.registry import (
    REGISTRY,
    Received,
    acceptance_clause,
    answer_clause,
    error_clause,
    execution_clause,
    input_clause,
    memory_clause,
    status_clause,
)
from conformance.plan.domains.kind import Kind, Place
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher

KINDS = ("inputs", "acceptances", "executions", "memories", "errors", "answers", "statuses")
SHOUT = "X-Project-Id"  # none of the suite's requests to the emulator has it
PAGE = Source("RFC 9110", "6.6.1")
BY_FUNCTION = ("dated", "odd:shouting", "of-checkpoints", "never-two", "on.errors")
BY_SCHEMA = "name-of-the-policy"
NOBODY_JUDGES = ("nobody/accepts", "nobody/counts")


@pytest.fixture(autouse=True)
def _registry_as_before() -> Iterator[None]:
    """What a test defines is forgotten afterwards."""
    kept = {kind: dict(getattr(REGISTRY, kind)) for kind in KINDS}
    yield
    for kind, those in kept.items():
        getattr(REGISTRY, kind).clear()
        getattr(REGISTRY, kind).update(those)


@pytest.fixture
def contract(_registry_as_before: None) -> Contract:
    """The contract with a clause of each kind more, under ids that fit no pattern."""

    @answer_clause("dated", PAGE, level=SHOULD)
    def dated(answer: Answer) -> Received | None:
        """A response carries the moment at which it was made."""
        return None if header(answer.response.headers, "Date") else ("a Date header", "none")

    @input_clause("odd:shouting", PAGE, answers={400})
    def shouting(call: Call) -> bool:
        """A request that shouts is refused."""
        return call.is_operation and header(call.request.headers, SHOUT) is not None

    @execution_clause("of-checkpoints", Table(6))
    def of_checkpoints(execution: Execution) -> Received | None:
        """A checkpoint has more than one field."""
        return None if len(execution.checkpoint) > 1 else ("several fields", "one")

    @memory_clause("never-two", Table(6))
    def never_two(execution: Execution, first: dict[bytes, str]) -> Received | None:
        """No two executions are answered with the same bytes."""
        digest = execution.response.body[:2000]
        return ("other bytes", "the same") if first.setdefault(digest, "") else None

    @error_clause("on.errors", PAGE)
    def on_errors(answer: Answer) -> Received | None:
        """An error is not empty."""
        return None if answer.response.body else ("a body", "none")

    acceptance_clause("nobody/accepts", PAGE, "A shape that is nowhere.", needs=TO_EXECUTE)
    status_clause("nobody/counts", PAGE, "A clause that no judge knows.")
    document: dict[str, Any] = copy.deepcopy(dict(load_contract().document))
    listed = document["paths"][PATH]["post"]["x-clauses"]["listed"]
    listed += [*BY_FUNCTION, *NOBODY_JUDGES]
    name = document["components"]["schemas"]["plan_resp"]["properties"]["name"]
    name["minLength"] = 1
    name["x-clauses"]["minLength"] = {"id": BY_SCHEMA, "level": "should"}
    return Contract(yaml.safe_dump(document).encode(), document)


class RefusesToBeShoutedAt(Service):
    """Keeps the clauses that are added here as well."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        if request.header(SHOUT) is not None:
            raise self.malformed_body("it shouts")
        return super().execute_policy(request, project_id, provider_id)


@pytest.fixture(autouse=True)
def _probe_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe that makes the new input clause decisive."""

    def with_one_more(drafts: Drafts) -> Iterator[Kind]:
        yield from table(drafts)
        valid = drafts.request(drafts.body())
        loud = replace(valid, headers=(*valid.headers, (SHOUT, "yes")))
        yield Kind(Place.HEADERS, "loud", "odd:shouting", (loud,))

    monkeypatch.setattr("conformance.plan.planner.table", with_one_more)


def tried(contract: Contract, directory: Path, *only: str) -> Judgement:
    with serving(RefusesToBeShoutedAt(World.default())) as endpoint:
        settings = emulator_settings(
            contract, endpoint, report_dir=directory, profile="smoke", only=only
        )
        return asyncio.run(run(contract, settings, Watcher())).judgement


@pytest.mark.parametrize("clause_id", [*BY_FUNCTION, BY_SCHEMA])
def test_a_clause_alone_is_planned_and_decided(
    contract: Contract, tmp_path: Path, clause_id: str
) -> None:
    judgement = tried(contract, tmp_path, clause_id)
    (verdict,) = judgement.clauses
    assert verdict.clause.id == clause_id
    assert verdict.exchanges
    assert verdict.status in (Status.PASSED, Status.FAILED)
    assert judgement.verdict is Verdict.CONFORMS


def test_a_clause_on_any_response_is_decided_by_all_that_are_planned(
    contract: Contract, tmp_path: Path
) -> None:
    counts = {v.clause.id: v.exchanges for v in tried(contract, tmp_path).clauses}
    assert counts["dated"] == counts["URI.https"] > 20
    assert counts["on.errors"] == counts["EC.body.json"] > 10
    assert counts["of-checkpoints"] == counts["T6.status.present"] > 1


@pytest.mark.parametrize("clause_id", NOBODY_JUDGES)
def test_a_run_that_decided_nothing_about_a_selected_clause_is_not_green(
    contract: Contract, tmp_path: Path, clause_id: str
) -> None:
    judgement = tried(contract, tmp_path / "alone", clause_id)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert clause_id in judgement.reason
    beside = tried(contract, tmp_path / "beside", "T6.*", clause_id)
    assert beside.verdict is Verdict.INCONCLUSIVE
    assert clause_id in beside.reason


def test_a_clause_on_a_keyword_stands_where_the_schema_does(contract: Contract) -> None:
    clause = catalogue(contract)[BY_SCHEMA]
    assert clause.source == Table(7, "name")
    assert clause.level is SHOULD
    assert clause.statement == "`name` is not empty."


def test_clauses_of_other_pages_come_behind_those_of_the_document(contract: Contract) -> None:
    ids = list(catalogue(contract))
    assert set(ids[-5:]) == {"dated", "odd:shouting", "on.errors", *NOBODY_JUDGES}
