"""Schemathesis with the extension: its own command, and its Python API."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fronts_helpers import (
    FIXTURES,
    NEVER_HANGS,
    TOKENS,
    Counting,
    ErrorsInText,
    environment,
    wait_for_nothing,
)
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup

import conformance.schemathesis
from benchmarks.fronts.ways import INCONCLUSIVE, schemathesis_on
from conformance.contract import contract_path, load_contract
from conformance.contract.clauses import MUST
from conformance.contract.schema import ClauseSchema
from conformance.credentials.placeholders import Derivation
from conformance.emulator import Response, Service, World
from conformance.emulator.app import serving
from conformance.emulator.asgi import App
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import Verdict
from conformance.model import Ending, Fixtures, Spent
from conformance.page.catalogue import catalogue
from conformance.schemathesis.data import narrow
from conformance.schemathesis.recording import LONGEST_WAIT, Executions, forget
from conformance.schemathesis.targets import endpoint_of

SCHEMATHESIS = str(Path(sysconfig.get_path("scripts")) / "schemathesis")
IDS = {
    "CSBS_PROJECT_ID": FIXTURES["project_id"],
    "CSBS_PLAN_ID": FIXTURES["plan_id"],
    "CSBS_RESOURCE": " ".join(FIXTURES["resources"]),
}
FEW = ("--phases", "examples", "--no-color", "--generation-database", "none")


@pytest.fixture(autouse=True)
def _simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_nothing(monkeypatch)


def run_schemathesis(
    directory: Path, endpoint: str, *more: str, env: dict[str, str] | None = None
) -> tuple[int, str]:
    extension = {"SCHEMATHESIS_HOOKS": "conformance.schemathesis"}
    done = subprocess.run(
        [SCHEMATHESIS, "run", str(contract_path()), "--url", endpoint, *FEW, *more],
        cwd=directory,
        env=environment({**extension, **IDS, **TOKENS} if env is None else {**extension, **env}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=NEVER_HANGS,
        check=False,
    )
    return done.returncode, done.stdout.decode()


@pytest.fixture
def fixtures_in_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {**IDS, **TOKENS}.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


def test_the_command_on_the_reference(tmp_path: Path) -> None:
    service = Counting()
    env = {**IDS, **TOKENS, "CSBS_REPORT_DIR": str(tmp_path / "reports")}
    with serving(service) as endpoint:
        code, out = run_schemathesis(tmp_path, endpoint, env=env)
    assert (code, "No issues found" in out) == (0, True), out
    assert 0 < service.executions <= 10
    report = json.loads((tmp_path / "reports" / "report.json").read_text())
    assert report["verdict"] == "conforms"
    clauses = [found for found in report["clauses"] if found["source"] != "Function"]
    exercised = sum(found["status"] == "passed" for found in clauses)
    assert exercised >= len(clauses) - 8
    journal = read_journal(tmp_path / "reports" / "journal.ndjson")
    again = judge(load_contract(), journal)
    assert again.verdict is Verdict.CONFORMS
    named = [exchange.probe for exchange in journal.exchanges if exchange.probe]
    assert len(set(named)) > 100
    assert {name.rpartition("/")[0].partition(" ")[0] for name in named} & {"T3.plan_id.type"}
    written = b"".join(path.read_bytes() for path in (tmp_path / "reports").iterdir())
    for token in TOKENS.values():
        assert token not in out
        assert token.encode() not in written


def test_the_command_without_a_token(tmp_path: Path) -> None:
    code, out = run_schemathesis(tmp_path, "http://127.0.0.1:1", env={})
    assert code == 2
    line = "CSBS_TOKEN_ENV: the environment variable CSBS_TOKEN is not set"
    assert line in " ".join(out.split())


def test_a_fault_is_named_by_its_clause() -> None:
    fault = CATALOGUE["status-in-capitals"]
    with serving(fault.make(World.default())) as endpoint:
        said, report = schemathesis_on(endpoint)
    assert said == {fault.breaks}
    assert report is not None
    assert report.judgement.verdict is Verdict.VIOLATES


def test_a_fault_that_only_the_whole_run_shows() -> None:
    """A 404 may come from a wrong fixture until a valid request was executed."""
    name = next(n for n, f in CATALOGUE.items() if f.breaks == "S403.forbidden-token" and not f.odd)
    with serving(CATALOGUE[name].make(World.default())) as endpoint:
        said, report = schemathesis_on(endpoint)
    assert report is not None
    assert said == {verdict.clause.id for verdict in report.judgement.failed(MUST)}
    assert "S403.forbidden-token" in said


def test_what_one_answer_cannot_decide_is_asked_again() -> None:
    """A 400 to a valid request may mean busy."""
    with serving(CATALOGUE["empty-parameters-refused"].make(World.default())) as endpoint:
        said, _ = schemathesis_on(endpoint, *FEW)
    assert said == {"T3.parameters.empty"}


def test_a_target_that_is_busy_now_and_then_is_accused_of_nothing() -> None:
    service = VARIANTS["throttled-odd-retry-after"].make(World.default())
    assert isinstance(service, Service)
    with serving(service) as endpoint:
        said, report = schemathesis_on(endpoint, *FEW)
    assert report is not None
    assert any(each.response and each.response.status == 503 for each in report.exchanges)
    assert said == frozenset()


def test_no_more_executions_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_MAX_EXECUTIONS", "4")
    service = Counting()
    with serving(service) as endpoint:
        schemathesis_on(endpoint)
    assert 0 < service.executions <= 4


def test_a_target_that_executes_everything_is_stopped_at_the_limit() -> None:
    class Eager(Counting):
        def handle(self, request: Any) -> Response:
            answer = super().handle(request)
            has_token = any(value == FIXTURES["token"] for _, value in request.headers)
            self.executions += has_token and answer.status != 200
            return Response(200, (("Content-Type", "application/json"),), b"{}")

    service = Eager()
    with serving(service) as endpoint:
        schemathesis_on(endpoint)
    assert service.executions <= 10


@pytest.mark.parametrize("name", ["no-token-needed", "no-token-needed-after-an-execution"])
@pytest.mark.parametrize("limit", [1, 3, 10])
def test_a_target_that_needs_no_token_is_stopped_at_the_limit(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setenv("CSBS_MAX_EXECUTIONS", str(limit))
    service = CATALOGUE[name].make(World.default())
    assert isinstance(service, Service)
    with serving(service) as endpoint:
        said, report = schemathesis_on(endpoint)
    assert len(service.executed) <= limit
    assert report is not None
    assert report.footer.executions == Spent(len(service.executed), limit)
    assert report.footer.ending is Ending.EXECUTIONS
    assert said - {INCONCLUSIVE} <= {"S401.no-token"}
    assert "S401.no-token" in said or limit == 1


@pytest.mark.parametrize("name", ["throttled-429", "throttled-503"])
def test_executions_are_left_for_what_is_asked_again(name: str) -> None:
    service = VARIANTS[name].make(World.default())
    assert isinstance(service, Service)
    with serving(service) as endpoint:
        said, report = schemathesis_on(endpoint)
    assert report is not None
    assert any(each.response and each.response.status >= 429 for each in report.exchanges)
    assert said == frozenset()


def test_no_check_sends_requests_of_its_own() -> None:
    """Built-in checks would ask on, past the limit, and unseen by the judge."""
    name = next(name for name, fault in CATALOGUE.items() if fault.breaks == "S401.no-token")

    class Open(Counting):
        def __init__(self) -> None:
            super().__init__()
            self.faulty: Any = CATALOGUE[name].make(World.default())

        def handle(self, request: Any) -> Response:
            self.requests += request.method == "POST"
            answer: Response = self.faulty.handle(request)
            return answer

    service = Open()
    with serving(service) as endpoint:
        said, report = schemathesis_on(endpoint)
    assert report is not None
    posts = [exchange for exchange in report.exchanges if exchange.request.method == "POST"]
    assert service.requests == len(posts)
    assert "S401.no-token" in said


def test_a_broken_should_is_reported_only_when_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(ErrorsInText()) as endpoint:
        said, report = schemathesis_on(endpoint, *FEW)
        monkeypatch.setenv("CSBS_STRICT", "1")
        strict, _ = schemathesis_on(endpoint, *FEW)
    assert report is not None
    assert report.judgement.verdict is Verdict.CONFORMS
    assert said == frozenset()
    assert "EC.body.json" in strict


def test_a_run_that_saw_no_execution_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(Counting):
        def handle(self, request: Any) -> Response:
            return Response(403, (("Content-Type", "application/json"),), b"{}")

    with serving(Closed()) as endpoint:
        said, report = schemathesis_on(endpoint, *FEW)
    assert report is not None
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert said == {INCONCLUSIVE}


@pytest.mark.usefixtures("fixtures_in_environment")
def test_the_python_api_against_an_application() -> None:
    service = CATALOGUE["status-in-capitals"].make(World.default())
    document = copy.deepcopy(dict(load_contract().document))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = App(service)
    operation = schema["/v1/{project_id}/providers/{provider_id}/checkpoints"]["POST"]
    case = operation.Case(
        path_parameters={
            "project_id": FIXTURES["project_id"],
            "provider_id": load_contract().provider_id,
        },
        body={"checkpoint": {"plan_id": FIXTURES["plan_id"], "parameters": {}}},
    )
    response = case.call(app=App(service), base_url="http://127.0.0.1")
    with pytest.raises(FailureGroup, match=re.escape("T6.status.values: `status` is one of")):
        case.validate_response(response)
    (report,) = conformance.schemathesis.reports().values()
    (exchange,) = report.exchanges
    assert ("X-Auth-Token", "{{token}}") in exchange.request.headers


def test_every_clause_is_a_check() -> None:
    from schemathesis.checks import CHECKS

    assert set(catalogue(load_contract())) <= set(CHECKS.get_all_names())


def test_the_extension_does_not_shadow_schemathesis(tmp_path: Path) -> None:
    source = "import conformance.schemathesis, schemathesis; print(schemathesis.__file__)"
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "site-packages" in done.stdout


def narrowed(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(dict(load_contract().document))
    fixtures = Fixtures("http://127.0.0.1", load_contract().provider_id, **changes)
    narrow(document, fixtures)
    return document


def test_the_document_names_the_fixtures_alone() -> None:
    document = narrowed(project_id="p", plan_id="policy", resources=("one", "two"))
    request = ClauseSchema(document, "request")
    good = {"checkpoint": {"plan_id": "policy", "parameters": {"resources": ["two"]}}}
    assert not request.breaches(good)
    schemas = document["components"]["schemas"]
    assert schemas["checkpoint_req"]["properties"]["plan_id"]["enum"] == ["policy"]
    servers = schemas["checkpoint_param"]["properties"]["resources"]["items"]["enum"]
    assert servers == ["one", "two"]
    assert document["components"]["parameters"]["project_id"]["schema"]["enum"] == ["p"]
    assert schemas["plan_resp"] == load_contract().document["components"]["schemas"]["plan_resp"]


def test_without_fixtures_the_document_stays_open() -> None:
    schemas = narrowed()["components"]["schemas"]
    assert "enum" not in schemas["checkpoint_req"]["properties"]["plan_id"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(json_values)
def test_any_operation_is_narrowed_or_left_alone(part: Any) -> None:
    """Documents of other people may be of any shape."""
    path = "/base/v1/{a}/providers/{b}/checkpoints"
    fixtures = Fixtures("http://x", "provider", "project", "policy", ("server",))
    for document in (
        {"paths": {path: {"post": {"requestBody": part, "parameters": [part]}}}},
        {"paths": {path: {"post": {"requestBody": {"content": {"application/json": part}}}}}},
        {"paths": {path: {"post": part}}},
        {"paths": {path: part}},
        {"paths": part},
        {"paths": {"/other": part}},
    ):
        narrow(document, fixtures)


@given(st.sampled_from(["http://h", "https://h:8/base", "http://h/a/b"]), st.text(), st.text())
def test_the_endpoint_in_a_url(endpoint: str, project: str, provider: str) -> None:
    from urllib.parse import quote

    ids = quote(project, safe=""), quote(provider, safe="")
    path = "/v1/{}/providers/{}/checkpoints".format(*ids)
    assert endpoint_of(endpoint + path) == endpoint


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans())), st.integers(0, 4))
def test_executions_never_pass_their_limit(steps: list[tuple[int, bool, bool]], limit: int) -> None:
    executions, open_cases = Executions(limit), set[str]()
    for number, settles, executed in steps:
        name = str(number)
        if settles and name in open_cases:
            open_cases.discard(name)
            executions.settle(name, executed=executed)
        elif executions.reserve(name):
            open_cases.add(name)
        assert executions.spent + len(open_cases) <= limit


def test_a_request_waits_for_the_execution_that_another_gives_back() -> None:
    executions = Executions(1)
    assert executions.reserve("first")
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(executions.reserve, "second")
        executions.settle("first", executed=False)
        assert second.result(NEVER_HANGS)


def test_a_request_does_not_wait_for_what_is_spent() -> None:
    executions = Executions(1)
    assert executions.reserve("first")
    executions.settle("first", executed=True)
    assert not executions.reserve("second")


def test_a_request_does_not_wait_for_one_of_its_own_thread() -> None:
    executions = Executions(1)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(executions.reserve, "lost without a word").result(NEVER_HANGS)
        assert not pool.submit(executions.reserve, "next").result(LONGEST_WAIT / 2)


def with_token(token: str) -> Counting:
    """The reference, whose good token is another."""
    service = Counting()
    tokens = (replace(service.world.tokens[0], value=token), *service.world.tokens[1:])
    service.world = replace(service.world, tokens=tokens)
    return service


def test_a_token_that_nothing_could_hide_is_neither_sent_nor_shown(tmp_path: Path) -> None:
    service = with_token("q7Xz0")
    with serving(service) as endpoint:
        code, out = run_schemathesis(
            tmp_path, endpoint, env={**IDS, **TOKENS, "CSBS_TOKEN": "q7Xz0"}
        )
    assert code != 0
    assert "fewer than 6 characters" in out
    assert "q7Xz0" not in out
    assert service.requests == 0


def test_near_misses_of_a_short_token_are_known_for_what_they_are(tmp_path: Path) -> None:
    token = "q7Xz0Lm"
    with serving(with_token(token)) as endpoint:
        code, out = run_schemathesis(
            tmp_path,
            endpoint,
            env={**IDS, **TOKENS, "CSBS_TOKEN": token, "CSBS_REPORT_DIR": str(tmp_path / "r")},
        )
    assert code == 0, out
    assert token not in out
    written = "".join(
        each.read_text("utf-8", "replace") for each in (tmp_path / "r").rglob("*") if each.is_file()
    )
    assert token not in written
    for near in Derivation:
        if len(near.make(token)) >= 4:
            assert f'"{near.make(token)}"' not in written
