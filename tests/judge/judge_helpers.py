"""A target with its fixtures, requests to it, answers from it, and whole runs made of both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace
from ordinary import ordinary_headers

from conformance.contract import load_contract
from conformance.judge.run import Judge
from conformance.judge.verdicts import ClauseVerdict, Judgement, Status
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    Headers,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    Tolerances,
    TransportFailure,
)
from conformance.page.answer import Execution
from conformance.page.call import Call
from conformance.page.oracle import Duty, Expectation, Oracle
from conformance.plan.planner import Planner, Profile

CONTRACT = load_contract()
ENDPOINT = "https://csbs.example.com"
PROVIDER = CONTRACT.provider_id
PROJECT = "b942cc8342734d15bcb246babb1953cf"
PLAN = "62171999-3df1-42f7-9513-6f9b1bea4744"
SERVERS = ("7a32a8b5-7977-4e24-b5da-e0eb457db75b", "b2b433bf-7dd6-4a74-aa8f-85673dfbda48")
NOBODY = "00000000-0000-4000-8000-00000000abcd"
GOOD, WEAK, NEAR = "{{token}}", "{{forbidden-token}}", "{{token:middle-changed}}"
FIXTURES = Fixtures(ENDPOINT, PROVIDER, PROJECT, PLAN, SERVERS, frozenset(Token))
RECORDED = replace(FIXTURES, complete=False)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STARTED = NOON.timestamp()
JSON_TYPE = (("Content-Type", "application/json"),)


def body(plan_id: object = PLAN, **parameters: object) -> dict[str, Any]:
    return {"checkpoint": {"plan_id": plan_id, "parameters": parameters}}


def request(
    content: object = None,
    *,
    token: str | None = GOOD,
    project: str = PROJECT,
    provider: str = PROVIDER,
    media_type: str | None = "application/json",
    method: str = "POST",
    path: str | None = None,
    headers: Headers = (),
    endpoint: str = ENDPOINT,
) -> Request:
    """A request: `content` is bytes, or a value to be written as JSON; None is a valid one."""
    path = path or f"/v1/{quote(project, safe='')}/providers/{quote(provider, safe='')}/checkpoints"
    sent = [] if token is None else [("X-Auth-Token", token)]
    if media_type is not None:
        sent.append(("Content-Type", media_type))
    data = (
        content
        if isinstance(content, bytes)
        else json.dumps(body() if content is None else content).encode()
    )
    return Request(method, endpoint + path, (*sent, *headers), b"" if method == "GET" else data)


def written(at: float) -> str:
    """A time of the run as `created_at` has it."""
    moment = (NOON + timedelta(seconds=at)).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")


def record_of(sent: Request, record_id: str = "14626f11-b54a-44ea-8e69-7463e527506a") -> Any:
    """The body with which a conforming implementation answers a request that it executes."""
    call = Call(sent, RECORDED)
    asked = call.named_servers or list(SERVERS)
    servers = [
        {"id": server, "type": "OS::Nova::Server", "name": f"server{n}", "extra_info": "{}"}
        for n, server in enumerate(dict.fromkeys(asked))
    ]
    plan = {"id": str(call.plan_id), "name": "backup", "resources": servers}
    return {
        "checkpoint": {
            "status": "protecting",
            "created_at": written(0),
            "id": record_id,
            "resource_graph": None,
            "project_id": call.project_id,
            "protection_plan": plan,
            "extra_info": "{}",
        }
    }


def answer(status: int, content: object = b"", headers: Headers = JSON_TYPE) -> Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(status, "", headers, data)


def refusal(status: int, code: str = "CSBS.0400", message: str = "no") -> Response:
    return answer(status, {"error_code": code, "error_msg": message})


def exchange(
    sent: Request,
    came: Response | Failure,
    *,
    name: str = "1",
    at: float = 0.0,
    retry_of: str | None = None,
) -> Exchange:
    """`at` is in seconds from the start of the run, and when what was made then was made."""
    response = came if isinstance(came, Response) else None
    if response is not None and response.all_headers:
        headers = ordinary_headers(response.headers, STARTED + at)
        response = replace(response, headers=headers)
    if response is not None and response.body.startswith(b'{"checkpoint": {'):
        data = response.body.replace(written(0).encode(), written(at).encode())
        response = replace(response, body=data)
    failure = TransportFailure(came) if isinstance(came, Failure) else None
    return Exchange(name, sent, response, failure, STARTED + at, 0.0005, retry_of)


def execution(
    record: object = None,
    *,
    sent: Request | None = None,
    headers: Headers = JSON_TYPE,
    tolerances: Tolerances | None = None,
    name: str = "1",
    fixtures: Fixtures = FIXTURES,
) -> Execution:
    """A 200 with a body: bytes, or a value to be written as JSON; None stands for a good record."""
    sent = sent or request()
    came = answer(200, record_of(sent) if record is None else record, headers)
    call = Call(sent, fixtures)
    return Execution(exchange(sent, came, name=name), call, tolerances or Tolerances())


@cache
def oracle_for(fixtures: Fixtures) -> Oracle:
    return Oracle(CONTRACT, fixtures)


def expect(sent: Request, fixtures: Fixtures = FIXTURES) -> Expectation:
    return oracle_for(fixtures).expect(sent)


def verdict_on(
    exchanges: Sequence[Exchange],
    fixtures: Fixtures = FIXTURES,
    *,
    only: tuple[str, ...] = (),
    ending: Ending = Ending.COMPLETE,
    unsent: tuple[str, ...] = (),
    tolerances: Tolerances | None = None,
) -> Judgement:
    header = JournalHeader(
        suite="0",
        contract=CONTRACT.sha256,
        fixtures=fixtures,
        profile="standard",
        seed=1,
        started_at=STARTED,
        tolerances=tolerances or Tolerances(),
        only=only,
    )
    spent = Spent(len(exchanges), 1000)
    footer = JournalFooter(ending, STARTED + 60, spent, spent, unsent)
    judge = Judge(CONTRACT, header, oracle_for(fixtures))
    for each in exchanges:
        judge.observe(each)
    return judge.conclude(footer)


def clause_in(judgement: Judgement, clause_id: str) -> ClauseVerdict:
    (found,) = (verdict for verdict in judgement.clauses if verdict.clause.id == clause_id)
    return found


def failed(judgement: Judgement, level: str = "must") -> set[str]:
    return {
        verdict.clause.id
        for verdict in judgement.clauses
        if verdict.status is Status.FAILED and verdict.clause.level == level
    }


Came = Response | Failure
Answers = Callable[[Request, Expectation, int], Came | None]
"""What a target answers to a request that it was asked so often before; None: as it must."""

LIKELIEST = (401, 403, 404, 400)


class Target:
    """A conforming implementation, but for what `otherwise` answers."""

    def __init__(self, otherwise: Answers | None = None) -> None:
        self._otherwise = otherwise
        self._executions = 0
        self._asked: dict[str, int] = {}

    def answer(self, sent: Request, expectation: Expectation) -> Came:
        before = self._asked.get(sent.digest, 0)
        self._asked[sent.digest] = before + 1
        other = self._otherwise(sent, expectation, before) if self._otherwise else None
        return other if other is not None else self.conforming(sent, expectation)

    def conforming(self, sent: Request, expectation: Expectation) -> Came:
        if expectation.duty in (Duty.EXECUTE, Duty.CHOOSE):
            return answer(200, record_of(sent, self.new_id()))
        if expectation.duty is Duty.NOT_EXECUTE:
            return refusal(404)
        return refusal(next(s for s in LIKELIEST if s in expectation.allowed))

    def new_id(self) -> str:
        self._executions += 1
        return f"14626f11-b54a-44ea-8e69-{self._executions:012x}"


ROUNDS = 3
APART = 1.5
"""Rounds in which a request that met trouble is sent, and the seconds between them."""


@dataclass(frozen=True)
class Run:
    """A run of requests against a target, with the repetitions that a runner would make."""

    fixtures: Fixtures
    requests: Sequence[Request]
    rounds: int = ROUNDS

    def against(self, target: Target) -> list[Exchange]:
        oracle = oracle_for(self.fixtures)
        exchanges: list[Exchange] = []

        def send(sent: Request, at: float) -> bool:
            expectation = oracle.expect(sent)
            came = target.answer(sent, expectation)
            exchanges.append(exchange(sent, came, name=str(len(exchanges)), at=at))
            status = came.status if isinstance(came, Response) else 503
            is_refused = expectation.duty is Duty.EXECUTE and status == 400
            return is_refused or status == 429 or status >= 500

        left = list(self.requests)
        for turn in range(self.rounds):
            again = []
            for place, sent in enumerate(left):
                at = turn * APART + place / 1000
                if turn:  # others are served meanwhile, whichever of them are
                    send(request(token=None), at)
                    send(request(b"[", headers=(("X-Other", "1"),)), at)
                if send(sent, at):
                    again.append(sent)
            left = again
        return exchanges


ALIKE = 3


def planned_requests(fixtures: Fixtures = FIXTURES) -> list[Request]:
    """The requests of a directed plan: all that are valid, a few of those that break the same."""
    complete = replace(fixtures, complete=True)
    planner = Planner(CONTRACT, complete, profile=Profile.STANDARD, seed=1, max_executions=99)
    taken: Counter[tuple[str, ...]] = Counter()
    requests = []
    for probe in planner.directed.probes:
        broken = tuple(breach.clause.id for breach in expect(probe.request, complete).breaches)
        taken[broken] += 1
        if not broken or taken[broken] <= ALIKE:
            requests.append(probe.request)
    return requests


PLANNED = planned_requests()


def run_against(
    otherwise: Answers | None = None,
    fixtures: Fixtures = FIXTURES,
    requests: Iterable[Request] | None = None,
    *,
    rounds: int = ROUNDS,
) -> list[Exchange]:
    sent = list(requests) if requests is not None else PLANNED
    return Run(fixtures, sent, rounds).against(Target(otherwise))
