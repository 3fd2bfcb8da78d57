"""Reproducers that are run: by a shell and curl, against fresh servers, with a judge at the end."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from emulated import emulated_fixtures

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Service, World
from conformance.emulator.app import serving
from conformance.emulator.implementation import Implementation
from conformance.judge.run import Judge
from conformance.judge.verdicts import Finding, Status
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    TransportFailure,
)
from conformance.page.tables_2_to_4 import Shape
from conformance.report.reproduction import reproduction_script

REFERENCE = Implementation("reference", "", Service)
CURL = """#!/bin/bash
name=$SEEN/$(date +%s%N).$$
printf '%s\\0' "$@" >"$name.arguments"
case "$*" in *"--data-binary @-"*) cat >"$name.input" ;; *) : >"$name.input" ;; esac
{curl} --max-time 3 "$@" <"$name.input" >"$name.output"
code=$?
cat "$name.output"
echo $code >"$name.code"
"""
"""A curl that keeps what it was given, and what came."""


UNDECODABLE = frozenset({23, 61})
"""What curl exits with where a content coding does not fit the body."""


@dataclass(frozen=True)
class Call:
    """One call of curl."""

    headers: list[tuple[str, str]]
    body: bytes
    code: int
    output: bytes


def run_script(script: str, clause: str, directory: Path, tokens: Secrets) -> list[Call]:
    """Run the case for a clause in a directory of its own; every call of curl, in order."""
    directory.mkdir()
    curl = directory / "curl"
    curl.write_text(CURL.format(curl=shutil.which("curl")))
    curl.chmod(0o755)
    (directory / "reproduce.sh").write_text(script, encoding="utf-8")
    subprocess.run(
        ["bash", "reproduce.sh", clause],
        check=False,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        env={
            "PATH": f"{directory}:{os.environ['PATH']}",
            "SEEN": str(directory),
            "LC_ALL": "C.UTF-8",
            "CSBS_TOKEN": tokens.tokens[Token.GOOD],
            "CSBS_FORBIDDEN_TOKEN": tokens.tokens[Token.FORBIDDEN],
        },
    )
    names = sorted(path.with_suffix("") for path in directory.glob("*.code"))
    return [_call(name) for name in names]


def _call(name: Path) -> Call:
    def read(suffix: str) -> bytes:
        return name.with_name(f"{name.name}.{suffix}").read_bytes()

    arguments = [each.decode("utf-8", "surrogateescape") for each in read("arguments").split(b"\0")]
    headers, body = [], read("input")
    for option, value in zip(arguments, arguments[1:], strict=False):
        if option == "-H":
            headers.append(value.partition(":")[0].rstrip(";").lower())
        elif option == "--data-raw":
            body = value.encode("utf-8", "surrogateescape")
    values = dict.fromkeys(headers, "")
    for option, value in zip(arguments, arguments[1:], strict=False):
        if option == "-H":
            values[value.partition(":")[0].rstrip(";").lower()] = value.partition(":")[2].strip()
    told = [(key, value) for key, value in values.items() if value]
    return Call(told, body, int(read("code")), read("output"))


def _response(call: Call) -> Response | None:
    """What curl printed with -i, read as an answer."""
    head, _, body = call.output.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    _, _, rest = first.partition(" ")
    status, _, reason = rest.partition(" ")
    if call.code not in (0, *UNDECODABLE) or not status.isdigit():
        return None
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name, value.strip()) for name, _, value in pairs)
    undecodable = "not what its content coding says" if call.code in UNDECODABLE else ""
    return Response(int(status), reason, headers, body, undecodable=undecodable)


def exchanges_of(finding: Finding, calls: list[Call], secrets: Secrets) -> list[Exchange]:
    """The exchanges that a script came to, the one that should show the finding last."""
    left = list(calls)
    made = []
    for place, each in enumerate(finding.sequence):
        headers, body = secrets.reveal_request(each.request)
        wanted = {(name.lower(), value.strip()) for name, value in headers if value.strip()}
        call = next(c for c in left if c.body == body and wanted - LEFT_OUT <= set(c.headers))
        left.remove(call)
        response = _response(call)
        kind = Failure.TIMEOUT if call.code == 28 else Failure.CLOSED
        failure = None if response else TransportFailure(kind)
        again = replace(
            each, response=response, failure=failure, started=call_time(place), duration=0.001
        )
        made.append(again)
    assert not left
    last = next(place for place, e in enumerate(finding.sequence) if e is finding.exchange)
    return [*made[:last], *made[last + 1 :], made[last]]


LEFT_OUT: set[tuple[str, str]] = set()
NOW = 0.0


def call_time(place: int) -> float:
    """When a call was made, as far as a judge minds."""
    import time

    return time.time() + place / 1000


@contextmanager
def fresh(implementation: Implementation) -> Iterator[str]:
    """A fresh server of an implementation; its endpoint."""
    with implementation.serve(World.default()) as url:
        yield url


def shows(
    finding: Finding, implementation: Implementation, script: str, endpoint: str, directory: Path
) -> bool:
    """Whether the script, run on a fresh server, shows what the finding says."""
    secrets = Secrets(
        {
            Token.GOOD: World.default().fixtures()["token"],
            Token.FORBIDDEN: World.default().fixtures()["forbidden_token"],
        }
    )
    with fresh(implementation) as url:
        calls = run_script(script.replace(endpoint, url), finding.clause, directory, secrets)
        moved = replace(
            finding,
            exchange=_moved(finding.exchange, endpoint, url),
            earlier=tuple(_moved(each, endpoint, url) for each in finding.earlier),
        )
    made = exchanges_of(moved, calls, secrets)
    return _is_broken(moved, made, url)


def _moved(exchange: Exchange, endpoint: str, url: str) -> Exchange:
    request = exchange.request
    sent = Request(
        request.method, request.url.replace(endpoint, url), request.headers, request.body
    )
    return replace(exchange, request=sent)


def _is_broken(finding: Finding, made: list[Exchange], url: str) -> bool:
    """What a judge says that knows the fixtures to be right."""
    contract = load_contract()
    header = JournalHeader(
        "0", contract.sha256, emulated_fixtures(url), "standard", 1, made[0].started
    )
    judge = Judge(contract, header)
    judge.seen.fixtures_work = True
    judge.seen.shown = {i.lower() for i in (header.fixtures.plan_id, *header.fixtures.resources)}  # type: ignore[union-attr]
    judge.seen.token_worked = [math.inf]
    for exchange in made:
        judge.observe(exchange)
    spent = Spent(1, 1)
    judgement = judge.conclude(JournalFooter(Ending.COMPLETE, made[-1].ended, spent, spent))
    (verdict,) = (v for v in judgement.clauses if v.clause.id == finding.clause)
    if verdict.status is Status.FAILED:
        return True
    # What only repetition accuses: the outcome is the same, and none that is allowed.
    expectation = judge.oracle.expect(made[-1].request)
    response = made[-1].response
    status = response.status if response else 0
    return status not in expectation.allowed and made[-1].outcome == finding.exchange.outcome


__all__ = ["REFERENCE", "Shape", "reproduction_script", "serving", "shows"]
