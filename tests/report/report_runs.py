"""Runs to report on: the directed plan, answered by emulated services, judged as always."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

from emulated import emulated_fixtures
from msgspec import structs
from ordinary import ordinary_headers

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Request as Received
from conformance.emulator import Response as Answer
from conformance.emulator import Service, World
from conformance.judge.run import judge
from conformance.judge.verdicts import exit_code
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    Journal,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    TransportFailure,
)
from conformance.plan.planner import Planner, Profile
from conformance.report.model import Report

WORLD = World.default()
SECRETS = Secrets(
    {
        Token.GOOD: "emulator-sample-token-5f0d3c1b9a7e4826",
        Token.FORBIDDEN: "emulator-sample-token-without-permission-c81e",
    }
)
ENDPOINT = "https://csbs.eu-de.example.com"
FIXTURES = emulated_fixtures(ENDPOINT, WORLD)


class Violating(Service):
    """Breaks some lines: a status in capitals, HTML with 401, 500 to a body that is no JSON."""

    def handle(self, request: Received) -> Answer:
        answer = super().handle(request)
        if answer.status == 200 and re.search(rb'"auto_trigger"\s*:\s*false', request.body):
            body = answer.body.replace(b'"protecting"', b'"PROTECTING"')
            return replace(answer, body=body.replace(b'"name": "server0", ', b""))
        if answer.status == 401:
            html = b"<html><body><h1>401</h1>\x1b[31mAuthorization Required</body></html>"
            return replace(answer, headers=(("Content-Type", "text/html"),), body=html)
        if answer.status == 400 and not request.body.startswith(b"{"):
            return replace(answer, status=500)
        return answer


def exchange_with(service: Service, request: Request, name: str, started: float) -> Exchange:
    """The exchange that a service's answer makes of a request."""
    headers, body = SECRETS.reveal_request(request)
    parts = urlsplit(request.url)
    answer = service.handle(Received(request.method, parts.path, tuple(headers), body))
    usual = ordinary_headers(tuple(answer.headers), started)
    response = Response(answer.status, "", usual, answer.body)
    return Exchange(name, request, response, None, started, 0.004 + len(body) % 7 / 1000)


def run_against(
    service: Service,
    fixtures: Fixtures = FIXTURES,
    *,
    strict: bool = False,
    repeat: int = 1,
    silent: int = 0,
) -> Report:
    """The report on a run of the directed plan. The last `silent` requests get no response."""
    contract = load_contract()
    planner = Planner(
        contract, fixtures, profile=Profile.STANDARD, seed=7, only=(), max_executions=40
    )
    probes = planner.directed.probes
    started = service.clock().timestamp()
    exchanges = []
    for turn in range(repeat):
        for place, probe in enumerate(probes):
            name = probe.id if not turn else f"{probe.id}#{turn + 1}"
            exchange = exchange_with(service, probe.request, name, started + place / 100)
            if turn == 0 and place >= len(probes) - silent:
                failure = TransportFailure(Failure.TIMEOUT, "after 30 s")
                exchange = structs.replace(exchange, response=None, failure=failure)
            exchanges.append(exchange)
            if exchange.response and exchange.response.status == 500:
                again = exchange_with(service, probe.request, f"{name}/again", exchange.ended)
                exchanges.append(structs.replace(again, retry_of=name))
    header = JournalHeader("0.1.0", contract.sha256, fixtures, "standard", 7, started)
    executions = len(service.executed)
    footer = JournalFooter(
        Ending.COMPLETE, started + 3.21, Spent(len(exchanges), 400), Spent(executions, 40)
    )
    judgement = judge(contract, Journal(header, exchanges, footer))
    code = exit_code(judgement, strict=strict)
    return Report(header, footer, exchanges, judgement, code, strict)


@cache
def conforming() -> Report:
    """A run in which all is well."""
    return run_against(Service(WORLD))


@cache
def violating() -> Report:
    """A run in which some lines are broken, in several ways."""
    report = run_against(Violating(WORLD), silent=2)
    return structs.replace(report, warnings=("no --forbidden-token-env: 403 is not exercised",))


@cache
def blind() -> Report:
    """A run without fixtures, in which little could be seen."""
    fixtures = structs.replace(FIXTURES, tokens=frozenset(), plan_id=None, resources=())
    return run_against(Service(WORLD), fixtures)
